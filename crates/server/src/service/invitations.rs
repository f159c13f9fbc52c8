//! Invitations from the side of those who invite: checked, sent, sent again, linked to, revoked.
//! What the invited do with them stands in `received_invitations`.
//!
//! A link carries a secret of 256 bits, of which only the hash is kept, and is bound to the address
//! it was sent to: it is accepted by the signed-in person of that address, or makes their account.
//! The mailed link and the copied one have secrets of their own: only the mailed one proves whose the mailbox is.

use super::grants;
use super::members::{lock, raises};
use super::organizations::audit;
use super::spaces::eyes;
use super::{Actor, Member as Caller, Repeated};
use crate::auth::token;
use crate::config::Config;
use crate::error::{Fields, Result};
use crate::mail::InvitationMail;
use crate::store::invitations::{Found, New};
use crate::store::{self, Store};
use pulze_contract::grant::Grant;
use pulze_contract::invitation::{
    Invitation, InvitationCheck, InvitationCreate, InvitationLink, InvitationRow, InvitationSent, InvitationState,
    InvitationUpdate, MESSAGE_MAX, Outcome, PastedPeople, ROWS_MAX, Receipt, Receipts, VALID_DAYS,
};
use pulze_contract::people::{self, Recipient};
use pulze_contract::space::SpaceGrant;
use pulze_contract::validation::{self, Rule};
use pulze_contract::{InvitationId, Permission, ProblemType, Role, Timestamp};
use serde_json::json;
use std::collections::HashSet;

const DAY_MS: i64 = 86_400_000;

/// What would become of each row.
///
/// # Errors
/// `invalid` for no rows or too many, and for a pasted list that does not have the named column; `forbidden` for a role
/// above the caller's.
pub async fn check(store: &Store, caller: &Caller, body: InvitationCheck) -> Result<Receipts> {
    let Some(pasted) = body.pasted else {
        require_rows(&body.rows)?;
        let mut db = store.read().await?;
        require_rows_within(&mut db, caller, caller.role, &body.rows).await?;
        return outcomes(&mut db, caller, &body.rows, crate::now()).await;
    };
    let mut fields = Fields::default();
    fields.check("rows", if body.rows.is_empty() { Ok(()) } else { Err(Rule::TooMany) });
    let people = fields.check("pasted.column", people::read(&pasted.text, pasted.column));
    let found = match people.recipients.len() {
        0 if people.columns.is_empty() => Err(Rule::Required),
        count if count > ROWS_MAX => Err(Rule::TooMany),
        _ => Ok(()),
    };
    if pasted.column.is_none() || found == Err(Rule::TooMany) {
        fields.check("pasted.text", found);
    }
    fields.finish()?;
    let mut db = store.read().await?;
    if !people.columns.is_empty() {
        let seats = store::invitations::seats(&mut db, &caller.organization, crate::now()).await?;
        return Ok(Receipts { receipts: Vec::new(), seats, columns: people.columns });
    }
    pasted_outcomes(&mut db, caller, &pasted, people.recipients).await
}

/// What would become of the people of a pasted list. A list gives nobody more than the caller may give.
async fn pasted_outcomes(
    db: &mut store::Connection,
    caller: &Caller,
    pasted: &PastedPeople,
    people: Vec<Recipient>,
) -> Result<Receipts> {
    let row = |recipient: &Recipient| {
        let role = recipient.role.map_or(pasted.role, |role| role.min(caller.role));
        // Who is admin everywhere needs no grants.
        let spaces = if role.grants(Permission::SpacesUpdate) { Vec::new() } else { pasted.spaces.clone() };
        let email = recipient.email.clone().ok()?;
        Some(InvitationRow { email, role, spaces, ends_at: pasted.ends_at })
    };
    let rows = people.iter().filter_map(row).collect::<Vec<_>>();
    require_rows_within(db, caller, caller.role, &rows).await?;
    let Receipts { receipts, seats, columns } = outcomes(db, caller, &rows, crate::now()).await?;
    let mut checked = receipts.into_iter();
    let receipt = |recipient: Recipient| match recipient.email {
        Ok(_) => checked.next(),
        Err(rule) => Some(Receipt { email: recipient.text, role: pasted.role, outcome: Outcome::Invalid { rule } }),
    };
    Ok(Receipts { receipts: people.into_iter().filter_map(receipt).collect(), seats, columns })
}

