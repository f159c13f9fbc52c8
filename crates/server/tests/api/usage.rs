//! Usage: every call counts once, every way of adding up comes to the same, in every time zone.

use crate::test_app::{Call, Client, TestApp, on_each_database};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use pulze_console_server::store;
use pulze_console_server::usage::file_import::{self, Reading, Wishes};
use pulze_console_server::usage::{ingest, question};
use pulze_contract::api_key::{ApiKeyContent, Scope, ScopeLevel, Scopes};
use pulze_contract::money::Money;
use pulze_contract::organization::Plan;
use pulze_contract::space::Visibility;
use pulze_contract::usage::{
    Amounts, CallPoints, Dimension, Granularity, Metric, Range, Usage, UsageEvent, UsageQuery, UsageReceipt, provider_of,
};
use pulze_contract::{Operation, OrganizationId, Role};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;

const HOUR: i64 = 3_600_000;
const TRACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/AzureLLMInferenceTrace_code.csv");

struct Place {
    id: OrganizationId,
    admin: Client,
    viewer: Client,
}

impl Place {
    async fn new(app: &TestApp, zone: &str) -> Self {
        let name = pulze_console_server::new_digits();
        let admin = app.client(&format!("admin-{name}@usage.test")).await;
        let viewer = app.client(&format!("viewer-{name}@usage.test")).await;
        let members = [(&admin.user, Role::Admin), (&viewer.user, Role::Viewer)];
        let place = Self { id: app.organization("Usage", Plan::PulzeXSuite, &members).await, admin, viewer };
        place.set_zone(app, zone).await;
        place
    }

    /// As a member with the permission changes it in General.
    async fn set_zone(&self, app: &TestApp, zone: &str) {
        let read = self.admin.send(Operation::OrganizationRead, Call { organization: Some(&self.id), ..Call::default() }).await;
        let headers = vec![("if-match", format!("\"{}\"", read.json()["version"]))];
        let body = Some(json!({ "reporting_time_zone": zone }));
        let call = Call { organization: Some(&self.id), body, headers, ..Call::default() };
        assert_eq!(self.admin.send(Operation::OrganizationUpdate, call).await.status, 200);
        let _ = app;
    }

    async fn report(&self, events: Value) -> UsageReceipt {
        let call = Call { organization: Some(&self.id), body: Some(json!({ "events": events })), ..Call::default() };
        let reply = self.admin.send(Operation::UsageImport, call).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        serde_json::from_str(&reply.text).unwrap()
    }

    async fn ask(&self, client: &Client, operation: Operation, query: &UsageQuery) -> Usage {
        let text = text(query);
        let reply = client.send(operation, Call { organization: Some(&self.id), query: &text, ..Call::default() }).await;
        assert_eq!(reply.status, 200, "{text}: {}", reply.text);
        serde_json::from_str(&reply.text).unwrap()
    }
}

fn text(query: &UsageQuery) -> String {
    let pairs: Vec<String> = query.pairs().iter().map(|(name, value)| format!("{name}={}", value.replace('/', "%2F"))).collect();
    format!("?{}", pairs.join("&"))
}

fn plain(amounts: &Amounts) -> [i64; 6] {
    [amounts.calls, amounts.errors, amounts.prompt_tokens, amounts.completion_tokens, amounts.cost.as_nano(), amounts.unpriced]
}

fn sum(all: impl Iterator<Item = [i64; 6]>) -> [i64; 6] {
    all.fold([0; 6], |sum, more| std::array::from_fn(|place| sum[place] + more[place]))
}

/// What an event adds, where its cost is said.
fn adds(event: &UsageEvent) -> [i64; 6] {
    let failed = i64::from(event.status.is_some_and(|status| status >= 400));
    [1, failed, event.prompt_tokens.unwrap(), event.completion_tokens.unwrap(), event.cost.unwrap().as_nano(), 0]
}

