//! From an operation to its rule: one gate for all of them, then one `match`.

use super::answer::{Answer, problem};
use super::call::Incoming;
use super::security;
use crate::App;
use crate::error::Result;
use crate::service::{Actor, Member, members, organizations, sessions};
use crate::store;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use pulze_contract::operation::Access;
use pulze_contract::session::{Session, SessionCreate};
use pulze_contract::{Operation, OrganizationId, ProblemType, UserId};

/// Answers one request.
pub async fn dispatch(app: App, operation: Operation, call: Incoming) -> Response {
    let result = answer(&app, operation, &call).await;
    let response = match result {
        Ok(answer) => answer.into_response(),
        Err(error) => problem(&error, &call.request_id),
    };
    tracing::info!(request_id = call.request_id, operation = operation.id(), status = response.status().as_u16(), "answered");
    response
}

async fn answer(app: &App, operation: Operation, call: &Incoming) -> Result<Answer> {
    security::refuse_other_sites(&app.config, operation.method(), &call.headers)?;
    let token = call.cookie(app.config.cookie_name());
    let user_id = match token {
        Some(token) => sessions::find(&app.store, &app.config, token).await?,
        None => None,
    };
    let actor = user_id.map(|user_id| Actor { user_id, request_id: call.request_id.clone() });
    match operation.access() {
        Access::Public => public(app, operation, call, actor).await,
        Access::SignedIn => signed_in(app, operation, call, actor.ok_or(ProblemType::SignedOut)?).await,
        Access::Member(permission) => {
            let actor = actor.ok_or(ProblemType::SignedOut)?;
            // An organization that is not the caller's to know answers like one that does not exist.
            let organization =
                call.params.get("organization_id").and_then(|id| OrganizationId::parse(id)).ok_or(ProblemType::NotFound)?;
            let role = store::members::role_of(&mut *app.store.read().await?, &organization, &actor.user_id).await?;
            if !role.ok_or(ProblemType::NotFound)?.grants(permission) {
                return Err(ProblemType::Forbidden.into());
            }
            member(app, operation, call, Member { actor, organization }).await
        }
    }
}

async fn public(app: &App, operation: Operation, call: &Incoming, actor: Option<Actor>) -> Result<Answer> {
    if operation == Operation::SessionCreate {
        return session_create(app, call).await;
    }
    let viewer = match actor {
        Some(actor) => Some(sessions::viewer(&app.store, &app.config, &actor.user_id).await?),
        None => None,
    };
    Answer::json(&Session { viewer })
}

async fn session_create(app: &App, call: &Incoming) -> Result<Answer> {
    let body: SessionCreate = call.json()?;
    // The session that this browser had ends: a token never survives a sign-in.
    if let Some(token) = call.cookie(app.config.cookie_name()) {
        sessions::delete(&app.store, token).await?;
    }
    let (token, user_id) = sessions::create(&app.store, &app.config, body, &call.address, &call.user_agent()).await?;
    let viewer = sessions::viewer(&app.store, &app.config, &user_id).await?;
    let seconds = u64::from(app.config.session_hours) * 3600;
    Ok(Answer::json(&Session { viewer: Some(viewer) })?
        .header(header::SET_COOKIE, security::cookie(&app.config, &token, seconds)))
}

async fn signed_in(app: &App, operation: Operation, call: &Incoming, actor: Actor) -> Result<Answer> {
    match operation {
        Operation::OrganizationList => Answer::json(&organizations::list(&app.store, &actor).await?),
        Operation::OrganizationCreate => {
            let key = call.idempotency_key()?;
            let (organization, replayed) = organizations::create(&app.store, &app.config, &actor, key, call.json()?).await?;
            let answer = Answer::json(&organization)?.status(operation.success()).entity_tag(organization.version);
            Ok(if replayed { answer.header(HeaderName::from_static("idempotent-replayed"), "true".to_owned()) } else { answer })
        }
        Operation::SessionDelete => {
            if let Some(token) = call.cookie(app.config.cookie_name()) {
                sessions::delete(&app.store, token).await?;
            }
            let answer = Answer::empty().header(header::SET_COOKIE, security::cookie(&app.config, "", 0));
            Ok(answer.header(HeaderName::from_static("clear-site-data"), "\"cache\"".to_owned()))
        }
        _ => Err(ProblemType::NotFound.into()),
    }
}

async fn member(app: &App, operation: Operation, call: &Incoming, member: Member) -> Result<Answer> {
    let user = || call.params.get("user_id").and_then(|id| UserId::parse(id)).ok_or(ProblemType::NotFound);
    match operation {
        Operation::OrganizationRead => {
            let organization = organizations::read(&app.store, &member).await?;
            Ok(Answer::json(&organization)?.entity_tag(organization.version))
        }
        Operation::OrganizationUpdate => {
            let organization = organizations::update(&app.store, &member, call.if_match()?, call.json()?).await?;
            Ok(Answer::json(&organization)?.entity_tag(organization.version))
        }
        Operation::OrganizationDelete => organizations::delete(&app.store, &member, call.json()?).await.map(|()| Answer::empty()),
        Operation::MembershipDelete => members::leave(&app.store, &member).await.map(|()| Answer::empty()),
        Operation::MemberList => Answer::json(&members::list(&app.store, &member).await?),
        Operation::MemberUpdate => Answer::json(&members::update(&app.store, &member, &user()?, call.json()?).await?),
        Operation::MemberDelete => members::delete(&app.store, &member, &user()?).await.map(|()| Answer::empty()),
        Operation::SessionRead
        | Operation::SessionCreate
        | Operation::SessionDelete
        | Operation::OrganizationList
        | Operation::OrganizationCreate => Err(ProblemType::NotFound.into()),
    }
}
