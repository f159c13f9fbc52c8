//! From an operation to its rule: one gate for all of them, then one `match`.

use super::answer::{Answer, problem};
use super::body::{Unread, Whole};
use super::call::Incoming;
use super::{media, security};
use crate::App;
use crate::auth::openid::{self, Outcome};
use crate::error::{Error, Result};
use crate::service::key_verify::Found;
use crate::service::{
    Actor, Member, access, access_templates, account, api_keys, assistants, defaults, email_verification, ends, hierarchy,
    invitations, key_leaks, key_verify, mails, members, models, organizations, received_invitations, resource_access, routers,
    sessions, settings, spaces, switching, tool_test, tools,
};
use crate::store::{self, Tenant, Touch, members::Standing};
use crate::turns::Turn;
use crate::usage::{export, ingest, question, views};
use crate::{live, logo};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use pulze_contract::access::ACCESS_PAGE_MAX;
use pulze_contract::api_key::{Denial, EVIDENCE_HOURS, KeyVerify, Scope, ScopeLevel, asked_of_a_key};
use pulze_contract::assistant::{AssistantContent, AssistantUpdate};
use pulze_contract::image::ImageFetch;
use pulze_contract::mail::MAILS_MAX;
use pulze_contract::member::{MemberDelete, MemberQuery, PAGE_MAX};
use pulze_contract::operation::{Access, FreshSignIn};
use pulze_contract::session::{ProviderBegun, Session, SessionCreate, SignedOut, Viewer};
use pulze_contract::space::{Space, SpaceCreate, SpaceUpdate};
use pulze_contract::table::TableFormat;
use pulze_contract::tool::names_tool;
use pulze_contract::usage::UsageQuery;
use pulze_contract::validation;
use pulze_contract::{
    AccessTemplateId, ApiKeyId, AssistantId, AuditEventId, InvitationId, Operation, OrganizationId, Permission, ProblemType,
    ResourceKind, RouterId, SessionId, SpaceId, UsageViewId, UserId,
};
use tokio::runtime::Handle;

/// The last visit of a member is written at most this often, to spare the database.
const TOUCH_MS: i64 = 5 * 60 * 1000;

/// Bodies of imports that are longer than this wait for a turn of their own, in bytes: some 300 calls.
const BULK: usize = 64 * 1024;

/// Answers one request.
pub async fn dispatch(app: App, operation: Operation, mut call: Incoming, body: Unread) -> Response {
    let request_id = call.request_id.clone();
    let result = app.store.while_there(answer(&app, operation, &mut call, body)).await;
    let response = match result {
        Ok(answer) => answer.into_response(),
        Err(error) => problem(&error, &request_id),
    };
    tracing::info!(request_id, operation = operation.id(), status = response.status().as_u16(), "answered");
    response
}

/// Who calls, and what they were let in to. Everything but the body has been looked at.
enum Admitted {
    Public(Option<Actor>),
    SignedIn(Actor),
    Installation,
    Member(Member),
    Space(Member, Box<Space>),
}

async fn answer(app: &App, operation: Operation, call: &mut Incoming, body: Unread) -> Result<Answer> {
    let admitted = admit(app, operation, call).await?;
    let whose = match &admitted {
        Admitted::Public(_) | Admitted::Installation => Tenant::Address(call.address.clone()),
        Admitted::SignedIn(actor) => (&actor.user_id).into(),
        Admitted::Member(caller) | Admitted::Space(caller, _) => (&caller.organization).into(),
    };
    let Whole { bytes, memory: _memory } = body.read(app.config.body_patience(operation.body_max()), &whose).await?;
    call.body = bytes;
    if let Admitted::Member(caller) = &admitted
        && is_bulk(operation, call)
    {
        let turn = app.store.bulk(&caller.organization).await?;
        return in_bulk(app, operation, call, caller.clone(), turn).await;
    }
    call.body = media::decoded(&call.headers, std::mem::take(&mut call.body), operation.body_max())?;
    match admitted {
        Admitted::Public(actor) => public(app, operation, call, actor).await,
        Admitted::SignedIn(actor) => signed_in(app, operation, call, actor).await,
        Admitted::Installation => {
            Answer::json(&mails::list(&app.store, &app.config, call.number("limit").unwrap_or(MAILS_MAX)).await?)
        }
        Admitted::Member(caller) => member(app, operation, call, caller).await,
        Admitted::Space(caller, space) => in_a_space(app, operation, call, caller, *space).await,
    }
}

/// Whether so much comes in that it must not be done beside everything else.
fn is_bulk(operation: Operation, call: &Incoming) -> bool {
    let large = call.body.len() > BULK || call.headers.contains_key(header::CONTENT_ENCODING);
    large && matches!(operation, Operation::UsageImport | Operation::UsageTraces)
}

