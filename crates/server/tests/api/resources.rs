//! Models, routers and defaults: what a switch here does everywhere, and what it asks first.

use crate::test_app::{Call, Client, TestApp, on_each_database};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use pulze_console_server::service::models::load_catalogue;
use pulze_contract::model::NewModels;
use pulze_contract::organization::Plan;
use pulze_contract::space::Visibility;
use pulze_contract::{AuditEventId, Operation, OrganizationId, ResourceKind, Role, RouterId, SpaceId};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// Three models of the shipped catalogue.
const MODELS: [&str; 3] = ["anthropic/claude-haiku-4-5", "openai/gpt-4.1", "openai/gpt-4.1-mini"];

struct Place {
    admin: Client,
    id: OrganizationId,
    spaces: Vec<SpaceId>,
}

impl Place {
    async fn new(app: &TestApp) -> Self {
        let admin = app.client(&format!("{}@resources.test", pulze_console_server::new_digits())).await;
        let id = app.organization("Resources", Plan::Free, &[(&admin.user, Role::Admin)]).await;
        let mut spaces = Vec::new();
        for name in ["First", "Second"] {
            spaces.push(app.space(&id, name, Visibility::Organization, &admin.user).await);
        }
        Self { admin, id, spaces }
    }

    fn all(&self) -> Call<'_> {
        Call { organization: Some(&self.id), ..Call::default() }
    }

    async fn ask(&self, operation: Operation, body: Value) -> (u16, Value) {
        let reply = self.admin.send(operation, Call { body: Some(body), ..self.all() }).await;
        (reply.status, if reply.text.is_empty() { Value::Null } else { reply.json() })
    }

    async fn done(&self, operation: Operation, body: Value) -> Value {
        let (status, answer) = self.ask(operation, body).await;
        assert_eq!(status, operation.success(), "{}: {answer}", operation.id());
        answer
    }

    async fn say(&self, space: usize, setting: &str, value: Value) -> u16 {
        let call =
            Call { space: Some(&self.spaces[space]), body: Some(json!({ "setting": setting, "value": value })), ..self.all() };
        self.admin.send(Operation::SpaceSettingsUpdate, call).await.status
    }

    async fn policy(&self, space: usize) -> Value {
        let reply =
            self.admin.send(Operation::EffectivePolicyRead, Call { space: Some(&self.spaces[space]), ..self.all() }).await;
        assert_eq!(reply.status, 200);
        reply.json()
    }

    async fn undo(&self, change: &Value) -> u16 {
        let event = AuditEventId::parse(change["undo"].as_str().unwrap()).unwrap();
        self.admin.send(Operation::ChangeUndo, Call { event: Some(&event), ..self.all() }).await.status
    }

    /// A router of these contents, by its identifier.
    async fn router(&self, content: Value) -> String {
        self.done(Operation::RouterCreate, content).await["id"].as_str().unwrap().to_owned()
    }
}

fn off(ids: &[&str]) -> Value {
    json!({ "ids": ids, "enabled": false })
}

