//! What the answers need to know beside the numbers: names, prices, the time zone.

use crate::error::Result;
use crate::store::Connection;
use crate::store::resources::broken;
use pulze_contract::{OrganizationId, Timestamp};
use sqlx::Row;
use std::collections::HashMap;

/// Identifiers of one question.
const CHUNK: usize = 500;

/// Names by identifier, for those of them that are known: a query with one `IN`.
pub async fn names(
    db: &mut Connection,
    organization: &OrganizationId,
    table: &'static str,
    ids: &[&str],
) -> Result<HashMap<String, String>> {
    let mut names = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let places: Vec<String> = (0..chunk.len()).map(|place| format!("${}", place + 2)).collect();
        // People are nobody's: those are told who belong to the organization, and who did when they were reported.
        let of = match table {
            "users" => {
                "(EXISTS (SELECT 1 FROM memberships m WHERE m.organization_id = $1 AND m.user_id = users.id)
                 OR EXISTS (SELECT 1 FROM usage_series s WHERE s.organization_id = $1 AND s.member_id = users.id))"
            }
            _ => "organization_id = $1",
        };
        let what = if table == "api_keys" || table == "assistants" { "content" } else { "name" };
        let sql = format!("SELECT id, {what} AS name FROM {table} WHERE {of} AND id IN ({})", places.join(", "));
        let query = chunk.iter().fold(sqlx::query(&sql).bind(organization.as_str()), |query, id| query.bind(*id));
        for row in query.persistent(false).fetch_all(&mut *db).await? {
            let mut name: String = row.try_get("name")?;
            if what == "content" {
                let content: serde_json::Value = serde_json::from_str(&name).map_err(|_| broken("content of a name"))?;
                name = content["name"].as_str().unwrap_or_default().to_owned();
            }
            names.insert(row.try_get("id")?, name);
        }
    }
    Ok(names)
}

/// Prices of a model in micro-dollars for a million tokens, from when on, oldest first.
pub async fn prices(db: &mut Connection, organization: &OrganizationId, model: &str) -> Result<Vec<(Timestamp, i64, i64)>> {
    let rows = sqlx::query(
        "SELECT since, input_price, output_price FROM catalogue_prices WHERE id = $1
         UNION ALL SELECT 0 AS since, input_price, output_price FROM organization_models WHERE organization_id = $2 AND id = $1
         ORDER BY since",
    )
    .bind(model)
    .bind(organization.as_str())
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| Ok((row.try_get("since")?, row.try_get("input_price")?, row.try_get("output_price")?))).collect()
}

/// The organization's reporting time zone.
pub async fn zone(db: &mut Connection, organization: &OrganizationId) -> Result<String> {
    let sql = "SELECT reporting_time_zone FROM organizations WHERE id = $1";
    let row = sqlx::query(sql).bind(organization.as_str()).fetch_one(db).await?;
    Ok(row.try_get("reporting_time_zone")?)
}
