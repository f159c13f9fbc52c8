//! The list of members, changes of roles, removal with what it leaves behind, and the export.

use crate::test_app::{Call, Client, TestApp, on_each_database};
use pulze_contract::organization::Plan;
use pulze_contract::space::Visibility;
use pulze_contract::{Operation, OrganizationId, Role, SpaceId};
use serde_json::{Value, json};

struct Place {
    admin: Client,
    editor: Client,
    viewer: Client,
    id: OrganizationId,
    space: SpaceId,
}

async fn place(app: &TestApp) -> Place {
    let (admin, editor, viewer) =
        (app.client("zoe@list.test").await, app.client("adam_1@list.test").await, app.client("mia@list.test").await);
    let members = [(&admin.user, Role::Admin), (&editor.user, Role::Editor), (&viewer.user, Role::Viewer)];
    let id = app.organization("List", Plan::Free, &members).await;
    let space = app.space(&id, "Support", Visibility::Invited, &editor.user).await;
    Place { admin, editor, viewer, id, space }
}

impl Place {
    async fn list(&self, query: &str) -> Value {
        let call = Call { organization: Some(&self.id), query, ..Call::default() };
        let reply = self.admin.send(Operation::MemberList, call).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()
    }

    async fn emails(&self, query: &str) -> Vec<String> {
        let list = self.list(query).await;
        let members = list["entries"].as_array().unwrap();
        members.iter().map(|member| member["email"].as_str().unwrap().split('@').next().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn search_filter_sort_and_pages() {
    for app in on_each_database(&[]).await {
        let place = place(&app).await;
        assert_eq!(place.emails("").await, ["adam_1", "mia", "zoe"]);
        assert_eq!(place.emails("?sort=-name").await, ["zoe", "mia", "adam_1"]);
        assert_eq!(place.emails("?sort=role").await, ["zoe", "adam_1", "mia"]);
        assert_eq!(place.emails("?role=viewer").await, ["mia"]);
        assert_eq!(place.emails("?search=ADAM").await, ["adam_1"]);
        assert_eq!(place.emails("?search=suppo").await, ["adam_1"], "by the name of a space");
        assert_eq!(place.emails(&format!("?space={}", place.space)).await, ["adam_1"]);
        assert_eq!(place.emails("?search=%25").await, [""; 0], "a typed wildcard is a character");
        assert_eq!(place.emails("?search=adam_").await, ["adam_1"]);
        let page = place.list("?offset=1&limit=1").await;
        assert_eq!((&page["total"], &page["offset"], page["entries"].as_array().unwrap().len()), (&json!(3), &json!(1), 1));
        // Who asked was here; the others never came.
        let last = |email: &str, list: &Value| {
            let found = list["entries"].as_array().unwrap().iter().find(|m| m["email"].as_str().unwrap().starts_with(email));
            found.unwrap()["last_active_at"].clone()
        };
        let list = place.list("").await;
        assert!(last("zoe", &list).is_i64() && last("mia", &list).is_null());
    }
}

#[tokio::test]
async fn roles_change_together_or_not_at_all() {
    for app in on_each_database(&[]).await {
        let place = place(&app).await;
        let update = |changes: Value| {
            let call = Call { organization: Some(&place.id), body: Some(json!({ "changes": changes })), ..Call::default() };
            place.admin.send(Operation::MemberUpdate, call)
        };
        let reply = update(json!([
            { "user_id": place.editor.user, "role": "viewer" },
            { "user_id": place.viewer.user, "role": "editor" },
        ]))
        .await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        // What it was before undoes it.
        let undone = update(reply.json()["before"].clone()).await;
        assert_eq!(undone.json()["before"][0]["role"], "viewer");
        assert_eq!(place.emails("?role=editor").await, ["adam_1"]);

        let last = update(json!([
            { "user_id": place.viewer.user, "role": "editor" },
            { "user_id": place.admin.user, "role": "viewer" },
        ]))
        .await;
        assert_eq!((last.status, last.json()["type"].as_str()), (409, Some("last-admin")));
        assert_eq!(place.emails("?role=viewer").await, ["mia"], "nothing of a refused change stays");
        // An admin may step down in the same request that makes another one.
        let swap = json!([
            { "user_id": place.admin.user, "role": "viewer" },
            { "user_id": place.editor.user, "role": "admin" },
        ]);
        assert_eq!(update(swap).await.status, 200);
        assert_eq!(update(json!([{ "user_id": place.viewer.user, "role": "editor" }])).await.status, 403);
    }
}

#[tokio::test]
async fn lists_of_changes_that_make_no_sense_are_refused() {
    for app in on_each_database(&[]).await {
        let place = place(&app).await;
        let twice = json!({ "user_id": place.viewer.user, "role": "editor" });
        for (changes, rule) in [(json!([]), "required"), (json!([twice, twice]), "duplicate")] {
            let call = Call { organization: Some(&place.id), body: Some(json!({ "changes": changes })), ..Call::default() };
            let reply = place.admin.send(Operation::MemberUpdate, call).await;
            assert_eq!((reply.status, reply.json()["errors"][0]["rule"].as_str()), (422, Some(rule)));
        }
    }
}

#[tokio::test]
async fn a_removal_says_what_it_breaks_and_hands_it_over() {
    for app in on_each_database(&[]).await {
        let place = place(&app).await;
        let of_editor = Call { organization: Some(&place.id), user: Some(&place.editor.user), ..Call::default() };
        let details = place.admin.send(Operation::MemberRead, of_editor.clone()).await.json();
        assert_eq!(details["only_space_admin_of"][0]["name"], "Support");
        assert_eq!(details["spaces_entered"][0]["source"], "granted");

        let stranger = app.client("stranger@list.test").await;
        let to = |user: &pulze_contract::UserId| Some(json!({ "hand_over_to": user }));
        let reply = place.admin.send(Operation::MemberDelete, Call { body: to(&stranger.user), ..of_editor.clone() }).await;
        assert_eq!((reply.status, reply.json()["errors"][0]["rule"].as_str()), (422, Some("not_a_member")));
        let reply = place.admin.send(Operation::MemberDelete, Call { body: to(&place.viewer.user), ..of_editor }).await;
        assert_eq!(reply.status, 204, "{}", reply.text);

        let of_viewer = Call { organization: Some(&place.id), user: Some(&place.viewer.user), ..Call::default() };
        let details = place.admin.send(Operation::MemberRead, of_viewer).await.json();
        assert_eq!(details["spaces_entered"][0]["role"], "admin");
        let space = Call { organization: Some(&place.id), space: Some(&place.space), ..Call::default() };
        assert_eq!(place.editor.send(Operation::SpaceRead, space).await.status, 404, "a removal works on the next request");
    }
}

#[tokio::test]
async fn the_export_holds_what_is_filtered() {
    for app in on_each_database(&[]).await {
        let place = place(&app).await;
        let call = Call { organization: Some(&place.id), query: "?role=editor", ..Call::default() };
        let reply = place.admin.send(Operation::MemberExport, call).await;
        assert_eq!(reply.headers["content-type"], "text/csv; charset=utf-8");
        let lines: Vec<&str> = reply.text.trim_end().split("\r\n").collect();
        assert_eq!(lines.len(), 2, "{}", reply.text);
        assert!(lines[1].contains(",adam_1@list.test,never_signed_in,editor,20"), "{}", lines[1]);
        assert!(lines[1].ends_with(",Support (admin)"), "{}", lines[1]);
        // Invitations are in it too, as the list shows them.
        app.invitation(&place.id, "=soon@list.test", Role::Editor, &place.admin.user).await;
        let call = Call { organization: Some(&place.id), query: "?status=pending", ..Call::default() };
        let text = place.admin.send(Operation::MemberExport, call).await.text;
        assert!(text.contains(",'=soon@list.test,pending,editor,"), "{text}");
    }
}

#[tokio::test]
async fn the_export_is_written_for_programs_or_for_the_spreadsheet_that_opens_it() {
    for app in on_each_database(&[]).await {
        let place = place(&app).await;
        let name = json!({ "name": "Łukasz Müller; 李" });
        let headers = vec![("if-match", format!("\"{}\"", app.account_version(&place.editor.user).await))];
        let reply = place.editor.send(Operation::AccountUpdate, Call { body: Some(name), headers, ..Call::default() }).await;
        assert!(reply.status < 300, "{}", reply.text);
        let export = async |query: &str| {
            let call = Call { organization: Some(&place.id), query, ..Call::default() };
            place.admin.send(Operation::MemberExport, call).await.text
        };
        let plain = export("?role=editor").await;
        assert!(plain.starts_with("id,name,email,"), "no byte order mark for programs: {plain}");
        assert!(plain.contains(",\"Łukasz Müller; 李\","), "{plain}");
        assert_eq!(export("?role=editor&format=csv").await, plain);
        assert_eq!(export("?role=editor&format=excel").await, format!("\u{feff}{plain}"));
        for format in ["excel-comma", "excel-semicolon"] {
            let file = export(&format!("?role=editor&format={format}")).await;
            assert!(file.starts_with("\u{feff}id;name;email;"), "{file}");
            assert!(file.contains(";\"Łukasz Müller; 李\";"), "{file}");
        }
    }
}
