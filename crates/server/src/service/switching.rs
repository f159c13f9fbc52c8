//! Switching resources on and off: who depends on them first, then all or none, with what takes
//! their place written in the same transaction.

use super::resources::{Reach, Resources, ready};
use super::settings::{Settings, apply};
use super::{Member as Caller, members::lock, members::require_distinct_up_to};
use crate::error::{Error, Fields, Result};
use crate::store::{self, Store};
use pulze_contract::assistant::AssistantContent;
use pulze_contract::availability::{Changed, Dependent, DependentKind, DependentPart, Impact, SWITCHED_MAX, Switch};
use pulze_contract::policy::{OrganizationDefault, Setting};
use pulze_contract::router::{LAST_RESORT, RouterContent};
use pulze_contract::validation::Rule;
use pulze_contract::{FieldError, Level, Permission, ProblemType, ResourceKind, SpaceId};
use std::collections::HashSet;

/// What switching a kind is called in the audit log: the operation's id.
fn action(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Model => "model_update",
        ResourceKind::Router => "router_switch",
        ResourceKind::Assistant => "assistant_switch",
        ResourceKind::Tool => "tool_switch",
    }
}

/// What somebody needs to write a replacement wherever the resource is named.
fn replaced_by(kind: ResourceKind) -> Permission {
    match kind {
        ResourceKind::Model => Permission::ModelsUpdate,
        ResourceKind::Router => Permission::RoutersSetDefault,
        ResourceKind::Assistant => Permission::AssistantsUpdate,
        ResourceKind::Tool => Permission::ToolsUpdate,
    }
}

/// The setting whose values are of this kind.
fn setting_of(kind: ResourceKind) -> Option<Setting> {
    match kind {
        ResourceKind::Model => Some(Setting::NamingModel),
        ResourceKind::Router => Some(Setting::Router),
        ResourceKind::Assistant | ResourceKind::Tool => None,
    }
}

/// The rule that a resource breaks which does not exist, or cannot be switched so.
pub(super) fn unavailable(kind: ResourceKind) -> Rule {
    match kind {
        ResourceKind::Model => Rule::ModelUnavailable,
        ResourceKind::Router => Rule::RouterUnavailable,
        ResourceKind::Assistant => Rule::Unknown,
        ResourceKind::Tool => Rule::ToolUnavailable,
    }
}

/// Whether a resource can stand where one is named.
fn usable(resources: &Resources, kind: ResourceKind, id: &str) -> bool {
    match kind {
        ResourceKind::Model => resources.model_enabled(id),
        ResourceKind::Router => resources.router_usable(id),
        ResourceKind::Tool => resources.tool_usable(id),
        // Nothing names an assistant, so nothing can take its place.
        ResourceKind::Assistant => false,
    }
}

/// What a switch would do, were it done.
///
/// # Errors
/// `invalid`; `forbidden` for what the caller does not manage.
pub async fn check(store: &Store, caller: &Caller, kind: ResourceKind, body: Switch) -> Result<Impact> {
    let mut db = store.read().await?;
    let resources = Resources::read(&mut db, &caller.organization).await?;
    let reach = Reach::read(&mut db, caller, caller.role).await?;
    let ids = switched(&resources, &reach, kind, &body)?;
    let changes = u32::try_from(ids.len()).unwrap_or(u32::MAX);
    if body.enabled {
        return Ok(Impact { changes, ..Impact::default() });
    }
    let used = store::usage::of_the_week(&mut db, &caller.organization, kind, crate::now()).await?;
    let used: Vec<_> = used.into_iter().filter(|(resource, ..)| ids.contains(resource.as_str())).collect();
    let asking: HashSet<&str> = used.iter().map(|(_, space, _)| space.as_str()).collect();
    let spaces = resources.spaces.iter().filter(|space| asking.contains(space.space_id.as_str()));
    let (known, others): (Vec<_>, Vec<_>) = spaces.partition(|space| reach.enters(&space.space_id));
    let mut dependents = resources.dependents_on(kind, &ids);
    if kind == ResourceKind::Model {
        dependents.extend(keys_naming(&mut db, caller, &ids).await?);
    }
    let dependents = dependents.into_iter().map(|dependent| seen(&resources, &reach, dependent));
    Ok(Impact {
        changes,
        dependents: dependents.collect(),
        spaces: known.iter().map(|space| space.name.clone()).collect(),
        more_spaces: u32::try_from(others.len()).unwrap_or(u32::MAX),
        requests: used.iter().map(|(_, _, requests)| requests).sum(),
    })
}

