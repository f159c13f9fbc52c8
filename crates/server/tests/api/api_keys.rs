//! API keys: who gets in by one, for how long, and that nobody finds its secret.

use crate::permission_matrix::{body, kind_of};
use crate::test_app::{Call, Client, TestApp, on_each_database};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use pulze_contract::api_key::{ApiKeyContent, Scope, ScopeLevel, Scopes, asked_of_a_key};
use pulze_contract::operation::Access;
use pulze_contract::organization::Plan;
use pulze_contract::space::Visibility;
use pulze_contract::{ApiKeyId, Operation, OrganizationId, ResourceKind, Role};
use serde_json::{Value, json};

const DAY: i64 = 86_400_000;

struct Place {
    id: OrganizationId,
    admin: Client,
}

impl Place {
    async fn new(app: &TestApp) -> Self {
        let admin = app.client(&format!("{}@keys.test", pulze_console_server::new_digits())).await;
        Self { id: app.organization("Keys", Plan::PulzeXSuite, &[(&admin.user, Role::Admin)]).await, admin }
    }

    async fn ask(&self, operation: Operation, key: Option<&ApiKeyId>, body: Value, headers: Vec<(&str, String)>) -> (u16, Value) {
        let body = (!body.is_null()).then_some(body);
        let call = Call { organization: Some(&self.id), key, body, headers, ..Call::default() };
        let reply = self.admin.send(operation, call).await;
        (reply.status, if reply.text.is_empty() { Value::Null } else { reply.json() })
    }

    async fn create(&self, body: Value) -> (ApiKeyId, String) {
        let (status, answer) = self.ask(Operation::ApiKeyCreate, None, body, Vec::new()).await;
        assert_eq!(status, 201, "{answer}");
        (ApiKeyId::parse(answer["key"]["id"].as_str().unwrap()).unwrap(), answer["secret"].as_str().unwrap().to_owned())
    }

    /// Changes a key as it is now.
    async fn change(&self, key: &ApiKeyId, action: &str) -> u16 {
        let versions = [self.version(key).await];
        let body = json!({ "ids": [key], "versions": versions, "action": action });
        self.ask(Operation::ApiKeysChange, None, body, Vec::new()).await.0
    }

    async fn version(&self, key: &ApiKeyId) -> i64 {
        let (_, details) = self.ask(Operation::ApiKeyRead, Some(key), Value::Null, Vec::new()).await;
        details["key"]["version"].as_i64().unwrap()
    }

    /// Rotates a key as it was at a version.
    async fn rotate(&self, key: &ApiKeyId, version: i64, hours: u32, intention: &str) -> (u16, Value) {
        let headers = vec![("idempotency-key", intention.to_owned()), ("if-match", format!("\"{version}\""))];
        self.ask(Operation::ApiKeyRotate, Some(key), json!({ "overlap_hours": hours }), headers).await
    }
}

fn content(days: i64) -> Value {
    json!({
        "name": "Key", "scopes": { "chat_completions": "write", "model_and_router_configuration": "read" },
        "expires_at": pulze_console_server::now() + days * DAY,
    })
}

