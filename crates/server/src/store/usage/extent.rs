//! From when to when calls were reported.

use crate::error::Result;
use crate::store::Connection;
use pulze_contract::{OrganizationId, Timestamp};
use sqlx::Row;

/// Notes the first and the newest call.
pub async fn extend(db: &mut Connection, organization: &OrganizationId, first: Timestamp, newest: Timestamp) -> Result<()> {
    sqlx::query(
        "INSERT INTO usage_extent (organization_id, first_at, newest_at) VALUES ($1, $2, $3)
         ON CONFLICT (organization_id) DO UPDATE SET
         first_at = CASE WHEN excluded.first_at < usage_extent.first_at THEN excluded.first_at ELSE usage_extent.first_at END,
         newest_at = CASE WHEN excluded.newest_at > usage_extent.newest_at THEN excluded.newest_at ELSE usage_extent.newest_at END",
    )
    .bind(organization.as_str())
    .bind(first)
    .bind(newest)
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
