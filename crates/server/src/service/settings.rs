//! A change of what the organization decided: one transaction, one audit event that says what stood
//! there before, and the way back.

use super::organizations::audit;
use super::resources::{Reach, Resources};
use super::{Member as Caller, members::lock};
use crate::error::{Error, Result};
use crate::store::{self, Store};
use pulze_contract::assistant::AssistantContent;
use pulze_contract::availability::Changed;
use pulze_contract::model::NewModels;
use pulze_contract::policy::{OrganizationDefault, Setting};
use pulze_contract::resource::Grant;
use pulze_contract::router::RouterContent;
use pulze_contract::{
    AssistantId, AuditEventId, Level, OrganizationId, Permission, ProblemType, ResourceKind, RouterId, SpaceId,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// How long after a change it can be undone: the app offers it for ten seconds, the rest is the way there.
const UNDO_MS: i64 = 60_000;

/// A change of settings: what stands there afterwards, collected, then written in one go together
/// with what stood there before.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub switches: Vec<(ResourceKind, String, bool)>,
    /// Everything that is said about a resource.
    pub grants: Vec<(ResourceKind, String, Vec<Grant>)>,
    /// Contents without their instructions, which stay.
    pub assistants: Vec<(AssistantId, AssistantContent)>,
    pub routers: Vec<(RouterId, RouterContent)>,
    pub defaults: Vec<(Setting, OrganizationDefault)>,
    pub spaces: Vec<(SpaceId, Setting, Option<String>)>,
    pub new_models: Option<NewModels>,
}

impl Settings {
    fn len(&self) -> usize {
        self.switches.len()
            + self.grants.len()
            + self.assistants.len()
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
            switches: self.switches.iter().map(|(kind, id, _)| (*kind, id.clone(), now.switched_on(*kind, id))).collect(),
            grants: self.grants.iter().map(|(kind, id, _)| (*kind, id.clone(), now.said(*kind, id).to_vec())).collect(),
            assistants: self
                .assistants
                .iter()
                .map(|(id, _)| now.assistant(id.as_str()).map(|row| (id.clone(), row.content.clone())).ok_or_else(gone))
                .collect::<Result<_>>()?,
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

    /// Whether somebody may make such a change: whoever may set the defaults any, others only what
    /// they look after.
    fn may_be_made(&self, by: &Reach, now: &Resources) -> bool {
        let reaches = |kind, id: &str, least| now.level(by, kind, id) >= least;
        by.may(Permission::RoutersSetDefault)
            || (self.routers.is_empty() && self.defaults.is_empty() && self.spaces.is_empty() && self.new_models.is_none())
                && self.switches.iter().all(|(kind, id, _)| reaches(*kind, id, Level::Manage))
                && self.grants.iter().all(|(kind, id, _)| reaches(*kind, id, Level::Admin))
                && self.assistants.iter().all(|(id, _)| reaches(ResourceKind::Assistant, id.as_str(), Level::Manage))
    }

    async fn write(&self, change: &mut store::Connection, organization: &OrganizationId) -> Result<()> {
        for (kind, id, enabled) in &self.switches {
            store::resources::switch(change, organization, *kind, id, *enabled).await?;
        }
        for (kind, id, grants) in &self.grants {
            store::resources::set_grants(change, organization, *kind, id, grants).await?;
        }
        for (id, content) in &self.assistants {
            store::assistants::update(change, organization, id, content).await?;
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
    let mut change = store.change(&caller.organization).await?;
    let role = lock(&mut change, caller, Permission::ModelsRead).await?;
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
    if !before.may_be_made(&Reach::read(&mut change, caller, role).await?, &resources) {
        return Err(ProblemType::Forbidden.into());
    }
    apply(&mut change, caller, &resources, "change_undo", &before).await?;
    change.commit().await
}