/// Answers on a thread for blocking work: to read a large body, and to make statements of it, takes long enough to hold
/// up others.
async fn in_bulk(app: &App, operation: Operation, call: &mut Incoming, caller: Member, turn: Turn<Tenant>) -> Result<Answer> {
    let (app, mut call, here) = (app.clone(), std::mem::take(call), Handle::current());
    let work = move || {
        let answer = here.block_on(async {
            call.body = media::decoded(&call.headers, std::mem::take(&mut call.body), operation.body_max())?;
            member(&app, operation, &call, caller).await
        });
        drop(turn);
        answer
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::Internal(error.to_string()))?
}

/// The gate: nothing of the body is read before it has let the caller in.
async fn admit(app: &App, operation: Operation, call: &Incoming) -> Result<Admitted> {
    security::refuse_other_sites(&app.config, operation.method(), &call.headers)?;
    call.require_clean_address()?;
    let unsettled = ends::settle(&app.store, crate::now()).await?;
    if unsettled.iter().any(|id| call.params.get("organization_id").is_some_and(|named| named == id.as_str())) {
        return Err(Error::Internal("ends of the organization could not be applied".to_owned()));
    }
    let key = call.bearer(app.config.cookie_name())?;
    if let Some(key) = key.filter(|_| operation.access() != Access::Public) {
        return by_key(app, operation, call, key).await;
    }
    let actor = actor(app, call).await?;
    let asked = actor.clone().filter(|_| operation.fresh_sign_in() == FreshSignIn::Always);
    // Who may not do it anyway is told that, not asked who they are.
    let admitted = as_actor(app, operation, call, actor).await?;
    match asked {
        Some(actor) => actor.require_fresh().map(|()| admitted),
        None => Ok(admitted),
    }
}

/// Who the session of the request is of.
async fn actor(app: &App, call: &Incoming) -> Result<Option<Actor>> {
    let Some(token) = call.cookie(app.config.cookie_name()) else { return Ok(None) };
    let session = sessions::find(&app.store, &app.config, token).await?;
    Ok(session.map(|session| Actor {
        user_id: session.user_id.clone(),
        request_id: call.request_id.clone(),
        fresh: sessions::is_fresh(&app.config, &session),
        session: Some(session),
    }))
}

async fn as_actor(app: &App, operation: Operation, call: &Incoming, actor: Option<Actor>) -> Result<Admitted> {
    match operation.access() {
        Access::Public => Ok(Admitted::Public(actor)),
        Access::SignedIn => Ok(Admitted::SignedIn(actor.ok_or(ProblemType::SignedOut)?)),
        Access::Installation => {
            let actor = actor.ok_or(ProblemType::SignedOut)?;
            let person = store::users::by_id(&mut *app.store.read().await?, &actor.user_id).await?;
            // For everybody else there is no such thing.
            if !person.is_some_and(|person| person.administers_installation) {
                return Err(ProblemType::NotFound.into());
            }
            Ok(Admitted::Installation)
        }
        // The level is asked by the operation, which knows the resources.
        Access::Member(permission) | Access::Resource(permission, _) => {
            enter(app, call, actor.ok_or(ProblemType::SignedOut)?, permission).await.map(Admitted::Member)
        }
        Access::Space(permission, in_space) => {
            let actor = actor.ok_or(ProblemType::SignedOut)?;
            // Whether the space is the caller's to know is asked first: a refusal would give it away.
            let caller = enter(app, call, actor, Permission::SpacesRead).await?;
            let id = call.params.get("space_id").and_then(|id| SpaceId::parse(id)).ok_or(ProblemType::NotFound)?;
            let space = spaces::read(&app.store, &caller, &id).await?;
            if !caller.may(permission) || !space.role.grants(in_space) {
                return Err(ProblemType::Forbidden.into());
            }
            Ok(Admitted::Space(caller, Box::new(space)))
        }
    }
}

/// Answers somebody who brings an API key in place of a session: as the owner of the key, within its
/// scopes, its spaces and its organization.
async fn by_key(app: &App, operation: Operation, call: &Incoming, key: &str) -> Result<Admitted> {
    let asked = asked_of_a_key(operation);
    let (scope, level) = asked.unwrap_or((Scope::ModelAndRouterConfiguration, ScopeLevel::None));
    let space_id = call.params.get("space_id").and_then(|id| SpaceId::parse(id));
    let question = KeyVerify {
        key: key.to_owned(),
        scope,
        level,
        model: None,
        space_id,
        address: call.address.clone(),
        client: call.user_agent(),
    };
    let Found { presented, denial } = key_verify::look(app, &question).await?;
    match denial {
        None => {}
        Some(Denial::Unknown | Denial::Revoked | Denial::Expired | Denial::Disabled | Denial::OwnerLeft) => {
            return Err(ProblemType::SignedOut.into());
        }
        Some(Denial::Rate) => return Err(Error::too_many(60)),
        Some(_) => return Err(ProblemType::Forbidden.into()),
    }
    let presented = presented.ok_or(ProblemType::SignedOut)?;
    let named = call.params.get("organization_id").and_then(|id| OrganizationId::parse(id));
    if named.as_ref() != Some(&presented.organization) {
        return Err(ProblemType::NotFound.into());
    }
    let actor = Actor::without_session(presented.key.owner_id, &call.request_id);
    as_actor(app, operation, call, Some(actor)).await
}

