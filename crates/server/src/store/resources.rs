//! Switches, grants, routers, defaults and what spaces say: the settings that make the effective policy.

use super::Connection;
use crate::error::{Error, Result};
use pulze_contract::model::NewModels;
use pulze_contract::policy::{OrganizationDefault, Setting, SpaceSetting};
use pulze_contract::resource::{Grant, Subject};
use pulze_contract::router::RouterContent;
use pulze_contract::{Level, OrganizationId, ResourceKind, Role, RouterId, SpaceId, Timestamp, UserId};
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::HashMap;

/// A custom router as it is kept.
#[derive(Clone, Debug)]
pub struct RouterRow {
    pub id: RouterId,
    pub content: RouterContent,
    /// Name of who made it.
    pub created_by: String,
    pub created_at: Timestamp,
    pub archived: bool,
    pub version: i64,
}

pub(super) fn broken(what: &str) -> Error {
    Error::Internal(format!("{what} holds an unknown value"))
}

pub(super) fn parsed<T: DeserializeOwned>(text: &str, what: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|_| broken(what))
}

pub(super) fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Internal(error.to_string()))
}

/// What the organization decided to switch, by kind and identifier.
pub async fn switches(db: &mut Connection, organization: &OrganizationId) -> Result<HashMap<(ResourceKind, String), bool>> {
    let rows = sqlx::query("SELECT kind, id, enabled FROM resource_switches WHERE organization_id = $1")
        .bind(organization.as_str())
        .fetch_all(db)
        .await?;
    rows.iter().map(|row| Ok((resource(row)?, row.try_get::<i64, _>("enabled")? != 0))).collect()
}

/// Kind and identifier of a row.
fn resource(row: &AnyRow) -> Result<(ResourceKind, String)> {
    let kind = ResourceKind::parse(&row.try_get::<String, _>("kind")?).ok_or_else(|| broken("kind of a resource"))?;
    Ok((kind, row.try_get("id")?))
}

/// What was said about resources, by kind and identifier.
pub async fn grants(db: &mut Connection, organization: &OrganizationId) -> Result<HashMap<(ResourceKind, String), Vec<Grant>>> {
    let rows = sqlx::query(
        "SELECT kind, id, subject_kind, subject_id, level FROM resource_grants WHERE organization_id = $1
         ORDER BY kind, id, subject_kind, subject_id",
    )
    .bind(organization.as_str())
    .fetch_all(db)
    .await?;
    let mut grants: HashMap<_, Vec<Grant>> = HashMap::new();
    for row in &rows {
        let (kind, id): (String, String) = (row.try_get("subject_kind")?, row.try_get("subject_id")?);
        let subject = match kind.as_str() {
            "role" => Role::parse(&id).map(Subject::Role),
            "space" => SpaceId::parse(&id).map(Subject::Space),
            _ => UserId::parse(&id).map(Subject::Member),
        };
        let level = Level::parse(&row.try_get::<String, _>("level")?);
        let (Some(subject), Some(level)) = (subject, level) else { return Err(broken("a grant")) };
        grants.entry(resource(row)?).or_default().push(Grant { subject, level });
    }
    Ok(grants)
}

