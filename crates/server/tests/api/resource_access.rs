//! Levels on one resource: what each of them opens, who it reaches, and what a gateway learns of it.

use crate::permission_matrix::{body, kind_of, switch_of};
use crate::test_app::{Call, Client, TestApp, on_each_database};
use pulze_contract::operation::Access;
use pulze_contract::organization::Plan;
use pulze_contract::space::Visibility;
use pulze_contract::{AssistantId, AuditEventId, Level, Operation, OrganizationId, ResourceKind, Role, SpaceId, SpaceRole};
use serde_json::{Value, json};

/// An organization with one of each kind, its admin and one viewer.
struct Place {
    id: OrganizationId,
    admin: Client,
    viewer: Client,
    assistant: AssistantId,
    tool: String,
    router: pulze_contract::RouterId,
}

impl Place {
    async fn new(app: &TestApp) -> Self {
        let mail = |who: &str| format!("{who}{}@levels.test", pulze_console_server::new_digits());
        let (admin, viewer) = (app.client(&mail("admin")).await, app.client(&mail("viewer")).await);
        let id = app.organization("Levels", Plan::Free, &[(&admin.user, Role::Admin), (&viewer.user, Role::Viewer)]).await;
        app.own_model(&id, "own/model").await;
        Self {
            assistant: app.assistant(&id, "Assistant", &admin.user).await,
            tool: app.tool(&id, "Tool").await,
            router: app.router(&id, "Router").await,
            id,
            admin,
            viewer,
        }
    }

    fn resource(&self, kind: ResourceKind) -> &str {
        match kind {
            ResourceKind::Model => "own/model",
            ResourceKind::Router => self.router.as_str(),
            ResourceKind::Assistant => self.assistant.as_str(),
            ResourceKind::Tool => &self.tool,
        }
    }

    fn call(&self, body: Option<Value>) -> Call<'_> {
        Call {
            organization: Some(&self.id),
            router: Some(&self.router),
            model: Some("own/model"),
            assistant: Some(&self.assistant),
            tool: Some(&self.tool),
            resource: Some((ResourceKind::Tool, &self.tool)),
            body,
            ..Call::default()
        }
    }

    async fn give(&self, kind: ResourceKind, changes: Value) -> (u16, Value) {
        let call = Call { resource: Some((kind, self.resource(kind))), ..self.call(Some(json!({ "changes": changes }))) };
        let reply = self.admin.send(Operation::ResourceAccessUpdate, call).await;
        (reply.status, reply.json())
    }

    async fn policy(&self, client: &Client, space: &SpaceId) -> Value {
        let call = Call { space: Some(space), ..self.call(None) };
        client.send(Operation::EffectivePolicyRead, call).await.json()
    }
}

#[tokio::test]
async fn each_level_opens_what_it_says_and_nothing_more() {
    for app in on_each_database(&[]).await {
        for &operation in Operation::ALL {
            let Access::Resource(_, least) = operation.access() else { continue };
            let kind = kind_of(operation);
            for level in Level::ALL {
                let place = Place::new(&app).await;
                app.only(&place.id, kind, place.resource(kind), &place.viewer.user, level).await;
                let sent = match operation {
                    Operation::ModelCheck | Operation::ModelUpdate => Some(json!({ "ids": ["own/model"], "enabled": false })),
                    _ => body(operation, &place.viewer.user).or(switch_of(operation, &place.assistant, &place.tool)),
                };
                let reply = place.viewer.send(operation, place.call(sent)).await;
                let named_in_the_body = operation.path().ends_with("/check") || operation.path().ends_with('s');
                let expected = match level {
                    // What may not be seen does not exist, in the path as in the body.
                    Level::None if named_in_the_body => 422,
                    Level::None => 404,
                    level if level < least => 403,
                    _ => operation.success(),
                };
                assert_eq!(reply.status, expected, "{} with {}: {}", operation.id(), level.as_str(), reply.text);
            }
        }
    }
}

#[tokio::test]
async fn a_list_names_only_what_may_be_seen() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app).await;
        let lists = [
            (ResourceKind::Model, Operation::ModelList, "models"),
            (ResourceKind::Router, Operation::RouterList, "routers"),
            (ResourceKind::Assistant, Operation::AssistantList, "assistants"),
            (ResourceKind::Tool, Operation::ToolList, "tools"),
        ];
        for (kind, operation, name) in lists {
            let level = async |client: &Client| {
                let list = client.send(operation, place.call(None)).await.json();
                let found = list[name].as_array().unwrap().iter().find(|one| one["id"] == place.resource(kind)).cloned();
                found.map(|one| one["level"].as_str().unwrap().to_owned())
            };
            assert_eq!(level(&place.viewer).await.as_deref(), Some("use"), "{name}");
            let hidden = json!([{ "subject": { "is": "role", "id": "viewer" }, "level": "none" }]);
            let (status, changed) = place.give(kind, hidden).await;
            assert_eq!(status, 200);
            assert_eq!(level(&place.viewer).await, None, "{name}");
            assert_eq!(level(&place.admin).await.as_deref(), Some("admin"), "{name}");
            let event = AuditEventId::parse(changed["undo"].as_str().unwrap()).unwrap();
            let call = Call { event: Some(&event), ..place.call(None) };
            assert_eq!(place.admin.send(Operation::ChangeUndo, call).await.status, 204);
            assert_eq!(level(&place.viewer).await.as_deref(), Some("use"), "{name}");
        }
    }
}

