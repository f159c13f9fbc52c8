//! What is kept twice: copies and sums that follow from other columns. Each is made in the transaction that changes its
//! source; here they are made again, for databases that an earlier version wrote, and compared, for tests.

use super::Connection;
use crate::error::Result;
use crate::usage::zone::Zone;
use pulze_contract::OrganizationId;
use sqlx::Row;
use std::collections::BTreeMap;

/// Which way search texts are made. To be raised with every change of [`super::search_text`]: they are then made again
/// at the next start.
const SEARCH_FORM: &str = "2";

/// A column that holds the search text of other columns of its row.
struct Search {
    table: &'static str,
    /// What tells a row, as one text.
    key: &'static str,
    /// What the text is made of.
    source: Source,
}

enum Source {
    /// Columns, with a space between.
    Columns(&'static [&'static str]),
    /// The field `name` of a column of JSON.
    Content(&'static str),
}

const ID: &str = "organization_id || '/' || id";
const SEARCHES: [Search; 6] = [
    Search { table: "users", key: "id", source: Source::Columns(&["name", "email"]) },
    Search { table: "spaces", key: ID, source: Source::Columns(&["name"]) },
    Search { table: "access_templates", key: ID, source: Source::Columns(&["name"]) },
    Search { table: "tools", key: ID, source: Source::Columns(&["name"]) },
    Search { table: "routers", key: ID, source: Source::Content("content") },
    Search { table: "assistants", key: ID, source: Source::Content("content") },
];

impl Search {
    /// The rows whose text is another one than its source says: what tells them, what stands there, what should.
    async fn differing(&self, db: &mut Connection) -> Result<Vec<(String, String, String)>> {
        let source = match self.source {
            Source::Columns(columns) => columns.join(" || ' ' || "),
            Source::Content(column) => column.to_owned(),
        };
        let sql = format!("SELECT {} AS row_key, search, {source} AS source FROM {}", self.key, self.table);
        let mut differing = Vec::new();
        for row in sqlx::query(&sql).fetch_all(db).await? {
            let (key, search, source): (String, String, String) =
                (row.try_get("row_key")?, row.try_get("search")?, row.try_get("source")?);
            let name = match self.source {
                Source::Columns(_) => source,
                Source::Content(_) => serde_json::from_str::<serde_json::Value>(&source)
                    .ok()
                    .and_then(|content| content["name"].as_str().map(str::to_owned))
                    .unwrap_or_default(),
            };
            let right = super::search_text(&name);
            if search != right {
                differing.push((key, search, right));
            }
        }
        Ok(differing)
    }
}

