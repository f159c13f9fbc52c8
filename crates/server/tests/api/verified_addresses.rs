//! An address is a claim until it is proved: what shows and opens by it, what proves it, and who stands behind an
//! invitation.

use crate::test_app::{Call, Client, Reply, TestApp, on_each_database};
use pulze_console_server::store;
use pulze_contract::organization::Plan;
use pulze_contract::space::{SpaceGrant, Visibility};
use pulze_contract::{InvitationId, Operation, OrganizationId, Role, SpaceRole};
use serde_json::{Value, json};

fn with(body: Value) -> Call<'static> {
    Call { body: Some(body), ..Call::default() }
}

fn secret_of(link: &str) -> String {
    link.split_once('#').unwrap().1.split_whitespace().next().unwrap().to_owned()
}

/// What a mail's link carries, of the newest mail to somebody that has such a link.
async fn mailed(app: &TestApp, email: &str, page: &str) -> Option<String> {
    let (_, mails) = store::mails::list(&mut app.store.read().await.unwrap(), 50).await.unwrap();
    let mail = mails.into_iter().find(|mail| mail.recipient == email && mail.text.contains(&format!("/{page}#")))?;
    Some(secret_of(mail.text.split(&format!("/{page}")).nth(1)?))
}

async fn organization(app: &TestApp, name: &str) -> (Client, OrganizationId) {
    let admin = app.client(&format!("admin-{}@own.test", pulze_console_server::new_digits())).await;
    let id = app.organization(name, Plan::Free, &[(&admin.user, Role::Admin)]).await;
    (admin, id)
}

/// Invites by the API; the mail goes into the outbox.
async fn invite(admin: &Client, id: &OrganizationId, email: &str, role: &str) {
    let body = json!({ "rows": [{ "email": email, "role": role }] });
    let reply = admin.send(Operation::InvitationCreate, Call { organization: Some(id), ..with(body) }).await;
    assert_eq!((reply.status, &reply.json()["receipts"][0]["outcome"]["is"]), (200, &json!("new")), "{}", reply.text);
}

async fn invitation_of(app: &TestApp, id: &OrganizationId, email: &str) -> InvitationId {
    let mut db = app.store.read().await.unwrap();
    let found = store::invitations::of_email(&mut db, id, email, pulze_console_server::now()).await.unwrap();
    found.unwrap().invitation.id
}

async fn copied(app: &TestApp, admin: &Client, id: &OrganizationId, email: &str) -> String {
    let invitation = invitation_of(app, id, email).await;
    let call = Call { organization: Some(id), invitation: Some(&invitation), ..Call::default() };
    secret_of(admin.send(Operation::InvitationLink, call).await.json()["link"].as_str().unwrap())
}

fn new_account(secret: &str) -> Call<'static> {
    with(json!({ "secret": secret, "name": "Somebody", "password": "a long new password" }))
}

/// The client whom an answer signed in.
fn signed_in(app: &TestApp, reply: &Reply) -> Client {
    let cookie = reply.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    Client { cookie: Some(cookie), ..app.anonymous() }
}

async fn viewer(client: &Client) -> Value {
    client.send(Operation::SessionRead, Call::default()).await.json()["viewer"].clone()
}

#[tokio::test]
async fn an_account_made_by_a_copied_link_is_not_taken_for_the_owner_of_the_address() {
    for app in on_each_database(&[]).await {
        let (attacker, first) = organization(&app, "First").await;
        let (admin, second) = organization(&app, "Second").await;
        invite(&attacker, &first, "cfo@other.test", "viewer").await;
        let secret = copied(&app, &attacker, &first, "cfo@other.test").await;
        let reply = app.anonymous().send(Operation::InvitationAccept, new_account(&secret)).await;
        assert_eq!(reply.status, 200, "a copied link still makes an account: {}", reply.text);
        let claimed = signed_in(&app, &reply);
        assert_eq!(viewer(&claimed).await["email_verified"], false);
        assert_eq!(claimed.send(Operation::AccountRead, Call::default()).await.json()["email_verified"], false);

        // Another organization invites the address: nothing of that reaches the account.
        invite(&admin, &second, "cfo@other.test", "admin").await;
        let seen = viewer(&claimed).await;
        assert_eq!((&seen["invitations"], seen["organizations"].as_array().unwrap().len()), (&json!([]), 1));
        assert!(!seen.to_string().contains("Second"));
        let invitation = invitation_of(&app, &second, "cfo@other.test").await;
        for operation in [Operation::ReceivedInvitationAccept, Operation::ReceivedInvitationDecline] {
            let reply = claimed.send(operation, Call { invitation: Some(&invitation), ..Call::default() }).await;
            assert_eq!((reply.status, &reply.json()["type"]), (403, &json!("address-unverified")), "{}", operation.id());
        }
        assert_eq!(app.admins(&second).await, 1);

        // Nor does anything that the account can do by itself prove the address: the link goes to the mailbox.
        let reply = claimed.send(Operation::EmailVerificationCreate, Call::default()).await;
        assert_eq!((reply.status, reply.json()), (200, json!({ "delivers": false })));
        let reply = claimed.send(Operation::EmailVerify, with(json!({ "secret": secret }))).await;
        assert_eq!((reply.status, &reply.json()["type"]), (409, &json!("verification-invalid")));
        // The members of the organization see that it is not proved.
        let user = pulze_contract::UserId::parse(seen["user_id"].as_str().unwrap()).unwrap();
        let read = Call { organization: Some(&first), user: Some(&user), ..Call::default() };
        assert_eq!(attacker.send(Operation::MemberRead, read).await.json()["email_verified"], false);
    }
}

