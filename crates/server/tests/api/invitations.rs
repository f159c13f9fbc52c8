//! Invitations from the paste to the membership.

use crate::test_app::{Call, Client, TestApp, on_each_database};
use pulze_console_server::{now, store};
use pulze_contract::organization::Plan;
use pulze_contract::space::Visibility;
use pulze_contract::{InvitationId, Operation, OrganizationId, Role, SpaceId};
use serde_json::{Value, json};
use tokio::task::JoinSet;

const DAY_MS: i64 = 86_400_000;

async fn place(app: &TestApp) -> (Client, OrganizationId) {
    let admin = app.client("admin@invite.test").await;
    let id = app.organization("Inviting", Plan::Free, &[(&admin.user, Role::Admin)]).await;
    (admin, id)
}

/// The secret of the newest mail to somebody.
async fn link(app: &TestApp, email: &str) -> String {
    let (_, mails) = store::mails::list(&mut app.store.read().await.unwrap(), 50).await.unwrap();
    let mail = mails.into_iter().find(|mail| mail.recipient == email).unwrap();
    mail.text.split("/invitation#").nth(1).unwrap().split_whitespace().next().unwrap().to_owned()
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
        let pending = || Call { organization: Some(&id), query: "?status=pending", ..Call::default() };
        let list = async || admin.send(Operation::MemberList, pending()).await.json();
        let checked = admin.send(Operation::InvitationCheck, call("checked-once")).await;
        assert_eq!(outcomes(checked.json()), expected);
        assert_eq!(list().await["total"], 1, "a dry run sends nothing");
        let sent = admin.send(Operation::InvitationCreate, call("sent-once")).await;
        assert_eq!(outcomes(sent.json()), expected);
        let again = admin.send(Operation::InvitationCreate, call("sent-once")).await;
        assert!(!sent.headers.contains_key("idempotent-replayed") && again.headers["idempotent-replayed"] == "true");
        assert_eq!(outcomes(again.json()), expected, "asked again, the receipts are the same");
        assert_eq!(list().await["total"], 2);
        let (mails, _) = store::mails::list(&mut app.store.read().await.unwrap(), 50).await.unwrap();
        assert_eq!(mails, 1, "one mail, whatever the number of requests");
    }
}

#[tokio::test]
async fn a_pasted_list_invites_its_addresses_and_raises_nobody() {
    for app in on_each_database(&[]).await {
        let (admin, id) = place(&app).await;
        let editor = app.client("editor@invite.test").await;
        app.join(&id, &editor.user, Role::Editor).await;
        let may = Call { organization: Some(&id), body: Some(json!({ "editors_may_invite": true })), ..Call::default() };
        assert_eq!(admin.send(Operation::OrganizationUpdate, may).await.status, 200);
        let check = async |client: &Client, pasted: Value| {
            let call = Call { organization: Some(&id), body: Some(json!({ "pasted": pasted })), ..Call::default() };
            client.send(Operation::InvitationCheck, call).await
        };
        let told = |reply: &Value| {
            let receipts = reply["receipts"].as_array().unwrap().iter();
            let told = |receipt: &Value| {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                format!("{} {} {}", text(&receipt["email"]), text(&receipt["role"]), text(&receipt["outcome"]["is"]))
            };
            receipts.map(told).collect::<Vec<_>>()
        };
        let list =
            "Muster, Erika <erika@case1.test>; Admin, Otto (Admin) <otto@case1.test>; 'wei@case1.test' <wei@case1.test>;\n";
        let reply = check(&admin, json!({ "text": list, "role": "viewer" })).await;
        assert_eq!(
            told(&reply.json()),
            ["erika@case1.test viewer new", "otto@case1.test viewer new", "wei@case1.test viewer new"]
        );
        // A column that says so gives a role, but none above the caller's.
        let table =
            "Name;E-Mail;Rolle\nErika Admin;erika@case1.test;Bearbeiter\nOtto;otto@case1.test;Admin\nAnn;ann@case1.test;Chef";
        let rows = |otto: &str| {
            let ann = "Ann, ann@case1.test, Chef viewer invalid".to_owned();
            vec!["erika@case1.test editor new".to_owned(), format!("otto@case1.test {otto} new"), ann]
        };
        for (client, otto) in [(&admin, "admin"), (&editor, "editor")] {
            let reply = check(client, json!({ "text": table, "role": "viewer" })).await;
            assert_eq!(told(&reply.json()), rows(otto), "{}", reply.text);
        }
        // Which column is it?
        let columns = "Name,Work email,Private email\nAda,ada@work.test,ada@home.test";
        let asked = check(&admin, json!({ "text": columns, "role": "editor" })).await.json();
        let expected = json!([
            { "column": 1, "name": "Work email", "example": "ada@work.test", "addresses": 1 },
            { "column": 2, "name": "Private email", "example": "ada@home.test", "addresses": 1 },
        ]);
        assert_eq!((&asked["columns"], &asked["receipts"]), (&expected, &json!([])));
        let answered = check(&admin, json!({ "text": columns, "role": "editor", "column": 2 })).await;
        assert_eq!(told(&answered.json()), ["ada@home.test editor new"]);
        // What cannot be checked is told by its field.
        let many = (0..201).map(|number| format!("p{number}@b.test")).collect::<Vec<_>>().join(";");
        for (pasted, field, rule) in [
            (json!({ "text": " \n", "role": "viewer" }), "pasted.text", "required"),
            (json!({ "text": many, "role": "viewer" }), "pasted.text", "too_many"),
            (json!({ "text": columns, "role": "viewer", "column": 7 }), "pasted.column", "unknown"),
        ] {
            let refused = check(&admin, pasted).await;
            let error = &refused.json()["errors"][0];
            assert_eq!((refused.status, &error["field"], &error["rule"]), (422, &json!(field), &json!(rule)));
        }
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
        assert_eq!(admin.send(Operation::InvitationRead, there(&first)).await.json()["state"], "declined");
        let list = Call { organization: Some(&id), query: "?status=declined", ..Call::default() };
        assert_eq!(admin.send(Operation::MemberList, list).await.json()["entries"][0]["email"], "again@invite.test");
        assert_eq!(open(&link(&app, "again@invite.test").await).await, 409);

        let (second, secret) = app.invitation(&id, "gone@invite.test", Role::Viewer, &admin.user).await;
        assert_eq!(admin.send(Operation::InvitationDelete, there(&second)).await.status, 204);
        assert_eq!((open(&secret).await, admin.send(Operation::InvitationDelete, there(&second)).await.status), (409, 404));

        let (third, secret) = app.invitation(&id, "late@invite.test", Role::Viewer, &admin.user).await;
        let mut change = app.store.change(store::Tenant::Installation).await.unwrap();
        let hash = pulze_console_server::auth::token::hash(&secret);
        store::invitations::renew(&mut change, &id, &third, &hash, 1, 2).await.unwrap();
        change.commit().await.unwrap();
        assert_eq!(open(&secret).await, 409);
    }
}

