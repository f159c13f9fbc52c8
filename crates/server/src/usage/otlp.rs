//! Calls as OpenTelemetry spans: the attributes of generative AI (semantic conventions 1.30 and later, and the names
//! that they had before), as exporters send them over OTLP/HTTP.
//!
//! [`wire`] reads both encodings, [`calls`] tells model calls from what stands around them. A span that counts is one
//! call; its trace and its own identifier together are the identifier of the event, so that an exporter that sends
//! again counts nothing twice. Metrics carry no such identity: they are not taken.

mod calls;
pub mod wire;

use super::ingest;
use super::model_names::{ModelNames, Said};
use crate::App;
use crate::error::Result;
use crate::service::Member;
use crate::store;
use calls::{INPUT, MODEL, OUTPUT};
use pulze_contract::decimal::{Decimal, NumberError};
use pulze_contract::money::Money;
use pulze_contract::usage::{EVENTS_MAX, EventRefusal, RefusedEvent, UsageEvent};
use pulze_contract::{AssistantId, UserId};
use std::collections::HashSet;
use wire::Span;

/// Tokens that were read from a cache or written into it: part of those that went in (conventions 1.37), or beside
/// them, as exporters before that counted.
const CACHE_READ: [&str; 3] =
    ["gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens", "gen_ai.usage.cached_input_tokens"];
const CACHE_WRITTEN: [&str; 2] = ["gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_creation_input_tokens"];
/// Tokens that a model thought in: part of those that came out, or beside them.
const REASONING: [&str; 3] =
    ["gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_output_tokens", "gen_ai.usage.reasoning_tokens"];

/// Takes the calls of models that spans tell of; other spans are passed over. How many of them were refused, and why
/// the first.
///
/// # Errors
/// The database fails.
pub async fn import(app: &App, caller: &Member, spans: &[Span]) -> Result<(usize, String)> {
    let organization = &caller.organization;
    let counted = calls::counted(spans);
    let id = |trace: &str, span: &str| format!("{trace}:{span}");
    let parents = |span: &&Span| !span.parent.is_empty();
    // What came in earlier requests: a call that this one stands around, or that stands around this one.
    let mut db = app.store.read().await?;
    let ids: Vec<String> = counted.iter().map(|span| id(&span.trace, &span.id)).collect();
    let around = store::usage::around_calls(&mut db, organization, &ids).await?;
    let above: Vec<String> = counted.iter().copied().filter(parents).map(|span| id(&span.trace, &span.parent)).collect();
    let told = store::usage::counted_calls(&mut db, organization, &above).await?;
    let catalogue = store::models::ids(&mut db, organization).await?;
    drop(db);
    let new = |span: &&Span| !around.contains(&id(&span.trace, &span.id)) && !told.contains(&id(&span.trace, &span.parent));
    let counted: Vec<&Span> = counted.into_iter().filter(new).collect();
    // Noted first: a call that is then not counted is sent again.
    let here: HashSet<(&str, &str)> = spans.iter().map(|span| (span.trace.as_str(), span.id.as_str())).collect();
    let elsewhere = |span: &&Span| !here.contains(&(span.trace.as_str(), span.parent.as_str()));
    let noted: HashSet<String> =
        counted.iter().copied().filter(parents).filter(elsewhere).map(|span| id(&span.trace, &span.parent)).collect();
    if !noted.is_empty() {
        let mut change = app.store.change(organization).await?;
        store::usage::note_around(&mut change, organization, &noted.into_iter().collect::<Vec<_>>(), crate::now()).await?;
        change.commit().await?;
    }
    let (mut rejected, mut message) = (0, String::new());
    for chunk in counted.chunks(EVENTS_MAX) {
        let events = chunk.iter().map(|span| event(&app.model_names, |id| catalogue.contains(id), span)).collect();
        let receipt = ingest::take_all(app, caller, events).await?;
        if let Some(first) = receipt.refused.first().filter(|_| rejected == 0) {
            message = format!("{}: {first}", first.id);
        }
        rejected += receipt.refused.len();
    }
    Ok((rejected, message))
}

