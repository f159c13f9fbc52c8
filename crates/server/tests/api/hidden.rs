//! What somebody may not see shows nowhere: hidden things carry marked names, and every operation is searched for them,
//! as each kind of caller, with every filter, and in the stream of events.

use crate::permission_matrix::{body, switch_of};
use crate::test_app::{Call, Client, Reply, TestApp, on_each_database};
use pulze_console_server::{new_digits, now};
use pulze_contract::api_key::ApiKeyContent;
use pulze_contract::member::MemberQuery;
use pulze_contract::operation::Method;
use pulze_contract::organization::Plan;
use pulze_contract::space::Visibility;
use pulze_contract::usage::UsageQuery;
use pulze_contract::{
    AccessTemplateId, ApiKeyId, AssistantId, InvitationId, Level, Operation, OrganizationId, ResourceKind, Role, RouterId,
    SpaceId, SpaceRole, UsageViewId, UserId,
};
use serde_json::{Value, json};
use std::time::Duration;

/// What every marked name begins with.
const MARK: &str = "zqx";
const MODEL: &str = "own/zqxmodel";

/// The things of an organization, by what they are called: all marked, or all to be seen by everybody.
struct Things {
    space: SpaceId,
    assistant: AssistantId,
    tool: String,
    router: RouterId,
    model: &'static str,
    key: ApiKeyId,
    invitation: InvitationId,
    template: AccessTemplateId,
    view: UsageViewId,
    user: UserId,
}

struct Place {
    id: OrganizationId,
    admin: Client,
    hidden: Things,
    open: Things,
}

async fn send(client: &Client, operation: Operation, organization: &OrganizationId, body: Value) -> Value {
    let reply = client.send(operation, Call { organization: Some(organization), body: Some(body), ..Call::default() }).await;
    assert!(reply.status < 300, "{}: {}", operation.id(), reply.text);
    if reply.text.is_empty() { Value::Null } else { reply.json() }
}

fn id_of(answer: &Value) -> String {
    answer["id"].as_str().unwrap().to_owned()
}

impl Place {
    /// An organization with hidden things of marked names, and open things that lead to them.
    async fn new(app: &TestApp, other: &Client, members: &[(&UserId, Role)]) -> Self {
        let admin = app.client(&format!("admin-{}@hidden.test", new_digits())).await;
        let all = [&[(&admin.user, Role::Admin), (&other.user, Role::Viewer)][..], members].concat();
        let id = app.organization("Organization", Plan::PulzeXSuite, &all).await;
        app.own_model(&id, MODEL).await;
        let mut hidden = Self::things(app, &id, &admin, other, MARK, Visibility::Invited).await;
        hidden.model = MODEL;
        let open = Self::things(app, &id, &admin, other, "open", Visibility::Organization).await;
        app.grant(&id, &hidden.space, &other.user, SpaceRole::Editor).await;
        let kinds = [
            (ResourceKind::Assistant, hidden.assistant.to_string()),
            (ResourceKind::Tool, hidden.tool.clone()),
            (ResourceKind::Router, hidden.router.to_string()),
            (ResourceKind::Model, MODEL.to_owned()),
        ];
        for (kind, resource) in kinds {
            app.only(&id, kind, &resource, &admin.user, Level::None).await;
        }
        // What everybody sees, made of what they do not.
        let spaces = json!([hidden.space, open.space]);
        let content =
            json!({ "name": "open mixture", "model": MODEL, "tools": [hidden.tool], "spaces": spaces, "visibility": "public" });
        send(&admin, Operation::AssistantCreate, &id, content).await;
        let routes =
            json!({ "name": "open mixture", "strategy": { "is": "fastest" }, "models": [MODEL], "fallback": hidden.router });
        let router = id_of(&send(&admin, Operation::RouterCreate, &id, routes).await);
        // Who manages a router sees what it consists of: these are only looked at.
        let viewed = json!({ "changes": [{ "subject": { "is": "role", "id": "editor" }, "level": "view" }] });
        let call = Call {
            organization: Some(&id),
            resource: Some((ResourceKind::Router, &router)),
            body: Some(viewed),
            ..Call::default()
        };
        assert_eq!(admin.send(Operation::ResourceAccessUpdate, call).await.status, 200);
        let grants = json!([{ "space_id": hidden.space, "role": "viewer" }, { "space_id": open.space, "role": "viewer" }]);
        let row = json!({ "email": format!("open-{}@hidden.test", new_digits()), "role": "viewer", "spaces": grants });
        send(&admin, Operation::InvitationCreate, &id, json!({ "rows": [row] })).await;
        let call = |number: u32, member: &UserId, things: &Things, model: &str| {
            json!({
                "id": format!("call {number}"), "at": now() - 1000, "model": model, "member_id": member,
                "space_id": things.space, "assistant_id": things.assistant, "api_key_id": things.key,
            })
        };
        let mut calls = vec![call(0, &admin.user, &hidden, MODEL), call(1, &other.user, &hidden, MODEL)];
        calls.extend((2..).zip(members).map(|(number, (member, _))| call(number, member, &open, "openai/gpt-4o")));
        send(&admin, Operation::UsageImport, &id, json!({ "events": calls })).await;
        Self { id, admin, hidden, open }
    }

