//! From when to when calls were reported, and what all of them ever came to.

use crate::error::Result;
use crate::store::Connection;
use crate::usage::sums::Sums;
use pulze_contract::{OrganizationId, Timestamp};
use sqlx::Row;

/// Notes the first and the newest call of some, and what they come to.
pub async fn extend(
    db: &mut Connection,
    organization: &OrganizationId,
    (first, newest): (Timestamp, Timestamp),
    added: &Sums,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO usage_extent (organization_id, first_at, newest_at, prompt_tokens, completion_tokens, cost)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (organization_id) DO UPDATE SET
         first_at = CASE WHEN excluded.first_at < usage_extent.first_at THEN excluded.first_at ELSE usage_extent.first_at END,
         newest_at = CASE WHEN excluded.newest_at > usage_extent.newest_at THEN excluded.newest_at ELSE usage_extent.newest_at END,
         prompt_tokens = usage_extent.prompt_tokens + excluded.prompt_tokens,
         completion_tokens = usage_extent.completion_tokens + excluded.completion_tokens,
         cost = usage_extent.cost + excluded.cost",
    )
    .bind(organization.as_str())
    .bind(first)
    .bind(newest)
    .bind(added.prompt_tokens)
    .bind(added.completion_tokens)
    .bind(added.cost)
    .execute(db)
    .await?;
    Ok(())
}

/// The first and the newest call that was reported.
pub async fn extent(db: &mut Connection, organization: &OrganizationId) -> Result<Option<(Timestamp, Timestamp)>> {
    let row = sqlx::query("SELECT first_at, newest_at FROM usage_extent WHERE organization_id = $1")
        .bind(organization.as_str())
        .fetch_optional(db)
        .await?;
    row.map(|row| Ok((row.try_get("first_at")?, row.try_get("newest_at")?))).transpose()
}

/// Tokens in, tokens out and nano-dollars of all calls that were ever reported.
pub async fn totals(db: &mut Connection, organization: &OrganizationId) -> Result<[i64; 3]> {
    let row = sqlx::query("SELECT prompt_tokens, completion_tokens, cost FROM usage_extent WHERE organization_id = $1")
        .bind(organization.as_str())
        .fetch_optional(db)
        .await?;
    let Some(row) = row else { return Ok([0; 3]) };
    Ok([row.try_get("prompt_tokens")?, row.try_get("completion_tokens")?, row.try_get("cost")?])
}
