//! Assistants: what they may name, whom they belong to, and what happens when something goes.

use crate::test_app::{Call, Client, TestApp, on_each_database};
use pulze_contract::organization::Plan;
use pulze_contract::space::Visibility;
use pulze_contract::{AssistantId, Operation, OrganizationId, Role, SpaceId};
use serde_json::{Value, json};

const MODEL: &str = "openai/gpt-4.1-mini";

struct Place {
    id: OrganizationId,
    admin: Client,
    editor: Client,
    space: SpaceId,
}

impl Place {
    async fn new(app: &TestApp) -> Self {
        let mail = |who: &str| format!("{who}{}@assistants.test", pulze_console_server::new_digits());
        let (admin, editor) = (app.client(&mail("admin")).await, app.client(&mail("editor")).await);
        let id = app.organization("Assistants", Plan::Free, &[(&admin.user, Role::Admin), (&editor.user, Role::Editor)]).await;
        let space = app.space(&id, "Space", Visibility::Organization, &admin.user).await;
        Self { id, admin, editor, space }
    }

    fn call(&self, body: Value) -> Call<'_> {
        Call { organization: Some(&self.id), body: Some(body), ..Call::default() }
    }

    async fn create(&self, body: Value) -> AssistantId {
        let reply = self.admin.send(Operation::AssistantCreate, self.call(body)).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        AssistantId::parse(reply.json()["id"].as_str().unwrap()).unwrap()
    }

    async fn read(&self, client: &Client, id: &AssistantId) -> (u16, Value) {
        let call = Call { organization: Some(&self.id), assistant: Some(id), ..Call::default() };
        let reply = client.send(Operation::AssistantRead, call).await;
        (reply.status, reply.json())
    }

    async fn update(&self, client: &Client, id: &AssistantId, version: i64, body: Value) -> (u16, Value) {
        let headers = vec![("if-match", format!("\"{version}\""))];
        let reply = client.send(Operation::AssistantUpdate, Call { assistant: Some(id), headers, ..self.call(body) }).await;
        (reply.status, reply.json())
    }

    async fn assistants(&self, space: &SpaceId) -> Value {
        let call = Call { organization: Some(&self.id), space: Some(space), ..Call::default() };
        self.admin.send(Operation::EffectivePolicyRead, call).await.json()["assistants"].clone()
    }
}

#[tokio::test]
async fn an_assistant_is_where_it_was_made_available_and_only_while_it_is_on() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app).await;
        let other = app.space(&place.id, "Other", Visibility::Organization, &place.admin.user).await;
        let id = place.create(json!({ "name": "Ask us", "instructions": "Be brief.", "spaces": [place.space] })).await;
        assert_eq!(place.assistants(&place.space).await, json!([id]));
        assert_eq!(place.assistants(&other).await, json!([]));
        let off = json!({ "ids": [id], "enabled": false });
        assert_eq!(place.admin.send(Operation::AssistantSwitch, place.call(off)).await.status, 200);
        assert_eq!(place.assistants(&place.space).await, json!([]));
        let (_, assistant) = place.read(&place.admin, &id).await;
        assert_eq!((&assistant["enabled"], &assistant["content"]["instructions"]), (&json!(false), &json!("Be brief.")));
        // Somebody who saved in between is not written over.
        assert_eq!(place.update(&place.admin, &id, 2, json!({ "content": { "name": "A" } })).await.0, 412);
        let (status, kept) = place.update(&place.admin, &id, 1, json!({ "content": { "name": "  Ask   them " } })).await;
        assert_eq!((status, &kept["content"]["name"], &kept["version"]), (200, &json!("Ask them"), &json!(2)));
        let call = Call { organization: Some(&place.id), assistant: Some(&id), ..Call::default() };
        assert_eq!(place.admin.send(Operation::AssistantDelete, call).await.status, 204);
        assert_eq!(place.read(&place.admin, &id).await.0, 404);
    }
}