/// What is part of a number, or was counted beside it.
fn with_part(whole: Option<i64>, part: Option<i64>) -> Option<i64> {
    match (whole, part) {
        (Some(whole), Some(part)) if part > whole => whole.checked_add(part),
        (None, part) => part,
        (whole, _) => whole,
    }
}

fn event(names: &ModelNames, is_known: impl Fn(&str) -> bool, span: &Span) -> std::result::Result<UsageEvent, RefusedEvent> {
    let get = |names: &[&str]| span.get(names).map(str::to_owned);
    let id = format!("{}:{}", span.trace, span.id);
    let refuse = |reason, field: &str, found: &str| RefusedEvent::new(&id, reason, field, found);
    if span.trace.is_empty() || span.id.is_empty() {
        return Err(refuse(EventRefusal::Malformed, if span.trace.is_empty() { "traceId" } else { "spanId" }, ""));
    }
    let start = span.start.ok_or_else(|| refuse(EventRefusal::Malformed, "startTimeUnixNano", ""))?;
    let end = span.end.ok_or_else(|| refuse(EventRefusal::Malformed, "endTimeUnixNano", ""))?;
    let read = |names: &[&'static str], reason, of: fn(&Decimal) -> std::result::Result<i64, NumberError>| {
        let Some((field, text)) = names.iter().find_map(|name| Some((*name, span.get(&[name])?))) else { return Ok(None) };
        let number = Decimal::parse(text).and_then(|number| of(&number));
        number.map(Some).map_err(|_| refuse(reason, field, text))
    };
    let count = |names: &[&'static str]| read(names, EventRefusal::Amount, Decimal::count);
    let small = |names: &[&'static str], reason| read(names, reason, Decimal::count);
    let cached = match (count(&CACHE_READ)?, count(&CACHE_WRITTEN)?) {
        (None, None) => None,
        (read, written) => Some(read.unwrap_or(0).saturating_add(written.unwrap_or(0))),
    };
    let failed = if span.failed { 500 } else { 200 };
    let status = small(&["http.response.status_code", "http.status_code"], EventRefusal::Status)?.unwrap_or(failed);
    let version = small(&["pulze.api_key.version"], EventRefusal::Malformed)?;
    let said = Said {
        provider: span.get(&["gen_ai.provider.name", "gen_ai.system"]).unwrap_or_default(),
        host: span.get(&["server.address"]).unwrap_or_default(),
        model: span.get(&MODEL).unwrap_or_default(),
    };
    Ok(UsageEvent {
        at: end,
        space_id: get(&["pulze.space.id"]),
        // The general names may hold identifiers of somebody else's.
        member_id: get(&["pulze.member.id"]).or_else(|| get(&["enduser.id", "user.id"]).filter(|id| UserId::parse(id).is_some())),
        assistant_id: get(&["pulze.assistant.id"])
            .or_else(|| get(&["gen_ai.agent.id"]).filter(|id| AssistantId::parse(id).is_some())),
        model: names.resolve(said, is_known),
        router_id: get(&["pulze.router.id"]),
        api_key_id: get(&["pulze.api_key.id"]),
        api_key_version: version
            .map(|version| u32::try_from(version).map_err(|_| refuse(EventRefusal::Malformed, "pulze.api_key.version", "")))
            .transpose()?,
        prompt_tokens: with_part(count(&INPUT)?, cached),
        completion_tokens: with_part(count(&OUTPUT)?, count(&REASONING)?),
        latency: Some((end - start).max(0)),
        status: Some(u16::try_from(status).map_err(|_| refuse(EventRefusal::Status, "http.response.status_code", ""))?),
        cost: read(&["pulze.cost_micro_dollars"], EventRefusal::Amount, |micro| micro.rounded(3))?.map(Money::nano),
        tools: Vec::new(),
        id: id.clone(),
    })
}
