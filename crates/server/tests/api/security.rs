//! Other sites' requests, headers, and the OpenAPI document.

use crate::test_app::{Call, on_each_database, read};
use axum::body::Body;
use axum::http::Request;
use pulze_contract::Operation;
use pulze_contract::operation::API_ROOT;
use serde_json::json;
use tower::ServiceExt;

#[tokio::test]
async fn changes_from_other_sites_are_refused() {
    for app in on_each_database(&[]).await {
        let person = app.client("a@csrf.test").await;
        let ours = "http://console.test";
        for (site, origin, allowed) in [
            (None, None, true),
            (None, Some(ours), true),
            (None, Some("http://evil.test"), false),
            (None, Some("null"), false),
            (Some("same-origin"), Some(ours), true),
            (Some("none"), None, true),
            (Some("same-site"), Some("http://other.console.test"), false),
            (Some("cross-site"), Some("http://evil.test"), false),
            (Some("cross-site"), None, false),
        ] {
            let before = person.send(Operation::OrganizationList, Call::default()).await.json()["total"].clone();
            let mut headers = vec![("idempotency-key", pulze_console_server::new_digits())];
            headers.extend(site.map(|site| ("sec-fetch-site", site.to_owned())));
            headers.extend(origin.map(|origin| ("origin", origin.to_owned())));
            let call = Call { body: Some(json!({ "name": "Foreign" })), headers, ..Call::default() };
            let reply = person.send(Operation::OrganizationCreate, call).await;
            assert_eq!(reply.status, if allowed { 201 } else { 403 }, "{site:?} {origin:?}");
            let after = person.send(Operation::OrganizationList, Call::default()).await.json()["total"].clone();
            assert_eq!(after != before, allowed);
        }
    }
}

#[tokio::test]
async fn every_answer_carries_the_policy() {
    let app = on_each_database(&[]).await.remove(0);
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/api/v1/session"),
        ("GET", "/api/v1/nothing"),
        ("PUT", "/api/v1/session"),
        ("GET", "/missing.js"),
        ("GET", "/readyz"),
    ] {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let reply = read(app.router.clone().oneshot(request).await.unwrap()).await;
        let policy = reply.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("require-trusted-types-for 'script'")
                && !policy.contains("unsafe-inline")
                && !policy.contains("'unsafe-eval'"),
            "{path}"
        );
        assert_eq!(reply.headers["x-content-type-options"], "nosniff");
        assert!(reply.headers.contains_key("x-request-id") && reply.headers.contains_key("cache-control"), "{path}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_or_no_json_is_refused() {
    let app = on_each_database(&[]).await.remove(0);
    let person = app.client("a@body.test").await;
    let call = Call { body: Some(json!({ "name": "x".repeat(600_000) })), ..Call::default() };
    assert_eq!(person.send(Operation::OrganizationCreate, call).await.status, 413);
    assert_eq!(person.send(Operation::OrganizationCreate, Call::default()).await.status, 400);
}

#[tokio::test]
async fn the_document_describes_every_operation() {
    let app = on_each_database(&[]).await.remove(0);
    let request = Request::builder().uri("/api/v1/openapi.json").body(Body::empty()).unwrap();
    let document = read(app.router.clone().oneshot(request).await.unwrap()).await.json();
    for operation in Operation::ALL {
        let item = &document["paths"][format!("{API_ROOT}{}", operation.path())][operation.method().as_str().to_lowercase()];
        assert_eq!(item["operationId"], operation.id());
        // Each status by name: what everything is called says nothing.
        let responses = item["responses"].as_object().unwrap();
        assert!(!responses.contains_key("default") && responses.len() > 4, "{}", operation.id());
        assert!(responses.contains_key(&operation.success().to_string()), "{}", operation.id());
    }
    let export = &document["paths"]["/api/v1/organizations/{organization_id}/usage/export"]["get"];
    let kinds = export["responses"]["200"]["content"].as_object().unwrap();
    assert!(kinds.contains_key("text/csv") && kinds.contains_key("application/json"));
    let format = export["parameters"].as_array().unwrap().iter().find(|parameter| parameter["name"] == "format").unwrap();
    assert!(["csv", "json"].iter().all(|name| format["schema"]["enum"].as_array().unwrap().contains(&json!(name))));
    // Every reference leads somewhere.
    let text = document.to_string();
    for reference in text.split("\"#/components/").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(document["components"].pointer(&format!("/{reference}")).is_some(), "{reference}");
    }
}