/// Finds the caller's role in the organization of the path, and notes that they were there.
async fn enter(app: &App, call: &Incoming, actor: Actor, permission: Permission) -> Result<Member> {
    // An organization that is not the caller's to know answers like one that does not exist.
    let organization =
        call.params.get("organization_id").and_then(|id| OrganizationId::parse(id)).ok_or(ProblemType::NotFound)?;
    let mut db = app.store.read().await?;
    let found = store::members::standing(&mut db, &organization, &actor.user_id).await?;
    let Standing { role, last_active_at, editors_may_invite } = found.ok_or(ProblemType::NotFound)?;
    let member = Member { actor, organization, role, editors_may_invite };
    if !member.may(permission) {
        return Err(ProblemType::Forbidden.into());
    }
    let now = crate::now();
    if now - last_active_at > TOUCH_MS {
        app.store.touch(Touch::Membership(member.organization.clone(), member.actor.user_id.clone()), now);
    }
    Ok(member)
}

async fn public(app: &App, operation: Operation, call: &Incoming, actor: Option<Actor>) -> Result<Answer> {
    match operation {
        Operation::SessionCreate => session_create(app, call).await,
        Operation::ProviderBegin => {
            let (address, browser) = openid::begin(app, actor.as_ref(), &call.address, &call.json()?).await?;
            let cookie = security::sign_in_cookie(&app.config, &browser, 600);
            Ok(Answer::json(&ProviderBegun { address })?.header(header::SET_COOKIE, cookie))
        }
        Operation::ApiKeyVerify => Answer::json(&key_verify::verify(app, call.json()?).await?),
        Operation::InvitationOpen => Answer::json(&received_invitations::open(&app.store, call.json()?).await?),
        Operation::InvitationAccept => invitation_accept(app, call, actor).await,
        Operation::InvitationSeen => received_invitations::seen(&app.store, call.json()?).await.map(|()| Answer::empty()),
        Operation::InvitationDecline => {
            received_invitations::decline(&app.store, &call.request_id, call.json()?).await.map(|()| Answer::empty())
        }
        _ => {
            let viewer = match actor {
                Some(actor) => Some(sessions::viewer(&app.store, &app.config, &actor.user_id).await?),
                None => None,
            };
            Answer::json(&session_of(app, viewer))
        }
    }
}

/// Answers with the session afterwards: a new account is signed in by the link that made it.
async fn invitation_accept(app: &App, call: &Incoming, actor: Option<Actor>) -> Result<Answer> {
    let (_, new) = received_invitations::accept(&app.store, actor.as_ref(), &call.request_id, call.json()?).await?;
    let user_id = new.as_ref().or(actor.as_ref().map(|actor| &actor.user_id)).ok_or(ProblemType::SignedOut)?;
    let viewer = sessions::viewer(&app.store, &app.config, user_id).await?;
    let answer = Answer::json(&session_of(app, Some(viewer)))?;
    let Some(user_id) = new else { return Ok(answer) };
    let actor = Actor::without_session(user_id, &call.request_id);
    let token = sessions::start(&app.store, &app.config, &actor, &call.address, &call.user_agent(), "").await?;
    Ok(answer.header(header::SET_COOKIE, session_cookie(app, &token)))
}

fn session_of(app: &App, viewer: Option<Viewer>) -> Session {
    Session { viewer, providers: app.providers.list(), delivers_mail: app.config.smtp_url.is_some() }
}

fn session_cookie(app: &App, token: &str) -> String {
    security::cookie(&app.config, token, u64::from(app.config.session_hours) * 3600)
}

async fn session_create(app: &App, call: &Incoming) -> Result<Answer> {
    let body: SessionCreate = call.json()?;
    let (token, user_id) =
        sessions::create(&app.store, &app.config, body, &call.address, &call.user_agent(), &call.request_id).await?;
    // The session that this browser had ends: a token never survives a sign-in. One that is refused changes nothing.
    if let Some(token) = call.cookie(app.config.cookie_name()) {
        sessions::delete(&app.store, token, &call.request_id).await?;
    }
    let viewer = sessions::viewer(&app.store, &app.config, &user_id).await?;
    Ok(Answer::json(&session_of(app, Some(viewer)))?.header(header::SET_COOKIE, session_cookie(app, &token)))
}

