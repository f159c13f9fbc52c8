//! Invitations: checked, sent, sent again, revoked; opened, accepted and declined by the invited.
//!
//! A link carries a secret of 256 bits, of which only the hash is kept, and is bound to the address
//! it was sent to: it is accepted by the signed-in person of that address, or makes their account.

use super::members::lock;
use super::organizations::audit;
use super::{Actor, Member as Caller, Repeated};
use crate::auth::{password, token};
use crate::config::Config;
use crate::error::{Fields, Result};
use crate::store::invitations::{Found, Mail, New};
use crate::store::{self, Store};
use pulze_contract::invitation::{
    InvitationAccept, InvitationCheck, InvitationCreate, InvitationList, InvitationOpened, InvitationRow, InvitationSecret,
    InvitationSent, InvitationState, InvitationUpdate, MESSAGE_MAX, Outcome, ROWS_MAX, Receipt, Receipts, VALID_DAYS,
};
use pulze_contract::validation::{self, Rule};
use pulze_contract::{InvitationId, OrganizationId, Permission, ProblemType, Role, Timestamp, UserId};
use serde_json::json;

const DAY_MS: i64 = 86_400_000;

/// What would become of each row.
///
/// # Errors
/// `invalid` for no rows or too many.
pub async fn check(store: &Store, caller: &Caller, body: InvitationCheck) -> Result<Receipts> {
    require_rows(&body.rows)?;
    let mut db = store.read().await?;
    outcomes(&mut db, caller, &body.rows, crate::now()).await
}

