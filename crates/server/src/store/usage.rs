//! Calls, the combinations that they are told apart by, and their sums by quarter of an hour and by day.

use super::{Connection, resources::broken};
use crate::error::Result;
use crate::usage::sums::Sums;
use pulze_contract::resource::RecentUse;
use pulze_contract::router::{ModelShare, Performance};
use pulze_contract::usage::{LATENCY_GROUPS, percentile};
use pulze_contract::{OrganizationId, ResourceKind, Timestamp, UserId};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, Row};
use std::collections::HashMap;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;
/// Models named in a router's performance.
const SHARES: usize = 10;
/// Parameters of one statement that writes rows. SQLite finds each by its name, one after the other: few rows
/// at once are faster than many.
const PARAMETERS: usize = 600;
/// Identifiers of one question.
const CHUNK: usize = 500;

/// Rows of one statement, for so many columns.
fn rows_at_once(columns: usize) -> usize {
    (PARAMETERS / columns).max(1)
}

/// The day (UTC, counted from 1970-01-01) of a moment.
pub fn day(at: Timestamp) -> i64 {
    at.div_euclid(DAY_MS)
}

fn count(row: &AnyRow, column: &str) -> Result<u64> {
    Ok(u64::try_from(row.try_get::<i64, _>(column)?).unwrap_or(0))
}

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

const SERIES: &str = "space_id, member_id, assistant_id, model, router, key_id";