const ZONES: [&str; 6] =
    ["UTC", "Europe/Zurich", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"];
const MODELS: [&str; 4] = ["openai/gpt-4o", "openai/gpt-4.1-mini", "anthropic/claude-sonnet-4-5", "unheard-of"];

/// Around the days on which clocks are turned, the ends of months and a leap day.
const MOMENTS: [&str; 6] = ["2024-02-28", "2025-03-29", "2025-10-25", "2026-03-07", "2026-10-31", "2026-04-04"];

prop_compose! {
    fn event()(id in 0..60_u32, moment in 0..MOMENTS.len(), hours in -30..60_i64, minutes in 0..60_i64, space in 0..3_usize,
        member in 0..3_usize, model in 0..MODELS.len(), tokens in 0..5000_i64, cost in 0..90_000_i64, failed: bool, latency in 0..90_000_i64)
        -> (usize, i64, usize, usize, UsageEvent) {
        let event = UsageEvent {
            id: format!("event-{id}"),
            model: MODELS[model].to_owned(),
            prompt_tokens: Some(tokens),
            completion_tokens: Some(tokens / 3),
            latency: Some(latency),
            status: failed.then_some(500),
            cost: Some(Money::nano(cost)),
            ..UsageEvent::default()
        };
        (moment, hours * HOUR + minutes * 60_000, space, member, event)
    }
}

#[test]
fn every_way_of_adding_up_comes_to_what_was_reported() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for app in runtime.block_on(on_each_database(&[])) {
        let cases = (0..ZONES.len(), 0..ZONES.len(), proptest::collection::vec(event(), 1..90), 0..4_usize, 0..6_usize);
        let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
        let test = |(zone, later, drawn, granularity, group): (usize, usize, Vec<_>, usize, usize)| {
            runtime.block_on(random_usage(&app, (ZONES[zone], ZONES[later]), drawn, granularity, Dimension::ALL[group]));
            Ok(())
        };
        runner.run(&cases, test).unwrap();
    }
}

type Drawn = (usize, i64, usize, usize, UsageEvent);

async fn random_usage(app: &TestApp, (zone, later): (&str, &str), drawn: Vec<Drawn>, granularity: usize, group: Dimension) {
    let place = Place::new(app, zone).await;
    let spaces = [
        None,
        Some(app.space(&place.id, "One", Visibility::Organization, &place.admin.user).await.to_string()),
        Some(app.space(&place.id, "Two", Visibility::Organization, &place.admin.user).await.to_string()),
    ];
    let members = [None, Some(place.admin.user.to_string()), Some(place.viewer.user.to_string())];
    let mut events = Vec::new();
    for (moment, offset, space, member, event) in drawn {
        let day: jiff::Timestamp = format!("{}T12:00:00Z", MOMENTS[moment]).parse().unwrap();
        let at = day.as_millisecond() + offset;
        events.push(UsageEvent { at, space_id: spaces[space].clone(), member_id: members[member].clone(), ..event });
    }
    // The first of each identifier counts.
    let mut counted: HashMap<&str, &UsageEvent> = HashMap::new();
    for event in &events {
        counted.entry(&event.id).or_insert(event);
    }
    // In two batches, then everything once more.
    let (one, other) = events.split_at(events.len() / 2);
    let mut accepted = 0;
    for batch in [one, other, &events] {
        let receipt = place.report(serde_json::to_value(batch).unwrap()).await;
        assert_eq!(receipt.refused, []);
        assert_eq!((receipt.accepted + receipt.duplicates) as usize, batch.len());
        accepted += receipt.accepted;
    }
    assert_eq!(accepted as usize, counted.len());

    for (turn, moment) in MOMENTS.iter().enumerate() {
        if turn == 3 {
            // The days of another zone, made out of the quarters of an hour.
            place.set_zone(app, later).await;
        }
        let granularity = [Granularity::Hour, Granularity::Day, Granularity::Day, Granularity::Month][granularity];
        let day: jiff::civil::Date = moment.parse().unwrap();
        let reach = if granularity == Granularity::Month { 40 } else { 3 };
        let span = |days: i64| (day + jiff::SignedDuration::from_hours(24 * days)).to_string();
        let query = UsageQuery {
            range: Range::Span(span(-reach), span(reach)),
            metric: Metric::Calls,
            group: Some(group),
            granularity: Some(granularity),
            compare: true,
            filters: Vec::new(),
        };
        check(&place, &query, group, counted.values().copied()).await;
        let only = UsageQuery { filters: vec![(Dimension::Model, vec![MODELS[0].to_owned(), "unheard-of".to_owned()])], ..query };
        let fitting = counted.values().copied().filter(|event| [MODELS[0], "unheard-of"].contains(&event.model.as_str()));
        check(&place, &only, group, fitting).await;
    }
}

