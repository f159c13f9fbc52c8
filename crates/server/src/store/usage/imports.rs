//! How far files were imported.

use crate::error::Result;
use crate::store::Connection;
use pulze_contract::OrganizationId;
use sqlx::Row;

/// How far a file was imported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    pub rows: i64,
    pub accepted: i64,
    pub duplicates: i64,
    pub refused: i64,
}

pub async fn imported(db: &mut Connection, organization: &OrganizationId, source: &str) -> Result<Imported> {
    let sql = "SELECT rows, accepted, duplicates, refused FROM usage_imports WHERE organization_id = $1 AND source = $2";
    let row = sqlx::query(sql).bind(organization.as_str()).bind(source).fetch_optional(db).await?;
    let Some(row) = row else { return Ok(Imported::default()) };
    Ok(Imported {
        rows: row.try_get("rows")?,
        accepted: row.try_get("accepted")?,
        duplicates: row.try_get("duplicates")?,
        refused: row.try_get("refused")?,
    })
}

pub async fn set_imported(db: &mut Connection, organization: &OrganizationId, source: &str, done: Imported) -> Result<()> {
    sqlx::query(
        "INSERT INTO usage_imports (organization_id, source, rows, accepted, duplicates, refused) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (organization_id, source) DO UPDATE SET rows = excluded.rows, accepted = excluded.accepted,
         duplicates = excluded.duplicates, refused = excluded.refused",
    )
    .bind(organization.as_str())
    .bind(source)
    .bind(done.rows)
    .bind(done.accepted)
    .bind(done.duplicates)
    .bind(done.refused)
    .execute(db)
    .await?;
    Ok(())
}