/// Keys that are limited to some models, these among them. What they ask of one that is off is refused,
/// with the reason: nothing breaks without a sound, and nothing can be written in its place.
async fn keys_naming(db: &mut store::Connection, caller: &Caller, ids: &HashSet<&str>) -> Result<Vec<Dependent>> {
    let keys = store::api_keys::all(db, &caller.organization).await?;
    let mut found = Vec::new();
    for key in keys.iter().filter(|key| !key.revoked) {
        for model in key.content.models.iter().flatten().filter(|model| ids.contains(model.as_str())) {
            found.push(Dependent {
                resource: model.clone(),
                kind: DependentKind::ApiKey,
                part: DependentPart::Candidate,
                id: key.id.to_string(),
                name: key.content.name.clone(),
                falls_back_to: None,
                breaks: false,
            });
        }
    }
    Ok(found)
}

/// A dependent as the caller may know it: that there is one, but not which, where they may not see it.
fn seen(resources: &Resources, reach: &Reach, dependent: Dependent) -> Dependent {
    let sees = match dependent.kind {
        DependentKind::Organization => true,
        DependentKind::Space => SpaceId::parse(&dependent.id).is_some_and(|id| reach.enters(&id)),
        DependentKind::Router => resources.level(reach, ResourceKind::Router, &dependent.id) > Level::None,
        DependentKind::ApiKey => reach.may(Permission::ApiKeysRead),
        DependentKind::Assistant => resources.level(reach, ResourceKind::Assistant, &dependent.id) > Level::None,
    };
    if sees { dependent } else { Dependent { id: String::new(), name: String::new(), falls_back_to: None, ..dependent } }
}

/// Switches, all or none; whatever names one of them gets the replacement, if there is one.
///
/// # Errors
/// `invalid`, among others for a replacement that would make routers fall back in a circle;
/// `forbidden` for what the caller does not manage; `breaks-not-accepted` when something would break
/// without a sound.
pub async fn switch(store: &Store, caller: &Caller, kind: ResourceKind, body: Switch) -> Result<Changed> {
    let mut change = store.change(&caller.organization).await?;
    let role = lock(&mut change, caller, Permission::OrganizationRead).await?;
    let resources = Resources::read(&mut change, &caller.organization).await?;
    let reach = Reach::read(&mut change, caller, role).await?;
    // Routers are on and off by the organization's decision, whoever made them.
    if kind == ResourceKind::Router && !reach.may(Permission::RoutersSetDefault) {
        return Err(ProblemType::Forbidden.into());
    }
    let ids = switched(&resources, &reach, kind, &body)?;
    let mut after = Settings::default();
    match &body.replacement {
        Some(_) if !reach.may(replaced_by(kind)) => return Err(ProblemType::Forbidden.into()),
        Some(replacement) => replace(&resources, kind, &ids, replacement, &mut after)?,
        None if body.enabled || body.accepts_breaks => {}
        None if resources.dependents_on(kind, &ids).iter().any(|dependent| dependent.breaks) => {
            return Err(ProblemType::BreaksNotAccepted.into());
        }
        None => {}
    }
    let changes = u32::try_from(ids.len()).unwrap_or(u32::MAX);
    after.switches = ids.iter().map(|id| (kind, (*id).to_owned(), body.enabled)).collect();
    after.switches.sort_by(|(_, one, _), (_, other, _)| one.cmp(other));
    let answer = apply(&mut change, caller, &resources, action(kind), &after).await?;
    change.commit().await?;
    Ok(Changed { changes, ..answer })
}