/// Sends what can be sent; asked again with the same key, the first receipts again and `true`.
///
/// # Errors
/// `invalid` for no rows, too many, or too long a message; `forbidden` for a role above the caller's;
/// `idempotency-key-reused`.
pub async fn create(
    store: &Store,
    config: &Config,
    caller: &Caller,
    key: &str,
    body: InvitationCreate,
) -> Result<(Receipts, bool)> {
    require_rows(&body.rows)?;
    let mut fields = Fields::default();
    let message = fields.check("message", validation::text(&body.message, MESSAGE_MAX));
    fields.finish()?;
    let now = crate::now();
    let mut change = store.change(&caller.organization).await?;
    let asked = json!(["invitations", caller.organization, body.rows, message]);
    let repeated = match Repeated::claim(&mut change, &caller.actor, key, &asked, now).await? {
        Ok(answer) => return Ok((answer, true)),
        Err(repeated) => repeated,
    };
    let role = lock(&mut change, caller, Permission::MembersInvite).await?;
    require_rows_within(&mut change, caller, role, &body.rows).await?;
    let receipts = outcomes(&mut change, caller, &body.rows, now).await?;
    let sent = receipts.receipts.iter().filter(|receipt| receipt.outcome == Outcome::New);
    caller.actor.require_fresh_where(sent.map(|receipt| receipt.role).any(makes_admin))?;
    for (receipt, row) in receipts.receipts.iter().zip(&body.rows) {
        if receipt.outcome != Outcome::New {
            continue;
        }
        let id = InvitationId::from_digits(&crate::new_digits());
        let secret = token::new();
        let new = New {
            id: &id,
            email: &receipt.email,
            role: receipt.role,
            message: &message,
            secret_hash: &token::hash(&secret),
            by: &caller.actor.user_id,
            at: now,
            expires_at: expiry(now, row.ends_at),
            ends_at: row.ends_at.unwrap_or(0),
            spaces: &row.spaces,
        };
        store::invitations::insert(&mut change, &caller.organization, &new).await?;
        let detail = json!({ "email": receipt.email, "after": receipt.role });
        audit(&mut change, &caller.organization, &caller.actor, "invitation_create", id.as_str(), detail, now).await?;
        mail(&mut change, config, caller, &id, &secret, now).await?;
    }
    repeated.complete(&mut change, &receipts).await?;
    change.commit().await?;
    Ok((receipts, false))
}

/// # Errors
/// `not-found`.
pub async fn read(store: &Store, caller: &Caller, id: &InvitationId) -> Result<Invitation> {
    let mut db = store.read().await?;
    let found = store::invitations::find(&mut db, &caller.organization, id, crate::now()).await?;
    let Found { mut invitation, inviter, .. } = found.ok_or(ProblemType::NotFound)?;
    let grant = given(&invitation);
    let own = grants::granter(&mut db, &caller.organization, &caller.actor.user_id, caller.role, std::slice::from_ref(&grant));
    invitation.manageable = Some(own.await?.can_give(&grant));
    invitation.backed = Some(grants::backed(&mut db, &caller.organization, &inviter, &grant).await?);
    // What it gives in spaces that the caller cannot enter is not theirs to know.
    let eyes = eyes(&caller.actor.user_id, caller.role);
    let entered = store::spaces::entered(&mut db, &caller.organization, &eyes).await?;
    store::invitations::show_spaces(&mut invitation, entered.as_ref());
    Ok(invitation)
}

/// Replaces what the invitation gives.
///
/// # Errors
/// `not-found`; `forbidden` for one that gives, or gave, more than the caller can; `invalid` for its spaces or its end.
pub async fn update(store: &Store, caller: &Caller, id: &InvitationId, body: InvitationUpdate) -> Result<()> {
    let now = crate::now();
    let mut change = store.change(&caller.organization).await?;
    let (found, role) = locked(&mut change, caller, id, now).await?;
    let before = &found.invitation;
    caller.actor.require_fresh_where(raises((before.role, before.ends_at), (body.role, body.ends_at)))?;
    let mut fields = Fields::default();
    fields.check("ends_at", body.ends_at.map_or(Ok(0), |at| validation::end(at, now)));
    let distinct = body.spaces.iter().map(|grant| &grant.space_id).collect::<HashSet<_>>().len();
    fields.check("spaces", if distinct == body.spaces.len() { Ok(()) } else { Err(Rule::Duplicate) });
    fields.finish()?;
    // What it gave before may stay, also in a space that was archived since.
    let new = body.spaces.iter().filter(|grant| !found.invitation.spaces.contains(grant)).cloned().collect();
    let row = InvitationRow { email: found.invitation.email.clone(), role: body.role, spaces: new, ends_at: body.ends_at };
    require_rows_within(&mut change, caller, role, &[row]).await?;
    let ends_at = body.ends_at.unwrap_or(0);
    store::invitations::update(&mut change, &caller.organization, id, body.role, &body.spaces, ends_at).await?;
    // Whoever says what it gives stands behind it.
    store::invitations::set_inviter(&mut change, &caller.organization, id, &caller.actor.user_id).await?;
    let detail = json!({
        "email": found.invitation.email,
        "before": found.invitation.role,
        "after": body.role,
        "spaces_before": found.invitation.spaces,
        "spaces": body.spaces,
        "ends_at": body.ends_at,
    });
    audit(&mut change, &caller.organization, &caller.actor, "invitation_update", id.as_str(), detail, now).await?;
    change.commit().await
}

