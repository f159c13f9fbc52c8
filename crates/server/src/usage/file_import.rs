//! Brings the calls of a CSV file in: columns mapped to fields, other fields given for all rows. An import that
//! broke off goes on where it was; a row that was taken before counts once.

use super::ingest;
use crate::error::{Error, Result};
use crate::store::{self, Store, usage::Imported};
use pulze_contract::OrganizationId;
use pulze_contract::decimal::{Decimal, NumberError};
use pulze_contract::money::Money;
use pulze_contract::usage::{EVENTS_MAX, EventRefusal, RefusedEvent, UsageEvent};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// Fields that a column or a value can be given for.
pub const FIELDS: [&str; 14] = [
    "id",
    "time",
    "space",
    "member",
    "assistant",
    "model",
    "router",
    "key",
    "key_version",
    "prompt_tokens",
    "completion_tokens",
    "latency",
    "status",
    "cost_usd",
];
/// Refused rows that are told.
const TOLD: usize = 20;

/// How rows are read.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Field by column.
    pub columns: BTreeMap<String, String>,
    /// Field by the value that it has in every row.
    pub values: BTreeMap<String, String>,
}

impl Reading {
    /// Reads `field=column` and `field=value`.
    ///
    /// # Errors
    /// A field that there is not, or given twice; neither time nor model.
    pub fn new(columns: &[String], values: &[String]) -> std::result::Result<Self, String> {
        let mut reading = Self::default();
        for (into, given) in [(&mut reading.columns, columns), (&mut reading.values, values)] {
            for pair in given {
                let (field, value) = pair.split_once('=').ok_or_else(|| format!("{pair}: it is field=value"))?;
                if !FIELDS.contains(&field) {
                    return Err(format!("there is no field {field}; there are {}", FIELDS.join(", ")));
                }
                if into.insert(field.to_owned(), value.to_owned()).is_some() {
                    return Err(format!("{field} is given twice"));
                }
            }
        }
        for needed in ["time", "model"] {
            if !reading.columns.contains_key(needed) && !reading.values.contains_key(needed) {
                return Err(format!("say where {needed} is: --map {needed}=COLUMN, or --set {needed}=VALUE"));
            }
        }
        Ok(reading)
    }
}

/// What became of a file.
#[derive(Clone, Debug, Default)]
pub struct Done {
    pub counts: Imported,
    /// Rows that were brought in by an earlier run.
    pub before: i64,
    /// The first refused rows, by line of the file, and why.
    pub refused: Vec<(u64, String)>,
}

/// A moment as files write it: RFC 3339, or without an offset in UTC, or milliseconds since 1970.
pub fn moment(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(milliseconds) = text.parse::<i64>() {
        return Some(milliseconds);
    }
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(at.as_millisecond());
    }
    let local: jiff::civil::DateTime = text.replacen(' ', "T", 1).parse().ok()?;
    local.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|at| at.timestamp().as_millisecond())
}

/// Dollars, to the nano-dollar.
fn dollars(text: &str) -> std::result::Result<Money, NumberError> {
    Decimal::parse(text)?.rounded(9).map(Money::nano)
}