#[tokio::test]
async fn a_model_is_switched_off_with_a_replacement_everywhere_and_back() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app).await;
        let chain = place.router(json!({ "name": "Chain", "strategy": { "is": "failover" }, "models": MODELS })).await;
        let fixed = place.router(json!({ "name": "Fixed", "strategy": { "is": "fixed" }, "models": [MODELS[2]] })).await;
        place.done(Operation::DefaultsUpdate, json!({ "naming_model": { "value": MODELS[2], "locked": false } })).await;
        assert_eq!(place.say(0, "router", json!(chain)).await, 200);
        assert_eq!(place.say(1, "router", json!(fixed)).await, 200);
        assert_eq!(place.say(1, "naming_model", json!(MODELS[2])).await, 200);

        let impact = place.done(Operation::ModelCheck, off(&[MODELS[2]])).await;
        let named: Vec<_> =
            impact["dependents"].as_array().unwrap().iter().map(|d| (d["part"].clone(), d["breaks"].clone())).collect();
        let expected = [("naming_model", true), ("naming_model", true), ("candidate", false), ("only_model", true)];
        assert_eq!(named, expected.map(|(part, breaks)| (json!(part), json!(breaks))));
        assert_eq!(impact["dependents"][2]["falls_back_to"], json!(format!("{}, {}", MODELS[0], MODELS[1])));
        let (status, problem) = place.ask(Operation::ModelUpdate, off(&[MODELS[2]])).await;
        assert_eq!((status, &problem["type"]), (409, &json!("breaks-not-accepted")));

        let before = [place.policy(0).await, place.policy(1).await];
        let mut body = off(&[MODELS[2]]);
        body["replacement"] = json!(MODELS[0]);
        let changed = place.done(Operation::ModelUpdate, body).await;
        assert_eq!(changed["changes"], json!(1));
        let (first, second) = (place.policy(0).await, place.policy(1).await);
        assert!(!first["models"].as_array().unwrap().contains(&json!(MODELS[2])));
        assert_eq!(first["naming_model"], json!({ "value": MODELS[0], "source": "organization" }));
        assert_eq!(first["routes"][0]["content"]["models"], json!([MODELS[0], MODELS[1]]));
        assert_eq!(second["naming_model"], json!({ "value": MODELS[0], "source": "space" }));
        assert_eq!(second["routes"][0]["content"]["models"], json!([MODELS[0]]));

        assert_eq!(place.undo(&changed).await, 204);
        for (space, before) in before.iter().enumerate() {
            let mut now = place.policy(space).await;
            for changing in ["at", "version"] {
                now[changing] = before[changing].clone();
            }
            assert_eq!(&now, before);
        }
        // Once is enough, and a later change must not be lost by an undo.
        assert_eq!(place.undo(&changed).await, 409);
        let actions = pulze_console_server::store::audit::actions(&mut app.store.read().await.unwrap(), &place.id).await.unwrap();
        assert_eq!(actions.iter().filter(|action| *action == "model_update").count(), 1);
        let other = app.client("other@resources.test").await;
        let theirs = app.organization("Theirs", Plan::Free, &[(&other.user, Role::Admin)]).await;
        let event = AuditEventId::parse(changed["undo"].as_str().unwrap()).unwrap();
        let call = Call { organization: Some(&theirs), event: Some(&event), ..Call::default() };
        assert_eq!(other.send(Operation::ChangeUndo, call).await.status, 404);
    }
}

#[tokio::test]
async fn a_default_says_what_becomes_of_the_spaces_that_are_there() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app).await;
        let router = place.router(json!({ "name": "Ours", "strategy": { "is": "lowest_cost" } })).await;
        assert_eq!(place.say(1, "router", json!("pulze-v0.1")).await, 200);
        let default =
            |existing: &str, locked: bool| json!({ "router": { "value": router, "locked": locked }, "existing": existing });
        let value = |policy: Value| (policy["router"]["value"].clone(), policy["router"]["source"].clone());

        // The spaces that are there keep what they have; a new one gets the default.
        let kept = place.done(Operation::DefaultsUpdate, default("keep", false)).await;
        assert_eq!(value(place.policy(0).await), (json!("pulze-v0.1"), json!("space")));
        let new = place.done(Operation::SpaceCreate, json!({ "name": "New" })).await;
        let new = SpaceId::parse(new["id"].as_str().unwrap()).unwrap();
        let reply = place.admin.send(Operation::EffectivePolicyRead, Call { space: Some(&new), ..place.all() }).await;
        assert_eq!(value(reply.json()), (json!(router), json!("organization")));
        assert_eq!(place.undo(&kept).await, 204);

        // Those that inherit follow; then all of them do.
        place.done(Operation::DefaultsUpdate, default("follow", false)).await;
        assert_eq!(value(place.policy(0).await), (json!(router), json!("organization")));
        assert_eq!(value(place.policy(1).await), (json!("pulze-v0.1"), json!("space")));
        place.done(Operation::DefaultsUpdate, default("reset", false)).await;
        assert_eq!(value(place.policy(1).await), (json!(router), json!("organization")));

        // A lock puts aside what a space says, refuses that it says anything, and gives it back.
        assert_eq!(place.say(1, "router", json!("pulze-v0.1")).await, 200);
        place.done(Operation::DefaultsUpdate, default("keep", true)).await;
        assert_eq!(value(place.policy(1).await), (json!(router), json!("locked")));
        assert_eq!(place.say(0, "router", json!("pulze-v0.1")).await, 403);
        place.done(Operation::DefaultsUpdate, default("keep", false)).await;
        assert_eq!(value(place.policy(1).await), (json!("pulze-v0.1"), json!("space")));

        // A router that is off cannot be chosen; one that is on may be, and the oldest stays on.
        assert_eq!(place.say(0, "router", json!("pulze-v1.0")).await, 422);
        place.done(Operation::RouterSwitch, json!({ "ids": ["pulze-v1.0"], "enabled": true })).await;
        assert_eq!(place.say(0, "router", json!("pulze-v1.0")).await, 200);
        assert_eq!(place.ask(Operation::RouterSwitch, off(&["pulze-v0.1"])).await.0, 422);
        let (status, _) = place.ask(Operation::RouterSwitch, off(&[&router])).await;
        assert_eq!(status, 409);
    }
}

