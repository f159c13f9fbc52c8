//! Signing in by another service: a good answer is believed, a bad one never.

use crate::provider::{CODE, Fault, Person, StandIn};
use crate::test_app::{Call, Client, Reply, TestApp, on_each_database, read};
use axum::body::Body;
use axum::http::Request;
use pulze_contract::Operation;
use serde_json::{Value, json};
use std::collections::HashMap;
use tower::ServiceExt;

/// A sign-in under way: what the browser holds.
struct Begun {
    parameters: HashMap<String, String>,
    cookie: String,
}

async fn begin(client: &Client, purpose: &str) -> Begun {
    let body = json!({ "provider": "company", "purpose": purpose, "return_to": "/account" });
    let reply = client.send(Operation::ProviderBegin, Call { body: Some(body), ..Call::default() }).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let address = reply.json()["address"].as_str().unwrap().to_owned();
    let cookie = reply.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
    let parameters: HashMap<String, String> = url::Url::parse(&address).unwrap().query_pairs().into_owned().collect();
    assert_eq!((parameters["response_type"].as_str(), parameters["code_challenge_method"].as_str()), ("code", "S256"));
    Begun { parameters, cookie: cookie.split(';').next().unwrap().to_owned() }
}

impl Begun {
    fn asked(&self) -> (&str, &str) {
        (&self.parameters["nonce"], &self.parameters["code_challenge"])
    }

    fn good(&self) -> Vec<(&str, &str)> {
        vec![("code", CODE), ("state", &self.parameters["state"])]
    }

    /// The browser comes back with an answer.
    async fn come_back(&self, client: &Client, answer: &[(&str, &str)], cookie: &str) -> Reply {
        let query: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(answer).finish();
        let cookies = [Some(cookie.to_owned()), client.cookie.clone()].into_iter().flatten().collect::<Vec<_>>().join("; ");
        let request = Request::builder().uri(format!("/sign-in/callback?{query}")).header("cookie", cookies);
        read(client.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()).await
    }
}

/// The session's cookie, if an answer gives one.
fn session(reply: &Reply) -> Option<String> {
    let cookies = reply.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    let session = cookies.filter_map(|line| line.split(';').next()).find(|pair| pair.starts_with("pulze_session="));
    session.filter(|pair| pair.len() > "pulze_session=".len()).map(str::to_owned)
}

fn location(reply: &Reply) -> &str {
    assert_eq!(reply.status, 303);
    reply.headers["location"].to_str().unwrap()
}

fn petra(subject: &str, email: &str) -> Person {
    Person { subject: subject.to_owned(), email: email.to_owned(), email_verified: true, proved_at: None }
}

async fn viewer(app: &TestApp, cookie: &str) -> Value {
    let client = Client { cookie: Some(cookie.to_owned()), ..app.anonymous() };
    client.send(Operation::SessionRead, Call::default()).await.json()["viewer"].clone()
}

/// Signs in with a good answer.
async fn good(app: &TestApp, stand_in: &StandIn, client: &Client, person: &Person, purpose: &str) -> Reply {
    let begun = begin(client, purpose).await;
    stand_in.tell(Fault::None, person, begun.asked());
    let _ = app;
    begun.come_back(client, &begun.good(), &begun.cookie).await
}

#[tokio::test]
async fn a_good_answer_signs_in_and_makes_an_account_once() {
    let stand_in = StandIn::start().await;
    let file = stand_in.file(true);
    for app in on_each_database(&["--oidc-providers", file.path().to_str().unwrap()]).await {
        let person = petra("subject-1", "petra@provider.test");
        let mut seen = Vec::new();
        for _ in 0..2 {
            let reply = good(&app, &stand_in, &app.anonymous(), &person, "sign_in").await;
            assert_eq!(location(&reply), "/account");
            let viewer = viewer(&app, &session(&reply).unwrap()).await;
            assert_eq!(viewer["email"], "petra@provider.test");
            seen.push(viewer["user_id"].clone());
        }
        assert_eq!(seen[0], seen[1]);
        // Where the token of the person does not tell the address, the provider is asked for it.
        let quiet = Person { email: String::new(), ..petra("subject-2", "") };
        let reply = good(&app, &stand_in, &app.anonymous(), &quiet, "sign_in").await;
        assert_eq!((location(&reply), session(&reply)), ("/account?sign_in=no-account", None));
    }
}

