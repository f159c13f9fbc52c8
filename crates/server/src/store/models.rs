//! Models: the catalogue, and the ones that organizations added.

use super::Connection;
use crate::error::{Error, Result};
use pulze_contract::OrganizationId;
use pulze_contract::model::{ModelFacts, OWN_PREFIX};
use sqlx::Row;
use sqlx::any::AnyRow;

const COLUMNS: &str = "context_window, max_output_tokens, input_price, output_price, vision, functions, json_schema";
/// Rows of one statement: SQLite takes 32,766 parameters.
const CHUNK: usize = 200;

fn facts(row: &AnyRow) -> Result<ModelFacts> {
    let tokens = |column: &str| row.try_get::<i64, _>(column).map(|count| u32::try_from(count).ok().filter(|count| *count > 0));
    let flag = |column: &str| row.try_get::<i64, _>(column).map(|flag| flag != 0);
    Ok(ModelFacts {
        id: row.try_get("id")?,
        provider: row.try_get("provider")?,
        context_window: tokens("context_window")?,
        max_output_tokens: tokens("max_output_tokens")?,
        input_price: row.try_get("input_price")?,
        output_price: row.try_get("output_price")?,
        vision: flag("vision")?,
        functions: flag("functions")?,
        json_schema: flag("json_schema")?,
        deprecated_on: Some(row.try_get("deprecated_on")?).filter(|at| *at > 0),
    })
}

/// The catalogue, by identifier.
pub async fn catalogue(db: &mut Connection) -> Result<Vec<ModelFacts>> {
    let sql = format!("SELECT id, provider, {COLUMNS}, deprecated_on FROM catalogue_models ORDER BY id");
    sqlx::query(&sql).fetch_all(db).await?.iter().map(facts).collect()
}

/// The catalogue and the models of an organization's own, by identifier.
pub async fn all(db: &mut Connection, organization: &OrganizationId) -> Result<Vec<ModelFacts>> {
    let sql = format!(
        "SELECT id, provider, {COLUMNS}, deprecated_on FROM catalogue_models
         UNION ALL SELECT id, 'own' AS provider, {COLUMNS}, 0 AS deprecated_on FROM organization_models WHERE organization_id = $1
         ORDER BY id"
    );
    sqlx::query(&sql).bind(organization.as_str()).fetch_all(db).await?.iter().map(facts).collect()
}

/// The identifiers of the catalogue and of the models of an organization's own.
pub async fn ids(db: &mut Connection, organization: &OrganizationId) -> Result<std::collections::HashSet<String>> {
    let sql = "SELECT id FROM catalogue_models UNION ALL SELECT id FROM organization_models WHERE organization_id = $1";
    let rows = sqlx::query(sql).bind(organization.as_str()).fetch_all(db).await?;
    rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
}

/// Puts models into the catalogue, in place of what stands there under their identifiers.
pub async fn put_catalogue(db: &mut Connection, models: &[ModelFacts]) -> Result<()> {
    for chunk in models.chunks(CHUNK) {
        let row = |place: usize| {
            let places: Vec<String> = (1..=10).map(|column| format!("${}", place * 10 + column)).collect();
            format!("({})", places.join(", "))
        };
        let rows: Vec<String> = (0..chunk.len()).map(row).collect();
        let sql = format!(
            "INSERT INTO catalogue_models (id, provider, {COLUMNS}, deprecated_on) VALUES {}
             ON CONFLICT (id) DO UPDATE SET provider = excluded.provider, context_window = excluded.context_window,
             max_output_tokens = excluded.max_output_tokens, input_price = excluded.input_price, output_price = excluded.output_price,
             vision = excluded.vision, functions = excluded.functions, json_schema = excluded.json_schema, deprecated_on = excluded.deprecated_on",
            rows.join(", ")
        );
        let query = chunk.iter().fold(sqlx::query(&sql), |query, model| {
            query
                .bind(&model.id)
                .bind(&model.provider)
                .bind(i64::from(model.context_window.unwrap_or(0)))
                .bind(i64::from(model.max_output_tokens.unwrap_or(0)))
                .bind(model.input_price)
                .bind(model.output_price)
                .bind(i64::from(model.vision))
                .bind(i64::from(model.functions))
                .bind(i64::from(model.json_schema))
                .bind(model.deprecated_on.unwrap_or(0))
        });
        query.execute(&mut *db).await?;
    }
    // What a call cost follows from the prices of its time. The first ones that are known hold from the beginning.
    sqlx::query(
        "INSERT INTO catalogue_prices (id, since, input_price, output_price)
         SELECT m.id, CASE WHEN EXISTS (SELECT 1 FROM catalogue_prices p WHERE p.id = m.id) THEN $1 ELSE 0 END, m.input_price, m.output_price
         FROM catalogue_models m WHERE NOT EXISTS (
             SELECT 1 FROM catalogue_prices p WHERE p.id = m.id AND p.input_price = m.input_price AND p.output_price = m.output_price
             AND p.since = (SELECT MAX(q.since) FROM catalogue_prices q WHERE q.id = m.id))
         ON CONFLICT (id, since) DO NOTHING",
    )
    .bind(crate::now())
    .execute(db)
    .await?;
    Ok(())
}

/// Adds a model of the organization's own; `false` when it has one of that name.
pub async fn insert_own(db: &mut Connection, organization: &OrganizationId, model: &ModelFacts) -> Result<bool> {
    let sql = format!(
        "INSERT INTO organization_models (organization_id, id, {COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (organization_id, id) DO NOTHING"
    );
    let done = sqlx::query(&sql)
        .bind(organization.as_str())
        .bind(&model.id)
        .bind(i64::from(model.context_window.unwrap_or(0)))
        .bind(i64::from(model.max_output_tokens.unwrap_or(0)))
        .bind(model.input_price)
        .bind(model.output_price)
        .bind(i64::from(model.vision))
        .bind(i64::from(model.functions))
        .bind(i64::from(model.json_schema))
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Deletes a model of the organization's own; `false` when there is none.
pub async fn delete_own(db: &mut Connection, organization: &OrganizationId, id: &str) -> Result<bool> {
    let done = sqlx::query("DELETE FROM organization_models WHERE organization_id = $1 AND id = $2")
        .bind(organization.as_str())
        .bind(id)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// A word that the installation keeps.
pub async fn kept(db: &mut Connection, name: &str) -> Result<Option<String>> {
    let row = sqlx::query("SELECT value FROM installation WHERE name = $1").bind(name).fetch_optional(db).await?;
    row.map(|row| row.try_get("value")).transpose().map_err(Error::from)
}

/// Keeps a word of the installation.
pub async fn keep(db: &mut Connection, name: &str, value: &str) -> Result<()> {
    let sql = "INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    sqlx::query(sql).bind(name).bind(value).execute(db).await?;
    Ok(())
}

/// Whether an identifier is that of an organization's own model.
pub fn is_own(id: &str) -> bool {
    id.starts_with(OWN_PREFIX)
}