/// The same invitation with a fresh link and a fresh term.
///
/// # Errors
/// `not-found`; `forbidden` for one that gives more than the caller can; `no-seat` for one that no longer held a seat, when
/// all are taken.
pub async fn resend(store: &Store, config: &Config, caller: &Caller, id: &InvitationId) -> Result<InvitationSent> {
    let now = crate::now();
    let mut change = store.change(&caller.organization).await?;
    let (found, _) = locked(&mut change, caller, id, now).await?;
    caller.actor.require_fresh_where(makes_admin(found.invitation.role))?;
    if found.invitation.state != InvitationState::Pending
        && store::invitations::seats(&mut change, &caller.organization, now).await?.free() == 0
    {
        return Err(ProblemType::NoSeat.into());
    }
    let (secret, expires_at) = (token::new(), expiry(now, found.invitation.ends_at));
    store::invitations::renew(&mut change, &caller.organization, id, &token::hash(&secret), now, expires_at).await?;
    store::invitations::set_inviter(&mut change, &caller.organization, id, &caller.actor.user_id).await?;
    let detail = json!({ "email": found.invitation.email });
    audit(&mut change, &caller.organization, &caller.actor, "invitation_resend", id.as_str(), detail, now).await?;
    mail(&mut change, config, caller, id, &secret, now).await?;
    change.commit().await?;
    Ok(InvitationSent { expires_at })
}

/// A link to hand over by other means than mail, beside the one that was mailed.
///
/// # Errors
/// `not-found`; `forbidden` for one that gives more than the caller can; `invitation-invalid` for one that is not pending:
/// it is sent again first.
pub async fn link(store: &Store, config: &Config, caller: &Caller, id: &InvitationId) -> Result<InvitationLink> {
    let now = crate::now();
    let mut change = store.change(&caller.organization).await?;
    let (found, _) = locked(&mut change, caller, id, now).await?;
    caller.actor.require_fresh_where(makes_admin(found.invitation.role))?;
    if found.invitation.state != InvitationState::Pending {
        return Err(ProblemType::InvitationInvalid.into());
    }
    let secret = token::new();
    store::invitations::set_link(&mut change, &caller.organization, id, &token::hash(&secret)).await?;
    if !grants::backed(&mut change, &caller.organization, &found.inviter, &given(&found.invitation)).await? {
        store::invitations::set_inviter(&mut change, &caller.organization, id, &caller.actor.user_id).await?;
    }
    let detail = json!({ "email": found.invitation.email });
    audit(&mut change, &caller.organization, &caller.actor, "invitation_link", id.as_str(), detail, now).await?;
    change.commit().await?;
    Ok(InvitationLink { link: config.invitation_link(&secret), expires_at: found.invitation.expires_at })
}

/// # Errors
/// `not-found`; `forbidden` for one that gives more than the caller can.
pub async fn delete(store: &Store, caller: &Caller, id: &InvitationId) -> Result<()> {
    let now = crate::now();
    let mut change = store.change(&caller.organization).await?;
    let (found, _) = locked(&mut change, caller, id, now).await?;
    store::invitations::delete(&mut change, &caller.organization, id).await?;
    let detail = json!({ "email": found.invitation.email });
    audit(&mut change, &caller.organization, &caller.actor, "invitation_delete", id.as_str(), detail, now).await?;
    change.commit().await
}

/// The one way to an invitation that is about to be renewed, changed, handed out or revoked: all of that is for those who
/// could have given what it gives.
async fn locked(change: &mut store::Connection, caller: &Caller, id: &InvitationId, now: Timestamp) -> Result<(Found, Role)> {
    let role = lock(change, caller, Permission::MembersInvite).await?;
    let found = store::invitations::find(change, &caller.organization, id, now).await?.ok_or(ProblemType::NotFound)?;
    grants::require(change, caller, role, &[given(&found.invitation)]).await?;
    Ok((found, role))
}

/// What an invitation gives.
pub(super) fn given(invitation: &Invitation) -> Grant {
    Grant::new(invitation.role, &invitation.spaces)
}

