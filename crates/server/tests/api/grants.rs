//! Nobody gives more than they hold: every operation on an invitation × who asks × what it gives, and the other ways to
//! give somebody a role.

use crate::test_app::{Call, Client, TestApp, on_each_database};
use pulze_console_server::store;
use pulze_contract::organization::Plan;
use pulze_contract::space::{SpaceGrant, Visibility};
use pulze_contract::{InvitationId, Operation, OrganizationId, Role, SpaceId, SpaceRole};
use serde_json::{Value, json};

/// What an invitation gives in spaces.
#[derive(Clone, Copy, Debug, PartialEq)]
enum InSpaces {
    Nothing,
    /// In the one where the asking person is space admin.
    Mine,
    /// In the one where only the organization's admins are.
    Others,
}

/// An organization with somebody of each role, who is admin of a space of their own.
struct Place {
    id: OrganizationId,
    people: Vec<(Role, Client, SpaceId)>,
    others: SpaceId,
    admin: Client,
}

async fn place(app: &TestApp, editors_may_invite: bool) -> Place {
    let address = |name: &str| format!("{name}-{}@grants.test", pulze_console_server::new_digits());
    let admin = app.client(&address("admin")).await;
    let id = app.organization("Grants", Plan::Free, &[(&admin.user, Role::Admin)]).await;
    let mut people = Vec::new();
    for role in Role::ALL {
        let client = app.client(&address(role.as_str())).await;
        app.join(&id, &client.user, role).await;
        let space = app.space(&id, &format!("Of the {}", role.as_str()), Visibility::Invited, &client.user).await;
        people.push((role, client, space));
    }
    let others = app.space(&id, "Of others", Visibility::Organization, &admin.user).await;
    let body = json!({ "editors_may_invite": editors_may_invite });
    let call = Call { organization: Some(&id), body: Some(body), ..Call::default() };
    assert_eq!(admin.send(Operation::OrganizationUpdate, call).await.status, 200);
    Place { id, people, others, admin }
}

/// An invitation by the admin, with its secret.
async fn invited(app: &TestApp, place: &Place, role: Role, spaces: &[SpaceGrant]) -> (InvitationId, String) {
    let email = format!("{}@grants.test", pulze_console_server::new_digits());
    let (id, secret) = app.invitation(&place.id, &email, role, &place.admin.user).await;
    let mut change = app.store.change(store::Tenant::Installation).await.unwrap();
    store::invitations::update(&mut change, &place.id, &id, role, spaces, 0).await.unwrap();
    change.commit().await.unwrap();
    (id, secret)
}

