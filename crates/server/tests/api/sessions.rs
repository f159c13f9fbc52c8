//! Signing in and out, and how a session ends.

use crate::test_app::{Call, Client, Reply, TestApp, on_each_database};
use pulze_contract::Operation;
use pulze_contract::operation::Access;
use serde_json::json;

const PASSWORD: &str = "correct horse battery";

async fn sign_in(client: &Client, email: &str, password: &str) -> Reply {
    client
        .send(Operation::SessionCreate, Call { body: Some(json!({ "email": email, "password": password })), ..Call::default() })
        .await
}

/// The cookie that an answer sets, as a browser would send it back.
fn cookie(reply: &Reply) -> String {
    reply.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

async fn is_signed_in(app: &TestApp, cookie: &str) -> bool {
    let client = Client { cookie: Some(cookie.to_owned()), ..app.anonymous() };
    let mut refused = 0;
    let protected: Vec<_> = Operation::ALL
        .iter()
        .filter(|operation| operation.access() != Access::Public && **operation != Operation::SessionDelete)
        .collect();
    for operation in &protected {
        refused += usize::from(client.send(**operation, Call::default()).await.status == 401);
    }
    assert!(refused == 0 || refused == protected.len(), "some operations accept an ended session");
    refused == 0
}

#[tokio::test]
async fn a_sign_in_makes_a_new_token_and_ends_the_one_before() {
    for app in on_each_database(&[]).await {
        app.person_with_password("a@session.test", PASSWORD).await;
        let first = sign_in(&app.anonymous(), " A@Session.TEST ", PASSWORD).await;
        assert_eq!(first.status, 200, "{}", first.text);
        let set = first.headers["set-cookie"].to_str().unwrap();
        assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Path=/") && !set.contains("Secure"));
        let old = cookie(&first);
        assert_eq!(old.len(), "pulze_session=".len() + 64);
        let browser = Client { cookie: Some(old.clone()), ..app.anonymous() };
        let new = cookie(&sign_in(&browser, "a@session.test", PASSWORD).await);
        assert_ne!(old, new);
        assert!(!is_signed_in(&app, &old).await && is_signed_in(&app, &new).await);

        let browser = Client { cookie: Some(new.clone()), ..app.anonymous() };
        assert_eq!(browser.send(Operation::SessionDelete, Call::default()).await.status, 200);
        assert!(!is_signed_in(&app, &new).await);
    }
}

#[tokio::test]
async fn an_https_address_gets_the_host_cookie() {
    for app in on_each_database(&["--public-url", "https://console.example"]).await {
        app.person_with_password("a@session.test", PASSWORD).await;
        let reply = sign_in(&app.anonymous(), "a@session.test", PASSWORD).await;
        let set = reply.headers["set-cookie"].to_str().unwrap();
        assert!(set.starts_with("__Host-pulze_session=") && set.ends_with("; Secure"));
        assert!(reply.headers.contains_key("strict-transport-security"));
    }
}

#[tokio::test]
async fn sessions_end_by_idleness_and_by_age() {
    for setting in ["--session-idle-minutes=0", "--session-hours=0"] {
        for app in on_each_database(&[setting]).await {
            let client = app.client("a@session.test").await;
            assert!(!is_signed_in(&app, client.cookie.as_deref().unwrap()).await, "{setting}");
        }
    }
}

#[tokio::test]
async fn wrong_passwords_are_told_apart_from_nothing_and_limited() {
    for app in on_each_database(&["--sign-in-limit-account=3"]).await {
        app.person_with_password("a@session.test", PASSWORD).await;
        let mut answers = std::collections::HashSet::new();
        for email in ["a@session.test", "nobody@session.test"] {
            let mut json = sign_in(&app.anonymous(), email, "wrong").await.json();
            json["request_id"] = json!(null);
            answers.insert(json.to_string());
        }
        assert_eq!(answers.len(), 1);
        for _ in 0..2 {
            assert_eq!(sign_in(&app.anonymous(), "a@session.test", "wrong").await.status, 401);
        }
        let limited = sign_in(&app.anonymous(), "a@session.test", PASSWORD).await;
        assert_eq!((limited.status, limited.headers["retry-after"].to_str().unwrap()), (429, "900"));
    }
}

/// However a session ends, no operation accepts it afterwards.
#[tokio::test]
async fn an_ended_session_opens_nothing() {
    for app in on_each_database(&[]).await {
        let user = app.person_with_password("ada@ended.test", PASSWORD).await;
        let with = |body: serde_json::Value| Call { body: Some(body), ..Call::default() };
        for way in ["ended by name", "others ended", "password", "proved again", "person gone"] {
            let old = app.sign_in(user.clone()).await;
            let cookie = old.cookie.clone().unwrap();
            assert!(is_signed_in(&app, &cookie).await, "{way}");
            let other = app.sign_in(user.clone()).await;
            let reply = match way {
                "ended by name" => {
                    let list = old.send(Operation::SessionList, Call::default()).await.json();
                    let id = pulze_contract::SessionId::parse(list["sessions"][0]["id"].as_str().unwrap()).unwrap();
                    other.send(Operation::SessionEnd, Call { session: Some(&id), ..Call::default() }).await
                }
                "others ended" => other.send(Operation::SessionsEndOthers, Call::default()).await,
                "password" => other.send(Operation::PasswordUpdate, with(json!({ "current": PASSWORD, "new": PASSWORD }))).await,
                "proved again" => old.send(Operation::SessionConfirm, with(json!({ "password": PASSWORD }))).await,
                _ => {
                    let mut change = app.store.change(pulze_console_server::store::Tenant::Installation).await.unwrap();
                    sqlx::query("DELETE FROM users WHERE id = $1").bind(user.as_str()).execute(&mut *change).await.unwrap();
                    change.commit().await.unwrap();
                    assert!(!is_signed_in(&app, &cookie).await, "{way}");
                    continue;
                }
            };
            assert_eq!(reply.status, 204, "{way}: {}", reply.text);
            assert!(!is_signed_in(&app, &cookie).await, "{way}");
        }
    }
}

/// Who signs out hears nothing more, on any server, and at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_its_session() {
    for app in on_each_database(&[]).await {
        let user = app.person_with_password("ada@stream.test", PASSWORD).await;
        let members = [(&user, pulze_contract::Role::Admin)];
        let organization = app.organization("Stream", pulze_contract::organization::Plan::Free, &members).await;
        let beside = app.beside().await;
        for way in ["signed out", "signed in anew"] {
            let client = app.sign_in(user.clone()).await;
            let other = app.sign_in(user.clone()).await;
            let elsewhere = Client { router: beside.router.clone(), ..client.clone() };
            let mut streams = [client.events(&organization).await, elsewhere.events(&organization).await];
            let mut stays = other.events(&organization).await;
            for stream in streams.iter_mut().chain([&mut stays]) {
                assert_eq!(stream.next().await.unwrap()["kind"], "begun");
            }
            let reply = match way {
                "signed out" => client.send(Operation::SessionDelete, Call::default()).await,
                _ => sign_in(&client, "ada@stream.test", PASSWORD).await,
            };
            assert_eq!(reply.status, 200, "{way}");
            // A browser that is to clear its cache takes seconds.
            assert!(!reply.headers.contains_key("clear-site-data"));
            for stream in &mut streams {
                let end = tokio::time::timeout(std::time::Duration::from_secs(10), stream.next()).await;
                assert_eq!(end.unwrap_or_else(|_| panic!("{way}: the stream goes on")), None, "{way}: nothing is told");
            }
            let more = tokio::time::timeout(std::time::Duration::from_millis(600), stays.next()).await;
            assert!(more.is_err(), "{way}: another session hears nothing of it: {more:?}");
        }
    }
}