async fn verify(app: &TestApp, asked: Value) -> Value {
    let mut body = json!({ "scope": "chat_completions", "level": "write", "address": "203.0.113.9", "client": "test/1" });
    for (name, value) in asked.as_object().unwrap() {
        body[name] = value.clone();
    }
    let reply = app.anonymous().send(Operation::ApiKeyVerify, Call { body: Some(body), ..Call::default() }).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

async fn denial(app: &TestApp, asked: Value) -> Option<String> {
    let answer = verify(app, asked).await;
    assert_eq!(answer["allowed"], json!(answer["denial"].is_null()));
    answer["denial"].as_str().map(str::to_owned)
}

#[tokio::test]
async fn a_key_is_made_used_rotated_disabled_and_revoked() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app).await;
        let (id, first) = place.create(content(90)).await;
        assert_eq!(denial(&app, json!({ "key": first })).await, None);
        // A typing error, and one that was never made.
        assert_eq!(denial(&app, json!({ "key": first.replace("pk_", "pk-") })).await.as_deref(), Some("unknown"));
        let (_, other) = app.key(&place.id, &place.admin.user, &ApiKeyContent::default()).await;
        assert_eq!(denial(&app, json!({ "key": other })).await.as_deref(), Some("scope"));

        let rotation = pulze_console_server::new_digits();
        let (status, answer) = place.rotate(&id, 1, 24, &rotation).await;
        assert_eq!((status, &answer["key"]["status"]), (201, &json!("rotating")));
        let second = answer["secret"].as_str().unwrap().to_owned();
        // A lost answer is recovered, and no second secret is made.
        let (_, again) = place.rotate(&id, 1, 24, &rotation).await;
        assert_eq!(again["secret"], json!(second));
        assert_eq!(place.rotate(&id, 2, 1, &pulze_console_server::new_digits()).await.0, 409);
        for secret in [&first, &second] {
            assert_eq!(denial(&app, json!({ "key": secret })).await, None);
        }
        let (_, details) = place.ask(Operation::ApiKeyRead, Some(&id), Value::Null, Vec::new()).await;
        assert_eq!(details["secrets"].as_array().unwrap().len(), 2);
        assert_eq!(details["secrets"][1]["last_used"]["address"], json!("203.0.113.9"));
        assert_eq!(details["secrets"][0]["hours"][23], json!(1));
        // Once it was used, nobody asks for it again.
        let (_, again) = place.rotate(&id, 1, 24, &rotation).await;
        assert_eq!(again["secret"], Value::Null);

        assert_eq!(place.change(&id, "finish_rotation").await, 200);
        assert_eq!(denial(&app, json!({ "key": first })).await.as_deref(), Some("expired"));
        assert_eq!(denial(&app, json!({ "key": second })).await, None);
        assert_eq!(place.change(&id, "disable").await, 200);
        assert_eq!(denial(&app, json!({ "key": second })).await.as_deref(), Some("disabled"));
        assert_eq!(place.change(&id, "enable").await, 200);
        assert_eq!(denial(&app, json!({ "key": second })).await, None);
        assert_eq!(place.change(&id, "revoke").await, 200);
        assert_eq!(denial(&app, json!({ "key": second })).await.as_deref(), Some("revoked"));
        assert_eq!(place.change(&id, "enable").await, 404);
        let everything = app.everything().await;
        for secret in [&first, &second] {
            assert!(!everything.contains(secret.as_str()), "a secret stands in the database");
        }
    }
}

/// Of twenty who do the same to a key at the same time, one does it, and the others learn that they came too late.
#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_changes_at_the_same_time_one_succeeds() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app).await;
        let (id, first) = place.create(content(90)).await;
        let mut secrets = vec![first];
        for hours in [0, 24] {
            let version = place.version(&id).await;
            let digits: Vec<String> = (0..20).map(|_| pulze_console_server::new_digits()).collect();
            let answers =
                futures_util::future::join_all(digits.iter().map(|intention| place.rotate(&id, version, hours, intention))).await;
            let made: Vec<&Value> = answers.iter().filter(|(status, _)| *status == 201).map(|(_, answer)| answer).collect();
            assert_eq!(made.len(), 1, "{hours} hours");
            assert!(answers.iter().all(|(status, _)| [201, 409, 412].contains(status)));
            secrets.push(made[0]["secret"].as_str().unwrap().to_owned());
            let (_, details) = place.ask(Operation::ApiKeyRead, Some(&id), Value::Null, Vec::new()).await;
            assert_eq!(
                (&details["key"]["version"], details["secrets"].as_array().unwrap().len()),
                (&json!(version + 1), secrets.len())
            );
            assert_eq!(denial(&app, json!({ "key": secrets.last().unwrap() })).await, None);
        }
        // The secret before stays good for a day more, not for twenty.
        let version = place.version(&id).await;
        let extend = || {
            let body = json!({ "ids": [id], "versions": [version], "action": "extend_rotation" });
            place.ask(Operation::ApiKeysChange, None, body, Vec::new())
        };
        let answers = futures_util::future::join_all((0..20).map(|_| extend())).await;
        assert_eq!(answers.iter().filter(|(status, _)| *status == 200).count(), 1);
        assert!(answers.iter().all(|(status, _)| [200, 412].contains(status)));
        // What was changed since is not opened again; it is closed all the same, and closing twice changes nothing.
        let stale = |action: &str| json!({ "ids": [id], "versions": [version], "action": action });
        let bare = |action: &str| json!({ "ids": [id], "action": action });
        let change = async |body: Value| place.ask(Operation::ApiKeysChange, None, body, Vec::new()).await.0;
        let closed = futures_util::future::join_all((0..20).map(|_| change(bare("disable")))).await;
        assert!(closed.iter().all(|status| *status == 200));
        assert_eq!(place.version(&id).await, version + 2);
        assert_eq!((change(stale("enable")).await, change(bare("enable")).await), (412, 428));
        assert_eq!((change(stale("revoke")).await, change(bare("extend_rotation")).await), (412, 428));
        assert_eq!(change(json!({ "ids": [id], "versions": [1, 2], "action": "enable" })).await, 428);
        // Handed over by twenty at the same time.
        let version = place.version(&id).await;
        let handed = json!({ "content": content(90), "owner_id": place.admin.user });
        let hand_over = || {
            let headers = vec![("if-match", format!("\"{version}\""))];
            place.ask(Operation::ApiKeyUpdate, Some(&id), handed.clone(), headers)
        };
        let answers = futures_util::future::join_all((0..20).map(|_| hand_over())).await;
        assert_eq!(answers.iter().filter(|(status, _)| *status == 200).count(), 1);
        assert!(answers.iter().all(|(status, _)| [200, 412].contains(status)));
        // Revoked by twenty: it is, and whoever came later finds none to revoke.
        let answers = futures_util::future::join_all((0..20).map(|_| change(bare("revoke")))).await;
        assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1);
        assert!(answers.iter().all(|status| [200, 404].contains(status)));
    }
}

