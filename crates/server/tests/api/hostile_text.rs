//! Text that a database cannot keep, or that nobody can see, in every place of every operation that takes text: made
//! from the OpenAPI document, so that a new operation or field is in it by itself.

use crate::permission_matrix::{body, switch_of};
use crate::provider::StandIn;
use crate::test_app::{Client, TestApp, on_each_database, read};
use axum::body::Body;
use axum::http::{HeaderValue, Request, header};
use pulze_console_server::new_digits;
use pulze_contract::api_key::ApiKeyContent;
use pulze_contract::operation::API_ROOT;
use pulze_contract::organization::Plan;
use pulze_contract::space::Visibility;
use pulze_contract::{Operation, OrganizationId, Role};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tower::ServiceExt;

/// What is tried: as JSON writes it, and as an address does.
fn probes() -> Vec<(&'static str, String, String)> {
    let long = "a".repeat(7_000);
    vec![
        ("NUL", r"a\u0000b".to_owned(), "a%00b".to_owned()),
        ("noncharacter", "a\u{fffe}b".to_owned(), "a%EF%BF%BEb".to_owned()),
        ("half of a surrogate pair", r"a\ud800b".to_owned(), "a%ED%A0%80b".to_owned()),
        ("escape", r"a\u001b[2Jb".to_owned(), "a%1B%5B2Jb".to_owned()),
        ("turned direction", "a\u{202e}b".to_owned(), "a%E2%80%AEb".to_owned()),
        ("overlong", "a".repeat(300_000), long),
    ]
}

/// Where the probe stands in a body until it is put in as JSON writes it.
const HERE: &str = "@@here@@";

/// Bodies with the mark at every place of a schema where a text can stand, each beside good values.
struct Places<'a> {
    document: &'a Value,
}

impl Places<'_> {
    fn resolve<'v>(&'v self, schema: &'v Value) -> &'v Value {
        match schema["$ref"].as_str() {
            Some(reference) => self.resolve(self.document.pointer(reference.trim_start_matches('#')).unwrap()),
            None => schema,
        }
    }

    /// A value that fits, as far as the schema says; where there is a good one, that.
    fn sample(&self, schema: &Value, good: Option<&Value>) -> Value {
        if let Some(good) = good {
            return good.clone();
        }
        let schema = self.resolve(schema);
        if let Some(one) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
            return self.sample(&one[0], None);
        }
        if let Some(constant) = schema.get("const").or(schema["enum"].get(0)) {
            return constant.clone();
        }
        let kind = schema["type"].as_str().or(schema["type"][0].as_str()).unwrap_or("object");
        match kind {
            "string" => json!("text"),
            "integer" | "number" => json!(1),
            "boolean" => json!(false),
            "array" => json!([]),
            _ => {
                let required = schema["required"].as_array().cloned().unwrap_or_default();
                let required = required.iter().filter_map(Value::as_str);
                let properties = required.map(|name| (name.to_owned(), self.sample(&schema["properties"][name], None)));
                Value::Object(properties.collect())
            }
        }
    }

    /// All variants of a value in which exactly one text is the mark.
    fn marked(&self, schema: &Value, good: Option<&Value>, depth: usize) -> Vec<Value> {
        let schema = self.resolve(schema);
        if depth > 8 {
            return Vec::new();
        }
        if let Some(choices) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
            return choices.iter().flat_map(|choice| self.marked(choice, good, depth + 1)).collect();
        }
        let types: Vec<&str> = match &schema["type"] {
            Value::String(one) => vec![one],
            Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
            _ => vec!["object"],
        };
        let mut found = Vec::new();
        if types.contains(&"string") {
            found.push(json!(HERE));
        }
        if types.contains(&"array") {
            let inner = good.and_then(|good| good.get(0));
            let items = if schema["items"].is_null() { &schema["prefixItems"][0] } else { &schema["items"] };
            found.extend(self.marked(items, inner, depth + 1).into_iter().map(|item| json!([item])));
        }
        if types.contains(&"object") {
            let base = self.sample(schema, good);
            for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                for value in self.marked(property, good.and_then(|good| good.get(name)), depth + 1) {
                    let mut one = base.clone();
                    one[name] = value;
                    found.push(one);
                }
            }
            if let Some(values) = schema.get("additionalProperties").filter(|values| values.is_object()) {
                let with = |name: &str, value: Value| {
                    let mut one = base.clone();
                    one[name] = value;
                    one
                };
                found.push(with(HERE, self.sample(values, None)));
                found.extend(self.marked(values, None, depth + 1).into_iter().map(|value| with("endpoint", value)));
            }
        }
        found
    }
}

