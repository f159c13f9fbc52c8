//! How much there is of what other parts of the platform own.

use super::Connection;
use crate::error::{Error, Result};
use pulze_contract::hierarchy::{Content, ContentCount};
use pulze_contract::{OrganizationId, SpaceId, Timestamp};
use sqlx::Row;
use sqlx::any::AnyRow;

/// Every count, and when each was reported.
pub async fn list(db: &mut Connection, organization: &OrganizationId) -> Result<Vec<(ContentCount, Timestamp)>> {
    let rows = sqlx::query("SELECT space_id, content, count, reported_at FROM content_counts WHERE organization_id = $1")
        .bind(organization.as_str())
        .fetch_all(db)
        .await?;
    let broken = || Error::Internal("a count is of an unknown kind".to_owned());
    let count = |row: &AnyRow| {
        let content = Content::parse(&row.try_get::<String, _>("content")?).ok_or_else(broken)?;
        let count = u32::try_from(row.try_get::<i64, _>("count")?).unwrap_or(u32::MAX);
        let space_id = SpaceId::parse(&row.try_get::<String, _>("space_id")?);
        Ok((ContentCount { space_id, content, count }, row.try_get("reported_at")?))
    };
    rows.iter().map(count).collect()
}

/// Keeps a count in place of the one before.
pub async fn put(db: &mut Connection, organization: &OrganizationId, count: &ContentCount, at: Timestamp) -> Result<()> {
    sqlx::query(
        "INSERT INTO content_counts (organization_id, space_id, content, count, reported_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (organization_id, space_id, content) DO UPDATE SET count = excluded.count, reported_at = excluded.reported_at",
    )
    .bind(organization.as_str())
    .bind(count.space_id.as_ref().map(SpaceId::as_str).unwrap_or_default())
    .bind(count.content.as_str())
    .bind(i64::from(count.count))
    .bind(at)
    .execute(db)
    .await?;
    Ok(())
}
