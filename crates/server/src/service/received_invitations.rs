//! Invitations as the invited meet them: by the link of a mail, or, signed in, in the profile menu.
//!
//! A link carries a secret of 256 bits, of which only the hash is kept, and is bound to the address
//! it was sent to: it is accepted by the signed-in person of that address, or makes their account. Without the link only
//! those answer whose address is verified; the mailed link verifies it, the copied one does not.
//!
//! An invitation is as good as the one who sent it: see [`grants::backed`].

use super::ends::nobody;
use super::invitations::given;
use super::organizations::audit;
use super::{Actor, email_verification, grants};
use crate::auth::{password, token};
use crate::error::{Fields, Result};
use crate::store::invitations::{Found, Link};
use crate::store::{self, Store};
use pulze_contract::invitation::{InvitationAccept, InvitationOpened, InvitationSecret, InvitationState, ReceivedInvitation};
use pulze_contract::member::RoleEnd;
use pulze_contract::validation;
use pulze_contract::{InvitationId, OrganizationId, ProblemType, Timestamp, UserId};
use serde_json::json;

/// What the link leads to; accepts nothing, and notes nothing: programs that look at links in mails ask this too.
///
/// # Errors
/// `invitation-invalid`; `inviter-gone`.
pub async fn open(store: &Store, body: InvitationSecret) -> Result<InvitationOpened> {
    let mut db = store.read().await?;
    let (found, _) = pending(&mut db, &body.secret, crate::now()).await?;
    require_backed(&mut db, &found).await?;
    let has_account = store::users::by_email(&mut db, &found.invitation.email).await?.is_some();
    let Found { organization, organization_name, message, invitation, .. } = found;
    Ok(InvitationOpened {
        organization_id: organization,
        organization_name,
        invited_by: invitation.invited_by,
        email: invitation.email,
        role: invitation.role,
        message,
        space_names: invitation.space_names,
        expires_at: invitation.expires_at,
        ends_at: invitation.ends_at,
        has_account,
    })
}

/// A person looked at it, as the page says once somebody does something there: it counts as opened from then on.
///
/// # Errors
/// `invitation-invalid`.
pub async fn seen(store: &Store, body: InvitationSecret) -> Result<()> {
    let now = crate::now();
    let mut change = change_of(store, &body.secret, now).await?;
    let (found, _) = pending(&mut change, &body.secret, now).await?;
    store::invitations::set_opened(&mut change, &found.organization, &found.invitation.id, now).await?;
    change.commit().await
}

/// Makes the membership, once. Gives the organization, and the new person if an account was made.
///
/// # Errors
/// `invitation-invalid`, also for somebody signed in with another address; `inviter-gone`; `signed-out` where the
/// address has an account; `invalid` for the fields of a new account.
pub async fn accept(
    store: &Store,
    actor: Option<&Actor>,
    request_id: &str,
    body: InvitationAccept,
) -> Result<(OrganizationId, Option<UserId>)> {
    let now = crate::now();
    let (Found { organization, invitation, .. }, _) = pending(&mut *store.read().await?, &body.secret, now).await?;
    // Hashing takes its time: not while the database is held.
    let account = match actor {
        Some(_) => None,
        None => Some(new_account(store, &organization, &invitation.email, &body).await?),
    };
    let mut change = store.change(&organization).await?;
    store::organizations::lock(&mut change, &organization).await?;
    // Read once the organization is held: what it gives, and who stands behind it, may just have changed.
    let (found, link) = pending(&mut change, &body.secret, now).await?;
    require_backed(&mut change, &found).await?;
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
    if link == Link::Mailed {
        email_verification::set_verified(&mut change, &user_id, now).await?;
    }
    let actor = Actor::without_session(user_id, request_id);
    join(&mut change, &found, &actor, now).await?;
    change.commit().await?;
    Ok((found.organization, account.map(|(person, _)| person.id)))
}

/// Takes the invitation and makes the membership, with its end and its roles in spaces. Who is a
/// member already keeps what they have.
async fn join(change: &mut store::Connection, found: &Found, actor: &Actor, now: Timestamp) -> Result<()> {
    let Found { organization, invitation, .. } = found;
    // Of two acceptances at the same time, the second finds nothing to take.
    if !store::invitations::delete(change, organization, &invitation.id).await? {
        return Err(ProblemType::InvitationInvalid.into());
    }
    let user_id = &actor.user_id;
    if store::members::find(change, organization, user_id).await?.is_none() {
        store::members::insert(change, organization, user_id, invitation.role, now).await?;
        let ends = invitation.ends_at.map(|at| RoleEnd { at, then: None });
        store::members::update(change, organization, user_id, invitation.role, ends).await?;
        for grant in &invitation.spaces {
            store::spaces::grant(change, organization, &grant.space_id, user_id, grant.role, 0, now).await?;
        }
    }
    let detail = json!({
        "invitation": invitation.id,
        "after": invitation.role,
        "spaces": invitation.spaces,
        "ends_at": invitation.ends_at,
    });
    audit(change, organization, actor, "invitation_accept", user_id.as_str(), detail, now).await?;
    Ok(())
}

