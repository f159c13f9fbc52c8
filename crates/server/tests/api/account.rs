//! One's own account, one's sessions, fresh sign-ins, and what open pages are told.

use crate::permission_matrix::body;
use crate::provider::png;
use crate::test_app::{Call, Client, TestApp, on_each_database};
use pulze_contract::organization::Plan;
use pulze_contract::{Operation, Role, SessionId, UserId};
use serde_json::{Value, json};
use std::time::Duration;

const PASSWORD: &str = "correct horse battery";
const OTHER: &str = "another horse battery";

fn with(body: Value) -> Call<'static> {
    Call { body: Some(body), ..Call::default() }
}

async fn signed_in(app: &TestApp, email: &str) -> Client {
    let user = app.person_with_password(email, PASSWORD).await;
    app.sign_in(user).await
}

async fn is_signed_in(client: &Client) -> bool {
    client.send(Operation::AccountRead, Call::default()).await.status == 200
}

/// The client with the cookie that an answer set.
fn renewed(client: &Client, reply: &crate::test_app::Reply) -> Client {
    let cookie = reply.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    Client { cookie: Some(cookie), ..client.clone() }
}

#[tokio::test]
async fn an_account_is_changed_as_it_was_read() {
    for app in on_each_database(&[]).await {
        let ada = signed_in(&app, "ada@account.test").await;
        let account = ada.send(Operation::AccountRead, Call::default()).await.json();
        assert_eq!((account["email"].as_str(), account["has_password"].as_bool()), (Some("ada@account.test"), Some(true)));
        let change = json!({ "name": "  Ada   Lovelace ", "preferences": { "language": "de", "time_zone": "Europe/Zurich", "theme": "dark" } });
        let saved = ada.send(Operation::AccountUpdate, with(change.clone())).await.json();
        assert_eq!((&saved["name"], &saved["preferences"]["language"]), (&json!("Ada Lovelace"), &json!("de")));
        let viewer = ada.send(Operation::SessionRead, Call::default()).await.json()["viewer"].clone();
        assert_eq!((&viewer["name"], &viewer["preferences"]["theme"]), (&json!("Ada Lovelace"), &json!("dark")));
        // Read before that: somebody saved in between.
        assert_eq!(ada.send(Operation::AccountUpdate, with(change)).await.status, 412);
        for (wrong, field) in [
            (json!({ "name": "" }), "name"),
            (json!({ "preferences": { "language": "xx", "time_zone": null, "theme": "dark" } }), "language"),
            (json!({ "preferences": { "language": null, "time_zone": "Nowhere", "theme": "dark" } }), "time_zone"),
            (json!({ "preferences": { "language": null, "time_zone": "Europe/Atlantis", "theme": "dark" } }), "time_zone"),
            (json!({ "avatar_url": "http://plain.example/a.png" }), "avatar_url"),
            (json!({ "avatar_url": format!("/images/{}", "0".repeat(64)) }), "avatar_url"),
        ] {
            let reply = ada.send(Operation::AccountUpdate, with(wrong)).await;
            assert_eq!((reply.status, &reply.json()["errors"][0]["field"]), (422, &json!(field)));
        }
        for own in [json!({ "email": "x@y.test" }), json!({ "administers_installation": true }), json!({ "version": 9 })] {
            assert_eq!(ada.send(Operation::AccountUpdate, with(own)).await.status, 400);
        }
    }
}