#[tokio::test]
async fn the_first_reason_is_told() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app).await;
        let space = app.space(&place.id, "Space", Visibility::Organization, &place.admin.user).await;
        let mut body = content(90);
        body["spaces"] = json!([space]);
        body["models"] = json!(["openai/gpt-4.1"]);
        body["address_ranges"] = json!(["203.0.113.0/24"]);
        body["requests_per_minute"] = json!(2);
        let (id, key) = place.create(body.clone()).await;
        let asked = |more: Value| {
            let mut asked = json!({ "key": key, "space_id": space, "model": "openai/gpt-4.1" });
            for (name, value) in more.as_object().unwrap() {
                asked[name] = value.clone();
            }
            asked
        };
        for (more, expected) in [
            (json!({ "address": "198.51.100.1" }), "address"),
            (json!({ "scope": "data_management", "level": "read" }), "scope"),
            (json!({ "space_id": null }), "space"),
            (json!({ "model": "openai/gpt-4o" }), "model"),
        ] {
            assert_eq!(denial(&app, asked(more)).await.as_deref(), Some(expected));
        }
        // Two are let in, or more where the next minute begins between them.
        let minute = || pulze_console_server::now().div_euclid(60_000);
        let (begun, mut let_in) = (minute(), 0);
        let refused = loop {
            match denial(&app, asked(json!({}))).await {
                None => let_in += 1,
                refused => break refused,
            }
            assert!(let_in <= 4, "the limit holds");
        };
        assert_eq!(refused.as_deref(), Some("rate"));
        assert!(let_in == 2 || minute() > begun, "{let_in} were let in");
        // A role that shrinks takes the key along; a member who leaves leaves it waiting.
        let other = app.client("other@keys.test").await;
        app.join(&place.id, &other.user, Role::Viewer).await;
        body["scopes"] = json!({ "space_management": "write" });
        body["requests_per_minute"] = Value::Null;
        let headers = vec![("if-match", "\"1\"".to_owned())];
        let handed = json!({ "content": body, "owner_id": other.user });
        let (status, answer) = place.ask(Operation::ApiKeyUpdate, Some(&id), handed, headers).await;
        assert_eq!((status, &answer["scopes"]["space_management"]), (200, &json!("read")));
        let written = asked(json!({ "scope": "space_management", "level": "write" }));
        assert_eq!(denial(&app, written.clone()).await.as_deref(), Some("scope"));
        let call = Call { organization: Some(&place.id), ..Call::default() };
        assert_eq!(other.send(Operation::MembershipDelete, call).await.status, 204);
        assert_eq!(denial(&app, written).await.as_deref(), Some("owner_left"));
    }
}

