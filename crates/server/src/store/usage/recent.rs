//! What the pages of models, routers, assistants, tools and keys tell of the last days.

use super::sums::{day, selected, sums};
use crate::error::Result;
use crate::store::Connection;
use crate::usage::sums::Sums;
use pulze_contract::money::Money;
use pulze_contract::resource::RecentUse;
use pulze_contract::router::{ModelShare, Performance};
use pulze_contract::usage::percentile;
use pulze_contract::{OrganizationId, ResourceKind, Timestamp};
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::HashMap;

/// Models named in a router's performance.
const SHARES: usize = 10;

fn count(row: &AnyRow, column: &str) -> Result<u64> {
    Ok(u64::try_from(row.try_get::<i64, _>(column)?).unwrap_or(0))
}

/// The first of the last `days` days, today being the last. Local days begin at most a day apart from those of UTC.
fn since(now: Timestamp, days: i64) -> i64 {
    day(now) - days + 1
}

const JOINED: &str = "usage_days d JOIN usage_series s ON s.organization_id = d.organization_id AND s.id = d.series_id
    WHERE d.organization_id = $1 AND d.day >= $2";

/// What each model did in the last 30 days.
pub async fn by_model(db: &mut Connection, organization: &OrganizationId, now: Timestamp) -> Result<HashMap<String, RecentUse>> {
    let sql = format!(
        "SELECT s.model, CAST(SUM(d.calls) AS BIGINT) AS requests, CAST(SUM(d.cost) AS BIGINT) AS cost,
         COUNT(DISTINCT s.space_id) AS spaces FROM {JOINED} GROUP BY s.model"
    );
    let rows = sqlx::query(&sql).bind(organization.as_str()).bind(since(now, 30)).fetch_all(db).await?;
    let usage = |row: &AnyRow| {
        let spaces = u32::try_from(row.try_get::<i64, _>("spaces")?).unwrap_or(u32::MAX);
        Ok((
            row.try_get("model")?,
            RecentUse { requests: count(row, "requests")?, cost: Money::nano(row.try_get("cost")?), spaces },
        ))
    };
    rows.iter().map(usage).collect()
}

/// Calls of the last seven days, by resource and space.
pub async fn of_the_week(
    db: &mut Connection,
    organization: &OrganizationId,
    kind: ResourceKind,
    now: Timestamp,
) -> Result<Vec<(String, String, u64)>> {
    let joined = |column: &str| {
        format!(
            "SELECT s.{column} AS resource, s.space_id, CAST(SUM(d.calls) AS BIGINT) AS requests FROM {JOINED}
             AND s.{column} <> '' GROUP BY s.{column}, s.space_id"
        )
    };
    let sql = match kind {
        ResourceKind::Model => joined("model"),
        ResourceKind::Router => joined("router"),
        ResourceKind::Assistant => joined("assistant_id"),
        ResourceKind::Tool => "SELECT tool_id AS resource, space_id, CAST(SUM(calls) AS BIGINT) AS requests FROM usage_tool_days
             WHERE organization_id = $1 AND day >= $2 GROUP BY tool_id, space_id"
            .to_owned(),
    };
    let rows = sqlx::query(&sql).bind(organization.as_str()).bind(since(now, 7)).fetch_all(db).await?;
    rows.iter().map(|row| Ok((row.try_get("resource")?, row.try_get("space_id")?, count(row, "requests")?))).collect()
}

/// What an assistant or a tool did in a space.
#[derive(Clone, Debug)]
pub struct ResourceUsage {
    pub space_id: String,
    pub requests: u64,
    /// Zero for tools, whose calls are paid elsewhere.
    pub cost: Money,
}

