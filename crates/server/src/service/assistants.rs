//! Assistants: listed, made, changed and deleted.

use super::organizations::audit;
use super::resources::{Reach, Resources};
use super::{Member as Caller, Repeated, Seen, members::lock};
use crate::error::{Error, Result};
use crate::store::assistants::AssistantRow;
use crate::store::usage::ResourceUsage;
use crate::store::{self, Store};
use pulze_contract::assistant::{
    ASSISTANTS_MAX, Assistant, AssistantContent, AssistantList, AssistantSummary, AssistantUpdate, AssistantVisibility, SpaceUse,
};
use pulze_contract::money::Money;
use pulze_contract::resource::RecentUse;
use pulze_contract::validation::Rule;
use pulze_contract::{AssistantId, FieldError, Level, Permission, ProblemType, ResourceKind, SpaceId};
use serde_json::json;
use std::collections::HashSet;

const KIND: ResourceKind = ResourceKind::Assistant;

/// Those that the caller may see, by name.
///
/// # Errors
/// The database fails.
pub async fn list(store: &Store, caller: &Caller) -> Result<AssistantList> {
    let mut db = store.read().await?;
    let resources = Resources::read(&mut db, &caller.organization).await?;
    let reach = Reach::read(&mut db, caller, caller.role).await?;
    let used = store::usage::by_resource(&mut db, &caller.organization, KIND, crate::now()).await?;
    let known: HashSet<&SpaceId> = resources.spaces.iter().map(|space| &space.space_id).collect();
    let told = caller.may(Permission::UsageRead);
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let one = |row: &AssistantRow| {
        let (id, content) = (row.id.as_str(), &row.content);
        let level = resources.level(&reach, KIND, id);
        let usage = told.then(|| together(used.get(id).map_or(&[], Vec::as_slice)));
        let in_spaces =
            |spaces: &Vec<SpaceId>| count(spaces.iter().filter(|space| known.contains(space) && reach.enters(space)).count());
        let sees = |kind, id: &str| resources.level(&reach, kind, id) > Level::None;
        (level > Level::None).then(|| AssistantSummary {
            id: row.id.clone(),
            name: content.name.clone(),
            avatar_url: content.avatar_url.clone(),
            visibility: content.visibility,
            model: content.model.clone().filter(|model| sees(ResourceKind::Model, model)),
            tools: count(content.tools.iter().filter(|tool| sees(ResourceKind::Tool, tool)).count()),
            spaces: content.spaces.as_ref().map(in_spaces),
            owner_id: row.owner_id.clone(),
            owner: row.owner.clone(),
            enabled: resources.switched_on(KIND, id),
            level,
            usage,
        })
    };
    let assistants: Vec<AssistantSummary> = resources.assistants.iter().filter_map(one).collect();
    Ok(AssistantList { total: count(assistants.len()), assistants })
}

/// All spaces together.
pub(super) fn together(used: &[ResourceUsage]) -> RecentUse {
    RecentUse {
        requests: used.iter().map(|usage| usage.requests).sum(),
        // Parts of what an organization's calls come to, which is bounded (`TOTAL_MAX`).
        cost: Money::nano(used.iter().map(|usage| usage.cost.as_nano()).sum()),
        spaces: u32::try_from(used.iter().filter(|usage| !usage.space_id.is_empty()).count()).unwrap_or(u32::MAX),
    }
}

/// One assistant.
///
/// # Errors
/// `not-found`.
pub async fn read(store: &Store, caller: &Caller, id: &AssistantId) -> Result<Assistant> {
    let mut db = store.read().await?;
    let reach = Reach::read(&mut db, caller, caller.role).await?;
    one(&mut db, caller, &reach, id).await
}

