//! Every operation, asked in a session whose person proved long ago who they are: what raises what somebody may do, makes
//! a secret, takes access away or lets data out asks again, and nothing else does.

use crate::permission_matrix::{body, switch_of};
use crate::provider::StandIn;
use crate::test_app::{Call, Client, TestApp, on_each_database};
use pulze_console_server::{new_digits, now};
use pulze_contract::api_key::ApiKeyContent;
use pulze_contract::operation::{Access, FreshSignIn};
use pulze_contract::organization::Plan;
use pulze_contract::space::Visibility;
use pulze_contract::{AccessTemplateId, ApiKeyId, InvitationId, Operation, OrganizationId, ResourceKind, Role, SessionId};
use serde_json::{Value, json};

const DAY: i64 = 86_400_000;

/// One organization with an admin of two sessions: one of long ago, and a fresh one.
struct Place {
    id: OrganizationId,
    stale: Client,
    fresh: Client,
    viewer: Client,
    key: ApiKeyId,
    disabled: ApiKeyId,
    template: AccessTemplateId,
    /// Invitations of a viewer and of an admin.
    invited: [InvitationId; 2],
    session: SessionId,
}

fn key_content() -> Value {
    json!({
        "name": "Key", "scopes": { "chat_completions": "read" }, "models": ["openai/gpt-4o"], "monthly_limit": 1_000_000,
        "requests_per_minute": 10, "address_ranges": ["203.0.113.0/24"], "expires_at": now() + 30 * DAY,
    })
}

impl Place {
    async fn new(app: &TestApp) -> Self {
        let email = |name: &str| format!("{name}-{}@proof.test", new_digits());
        let stale = app.client(&format!("installation-{}@proof.test", new_digits())).await;
        let viewer = app.client(&email("viewer")).await;
        app.run_sql("UPDATE sessions SET proved_at = proved_at - 3600000").await;
        let fresh = app.sign_in(stale.user.clone()).await;
        let members = [(&stale.user, Role::Admin), (&viewer.user, Role::Viewer)];
        let id = app.organization("Matrix", Plan::PulzeXSuite, &members).await;
        let content: ApiKeyContent = serde_json::from_value(key_content()).unwrap();
        let (key, _) = app.key(&id, &stale.user, &content).await;
        let (disabled, _) = app.key(&id, &stale.user, &content).await;
        app.run_sql(&format!("UPDATE api_keys SET disabled_at = 1 WHERE id = '{disabled}'")).await;
        let (viewer_invited, _) = app.invitation(&id, &email("invited"), Role::Viewer, &stale.user).await;
        let (admin_invited, _) = app.invitation(&id, &email("invited"), Role::Admin, &stale.user).await;
        let template = app.template(&id, "Template").await;
        let session = app.session_of(&stale.user).await;
        let invited = [viewer_invited, admin_invited];
        Self { id, stale, fresh, viewer, key, disabled, template, invited, session }
    }

    fn call(&self, body: Value) -> Call<'_> {
        let body = (!body.is_null()).then_some(body);
        Call {
            organization: Some(&self.id),
            user: Some(&self.viewer.user),
            key: Some(&self.key),
            template: Some(&self.template),
            invitation: Some(&self.invited[0]),
            session: Some(&self.session),
            body,
            ..Call::default()
        }
    }

    /// What of an operation raises, and what of it does not.
    fn cases(&self, operation: Operation) -> (Vec<Call<'_>>, Vec<Call<'_>>) {
        let call = |body: Value| self.call(body);
        let roles = |role: &str, ends: Value| json!({ "changes": [{ "user_id": self.viewer.user, "role": role, "ends": ends }] });
        let key = |edit: &dyn Fn(&mut Value)| {
            let mut content = key_content();
            edit(&mut content);
            call(json!({ "content": content }))
        };
        let keys = |id: &ApiKeyId, action: &str| call(json!({ "ids": [id], "versions": [1], "action": action }));
        let rows = |roles: &[&str]| {
            let row = |role: &&str| json!({ "email": format!("{}@new.test", new_digits()), "role": role });
            call(json!({ "rows": roles.iter().map(row).collect::<Vec<_>>() }))
        };
        let template = |role: &str, days: Value| call(json!({ "name": new_digits(), "role": role, "ends_after_days": days }));
        let of_an_admin = || Call { invitation: Some(&self.invited[1]), ..call(Value::Null) };
        match operation {
            Operation::MemberUpdate => (
                vec![call(roles("admin", Value::Null)), call(roles("admin", json!({ "at": now() + DAY, "then": "viewer" })))],
                vec![call(roles("editor", Value::Null)), call(roles("viewer", json!({ "at": now() + DAY, "then": null })))],
            ),
            Operation::InvitationCreate => {
                (vec![rows(&["admin"]), rows(&["viewer", "admin"])], vec![rows(&["viewer", "editor"])])
            }
            Operation::InvitationUpdate => {
                (vec![call(json!({ "role": "admin" }))], vec![call(json!({ "role": "editor", "ends_at": now() + DAY }))])
            }
            Operation::InvitationResend | Operation::InvitationLink => (vec![of_an_admin()], vec![call(Value::Null)]),
            Operation::AccessTemplateCreate | Operation::AccessTemplateUpdate => (
                vec![template("admin", Value::Null), template("admin", json!(1))],
                vec![template("editor", Value::Null), template("viewer", json!(1))],
            ),
            Operation::OrganizationUpdate => (
                vec![call(json!({ "editors_may_invite": true }))],
                vec![call(json!({ "name": "Renamed", "editors_may_invite": false }))],
            ),
            Operation::ApiKeyUpdate => (
                vec![
                    key(&|content| content["scopes"] = json!({ "chat_completions": "write" })),
                    key(&|content| content["scopes"]["data_management"] = json!("read")),
                    key(&|content| content["models"] = Value::Null),
                    key(&|content| content["monthly_limit"] = json!(2_000_000)),
                    key(&|content| content["requests_per_minute"] = Value::Null),
                    key(&|content| content["address_ranges"] = json!([])),
                    key(&|content| content["expires_at"] = json!(now() + 31 * DAY)),
                    call(json!({ "content": key_content(), "owner_id": self.viewer.user })),
                ],
                vec![key(&|content| {
                    content["name"] = json!("Renamed");
                    content["monthly_limit"] = json!(1);
                    content["address_ranges"] = json!(["203.0.113.7"]);
                    content["expires_at"] = json!(now() + DAY);
                })],
            ),
            Operation::ApiKeysChange => (
                vec![keys(&self.disabled, "enable")],
                vec![keys(&self.key, "disable"), keys(&self.disabled, "revoke"), keys(&self.disabled, "extend_rotation")],
            ),
            Operation::ApiKeyPolicyUpdate => (
                vec![call(json!({ "may_never_expire": true, "days_max": null }))],
                vec![call(json!({ "may_never_expire": false, "days_max": 30 }))],
            ),
            Operation::ProviderBegin => {
                let begin = |purpose: &str| call(json!({ "provider": "company", "return_to": "/", "purpose": purpose }));
                (vec![begin("link")], vec![begin("sign_in"), begin("confirm")])
            }
            // Nobody of these has a password: it would be the first.
            Operation::PasswordUpdate => (vec![call(json!({ "new": "a long new password" }))], Vec::new()),
            other => panic!("{} says that it raises, and nothing shows what", other.id()),
        }
    }
}