#[tokio::test]
async fn the_mailed_link_of_an_invitation_proves_the_address_and_the_copied_one_does_not() {
    for app in on_each_database(&[]).await {
        let (admin, id) = organization(&app, "Here").await;
        // A new account.
        invite(&admin, &id, "new@other.test", "viewer").await;
        copied(&app, &admin, &id, "new@other.test").await;
        let secret = mailed(&app, "new@other.test", "invitation").await.unwrap();
        let reply = app.anonymous().send(Operation::InvitationAccept, new_account(&secret)).await;
        assert_eq!(viewer(&signed_in(&app, &reply)).await["email_verified"], true);
        // An account that is there already.
        for (email, by_mail) in [("one@other.test", true), ("two@other.test", false)] {
            let person = app.unverified_client(email).await;
            invite(&admin, &id, email, "viewer").await;
            let secret =
                if by_mail { mailed(&app, email, "invitation").await.unwrap() } else { copied(&app, &admin, &id, email).await };
            let reply = person.send(Operation::InvitationAccept, with(json!({ "secret": secret }))).await;
            assert_eq!(reply.status, 200, "{}", reply.text);
            assert_eq!(reply.json()["viewer"]["email_verified"], by_mail);
        }
    }
}

#[tokio::test]
async fn an_address_is_verified_by_the_link_in_its_mailbox_from_its_own_account() {
    for app in on_each_database(&[]).await {
        let (admin, id) = organization(&app, "Here").await;
        let person = app.unverified_client("person@other.test").await;
        invite(&admin, &id, "person@other.test", "editor").await;
        assert_eq!(viewer(&person).await["invitations"], json!([]));
        let ask = async || person.send(Operation::EmailVerificationCreate, Call::default()).await.status;
        let verify = async |client: &Client, secret: &str| {
            client.send(Operation::EmailVerify, with(json!({ "secret": secret }))).await.status
        };
        assert_eq!(ask().await, 200);
        let first = mailed(&app, "person@other.test", "verify").await.unwrap();
        assert_eq!(ask().await, 200);
        let second = mailed(&app, "person@other.test", "verify").await.unwrap();
        assert_ne!(first, second);
        // Nobody else's session, no older link, no made-up one; and none of this uses the good one up.
        let other = app.unverified_client("other@other.test").await;
        assert_eq!(verify(&app.anonymous(), &second).await, 401);
        assert_eq!(verify(&other, &second).await, 409);
        assert_eq!((verify(&person, &first).await, verify(&person, "made up").await), (409, 409));
        assert_eq!(viewer(&person).await["email_verified"], false);
        assert_eq!(verify(&person, &second).await, 204);
        let seen = viewer(&person).await;
        assert_eq!(seen["email_verified"], true);
        assert_eq!(seen["invitations"][0]["organization_name"], "Here");
        assert_eq!(verify(&person, &second).await, 409, "a link works once");
        let invitation = InvitationId::parse(seen["invitations"][0]["id"].as_str().unwrap()).unwrap();
        let take = Call { invitation: Some(&invitation), ..Call::default() };
        assert_eq!(person.send(Operation::ReceivedInvitationAccept, take).await.status, 200);
        // Once it is verified there is nothing more to mail.
        let before = app.mails().await.len();
        assert_eq!(ask().await, 200);
        assert_eq!(app.mails().await.len(), before);

        // Too old.
        assert_eq!(other.send(Operation::EmailVerificationCreate, Call::default()).await.status, 200);
        let mut change = app.store.change(store::Tenant::Installation).await.unwrap();
        sqlx::query("UPDATE email_verifications SET expires_at = expires_at - 86400001").execute(&mut *change).await.unwrap();
        change.commit().await.unwrap();
        let late = mailed(&app, "other@other.test", "verify").await.unwrap();
        assert_eq!(verify(&other, &late).await, 409);
        // Nobody's mailbox is filled from here.
        for _ in 0..4 {
            assert_eq!(other.send(Operation::EmailVerificationCreate, Call::default()).await.status, 200);
        }
        let mails = app.mails().await.len();
        assert_eq!(other.send(Operation::EmailVerificationCreate, Call::default()).await.status, 429);
        assert_eq!(app.mails().await.len(), mails);
    }
}

