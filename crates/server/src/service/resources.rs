//! What an organization's models, routers and defaults are together: who depends on whom, and what
//! holds in a space in the end. Read once, then plain functions over it.

use super::organizations::audit;
use super::{Member as Caller, members::lock};
use crate::error::{Error, Result};
use crate::store::resources::{Kind, RouterRow};
use crate::store::{self, Store};
use pulze_contract::availability::{Changed, Dependent, DependentKind, DependentPart};
use pulze_contract::model::{ModelFacts, NewModels};
use pulze_contract::policy::{
    Effective, EffectivePolicy, OrganizationDefault, Route, Setting, SpaceSetting, effective, effective_router,
};
use pulze_contract::router::{LAST_RESORT, MANAGED, RouterContent, Strategy};
use pulze_contract::{AuditEventId, OrganizationId, Permission, ProblemType, RouterId, SpaceId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{HashMap, HashSet};

/// How long after a change it can be undone: the app offers it for ten seconds, the rest is the way there.
const UNDO_MS: i64 = 60_000;
/// Models named as what is left of a router's candidates.
const LEFT_NAMED: usize = 3;

/// The settings of an organization at one moment.
pub struct Resources {
    pub models: Vec<ModelFacts>,
    /// Models that are switched off.
    off: HashSet<String>,
    pub routers: Vec<RouterRow>,
    router_switches: HashMap<String, bool>,
    defaults: HashMap<Setting, OrganizationDefault>,
    pub new_models: NewModels,
    pub spaces: Vec<SpaceSetting>,
    pub version: i64,
}

impl Resources {
    /// # Errors
    /// The database fails.
    pub async fn read(db: &mut store::Connection, organization: &OrganizationId) -> Result<Self> {
        let switched = store::resources::switches(db, organization, Kind::Model).await?;
        let (new_models, version) = store::resources::rule_and_version(db, organization).await?;
        let mut models = store::models::all(db, organization).await?;
        // By bytes, whatever the database takes for an order: they are found by halving.
        models.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(Self {
            models,
            off: switched.into_iter().filter(|(_, enabled)| !enabled).map(|(id, _)| id).collect(),
            routers: store::resources::routers(db, organization).await?,
            router_switches: store::resources::switches(db, organization, Kind::Router).await?,
            defaults: store::resources::defaults(db, organization).await?,
            new_models,
            spaces: store::resources::spaces(db, organization).await?,
            version,
        })
    }

    pub fn knows_model(&self, id: &str) -> bool {
        self.models.binary_search_by(|model| model.id.as_str().cmp(id)).is_ok()
    }

    pub fn model_enabled(&self, id: &str) -> bool {
        self.knows_model(id) && !self.off.contains(id)
    }

    pub fn custom(&self, id: &str) -> Option<&RouterRow> {
        self.routers.iter().find(|router| router.id.as_str() == id)
    }

    pub fn knows_router(&self, id: &str) -> bool {
        MANAGED.iter().any(|managed| managed.id == id) || self.custom(id).is_some()
    }

    /// The name of a router, or of anything else the text itself.
    fn name_of(&self, id: String) -> String {
        self.custom(&id).map_or(id, |router| router.content.name.clone())
    }

    pub fn router_enabled(&self, id: &str) -> bool {
        let as_it_comes = MANAGED.iter().find(|managed| managed.id == id).is_none_or(|managed| managed.enabled);
        id == LAST_RESORT || self.router_switches.get(id).copied().unwrap_or(as_it_comes)
    }

    /// Whether requests may go by the router.
    pub fn router_usable(&self, id: &str) -> bool {
        self.knows_router(id) && self.router_enabled(id) && self.custom(id).is_none_or(|router| !router.archived)
    }

    pub fn default_of(&self, setting: Setting) -> OrganizationDefault {
        self.defaults.get(&setting).cloned().unwrap_or_default()
    }

    pub fn usable(&self, setting: Setting, value: &str) -> bool {
        match setting {
            Setting::Router => self.router_usable(value),
            Setting::NamingModel => self.model_enabled(value),
        }
    }

    /// What holds for a setting in a space.
    pub fn effective(&self, setting: Setting, space: &SpaceSetting) -> Effective {
        let default = self.default_of(setting);
        let usable = |value: &str| self.usable(setting, value);
        match setting {
            Setting::Router => effective_router(&default, space.of(setting), usable),
            Setting::NamingModel => effective(&default, space.of(setting), usable, None),
        }
    }

    /// What a gateway enforces in a space; `None` for one that does not exist.
    pub fn policy(&self, space: &SpaceId, at: Timestamp) -> Option<EffectivePolicy> {
        let space = self.spaces.iter().find(|candidate| candidate.space_id == *space)?;
        let router = self.effective(Setting::Router, space);
        let first = router.value.clone().unwrap_or_else(|| LAST_RESORT.to_owned());
        Some(EffectivePolicy {
            space_id: space.space_id.clone(),
            version: self.version,
            at,
            models: self.models.iter().filter(|model| !self.off.contains(&model.id)).map(|model| model.id.clone()).collect(),
            routes: self.routes(first),
            router,
            naming_model: self.effective(Setting::NamingModel, space),
        })
    }

    /// A router and those it falls back to, usable ones only; the last resort ends every way.
    fn routes(&self, first: String) -> Vec<Route> {
        let mut routes: Vec<Route> = Vec::new();
        let mut next = Some(first);
        while let Some(id) = next.take() {
            // A circle cannot be made; if there were one, it would end here.
            if routes.iter().any(|route| route.router == id) {
                break;
            }
            let content = self.custom(&id).map(|router| self.allowed(&router.content));
            if id != LAST_RESORT {
                let named = content.as_ref().and_then(|content| content.fallback.clone());
                next = Some(named.filter(|named| self.router_usable(named)).unwrap_or_else(|| LAST_RESORT.to_owned()));
            }
            routes.push(Route { router: id, content });
        }
        routes
    }

    /// A router's content with only the models that may be used.
    fn allowed(&self, content: &RouterContent) -> RouterContent {
        let models = content.models.iter().filter(|model| self.model_enabled(model)).cloned().collect();
        RouterContent { models, ..content.clone() }
    }

    /// Whether a router with this fallback would come back to itself.
    pub fn circles(&self, router: &str, fallback: Option<&str>) -> bool {
        let mut next = fallback.map(str::to_owned);
        // Longer than there are routers is a circle as well.
        for _ in 0..=self.routers.len() {
            match next {
                None => return false,
                Some(id) if id == router => return true,
                Some(id) => next = self.custom(&id).and_then(|router| router.content.fallback.clone()),
            }
        }
        true
    }

    /// Everything that names one of these models, and what becomes of it without them.
    pub fn dependents_on_models(&self, ids: &HashSet<&str>) -> Vec<Dependent> {
        let left = |id: &str| self.model_enabled(id) && !ids.contains(id);
        let mut found = self.dependents_on_value(Setting::NamingModel, ids, &left, None);
        for router in self.routers.iter().filter(|router| !router.archived) {
            let content = &router.content;
            for model in content.models.iter().filter(|model| ids.contains(model.as_str())) {
                let place = content.models.iter().position(|other| other == model).unwrap_or(0);
                let behind = if content.strategy == Strategy::Failover { place } else { 0 };
                let rest: Vec<&str> = content.models[behind..]
                    .iter()
                    .chain(&content.models[..behind])
                    .map(String::as_str)
                    .filter(|id| left(id))
                    .collect();
                let only = content.strategy == Strategy::Fixed;
                let to = if rest.is_empty() {
                    content.fallback.clone().unwrap_or_else(|| LAST_RESORT.to_owned())
                } else {
                    named(&rest)
                };
                found.push(Dependent {
                    resource: model.clone(),
                    kind: DependentKind::Router,
                    part: if only { DependentPart::OnlyModel } else { DependentPart::Candidate },
                    id: router.id.to_string(),
                    name: content.name.clone(),
                    falls_back_to: Some(self.name_of(to)),
                    breaks: rest.is_empty(),
                });
            }
        }
        found
    }

    /// Everything that names one of these routers, and what becomes of it without them.
    pub fn dependents_on_routers(&self, ids: &HashSet<&str>) -> Vec<Dependent> {
        let left = |id: &str| self.router_usable(id) && !ids.contains(id);
        let mut found = self.dependents_on_value(Setting::Router, ids, &left, Some(LAST_RESORT));
        for router in self.routers.iter().filter(|router| !router.archived) {
            if let Some(fallback) = router.content.fallback.as_deref().filter(|fallback| ids.contains(fallback)) {
                found.push(Dependent {
                    resource: fallback.to_owned(),
                    kind: DependentKind::Router,
                    part: DependentPart::Fallback,
                    id: router.id.to_string(),
                    name: router.content.name.clone(),
                    falls_back_to: Some(LAST_RESORT.to_owned()),
                    breaks: false,
                });
            }
        }
        found
    }

    /// The default and the spaces that say one of these values.
    fn dependents_on_value(
        &self,
        setting: Setting,
        ids: &HashSet<&str>,
        left: &impl Fn(&str) -> bool,
        last_resort: Option<&str>,
    ) -> Vec<Dependent> {
        let part = match setting {
            Setting::Router => DependentPart::Router,
            Setting::NamingModel => DependentPart::NamingModel,
        };
        let mut found = Vec::new();
        let default = self.default_of(setting);
        if let Some(value) = default.value.as_deref().filter(|value| ids.contains(value)) {
            found.push(Dependent {
                resource: value.to_owned(),
                kind: DependentKind::Organization,
                part,
                id: String::new(),
                name: String::new(),
                falls_back_to: last_resort.map(str::to_owned),
                // Everything that inherits answers differently, and nobody there is told.
                breaks: true,
            });
        }
        for space in self.spaces.iter().filter(|space| !space.archived) {
            let Some(value) = space.of(setting).filter(|value| ids.contains(value)) else { continue };
            let then = effective(&default, Some(value), |value| left(value), last_resort).value;
            found.push(Dependent {
                resource: value.to_owned(),
                kind: DependentKind::Space,
                part,
                id: space.space_id.to_string(),
                name: space.name.clone(),
                breaks: then.is_none(),
                falls_back_to: then.map(|then| self.name_of(then)),
            });
        }
        found
    }

    /// How often each resource is named.
    pub fn dependents_of(&self, kind: Kind) -> HashMap<String, u32> {
        let all: HashSet<&str> = match kind {
            Kind::Model => self.models.iter().map(|model| model.id.as_str()).collect(),
            Kind::Router => {
                MANAGED.iter().map(|managed| managed.id).chain(self.routers.iter().map(|router| router.id.as_str())).collect()
            }
        };
        let found = match kind {
            Kind::Model => self.dependents_on_models(&all),
            Kind::Router => self.dependents_on_routers(&all),
        };
        let mut counted = HashMap::new();
        for dependent in found {
            *counted.entry(dependent.resource).or_insert(0) += 1;
        }
        counted
    }
}

/// The first of them by name, and that there are more.
fn named(ids: &[&str]) -> String {
    let more = if ids.len() > LEFT_NAMED { ", …" } else { "" };
    ids.iter().take(LEFT_NAMED).copied().collect::<Vec<_>>().join(", ") + more
}

/// A change of settings: what stands there afterwards, collected, then written in one go together
/// with what stood there before.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub switches: Vec<(Kind, String, bool)>,
    pub routers: Vec<(RouterId, RouterContent)>,
    pub defaults: Vec<(Setting, OrganizationDefault)>,
    pub spaces: Vec<(SpaceId, Setting, Option<String>)>,
    pub new_models: Option<NewModels>,
}