fn value(event: &UsageEvent, dimension: Dimension) -> &str {
    match dimension {
        Dimension::Space => event.space_id.as_deref().unwrap_or_default(),
        Dimension::Member => event.member_id.as_deref().unwrap_or_default(),
        Dimension::Assistant | Dimension::Key => "",
        Dimension::Model => &event.model,
        Dimension::Provider => provider_of(&event.model),
    }
}

/// The answer, its file, and a naive recount say the same.
async fn check<'a>(place: &Place, query: &UsageQuery, group: Dimension, events: impl Iterator<Item = &'a UsageEvent>) {
    let usage = place.ask(&place.admin, Operation::UsageRead, query).await;
    let events: Vec<&UsageEvent> = events.filter(|event| (usage.from..usage.to).contains(&event.at)).collect();
    let expected = sum(events.iter().map(|event| adds(event)));
    assert_eq!(plain(&usage.total), expected);
    for way in &usage.tie_out {
        assert!(way.agrees(&usage.total), "{:?}", way.dimension);
    }
    for told in &usage.groups {
        let own = sum(events.iter().filter(|event| value(event, group) == told.id).map(|event| adds(event)));
        assert_eq!(plain(&told.amounts), own, "{}", told.id);
        assert_eq!(told.values.iter().flatten().sum::<f64>() as i64, told.amounts.calls);
    }
    assert_eq!(sum(usage.groups.iter().map(|group| plain(&group.amounts))), expected);
    for (bucket, point) in usage.points.iter().enumerate() {
        let to = usage.buckets.get(bucket + 1).copied().unwrap_or(usage.to);
        let within = events.iter().filter(|event| (usage.buckets[bucket]..to).contains(&event.at));
        assert_eq!(point.as_ref().map(plain).unwrap_or_default(), sum(within.map(|event| adds(event))));
    }
    let before = usage.before.unwrap();
    assert!(before.to <= usage.from && before.from < before.to);

    let query = text(query);
    let call = Call { organization: Some(&place.id), query: &query, ..Call::default() };
    let file = place.admin.send(Operation::UsageExport, call).await;
    let mut rows = csv::Reader::from_reader(file.text.as_bytes());
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    let numbers = |row: &csv::StringRecord| {
        let number = |column: usize| row[column].parse::<i64>().unwrap();
        let cost: f64 = row[9].parse().unwrap();
        [number(4), number(5), number(6), number(7), (cost * 1e9).round() as i64, number(10)]
    };
    let (total, lines) = rows.split_last().unwrap();
    assert_eq!(numbers(total), expected);
    assert_eq!(sum(lines.iter().map(numbers)), expected);
    assert!(rows.iter().all(|row| row[13] == usage.time_zone));
    // The same for a spreadsheet that writes decimal commas.
    let query = format!("{query}&format=excel-comma");
    let call = Call { organization: Some(&place.id), query: &query, ..Call::default() };
    let file = place.admin.send(Operation::UsageExport, call).await.text;
    let mut sheet = csv::ReaderBuilder::new().delimiter(b';').from_reader(file.trim_start_matches('\u{feff}').as_bytes());
    let sheet: Vec<csv::StringRecord> = sheet.records().map(Result::unwrap).collect();
    assert_eq!(sheet.len(), rows.len());
    assert!(rows.iter().zip(&sheet).all(|(row, cells)| row[9].replace('.', ",") == cells[9] && row[0] == cells[0]));
}

