//! Questions that a person keeps.

use crate::error::Result;
use crate::store::Connection;
use pulze_contract::{OrganizationId, UserId};
use sqlx::Row;
use sqlx::any::AnyRow;

/// A question that somebody keeps.
#[derive(Clone, Debug)]
pub struct ViewRow {
    pub id: String,
    pub name: String,
    pub query: String,
}

/// The questions that a person keeps, by name.
pub async fn views(db: &mut Connection, organization: &OrganizationId, user: &UserId) -> Result<Vec<ViewRow>> {
    let sql = "SELECT id, name, query FROM usage_views WHERE organization_id = $1 AND user_id = $2";
    let rows = sqlx::query(sql).bind(organization.as_str()).bind(user.as_str()).fetch_all(db).await?;
    let view = |row: &AnyRow| Ok(ViewRow { id: row.try_get("id")?, name: row.try_get("name")?, query: row.try_get("query")? });
    let mut views = rows.iter().map(view).collect::<Result<Vec<ViewRow>>>()?;
    views.sort_by_cached_key(|view| (crate::store::search_text(&view.name), view.id.clone()));
    Ok(views)
}

/// Keeps a question; one of that name is replaced, under its identifier, which is given.
pub async fn put_view(db: &mut Connection, organization: &OrganizationId, user: &UserId, view: &ViewRow) -> Result<String> {
    let row = sqlx::query(
        "INSERT INTO usage_views (organization_id, user_id, id, name, query) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (organization_id, user_id, name) DO UPDATE SET query = excluded.query RETURNING id",
    )
    .bind(organization.as_str())
    .bind(user.as_str())
    .bind(&view.id)
    .bind(&view.name)
    .bind(&view.query)
    .fetch_one(db)
    .await?;
    Ok(row.try_get("id")?)
}

/// Forgets a question; `false` when there is none.
pub async fn delete_view(db: &mut Connection, organization: &OrganizationId, user: &UserId, id: &str) -> Result<bool> {
    let sql = "DELETE FROM usage_views WHERE organization_id = $1 AND user_id = $2 AND id = $3";
    let done = sqlx::query(sql).bind(organization.as_str()).bind(user.as_str()).bind(id).execute(db).await?;
    Ok(done.rows_affected() == 1)
}
