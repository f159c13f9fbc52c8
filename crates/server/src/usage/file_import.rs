//! Brings the calls of a file in. The whole file is looked at before a row is written: what it is, what its rows come
//! to, which are known already and which cannot be read. A row counts once, however often it comes.

mod look;
mod numbers;
mod rows;
mod sheet;
mod text;
mod times;

pub use look::Look;
pub use times::DateOrder;

use super::ingest;
use crate::error::{Error, Result};
use crate::store::{self, Store};
use jiff::tz::TimeZone;
use numbers::Signs;
use pulze_contract::OrganizationId;
use pulze_contract::table::DecimalSign;
use pulze_contract::usage::{EVENTS_MAX, UsageEvent};
use rows::{Identities, Rules};
use sheet::Sheet;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use times::Orders;

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
/// Those that are numbers.
const NUMBERS: [&str; 6] = ["key_version", "prompt_tokens", "completion_tokens", "latency", "status", "cost_usd"];
/// Rows that are written in one transaction. Files of more are written in several, so that others get in between; one
/// that broke off goes on with the same command.
const AT_ONCE: usize = 20_000;

/// Where the fields are.
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
        if let Some(field) = reading.columns.keys().find(|field| reading.values.contains_key(*field)) {
            return Err(format!("{field} is given by --map and by --set"));
        }
        for needed in ["time", "model"] {
            if !reading.columns.contains_key(needed) && !reading.values.contains_key(needed) {
                return Err(format!("say where {needed} is: --map {needed}=COLUMN, or --set {needed}=VALUE"));
            }
        }
        Ok(reading)
    }
}

/// What is said about a file in place of finding it out, and what is to be done with it.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    pub encoding: Option<String>,
    pub separator: Option<char>,
    pub decimal: Option<DecimalSign>,
    pub dates: Option<DateOrder>,
    /// Of times that do not say theirs; else UTC.
    pub zone: Option<String>,
    /// Look only.
    pub dry_run: bool,
    /// Bring the other rows in where some cannot be read.
    pub skip_refused: bool,
}

/// What became of a file.
#[derive(Debug)]
pub struct Done {
    pub look: Look,
    /// How many calls were counted now; nothing where nothing was to be written.
    pub counted: Option<u64>,
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Internal(error.to_string())
}

/// A row that was read: its line, and the event or why there is none.
type Line = (u64, std::result::Result<UsageEvent, String>);

/// A file whose rows can be read, the same way every time.
struct File<'a> {
    reading: &'a Reading,
    sheet: Sheet<'a>,
    rules: Rules,
}

impl File<'_> {
    /// Every row, in lists of as many as are taken in at once.
    fn lists(&self) -> impl Iterator<Item = Result<Vec<Line>>> {
        let mut identities = Identities::default();
        let mut rows = self.sheet.rows();
        let mut next = move || -> Result<Vec<Line>> {
            let mut lines = Vec::new();
            for row in rows.by_ref().take(EVENTS_MAX) {
                let row = row.map_err(failed)?;
                let event = rows::event(self.reading, &self.sheet, &row, &self.rules).map(|mut event| {
                    event.id = identities.of(&event);
                    event
                });
                lines.push((row.line, event));
            }
            Ok(lines)
        };
        std::iter::from_fn(move || Some(next()).filter(|lines| !lines.as_ref().is_ok_and(Vec::is_empty)))
    }
}

/// Looks at a file and, unless that is all that is wanted, brings it in: all of it, or nothing. `progress` hears how
/// many of how many calls are written.
///
/// # Errors
/// The file is no table with these columns, there is no such organization, or the database fails.
pub async fn run(
    store: &Store,
    organization: &OrganizationId,
    file: &Path,
    reading: &Reading,
    wishes: &Wishes,
    mut progress: impl FnMut(u64, u64),
) -> Result<Done> {
    let bytes = std::fs::read(file).map_err(|error| failed(format!("{}: {error}", file.display())))?;
    let text = text::read(&bytes, wishes.encoding.as_deref()).map_err(failed)?;
    let columns: Vec<&str> = reading.columns.values().map(String::as_str).collect();
    let sheet = Sheet::find(&text.text, wishes.separator, &columns).map_err(failed)?;
    let zone_name = wishes.zone.as_deref().unwrap_or("UTC");
    let zone = TimeZone::get(zone_name).map_err(|_| failed(format!("there is no time zone {zone_name}")))?;
    if !store::organizations::exists(&mut *store.read().await?, organization).await? {
        return Err(failed("there is no such organization"));
    }

    // What holds for all rows follows from all of them.
    let (mut signs, mut orders) = (Signs::default(), Orders::default());
    for row in sheet.rows() {
        let row = row.map_err(failed)?;
        let get = |field: &str| rows::cell(reading, &sheet, &row, field);
        NUMBERS.iter().filter_map(|field| get(field)).for_each(|text| signs.see(row.line, text));
        get("time").into_iter().for_each(|text| orders.see(row.line, text));
    }
    let sign = wishes.decimal.map_or_else(|| signs.decide(), Ok);
    let order = wishes.dates.map_or_else(|| orders.decide(), |order| Ok(Some(order)));
    let mut look = Look {
        encoding: text.encoding.clone(),
        separator: sheet.separator(),
        columns: reading.columns.iter().map(|(field, column)| (field.clone(), column.clone())).collect(),
        unused: sheet.headers.iter().filter(|name| !columns.contains(&name.as_str())).cloned().collect(),
        zone: (orders.without_zone > 0).then(|| zone_name.to_owned()),
        ..Look::default()
    };
    let (sign, order) = match (sign, order) {
        (Ok(sign), Ok(order)) => (sign, order),
        (sign, order) => {
            look.questions = sign.err().into_iter().chain(order.err()).collect();
            return Ok(Done { look, counted: None });
        }
    };
    look.sign = sign;
    look.order = order;
    // Where no date needs an order, any does.
    let rules = Rules { sign, order: order.unwrap_or(DateOrder::DayFirst), zone };
    let file = File { reading, sheet, rules };
    look_at(store, organization, &file, &mut look).await?;
    if wishes.dry_run || look.new == 0 || (look.refused > 0 && !wishes.skip_refused) {
        return Ok(Done { look, counted: None });
    }
    let counted = write(store, organization, &file, wishes.skip_refused, &look, &mut progress).await?;
    Ok(Done { look, counted: Some(counted) })
}

