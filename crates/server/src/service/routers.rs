//! Routers: managed ones by version, custom ones by editors and admins.

use super::organizations::audit;
use super::resources::{Reach, Resources};
use super::{Member as Caller, Repeated, Seen, members::lock};
use crate::error::{Error, Result};
use crate::store::{self, Store};
use pulze_contract::policy::Setting;
use pulze_contract::router::{CustomRouter, LAST_RESORT, MANAGED, ROUTERS_MAX, Router, RouterContent, RouterList, RouterUpdate};
use pulze_contract::validation::Rule;
use pulze_contract::{FieldError, Level, Permission, ProblemType, ResourceKind, Role, RouterId};
use serde_json::json;
use std::collections::HashSet;

/// Managed routers first, then by name.
///
/// # Errors
/// The database fails.
pub async fn list(store: &Store, caller: &Caller) -> Result<RouterList> {
    let mut db = store.read().await?;
    let mut routers = all(&mut db, caller, caller.role).await?;
    routers.retain(|router| router.level > Level::None);
    let resources = Resources::read(&mut db, &caller.organization).await?;
    let reach = Reach::read(&mut db, caller, caller.role).await?;
    for router in routers.iter_mut().filter(|router| router.level < Level::Manage) {
        router.custom.iter_mut().for_each(|custom| resources.show(&reach, &mut custom.content));
    }
    Ok(RouterList { total: u32::try_from(routers.len()).unwrap_or(u32::MAX), routers })
}

async fn all(db: &mut store::Connection, caller: &Caller, role: Role) -> Result<Vec<Router>> {
    let resources = Resources::read(db, &caller.organization).await?;
    let mut performance = store::usage::by_router(db, &caller.organization, crate::now()).await?;
    let told = caller.may(Permission::UsageRead);
    let dependents = resources.dependents_of(ResourceKind::Router);
    let reach = Reach::read(db, caller, role).await?;
    let in_use: Vec<_> = resources.spaces.iter().filter(|space| !space.archived).collect();
    let goes_by: Vec<Option<String>> = in_use.iter().map(|space| resources.effective(Setting::Router, space).value).collect();
    let default = resources.default_of(Setting::Router).value.unwrap_or_else(|| LAST_RESORT.to_owned());
    let mut router = |id: &str, custom: Option<CustomRouter>| Router {
        enabled: resources.switched_on(ResourceKind::Router, id),
        level: resources.level(&reach, ResourceKind::Router, id),
        default: default == id,
        custom,
        dependents: dependents.get(id).copied().unwrap_or(0),
        spaces: u32::try_from(goes_by.iter().filter(|router| router.as_deref() == Some(id)).count()).unwrap_or(u32::MAX),
        performance: told.then(|| performance.remove(id).unwrap_or_default()),
        id: id.to_owned(),
    };
    let mut routers: Vec<Router> = MANAGED.iter().map(|managed| router(managed.id, None)).collect();
    for row in &resources.routers {
        let custom = CustomRouter {
            content: row.content.clone(),
            created_by: row.created_by.clone(),
            created_at: row.created_at,
            archived: row.archived,
            version: row.version,
        };
        routers.push(router(row.id.as_str(), Some(custom)));
    }
    Ok(routers)
}

async fn one(db: &mut store::Connection, caller: &Caller, role: Role, id: &RouterId) -> Result<Router> {
    let found = all(db, caller, role).await?.into_iter().find(|router| router.id == id.as_str());
    found.ok_or_else(|| ProblemType::NotFound.into())
}

