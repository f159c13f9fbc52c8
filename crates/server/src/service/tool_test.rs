//! The test of a tool: calls what the tool calls, with its settings and secrets, and says what came back.

use super::Member as Caller;
use super::organizations::audit;
use super::resources::{Reach, Resources};
use crate::App;
use crate::auth::seal::{bound_secret, tool_secret};
use crate::error::{Error, Fields, Result};
use crate::outbound::{self, Outbound};
use crate::store::{self, tools::ToolRow};
use pulze_contract::tool::{FieldKind, LastTest, TESTED_BODY_MAX, ToolKind, ToolTested};
use pulze_contract::validation::Rule;
use pulze_contract::{FieldError, Level, ProblemType, ResourceKind};
use serde_json::json;
use std::collections::BTreeMap;

/// What stands in an answer in the place of a secret.
const REDACTED: &str = "••••••";

/// # Errors
/// `not-found`, `forbidden`; `invalid` for a tool that calls nothing, that lacks settings, or whose secret was entered
/// for another origin than the one that would be called.
pub async fn run(app: &App, caller: &Caller, id: &str) -> Result<ToolTested> {
    let (tool, secrets) = {
        let mut db = app.store.read().await?;
        let resources = Resources::read(&mut db, &caller.organization).await?;
        let reach = Reach::read(&mut db, caller, caller.role).await?;
        resources.require(&reach, ResourceKind::Tool, id, Level::Manage)?;
        let tool = resources.tool(id).ok_or(ProblemType::NotFound)?.clone();
        let mut fields = Fields::default();
        let good = tool.kind.calls() && super::resources::ready(&tool);
        fields.check("settings", if good { Ok(()) } else { Err(Rule::Required) });
        fields.finish()?;
        let mut secrets = BTreeMap::new();
        let origin = tool.kind.origin(&tool.settings).unwrap_or_default();
        for (name, sealed) in store::tools::secrets(&mut db, &caller.organization, id).await? {
            let open = |context: String| app.sealer.open(&context, &sealed);
            let secret = open(bound_secret(&caller.organization, id, &name, &origin))
                // Sealed by a version that did not name the origin: no change of it since has kept the secret.
                .or_else(|_| open(tool_secret(&caller.organization, id, &name)))
                .map_err(|error| {
                    tracing::warn!(tool = id, %error, "a secret does not open for the endpoint of its tool");
                    Error::invalid(vec![FieldError::new(format!("secrets.{name}"), Rule::SecretOfAnotherOrigin)])
                })?;
            secrets.insert(name, secret);
        }
        (tool, secrets)
    };
    let request = request(&tool, &secrets)?;
    let called = format!("{} {}", request.method, request.url);
    // No connection to the database is held while the world is waited for.
    let answer = outbound::call(request, app.config.allow_private_endpoints).await;
    let redacted = |text: &str| secrets.values().fold(text.to_owned(), |text, secret| text.replace(secret, REDACTED));
    let tested = ToolTested {
        called: redacted(&called),
        good: answer.status.is_some_and(|status| (200..300).contains(&status))
            && (tool.kind != ToolKind::Mcp || answer.body.contains("\"result\"")),
        status: answer.status,
        failure: answer.failure,
        took: answer.took,
        content_type: answer.content_type,
        body: redacted(&answer.body).chars().take(TESTED_BODY_MAX).collect(),
    };
    let now = crate::now();
    let mut change = app.store.change(&caller.organization).await?;
    let last = LastTest { at: now, good: tested.good };
    store::tools::set_tested(&mut change, &caller.organization, id, tool.version, last).await?;
    let detail = json!({ "called": tested.called, "status": tested.status, "failure": tested.failure });
    audit(&mut change, &caller.organization, &caller.actor, "tool_test", id, detail, now).await?;
    change.commit().await?;
    Ok(tested)
}

/// What each kind of tool asks of its service without doing anything there.
fn request(tool: &ToolRow, secrets: &BTreeMap<String, String>) -> Result<Outbound> {
    let schema = tool.kind.schema();
    let setting = |name: &str| {
        let default = || schema.iter().find(|field| field.name == name).and_then(|field| field.default.clone());
        tool.settings.get(name).cloned().or_else(default).unwrap_or_default()
    };
    debug_assert!(schema.iter().all(|field| field.kind != FieldKind::Secret || !tool.settings.contains_key(&field.name)));
    let secret = |name: &str| secrets.get(name).cloned().unwrap_or_default();
    let below = |path: &str| format!("{}/{path}", setting("endpoint").trim_end_matches('/'));
    let bearer = |name: &str| vec![("authorization".to_owned(), format!("Bearer {}", secret(name)))];
    let get = |url: String, headers| Outbound { method: "GET", url, headers, body: None };
    let post = |headers, body| Outbound { method: "POST", url: setting("endpoint"), headers, body: Some(body) };
    Ok(match tool.kind {
        ToolKind::SpaceSearch => return Err(Error::from(ProblemType::NotFound)),
        ToolKind::WebSearch => {
            let headers = vec![("x-subscription-token".to_owned(), secret("api_key"))];
            get(format!("{}?q=pulze&count=1", setting("endpoint")), headers)
        }
        ToolKind::ImageGeneration => get(below("models"), bearer("api_key")),
        ToolKind::TranscribeAudio => get(below(&format!("models/{}", setting("model"))), bearer("api_key")),
        ToolKind::XPost => get(below("users/me"), bearer("access_token")),
        ToolKind::Http => {
            let value = secret("header_value");
            let headers = if value.is_empty() { Vec::new() } else { vec![(setting("header"), value)] };
            match setting("method").as_str() {
                "GET" => get(setting("endpoint"), headers),
                _ => post(headers, json!({ "test": true })),
            }
        }
        ToolKind::Mcp => {
            let mut headers = if secrets.is_empty() { Vec::new() } else { bearer("access_token") };
            headers.push(("accept".to_owned(), "application/json, text/event-stream".to_owned()));
            // The handshake of the Model Context Protocol, which changes nothing on the server.
            let asked = json!({
                "jsonrpc": "2.0",
                "id": 1,
                "method": "initialize",
                "params": {
                    "protocolVersion": "2025-06-18",
                    "capabilities": {},
                    "clientInfo": { "name": "pulze-console", "version": env!("CARGO_PKG_VERSION") },
                },
            });
            post(headers, asked)
        }
    })
}