#[tokio::test]
async fn a_new_password_ends_every_other_session() {
    for app in on_each_database(&["--sign-in-limit-account=4"]).await {
        let ada = signed_in(&app, "ada@password.test").await;
        let elsewhere = app.sign_in(ada.user.clone()).await;
        for (wrong, status) in [
            (json!({ "current": "not this one", "new": OTHER }), 401),
            (json!({ "current": PASSWORD, "new": "short" }), 422),
            (json!({ "new": OTHER }), 422),
        ] {
            assert_eq!(ada.send(Operation::PasswordUpdate, with(wrong)).await.status, status);
        }
        let reply = ada.send(Operation::PasswordUpdate, with(json!({ "current": PASSWORD, "new": OTHER }))).await;
        assert_eq!(reply.status, 204);
        assert!(!is_signed_in(&elsewhere).await && !is_signed_in(&ada).await);
        assert!(is_signed_in(&renewed(&ada, &reply)).await);
        let sign_in = |password: &str| with(json!({ "email": "ada@password.test", "password": password }));
        assert_eq!(app.anonymous().send(Operation::SessionCreate, sign_in(PASSWORD)).await.status, 401);
        assert_eq!(app.anonymous().send(Operation::SessionCreate, sign_in(OTHER)).await.status, 200);
        // Guessing the current one is guessing a password: it is counted.
        let ada = renewed(&ada, &reply);
        let guesses = futures_util::future::join_all(
            (0..6).map(|_| ada.send(Operation::SessionConfirm, with(json!({ "password": "guess" })))),
        );
        assert!(guesses.await.iter().any(|reply| reply.status == 429));
    }
}

#[tokio::test]
async fn sessions_are_seen_and_ended_by_their_owner_only() {
    for app in on_each_database(&[]).await {
        let ada = signed_in(&app, "ada@sessions.test").await;
        let bob = signed_in(&app, "bob@sessions.test").await;
        let (second, third) = (app.sign_in(ada.user.clone()).await, app.sign_in(ada.user.clone()).await);
        let list = ada.send(Operation::SessionList, Call::default()).await.json();
        assert_eq!((list["total"].as_u64(), &list["sessions"][0]["current"]), (Some(3), &json!(true)));
        let id_of = |list: &Value, place: usize| SessionId::parse(list["sessions"][place]["id"].as_str().unwrap()).unwrap();
        let of_bob = id_of(&bob.send(Operation::SessionList, Call::default()).await.json(), 0);
        let end = |id: &SessionId| {
            let id = id.clone();
            let ada = ada.clone();
            async move { ada.send(Operation::SessionEnd, Call { session: Some(&id), ..Call::default() }).await.status }
        };
        assert_eq!(end(&of_bob).await, 404);
        assert!(is_signed_in(&bob).await);
        let mine = id_of(&second.send(Operation::SessionList, Call::default()).await.json(), 0);
        assert_eq!((end(&mine).await, end(&mine).await), (204, 404));
        assert!(!is_signed_in(&second).await && is_signed_in(&third).await);
        assert_eq!(ada.send(Operation::SessionsEndOthers, Call::default()).await.status, 204);
        assert!(!is_signed_in(&third).await && is_signed_in(&ada).await && is_signed_in(&bob).await);
    }
}

/// Each proof replaces the session's token: of several at the same time one does, and that token is the one that counts.
#[tokio::test(flavor = "multi_thread")]
async fn of_proofs_at_the_same_time_one_gives_the_token_that_counts() {
    for app in on_each_database(&[]).await {
        let ada = signed_in(&app, "ada@proofs.test").await;
        let proofs = (0..5).map(|_| ada.send(Operation::SessionConfirm, with(json!({ "password": PASSWORD }))));
        let replies = futures_util::future::join_all(proofs).await;
        let given: Vec<_> = replies.iter().filter(|reply| reply.status == 204).collect();
        assert_eq!(given.len(), 1);
        assert!(replies.iter().all(|reply| [204, 401].contains(&reply.status)));
        assert!(is_signed_in(&renewed(&ada, given[0])).await && !is_signed_in(&ada).await);
    }
}

