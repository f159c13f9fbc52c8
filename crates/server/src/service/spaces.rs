//! Spaces: made by editors and admins, changed by their admins and the organization's.

use super::members::{lock, require_distinct};
use super::organizations::audit;
use super::{Actor, Member as Caller, Repeated, Seen, grants};
use crate::error::{Error, Fields, Result};
use crate::store::spaces::{Content, Eyes};
use crate::store::{self, Store};
use pulze_contract::grant::Grant;
use pulze_contract::space::{
    Space, SpaceCreate, SpaceDelete, SpaceGrant, SpaceList, SpaceMemberList, SpaceMembersUpdate, SpaceUpdate,
};
use pulze_contract::validation::{self, Rule};
use pulze_contract::{Permission, ProblemType, Role, SpaceId, SpacePermission, SpaceRole, Timestamp, UserId};
use serde_json::json;

/// How somebody with this organization role sees the spaces.
pub(super) fn eyes(user: &UserId, role: Role) -> Eyes<'_> {
    Eyes { user, everywhere: role.grants(Permission::SpacesUpdate) }
}

/// # Errors
/// The database fails.
pub async fn list(store: &Store, caller: &Caller) -> Result<SpaceList> {
    let eyes = eyes(&caller.actor.user_id, caller.role);
    let spaces = store::spaces::list(&mut *store.read().await?, &caller.organization, &eyes).await?;
    Ok(SpaceList { total: u32::try_from(spaces.len()).unwrap_or(u32::MAX), spaces })
}

/// # Errors
/// `not-found` for a space that the caller cannot enter.
pub async fn read(store: &Store, caller: &Caller, space: &SpaceId) -> Result<Space> {
    let eyes = eyes(&caller.actor.user_id, caller.role);
    let found = store::spaces::find(&mut *store.read().await?, &caller.organization, space, &eyes).await?;
    found.ok_or_else(|| ProblemType::NotFound.into())
}

/// Makes a space with the caller as its admin; asked again with the same key, the first answer
/// again and `true`.
///
/// # Errors
/// `invalid`, `idempotency-key-reused`.
pub async fn create(store: &Store, caller: &Caller, key: &str, body: SpaceCreate) -> Result<(Space, bool)> {
    let mut fields = Fields::default();
    let name = fields.check("name", validation::name(&body.name));
    let description = fields.check("description", validation::description(&body.description));
    let logo_url = fields.check("logo_url", validation::logo_url(&body.logo_url)).unwrap_or_default();
    fields.finish()?;
    let now = crate::now();
    let asked = json!(["space", caller.organization, &name, &description, &logo_url, body.visibility]);
    let mut change = store.change(&caller.organization).await?;
    let repeated = match Repeated::claim(&mut change, &caller.actor, key, &asked, now).await? {
        Ok(answer) => return Ok((answer, true)),
        Err(repeated) => repeated,
    };
    let role = lock(&mut change, caller, Permission::SpacesCreate).await?;
    let id = SpaceId::from_digits(&crate::new_digits());
    let content =
        Content { name: &name, description: &description, logo_url: &logo_url, visibility: body.visibility, archived_at: 0 };
    let maker = &caller.actor.user_id;
    store::spaces::insert(&mut change, &caller.organization, &id, &content, maker, now).await?;
    store::spaces::grant(&mut change, &caller.organization, &id, maker, SpaceRole::Admin, 0, now).await?;
    let detail = json!({ "name": name, "visibility": body.visibility });
    audit(&mut change, &caller.organization, &caller.actor, "space_create", id.as_str(), detail, now).await?;
    let space = store::spaces::find(&mut change, &caller.organization, &id, &eyes(maker, role)).await?;
    let space = space.ok_or_else(|| Error::Internal("a new space cannot be read".to_owned()))?;
    repeated.complete(&mut change, &space).await?;
    change.commit().await?;
    Ok((space, false))
}

/// Changes what the body names, if the caller has seen what stands there now.
///
/// # Errors
/// `invalid`; `conflict` when somebody saved in between.
pub async fn update(store: &Store, caller: &Caller, id: &SpaceId, seen: &Seen, body: SpaceUpdate) -> Result<Space> {
    let mut fields = Fields::default();
    let name = body.name.map(|name| fields.check("name", validation::name(&name)));
    let description = body.description.map(|text| fields.check("description", validation::description(&text)));
    let logo_url = body.logo_url.map(|url| fields.check("logo_url", validation::logo_url(&url)).unwrap_or_default());
    fields.finish()?;
    let now = crate::now();
    let mut change = store.change(&caller.organization).await?;
    let (before, role) = locked(&mut change, caller, id, Permission::SpacesRead, SpacePermission::Update).await?;
    let before_logo = before.logo_url.clone().unwrap_or_default();
    let content = Content {
        name: name.as_deref().unwrap_or(&before.name),
        description: description.as_deref().unwrap_or(&before.description),
        logo_url: logo_url.as_deref().unwrap_or(&before_logo),
        visibility: body.visibility.unwrap_or(before.visibility),
        archived_at: if body.archived.unwrap_or(before.archived) { now } else { 0 },
    };
    if !seen.allows(before.version)
        || !store::spaces::update(&mut change, &caller.organization, id, before.version, &content).await?
    {
        return Err(ProblemType::Conflict.into());
    }
    let detail = json!({
        "before": { "name": before.name, "description": before.description, "logo_url": before_logo, "visibility": before.visibility, "archived": before.archived },
        "after": { "name": content.name, "description": content.description, "logo_url": content.logo_url, "visibility": content.visibility, "archived": content.archived_at > 0 },
    });
    audit(&mut change, &caller.organization, &caller.actor, "space_update", id.as_str(), detail, now).await?;
    let space = store::spaces::find(&mut change, &caller.organization, id, &eyes(&caller.actor.user_id, role)).await?;
    change.commit().await?;
    space.ok_or_else(|| ProblemType::NotFound.into())
}