/// `GET /sign-in/callback`: a provider sends the browser back. What is wrong is said by the page that it goes on to.
pub async fn provider_callback(State(app): State<App>, call: Incoming) -> Response {
    match app.store.while_there(finish_sign_in(&app, &call)).await {
        Ok(answer) => answer.into_response(),
        Err(error) => problem(&error, &call.request_id),
    }
}

async fn finish_sign_in(app: &App, call: &Incoming) -> Result<Answer> {
    call.require_clean_address()?;
    let actor = actor(app, call).await?;
    let returned = openid::Returned {
        parameters: &call.query,
        browser: call.cookie(app.config.sign_in_cookie_name()),
        actor: actor.as_ref(),
        address: &call.address,
        user_agent: &call.user_agent(),
        request_id: &call.request_id,
    };
    let finished = openid::finish(app, &returned).await?;
    // Before what follows the `#`, which is the page's own.
    let (page, fragment) =
        finished.return_to.split_once('#').map_or((finished.return_to.as_str(), None), |(page, rest)| (page, Some(rest)));
    let joint = if page.contains('?') { '&' } else { '?' };
    let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    let went = |how: &str| format!("{page}{joint}sign_in={how}{fragment}");
    let (location, token) = match finished.outcome {
        Ok(Outcome::SignedIn(token)) => {
            // The session that this browser had ends: a token never survives a sign-in.
            if let Some(token) = call.cookie(app.config.cookie_name()) {
                sessions::delete(&app.store, token, &call.request_id).await?;
            }
            (finished.return_to.clone(), Some(token))
        }
        Ok(Outcome::Confirmed(token)) => (went("confirmed"), Some(token)),
        Ok(Outcome::Linked) => (went("linked"), None),
        Err(refusal) => (went(refusal.as_str()), None),
    };
    let answer = Answer::empty().status(303).header(header::LOCATION, location);
    let answer = answer.header(header::SET_COOKIE, security::sign_in_cookie(&app.config, "", 0));
    Ok(match token {
        Some(token) => answer.header(header::SET_COOKIE, session_cookie(app, &token)),
        None => answer,
    })
}

async fn signed_in(app: &App, operation: Operation, call: &Incoming, actor: Actor) -> Result<Answer> {
    match operation {
        Operation::OrganizationList => Answer::json(&organizations::list(&app.store, &actor).await?),
        Operation::OrganizationCreate => {
            let key = call.idempotency_key()?;
            let (organization, replayed) = organizations::create(app, &actor, key, call.json()?).await?;
            Ok(Answer::created(&organization, operation, replayed)?.entity_tag(organization.version))
        }
        Operation::ReceivedInvitationAccept => {
            received_invitations::accept_received(&app.store, &actor, &invitation(call)?).await?;
            Answer::json(&session_of(app, Some(sessions::viewer(&app.store, &app.config, &actor.user_id).await?)))
        }
        Operation::ReceivedInvitationDecline => {
            received_invitations::decline_received(&app.store, &actor, &invitation(call)?).await.map(|()| Answer::empty())
        }
        Operation::SessionDelete => {
            if let Some(token) = call.cookie(app.config.cookie_name()) {
                sessions::delete(&app.store, token, &call.request_id).await?;
            }
            let provider = actor.session.map(|session| session.provider).filter(|provider| !provider.is_empty());
            let provider_address = match provider {
                Some(provider) => openid::sign_out_address(app, &provider).await,
                None => None,
            };
            let answer = Answer::json(&SignedOut { provider_address })?;
            // Nothing else is to be cleared: answers with somebody's data are `no-store`, so no cache holds any. To let
            // the browser clear its cache (`Clear-Site-Data`) would keep the person waiting for seconds.
            Ok(answer.header(header::SET_COOKIE, security::cookie(&app.config, "", 0)))
        }
        Operation::EmailVerificationCreate => Answer::json(&email_verification::send(app, &actor).await?),
        Operation::EmailVerify => email_verification::verify(app, &actor, call.json()?).await.map(|()| Answer::empty()),
        Operation::SessionConfirm => {
            let token = sessions::confirm(&app.store, &app.config, &actor, call.json()?, &call.address).await?;
            Ok(Answer::empty().header(header::SET_COOKIE, session_cookie(app, &token)))
        }
        Operation::SessionList => Answer::json(&sessions::list(&app.store, &app.config, &actor).await?),
        Operation::SessionsEndOthers => sessions::end_others(&app.store, &app.config, &actor).await.map(|()| Answer::empty()),
        Operation::SessionEnd => {
            let id = call.params.get("session_id").and_then(|id| SessionId::parse(id)).ok_or(ProblemType::NotFound)?;
            sessions::end(&app.store, &actor, &id).await.map(|()| Answer::empty())
        }
        Operation::AccountRead => {
            let account = account::read(app, &actor).await?;
            Ok(Answer::json(&account)?.entity_tag(account.version))
        }
        Operation::AccountUpdate => {
            let account = account::update(app, &actor, &call.if_match()?, call.json()?).await?;
            Ok(Answer::json(&account)?.entity_tag(account.version))
        }
        Operation::PasswordUpdate => {
            let token = account::set_password(app, &actor, call.json()?, &call.address).await?;
            let answer = Answer::empty();
            Ok(match token {
                Some(token) => answer.header(header::SET_COOKIE, session_cookie(app, &token)),
                None => answer,
            })
        }
        Operation::IdentityDelete => {
            let provider = call.params.get("provider_id").ok_or(ProblemType::NotFound)?;
            account::unlink(app, &actor, provider).await.map(|()| Answer::empty())
        }
        Operation::ImageFetch => {
            let body: ImageFetch = call.json()?;
            sessions::note_picture(&app.store, &actor.user_id).await?;
            Answer::json(&logo::fetch(app, (&actor.user_id).into(), "url", &body.url).await?)
        }
        Operation::ImageUpload => Answer::json(&logo::upload(app, (&actor.user_id).into(), &call.body).await?),
        _ => Err(ProblemType::NotFound.into()),
    }
}

