//! OpenTelemetry as exporters send it: both encodings, packed or not, with the conventions' names, and nothing twice.

use crate::test_app::{Call, Client, Reply, TestApp, on_each_database};
use flate2::{Compression, write::GzEncoder};
use pulze_contract::money::Money;
use pulze_contract::organization::Plan;
use pulze_contract::usage::{Dimension, Usage, UsageQuery};
use pulze_contract::{Operation, OrganizationId, Role};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::Write;

const JSON: &str = "application/json";
const PROTOBUF: &str = "application/x-protobuf";
const TRACE: &str = "c9c9c9c9c9c9c9c9c9c9c9c9c9c9c9c9";

struct Place {
    id: OrganizationId,
    admin: Client,
}

impl Place {
    async fn new(app: &TestApp) -> Self {
        let admin = app.client(&format!("{}@otlp.test", pulze_console_server::new_digits())).await;
        let id = app.organization("Spans", Plan::PulzeXSuite, &[(&admin.user, Role::Admin)]).await;
        Self { id, admin }
    }

    async fn export(&self, kind: &str, coding: Option<&str>, body: &[u8]) -> Reply {
        let mut headers = vec![("content-type", kind.to_owned())];
        headers.extend(coding.map(|coding| ("content-encoding", coding.to_owned())));
        let call = Call { organization: Some(&self.id), raw: Some(body.to_vec()), headers, ..Call::default() };
        self.admin.send(Operation::UsageTraces, call).await
    }

    async fn spans(&self, spans: &[Value]) -> Value {
        let request = json!({ "resourceSpans": [{ "resource": {}, "scopeSpans": [{ "spans": spans }] }] });
        let reply = self.export(JSON, None, request.to_string().as_bytes()).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()
    }

    async fn usage(&self, group: Dimension) -> Usage {
        let query = format!("?range=24h&group={}", group.as_str());
        let call = Call { organization: Some(&self.id), query: &query, ..Call::default() };
        let reply = self.admin.send(Operation::UsageRead, call).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let _ = UsageQuery::default();
        serde_json::from_str(&reply.text).unwrap()
    }

    async fn counted(&self) -> (i64, i64, i64) {
        let total = self.usage(Dimension::Model).await.total;
        (total.calls, total.prompt_tokens, total.completion_tokens)
    }
}

/// Attributes: texts, whole numbers and doubles as they are given.
fn attributes(of: &Value) -> Vec<Value> {
    let value = |value: &Value| match value {
        Value::String(text) => json!({ "stringValue": text }),
        Value::Number(number) if number.is_f64() => json!({ "doubleValue": number }),
        Value::Number(number) => json!({ "intValue": number.to_string() }),
        other => other.clone(),
    };
    of.as_object().unwrap().iter().map(|(key, one)| json!({ "key": key, "value": value(one) })).collect()
}

fn span(id: u32, parent: Option<u32>, of: &Value) -> Value {
    let now = pulze_console_server::now();
    let mut span = json!({
        "traceId": TRACE, "spanId": format!("{id:016x}"), "name": "chat", "kind": 3,
        "startTimeUnixNano": ((now - 820) * 1_000_000).to_string(), "endTimeUnixNano": (now * 1_000_000).to_string(),
        "attributes": attributes(of), "status": {},
    });
    if let Some(parent) = parent {
        span["parentSpanId"] = json!(format!("{parent:016x}"));
    }
    span
}

fn chat(id: u32, parent: Option<u32>, tokens: i64) -> Value {
    span(
        id,
        parent,
        &json!({
            "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o",
            "gen_ai.usage.input_tokens": tokens, "gen_ai.usage.output_tokens": 1,
        }),
    )
}

/// A field of protocol buffers whose length is said.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let (mut bytes, mut length) = (vec![number << 3 | 2], content.len());
    while length > 127 {
        bytes.push(u8::try_from(length & 127).unwrap() | 128);
        length >>= 7;
    }
    bytes.push(u8::try_from(length).unwrap());
    bytes.extend_from_slice(content);
    bytes
}