#[tokio::test]
async fn a_router_is_whole_before_it_is_kept() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app).await;
        place.done(Operation::ModelUpdate, off(&[MODELS[1]])).await;
        let rules = async |body: Value| {
            let (status, problem) = place.ask(Operation::RouterCreate, body).await;
            assert_eq!(status, 422, "{problem}");
            let rule = |error: &Value| format!("{} {}", error["field"].as_str().unwrap(), error["rule"].as_str().unwrap());
            problem["errors"].as_array().unwrap().iter().map(rule).collect::<Vec<_>>()
        };
        assert_eq!(
            rules(json!({ "name": " ", "strategy": { "is": "failover" } })).await,
            ["name required", "models chain_empty"]
        );
        let disabled = json!({ "name": "A", "strategy": { "is": "fixed" }, "models": [MODELS[1]] });
        assert_eq!(rules(disabled).await, ["models model_unavailable"]);
        assert_eq!(
            rules(json!({ "name": "A", "strategy": { "is": "fastest" }, "fallback": "pulze-v1.0" })).await,
            ["fallback router_unavailable"]
        );

        let first = place.router(json!({ "name": "First", "strategy": { "is": "fastest" } })).await;
        let second = place.router(json!({ "name": "Second", "strategy": { "is": "fastest" }, "fallback": first })).await;
        assert_eq!(rules(json!({ "name": "first", "strategy": { "is": "fastest" } })).await, ["name duplicate"]);
        let id = RouterId::parse(&first).unwrap();
        let update = async |version: i64, body: Value| {
            let headers = vec![("if-match", format!("\"{version}\""))];
            let call = Call { router: Some(&id), body: Some(body), headers, ..place.all() };
            let reply = place.admin.send(Operation::RouterUpdate, call).await;
            (reply.status, reply.json())
        };
        let content = json!({ "name": "First", "strategy": { "is": "fastest" } });
        let mut circle = content.clone();
        circle["fallback"] = json!(second);
        let (status, problem) = update(1, json!({ "content": circle })).await;
        assert_eq!((status, &problem["errors"][0]["rule"]), (422, &json!("router_cycle")));
        let (status, problem) = update(1, json!({ "content": content, "archived": true })).await;
        assert_eq!((status, &problem["type"]), (409, &json!("in-use")));
        assert_eq!(update(1, json!({ "content": content })).await.0, 200);
        assert_eq!(update(1, json!({ "content": content })).await.0, 412);
        place.done(Operation::RouterSwitch, json!({ "ids": [first], "enabled": false, "replacement": "pulze-v0.1" })).await;
        let (status, router) = update(2, json!({ "content": content, "archived": true })).await;
        assert_eq!((status, &router["custom"]["archived"]), (200, &json!(true)));
    }
}