fn invitation(call: &Incoming) -> Result<InvitationId> {
    let id = call.params.get("invitation_id").and_then(|id| InvitationId::parse(id));
    id.ok_or_else(|| ProblemType::NotFound.into())
}

async fn member(app: &App, operation: Operation, call: &Incoming, member: Member) -> Result<Answer> {
    let user = || call.params.get("user_id").and_then(|id| UserId::parse(id)).ok_or(ProblemType::NotFound);
    let invitation = || invitation(call);
    let template = || call.params.get("template_id").and_then(|id| AccessTemplateId::parse(id)).ok_or(ProblemType::NotFound);
    let assistant = || call.params.get("assistant_id").and_then(|id| AssistantId::parse(id)).ok_or(ProblemType::NotFound);
    let key = || call.params.get("key_id").and_then(|id| ApiKeyId::parse(id)).ok_or(ProblemType::NotFound);
    let tool = || call.params.get("tool_id").filter(|id| names_tool(id)).ok_or(ProblemType::NotFound);
    let resource = || {
        let kind = call.params.get("resource_kind").and_then(|kind| ResourceKind::parse(kind));
        kind.zip(call.params.get("resource_id")).ok_or(ProblemType::NotFound)
    };
    let usage = || UsageQuery::read(|name| call.query.get(name).cloned());
    let failed = || call.query.get("failed").is_some_and(|failed| failed == "true");
    let after = || call.query.get("after").map(String::as_str);
    let query = || MemberQuery::read(|name| call.query.get(name).cloned());
    let format = || call.query.get("format").and_then(|format| TableFormat::parse(format)).unwrap_or_default();
    match operation {
        Operation::OrganizationRead => {
            let organization = organizations::read(&app.store, &member).await?;
            Ok(Answer::json(&organization)?.entity_tag(organization.version))
        }
        Operation::OrganizationUpdate => {
            let organization = organizations::update(app, &member, &call.if_match()?, call.json()?).await?;
            Ok(Answer::json(&organization)?.entity_tag(organization.version))
        }
        Operation::OrganizationDelete => organizations::delete(&app.store, &member, call.json()?).await.map(|()| Answer::empty()),
        Operation::OrganizationEvents => Ok(Answer::stream(live::stream(app, &member))),
        Operation::MembershipDelete => members::leave(&app.store, &member).await.map(|()| Answer::empty()),
        Operation::MemberList => {
            let (query, offset, limit) = (query(), call.number("offset").unwrap_or(0), call.number("limit").unwrap_or(PAGE_MAX));
            Answer::json(&members::list(&app.store, &member, &query, offset, limit).await?)
        }
        Operation::MemberRead => Answer::json(&members::read(&app.store, &app.config, &member, &user()?).await?),
        Operation::MemberUpdate => Answer::json(&members::update(&app.store, &member, call.json()?).await?),
        Operation::MemberExport => {
            let table = members::export(&app.store, &member, &query()).await?;
            Ok(Answer::file("text/csv; charset=utf-8", "members.csv", table.file(format())))
        }
        Operation::MemberDelete => {
            let body = if call.body.is_empty() { MemberDelete::default() } else { call.json()? };
            members::delete(&app.store, &member, &user()?, body).await.map(|()| Answer::empty())
        }
        Operation::InvitationCheck => Answer::json(&invitations::check(&app.store, &member, call.json()?).await?),
        Operation::InvitationCreate => {
            let key = call.idempotency_key()?;
            let (receipts, replayed) = invitations::create(&app.store, &app.config, &member, key, call.json()?).await?;
            Answer::created(&receipts, operation, replayed)
        }
        Operation::InvitationRead => Answer::json(&invitations::read(&app.store, &member, &invitation()?).await?),
        Operation::InvitationUpdate => {
            invitations::update(&app.store, &member, &invitation()?, call.json()?).await.map(|()| Answer::empty())
        }
        Operation::InvitationResend => {
            Answer::json(&invitations::resend(&app.store, &app.config, &member, &invitation()?).await?)
        }
        Operation::InvitationLink => Answer::json(&invitations::link(&app.store, &app.config, &member, &invitation()?).await?),
        Operation::AccessTemplateList => Answer::json(&access_templates::list(&app.store, &member).await?),
        Operation::AccessTemplateCreate => {
            let key = call.idempotency_key()?;
            let (template, replayed) = access_templates::create(&app.store, &member, key, call.json()?).await?;
            Answer::created(&template, operation, replayed)
        }
        Operation::AccessTemplateUpdate => {
            Answer::json(&access_templates::update(&app.store, &member, &template()?, call.json()?).await?)
        }
        Operation::AccessTemplateDelete => {
            access_templates::delete(&app.store, &member, &template()?).await.map(|()| Answer::empty())
        }
        Operation::AccessList => {
            let (query, offset) = (query(), call.number("offset").unwrap_or(0));
            let limit = call.number("limit").unwrap_or(ACCESS_PAGE_MAX);
            Answer::json(&access::list(&app.store, &member, &query, offset, limit).await?)
        }
        Operation::AccessUpdate => Answer::json(&access::update(&app.store, &member, call.json()?).await?),
        Operation::InvitationDelete => invitations::delete(&app.store, &member, &invitation()?).await.map(|()| Answer::empty()),
        Operation::SpaceList => Answer::json(&spaces::list(&app.store, &member).await?),
        Operation::SpaceCreate => {
            let (space, replayed) =
                spaces::create(&app.store, &member, call.idempotency_key()?, with_logo(app, &member, call.json()?).await?)
                    .await?;
            Ok(Answer::created(&space, operation, replayed)?.entity_tag(space.version))
        }
        Operation::ModelList => Answer::json(&models::list(&app.store, &member).await?),
        Operation::ModelCheck => Answer::json(&switching::check(&app.store, &member, ResourceKind::Model, call.json()?).await?),
        Operation::ModelUpdate => Answer::json(&switching::switch(&app.store, &member, ResourceKind::Model, call.json()?).await?),
        Operation::ModelCreate => {
            let (model, replayed) = models::create(&app.store, &member, call.idempotency_key()?, call.json()?).await?;
            Answer::created(&model, operation, replayed)
        }
        Operation::ModelDelete => {
            let id = call.params.get("model_id").ok_or(ProblemType::NotFound)?;
            models::delete(&app.store, &member, id).await.map(|()| Answer::empty())
        }
        Operation::RouterList => Answer::json(&routers::list(&app.store, &member).await?),
        Operation::RouterCreate => {
            let (router, replayed) = routers::create(&app.store, &member, call.idempotency_key()?, call.json()?).await?;
            Answer::created(&router, operation, replayed)
        }
        Operation::RouterUpdate => {
            let id = call.params.get("router_id").and_then(|id| RouterId::parse(id)).ok_or(ProblemType::NotFound)?;
            Answer::json(&routers::update(&app.store, &member, &id, &call.if_match()?, call.json()?).await?)
        }
        Operation::RouterCheck => Answer::json(&switching::check(&app.store, &member, ResourceKind::Router, call.json()?).await?),
        Operation::RouterSwitch => {
            Answer::json(&switching::switch(&app.store, &member, ResourceKind::Router, call.json()?).await?)
        }
        Operation::AssistantList => Answer::json(&assistants::list(&app.store, &member).await?),
        Operation::AssistantCreate => {
            let (assistant, replayed) =
                assistants::create(&app.store, &member, call.idempotency_key()?, with_logo(app, &member, call.json()?).await?)
                    .await?;
            Ok(Answer::created(&assistant, operation, replayed)?.entity_tag(assistant.version))
        }
        Operation::AssistantRead => {
            let assistant = assistants::read(&app.store, &member, &assistant()?).await?;
            Ok(Answer::json(&assistant)?.entity_tag(assistant.version))
        }
        Operation::AssistantUpdate => {
            let assistant = assistants::update(
                &app.store,
                &member,
                &assistant()?,
                &call.if_match()?,
                with_logo(app, &member, call.json()?).await?,
            )
            .await?;
            Ok(Answer::json(&assistant)?.entity_tag(assistant.version))
        }
        Operation::AssistantDelete => assistants::delete(&app.store, &member, &assistant()?).await.map(|()| Answer::empty()),
        Operation::AssistantCheck => {
            Answer::json(&switching::check(&app.store, &member, ResourceKind::Assistant, call.json()?).await?)
        }
        Operation::AssistantSwitch => {
            Answer::json(&switching::switch(&app.store, &member, ResourceKind::Assistant, call.json()?).await?)
        }
        Operation::ToolList => Answer::json(&tools::list(app, &member).await?),
        Operation::ToolCreate => {
            let (tool, replayed) = tools::create(app, &member, call.idempotency_key()?, call.json()?).await?;
            Answer::created(&tool, operation, replayed)
        }
        Operation::ToolUpdate => {
            let tool = tools::update(app, &member, tool()?, &call.if_match()?, call.json()?).await?;
            Ok(Answer::json(&tool)?.entity_tag(tool.version))
        }
        Operation::ToolDelete => tools::delete(app, &member, tool()?).await.map(|()| Answer::empty()),
        Operation::ToolTest => Answer::json(&tool_test::run(app, &member, tool()?).await?),
        Operation::ToolCheck => Answer::json(&switching::check(&app.store, &member, ResourceKind::Tool, call.json()?).await?),
        Operation::ToolSwitch => Answer::json(&switching::switch(&app.store, &member, ResourceKind::Tool, call.json()?).await?),
        Operation::ResourceAccessRead => {
            let (kind, id) = resource()?;
            Answer::json(&resource_access::read(&app.store, &member, kind, id).await?)
        }
        Operation::ResourceAccessUpdate => {
            let (kind, id) = resource()?;
            Answer::json(&resource_access::update(&app.store, &member, kind, id, call.json()?).await?)
        }
        Operation::ApiKeyList => Answer::json(&api_keys::list(app, &member).await?),
        Operation::ApiKeyCreate => {
            let (created, replayed) = api_keys::create(app, &member, call.idempotency_key()?, call.json()?).await?;
            Answer::created(&created, operation, replayed)
        }
        Operation::ApiKeyRead => Answer::json(&api_keys::read(app, &member, &key()?).await?),
        Operation::ApiKeyUpdate => {
            let key = api_keys::update(app, &member, &key()?, &call.if_match()?, call.json()?).await?;
            Ok(Answer::json(&key)?.entity_tag(key.version))
        }
        Operation::ApiKeyRotate => {
            let (key, seen) = (key()?, call.if_match()?);
            let (created, replayed) = api_keys::rotate(app, &member, &key, &seen, call.idempotency_key()?, call.json()?).await?;
            Answer::created(&created, operation, replayed)
        }
        Operation::ApiKeysChange => Answer::json(&api_keys::change(app, &member, call.json()?).await?),
        Operation::ApiKeyFind => Answer::json(&key_leaks::find(app, &member, call.json()?).await?),
        Operation::ApiKeyEvidence => {
            let hours = call.number("hours").unwrap_or(EVIDENCE_HOURS[0]);
            Answer::json(&key_leaks::evidence(app, &member, &key()?, hours).await?)
        }
        Operation::ApiKeyLeakNotice => {
            let (sent, replayed) = key_leaks::tell_owner(app, &member, &key()?, call.idempotency_key()?, call.json()?).await?;
            Answer::created(&sent, operation, replayed)
        }
        Operation::ApiKeyPolicyUpdate => Answer::json(&api_keys::update_policy(app, &member, call.json()?).await?),
        Operation::UsageImport => Answer::json(&ingest::import(app, &member, call.json_bytes()?).await?),
        Operation::UsageTraces => super::otlp::traces(app, &member, call).await,
        Operation::UsageRead => Answer::json(&question::read(app, &member, &usage()).await?),
        Operation::UsageReadOwn => Answer::json(&question::read_own(app, &member, usage()).await?),
        Operation::UsageCalls => Answer::json(&question::calls(app, &member, &usage(), failed(), after()).await?),
        Operation::UsageCallsOwn => {
            let own = question::own(&member, usage());
            Answer::json(&question::calls(app, &member, &own, failed(), after()).await?)
        }
        Operation::UsageCallPoints => Answer::json(&question::call_points(app, &member, &usage(), failed()).await?),
        Operation::UsageCallPointsOwn => {
            Answer::json(&question::call_points(app, &member, &question::own(&member, usage()), failed()).await?)
        }
        Operation::UsageExport => {
            if call.query.get("format").is_some_and(|format| format == "json") {
                let json = export::json(app, &member, &usage()).await?;
                return Ok(Answer::file("application/json", "usage.json", json));
            }
            let table = export::table(app, &member, &usage()).await?;
            Ok(Answer::file("text/csv; charset=utf-8", "usage.csv", table.file(format())))
        }
        Operation::UsageViewList => Answer::json(&views::list(app, &member).await?),
        Operation::UsageViewCreate => {
            let (view, replayed) = views::create(app, &member, call.idempotency_key()?, call.json()?).await?;
            Answer::created(&view, operation, replayed)
        }
        Operation::UsageViewDelete => {
            let id = call.params.get("view_id").and_then(|id| UsageViewId::parse(id)).ok_or(ProblemType::NotFound)?;
            views::delete(app, &member, &id).await.map(|()| Answer::empty())
        }
        Operation::DefaultsRead => Answer::json(&defaults::read(&app.store, &member).await?),
        Operation::DefaultsUpdate => Answer::json(&defaults::update(&app.store, &member, call.json()?).await?),
        Operation::HierarchyRead => Answer::json(&hierarchy::read(&app.store, &member).await?),
        Operation::ContentImport => hierarchy::import(&app.store, &member, call.json()?).await.map(|()| Answer::empty()),
        Operation::ChangeUndo => {
            let id = call.params.get("event_id").and_then(|id| AuditEventId::parse(id)).ok_or(ProblemType::NotFound)?;
            settings::undo(&app.store, &member, &id).await.map(|()| Answer::empty())
        }
        Operation::SessionRead
        | Operation::SessionCreate
        | Operation::SessionDelete
        | Operation::SessionConfirm
        | Operation::SessionList
        | Operation::SessionsEndOthers
        | Operation::SessionEnd
        | Operation::ProviderBegin
        | Operation::IdentityDelete
        | Operation::AccountRead
        | Operation::AccountUpdate
        | Operation::PasswordUpdate
        | Operation::EmailVerificationCreate
        | Operation::EmailVerify
        | Operation::ImageFetch
        | Operation::ImageUpload
        | Operation::OrganizationList
        | Operation::OrganizationCreate
        | Operation::ApiKeyVerify
        | Operation::InvitationOpen
        | Operation::InvitationSeen
        | Operation::InvitationAccept
        | Operation::InvitationDecline
        | Operation::ReceivedInvitationAccept
        | Operation::ReceivedInvitationDecline
        | Operation::MailList
        | Operation::SpaceRead
        | Operation::SpaceUpdate
        | Operation::SpaceDelete
        | Operation::SpaceMemberList
        | Operation::SpaceMembersUpdate
        | Operation::SpaceSettingsUpdate
        | Operation::EffectivePolicyRead => Err(ProblemType::NotFound.into()),
    }
}

