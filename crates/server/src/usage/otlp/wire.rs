//! Export requests of OpenTelemetry as they come over HTTP: JSON or protocol buffers, read into the same spans, and
//! answered in the same encoding (OTLP 1.8, "OTLP/HTTP").

use crate::error::{Error, Result};
use prost::Message;
use pulze_contract::ProblemType;
use serde_json::{Value, json};

/// How a request is written, and so its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Json,
    Protobuf,
}

/// What is read of a span.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Span {
    /// In hexadecimal digits.
    pub trace: String,
    pub id: String,
    /// Empty: it has none.
    pub parent: String,
    /// Milliseconds; absent where it does not say.
    pub start: Option<i64>,
    pub end: Option<i64>,
    pub failed: bool,
    /// Its own before those of its resource.
    attributes: Vec<(String, String)>,
}

impl Span {
    /// The first attribute of these names that says something.
    pub fn get(&self, names: &[&str]) -> Option<&str> {
        let of = |name: &str| self.attributes.iter().find(|(known, text)| known == name && !text.is_empty());
        names.iter().find_map(|name| of(name).map(|(_, text)| text.as_str()))
    }
}

fn malformed(error: impl std::fmt::Display) -> Error {
    Error::because(ProblemType::Malformed, format!("The body is no export request of OpenTelemetry: {error}."))
}

fn milliseconds(nanoseconds: u64) -> Option<i64> {
    i64::try_from(nanoseconds / 1_000_000).ok().filter(|at| *at > 0)
}

/// # Errors
/// `malformed` for what is no export request of traces.
pub fn json(body: &[u8]) -> Result<Vec<Span>> {
    let request: Value = serde_json::from_slice(body).map_err(malformed)?;
    let resources =
        request.get("resourceSpans").and_then(Value::as_array).ok_or_else(|| malformed("resourceSpans is no list"))?;
    let mut spans = Vec::new();
    for resource in resources {
        let around = resource.get("resource").map(json_attributes).unwrap_or_default();
        let of_scopes = list(resource, "scopeSpans").flat_map(|scope| list(scope, "spans"));
        spans.extend(of_scopes.map(|span| json_span(span, &around)));
    }
    Ok(spans)
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn json_attributes(value: &Value) -> Vec<(String, String)> {
    let text = |found: &Value| {
        let kinds = ["stringValue", "intValue", "doubleValue", "boolValue"];
        let value = kinds.into_iter().find_map(|kind| found.get(kind)).filter(|value| !value.is_null())?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    let pair = |pair: &Value| Some((pair.get("key")?.as_str()?.to_owned(), text(pair.get("value")?)?));
    list(value, "attributes").filter_map(pair).collect()
}

fn json_span(span: &Value, around: &[(String, String)]) -> Span {
    let text = |name: &str| span.get(name).and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    // Nanoseconds, as a text or a number.
    let moment = |name: &str| {
        let value = span.get(name)?;
        milliseconds(value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()))?)
    };
    let code = span.get("status").and_then(|status| status.get("code"));
    let mut attributes = json_attributes(span);
    attributes.extend_from_slice(around);
    Span {
        trace: text("traceId"),
        id: text("spanId"),
        parent: text("parentSpanId"),
        start: moment("startTimeUnixNano"),
        end: moment("endTimeUnixNano"),
        failed: code.is_some_and(|code| *code == json!(2) || *code == json!("STATUS_CODE_ERROR")),
        attributes,
    }
}

/// # Errors
/// `malformed` for what is no export request of traces.
pub fn protobuf(body: &[u8]) -> Result<Vec<Span>> {
    let request = messages::Request::decode(body).map_err(malformed)?;
    let mut spans = Vec::new();
    for resource in request.resource_spans {
        let around = attributes(resource.resource.unwrap_or_default().attributes);
        for span in resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            let mut own = attributes(span.attributes);
            own.extend_from_slice(&around);
            spans.push(Span {
                trace: crate::auth::token::hex(&span.trace_id),
                id: crate::auth::token::hex(&span.span_id),
                parent: crate::auth::token::hex(&span.parent_span_id),
                start: milliseconds(span.start),
                end: milliseconds(span.end),
                failed: span.status.is_some_and(|status| status.code == 2),
                attributes: own,
            });
        }
    }
    Ok(spans)
}

fn attributes(pairs: Vec<messages::KeyValue>) -> Vec<(String, String)> {
    let text = |value: messages::Value| match value {
        messages::Value::Text(text) => text,
        messages::Value::Bool(value) => value.to_string(),
        messages::Value::Int(number) => number.to_string(),
        // As the number that JSON would hold; 1e300 is not written out.
        messages::Value::Double(number) => serde_json::to_string(&number).unwrap_or_default(),
    };
    pairs.into_iter().filter_map(|pair| Some((pair.key, text(pair.value?.value?)))).collect()
}

/// The answer: nothing, or how many spans were not taken and why the first of them.
pub fn answer(encoding: Encoding, rejected: usize, message: &str) -> Vec<u8> {
    let partial = rejected > 0 || !message.is_empty();
    match encoding {
        // 64-bit numbers are texts in the JSON of protocol buffers.
        Encoding::Json if partial => {
            json!({ "partialSuccess": { "rejectedSpans": rejected.to_string(), "errorMessage": message } })
                .to_string()
                .into_bytes()
        }
        Encoding::Json => b"{}".to_vec(),
        Encoding::Protobuf => {
            let rejected_spans = i64::try_from(rejected).unwrap_or(i64::MAX);
            let partial = partial.then(|| messages::PartialSuccess { rejected_spans, error_message: message.to_owned() });
            messages::Answer { partial_success: partial }.encode_to_vec()
        }
    }
}

