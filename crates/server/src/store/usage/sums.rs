//! Sums by quarter of an hour and by day: added to, made again, and asked.

use super::statement::{Wanted, conditions, places, rows_at_once};
use crate::error::Result;
use crate::store::Connection;
use crate::usage::sums::Sums;
use pulze_contract::usage::LATENCY_GROUPS;
use pulze_contract::{OrganizationId, Timestamp};
use sqlx::Row;
use sqlx::any::AnyRow;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// Which sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    Quarters,
    Days,
}

impl Table {
    fn name(self) -> &'static str {
        match self {
            Self::Quarters => "usage_quarters",
            Self::Days => "usage_days",
        }
    }

    fn time(self) -> &'static str {
        match self {
            Self::Quarters => "quarter",
            Self::Days => "day",
        }
    }
}

/// The day (UTC, counted from 1970-01-01) of a moment.
pub fn day(at: Timestamp) -> i64 {
    at.div_euclid(DAY_MS)
}

/// The columns of latencies.
const LATENCIES: [&str; LATENCY_GROUPS] =
    ["l0", "l1", "l2", "l3", "l4", "l5", "l6", "l7", "l8", "l9", "l10", "l11", "l12", "l13", "l14"];

fn latency_columns() -> Vec<String> {
    LATENCIES.map(str::to_owned).to_vec()
}

const PLAIN: [&str; 6] = ["calls", "errors", "prompt_tokens", "completion_tokens", "cost", "unpriced"];

/// Every column that adds up.
fn columns() -> Vec<String> {
    PLAIN.iter().map(|column| (*column).to_owned()).chain(latency_columns()).collect()
}

/// Adds to sums, each by time and combination.
pub async fn add(db: &mut Connection, table: Table, organization: &OrganizationId, cells: &[(i64, i64, Sums)]) -> Result<()> {
    let (name, time, columns) = (table.name(), table.time(), columns());
    let added: Vec<String> = columns.iter().map(|column| format!("{column} = {name}.{column} + excluded.{column}")).collect();
    let rows = rows_at_once(3 + columns.len());
    for chunk in cells.chunks(rows) {
        let sql = format!(
            "INSERT INTO {name} (organization_id, {time}, series_id, {}) VALUES {}
             ON CONFLICT (organization_id, {time}, series_id) DO UPDATE SET {}",
            columns.join(", "),
            places(chunk.len(), 3 + columns.len()),
            added.join(", ")
        );
        let query = chunk.iter().fold(sqlx::query(&sql), |query, (time, series, sums)| {
            let query = query.bind(organization.as_str()).bind(*time).bind(*series).bind(sums.calls).bind(sums.errors);
            let query = query.bind(sums.prompt_tokens).bind(sums.completion_tokens).bind(sums.cost).bind(sums.unpriced);
            sums.latencies.iter().fold(query, |query, calls| query.bind(*calls))
        });
        query.persistent(chunk.len() == rows).execute(&mut *db).await?;
    }
    Ok(())
}

/// Forgets the sums by day, and by month of keys: they are about to be made again in another time zone.
pub async fn forget_days(db: &mut Connection, organization: &OrganizationId) -> Result<()> {
    for table in ["usage_days", "usage_key_months"] {
        let sql = format!("DELETE FROM {table} WHERE organization_id = $1");
        sqlx::query(&sql).bind(organization.as_str()).execute(&mut *db).await?;
    }
    Ok(())
}

/// Makes the sums by day out of those by quarter, from one moment to before another, both on quarters, between
/// which days are counted off by twenty-four hours with this offset added (`Zone::day_offsets`).
pub async fn make_days(
    db: &mut Connection,
    organization: &OrganizationId,
    (from, to): (Timestamp, Timestamp),
    offset: i64,
) -> Result<()> {
    const QUARTER_MS: i64 = crate::usage::zone::QUARTER_MS;
    let columns = columns();
    let sums: Vec<String> = columns.iter().map(|column| format!("CAST(SUM({column}) AS BIGINT)")).collect();
    let added: Vec<String> = columns.iter().map(|column| format!("{column} = usage_days.{column} + excluded.{column}")).collect();
    let sql = format!(
        "INSERT INTO usage_days (organization_id, day, series_id, {})
         SELECT organization_id, (quarter * {QUARTER_MS} + $4) / {DAY_MS} AS day, series_id, {} FROM usage_quarters
         WHERE organization_id = $1 AND quarter >= $2 AND quarter < $3 GROUP BY organization_id, (quarter * {QUARTER_MS} + $4) / {DAY_MS}, series_id
         ON CONFLICT (organization_id, day, series_id) DO UPDATE SET {}",
        columns.join(", "),
        sums.join(", "),
        added.join(", ")
    );
    let query = sqlx::query(&sql).bind(organization.as_str()).bind(from / QUARTER_MS).bind(to / QUARTER_MS).bind(offset);
    query.execute(db).await?;
    Ok(())
}

/// What is asked of the sums: which of them, from when to before when, of which combinations.
pub struct Asked<'a> {
    pub organization: &'a OrganizationId,
    pub table: Table,
    /// In days or quarters.
    pub span: (i64, i64),
    pub wanted: &'a Wanted<'a>,
}

pub(super) fn selected() -> String {
    columns().iter().map(|column| format!("CAST(SUM(d.{column}) AS BIGINT) AS {column}")).collect::<Vec<_>>().join(", ")
}

pub(super) fn sums(row: &AnyRow) -> Result<Sums> {
    let mut latencies = [0; LATENCY_GROUPS];
    for (name, calls) in LATENCIES.iter().zip(&mut latencies) {
        *calls = row.try_get(*name)?;
    }
    Ok(Sums {
        calls: row.try_get("calls")?,
        errors: row.try_get("errors")?,
        prompt_tokens: row.try_get("prompt_tokens")?,
        completion_tokens: row.try_get("completion_tokens")?,
        cost: row.try_get("cost")?,
        unpriced: row.try_get("unpriced")?,
        latencies,
        ..Sums::default()
    })
}

