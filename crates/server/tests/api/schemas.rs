//! What the OpenAPI document allows is not refused: bodies are drawn from its schemas and sent.

use crate::test_app::{Call, TestApp, on_each_database};
use proptest::strategy::{Strategy, ValueTree};
use proptest::string::string_regex;
use proptest::test_runner::TestRunner;
use pulze_contract::address::AddressRange;
use pulze_contract::operation::{API_ROOT, Guard};
use pulze_contract::organization::Plan;
use pulze_contract::space::Visibility;
use pulze_contract::validation::{self, Rule};
use pulze_contract::{Operation, Role, model, schema};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// Bodies of each operation.
const DRAWN: usize = 20;

/// What no schema can say, and why.
const BEYOND: [(&str, &str); 18] = [
    ("invisible_characters", "whether a joiner belongs to a spelling is said by the letters around it"),
    ("not_a_member", "whether it is there"),
    ("space_unknown", "whether it is there"),
    ("model_unavailable", "whether it is there"),
    ("router_unavailable", "whether it is there"),
    ("tool_unavailable", "whether it is there"),
    ("unknown", "whether it is there"),
    ("router_cycle", "what stands there"),
    ("name_mismatch", "what stands there"),
    ("end_not_ahead", "what time it is"),
    ("too_far_ahead", "what time it is"),
    ("not_less", "one field says how large another one may be"),
    ("level_unfit", "one field says what another one may be"),
    ("beyond_reach", "who asks"),
    ("duplicate", "one part of two rows, or a name that another one has"),
    ("key_malformed", "a checksum"),
    ("time_zone_unknown", "the database of time zones changes"),
    ("image_unreachable", "whether there is a picture"),
];

/// Of these fields, what is needed hangs on another field or on what the organization asks.
const DEPENDENT: [(&str, &[&str], &str); 10] = [
    ("models", &["required", "chain_empty"], "how many a router needs hangs on its strategy"),
    ("strategy", &["weights_zero"], "not all three of them"),
    ("scopes", &["required"], "any one of five"),
    ("expires_at", &["required"], "where the organization asks for one"),
    (
        "settings",
        &["required", "not_positive", "too_many", "not_a_number", "url_malformed", "url_not_https"],
        "`schema` of the tool says it",
    ),
    ("versions", &["required", "too_many", "too_long"], "one for each of the ids"),
    ("rows", &["required", "too_many"], "either rows or a pasted list"),
    ("pasted", &["required", "too_many"], "whom a list names is read out of it"),
    ("secrets", &["required"], "`schema` of the tool says it"),
    ("name", &["required"], "of an integration, not of a known tool"),
];

/// Draws values, the same ones in every run.
struct Draw<'a> {
    runner: TestRunner,
    document: &'a Value,
    /// Identifiers that are there, by the name of their type.
    known: HashMap<&'static str, String>,
}