/// How an inviter can stop standing behind what they gave.
#[derive(Clone, Copy, Debug)]
enum Gone {
    Removed,
    Left,
    Demoted,
    RoleEnded,
    /// They are no longer admin of the space that they gave a role in.
    NotInTheSpace,
}

#[tokio::test]
async fn an_invitation_is_as_good_as_the_one_who_sent_it() {
    for app in on_each_database(&[]).await {
        for gone in [Gone::Removed, Gone::Left, Gone::Demoted, Gone::RoleEnded, Gone::NotInTheSpace] {
            let (admin, id) = organization(&app, "Here").await;
            let at = |name: &str| format!("{name}-{}@other.test", pulze_console_server::new_digits());
            let inviter = app.client(&at("inviter")).await;
            app.join(&id, &inviter.user, Role::Admin).await;
            let space = app.space(&id, "Space", Visibility::Invited, &inviter.user).await;
            let spaces = [SpaceGrant { space_id: space.clone(), role: SpaceRole::Viewer }];
            let known = app.client(&at("known")).await;
            let known_email = viewer(&known).await["email"].as_str().unwrap().to_owned();
            let mut invited = Vec::new();
            for email in [at("new"), known_email] {
                let (invitation, secret) = app.invitation(&id, &email, Role::Editor, &inviter.user).await;
                let mut change = app.store.change(store::Tenant::Installation).await.unwrap();
                store::invitations::update(&mut change, &id, &invitation, Role::Editor, &spaces, 0).await.unwrap();
                change.commit().await.unwrap();
                invited.push((invitation, secret));
            }
            assert_eq!(viewer(&known).await["invitations"].as_array().unwrap().len(), 1);

            let member = || Call { organization: Some(&id), user: Some(&inviter.user), ..Call::default() };
            let role = |role: &str, ends: Value| {
                let change = json!({ "user_id": inviter.user, "role": role, "ends": ends });
                Call { body: Some(json!({ "changes": [change] })), ..member() }
            };
            let ahead = || json!({ "at": pulze_console_server::now() + 60_000, "then": "viewer" });
            let status = match gone {
                Gone::Removed => {
                    let call = Call { body: Some(json!({ "hand_over_to": admin.user })), ..member() };
                    admin.send(Operation::MemberDelete, call).await.status
                }
                Gone::Left => inviter.send(Operation::MembershipDelete, member()).await.status,
                Gone::Demoted => admin.send(Operation::MemberUpdate, role("viewer", Value::Null)).await.status,
                Gone::RoleEnded => admin.send(Operation::MemberUpdate, role("admin", ahead())).await.status,
                Gone::NotInTheSpace => {
                    assert_eq!(admin.send(Operation::MemberUpdate, role("editor", Value::Null)).await.status, 200);
                    let body = json!({ "changes": [{ "user_id": inviter.user, "role": "editor" }] });
                    let call = Call { organization: Some(&id), space: Some(&space), ..with(body) };
                    admin.send(Operation::SpaceMembersUpdate, call).await.status
                }
            };
            assert!([200, 204].contains(&status), "{gone:?}: {status}");
            if matches!(gone, Gone::RoleEnded) {
                let mut change = app.store.change(store::Tenant::Installation).await.unwrap();
                sqlx::query("UPDATE memberships SET ends_at = 1 WHERE ends_at > 0").execute(&mut *change).await.unwrap();
                change.commit().await.unwrap();
            }

            let refused =
                |reply: Reply| assert_eq!((reply.status, &reply.json()["type"]), (409, &json!("inviter-gone")), "{gone:?}");
            let ((first, secret), (second, known_secret)) = (&invited[0], &invited[1]);
            refused(app.anonymous().send(Operation::InvitationOpen, with(json!({ "secret": secret }))).await);
            refused(app.anonymous().send(Operation::InvitationAccept, new_account(secret)).await);
            refused(known.send(Operation::InvitationAccept, with(json!({ "secret": known_secret }))).await);
            refused(known.send(Operation::ReceivedInvitationAccept, Call { invitation: Some(second), ..Call::default() }).await);
            assert_eq!(viewer(&known).await["invitations"], json!([]));
            let read = |invitation| Call { organization: Some(&id), invitation: Some(invitation), ..Call::default() };
            let seen = admin.send(Operation::InvitationRead, read(first)).await.json();
            assert_eq!((&seen["backed"], &seen["manageable"]), (&json!(false), &json!(true)), "{gone:?}");

            // Somebody who can grant it copies a link, or sends it again: they stand behind it now.
            let link = admin.send(Operation::InvitationLink, read(first)).await.json()["link"].as_str().unwrap().to_owned();
            let reply = app.anonymous().send(Operation::InvitationAccept, new_account(&secret_of(&link))).await;
            assert_eq!(reply.status, 200, "{gone:?}: {}", reply.text);
            assert_eq!(admin.send(Operation::InvitationResend, read(second)).await.status, 200);
            assert_eq!(admin.send(Operation::InvitationRead, read(second)).await.json()["backed"], true);
            let reply =
                known.send(Operation::ReceivedInvitationAccept, Call { invitation: Some(second), ..Call::default() }).await;
            assert_eq!(reply.status, 200, "{gone:?}: {}", reply.text);
        }
    }
}