/// A proof counts for the session in which it was given. What asks for one: `fresh_sign_in`.
#[tokio::test]
async fn a_session_of_long_ago_is_fresh_again_after_a_proof() {
    for app in on_each_database(&[]).await {
        let ada = signed_in(&app, "ada@fresh.test").await;
        let bob = app.client("bob@fresh.test").await;
        let age = || async {
            let mut change = app.store.change(pulze_console_server::store::Tenant::Installation).await.unwrap();
            sqlx::query("UPDATE sessions SET proved_at = proved_at - 3600000").execute(&mut *change).await.unwrap();
            change.commit().await.unwrap();
        };
        let organization =
            app.organization("Matrix", Plan::PulzeXSuite, &[(&ada.user, Role::Admin), (&bob.user, Role::Viewer)]).await;
        age().await;
        let (key, _) = app.key(&organization, &ada.user, &Default::default()).await;
        let call = |operation: Operation| Call {
            organization: Some(&organization),
            key: Some(&key),
            body: body(operation, &bob.user),
            ..Call::default()
        };
        let admin = |role: &str| Call {
            organization: Some(&organization),
            body: Some(json!({ "changes": [{ "user_id": bob.user, "role": role }] })),
            ..Call::default()
        };
        assert_eq!(ada.send(Operation::MemberUpdate, admin("admin")).await.json()["type"], "fresh-sign-in-required");
        assert_eq!(ada.send(Operation::MemberUpdate, admin("editor")).await.status, 200);
        assert_eq!(ada.send(Operation::SessionConfirm, with(json!({ "password": "wrong" }))).await.status, 401);
        // A proof in another session is none of this one.
        let elsewhere = app.sign_in(ada.user.clone()).await;
        assert_eq!(elsewhere.send(Operation::MemberUpdate, admin("editor")).await.status, 200);
        assert_eq!(ada.send(Operation::MemberUpdate, admin("admin")).await.json()["type"], "fresh-sign-in-required");
        let reply = ada.send(Operation::SessionConfirm, with(json!({ "password": PASSWORD }))).await;
        assert_eq!(reply.status, 204);
        let fresh = renewed(&ada, &reply);
        assert!(!is_signed_in(&ada).await);
        assert_eq!(fresh.send(Operation::MemberUpdate, admin("admin")).await.status, 200);
        assert_eq!(fresh.send(Operation::ApiKeyRotate, call(Operation::ApiKeyRotate)).await.status, 201);
    }
}

#[tokio::test]
async fn pictures_are_uploaded_kept_and_served_as_data() {
    for app in on_each_database(&[]).await {
        let ada = signed_in(&app, "ada@image.test").await;
        let upload = |content: Vec<u8>| Call { raw: Some(content), ..Call::default() };
        let kept = ada.send(Operation::ImageUpload, upload(png(300, 200))).await.json();
        assert_eq!((kept["width"].as_u64(), kept["height"].as_u64()), (Some(300), Some(200)));
        let url = kept["url"].as_str().unwrap();
        let served = app.get(url).await;
        assert_eq!((served.status, served.headers["content-type"].to_str().unwrap()), (200, "image/png"));
        let policy = served.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("sandbox"));
        assert_eq!(served.headers["x-content-type-options"], "nosniff");
        assert!(served.headers["cache-control"].to_str().unwrap().contains("immutable"));
        assert_eq!(app.get(&format!("/images/{}", "0".repeat(64))).await.status, 404);
        for (content, rule, found) in [
            (png(100, 110), "image_sides", json!({ "what": "sides", "width": 100, "height": 110 })),
            (b"GIF89a".to_vec(), "image_kind", json!({ "what": "format", "name": "GIF" })),
            (b"no picture".to_vec(), "image_kind", json!({ "what": "text" })),
            (vec![0; 513 * 1024], "image_too_large", json!({ "what": "bytes", "bytes": 513 * 1024 })),
        ] {
            let reply = ada.send(Operation::ImageUpload, upload(content)).await;
            let expected = json!([{ "field": "file", "rule": rule, "found": found }]);
            assert_eq!((reply.status, &reply.json()["errors"]), (422, &expected));
        }
        let saved = ada.send(Operation::AccountUpdate, with(json!({ "avatar_url": url }))).await.json();
        assert_eq!(saved["avatar_url"], json!(url));
        let organization = app.organization("Matrix", Plan::Free, &[(&ada.user, Role::Admin)]).await;
        let call = Call { organization: Some(&organization), body: Some(json!({ "logo_url": url })), ..Call::default() };
        assert_eq!(ada.send(Operation::OrganizationUpdate, call).await.json()["logo_url"], json!(url));
    }
}