#[tokio::test]
async fn a_key_of_this_api_reaches_its_scopes_and_nothing_else() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app).await;
        let mut cells = 0;
        for &operation in Operation::ALL {
            if operation.access() == Access::Public {
                continue;
            }
            for scope in Scope::ALL {
                for level in ScopeLevel::ALL {
                    let content = ApiKeyContent { scopes: Scopes::default().with(scope, level), ..ApiKeyContent::default() };
                    let (_, secret) = app.key(&place.id, &place.admin.user, &content).await;
                    let space = app.space(&place.id, "Space", Visibility::Organization, &place.admin.user).await;
                    let assistant = app.assistant(&place.id, "Assistant", &place.admin.user).await;
                    let tool = app.tool(&place.id, &pulze_console_server::new_digits()).await;
                    let opens = asked_of_a_key(operation).is_some_and(|(of, least)| of == scope && least <= level);
                    let call = Call {
                        organization: Some(&place.id),
                        space: Some(&space),
                        assistant: Some(&assistant),
                        tool: Some(&tool),
                        resource: Some((ResourceKind::Tool, &tool)),
                        // What would be done is not the question here, only whether the door opens.
                        body: Some(json!({ "nonsense": kind_of(operation).as_str() })),
                        headers: vec![("authorization", format!("Bearer {secret}"))],
                        ..Call::default()
                    };
                    let status = app.anonymous().send(operation, call).await.status;
                    assert_eq!(status != 403, opens, "{} with {} {}: {status}", operation.id(), scope.as_str(), level.as_str());
                    cells += 1;
                }
            }
        }
        println!("{cells} cells");
        // Another organization is not there for it; within its own it acts as its owner.
        let all = ApiKeyContent { scopes: Scopes::all(ScopeLevel::Write), ..ApiKeyContent::default() };
        let (_, secret) = app.key(&place.id, &place.admin.user, &all).await;
        let bearer = || vec![("authorization", format!("Bearer {secret}"))];
        let other = app.organization("Other", Plan::PulzeXSuite, &[(&place.admin.user, Role::Admin)]).await;
        for (organization, expected) in [(&place.id, 200), (&other, 404)] {
            let call = Call { organization: Some(organization), headers: bearer(), ..Call::default() };
            assert_eq!(app.anonymous().send(Operation::ModelList, call).await.status, expected);
        }
        let sent = body(Operation::SpaceCreate, &place.admin.user);
        let mut headers = bearer();
        headers.push(("idempotency-key", pulze_console_server::new_digits()));
        let call = Call { organization: Some(&place.id), body: sent, headers, ..Call::default() };
        assert_eq!(app.anonymous().send(Operation::SpaceCreate, call).await.status, 201);
    }
}

#[tokio::test]
async fn a_key_that_leaked_is_found_its_use_is_told_and_its_owner_hears_of_it() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app).await;
        let other = Place::new(&app).await;
        let (id, first) = place.create(content(90)).await;
        denial(&app, json!({ "key": first, "client": "shop/1" })).await;
        denial(&app, json!({ "key": first, "scope": "space_management" })).await;
        assert_eq!(place.rotate(&id, 1, 0, &pulze_console_server::new_digits()).await.0, 201);

        let find = |key: String| json!({ "key": key });
        let (_, found) = place.ask(Operation::ApiKeyFind, None, find(format!(" {first}\n")), Vec::new()).await;
        assert_eq!(found, json!({ "id": id, "number": 1 }));
        let (_, found) = place.ask(Operation::ApiKeyFind, None, find(id.to_string()), Vec::new()).await;
        assert_eq!(found, json!({ "id": id, "number": null }));
        assert_eq!(other.ask(Operation::ApiKeyFind, None, find(first.clone()), Vec::new()).await.0, 404);
        assert_eq!(other.ask(Operation::ApiKeyFind, None, find(id.to_string()), Vec::new()).await.0, 404);
        let (status, problem) = place.ask(Operation::ApiKeyFind, None, find(first.replace("pk_", "pk")), Vec::new()).await;
        assert_eq!((status, &problem["errors"][0]["rule"]), (422, &json!("key_malformed")), "{problem}");

        let (status, told) = place.ask(Operation::ApiKeyEvidence, Some(&id), Value::Null, Vec::new()).await;
        assert_eq!(status, 200, "{told}");
        assert_eq!(told["hours"].as_array().unwrap().len(), 24);
        assert_eq!(told["hours"][23], json!([1, 1]));
        let callers = told["callers"].as_array().unwrap();
        assert_eq!(callers.len(), 2);
        assert!(callers.iter().any(|caller| caller["client"] == "shop/1" && caller["address"] == "203.0.113.9"));
        assert_eq!(told["scopes"][0]["scope"], json!("chat_completions"));
        let done: Vec<_> = told["events"].as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap()).collect();
        assert_eq!(done, ["api_key_rotate", "api_key_create"]);

        let intention = || vec![("idempotency-key", "0190a1b2c3d4e5f60718293a4b5c6d7e".to_owned())];
        let notice = json!({ "message": "Seen in a public repository" });
        for _ in 0..2 {
            let (status, sent) = place.ask(Operation::ApiKeyLeakNotice, Some(&id), notice.clone(), intention()).await;
            assert_eq!(status, 201, "{sent}");
            assert!(sent["recipient"].as_str().unwrap().ends_with("@keys.test"));
        }
        let mails = app.mails().await;
        assert_eq!(mails.iter().filter(|mail| mail.contains("Seen in a public repository")).count(), 1);
        assert!(mails.iter().any(|mail| mail.contains(&format!("/manage/api-keys/{id}"))), "{mails:?}");
        assert!(!app.everything().await.contains(&first));
    }
}

