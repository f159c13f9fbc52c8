//! Invitations: reading pasted addresses, checking them, sending, and the answer of the invited.

use crate::organization::Seats;
use crate::space::SpaceGrant;
use crate::validation::{self, Rule};
use crate::{InvitationId, OrganizationId, Role, Timestamp};
use serde::{Deserialize, Serialize};

/// Most rows of one `invitation_check` or `invitation_create`.
pub const ROWS_MAX: usize = 200;
/// Longest personal message, in characters.
pub const MESSAGE_MAX: usize = 1000;
/// How long an invitation can be accepted, in days.
pub const VALID_DAYS: i64 = 7;

/// One person found in a pasted text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Recipient {
    /// As it is kept, or what is wrong with it.
    pub email: Result<String, Rule>,
    /// What stood there.
    pub text: String,
    /// A role that stood in the same line.
    pub role: Option<Role>,
}

/// Reads whatever was pasted: one a line, separated by commas or semicolons, `Name <a@b.c>`, or a
/// table with a header. Everything with an `@` is a recipient; a line without one is reported, so
/// that nothing is lost in silence. The same address twice is one recipient.
pub fn recipients(text: &str) -> Vec<Recipient> {
    let mut found: Vec<Recipient> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let cells = cells(line);
        let role = cells.iter().find_map(|cell| Role::parse(&cell.to_lowercase()));
        let addresses: Vec<&str> = cells.iter().flat_map(|cell| words_with_at(cell)).collect();
        let header = number == 0 && cells.iter().any(|cell| cell.to_lowercase().contains("mail"));
        // Beside one address stand its name and role; between several, a word is a mistake to be told of.
        if addresses.len() > 1 {
            let words = cells
                .iter()
                .filter(|cell| !cell.contains('@') && !cell.is_empty() && Role::parse(&cell.to_lowercase()).is_none());
            found.extend(words.map(|word| Recipient { email: Err(Rule::EmailMalformed), text: word.clone(), role: None }));
        }
        if addresses.is_empty() && !header && !line.trim().is_empty() {
            found.push(Recipient { email: Err(Rule::EmailMalformed), text: line.trim().to_owned(), role: None });
        }
        for text in addresses {
            let recipient = Recipient { email: validation::email(address(text)), text: text.to_owned(), role };
            let known = found.iter().any(|other| match (&other.email, &recipient.email) {
                (Ok(one), Ok(two)) => one == two,
                _ => other.text == recipient.text,
            });
            if !known {
                found.push(recipient);
            }
        }
    }
    found
}

/// The parts of a line between commas, semicolons and tabs, outside quotation marks and angle brackets.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' | ';' | '\t' if !quoted => cells.push(std::mem::take(&mut cell)),
            other => cell.push(other),
        }
    }
    // A quotation mark that is never closed must not swallow the rest of the line.
    if quoted && line.matches('"').count() % 2 == 1 {
        return line.replace('"', "").split([',', ';', '\t']).map(|cell| cell.trim().to_owned()).collect();
    }
    cells.push(cell);
    cells.into_iter().map(|cell| cell.trim().to_owned()).collect()
}

/// A cell with one address is that cell, with the name around it; several addresses between spaces
/// are one each.
fn words_with_at(cell: &str) -> Vec<&str> {
    let words = cell.split_whitespace().filter(|word| word.contains('@')).collect::<Vec<_>>();
    match words.as_slice() {
        [] | [_] => words.first().map(|_| cell).into_iter().collect(),
        _ => words,
    }
}

/// What stands between the angle brackets of `Name <a@b.c>`, or the word with the `@`.
fn address(cell: &str) -> &str {
    let inside = cell.rsplit_once('<').map_or(cell, |(_, rest)| rest.split('>').next().unwrap_or(rest));
    inside.split_whitespace().find(|word| word.contains('@')).unwrap_or(inside)
}

/// One person to invite.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InvitationRow {
    pub email: String,
    pub role: Role,
    /// Roles in spaces, given with the membership.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spaces: Vec<SpaceGrant>,
    /// When the membership ends; absent, it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
}

/// Body of `invitation_check`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InvitationCheck {
    /// At most [`ROWS_MAX`].
    pub rows: Vec<InvitationRow>,
}

/// Body of `invitation_create`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InvitationCreate {
    /// At most [`ROWS_MAX`].
    pub rows: Vec<InvitationRow>,
    /// Stands in the mail.
    #[serde(default)]
    pub message: String,
}

/// What becomes, or became, of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Outcome {
    /// An invitation is sent.
    New,
    /// Belongs to the organization already, with this role: nothing is sent.
    Member {
        role: Role,
    },
    /// An invitation is pending already: nothing is sent.
    Invited,
    /// Every seat is taken, by members and pending invitations: nothing is sent.
    NoSeat,
    Invalid {
        rule: Rule,
    },
}

/// One row with what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Receipt {
    pub email: String,
    pub role: Role,
    pub outcome: Outcome,
}

/// Answer of `invitation_check` and `invitation_create`: a receipt a row, in their order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Receipts {
    pub receipts: Vec<Receipt>,
    /// Before the rows.
    pub seats: Seats,
}

/// Where an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum InvitationState {
    Pending,
    /// Was pending for longer than [`VALID_DAYS`].
    Expired,
    Declined,
}