async fn outcomes(db: &mut store::Connection, caller: &Caller, rows: &[InvitationRow], now: Timestamp) -> Result<Receipts> {
    let seats = store::invitations::seats(db, &caller.organization, now).await?;
    let mut free = seats.free();
    let mut receipts: Vec<Receipt> = Vec::new();
    for row in rows {
        let checked = validation::email(&row.email)
            .and_then(|email| row.ends_at.map_or(Ok(0), |at| validation::end(at, now)).map(|_| email));
        let (email, outcome) = match checked {
            Err(rule) => (row.email.clone(), Outcome::Invalid { rule }),
            Ok(email) if receipts.iter().any(|other| other.email == email) => (email, Outcome::Invalid { rule: Rule::Duplicate }),
            Ok(email) => {
                let person = store::users::by_email(db, &email).await?.map(|(person, _)| person.id);
                let member = match person {
                    Some(person) => store::members::standing(db, &caller.organization, &person).await?,
                    None => None,
                };
                let invited = store::invitations::of_email(db, &caller.organization, &email, now).await?;
                let pending = invited.is_some_and(|found| found.invitation.state == InvitationState::Pending);
                let outcome = match member {
                    Some(standing) => Outcome::Member { role: standing.role },
                    None if pending => Outcome::Invited,
                    None if free == 0 => Outcome::NoSeat,
                    None => {
                        free -= 1;
                        Outcome::New
                    }
                };
                (email, outcome)
            }
        };
        receipts.push(Receipt { email, role: row.role, outcome });
    }
    Ok(Receipts { receipts, seats, columns: Vec::new() })
}

/// Rows that the caller can give: no role above theirs; each space once a row, in use, and one whose members are theirs to
/// change. A space beyond that is unknown, whether it is there or not.
async fn require_rows_within(db: &mut store::Connection, caller: &Caller, role: Role, rows: &[InvitationRow]) -> Result<()> {
    let Caller { actor: Actor { user_id, .. }, organization, .. } = caller;
    let roles = rows.iter().map(|row| Grant::of_role(row.role)).collect::<Vec<_>>();
    grants::require(db, caller, role, &roles).await?;
    if rows.iter().all(|row| row.spaces.is_empty()) {
        return Ok(());
    }
    let given = rows.iter().map(|row| Grant::new(row.role, &row.spaces)).collect::<Vec<_>>();
    let granter = grants::granter(db, organization, user_id, role, &given).await?;
    let spaces = store::spaces::list(db, organization, &eyes(user_id, role)).await?;
    let in_use = |grant: &SpaceGrant| spaces.iter().any(|space| space.id == grant.space_id && !space.archived);
    let mut fields = Fields::default();
    for (row, grant) in rows.iter().zip(&given) {
        let mut seen = HashSet::new();
        let result = if !row.spaces.iter().all(|grant| seen.insert(&grant.space_id)) {
            Err(Rule::Duplicate)
        } else if row.spaces.iter().all(in_use) && granter.can_give(grant) {
            Ok(())
        } else {
            Err(Rule::SpaceUnknown)
        };
        if result.is_err() {
            fields.check("spaces", result);
            break;
        }
    }
    fields.finish()
}

/// An invitation can be accepted for seven days, but not after what it gives has ended.
fn expiry(now: Timestamp, ends_at: Option<Timestamp>) -> Timestamp {
    let expires_at = now + VALID_DAYS * DAY_MS;
    ends_at.map_or(expires_at, |ends_at| expires_at.min(ends_at))
}

fn require_rows(rows: &[InvitationRow]) -> Result<()> {
    let mut fields = Fields::default();
    let result = match rows.len() {
        0 => Err(Rule::Required),
        count if count > ROWS_MAX => Err(Rule::TooLong),
        _ => Ok(()),
    };
    fields.check("rows", result);
    fields.finish()
}

/// Whether whoever accepts could do everything.
fn makes_admin(role: Role) -> bool {
    role.grants(Permission::OrganizationManage)
}

/// Puts the mail with the link into the outbox, in the transaction of the invitation.
async fn mail(
    change: &mut store::Connection,
    config: &Config,
    caller: &Caller,
    id: &InvitationId,
    secret: &str,
    now: Timestamp,
) -> Result<()> {
    let found = store::invitations::find(change, &caller.organization, id, now).await?.ok_or(ProblemType::NotFound)?;
    let Found { organization_name, language, message, invitation, .. } = found;
    let mail = InvitationMail {
        language: &language,
        organization: &organization_name,
        inviter: &invitation.invited_by,
        role: invitation.role,
        spaces: &invitation.space_names,
        message: &message,
        link: &config.invitation_link(secret),
        expires_at: invitation.expires_at,
        ends_at: invitation.ends_at,
    };
    super::mails::send(change, config, &invitation.email, &language, mail.compose()?, now).await
}