#[tokio::test]
async fn what_an_invitation_gives_is_there_after_the_acceptance() {
    for app in on_each_database(&[]).await {
        let (admin, id) = place(&app).await;
        let (research, board) = (
            app.space(&id, "Research", Visibility::Invited, &admin.user).await,
            app.space(&id, "Board", Visibility::Invited, &admin.user).await,
        );
        let ends_at = now() + 30 * DAY_MS;
        let spaces = json!([{ "space_id": research, "role": "editor" }, { "space_id": board, "role": "viewer" }]);
        let row = json!({ "email": "guest@invite.test", "role": "viewer", "spaces": spaces, "ends_at": ends_at });
        let call = |body: Value| Call { organization: Some(&id), body: Some(body), ..Call::default() };
        assert_eq!(admin.send(Operation::InvitationCreate, call(json!({ "rows": [row] }))).await.status, 200);
        // The list shows it by its space; a space that is gone is not granted.
        let query = format!("?space={board}");
        let list = Call { organization: Some(&id), query: &query, ..Call::default() };
        let list = admin.send(Operation::MemberList, list).await.json();
        assert_eq!(list["entries"][1]["space_names"], json!(["Board", "Research"]), "{list}");
        let delete = Call { space: Some(&board), ..call(json!({ "confirm_name": "Board" })) };
        assert_eq!(admin.send(Operation::SpaceDelete, delete).await.status, 204);
        // The invited finds it in the session, and nobody else can take it by its identifier.
        let guest = app.client("guest@invite.test").await;
        let session = guest.send(Operation::SessionRead, Call::default()).await.json();
        let received = &session["viewer"]["invitations"][0];
        assert_eq!((&received["organization_name"], &received["space_names"]), (&json!("Inviting"), &json!(["Research"])));
        let invitation = InvitationId::parse(received["id"].as_str().unwrap()).unwrap();
        let take = Call { invitation: Some(&invitation), ..Call::default() };
        let thief = app.client("thief@invite.test").await;
        assert_eq!(thief.send(Operation::ReceivedInvitationAccept, take.clone()).await.status, 409);
        let accepted = guest.send(Operation::ReceivedInvitationAccept, take.clone()).await;
        assert_eq!(accepted.json()["viewer"]["organizations"][0]["id"], json!(id));
        assert_eq!(guest.send(Operation::ReceivedInvitationAccept, take).await.status, 409);
        let member = Call { organization: Some(&id), user: Some(&guest.user), ..Call::default() };
        let member = admin.send(Operation::MemberRead, member).await.json();
        assert_eq!(member["ends"], json!({ "at": ends_at, "then": null }));
        assert_eq!(
            (&member["spaces_entered"][0]["name"], &member["spaces_entered"][0]["role"]),
            (&json!("Research"), &json!("editor"))
        );
    }
}

