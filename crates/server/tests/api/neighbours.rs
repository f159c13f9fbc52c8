//! One tenant never stops the others: turns to write, what does not fit, and a database that somebody else holds.

use crate::test_app::{Call, Client, Reply, TestApp, on_each_database};
use pulze_console_server::store::{Change, Tenant};
use pulze_contract::organization::Plan;
use pulze_contract::{Operation, OrganizationId, Role};
use serde_json::{Value, json};
use sqlx::Connection;
use std::time::Duration;

struct Place {
    admin: Client,
    id: OrganizationId,
}

impl Place {
    async fn new(app: &TestApp, name: &str) -> Self {
        let admin = app.client(&format!("admin@{name}.test")).await;
        let id = app.organization(name, Plan::PulzeXSuite, &[(&admin.user, Role::Admin)]).await;
        Self { admin, id }
    }

    async fn make_space(&self) -> Reply {
        let body = Some(json!({ "name": pulze_console_server::new_digits(), "description": "", "visibility": "organization" }));
        self.admin.send(Operation::SpaceCreate, Call { organization: Some(&self.id), body, ..Call::default() }).await
    }

    async fn list_members(&self) -> u16 {
        self.admin.send(Operation::MemberList, Call { organization: Some(&self.id), ..Call::default() }).await.status
    }

    async fn import(&self, events: Vec<Value>) -> Reply {
        let body = Some(json!({ "events": events }));
        self.admin.send(Operation::UsageImport, Call { organization: Some(&self.id), body, ..Call::default() }).await
    }
}

/// Takes every turn to write that there is.
async fn take_every_turn(app: &TestApp) -> Vec<Change> {
    let turns = if app.config.database.starts_with("sqlite") { 1 } else { 8 };
    let mut held = Vec::new();
    for number in 0..turns {
        held.push(app.store.change(Tenant::Address(format!("held {number}"))).await.unwrap());
    }
    held
}

/// Lets so many changes of a tenant wait.
async fn wait_in_line(app: &TestApp, tenant: &Tenant, count: usize) -> Vec<tokio::task::JoinHandle<()>> {
    let before = app.store.waiting().0;
    let waiting = (0..count).map(|_| {
        let (store, tenant) = (app.store.clone(), tenant.clone());
        tokio::spawn(async move { drop(store.change(tenant).await) })
    });
    let waiting = waiting.collect();
    until(|| app.store.waiting().0 == before + count).await;
    waiting
}

async fn until(holds: impl Fn() -> bool) {
    while !holds() {
        tokio::task::yield_now().await;
    }
}