#[tokio::test]
async fn the_real_trace_comes_to_what_stands_in_its_file() {
    // The sums of the file, by splitting its lines.
    let text = std::fs::read_to_string(TRACE).unwrap();
    let rows: Vec<(&str, i64, i64)> = text
        .lines()
        .skip(1)
        .map(|line| {
            let parts: Vec<&str> = line.split(',').collect();
            (&parts[0][..16], parts[1].parse().unwrap(), parts[2].parse().unwrap())
        })
        .collect();
    let mut minutes: HashMap<String, i64> = HashMap::new();
    for (minute, prompt, completion) in &rows {
        *minutes.entry(minute.replace(' ', "T")).or_default() += prompt + completion;
    }
    for app in on_each_database(&[]).await {
        let place = Place::new(&app, "UTC").await;
        let space = app.space(&place.id, "Code", Visibility::Organization, &place.admin.user).await;
        let columns = ["time=TIMESTAMP", "prompt_tokens=ContextTokens", "completion_tokens=GeneratedTokens"].map(str::to_owned);
        let values = ["model=openai/gpt-4o".to_owned(), format!("space={space}")];
        let reading = Reading::new(&columns, &values).unwrap();
        for turn in 0..2 {
            let wishes = Wishes::default();
            let done = file_import::run(&app.store, &place.id, Path::new(TRACE), &reading, &wishes, |_, _| {}).await.unwrap();
            let told = (done.look.new, done.look.known, done.look.refused, done.counted);
            assert_eq!(told, if turn == 0 { (8819, 0, 0, Some(8819)) } else { (0, 8819, 0, None) });
        }
        let query = UsageQuery {
            range: Range::Span("2023-11-16T18:00".into(), "2023-11-16T20:00".into()),
            metric: Metric::Tokens,
            group: Some(Dimension::Model),
            granularity: Some(Granularity::Minute),
            ..UsageQuery::default()
        };
        let usage = place.ask(&place.admin, Operation::UsageRead, &query).await;
        assert_eq!(usage.total.calls, i64::try_from(rows.len()).unwrap());
        assert_eq!(usage.total.prompt_tokens, rows.iter().map(|row| row.1).sum::<i64>());
        assert_eq!(usage.total.completion_tokens, rows.iter().map(|row| row.2).sum::<i64>());
        assert!(usage.tie_out.iter().all(|way| way.agrees(&usage.total)));
        for (bucket, value) in usage.buckets.iter().zip(&usage.groups[0].values) {
            let minute = pulze_console_server::iso_time(*bucket)[..16].to_owned();
            assert_eq!(value.unwrap_or(0.0) as i64, minutes.get(&minute).copied().unwrap_or(0), "{minute}");
        }
        // By hour, from sums: the same.
        let hours =
            place.ask(&place.admin, Operation::UsageRead, &UsageQuery { granularity: Some(Granularity::Hour), ..query }).await;
        assert_eq!((hours.total, hours.buckets.len()), (usage.total, 2));
        // Priced by the catalogue, call by call, and marked so.
        let priced = |(_, prompt, completion): &(&str, i64, i64)| {
            pulze_contract::usage::cost(*prompt, *completion, 2_500_000, 10_000_000).unwrap().as_nano()
        };
        assert_eq!(usage.total.cost.as_nano(), rows.iter().map(priced).sum::<i64>());
        let call = Call { organization: Some(&place.id), query: "?range=2023-11-16..2023-11-16", ..Call::default() };
        let calls = place.admin.send(Operation::UsageCalls, call).await.json();
        assert_eq!(calls["calls"][0]["cost_source"], json!("catalogue"));
        assert_eq!(calls["calls"].as_array().unwrap().len(), 50);
        // All of them at once, for the picture: the same calls, the oldest first.
        let call = Call { organization: Some(&place.id), query: "?range=2023-11-16..2023-11-16", ..Call::default() };
        let points: CallPoints = serde_json::from_value(place.admin.send(Operation::UsageCallPoints, call).await.json()).unwrap();
        assert_eq!((points.at.len(), points.cut), (rows.len(), false));
        assert_eq!(points.tokens.iter().sum::<i64>(), usage.total.tokens());
        assert!(points.at.is_sorted() && points.failed.iter().all(|failed| !failed) && points.latency.len() == points.at.len());
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_taken_is_named_and_the_others_are_kept() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app, "UTC").await;
        let elsewhere = Place::new(&app, "UTC").await;
        let foreign = app.space(&elsewhere.id, "Foreign", Visibility::Organization, &elsewhere.admin.user).await;
        let now = pulze_console_server::now();
        let event = |id: &str, more: Value| {
            let mut event = json!({ "id": id, "at": now, "model": "openai/gpt-4o", "prompt_tokens": 1 });
            for (name, value) in more.as_object().unwrap() {
                event[name] = value.clone();
            }
            event
        };
        let receipt = place
            .report(json!([
                event("good", json!({})),
                event("more", json!({ "unknown": 1 })),
                event("", json!({})),
                event("old", json!({ "at": 1 })),
                event("ahead", json!({ "at": now + 2 * HOUR })),
                event("model", json!({ "model": "" })),
                event("space", json!({ "space_id": foreign })),
                event("member", json!({ "member_id": elsewhere.admin.user })),
                event("key", json!({ "api_key_id": "key_0190a1b2c3d4e5f60718293a4b5c6d7e" })),
                event("amount", json!({ "prompt_tokens": -1 })),
                event("status", json!({ "status": 42 })),
                event("tool", json!({ "tools": ["hammer"] })),
                event("good", json!({})),
                event("last", json!({ "tools": ["web-search"], "router_id": "pulze-v1.0" })),
            ]))
            .await;
        assert_eq!((receipt.accepted, receipt.duplicates), (2, 1));
        let told: Vec<(u32, Value)> =
            receipt.refused.iter().map(|refused| (refused.index, serde_json::to_value(refused.reason).unwrap())).collect();
        let reasons = [
            "malformed",
            "id",
            "time",
            "time_ahead",
            "model",
            "space_unknown",
            "member_unknown",
            "key_unknown",
            "amount",
            "status",
            "tool_unknown",
        ];
        let expected: Vec<(u32, Value)> = (1..).zip(reasons.map(|reason| json!(reason))).collect();
        assert_eq!(told, expected);
        let many: Vec<Value> = (0..5001).map(|number| event(&number.to_string(), json!({}))).collect();
        let call = Call { organization: Some(&place.id), body: Some(json!({ "events": many })), ..Call::default() };
        assert_eq!(place.admin.send(Operation::UsageImport, call).await.status, 422);
    }
}