/// # Errors
/// `invitation-invalid`.
pub async fn decline(store: &Store, request_id: &str, body: InvitationSecret) -> Result<()> {
    let now = crate::now();
    let mut change = change_of(store, &body.secret, now).await?;
    let (found, _) = pending(&mut change, &body.secret, now).await?;
    store::invitations::set_opened(&mut change, &found.organization, &found.invitation.id, now).await?;
    store::invitations::set_declined(&mut change, &found.organization, &found.invitation.id, now).await?;
    // Whoever holds the link: it is not asked who they are.
    note_declined(&mut change, &found, &Actor { request_id: request_id.to_owned(), ..nobody() }, now).await?;
    change.commit().await
}

async fn note_declined(change: &mut store::Connection, found: &Found, actor: &Actor, now: Timestamp) -> Result<()> {
    let detail = json!({ "email": found.invitation.email, "role": found.invitation.role });
    audit(change, &found.organization, actor, "invitation_decline", found.invitation.id.as_str(), detail, now).await?;
    Ok(())
}

/// The invitations to a verified address that can be accepted, the newest first.
///
/// # Errors
/// The database fails.
pub(super) async fn received(db: &mut store::Connection, email: &str) -> Result<Vec<ReceivedInvitation>> {
    let mut all = Vec::new();
    for found in store::invitations::pending_of(db, email, crate::now()).await? {
        if grants::backed(db, &found.organization, &found.inviter, &given(&found.invitation)).await? {
            all.push(found);
        }
    }
    let received = |Found { organization, organization_name, message, invitation, .. }: Found| ReceivedInvitation {
        id: invitation.id,
        organization_id: organization,
        organization_name,
        invited_by: invitation.invited_by,
        role: invitation.role,
        message,
        space_names: invitation.space_names,
        expires_at: invitation.expires_at,
        ends_at: invitation.ends_at,
    };
    Ok(all.into_iter().map(received).collect())
}

/// The signed-in person accepts an invitation to their address, without its link.
///
/// # Errors
/// `address-unverified`; `inviter-gone`; `invitation-invalid`, also for an invitation to somebody else.
pub async fn accept_received(store: &Store, actor: &Actor, id: &InvitationId) -> Result<()> {
    let now = crate::now();
    let mut change = store.change(&actor.user_id).await?;
    let organization = my_own(&mut change, actor, id, now).await?.organization;
    store::organizations::lock(&mut change, &organization).await?;
    let found = my_own(&mut change, actor, id, now).await?;
    require_backed(&mut change, &found).await?;
    join(&mut change, &found, actor, now).await?;
    change.commit().await
}

/// # Errors
/// `address-unverified`; `invitation-invalid`, also for an invitation to somebody else.
pub async fn decline_received(store: &Store, actor: &Actor, id: &InvitationId) -> Result<()> {
    let now = crate::now();
    let mut change = store.change(&actor.user_id).await?;
    let found = my_own(&mut change, actor, id, now).await?;
    store::invitations::set_declined(&mut change, &found.organization, &found.invitation.id, now).await?;
    note_declined(&mut change, &found, actor, now).await?;
    change.commit().await
}

async fn my_own(change: &mut store::Connection, actor: &Actor, id: &InvitationId, now: Timestamp) -> Result<Found> {
    let email = store::users::verified_email(change, &actor.user_id).await?.ok_or(ProblemType::AddressUnverified)?;
    let all = store::invitations::pending_of(change, &email, now).await?;
    all.into_iter().find(|found| found.invitation.id == *id).ok_or_else(|| ProblemType::InvitationInvalid.into())
}

/// # Errors
/// `inviter-gone`.
async fn require_backed(db: &mut store::Connection, found: &Found) -> Result<()> {
    let Found { organization, inviter, invitation, .. } = found;
    let backed = grants::backed(db, organization, inviter, &given(invitation)).await?;
    if backed { Ok(()) } else { Err(ProblemType::InviterGone.into()) }
}

async fn new_account(
    store: &Store,
    organization: &OrganizationId,
    email: &str,
    body: &InvitationAccept,
) -> Result<(store::users::User, String)> {
    if store::users::by_email(&mut *store.read().await?, email).await?.is_some() {
        return Err(ProblemType::SignedOut.into());
    }
    let mut fields = Fields::default();
    let name = fields.check("name", validation::name(&body.name));
    fields.check("password", validation::new_password(&body.password));
    fields.finish()?;
    let hash = password::turn(&organization.into()).await?.hash(body.password.clone()).await?;
    Ok((
        store::users::User {
            id: UserId::from_digits(&crate::new_digits()),
            email: email.to_owned(),
            name,
            administers_installation: false,
        },
        hash,
    ))
}

/// The invitation of a link, while it can be answered, and which link it is.
async fn pending(db: &mut store::Connection, secret: &str, now: Timestamp) -> Result<(Found, Link)> {
    let found = store::invitations::of_secret(db, &token::hash(secret), now).await?;
    found
        .filter(|(found, _)| found.invitation.state == InvitationState::Pending)
        .ok_or_else(|| ProblemType::InvitationInvalid.into())
}

/// A change of the organization that an invitation's link leads to: who has no such link takes no turn to write.
async fn change_of(store: &Store, secret: &str, now: Timestamp) -> Result<store::Change> {
    let organization = pending(&mut *store.read().await?, secret, now).await?.0.organization;
    store.change(&organization).await
}