/// What an admin sees of an invitation, and whether its mailed link still leads to it.
async fn stands(app: &TestApp, place: &Place, id: &InvitationId, secret: &str) -> (Value, u16) {
    let call = Call { organization: Some(&place.id), invitation: Some(id), ..Call::default() };
    let read = place.admin.send(Operation::InvitationRead, call).await.json();
    let call = Call { body: Some(json!({ "secret": secret })), ..Call::default() };
    let opened = app.anonymous().send(Operation::InvitationOpen, call).await.status;
    (json!([read["role"], read["spaces"], read["state"], read["expires_at"]]), opened)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_on_an_invitation_is_for_those_who_could_give_what_it_gives() {
    for app in on_each_database(&[]).await {
        let mut cells = 0;
        for editors_may_invite in [false, true] {
            let place = place(&app, editors_may_invite).await;
            for (own, person, mine) in &place.people {
                let invites = *own == Role::Admin || (*own == Role::Editor && editors_may_invite);
                for (role, in_spaces) in Role::ALL
                    .into_iter()
                    .flat_map(|role| [InSpaces::Nothing, InSpaces::Mine, InSpaces::Others].map(|spaces| (role, spaces)))
                {
                    let spaces = match in_spaces {
                        InSpaces::Nothing => Vec::new(),
                        InSpaces::Mine => vec![SpaceGrant { space_id: mine.clone(), role: SpaceRole::Admin }],
                        InSpaces::Others => vec![SpaceGrant { space_id: place.others.clone(), role: SpaceRole::Viewer }],
                    };
                    let could_in = *own == Role::Admin || in_spaces != InSpaces::Others;
                    let could = role <= *own && could_in;
                    // Written down without the server's code: what each operation answers.
                    let expect = |good: u16| match (invites, could) {
                        (false, _) | (true, false) => 403,
                        (true, true) => good,
                    };
                    let what = format!("{own:?} on {role:?} with {in_spaces:?}, editors may invite: {editors_may_invite}");
                    let ask = async |operation: Operation, id: &InvitationId, body: Option<Value>| {
                        let call = Call { organization: Some(&place.id), invitation: Some(id), body, ..Call::default() };
                        person.send(operation, call).await
                    };

                    let row = json!({ "email": format!("{}@grants.test", pulze_console_server::new_digits()), "role": role, "spaces": spaces });
                    // A role above one's own is refused; a space beyond reach is not known, whether it is there or not.
                    let sends = match (invites, role <= *own, could_in) {
                        (false, ..) | (true, false, _) => 403,
                        (true, true, false) => 422,
                        (true, true, true) => 200,
                    };
                    for operation in [Operation::InvitationCheck, Operation::InvitationCreate] {
                        // Beside one that is good: all or none.
                        let rows = json!({ "rows": [{ "email": format!("{}@grants.test", pulze_console_server::new_digits()), "role": "viewer" }, row] });
                        let call = Call { organization: Some(&place.id), body: Some(rows), ..Call::default() };
                        assert_eq!(person.send(operation, call).await.status, sends, "{} by {what}", operation.id());
                    }

                    let (id, secret) = invited(&app, &place, role, &spaces).await;
                    let before = stands(&app, &place, &id, &secret).await;
                    let read = ask(Operation::InvitationRead, &id, None).await;
                    assert_eq!(read.status, if invites { 200 } else { 403 }, "{what}");
                    if invites {
                        assert_eq!(read.json()["manageable"], could, "{what}");
                    }
                    for wanted in Role::ALL {
                        let (id, _) = invited(&app, &place, role, &spaces).await;
                        let body = json!({ "role": wanted, "spaces": spaces });
                        let status = ask(Operation::InvitationUpdate, &id, Some(body)).await.status;
                        assert_eq!(status, if wanted <= *own { expect(204) } else { 403 }, "to {wanted:?} by {what}");
                    }
                    // Spaces taken away do not make it theirs.
                    let (fewer, _) = invited(&app, &place, role, &spaces).await;
                    let body = json!({ "role": "viewer", "spaces": [] });
                    assert_eq!(ask(Operation::InvitationUpdate, &fewer, Some(body)).await.status, expect(204), "{what}");

                    for (operation, good) in
                        [(Operation::InvitationLink, 200), (Operation::InvitationResend, 200), (Operation::InvitationDelete, 204)]
                    {
                        let (id, secret) = invited(&app, &place, role, &spaces).await;
                        let reply = ask(operation, &id, None).await;
                        assert_eq!(reply.status, expect(good), "{} by {what}: {}", operation.id(), reply.text);
                        if reply.status == 403 {
                            let after = stands(&app, &place, &id, &secret).await;
                            assert_eq!((&after.0[0], &after.0[1], after.1), (&before.0[0], &before.0[1], 200), "{what}");
                        }
                        cells += 1;
                    }
                    // One that is over gives as much as before, once it is sent again.
                    let (id, secret) = invited(&app, &place, role, &spaces).await;
                    let decline = Call { body: Some(json!({ "secret": secret })), ..Call::default() };
                    assert_eq!(app.anonymous().send(Operation::InvitationDecline, decline).await.status, 204);
                    assert_eq!(ask(Operation::InvitationLink, &id, None).await.status, expect(409), "declined: {what}");
                    assert_eq!(ask(Operation::InvitationResend, &id, None).await.status, expect(200), "declined: {what}");
                    assert_eq!(ask(Operation::InvitationDelete, &id, None).await.status, expect(204), "declined: {what}");
                }
            }
        }
        println!("{cells} cells");
    }
}

/// The fault that was reported: an editor took the link of an admin's invitation, and was admin.
#[tokio::test]
async fn an_editor_becomes_no_admin_by_an_invitation() {
    for app in on_each_database(&[]).await {
        let place = place(&app, true).await;
        let (_, editor, _) = place.people.iter().find(|(role, ..)| *role == Role::Editor).unwrap();
        let (id, _) = invited(&app, &place, Role::Admin, &[]).await;
        let admins = app.admins(&place.id).await;
        let call = || Call { organization: Some(&place.id), invitation: Some(&id), ..Call::default() };
        for operation in [Operation::InvitationLink, Operation::InvitationResend] {
            let reply = editor.send(operation, call()).await;
            assert_eq!((reply.status, reply.json()["type"].as_str()), (403, Some("forbidden")));
            assert!(!reply.text.contains("/invitation#"));
        }
        assert!(app.mails().await.is_empty(), "nothing was sent");
        assert_eq!(app.admins(&place.id).await, admins);
        // Whoever could have given it takes its link as before.
        assert_eq!(place.admin.send(Operation::InvitationLink, call()).await.status, 200);
    }
}

#[tokio::test]
async fn templates_are_listed_for_those_who_could_give_what_they_give() {
    for app in on_each_database(&[]).await {
        let place = place(&app, true).await;
        let (_, editor, mine) = place.people.iter().find(|(role, ..)| *role == Role::Editor).unwrap();
        let templates = [
            ("Viewer", json!({ "role": "viewer" }), true),
            ("Admin", json!({ "role": "admin" }), false),
            ("Mine", json!({ "role": "editor", "spaces": [{ "space_id": mine, "role": "admin" }] }), true),
            ("Others", json!({ "role": "viewer", "spaces": [{ "space_id": place.others, "role": "viewer" }] }), false),
        ];
        for (name, mut body, _) in templates.clone() {
            body["name"] = json!(name);
            let call = Call { organization: Some(&place.id), body: Some(body), ..Call::default() };
            let reply = place.admin.send(Operation::AccessTemplateCreate, call).await;
            assert_eq!(reply.status, 201, "{}", reply.text);
        }
        let names = async |client: &Client| {
            let call = Call { organization: Some(&place.id), ..Call::default() };
            let list = client.send(Operation::AccessTemplateList, call).await.json();
            let mut names: Vec<String> =
                list["templates"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect();
            names.sort();
            assert_eq!(list["total"], names.len());
            names
        };
        assert_eq!(names(&place.admin).await, ["Admin", "Mine", "Others", "Viewer"]);
        assert_eq!(names(editor).await, ["Mine", "Viewer"]);
    }
}

/// Roles in a space: by the space's own admins and the organization's, and by nobody else.
#[tokio::test]
async fn roles_in_a_space_are_given_by_its_admins_alone() {
    for app in on_each_database(&[]).await {
        let place = place(&app, true).await;
        let somebody = app.client("somebody@grants.test").await;
        app.join(&place.id, &somebody.user, Role::Viewer).await;
        for own in SpaceRole::ALL {
            let space = app.space(&place.id, &format!("Space {own:?}"), Visibility::Invited, &place.admin.user).await;
            let (_, editor, _) = place.people.iter().find(|(role, ..)| *role == Role::Editor).unwrap();
            app.grant(&place.id, &space, &editor.user, own).await;
            for wanted in SpaceRole::ALL {
                let body = json!({ "changes": [{ "user_id": somebody.user, "role": wanted }] });
                let call = Call { organization: Some(&place.id), space: Some(&space), body: Some(body), ..Call::default() };
                let status = editor.send(Operation::SpaceMembersUpdate, call.clone()).await.status;
                assert_eq!(status, if own == SpaceRole::Admin { 200 } else { 403 }, "{wanted:?} by {own:?}");
                assert_eq!(editor.send(Operation::AccessUpdate, call).await.status, 403, "the grid is for admins");
            }
        }
    }
}