#[tokio::test]
async fn a_new_model_starts_by_the_rule_of_each_organization() {
    for app in on_each_database(&[]).await {
        let (open, closed, cheap) = (Place::new(&app).await, Place::new(&app).await, Place::new(&app).await);
        app.new_models(&closed.id, &NewModels::Disabled).await;
        let rule = NewModels::Matching { providers: vec!["mistral".to_owned()], output_price_max: Some(1_000_000) };
        app.new_models(&cheap.id, &rule).await;
        let head = "id,provider,context_window,max_output_tokens,input_usd_per_million,output_usd_per_million,vision,functions,json_schema,deprecated_on";
        let file = format!(
            "{head}\nmistral/small-9,mistral,32000,4000,0.1,1.0,false,true,true,\nmistral/large-9,mistral,32000,4000,2,6,false,true,true,2027-01-31\nopenai/gpt-4,openai,8192,4096,20,40,false,true,false,\n"
        );
        let loaded = load_catalogue(&app.store, &file).await.unwrap();
        assert_eq!((loaded.models, loaded.new), (3, 2));
        for (place, expected) in [(&open, [true, true, true]), (&closed, [false, false, true]), (&cheap, [false, true, true])] {
            let list = place.admin.send(Operation::ModelList, place.all()).await.json();
            let find = |id: &str| list["models"].as_array().unwrap().iter().find(|model| model["id"] == id).unwrap().clone();
            let enabled = ["mistral/large-9", "mistral/small-9", "openai/gpt-4"].map(|id| find(id)["enabled"] == json!(true));
            assert_eq!(enabled, expected);
            assert_eq!(find("openai/gpt-4")["output_price"], json!(40_000_000));
            assert_eq!(find("mistral/large-9")["deprecated_on"], json!(1_801_353_600_000_i64));
        }
        assert!(load_catalogue(&app.store, &format!("{head}\nnothing\n")).await.is_err());
    }
}

#[tokio::test]
async fn a_model_of_ones_own_comes_and_goes() {
    for app in on_each_database(&[]).await {
        let (place, other) = (Place::new(&app).await, Place::new(&app).await);
        let body = json!({ "name": "llama-ours", "context_window": 8000, "max_output_tokens": 1000, "input_price": 0, "output_price": 10 });
        let model = place.done(Operation::ModelCreate, body.clone()).await;
        assert_eq!((&model["id"], &model["enabled"]), (&json!("own/llama-ours"), &json!(true)));
        let (status, problem) = place.ask(Operation::ModelCreate, body).await;
        assert_eq!((status, &problem["errors"][0]["rule"]), (422, &json!("duplicate")));
        assert_eq!(other.ask(Operation::ModelUpdate, off(&["own/llama-ours"])).await.0, 422);
        place.done(Operation::DefaultsUpdate, json!({ "naming_model": { "value": "own/llama-ours", "locked": false } })).await;
        let delete = || Call { model: Some("own/llama-ours"), ..place.all() };
        assert_eq!(place.admin.send(Operation::ModelDelete, delete()).await.status, 409);
        place.done(Operation::DefaultsUpdate, json!({ "naming_model": { "value": null, "locked": false } })).await;
        assert_eq!(place.admin.send(Operation::ModelDelete, delete()).await.status, 204);
        assert_eq!(place.admin.send(Operation::ModelDelete, delete()).await.status, 404);
    }
}

#[tokio::test]
async fn what_there_is_is_counted_for_whoever_asks() {
    for app in on_each_database(&[]).await {
        let admin = app.client("admin@hierarchy.test").await;
        let viewer = app.client("viewer@hierarchy.test").await;
        let id = app.organization("Counted", Plan::Free, &[(&admin.user, Role::Admin), (&viewer.user, Role::Viewer)]).await;
        let open = app.space(&id, "Open", Visibility::Organization, &admin.user).await;
        let closed = app.space(&id, "Closed", Visibility::Invited, &admin.user).await;
        let all = || Call { organization: Some(&id), ..Call::default() };
        let counts = json!([
            { "space_id": open, "content": "conversations", "count": 30 },
            { "space_id": closed, "content": "conversations", "count": 12 },
            { "content": "documents", "count": 0 },
        ]);
        let import = async |counts: Value| {
            admin.send(Operation::ContentImport, Call { body: Some(json!({ "counts": counts })), ..all() }).await.status
        };
        assert_eq!(import(counts.clone()).await, 204);
        let totals = async |client: &Client| {
            let answer = client.send(Operation::HierarchyRead, all()).await.json();
            (answer["spaces"].clone(), answer["content"].clone())
        };
        let total = |content: &str, count: u32| json!({ "content": content, "count": count });
        assert_eq!(totals(&admin).await, (json!(2), json!([total("conversations", 42), total("documents", 0)])));
        // What happens in a space that one cannot enter is not told, not even as a number.
        assert_eq!(totals(&viewer).await, (json!(1), json!([total("conversations", 30), total("documents", 0)])));
        // A later report takes the place of an earlier one; what it leaves out stays.
        assert_eq!(import(json!([{ "space_id": open, "content": "conversations", "count": 31 }])).await, 204);
        assert_eq!(totals(&viewer).await.1[0], total("conversations", 31));
        let elsewhere = app.organization("Elsewhere", Plan::Free, &[(&admin.user, Role::Admin)]).await;
        let foreign = app.space(&elsewhere, "Foreign", Visibility::Organization, &admin.user).await;
        assert_eq!(import(json!([{ "space_id": foreign, "content": "documents", "count": 1 }])).await, 422);
        assert_eq!(import(json!([{ "content": "documents", "count": 1 }, { "content": "documents", "count": 2 }])).await, 422);
    }
}

