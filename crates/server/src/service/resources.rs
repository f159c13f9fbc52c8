//! What an organization's models, routers, assistants, tools and defaults are together: who may do
//! what with them, and what holds in a space in the end. Read once, then plain functions over it.

use super::Member as Caller;
use super::spaces::eyes;
use crate::error::Result;
use crate::store;
use crate::store::assistants::AssistantRow;
use crate::store::resources::RouterRow;
use crate::store::tools::ToolRow;
use pulze_contract::assistant::AssistantVisibility;
use pulze_contract::model::{ModelFacts, NewModels};
use pulze_contract::policy::{
    Effective, EffectivePolicy, OrganizationDefault, Route, Setting, SpaceSetting, effective, effective_router,
};
use pulze_contract::resource::{Grant, Reached, Subject, UseLimit, reached, use_limit};
use pulze_contract::router::{LAST_RESORT, MANAGED, RouterContent};
use pulze_contract::tool::{FieldKind, ToolKind};
use pulze_contract::{Level, OrganizationId, Permission, ProblemType, ResourceKind, Role, SpaceId, Timestamp, UserId};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// What the organization decided about its resources, at one moment.
pub struct Resources {
    pub models: Vec<ModelFacts>,
    switches: HashMap<(ResourceKind, String), bool>,
    grants: HashMap<(ResourceKind, String), Vec<Grant>>,
    pub routers: Vec<RouterRow>,
    /// By name.
    pub assistants: Vec<AssistantRow>,
    /// Known ones first, then by name.
    pub tools: Vec<ToolRow>,
    defaults: HashMap<Setting, OrganizationDefault>,
    pub new_models: NewModels,
    pub spaces: Vec<SpaceSetting>,
    pub version: i64,
}

/// How far somebody reaches: what levels are counted from.
pub struct Reach {
    user: UserId,
    role: Role,
    /// Spaces that they can enter.
    spaces: HashSet<SpaceId>,
}

impl Reach {
    /// # Errors
    /// The database fails.
    pub async fn read(db: &mut store::Connection, caller: &Caller, role: Role) -> Result<Self> {
        let eyes = eyes(&caller.actor.user_id, role);
        let entered = store::spaces::list(db, &caller.organization, &eyes).await?;
        let spaces = entered.into_iter().map(|space| space.id).collect();
        Ok(Self { user: caller.actor.user_id.clone(), role, spaces })
    }

    pub fn may(&self, permission: Permission) -> bool {
        self.role.grants(permission)
    }

    pub fn enters(&self, space: &SpaceId) -> bool {
        self.spaces.contains(space)
    }
}

impl Resources {
    /// # Errors
    /// The database fails.
    pub async fn read(db: &mut store::Connection, organization: &OrganizationId) -> Result<Self> {
        let (new_models, version) = store::resources::rule_and_version(db, organization).await?;
        let mut models = store::models::all(db, organization).await?;
        // By bytes, whatever the database takes for an order: they are found by halving.
        models.sort_by(|one, other| one.id.cmp(&other.id));
        let mut configured = store::tools::all(db, organization).await?;
        let mut tools = Vec::new();
        for kind in ToolKind::KNOWN {
            let place = configured.iter().position(|tool| tool.id == kind.as_str());
            tools.push(place.map_or_else(|| untouched(kind), |place| configured.remove(place)));
        }
        tools.append(&mut configured);
        Ok(Self {
            models,
            switches: store::resources::switches(db, organization).await?,
            grants: store::resources::grants(db, organization).await?,
            routers: store::resources::routers(db, organization).await?,
            assistants: store::assistants::all(db, organization).await?,
            tools,
            defaults: store::resources::defaults(db, organization).await?,
            new_models,
            spaces: store::resources::spaces(db, organization).await?,
            version,
        })
    }

    fn knows_model(&self, id: &str) -> bool {
        self.models.binary_search_by(|model| model.id.as_str().cmp(id)).is_ok()
    }

    pub fn custom(&self, id: &str) -> Option<&RouterRow> {
        self.routers.iter().find(|router| router.id.as_str() == id)
    }

    pub fn assistant(&self, id: &str) -> Option<&AssistantRow> {
        self.assistants.iter().find(|assistant| assistant.id.as_str() == id)
    }