#[tokio::test]
async fn no_bad_answer_of_a_provider_is_believed() {
    let stand_in = StandIn::start().await;
    let file = stand_in.file(true);
    for app in on_each_database(&["--oidc-providers", file.path().to_str().unwrap()]).await {
        let person = petra("subject-1", "petra@provider.test");
        let mut believed = Vec::new();
        for fault in Fault::ALL {
            // What a provider says of itself is remembered: a server that does not know it yet asks.
            let fresh = app.beside_with(&["--oidc-providers", file.path().to_str().unwrap()]).await;
            let client = fresh.anonymous();
            stand_in.tell(Fault::None, &person, ("", ""));
            let begun = if fault == Fault::OtherIssuerDiscovered {
                stand_in.tell(fault, &person, ("", ""));
                let body = json!({ "provider": "company", "return_to": "/" });
                let reply = client.send(Operation::ProviderBegin, Call { body: Some(body), ..Call::default() }).await;
                assert_eq!(reply.status, 502);
                continue;
            } else if fault == Fault::NoKeys {
                stand_in.tell(fault, &person, ("", ""));
                begin(&client, "sign_in").await
            } else {
                begin(&client, "sign_in").await
            };
            stand_in.tell(fault, &person, begun.asked());
            let reply = begun.come_back(&client, &begun.good(), &begun.cookie).await;
            if session(&reply).is_some() || location(&reply) != "/account?sign_in=failed" {
                believed.push((fault, reply.headers["location"].to_str().unwrap().to_owned()));
            }
        }
        assert!(believed.is_empty(), "{believed:?}");
    }
}

#[tokio::test]
async fn an_answer_belongs_to_one_browser_and_counts_once() {
    let stand_in = StandIn::start().await;
    let file = stand_in.file(true);
    for app in on_each_database(&["--oidc-providers", file.path().to_str().unwrap()]).await {
        let client = app.anonymous();
        let person = petra("subject-1", "petra@provider.test");
        let refused = |reply: &Reply| session(reply).is_none() && location(reply).contains("sign_in=");
        // Brought by another browser, by one without a cookie, with another state, without one, without a code.
        let begun = begin(&client, "sign_in").await;
        stand_in.tell(Fault::None, &person, begun.asked());
        let other = begin(&client, "sign_in").await;
        assert!(refused(&begun.come_back(&client, &begun.good(), &other.cookie).await));
        for (answer, cookie) in [
            (vec![("code", CODE), ("state", "made up")], true),
            (vec![("code", CODE)], true),
            (vec![], true),
            (vec![("code", CODE), ("state", "")], false),
        ] {
            let begun = begin(&client, "sign_in").await;
            let cookie = if cookie { begun.cookie.clone() } else { String::new() };
            assert!(refused(&begun.come_back(&client, &answer, &cookie).await), "{answer:?}");
        }
        let cases: [(&str, &str, &str); 4] = [
            ("iss", "https://other.example", "failed"),
            ("error", "access_denied", "cancelled"),
            ("error", "server_error", "failed"),
            ("code", "", "failed"),
        ];
        for (name, value, how) in cases {
            let begun = begin(&client, "sign_in").await;
            stand_in.tell(Fault::None, &person, begun.asked());
            let mut answer = begun.good();
            answer.retain(|(other, _)| *other != name);
            answer.push((name, value));
            let reply = begun.come_back(&client, &answer, &begun.cookie).await;
            assert_eq!((location(&reply), session(&reply)), (format!("/account?sign_in={how}").as_str(), None));
        }
        // A good one, twice.
        let begun = begin(&client, "sign_in").await;
        stand_in.tell(Fault::None, &person, begun.asked());
        assert!(session(&begun.come_back(&client, &begun.good(), &begun.cookie).await).is_some());
        assert!(refused(&begun.come_back(&client, &begun.good(), &begun.cookie).await));
        // Too late.
        let begun = begin(&client, "sign_in").await;
        stand_in.tell(Fault::None, &person, begun.asked());
        let mut change = app.store.change(pulze_console_server::store::Tenant::Installation).await.unwrap();
        sqlx::query("UPDATE sign_in_transactions SET created_at = created_at - 3600000").execute(&mut *change).await.unwrap();
        change.commit().await.unwrap();
        assert!(refused(&begun.come_back(&client, &begun.good(), &begun.cookie).await));
        // Back to a page of this console only.
        for elsewhere in ["https://evil.example", "//evil.example", "/\\evil.example", ""] {
            let body = json!({ "provider": "company", "return_to": elsewhere });
            let reply = client.send(Operation::ProviderBegin, Call { body: Some(body), ..Call::default() }).await;
            assert_eq!(reply.status, 422, "{elsewhere}");
        }
    }
}