/// What somebody could still give stays good, and an answer that takes nothing is always taken.
#[tokio::test]
async fn a_demotion_takes_back_no_more_than_it_has_to() {
    for app in on_each_database(&[]).await {
        let (admin, id) = organization(&app, "Here").await;
        let inviter = app.client("inviter@other.test").await;
        app.join(&id, &inviter.user, Role::Admin).await;
        let (_, viewers) = app.invitation(&id, "viewer@other.test", Role::Viewer, &inviter.user).await;
        let (_, editors) = app.invitation(&id, "editor@other.test", Role::Editor, &inviter.user).await;
        let body = json!({ "changes": [{ "user_id": inviter.user, "role": "viewer" }] });
        let call = Call { organization: Some(&id), ..with(body) };
        assert_eq!(admin.send(Operation::MemberUpdate, call).await.status, 200);
        let reply = app.anonymous().send(Operation::InvitationAccept, new_account(&viewers)).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let reply = app.anonymous().send(Operation::InvitationAccept, new_account(&editors)).await;
        assert_eq!(reply.json()["type"], "inviter-gone");
        let reply = app.anonymous().send(Operation::InvitationDecline, with(json!({ "secret": editors }))).await;
        assert_eq!(reply.status, 204);
    }
}

#[tokio::test]
async fn only_a_person_counts_as_having_opened_an_invitation() {
    for app in on_each_database(&[]).await {
        let (admin, id) = organization(&app, "Here").await;
        let (invitation, secret) = app.invitation(&id, "new@other.test", Role::Viewer, &admin.user).await;
        let opened_at = async || {
            let call = Call { organization: Some(&id), invitation: Some(&invitation), ..Call::default() };
            admin.send(Operation::InvitationRead, call).await.json()["opened_at"].clone()
        };
        // What looks at links in mails fetches the page, and runs it.
        app.get("/invitation").await;
        let body = || with(json!({ "secret": secret }));
        for _ in 0..3 {
            assert_eq!(app.anonymous().send(Operation::InvitationOpen, body()).await.status, 200);
        }
        assert_eq!(opened_at().await, Value::Null);
        assert_eq!(app.anonymous().send(Operation::InvitationSeen, with(json!({ "secret": "made up" }))).await.status, 409);
        assert_eq!(app.anonymous().send(Operation::InvitationSeen, body()).await.status, 204);
        let first = opened_at().await;
        assert!(first.is_i64());
        assert_eq!(app.anonymous().send(Operation::InvitationSeen, body()).await.status, 204);
        assert_eq!(opened_at().await, first);
        // Whoever declines has opened it.
        let (declined, secret) = app.invitation(&id, "no@other.test", Role::Viewer, &admin.user).await;
        let body = with(json!({ "secret": secret }));
        assert_eq!(app.anonymous().send(Operation::InvitationDecline, body).await.status, 204);
        let call = Call { organization: Some(&id), invitation: Some(&declined), ..Call::default() };
        assert!(admin.send(Operation::InvitationRead, call).await.json()["opened_at"].is_i64());
    }
}
