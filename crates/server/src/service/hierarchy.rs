//! What an organization consists of, counted for whoever asks.

use super::organizations::audit;
use super::resources::{Reach, Resources};
use super::spaces::eyes;
use super::{Member as Caller, members::lock, members::require_distinct_up_to};
use crate::error::{Fields, Result};
use crate::store::{self, Store};
use pulze_contract::hierarchy::{COUNTS_MAX, Content, ContentImport, ContentTotal, Hierarchy};
use pulze_contract::router::MANAGED;
use pulze_contract::validation::Rule;
use pulze_contract::{Level, Permission, ProblemType, ResourceKind, SpaceId};
use serde_json::json;
use std::collections::HashSet;

/// Counts what the caller may see: what is in a space that they cannot enter is not among it.
///
/// # Errors
/// The database fails.
pub async fn read(store: &Store, caller: &Caller) -> Result<Hierarchy> {
    let mut db = store.read().await?;
    let eyes = eyes(&caller.actor.user_id, caller.role);
    let mut spaces = store::spaces::list(&mut db, &caller.organization, &eyes).await?;
    spaces.retain(|space| !space.archived);
    let organization = store::organizations::of_member(&mut db, &caller.organization, &caller.actor.user_id).await?;
    let members = organization.ok_or(ProblemType::NotFound)?.summary.members.total();
    let resources = Resources::read(&mut db, &caller.organization).await?;
    let counts = store::content_counts::list(&mut db, &caller.organization).await?;
    let entered: HashSet<&SpaceId> = spaces.iter().map(|space| &space.id).collect();
    let seen: Vec<_> =
        counts.into_iter().filter(|(count, _)| count.space_id.as_ref().is_none_or(|space| entered.contains(space))).collect();
    let total = |content: Content| {
        let of_kind: Vec<u64> =
            seen.iter().filter(|(count, _)| count.content == content).map(|(count, _)| u64::from(count.count)).collect();
        (!of_kind.is_empty()).then(|| ContentTotal { content, count: of_kind.iter().sum() })
    };
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let routers = MANAGED.iter().map(|managed| managed.id).chain(resources.routers.iter().map(|router| router.id.as_str()));
    let reach = Reach::read(&mut db, caller, caller.role).await?;
    let on = |kind, id: &str| resources.switched_on(kind, id) && resources.level(&reach, kind, id) > Level::None;
    let assistants = resources.assistants.iter().filter(|assistant| on(ResourceKind::Assistant, assistant.id.as_str()));
    let tools = resources.tools.iter().filter(|tool| on(ResourceKind::Tool, &tool.id));
    Ok(Hierarchy {
        spaces: count(spaces.len()),
        members,
        grants: spaces.iter().map(|space| space.members).sum(),
        models_enabled: count(resources.models.iter().filter(|model| resources.model_enabled(&model.id)).count()),
        models: count(resources.models.len()),
        routers: count(routers.filter(|id| resources.router_usable(id)).count()),
        assistants: count(assistants.count()),
        tools: count(tools.count()),
        content: Content::ALL.into_iter().filter_map(total).collect(),
        reported_at: seen.iter().map(|(_, at)| *at).max(),
    })
}

/// Takes up counts, all or none.
///
/// # Errors
/// `invalid` for none, too many, the same twice, or a space that does not exist.
pub async fn import(store: &Store, caller: &Caller, body: ContentImport) -> Result<()> {
    require_distinct_up_to(COUNTS_MAX, body.counts.iter().map(|count| (&count.space_id, count.content)))?;
    let now = crate::now();
    let mut change = store.change(&caller.organization).await?;
    lock(&mut change, caller, Permission::OrganizationUpdate).await?;
    let spaces = store::resources::spaces(&mut change, &caller.organization).await?;
    let known: HashSet<&SpaceId> = spaces.iter().map(|space| &space.space_id).collect();
    let mut fields = Fields::default();
    let there = body.counts.iter().filter_map(|count| count.space_id.as_ref()).all(|space| known.contains(space));
    fields.check("counts", if there { Ok(()) } else { Err(Rule::SpaceUnknown) });
    fields.finish()?;
    for count in &body.counts {
        store::content_counts::put(&mut change, &caller.organization, count, now).await?;
    }
    let detail = json!({ "counts": body.counts.len() });
    let subject = caller.organization.as_str();
    audit(&mut change, &caller.organization, &caller.actor, "content_import", subject, detail, now).await?;
    change.commit().await
}
