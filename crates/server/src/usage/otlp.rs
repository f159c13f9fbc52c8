//! Calls as OpenTelemetry spans: the attributes of generative AI (semantic conventions 1.30 and later, and
//! the names that they had before), as an exporter sends them over OTLP/HTTP in JSON.
//!
//! A span is one call; its trace and its own identifier together are the identifier of the event, so that an
//! exporter that sends again counts nothing twice. Metrics carry no such identity: they are not taken.

use super::ingest;
use crate::App;
use crate::error::{Error, Fields, Result};
use crate::service::Member;
use pulze_contract::decimal::Decimal;
use pulze_contract::money::Money;
use pulze_contract::usage::{EVENTS_MAX, EventRefusal, RefusedEvent, UsageEvent};
use pulze_contract::validation::Rule;
use pulze_contract::{AssistantId, ProblemType, UserId};
use serde_json::{Value, json};

/// Takes the spans of an export request that tell of a call of a model; others are passed over.
///
/// # Errors
/// `malformed` for what is no export request, `invalid` for more than [`EVENTS_MAX`] calls.
pub async fn import(app: &App, caller: &Member, body: &[u8]) -> Result<Value> {
    let request: Value = serde_json::from_slice(body).map_err(|_| Error::from(ProblemType::Malformed))?;
    let resources = request.get("resourceSpans").and_then(Value::as_array).ok_or(ProblemType::Malformed)?;
    let events: Vec<_> = resources.iter().flat_map(of_resource).collect();
    let mut fields = Fields::default();
    fields.check("resourceSpans", if events.len() <= EVENTS_MAX { Ok(()) } else { Err(Rule::TooMany) });
    fields.finish()?;
    let receipt = ingest::take_all(app, caller, events).await?;
    let Some(first) = receipt.refused.first() else { return Ok(json!({})) };
    let message = format!("{}: {first}", first.id);
    // 64-bit numbers are strings in the JSON of protocol buffers.
    Ok(json!({ "partialSuccess": { "rejectedSpans": receipt.refused.len().to_string(), "errorMessage": message } }))
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

type Read = std::result::Result<UsageEvent, RefusedEvent>;

fn of_resource(resource: &Value) -> Vec<Read> {
    let around = resource.get("resource").cloned().unwrap_or_default();
    let spans = list(resource, "scopeSpans").flat_map(|scope| list(scope, "spans"));
    spans.filter_map(|span| event(span, &around)).collect()
}

/// An attribute of a span, or else of its resource, as text.
fn attribute(span: &Value, around: &Value, names: &[&str]) -> Option<String> {
    let of = |value: &Value, name: &str| {
        let found = list(value, "attributes").find(|pair| pair.get("key").and_then(Value::as_str) == Some(name))?.get("value")?;
        let text = ["stringValue", "intValue", "doubleValue"].into_iter().find_map(|kind| found.get(kind))?;
        Some(text.as_str().map_or_else(|| text.to_string(), str::to_owned))
    };
    names.iter().find_map(|name| of(span, name).or_else(|| of(around, name))).filter(|text| !text.is_empty())
}

fn event(span: &Value, around: &Value) -> Option<Read> {
    let get = |names: &[&str]| attribute(span, around, names);
    let model = get(&["gen_ai.response.model", "gen_ai.request.model"])?;
    let text = |name: &str| span.get(name).and_then(Value::as_str).unwrap_or_default();
    let id = format!("{}:{}", text("traceId"), text("spanId"));
    // Nanoseconds, as a text or a number.
    let moment = |name: &str| {
        let value = span.get(name)?;
        let nanoseconds = value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()))?;
        i64::try_from(nanoseconds / 1_000_000).ok()
    };
    let Some((start, end)) = moment("startTimeUnixNano").zip(moment("endTimeUnixNano")) else {
        return Some(Err(RefusedEvent::new(&id, EventRefusal::Malformed, "endTimeUnixNano", text("endTimeUnixNano"))));
    };
    let provider = get(&["gen_ai.provider.name", "gen_ai.system"]);
    let model = match provider {
        Some(provider) if !model.contains('/') => format!("{provider}/{model}"),
        _ => model,
    };
    let number = |names: &[&str]| {
        let Some(text) = get(names) else { return Ok(None) };
        let read = Decimal::parse(&text).and_then(|number| number.count());
        read.map(Some).map_err(|_| RefusedEvent::new(&id, EventRefusal::Amount, names[0], &text))
    };
    let prompt = number(&["gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"]);
    let completion = number(&["gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"]);
    let (prompt_tokens, completion_tokens) = match (prompt, completion) {
        (Ok(prompt), Ok(completion)) => (prompt, completion),
        (Err(refused), _) | (_, Err(refused)) => return Some(Err(refused)),
    };
    let code = span.get("status").and_then(|status| status.get("code")).cloned().unwrap_or_default();
    let failed = code == json!(2) || code == json!("STATUS_CODE_ERROR");
    let said = get(&["http.response.status_code", "http.status_code"]).and_then(|text| text.parse().ok());
    let version = get(&["pulze.api_key.version"]).and_then(|text| text.parse().ok());
    Some(Ok(UsageEvent {
        id,
        at: end,
        space_id: get(&["pulze.space.id"]),
        // The general names may hold identifiers of somebody else's.
        member_id: get(&["pulze.member.id"]).or_else(|| get(&["enduser.id", "user.id"]).filter(|id| UserId::parse(id).is_some())),
        assistant_id: get(&["pulze.assistant.id"])
            .or_else(|| get(&["gen_ai.agent.id"]).filter(|id| AssistantId::parse(id).is_some())),
        model,
        router_id: get(&["pulze.router.id"]),
        api_key_id: get(&["pulze.api_key.id"]),
        api_key_version: version,
        prompt_tokens,
        completion_tokens,
        latency: Some((end - start).max(0)),
        status: Some(said.unwrap_or(if failed { 500 } else { 200 })),
        cost: get(&["pulze.cost_micro_dollars"]).and_then(|text| Decimal::parse(&text).ok()?.rounded(3).ok()).map(Money::nano),
        tools: Vec::new(),
    }))
}