/// One change of a random history.
#[derive(Clone, Debug)]
enum Step {
    Model(usize, bool),
    Managed(bool),
    RouterOn(bool),
    Default {
        router: Option<usize>,
        locked: bool,
        existing: usize,
    },
    Naming {
        model: Option<usize>,
        locked: bool,
    },
    Space {
        space: usize,
        router: Option<usize>,
    },
    SpaceNaming {
        space: usize,
        model: Option<usize>,
    },
    ToolOn(bool),
    /// What viewers, editors and the first space may do with the tool; nothing said: what they bring along.
    ToolAccess {
        viewers: Option<usize>,
        editors: Option<usize>,
        space: bool,
    },
    AssistantOn(bool),
    AssistantIn(Option<usize>),
}

/// Levels as they are written.
const LEVELS: [&str; 5] = ["none", "view", "use", "manage", "admin"];

fn step() -> impl Strategy<Value = Step> {
    let maybe = || proptest::option::of(0..3_usize);
    prop_oneof![
        (0..3_usize, any::<bool>()).prop_map(|(model, on)| Step::Model(model, on)),
        any::<bool>().prop_map(Step::Managed),
        any::<bool>().prop_map(Step::RouterOn),
        (maybe(), any::<bool>(), 0..3_usize).prop_map(|(router, locked, existing)| Step::Default { router, locked, existing }),
        (maybe(), any::<bool>()).prop_map(|(model, locked)| Step::Naming { model, locked }),
        (0..2_usize, maybe()).prop_map(|(space, router)| Step::Space { space, router }),
        (0..2_usize, maybe()).prop_map(|(space, model)| Step::SpaceNaming { space, model }),
        any::<bool>().prop_map(Step::ToolOn),
        (proptest::option::of(0..5_usize), proptest::option::of(0..5_usize), any::<bool>())
            .prop_map(|(viewers, editors, space)| Step::ToolAccess { viewers, editors, space }),
        any::<bool>().prop_map(Step::AssistantOn),
        proptest::option::of(0..2_usize).prop_map(Step::AssistantIn),
    ]
}

/// The rules once more, in the plainest words: what the server's answer is compared with.
#[derive(Default)]
struct Reference {
    models_off: HashSet<usize>,
    v1_on: bool,
    ours_off: bool,
    default_router: Option<usize>,
    default_model: Option<usize>,
    router_locked: bool,
    naming_locked: bool,
    space_router: HashMap<usize, usize>,
    space_model: HashMap<usize, usize>,
    tool_off: bool,
    viewers: Option<usize>,
    editors: Option<usize>,
    space_given: bool,
    assistant_off: bool,
    assistant_in: Option<usize>,
}

impl Reference {
    /// Routers: 0 is the last resort, 1 the managed one that is off at first, 2 a custom one.
    fn router_on(&self, router: usize) -> bool {
        [true, self.v1_on, !self.ours_off][router]
    }

    fn router(&self, space: usize) -> usize {
        let mut wishes = Vec::new();
        if !self.router_locked {
            wishes.extend(self.space_router.get(&space));
        }
        wishes.extend(&self.default_router);
        wishes.into_iter().copied().find(|router| self.router_on(*router)).unwrap_or(0)
    }

