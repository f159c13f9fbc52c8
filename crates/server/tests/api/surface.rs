//! What lies around the operations: unknown addresses, methods, types, codings and credentials.

use crate::test_app::{Call, Client, Reply, TestApp, on_each_database, read};
use axum::body::Body;
use axum::http::Request;
use pulze_contract::operation::API_ROOT;
use pulze_contract::{Operation, OrganizationId, page};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tower::ServiceExt;

const HTML: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

async fn ask(app: &TestApp, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    let mut request = Request::builder().method(method).uri(path).header("host", "console.test");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    read(app.router.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap()).await
}

/// A problem document that can be found in the log again.
fn assert_problem(reply: &Reply, status: u16, what: &str) {
    assert_eq!(reply.status, status, "{what}: {}", reply.text);
    assert_eq!(reply.headers["content-type"], "application/problem+json", "{what}");
    let id = reply.json()["request_id"].as_str().unwrap_or_default().to_owned();
    assert!(!id.is_empty() && reply.headers["x-request-id"] == id.as_str(), "{what}: {}", reply.text);
}

#[tokio::test]
async fn what_is_no_page_is_not_answered_with_the_page() {
    let mut app = on_each_database(&[]).await.remove(0);
    app.serve_app(&[("index.html", "the page"), ("boot.js", "a script"), ("host/index.html", "a host")]).await;
    let id = OrganizationId::from_digits("0190a1b2c3d4e5f60718293a4b5c6d7e");
    for accept in [HTML, "*/*"] {
        for route in page::ROUTES {
            let path = format!(
                "/{}",
                route.replace(":organization_id", id.as_str()).replace(":page", "routers").replace("*rest", "pulze-v1.0")
            );
            let reply = ask(&app, "GET", &path, &[("accept", accept)], "").await;
            assert_eq!((reply.status, reply.text.as_str()), (200, "the page"), "{path}");
        }
        for (path, text) in [("/boot.js", "a script"), ("/host", "a host"), ("/host/", "a host")] {
            let reply = ask(&app, "GET", path, &[("accept", accept)], "").await;
            assert_eq!((reply.status, reply.text.as_str()), (200, text), "{path}");
        }
        for path in [
            "/api",
            "/api/",
            "/api/v2/x",
            "/api/v1",
            "/api/v1/",
            "/api/v1/nothing",
            "/api/index.html",
            "/.git/config",
            "/.env",
            "/wp-login.php",
            "/missing.js",
            "/assets/x/y.wasm",
            "/.well-known/security.txt",
            "/o/x/../../etc/passwd",
            "/a/.git/config",
            "/images/none",
        ] {
            assert_problem(&ask(&app, "GET", path, &[("accept", accept)], "").await, 404, path);
        }
    }
    // Somebody mistyped an address in the browser: the app says so, and the status too.
    for path in ["/nothing", "/o/nonsense", "/o/org_1/manage/general", "/cgi-bin/test"] {
        let reply = ask(&app, "GET", path, &[("accept", HTML)], "").await;
        assert_eq!((reply.status, reply.text.as_str()), (404, "the page"), "{path}");
        for accept in ["*/*", "application/json"] {
            assert_problem(&ask(&app, "GET", path, &[("accept", accept)], "").await, 404, path);
        }
        assert_problem(&ask(&app, "GET", path, &[], "").await, 404, path);
    }
}

#[tokio::test]
async fn a_method_that_is_not_there_is_refused_by_the_ones_that_are() {
    let app = on_each_database(&[]).await.remove(0);
    let mut allowed: std::collections::BTreeMap<String, BTreeSet<&str>> = std::collections::BTreeMap::new();
    for operation in Operation::ALL {
        let path = format!("{API_ROOT}{}", operation.path().replace(['{', '}'], ""));
        let methods = allowed.entry(path).or_default();
        methods.insert(operation.method().as_str());
        if operation.method().as_str() == "GET" {
            methods.insert("HEAD");
        }
    }
    for path in ["/", "/api/docs", "/healthz", "/readyz", "/images/x", "/api/v1/openapi.json", "/sign-in/callback"] {
        allowed.insert(path.to_owned(), ["GET", "HEAD"].into());
    }
    allowed.insert("/_reports".to_owned(), ["POST"].into());
    for (path, methods) in &allowed {
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"] {
            if methods.contains(method) {
                continue;
            }
            let reply = ask(&app, method, path, &[], "").await;
            let said: BTreeSet<&str> = reply
                .headers
                .get("allow")
                .map_or_else(|| panic!("{method} {path}"), |allow| allow.to_str().unwrap())
                .split(',')
                .map(str::trim)
                .collect();
            assert_eq!(said, *methods, "{method} {path}");
            assert_eq!(reply.status, 405, "{method} {path}");
            if method != "HEAD" {
                assert_problem(&reply, 405, &format!("{method} {path}"));
            }
        }
        let reply =
            ask(&app, "OPTIONS", path, &[("origin", "https://evil.test"), ("access-control-request-method", "POST")], "").await;
        assert_eq!((reply.status, reply.text.as_str()), (204, ""), "{path}");
        let said: BTreeSet<&str> = reply.headers["allow"].to_str().unwrap().split(',').collect();
        assert_eq!(said, *methods, "OPTIONS {path}");
        assert!(!reply.headers.keys().any(|name| name.as_str().starts_with("access-control")), "{path}");
    }
}