impl Series {
    fn of(row: &AnyRow) -> Result<Self> {
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

/// A call as it is kept.
#[derive(Clone, Debug)]
pub struct CallRow {
    pub id: String,
    pub at: Timestamp,
    pub series: i64,
    pub key_version: i64,
    pub prompt_tokens: i64,
    pub completion_tokens: i64,
    /// -1: not said.
    pub latency: i64,
    pub status: i64,
    pub cost: i64,
    pub cost_source: i64,
}

/// `($1, $2), ($3, $4)` for rows of so many columns.
fn places(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let places: Vec<String> = (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
        format!("({})", places.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// Keeps calls; gives the identifiers of those that were not known.
pub async fn insert_calls(
    db: &mut Connection,
    organization: &OrganizationId,
    calls: &[CallRow],
    received: Timestamp,
) -> Result<Vec<String>> {
    let mut new = Vec::with_capacity(calls.len());
    let rows = rows_at_once(12);
    for chunk in calls.chunks(rows) {
        let sql = format!(
            "INSERT INTO usage_calls (organization_id, id, at, series_id, key_version, prompt_tokens, completion_tokens, latency,
             status, cost, cost_source, received_at) VALUES {} ON CONFLICT (organization_id, id) DO NOTHING RETURNING id",
            places(chunk.len(), 12)
        );
        let query = chunk.iter().fold(sqlx::query(&sql), |query, call| {
            let query = query.bind(organization.as_str()).bind(&call.id).bind(call.at).bind(call.series).bind(call.key_version);
            let query = query.bind(call.prompt_tokens).bind(call.completion_tokens).bind(call.latency).bind(call.status);
            query.bind(call.cost).bind(call.cost_source).bind(received)
        });
        // Only whole chunks come again with the same text.
        for row in query.persistent(chunk.len() == rows).fetch_all(&mut *db).await? {
            new.push(row.try_get("id")?);
        }
    }
    Ok(new)
}

/// The columns of latencies: `l0, l1, …`.
fn latency_columns() -> Vec<String> {
    (0..LATENCY_GROUPS).map(|group| format!("l{group}")).collect()
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

/// Notes the first and the newest call.
pub async fn extend(db: &mut Connection, organization: &OrganizationId, first: Timestamp, newest: Timestamp) -> Result<()> {
    sqlx::query(
        "INSERT INTO usage_extent (organization_id, first_at, newest_at) VALUES ($1, $2, $3)
         ON CONFLICT (organization_id) DO UPDATE SET
         first_at = CASE WHEN excluded.first_at < usage_extent.first_at THEN excluded.first_at ELSE usage_extent.first_at END,
         newest_at = CASE WHEN excluded.newest_at > usage_extent.newest_at THEN excluded.newest_at ELSE usage_extent.newest_at END",
    )
    .bind(organization.as_str())
    .bind(first)
    .bind(newest)
    .execute(db)
    .await?;
    Ok(())
}

/// The first and the newest call that was reported.
pub async fn extent(db: &mut Connection, organization: &OrganizationId) -> Result<Option<(Timestamp, Timestamp)>> {
    let row = sqlx::query("SELECT first_at, newest_at FROM usage_extent WHERE organization_id = $1")
        .bind(organization.as_str())
        .fetch_optional(db)
        .await?;
    row.map(|row| Ok((row.try_get("first_at")?, row.try_get("newest_at")?))).transpose()
}

/// Adds to what keys cost by month.
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

/// What a key cost in a month, in micro-dollars.
pub async fn key_month(db: &mut Connection, organization: &OrganizationId, key: &str, month: i64) -> Result<i64> {
    let row = sqlx::query("SELECT cost FROM usage_key_months WHERE organization_id = $1 AND key_id = $2 AND month = $3")
        .bind(organization.as_str())
        .bind(key)
        .bind(month)
        .fetch_optional(db)
        .await?;
    Ok(row.map(|row| row.try_get("cost")).transpose()?.unwrap_or(0))
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

/// Forgets the sums by day, and by month of keys: they are about to be made again in another time zone.
pub async fn forget_days(db: &mut Connection, organization: &OrganizationId) -> Result<()> {
    for table in ["usage_days", "usage_key_months"] {
        let sql = format!("DELETE FROM {table} WHERE organization_id = $1");
        sqlx::query(&sql).bind(organization.as_str()).execute(&mut *db).await?;
    }
    Ok(())
}

/// Makes the sums by day out of those by quarter, from one moment to before another, between which local
/// time is ahead of UTC by so many milliseconds.
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

/// What keys cost by day.
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

/// A selection of combinations: a column, and the values that it may have.
pub type Wanted<'a> = [(&'static str, Vec<&'a str>)];

/// What is asked of the sums: which of them, from when to before when, of which combinations.
pub struct Asked<'a> {
    pub organization: &'a OrganizationId,
    pub table: Table,
    /// In days or quarters.
    pub span: (i64, i64),
    pub wanted: &'a Wanted<'a>,
}

fn selected() -> String {
    columns().iter().map(|column| format!("CAST(SUM(d.{column}) AS BIGINT) AS {column}")).collect::<Vec<_>>().join(", ")
}

fn sums(row: &AnyRow) -> Result<Sums> {
    let mut latencies = [0; LATENCY_GROUPS];
    for (group, calls) in latencies.iter_mut().enumerate() {
        *calls = row.try_get(format!("l{group}").as_str())?;
    }
    Ok(Sums {
        calls: row.try_get("calls")?,
        errors: row.try_get("errors")?,
        prompt_tokens: row.try_get("prompt_tokens")?,
        completion_tokens: row.try_get("completion_tokens")?,
        cost: row.try_get("cost")?,
        unpriced: row.try_get("unpriced")?,
        latencies,
    })
}

/// ` AND s.model IN ($4, $5)` for each column, and the values to bind.
fn conditions<'a>(wanted: &'a Wanted<'a>, first: usize) -> (String, Vec<&'a str>) {
    let mut sql = String::new();
    let mut values = Vec::new();
    for (column, of) in wanted {
        let places: Vec<String> = of.iter().enumerate().map(|(place, _)| format!("${}", first + values.len() + place)).collect();
        sql.push_str(&format!(" AND s.{column} IN ({})", places.join(", ")));
        values.extend(of.iter().copied());
    }
    (sql, values)
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

/// A call with what it is told apart by.
#[derive(Clone, Debug)]
pub struct ToldCall {
    pub call: CallRow,
    pub series: Series,
}

/// Single calls of a span of milliseconds, newest first, from after one of them on.
pub async fn calls(
    db: &mut Connection,
    asked: &Asked<'_>,
    failed: bool,
    after: Option<&(Timestamp, String)>,
    limit: u32,
) -> Result<Vec<ToldCall>> {
    let (condition, values) = conditions(asked.wanted, 7);
    let failed = if failed { " AND c.status >= 400" } else { "" };
    let sql = format!(
        "SELECT c.id, c.at, c.series_id, c.key_version, c.prompt_tokens, c.completion_tokens, c.latency, c.status, c.cost,
         c.cost_source, {} FROM usage_calls c JOIN usage_series s ON s.organization_id = c.organization_id AND s.id = c.series_id
         WHERE c.organization_id = $1 AND c.at >= $2 AND c.at < $3 AND (c.at < $4 OR (c.at = $4 AND c.id < $5)){failed}{condition}
         ORDER BY c.at DESC, c.id DESC LIMIT $6",
        SERIES.split(", ").map(|column| format!("s.{column}")).collect::<Vec<_>>().join(", ")
    );
    let (at, id) = after.map_or((i64::MAX, ""), |(at, id)| (*at, id.as_str()));
    let query = sqlx::query(&sql).bind(asked.organization.as_str()).bind(asked.span.0).bind(asked.span.1).bind(at).bind(id);
    let query = values.into_iter().fold(query.bind(i64::from(limit)), |query, value| query.bind(value));
    let rows = query.persistent(false).fetch_all(db).await?;
    let told = |row: &AnyRow| {
        let call = CallRow {
            id: row.try_get("id")?,
            at: row.try_get("at")?,
            series: row.try_get("series_id")?,
            key_version: row.try_get("key_version")?,
            prompt_tokens: row.try_get("prompt_tokens")?,
            completion_tokens: row.try_get("completion_tokens")?,
            latency: row.try_get("latency")?,
            status: row.try_get("status")?,
            cost: row.try_get("cost")?,
            cost_source: row.try_get("cost_source")?,
        };
        Ok(ToldCall { call, series: Series::of(row)? })
    };
    rows.iter().map(told).collect()
}

/// The newest single calls as columns, newest first: time, latency, tokens and status.
pub async fn call_points(
    db: &mut Connection,
    asked: &Asked<'_>,
    failed: bool,
    limit: u32,
) -> Result<Vec<(Timestamp, i64, i64, i64)>> {
    let (condition, values) = conditions(asked.wanted, 5);
    let failed = if failed { " AND c.status >= 400" } else { "" };
    let sql = format!(
        "SELECT c.at, c.latency, c.prompt_tokens + c.completion_tokens AS tokens, c.status
         FROM usage_calls c JOIN usage_series s ON s.organization_id = c.organization_id AND s.id = c.series_id
         WHERE c.organization_id = $1 AND c.at >= $2 AND c.at < $3{failed}{condition}
         ORDER BY c.at DESC, c.id DESC LIMIT $4"
    );
    let query = sqlx::query(&sql).bind(asked.organization.as_str()).bind(asked.span.0).bind(asked.span.1).bind(i64::from(limit));
    let rows = values.into_iter().fold(query, |query, value| query.bind(value)).persistent(false).fetch_all(db).await?;
    let point = |row: &AnyRow| Ok((row.try_get("at")?, row.try_get("latency")?, row.try_get("tokens")?, row.try_get("status")?));
    rows.iter().map(point).collect()
}

/// Forgets single calls that were received before a moment, at most so many; how many it were.
pub async fn forget_calls(db: &mut Connection, before: Timestamp, most: u32) -> Result<u64> {
    let done = sqlx::query(
        "DELETE FROM usage_calls WHERE (organization_id, id) IN
         (SELECT organization_id, id FROM usage_calls WHERE received_at < $1 LIMIT $2)",
    )
    .bind(before)
    .bind(i64::from(most))
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

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
        // People are everybody's; whoever was reported as a member was one.
        let of = if table == "users" { "$1 = $1" } else { "organization_id = $1" };
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

/// A question that somebody keeps.
#[derive(Clone, Debug)]
pub struct ViewRow {
    pub id: String,
    pub name: String,
    pub query: String,
}

/// The questions that a person keeps, by name.
pub async fn views(db: &mut Connection, organization: &OrganizationId, user: &UserId) -> Result<Vec<ViewRow>> {
    let sql = "SELECT id, name, query FROM usage_views WHERE organization_id = $1 AND user_id = $2 ORDER BY LOWER(name), id";
    let rows = sqlx::query(sql).bind(organization.as_str()).bind(user.as_str()).fetch_all(db).await?;
    let view = |row: &AnyRow| Ok(ViewRow { id: row.try_get("id")?, name: row.try_get("name")?, query: row.try_get("query")? });
    rows.iter().map(view).collect()
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

// What the pages of models, routers, assistants and tools tell of the last days.

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
        Ok((row.try_get("model")?, RecentUse { requests: count(row, "requests")?, cost: row.try_get("cost")?, spaces }))
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
    /// Micro-dollars; zero for tools, whose calls are paid elsewhere.
    pub cost: i64,
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
        performance.models.sort_by(|one, other| other.requests.cmp(&one.requests).then_with(|| one.model.cmp(&other.model)));
        performance.models.truncate(SHARES);
        performance.requests = u64::try_from(all.calls).unwrap_or(0);
        performance.failures = u64::try_from(all.errors).unwrap_or(0);
        performance.cost = all.cost;
        let latency = |percent| percentile(&all.latencies, percent).and_then(|latency| u32::try_from(latency).ok());
        (performance.latency_p50, performance.latency_p95) = (latency(50), latency(95));
        (router, performance)
    };
    Ok(routers.into_iter().map(done).collect())
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
    rows.iter().map(|row| Ok((row.try_get("model")?, sums(row)?))).collect()
}