#[tokio::test]
async fn the_seats_are_counted_with_pending_invitations() {
    for app in on_each_database(&[]).await {
        let (admin, id) = place(&app).await;
        let mut change = app.store.change(store::Tenant::Installation).await.unwrap();
        assert!(store::organizations::set_seats(&mut change, &id, 3).await.unwrap());
        change.commit().await.unwrap();
        let (late, _) = app.invitation(&id, "late@invite.test", Role::Viewer, &admin.user).await;
        let rows = json!([{ "email": "one@invite.test", "role": "viewer" }, { "email": "two@invite.test", "role": "viewer" }]);
        let call = || Call { organization: Some(&id), body: Some(json!({ "rows": rows })), ..Call::default() };
        let sent = admin.send(Operation::InvitationCreate, call()).await.json();
        assert_eq!(sent["seats"], json!({ "taken": 2, "limit": 3 }));
        assert_eq!(
            (&sent["receipts"][0]["outcome"]["is"], &sent["receipts"][1]["outcome"]["is"]),
            (&json!("new"), &json!("no_seat"))
        );
        // One that expired holds no seat, and cannot take one back while all are taken.
        app.pass(61_000).await;
        let again = admin.send(Operation::InvitationCreate, call()).await.json();
        assert_eq!(again["receipts"][1]["outcome"]["is"], "new");
        let resend = Call { organization: Some(&id), invitation: Some(&late), ..Call::default() };
        assert_eq!(admin.send(Operation::InvitationResend, resend).await.json()["type"], "no-seat");
    }
}

#[tokio::test]
async fn a_copied_link_stands_beside_the_mailed_one() {
    for app in on_each_database(&[]).await {
        let (admin, id) = place(&app).await;
        let (invitation, mailed) = app.invitation(&id, "copy@invite.test", Role::Viewer, &admin.user).await;
        let there = || Call { organization: Some(&id), invitation: Some(&invitation), ..Call::default() };
        let open = async |secret: &str| {
            let call = Call { body: Some(json!({ "secret": secret })), ..Call::default() };
            app.anonymous().send(Operation::InvitationOpen, call).await.status
        };
        let copy = async || {
            let link = admin.send(Operation::InvitationLink, there()).await.json()["link"].as_str().unwrap().to_owned();
            link.split_once('#').unwrap().1.to_owned()
        };
        let first = copy().await;
        assert_eq!((open(&mailed).await, open(&first).await), (200, 200));
        let second = copy().await;
        assert_eq!((open(&mailed).await, open(&first).await, open(&second).await), (200, 409, 200));
        // Sent again, only the newest mail counts.
        admin.send(Operation::InvitationResend, there()).await;
        assert_eq!((open(&mailed).await, open(&second).await), (409, 409));
    }
}

#[tokio::test]
async fn editors_invite_where_they_may_and_never_above_themselves() {
    for app in on_each_database(&[]).await {
        let (admin, id) = place(&app).await;
        let editor = app.client("editor@invite.test").await;
        let mut change = app.store.change(store::Tenant::Installation).await.unwrap();
        store::members::insert(&mut change, &id, &editor.user, Role::Editor, now()).await.unwrap();
        change.commit().await.unwrap();
        let (mine, other) = (
            app.space(&id, "Mine", Visibility::Invited, &editor.user).await,
            app.space(&id, "Other", Visibility::Organization, &admin.user).await,
        );
        let invite = async |row: Value| {
            let call = Call { organization: Some(&id), body: Some(json!({ "rows": [row] })), ..Call::default() };
            editor.send(Operation::InvitationCreate, call).await.status
        };
        let viewer = json!({ "email": "a@invite.test", "role": "viewer" });
        assert_eq!(invite(viewer.clone()).await, 403);
        let allow = Call { organization: Some(&id), body: Some(json!({ "editors_may_invite": true })), ..Call::default() };
        assert_eq!(admin.send(Operation::OrganizationUpdate, allow).await.status, 200);
        assert_eq!(invite(viewer).await, 200);
        assert_eq!(invite(json!({ "email": "b@invite.test", "role": "admin" })).await, 403);
        let with = |space: &SpaceId| json!({ "email": "c@invite.test", "role": "editor", "spaces": [{ "space_id": space, "role": "admin" }] });
        assert_eq!((invite(with(&other)).await, invite(with(&mine)).await), (422, 200));
        let list = Call { organization: Some(&id), query: "?status=pending", ..Call::default() };
        assert_eq!(editor.send(Operation::MemberList, list.clone()).await.json()["total"], 2);
        assert_eq!(editor.send(Operation::MemberUpdate, Call { body: Some(json!({ "changes": [] })), ..list }).await.status, 403);
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
