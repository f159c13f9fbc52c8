//! Tools: listed, configured, added and deleted.

use super::assistants::together;
use super::organizations::audit;
use super::resources::{Reach, Resources, ready};
use super::{Member as Caller, Repeated, Seen, members::lock};
use crate::App;
use crate::auth::seal::bound_secret;
use crate::error::{Error, Result};
use crate::store;
use crate::store::tools::ToolRow;
use pulze_contract::resource::Audience;
use pulze_contract::tool::{INTEGRATIONS_MAX, Tool, ToolCreate, ToolKind, ToolList, ToolUpdate};
use pulze_contract::validation::Rule;
use pulze_contract::{FieldError, Level, Permission, ProblemType, ResourceKind, ToolId};
use serde_json::json;
use std::collections::HashSet;

const KIND: ResourceKind = ResourceKind::Tool;

/// Those that the caller may see: known ones first, then by name.
///
/// # Errors
/// The database fails.
pub async fn list(app: &App, caller: &Caller) -> Result<ToolList> {
    let mut db = app.store.read().await?;
    let reach = Reach::read(&mut db, caller, caller.role).await?;
    let tools = all(&mut db, caller, &reach).await?;
    Ok(ToolList { total: u32::try_from(tools.len()).unwrap_or(u32::MAX), tools })
}

async fn all(db: &mut store::Connection, caller: &Caller, reach: &Reach) -> Result<Vec<Tool>> {
    let resources = Resources::read(db, &caller.organization).await?;
    let used = store::usage::by_resource(db, &caller.organization, KIND, crate::now()).await?;
    let dependents = resources.dependents_of(KIND);
    let told = caller.may(Permission::UsageRead);
    let one = |row: &ToolRow| {
        let level = resources.level(reach, KIND, &row.id);
        let used = used.get(&row.id).map_or(&[][..], Vec::as_slice);
        let manages = level >= Level::Manage;
        (level > Level::None).then(|| Tool {
            id: row.id.clone(),
            kind: row.kind,
            name: row.name.clone(),
            description: row.description.clone(),
            enabled: resources.switched_on(KIND, &row.id),
            ready: ready(row),
            level,
            audience: Audience::of(KIND, &resources.grants(KIND, &row.id)),
            schema: if manages { row.kind.schema() } else { Vec::new() },
            settings: if manages { row.settings.clone() } else { Default::default() },
            secrets: if manages { row.secrets.clone() } else { Vec::new() },
            tested: row.tested.clone().filter(|_| manages),
            assistants: dependents.get(&row.id).copied().unwrap_or(0),
            usage: told.then(|| together(used)),
            version: row.version,
        })
    };
    Ok(resources.tools.iter().filter_map(one).collect())
}

async fn one(db: &mut store::Connection, caller: &Caller, reach: &Reach, id: &str) -> Result<Tool> {
    all(db, caller, reach).await?.into_iter().find(|tool| tool.id == id).ok_or_else(|| ProblemType::NotFound.into())
}

/// The content as it is kept; plain `http` only where the installation lets tools into private networks.
fn checked(app: &App, before: &ToolRow, body: &ToolUpdate, prefix: &str) -> Result<ToolUpdate> {
    let checked = body.check(before.kind, &before.secrets, &before.settings);
    let mut errors = checked.as_ref().err().cloned().unwrap_or_default();
    let endpoint = body.settings.get("endpoint").is_some_and(|endpoint| endpoint.trim().to_lowercase().starts_with("http://"));
    if endpoint && !app.config.allow_private_endpoints {
        errors.push(("settings.endpoint".to_owned(), Rule::UrlNotHttps));
    }
    match checked {
        Ok(kept) if errors.is_empty() => Ok(kept),
        _ => {
            let field = |(name, rule)| FieldError::new(format!("{prefix}{name}"), rule);
            Err(Error::invalid(errors.into_iter().map(field).collect()))
        }
    }
}

/// Writes settings and secrets. What is sealed is sealed for the origin of the endpoint: a secret that was entered for
/// another one does not open, however the endpoint came to be another.
async fn write(db: &mut store::Connection, app: &App, caller: &Caller, before: ToolRow, kept: &ToolUpdate) -> Result<()> {
    let row =
        ToolRow { name: kept.name.clone(), description: kept.description.clone(), settings: kept.settings.clone(), ..before };
    store::tools::put(db, &caller.organization, &row).await?;
    let origin = row.kind.origin(&row.settings).unwrap_or_default();
    for (name, secret) in &kept.secrets {
        let context = bound_secret(&caller.organization, &row.id, name, &origin);
        let sealed = (!secret.is_empty()).then(|| app.sealer.seal(&context, secret)).transpose()?;
        store::tools::put_secret(db, &caller.organization, &row.id, name, sealed.as_deref()).await?;
    }
    store::resources::count_change(db, &caller.organization).await?;
    Ok(())
}

/// What the audit log learns of a change: never a secret, only which ones were written.
fn detail(kept: &ToolUpdate) -> serde_json::Value {
    let secrets: Vec<&String> = kept.secrets.keys().collect();
    json!({ "name": kept.name, "description": kept.description, "settings": kept.settings, "secrets": secrets })
}

