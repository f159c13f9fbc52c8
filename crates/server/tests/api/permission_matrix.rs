//! Every operation × every kind of caller × own, foreign and unknown organization.

use crate::provider::{StandIn, png};
use crate::test_app::{Call, Client, TestApp, on_each_database};
use pulze_contract::api_key::ApiKeyContent;
use pulze_contract::operation::{Access, Method};
use pulze_contract::organization::Plan;
use pulze_contract::resource::brought_along;
use pulze_contract::space::Visibility;
use pulze_contract::{AssistantId, InvitationId, Operation, OrganizationId, ResourceKind, Role, SpaceRole, UserId};
use serde_json::{Value, json};
use std::collections::HashSet;

const PASSWORD: &str = "correct horse battery";

struct Caller {
    name: &'static str,
    client: Client,
    /// The role in the organization of the fixture.
    role: Option<Role>,
    /// The role in the foreign organization.
    foreign_role: Option<Role>,
}

struct Fixture {
    callers: Vec<Caller>,
    others: [UserId; 2],
}

async fn fixture(app: &TestApp) -> Fixture {
    let hash = pulze_console_server::auth::password::hash(PASSWORD.to_owned()).await.unwrap();
    let mut callers = vec![Caller { name: "anonymous", client: app.anonymous(), role: None, foreign_role: None }];
    for (name, role, foreign_role) in [
        ("non-member", None, None),
        ("viewer", Some(Role::Viewer), None),
        ("editor", Some(Role::Editor), None),
        ("admin", Some(Role::Admin), None),
        ("admin of another", None, Some(Role::Admin)),
        ("installation", None, None),
    ] {
        let client = app.client(&format!("{name}@matrix.test")).await;
        app.set_password(&client.user, &hash).await;
        callers.push(Caller { name, client, role, foreign_role });
    }
    let others = [app.client("other-admin@matrix.test").await.user, app.client("other-viewer@matrix.test").await.user];
    app.person_with_password("password@matrix.test", PASSWORD).await;
    Fixture { callers, others }
}

/// A new organization for a cell, so that no cell meets what another one did.
async fn organization(app: &TestApp, fixture: &Fixture, foreign: bool, plan: Plan) -> OrganizationId {
    let mut members = vec![(&fixture.others[0], Role::Admin), (&fixture.others[1], Role::Viewer)];
    for caller in &fixture.callers {
        let role = if foreign { caller.foreign_role } else { caller.role };
        members.extend(role.map(|role| (&caller.client.user, role)));
    }
    app.organization("Matrix", plan, &members).await
}