impl Settings {
    fn len(&self) -> usize {
        self.switches.len()
            + self.routers.len()
            + self.defaults.len()
            + self.spaces.len()
            + usize::from(self.new_models.is_some())
    }

    /// What stands now where this change would write.
    fn before(&self, now: &Resources) -> Result<Self> {
        let gone = || Error::from(ProblemType::NotFound);
        let space_of = |id: &SpaceId| now.spaces.iter().find(|space| space.space_id == *id).ok_or_else(gone);
        Ok(Self {
            switches: self
                .switches
                .iter()
                .map(|(kind, id, _)| {
                    let enabled = match kind {
                        Kind::Model => now.model_enabled(id),
                        Kind::Router => now.router_enabled(id),
                    };
                    (*kind, id.clone(), enabled)
                })
                .collect(),
            routers: self
                .routers
                .iter()
                .map(|(id, _)| now.custom(id.as_str()).map(|router| (id.clone(), router.content.clone())).ok_or_else(gone))
                .collect::<Result<_>>()?,
            defaults: self.defaults.iter().map(|(setting, _)| (*setting, now.default_of(*setting))).collect(),
            spaces: self
                .spaces
                .iter()
                .map(|(id, setting, _)| Ok((id.clone(), *setting, space_of(id)?.of(*setting).map(str::to_owned))))
                .collect::<Result<_>>()?,
            new_models: self.new_models.as_ref().map(|_| now.new_models.clone()),
        })
    }

