//! Tools: settings by their schema, secrets that never come back, and a test that really calls.

use crate::test_app::{Call, Client, TestApp, on_each_database};
use pulze_contract::organization::Plan;
use pulze_contract::{Operation, OrganizationId, Role};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

const SECRET: &str = "a secret that nobody reads again";

struct Place {
    id: OrganizationId,
    admin: Client,
}

impl Place {
    async fn new(app: &TestApp) -> Self {
        let admin = app.client(&format!("{}@tools.test", pulze_console_server::new_digits())).await;
        Self { id: app.organization("Tools", Plan::Free, &[(&admin.user, Role::Admin)]).await, admin }
    }

    async fn ask(&self, operation: Operation, tool: &str, version: i64, body: Value) -> (u16, Value) {
        let mut headers = Vec::new();
        if operation == Operation::ToolUpdate {
            headers.push(("if-match", format!("\"{version}\"")));
        }
        let body = (!body.is_null()).then_some(body);
        let call = Call { organization: Some(&self.id), tool: Some(tool), body, headers, ..Call::default() };
        let reply = self.admin.send(operation, call).await;
        (reply.status, if reply.text.is_empty() { Value::Null } else { reply.json() })
    }

    async fn tool(&self, id: &str) -> Value {
        let (_, list) = self.ask(Operation::ToolList, id, 0, Value::Null).await;
        list["tools"].as_array().unwrap().iter().find(|tool| tool["id"] == id).cloned().unwrap_or_default()
    }
}

/// A service on loopback that answers everything with its own request line and headers.
async fn echo() -> (String, Arc<Mutex<Vec<String>>>) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let kept = heard.clone();
    let answer = move |request: axum::extract::Request| {
        let kept = kept.clone();
        async move {
            let authorization = request.headers().get("authorization").map(|value| value.to_str().unwrap().to_owned());
            let said = format!("{} {} {}", request.method(), request.uri(), authorization.unwrap_or_default());
            kept.lock().unwrap().push(said.clone());
            match request.uri().path() {
                "/away" => (axum::http::StatusCode::FOUND, [("location", "/elsewhere")], said),
                "/broken" => (axum::http::StatusCode::IM_A_TEAPOT, [("location", "")], said),
                _ => (axum::http::StatusCode::OK, [("location", "")], said),
            }
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(answer)).await });
    (format!("http://{address}"), heard)
}

#[tokio::test]
async fn a_secret_is_written_and_never_read_again() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app).await;
        // Without what it needs it cannot be switched on.
        assert_eq!(place.tool("web-search").await["ready"], json!(false));
        let on = json!({ "ids": ["web-search"], "enabled": true });
        assert_eq!(place.ask(Operation::ToolSwitch, "", 0, on.clone()).await.0, 422);
        let (status, problem) = place.ask(Operation::ToolUpdate, "web-search", 0, json!({})).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!("secrets.api_key")));
        let set = json!({ "settings": { "results": "7" }, "secrets": { "api_key": SECRET } });
        let (status, tool) = place.ask(Operation::ToolUpdate, "web-search", 0, set).await;
        assert_eq!((status, &tool["secrets"], &tool["ready"]), (200, &json!(["api_key"]), &json!(true)));
        assert_eq!(tool["settings"]["results"], json!("7"));
        assert_eq!(place.ask(Operation::ToolSwitch, "", 0, on).await.0, 200);
        // The secret stays when it is not written again, and cannot be emptied while it is needed.
        let (status, tool) = place.ask(Operation::ToolUpdate, "web-search", 1, json!({ "settings": { "results": "9" } })).await;
        assert_eq!((status, &tool["secrets"]), (200, &json!(["api_key"])));
        let emptied = json!({ "secrets": { "api_key": "" } });
        assert_eq!(place.ask(Operation::ToolUpdate, "web-search", 2, emptied).await.0, 422);
        assert_eq!(place.ask(Operation::ToolUpdate, "web-search", 1, json!({})).await.0, 412);
        let everything = app.everything().await;
        assert!(!everything.contains(SECRET), "the secret stands in the database");
    }
}

