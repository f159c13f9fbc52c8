//! Invitations from the paste to the membership.

use crate::test_app::{Call, Client, TestApp, on_each_database};
use pulze_console_server::store;
use pulze_contract::organization::Plan;
use pulze_contract::{InvitationId, Operation, OrganizationId, Role};
use serde_json::{Value, json};
use tokio::task::JoinSet;

async fn place(app: &TestApp) -> (Client, OrganizationId) {
    let admin = app.client("admin@invite.test").await;
    let id = app.organization("Inviting", Plan::Free, &[(&admin.user, Role::Admin)]).await;
    (admin, id)
}

/// The secret of the newest mail to somebody.
async fn link(app: &TestApp, email: &str) -> String {
    let mails = store::invitations::mails(&mut app.store.read().await.unwrap(), 50).await.unwrap();
    let mail = mails.into_iter().find(|mail| mail.recipient == email).unwrap();
    mail.body.split("/invitation#").nth(1).unwrap().split_whitespace().next().unwrap().to_owned()
}

#[tokio::test]
async fn a_dry_run_says_what_becomes_of_every_row_and_sending_does_that() {
    for app in on_each_database(&[]).await {
        let (admin, id) = place(&app).await;
        app.invitation(&id, "pending@invite.test", Role::Viewer, &admin.user).await;
        let rows = json!([
            { "email": "New@Invite.test ", "role": "editor" },
            { "email": "admin@invite.test", "role": "viewer" },
            { "email": "pending@invite.test", "role": "viewer" },
            { "email": "nonsense", "role": "viewer" },
            { "email": "new@invite.test", "role": "viewer" },
        ]);
        let expected = json!([
            { "is": "new" },
            { "is": "member", "role": "admin" },
            { "is": "invited" },
            { "is": "invalid", "rule": "email_malformed" },
            { "is": "invalid", "rule": "duplicate" },
        ]);
        let outcomes = |reply: Value| {
            Value::Array(reply["receipts"].as_array().unwrap().iter().map(|receipt| receipt["outcome"].clone()).collect())
        };
        let call = |key: &str| Call {
            organization: Some(&id),
            body: Some(json!({ "rows": rows })),
            headers: vec![("idempotency-key", key.to_owned())],
            ..Call::default()
        };
        let list =
            async || admin.send(Operation::InvitationList, Call { organization: Some(&id), ..Call::default() }).await.json();
        let checked = admin.send(Operation::InvitationCheck, call("checked-once")).await;
        assert_eq!(outcomes(checked.json()), expected);
        assert_eq!(list().await["total"], 1, "a dry run sends nothing");
        let sent = admin.send(Operation::InvitationCreate, call("sent-once")).await;
        assert_eq!(outcomes(sent.json()), expected);
        let again = admin.send(Operation::InvitationCreate, call("sent-once")).await;
        assert!(!sent.headers.contains_key("idempotent-replayed") && again.headers["idempotent-replayed"] == "true");
        assert_eq!(outcomes(again.json()), expected, "asked again, the receipts are the same");
        assert_eq!(list().await["total"], 2);
        let mails = store::invitations::mails(&mut app.store.read().await.unwrap(), 50).await.unwrap();
        assert_eq!(mails.len(), 1, "one mail, whatever the number of requests");
    }
}

