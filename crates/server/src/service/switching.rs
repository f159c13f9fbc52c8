//! Switching models and routers on and off: who depends on them first, then all or none, with what
//! takes their place written in the same transaction.

use super::resources::{Resources, Settings, apply};
use super::{Member as Caller, members::lock, members::require_distinct_up_to};
use crate::error::{Error, Fields, Result};
use crate::store::resources::Kind;
use crate::store::{self, Store};
use pulze_contract::availability::{Changed, Dependent, Impact, SWITCHED_MAX, Switch};
use pulze_contract::policy::{OrganizationDefault, Setting};
use pulze_contract::router::{LAST_RESORT, RouterContent};
use pulze_contract::validation::Rule;
use pulze_contract::{FieldError, Permission, ProblemType};
use std::collections::HashSet;

impl Kind {
    fn permission(self) -> Permission {
        match self {
            Self::Model => Permission::ModelsUpdate,
            Self::Router => Permission::RoutersSetDefault,
        }
    }

    /// What the audit log calls it: the operation's id.
    fn action(self) -> &'static str {
        match self {
            Self::Model => "model_update",
            Self::Router => "router_switch",
        }
    }

    /// The setting whose values are of this kind.
    fn setting(self) -> Setting {
        match self {
            Self::Model => Setting::NamingModel,
            Self::Router => Setting::Router,
        }
    }

    fn unavailable(self) -> Rule {
        match self {
            Self::Model => Rule::ModelUnavailable,
            Self::Router => Rule::RouterUnavailable,
        }
    }

    fn knows(self, resources: &Resources, id: &str) -> bool {
        match self {
            Self::Model => resources.knows_model(id),
            Self::Router => resources.knows_router(id),
        }
    }

    fn enabled(self, resources: &Resources, id: &str) -> bool {
        match self {
            Self::Model => resources.model_enabled(id),
            Self::Router => resources.router_enabled(id),
        }
    }

    fn dependents(self, resources: &Resources, ids: &HashSet<&str>) -> Vec<Dependent> {
        match self {
            Self::Model => resources.dependents_on_models(ids),
            Self::Router => resources.dependents_on_routers(ids),
        }
    }
}

/// What a switch would do, were it done.
///
/// # Errors
/// `invalid`.
pub async fn check(store: &Store, caller: &Caller, kind: Kind, body: Switch) -> Result<Impact> {
    let mut db = store.read().await?;
    let resources = Resources::read(&mut db, &caller.organization).await?;
    let ids = switched(&resources, kind, &body)?;
    let changes = u32::try_from(ids.len()).unwrap_or(u32::MAX);
    if body.enabled {
        return Ok(Impact { changes, ..Impact::default() });
    }
    let used = store::usage::of_the_week(&mut db, &caller.organization, kind, crate::now()).await?;
    let used: Vec<_> = used.into_iter().filter(|(resource, ..)| ids.contains(resource.as_str())).collect();
    let asking: HashSet<&str> = used.iter().map(|(_, space, _)| space.as_str()).collect();
    let spaces = resources.spaces.iter().filter(|space| asking.contains(space.space_id.as_str()));
    Ok(Impact {
        changes,
        dependents: kind.dependents(&resources, &ids),
        spaces: spaces.map(|space| space.name.clone()).collect(),
        requests: used.iter().map(|(_, _, requests)| requests).sum(),
    })
}

/// Switches, all or none; whatever names one of them gets the replacement, if there is one.
///
/// # Errors
/// `invalid`, among others for a replacement that would make routers fall back in a circle;
/// `breaks-not-accepted` when something would break without a sound.
pub async fn switch(store: &Store, caller: &Caller, kind: Kind, body: Switch) -> Result<Changed> {
    let mut change = store.change().await?;
    lock(&mut change, caller, kind.permission()).await?;
    let resources = Resources::read(&mut change, &caller.organization).await?;
    let ids = switched(&resources, kind, &body)?;
    let mut after = Settings::default();
    match &body.replacement {
        Some(replacement) => replace(&resources, kind, &ids, replacement, &mut after)?,
        None if body.enabled || body.accepts_breaks => {}
        None if kind.dependents(&resources, &ids).iter().any(|dependent| dependent.breaks) => {
            return Err(ProblemType::BreaksNotAccepted.into());
        }
        None => {}
    }
    let changes = u32::try_from(ids.len()).unwrap_or(u32::MAX);
    after.switches = ids.iter().map(|id| (kind, (*id).to_owned(), body.enabled)).collect();
    after.switches.sort_by(|(_, one, _), (_, other, _)| one.cmp(other));
    let answer = apply(&mut change, caller, &resources, kind.action(), &after).await?;
    change.commit().await?;
    Ok(Changed { changes, ..answer })
}

/// Those of a switch that are not so already. The router that everything falls back to stays on.
fn switched<'a>(resources: &Resources, kind: Kind, body: &'a Switch) -> Result<HashSet<&'a str>> {
    require_distinct_up_to(SWITCHED_MAX, body.ids.iter())?;
    let mut fields = Fields::default();
    let may = |id: &String| kind.knows(resources, id) && (body.enabled || id != LAST_RESORT);
    fields.check("ids", if body.ids.iter().all(may) { Ok(()) } else { Err(kind.unavailable()) });
    if let Some(replacement) = &body.replacement {
        let good = !body.enabled && resources.usable(kind.setting(), replacement) && !body.ids.contains(replacement);
        fields.check("replacement", if good { Ok(()) } else { Err(kind.unavailable()) });
    }
    fields.finish()?;
    Ok(body.ids.iter().map(String::as_str).filter(|id| kind.enabled(resources, id) != body.enabled).collect())
}

/// Names the replacement wherever one of them is named.
fn replace(resources: &Resources, kind: Kind, ids: &HashSet<&str>, replacement: &str, after: &mut Settings) -> Result<()> {
    let setting = kind.setting();
    let default = resources.default_of(setting);
    let named = |value: Option<&str>| value.is_some_and(|value| ids.contains(value));
    if named(default.value.as_deref()) {
        after.defaults.push((setting, OrganizationDefault { value: Some(replacement.to_owned()), ..default }));
    }
    for space in resources.spaces.iter().filter(|space| named(space.of(setting))) {
        after.spaces.push((space.space_id.clone(), setting, Some(replacement.to_owned())));
    }
    for router in resources.routers.iter().filter(|router| !router.archived) {
        let content = match kind {
            Kind::Model => with_model(&router.content, ids, replacement),
            Kind::Router if !named(router.content.fallback.as_deref()) => None,
            Kind::Router if resources.circles(router.id.as_str(), Some(replacement)) => {
                return Err(Error::invalid(vec![FieldError { field: "replacement".to_owned(), rule: Rule::RouterCycle }]));
            }
            Kind::Router => Some(RouterContent { fallback: Some(replacement.to_owned()), ..router.content.clone() }),
        };
        after.routers.extend(content.map(|content| (router.id.clone(), content)));
    }
    Ok(())
}

/// A router's content with the replacement in the place of these models, once; `None` if it names none of them.
fn with_model(content: &RouterContent, ids: &HashSet<&str>, replacement: &str) -> Option<RouterContent> {
    content.models.iter().find(|model| ids.contains(model.as_str()))?;
    let mut models: Vec<String> = Vec::new();
    for model in &content.models {
        let model = if ids.contains(model.as_str()) { replacement } else { model };
        if !models.iter().any(|other| other == model) {
            models.push(model.to_owned());
        }
    }
    Some(RouterContent { models, ..content.clone() })
}