/// Adds an integration; asked again with the same key, the first answer again and `true`.
///
/// # Errors
/// `invalid`, `idempotency-key-reused`.
pub async fn create(app: &App, caller: &Caller, key: &str, body: ToolCreate) -> Result<(Tool, bool)> {
    let now = crate::now();
    let mut change = app.store.change(&caller.organization).await?;
    let asked = json!(["tool", caller.organization, body]);
    let repeated = match Repeated::claim(&mut change, &caller.actor, key, &asked, now).await? {
        Ok(answer) => return Ok((answer, true)),
        Err(repeated) => repeated,
    };
    let role = lock(&mut change, caller, Permission::ToolsUpdate).await?;
    let resources = Resources::read(&mut change, &caller.organization).await?;
    let refused = |field: &str, rule| Err(Error::invalid(vec![FieldError::new(field, rule)]));
    if !ToolKind::INTEGRATIONS.contains(&body.kind) {
        return refused("kind", Rule::Unknown);
    }
    if resources.tools.len() - ToolKind::KNOWN.len() >= INTEGRATIONS_MAX {
        return refused("content.name", Rule::TooMany);
    }
    let id = ToolId::from_digits(&crate::new_digits()).to_string();
    let new = ToolRow {
        id: id.clone(),
        kind: body.kind,
        name: String::new(),
        description: String::new(),
        settings: Default::default(),
        secrets: Vec::new(),
        tested: None,
        version: 0,
    };
    let kept = checked(app, &new, &body.content, "content.")?;
    require_own_name(&resources, None, &kept.name, "content.name")?;
    write(&mut change, app, caller, new, &kept).await?;
    let detail = json!({ "kind": body.kind, "after": detail(&kept) });
    audit(&mut change, &caller.organization, &caller.actor, "tool_create", &id, detail, now).await?;
    let reach = Reach::read(&mut change, caller, role).await?;
    let tool = one(&mut change, caller, &reach, &id).await?;
    repeated.complete(&mut change, &tool).await?;
    change.commit().await?;
    Ok((tool, false))
}

/// Two integrations of one name could not be told apart.
fn require_own_name(resources: &Resources, id: Option<&str>, name: &str, field: &str) -> Result<()> {
    let same = |tool: &&ToolRow| {
        Some(tool.id.as_str()) != id && crate::store::search_text(&tool.name) == crate::store::search_text(name)
    };
    if name.is_empty() || resources.tools.iter().find(same).is_none() {
        return Ok(());
    }
    Err(Error::invalid(vec![FieldError::new(field, Rule::Duplicate)]))
}

/// Changes the settings of a tool, if the caller has seen what stands there now.
///
/// # Errors
/// `not-found`, `forbidden`, `invalid`; `conflict` when somebody saved in between.
pub async fn update(app: &App, caller: &Caller, id: &str, seen: &Seen, body: ToolUpdate) -> Result<Tool> {
    let mut change = app.store.change(&caller.organization).await?;
    let role = lock(&mut change, caller, Permission::ToolsRead).await?;
    let resources = Resources::read(&mut change, &caller.organization).await?;
    let reach = Reach::read(&mut change, caller, role).await?;
    resources.require(&reach, KIND, id, Level::Manage)?;
    let row = resources.tool(id).ok_or(ProblemType::NotFound)?;
    if !seen.allows(row.version) {
        return Err(ProblemType::Conflict.into());
    }
    let kept = checked(app, row, &body, "")?;
    require_own_name(&resources, Some(id), &kept.name, "name")?;
    write(&mut change, app, caller, row.clone(), &kept).await?;
    let before = json!({ "name": row.name, "description": row.description, "settings": row.settings });
    let detail = json!({ "before": before, "after": detail(&kept) });
    audit(&mut change, &caller.organization, &caller.actor, "tool_update", id, detail, crate::now()).await?;
    let tool = one(&mut change, caller, &reach, id).await?;
    change.commit().await?;
    Ok(tool)
}

/// Deletes an integration.
///
/// # Errors
/// `not-found`, also for a known tool, which stays; `forbidden`; `in-use` while an assistant has it.
pub async fn delete(app: &App, caller: &Caller, id: &str) -> Result<()> {
    let mut change = app.store.change(&caller.organization).await?;
    let role = lock(&mut change, caller, Permission::ToolsRead).await?;
    let resources = Resources::read(&mut change, &caller.organization).await?;
    let reach = Reach::read(&mut change, caller, role).await?;
    resources.require(&reach, KIND, id, Level::Admin)?;
    if ToolKind::known(id).is_some() {
        return Err(ProblemType::NotFound.into());
    }
    if !resources.dependents_on(KIND, &HashSet::from([id])).is_empty() {
        return Err(ProblemType::InUse.into());
    }
    let name = resources.name_of(KIND, id);
    store::tools::delete(&mut change, &caller.organization, id).await?;
    store::resources::forget(&mut change, &caller.organization, KIND, id).await?;
    store::resources::count_change(&mut change, &caller.organization).await?;
    let detail = json!({ "name": name });
    audit(&mut change, &caller.organization, &caller.actor, "tool_delete", id, detail, crate::now()).await?;
    change.commit().await
}
