//! Grants in the grid, access templates, and what ends by itself.

use crate::test_app::{Call, Client, TestApp, on_each_database};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use pulze_console_server::now;
use pulze_contract::organization::Plan;
use pulze_contract::space::Visibility;
use pulze_contract::{Operation, OrganizationId, Role, SpaceId};
use serde_json::{Value, json};

const DAY_MS: i64 = 86_400_000;

struct Place {
    admin: Client,
    viewer: Client,
    id: OrganizationId,
    spaces: [SpaceId; 2],
}

async fn place(app: &TestApp) -> Place {
    let (admin, viewer) = (app.client("admin@access.test").await, app.client("viewer@access.test").await);
    let id = app.organization("Access", Plan::Free, &[(&admin.user, Role::Admin), (&viewer.user, Role::Viewer)]).await;
    let spaces = [
        app.space(&id, "Alpha", Visibility::Invited, &admin.user).await,
        app.space(&id, "Beta", Visibility::Invited, &admin.user).await,
    ];
    Place { admin, viewer, id, spaces }
}

impl Place {
    fn call(&self, body: Value) -> Call<'_> {
        Call { organization: Some(&self.id), body: Some(body), ..Call::default() }
    }

    fn cell(&self, space: usize, role: Value, ends_at: Value) -> Value {
        json!({ "user_id": self.viewer.user, "space_id": self.spaces[space], "role": role, "ends_at": ends_at })
    }

    /// The roles of the viewer in both spaces, as the grid says.
    async fn row(&self) -> [Value; 2] {
        let call = Call { organization: Some(&self.id), query: "?search=viewer%40", ..Call::default() };
        let list = self.admin.send(Operation::AccessList, call).await.json();
        assert_eq!((&list["total"], list["spaces"].as_array().unwrap().len()), (&json!(1), 2));
        let grants = list["members"][0]["grants"].as_array().unwrap().clone();
        let role = |space: &SpaceId| {
            grants.iter().find(|grant| grant["space_id"] == json!(space)).map_or(Value::Null, |grant| grant["role"].clone())
        };
        [role(&self.spaces[0]), role(&self.spaces[1])]
    }
}

#[tokio::test]
async fn many_cells_change_together_or_not_at_all() {
    for app in on_each_database(&[]).await {
        let place = place(&app).await;
        let update =
            async |changes: Value| place.admin.send(Operation::AccessUpdate, place.call(json!({ "changes": changes }))).await;
        let given = json!([place.cell(0, json!("editor"), Value::Null), place.cell(1, json!("viewer"), json!(now() + DAY_MS))]);
        let reply = update(given.clone()).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        assert_eq!(place.row().await, [json!("editor"), json!("viewer")]);
        let mut unknown = place.cell(0, Value::Null, Value::Null);
        unknown["space_id"] = json!("space_ffffffffffffffffffffffffffffffff");
        let part = update(json!([place.cell(0, Value::Null, Value::Null), unknown])).await;
        assert_eq!((part.status, place.row().await), (404, [json!("editor"), json!("viewer")]));
        for (changes, rule) in [
            (json!([]), "required"),
            (json!([given[0], given[0]]), "duplicate"),
            (json!([place.cell(0, json!("viewer"), json!(now() - 1))]), "end_not_ahead"),
        ] {
            assert_eq!(update(changes).await.json()["errors"][0]["rule"], rule);
        }
        // What stood there before undoes it.
        assert_eq!(update(reply.json()["before"].clone()).await.status, 200);
        assert_eq!(place.row().await, [Value::Null, Value::Null]);
    }
}

#[tokio::test]
async fn a_role_and_a_grant_end_by_themselves() {
    for app in on_each_database(&[]).await {
        let place = place(&app).await;
        let grant = json!({ "changes": [place.cell(0, json!("editor"), json!(now() + DAY_MS))] });
        assert_eq!(place.admin.send(Operation::AccessUpdate, place.call(grant)).await.status, 200);
        let role = |role: &str, ends: Value| {
            place.call(json!({ "changes": [{ "user_id": place.viewer.user, "role": role, "ends": ends }] }))
        };
        let until = |days: i64, then: Value| json!({ "at": now() + days * DAY_MS, "then": then });
        for (refused, rule) in [(until(-1, Value::Null), "end_not_ahead"), (until(1, json!("admin")), "not_less")] {
            let reply = place.admin.send(Operation::MemberUpdate, role("admin", refused)).await;
            assert_eq!(reply.json()["errors"][0]["rule"], rule);
        }
        assert_eq!(place.admin.send(Operation::MemberUpdate, role("admin", until(2, json!("viewer")))).await.status, 200);
        let ending = Call { organization: Some(&place.id), query: "?status=ending", ..Call::default() };
        assert_eq!(place.admin.send(Operation::MemberList, ending.clone()).await.json()["total"], 1);
        // An admin for a while does not let the lasting one go.
        let leave = Call { organization: Some(&place.id), ..Call::default() };
        assert_eq!(place.admin.send(Operation::MembershipDelete, leave.clone()).await.json()["type"], "last-admin");
        app.pass(DAY_MS + 1000).await;
        assert_eq!(place.row().await, [Value::Null, Value::Null]);
        let manages = async || place.viewer.send(Operation::AccessList, leave.clone()).await.status;
        assert_eq!(manages().await, 200, "a day before the end");
        app.pass(DAY_MS).await;
        assert_eq!(manages().await, 403, "from the end on");
        let of_viewer = Call { organization: Some(&place.id), user: Some(&place.viewer.user), ..Call::default() };
        let history = place.admin.send(Operation::MemberRead, of_viewer).await.json()["history"].clone();
        let actions = history.as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap().to_owned());
        let actions = actions.collect::<Vec<_>>();
        assert_eq!(actions, ["role_end", "space_grant_end", "member_update", "space_members_update"]);
        // Without a role to become, the membership ends.
        assert_eq!(place.admin.send(Operation::MemberUpdate, role("editor", until(1, Value::Null))).await.status, 200);
        app.pass(DAY_MS + 1000).await;
        assert_eq!(place.viewer.send(Operation::OrganizationRead, leave).await.status, 404);
        let session = place.viewer.send(Operation::SessionRead, Call::default()).await.json();
        assert_eq!(session["viewer"]["organizations"], json!([]));
    }
}