#[tokio::test]
async fn the_invited_opens_makes_an_account_and_is_in() {
    for app in on_each_database(&[]).await {
        let (admin, id) = place(&app).await;
        let body = json!({ "rows": [{ "email": "fresh@invite.test", "role": "editor" }], "message": "Welcome!" });
        admin.send(Operation::InvitationCreate, Call { organization: Some(&id), body: Some(body), ..Call::default() }).await;
        let secret = link(&app, "fresh@invite.test").await;
        let nobody = app.anonymous();
        let with = |body: Value| Call { body: Some(body), ..Call::default() };
        let opened = nobody.send(Operation::InvitationOpen, with(json!({ "secret": secret }))).await.json();
        assert_eq!((opened["organization_name"].as_str(), opened["has_account"].as_bool()), (Some("Inviting"), Some(false)));
        let short = json!({ "secret": secret, "name": "Fresh", "password": "short" });
        assert_eq!(nobody.send(Operation::InvitationAccept, with(short)).await.status, 422);
        let accept = || json!({ "secret": secret, "name": "Fresh Person", "password": "a long new password" });
        // Somebody else who is signed in cannot take it.
        let thief = app.client("thief@invite.test").await;
        assert_eq!(thief.send(Operation::InvitationAccept, with(accept())).await.status, 409);
        let accepted = nobody.send(Operation::InvitationAccept, with(accept())).await;
        assert_eq!(accepted.status, 200, "{}", accepted.text);
        assert!(accepted.headers.contains_key("set-cookie"));
        assert_eq!(accepted.json()["viewer"]["organizations"][0]["role"], "editor");
        assert_eq!(
            nobody.send(Operation::InvitationOpen, with(json!({ "secret": secret }))).await.status,
            409,
            "a link works once"
        );
    }
}

#[tokio::test]
async fn resent_declined_revoked_and_expired_links() {
    for app in on_each_database(&[]).await {
        let (admin, id) = place(&app).await;
        let open = async |secret: &str| {
            let call = Call { body: Some(json!({ "secret": secret })), ..Call::default() };
            app.anonymous().send(Operation::InvitationOpen, call).await.status
        };
        let there = |invitation| Call { organization: Some(&id), invitation: Some(invitation), ..Call::default() };
        let (first, old): (InvitationId, String) = app.invitation(&id, "again@invite.test", Role::Viewer, &admin.user).await;
        assert_eq!(admin.send(Operation::InvitationResend, there(&first)).await.status, 200);
        assert_eq!((open(&old).await, open(&link(&app, "again@invite.test").await).await), (409, 200));

        let decline = Call { body: Some(json!({ "secret": link(&app, "again@invite.test").await })), ..Call::default() };
        assert_eq!(app.anonymous().send(Operation::InvitationDecline, decline).await.status, 204);
        let list = admin.send(Operation::InvitationList, there(&first)).await.json();
        assert_eq!(list["invitations"][0]["state"], "declined");
        assert_eq!(open(&link(&app, "again@invite.test").await).await, 409);

        let (second, secret) = app.invitation(&id, "gone@invite.test", Role::Viewer, &admin.user).await;
        assert_eq!(admin.send(Operation::InvitationDelete, there(&second)).await.status, 204);
        assert_eq!((open(&secret).await, admin.send(Operation::InvitationDelete, there(&second)).await.status), (409, 404));

        let (third, secret) = app.invitation(&id, "late@invite.test", Role::Viewer, &admin.user).await;
        let mut change = app.store.change().await.unwrap();
        let hash = pulze_console_server::auth::token::hash(&secret);
        store::invitations::renew(&mut change, &id, &third, &hash, 1, 2).await.unwrap();
        change.commit().await.unwrap();
        assert_eq!(open(&secret).await, 409);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn accepted_many_times_at_once_it_makes_one_membership() {
    for app in on_each_database(&[]).await {
        let (admin, id) = place(&app).await;
        let person = app.client("twice@invite.test").await;
        let (_, secret) = app.invitation(&id, "twice@invite.test", Role::Editor, &admin.user).await;
        let mut race = JoinSet::new();
        for _ in 0..8 {
            let (person, secret) = (person.clone(), secret.clone());
            race.spawn(async move {
                let call = Call { body: Some(json!({ "secret": secret })), ..Call::default() };
                person.send(Operation::InvitationAccept, call).await.status
            });
        }
        let mut accepted = 0;
        while let Some(status) = race.join_next().await {
            let status = status.unwrap();
            assert!([200, 409].contains(&status), "{status}");
            accepted += i32::from(status == 200);
        }
        assert_eq!(accepted, 1);
        let members = admin.send(Operation::MemberList, Call { organization: Some(&id), ..Call::default() }).await.json();
        assert_eq!(members["total"], 2);
    }
}