/// Every way to write an address that leads into this machine or a private network.
fn hostile(port: u16) -> Vec<String> {
    let mut hosts: Vec<String> = [
        "127.0.0.1",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "LocalHost.",
        "0",
        "0.0.0.0",
        "0x0",
        "00",
        "127.1",
        "127.0.1",
        "127.255.255.254",
        "2130706433",
        "0x7f000001",
        "0x7F.0.0.1",
        "0177.0.0.1",
        "0177.0.0.01",
        "017700000001",
        "0x7f.1",
        "127.0x1",
        "127.00.00.01",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
        "127．0．0．1",
        "127｡0｡0｡1",
        "１２７.0.0.1",
        "ⅼocalhost",
        "locaⅼhost",
        "ｌｏｃａｌｈｏｓｔ",
        "loc%61lhost",
        "%31%32%37.0.0.1",
        "[::1]",
        "[::]",
        "[0:0:0:0:0:0:0:1]",
        "[0000::0001]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "[2001::1]",
        "[fe80::1]",
        "[fc00::1]",
        "[fd12::1]",
        "[ff02::1]",
        "[::ffff:10.0.0.1]",
        "[::ffff:169.254.169.254]",
        "10.0.0.1",
        "10.255.255.255",
        "172.16.0.1",
        "172.31.255.254",
        "192.168.0.1",
        "192.168.255.255",
        "169.254.169.254",
        "169.254.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "0xa000001",
        "012.0.0.1",
        "167772161",
        "3232235521",
        "2852039166",
        "0xA9FEA9FE",
        "0251.0376.0251.0376",
    ]
    .map(str::to_owned)
    .to_vec();
    // Every last byte of the loopback network's first addresses, in three notations.
    for byte in 0..16_u32 {
        hosts.push(format!("127.0.0.{byte}"));
        hosts.push(format!("{}", 0x7f00_0000_u32 + byte));
        hosts.push(format!("0x7f0000{byte:02x}"));
    }
    let mut all = Vec::new();
    for host in &hosts {
        all.push(format!("https://{host}:{port}/logo.png"));
        all.push(format!("http://{host}:{port}/logo.png"));
        all.push(format!("https://user@{host}:{port}/logo.png"));
    }
    for whole in [
        format!("https:\\\\127.0.0.1:{port}\\logo.png"),
        format!("https:/127.0.0.1:{port}/logo.png"),
        format!("https:127.0.0.1:{port}/logo.png"),
        format!("//127.0.0.1:{port}/logo.png"),
        format!("https://example.com@127.0.0.1:{port}/logo.png"),
        format!("https://127.0.0.1:{port}\t/logo.png"),
        format!("https://127.0.0.1\n:{port}/logo.png"),
        format!("gopher://127.0.0.1:{port}/_GET"),
        format!("ftp://127.0.0.1:{port}/logo.png"),
        "file:///etc/passwd".to_owned(),
        "data:image/png;base64,AAAA".to_owned(),
        "javascript:alert(1)".to_owned(),
        "blob:https://example.com/1".to_owned(),
    ] {
        all.push(whole);
    }
    all
}

#[tokio::test]
async fn no_spelling_of_a_private_address_is_asked_for_a_picture() {
    let canary = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = canary.local_addr().unwrap().port();
    let app = on_each_database(&[]).await.remove(0);
    let ada = signed_in(&app, "ada@ssrf.test").await;
    let spellings = hostile(port);
    assert!(spellings.len() >= 300, "{}", spellings.len());
    let mut people = vec![ada];
    for number in 0..spellings.len() / 50 {
        people.push(app.client(&format!("ada{number}@ssrf.test")).await);
    }
    for (place, url) in spellings.iter().enumerate() {
        let reply = people[place / 50].send(Operation::ImageFetch, with(json!({ "url": url }))).await;
        assert_eq!((reply.status, &reply.json()["errors"][0]["field"]), (422, &json!("url")), "{url}");
    }
    // Nor is it a way to look at the web.
    let mut last = 0;
    for _ in 0..61 {
        last = people[0].send(Operation::ImageFetch, with(json!({ "url": "https://127.0.0.1/" }))).await.status;
    }
    assert_eq!(last, 429);
    let knocked = tokio::time::timeout(Duration::from_millis(200), canary.accept()).await;
    assert!(knocked.is_err(), "somebody knocked");
}

