//! What was used, read from the rows of each day.

use super::Connection;
use crate::error::Result;
use pulze_contract::router::{ModelShare, Performance};
use pulze_contract::{OrganizationId, ResourceKind, SpaceId, Timestamp};
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::HashMap;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;
/// Models named in a router's performance.
const SHARES: usize = 10;
/// Upper bounds, in milliseconds, of the groups that latencies are counted in.
pub const LATENCY_BOUNDS: [i64; 14] = [100, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 7500, 10_000, 20_000, 60_000];

/// The day (UTC, counted from 1970-01-01) of a moment.
pub fn day(at: Timestamp) -> i64 {
    at.div_euclid(DAY_MS)
}

/// The first of the last `days` days, today being the last.
fn since(now: Timestamp, days: i64) -> i64 {
    day(now) - days + 1
}

fn count(row: &AnyRow, column: &str) -> Result<u64> {
    Ok(u64::try_from(row.try_get::<i64, _>(column)?).unwrap_or(0))
}

/// What a model did.
#[derive(Clone, Copy, Debug, Default)]
pub struct ModelUsage {
    pub requests: u64,
    /// Micro-dollars.
    pub cost: i64,
    pub spaces: u32,
}

/// What each model did in the last 30 days.
pub async fn by_model(db: &mut Connection, organization: &OrganizationId, now: Timestamp) -> Result<HashMap<String, ModelUsage>> {
    let rows = sqlx::query(
        "SELECT model, CAST(SUM(requests) AS BIGINT) AS requests, CAST(SUM(cost) AS BIGINT) AS cost, COUNT(DISTINCT space_id) AS spaces
         FROM usage_days WHERE organization_id = $1 AND day >= $2 GROUP BY model",
    )
    .bind(organization.as_str())
    .bind(since(now, 30))
    .fetch_all(db)
    .await?;
    let usage = |row: &AnyRow| {
        let spaces = u32::try_from(row.try_get::<i64, _>("spaces")?).unwrap_or(u32::MAX);
        Ok((row.try_get("model")?, ModelUsage { requests: count(row, "requests")?, cost: row.try_get("cost")?, spaces }))
    };
    rows.iter().map(usage).collect()
}

/// Requests of the last seven days, by resource and space.
pub async fn of_the_week(
    db: &mut Connection,
    organization: &OrganizationId,
    kind: ResourceKind,
    now: Timestamp,
) -> Result<Vec<(String, String, u64)>> {
    let sql = match kind {
        ResourceKind::Model => {
            "SELECT model AS resource, space_id, CAST(SUM(requests) AS BIGINT) AS requests FROM usage_days
             WHERE organization_id = $1 AND day >= $2 GROUP BY model, space_id"
        }
        ResourceKind::Router => {
            "SELECT router AS resource, space_id, CAST(SUM(requests) AS BIGINT) AS requests FROM usage_days
             WHERE organization_id = $1 AND day >= $2 GROUP BY router, space_id"
        }
        ResourceKind::Assistant | ResourceKind::Tool => {
            "SELECT id AS resource, space_id, CAST(SUM(requests) AS BIGINT) AS requests FROM resource_days
             WHERE organization_id = $1 AND day >= $2 AND kind = $3 GROUP BY id, space_id"
        }
    };
    let query = sqlx::query(sql).bind(organization.as_str()).bind(since(now, 7));
    let query = if sql.contains("$3") { query.bind(kind.as_str()) } else { query };
    let rows = query.fetch_all(db).await?;
    rows.iter().map(|row| Ok((row.try_get("resource")?, row.try_get("space_id")?, count(row, "requests")?))).collect()
}

/// What an assistant or a tool did in a space.
#[derive(Clone, Debug)]
pub struct ResourceUsage {
    pub space_id: String,
    pub requests: u64,
    /// Micro-dollars.
    pub cost: i64,
}