#[tokio::test]
async fn an_account_is_linked_only_with_a_proof_of_both() {
    let stand_in = StandIn::start().await;
    let file = stand_in.file(true);
    for app in on_each_database(&["--oidc-providers", file.path().to_str().unwrap()]).await {
        let ada = app.client("ada@link.test").await;
        let bob = app.client("bob@link.test").await;
        // The address alone is no proof: neither of an account, nor without being verified.
        let person = petra("subject-ada", "ada@link.test");
        let reply = good(&app, &stand_in, &app.anonymous(), &person, "sign_in").await;
        assert_eq!((location(&reply), session(&reply)), ("/account?sign_in=account-exists", None));
        let unverified = Person { email_verified: false, ..petra("subject-new", "new@link.test") };
        let reply = good(&app, &stand_in, &app.anonymous(), &unverified, "sign_in").await;
        assert_eq!((location(&reply), session(&reply)), ("/account?sign_in=no-account", None));
        // Some providers write booleans as text: what they mean counts.
        for (verified, led) in [(true, "/account?sign_in=account-exists"), (false, "/account?sign_in=no-account")] {
            let told = Person { email_verified: verified, ..petra("subject-text", "ada@link.test") };
            let begun = begin(&app.anonymous(), "sign_in").await;
            stand_in.tell(Fault::BooleansAsText, &told, begun.asked());
            let reply = begun.come_back(&app.anonymous(), &begun.good(), &begun.cookie).await;
            assert_eq!(location(&reply), led);
        }
        // Nobody is signed in: nothing to link to.
        let body = json!({ "provider": "company", "purpose": "link", "return_to": "/account" });
        let reply = app.anonymous().send(Operation::ProviderBegin, Call { body: Some(body), ..Call::default() }).await;
        assert_eq!(reply.status, 401);
        // Begun by one, brought by another.
        let begun = begin(&ada, "link").await;
        stand_in.tell(Fault::None, &person, begun.asked());
        let reply = begun.come_back(&bob, &begun.good(), &begun.cookie).await;
        assert_eq!(location(&reply), "/account?sign_in=failed");
        let reply = good(&app, &stand_in, &ada, &person, "link").await;
        assert_eq!(location(&reply), "/account?sign_in=linked");
        let reply = good(&app, &stand_in, &bob, &person, "link").await;
        assert_eq!(location(&reply), "/account?sign_in=linked-elsewhere");
        let reply = good(&app, &stand_in, &app.anonymous(), &person, "sign_in").await;
        let cookie = session(&reply).unwrap();
        assert_eq!(viewer(&app, &cookie).await["user_id"], json!(ada.user));
        // And where to sign out is told.
        let client = Client { cookie: Some(cookie), ..app.anonymous() };
        let out = client.send(Operation::SessionDelete, Call::default()).await.json();
        assert!(out["provider_address"].as_str().unwrap().starts_with(&format!("{}/end?", stand_in.issuer())));
        // The only way in is not taken away.
        let account = ada.send(Operation::AccountRead, Call::default()).await.json();
        assert_eq!(account["identities"][0]["name"], "Company");
        let unlink = || Call { provider: Some("company"), ..Call::default() };
        assert_eq!(ada.send(Operation::IdentityDelete, unlink()).await.status, 409);
        let body = json!({ "new": "a long new password" });
        assert_eq!(ada.send(Operation::PasswordUpdate, Call { body: Some(body), ..Call::default() }).await.status, 204);
    }
}