#[tokio::test]
async fn a_picture_is_fetched_once_and_its_server_tells_nothing_else() {
    let stand_in = crate::provider::StandIn::start().await;
    for app in on_each_database(&["--allow-private-endpoints"]).await {
        let ada = signed_in(&app, "ada@fetch.test").await;
        let url = format!("{}/logo.png", stand_in.issuer());
        let kept = ada.send(Operation::ImageFetch, with(json!({ "url": url }))).await;
        assert_eq!(kept.status, 200, "{}", kept.text);
        let kept = kept.json();
        let address = kept["url"].as_str().unwrap();
        assert!(address.contains("?from=http%3A%2F%2F127.0.0.1"));
        assert_eq!(app.get(address).await.status, 200);
        let organization = app.organization("Matrix", Plan::Free, &[(&ada.user, Role::Admin)]).await;
        let call = Call { organization: Some(&organization), body: Some(json!({ "logo_url": address })), ..Call::default() };
        assert_eq!(ada.send(Operation::OrganizationUpdate, call).await.json()["logo_url"], json!(address));
        for path in ["/nothing", "/person"] {
            let reply = ada.send(Operation::ImageFetch, with(json!({ "url": format!("{}{path}", stand_in.issuer()) }))).await;
            assert_eq!(reply.status, 422);
            assert!(!reply.text.contains("Petra") && !reply.text.contains("404"), "{}", reply.text);
        }
    }
}