/// What assistants or tools did in the last 30 days, by identifier, most asked space first.
pub async fn by_resource(
    db: &mut Connection,
    organization: &OrganizationId,
    kind: ResourceKind,
    now: Timestamp,
) -> Result<HashMap<String, Vec<ResourceUsage>>> {
    let sql = if kind == ResourceKind::Tool {
        "SELECT tool_id AS id, space_id, CAST(SUM(calls) AS BIGINT) AS requests, CAST(0 AS BIGINT) AS cost FROM usage_tool_days
         WHERE organization_id = $1 AND day >= $2 GROUP BY tool_id, space_id ORDER BY 3 DESC, space_id"
            .to_owned()
    } else {
        format!(
            "SELECT s.assistant_id AS id, s.space_id, CAST(SUM(d.calls) AS BIGINT) AS requests, CAST(SUM(d.cost) AS BIGINT) AS cost
             FROM {JOINED} AND s.assistant_id <> '' GROUP BY s.assistant_id, s.space_id ORDER BY 3 DESC, s.space_id"
        )
    };
    let rows = sqlx::query(&sql).bind(organization.as_str()).bind(since(now, 30)).fetch_all(db).await?;
    let mut used: HashMap<String, Vec<ResourceUsage>> = HashMap::new();
    for row in &rows {
        let usage = ResourceUsage {
            space_id: row.try_get("space_id")?,
            requests: count(row, "requests")?,
            cost: Money::nano(row.try_get("cost")?),
        };
        used.entry(row.try_get("id")?).or_default().push(usage);
    }
    Ok(used)
}

/// How each router did in the last 30 days.
pub async fn by_router(
    db: &mut Connection,
    organization: &OrganizationId,
    now: Timestamp,
) -> Result<HashMap<String, Performance>> {
    let sql = format!("SELECT s.router, s.model, {} FROM {JOINED} AND s.router <> '' GROUP BY s.router, s.model", selected());
    let rows = sqlx::query(&sql).bind(organization.as_str()).bind(since(now, 30)).fetch_all(db).await?;
    let mut routers: HashMap<String, (Performance, Sums)> = HashMap::new();
    for row in &rows {
        let one = sums(row)?;
        let (performance, all) = routers.entry(row.try_get("router")?).or_default();
        *all += one;
        performance.models.push(ModelShare { model: row.try_get("model")?, requests: u64::try_from(one.calls).unwrap_or(0) });
    }
    let done = |(router, (mut performance, all)): (String, (Performance, Sums))| {
        let all = all.whole()?;
        performance.models.sort_by(|one, other| other.requests.cmp(&one.requests).then_with(|| one.model.cmp(&other.model)));
        performance.models.truncate(SHARES);
        performance.requests = u64::try_from(all.calls).unwrap_or(0);
        performance.failures = u64::try_from(all.errors).unwrap_or(0);
        performance.cost = Money::nano(all.cost);
        let latency = |percent| percentile(&all.latencies, percent).and_then(|latency| u32::try_from(latency).ok());
        (performance.latency_p50, performance.latency_p95) = (latency(50), latency(95));
        Ok((router, performance))
    };
    routers.into_iter().map(done).collect()
}

/// What a key asked of models since a moment, the dearest first: model, calls, tokens, cost.
pub async fn models_of_key(
    db: &mut Connection,
    organization: &OrganizationId,
    key: &str,
    since: Timestamp,
) -> Result<Vec<(String, Sums)>> {
    let sql = format!(
        "SELECT s.model, {} FROM usage_quarters d JOIN usage_series s ON s.organization_id = d.organization_id AND s.id = d.series_id
         WHERE d.organization_id = $1 AND d.quarter >= $2 AND s.key_id = $3 GROUP BY s.model ORDER BY SUM(d.cost) DESC, s.model",
        selected()
    );
    let quarter = since.div_euclid(crate::usage::zone::QUARTER_MS);
    let rows = sqlx::query(&sql).bind(organization.as_str()).bind(quarter).bind(key).fetch_all(db).await?;
    rows.iter().map(|row| Ok((row.try_get("model")?, sums(row)?.whole()?))).collect()
}