/// Says these things about a resource, in place of everything that was said.
pub async fn set_grants(
    db: &mut Connection,
    organization: &OrganizationId,
    kind: ResourceKind,
    id: &str,
    grants: &[Grant],
) -> Result<()> {
    sqlx::query("DELETE FROM resource_grants WHERE organization_id = $1 AND kind = $2 AND id = $3")
        .bind(organization.as_str())
        .bind(kind.as_str())
        .bind(id)
        .execute(&mut *db)
        .await?;
    for grant in grants {
        let (subject_kind, subject_id) = match &grant.subject {
            Subject::Role(role) => ("role", role.as_str()),
            Subject::Space(space) => ("space", space.as_str()),
            Subject::Member(user) => ("member", user.as_str()),
        };
        sqlx::query(
            "INSERT INTO resource_grants (organization_id, kind, id, subject_kind, subject_id, level) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(organization.as_str())
        .bind(kind.as_str())
        .bind(id)
        .bind(subject_kind)
        .bind(subject_id)
        .bind(grant.level.as_str())
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

/// Takes away everything that was given to a space or a member that goes.
pub(super) async fn forget_subject(db: &mut Connection, organization: &OrganizationId, kind: &str, id: &str) -> Result<()> {
    sqlx::query("DELETE FROM resource_grants WHERE organization_id = $1 AND subject_kind = $2 AND subject_id = $3")
        .bind(organization.as_str())
        .bind(kind)
        .bind(id)
        .execute(db)
        .await?;
    Ok(())
}

pub async fn switch(
    db: &mut Connection,
    organization: &OrganizationId,
    kind: ResourceKind,
    id: &str,
    enabled: bool,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO resource_switches (organization_id, kind, id, enabled) VALUES ($1, $2, $3, $4)
         ON CONFLICT (organization_id, kind, id) DO UPDATE SET enabled = excluded.enabled",
    )
    .bind(organization.as_str())
    .bind(kind.as_str())
    .bind(id)
    .bind(i64::from(enabled))
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets what was decided for a resource that is gone.
pub async fn forget(db: &mut Connection, organization: &OrganizationId, kind: ResourceKind, id: &str) -> Result<()> {
    set_grants(db, organization, kind, id, &[]).await?;
    sqlx::query("DELETE FROM resource_switches WHERE organization_id = $1 AND kind = $2 AND id = $3")
        .bind(organization.as_str())
        .bind(kind.as_str())
        .bind(id)
        .execute(db)
        .await?;
    Ok(())
}

fn router(row: &AnyRow) -> Result<RouterRow> {
    Ok(RouterRow {
        id: RouterId::parse(&row.try_get::<String, _>("id")?).ok_or_else(|| broken("id of a router"))?,
        content: parsed(&row.try_get::<String, _>("content")?, "a router")?,
        created_by: row.try_get("name")?,
        created_at: row.try_get("created_at")?,
        archived: row.try_get::<i64, _>("archived_at")? > 0,
        version: row.try_get("version")?,
    })
}

/// The custom routers, by name.
pub async fn routers(db: &mut Connection, organization: &OrganizationId) -> Result<Vec<RouterRow>> {
    let rows = sqlx::query(
        "SELECT r.id, r.content, r.created_at, r.archived_at, r.version, COALESCE(u.name, '') AS name
         FROM routers r LEFT JOIN users u ON u.id = r.created_by WHERE r.organization_id = $1 ORDER BY r.search, r.id",
    )
    .bind(organization.as_str())
    .fetch_all(db)
    .await?;
    rows.iter().map(router).collect()
}

pub async fn insert_router(
    db: &mut Connection,
    organization: &OrganizationId,
    id: &RouterId,
    content: &RouterContent,
    by: &pulze_contract::UserId,
    at: Timestamp,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO routers (organization_id, id, search, content, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(organization.as_str())
    .bind(id.as_str())
    .bind(super::search_text(&content.name))
    .bind(json(content)?)
    .bind(by.as_str())
    .bind(at)
    .execute(db)
    .await?;
    Ok(())
}

pub async fn update_router(
    db: &mut Connection,
    organization: &OrganizationId,
    id: &RouterId,
    content: &RouterContent,
    archived_at: Timestamp,
) -> Result<()> {
    sqlx::query(
        "UPDATE routers SET search = $3, content = $4, archived_at = $5, version = version + 1 WHERE organization_id = $1 AND id = $2",
    )
    .bind(organization.as_str())
    .bind(id.as_str())
    .bind(super::search_text(&content.name))
    .bind(json(content)?)
    .bind(archived_at)
    .execute(db)
    .await?;
    Ok(())
}

/// The defaults that are set.
pub async fn defaults(db: &mut Connection, organization: &OrganizationId) -> Result<HashMap<Setting, OrganizationDefault>> {
    let rows = sqlx::query("SELECT setting, value, locked FROM organization_defaults WHERE organization_id = $1")
        .bind(organization.as_str())
        .fetch_all(db)
        .await?;
    let default = |row: &AnyRow| {
        let setting = Setting::parse(&row.try_get::<String, _>("setting")?).ok_or_else(|| broken("a default"))?;
        let value = Some(row.try_get::<String, _>("value")?).filter(|value| !value.is_empty());
        Ok((setting, OrganizationDefault { value, locked: row.try_get::<i64, _>("locked")? != 0 }))
    };
    rows.iter().map(default).collect()
}

pub async fn set_default(
    db: &mut Connection,
    organization: &OrganizationId,
    setting: Setting,
    default: &OrganizationDefault,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO organization_defaults (organization_id, setting, value, locked) VALUES ($1, $2, $3, $4)
         ON CONFLICT (organization_id, setting) DO UPDATE SET value = excluded.value, locked = excluded.locked",
    )
    .bind(organization.as_str())
    .bind(setting.as_str())
    .bind(default.value.as_deref().unwrap_or_default())
    .bind(i64::from(default.locked))
    .execute(db)
    .await?;
    Ok(())
}

/// Every space and what it says, by name.
pub async fn spaces(db: &mut Connection, organization: &OrganizationId) -> Result<Vec<SpaceSetting>> {
    let rows = sqlx::query(
        "SELECT s.id, s.name, s.archived_at, COALESCE(r.value, '') AS router, COALESCE(n.value, '') AS naming_model FROM spaces s
         LEFT JOIN space_settings r ON r.organization_id = s.organization_id AND r.space_id = s.id AND r.setting = 'router'
         LEFT JOIN space_settings n ON n.organization_id = s.organization_id AND n.space_id = s.id AND n.setting = 'naming_model'
         WHERE s.organization_id = $1 ORDER BY s.search, s.id",
    )
    .bind(organization.as_str())
    .fetch_all(db)
    .await?;
    let space = |row: &AnyRow| {
        let said = |column: &str| row.try_get::<String, _>(column).map(|value| Some(value).filter(|value| !value.is_empty()));
        Ok(SpaceSetting {
            space_id: SpaceId::parse(&row.try_get::<String, _>("id")?).ok_or_else(|| broken("id of a space"))?,
            name: row.try_get("name")?,
            archived: row.try_get::<i64, _>("archived_at")? > 0,
            router: said("router")?,
            naming_model: said("naming_model")?,
        })
    };
    rows.iter().map(space).collect()
}

/// Lets a space say something about a setting, or nothing.
pub async fn set_space(
    db: &mut Connection,
    organization: &OrganizationId,
    space: &SpaceId,
    setting: Setting,
    value: Option<&str>,
) -> Result<()> {
    let sql = match value {
        Some(_) => {
            "INSERT INTO space_settings (organization_id, space_id, setting, value) VALUES ($1, $2, $3, $4)
             ON CONFLICT (organization_id, space_id, setting) DO UPDATE SET value = excluded.value"
        }
        None => "DELETE FROM space_settings WHERE organization_id = $1 AND space_id = $2 AND setting = $3",
    };
    let query = sqlx::query(sql).bind(organization.as_str()).bind(space.as_str()).bind(setting.as_str());
    let query = if let Some(value) = value { query.bind(value) } else { query };
    query.execute(db).await?;
    Ok(())
}

/// The rule for models that are new, and the count of changes.
pub async fn rule_and_version(db: &mut Connection, organization: &OrganizationId) -> Result<(NewModels, i64)> {
    let row = sqlx::query("SELECT new_models, resources_version FROM organizations WHERE id = $1")
        .bind(organization.as_str())
        .fetch_one(db)
        .await?;
    let rule = match row.try_get::<String, _>("new_models")?.as_str() {
        "" => NewModels::default(),
        text => parsed(text, "the rule for new models")?,
    };
    Ok((rule, row.try_get("resources_version")?))
}

pub async fn set_rule(db: &mut Connection, organization: &OrganizationId, rule: &NewModels) -> Result<()> {
    sqlx::query("UPDATE organizations SET new_models = $2 WHERE id = $1")
        .bind(organization.as_str())
        .bind(json(rule)?)
        .execute(db)
        .await?;
    Ok(())
}

/// Every organization whose rule for new models is not the default one.
pub async fn rules(db: &mut Connection) -> Result<Vec<(OrganizationId, NewModels)>> {
    let rows = sqlx::query("SELECT id, new_models FROM organizations WHERE new_models <> ''").fetch_all(db).await?;
    let rule = |row: &AnyRow| {
        let id = OrganizationId::parse(&row.try_get::<String, _>("id")?).ok_or_else(|| broken("id of an organization"))?;
        Ok((id, parsed(&row.try_get::<String, _>("new_models")?, "the rule for new models")?))
    };
    rows.iter().map(rule).collect()
}

/// Counts a change of models, routers, defaults or settings; returns the new count.
pub async fn count_change(db: &mut Connection, organization: &OrganizationId) -> Result<i64> {
    let row = sqlx::query(
        "UPDATE organizations SET resources_version = resources_version + 1 WHERE id = $1 RETURNING resources_version",
    )
    .bind(organization.as_str())
    .fetch_one(db)
    .await?;
    Ok(row.try_get("resources_version")?)
}