fn asks_for_patience(reply: &Reply, status: u16) {
    assert_eq!(reply.status, status, "{}", reply.text);
    assert!(reply.headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap() > 0);
    assert!(reply.json()["retry_after_seconds"].is_u64());
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_the_others_get_their_turn() {
    for app in on_each_database(&[]).await {
        let (busy, neighbour) = (Place::new(&app, "busy").await, Place::new(&app, "neighbour").await);
        // Visits are noted first, so that nothing else waits below.
        assert_eq!((busy.list_members().await, neighbour.list_members().await), (200, 200));
        let (busy_tenant, held) = (Tenant::from(&busy.id), take_every_turn(&app).await);
        until(|| app.store.waiting().0 <= held.len()).await;
        let mut waiting = wait_in_line(&app, &busy_tenant, 128).await;

        asks_for_patience(&busy.make_space().await, 429);
        // Reading has connections of its own.
        assert_eq!((busy.list_members().await, neighbour.list_members().await), (200, 200));

        for number in 0..3 {
            let count = (512 - app.store.waiting().0).min(127);
            waiting.extend(wait_in_line(&app, &Tenant::Address(format!("crowd {number}")), count).await);
        }
        let left = 512 - app.store.waiting().0;
        waiting.extend(wait_in_line(&app, &Tenant::Address("crowd".to_owned()), left).await);
        asks_for_patience(&neighbour.make_space().await, 503);
        if let Some(one) = waiting.pop() {
            one.abort();
        }
        until(|| app.store.waiting().0 < 512).await;

        // One place is free: the neighbour takes it, and waits for no more than one turn of each of the others.
        let place = tokio::spawn(async move { neighbour.make_space().await.status });
        until(|| app.store.waiting().0 == 512).await;
        drop(held);
        assert_eq!(place.await.unwrap(), 201);
        for one in waiting {
            one.await.unwrap();
        }
        until(|| app.store.waiting().0 == 0).await;
        assert_eq!(busy.make_space().await.status, 201);
    }
}

/// Calls that make a body which is long enough to wait for its turn.
fn many(from: usize, count: usize) -> Vec<Value> {
    let event = |number: usize| {
        json!({ "id": format!("call-{number}-{}", "x".repeat(80)), "at": pulze_console_server::now() - 60_000, "model": "openai/gpt-4o",
            "prompt_tokens": 10, "completion_tokens": 5, "cost": 7, "latency": 100, "status": 200 })
    };
    (from..from + count).map(event).collect()
}

#[tokio::test]
async fn large_imports_take_turns_and_small_ones_do_not_wait_for_them() {
    for app in on_each_database(&[]).await {
        let (busy, neighbour) = (Place::new(&app, "busy").await, Place::new(&app, "neighbour").await);
        let mut held = vec![app.store.bulk(&busy.id).await.unwrap()];
        let mut waiting = Vec::new();
        for _ in 0..7 {
            let (store, id) = (app.store.clone(), busy.id.clone());
            waiting.push(tokio::spawn(async move { drop(store.bulk(&id).await) }));
        }
        until(|| app.store.waiting().1 == 8).await;
        asks_for_patience(&busy.import(many(0, 600)).await, 429);
        // Whatever else there is to do goes on beside it.
        assert_eq!(busy.import(many(0, 3)).await.json()["accepted"], json!(3));
        assert_eq!(neighbour.make_space().await.status, 201);
        for crowd in 0..3 {
            for _ in 0..8 {
                let (store, tenant) = (app.store.clone(), Tenant::Address(format!("crowd {crowd}")));
                waiting.push(tokio::spawn(async move { drop(store.bulk(tenant).await) }));
            }
        }
        until(|| app.store.waiting().1 == 32).await;
        asks_for_patience(&neighbour.import(many(0, 600)).await, 503);
        held.clear();
        for one in waiting {
            one.await.unwrap();
        }
        assert_eq!(neighbour.import(many(0, 600)).await.json()["accepted"], json!(600));
    }
}

#[tokio::test]
async fn a_batch_in_several_transactions_says_what_it_said_in_one() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app, "batch").await;
        let mut events = many(0, 450);
        events[420]["model"] = json!("");
        events[3]["status"] = json!(99);
        events[449] = events[0].clone();
        events[199] = events[198].clone();
        let receipt = place.import(events.clone()).await.json();
        assert_eq!((&receipt["accepted"], &receipt["duplicates"]), (&json!(446), &json!(2)));
        let places: Vec<&Value> = receipt["refused"].as_array().unwrap().iter().map(|refused| &refused["index"]).collect();
        assert_eq!(places, [&json!(3), &json!(420)]);
        let again = place.import(events).await.json();
        assert_eq!((&again["accepted"], &again["duplicates"]), (&json!(0), &json!(448)));
        let none = place.import(Vec::new()).await;
        assert_eq!((none.status, none.json()["accepted"].clone()), (200, json!(0)));
    }
}

#[tokio::test]
async fn who_reads_cannot_write() {
    for app in on_each_database(&[]).await {
        let mut reader = app.store.read().await.unwrap();
        let wrote = sqlx::query("DELETE FROM users").execute(&mut *reader).await;
        assert!(wrote.unwrap_err().to_string().contains("read"));
    }
}

#[tokio::test]
async fn a_database_that_another_process_holds_is_no_fault_of_the_server() {
    for app in on_each_database(&[]).await {
        let place = Place::new(&app, "held").await;
        assert_eq!(place.list_members().await, 200);
        until(|| app.store.waiting().0 == 0).await;
        let Some(_) = app.config.database.strip_prefix("sqlite:") else { continue };
        let mut other = sqlx::AnyConnection::connect(&app.config.database).await.unwrap();
        sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
        asks_for_patience(&place.make_space().await, 503);
        assert_eq!(place.list_members().await, 200);
        sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert_eq!(place.make_space().await.status, 201);
    }
}