/// Reads what a stream tells until something of a kind comes. It comes within a second; a machine that stalled gets
/// more, and nothing waits so long.
async fn told(stream: &mut crate::test_app::Stream, kind: &str) -> Option<Value> {
    let wait = async {
        loop {
            let event = stream.next().await?;
            if event["kind"] == kind {
                return Some(event);
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.ok().flatten()
}

#[tokio::test]
async fn open_pages_are_told_what_concerns_them_whichever_server_did_it() {
    for app in on_each_database(&[]).await {
        let admin = app.client("admin@live.test").await;
        let bob = app.client("bob@live.test").await;
        let eve = app.client("eve@live.test").await;
        let organization = app
            .organization(
                "Matrix",
                Plan::Free,
                &[(&admin.user, Role::Admin), (&bob.user, Role::Editor), (&eve.user, Role::Viewer)],
            )
            .await;
        let other = app.beside().await;
        let of_bob = Client { router: other.router.clone(), ..bob.clone() };
        let mut stream = of_bob.events(&organization).await;
        assert!(told(&mut stream, "begun").await.is_some());
        let mut of_eve = eve.events(&organization).await;
        assert!(told(&mut of_eve, "begun").await.is_some());
        let call =
            |body: Value| Call { organization: Some(&organization), user: Some(&bob.user), body: Some(body), ..Call::default() };
        assert_eq!(admin.send(Operation::OrganizationUpdate, call(json!({ "name": "Renamed" }))).await.status, 200);
        assert_eq!(told(&mut stream, "organization").await.unwrap()["by"], "Person admin@live.test");
        let roles = json!({ "changes": [{ "user_id": bob.user, "role": "viewer" }] });
        assert_eq!(admin.send(Operation::MemberUpdate, call(roles)).await.status, 200);
        assert!(told(&mut stream, "access").await.is_some());
        // Eve is told that the members changed, not that her access did. What happened after it comes after it.
        let again = Call { headers: vec![("if-match", "\"2\"".to_owned())], ..call(json!({ "name": "Renamed again" })) };
        assert_eq!(admin.send(Operation::OrganizationUpdate, again).await.status, 200);
        let (mut seen, mut renamed) = (Vec::new(), 0);
        while renamed < 2 {
            let event = tokio::time::timeout(Duration::from_secs(60), of_eve.next()).await.unwrap().unwrap();
            let kind = event["kind"].as_str().unwrap().to_owned();
            renamed += usize::from(kind == "organization");
            seen.push(kind);
        }
        assert!(seen.contains(&"members".to_owned()) && !seen.contains(&"access".to_owned()), "{seen:?}");
        // Who is removed is told so, and then nothing more.
        let mallory = app.client("mallory@live.test").await;
        app.join(&organization, &mallory.user, Role::Viewer).await;
        let mut of_mallory = mallory.events(&organization).await;
        assert!(told(&mut of_mallory, "begun").await.is_some());
        let removed = Call { organization: Some(&organization), user: Some(&mallory.user), ..Call::default() };
        assert_eq!(admin.send(Operation::MemberDelete, removed).await.status, 204);
        assert!(told(&mut of_mallory, "access").await.is_some());
        assert!(of_mallory.next().await.is_none());
        // A session that is ended, its stream with it.
        assert_eq!(bob.send(Operation::SessionsEndOthers, Call::default()).await.status, 204);
        let second = app.sign_in(bob.user.clone()).await;
        assert_eq!(second.send(Operation::SessionsEndOthers, Call::default()).await.status, 204);
        assert!(told(&mut stream, "session_ended").await.is_some());
        assert!(stream.next().await.is_none());
        assert_eq!(of_bob.send(Operation::OrganizationEvents, call(json!({}))).await.status, 401);
        // Gone: the organization, and whoever was told so.
        let call = call(json!({ "confirm_name": "Renamed again" }));
        assert_eq!(admin.send(Operation::OrganizationDelete, call).await.status, 204);
        assert!(told(&mut of_eve, "organization_deleted").await.is_some());
        assert!(of_eve.next().await.is_none());
    }
}

#[tokio::test]
async fn a_renamed_person_is_found_and_sorted_by_the_new_name_everywhere() {
    for app in on_each_database(&[]).await {
        let admin = app.client("admin@renamed.test").await;
        let person = app.client("person@renamed.test").await;
        let members: &[(&UserId, Role)] = &[(&admin.user, Role::Admin), (&person.user, Role::Viewer)];
        for organization in
            [app.organization("One", Plan::Free, members).await, app.organization("Two", Plan::Free, members).await]
        {
            for name in ["Żaneta Öz", "Aaron Aaronson"] {
                let version = app.account_version(&person.user).await;
                let headers = vec![("if-match", format!("\"{version}\""))];
                let rename = Call { headers, ..with(json!({ "name": name })) };
                assert_eq!(person.send(Operation::AccountUpdate, rename).await.status, 200);
            }
            let names = async |query: &str| {
                let call = Call { organization: Some(&organization), query, ..Call::default() };
                let list = admin.send(Operation::MemberList, call).await.json();
                list["entries"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|entry| entry["name"].as_str().unwrap().to_owned())
                    .collect::<Vec<_>>()
            };
            assert_eq!(names("?search=aaron").await, ["Aaron Aaronson"]);
            assert_eq!(names("?search=%C5%BCaneta").await, Vec::<String>::new());
            assert_eq!(names("").await, ["Aaron Aaronson", "Person admin@renamed.test"]);
        }
    }
}

#[tokio::test]
async fn copies_that_an_earlier_version_left_behind_are_made_again_at_the_start() {
    for app in on_each_database(&[]).await {
        let admin = app.client("old@copies.test").await;
        app.organization("Old", Plan::Free, &[(&admin.user, Role::Admin)]).await;
        let mut change = app.store.change(pulze_console_server::store::Tenant::Installation).await.unwrap();
        for sql in [
            "UPDATE users SET search = 'wrong'",
            "UPDATE memberships SET search = 'older'",
            "DELETE FROM installation WHERE name = 'search_form'",
        ] {
            sqlx::query(sql).execute(&mut *change).await.unwrap();
        }
        change.commit().await.unwrap();
        let again = app.beside().await;
        let differences =
            pulze_console_server::store::derived::differences(&mut again.store.read().await.unwrap()).await.unwrap();
        assert_eq!(differences, Vec::<String>::new());
    }
}

/// Spellings with joiners are kept to the byte and found without them; blank names are refused, whoever or whatever has
/// them; passwords and addresses have one form, however a keyboard writes them.
#[tokio::test]
async fn text_of_the_world() {
    for app in on_each_database(&[]).await {
        let admin = signed_in(&app, "world@text.test").await;
        let organization = app.organization("World", Plan::Free, &[(&admin.user, Role::Admin)]).await;
        let make = async |name: &str| {
            let call = Call { organization: Some(&organization), ..with(json!({ "name": name })) };
            let space = admin.send(Operation::SpaceCreate, call).await;
            let headers = vec![("if-match", format!("\"{}\"", app.account_version(&admin.user).await))];
            let account = admin.send(Operation::AccountUpdate, Call { headers, ..with(json!({ "name": name })) }).await;
            (space.status, account.status, account.json()["name"].clone())
        };
        for kept in [
            "\u{639}\u{644}\u{6cc}\u{200c}\u{631}\u{636}\u{627}",
            "\u{dc1}\u{dca}\u{200d}\u{dbb}\u{dd3}",
            "Team \u{1f469}\u{200d}\u{1f4bb}",
            "\u{130}stanbul",
        ] {
            assert_eq!(make(kept).await, (201, 200, json!(kept)), "{}", kept.escape_unicode());
        }
        for refused in ["\u{3164}", "\u{2800}", "\u{ad}\u{ad}", "\u{e0041}", "Acme\u{200c}Robotics"] {
            assert_eq!(make(refused).await, (422, 422, Value::Null), "{}", refused.escape_unicode());
        }
        let found = async |query: &str| {
            let call = Call { organization: Some(&organization), query, ..Call::default() };
            admin.send(Operation::MemberList, call).await.json()["total"].clone()
        };
        assert_eq!((found("?search=ISTANBUL").await, found("?search=i%CC%87stanbul").await), (json!(1), json!(1)));
        let password = |text: &str| with(json!({ "email": "anna@b\u{fc}cher.test", "password": text }));
        app.person_with_password("anna@xn--bcher-kva.test", "pa\u{df}wort mit \u{e4}").await;
        for typed in ["pa\u{df}wort mit \u{e4}", "pa\u{df}wort\u{a0}mit a\u{308}"] {
            assert_eq!(app.anonymous().send(Operation::SessionCreate, password(typed)).await.status, 200);
        }
        // Those of before are put into the form at the next start.
        app.person_with_password("ina@b\u{fc}cher.test", "pa\u{df}wort mit \u{e4}").await;
        let rows = json!({ "rows": [{ "email": "guest@b\u{fc}cher.test", "role": "viewer" }] });
        let invite = Call { organization: Some(&organization), ..with(rows) };
        assert_eq!(admin.send(Operation::InvitationCreate, invite).await.status, 200);
        let mut change = app.store.change(pulze_console_server::store::Tenant::Installation).await.unwrap();
        for sql in [
            "UPDATE invitations SET email = 'guest@b\u{fc}cher.test' WHERE email = 'guest@xn--bcher-kva.test'",
            "DELETE FROM installation WHERE name = 'search_form'",
        ] {
            assert_eq!(sqlx::query(sql).execute(&mut *change).await.unwrap().rows_affected(), 1, "{sql}");
        }
        change.commit().await.unwrap();
        let again = app.beside().await;
        let invited = sqlx::query("SELECT id FROM invitations WHERE email = 'guest@xn--bcher-kva.test'");
        assert_eq!(invited.fetch_all(&mut *again.store.read().await.unwrap()).await.unwrap().len(), 1);
        let typed = with(json!({ "email": "Ina@B\u{dc}CHER.test", "password": "pa\u{df}wort mit \u{e4}" }));
        assert_eq!(again.anonymous().send(Operation::SessionCreate, typed).await.status, 200);
    }
}