    async fn things(
        app: &TestApp,
        id: &OrganizationId,
        admin: &Client,
        user: &Client,
        mark: &str,
        visibility: Visibility,
    ) -> Things {
        let space = app.space(id, &format!("{mark}space"), visibility, &admin.user).await;
        let content = ApiKeyContent { name: format!("{mark}key"), purpose: format!("{mark}purpose"), ..ApiKeyContent::default() };
        let (key, _) = app.key(id, &admin.user, &content).await;
        let row = json!({ "email": format!("{mark}invited-{}@hidden.test", new_digits()), "role": "viewer" });
        let body = json!({ "rows": [row], "message": format!("{mark}message") });
        send(admin, Operation::InvitationCreate, id, body).await;
        let search = format!("?search={mark}invited");
        let call = Call { organization: Some(id), query: &search, ..Call::default() };
        let found = admin.send(Operation::MemberList, call).await.json()["entries"][0].clone();
        let template =
            json!({ "name": format!("{mark}template"), "role": "viewer", "spaces": [{ "space_id": space, "role": "viewer" }] });
        let template = send(admin, Operation::AccessTemplateCreate, id, template).await;
        let view =
            send(admin, Operation::UsageViewCreate, id, json!({ "name": format!("{mark}view"), "query": "range=7d" })).await;
        Things {
            assistant: app.assistant(id, &format!("{mark}assistant"), &admin.user).await,
            tool: app.tool(id, &format!("{mark}tool")).await,
            router: app.router(id, &format!("{mark}router")).await,
            model: "openai/gpt-4o",
            key,
            invitation: InvitationId::parse(found["id"].as_str().unwrap()).unwrap(),
            template: AccessTemplateId::parse(&id_of(&template)).unwrap(),
            view: UsageViewId::parse(&id_of(&view)).unwrap(),
            user: user.user.clone(),
            space,
        }
    }

    /// Names, addresses and identifiers that give the hidden things away.
    fn secrets(&self) -> Vec<String> {
        let hidden = &self.hidden;
        let ids = [hidden.space.to_string(), hidden.assistant.to_string(), hidden.tool.clone(), hidden.router.to_string()];
        let names = ["space", "assistant", "tool", "router", "model", "key", "purpose"].map(|what| format!("{MARK}{what}"));
        ids.into_iter().chain(names).chain([hidden.key.to_string()]).collect()
    }
}

impl Things {
    fn call<'a>(&'a self, organization: &'a OrganizationId, query: &'a str, body: Option<Value>) -> Call<'a> {
        Call {
            organization: Some(organization),
            user: Some(&self.user),
            space: Some(&self.space),
            invitation: Some(&self.invitation),
            template: Some(&self.template),
            router: Some(&self.router),
            model: Some(self.model),
            assistant: Some(&self.assistant),
            tool: Some(&self.tool),
            key: Some(&self.key),
            resource: Some((ResourceKind::Tool, &self.tool)),
            view: Some(&self.view),
            query,
            body,
            ..Call::default()
        }
    }
}