/// The content as it is kept, if its models and its fallback can be used. What it named before may
/// stay: a model that is switched off must not keep a name from being corrected.
fn checked(resources: &Resources, id: Option<&RouterId>, content: &RouterContent, prefix: &str) -> Result<RouterContent> {
    let field = |name: &str, rule| FieldError::new(format!("{prefix}{name}"), rule);
    let checked = content.check();
    let mut errors: Vec<FieldError> =
        checked.as_ref().err().into_iter().flatten().map(|(name, rule)| field(name, *rule)).collect();
    let before = id.and_then(|id| resources.custom(id.as_str())).map(|router| &router.content);
    let had = |model: &String| before.is_some_and(|before| before.models.contains(model));
    if content.models.iter().any(|model| !resources.model_enabled(model) && !had(model)) {
        errors.push(field("models", Rule::ModelUnavailable));
    }
    if let Some(fallback) = &content.fallback {
        let kept = before.is_some_and(|before| before.fallback.as_ref() == Some(fallback));
        if !resources.router_usable(fallback) && !kept {
            errors.push(field("fallback", Rule::RouterUnavailable));
        } else if id.is_some_and(|id| resources.circles(id.as_str(), Some(fallback))) {
            errors.push(field("fallback", Rule::RouterCycle));
        }
    }
    let same_name = |router: &&store::resources::RouterRow| {
        Some(&router.id) != id
            && !router.archived
            && checked
                .as_ref()
                .is_ok_and(|kept| crate::store::search_text(&kept.name) == crate::store::search_text(&router.content.name))
    };
    if resources.routers.iter().find(same_name).is_some() {
        errors.push(field("name", Rule::Duplicate));
    }
    match checked {
        Ok(kept) if errors.is_empty() => Ok(kept),
        _ => Err(Error::invalid(errors)),
    }
}

/// Makes a router; asked again with the same key, the first answer again and `true`.
///
/// # Errors
/// `invalid`, `idempotency-key-reused`.
pub async fn create(store: &Store, caller: &Caller, key: &str, body: RouterContent) -> Result<(Router, bool)> {
    let now = crate::now();
    let mut change = store.change(&caller.organization).await?;
    let asked = json!(["router", caller.organization, body]);
    let repeated = match Repeated::claim(&mut change, &caller.actor, key, &asked, now).await? {
        Ok(answer) => return Ok((answer, true)),
        Err(repeated) => repeated,
    };
    let role = lock(&mut change, caller, Permission::RoutersCreate).await?;
    let resources = Resources::read(&mut change, &caller.organization).await?;
    if resources.routers.len() >= ROUTERS_MAX {
        return Err(Error::invalid(vec![FieldError::new("name", Rule::TooMany)]));
    }
    let content = checked(&resources, None, &body, "")?;
    let id = RouterId::from_digits(&crate::new_digits());
    store::resources::insert_router(&mut change, &caller.organization, &id, &content, &caller.actor.user_id, now).await?;
    store::resources::count_change(&mut change, &caller.organization).await?;
    let detail = json!({ "after": content });
    audit(&mut change, &caller.organization, &caller.actor, "router_create", id.as_str(), detail, now).await?;
    let router = one(&mut change, caller, role, &id).await?;
    repeated.complete(&mut change, &router).await?;
    change.commit().await?;
    Ok((router, false))
}

/// Changes a router, puts it away or takes it back, if the caller has seen what stands there now.
///
/// # Errors
/// `not-found`, `forbidden`, `invalid`; `conflict` when somebody saved in between; `in-use` when it is put away
/// while something names it.
pub async fn update(store: &Store, caller: &Caller, id: &RouterId, seen: &Seen, body: RouterUpdate) -> Result<Router> {
    let now = crate::now();
    let mut change = store.change(&caller.organization).await?;
    let role = lock(&mut change, caller, Permission::RoutersRead).await?;
    let resources = Resources::read(&mut change, &caller.organization).await?;
    let reach = Reach::read(&mut change, caller, role).await?;
    resources.require(&reach, ResourceKind::Router, id.as_str(), Level::Manage)?;
    let before = resources.custom(id.as_str()).ok_or(ProblemType::NotFound)?;
    if !seen.allows(before.version) {
        return Err(ProblemType::Conflict.into());
    }
    let content = checked(&resources, Some(id), &body.content, "content.")?;
    if body.archived && !resources.dependents_on_routers(&HashSet::from([id.as_str()])).is_empty() {
        return Err(ProblemType::InUse.into());
    }
    let archived_at = if body.archived { now } else { 0 };
    store::resources::update_router(&mut change, &caller.organization, id, &content, archived_at).await?;
    store::resources::count_change(&mut change, &caller.organization).await?;
    let detail = json!({
        "before": { "content": before.content, "archived": before.archived },
        "after": { "content": content, "archived": body.archived },
    });
    audit(&mut change, &caller.organization, &caller.actor, "router_update", id.as_str(), detail, now).await?;
    let router = one(&mut change, caller, role, id).await?;
    change.commit().await?;
    Ok(router)
}