#[tokio::test]
async fn a_head_answers_like_a_get_without_a_body() {
    let app = on_each_database(&[]).await.remove(0);
    let person = app.client("a@head.test").await;
    let cookie = person.cookie.clone().unwrap();
    for path in ["/api/v1/session", "/api/v1/organizations", "/api/docs", "/api/v1/openapi.json"] {
        let get = ask(&app, "GET", path, &[("cookie", &cookie)], "").await;
        let head = ask(&app, "HEAD", path, &[("cookie", &cookie)], "").await;
        assert_eq!((head.status, head.text.as_str()), (get.status, ""), "{path}");
        assert_eq!(
            (head.headers.get("content-type"), head.headers.get("content-length")),
            (get.headers.get("content-type"), get.headers.get("content-length")),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_slash_too_many_is_told_by_name() {
    let app = on_each_database(&[]).await.remove(0);
    for path in [
        "/api/v1/session/",
        "/api/v1/organizations/org_x/members/",
        "/api/v1//session",
        "/api/v1/organizations//org_x",
        "/api/v1/session//",
    ] {
        let reply = ask(&app, "GET", path, &[], "").await;
        assert_problem(&reply, 404, path);
        assert_eq!(reply.json()["type"], "extra-slash", "{path}");
        let meant = reply.json()["detail"].as_str().unwrap().replace("Use ", "");
        assert_ne!(ask(&app, "GET", &meant, &[], "").await.json()["type"], "not-found", "{meant}");
    }
    for path in ["/api/v1/nothing/", "/api/v1/"] {
        assert_eq!(ask(&app, "GET", path, &[], "").await.json()["type"], "not-found", "{path}");
    }
}

#[tokio::test]
async fn bodies_are_what_their_headers_say() {
    for app in on_each_database(&[]).await {
        let person = app.client("a@media.test").await;
        let send = async |kind: &[(&str, &str)], body: Vec<u8>| {
            let mut headers = vec![("idempotency-key", pulze_console_server::new_digits())];
            headers.extend(kind.iter().map(|(name, value)| (*name, (*value).to_owned())));
            person.send(Operation::OrganizationCreate, Call { raw: Some(body), headers, ..Call::default() }).await
        };
        let body = br#"{"name":"New"}"#.to_vec();
        for kind in ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON;Charset=\"utf-8\""] {
            assert_eq!(send(&[("content-type", kind)], body.clone()).await.status, 201, "{kind}");
        }
        for kind in ["application/jsonxyz", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1"]
        {
            let reply = send(&[("content-type", kind)], body.clone()).await;
            assert_problem(&reply, 415, kind);
            assert_eq!(reply.headers["accept"], "application/json");
        }
        assert_problem(&send(&[], body.clone()).await, 415, "no type");
        assert_problem(&send(&[("content-type", "application/json")], Vec::new()).await, 400, "no body");

        let json = ("content-type", "application/json");
        let packed = gzip(&body);
        for coding in ["gzip", "GZip", "x-gzip"] {
            assert_eq!(send(&[json, ("content-encoding", coding)], packed.clone()).await.status, 201, "{coding}");
        }
        for coding in ["br", "zstd", "gzip, gzip", "deflate"] {
            let reply = send(&[json, ("content-encoding", coding)], packed.clone()).await;
            assert_problem(&reply, 415, coding);
            assert_eq!(reply.headers["accept-encoding"], "gzip");
        }
        assert_problem(&send(&[json, ("content-encoding", "gzip")], body.clone()).await, 400, "not gzip");
        assert_problem(&send(&[json], packed).await, 400, "gzip without saying so");
        let bomb = gzip(&vec![b' '; 60_000_000]);
        assert_problem(&send(&[json, ("content-encoding", "gzip")], bomb).await, 413, "a bomb");
        for twice in [r#"{"name":"A","name":"B"}"#, r#"{"name":"A","n\u0061me":"A"}"#] {
            assert_problem(&send(&[json], twice.as_bytes().to_vec()).await, 400, twice);
        }
    }
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, plain).unwrap();
    encoder.finish().unwrap()
}

/// Everything that takes JSON refuses a name that comes twice, also where a schema allows any name.
#[tokio::test]
async fn a_name_that_comes_twice_is_refused_by_every_operation() {
    for app in on_each_database(&[]).await {
        let person = app.client("a@twice.test").await;
        let hash = pulze_console_server::auth::password::hash("correct horse battery".to_owned()).await.unwrap();
        app.set_password(&person.user, &hash).await;
        let members = [(&person.user, pulze_contract::Role::Admin)];
        let organization = app.organization("Twice", pulze_contract::organization::Plan::PulzeXSuite, &members).await;
        let space = app.space(&organization, "Space", pulze_contract::space::Visibility::Organization, &person.user).await;
        for &operation in Operation::ALL {
            let Some(body) = crate::permission_matrix::body(operation, &person.user) else { continue };
            let text = body.to_string();
            let (name, value) = body.as_object().unwrap().iter().next().unwrap();
            let twice = format!("{{{}:{value},{}", json!(name), &text[1..]);
            let mut headers = vec![("content-type", "application/json".to_owned()), ("if-match", "\"1\"".to_owned())];
            headers.push(("idempotency-key", pulze_console_server::new_digits()));
            let call = Call {
                organization: Some(&organization),
                space: Some(&space),
                raw: Some(twice.into_bytes()),
                headers,
                ..Call::default()
            };
            let reply = person.send(operation, call).await;
            assert!(reply.status == 400 || reply.status == 404, "{}: {} {}", operation.id(), reply.status, reply.text);
        }
        // Within the rows of a batch too.
        let batch = br#"{"events":[{"id":"a","at":1,"at":2,"model":"openai/gpt-4o"}]}"#.to_vec();
        let headers = vec![("content-type", "application/json".to_owned())];
        let call = Call { organization: Some(&organization), raw: Some(batch), headers, ..Call::default() };
        assert_problem(&person.send(Operation::UsageImport, call).await, 400, "batch");
    }
}

#[tokio::test]
async fn a_parameter_that_comes_twice_is_refused() {
    let app = on_each_database(&[]).await.remove(0);
    assert_problem(&ask(&app, "GET", "/api/v1/session?a=1&a=2", &[], "").await, 400, "twice");
    assert_eq!(ask(&app, "GET", "/api/v1/session?a=1&b=2", &[], "").await.status, 200);
}

#[tokio::test]
async fn credentials_come_once_and_in_any_case() {
    for app in on_each_database(&[]).await {
        let person = app.client("a@bearer.test").await;
        let members = [(&person.user, pulze_contract::Role::Admin)];
        let organization = app.organization("Bearer", pulze_contract::organization::Plan::PulzeXSuite, &members).await;
        let content: pulze_contract::api_key::ApiKeyContent =
            serde_json::from_value(json!({ "name": "Key", "scopes": { "model_and_router_configuration": "read" } })).unwrap();
        let (_, secret) = app.key(&organization, &person.user, &content).await;
        let program = app.anonymous();
        let list = async |client: &Client, lines: &[String]| {
            let headers = lines.iter().map(|line| ("authorization", line.clone())).collect();
            client.send(Operation::ModelList, Call { organization: Some(&organization), headers, ..Call::default() }).await
        };
        for scheme in ["Bearer", "bearer", "BEARER", "Bearer "] {
            assert_eq!(list(&program, &[format!("{scheme} {secret}")]).await.status, 200, "{scheme}");
        }
        for other in
            [format!("Basic {secret}"), format!("Bearer{secret}"), secret.clone(), "Bearer".to_owned(), "bearer x".to_owned()]
        {
            assert_problem(&list(&program, std::slice::from_ref(&other)).await, 401, &other);
        }
        // Two keys, or a key beside a session: which of them counts is not for us to guess.
        assert_problem(&list(&program, &[format!("Bearer {secret}"), format!("Bearer {secret}")]).await, 400, "two keys");
        assert_problem(&list(&person, &[format!("Bearer {secret}")]).await, 400, "beside a cookie");
        // What a proxy asks for itself is not ours.
        assert_eq!(list(&person, &["Basic b3BlbjpzZXNhbWU=".to_owned()]).await.status, 200);
    }
}

#[tokio::test]
async fn the_document_names_the_cookie_that_is_set() {
    for (settings, name) in [(&[][..], "pulze_session"), (&["--public-url", "https://console.example"], "__Host-pulze_session")] {
        let app = on_each_database(settings).await.remove(0);
        let document: Value = ask(&app, "GET", "/api/v1/openapi.json", &[], "").await.json();
        assert_eq!(document["components"]["securitySchemes"]["session"]["name"], name);
    }
}