/// Reads all rows and asks the database about them, without writing.
async fn look_at(store: &Store, organization: &OrganizationId, file: &File<'_>, look: &mut Look) -> Result<()> {
    let mut db = store.read().await?;
    let mut there = HashSet::new();
    for lines in file.lists() {
        let mut read = Vec::new();
        for (line, event) in lines? {
            look.rows += 1;
            match event {
                Ok(event) if there.insert(event.id.clone()) => read.push((line, event)),
                Ok(_) => look.repeated += 1,
                Err(reason) => look.refuse(line, reason),
            }
        }
        let ids: Vec<&str> = read.iter().map(|(_, event)| event.id.as_str()).collect();
        let known = store::usage::known_calls(&mut db, organization, &ids).await?;
        look.known += known.len() as u64;
        read.retain(|(_, event)| !known.contains(&event.id));
        let events: Vec<&UsageEvent> = read.iter().map(|(_, event)| event).collect();
        let prices = ingest::look(&mut db, organization, &events, crate::now()).await?;
        for ((line, event), price) in read.iter().zip(prices) {
            match price {
                Ok(price) => look.add(event, price),
                Err(refused) => look.refuse(*line, look::sentence(&refused, event)),
            }
        }
    }
    Ok(())
}

/// Brings all rows in that are not known. Nothing is written where one cannot be taken that could be read before.
async fn write(
    store: &Store,
    organization: &OrganizationId,
    file: &File<'_>,
    skip_refused: bool,
    look: &Look,
    progress: &mut impl FnMut(u64, u64),
) -> Result<u64> {
    let at_once = look.new <= AT_ONCE as u64;
    let mut counted = 0;
    let mut under_way = None;
    for lines in file.lists() {
        let mut change = match under_way.take() {
            Some(change) => change,
            None => {
                let mut change = store.change(organization).await?;
                if !store::organizations::lock(&mut change, organization).await? {
                    return Err(failed("there is no such organization"));
                }
                change
            }
        };
        let (lines, events): (Vec<u64>, Vec<UsageEvent>) =
            lines?.into_iter().filter_map(|(line, event)| Some((line, event.ok()?))).unzip();
        let ids: Vec<&str> = events.iter().map(|event| event.id.as_str()).collect();
        let known = store::usage::known_calls(&mut change, organization, &ids).await?;
        let (lines, events): (Vec<u64>, Vec<UsageEvent>) =
            lines.into_iter().zip(events).filter(|(_, event)| !known.contains(&event.id)).unzip();
        let ids: Vec<String> = events.iter().map(|event| event.id.clone()).collect();
        let receipt = ingest::take(&mut change, organization, events.into_iter().map(Ok).collect(), crate::now()).await?;
        let refused: HashSet<usize> = receipt.refused.iter().map(|refused| refused.index as usize).collect();
        if let Some(line) = refused.iter().min().and_then(|place| lines.get(*place)).filter(|_| !skip_refused) {
            return Err(failed(format!("line {line} can no longer be taken; run the same command again to see why")));
        }
        let taken: Vec<&str> =
            ids.iter().enumerate().filter(|(place, _)| !refused.contains(place)).map(|(_, id)| id.as_str()).collect();
        store::usage::remember_rows(&mut change, organization, &taken).await?;
        counted += u64::from(receipt.accepted);
        if at_once {
            under_way = Some(change);
        } else {
            change.commit().await?;
        }
        progress(counted, look.new);
    }
    if let Some(change) = under_way {
        change.commit().await?;
    }
    Ok(counted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_given_once() {
        let of = |columns: &[&str], values: &[&str]| {
            let owned = |given: &[&str]| given.iter().map(|pair| (*pair).to_owned()).collect::<Vec<_>>();
            Reading::new(&owned(columns), &owned(values)).err().unwrap_or_default()
        };
        assert_eq!(of(&["time=Date"], &["model=a/b"]), "");
        assert!(of(&["time=Date"], &[]).contains("say where model is"));
        assert!(of(&["time=Date", "time=Day"], &["model=a/b"]).contains("given twice"));
        assert!(of(&["time=Date", "model=Model"], &["model=a/b"]).contains("by --map and by --set"));
        assert!(of(&["tiem=Date"], &[]).contains("no field tiem"));
    }
}
