//! What is counted beside the sums: what keys cost by month, and calls of tools by day.

use crate::error::Result;
use crate::store::Connection;
use pulze_contract::OrganizationId;
use pulze_contract::money::Money;
use sqlx::Row;
use std::collections::HashMap;

/// Adds to what keys cost by month, in nano-dollars.
pub async fn add_key_months(
    db: &mut Connection,
    organization: &OrganizationId,
    costs: &HashMap<(String, i64), i64>,
) -> Result<()> {
    for ((key, month), cost) in costs {
        sqlx::query(
            "INSERT INTO usage_key_months (organization_id, key_id, month, cost) VALUES ($1, $2, $3, $4)
             ON CONFLICT (organization_id, key_id, month) DO UPDATE SET cost = usage_key_months.cost + excluded.cost",
        )
        .bind(organization.as_str())
        .bind(key)
        .bind(*month)
        .bind(*cost)
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

/// What a key cost in a month.
pub async fn key_month(db: &mut Connection, organization: &OrganizationId, key: &str, month: i64) -> Result<Money> {
    let row = sqlx::query("SELECT cost FROM usage_key_months WHERE organization_id = $1 AND key_id = $2 AND month = $3")
        .bind(organization.as_str())
        .bind(key)
        .bind(month)
        .fetch_optional(db)
        .await?;
    Ok(row.map(|row| row.try_get("cost").map(Money::nano)).transpose()?.unwrap_or_default())
}

/// What keys cost by day, in nano-dollars.
pub async fn key_days(db: &mut Connection, organization: &OrganizationId) -> Result<Vec<(String, i64, i64)>> {
    let rows = sqlx::query(
        "SELECT s.key_id, d.day, CAST(SUM(d.cost) AS BIGINT) AS cost FROM usage_days d
         JOIN usage_series s ON s.organization_id = d.organization_id AND s.id = d.series_id
         WHERE d.organization_id = $1 AND s.key_id <> '' GROUP BY s.key_id, d.day",
    )
    .bind(organization.as_str())
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| Ok((row.try_get("key_id")?, row.try_get("day")?, row.try_get("cost")?))).collect()
}

/// Counts calls that used a tool.
pub async fn add_tool(
    db: &mut Connection,
    organization: &OrganizationId,
    day: i64,
    (tool, space): (&str, &str),
    calls: i64,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO usage_tool_days (organization_id, day, tool_id, space_id, calls) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (organization_id, day, tool_id, space_id) DO UPDATE SET calls = usage_tool_days.calls + excluded.calls",
    )
    .bind(organization.as_str())
    .bind(day)
    .bind(tool)
    .bind(space)
    .bind(calls)
    .execute(db)
    .await?;
    Ok(())
}