/// Everything that is kept, but for what every request leaves behind.
async fn kept(app: &TestApp) -> BTreeMap<String, BTreeSet<String>> {
    let mut db = app.store.read().await.unwrap();
    let mut kept = BTreeMap::new();
    for (table, columns) in [
        ("users", "id, email, name, password_hash, search, version, avatar_url"),
        ("organizations", "id, name, logo_url, version, language, reporting_time_zone, new_models, resources_version"),
        ("memberships", "organization_id, user_id, role, search, ends_at"),
        ("audit_events", "organization_id, id, action, detail"),
        ("idempotency_records", "user_id, idempotency_key, body"),
        ("spaces", "organization_id, id, name, search, description, logo_url"),
        ("space_members", "organization_id, space_id, user_id, role"),
        ("invitations", "organization_id, id, email, role, message"),
        ("invitation_spaces", "organization_id, invitation_id, space_id"),
        ("mails", "id, recipient, subject, body"),
        ("access_templates", "organization_id, id, name, search"),
        ("organization_models", "organization_id, id"),
        ("routers", "organization_id, id, search, content, version"),
        ("resource_switches", "organization_id, kind, id, enabled"),
        ("resource_grants", "organization_id, kind, id, subject_id, level"),
        ("organization_defaults", "organization_id, setting, value"),
        ("space_settings", "organization_id, space_id, setting, value"),
        ("content_counts", "organization_id, space_id, content, count"),
        ("assistants", "organization_id, id, search, content, instructions"),
        ("tools", "organization_id, id, search, name, description, settings"),
        ("tool_secrets", "organization_id, tool_id, name, sealed"),
        ("api_keys", "organization_id, id, content, owner_id, version"),
        ("api_key_callers", "organization_id, key_id, address, client, requests"),
        ("usage_series", "organization_id, id, space_id, member_id, model, router, key_id"),
        ("usage_calls", "organization_id, id, at"),
        ("usage_views", "organization_id, id, name, query"),
        ("sign_in_transactions", "state_hash, return_to"),
        ("images", "hash"),
    ] {
        let parts = columns.split(", ").map(|column| format!("COALESCE(CAST({column} AS TEXT), '')"));
        let sql = format!("SELECT {} AS said FROM {table}", parts.collect::<Vec<_>>().join(" || '|' || "));
        let rows = sqlx::query(&sql).fetch_all(&mut *db).await.unwrap();
        kept.insert(table.to_owned(), rows.iter().map(|row| sqlx::Row::get::<String, _>(row, "said")).collect());
    }
    kept
}