async fn one(db: &mut store::Connection, caller: &Caller, reach: &Reach, id: &AssistantId) -> Result<Assistant> {
    let resources = Resources::read(db, &caller.organization).await?;
    resources.require(reach, KIND, id.as_str(), Level::View)?;
    let row = resources.assistant(id.as_str()).ok_or(ProblemType::NotFound)?;
    let mut used = store::usage::by_resource(db, &caller.organization, KIND, crate::now()).await?;
    let used = used.remove(id.as_str()).unwrap_or_default();
    let told = caller.may(Permission::UsageRead);
    let in_space = |usage: &ResourceUsage| {
        let space = resources.spaces.iter().find(|space| space.space_id.as_str() == usage.space_id)?;
        let space_use = || SpaceUse { space_id: space.space_id.clone(), name: space.name.clone(), requests: usage.requests };
        reach.enters(&space.space_id).then(space_use)
    };
    let mut content = row.content.clone();
    content.instructions = store::assistants::instructions(db, &caller.organization, id).await?;
    let level = resources.level(reach, KIND, id.as_str());
    // Who manages it sees what it consists of; others, of that, what they may see by itself.
    if level < Level::Manage {
        let sees = |kind, id: &str| resources.level(reach, kind, id) > Level::None;
        content.model = content.model.filter(|model| sees(ResourceKind::Model, model));
        content.tools.retain(|tool| sees(ResourceKind::Tool, tool));
        content.spaces.iter_mut().for_each(|spaces| spaces.retain(|space| reach.enters(space)));
    }
    Ok(Assistant {
        id: row.id.clone(),
        content,
        owner_id: row.owner_id.clone(),
        owner: row.owner.clone(),
        enabled: resources.switched_on(KIND, id.as_str()),
        level,
        created_at: row.created_at,
        version: row.version,
        usage: told.then(|| together(&used)),
        used_in: used.iter().filter(|_| told).filter_map(in_space).collect(),
    })
}

/// The content as it is kept, if what it names can be used. What it named before may stay: a model
/// that is switched off must not keep a name from being corrected.
fn checked(
    resources: &Resources,
    reach: &Reach,
    before: Option<&AssistantContent>,
    content: &AssistantContent,
    prefix: &str,
) -> Result<AssistantContent> {
    let field = |name: &str, rule| FieldError::new(format!("{prefix}{name}"), rule);
    let checked = content.check();
    let mut errors: Vec<FieldError> =
        checked.as_ref().err().into_iter().flatten().map(|(name, rule)| field(name, *rule)).collect();
    let may_use = |kind, id: &str| resources.level(reach, kind, id) >= Level::Use;
    if let Some(model) = &content.model {
        let kept = before.is_some_and(|before| before.model.as_ref() == Some(model));
        let usable = resources.model_enabled(model) && may_use(ResourceKind::Model, model);
        if !kept && !usable {
            errors.push(field("model", Rule::ModelUnavailable));
        }
    }
    let had_tool = |tool: &String| before.is_some_and(|before| before.tools.contains(tool));
    let usable = |tool: &String| resources.tool_usable(tool) && may_use(ResourceKind::Tool, tool);
    if !content.tools.iter().all(|tool| had_tool(tool) || usable(tool)) {
        errors.push(field("tools", Rule::ToolUnavailable));
    } else if content.tools.iter().collect::<HashSet<_>>().len() != content.tools.len() {
        errors.push(field("tools", Rule::Duplicate));
    }
    let had_space = |space: &SpaceId| before.is_some_and(|before| before.spaces.as_ref().is_some_and(|had| had.contains(space)));
    if content.spaces.iter().flatten().any(|space| !had_space(space) && !reach.enters(space)) {
        errors.push(field("spaces", Rule::SpaceUnknown));
    }
    let kept = checked.ok().filter(|_| errors.is_empty()).ok_or_else(|| Error::invalid(errors))?;
    // What reaches beyond somebody's own spaces is for those who look after all assistants.
    let everywhere = content.spaces.is_none() && before.is_none_or(|before| before.spaces.is_some());
    let public = AssistantVisibility::Public;
    let published = content.visibility == public && before.is_none_or(|before| before.visibility != public);
    if (everywhere || published) && !reach.may(Permission::AssistantsUpdate) {
        return Err(ProblemType::Forbidden.into());
    }
    Ok(kept)
}