    async fn write(&self, change: &mut store::Connection, organization: &OrganizationId) -> Result<()> {
        for (kind, id, enabled) in &self.switches {
            store::resources::switch(change, organization, *kind, id, *enabled).await?;
        }
        for (id, content) in &self.routers {
            store::resources::update_router(change, organization, id, content, 0).await?;
        }
        for (setting, default) in &self.defaults {
            store::resources::set_default(change, organization, *setting, default).await?;
        }
        for (space, setting, value) in &self.spaces {
            store::resources::set_space(change, organization, space, *setting, value.as_deref()).await?;
        }
        if let Some(rule) = &self.new_models {
            store::resources::set_rule(change, organization, rule).await?;
        }
        Ok(())
    }
}

/// Writes a change and its one audit event, which says what stood there before.
pub(super) async fn apply(
    change: &mut store::Connection,
    caller: &Caller,
    now: &Resources,
    action: &str,
    after: &Settings,
) -> Result<Changed> {
    let before = after.before(now)?;
    if before == *after {
        return Ok(Changed { changes: 0, undo: None });
    }
    after.write(change, &caller.organization).await?;
    let version = store::resources::count_change(change, &caller.organization).await?;
    let detail = json!({ "before": before, "after": after, "version": version });
    let id =
        audit(change, &caller.organization, &caller.actor, action, caller.organization.as_str(), detail, crate::now()).await?;
    Ok(Changed { changes: u32::try_from(after.len()).unwrap_or(u32::MAX), undo: Some(id) })
}

/// Puts back what stood there before a change that the caller has just made.
///
/// # Errors
/// `undo-expired` when it was too long ago, or something else was changed since; `not-found` for a
/// change of somebody else's, or of something that is not undone this way.
pub async fn undo(store: &Store, caller: &Caller, event: &AuditEventId) -> Result<()> {
    let now = crate::now();
    let mut change = store.change().await?;
    lock(&mut change, caller, Permission::ModelsUpdate).await?;
    let found = store::audit::by_actor(&mut change, &caller.organization, &caller.actor.user_id, event).await?;
    let (at, detail) = found.ok_or(ProblemType::NotFound)?;
    let before: Settings = detail
        .get("before")
        .filter(|_| detail.get("version").is_some())
        .and_then(|before| serde_json::from_value(before.clone()).ok())
        .ok_or(ProblemType::NotFound)?;
    let resources = Resources::read(&mut change, &caller.organization).await?;
    if now - at > UNDO_MS || detail["version"].as_i64() != Some(resources.version) {
        return Err(ProblemType::UndoExpired.into());
    }
    apply(&mut change, caller, &resources, "change_undo", &before).await?;
    Ok(change.commit().await?)
}