pub fn body(operation: Operation, user: &UserId) -> Option<Value> {
    match operation {
        Operation::SessionCreate => Some(json!({ "email": "password@matrix.test", "password": PASSWORD })),
        Operation::SessionConfirm => Some(json!({ "password": PASSWORD })),
        Operation::PasswordUpdate => Some(json!({ "current": PASSWORD, "new": PASSWORD })),
        Operation::AccountUpdate => Some(json!({ "name": "Changed" })),
        Operation::OrganizationCreate => Some(json!({ "name": "New" })),
        Operation::OrganizationUpdate => Some(json!({ "name": "Changed" })),
        Operation::OrganizationDelete => Some(json!({ "confirm_name": "Matrix" })),
        Operation::MemberUpdate => Some(json!({ "changes": [{ "user_id": user, "role": "editor" }] })),
        Operation::InvitationCheck | Operation::InvitationCreate => {
            Some(json!({ "rows": [{ "email": "somebody@else.test", "role": "viewer" }] }))
        }
        Operation::InvitationUpdate => Some(json!({ "role": "editor" })),
        Operation::AccessTemplateCreate | Operation::AccessTemplateUpdate => Some(json!({ "name": "New", "role": "viewer" })),
        Operation::SpaceCreate => Some(json!({ "name": "New" })),
        Operation::SpaceUpdate => Some(json!({ "name": "Changed" })),
        Operation::SpaceDelete => Some(json!({ "confirm_name": "Space" })),
        Operation::SpaceMembersUpdate => Some(json!({ "changes": [{ "user_id": user, "role": "editor" }] })),
        Operation::SpaceSettingsUpdate => Some(json!({ "setting": "router", "value": "pulze-v0.1" })),
        Operation::ModelCheck | Operation::ModelUpdate => Some(json!({ "ids": ["openai/gpt-4"], "enabled": false })),
        Operation::ModelCreate => {
            Some(json!({ "name": "new", "context_window": 1, "max_output_tokens": 1, "input_price": 0, "output_price": 0 }))
        }
        Operation::RouterCheck | Operation::RouterSwitch => Some(json!({ "ids": ["pulze-v1.0"], "enabled": true })),
        Operation::RouterCreate => Some(json!({ "name": "New", "strategy": { "is": "fastest" } })),
        Operation::RouterUpdate => Some(json!({ "content": { "name": "Changed", "strategy": { "is": "fastest" } } })),
        Operation::ApiKeyCreate => Some(json!({
            "name": "New", "scopes": { "chat_completions": "read" }, "expires_at": pulze_console_server::now() + 86_400_000
        })),
        Operation::ApiKeyUpdate => Some(json!({
            "content": { "name": "Changed", "scopes": { "chat_completions": "read" }, "expires_at": pulze_console_server::now() + 86_400_000 }
        })),
        Operation::ApiKeyRotate => Some(json!({ "overlap_hours": 1 })),
        Operation::ApiKeyPolicyUpdate => Some(json!({ "may_never_expire": true, "days_max": null })),
        Operation::ApiKeyVerify => {
            Some(json!({ "key": "pk_not_a_key", "scope": "chat_completions", "level": "write" }))
        }
        Operation::AssistantCreate => Some(json!({ "name": "New" })),
        Operation::AssistantUpdate => Some(json!({ "content": { "name": "Changed" } })),
        Operation::ToolCreate => Some(
            json!({ "kind": "mcp", "content": { "name": "New", "settings": { "endpoint": "https://mcp.example.com" } } }),
        ),
        Operation::ToolUpdate => {
            Some(json!({ "name": "Changed", "settings": { "endpoint": "https://tools.example.com" } }))
        }
        Operation::ResourceAccessUpdate => {
            Some(json!({ "changes": [{ "subject": { "is": "role", "id": "viewer" }, "level": "view" }] }))
        }
        Operation::ContentImport => Some(json!({ "counts": [{ "content": "documents", "count": 7 }] })),
        Operation::DefaultsUpdate => Some(json!({ "router": { "value": "pulze-v0.1", "locked": false } })),
        Operation::UsageImport => {
            Some(json!({ "events": [{ "id": "one", "at": pulze_console_server::now(), "model": "openai/gpt-4o" }] }))
        }
        Operation::UsageTraces => Some(json!({ "resourceSpans": [] })),
        Operation::UsageViewCreate => Some(json!({ "name": "New", "query": "range=7d" })),
        Operation::ApiKeyLeakNotice => Some(json!({ "message": "Seen in a log" })),
        // Their bodies name the assistant or the tool of the cell.
        Operation::ApiKeysChange
        | Operation::ApiKeyFind
        | Operation::ApiKeyEvidence
        | Operation::UsageRead
        | Operation::UsageReadOwn
        | Operation::UsageExport
        | Operation::UsageCalls
        | Operation::UsageCallsOwn
        | Operation::UsageCallPoints
        | Operation::UsageCallPointsOwn
        | Operation::UsageViewList
        | Operation::UsageViewDelete
        | Operation::ApiKeyList
        | Operation::ApiKeyRead
        | Operation::AssistantCheck
        | Operation::AssistantSwitch
        | Operation::ToolCheck
        | Operation::ToolSwitch
        | Operation::AssistantList
        | Operation::AssistantRead
        | Operation::AssistantDelete
        | Operation::ToolList
        | Operation::ToolDelete
        | Operation::ToolTest
        | Operation::ResourceAccessRead
        | Operation::SessionRead
        | Operation::SessionDelete
        | Operation::SessionList
        | Operation::SessionsEndOthers
        | Operation::SessionEnd
        | Operation::AccountRead
        | Operation::IdentityDelete
        | Operation::OrganizationEvents
        // Its body is a picture, its cell's body names the provider, its cell's address the stand-in.
        | Operation::ImageUpload
        | Operation::ProviderBegin
        | Operation::ImageFetch
        | Operation::OrganizationList
        | Operation::OrganizationRead
        | Operation::MembershipDelete
        | Operation::MemberList
        | Operation::MemberRead
        | Operation::MemberExport
        | Operation::MemberDelete
        | Operation::InvitationRead
        | Operation::InvitationLink
        | Operation::AccessTemplateList
        | Operation::AccessTemplateDelete
        | Operation::AccessList
        | Operation::MailList
        // The invitation is one to the caller.
        | Operation::ReceivedInvitationAccept
        | Operation::ReceivedInvitationDecline
        // Its cell is the space of the organization in question.
        | Operation::AccessUpdate
        | Operation::InvitationResend
        | Operation::InvitationDelete
        // Their bodies hold the secret of an invitation of the cell's own.
        | Operation::InvitationOpen
        | Operation::InvitationSeen
        | Operation::InvitationAccept
        | Operation::InvitationDecline
        | Operation::EmailVerificationCreate
        // Its body holds the secret of a mail to the caller.
        | Operation::EmailVerify
        | Operation::SpaceList
        | Operation::SpaceRead
        | Operation::EffectivePolicyRead
        | Operation::ModelList
        | Operation::ModelDelete
        | Operation::RouterList
        | Operation::DefaultsRead
        | Operation::ChangeUndo
        | Operation::HierarchyRead
        | Operation::SpaceMemberList => None,
    }
}