#[tokio::test]
async fn templates_are_named_once_and_lose_spaces_that_are_gone() {
    for app in on_each_database(&[]).await {
        let place = place(&app).await;
        let spaces =
            json!([{ "space_id": place.spaces[0], "role": "editor" }, { "space_id": place.spaces[1], "role": "viewer" }]);
        let body = |name: &str| json!({ "name": name, "role": "editor", "spaces": spaces, "ends_after_days": 90 });
        let made = place.admin.send(Operation::AccessTemplateCreate, place.call(body("Contractor"))).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let taken = place.admin.send(Operation::AccessTemplateCreate, place.call(body("contractor"))).await;
        assert_eq!(taken.json()["errors"][0], json!({ "field": "name", "rule": "duplicate" }));
        let delete = Call { space: Some(&place.spaces[1]), ..place.call(json!({ "confirm_name": "Beta" })) };
        assert_eq!(place.admin.send(Operation::SpaceDelete, delete).await.status, 204);
        let list = Call { organization: Some(&place.id), ..Call::default() };
        let list = place.admin.send(Operation::AccessTemplateList, list).await.json();
        assert_eq!((&list["total"], list["templates"][0]["spaces"].as_array().unwrap().len()), (&json!(1), 1));
        let gone = place.admin.send(Operation::AccessTemplateCreate, place.call(body("Other"))).await;
        assert_eq!(gone.json()["errors"][0]["rule"], "space_unknown");
    }
}

/// What somebody does to somebody.
#[derive(Clone, Debug)]
enum Step {
    ChangeRole { actor: usize, target: usize, role: Role, ends: Option<(i64, Option<Role>)> },
    Remove { actor: usize, target: usize },
    Leave { actor: usize },
    Pass { days: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    let person = 0..4_usize;
    let role = || prop::sample::select(Role::ALL.to_vec());
    prop_oneof![
        4 => (person.clone(), person.clone(), role(), prop::option::of((1..5_i64, prop::option::of(role()))))
            .prop_map(|(actor, target, role, ends)| Step::ChangeRole { actor, target, role, ends }),
        1 => (person.clone(), person.clone()).prop_map(|(actor, target)| Step::Remove { actor, target }),
        1 => person.prop_map(|actor| Step::Leave { actor }),
        2 => (1..4_i64).prop_map(|days| Step::Pass { days }),
    ]
}

/// Whatever people do and however time passes, somebody who can manage the organization is left.
#[test]
fn an_organization_always_keeps_an_admin() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for app in runtime.block_on(on_each_database(&[])) {
        let people = runtime.block_on(async {
            let mut people = Vec::new();
            for index in 0..4 {
                people.push(app.client(&format!("person{index}@always.test")).await);
            }
            people
        });
        let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
        let outcome = runner.run(&prop::collection::vec(step(), 1..24), |steps| runtime.block_on(live(&app, &people, steps)));
        outcome.unwrap();
    }
}

async fn live(app: &TestApp, people: &[Client], steps: Vec<Step>) -> Result<(), TestCaseError> {
    let roles = [Role::Admin, Role::Admin, Role::Editor, Role::Viewer];
    let members = people.iter().zip(roles).map(|(person, role)| (&person.user, role)).collect::<Vec<_>>();
    let id = app.organization("Always", Plan::Free, &members).await;
    let call = || Call { organization: Some(&id), ..Call::default() };
    for step in steps {
        let reply = match &step {
            Step::Pass { days } => {
                app.pass(days * DAY_MS).await;
                people[0].send(Operation::OrganizationRead, call()).await
            }
            Step::Leave { actor } => people[*actor].send(Operation::MembershipDelete, call()).await,
            Step::Remove { actor, target } => {
                people[*actor].send(Operation::MemberDelete, Call { user: Some(&people[*target].user), ..call() }).await
            }
            Step::ChangeRole { actor, target, role, ends } => {
                let ends = ends.map(|(days, then)| json!({ "at": now() + days * DAY_MS, "then": then }));
                let body = json!({ "changes": [{ "user_id": people[*target].user, "role": role, "ends": ends }] });
                people[*actor].send(Operation::MemberUpdate, Call { body: Some(body), ..call() }).await
            }
        };
        prop_assert!([200, 204, 403, 404, 409, 422].contains(&reply.status), "{step:?}: {} {}", reply.status, reply.text);
        prop_assert!(app.admins(&id).await >= 1, "{step:?} left nobody");
    }
    Ok(())
}