#[tokio::test]
async fn a_test_calls_the_endpoint_and_shows_what_came_back_without_the_secret() {
    for app in on_each_database(&["--allow-private-endpoints"]).await {
        let place = Place::new(&app).await;
        let (base, heard) = echo().await;
        let create = |name: &str, path: &str, method: &str| {
            json!({ "kind": "http", "content": {
                "name": name,
                "settings": { "endpoint": format!("{base}{path}"), "method": method, "header": "authorization" },
                "secrets": { "header_value": SECRET },
            }})
        };
        let mut ids = Vec::new();
        for (name, path, method) in [("Good", "/good", "GET"), ("Away", "/away", "POST"), ("Broken", "/broken", "GET")] {
            let (status, tool) = place.ask(Operation::ToolCreate, "", 0, create(name, path, method)).await;
            assert_eq!(status, 201, "{tool}");
            ids.push(tool["id"].as_str().unwrap().to_owned());
        }
        let (_, good) = place.ask(Operation::ToolTest, &ids[0], 0, Value::Null).await;
        assert_eq!((&good["good"], &good["status"]), (&json!(true), &json!(200)));
        assert_eq!(good["body"], json!("GET /good ••••••"));
        assert_eq!(heard.lock().unwrap().last().unwrap(), &format!("GET /good {SECRET}"));
        // A redirect is shown, not followed.
        let (_, away) = place.ask(Operation::ToolTest, &ids[1], 0, Value::Null).await;
        assert_eq!((&away["good"], &away["status"]), (&json!(false), &json!(302)));
        assert!(!heard.lock().unwrap().iter().any(|said| said.contains("elsewhere")));
        let (_, broken) = place.ask(Operation::ToolTest, &ids[2], 0, Value::Null).await;
        assert_eq!((&broken["good"], &broken["status"]), (&json!(false), &json!(418)));
        assert_eq!(place.tool(&ids[0]).await["tested"]["good"], json!(true));
        assert_eq!(place.tool(&ids[2]).await["tested"]["good"], json!(false));
        // New settings have not been tested.
        let moved = create("Good", "/other", "GET")["content"].clone();
        assert_eq!(place.ask(Operation::ToolUpdate, &ids[0], 1, moved).await.0, 200);
        assert_eq!(place.tool(&ids[0]).await["tested"], Value::Null);
        let (_, nobody) = place
            .ask(
                Operation::ToolCreate,
                "",
                0,
                json!({ "kind": "mcp", "content": {
            "name": "Nobody", "settings": { "endpoint": "http://127.0.0.1:9/" } } }),
            )
            .await;
        let (_, tested) = place.ask(Operation::ToolTest, nobody["id"].as_str().unwrap(), 0, Value::Null).await;
        assert_eq!((&tested["status"], &tested["failure"]), (&Value::Null, &json!("unreachable")));
        assert_eq!(place.ask(Operation::ToolTest, "space-search", 0, Value::Null).await.0, 422);
    }
}

#[tokio::test]
async fn without_leave_no_test_enters_a_private_network() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app).await;
        let (base, heard) = echo().await;
        let create = |name: &str, endpoint: String| json!({ "kind": "http", "content": { "name": name, "settings": { "endpoint": endpoint } } });
        let (status, problem) = place.ask(Operation::ToolCreate, "", 0, create("Plain", base.clone())).await;
        assert_eq!((status, &problem["errors"][0]["rule"]), (422, &json!("url_not_https")));
        let (_, tool) = place.ask(Operation::ToolCreate, "", 0, create("Private", base.replace("http://", "https://"))).await;
        let (_, tested) = place.ask(Operation::ToolTest, tool["id"].as_str().unwrap(), 0, Value::Null).await;
        assert_eq!(tested["failure"], json!("address_not_allowed"));
        assert!(heard.lock().unwrap().is_empty());
        let (status, problem) =
            place.ask(Operation::ToolCreate, "", 0, create("private", "https://example.com".to_owned())).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!("content.name")));
        assert_eq!(place.ask(Operation::ToolDelete, tool["id"].as_str().unwrap(), 0, Value::Null).await.0, 204);
        assert_eq!(place.ask(Operation::ToolDelete, "web-search", 0, Value::Null).await.0, 404);
    }
}