/// One span as protocol buffers write it, its tokens as a double.
fn protobuf(tokens: f64) -> Vec<u8> {
    let now = u64::try_from(pulze_console_server::now()).unwrap() * 1_000_000;
    let attribute = |key: &str, value: Vec<u8>| field(9, &[field(1, key.as_bytes()), field(2, &value)].concat());
    let text = |key: &str, value: &str| attribute(key, field(1, value.as_bytes()));
    let double = |key: &str, value: f64| attribute(key, [vec![4 << 3 | 1], value.to_le_bytes().to_vec()].concat());
    let fixed = |number: u8, value: u64| [vec![number << 3 | 1], value.to_le_bytes().to_vec()].concat();
    let span = [
        field(1, &[0xc9; 16]),
        field(2, &[0, 0, 0, 0, 0, 0, 0, 1]),
        fixed(7, now - 820_000_000),
        fixed(8, now),
        text("gen_ai.provider.name", "openai"),
        text("gen_ai.request.model", "gpt-4o"),
        double("gen_ai.usage.input_tokens", tokens),
        double("gen_ai.usage.output_tokens", 340.0),
    ];
    field(1, &field(2, &field(2, &span.concat())))
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn header<'a>(reply: &'a Reply, name: &str) -> &'a str {
    reply.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn spans_come_in_both_encodings_packed_or_not() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app).await;
        let of = json!({
            "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o",
            "gen_ai.usage.input_tokens": 1200, "gen_ai.usage.output_tokens": 340.0,
        });
        let request = json!({ "resourceSpans": [{ "scopeSpans": [{ "spans": [span(1, None, &of)] }] }] }).to_string();
        let (plain, binary) = (request.as_bytes(), protobuf(1200.0));
        for (kind, coding, body) in [
            (JSON, None, plain.to_vec()),
            ("Application/JSON; charset=utf-8", Some("gzip"), gzip(plain)),
            (PROTOBUF, None, binary.clone()),
            (PROTOBUF, Some("GZIP"), gzip(&binary)),
        ] {
            let reply = place.export(kind, coding, &body).await;
            assert_eq!(reply.status, 200, "{kind} {coding:?}: {}", reply.text);
            let (answered, text) = if kind == PROTOBUF { (PROTOBUF, "") } else { (JSON, "{}") };
            assert_eq!((header(&reply, "content-type"), reply.text.as_str()), (answered, text));
        }
        assert_eq!(place.counted().await, (1, 1200, 340), "one span is one call, however often it comes");
        // An export of nothing is one.
        assert_eq!(place.export(PROTOBUF, None, b"").await.status, 200);
        let refused = [
            (JSON, Some("br"), plain.to_vec(), 415, "accept-encoding", "gzip"),
            (JSON, Some("deflate"), plain.to_vec(), 415, "accept-encoding", "gzip"),
            ("text/plain", None, plain.to_vec(), 415, "accept", "application/json, application/x-protobuf"),
            (JSON, Some("gzip"), gzip(&vec![0; 60_000_000]), 413, "", ""),
            (PROTOBUF, Some("gzip"), gzip(&vec![0; 60_000_000]), 413, "", ""),
            (JSON, Some("gzip"), plain.to_vec(), 400, "", ""),
            (PROTOBUF, None, plain.to_vec(), 400, "content-type", PROTOBUF),
        ];
        for (kind, coding, body, status, name, value) in refused {
            let reply = place.export(kind, coding, &body).await;
            assert_eq!((reply.status, header(&reply, name)), (status, value), "{kind} {coding:?}: {}", reply.text);
        }
        // What is refused of it is said in what it was sent in.
        let reply = place.export(PROTOBUF, None, &protobuf(12.5)).await;
        assert_eq!(reply.status, 200);
        assert!(reply.text.contains(r#"amount: gen_ai.usage.input_tokens is "12.5""#), "{}", reply.text);
        assert_eq!(place.counted().await, (1, 1200, 340));
    }
}

#[tokio::test]
async fn the_names_of_the_standard_find_their_prices_or_none() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app).await;
        let calls = [
            ("gcp.gemini", "gemini-2.5-flash", "", "google/gemini-2.5-flash", 300_000),
            ("gcp.vertex_ai", "gemini-2.5-pro", "", "google/gemini-2.5-pro", 1_250_000),
            ("mistral_ai", "mistral-small", "", "mistral/mistral-small", 100_000),
            ("x_ai", "grok-4.5", "", "xai/grok-4.5", 2_000_000),
            ("azure.ai.openai", "gpt-4o", "gpt-4o-2024-11-20", "openai/gpt-4o-2024-11-20", 2_500_000),
            (
                "aws.bedrock",
                "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
                "",
                "anthropic/claude-sonnet-4-5-20250929",
                3_000_000,
            ),
            ("groq", "openai/gpt-oss-20b", "", "groq/openai/gpt-oss-20b", 75_000),
            ("openai", "ft:gpt-4o-mini-2024-07-18:acme::AbC123", "", "openai/ft:gpt-4o-mini-2024-07-18:acme::AbC123", 300_000),
            ("openai", "gpt-4o-2099-01-01", "", "openai/gpt-4o-2099-01-01", 0),
        ];
        let spans: Vec<Value> = (1..)
            .zip(&calls)
            .map(|(id, (provider, request, response, ..))| {
                let mut of = json!({
                    "gen_ai.operation.name": "chat", "gen_ai.provider.name": provider, "gen_ai.request.model": request,
                    "gen_ai.usage.input_tokens": 1_000_000, "gen_ai.usage.output_tokens": 0,
                });
                if !response.is_empty() {
                    of["gen_ai.response.model"] = json!(response);
                }
                span(id, None, &of)
            })
            .collect();
        assert_eq!(place.spans(&spans).await, json!({}));
        let usage = place.usage(Dimension::Model).await;
        let told: HashMap<&str, (Money, i64)> =
            usage.groups.iter().map(|group| (group.id.as_str(), (group.amounts.cost, group.amounts.unpriced))).collect();
        for (.., id, cost) in calls {
            assert_eq!(told.get(id), Some(&(Money::micro(cost), i64::from(cost == 0))), "{id}");
        }
        let providers = place.usage(Dimension::Provider).await;
        let mut names: Vec<&str> = providers.groups.iter().map(|group| group.id.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["anthropic", "google", "groq", "mistral", "openai", "xai"]);
    }
}

