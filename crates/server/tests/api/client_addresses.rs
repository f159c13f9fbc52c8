//! Who a client is, as proxies and gateways say it, and which version of something a client has seen.

use crate::test_app::{Call, Client, Reply, TestApp, on_each_database};
use pulze_contract::organization::Plan;
use pulze_contract::{Operation, Role};
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery";
const BEHIND: [&str; 2] = ["--client-address-header", "X-Forwarded-For"];

async fn sign_in(client: &Client, email: &str, password: &str, from: &str) -> Reply {
    let headers = vec![("x-forwarded-for", from.to_owned())];
    let body = Some(json!({ "email": email, "password": password }));
    client.send(Operation::SessionCreate, Call { body, headers, ..Call::default() }).await
}

/// Statuses of sign-ins with a wrong password, each for another account and from another of these addresses.
async fn guesses(app: &TestApp, addresses: &[String]) -> Vec<u16> {
    let mut statuses = Vec::new();
    for (place, address) in addresses.iter().enumerate() {
        statuses.push(sign_in(&app.anonymous(), &format!("p{place}@guess.test"), "wrong", address).await.status);
    }
    statuses
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_counted_whatever_its_address_is_written_like() {
    let clients: [fn(usize) -> String; 5] = [
        |place| format!("203.0.113.9:{}", 50_000 + place),
        |place| format!("[2001:db8::9]:{}", 50_000 + place),
        // All of one network.
        |place| format!("2001:db8:1:2::{:x}", place + 1),
        |place| ["198.51.100.7", "::ffff:198.51.100.7", "[::ffff:198.51.100.7]:80"][place % 3].to_owned(),
        // What is in front of the last entry is the client's own to say.
        |place| format!("10.0.0.{place}, 198.51.100.8"),
    ];
    for app in on_each_database(&[&BEHIND[..], &["--sign-in-limit-address=4"]].concat()).await {
        for client in clients {
            let addresses: Vec<String> = (0..6).map(client).collect();
            assert_eq!(guesses(&app, &addresses).await, [401, 401, 401, 401, 429, 429], "{addresses:?}");
        }
        // Another network is another client.
        assert_eq!(guesses(&app, &["2001:db8:1:3::1".to_owned()]).await, [401]);
    }
}

/// Two servers on one database count together, also where guesses come side by side.
#[tokio::test(flavor = "multi_thread")]
async fn a_limit_is_one_for_all_servers() {
    let settings = [&BEHIND[..], &["--sign-in-limit-address=10"]].concat();
    for app in on_each_database(&settings).await {
        let beside = app.beside_with(&settings).await;
        let guesses = (0..24).map(|place| {
            let client = if place % 2 == 0 { app.anonymous() } else { beside.anonymous() };
            async move { sign_in(&client, &format!("p{place}@guess.test"), "wrong", "203.0.113.9").await.status }
        });
        let statuses = futures_util::future::join_all(guesses).await;
        let wrong = statuses.iter().filter(|status| **status == 401).count();
        let limited = statuses.iter().filter(|status| **status == 429).count();
        assert_eq!((wrong, limited), (10, 14), "{statuses:?}");
    }
}

/// The requests of a key within a minute are counted by all servers together. SQLite has one server.
#[tokio::test(flavor = "multi_thread")]
async fn a_rate_is_one_for_all_servers() {
    for app in on_each_database(&[]).await.into_iter().filter(|app| app.store.is_shared()) {
        let person = app.client("a@rate.test").await;
        let organization = app.organization("Rate", Plan::PulzeXSuite, &[(&person.user, Role::Admin)]).await;
        let content = json!({ "name": "Key", "scopes": { "chat_completions": "write" }, "requests_per_minute": 6 });
        let (_, secret) = app.key(&organization, &person.user, &serde_json::from_value(content).unwrap()).await;
        let servers = [app.anonymous(), app.beside().await.anonymous()];
        // Within one minute.
        let left = 60_000 - pulze_console_server::now().rem_euclid(60_000);
        if left < 10_000 {
            tokio::time::sleep(std::time::Duration::from_millis(u64::try_from(left).unwrap() + 50)).await;
        }
        let mut allowed = 0;
        for place in 0..12 {
            let asked = json!({ "key": secret, "scope": "chat_completions", "level": "write" });
            let call = Call { body: Some(asked), ..Call::default() };
            allowed += usize::from(servers[place % 2].send(Operation::ApiKeyVerify, call).await.json()["allowed"] == true);
        }
        assert_eq!(allowed, 6);
    }
}

#[tokio::test]
async fn a_session_shows_the_address_without_its_port() {
    for app in on_each_database(&BEHIND).await {
        app.person_with_password("a@address.test", PASSWORD).await;
        for (from, shown) in [
            ("203.0.113.9:51234", "203.0.113.9"),
            ("[2001:DB8::9]:443", "2001:db8::9"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("nonsense", ""),
        ] {
            let reply = sign_in(&app.anonymous(), "a@address.test", PASSWORD, from).await;
            let cookie = reply.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
            let client = Client { cookie: Some(cookie), ..app.anonymous() };
            let list = client.send(Operation::SessionList, Call::default()).await.json();
            assert_eq!(list["sessions"][0]["address"], shown, "{from}");
        }
    }
}

#[tokio::test]
async fn a_key_is_bound_to_addresses_not_to_how_they_are_written() {
    for app in on_each_database(&[]).await {
        let person = app.client("a@range.test").await;
        let organization = app.organization("Range", Plan::PulzeXSuite, &[(&person.user, Role::Admin)]).await;
        let mut content = json!({
            "name": "Office", "scopes": { "chat_completions": "write" },
            "address_ranges": ["203.0.113.0/24", "2001:DB8::/32", "198.51.100.7:443"],
            "expires_at": pulze_console_server::now() + 86_400_000,
        });
        let create = async |content: &Value| {
            let call = Call { organization: Some(&organization), body: Some(content.clone()), ..Call::default() };
            person.send(Operation::ApiKeyCreate, call).await
        };
        let made = create(&content).await.json();
        assert_eq!(
            made["key"]["content"]["address_ranges"],
            json!(["203.0.113.0/24", "2001:db8::/32", "198.51.100.7"]),
            "kept in one form"
        );
        for (address, allowed) in [
            ("203.0.113.9", true),
            ("203.0.113.9:51234", true),
            ("::ffff:203.0.113.9", true),
            ("[2001:db8::9]:51234", true),
            ("198.51.100.7", true),
            ("203.0.114.9:51234", false),
            ("203.0.113.9, 198.51.100.7", false),
            ("", false),
        ] {
            let asked = json!({ "key": made["secret"], "scope": "chat_completions", "level": "write", "address": address });
            let reply = app.anonymous().send(Operation::ApiKeyVerify, Call { body: Some(asked), ..Call::default() }).await;
            assert_eq!(reply.json()["allowed"], allowed, "{address}: {}", reply.text);
        }
        for wrong in ["203.0.113.0/33", "office", "1.2.3.4, 5.6.7.8"] {
            content["address_ranges"] = json!([wrong]);
            assert_eq!(create(&content).await.status, 422, "{wrong}");
        }
    }
}

/// Everything with an entity tag takes it back as a proxy may have changed it.
#[tokio::test]
async fn a_version_is_known_again_in_any_form() {
    for app in on_each_database(&[]).await {
        let person = app.client("a@tag.test").await;
        let organization = app.organization("Tag", Plan::PulzeXSuite, &[(&person.user, Role::Admin)]).await;
        let space = app.space(&organization, "Space", pulze_contract::space::Visibility::Organization, &person.user).await;
        let router = app.router(&organization, "Router").await;
        let assistant = app.assistant(&organization, "Assistant", &person.user).await;
        let tool = app.tool(&organization, "Tool").await;
        let (key, _) = app.key(&organization, &person.user, &pulze_contract::api_key::ApiKeyContent::default()).await;
        for operation in Operation::ALL.iter().filter(|operation| operation.guard() == pulze_contract::operation::Guard::IfMatch)
        {
            let mut version = 1;
            let body = crate::permission_matrix::body(*operation, &person.user);
            let send = async |tags: &[String]| {
                let call = Call {
                    organization: Some(&organization),
                    space: Some(&space),
                    router: Some(&router),
                    assistant: Some(&assistant),
                    tool: Some(&tool),
                    key: Some(&key),
                    body: body.clone(),
                    headers: tags.iter().map(|tag| ("if-match", tag.clone())).collect(),
                    ..Call::default()
                };
                person.send(*operation, call).await
            };
            for form in ["\"{}\"", "W/\"{}\"", "\"{}-gzip\"", "\"0\", W/\"{}\", \"x\"", "*", " * "] {
                let reply = send(&[form.replace("{}", &version.to_string())]).await;
                assert_eq!(reply.status, operation.success(), "{} by {form}: {}", operation.id(), reply.text);
                let tag = reply.headers.get("etag").and_then(|tag| tag.to_str().ok()).unwrap_or_default();
                version = match tag.trim_matches('"').parse() {
                    Ok(version) => version,
                    Err(_) => reply.json()["version"].as_i64().or(reply.json()["custom"]["version"].as_i64()).unwrap(),
                };
            }
            let reply = send(&["\"0\"".to_owned(), format!("\"{version}\"")]).await;
            assert_eq!(reply.status, operation.success(), "{} by two lines: {}", operation.id(), reply.text);
            for (wrong, status) in [("\"1\"", 412), ("W/\"1\", \"x\"", 412), ("\"x\"", 412), ("1", 400), ("\"1", 400)] {
                assert_eq!(send(&[wrong.to_owned()]).await.status, status, "{} by {wrong}", operation.id());
            }
        }
    }
}

/// A proxy may decode `%2F` before it passes a path on.
#[tokio::test]
async fn a_decoded_slash_is_part_of_the_name() {
    for app in on_each_database(&[]).await {
        let person = app.client("a@slash.test").await;
        let organization = app.organization("Slash", Plan::PulzeXSuite, &[(&person.user, Role::Admin)]).await;
        let ask = async |method: &str, path: &str| {
            let request = axum::http::Request::builder()
                .method(method)
                .uri(format!("/api/v1/organizations/{organization}{path}"))
                .header("host", "console.test")
                .header("cookie", person.cookie.clone().unwrap());
            let request = request.body(axum::body::Body::empty()).unwrap();
            crate::test_app::read(tower::ServiceExt::oneshot(app.router.clone(), request).await.unwrap()).await
        };
        for name in ["own%2Fone", "own/two"] {
            app.own_model(&organization, &name.replace("%2F", "/")).await;
            assert_eq!(ask("GET", &format!("/access/model/{name}")).await.status, 200, "{name}");
            assert_eq!(ask("DELETE", &format!("/models/{name}")).await.status, 204, "{name}");
            assert_eq!(ask("DELETE", &format!("/models/{name}")).await.status, 404, "{name}");
        }
        assert_eq!(ask("GET", "/models/check").await.status, 405);
    }
}
