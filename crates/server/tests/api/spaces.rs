//! Spaces: who sees them, who changes them, and what a grant is worth.

use crate::test_app::{Call, on_each_database};
use pulze_contract::organization::Plan;
use pulze_contract::space::Visibility;
use pulze_contract::{Operation, Role};
use serde_json::json;

#[tokio::test]
async fn a_space_shows_to_whom_it_is_granted_or_visible() {
    for app in on_each_database(&[]).await {
        let (admin, editor, viewer) =
            (app.client("admin@space.test").await, app.client("editor@space.test").await, app.client("viewer@space.test").await);
        let members = [(&admin.user, Role::Admin), (&editor.user, Role::Editor), (&viewer.user, Role::Viewer)];
        let id = app.organization("Spaces", Plan::Free, &members).await;
        let closed = app.space(&id, "Closed", Visibility::Invited, &editor.user).await;
        app.space(&id, "Open", Visibility::Organization, &editor.user).await;
        let all = || Call { organization: Some(&id), ..Call::default() };
        let names = async |client: &crate::test_app::Client| {
            let list = client.send(Operation::SpaceList, all()).await.json();
            let name = |space: &serde_json::Value| {
                format!(
                    "{} {} {}",
                    space["name"].as_str().unwrap(),
                    space["role"].as_str().unwrap(),
                    space["source"].as_str().unwrap()
                )
            };
            list["spaces"].as_array().unwrap().iter().map(name).collect::<Vec<_>>()
        };
        assert_eq!(names(&admin).await, ["Closed admin organization_admin", "Open admin organization_admin"]);
        assert_eq!(names(&editor).await, ["Closed admin granted", "Open admin granted"]);
        assert_eq!(names(&viewer).await, ["Open viewer visible"]);

        // A space admin grants; what was granted works at once, and ends with the grant.
        let there = || Call { organization: Some(&id), space: Some(&closed), ..Call::default() };
        let grant = |role: serde_json::Value| Some(json!({ "changes": [{ "user_id": viewer.user, "role": role }] }));
        let reply = editor.send(Operation::SpaceMembersUpdate, Call { body: grant(json!("editor")), ..there() }).await;
        assert_eq!((reply.status, &reply.json()["total"]), (200, &json!(2)));
        assert_eq!(names(&viewer).await, ["Closed editor granted", "Open viewer visible"]);
        let escalation = viewer.send(Operation::SpaceMembersUpdate, Call { body: grant(json!("admin")), ..there() }).await;
        assert_eq!(escalation.status, 403);
        assert_eq!(editor.send(Operation::SpaceMembersUpdate, Call { body: grant(json!(null)), ..there() }).await.status, 200);
        assert_eq!(viewer.send(Operation::SpaceRead, there()).await.status, 404);

        // A space admin whose role in the organization is viewer may not delete the space.
        editor.send(Operation::SpaceMembersUpdate, Call { body: grant(json!("admin")), ..there() }).await;
        let delete = || Call { body: Some(json!({ "confirm_name": "Closed" })), ..there() };
        assert_eq!(viewer.send(Operation::SpaceDelete, delete()).await.status, 403);
        assert_eq!(
            viewer.send(Operation::SpaceUpdate, Call { body: Some(json!({ "archived": true })), ..there() }).await.status,
            200
        );
        let wrong = Call { body: Some(json!({ "confirm_name": "Other" })), ..there() };
        assert_eq!(editor.send(Operation::SpaceDelete, wrong).await.status, 422);
        assert_eq!(editor.send(Operation::SpaceDelete, delete()).await.status, 204);
    }
}

#[tokio::test]
async fn a_space_is_made_once_and_changed_from_its_current_version() {
    for app in on_each_database(&[]).await {
        let editor = app.client("editor@once.test").await;
        let admin = app.client("admin@once.test").await;
        let id = app.organization("Once", Plan::Free, &[(&admin.user, Role::Admin), (&editor.user, Role::Editor)]).await;
        let create = |name: &str| Call {
            organization: Some(&id),
            body: Some(json!({ "name": name })),
            headers: vec![("idempotency-key", "the-same-key".to_owned())],
            ..Call::default()
        };
        let first = editor.send(Operation::SpaceCreate, create("Research")).await;
        let again = editor.send(Operation::SpaceCreate, create("Research")).await;
        assert_eq!((first.status, again.status, first.json()["id"].clone()), (201, 201, again.json()["id"].clone()));
        assert_eq!(editor.send(Operation::SpaceCreate, create("Another")).await.status, 422);
        let space = pulze_contract::SpaceId::parse(first.json()["id"].as_str().unwrap()).unwrap();
        let update = |body: serde_json::Value, version: &str| Call {
            organization: Some(&id),
            space: Some(&space),
            body: Some(body),
            headers: vec![("if-match", format!("\"{version}\""))],
            ..Call::default()
        };
        assert_eq!(admin.send(Operation::SpaceUpdate, update(json!({ "name": "Lab" }), "1")).await.status, 200);
        assert_eq!(editor.send(Operation::SpaceUpdate, update(json!({ "name": "Late" }), "1")).await.status, 412);
        let archived = editor.send(Operation::SpaceUpdate, update(json!({ "archived": true }), "2")).await.json();
        assert_eq!((archived["name"].as_str(), archived["archived"].as_bool()), (Some("Lab"), Some(true)));
    }
}