impl Draw<'_> {
    fn below(&mut self, count: usize) -> usize {
        (0..count.max(1)).new_tree(&mut self.runner).unwrap().current()
    }

    fn value(&mut self, schema: &Value) -> Value {
        if let Some(values) = schema["enum"].as_array() {
            return values[self.below(values.len())].clone();
        }
        if let Some(value) = schema.get("const") {
            return value.clone();
        }
        if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
            if let Some(known) = self.known.get(name).cloned()
                && self.below(3) > 0
            {
                return known.into();
            }
            let document = self.document;
            return self.value(&document["components"]["schemas"][name]);
        }
        if let Some(alternatives) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
            let chosen = self.below(alternatives.len());
            return self.value(&alternatives[chosen]);
        }
        let kinds: Vec<&str> = match &schema["type"] {
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
            Value::String(kind) => vec![kind.as_str()],
            _ => vec!["object"],
        };
        match kinds[self.below(kinds.len())] {
            "null" => Value::Null,
            "boolean" => json!(self.below(2) == 1),
            "integer" | "number" => self.number(schema),
            "string" => self.text(schema).into(),
            "array" => self.list(schema),
            _ => self.object(schema),
        }
    }

    fn number(&mut self, schema: &Value) -> Value {
        let least = schema["minimum"].as_i64().unwrap_or(i64::MIN);
        let most = schema["maximum"].as_i64().unwrap_or(i64::MAX);
        match self.below(4) {
            0 => json!(least),
            1 => json!(most),
            2 => json!(1_i64.clamp(least, most)),
            _ => json!((least..=most).new_tree(&mut self.runner).unwrap().current()),
        }
    }

    fn text(&mut self, schema: &Value) -> String {
        let bound =
            |name: &str, other: usize| schema[name].as_u64().and_then(|bound| usize::try_from(bound).ok()).unwrap_or(other);
        let (least, most) = (bound("minLength", 0), bound("maxLength", 2_000));
        let Some(pattern) = schema["pattern"].as_str() else {
            let length = [least, most.min(3_000), least + self.below(most.min(least + 12) - least + 1)][self.below(3)];
            return (0..length).map(|_| char::from(b'a' + u8::try_from(self.below(26)).unwrap())).collect();
        };
        // Nobody out there is asked for pictures: addresses are drawn in the test of the patterns.
        if pattern.contains("[Hh][Tt]") {
            let kept = format!("/images/{}", "0".repeat(64));
            let addresses = ["https://127.0.0.1:1/a.png", &kept, if pattern.ends_with(")?$") { "" } else { &kept }];
            return addresses[self.below(3)].to_owned();
        }
        for _ in 0..200 {
            let text = self.of_pattern(pattern);
            if (least..=most).contains(&text.chars().count()) {
                return text;
            }
        }
        panic!("nothing of {least} to {most} characters fits {pattern}");
    }

    fn of_pattern(&mut self, pattern: &str) -> String {
        let inner = pattern.strip_prefix('^').and_then(|rest| rest.strip_suffix('$')).unwrap_or_else(|| panic!("{pattern}"));
        string_regex(inner).unwrap().new_tree(&mut self.runner).unwrap().current()
    }

    fn list(&mut self, schema: &Value) -> Value {
        let least = schema["minItems"].as_u64().and_then(|least| usize::try_from(least).ok()).unwrap_or(0);
        let count = least + self.below(3);
        let mut list: Vec<Value> = Vec::new();
        for _ in 0..count {
            let value = self.value(&schema["items"]);
            if schema["uniqueItems"] != true || !list.contains(&value) {
                list.push(value);
            }
        }
        list.into()
    }

    fn object(&mut self, schema: &Value) -> Value {
        let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut object = Map::new();
        for (name, part) in schema["properties"].as_object().into_iter().flatten() {
            if required.contains(&name.as_str()) || self.below(2) == 1 {
                object.insert(name.clone(), self.value(part));
            }
        }
        object.into()
    }
}