/// A body that may name a picture by its address.
trait NamesPicture {
    fn picture(&mut self) -> Option<(&'static str, &mut String)>;
}

impl NamesPicture for SpaceCreate {
    fn picture(&mut self) -> Option<(&'static str, &mut String)> {
        Some(("logo_url", &mut self.logo_url))
    }
}

impl NamesPicture for SpaceUpdate {
    fn picture(&mut self) -> Option<(&'static str, &mut String)> {
        self.logo_url.as_mut().map(|url| ("logo_url", url))
    }
}

impl NamesPicture for AssistantContent {
    fn picture(&mut self) -> Option<(&'static str, &mut String)> {
        Some(("avatar_url", &mut self.avatar_url))
    }
}

impl NamesPicture for AssistantUpdate {
    fn picture(&mut self) -> Option<(&'static str, &mut String)> {
        self.content.picture()
    }
}

/// The body with the picture fetched and kept, before any transaction begins.
async fn with_logo<T: NamesPicture>(app: &App, caller: &Member, mut body: T) -> Result<T> {
    // What is no address at all is refused with the other fields.
    let usable = |url: &str| app.config.allow_private_endpoints || validation::logo_url(url).is_ok();
    if let Some((field, url)) = body.picture().filter(|(_, url)| usable(url)) {
        *url = logo::take(app, (&caller.organization).into(), field, url).await?;
    }
    Ok(body)
}

async fn in_a_space(app: &App, operation: Operation, call: &Incoming, member: Member, space: Space) -> Result<Answer> {
    match operation {
        Operation::SpaceRead => Ok(Answer::json(&space)?.entity_tag(space.version)),
        Operation::SpaceUpdate => {
            let space =
                spaces::update(&app.store, &member, &space.id, &call.if_match()?, with_logo(app, &member, call.json()?).await?)
                    .await?;
            Ok(Answer::json(&space)?.entity_tag(space.version))
        }
        Operation::SpaceDelete => spaces::delete(&app.store, &member, &space.id, call.json()?).await.map(|()| Answer::empty()),
        Operation::SpaceMemberList => Answer::json(&spaces::members(&app.store, &member, &space.id).await?),
        Operation::SpaceMembersUpdate => {
            Answer::json(&spaces::update_members(&app.store, &member, &space.id, call.json()?).await?)
        }
        Operation::SpaceSettingsUpdate => Answer::json(&defaults::update_space(&app.store, &member, &space, call.json()?).await?),
        Operation::EffectivePolicyRead => {
            let policy = defaults::policy(&app.store, &member, &space).await?;
            Ok(Answer::json(&policy)?.entity_tag(policy.version))
        }
        _ => Err(ProblemType::NotFound.into()),
    }
}