#[tokio::test]
async fn a_second_server_on_the_same_database_refuses_what_the_first_one_ended() {
    for app in on_each_database(&[]).await {
        let second = app.beside().await;
        let place = Place::new(&app).await;
        let (id, secret) = place.create(content(90)).await;
        assert_eq!(denial(&second, json!({ "key": secret })).await, None);
        assert_eq!(place.change(&id, "disable").await, 200);
        assert_eq!(denial(&second, json!({ "key": secret })).await.as_deref(), Some("disabled"));
        assert_eq!(place.change(&id, "enable").await, 200);
        assert_eq!(denial(&second, json!({ "key": secret })).await, None);
        assert_eq!(place.change(&id, "revoke").await, 200);
        assert_eq!(denial(&second, json!({ "key": secret })).await.as_deref(), Some("revoked"));
    }
}

#[tokio::test]
async fn a_plan_without_keys_has_none() {
    for app in on_each_database(&[]).await {
        let admin = app.client("free@keys.test").await;
        let id = app.organization("Free", Plan::PulzeOne, &[(&admin.user, Role::Admin)]).await;
        let reply = admin.send(Operation::ApiKeyList, Call { organization: Some(&id), ..Call::default() }).await;
        assert_eq!((reply.status, &reply.json()["type"]), (409, &json!("plan-required")));
        let (_, secret) =
            app.key(&id, &admin.user, &ApiKeyContent { scopes: Scopes::all(ScopeLevel::Write), ..Default::default() }).await;
        assert_eq!(denial(&app, json!({ "key": secret })).await.as_deref(), Some("plan"));
    }
}

#[tokio::test]
async fn the_organization_says_how_long_keys_live() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app).await;
        let mut never = content(1);
        never["expires_at"] = Value::Null;
        let rule =
            async |body: Value| place.ask(Operation::ApiKeyCreate, None, body, Vec::new()).await.1["errors"][0]["rule"].clone();
        assert_eq!(rule(never.clone()).await, json!("required"));
        assert_eq!(rule(content(-1)).await, json!("end_not_ahead"));
        let policy = async |body: Value| place.ask(Operation::ApiKeyPolicyUpdate, None, body, Vec::new()).await.0;
        assert_eq!(policy(json!({ "may_never_expire": true, "days_max": null })).await, 200);
        place.create(never.clone()).await;
        assert_eq!(policy(json!({ "may_never_expire": true, "days_max": 30 })).await, 200);
        assert_eq!(rule(never).await, json!("required"));
        assert_eq!(rule(content(31)).await, json!("too_far_ahead"));
        place.create(content(30)).await;
    }
}

#[tokio::test]
async fn a_key_that_names_a_model_is_named_before_it_is_switched_off() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app).await;
        let mut body = content(90);
        body["models"] = json!(["openai/gpt-4.1", "openai/gpt-4o"]);
        let (id, _) = place.create(body).await;
        let off = json!({ "ids": ["openai/gpt-4.1"], "enabled": false });
        let (_, impact) = place.ask(Operation::ModelCheck, None, off.clone(), Vec::new()).await;
        let dependent = &impact["dependents"][0];
        assert_eq!((&dependent["kind"], &dependent["id"], &dependent["breaks"]), (&json!("api_key"), &json!(id), &json!(false)));
        assert_eq!(place.ask(Operation::ModelUpdate, None, off, Vec::new()).await.0, 200);
        assert_eq!(place.change(&id, "revoke").await, 200);
        let off = json!({ "ids": ["openai/gpt-4o"], "enabled": false });
        assert_eq!(place.ask(Operation::ModelCheck, None, off, Vec::new()).await.1["dependents"], json!([]));
    }
}