/// The kind of resource that an operation is about; the access to one is asked of the cell's tool.
pub fn kind_of(operation: Operation) -> ResourceKind {
    let parts = [("/models", ResourceKind::Model), ("/routers", ResourceKind::Router), ("/assistants", ResourceKind::Assistant)];
    let part = parts.into_iter().find(|(part, _)| operation.path().contains(part));
    part.map_or(ResourceKind::Tool, |(_, kind)| kind)
}

/// The body of a switch of these, for the operations that take one.
pub fn switch_of(operation: Operation, assistant: &AssistantId, tool: &str) -> Option<Value> {
    match operation {
        Operation::AssistantCheck | Operation::AssistantSwitch => Some(json!({ "ids": [assistant], "enabled": false })),
        Operation::ToolCheck | Operation::ToolSwitch => Some(json!({ "ids": [tool], "enabled": false })),
        _ => None,
    }
}

/// Changing operations that leave no audit event, and why.
const UNRECORDED: [(Operation, &str); 18] = [
    (Operation::ProviderBegin, "nothing has happened before the provider answers"),
    (Operation::InvitationCheck, "a dry run"),
    (Operation::ModelCheck, "a dry run"),
    (Operation::RouterCheck, "a dry run"),
    (Operation::AssistantCheck, "a dry run"),
    (Operation::ToolCheck, "a dry run"),
    (Operation::ApiKeyFind, "a question"),
    (Operation::ApiKeyVerify, "a question of a gateway; the use of the key is counted"),
    (Operation::InvitationOpen, "opening accepts nothing; when it was opened stands in the invitation"),
    (Operation::EmailVerificationCreate, "a mail is sent, and nothing changes until its link is followed"),
    (Operation::InvitationSeen, "that a page was shown changes nothing; when stands in the invitation"),
    (Operation::ImageFetch, "a picture is nobody's until it is saved, and that is recorded"),
    (Operation::ImageUpload, "a picture is nobody's until it is saved, and that is recorded"),
    (Operation::UsageImport, "each call is a record itself, and there may be thousands a minute"),
    (Operation::UsageTraces, "each call is a record itself, and there may be thousands a minute"),
    (Operation::UsageViewCreate, "a bookmark of one's own"),
    (Operation::UsageViewDelete, "a bookmark of one's own"),
    (Operation::ChangeUndo, "the change of the matrix changed nothing; what undoing writes is looked at in `resources`"),
];