/// # Errors
/// `invalid` when the typed name is another.
pub async fn delete(store: &Store, caller: &Caller, id: &SpaceId, body: SpaceDelete) -> Result<()> {
    let mut change = store.change(&caller.organization).await?;
    let (space, _) = locked(&mut change, caller, id, Permission::SpacesDelete, SpacePermission::Delete).await?;
    let mut fields = Fields::default();
    let confirmed = validation::confirms_name(&body.confirm_name, &space.name);
    fields.check("confirm_name", if confirmed { Ok(()) } else { Err(Rule::NameMismatch) });
    fields.finish()?;
    store::spaces::delete(&mut change, &caller.organization, id).await?;
    let detail = json!({ "name": space.name, "members": space.members });
    audit(&mut change, &caller.organization, &caller.actor, "space_delete", id.as_str(), detail, crate::now()).await?;
    change.commit().await
}

/// # Errors
/// The database fails.
pub async fn members(store: &Store, caller: &Caller, id: &SpaceId) -> Result<SpaceMemberList> {
    let members = store::spaces::members(&mut *store.read().await?, &caller.organization, id).await?;
    Ok(SpaceMemberList { total: u32::try_from(members.len()).unwrap_or(u32::MAX), members })
}

/// Grants, changes and takes away roles, all or none.
///
/// # Errors
/// `invalid` for none, too many, the same person twice, or an end that is not ahead; `not-found` for
/// somebody outside the organization.
pub async fn update_members(store: &Store, caller: &Caller, id: &SpaceId, body: SpaceMembersUpdate) -> Result<SpaceMemberList> {
    let now = crate::now();
    require_distinct(body.changes.iter().map(|change| &change.user_id))?;
    let mut fields = Fields::default();
    for ends_at in body.changes.iter().filter_map(|change| change.ends_at) {
        fields.check("ends_at", validation::end(ends_at, now));
    }
    fields.finish()?;
    let mut change = store.change(&caller.organization).await?;
    let (_, own) = locked(&mut change, caller, id, Permission::SpacesRead, SpacePermission::MembersUpdate).await?;
    for wanted in &body.changes {
        let user = &wanted.user_id;
        store::members::find(&mut change, &caller.organization, user).await?.ok_or(ProblemType::NotFound)?;
        let after = wanted.role.map(|role| (role, wanted.ends_at));
        let before = set_grant(&mut change, caller, own, (id, user), after, now).await?;
        if before != after {
            let before = before.map(|(role, _)| role);
            let detail = json!({ "space_id": id, "before": before, "after": wanted.role, "ends_at": wanted.ends_at });
            audit(&mut change, &caller.organization, &caller.actor, "space_members_update", user.as_str(), detail, now).await?;
        }
    }
    let members = store::spaces::members(&mut change, &caller.organization, id).await?;
    change.commit().await?;
    Ok(SpaceMemberList { total: u32::try_from(members.len()).unwrap_or(u32::MAX), members })
}

/// Gives a member this role and end in a space, or none; returns what stood there before. Both are the caller's to give,
/// whose role in the organization is `own`.
///
/// # Errors
/// `forbidden`.
pub(super) async fn set_grant(
    change: &mut store::Connection,
    caller: &Caller,
    own: Role,
    (space, user): (&SpaceId, &UserId),
    wanted: Option<(SpaceRole, Option<Timestamp>)>,
    now: Timestamp,
) -> Result<Option<(SpaceRole, Option<Timestamp>)>> {
    let organization = &caller.organization;
    let before = store::spaces::granted(change, organization, space, user).await?;
    if before != wanted {
        let grant = |(role, _)| Grant::of_space(SpaceGrant { space_id: space.clone(), role });
        let grants = [before, wanted].into_iter().flatten().map(grant).collect::<Vec<_>>();
        grants::require(change, caller, own, &grants).await?;
        match wanted {
            Some((role, ends_at)) => {
                store::spaces::grant(change, organization, space, user, role, ends_at.unwrap_or(0), now).await?;
            }
            None => store::spaces::revoke(change, organization, space, user).await?,
        }
    }
    Ok(before)
}

/// Takes the organization for this transaction and finds the space; the caller must still hold both permissions.
async fn locked(
    change: &mut store::Connection,
    caller: &Caller,
    id: &SpaceId,
    permission: Permission,
    in_space: SpacePermission,
) -> Result<(Space, Role)> {
    let role = lock(change, caller, permission).await?;
    let Caller { actor: Actor { user_id, .. }, organization, .. } = caller;
    let space = store::spaces::find(change, organization, id, &eyes(user_id, role)).await?.ok_or(ProblemType::NotFound)?;
    if space.role.grants(in_space) { Ok((space, role)) } else { Err(ProblemType::Forbidden.into()) }
}