/// Makes an assistant; asked again with the same key, the first answer again and `true`.
///
/// # Errors
/// `invalid`, `idempotency-key-reused`.
pub async fn create(store: &Store, caller: &Caller, key: &str, body: AssistantContent) -> Result<(Assistant, bool)> {
    let now = crate::now();
    let mut change = store.change(&caller.organization).await?;
    let asked = json!(["assistant", caller.organization, body]);
    let repeated = match Repeated::claim(&mut change, &caller.actor, key, &asked, now).await? {
        Ok(answer) => return Ok((answer, true)),
        Err(repeated) => repeated,
    };
    let role = lock(&mut change, caller, Permission::AssistantsUpdate).await?;
    let resources = Resources::read(&mut change, &caller.organization).await?;
    let reach = Reach::read(&mut change, caller, role).await?;
    if resources.assistants.len() >= ASSISTANTS_MAX {
        return Err(Error::invalid(vec![FieldError::new("name", Rule::TooMany)]));
    }
    let content = checked(&resources, &reach, None, &body, "")?;
    let id = AssistantId::from_digits(&crate::new_digits());
    store::assistants::insert(&mut change, &caller.organization, &id, &content, &caller.actor.user_id, now).await?;
    store::resources::count_change(&mut change, &caller.organization).await?;
    let detail = json!({ "after": content });
    audit(&mut change, &caller.organization, &caller.actor, "assistant_create", id.as_str(), detail, now).await?;
    let assistant = one(&mut change, caller, &reach, &id).await?;
    repeated.complete(&mut change, &assistant).await?;
    change.commit().await?;
    Ok((assistant, false))
}

/// Changes an assistant, and who owns it, if the caller has seen what stands there now.
///
/// # Errors
/// `not-found`, `forbidden`, `invalid`; `conflict` when somebody saved in between.
pub async fn update(store: &Store, caller: &Caller, id: &AssistantId, seen: &Seen, body: AssistantUpdate) -> Result<Assistant> {
    let mut change = store.change(&caller.organization).await?;
    let role = lock(&mut change, caller, Permission::AssistantsRead).await?;
    let resources = Resources::read(&mut change, &caller.organization).await?;
    let reach = Reach::read(&mut change, caller, role).await?;
    resources.require(&reach, KIND, id.as_str(), Level::Manage)?;
    let row = resources.assistant(id.as_str()).ok_or(ProblemType::NotFound)?;
    if !seen.allows(row.version) {
        return Err(ProblemType::Conflict.into());
    }
    let content = checked(&resources, &reach, Some(&row.content), &body.content, "content.")?;
    let instructions = store::assistants::instructions(&mut change, &caller.organization, id).await?;
    store::assistants::update(&mut change, &caller.organization, id, &content).await?;
    store::assistants::set_instructions(&mut change, &caller.organization, id, &content.instructions).await?;
    if let Some(owner) = body.owner_id.as_ref().filter(|owner| **owner != row.owner_id) {
        resources.require(&reach, KIND, id.as_str(), Level::Admin)?;
        if store::members::standing(&mut change, &caller.organization, owner).await?.is_none() {
            return Err(Error::invalid(vec![FieldError::new("owner_id", Rule::NotAMember)]));
        }
        store::assistants::set_owner(&mut change, &caller.organization, id, owner).await?;
    }
    store::resources::count_change(&mut change, &caller.organization).await?;
    let before = AssistantContent { instructions, ..row.content.clone() };
    let detail = json!({
        "before": { "content": before, "owner_id": row.owner_id },
        "after": { "content": content, "owner_id": body.owner_id.as_ref().unwrap_or(&row.owner_id) },
    });
    audit(&mut change, &caller.organization, &caller.actor, "assistant_update", id.as_str(), detail, crate::now()).await?;
    let assistant = one(&mut change, caller, &reach, id).await?;
    change.commit().await?;
    Ok(assistant)
}

/// Deletes an assistant.
///
/// # Errors
/// `not-found`, `forbidden`.
pub async fn delete(store: &Store, caller: &Caller, id: &AssistantId) -> Result<()> {
    let mut change = store.change(&caller.organization).await?;
    let role = lock(&mut change, caller, Permission::AssistantsRead).await?;
    let resources = Resources::read(&mut change, &caller.organization).await?;
    let reach = Reach::read(&mut change, caller, role).await?;
    resources.require(&reach, KIND, id.as_str(), Level::Admin)?;
    let name = resources.name_of(KIND, id.as_str());
    store::assistants::delete(&mut change, &caller.organization, id).await?;
    store::resources::forget(&mut change, &caller.organization, KIND, id.as_str()).await?;
    store::resources::count_change(&mut change, &caller.organization).await?;
    let detail = json!({ "name": name });
    audit(&mut change, &caller.organization, &caller.actor, "assistant_delete", id.as_str(), detail, crate::now()).await?;
    change.commit().await
}