fn asks(reply: &crate::test_app::Reply) -> bool {
    reply.text.contains("\"fresh-sign-in-required\"")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_raises_or_lets_out_asks_again_who_it_is() {
    let stand_in = StandIn::start().await;
    let file = stand_in.file(false);
    let settings = ["--allow-private-endpoints", "--oidc-providers", file.path().to_str().unwrap()];
    for app in on_each_database(&settings).await {
        let mut asked = 0;
        for &operation in Operation::ALL {
            match operation.fresh_sign_in() {
                FreshSignIn::WhenItRaises => {
                    let place = Place::new(&app).await;
                    let (raising, others) = place.cases(operation);
                    let count = raising.len();
                    for call in raising {
                        let reply = place.stale.send(operation, call).await;
                        assert!(reply.status == 403 && asks(&reply), "{}: {} {}", operation.id(), reply.status, reply.text);
                        asked += 1;
                    }
                    // Each alone, in an organization of its own: the others are done in any session, these in the fresh one.
                    for number in 0..others.len() {
                        let other = Place::new(&app).await;
                        let reply = other.stale.send(operation, other.cases(operation).1.swap_remove(number)).await;
                        assert_eq!(reply.status, operation.success(), "{} {number}: {}", operation.id(), reply.text);
                    }
                    for number in 0..count {
                        let other = Place::new(&app).await;
                        let call = other.cases(operation).0.swap_remove(number);
                        let reply = other.fresh.send(operation, call).await;
                        assert_eq!(reply.status, operation.success(), "{} {number}: {}", operation.id(), reply.text);
                    }
                }
                how => {
                    let place = Place::new(&app).await;
                    let user = &place.viewer.user;
                    let space = app.space(&place.id, "Space", Visibility::Organization, &place.stale.user).await;
                    let assistant = app.assistant(&place.id, "Assistant", &place.stale.user).await;
                    let tool = app.tool(&place.id, "Tool").await;
                    let mut sent = body(operation, user).or(switch_of(operation, &assistant, &tool));
                    if operation == Operation::AccessUpdate {
                        sent = Some(json!({ "changes": [{ "user_id": user, "space_id": space, "role": "admin" }] }));
                    }
                    let call = || Call {
                        space: Some(&space),
                        assistant: Some(&assistant),
                        tool: Some(&tool),
                        resource: Some((ResourceKind::Tool, &tool)),
                        ..place.call(sent.clone().unwrap_or_default())
                    };
                    let always = how == FreshSignIn::Always;
                    let reply = place.stale.send(operation, call()).await;
                    assert_eq!(asks(&reply), always, "{}: {} {}", operation.id(), reply.status, reply.text);
                    if !always {
                        continue;
                    }
                    asked += 1;
                    // Who may not do it at all is told that, and not asked who they are.
                    let refused = place.viewer.send(operation, call()).await;
                    let expected = if operation.access() == Access::Installation { 404 } else { 403 };
                    assert!(refused.status == expected && !asks(&refused), "{}: {}", operation.id(), refused.text);
                    let reply = place.fresh.send(operation, call()).await;
                    assert!(!asks(&reply), "{}: {}", operation.id(), reply.text);
                }
            }
        }
        println!("{asked} questions");
        assert!(asked >= 30, "{asked}");
    }
}
