//! The combinations that calls are told apart by. Sums name each by its number.

use crate::error::Result;
use crate::store::Connection;
use pulze_contract::OrganizationId;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, Row};
use std::collections::HashMap;

/// What calls are told apart by; empty where it was not said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Series {
    pub space: String,
    pub member: String,
    pub assistant: String,
    pub model: String,
    pub router: String,
    pub key: String,
}

pub(super) const SERIES: &str = "space_id, member_id, assistant_id, model, router, key_id";

impl Series {
    pub(super) fn of(row: &AnyRow) -> Result<Self> {
        Ok(Self {
            space: row.try_get("space_id")?,
            member: row.try_get("member_id")?,
            assistant: row.try_get("assistant_id")?,
            model: row.try_get("model")?,
            router: row.try_get("router")?,
            key: row.try_get("key_id")?,
        })
    }

    fn bound<'q>(&'q self, query: Query<'q, Any, AnyArguments<'q>>) -> Query<'q, Any, AnyArguments<'q>> {
        query.bind(&self.space).bind(&self.member).bind(&self.assistant).bind(&self.model).bind(&self.router).bind(&self.key)
    }
}

/// Every combination of the organization, by number.
pub async fn all_series(db: &mut Connection, organization: &OrganizationId) -> Result<HashMap<i64, Series>> {
    let sql = format!("SELECT id, {SERIES} FROM usage_series WHERE organization_id = $1");
    let rows = sqlx::query(&sql).bind(organization.as_str()).fetch_all(db).await?;
    rows.iter().map(|row| Ok((row.try_get("id")?, Series::of(row)?))).collect()
}

/// The number of a combination; a new one for one that was not seen before. The organization is locked.
pub async fn number_of(db: &mut Connection, organization: &OrganizationId, series: &Series) -> Result<i64> {
    let find = "SELECT id FROM usage_series WHERE organization_id = $1 AND space_id = $2 AND member_id = $3 AND assistant_id = $4
                AND model = $5 AND router = $6 AND key_id = $7";
    let found = series.bound(sqlx::query(find).bind(organization.as_str())).fetch_optional(&mut *db).await?;
    if let Some(row) = found {
        return Ok(row.try_get("id")?);
    }
    let insert = format!(
        "INSERT INTO usage_series (organization_id, {SERIES}, id) VALUES ($1, $2, $3, $4, $5, $6, $7,
         (SELECT COALESCE(MAX(id), 0) + 1 FROM usage_series WHERE organization_id = $1)) RETURNING id"
    );
    let row = series.bound(sqlx::query(&insert).bind(organization.as_str())).fetch_one(db).await?;
    Ok(row.try_get("id")?)
}

/// Whether calls of this were reported before: of a member who left, of a space that is gone.
pub async fn seen(db: &mut Connection, organization: &OrganizationId, column: &'static str, id: &str) -> Result<bool> {
    let sql = format!("SELECT 1 AS found FROM usage_series WHERE organization_id = $1 AND {column} = $2 LIMIT 1");
    Ok(sqlx::query(&sql).bind(organization.as_str()).bind(id).fetch_optional(db).await?.is_some())
}
