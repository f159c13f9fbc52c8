//! The grid of members and spaces.

use super::Member as Caller;
use super::members::{lock, require_distinct_up_to};
use super::organizations::audit;
use super::spaces::{eyes, set_grant};
use crate::error::{Fields, Result};
use crate::store::members::Asked;
use crate::store::{self, Store};
use pulze_contract::access::{
    ACCESS_CHANGES_MAX, ACCESS_PAGE_MAX, AccessChange, AccessList, AccessMember, AccessUpdate, AccessUpdated,
};
use pulze_contract::member::{Member, MemberEntry, MemberQuery};
use pulze_contract::{Permission, ProblemType, validation};
use serde_json::json;

/// Members from `offset` on, at most [`ACCESS_PAGE_MAX`], with what they were granted.
///
/// # Errors
/// The database fails.
pub async fn list(store: &Store, caller: &Caller, query: &MemberQuery, offset: u32, limit: u32) -> Result<AccessList> {
    let mut db = store.read().await?;
    let asked = Asked { query, eyes: eyes(&caller.actor.user_id, caller.role), invitations: false, now: crate::now() };
    let limit = limit.clamp(1, ACCESS_PAGE_MAX);
    let entries = store::members::list(&mut db, &caller.organization, &asked, offset, limit).await?;
    let total = store::members::count(&mut db, &caller.organization, &asked).await?;
    let spaces = store::spaces::columns(&mut db, &caller.organization).await?;
    let members = entries.iter().filter_map(MemberEntry::member).collect::<Vec<_>>();
    let users = members.iter().map(|member| member.user_id.clone()).collect::<Vec<_>>();
    let mut grants = store::spaces::grants_of(&mut db, &caller.organization, &users).await?;
    let row = |member: &Member| AccessMember {
        user_id: member.user_id.clone(),
        name: member.name.clone(),
        email: member.email.clone(),
        everywhere: member.role.grants(Permission::SpacesUpdate),
        grants: grants.remove(&member.user_id).unwrap_or_default(),
    };
    Ok(AccessList { total, offset, spaces, members: members.into_iter().map(row).collect() })
}

/// Grants, changes and takes away, all or none.
///
/// # Errors
/// `invalid` for none, too many, the same cell twice, or an end that is not ahead; `not-found` for
/// somebody outside the organization, or a space that it does not have.
pub async fn update(store: &Store, caller: &Caller, body: AccessUpdate) -> Result<AccessUpdated> {
    let now = crate::now();
    require_distinct_up_to(ACCESS_CHANGES_MAX, body.changes.iter().map(|change| (&change.user_id, &change.space_id)))?;
    let mut fields = Fields::default();
    for ends_at in body.changes.iter().filter_map(|change| change.ends_at) {
        fields.check("ends_at", validation::end(ends_at, now));
    }
    fields.finish()?;
    let mut change = store.change(&caller.organization).await?;
    let own = lock(&mut change, caller, Permission::SpacesUpdate).await?;
    let spaces = store::spaces::columns(&mut change, &caller.organization).await?;
    let mut before = Vec::new();
    for AccessChange { user_id, space_id, role, ends_at } in &body.changes {
        if !spaces.iter().any(|space| space.id == *space_id) {
            return Err(ProblemType::NotFound.into());
        }
        store::members::find(&mut change, &caller.organization, user_id).await?.ok_or(ProblemType::NotFound)?;
        let wanted = role.map(|role| (role, *ends_at));
        let was = set_grant(&mut change, caller, own, (space_id, user_id), wanted, now).await?;
        let (role_before, ends_before) = was.map_or((None, None), |(role, ends_at)| (Some(role), ends_at));
        before.push(AccessChange {
            user_id: user_id.clone(),
            space_id: space_id.clone(),
            role: role_before,
            ends_at: ends_before,
        });
        if was != wanted {
            let detail = json!({ "space_id": space_id, "before": role_before, "after": role, "ends_at": ends_at });
            audit(&mut change, &caller.organization, &caller.actor, "space_members_update", user_id.as_str(), detail, now)
                .await?;
        }
    }
    change.commit().await?;
    Ok(AccessUpdated { before })
}