/// A step in the life of a key.
#[derive(Clone, Copy, Debug)]
enum Step {
    Rotate(u32),
    Finish,
    Extend,
    Disable,
    Enable,
    Revoke,
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => prop_oneof![Just(0), Just(1), Just(24), Just(168)].prop_map(Step::Rotate),
        1 => Just(Step::Finish),
        1 => Just(Step::Extend),
        2 => Just(Step::Disable),
        2 => Just(Step::Enable),
        1 => Just(Step::Revoke),
        // Minutes.
        3 => prop_oneof![Just(30), Just(90), Just(60 * 25), Just(60 * 24 * 40)].prop_map(Step::Wait),
    ]
}

/// A key in the plainest words.
struct Model {
    now: i64,
    expires: i64,
    disabled: bool,
    revoked: bool,
    /// Each secret with its end, the newest last.
    secrets: Vec<(String, Option<i64>)>,
}

impl Model {
    fn opens(&self, place: usize) -> bool {
        let alive = !self.revoked && !self.disabled && self.now < self.expires;
        alive && self.secrets[place].1.is_none_or(|end| self.now < end)
    }

    fn running(&mut self) -> Option<&mut i64> {
        let now = self.now;
        self.secrets.iter_mut().filter_map(|(_, end)| end.as_mut()).find(|end| **end > now)
    }
}

#[test]
fn after_any_life_a_key_opens_exactly_when_the_model_says_so() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for app in runtime.block_on(on_each_database(&[])) {
        let mut runner = TestRunner::new(Config { cases: 40, failure_persistence: None, ..Config::default() });
        let outcome = runner.run(&proptest::collection::vec(step(), 1..16), |steps| {
            runtime.block_on(live(&app, &steps));
            Ok(())
        });
        outcome.unwrap();
    }
}

async fn live(app: &TestApp, steps: &[Step]) {
    const MINUTE: i64 = 60_000;
    let place = Place::new(app).await;
    let (id, secret) = place.create(content(90)).await;
    // The model counts minutes; what is kept moves back in time in place of a clock that moves ahead.
    let mut model = Model { now: 0, expires: 90 * 24 * 60, disabled: false, revoked: false, secrets: vec![(secret, None)] };
    for step in steps {
        match *step {
            Step::Wait(minutes) => {
                app.age_key(&place.id, &id, minutes * MINUTE).await;
                model.now += minutes;
            }
            Step::Rotate(hours) => {
                let version = place.version(&id).await;
                let (status, answer) = place.rotate(&id, version, hours, &pulze_console_server::new_digits()).await;
                let dead = model.revoked || model.now >= model.expires;
                let running = model.running().is_some();
                assert_eq!(
                    status,
                    if dead {
                        404
                    } else if running {
                        409
                    } else {
                        201
                    },
                    "{step:?} in {steps:?}: {answer}"
                );
                if status == 201 {
                    let now = model.now;
                    let newest = model.secrets.last_mut().unwrap();
                    newest.1 = Some(now + i64::from(hours) * 60);
                    model.secrets.push((answer["secret"].as_str().unwrap().to_owned(), None));
                }
            }
            Step::Finish | Step::Extend | Step::Disable | Step::Enable | Step::Revoke => {
                let action = match step {
                    Step::Finish => "finish_rotation",
                    Step::Extend => "extend_rotation",
                    Step::Disable => "disable",
                    Step::Enable => "enable",
                    _ => "revoke",
                };
                assert_eq!(place.change(&id, action).await, if model.revoked { 404 } else { 200 });
                if model.revoked {
                    continue;
                }
                let now = model.now;
                match step {
                    Step::Finish => drop(model.running().map(|end| *end = now)),
                    Step::Extend => drop(model.running().map(|end| *end += 24 * 60)),
                    Step::Disable => model.disabled = true,
                    Step::Enable => model.disabled = false,
                    _ => model.revoked = true,
                }
            }
        }
        for (number, (secret, _)) in model.secrets.iter().enumerate() {
            let answer = verify(app, json!({ "key": secret })).await;
            assert_eq!(answer["allowed"], json!(model.opens(number)), "secret {number} after {step:?} in {steps:?}: {answer}");
        }
    }
}