    /// Who may use the tool in a space: everybody, editors and admins, or admins.
    fn tool_users(&self, space: usize) -> &'static str {
        // Both roles bring "use" along for a tool, and "use" is the third level.
        let uses = |said: Option<usize>| said.is_none_or(|level| level >= 2);
        match (uses(self.viewers), uses(self.editors)) {
            _ if self.space_given && space == 0 => "viewer",
            (true, _) => "viewer",
            (false, true) => "editor",
            (false, false) => "admin",
        }
    }

    fn naming(&self, space: usize) -> Option<usize> {
        let mut wishes = Vec::new();
        if !self.naming_locked {
            wishes.extend(self.space_model.get(&space));
        }
        wishes.extend(&self.default_model);
        wishes.into_iter().copied().find(|model| !self.models_off.contains(model))
    }
}

#[test]
fn after_any_history_the_policy_is_that_of_the_plain_rules() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for app in runtime.block_on(on_each_database(&[])) {
        let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
        let outcome = runner.run(&proptest::collection::vec(step(), 1..14), |steps| {
            runtime.block_on(follow(&app, &steps));
            Ok(())
        });
        outcome.unwrap();
    }
}

async fn follow(app: &TestApp, steps: &[Step]) {
    let place = Place::new(app).await;
    let ours = place.router(json!({ "name": "Ours", "strategy": { "is": "fastest" }, "models": [MODELS[0]] })).await;
    let routers = ["pulze-v0.1", "pulze-v1.0", &ours];
    let tool = app.tool(&place.id, "Tool").await;
    let assistant = app.assistant(&place.id, "Assistant", &place.admin.user).await;
    let mut version = 1;
    let mut plain = Reference::default();
    let switch = |ids: &[&str], on: bool| json!({ "ids": ids, "enabled": on, "accepts_breaks": true });
    for step in steps {
        match step.clone() {
            Step::Model(model, on) => {
                place.done(Operation::ModelUpdate, switch(&[MODELS[model]], on)).await;
                if on {
                    plain.models_off.remove(&model)
                } else {
                    plain.models_off.insert(model)
                };
            }
            Step::Managed(on) => {
                place.done(Operation::RouterSwitch, switch(&[routers[1]], on)).await;
                plain.v1_on = on;
            }
            Step::RouterOn(on) => {
                place.done(Operation::RouterSwitch, switch(&[routers[2]], on)).await;
                plain.ours_off = !on;
            }
            Step::Default { router, locked, existing } => {
                let way = ["keep", "follow", "reset"][existing];
                let value = router.map(|router| routers[router]);
                let (status, _) = place
                    .ask(Operation::DefaultsUpdate, json!({ "router": { "value": value, "locked": locked }, "existing": way }))
                    .await;
                let may = router == plain.default_router || router.is_none_or(|router| plain.router_on(router));
                assert_eq!(status, if may { 200 } else { 422 });
                if !may {
                    continue;
                }
                for space in 0..2 {
                    if existing == 0 && router != plain.default_router {
                        plain.space_router.entry(space).or_insert(plain.default_router.unwrap_or(0));
                    } else if existing == 2 {
                        plain.space_router.remove(&space);
                    }
                }
                (plain.default_router, plain.router_locked) = (router, locked);
            }
            Step::Naming { model, locked } => {
                let value = model.map(|model| MODELS[model]);
                let body = json!({ "naming_model": { "value": value, "locked": locked }, "existing": "follow" });
                let (status, _) = place.ask(Operation::DefaultsUpdate, body).await;
                let may = model == plain.default_model || model.is_none_or(|model| !plain.models_off.contains(&model));
                assert_eq!(status, if may { 200 } else { 422 });
                if may {
                    (plain.default_model, plain.naming_locked) = (model, locked);
                }
            }
            Step::Space { space, router } => {
                let status = place.say(space, "router", json!(router.map(|router| routers[router]))).await;
                let locked = plain.router_locked && router.is_some();
                let may = router.is_none_or(|router| plain.router_on(router));
                assert_eq!(
                    status,
                    if locked {
                        403
                    } else if may {
                        200
                    } else {
                        422
                    }
                );
                if status == 200 {
                    match router {
                        Some(router) => plain.space_router.insert(space, router),
                        None => plain.space_router.remove(&space),
                    };
                }
            }
            Step::ToolOn(on) => {
                place.done(Operation::ToolSwitch, switch(&[&tool], on)).await;
                plain.tool_off = !on;
            }
            Step::ToolAccess { viewers, editors, space } => {
                let role = |role: &str, level: Option<usize>| json!({ "subject": { "is": "role", "id": role }, "level": level.map(|level| LEVELS[level]) });
                let given = json!({ "subject": { "is": "space", "id": place.spaces[0] }, "level": space.then_some("use") });
                let body = json!({ "changes": [role("viewer", viewers), role("editor", editors), given] });
                let call = Call { resource: Some((ResourceKind::Tool, &tool)), body: Some(body), ..place.all() };
                assert_eq!(place.admin.send(Operation::ResourceAccessUpdate, call).await.status, 200);
                (plain.viewers, plain.editors, plain.space_given) = (viewers, editors, space);
            }
            Step::AssistantOn(on) => {
                place.done(Operation::AssistantSwitch, switch(&[assistant.as_str()], on)).await;
                plain.assistant_off = !on;
            }
            Step::AssistantIn(space) => {
                let spaces = space.map(|space| vec![&place.spaces[space]]);
                let body = json!({ "content": { "name": "Assistant", "spaces": spaces } });
                let headers = vec![("if-match", format!("\"{version}\""))];
                let call = Call { assistant: Some(&assistant), body: Some(body), headers, ..place.all() };
                assert_eq!(place.admin.send(Operation::AssistantUpdate, call).await.status, 200);
                version += 1;
                plain.assistant_in = space;
            }
            Step::SpaceNaming { space, model } => {
                let status = place.say(space, "naming_model", json!(model.map(|model| MODELS[model]))).await;
                let locked = plain.naming_locked && model.is_some();
                let may = model.is_none_or(|model| !plain.models_off.contains(&model));
                assert_eq!(
                    status,
                    if locked {
                        403
                    } else if may {
                        200
                    } else {
                        422
                    }
                );
                if status == 200 {
                    match model {
                        Some(model) => plain.space_model.insert(space, model),
                        None => plain.space_model.remove(&space),
                    };
                }
            }
        }
        for space in 0..2 {
            let policy = place.policy(space).await;
            assert_eq!(policy["router"]["value"], json!(routers[plain.router(space)]), "{step:?} in {steps:?}");
            assert_eq!(
                policy["naming_model"]["value"],
                json!(plain.naming(space).map(|model| MODELS[model])),
                "{step:?} in {steps:?}"
            );
            let allowed: HashSet<&str> =
                policy["models"].as_array().unwrap().iter().map(|model| model.as_str().unwrap()).collect();
            for (place, model) in MODELS.iter().enumerate() {
                assert_eq!(allowed.contains(model), !plain.models_off.contains(&place), "{model} after {steps:?}");
            }
            let names = |list: &str, id: &str| policy[list].as_array().unwrap().contains(&json!(id));
            assert_eq!(names("tools", &tool), !plain.tool_off, "{steps:?}");
            let limit = policy["limits"].as_array().unwrap().iter().find(|limit| limit["id"] == json!(tool));
            let users = limit.map_or("viewer", |limit| limit["least_role"].as_str().unwrap());
            let expected = if plain.tool_off { "viewer" } else { plain.tool_users(space) };
            assert_eq!(users, expected, "{steps:?}");
            let there = !plain.assistant_off && plain.assistant_in.is_none_or(|only| only == space);
            assert_eq!(names("assistants", assistant.as_str()), there, "{steps:?}");
            for route in policy["routes"].as_array().unwrap() {
                let named = route["content"]["models"].as_array().into_iter().flatten();
                assert!(named.into_iter().all(|model| allowed.contains(model.as_str().unwrap())), "{route}");
            }
            let last = policy["routes"].as_array().unwrap().last().unwrap();
            assert_eq!(last["router"], json!("pulze-v0.1"));
        }
    }
}
