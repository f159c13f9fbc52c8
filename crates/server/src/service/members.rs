//! Roles and memberships. An organization always keeps at least one admin, on every path.

use super::organizations::audit;
use super::{Actor, Member as Caller};
use crate::error::Result;
use crate::store::{self, Store};
use pulze_contract::member::{Member, MemberList, MemberUpdate};
use pulze_contract::{OrganizationId, Permission, ProblemType, Role, UserId};
use serde_json::json;

/// # Errors
/// The database fails.
pub async fn list(store: &Store, caller: &Caller) -> Result<MemberList> {
    let members = store::members::list(&mut *store.read().await?, &caller.organization).await?;
    Ok(MemberList { total: u32::try_from(members.len()).unwrap_or(u32::MAX), members })
}

/// # Errors
/// `not-found` for somebody who is not a member; `last-admin`.
pub async fn update(store: &Store, caller: &Caller, user: &UserId, body: MemberUpdate) -> Result<Member> {
    let mut change = store.change().await?;
    let before = locked(&mut change, caller, user, Permission::MembersUpdate).await?;
    if before.role == Role::Admin && body.role != Role::Admin {
        require_another_admin(&mut change, &caller.organization).await?;
    }
    store::members::update(&mut change, &caller.organization, user, body.role).await?;
    let detail = json!({ "before": before.role, "after": body.role });
    audit(&mut change, &caller.organization, &caller.actor, "member_update", user.as_str(), detail, crate::now()).await?;
    change.commit().await?;
    Ok(Member { role: body.role, ..before })
}

/// # Errors
/// `not-found` for somebody who is not a member; `last-admin`.
pub async fn delete(store: &Store, caller: &Caller, user: &UserId) -> Result<()> {
    remove(store, caller, user, Permission::MembersRemove, "member_delete").await
}

/// The caller leaves.
///
/// # Errors
/// `last-admin`.
pub async fn leave(store: &Store, caller: &Caller) -> Result<()> {
    remove(store, caller, &caller.actor.user_id.clone(), Permission::OrganizationRead, "membership_delete").await
}

async fn remove(store: &Store, caller: &Caller, user: &UserId, permission: Permission, action: &str) -> Result<()> {
    let mut change = store.change().await?;
    let member = locked(&mut change, caller, user, permission).await?;
    if member.role == Role::Admin {
        require_another_admin(&mut change, &caller.organization).await?;
    }
    store::members::delete(&mut change, &caller.organization, user).await?;
    let detail = json!({ "role": member.role });
    audit(&mut change, &caller.organization, &caller.actor, action, user.as_str(), detail, crate::now()).await?;
    Ok(change.commit().await?)
}

/// Takes the organization for this transaction, makes sure that the caller still holds the
/// permission (another change may have come first), and finds the member.
async fn locked(change: &mut store::Connection, caller: &Caller, user: &UserId, permission: Permission) -> Result<Member> {
    let Caller { actor: Actor { user_id, .. }, organization } = caller;
    store::organizations::lock(change, organization).await?;
    let role = store::members::role_of(change, organization, user_id).await?.ok_or(ProblemType::NotFound)?;
    if !role.grants(permission) {
        return Err(ProblemType::Forbidden.into());
    }
    store::members::find(change, organization, user).await?.ok_or_else(|| ProblemType::NotFound.into())
}

async fn require_another_admin(change: &mut store::Connection, organization: &OrganizationId) -> Result<()> {
    if store::members::admins(change, organization).await? > 1 { Ok(()) } else { Err(ProblemType::LastAdmin.into()) }
}
