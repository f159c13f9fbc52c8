//! Rows that came out of files: each counts once, also after its single call was forgotten.

use super::statement::{places, rows_at_once};
use crate::error::Result;
use crate::store::Connection;
use pulze_contract::OrganizationId;
use sqlx::Row;
use std::collections::HashSet;

/// Those of these identifiers whose calls were counted, by a file or otherwise.
pub async fn known_calls(db: &mut Connection, organization: &OrganizationId, ids: &[&str]) -> Result<HashSet<String>> {
    let mut known = HashSet::new();
    let rows = rows_at_once(1);
    for chunk in ids.chunks(rows) {
        let list: Vec<String> = (2..chunk.len() + 2).map(|place| format!("${place}")).collect();
        let list = list.join(", ");
        let sql = format!(
            "SELECT id FROM usage_import_rows WHERE organization_id = $1 AND id IN ({list})
             UNION SELECT id FROM usage_calls WHERE organization_id = $1 AND id IN ({list})"
        );
        let query = chunk.iter().fold(sqlx::query(&sql).bind(organization.as_str()), |query, id| query.bind(*id));
        for row in query.persistent(chunk.len() == rows).fetch_all(&mut *db).await? {
            known.insert(row.try_get("id")?);
        }
    }
    Ok(known)
}

/// Remembers rows that were counted.
pub async fn remember_rows(db: &mut Connection, organization: &OrganizationId, ids: &[&str]) -> Result<()> {
    let rows = rows_at_once(2);
    for chunk in ids.chunks(rows) {
        let sql = format!(
            "INSERT INTO usage_import_rows (organization_id, id) VALUES {} ON CONFLICT (organization_id, id) DO NOTHING",
            places(chunk.len(), 2)
        );
        let query = chunk.iter().fold(sqlx::query(&sql), |query, id| query.bind(organization.as_str()).bind(*id));
        query.persistent(chunk.len() == rows).execute(&mut *db).await?;
    }
    Ok(())
}
