//! An organization keeps at least one admin, whatever happens at the same time.

use crate::test_app::{Call, on_each_database};
use pulze_contract::organization::Plan;
use pulze_contract::{Operation, Role, UserId};
use serde_json::{Value, json};
use tokio::task::JoinSet;

const ROUNDS: usize = 25;

fn role(user: &UserId, role: &str) -> Value {
    json!({ "changes": [{ "user_id": user, "role": role }] })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn racing_demotions_leavings_and_removals_leave_one() {
    for app in on_each_database(&[]).await {
        let mut people = Vec::new();
        for index in 0..4 {
            people.push(app.client(&format!("racer{index}@last.test")).await);
        }
        for round in 0..ROUNDS {
            let members: Vec<_> = people.iter().map(|person| (&person.user, Role::Admin)).collect();
            let id = app.organization("Race", Plan::Free, &members).await;
            let mut race = JoinSet::new();
            for (index, person) in people.iter().enumerate() {
                let (person, id, other) = (person.clone(), id.clone(), people[(index + 1) % people.len()].user.clone());
                race.spawn(async move {
                    let call = Call { organization: Some(&id), user: Some(&other), ..Call::default() };
                    match (index + round) % 3 {
                        0 => person.send(Operation::MembershipDelete, call).await,
                        1 => person.send(Operation::MemberDelete, call).await,
                        _ => person.send(Operation::MemberUpdate, Call { body: Some(role(&other, "viewer")), ..call }).await,
                    }
                });
            }
            while let Some(reply) = race.join_next().await {
                let reply = reply.unwrap();
                assert!([200, 204, 403, 404, 409].contains(&reply.status), "{} {}", reply.status, reply.text);
            }
            assert!(app.admins(&id).await >= 1, "round {round}");
        }
    }
}

#[tokio::test]
async fn the_only_admin_can_neither_leave_nor_step_down() {
    for app in on_each_database(&[]).await {
        let admin = app.client("only@last.test").await;
        let viewer = app.client("viewer@last.test").await;
        let id = app.organization("Only", Plan::Free, &[(&admin.user, Role::Admin), (&viewer.user, Role::Viewer)]).await;
        let call = || Call { organization: Some(&id), user: Some(&admin.user), ..Call::default() };
        for (operation, body) in [
            (Operation::MembershipDelete, None),
            (Operation::MemberDelete, None),
            (Operation::MemberUpdate, Some(role(&admin.user, "editor"))),
        ] {
            let reply = admin.send(operation, Call { body, ..call() }).await;
            assert_eq!((reply.status, reply.json()["type"].as_str()), (409, Some("last-admin")));
        }
        // Once somebody else is admin, the way is free, and a role taken away works on the next request.
        let promote = Call { organization: Some(&id), body: Some(role(&viewer.user, "admin")), ..Call::default() };
        assert_eq!(admin.send(Operation::MemberUpdate, promote).await.status, 200);
        assert_eq!(admin.send(Operation::MembershipDelete, call()).await.status, 204);
        assert_eq!(admin.send(Operation::OrganizationRead, call()).await.status, 404);
    }
}