/// The sums of each combination over the whole span. Selections are the caller's to make.
pub async fn by_series(db: &mut Connection, asked: &Asked<'_>) -> Result<Vec<(i64, Sums)>> {
    let (name, time) = (asked.table.name(), asked.table.time());
    let sql = format!(
        "SELECT d.series_id, {} FROM {name} d WHERE d.organization_id = $1 AND d.{time} >= $2 AND d.{time} < $3 GROUP BY d.series_id",
        selected()
    );
    let query = sqlx::query(&sql).bind(asked.organization.as_str()).bind(asked.span.0).bind(asked.span.1);
    query.fetch_all(db).await?.iter().map(|row| Ok((row.try_get("series_id")?, sums(row)?))).collect()
}

/// What stands for groups that are not shown by themselves.
pub const REST: &str = "\u{1}";

/// The sums by day or quarter, and by group of a column: each of those that are named by itself, the others
/// as [`REST`]; without a column all together, as an empty group.
pub async fn by_time(
    db: &mut Connection,
    asked: &Asked<'_>,
    group: Option<(&'static str, Option<&[&str]>)>,
) -> Result<Vec<(i64, String, Sums)>> {
    let (name, time) = (asked.table.name(), asked.table.time());
    let (condition, values) = conditions(asked.wanted, 4);
    let mut shown: Vec<&str> = Vec::new();
    let group = match group {
        None => "''".to_owned(),
        Some((column, None)) => format!("s.{column}"),
        Some((_, Some([]))) => format!("'{REST}'"),
        Some((column, Some(names))) => {
            let first = 4 + values.len();
            let places: Vec<String> = (0..names.len()).map(|place| format!("${}", first + place)).collect();
            shown.extend(names);
            format!("CASE WHEN s.{column} IN ({}) THEN s.{column} ELSE '{REST}' END", places.join(", "))
        }
    };
    let join = if group == "''" && condition.is_empty() {
        ""
    } else {
        "JOIN usage_series s ON s.organization_id = d.organization_id AND s.id = d.series_id"
    };
    // An inner query names the group, so that both databases group by the same expression.
    let inner: Vec<String> = columns().iter().map(|column| format!("d.{column}")).collect();
    let sql = format!(
        "SELECT d.at, d.grouped, {} FROM (SELECT d.{time} AS at, {group} AS grouped, {} FROM {name} d {join}
         WHERE d.organization_id = $1 AND d.{time} >= $2 AND d.{time} < $3{condition}) d GROUP BY d.at, d.grouped",
        selected(),
        inner.join(", ")
    );
    let query = sqlx::query(&sql).bind(asked.organization.as_str()).bind(asked.span.0).bind(asked.span.1);
    let query = values.into_iter().chain(shown).fold(query, |query, value| query.bind(value));
    let rows = query.persistent(false).fetch_all(db).await?;
    rows.iter().map(|row| Ok((row.try_get("at")?, row.try_get("grouped")?, sums(row)?))).collect()
}

/// The sums of single calls by minute (counted from 1970-01-01) and group of a column: for buckets that are
/// shorter than a quarter of an hour. The span is in milliseconds.
pub async fn by_minute(db: &mut Connection, asked: &Asked<'_>, column: Option<&'static str>) -> Result<Vec<(i64, String, Sums)>> {
    let (condition, values) = conditions(asked.wanted, 4);
    let bounds = pulze_contract::usage::LATENCY_BOUNDS;
    let latency = |group: usize| {
        let above = group.checked_sub(1).and_then(|group| bounds.get(group)).map_or(-1, |bound| i64::from(*bound));
        let most = bounds.get(group).map_or(String::new(), |bound| format!(" AND c.latency <= {bound}"));
        format!("CAST(SUM(CASE WHEN c.latency > {above}{most} THEN 1 ELSE 0 END) AS BIGINT) AS l{group}")
    };
    let latencies: Vec<String> = (0..LATENCY_GROUPS).map(latency).collect();
    let group = column.map_or("''".to_owned(), |column| format!("s.{column}"));
    let by = column.map_or(String::new(), |_| format!(", {group}"));
    let sql = format!(
        "SELECT c.at / 60000 AS at, {group} AS grouped, COUNT(*) AS calls,
         CAST(SUM(CASE WHEN c.status >= 400 THEN 1 ELSE 0 END) AS BIGINT) AS errors,
         CAST(SUM(c.prompt_tokens) AS BIGINT) AS prompt_tokens, CAST(SUM(c.completion_tokens) AS BIGINT) AS completion_tokens,
         CAST(SUM(c.cost) AS BIGINT) AS cost, CAST(SUM(CASE WHEN c.cost_source = 2 THEN 1 ELSE 0 END) AS BIGINT) AS unpriced, {}
         FROM usage_calls c JOIN usage_series s ON s.organization_id = c.organization_id AND s.id = c.series_id
         WHERE c.organization_id = $1 AND c.at >= $2 AND c.at < $3{condition} GROUP BY c.at / 60000{by}",
        latencies.join(", ")
    );
    let query = sqlx::query(&sql).bind(asked.organization.as_str()).bind(asked.span.0).bind(asked.span.1);
    let query = values.into_iter().fold(query, |query, value| query.bind(value));
    let rows = query.persistent(false).fetch_all(db).await?;
    rows.iter().map(|row| Ok((row.try_get("at")?, row.try_get("grouped")?, sums(row)?))).collect()
}
