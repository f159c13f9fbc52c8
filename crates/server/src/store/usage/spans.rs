//! Spans around calls: what comes in several requests is still known to be one call.

use super::statement::{places, rows_at_once};
use crate::error::Result;
use crate::store::Connection;
use pulze_contract::{OrganizationId, Timestamp};
use sqlx::Row;
use std::collections::HashSet;

/// Identifiers of one question.
const CHUNK: usize = 500;

async fn among(
    db: &mut Connection,
    organization: &OrganizationId,
    table: &'static str,
    ids: &[String],
) -> Result<HashSet<String>> {
    let mut found = HashSet::new();
    for chunk in ids.chunks(CHUNK) {
        let places: Vec<String> = (0..chunk.len()).map(|place| format!("${}", place + 2)).collect();
        let sql = format!("SELECT id FROM {table} WHERE organization_id = $1 AND id IN ({})", places.join(", "));
        let query = chunk.iter().fold(sqlx::query(&sql).bind(organization.as_str()), |query, id| query.bind(id.as_str()));
        for row in query.persistent(false).fetch_all(&mut *db).await? {
            found.insert(row.try_get("id")?);
        }
    }
    Ok(found)
}

/// Which of these spans stand around a call that was counted.
pub async fn around_calls(db: &mut Connection, organization: &OrganizationId, ids: &[String]) -> Result<HashSet<String>> {
    among(db, organization, "usage_span_parents", ids).await
}

/// Which of these were counted as calls.
pub async fn counted_calls(db: &mut Connection, organization: &OrganizationId, ids: &[String]) -> Result<HashSet<String>> {
    among(db, organization, "usage_calls", ids).await
}

/// Notes the spans that stand around calls which are about to be counted.
pub async fn note_around(db: &mut Connection, organization: &OrganizationId, ids: &[String], received: Timestamp) -> Result<()> {
    for chunk in ids.chunks(rows_at_once(3)) {
        let sql = format!(
            "INSERT INTO usage_span_parents (organization_id, id, received_at) VALUES {} ON CONFLICT (organization_id, id) DO NOTHING",
            places(chunk.len(), 3)
        );
        let query =
            chunk.iter().fold(sqlx::query(&sql), |query, id| query.bind(organization.as_str()).bind(id.as_str()).bind(received));
        query.persistent(false).execute(&mut *db).await?;
    }
    Ok(())
}

/// Forgets spans that were noted before a moment, at most so many; how many it were.
pub async fn forget_around(db: &mut Connection, before: Timestamp, most: u32) -> Result<u64> {
    let done = sqlx::query(
        "DELETE FROM usage_span_parents WHERE (organization_id, id) IN
         (SELECT organization_id, id FROM usage_span_parents WHERE received_at < $1 LIMIT $2)",
    )
    .bind(before)
    .bind(i64::from(most))
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
