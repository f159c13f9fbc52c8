//! Who can give what, as it is now in the database; the comparison itself is the contract's.

use super::Member as Caller;
use super::spaces::eyes;
use crate::error::Result;
use crate::store;
use pulze_contract::grant::{Grant, Granter};
use pulze_contract::space::SpaceGrant;
use pulze_contract::{OrganizationId, Permission, ProblemType, Role, UserId};
use std::slice;

/// What somebody with this role can pass on. Their spaces are read only where one of the grants is in a space.
pub(super) async fn granter(
    db: &mut store::Connection,
    organization: &OrganizationId,
    user: &UserId,
    role: Role,
    grants: &[Grant],
) -> Result<Granter> {
    let asked = !role.grants(Permission::SpacesUpdate) && grants.iter().any(|grant| !grant.spaces.is_empty());
    let spaces = if asked { store::spaces::list(db, organization, &eyes(user, role)).await? } else { Vec::new() };
    let spaces = spaces.into_iter().map(|space| SpaceGrant { space_id: space.id, role: space.role }).collect();
    Ok(Granter { role, spaces })
}

/// Nobody makes, renews, changes, hands out or takes away what they could not give. The role is the one that was read in
/// the transaction of the change.
///
/// # Errors
/// `forbidden`.
pub(super) async fn require(db: &mut store::Connection, caller: &Caller, role: Role, grants: &[Grant]) -> Result<()> {
    let granter = granter(db, &caller.organization, &caller.actor.user_id, role, grants).await?;
    if grants.iter().all(|grant| granter.can_give(grant)) { Ok(()) } else { Err(ProblemType::Forbidden.into()) }
}

/// Whether somebody stands behind what they gave: they belong to the organization, and could give it now. Whether they
/// still may invite is not asked: an organization that no longer lets its editors invite keeps what they sent before.
pub(super) async fn backed(
    db: &mut store::Connection,
    organization: &OrganizationId,
    inviter: &UserId,
    grant: &Grant,
) -> Result<bool> {
    let Some(standing) = store::members::standing(db, organization, inviter).await? else { return Ok(false) };
    Ok(granter(db, organization, inviter, standing.role, slice::from_ref(grant)).await?.can_give(grant))
}
