//! Single calls: kept, read page by page or as points, and forgotten.

use super::series::{SERIES, Series};
use super::statement::{conditions, places, rows_at_once};
use super::sums::Asked;
use crate::error::Result;
use crate::store::Connection;
use pulze_contract::{OrganizationId, Timestamp};
use sqlx::Row;
use sqlx::any::AnyRow;

/// A call as it is kept.
#[derive(Clone, Debug)]
pub struct CallRow {
    pub id: String,
    pub at: Timestamp,
    pub series: i64,
    pub key_version: i64,
    pub prompt_tokens: i64,
    pub completion_tokens: i64,
    /// -1: not said.
    pub latency: i64,
    pub status: i64,
    /// Nano-dollars.
    pub cost: i64,
    pub cost_source: i64,
}

/// Keeps calls; gives the identifiers of those that were not known.
pub async fn insert_calls(
    db: &mut Connection,
    organization: &OrganizationId,
    calls: &[CallRow],
    received: Timestamp,
) -> Result<Vec<String>> {
    let mut new = Vec::with_capacity(calls.len());
    let rows = rows_at_once(12);
    for chunk in calls.chunks(rows) {
        let sql = format!(
            "INSERT INTO usage_calls (organization_id, id, at, series_id, key_version, prompt_tokens, completion_tokens, latency,
             status, cost, cost_source, received_at) VALUES {} ON CONFLICT (organization_id, id) DO NOTHING RETURNING id",
            places(chunk.len(), 12)
        );
        let query = chunk.iter().fold(sqlx::query(&sql), |query, call| {
            let query = query.bind(organization.as_str()).bind(&call.id).bind(call.at).bind(call.series).bind(call.key_version);
            let query = query.bind(call.prompt_tokens).bind(call.completion_tokens).bind(call.latency).bind(call.status);
            query.bind(call.cost).bind(call.cost_source).bind(received)
        });
        // Only whole chunks come again with the same text.
        for row in query.persistent(chunk.len() == rows).fetch_all(&mut *db).await? {
            new.push(row.try_get("id")?);
        }
    }
    Ok(new)
}

/// A call with what it is told apart by.
#[derive(Clone, Debug)]
pub struct ToldCall {
    pub call: CallRow,
    pub series: Series,
}

/// Single calls of a span of milliseconds, newest first, from after one of them on.
pub async fn calls(
    db: &mut Connection,
    asked: &Asked<'_>,
    failed: bool,
    after: Option<&(Timestamp, String)>,
    limit: u32,
) -> Result<Vec<ToldCall>> {
    let (condition, values) = conditions(asked.wanted, 7);
    let failed = if failed { " AND c.status >= 400" } else { "" };
    let sql = format!(
        "SELECT c.id, c.at, c.series_id, c.key_version, c.prompt_tokens, c.completion_tokens, c.latency, c.status, c.cost,
         c.cost_source, {} FROM usage_calls c JOIN usage_series s ON s.organization_id = c.organization_id AND s.id = c.series_id
         WHERE c.organization_id = $1 AND c.at >= $2 AND c.at < $3 AND (c.at < $4 OR (c.at = $4 AND c.id < $5)){failed}{condition}
         ORDER BY c.at DESC, c.id DESC LIMIT $6",
        SERIES.split(", ").map(|column| format!("s.{column}")).collect::<Vec<_>>().join(", ")
    );
    let (at, id) = after.map_or((i64::MAX, ""), |(at, id)| (*at, id.as_str()));
    let query = sqlx::query(&sql).bind(asked.organization.as_str()).bind(asked.span.0).bind(asked.span.1).bind(at).bind(id);
    let query = values.into_iter().fold(query.bind(i64::from(limit)), |query, value| query.bind(value));
    let rows = query.persistent(false).fetch_all(db).await?;
    let told = |row: &AnyRow| {
        let call = CallRow {
            id: row.try_get("id")?,
            at: row.try_get("at")?,
            series: row.try_get("series_id")?,
            key_version: row.try_get("key_version")?,
            prompt_tokens: row.try_get("prompt_tokens")?,
            completion_tokens: row.try_get("completion_tokens")?,
            latency: row.try_get("latency")?,
            status: row.try_get("status")?,
            cost: row.try_get("cost")?,
            cost_source: row.try_get("cost_source")?,
        };
        Ok(ToldCall { call, series: Series::of(row)? })
    };
    rows.iter().map(told).collect()
}

/// The newest single calls as columns, newest first: time, latency, tokens and status.
pub async fn call_points(
    db: &mut Connection,
    asked: &Asked<'_>,
    failed: bool,
    limit: u32,
) -> Result<Vec<(Timestamp, i64, i64, i64)>> {
    let (condition, values) = conditions(asked.wanted, 5);
    let failed = if failed { " AND c.status >= 400" } else { "" };
    let sql = format!(
        "SELECT c.at, c.latency, c.prompt_tokens + c.completion_tokens AS tokens, c.status
         FROM usage_calls c JOIN usage_series s ON s.organization_id = c.organization_id AND s.id = c.series_id
         WHERE c.organization_id = $1 AND c.at >= $2 AND c.at < $3{failed}{condition}
         ORDER BY c.at DESC, c.id DESC LIMIT $4"
    );
    let query = sqlx::query(&sql).bind(asked.organization.as_str()).bind(asked.span.0).bind(asked.span.1).bind(i64::from(limit));
    let rows = values.into_iter().fold(query, |query, value| query.bind(value)).persistent(false).fetch_all(db).await?;
    let point = |row: &AnyRow| Ok((row.try_get("at")?, row.try_get("latency")?, row.try_get("tokens")?, row.try_get("status")?));
    rows.iter().map(point).collect()
}

/// Forgets single calls that were received before a moment, at most so many; how many it were.
pub async fn forget_calls(db: &mut Connection, before: Timestamp, most: u32) -> Result<u64> {
    let done = sqlx::query(
        "DELETE FROM usage_calls WHERE (organization_id, id) IN
         (SELECT organization_id, id FROM usage_calls WHERE received_at < $1 LIMIT $2)",
    )
    .bind(before)
    .bind(i64::from(most))
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