/// The filters of an operation's address, each with a value of what is hidden and one that means nothing at all.
fn filters(operation: Operation, hidden: &Things, persons: &[UserId]) -> Vec<(String, String)> {
    let nothing = "0".repeat(32);
    let mut filters: Vec<(String, String, String)> = Vec::new();
    let members = [Operation::MemberList, Operation::MemberExport, Operation::AccessList].contains(&operation);
    let parameters = if members { MemberQuery::PARAMETERS.as_slice() } else { UsageQuery::PARAMETERS.as_slice() };
    let space = SpaceId::from_digits(&nothing).to_string();
    for parameter in parameters {
        match *parameter {
            "search" => filters.push(("search".to_owned(), format!("{MARK}space"), "qqqqqspace".to_owned())),
            "space" => filters.push(("space".to_owned(), hidden.space.to_string(), space.clone())),
            "assistant" => {
                let nothing = AssistantId::from_digits(&nothing).to_string();
                filters.push(("assistant".to_owned(), hidden.assistant.to_string(), nothing));
            }
            "key" => filters.push(("key".to_owned(), hidden.key.to_string(), ApiKeyId::from_digits(&nothing).to_string())),
            "member" => filters.extend(
                persons.iter().map(|person| ("member".to_owned(), person.to_string(), UserId::from_digits(&nothing).to_string())),
            ),
            _ => {}
        }
    }
    let query = |name: &str, value: &str| format!("?{name}={value}&range=7d");
    filters.into_iter().map(|(name, value, nothing)| (query(&name, &value), query(&name, &nothing))).collect()
}

fn is_filtered(operation: Operation) -> bool {
    let usage = operation.path().contains("/usage") && !operation.path().contains("views");
    operation.method() == Method::Get
        && (usage || ["members", "members.csv", "access"].iter().any(|end| operation.path().ends_with(end)))
}

/// An answer without what differs from one moment to the next.
fn timeless(text: &str, value: &str) -> String {
    let text = text.replace(value, "…");
    let Ok(mut json) = serde_json::from_str::<Value>(&text) else { return text };
    for name in ["now", "request_id", "from", "to", "complete_through"] {
        if let Some(json) = json.as_object_mut() {
            json.remove(name);
        }
    }
    json.to_string()
}

/// Everything that can be asked, with what is hidden and with what is open; what only reads first, what ends most last.
fn in_order() -> Vec<Operation> {
    let mut all = Operation::ALL.to_vec();
    let ends =
        [Operation::MembershipDelete, Operation::OrganizationDelete, Operation::SessionsEndOthers, Operation::SessionDelete];
    all.sort_by_key(|operation| {
        let method = match operation.method() {
            Method::Get => 0,
            Method::Post => 1,
            Method::Patch => 2,
            Method::Delete => 3,
        };
        (ends.contains(operation), method)
    });
    all
}