#[tokio::test]
async fn a_proof_by_the_provider_makes_a_session_fresh_only_for_the_same_person_and_now() {
    let stand_in = StandIn::start().await;
    let file = stand_in.file(true);
    let settings = ["--oidc-providers", file.path().to_str().unwrap()];
    for app in on_each_database(&settings).await {
        let ada = app.client("ada@fresh.test").await;
        let now = pulze_console_server::now() / 1000;
        let person = Person { proved_at: Some(now), ..petra("subject-ada", "ada@fresh.test") };
        assert_eq!(location(&good(&app, &stand_in, &ada, &person, "link").await), "/account?sign_in=linked");
        let begun = begin(&ada, "confirm").await;
        assert_eq!((begun.parameters["max_age"].as_str(), begun.parameters["prompt"].as_str()), ("0", "login"));
        for (proved_at, subject, how) in [
            (None, "subject-ada", "failed"),
            (Some(now - 3600), "subject-ada", "failed"),
            (Some(now), "subject-bob", "other-person"),
        ] {
            let person = Person { proved_at, ..petra(subject, "x@fresh.test") };
            let reply = good(&app, &stand_in, &ada, &person, "confirm").await;
            assert_eq!((location(&reply), session(&reply)), (format!("/account?sign_in={how}").as_str(), None));
        }
        let reply = good(&app, &stand_in, &ada, &person, "confirm").await;
        assert_eq!(location(&reply), "/account?sign_in=confirmed");
        // The session has a new token; the old one is dead.
        assert_eq!(viewer(&app, &session(&reply).unwrap()).await["user_id"], json!(ada.user));
        assert!(viewer(&app, ada.cookie.as_deref().unwrap()).await.is_null());
    }
}

/// The account's own address, where the provider says that it verified it; nothing else that it tells.
#[tokio::test]
async fn a_provider_that_verified_the_address_of_an_account_proves_it() {
    let stand_in = StandIn::start().await;
    let file = stand_in.file(true);
    for app in on_each_database(&["--oidc-providers", file.path().to_str().unwrap()]).await {
        let verified =
            async |client: &Client| client.send(Operation::AccountRead, Call::default()).await.json()["email_verified"].clone();
        let cases = [
            ("own@verified.test", petra("subject-1", "own@verified.test"), true),
            ("told@verified.test", Person { email_verified: false, ..petra("subject-2", "told@verified.test") }, false),
            ("other@verified.test", petra("subject-3", "else@verified.test"), false),
        ];
        for (email, person, proves) in cases {
            let client = app.unverified_client(email).await;
            let reply = good(&app, &stand_in, &client, &person, "link").await;
            assert_eq!(location(&reply), "/account?sign_in=linked");
            assert_eq!(verified(&client).await, proves, "{email}");
        }
        // It was linked while it was not verified there, and is by the next sign-in.
        let reply = good(&app, &stand_in, &app.anonymous(), &petra("subject-2", "told@verified.test"), "sign_in").await;
        assert_eq!(viewer(&app, &session(&reply).unwrap()).await["email_verified"], true);
        // Somebody new comes with the address that the provider verified.
        let reply = good(&app, &stand_in, &app.anonymous(), &petra("subject-4", "new@verified.test"), "sign_in").await;
        assert_eq!(viewer(&app, &session(&reply).unwrap()).await["email_verified"], true);
    }
}