#[tokio::test]
async fn an_assistant_names_only_what_can_be_used() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app).await;
        let body = json!({
            "name": " ", "model": "nobody/none", "tools": ["web-search"], "avatar_url": "http://x.test/a.png",
            "spaces": [format!("space_{}", "0".repeat(32))],
        });
        let reply = place.admin.send(Operation::AssistantCreate, place.call(body)).await;
        assert_eq!(reply.status, 422);
        let problem = reply.json();
        let fields: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
        assert_eq!(fields, ["name", "avatar_url", "model", "tools", "spaces"]);

        // Switched off later, a model stands there until it is replaced or cleared, and a name can be corrected.
        let id = place.create(json!({ "name": "Ask us", "model": MODEL, "tools": ["space-search"] })).await;
        let impact =
            place.admin.send(Operation::ModelCheck, place.call(json!({ "ids": [MODEL], "enabled": false }))).await.json();
        assert_eq!(impact["dependents"][0]["kind"], json!("assistant"));
        assert_eq!(impact["dependents"][0]["breaks"], json!(true));
        let replaced = json!({ "ids": ["space-search"], "enabled": false, "replacement": "web-search" });
        assert_eq!(place.admin.send(Operation::ToolSwitch, place.call(replaced)).await.status, 422);
        let tool = app.tool(&place.id, "Ours").await;
        let replaced = json!({ "ids": ["space-search"], "enabled": false, "replacement": tool });
        assert_eq!(place.admin.send(Operation::ToolSwitch, place.call(replaced)).await.status, 200);
        let accepted = json!({ "ids": [MODEL], "enabled": false, "accepts_breaks": true });
        assert_eq!(place.admin.send(Operation::ModelUpdate, place.call(accepted)).await.status, 200);
        let (_, assistant) = place.read(&place.admin, &id).await;
        assert_eq!((&assistant["content"]["model"], &assistant["content"]["tools"]), (&json!(MODEL), &json!([tool])));
        let version = assistant["version"].as_i64().unwrap();
        let mut content = assistant["content"].clone();
        content["name"] = json!("Renamed");
        assert_eq!(place.update(&place.admin, &id, version, json!({ "content": content })).await.0, 200);
    }
}

#[tokio::test]
async fn a_private_assistant_is_its_owners_and_an_owner_reaches_no_further_than_their_spaces() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app).await;
        let id = place.create(json!({ "name": "Mine", "visibility": "private", "spaces": [place.space] })).await;
        assert_eq!(place.read(&place.editor, &id).await.0, 404);
        let content = json!({ "name": "Mine", "visibility": "private", "spaces": [place.space] });
        let handed = json!({ "content": content, "owner_id": place.editor.user });
        assert_eq!(place.update(&place.admin, &id, 1, handed).await.0, 200);
        assert_eq!(place.read(&place.editor, &id).await.1["level"], json!("admin"));
        let renamed = json!({ "content": { "name": "Ours", "visibility": "private", "spaces": [place.space] } });
        assert_eq!(place.update(&place.editor, &id, 2, renamed).await.0, 200);
        for wider in [
            json!({ "name": "Ours", "visibility": "private" }),
            json!({ "name": "Ours", "visibility": "public", "spaces": [place.space] }),
        ] {
            assert_eq!(place.update(&place.editor, &id, 3, json!({ "content": wider })).await.0, 403);
        }
        let hidden = app.space(&place.id, "Hidden", Visibility::Invited, &place.admin.user).await;
        let abroad = json!({ "content": { "name": "Ours", "visibility": "private", "spaces": [hidden] } });
        assert_eq!(place.update(&place.editor, &id, 3, abroad).await.0, 422);
        // In the policy it is limited to its owner.
        let call = Call { organization: Some(&place.id), space: Some(&place.space), ..Call::default() };
        let limits = place.admin.send(Operation::EffectivePolicyRead, call).await.json()["limits"].clone();
        assert_eq!(limits, json!([{ "kind": "assistant", "id": id, "least_role": "admin", "members": [place.editor.user] }]));
    }
}
