//! Creating, changing and deleting.

use crate::test_app::{Call, on_each_database};
use pulze_console_server::store;
use pulze_contract::organization::Plan;
use pulze_contract::{Operation, OrganizationId, Role};
use serde_json::json;
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_equal_creations_with_one_key_make_one() {
    for app in on_each_database(&[]).await {
        let person = app.client("creator@org.test").await;
        let mut race = JoinSet::new();
        for _ in 0..20 {
            let person = person.clone();
            race.spawn(async move {
                let headers = vec![("idempotency-key", "one-and-the-same".to_owned())];
                person
                    .send(
                        Operation::OrganizationCreate,
                        Call { body: Some(json!({ "name": "Once" })), headers, ..Call::default() },
                    )
                    .await
            });
        }
        let mut bodies = std::collections::HashSet::new();
        let mut replayed = 0;
        while let Some(reply) = race.join_next().await {
            let reply = reply.unwrap();
            assert_eq!(reply.status, 201, "{}", reply.text);
            replayed += usize::from(reply.headers.contains_key("idempotent-replayed"));
            bodies.insert(reply.text);
        }
        assert_eq!((bodies.len(), replayed), (1, 19));
        let list = person.send(Operation::OrganizationList, Call::default()).await.json();
        assert_eq!(list["total"], 1);

        let headers = vec![("idempotency-key", "one-and-the-same".to_owned())];
        let other = person
            .send(Operation::OrganizationCreate, Call { body: Some(json!({ "name": "Twice" })), headers, ..Call::default() })
            .await;
        assert_eq!((other.status, other.json()["type"].as_str()), (422, Some("idempotency-key-reused")));
    }
}

#[tokio::test]
async fn the_creator_is_admin_and_every_change_is_on_record() {
    for app in on_each_database(&[]).await {
        let person = app.client("creator@org.test").await;
        let picture = Call { raw: Some(crate::provider::png(200, 200)), ..Call::default() };
        let logo = person.send(Operation::ImageUpload, picture).await.json()["url"].clone();
        let body = json!({ "name": "  Fresh   Start ", "logo_url": logo });
        let created = person.send(Operation::OrganizationCreate, Call { body: Some(body), ..Call::default() }).await;
        let json = created.json();
        assert_eq!(
            (json["name"].as_str(), json["role"].as_str(), json["plan"].as_str()),
            (Some("Fresh Start"), Some("admin"), Some("free"))
        );
        assert_eq!(created.headers["etag"], "\"1\"");
        let id = OrganizationId::parse(json["id"].as_str().unwrap()).unwrap();

        let body = json!({ "reporting_time_zone": "Europe/Zurich", "logo_url": "" });
        let updated = person
            .send(Operation::OrganizationUpdate, Call { organization: Some(&id), body: Some(body), ..Call::default() })
            .await;
        assert_eq!(updated.status, 200, "{}", updated.text);
        assert_eq!((updated.json()["logo_url"].is_null(), updated.json()["name"].as_str()), (true, Some("Fresh Start")));
        let delete = Call { organization: Some(&id), body: Some(json!({ "confirm_name": "Fresh Start" })), ..Call::default() };
        assert_eq!(person.send(Operation::OrganizationDelete, delete).await.status, 204);
        let actions = store::audit::actions(&mut app.store.read().await.unwrap(), &id).await.unwrap();
        assert_eq!(actions, ["organization_create", "organization_update", "organization_delete"]);
    }
}

#[tokio::test]
async fn a_stale_save_is_refused_with_both_versions_at_hand() {
    for app in on_each_database(&[]).await {
        let (first, second) = (app.client("first@org.test").await, app.client("second@org.test").await);
        let id = app.organization("Shared", Plan::Free, &[(&first.user, Role::Admin), (&second.user, Role::Admin)]).await;
        let save = |name: &str, headers: Vec<(&'static str, String)>| Call {
            organization: Some(&id),
            body: Some(json!({ "name": name })),
            headers,
            ..Call::default()
        };
        assert_eq!(first.send(Operation::OrganizationUpdate, save("First", vec![])).await.status, 200);
        let stale = second.send(Operation::OrganizationUpdate, save("Second", vec![])).await;
        let json = stale.json();
        assert_eq!((stale.status, json["conflict"]["changed_by"].as_str()), (412, Some("Person first@org.test")));
        assert_eq!(json["conflict"]["current"]["name"], "First");
        let again = second.send(Operation::OrganizationUpdate, save("Second", vec![("if-match", "\"2\"".to_owned())])).await;
        assert_eq!(again.status, 200);
        let without = second.send(Operation::OrganizationUpdate, save("Third", vec![("x-other", "1".to_owned())])).await;
        assert_eq!(without.status, 428);
    }
}

#[tokio::test]
async fn what_is_not_valid_is_refused_field_by_field() {
    for app in on_each_database(&[]).await {
        let admin = app.client("admin@org.test").await;
        let id = app.organization("Paid", Plan::PulzeXSuite, &[(&admin.user, Role::Admin)]).await;
        let update = |body| Call { organization: Some(&id), body: Some(body), ..Call::default() };
        let reply = admin
            .send(
                Operation::OrganizationUpdate,
                update(json!({ "name": " ", "logo_url": "http://x.example/l.png", "reporting_time_zone": "Moon" })),
            )
            .await;
        assert_eq!(reply.status, 422);
        assert_eq!(
            reply.json()["errors"],
            json!([
                { "field": "name", "rule": "required" },
                { "field": "logo_url", "rule": "url_not_https" },
                { "field": "reporting_time_zone", "rule": "time_zone_unknown" },
            ])
        );
        // Each name of a zone is kept as it was chosen; what the database does not know is no zone.
        for (version, zone) in (1..).zip(["Asia/Kolkata", "Asia/Calcutta", "Europe/Kyiv", "Europe/Kiev", "UTC"]) {
            let headers = vec![("if-match", format!("\"{version}\""))];
            let call = Call { headers, ..update(json!({ "reporting_time_zone": zone })) };
            let reply = admin.send(Operation::OrganizationUpdate, call).await;
            assert_eq!((reply.status, &reply.json()["reporting_time_zone"]), (200, &json!(zone)));
        }
        for zone in ["Europe/Atlantis", "Etc/Unknown"] {
            let reply = admin.send(Operation::OrganizationUpdate, update(json!({ "reporting_time_zone": zone }))).await;
            assert_eq!((reply.status, &reply.json()["errors"][0]["rule"]), (422, &json!("time_zone_unknown")), "{zone}");
        }
        for owned in ["id", "plan", "role", "version", "created_at"] {
            let reply = admin.send(Operation::OrganizationUpdate, update(json!({ owned: "x" }))).await;
            assert_eq!(reply.status, 400, "{owned}");
        }
        let delete = |name: &str| update(json!({ "confirm_name": name }));
        assert_eq!(admin.send(Operation::OrganizationDelete, delete("paid")).await.status, 422);
        let reply = admin.send(Operation::OrganizationDelete, delete("Paid")).await;
        assert_eq!((reply.status, reply.json()["type"].as_str()), (409, Some("subscription-active")));
    }
}