/// A refusal as protocol buffers write it (`google.rpc.Status`).
pub fn refusal(message: &str) -> Vec<u8> {
    /// `INVALID_ARGUMENT`.
    const CODE: i32 = 3;
    messages::Refusal { code: CODE, message: message.to_owned() }.encode_to_vec()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const JSON: &[u8] = include_bytes!("../../../tests/otlp/spans-plain.json");
    const PROTOBUF: &[u8] = include_bytes!("../../../tests/otlp/spans-plain.pb");

    #[test]
    fn both_encodings_say_the_same() {
        let spans = protobuf(PROTOBUF).unwrap();
        assert_eq!(spans, json(JSON).unwrap());
        assert_eq!((spans.len(), spans[0].get(&["gen_ai.usage.input_tokens"])), (1, Some("1200")));
        assert_eq!((spans[0].id.as_str(), spans[0].start), ("c9000000000000a1", Some(1_795_511_700_000)));
        assert_eq!(protobuf(b"").unwrap(), []);
        for wrong in [&PROTOBUF[..40], JSON, b"\xff"] {
            assert!(protobuf(wrong).is_err());
        }
        for wrong in ["{}", "[]", r#"{"resourceSpans":1}"#, ""] {
            assert!(json(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn answers_are_those_of_the_protocol() {
        assert_eq!(answer(Encoding::Protobuf, 0, ""), b"");
        assert_eq!(answer(Encoding::Json, 0, ""), b"{}");
        assert_eq!(answer(Encoding::Protobuf, 2, "no"), [0x0a, 6, 0x08, 2, 0x12, 2, b'n', b'o']);
        let said = String::from_utf8(answer(Encoding::Json, 2, "no")).unwrap();
        assert_eq!(said, r#"{"partialSuccess":{"errorMessage":"no","rejectedSpans":"2"}}"#);
    }
}

/// The parts of `opentelemetry/proto` that are read, by their numbers; others are skipped.
mod messages {
    use prost::{Message, Oneof};

    #[derive(Clone, PartialEq, Message)]
    pub struct Request {
        #[prost(message, repeated, tag = "1")]
        pub resource_spans: Vec<ResourceSpans>,
    }

    #[derive(Clone, PartialEq, Message)]
    pub struct ResourceSpans {
        #[prost(message, optional, tag = "1")]
        pub resource: Option<Resource>,
        #[prost(message, repeated, tag = "2")]
        pub scope_spans: Vec<ScopeSpans>,
    }

    #[derive(Clone, PartialEq, Message)]
    pub struct Resource {
        #[prost(message, repeated, tag = "1")]
        pub attributes: Vec<KeyValue>,
    }

    #[derive(Clone, PartialEq, Message)]
    pub struct ScopeSpans {
        #[prost(message, repeated, tag = "2")]
        pub spans: Vec<Span>,
    }

    #[derive(Clone, PartialEq, Message)]
    pub struct Span {
        #[prost(bytes = "vec", tag = "1")]
        pub trace_id: Vec<u8>,
        #[prost(bytes = "vec", tag = "2")]
        pub span_id: Vec<u8>,
        #[prost(bytes = "vec", tag = "4")]
        pub parent_span_id: Vec<u8>,
        #[prost(fixed64, tag = "7")]
        pub start: u64,
        #[prost(fixed64, tag = "8")]
        pub end: u64,
        #[prost(message, repeated, tag = "9")]
        pub attributes: Vec<KeyValue>,
        #[prost(message, optional, tag = "15")]
        pub status: Option<Status>,
    }

    #[derive(Clone, PartialEq, Message)]
    pub struct Status {
        #[prost(int32, tag = "3")]
        pub code: i32,
    }

    #[derive(Clone, PartialEq, Message)]
    pub struct KeyValue {
        #[prost(string, tag = "1")]
        pub key: String,
        #[prost(message, optional, tag = "2")]
        pub value: Option<AnyValue>,
    }

    #[derive(Clone, PartialEq, Message)]
    pub struct AnyValue {
        #[prost(oneof = "Value", tags = "1, 2, 3, 4")]
        pub value: Option<Value>,
    }

    #[derive(Clone, PartialEq, Oneof)]
    pub enum Value {
        #[prost(string, tag = "1")]
        Text(String),
        #[prost(bool, tag = "2")]
        Bool(bool),
        #[prost(int64, tag = "3")]
        Int(i64),
        #[prost(double, tag = "4")]
        Double(f64),
    }

    #[derive(Clone, PartialEq, Message)]
    pub struct Answer {
        #[prost(message, optional, tag = "1")]
        pub partial_success: Option<PartialSuccess>,
    }

    #[derive(Clone, PartialEq, Message)]
    pub struct PartialSuccess {
        #[prost(int64, tag = "1")]
        pub rejected_spans: i64,
        #[prost(string, tag = "2")]
        pub error_message: String,
    }

    #[derive(Clone, PartialEq, Message)]
    pub struct Refusal {
        #[prost(int32, tag = "1")]
        pub code: i32,
        #[prost(string, tag = "2")]
        pub message: String,
    }
}