#[tokio::test]
async fn spans_of_open_telemetry_count_as_calls() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app, "UTC").await;
        let now = pulze_console_server::now();
        let text = |key: &str, value: &str| json!({ "key": key, "value": { "stringValue": value } });
        let number = |key: &str, value: i64| json!({ "key": key, "value": { "intValue": value.to_string() } });
        let span = |id: &str, attributes: Vec<Value>, status: Value| {
            json!({
                "traceId": "5b8efff798038103d269b633813fc60c", "spanId": id, "name": "chat",
                "startTimeUnixNano": ((now - 1200) * 1_000_000).to_string(), "endTimeUnixNano": (now * 1_000_000).to_string(),
                "attributes": attributes, "status": status,
            })
        };
        let request = json!({ "resourceSpans": [{
            "resource": { "attributes": [text("gen_ai.provider.name", "openai"), text("user.id", "somebody of their own")] },
            "scopeSpans": [{ "spans": [
                span("eee19b7ec3c1b174", vec![text("gen_ai.request.model", "gpt-4o"), number("gen_ai.usage.input_tokens", 1000), number("gen_ai.usage.output_tokens", 500)], json!({})),
                span("eee19b7ec3c1b175", vec![text("gen_ai.request.model", "gpt-4o"), number("gen_ai.usage.prompt_tokens", 7)], json!({ "code": 2 })),
                span("eee19b7ec3c1b176", vec![text("http.route", "/")], json!({})),
                span("eee19b7ec3c1b177", vec![text("gen_ai.request.model", "gpt-4o"), text("pulze.space.id", "nowhere")], json!({})),
            ] }],
        }] });
        for _ in 0..2 {
            let call = Call { organization: Some(&place.id), body: Some(request.clone()), ..Call::default() };
            let reply = place.admin.send(Operation::UsageTraces, call).await;
            assert_eq!(reply.status, 200, "{}", reply.text);
            assert_eq!(reply.json()["partialSuccess"]["rejectedSpans"], json!("1"));
            assert!(reply.text.contains("space_unknown"));
        }
        let usage = place.ask(&place.admin, Operation::UsageRead, &UsageQuery::default()).await;
        assert_eq!(plain(&usage.total), [2, 1, 1007, 500, 7_500_000 + 17_500, 0]);
        assert_eq!(usage.total.latency_p50, Some(1250));
    }
}