/// A secret goes to the origin that it was entered for, whatever becomes of the endpoint.
#[tokio::test]
async fn a_secret_does_not_follow_the_endpoint_to_another_origin() {
    for app in on_each_database(&["--allow-private-endpoints"]).await {
        let place = Place::new(&app).await;
        let ((home, at_home), (elsewhere, abroad)) = (echo().await, echo().await);
        let content = |endpoint: &str| json!({ "name": "Tool", "settings": { "endpoint": endpoint, "method": "GET" } });
        let with = |endpoint: &str, secret: &str| {
            let mut content = content(endpoint);
            content["secrets"] = json!({ "header_value": secret });
            content
        };
        let create = json!({ "kind": "http", "content": with(&format!("{home}/a"), SECRET) });
        let (status, tool) = place.ask(Operation::ToolCreate, "", 0, create).await;
        assert_eq!(status, 201, "{tool}");
        let id = tool["id"].as_str().unwrap().to_owned();
        let test = async || place.ask(Operation::ToolTest, &id, 0, Value::Null).await;
        // Within the origin it stays.
        assert_eq!(place.ask(Operation::ToolUpdate, &id, 1, content(&format!("{home}/b"))).await.0, 200);
        assert_eq!(test().await.1["body"], json!("GET /b ••••••"));
        // Another host, port or scheme asks for it again.
        let by_name = home.replace("127.0.0.1", "localhost");
        let encrypted = home.replace("http://", "https://");
        for moved in [&elsewhere, &by_name, &encrypted] {
            let (status, problem) = place.ask(Operation::ToolUpdate, &id, 2, content(moved)).await;
            let error = &problem["errors"][0];
            assert_eq!(
                (status, &error["field"], &error["rule"]),
                (422, &json!("secrets.header_value"), &json!("secret_of_another_origin"))
            );
        }
        assert_eq!(test().await.1["called"], json!(format!("GET {home}/b")));
        // The change before is no way back to another endpoint either: a tool's settings are not undone.
        for event in app.events_of(&place.id, "tool_update").await {
            let call = Call { organization: Some(&place.id), event: Some(&event), ..Call::default() };
            assert_eq!(place.admin.send(Operation::ChangeUndo, call).await.status, 404);
        }
        // What came to be another endpoint by other means gets nothing.
        app.run_sql(&format!("UPDATE tools SET settings = REPLACE(settings, '{home}', '{elsewhere}')")).await;
        let (status, problem) = test().await;
        assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!("secrets.header_value")));
        app.run_sql(&format!("UPDATE tools SET settings = REPLACE(settings, '{elsewhere}', '{home}')")).await;
        assert_eq!(test().await.0, 200);
        assert!(abroad.lock().unwrap().is_empty(), "nobody called there");
        // Entered anew it goes there, and taken away nothing does.
        assert_eq!(place.ask(Operation::ToolUpdate, &id, 2, with(&elsewhere, "another")).await.0, 200);
        assert_eq!(test().await.0, 200);
        assert_eq!(place.ask(Operation::ToolUpdate, &id, 3, with(&home, "")).await.0, 200);
        assert_eq!(test().await.0, 200);
        assert_eq!(*abroad.lock().unwrap(), ["GET / another"]);
        assert_eq!(at_home.lock().unwrap().last().unwrap(), "GET / ");
        assert!(!abroad.lock().unwrap().iter().any(|said| said.contains(SECRET)));
    }
}