async fn recorded(app: &TestApp) -> i64 {
    let row = sqlx::query("SELECT COUNT(*) AS n FROM audit_events").fetch_one(&mut *app.store.read().await.unwrap()).await;
    sqlx::Row::get(&row.unwrap(), "n")
}

/// What the contract says, written down without the server's code.
fn expected(operation: Operation, caller: &Caller, role: Option<Role>) -> u16 {
    let signed_in = caller.name != "anonymous";
    match operation.access() {
        Access::Public => operation.success(),
        _ if !signed_in => 401,
        Access::SignedIn => {
            let belongs_as = caller.role.or(caller.foreign_role);
            let creates = belongs_as.is_none_or(|role| role == Role::Admin);
            if operation == Operation::OrganizationCreate && !creates { 403 } else { operation.success() }
        }
        Access::Installation => {
            if caller.name == "installation" {
                operation.success()
            } else {
                404
            }
        }
        Access::Member(permission) => match role {
            None => 404,
            Some(role) if role.grants(permission) => operation.success(),
            Some(_) => 403,
        },
        // Nothing was said about the resources: the roles bring along what they bring along.
        Access::Resource(permission, level) => match role {
            None => 404,
            Some(role) if role.grants(permission) && brought_along(kind_of(operation), role) >= level => operation.success(),
            Some(_) => 403,
        },
        // The space is visible to the organization: its members are viewers there, its admins admins.
        Access::Space(permission, in_space) => match role {
            None => 404,
            Some(role) => {
                let there = if role == Role::Admin { SpaceRole::Admin } else { SpaceRole::Viewer };
                if role.grants(permission) && there.grants(in_space) { operation.success() } else { 403 }
            }
        },
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_cell_answers_what_the_contract_says() {
    let stand_in = StandIn::start().await;
    let file = stand_in.file(false);
    let settings = ["--allow-private-endpoints", "--oidc-providers", file.path().to_str().unwrap()];
    for app in on_each_database(&settings).await {
        let fixture = fixture(&app).await;
        let mut allowed = HashSet::new();
        let mut cells = 0;
        for &operation in Operation::ALL {
            // Keys belong to the largest plan; one that still runs keeps an organization from being deleted.
            let plan = if operation == Operation::OrganizationDelete { Plan::Free } else { Plan::PulzeXSuite };
            // A caller belongs to an organization before creating is tried: membership decides it.
            let (standing, abroad) =
                (organization(&app, &fixture, false, plan).await, organization(&app, &fixture, true, plan).await);
            for caller in &fixture.callers {
                for place in ["own", "foreign", "unknown"] {
                    let id = match place {
                        "own" => organization(&app, &fixture, false, plan).await,
                        "foreign" => organization(&app, &fixture, true, plan).await,
                        _ => OrganizationId::from_digits("ffffffffffffffffffffffffffffffff"),
                    };
                    let role = match place {
                        "own" => caller.role,
                        "foreign" => caller.foreign_role,
                        _ => None,
                    };
                    // Signing out ends a session: every such cell has one of its own.
                    let client = if caller.name == "anonymous" {
                        caller.client.clone()
                    } else {
                        app.sign_in(caller.client.user.clone()).await
                    };
                    // In an organization that does not exist there is no space either; its identifier is another one's.
                    let home = if place == "unknown" { &standing } else { &id };
                    let space = app.space(home, "Space", Visibility::Organization, &fixture.others[0]).await;
                    let (mut invitation, _) = app.invitation(home, "pending@matrix.test", Role::Viewer, &fixture.others[0]).await;
                    if operation.path().starts_with("/invitations/") {
                        invitation = received_invitation(&app, caller, &fixture.others[0]).await;
                    }
                    let template = app.template(home, &pulze_console_server::new_digits()).await;
                    let router = app.router(home, &pulze_console_server::new_digits()).await;
                    app.own_model(home, "own/model").await;
                    let assistant = app.assistant(home, "Assistant", &fixture.others[0]).await;
                    let tool = app.tool(home, "Tool").await;
                    let event = app.change_of_nothing(home, &caller.client.user).await;
                    let mut sent = body(operation, &fixture.others[1]).or(switch_of(operation, &assistant, &tool));
                    let (key, _) = app.key(home, &fixture.others[0], &ApiKeyContent::default()).await;
                    if operation == Operation::ApiKeysChange {
                        sent = Some(json!({ "ids": [key], "action": "disable" }));
                    }
                    let keeper = if caller.name == "anonymous" { &fixture.others[0] } else { &client.user };
                    let view = app.view(home, keeper).await;
                    let session = app.session_of(keeper).await;
                    let company = if operation == Operation::IdentityDelete { app.identity(keeper).await } else { String::new() };
                    match operation {
                        Operation::EmailVerify => sent = Some(json!({ "secret": app.email_verification(keeper).await })),
                        Operation::ImageFetch => sent = Some(json!({ "url": format!("{}/logo.png", stand_in.issuer()) })),
                        Operation::ProviderBegin => sent = Some(json!({ "provider": "company", "return_to": "/" })),
                        _ => {}
                    }
                    let raw = (operation == Operation::ImageUpload).then(|| png(150, 150));
                    let headers = match operation {
                        // It counts on with every cell.
                        Operation::AccountUpdate => vec![("if-match", format!("\"{}\"", app.account_version(keeper).await))],
                        _ => Vec::new(),
                    };
                    if operation == Operation::ApiKeyFind {
                        sent = Some(json!({ "key": key }));
                    }
                    if operation == Operation::AccessUpdate {
                        sent =
                            Some(json!({ "changes": [{ "user_id": fixture.others[1], "space_id": space, "role": "editor" }] }));
                    }
                    if operation.path() == "/invitation" || operation.path().starts_with("/invitation/") {
                        sent = Some(answer_to_an_invitation(&app, operation, caller, &fixture.others[0]).await);
                    }
                    let call = Call {
                        organization: Some(&id),
                        invitation: Some(&invitation),
                        template: Some(&template),
                        router: Some(&router),
                        model: Some("own/model"),
                        assistant: Some(&assistant),
                        tool: Some(&tool),
                        key: Some(&key),
                        resource: Some((ResourceKind::Tool, &tool)),
                        event: Some(&event),
                        view: Some(&view),
                        space: Some(&space),
                        user: Some(&fixture.others[1]),
                        session: Some(&session),
                        provider: Some(&company),
                        body: sent,
                        raw,
                        headers,
                        ..Call::default()
                    };
                    let before = recorded(&app).await;
                    let reply = client.send(operation, call).await;
                    let expected = expected(operation, caller, role);
                    assert_eq!(reply.status, expected, "{} as {} on {place}: {}", operation.id(), caller.name, reply.text);
                    let changes = operation.method() != Method::Get && reply.status == operation.success();
                    let unrecorded = UNRECORDED.iter().any(|(other, _)| *other == operation);
                    let written = recorded(&app).await - before;
                    assert_eq!(written > 0, changes && !unrecorded, "{} wrote {written} audit events", operation.id());
                    if reply.status == operation.success() {
                        allowed.insert(operation);
                    }
                    cells += 1;
                }
            }
            assert!(app.admins(&standing).await >= 1 && app.admins(&abroad).await >= 1);
            remove_created(&app, &fixture).await;
        }
        assert_eq!(allowed.len(), Operation::ALL.len(), "an operation that nobody may use was not tested");
        println!("{cells} cells");
    }
}

/// Everybody who holds a secret may answer: the signed-in as themselves, the others with a new account.
async fn answer_to_an_invitation(app: &TestApp, operation: Operation, caller: &Caller, admin: &UserId) -> Value {
    let elsewhere = app.organization("Elsewhere", Plan::Free, &[(admin, Role::Admin)]).await;
    let email = match caller.name {
        "anonymous" => format!("new{}@matrix.test", elsewhere.as_str()),
        name => format!("{name}@matrix.test"),
    };
    let (_, secret) = app.invitation(&elsewhere, &email, Role::Viewer, admin).await;
    match operation {
        Operation::InvitationAccept => json!({ "secret": secret, "name": "New Person", "password": "a long new password" }),
        _ => json!({ "secret": secret }),
    }
}

/// An invitation to the caller, into an organization of its own.
async fn received_invitation(app: &TestApp, caller: &Caller, admin: &UserId) -> InvitationId {
    let elsewhere = app.organization("Elsewhere", Plan::Free, &[(admin, Role::Admin)]).await;
    app.invitation(&elsewhere, &format!("{}@matrix.test", caller.name), Role::Viewer, admin).await.0
}

/// A non-member who created an organization is an admin from then on; the next cells need them without one.
async fn remove_created(app: &TestApp, fixture: &Fixture) {
    for caller in &fixture.callers {
        if !["non-member", "installation"].contains(&caller.name) {
            continue;
        }
        let list = app.sign_in(caller.client.user.clone()).await;
        let reply = list.send(Operation::OrganizationList, Call::default()).await;
        for organization in reply.json()["organizations"].as_array().unwrap() {
            let id = OrganizationId::parse(organization["id"].as_str().unwrap()).unwrap();
            let call =
                Call { organization: Some(&id), body: Some(json!({ "confirm_name": organization["name"] })), ..Call::default() };
            // One that they were invited to is left, not deleted.
            let made = organization["role"] == "admin";
            let end = if made { Operation::OrganizationDelete } else { Operation::MembershipDelete };
            assert_eq!(list.send(end, call).await.status, 204);
        }
    }
}

#[tokio::test]
async fn a_foreign_organization_answers_the_same_bytes_as_none() {
    for app in on_each_database(&[]).await {
        let fixture = fixture(&app).await;
        let foreign = organization(&app, &fixture, true, Plan::PulzeXSuite).await;
        let unknown = OrganizationId::from_digits("ffffffffffffffffffffffffffffffff");
        let space = app.space(&foreign, "Space", Visibility::Organization, &fixture.others[0]).await;
        let (invitation, _) = app.invitation(&foreign, "pending@matrix.test", Role::Viewer, &fixture.others[0]).await;
        let template = app.template(&foreign, "Template").await;
        let router = app.router(&foreign, "Router").await;
        app.own_model(&foreign, "own/model").await;
        let assistant = app.assistant(&foreign, "Assistant", &fixture.others[0]).await;
        let tool = app.tool(&foreign, "Tool").await;
        let event = app.change_of_nothing(&foreign, &fixture.callers[2].client.user).await;
        let viewer = &fixture.callers[2].client;
        for &operation in Operation::ALL
            .iter()
            .filter(|operation| matches!(operation.access(), Access::Member(_) | Access::Resource(..) | Access::Space(..)))
        {
            let mut texts = Vec::new();
            for id in [&foreign, &unknown] {
                let call = Call {
                    organization: Some(id),
                    user: Some(&fixture.others[1]),
                    invitation: Some(&invitation),
                    template: Some(&template),
                    router: Some(&router),
                    model: Some("own/model"),
                    assistant: Some(&assistant),
                    tool: Some(&tool),
                    resource: Some((ResourceKind::Tool, &tool)),
                    event: Some(&event),
                    space: Some(&space),
                    body: body(operation, &fixture.others[1]).or(switch_of(operation, &assistant, &tool)),
                    ..Call::default()
                };
                let mut json = viewer.send(operation, call).await.json();
                json["request_id"] = Value::Null;
                texts.push(json.to_string());
            }
            assert_eq!(texts[0], texts[1], "{}", operation.id());
        }
    }
}