#[tokio::test]
async fn everybody_sees_their_own_and_admins_everything() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app, "UTC").await;
        let at = pulze_console_server::now();
        let event = |id: &str, member: &Client| json!({ "id": id, "at": at, "model": "openai/gpt-4o", "member_id": member.user, "cost": 5 });
        place.report(json!([event("1", &place.admin), event("2", &place.viewer), event("3", &place.viewer)])).await;
        let all = UsageQuery { group: Some(Dimension::Member), ..UsageQuery::default() };
        assert_eq!(place.ask(&place.admin, Operation::UsageRead, &all).await.total.calls, 3);
        // Whatever else is asked, only one's own is told.
        let others = UsageQuery { filters: vec![(Dimension::Member, vec![place.admin.user.to_string()])], ..all };
        for query in [UsageQuery::default(), others] {
            let own = place.ask(&place.viewer, Operation::UsageReadOwn, &query).await;
            assert_eq!(own.total.calls, 2);
            let text = text(&query);
            let call = Call { organization: Some(&place.id), query: &text, ..Call::default() };
            let calls = place.viewer.send(Operation::UsageCallsOwn, call).await.json();
            let members: Vec<&Value> = calls["calls"].as_array().unwrap().iter().map(|call| &call["member_id"]).collect();
            assert_eq!(members, [&json!(place.viewer.user), &json!(place.viewer.user)]);
            let call = Call { organization: Some(&place.id), query: &text, ..Call::default() };
            let points = place.viewer.send(Operation::UsageCallPointsOwn, call).await.json();
            assert_eq!(points["at"].as_array().unwrap().len(), 2);
        }
    }
}

#[tokio::test]
async fn views_are_kept_by_name_for_oneself() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app, "UTC").await;
        for query in ["range=7d", "range=90d&group=model"] {
            let body = Some(json!({ "name": "Models", "query": query }));
            let call = Call { organization: Some(&place.id), body, ..Call::default() };
            assert_eq!(place.viewer.send(Operation::UsageViewCreate, call).await.status, 201);
        }
        let list = |client: &Client| {
            let client = client.clone();
            let id = place.id.clone();
            async move { client.send(Operation::UsageViewList, Call { organization: Some(&id), ..Call::default() }).await.json() }
        };
        let views = list(&place.viewer).await;
        assert_eq!(views["views"].as_array().unwrap().len(), 1);
        assert_eq!(views["views"][0]["query"], json!("range=90d&group=model"));
        assert_eq!(list(&place.admin).await["views"], json!([]));
        let view = pulze_contract::UsageViewId::parse(views["views"][0]["id"].as_str().unwrap()).unwrap();
        for (client, expected) in [(&place.admin, 404), (&place.viewer, 204), (&place.viewer, 404)] {
            let call = Call { organization: Some(&place.id), view: Some(&view), ..Call::default() };
            assert_eq!(client.send(Operation::UsageViewDelete, call).await.status, expected);
        }
    }
}

#[tokio::test]
async fn a_key_that_spent_what_it_may_is_refused_until_the_next_month() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app, "Europe/Zurich").await;
        let scopes = Scopes::default().with(Scope::ChatCompletions, ScopeLevel::Write);
        let content = ApiKeyContent { scopes, monthly_limit: Some(1_000), ..ApiKeyContent::default() };
        let (key, secret) = app.key(&place.id, &place.admin.user, &content).await;
        let verify = || async {
            let body = Some(json!({ "key": secret, "scope": "chat_completions", "level": "write" }));
            app.anonymous().send(Operation::ApiKeyVerify, Call { body, ..Call::default() }).await.json()["denial"].clone()
        };
        let now = pulze_console_server::now();
        let event = |id: &str, at: i64, cost: i64| json!({ "id": id, "at": at, "model": "openai/gpt-4o", "api_key_id": key, "cost": cost });
        place.report(json!([event("long ago", now - 40 * 24 * HOUR, 5_000), event("1", now, 999)])).await;
        assert_eq!(verify().await, Value::Null);
        place.report(json!([event("2", now, 1)])).await;
        assert_eq!(verify().await, json!("spending"));
        // The months of another zone are made again, and hold the same.
        place.set_zone(&app, "UTC").await;
        assert_eq!(verify().await, json!("spending"));
        let call = Call { organization: Some(&place.id), key: Some(&key), query: "?hours=24", ..Call::default() };
        let evidence = place.admin.send(Operation::ApiKeyEvidence, call).await.json();
        assert_eq!(evidence["models"], json!([{ "model": "openai/gpt-4o", "calls": 2, "tokens": 0, "cost": 1000 }]));
    }
}