/// Makes search texts again where they were made another way: by an earlier version, or by SQL, which knows the case of
/// fewer letters.
///
/// # Errors
/// The database fails.
pub async fn make_again(db: &mut Connection) -> Result<()> {
    let made = sqlx::query("SELECT value FROM installation WHERE name = 'search_form'").fetch_optional(&mut *db).await?;
    if made.map(|row| row.try_get::<String, _>("value")).transpose()?.as_deref() == Some(SEARCH_FORM) {
        return Ok(());
    }
    one_form_of_addresses(db).await?;
    for search in &SEARCHES {
        let sql = format!("UPDATE {} SET search = $2 WHERE {} = $1", search.table, search.key);
        for (key, _, right) in search.differing(db).await? {
            sqlx::query(&sql).bind(key).bind(right).execute(&mut *db).await?;
        }
    }
    sqlx::query(
        "UPDATE memberships SET search = (SELECT u.search FROM users u WHERE u.id = memberships.user_id)
         WHERE search <> (SELECT u.search FROM users u WHERE u.id = memberships.user_id)",
    )
    .execute(&mut *db)
    .await?;
    sqlx::query("INSERT INTO installation (name, value) VALUES ('search_form', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
        .bind(SEARCH_FORM)
        .execute(db)
        .await?;
    Ok(())
}

/// Puts addresses of internationalized hosts that were kept as they had been typed, of accounts and of invitations, into
/// their one form; one that somebody else has in that form stays.
async fn one_form_of_addresses(db: &mut Connection) -> Result<()> {
    let form = |email: &str| pulze_contract::validation::email(email).ok().filter(|form| form != email);
    for row in sqlx::query("SELECT id, email FROM users").fetch_all(&mut *db).await? {
        let (id, email): (String, String) = (row.try_get("id")?, row.try_get("email")?);
        let Some(form) = form(&email) else { continue };
        let sql = "UPDATE users SET email = $2 WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM users o WHERE o.email = $2)";
        if sqlx::query(sql).bind(&id).bind(&form).execute(&mut *db).await?.rows_affected() == 1 {
            // The link that was mailed there proves it still.
            let sql = "UPDATE email_verifications SET email = $2 WHERE user_id = $1 AND email = $3";
            sqlx::query(sql).bind(id).bind(form).bind(email).execute(&mut *db).await?;
        }
    }
    for row in sqlx::query("SELECT organization_id, id, email FROM invitations").fetch_all(&mut *db).await? {
        let (organization, id, email): (String, String, String) =
            (row.try_get("organization_id")?, row.try_get("id")?, row.try_get("email")?);
        let Some(form) = form(&email) else { continue };
        let sql = "UPDATE invitations SET email = $3 WHERE organization_id = $1 AND id = $2
            AND NOT EXISTS (SELECT 1 FROM invitations o WHERE o.organization_id = $1 AND o.email = $3)";
        sqlx::query(sql).bind(organization).bind(id).bind(form).execute(&mut *db).await?;
    }
    Ok(())
}

/// Every derived value that is not what its source says, in words. Empty, unless something is wrong.
///
/// # Errors
/// The database fails.
pub async fn differences(db: &mut Connection) -> Result<Vec<String>> {
    let mut told = Vec::new();
    for search in &SEARCHES {
        for (key, stands, right) in search.differing(db).await? {
            told.push(format!("{}.search of {key} is {stands:?} and should be {right:?}", search.table));
        }
    }
    // Each statement finds what differs, and says it in a column called `told`.
    for (name, sql) in [
        (
            "memberships.search",
            "SELECT m.user_id || ': ' || m.search AS told FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.search <> u.search",
        ),
        (
            "usage_extent",
            "SELECT c.organization_id AS told FROM (SELECT organization_id, MIN(at) AS first_at, MAX(at) AS newest_at FROM usage_calls
                GROUP BY organization_id) c LEFT JOIN usage_extent e ON e.organization_id = c.organization_id
             WHERE e.organization_id IS NULL OR c.first_at < e.first_at OR c.newest_at > e.newest_at",
        ),
        (
            "api_key_other_callers",
            "SELECT o.organization_id || '/' || o.key_id AS told FROM api_key_other_callers o WHERE NOT EXISTS (
                SELECT 1 FROM api_key_secrets s WHERE s.organization_id = o.organization_id AND s.key_id = o.key_id AND s.number = o.number)",
        ),
    ] {
        for row in sqlx::query(sql).fetch_all(&mut *db).await? {
            told.push(format!("{name}: {}", row.try_get::<String, _>("told")?));
        }
    }
    told.extend(usage(db).await?);
    Ok(told)
}

/// Numbers of a row: calls, errors, tokens in and out, cost, unpriced calls, and all calls whose time is known.
type Numbers = [i64; 7];

/// Sums by a time and a series.
type Cells = BTreeMap<(i64, i64), Numbers>;

