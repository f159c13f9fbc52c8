//! What is done for several organizations at once: nothing that is wrong with one of them stops the others.

use crate::test_app::{Call, Client, TestApp, on_each_database};
use pulze_contract::api_key::{ApiKeyContent, Scope, ScopeLevel, Scopes};
use pulze_contract::organization::Plan;
use pulze_contract::{ApiKeyId, Operation, OrganizationId, Role};
use serde_json::{Value, json};

struct Tenant {
    id: OrganizationId,
    admin: Client,
    key: ApiKeyId,
    secret: String,
}

impl Tenant {
    async fn new(app: &TestApp) -> Self {
        let admin = app.client(&format!("{}@batch.test", pulze_console_server::new_digits())).await;
        let id = app.organization("Batch", Plan::PulzeXSuite, &[(&admin.user, Role::Admin)]).await;
        let scopes = Scopes::default().with(Scope::ChatCompletions, ScopeLevel::Write);
        let (key, secret) = app.key(&id, &admin.user, &ApiKeyContent { scopes, ..ApiKeyContent::default() }).await;
        Self { id, admin, key, secret }
    }

    async fn verify(&self, app: &TestApp, client: &str) {
        let body = json!({ "key": self.secret, "scope": "chat_completions", "level": "write", "client": client });
        let reply = app.anonymous().send(Operation::ApiKeyVerify, Call { body: Some(body), ..Call::default() }).await;
        assert_eq!((reply.status, reply.json()["allowed"].clone()), (200, json!(true)), "{}", reply.text);
    }

    async fn ask(&self, operation: Operation) -> (u16, Value) {
        let call = Call { organization: Some(&self.id), key: Some(&self.key), ..Call::default() };
        let reply = self.admin.send(operation, call).await;
        (reply.status, reply.json())
    }

    /// Requests of today and before, as the list tells them.
    async fn counted(&self) -> u64 {
        let (status, list) = self.ask(Operation::ApiKeyList).await;
        assert_eq!(status, 200, "{list}");
        list["keys"][0]["days"].as_array().unwrap().iter().map(|day| day[0].as_u64().unwrap()).sum()
    }
}

/// Makes the database refuse a row of a table.
async fn refuse(app: &TestApp, table: &str, column: &str, value: &str) {
    let sql = if app.config.database.starts_with("sqlite:") {
        format!(
            "CREATE TRIGGER no_{table} BEFORE INSERT ON {table} WHEN NEW.{column} = '{value}' BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    } else {
        format!("ALTER TABLE {table} ADD CHECK ({column} <> '{value}')")
    };
    app.execute(sqlx::query(&sql)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_that_cannot_be_written_takes_no_other_one_along() {
    for app in on_each_database(&[]).await {
        refuse(&app, "api_key_callers", "client", "bad").await;
        let (one, other) = (Tenant::new(&app).await, Tenant::new(&app).await);
        for client in ["good", "bad", "good", "better"] {
            one.verify(&app, client).await;
            other.verify(&app, "good").await;
        }
        assert_eq!(other.counted().await, 4, "the tenant beside");
        assert_eq!(one.counted().await, 3, "the other rows of the same key");
        let (_, details) = one.ask(Operation::ApiKeyRead).await;
        let mut clients: Vec<&str> =
            details["callers"].as_array().unwrap().iter().map(|one| one["client"].as_str().unwrap()).collect();
        clients.sort_unstable();
        assert_eq!(clients, ["better", "good"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_of_a_key_are_bounded_and_every_request_is_counted() {
    for app in on_each_database(&[]).await {
        let tenant = Tenant::new(&app).await;
        for number in 0..700 {
            tenant.verify(&app, &format!("client/{number} {}", "x".repeat(400))).await;
            if number % 90 == 89 {
                assert_eq!(tenant.counted().await, number + 1);
            }
        }
        tenant.verify(&app, "the newest").await;
        assert_eq!(tenant.counted().await, 701);
        let (status, details) = tenant.ask(Operation::ApiKeyRead).await;
        let newest = details["callers"].as_array().unwrap().iter().take(9).any(|caller| caller["client"] == "the newest");
        assert!(status == 200 && newest, "{details}");
        let mut db = app.store.read().await.unwrap();
        let sql = "SELECT COUNT(*) AS n, CAST(SUM(requests) AS BIGINT) AS requests, MAX(LENGTH(client)) AS longest FROM api_key_callers";
        let row = sqlx::query(sql).fetch_one(&mut *db).await.unwrap();
        let number =
            |name: &str| sqlx::Row::try_get::<i64, _>(&row, name).unwrap_or_else(|_| sqlx::Row::get::<i32, _>(&row, name).into());
        assert_eq!((number("n"), number("longest")), (100, 200));
        let others = &details["other_callers"][0];
        assert_eq!(number("requests") + others["requests"].as_i64().unwrap(), 701, "{others}");
    }
}

#[tokio::test]
async fn ends_that_cannot_be_applied_stop_only_their_organization() {
    for app in on_each_database(&[]).await {
        let (broken, other) = (Tenant::new(&app).await, Tenant::new(&app).await);
        let sql = "UPDATE memberships SET ends_at = 1, then_role = 'nonsense' WHERE organization_id = $1";
        app.execute(sqlx::query(sql).bind(broken.id.as_str())).await;
        assert_eq!(other.ask(Operation::MemberList).await.0, 200);
        assert_eq!(broken.ask(Operation::MemberList).await.0, 500, "nothing is answered by a role that may have ended");
    }
}