/// What an operation is asked with while one part of it is hostile.
#[derive(Clone)]
struct Asked {
    path: String,
    query: String,
    body: Option<String>,
    headers: Vec<(&'static str, HeaderValue)>,
}

async fn send(client: &Client, operation: Operation, asked: Asked) -> Option<(u16, String)> {
    let mut request = Request::builder()
        .method(operation.method().as_str())
        .uri(format!("{API_ROOT}{}{}", asked.path, asked.query))
        .header("host", "console.test");
    if let Some(cookie) = &client.cookie {
        request = request.header(header::COOKIE, cookie);
    }
    let given = |name: &str| asked.headers.iter().any(|(given, _)| *given == name);
    for name in operation.guard().headers() {
        if !given(&name.to_lowercase()) {
            let value = if *name == "If-Match" { "\"1\"".to_owned() } else { new_digits() };
            request = request.header(*name, value);
        }
    }
    for (name, value) in &asked.headers {
        request = request.header(*name, value);
    }
    if asked.body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    // An address that no client can write is no request.
    let request = request.body(asked.body.map_or_else(Body::empty, Body::from)).ok()?;
    let reply = read(client.router.clone().oneshot(request).await.unwrap()).await;
    Some((reply.status, reply.text))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_text_makes_a_server_fail_and_none_is_kept_in_part() {
    let stand_in = StandIn::start().await;
    let file = stand_in.file(false);
    let settings = ["--oidc-providers", file.path().to_str().unwrap(), "--client-address-header", "x-forwarded-for"];
    for app in on_each_database(&settings).await {
        let document = app.get("/api/v1/openapi.json").await.json();
        let places = Places { document: &document };
        let mut asked = 0;
        for &operation in Operation::ALL {
            asked += hostile(&app, operation, &places).await;
        }
        println!("{asked} requests");
        assert!(asked > 1_500, "{asked}");
    }
}

async fn hostile(app: &TestApp, operation: Operation, places: &Places<'_>) -> usize {
    let admin = app.client(&format!("{}@text.test", new_digits())).await;
    let other = app.client(&format!("{}@text.test", new_digits())).await;
    let organization: OrganizationId =
        app.organization("Text", Plan::PulzeXSuite, &[(&admin.user, Role::Admin), (&other.user, Role::Viewer)]).await;
    let space = app.space(&organization, "Space", Visibility::Organization, &admin.user).await;
    let (invitation, _) = app.invitation(&organization, "pending@text.test", Role::Viewer, &admin.user).await;
    let template = app.template(&organization, "Template").await;
    let router = app.router(&organization, "Router").await;
    app.own_model(&organization, "own/model").await;
    let assistant = app.assistant(&organization, "Assistant", &admin.user).await;
    let tool = app.tool(&organization, "Tool").await;
    let event = app.change_of_nothing(&organization, &admin.user).await;
    let (key, _) = app.key(&organization, &admin.user, &ApiKeyContent::default()).await;
    let view = app.view(&organization, &admin.user).await;
    let session = app.session_of(&admin.user).await;
    let good_parts: BTreeMap<&str, String> = [
        ("organization_id", organization.to_string()),
        ("user_id", other.user.to_string()),
        ("invitation_id", invitation.to_string()),
        ("template_id", template.to_string()),
        ("router_id", router.to_string()),
        ("model_id", "own%2Fmodel".to_owned()),
        ("assistant_id", assistant.to_string()),
        ("key_id", key.to_string()),
        ("tool_id", tool.clone()),
        ("resource_kind", "tool".to_owned()),
        ("resource_id", tool.clone()),
        ("event_id", event.to_string()),
        ("session_id", session.to_string()),
        ("provider_id", "company".to_owned()),
        ("view_id", view.to_string()),
        ("space_id", space.to_string()),
    ]
    .into();
    let path_with = |hostile: Option<(&str, &str)>| {
        let mut path = operation.path().to_owned();
        for (name, good) in &good_parts {
            let value = hostile.filter(|(bad, _)| bad == name).map_or(good.as_str(), |(_, value)| value);
            path = path.replace(&format!("{{{name}}}"), value);
        }
        assert!(!path.contains('{'), "{path}");
        path
    };
    let described = &places.document["paths"][operation.path()][operation.method().as_str().to_lowercase()];
    let good_body = body(operation, &other.user).or(switch_of(operation, &assistant, &tool));
    let schema = &described["requestBody"]["content"]["application/json"]["schema"];
    let bodies = if schema.is_null() { Vec::new() } else { places.marked(schema, good_body.as_ref(), 0) };
    let good_body = good_body.map(|body| body.to_string());

    let mut requests: Vec<(String, Asked)> = Vec::new();
    let plain = |path: String, query: String| Asked { path, query, body: good_body.clone(), headers: Vec::new() };
    for (probe, in_json, in_address) in probes() {
        for part in operation.path().split(['{', '}']).skip(1).step_by(2) {
            let path = path_with(Some((part, &in_address)));
            requests.push((format!("{probe} as {part}"), plain(path, String::new())));
        }
        for parameter in described["parameters"].as_array().into_iter().flatten().filter(|one| one["in"] == "query") {
            let name = parameter["name"].as_str().unwrap();
            requests.push((format!("{probe} as ?{name}"), plain(path_with(None), format!("?{name}={in_address}"))));
            // Behind what the parameter expects.
            requests.push((format!("{probe} behind ?{name}"), plain(path_with(None), format!("?{name}=1_{in_address},x"))));
        }
        requests.push((format!("{probe} as a name"), plain(path_with(None), format!("?{in_address}=1"))));
        for marked in &bodies {
            let text = marked.to_string();
            let body = Some(text.replace(HERE, &in_json));
            let place: String = text.chars().take(120).collect();
            requests.push((format!("{probe} in {place}"), Asked { body, ..plain(path_with(None), String::new()) }));
        }
    }
    for bytes in [&b"a\xef\xbf\xbeb"[..], b"\xff\xfe", b"a\tb", &b"a".repeat(20_000)] {
        for name in ["user-agent", "x-forwarded-for", "idempotency-key", "if-match", "authorization", "origin"] {
            let headers = vec![(name, HeaderValue::from_bytes(bytes).unwrap())];
            requests.push((format!("header {name}"), Asked { headers, ..plain(path_with(None), String::new()) }));
        }
    }
    let count = requests.len();
    let ends_sessions = operation.path().starts_with("/session") || operation.path().starts_with("/account");
    let mut client = app.sign_in(admin.user.clone()).await;
    let mut refused = Vec::new();
    for (what, request) in requests {
        if ends_sessions {
            client = app.sign_in(admin.user.clone()).await;
        }
        let Some((status, text)) = send(&client, operation, request.clone()).await else { continue };
        assert!(status < 500, "{}: {what}: {status} {text}", operation.id());
        // Batches take the rows that are right. Half a pair in an address is read as the sign for "unreadable".
        let batch = matches!(operation, Operation::UsageImport | Operation::UsageTraces) && request.body.is_some();
        let never = ["NUL", "noncharacter", "escape"].iter().any(|probe| what.starts_with(probe));
        assert!(status >= 400 || batch || !never, "{}: {what}: taken with {status}", operation.id());
        if status >= 400 {
            refused.push((what, request));
        }
    }
    // What is refused, is refused as a whole: asked again, it leaves everything as it is.
    let before = kept(app).await;
    for (what, request) in refused {
        if ends_sessions {
            client = app.sign_in(admin.user.clone()).await;
        }
        let Some((status, _)) = send(&client, operation, request).await else { continue };
        assert!(status >= 400, "{}: {what}: {status} at the second try", operation.id());
    }
    assert_eq!(before, kept(app).await, "{}: refused, and still written", operation.id());
    count
}