/// An invitation that was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Invitation {
    pub id: InvitationId,
    pub email: String,
    pub role: Role,
    pub state: InvitationState,
    pub sent_at: Timestamp,
    /// When a person first looked at it by its link.
    pub opened_at: Option<Timestamp>,
    pub expires_at: Timestamp,
    /// Name of the person who sent it.
    pub invited_by: String,
    /// Roles in spaces that come with the membership.
    pub spaces: Vec<SpaceGrant>,
    /// Their names, in the same order.
    pub space_names: Vec<String>,
    /// When the membership would end.
    pub ends_at: Option<Timestamp>,
    /// Whether the caller can change it, send it again, copy its link and revoke it: it gives no more than they can.
    /// Only `invitation_read` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manageable: Option<bool>,
    /// Whether whoever sent it still belongs to the organization and could give what it gives. If not, it cannot be
    /// accepted until somebody who can sends it again. Only `invitation_read` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backed: Option<bool>,
}

/// Body of `invitation_update`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InvitationUpdate {
    pub role: Role,
    #[serde(default)]
    pub spaces: Vec<SpaceGrant>,
    #[serde(default)]
    pub ends_at: Option<Timestamp>,
}

/// Answer of `invitation_link`: a link to hand over by other means. The mailed one stays good, a
/// link that was copied before does not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InvitationLink {
    pub link: String,
    pub expires_at: Timestamp,
}

/// An invitation that waits for the signed-in person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReceivedInvitation {
    pub id: InvitationId,
    pub organization_id: OrganizationId,
    pub organization_name: String,
    pub invited_by: String,
    pub role: Role,
    pub message: String,
    pub space_names: Vec<String>,
    pub expires_at: Timestamp,
    /// When the membership would end.
    pub ends_at: Option<Timestamp>,
}

/// Answer of `invitation_resend`: the links before are worthless.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InvitationSent {
    pub expires_at: Timestamp,
}

/// Body of `invitation_open`, `invitation_seen` and `invitation_decline`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InvitationSecret {
    /// The fragment of the link.
    pub secret: String,
}

/// Answer of `invitation_open`: what the invited person decides about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InvitationOpened {
    pub organization_id: OrganizationId,
    pub organization_name: String,
    pub invited_by: String,
    pub email: String,
    pub role: Role,
    pub message: String,
    /// Names of the spaces that come with the membership.
    pub space_names: Vec<String>,
    pub expires_at: Timestamp,
    /// When the membership would end.
    pub ends_at: Option<Timestamp>,
    /// Whether somebody with this address has an account: then they sign in, else they make one.
    pub has_account: bool,
}

/// Body of `invitation_accept`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InvitationAccept {
    pub secret: String,
    /// For a new account.
    #[serde(default)]
    pub name: String,
    /// For a new account, 12 characters or more.
    #[serde(default)]
    pub password: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn emails(text: &str) -> Vec<String> {
        recipients(text).into_iter().filter_map(|recipient| recipient.email.ok()).collect()
    }

    #[test]
    fn whatever_people_paste() {
        assert_eq!(emails("a@b.co\nc@d.co"), ["a@b.co", "c@d.co"]);
        assert_eq!(emails("a@b.co, c@d.co; E@F.co"), ["a@b.co", "c@d.co", "e@f.co"]);
        assert_eq!(emails("Ada Lindqvist <ada@b.co>, \"Doe, Jane\" <jane@d.co>"), ["ada@b.co", "jane@d.co"]);
        assert_eq!(emails("name,email,role\nAda,ada@b.co,editor\nBob,bob@b.co,viewer"), ["ada@b.co", "bob@b.co"]);
        assert_eq!(emails("a@b.co\na@b.co\nA@B.CO"), ["a@b.co"]);
        assert_eq!(emails("a@b.co c@d.co  Eve <e@f.co> <g@h.co>"), ["a@b.co", "c@d.co", "e@f.co", "g@h.co"]);
        let table = recipients("email;role\nada@b.co;Editor\nbob@b.co");
        assert_eq!((table[0].role, table[1].role), (Some(Role::Editor), None));
        let broken = recipients("not an address\nx@\n\"a@b.co");
        assert_eq!(broken.len(), 3);
        let between = recipients("a@b.co, nonsense, c@d.co");
        assert_eq!(
            between.iter().filter(|recipient| recipient.email.is_err()).map(|r| r.text.as_str()).collect::<Vec<_>>(),
            ["nonsense"]
        );
        assert_eq!(broken.iter().filter(|recipient| recipient.email.is_ok()).count(), 1);
    }

    proptest! {
        /// Never loses an address, never invents one: whatever the separators and the dress.
        #[test]
        fn every_address_is_found_and_no_other(
            people in prop::collection::vec(("[a-z]{1,8}", "[a-z]{1,8}", 0..4_usize), 1..30),
            separators in prop::collection::vec(prop::sample::select(vec!["\n", ", ", ";", "\t", " ,\n", " ", "  "]), 30),
        ) {
            let mut text = String::new();
            let mut expected: Vec<String> = Vec::new();
            for ((local, host, dress), separator) in people.iter().zip(&separators) {
                let email = format!("{local}@{host}.test");
                text.push_str(&match dress {
                    0 => email.clone(),
                    1 => format!("Some Body <{email}>"),
                    2 => format!("\"Body, Some\" <{email}>"),
                    _ => email.to_uppercase(),
                });
                text.push_str(separator);
                if !expected.contains(&email) {
                    expected.push(email);
                }
            }
            prop_assert_eq!(emails(&text), expected);
        }

        #[test]
        fn any_text_is_read_and_every_at_sign_is_accounted_for(text in "\\PC{0,80}") {
            let found = recipients(&text);
            prop_assert_eq!(found.is_empty(), text.trim().is_empty() || (!text.contains('@') && text.to_lowercase().contains("mail")));
            for email in emails(&text) {
                prop_assert!(text.to_lowercase().contains(&email));
            }
        }
    }
}