    pub fn tool(&self, id: &str) -> Option<&ToolRow> {
        self.tools.iter().find(|tool| tool.id == id)
    }

    /// Whether there is such a resource.
    pub fn knows(&self, kind: ResourceKind, id: &str) -> bool {
        match kind {
            ResourceKind::Model => self.knows_model(id),
            ResourceKind::Router => MANAGED.iter().any(|managed| managed.id == id) || self.custom(id).is_some(),
            ResourceKind::Assistant => self.assistant(id).is_some(),
            ResourceKind::Tool => self.tool(id).is_some(),
        }
    }

    /// Whether a resource that exists is switched on.
    pub fn switched_on(&self, kind: ResourceKind, id: &str) -> bool {
        let as_it_comes = match kind {
            ResourceKind::Model | ResourceKind::Assistant => true,
            ResourceKind::Router if id == LAST_RESORT => return true,
            ResourceKind::Router => MANAGED.iter().find(|managed| managed.id == id).is_none_or(|managed| managed.enabled),
            ResourceKind::Tool => self.tool(id).is_some_and(|tool| tool.kind.enabled_at_first()),
        };
        self.switches.get(&(kind, id.to_owned())).copied().unwrap_or(as_it_comes)
    }

    pub fn model_enabled(&self, id: &str) -> bool {
        self.knows_model(id) && self.switched_on(ResourceKind::Model, id)
    }

    /// Whether requests may go by the router.
    pub fn router_usable(&self, id: &str) -> bool {
        self.knows(ResourceKind::Router, id)
            && self.switched_on(ResourceKind::Router, id)
            && self.custom(id).is_none_or(|router| !router.archived)
    }

    /// Whether the tool is on, and everything that it needs is set.
    pub fn tool_usable(&self, id: &str) -> bool {
        self.switched_on(ResourceKind::Tool, id) && self.tool(id).is_some_and(ready)
    }

    /// The name of a resource: for models and managed routers their identifier.
    pub fn name_of(&self, kind: ResourceKind, id: &str) -> String {
        let name = match kind {
            ResourceKind::Model => None,
            ResourceKind::Router => self.custom(id).map(|router| &router.content.name),
            ResourceKind::Assistant => self.assistant(id).map(|assistant| &assistant.content.name),
            ResourceKind::Tool => self.tool(id).map(|tool| &tool.name).filter(|name| !name.is_empty()),
        };
        name.map_or(id, String::as_str).to_owned()
    }