/// The patterns and lengths are those of the rules: what they allow, the rule takes.
#[test]
fn patterns_allow_what_the_rules_take() {
    let mut draw = Draw { runner: TestRunner::deterministic(), document: &Value::Null, known: HashMap::new() };
    let seen =
        |result: Result<(), Rule>| result.or_else(|rule| if rule == Rule::InvisibleCharacters { Ok(()) } else { Err(rule) });
    for _ in 0..300 {
        let name = draw.of_pattern(schema::NAME);
        assert_eq!(seen(validation::name(&name).map(|_| ())), Ok(()), "{name:?}");
        let text = draw.of_pattern(schema::TEXT);
        assert_eq!(seen(validation::description(&text).map(|_| ())), Ok(()), "{text:?}");
        for pattern in [schema::PICTURE, schema::PICTURE_SET] {
            let picture = draw.of_pattern(pattern);
            assert!(validation::logo_url(&picture).is_ok(), "{picture:?}");
        }
        let zone = draw.of_pattern(schema::TIME_ZONE);
        assert!(zone.len() > 64 || validation::time_zone(&zone).is_ok(), "{zone:?}");
        let own = draw.of_pattern(schema::OWN_MODEL);
        assert!(model::own_name(&own).is_ok(), "{own:?}");
        let range = draw.of_pattern(schema::ADDRESS_RANGE);
        assert!(AddressRange::parse(&range).is_some(), "{range:?}");
        // A simple one of each is allowed: the patterns are not empty.
    }
    assert_eq!(validation::new_password(&"x".repeat(validation::PASSWORD_MIN)), Ok(()));
    assert_eq!(validation::new_password(&"ä".repeat(validation::PASSWORD_MAX)), Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_schemas_allow_is_not_refused() {
    for app in on_each_database(&[]).await {
        let document = app.get("/api/v1/openapi.json").await.json();
        let (mut sent, mut taken, mut looked_at, mut wrong) = (0, 0, 0, Vec::new());
        for &operation in Operation::ALL {
            let item = &document["paths"][format!("{API_ROOT}{}", operation.path())][operation.method().as_str().to_lowercase()];
            let schema = &item["requestBody"]["content"]["application/json"]["schema"];
            if schema.is_null() || operation == Operation::ImageUpload {
                continue;
            }
            looked_at += 1;
            let passwords = [Operation::SessionCreate, Operation::SessionConfirm, Operation::PasswordUpdate];
            // A password takes its time.
            let count = if passwords.contains(&operation) { 2 } else { DRAWN };
            let (more, success) = all(&app, operation, (&document, schema), count, &mut wrong).await;
            sent += more;
            taken += success;
        }
        println!("{looked_at} operations, {sent} bodies, {taken} taken");
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(looked_at > 50 && taken > 200, "{looked_at} {taken}");
    }
}

async fn all(
    app: &TestApp,
    operation: Operation,
    (document, schema): (&Value, &Value),
    count: usize,
    wrong: &mut Vec<String>,
) -> (usize, usize) {
    let admin = app.client(&format!("{}@schema.test", operation.id())).await;
    let other = app.client(&format!("other-{}@schema.test", operation.id())).await;
    let organization =
        app.organization("Schema", Plan::PulzeXSuite, &[(&admin.user, Role::Admin), (&other.user, Role::Viewer)]).await;
    let space = app.space(&organization, "Space", Visibility::Organization, &admin.user).await;
    let (invitation, _) = app.invitation(&organization, "pending@schema.test", Role::Viewer, &admin.user).await;
    let template = app.template(&organization, "Template").await;
    let router = app.router(&organization, "Router").await;
    let assistant = app.assistant(&organization, "Assistant", &admin.user).await;
    let tool = app.tool(&organization, "Tool").await;
    let (key, _) = app.key(&organization, &admin.user, &pulze_contract::api_key::ApiKeyContent::default()).await;
    let known = [
        ("UserId", other.user.to_string()),
        ("SpaceId", space.to_string()),
        ("AssistantId", assistant.to_string()),
        ("ApiKeyId", key.to_string()),
    ];
    let mut draw = Draw { runner: TestRunner::deterministic(), document, known: known.into() };
    let mut taken = 0;
    for _ in 0..count {
        let body = draw.value(schema);
        let client = app.sign_in(admin.user.clone()).await;
        let headers = match operation.guard() {
            Guard::IfMatch => vec![("if-match", "*".to_owned())],
            Guard::IfMatchAndIdempotencyKey => {
                vec![("if-match", "\"1\"".to_owned()), ("idempotency-key", pulze_console_server::new_digits())]
            }
            _ => Vec::new(),
        };
        let call = Call {
            organization: Some(&organization),
            user: Some(&other.user),
            space: Some(&space),
            invitation: Some(&invitation),
            template: Some(&template),
            router: Some(&router),
            assistant: Some(&assistant),
            tool: Some(&tool),
            key: Some(&key),
            resource: Some((pulze_contract::ResourceKind::Tool, &tool)),
            body: Some(body.clone()),
            headers,
            ..Call::default()
        };
        let reply = client.send(operation, call).await;
        if reply.status == 400 || reply.status >= 500 {
            wrong.push(format!("{}: {body}: {}", operation.id(), reply.text));
        }
        taken += usize::from(reply.status == operation.success());
        if reply.status != 422 {
            continue;
        }
        let refused = reply.json();
        let errors = refused["errors"].as_array().cloned().unwrap_or_default();
        if errors.is_empty() {
            wrong.push(format!("{}: {body}: {}", operation.id(), reply.text));
        }
        for error in errors {
            let (field, rule) = (error["field"].as_str().unwrap(), error["rule"].as_str().unwrap());
            let part = field.trim_start_matches("content.").split('.').next().unwrap_or_default();
            let beyond = BEYOND.iter().any(|(name, _)| *name == rule)
                || DEPENDENT.iter().any(|(name, rules, _)| *name == part && rules.contains(&rule));
            if !beyond {
                wrong.push(format!("{}: the schema allows {field} that is {rule}: {body}", operation.id()));
            }
        }
    }
    (count, taken)
}