/// What assistants or tools did in the last 30 days, by identifier, most asked space first.
pub async fn by_resource(
    db: &mut Connection,
    organization: &OrganizationId,
    kind: ResourceKind,
    now: Timestamp,
) -> Result<HashMap<String, Vec<ResourceUsage>>> {
    let rows = sqlx::query(
        "SELECT id, space_id, CAST(SUM(requests) AS BIGINT) AS requests, CAST(SUM(cost) AS BIGINT) AS cost FROM resource_days
         WHERE organization_id = $1 AND day >= $2 AND kind = $3 GROUP BY id, space_id ORDER BY 3 DESC, space_id",
    )
    .bind(organization.as_str())
    .bind(since(now, 30))
    .bind(kind.as_str())
    .fetch_all(db)
    .await?;
    let mut used: HashMap<String, Vec<ResourceUsage>> = HashMap::new();
    for row in &rows {
        let usage =
            ResourceUsage { space_id: row.try_get("space_id")?, requests: count(row, "requests")?, cost: row.try_get("cost")? };
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
    let mut routers: HashMap<String, Performance> = HashMap::new();
    let rows = sqlx::query(
        "SELECT router, model, CAST(SUM(requests) AS BIGINT) AS requests, CAST(SUM(failures) AS BIGINT) AS failures,
         CAST(SUM(cost) AS BIGINT) AS cost FROM usage_days WHERE organization_id = $1 AND day >= $2 AND router <> ''
         GROUP BY router, model ORDER BY 3 DESC, model",
    )
    .bind(organization.as_str())
    .bind(since(now, 30))
    .fetch_all(&mut *db)
    .await?;
    for row in &rows {
        let requests = count(row, "requests")?;
        let performance = routers.entry(row.try_get("router")?).or_default();
        performance.requests += requests;
        performance.failures += count(row, "failures")?;
        performance.cost += row.try_get::<i64, _>("cost")?;
        if performance.models.len() < SHARES {
            performance.models.push(ModelShare { model: row.try_get("model")?, requests });
        }
    }
    let rows = sqlx::query(
        "SELECT router, bound, CAST(SUM(requests) AS BIGINT) AS requests FROM latency_days
         WHERE organization_id = $1 AND day >= $2 GROUP BY router, bound ORDER BY router, bound",
    )
    .bind(organization.as_str())
    .bind(since(now, 30))
    .fetch_all(db)
    .await?;
    let mut latencies: HashMap<String, Vec<(i64, u64)>> = HashMap::new();
    for row in &rows {
        latencies.entry(row.try_get("router")?).or_default().push((row.try_get("bound")?, count(row, "requests")?));
    }
    for (router, counted) in latencies {
        let performance = routers.entry(router).or_default();
        performance.latency_p50 = percentile(&counted, 50);
        performance.latency_p95 = percentile(&counted, 95);
    }
    Ok(routers)
}

/// The time that so many of 100 requests took at most, from counts by upper bound in rising order:
/// within a group the requests are taken to lie evenly (the way of Prometheus's `histogram_quantile`).
fn percentile(counted: &[(i64, u64)], percent: u64) -> Option<u32> {
    let total: u64 = counted.iter().map(|(_, requests)| requests).sum();
    let wanted = (total * percent).div_ceil(100);
    let mut before = 0;
    for (bound, requests) in counted {
        if wanted > 0 && before + requests >= wanted {
            let lower = LATENCY_BOUNDS.iter().rev().find(|lower| *lower < bound).copied().unwrap_or(0);
            let within = i64::try_from(wanted - before).ok()? * (bound - lower) / i64::try_from(*requests).ok()?;
            return u32::try_from(lower + within).ok();
        }
        before += requests;
    }
    None
}

/// One row of a day.
pub struct UsageDay<'a> {
    pub day: i64,
    pub space: &'a SpaceId,
    pub model: &'a str,
    pub router: &'a str,
    pub requests: i64,
    pub failures: i64,
    pub cost: i64,
}

pub async fn add(db: &mut Connection, organization: &OrganizationId, usage: &UsageDay<'_>) -> Result<()> {
    sqlx::query(
        "INSERT INTO usage_days (organization_id, day, space_id, model, router, requests, failures, cost) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (organization_id, day, space_id, model, router) DO UPDATE SET requests = usage_days.requests + excluded.requests,
         failures = usage_days.failures + excluded.failures, cost = usage_days.cost + excluded.cost",
    )
    .bind(organization.as_str())
    .bind(usage.day)
    .bind(usage.space.as_str())
    .bind(usage.model)
    .bind(usage.router)
    .bind(usage.requests)
    .bind(usage.failures)
    .bind(usage.cost)
    .execute(db)
    .await?;
    Ok(())
}

/// Counts requests of an assistant or a tool.
pub async fn add_resource(
    db: &mut Connection,
    organization: &OrganizationId,
    kind: ResourceKind,
    id: &str,
    (day, space): (i64, &SpaceId),
    (requests, cost): (i64, i64),
) -> Result<()> {
    sqlx::query(
        "INSERT INTO resource_days (organization_id, day, kind, id, space_id, requests, cost) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (organization_id, day, kind, id, space_id) DO UPDATE SET requests = resource_days.requests + excluded.requests,
         cost = resource_days.cost + excluded.cost",
    )
    .bind(organization.as_str())
    .bind(day)
    .bind(kind.as_str())
    .bind(id)
    .bind(space.as_str())
    .bind(requests)
    .bind(cost)
    .execute(db)
    .await?;
    Ok(())
}

/// Counts requests that took as long.
pub async fn add_latency(
    db: &mut Connection,
    organization: &OrganizationId,
    day: i64,
    router: &str,
    bound: i64,
    requests: i64,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO latency_days (organization_id, day, router, bound, requests) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (organization_id, day, router, bound) DO UPDATE SET requests = latency_days.requests + excluded.requests",
    )
    .bind(organization.as_str())
    .bind(day)
    .bind(router)
    .bind(bound)
    .bind(requests)
    .execute(db)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_by_example() {
        assert_eq!(percentile(&[], 50), None);
        assert_eq!(percentile(&[(100, 10)], 50), Some(50));
        assert_eq!(percentile(&[(100, 50), (200, 50)], 50), Some(100));
        assert_eq!(percentile(&[(100, 50), (200, 50)], 95), Some(190));
        assert_eq!(percentile(&[(100, 1), (1000, 99)], 50), Some(750 + 250 * 49 / 99));
    }
}
