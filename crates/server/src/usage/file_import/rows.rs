//! A row as an event: every cell is read whole, or the row is refused with the cell that could not be.

use super::Reading;
use super::numbers::{dollars, is_nothing, number};
use super::sheet::{Row, Sheet};
use super::times::{DateOrder, moment};
use jiff::tz::TimeZone;
use pulze_contract::money::Money;
use pulze_contract::table::DecimalSign;
use pulze_contract::usage::UsageEvent;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// How the cells of a file are to be read: what holds for all of its rows.
#[derive(Clone, Debug)]
pub struct Rules {
    pub sign: DecimalSign,
    pub order: DateOrder,
    pub zone: TimeZone,
}

/// The cell of a field, or the value that was given for it; nothing where that says nothing.
pub fn cell<'a>(reading: &'a Reading, sheet: &Sheet<'_>, row: &'a Row, field: &str) -> Option<&'a str> {
    let column = reading.columns.get(field).and_then(|column| sheet.column(column));
    let found = column.and_then(|column| row.cells.get(column)).or_else(|| reading.values.get(field).map(String::as_str));
    found.map(str::trim).filter(|text| !is_nothing(text))
}

/// A text of a file as it is told: short, and on one line.
pub fn told(text: &str) -> String {
    let short: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(40).collect();
    if text.chars().count() > 40 { format!("\"{short}…\"") } else { format!("\"{short}\"") }
}

/// Reads a row. Its identifier is empty where the file gives none.
///
/// # Errors
/// The field that cannot be read, and what stands there.
pub fn event(reading: &Reading, sheet: &Sheet<'_>, row: &Row, rules: &Rules) -> Result<UsageEvent, String> {
    if sheet.uneven(row) {
        return Err(format!("has {} cells, the header {}", row.cells.len(), sheet.headers.len()));
    }
    let get = |field: &str| cell(reading, sheet, row, field);
    let wrong = |field: &str, text: &str, what: &str| format!("{field}: {} {what}", told(text));
    let text = |field: &str| get(field).map(str::to_owned);
    let amount = |field: &str, read: &dyn Fn(&str) -> Option<i64>, what: &str| {
        get(field).map(|text| read(text).ok_or_else(|| wrong(field, text, what))).transpose()
    };
    let whole = |text: &str| number(text, rules.sign)?.count().ok();
    let count = |field: &str| amount(field, &whole, "is not a whole number");
    let cost = get("cost_usd").map(|text| {
        let cost = dollars(text, rules.sign).and_then(|dollars| dollars.rounded(9).ok()).map(Money::nano);
        cost.ok_or_else(|| wrong("cost_usd", text, "is not an amount in dollars"))
    });
    let time = get("time").ok_or("time: is empty")?;
    Ok(UsageEvent {
        id: text("id").unwrap_or_default(),
        at: moment(time, rules.order, &rules.zone).ok_or_else(|| wrong("time", time, "is not a time that can be read"))?,
        space_id: text("space"),
        member_id: text("member"),
        assistant_id: text("assistant"),
        model: text("model").ok_or("model: is empty")?,
        router_id: text("router"),
        api_key_id: text("key"),
        api_key_version: count("key_version")?.and_then(|version| u32::try_from(version).ok()),
        prompt_tokens: count("prompt_tokens")?,
        completion_tokens: count("completion_tokens")?,
        // Milliseconds are as fine as calls are timed here.
        latency: amount("latency", &|text| number(text, rules.sign)?.rounded(0).ok(), "is not a number of milliseconds")?,
        status: match count("status")? {
            None => None,
            Some(status) => Some(u16::try_from(status).map_err(|_| format!("status: {status} is not a status of HTTP"))?),
        },
        cost: cost.transpose()?,
        ..UsageEvent::default()
    })
}

/// Identifiers of rows that have none of their own: by what they say, and which of equal ones each is. The same rows
/// have the same ones in every file, wherever they stand in it and however it is written.
#[derive(Debug, Default)]
pub struct Identities {
    seen: HashMap<[u8; 16], u32>,
}

impl Identities {
    pub fn of(&mut self, event: &UsageEvent) -> String {
        if !event.id.is_empty() {
            return event.id.clone();
        }
        let named = [&event.space_id, &event.member_id, &event.assistant_id, &event.router_id, &event.api_key_id];
        let mut digest = Sha256::new();
        for text in named.into_iter().map(Option::as_deref).chain([Some(event.model.as_str())]) {
            digest.update(text.map_or(-1, |text| text.len() as i64).to_le_bytes());
            digest.update(text.unwrap_or_default());
        }
        let optional =
            [event.api_key_version.map(i64::from), event.latency, event.status.map(i64::from), event.cost.map(Money::as_nano)];
        let numbers = [event.at, event.prompt_tokens.unwrap_or(0), event.completion_tokens.unwrap_or(0)];
        for number in numbers.into_iter().chain(optional.into_iter().map(|number| number.unwrap_or(-1))) {
            digest.update(number.to_le_bytes());
        }
        let mut short = [0; 16];
        short.copy_from_slice(&digest.finalize()[..16]);
        let ordinal = self.seen.entry(short).or_default();
        *ordinal += 1;
        format!("row-{}-{ordinal}", crate::auth::token::hex(&short))
    }
}