    /// What was said about a resource.
    pub fn said(&self, kind: ResourceKind, id: &str) -> &[Grant] {
        self.grants.get(&(kind, id.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// What holds for a resource: what was said about it, and for an assistant what its owner and its
    /// visibility bring along.
    pub fn grants(&self, kind: ResourceKind, id: &str) -> Vec<Grant> {
        let mut grants = self.said(kind, id).to_vec();
        if kind != ResourceKind::Assistant {
            return grants;
        }
        let Some(assistant) = self.assistant(id) else { return grants };
        if assistant.content.visibility == AssistantVisibility::Private {
            grants.retain(|grant| !matches!(grant.subject, Subject::Role(_)));
            let none = |role| Grant { subject: Subject::Role(role), level: Level::None };
            grants.extend([none(Role::Viewer), none(Role::Editor)]);
        }
        grants.push(Grant { subject: Subject::Member(assistant.owner_id.clone()), level: Level::Admin });
        grants
    }

    /// What somebody may do with a resource, and where that comes from.
    pub fn reached(&self, reach: &Reach, kind: ResourceKind, id: &str) -> Reached {
        reached(kind, &reach.user, reach.role, |space| reach.enters(space), &self.grants(kind, id))
    }

    pub fn level(&self, reach: &Reach, kind: ResourceKind, id: &str) -> Level {
        self.reached(reach, kind, id).level
    }

    /// Makes sure of a level on a resource.
    ///
    /// # Errors
    /// `not-found` for one that does not exist or may not be seen; `forbidden` below the level.
    pub fn require(&self, reach: &Reach, kind: ResourceKind, id: &str, least: Level) -> Result<()> {
        match self.knows(kind, id).then(|| self.level(reach, kind, id)) {
            None | Some(Level::None) => Err(ProblemType::NotFound.into()),
            Some(level) if level < least => Err(ProblemType::Forbidden.into()),
            Some(_) => Ok(()),
        }
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
        let models = self.models.iter().map(|model| &model.id).filter(|id| self.switched_on(ResourceKind::Model, id));
        let assistants = self.assistants.iter().filter(|assistant| {
            assistant.content.is_in(&space.space_id) && self.switched_on(ResourceKind::Assistant, assistant.id.as_str())
        });
        let tools = self.tools.iter().map(|tool| &tool.id).filter(|id| self.tool_usable(id));
        Some(EffectivePolicy {
            space_id: space.space_id.clone(),
            version: self.version,
            at,
            models: models.cloned().collect(),
            tools: tools.cloned().collect(),
            assistants: assistants.map(|assistant| assistant.id.clone()).collect(),
            limits: self.limits(&space.space_id),
            routes: self.routes(first),
            router,
            naming_model: self.effective(Setting::NamingModel, space),
        })
    }

    /// What of the usable resources is not for everybody who works in the space.
    fn limits(&self, space: &SpaceId) -> Vec<UseLimit> {
        // Only what something was said about, and private assistants, can have a limit.
        let private = self.assistants.iter().filter(|assistant| assistant.content.visibility == AssistantVisibility::Private);
        let private = private.map(|assistant| (ResourceKind::Assistant, assistant.id.to_string()));
        let limited: BTreeSet<(ResourceKind, String)> = self.grants.keys().cloned().chain(private).collect();
        let usable = |kind, id: &str| match kind {
            ResourceKind::Model => self.model_enabled(id),
            ResourceKind::Router => self.router_usable(id),
            ResourceKind::Tool => self.tool_usable(id),
            ResourceKind::Assistant => {
                self.switched_on(kind, id) && self.assistant(id).is_some_and(|assistant| assistant.content.is_in(space))
            }
        };
        let limited = limited.into_iter().filter(|(kind, id)| usable(*kind, id));
        limited.filter_map(|(kind, id)| use_limit(kind, &id, space, &self.grants(kind, &id))).collect()
    }

    /// The policy as somebody may know it who does not look after the space: without what they may
    /// not see, and without the names of others.
    pub fn seen_by(&self, reach: &Reach, mut policy: EffectivePolicy) -> EffectivePolicy {
        let sees = |kind, id: &str| self.level(reach, kind, id) > Level::None;
        policy.models.retain(|id| sees(ResourceKind::Model, id));
        policy.tools.retain(|id| sees(ResourceKind::Tool, id));
        policy.assistants.retain(|id| sees(ResourceKind::Assistant, id.as_str()));
        policy.limits.retain(|limit| sees(limit.kind, &limit.id));
        for route in &mut policy.routes {
            route.content = route.content.take().filter(|_| sees(ResourceKind::Router, &route.router));
            route.content.iter_mut().for_each(|content| self.show(reach, content));
        }
        for limit in &mut policy.limits {
            limit.members.retain(|user| *user == reach.user);
        }
        policy
    }

    /// Leaves of a router's content what somebody may see who does not manage it.
    pub fn show(&self, reach: &Reach, content: &mut RouterContent) {
        let sees = |kind, id: &str| self.level(reach, kind, id) > Level::None;
        content.models.retain(|model| sees(ResourceKind::Model, model));
        content.fallback = content.fallback.take().filter(|router| sees(ResourceKind::Router, router));
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
}

/// A known tool that nobody has configured.
fn untouched(kind: ToolKind) -> ToolRow {
    ToolRow {
        id: kind.as_str().to_owned(),
        kind,
        name: String::new(),
        description: String::new(),
        settings: BTreeMap::new(),
        secrets: Vec::new(),
        tested: None,
        version: 0,
    }
}

/// Whether everything is set that the tool needs.
pub fn ready(tool: &ToolRow) -> bool {
    let is_set = |field: &pulze_contract::tool::SettingField| match field.kind {
        FieldKind::Secret => tool.secrets.contains(&field.name),
        _ => field.default.is_some() || tool.settings.get(&field.name).is_some_and(|value| !value.is_empty()),
    };
    tool.kind.schema().iter().filter(|field| field.required).all(is_set)
}