#[tokio::test]
async fn prices_are_those_of_the_time_of_the_call() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app, "UTC").await;
        let now = pulze_console_server::now();
        let mut change = app.store.change(store::Tenant::Installation).await.unwrap();
        let mut models = store::models::catalogue(&mut change).await.unwrap();
        models.retain(|model| model.id == "openai/gpt-4o");
        models[0].input_price *= 2;
        store::models::put_catalogue(&mut change, &models).await.unwrap();
        change.commit().await.unwrap();
        let event = |id: &str, at: i64, model: &str| json!({ "id": id, "at": at, "model": model, "prompt_tokens": 1_000_000 });
        let after = pulze_console_server::now();
        place
            .report(json!([
                event("before", now - HOUR, "openai/gpt-4o"),
                event("after", after, "openai/gpt-4o"),
                event("?", now, "x/y")
            ]))
            .await;
        let usage = place.ask(&place.admin, Operation::UsageRead, &UsageQuery::default()).await;
        assert_eq!((usage.total.cost, usage.total.unpriced), (Money::micro(2_500_000 + 5_000_000), 1));
    }
}

#[tokio::test]
async fn missing_is_nothing_and_zero_is_zero() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app, "UTC").await;
        let now: i64 = "2026-06-10T12:00:00Z".parse::<jiff::Timestamp>().unwrap().as_millisecond();
        let day = 24 * HOUR;
        let mut change = app.store.change(store::Tenant::Installation).await.unwrap();
        let event = |id: &str, at: i64| {
            Ok(UsageEvent {
                id: id.to_owned(),
                at,
                model: "a/b".to_owned(),
                cost: Some(Money::micro(1)),
                ..UsageEvent::default()
            })
        };
        ingest::take(&mut change, &place.id, vec![event("1", now - 3 * day), event("2", now - day)], now).await.unwrap();
        change.commit().await.unwrap();
        let query = UsageQuery { range: Range::ThisMonth, metric: Metric::LatencyP50, ..UsageQuery::default() };
        let mut db = app.store.read().await.unwrap();
        let usage = question::answer(&mut db, &place.id, &query, now).await.unwrap();
        let calls: Vec<Option<i64>> = usage.points.iter().map(|point| point.map(|point| point.calls)).collect();
        let mut expected = vec![None; 30];
        expected[6..10].copy_from_slice(&[Some(1), Some(0), Some(1), Some(0)]);
        assert_eq!(calls, expected);
        assert!(usage.points.iter().flatten().all(|point| point.latency_p50.is_none()));
    }
}

#[tokio::test]
async fn what_costs_less_than_a_micro_dollar_adds_up() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app, "UTC").await;
        let now = pulze_console_server::now();
        // Nine tokens at $0.30 for a million are 2.7 micro-dollars; a reported cost may be finer still.
        for batch in 0..2 {
            let event = |number: i64| json!({ "id": format!("{batch} {number}"), "at": now - number, "model": "google/gemini-2.5-flash", "prompt_tokens": 9.0 });
            let events: Vec<Value> = (0..2500).map(event).collect();
            assert_eq!(place.report(json!(events)).await.accepted, 2500);
        }
        place.report(json!([{ "id": "reported", "at": now, "model": "x/y", "cost": 0.18 }])).await;
        let all = UsageQuery { group: Some(Dimension::Model), ..UsageQuery::default() };
        let usage = place.ask(&place.admin, Operation::UsageRead, &all).await;
        assert_eq!(usage.total.cost, Money::nano(5_000 * 2_700 + 180));
        assert!(usage.tie_out.iter().all(|way| way.agrees(&usage.total)));
        let values = usage.groups.iter().flat_map(|group| group.values.iter().flatten()).sum::<f64>();
        assert!((values - 13_500.18).abs() < 1e-6, "{values}");
        let text = text(&all);
        let reply =
            place.admin.send(Operation::UsageRead, Call { organization: Some(&place.id), query: &text, ..Call::default() }).await;
        assert_eq!(reply.json()["total"]["cost"], json!(13_500.18));
        let file = place
            .admin
            .send(Operation::UsageExport, Call { organization: Some(&place.id), query: &text, ..Call::default() })
            .await;
        assert!(file.text.contains(",0.013500180,"), "{}", file.text);
    }
}