/// Those of a switch that are not so already. The router that everything falls back to stays on, and
/// a tool is set up before it is switched on.
fn switched<'a>(resources: &Resources, reach: &Reach, kind: ResourceKind, body: &'a Switch) -> Result<HashSet<&'a str>> {
    require_distinct_up_to(SWITCHED_MAX, body.ids.iter())?;
    let mut fields = Fields::default();
    let sees = |id: &str| resources.knows(kind, id) && resources.level(reach, kind, id) > Level::None;
    let may = |id: &str| match (kind, body.enabled) {
        (ResourceKind::Router, false) => id != LAST_RESORT,
        (ResourceKind::Tool, true) => resources.tool(id).is_some_and(ready),
        _ => true,
    };
    let good = body.ids.iter().all(|id| sees(id) && may(id));
    fields.check("ids", if good { Ok(()) } else { Err(unavailable(kind)) });
    if let Some(replacement) = &body.replacement {
        let good = !body.enabled && usable(resources, kind, replacement) && !body.ids.contains(replacement);
        fields.check("replacement", if good { Ok(()) } else { Err(unavailable(kind)) });
    }
    fields.finish()?;
    if body.ids.iter().any(|id| resources.level(reach, kind, id) < Level::Manage) {
        return Err(ProblemType::Forbidden.into());
    }
    Ok(body.ids.iter().map(String::as_str).filter(|id| resources.switched_on(kind, id) != body.enabled).collect())
}

/// Names the replacement wherever one of them is named.
fn replace(
    resources: &Resources,
    kind: ResourceKind,
    ids: &HashSet<&str>,
    replacement: &str,
    after: &mut Settings,
) -> Result<()> {
    let named = |value: Option<&str>| value.is_some_and(|value| ids.contains(value));
    if let Some(setting) = setting_of(kind) {
        let default = resources.default_of(setting);
        if named(default.value.as_deref()) {
            after.defaults.push((setting, OrganizationDefault { value: Some(replacement.to_owned()), ..default }));
        }
        for space in resources.spaces.iter().filter(|space| named(space.of(setting))) {
            after.spaces.push((space.space_id.clone(), setting, Some(replacement.to_owned())));
        }
    }
    for router in resources.routers.iter().filter(|router| !router.archived) {
        let content = match kind {
            ResourceKind::Model => exchanged(&router.content.models, ids, replacement)
                .map(|models| RouterContent { models, ..router.content.clone() }),
            ResourceKind::Router if !named(router.content.fallback.as_deref()) => None,
            ResourceKind::Router if resources.circles(router.id.as_str(), Some(replacement)) => {
                return Err(Error::invalid(vec![FieldError::new("replacement", Rule::RouterCycle)]));
            }
            ResourceKind::Router => Some(RouterContent { fallback: Some(replacement.to_owned()), ..router.content.clone() }),
            ResourceKind::Assistant | ResourceKind::Tool => None,
        };
        after.routers.extend(content.map(|content| (router.id.clone(), content)));
    }
    for assistant in &resources.assistants {
        let content = match kind {
            ResourceKind::Model if named(assistant.content.model.as_deref()) => {
                Some(AssistantContent { model: Some(replacement.to_owned()), ..assistant.content.clone() })
            }
            ResourceKind::Tool => exchanged(&assistant.content.tools, ids, replacement)
                .map(|tools| AssistantContent { tools, ..assistant.content.clone() }),
            _ => None,
        };
        after.assistants.extend(content.map(|content| (assistant.id.clone(), content)));
    }
    Ok(())
}

/// A list with the replacement in the place of these, once; `None` if it names none of them.
fn exchanged(list: &[String], ids: &HashSet<&str>, replacement: &str) -> Option<Vec<String>> {
    list.iter().find(|id| ids.contains(id.as_str()))?;
    let mut exchanged: Vec<String> = Vec::new();
    for id in list {
        let id = if ids.contains(id.as_str()) { replacement } else { id };
        if !exchanged.iter().any(|other| other == id) {
            exchanged.push(id.to_owned());
        }
    }
    Some(exchanged)
}
