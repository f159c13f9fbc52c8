//! Assistants. Their instructions are read only where one is shown: lists and policies have no use for them.

use super::Connection;
use super::resources::{broken, json, parsed};
use crate::error::Result;
use pulze_contract::assistant::AssistantContent;
use pulze_contract::{AssistantId, OrganizationId, Timestamp, UserId};
use sqlx::Row;
use sqlx::any::AnyRow;

/// An assistant as it is kept, without its instructions.
#[derive(Clone, Debug)]
pub struct AssistantRow {
    pub id: AssistantId,
    pub content: AssistantContent,
    pub owner_id: UserId,
    /// Name of the owner; empty for one who left.
    pub owner: String,
    pub created_at: Timestamp,
    pub version: i64,
}

fn assistant(row: &AnyRow) -> Result<AssistantRow> {
    Ok(AssistantRow {
        id: AssistantId::parse(&row.try_get::<String, _>("id")?).ok_or_else(|| broken("id of an assistant"))?,
        content: parsed(&row.try_get::<String, _>("content")?, "an assistant")?,
        owner_id: UserId::parse(&row.try_get::<String, _>("owner_id")?).ok_or_else(|| broken("owner of an assistant"))?,
        owner: row.try_get("owner")?,
        created_at: row.try_get("created_at")?,
        version: row.try_get("version")?,
    })
}

/// All of them, by name.
pub async fn all(db: &mut Connection, organization: &OrganizationId) -> Result<Vec<AssistantRow>> {
    let rows = sqlx::query(
        "SELECT a.id, a.content, a.owner_id, a.created_at, a.version, COALESCE(u.name, '') AS owner FROM assistants a
         LEFT JOIN memberships m ON m.organization_id = a.organization_id AND m.user_id = a.owner_id
         LEFT JOIN users u ON u.id = m.user_id WHERE a.organization_id = $1 ORDER BY a.search, a.id",
    )
    .bind(organization.as_str())
    .fetch_all(db)
    .await?;
    rows.iter().map(assistant).collect()
}

/// The instructions of one; empty for one that does not exist.
pub async fn instructions(db: &mut Connection, organization: &OrganizationId, id: &AssistantId) -> Result<String> {
    let row = sqlx::query("SELECT instructions FROM assistants WHERE organization_id = $1 AND id = $2")
        .bind(organization.as_str())
        .bind(id.as_str())
        .fetch_optional(db)
        .await?;
    Ok(row.map(|row| row.try_get("instructions")).transpose()?.unwrap_or_default())
}

/// The content without its instructions, as JSON.
fn without_instructions(content: &AssistantContent) -> Result<String> {
    json(&AssistantContent { instructions: String::new(), ..content.clone() })
}

pub async fn insert(
    db: &mut Connection,
    organization: &OrganizationId,
    id: &AssistantId,
    content: &AssistantContent,
    owner: &UserId,
    at: Timestamp,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO assistants (organization_id, id, search, content, instructions, owner_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(organization.as_str())
    .bind(id.as_str())
    .bind(super::search_text(&content.name))
    .bind(without_instructions(content)?)
    .bind(&content.instructions)
    .bind(owner.as_str())
    .bind(at)
    .execute(db)
    .await?;
    Ok(())
}

/// Writes everything but the instructions.
pub async fn update(
    db: &mut Connection,
    organization: &OrganizationId,
    id: &AssistantId,
    content: &AssistantContent,
) -> Result<()> {
    sqlx::query("UPDATE assistants SET search = $3, content = $4, version = version + 1 WHERE organization_id = $1 AND id = $2")
        .bind(organization.as_str())
        .bind(id.as_str())
        .bind(super::search_text(&content.name))
        .bind(without_instructions(content)?)
        .execute(db)
        .await?;
    Ok(())
}

pub async fn set_instructions(db: &mut Connection, organization: &OrganizationId, id: &AssistantId, text: &str) -> Result<()> {
    sqlx::query("UPDATE assistants SET instructions = $3 WHERE organization_id = $1 AND id = $2")
        .bind(organization.as_str())
        .bind(id.as_str())
        .bind(text)
        .execute(db)
        .await?;
    Ok(())
}

pub async fn delete(db: &mut Connection, organization: &OrganizationId, id: &AssistantId) -> Result<()> {
    sqlx::query("DELETE FROM assistants WHERE organization_id = $1 AND id = $2")
        .bind(organization.as_str())
        .bind(id.as_str())
        .execute(db)
        .await?;
    Ok(())
}

pub async fn set_owner(db: &mut Connection, organization: &OrganizationId, id: &AssistantId, owner: &UserId) -> Result<()> {
    sqlx::query("UPDATE assistants SET owner_id = $3 WHERE organization_id = $1 AND id = $2")
        .bind(organization.as_str())
        .bind(id.as_str())
        .bind(owner.as_str())
        .execute(db)
        .await?;
    Ok(())
}