/// Reads one row. Its identifier follows from its place and its text where the file has none.
fn event(
    reading: &Reading,
    headers: &csv::StringRecord,
    row: &csv::StringRecord,
    line: u64,
    source: &str,
) -> std::result::Result<UsageEvent, RefusedEvent> {
    let get = |field: &str| {
        let column = reading.columns.get(field).and_then(|column| headers.iter().position(|header| header.trim() == column));
        let found = column.and_then(|column| row.get(column)).or(reading.values.get(field).map(String::as_str));
        found.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let id = get("id").unwrap_or_else(|| format!("{}-{line}", &source[..24]));
    let refuse = |reason, field: &str, found: &str| {
        RefusedEvent::new(&id, reason, reading.columns.get(field).map_or(field, String::as_str), found)
    };
    let number = |field: &str| {
        let read = |text: &str| Decimal::parse(text).and_then(|number| number.count());
        get(field).map(|text| read(&text).map_err(|_| refuse(EventRefusal::Amount, field, &text))).transpose()
    };
    let time = get("time").unwrap_or_default();
    let at = moment(&time).ok_or_else(|| refuse(EventRefusal::Time, "time", &time))?;
    let cost = get("cost_usd").map(|text| dollars(&text).map_err(|_| refuse(EventRefusal::Amount, "cost_usd", &text)));
    let status = number("status")?.map(|status| u16::try_from(status).map_err(|_| refuse(EventRefusal::Status, "status", "")));
    let version = number("key_version")?
        .map(|version| u32::try_from(version).map_err(|_| refuse(EventRefusal::Malformed, "key_version", "")));
    Ok(UsageEvent {
        at,
        space_id: get("space"),
        member_id: get("member"),
        assistant_id: get("assistant"),
        model: get("model").unwrap_or_default(),
        router_id: get("router"),
        api_key_id: get("key"),
        api_key_version: version.transpose()?,
        prompt_tokens: number("prompt_tokens")?,
        completion_tokens: number("completion_tokens")?,
        latency: number("latency")?,
        status: status.transpose()?,
        cost: cost.transpose()?,
        tools: Vec::new(),
        id: id.clone(),
    })
}

fn failed(error: &impl std::fmt::Display) -> Error {
    Error::Internal(error.to_string())
}

/// Brings a file in; `progress` hears how many bytes of it were read.
///
/// # Errors
/// The file cannot be read, lacks a column that is named, or there is no such organization.
pub async fn run(
    store: &Store,
    organization: &OrganizationId,
    file: &Path,
    reading: &Reading,
    mut progress: impl FnMut(u64),
) -> Result<Done> {
    let mut digest = Sha256::new();
    std::io::copy(&mut std::fs::File::open(file).map_err(|error| failed(&error))?, &mut digest)
        .map_err(|error| failed(&error))?;
    let source = crate::auth::token::hash(&format!("{}{reading:?}", crate::auth::token::hex(&digest.finalize())));
    let mut rows = csv::ReaderBuilder::new().flexible(true).from_path(file).map_err(|error| failed(&error))?;
    let headers = rows.headers().map_err(|error| failed(&error))?.clone();
    if let Some((field, column)) =
        reading.columns.iter().find(|(_, column)| !headers.iter().any(|header| header.trim() == *column))
    {
        return Err(Error::Internal(format!(
            "the file has no column {column} for {field}; it has {}",
            headers.iter().collect::<Vec<_>>().join(", ")
        )));
    }
    let counts = store::usage::imported(&mut *store.read().await?, organization, &source).await?;
    let mut done = Done { counts, before: counts.rows, refused: Vec::new() };
    let mut row = csv::StringRecord::new();
    let mut place = 0_i64;
    loop {
        let (mut events, mut lines) = (Vec::with_capacity(EVENTS_MAX), Vec::with_capacity(EVENTS_MAX));
        let mut over = false;
        while events.len() < EVENTS_MAX {
            match rows.read_record(&mut row) {
                Ok(true) => {}
                Ok(false) => {
                    over = true;
                    break;
                }
                Err(error) => return Err(failed(&error)),
            }
            place += 1;
            if place <= done.before {
                continue;
            }
            let line = row.position().map_or(0, csv::Position::line);
            lines.push(line);
            events.push(event(reading, &headers, &row, line, &source));
        }
        if !events.is_empty() {
            let count = i64::try_from(events.len()).unwrap_or(0);
            let mut change = store.change(organization).await?;
            if !store::organizations::lock(&mut change, organization).await? {
                return Err(Error::Internal("there is no such organization".to_owned()));
            }
            let receipt = ingest::take(&mut change, organization, events, crate::now()).await?;
            done.counts.rows += count;
            done.counts.accepted += i64::from(receipt.accepted);
            done.counts.duplicates += i64::from(receipt.duplicates);
            done.counts.refused += i64::try_from(receipt.refused.len()).unwrap_or(0);
            store::usage::set_imported(&mut change, organization, &source, done.counts).await?;
            change.commit().await?;
            for refused in receipt.refused.iter().take(TOLD.saturating_sub(done.refused.len())) {
                let line = lines.get(refused.index as usize).copied().unwrap_or(0);
                done.refused.push((line, refused.to_string()));
            }
        }
        progress(rows.position().byte());
        if over {
            return Ok(done);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Files of notebooks write whole numbers as floats, and small ones with exponents.
    #[test]
    fn numbers_of_a_row_are_read_whole_or_refused() {
        let columns = ["time=time", "model=model", "prompt_tokens=In", "cost_usd=Cost"].map(str::to_owned);
        let reading = Reading::new(&columns, &[]).unwrap_or_default();
        let headers = csv::StringRecord::from(vec!["time", "model", "In", "Cost"]);
        let read = |tokens: &str, cost: &str| {
            let row = csv::StringRecord::from(vec!["2026-11-24 09:15:00+00:00", "openai/gpt-4o", tokens, cost]);
            let event = event(&reading, &headers, &row, 2, &"0".repeat(64));
            event.map(|event| (event.prompt_tokens, event.cost)).map_err(|refused| refused.to_string())
        };
        assert_eq!(read("1200.0", "0.0064"), Ok((Some(1200), Some(Money::micro(6_400)))));
        assert_eq!(read("80", "4.5e-05"), Ok((Some(80), Some(Money::micro(45)))));
        assert_eq!(read("80", "1.2345678e-05"), Ok((Some(80), Some(Money::nano(12_346)))));
        assert_eq!(read("", ""), Ok((None, None)));
        for tokens in ["12.5", "-3", "1,200", "1200 "] {
            let right = tokens.trim() == "1200";
            assert_eq!(read(tokens, "").is_ok(), right, "{tokens}");
        }
        assert_eq!(read("12.5", ""), Err("amount: In is \"12.5\"".to_owned()));
        for cost in ["Included", "-", "1e", "$0.04"] {
            assert_eq!(read("1200", cost), Err(format!("amount: Cost is {cost:?}")));
        }
    }

    #[test]
    fn moments_by_example() {
        assert_eq!(moment("2023-11-16 18:17:03.9799600"), Some(1_700_158_623_979));
        assert_eq!(moment("2023-11-16T19:17:03.979+01:00"), Some(1_700_158_623_979));
        assert_eq!(moment("1700158623979"), Some(1_700_158_623_979));
        assert_eq!(moment("yesterday"), None);
    }
}