#[tokio::test]
async fn numbers_are_read_whole_or_refused_by_field_and_value() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app, "UTC").await;
        let now = pulze_console_server::now();
        let event = |id: &str, field: &str, value: Value| json!({ "id": id, "at": now, "model": "openai/gpt-4o", field: value });
        let receipt = place
            .report(json!([
                event("float", "prompt_tokens", json!(1200.0)),
                event("exponent", "prompt_tokens", json!("1.2e3")),
                event("null", "prompt_tokens", json!(null)),
                event("half", "prompt_tokens", json!(12.5)),
                event("word", "completion_tokens", json!("Included")),
                event("much", "cost", json!(1e300)),
                event("more", "latancy", json!(1)),
                event("tool", "tools", json!(["web-search", 7])),
                event("none", "at", json!(null)),
                event("status", "status", json!(true)),
            ]))
            .await;
        assert_eq!(receipt.accepted, 3);
        let told: Vec<String> = receipt.refused.iter().map(|refused| format!("{} {refused}", refused.id)).collect();
        let expected = [
            r#"half amount: prompt_tokens is "12.5""#,
            r#"word amount: completion_tokens is "Included""#,
            r#"much amount: cost is "1e+300""#,
            r#"more malformed: latancy is "1""#,
            r#"tool malformed: tools[1] is "[\"web-search\",7]""#,
            r#"none malformed: at is "null""#,
            r#"status status: status is "true""#,
        ];
        assert_eq!(told, expected);
        // What nobody knows is not nothing: the call without tokens is told as one without a price.
        let usage = place.ask(&place.admin, Operation::UsageRead, &UsageQuery::default()).await;
        assert_eq!((usage.total.prompt_tokens, usage.total.unpriced), (2400, 1));
    }
}

/// No sum can be beyond what is kept: a call that would bring one there is refused, and the answers go on.
#[tokio::test]
async fn amounts_beyond_all_sums_are_refused_at_the_door() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app, "UTC").await;
        let now = pulze_console_server::now();
        let event = |id: &str, cost: i64| json!({ "id": id, "at": now, "model": "x/y", "cost": cost });
        // Four billion dollars, as four thousand calls of a million each.
        let events: Vec<Value> = (0..4001).map(|number| event(&number.to_string(), 1_000_000_000_000)).collect();
        let receipt = place.report(json!(events)).await;
        assert_eq!((receipt.accepted, receipt.refused.len()), (4000, 1));
        assert_eq!(receipt.refused[0].to_string(), "amount: cost is \"1000000000000\"");
        let refused = place.report(json!([event("dear", 1_000_000_000_001), event("more", 1), event("free", 0)])).await;
        assert_eq!((refused.accepted, refused.refused.len()), (1, 2));
        let usage = place.ask(&place.admin, Operation::UsageRead, &UsageQuery::default()).await;
        assert_eq!(usage.total.cost, Money::micro(4_000_000_000_000_000));
        // A model of their own costs what a price can be, and a call of it what a call can cost.
        let create = async |name: &str, price: i64| {
            let own = json!({ "name": name, "context_window": 1000, "max_output_tokens": 1000, "input_price": price, "output_price": 0 });
            let headers = vec![("idempotency-key", format!("dear-model-{name}"))];
            let call = Call { organization: Some(&place.id), body: Some(own), headers, ..Call::default() };
            place.admin.send(Operation::ModelCreate, call).await
        };
        for price in [i64::MAX, 1_000_000_000_001, -1, i64::MIN] {
            assert_eq!(create("beyond", price).await.status, 422, "{price}");
        }
        assert_eq!(create("dear", 1_000_000_000_000).await.status, 201);
        let call = json!({ "id": "own", "at": now, "model": "own/dear", "prompt_tokens": 1_000_001 });
        assert_eq!(place.report(json!([call])).await.refused[0].field.as_deref(), Some("cost"));
    }
}
