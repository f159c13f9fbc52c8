//! The numbers of a question as a file: every group, not only those that are shown, with range, time zone and
//! filters in it, and the same total.

use super::question::{Question, names};
use super::sums::Sums;
use crate::App;
use crate::error::{Error, Result};
use crate::service::Member;
use pulze_contract::table::{Cell, Table};
use pulze_contract::usage::{Amounts, Dimension, EXPORT_ROWS_MAX, UsageQuery};
use pulze_contract::validation::Rule;
use pulze_contract::{FieldError, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::HashMap;

/// One line of the file: a group in a bucket.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UsageFileLine")]
pub struct Line {
    /// With the offset of the reporting time zone.
    from: String,
    to: String,
    group: String,
    name: String,
    calls: i64,
    errors: i64,
    prompt_tokens: i64,
    completion_tokens: i64,
    tokens: i64,
    cost_usd: String,
    unpriced_calls: i64,
    latency_p50_ms: Option<i64>,
    latency_p95_ms: Option<i64>,
}

/// The file as JSON.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UsageFile")]
pub struct File {
    from: String,
    to: String,
    time_zone: String,
    granularity: &'static str,
    group: Option<&'static str>,
    filters: Vec<(&'static str, Vec<String>)>,
    complete: bool,
    total: Line,
    lines: Vec<Line>,
}

async fn file(app: &App, caller: &Member, query: &UsageQuery) -> Result<File> {
    let mut db = app.store.read().await?;
    let question = Question::read(&mut db, &caller.organization, query, crate::now()).await?;
    let whole = question.whole(&mut db, question.range).await?;
    let groups = query.group.map_or(1, |group| question.grouped(&whole, group).len());
    // A file that would not hold everything is not written at all.
    if groups * question.buckets.len() > EXPORT_ROWS_MAX {
        return Err(Error::invalid(vec![FieldError::new("range", Rule::TooMany)]));
    }
    let by = question.by_bucket(&mut db, question.range, &question.buckets, query.group, None).await?;
    let ids: Vec<&str> = by.keys().map(String::as_str).filter(|id| !id.is_empty()).collect();
    let named = match query.group {
        Some(group) => names(&mut db, &caller.organization, group, &ids).await?,
        None => HashMap::new(),
    };
    let (from, to) = question.range;
    let written = |at: Timestamp| question.zone.written(at);
    let line = |(from, to): (Timestamp, Timestamp), group: &str, name: &str, sums: &Sums| {
        let amounts: Amounts = sums.amounts();
        Line {
            from: written(from),
            to: written(to),
            group: group.to_owned(),
            name: name.to_owned(),
            calls: amounts.calls,
            errors: amounts.errors,
            prompt_tokens: amounts.prompt_tokens,
            completion_tokens: amounts.completion_tokens,
            tokens: amounts.tokens(),
            cost_usd: amounts.cost.to_string(),
            unpriced_calls: amounts.unpriced,
            latency_p50_ms: amounts.latency_p50,
            latency_p95_ms: amounts.latency_p95,
        }
    };
    let mut lines = Vec::new();
    for (place, start) in question.buckets.iter().enumerate() {
        let end = question.buckets.get(place + 1).copied().unwrap_or(to);
        for (id, values) in &by {
            if let Some(sums) = values.get(place).filter(|sums| sums.calls > 0) {
                lines.push(line((*start, end), id, named.get(id).map_or("", String::as_str), sums));
            }
        }
    }
    let total = whole.iter().map(|(_, sums)| *sums).sum::<Sums>().whole()?;
    let lines_total: i64 = lines.iter().map(|line| line.calls).sum();
    Ok(File {
        from: written(from),
        to: written(to),
        time_zone: question.zone_name.clone(),
        granularity: question.granularity.as_str(),
        group: query.group.map(Dimension::as_str),
        filters: query.filters.iter().map(|(dimension, values)| (dimension.as_str(), values.clone())).collect(),
        complete: lines_total == total.calls,
        total: line((from, to), "total", "", &total),
        lines,
    })
}

/// The file as JSON.
///
/// # Errors
/// `invalid` where the file would be longer than [`EXPORT_ROWS_MAX`] lines, or the question cannot be told.
pub async fn json(app: &App, caller: &Member, query: &UsageQuery) -> Result<String> {
    serde_json::to_string_pretty(&file(app, caller, query).await?).map_err(|error| Error::Internal(error.to_string()))
}

/// The numbers as a table. Time zone, granularity and filters stand in every line, the total in the last.
///
/// # Errors
/// As [`json`].
pub async fn table(app: &App, caller: &Member, query: &UsageQuery) -> Result<Table> {
    let file = file(app, caller, query).await?;
    let header = "from,to,group,name,calls,errors,prompt_tokens,completion_tokens,tokens,cost_usd,unpriced_calls,\
                  latency_p50_ms,latency_p95_ms,time_zone,granularity,filters";
    let mut table = Table::new(header.split(','));
    let filters: Vec<String> =
        file.filters.iter().map(|(dimension, values)| format!("{dimension}={}", values.join("|"))).collect();
    let filters = filters.join(" & ");
    for line in file.lines.into_iter().chain([file.total]) {
        let latency = |latency: Option<i64>| latency.map(Cell::whole).unwrap_or_default();
        table.push([
            Cell::text(line.from),
            Cell::text(line.to),
            Cell::text(line.group),
            Cell::text(line.name),
            Cell::whole(line.calls),
            Cell::whole(line.errors),
            Cell::whole(line.prompt_tokens),
            Cell::whole(line.completion_tokens),
            Cell::whole(line.tokens),
            Cell::number(line.cost_usd),
            Cell::whole(line.unpriced_calls),
            latency(line.latency_p50_ms),
            latency(line.latency_p95_ms),
            Cell::text(file.time_zone.as_str()),
            Cell::text(file.granularity),
            Cell::text(filters.as_str()),
        ]);
    }
    Ok(table)
}