fn look(who: &str, operation: Operation, asked: &str, reply: &Reply, secrets: &[String]) {
    let text = reply.text.to_lowercase();
    for secret in secrets.iter().filter(|secret| !asked.contains(secret.as_str())) {
        assert!(!text.contains(&secret.to_lowercase()), "{who} reads {secret} in {} {asked}: {}", operation.id(), reply.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_hidden_is_in_no_answer_no_file_and_no_stream() {
    for app in on_each_database(&[]).await {
        let mut looked = 0;
        let nobody = app.client(&format!("{MARK}nobody-{}@hidden.test", new_digits())).await;
        for (who, role, inviting) in [
            ("viewer", Some(Role::Viewer), false),
            ("editor", Some(Role::Editor), false),
            ("inviting editor", Some(Role::Editor), true),
            ("admin", Some(Role::Admin), false),
            ("outsider", None, false),
        ] {
            let caller = app.client(&format!("caller-{}@hidden.test", new_digits())).await;
            let other = app.client(&format!("other-{}@hidden.test", new_digits())).await;
            let stranger = app.client(&format!("{MARK}stranger-{}@hidden.test", new_digits())).await;
            let members: Vec<(&UserId, Role)> = role.map(|role| (&caller.user, role)).into_iter().collect();
            let own = Place::new(&app, &other, &members).await;
            let foreign = Place::new(&app, &stranger, &[]).await;
            if inviting {
                app.run_sql(&format!("UPDATE organizations SET editors_may_invite = 1 WHERE id = '{}'", own.id)).await;
            }
            let mut secrets = foreign.secrets();
            secrets.retain(|secret| !secret.starts_with(MARK));
            secrets.extend([
                format!("{MARK}stranger"),
                format!("{MARK}nobody"),
                nobody.user.to_string(),
                stranger.user.to_string(),
            ]);
            if role != Some(Role::Admin) {
                secrets.extend(own.secrets());
                secrets.extend(["view", "message", "template"].map(|what| format!("{MARK}{what}")));
                if !inviting {
                    secrets.push(format!("{MARK}invited"));
                }
            }
            let persons = [stranger.user.clone(), nobody.user.clone()];
            let mut stream = if role.is_some() { Some(caller.events(&own.id).await) } else { None };
            for operation in in_order() {
                let things =
                    [(&own.id, &own.open), (&own.id, &own.hidden), (&own.id, &foreign.hidden), (&foreign.id, &foreign.hidden)];
                for (organization, things) in things {
                    let client = app.sign_in(caller.user.clone()).await;
                    let sent = body(operation, &things.user).or(switch_of(operation, &things.assistant, &things.tool));
                    let named: Vec<String> = [
                        things.space.to_string(),
                        things.assistant.to_string(),
                        things.tool.clone(),
                        things.router.to_string(),
                        things.key.to_string(),
                        things.user.to_string(),
                        things.model.to_owned(),
                    ]
                    .into();
                    let asked = format!("{} {}", named.join(" "), if things.model == MODEL { "zqxmodel" } else { "" });
                    let reply = client.send(operation, things.call(organization, "", sent)).await;
                    look(who, operation, &asked, &reply, &secrets);
                    looked += 1;
                }
                if !is_filtered(operation) {
                    continue;
                }
                let hidden = if role == Some(Role::Admin) { &foreign.hidden } else { &own.hidden };
                for group in ["space", "member", "assistant", "model", "key"] {
                    let query = format!("?range=7d&group={group}");
                    let reply = caller.send(operation, own.open.call(&own.id, &query, None)).await;
                    look(who, operation, &query, &reply, &secrets);
                }
                for (query, nothing) in filters(operation, hidden, &persons) {
                    if role == Some(Role::Admin) && query.contains("search=") {
                        continue;
                    }
                    let reply = caller.send(operation, own.open.call(&own.id, &query, None)).await;
                    look(who, operation, &query, &reply, &secrets);
                    // It answers exactly what a name answers that means nothing.
                    let plain = caller.send(operation, own.open.call(&own.id, &nothing, None)).await;
                    let value = |query: &str| query[1..].split(['=', '&']).nth(1).unwrap().to_owned();
                    let (one, two) = (timeless(&reply.text, &value(&query)), timeless(&plain.text, &value(&nothing)));
                    assert_eq!(one, two, "{who} learns something by {} {query}", operation.id());
                    looked += 2;
                }
                // Whoever asks for everything finds nobody by the name of a hidden space.
            }
            // What happens to hidden things is told without saying what they are.
            let patch = |name: &str| json!({ "name": name });
            let call = Call { body: Some(patch(&format!("{MARK}space renamed"))), ..own.hidden.call(&own.id, "", None) };
            own.admin.send(Operation::SpaceUpdate, call).await;
            if let Some(stream) = &mut stream {
                while let Ok(Some(event)) = tokio::time::timeout(Duration::from_millis(700), stream.next()).await {
                    let text = event.to_string().to_lowercase();
                    assert!(!secrets.iter().any(|secret| text.contains(&secret.to_lowercase())), "{who} hears {event}");
                }
            }
        }
        println!("{looked} answers");
    }
}

/// Who may invite sees of an invitation what they could have given, and cannot change one that gives more.
#[tokio::test]
async fn an_invitation_into_a_hidden_space_is_shown_without_it_and_stays_as_it_is() {
    for app in on_each_database(&[]).await {
        let editor = app.client("editor@hidden.test").await;
        let other = app.client("other@hidden.test").await;
        let place = Place::new(&app, &other, &[(&editor.user, Role::Editor)]).await;
        app.run_sql(&format!("UPDATE organizations SET editors_may_invite = 1 WHERE id = '{}'", place.id)).await;
        let call = |query| Call { organization: Some(&place.id), query, ..Call::default() };
        let found = editor.send(Operation::MemberList, call("?search=open-")).await.json()["entries"][0].clone();
        assert_eq!(found["space_names"], json!(["openspace"]), "{found}");
        let id = InvitationId::parse(found["id"].as_str().unwrap()).unwrap();
        let body = Some(json!({ "role": "editor", "spaces": [] }));
        let reply = editor.send(Operation::InvitationUpdate, Call { invitation: Some(&id), body, ..call("") }).await;
        assert_eq!(reply.status, 403, "{}", reply.text);
        let read = async |client: &Client| {
            client.send(Operation::InvitationRead, Call { invitation: Some(&id), ..call("") }).await.json()["space_names"].clone()
        };
        assert_eq!(read(&editor).await, json!(["openspace"]));
        assert_eq!(read(&place.admin).await.as_array().unwrap().len(), 2);
    }
}