#[tokio::test]
async fn access_says_where_it_comes_from_and_refuses_what_does_not_fit() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app).await;
        let space = app.space(&place.id, "Space", Visibility::Invited, &place.admin.user).await;
        let subject = |is: &str, id: &str| json!({ "is": is, "id": id });
        let one = |subject: Value, level: &str| json!([{ "subject": subject, "level": level }]);
        for (changes, rule) in [
            (one(subject("role", "admin"), "view"), "level_unfit"),
            (one(subject("space", space.as_str()), "manage"), "level_unfit"),
            (one(subject("member", place.viewer.user.as_str()), "none"), "level_unfit"),
            (one(subject("space", &format!("space_{}", "0".repeat(32))), "use"), "space_unknown"),
            (one(subject("member", &format!("user_{}", "0".repeat(32))), "use"), "not_a_member"),
        ] {
            let (status, problem) = place.give(ResourceKind::Tool, changes).await;
            assert_eq!((status, problem["errors"][0]["rule"].as_str()), (422, Some(rule)));
        }
        let closed = json!([
            { "subject": subject("role", "viewer"), "level": "view" },
            { "subject": subject("role", "editor"), "level": "view" },
            { "subject": subject("space", space.as_str()), "level": "use" },
            { "subject": subject("member", place.viewer.user.as_str()), "level": "view" },
        ]);
        assert_eq!(place.give(ResourceKind::Tool, closed).await.0, 200);
        let read = async || place.admin.send(Operation::ResourceAccessRead, place.call(None)).await.json();
        let access = read().await;
        assert_eq!(access["audience"], json!({ "is": "spaces", "spaces": [space] }));
        assert_eq!(access["members"][0]["reached"]["source"], json!({ "is": "given_to_role", "id": "viewer" }));
        app.grant(&place.id, &space, &place.viewer.user, SpaceRole::Viewer).await;
        let member = read().await["members"][0].clone();
        assert_eq!(member["reached"], json!({ "level": "use", "source": { "is": "given_to_space", "id": space } }));

        // In the space everybody may use it, elsewhere only who was told so.
        let other = app.space(&place.id, "Other", Visibility::Organization, &place.admin.user).await;
        let limits = async |client: &Client, space: &SpaceId| place.policy(client, space).await["limits"].clone();
        assert_eq!(limits(&place.admin, &space).await, json!([]));
        let limit = json!({ "kind": "tool", "id": place.tool, "least_role": "admin", "members": [] });
        assert_eq!(limits(&place.admin, &other).await, json!([limit]));
        // Who goes takes along what was given to them.
        place.give(ResourceKind::Tool, one(subject("member", place.viewer.user.as_str()), "manage")).await;
        assert_eq!(limits(&place.viewer, &other).await[0]["members"], json!([place.viewer.user]));
        assert_eq!(place.viewer.send(Operation::MembershipDelete, place.call(None)).await.status, 204);
        assert_eq!(read().await["members"], json!([]));
        assert_eq!(limits(&place.admin, &other).await[0]["members"], json!([]));
    }
}

#[tokio::test]
async fn a_level_on_one_resource_moves_nothing_else() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app).await;
        let manager = &place.viewer;
        app.only(&place.id, ResourceKind::Model, "own/model", &manager.user, Level::Manage).await;
        let naming = json!({ "naming_model": { "value": "own/model", "locked": false } });
        assert_eq!(place.admin.send(Operation::DefaultsUpdate, place.call(Some(naming))).await.status, 200);
        let hidden = app.space(&place.id, "Hidden", Visibility::Invited, &place.admin.user).await;
        let call = Call { space: Some(&hidden), ..place.call(Some(json!({ "setting": "naming_model", "value": "own/model" }))) };
        assert_eq!(place.admin.send(Operation::SpaceSettingsUpdate, call).await.status, 200);

        // What they may not see is counted, not named.
        let off = json!({ "ids": ["own/model"], "enabled": false });
        let impact = manager.send(Operation::ModelCheck, place.call(Some(off))).await.json();
        let names: Vec<_> = impact["dependents"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
        assert_eq!(names, ["", ""]);
        // A replacement would be written into defaults and spaces, which are not theirs.
        let replaced = json!({ "ids": ["own/model"], "enabled": false, "replacement": "openai/gpt-4.1" });
        assert_eq!(manager.send(Operation::ModelUpdate, place.call(Some(replaced))).await.status, 403);
        let accepted = json!({ "ids": ["own/model"], "enabled": false, "accepts_breaks": true });
        let changed = manager.send(Operation::ModelUpdate, place.call(Some(accepted))).await;
        assert_eq!(changed.status, 200);
        // Taken away in between, the level no longer carries the undo.
        app.only(&place.id, ResourceKind::Model, "own/model", &manager.user, Level::Use).await;
        let event = AuditEventId::parse(changed.json()["undo"].as_str().unwrap()).unwrap();
        let call = Call { event: Some(&event), ..place.call(None) };
        assert_eq!(manager.send(Operation::ChangeUndo, call).await.status, 403);
    }
}