/// What sums of usage differ in from the single calls, quarters and days that they were made of. Of what retention has
/// taken away the quarters are the source.
async fn usage(db: &mut Connection) -> Result<Vec<String>> {
    let mut told = Vec::new();
    let organizations = sqlx::query("SELECT id, reporting_time_zone FROM organizations").fetch_all(&mut *db).await?;
    for row in organizations {
        let (id, zone): (String, String) = (row.try_get("id")?, row.try_get("reporting_time_zone")?);
        let Some(organization) = OrganizationId::parse(&id) else { continue };
        let zone = Zone::named(&zone);
        let quarters = cells(db, &organization, "usage_quarters", "quarter").await?;
        if quarters.is_empty() {
            continue;
        }
        let calls = sqlx::query(
            "SELECT at, series_id, latency, status, prompt_tokens, completion_tokens, cost, cost_source FROM usage_calls WHERE organization_id = $1",
        )
        .bind(organization.as_str())
        .fetch_all(&mut *db)
        .await?;
        let mut of_calls = Cells::new();
        for call in &calls {
            let number = |column: &str| call.try_get::<i64, _>(column);
            let quarter = number("at")?.div_euclid(crate::usage::zone::QUARTER_MS);
            let numbers = [
                1,
                i64::from(number("status")? >= 400),
                number("prompt_tokens")?,
                number("completion_tokens")?,
                number("cost")?,
                i64::from(number("cost_source")? == pulze_contract::usage::CostSource::Unknown as i64),
                i64::from(number("latency")? >= 0),
            ];
            add(&mut of_calls, (quarter, number("series_id")?), numbers);
        }
        for (cell, numbers) in &of_calls {
            let kept = quarters.get(cell).copied().unwrap_or_default();
            if kept.iter().zip(numbers).any(|(kept, calls)| kept < calls) {
                told.push(format!("usage_quarters of {id}: {cell:?} is {kept:?}, and its calls come to {numbers:?}"));
            }
        }
        let mut of_days = Cells::new();
        for ((quarter, series), numbers) in &quarters {
            add(&mut of_days, (zone.day(quarter * crate::usage::zone::QUARTER_MS), *series), *numbers);
        }
        let days = cells(db, &organization, "usage_days", "day").await?;
        if of_days != days {
            told.push(format!("usage_days of {id} are {days:?}, and its quarters come to {of_days:?}"));
        }
        let total = |place: usize| days.values().fold(0_i64, |sum, numbers| sum.saturating_add(numbers[place]));
        let extent = sqlx::query("SELECT prompt_tokens, completion_tokens, cost FROM usage_extent WHERE organization_id = $1")
            .bind(organization.as_str())
            .fetch_optional(&mut *db)
            .await?;
        if let Some(extent) = extent {
            let kept: [i64; 3] =
                [extent.try_get("prompt_tokens")?, extent.try_get("completion_tokens")?, extent.try_get("cost")?];
            let right = [total(2), total(3), total(4)];
            if kept != right {
                told.push(format!("usage_extent of {id} is {kept:?}, and its days come to {right:?}"));
            }
        }
        let mut months: BTreeMap<(String, i64), i64> = BTreeMap::new();
        for (key, day, cost) in super::usage::key_days(db, &organization).await? {
            *months.entry((key, Zone::month_of_day(day))).or_default() += cost;
        }
        for ((key, month), cost) in months {
            let kept = super::usage::key_month(db, &organization, &key, month).await?;
            if kept.as_nano() != cost {
                told.push(format!("usage_key_months of {id}: {key} in {month} is {kept:?}, and its days come to {cost}"));
            }
        }
    }
    Ok(told)
}

fn add(cells: &mut Cells, cell: (i64, i64), numbers: Numbers) {
    for (sum, number) in cells.entry(cell).or_default().iter_mut().zip(numbers) {
        *sum = sum.saturating_add(number);
    }
}

async fn cells(db: &mut Connection, organization: &OrganizationId, table: &str, time: &str) -> Result<Cells> {
    let known = (0..pulze_contract::usage::LATENCY_GROUPS).map(|group| format!("l{group}")).collect::<Vec<_>>().join(" + ");
    let sql = format!(
        "SELECT {time} AS time, series_id, calls, errors, prompt_tokens, completion_tokens, cost, unpriced, {known} AS timed
         FROM {table} WHERE organization_id = $1"
    );
    let mut cells = Cells::new();
    for row in sqlx::query(&sql).bind(organization.as_str()).fetch_all(db).await? {
        let number = |column: &str| row.try_get::<i64, _>(column);
        let mut numbers = Numbers::default();
        let columns = ["calls", "errors", "prompt_tokens", "completion_tokens", "cost", "unpriced", "timed"];
        for (place, column) in numbers.iter_mut().zip(columns) {
            *place = number(column)?;
        }
        add(&mut cells, (number("time")?, number("series_id")?), numbers);
    }
    Ok(cells)
}