#[tokio::test]
async fn agents_tools_and_wrappers_count_nothing_twice() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app).await;
        let around = |id: u32, parent: Option<u32>, operation: &str, tokens: i64| {
            let of = json!({
                "gen_ai.operation.name": operation, "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o",
                "gen_ai.usage.input_tokens": tokens, "gen_ai.usage.output_tokens": 2,
            });
            span(id, parent, &of)
        };
        // An agent, whose tokens are those of its calls; a framework's span around an SDK's; a tool that asks a model.
        let spans = [
            around(1, None, "invoke_agent", 111),
            chat(2, Some(1), 100),
            span(3, Some(2), &json!({ "http.route": "/v1/chat" })),
            chat(4, Some(3), 100),
            around(5, Some(2), "execute_tool", 11),
            chat(6, Some(5), 11),
        ];
        assert_eq!(place.spans(&spans).await, json!({}));
        assert_eq!(place.counted().await, (2, 111, 2));
        // In requests of their own, in either order, and again.
        for (first, second) in [((20, Some(21)), (21, None)), ((31, None), (30, Some(31)))] {
            for (id, parent) in [first, second, first, second] {
                place.spans(&[chat(id, parent, 7)]).await;
            }
        }
        assert_eq!(place.counted().await, (4, 125, 4));
        // The same answer of the provider told by two spans side by side; a chain that bites its own tail.
        let answer = |id: u32| {
            let mut told = chat(id, None, 5);
            let more = json!({ "key": "gen_ai.response.id", "value": { "stringValue": "chatcmpl-1" } });
            told["attributes"].as_array_mut().unwrap().push(more);
            told
        };
        place.spans(&[answer(40), answer(41), chat(50, Some(51), 1), span(51, Some(50), &json!({}))]).await;
        assert_eq!(place.counted().await, (6, 131, 6));
    }
}

#[tokio::test]
async fn cached_and_reasoning_tokens_are_counted_once() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app).await;
        let call = |id: u32, more: Value| {
            let mut of = json!({ "gen_ai.operation.name": "chat", "gen_ai.system": "openai", "gen_ai.request.model": "gpt-4o" });
            of.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            span(id, None, &of)
        };
        let spans = [
            // As the conventions have it: part of what went in and came out.
            call(
                1,
                json!({ "gen_ai.usage.input_tokens": 1000, "gen_ai.usage.cache_read.input_tokens": 800, "gen_ai.usage.output_tokens": 50, "gen_ai.usage.reasoning.output_tokens": 30 }),
            ),
            // As some counted before: beside it.
            call(
                2,
                json!({ "gen_ai.usage.input_tokens": 10, "gen_ai.usage.cache_read_input_tokens": 800, "gen_ai.usage.cache_creation_input_tokens": 90, "gen_ai.usage.output_tokens": 5 }),
            ),
            call(3, json!({ "gen_ai.usage.input_tokens": 10, "gen_ai.usage.cache_read.input_tokens": "many" })),
        ];
        let told = place.spans(&spans).await;
        assert_eq!(told["partialSuccess"]["rejectedSpans"], json!("1"));
        let message = told["partialSuccess"]["errorMessage"].as_str().unwrap();
        assert!(message.ends_with(r#"amount: gen_ai.usage.cache_read.input_tokens is "many""#), "{message}");
        assert_eq!(place.counted().await, (2, 1900, 55));
    }
}
