//! Invitations: checking pasted lists, sending, and the answer of the invited.

use crate::organization::Seats;
use crate::space::SpaceGrant;
use crate::validation::Rule;
use crate::{InvitationId, OrganizationId, Role, Timestamp};
use serde::{Deserialize, Serialize};

/// Most rows of one `invitation_check` or `invitation_create`.
pub const ROWS_MAX: usize = 200;
/// Longest personal message, in characters.
pub const MESSAGE_MAX: usize = 1000;
/// How long an invitation can be accepted, in days.
pub const VALID_DAYS: i64 = 7;

/// One person to invite.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InvitationRow {
    #[cfg_attr(feature = "schema", schemars(extend("format" = "idn-email", "maxLength" = 254)))]
    pub email: String,
    pub role: Role,
    /// Roles in spaces, given with the membership.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(extend("uniqueItems" = true)))]
    pub spaces: Vec<SpaceGrant>,
    /// When the membership ends; absent, it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
}

/// Body of `invitation_check`: rows, or a list as it was pasted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InvitationCheck {
    /// At most [`ROWS_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(extend("maxItems" = ROWS_MAX)))]
    pub rows: Vec<InvitationRow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pasted: Option<PastedPeople>,
}

/// A list of people as it was copied: out of a mail program, a spreadsheet, a directory's export or members.csv.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PastedPeople {
    /// Read by [`crate::people::read`]: only what stands in the place of an address invites, and only a column called
    /// a role gives one.
    pub text: String,
    /// Which column holds the addresses, counted from zero: the answer to [`Receipts::columns`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// Of everybody for whom the list says no role.
    pub role: Role,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spaces: Vec<SpaceGrant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
}

/// A column of a pasted table that holds addresses.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AddressColumn {
    /// Counted from zero.
    pub column: u32,
    /// What its header says; empty without one.
    pub name: String,
    /// Its first address.
    pub example: String,
    /// In how many rows there is one.
    pub addresses: u32,
}

/// Body of `invitation_create`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InvitationCreate {
    /// At most [`ROWS_MAX`].
    #[cfg_attr(feature = "schema", schemars(extend("minItems" = 1, "maxItems" = ROWS_MAX)))]
    pub rows: Vec<InvitationRow>,
    /// Stands in the mail.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("maxLength" = MESSAGE_MAX, "pattern" = crate::schema::TEXT)))]
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
    /// Where several columns of a pasted table hold addresses and its header does not decide: which of them is it?
    /// Nothing is checked before `column` answers that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<AddressColumn>,
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
    #[cfg_attr(feature = "schema", schemars(extend("uniqueItems" = true)))]
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
    #[cfg_attr(feature = "schema", schemars(extend("maxLength" = crate::validation::NAME_MAX)))]
    pub name: String,
    /// For a new account, 12 characters or more.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("maxLength" = crate::validation::PASSWORD_MAX)))]
    pub password: String,
}
