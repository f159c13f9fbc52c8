//! Tools: integrations, the settings of known ones, and their secrets, which are sealed before they come here.

use super::Connection;
use super::resources::{broken, json, parsed};
use crate::error::Result;
use pulze_contract::tool::{LastTest, ToolKind};
use pulze_contract::{OrganizationId, Timestamp};
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::{BTreeMap, HashMap};

/// A tool as it is kept.
#[derive(Clone, Debug)]
pub struct ToolRow {
    pub id: String,
    pub kind: ToolKind,
    pub name: String,
    pub description: String,
    pub settings: BTreeMap<String, String>,
    /// Names of the secrets that are set.
    pub secrets: Vec<String>,
    pub tested: Option<LastTest>,
    pub version: i64,
}

fn tool(row: &AnyRow) -> Result<ToolRow> {
    let tested_at: Timestamp = row.try_get("tested_at")?;
    let good = row.try_get::<i64, _>("tested_good")? != 0;
    Ok(ToolRow {
        id: row.try_get("id")?,
        kind: ToolKind::parse(&row.try_get::<String, _>("kind")?).ok_or_else(|| broken("kind of a tool"))?,
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        settings: parsed(&row.try_get::<String, _>("settings")?, "settings of a tool")?,
        secrets: Vec::new(),
        tested: (tested_at > 0).then_some(LastTest { at: tested_at, good }),
        version: row.try_get("version")?,
    })
}

/// Those that were configured, by name.
pub async fn all(db: &mut Connection, organization: &OrganizationId) -> Result<Vec<ToolRow>> {
    let rows = sqlx::query(
        "SELECT id, kind, name, description, settings, tested_at, tested_good, version FROM tools
         WHERE organization_id = $1 ORDER BY search, id",
    )
    .bind(organization.as_str())
    .fetch_all(&mut *db)
    .await?;
    let mut tools = rows.iter().map(tool).collect::<Result<Vec<_>>>()?;
    let rows = sqlx::query("SELECT tool_id, name FROM tool_secrets WHERE organization_id = $1 ORDER BY name")
        .bind(organization.as_str())
        .fetch_all(db)
        .await?;
    let mut secrets: HashMap<String, Vec<String>> = HashMap::new();
    for row in &rows {
        secrets.entry(row.try_get("tool_id")?).or_default().push(row.try_get("name")?);
    }
    for tool in &mut tools {
        tool.secrets = secrets.remove(&tool.id).unwrap_or_default();
    }
    Ok(tools)
}

/// Writes name, description and settings; a test of the ones before no longer counts.
pub async fn put(db: &mut Connection, organization: &OrganizationId, tool: &ToolRow) -> Result<()> {
    sqlx::query(
        "INSERT INTO tools (organization_id, id, kind, search, name, description, settings) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (organization_id, id) DO UPDATE SET search = excluded.search, name = excluded.name,
         description = excluded.description, settings = excluded.settings, tested_at = 0, tested_good = 0, version = tools.version + 1",
    )
    .bind(organization.as_str())
    .bind(&tool.id)
    .bind(tool.kind.as_str())
    .bind(super::search_text(&tool.name))
    .bind(&tool.name)
    .bind(&tool.description)
    .bind(json(&tool.settings)?)
    .execute(db)
    .await?;
    Ok(())
}

/// Keeps a sealed secret, or takes it away.
pub async fn put_secret(
    db: &mut Connection,
    organization: &OrganizationId,
    tool: &str,
    name: &str,
    sealed: Option<&str>,
) -> Result<()> {
    let sql = match sealed {
        Some(_) => {
            "INSERT INTO tool_secrets (organization_id, tool_id, name, sealed) VALUES ($1, $2, $3, $4)
             ON CONFLICT (organization_id, tool_id, name) DO UPDATE SET sealed = excluded.sealed"
        }
        None => "DELETE FROM tool_secrets WHERE organization_id = $1 AND tool_id = $2 AND name = $3",
    };
    let query = sqlx::query(sql).bind(organization.as_str()).bind(tool).bind(name);
    let query = if let Some(sealed) = sealed { query.bind(sealed) } else { query };
    query.execute(db).await?;
    Ok(())
}

/// The sealed secrets of a tool, by name.
pub async fn secrets(db: &mut Connection, organization: &OrganizationId, tool: &str) -> Result<Vec<(String, String)>> {
    let rows = sqlx::query("SELECT name, sealed FROM tool_secrets WHERE organization_id = $1 AND tool_id = $2 ORDER BY name")
        .bind(organization.as_str())
        .bind(tool)
        .fetch_all(db)
        .await?;
    rows.iter().map(|row| Ok((row.try_get("name")?, row.try_get("sealed")?))).collect()
}

/// Notes what a test found, unless the settings were changed meanwhile.
pub async fn set_tested(
    db: &mut Connection,
    organization: &OrganizationId,
    tool: &str,
    version: i64,
    tested: LastTest,
) -> Result<()> {
    sqlx::query("UPDATE tools SET tested_at = $4, tested_good = $5 WHERE organization_id = $1 AND id = $2 AND version = $3")
        .bind(organization.as_str())
        .bind(tool)
        .bind(version)
        .bind(tested.at)
        .bind(i64::from(tested.good))
        .execute(db)
        .await?;
    Ok(())
}

pub async fn delete(db: &mut Connection, organization: &OrganizationId, tool: &str) -> Result<()> {
    sqlx::query("DELETE FROM tools WHERE organization_id = $1 AND id = $2")
        .bind(organization.as_str())
        .bind(tool)
        .execute(db)
        .await?;
    Ok(())
}