/// Sends what can be sent; asked again with the same key, the first receipts again and `true`.
///
/// # Errors
/// `invalid` for no rows, too many, or too long a message; `idempotency-key-reused`.
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
    let mut change = store.change().await?;
    let asked = json!(["invitations", caller.organization, body.rows, message]);
    let repeated = match Repeated::claim(&mut change, &caller.actor, key, &asked, now).await? {
        Ok(answer) => return Ok((answer, true)),
        Err(repeated) => repeated,
    };
    let role = lock(&mut change, caller, Permission::MembersInvite).await?;
    let receipts = outcomes(&mut change, caller, &body.rows, now).await?;
    for receipt in receipts.receipts.iter().filter(|receipt| receipt.outcome == Outcome::New) {
        require_no_more_than(role, receipt.role)?;
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
            expires_at: now + VALID_DAYS * DAY_MS,
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
/// The database fails.
pub async fn list(store: &Store, caller: &Caller) -> Result<InvitationList> {
    let invitations = store::invitations::list(&mut *store.read().await?, &caller.organization, crate::now()).await?;
    Ok(InvitationList { total: u32::try_from(invitations.len()).unwrap_or(u32::MAX), invitations })
}

/// # Errors
/// `not-found`; `forbidden` for a role above the caller's.
pub async fn update(store: &Store, caller: &Caller, id: &InvitationId, body: InvitationUpdate) -> Result<()> {
    let now = crate::now();
    let mut change = store.change().await?;
    let (found, role) = locked(&mut change, caller, id, now).await?;
    require_no_more_than(role, body.role)?;
    store::invitations::set_role(&mut change, &caller.organization, id, body.role).await?;
    let detail = json!({ "email": found.invitation.email, "before": found.invitation.role, "after": body.role });
    audit(&mut change, &caller.organization, &caller.actor, "invitation_update", id.as_str(), detail, now).await?;
    Ok(change.commit().await?)
}

/// The same invitation with a fresh link and a fresh term.
///
/// # Errors
/// `not-found`.
pub async fn resend(store: &Store, config: &Config, caller: &Caller, id: &InvitationId) -> Result<InvitationSent> {
    let now = crate::now();
    let mut change = store.change().await?;
    let (found, _) = locked(&mut change, caller, id, now).await?;
    let (secret, expires_at) = (token::new(), now + VALID_DAYS * DAY_MS);
    store::invitations::renew(&mut change, &caller.organization, id, &token::hash(&secret), now, expires_at).await?;
    let detail = json!({ "email": found.invitation.email });
    audit(&mut change, &caller.organization, &caller.actor, "invitation_resend", id.as_str(), detail, now).await?;
    mail(&mut change, config, caller, id, &secret, now).await?;
    change.commit().await?;
    Ok(InvitationSent { expires_at })
}

/// # Errors
/// `not-found`.
pub async fn delete(store: &Store, caller: &Caller, id: &InvitationId) -> Result<()> {
    let now = crate::now();
    let mut change = store.change().await?;
    let (found, _) = locked(&mut change, caller, id, now).await?;
    store::invitations::delete(&mut change, &caller.organization, id).await?;
    let detail = json!({ "email": found.invitation.email });
    audit(&mut change, &caller.organization, &caller.actor, "invitation_delete", id.as_str(), detail, now).await?;
    Ok(change.commit().await?)
}

/// What the link leads to; accepts nothing.
///
/// # Errors
/// `invitation-invalid`.
pub async fn open(store: &Store, body: InvitationSecret) -> Result<InvitationOpened> {
    let now = crate::now();
    let mut change = store.change().await?;
    let found = pending(&mut change, &body.secret, now).await?;
    store::invitations::set_opened(&mut change, &found.organization, &found.invitation.id, now).await?;
    let has_account = store::users::by_email(&mut change, &found.invitation.email).await?.is_some();
    change.commit().await?;
    let Found { organization, organization_name, message, invitation } = found;
    Ok(InvitationOpened {
        organization_id: organization,
        organization_name,
        invited_by: invitation.invited_by,
        email: invitation.email,
        role: invitation.role,
        message,
        expires_at: invitation.expires_at,
        has_account,
    })
}

/// Makes the membership, once. Gives the organization, and the new person if an account was made.
///
/// # Errors
/// `invitation-invalid`, also for somebody signed in with another address; `signed-out` where the
/// address has an account; `invalid` for the fields of a new account.
pub async fn accept(
    store: &Store,
    actor: Option<&Actor>,
    request_id: &str,
    body: InvitationAccept,
) -> Result<(OrganizationId, Option<UserId>)> {
    let now = crate::now();
    let email = pending(&mut *store.read().await?, &body.secret, now).await?.invitation.email;
    // Hashing takes its time: not while the database is held.
    let account = match actor {
        Some(_) => None,
        None => Some(new_account(store, &email, &body).await?),
    };
    let mut change = store.change().await?;
    let found = pending(&mut change, &body.secret, now).await?;
    store::organizations::lock(&mut change, &found.organization).await?;
    let user_id = match (actor, &account) {
        (Some(actor), _) => {
            let person = store::users::by_id(&mut change, &actor.user_id).await?.ok_or(ProblemType::SignedOut)?;
            if person.email != found.invitation.email {
                return Err(ProblemType::InvitationInvalid.into());
            }
            person.id
        }
        (None, Some((person, hash))) => {
            if store::users::by_email(&mut change, &person.email).await?.is_some() {
                return Err(ProblemType::SignedOut.into());
            }
            store::users::insert(&mut change, person, hash, now).await?;
            person.id.clone()
        }
        (None, None) => return Err(ProblemType::SignedOut.into()),
    };
    // Of two acceptances at the same time, the second finds nothing to take.
    if !store::invitations::delete(&mut change, &found.organization, &found.invitation.id).await? {
        return Err(ProblemType::InvitationInvalid.into());
    }
    if store::members::find(&mut change, &found.organization, &user_id).await?.is_none() {
        store::members::insert(&mut change, &found.organization, &user_id, found.invitation.role, now).await?;
    }
    let actor = Actor { user_id: user_id.clone(), request_id: request_id.to_owned() };
    let detail = json!({ "invitation": found.invitation.id, "after": found.invitation.role });
    audit(&mut change, &found.organization, &actor, "invitation_accept", user_id.as_str(), detail, now).await?;
    change.commit().await?;
    Ok((found.organization, account.map(|(person, _)| person.id)))
}

/// # Errors
/// `invitation-invalid`.
pub async fn decline(store: &Store, body: InvitationSecret) -> Result<()> {
    let now = crate::now();
    let mut change = store.change().await?;
    let found = pending(&mut change, &body.secret, now).await?;
    store::invitations::set_declined(&mut change, &found.organization, &found.invitation.id, now).await?;
    Ok(change.commit().await?)
}

async fn new_account(store: &Store, email: &str, body: &InvitationAccept) -> Result<(store::users::User, String)> {
    if store::users::by_email(&mut *store.read().await?, email).await?.is_some() {
        return Err(ProblemType::SignedOut.into());
    }
    let mut fields = Fields::default();
    let name = fields.check("name", validation::name(&body.name));
    fields.check("password", validation::new_password(&body.password));
    fields.finish()?;
    let hash = password::hash(body.password.clone()).await?;
    Ok((store::users::User { id: UserId::from_digits(&crate::new_digits()), email: email.to_owned(), name }, hash))
}

/// The invitation of a link, while it can be answered.
async fn pending(db: &mut store::Connection, secret: &str, now: Timestamp) -> Result<Found> {
    let found = store::invitations::of_secret(db, &token::hash(secret), now).await?;
    found.filter(|found| found.invitation.state == InvitationState::Pending).ok_or_else(|| ProblemType::InvitationInvalid.into())
}

async fn locked(change: &mut store::Connection, caller: &Caller, id: &InvitationId, now: Timestamp) -> Result<(Found, Role)> {
    let role = lock(change, caller, Permission::MembersInvite).await?;
    let found = store::invitations::find(change, &caller.organization, id, now).await?.ok_or(ProblemType::NotFound)?;
    Ok((found, role))
}

async fn outcomes(db: &mut store::Connection, caller: &Caller, rows: &[InvitationRow], now: Timestamp) -> Result<Receipts> {
    let mut receipts: Vec<Receipt> = Vec::new();
    for row in rows {
        let (email, outcome) = match validation::email(&row.email) {
            Err(rule) => (row.email.clone(), Outcome::Invalid { rule }),
            Ok(email) if receipts.iter().any(|other| other.email == email) => (email, Outcome::Invalid { rule: Rule::Duplicate }),
            Ok(email) => {
                let person = store::users::by_email(db, &email).await?.map(|(person, _)| person.id);
                let member = match person {
                    Some(person) => store::members::role_of(db, &caller.organization, &person).await?,
                    None => None,
                };
                let invited = store::invitations::of_email(db, &caller.organization, &email, now).await?;
                let pending = invited.is_some_and(|found| found.invitation.state == InvitationState::Pending);
                let outcome = match member {
                    Some((role, _)) => Outcome::Member { role },
                    None if pending => Outcome::Invited,
                    None => Outcome::New,
                };
                (email, outcome)
            }
        };
        receipts.push(Receipt { email, role: row.role, outcome });
    }
    Ok(Receipts { receipts })
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

/// Nobody grants more than they hold.
fn require_no_more_than(own: Role, granted: Role) -> Result<()> {
    if granted <= own { Ok(()) } else { Err(ProblemType::Forbidden.into()) }
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
    let console = config.public_url.as_deref().map_or_else(|| format!("http://{}", config.listen), str::to_owned);
    let Found { organization_name, message, invitation, .. } = found;
    // In the fragment: no server on the way, this one included, finds the secret in its logs.
    let link = format!("{}/invitation#{secret}", console.trim_end_matches('/'));
    let said = if message.is_empty() { String::new() } else { format!("{message}\n\n") };
    let body = format!(
        "{} invites you to {organization_name} as {}.\n\n{said}Accept or decline within {VALID_DAYS} days:\n{link}\n\nOpening the link accepts nothing.\n",
        invitation.invited_by,
        invitation.role.as_str(),
    );
    let mail = Mail { recipient: invitation.email, subject: format!("Invitation to {organization_name}"), body, created_at: now };
    store::invitations::insert_mail(change, &mail).await
}

/// The newest mails of the outbox.
///
/// # Errors
/// The database fails.
pub async fn outbox(store: &Store, limit: u32) -> Result<Vec<Mail>> {
    store::invitations::mails(&mut *store.read().await?, limit).await
}
