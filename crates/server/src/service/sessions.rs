//! Signing in and out.

use super::Actor;
use crate::auth::{password, token};
use crate::config::Config;
use crate::error::{Error, Fields, Result};
use crate::store::sessions::Running;
use crate::store::{self, Store, Tenant, Touch};
use pulze_contract::account::{SessionConfirm, SessionList, SignedInDevice};
use pulze_contract::address::{counted, shown};
use pulze_contract::member::MemberSession;
use pulze_contract::session::{SessionCreate, Viewer};
use pulze_contract::validation::{self, Rule};
use pulze_contract::{Permission, ProblemType, SessionId, UserId};
use serde_json::json;

/// Failed attempts are counted over this long.
const ATTEMPT_WINDOW_MS: i64 = 15 * 60 * 1000;
/// The last use of a session is written at most this often, to spare the database.
const TOUCH_MS: i64 = 60 * 1000;

/// Whether an attempt may be made for an account from an address; notes it before the password is looked at, so
/// that parallel guesses count too.
async fn note_attempt(store: &Store, config: &Config, email: &str, address: &str) -> Result<String> {
    let (now, attempt) = (crate::now(), crate::new_digits());
    let address = &counted(address);
    let mut change = store.change(Tenant::Address(address.clone())).await?;
    let (by_email, by_address) = store::users::attempts(&mut change, email, address, now - ATTEMPT_WINDOW_MS).await?;
    if by_email >= i64::from(config.sign_in_limit_account) || by_address >= i64::from(config.sign_in_limit_address) {
        return Err(Error::too_many(u32::try_from(ATTEMPT_WINDOW_MS / 1000).unwrap_or(u32::MAX)));
    }
    store::users::insert_attempt(&mut change, &attempt, email, address, now).await?;
    change.commit().await?;
    Ok(attempt)
}

/// Pictures that one person may let this server fetch within [`ATTEMPT_WINDOW_MS`]: it is no way to look at the web.
const PICTURES_MAX: i64 = 60;

/// Counts a picture that is fetched for somebody.
///
/// # Errors
/// `too-many-requests`.
pub async fn note_picture(store: &Store, user: &UserId) -> Result<()> {
    let (now, who) = (crate::now(), format!("picture {user}"));
    let mut change = store.change(user).await?;
    let (by_person, _) = store::users::attempts(&mut change, &who, &who, now - ATTEMPT_WINDOW_MS).await?;
    if by_person >= PICTURES_MAX {
        return Err(Error::too_many(u32::try_from(ATTEMPT_WINDOW_MS / 1000).unwrap_or(u32::MAX)));
    }
    store::users::insert_attempt(&mut change, &crate::new_digits(), &who, "", now).await?;
    change.commit().await
}

async fn forget_attempt(store: &Store, attempt: &str, address: &str) -> Result<()> {
    let mut change = store.change(Tenant::Address(counted(address))).await?;
    store::users::delete_attempt(&mut change, attempt).await?;
    change.commit().await
}

/// Signs in and returns the new token with the person.
///
/// # Errors
/// `wrong-credentials`, the same for an unknown email and a wrong password; `too-many-requests`.
pub async fn create(
    store: &Store,
    config: &Config,
    body: SessionCreate,
    address: &str,
    user_agent: &str,
    request_id: &str,
) -> Result<(String, UserId)> {
    let email = validation::email(&body.email).unwrap_or_else(|_| body.email.trim().to_lowercase());
    let mut fields = Fields::default();
    fields.check("email", typed(&email, 320));
    fields.check("password", typed(&body.password, 1024));
    fields.finish()?;

    // Whoever is not let in for the crowd has made no attempt.
    let hashing = password::turn(&Tenant::Address(address.to_owned())).await?;
    let attempt = note_attempt(store, config, &email, address).await?;
    let found = store::users::by_email(&mut *store.read().await?, &email).await?;
    let (user, hash) = found.unzip();
    let correct = hashing.verify(body.password, hash.flatten()).await?;
    let Some(user) = user.filter(|_| correct) else { return Err(ProblemType::WrongCredentials.into()) };
    forget_attempt(store, &attempt, address).await?;
    let actor = Actor::without_session(user.id, request_id);
    Ok((start(store, config, &actor, address, user_agent, "").await?, actor.user_id))
}

fn typed(text: &str, most: usize) -> std::result::Result<(), Rule> {
    match text.chars().count() {
        0 => Err(Rule::Required),
        length if length > most => Err(Rule::TooLong),
        _ => Ok(()),
    }
}

/// Looks whether a password is the person's, within the limits of guessing.
///
/// # Errors
/// `wrong-credentials`, `too-many-requests`, `invalid` for an empty one.
pub async fn require_password(
    store: &Store,
    config: &Config,
    profile: &store::users::Profile,
    (field, given): (&str, String),
    address: &str,
) -> Result<()> {
    let mut fields = Fields::default();
    fields.check(field, typed(&given, 1024));
    fields.finish()?;
    let hashing = password::turn(&Tenant::Address(address.to_owned())).await?;
    let attempt = note_attempt(store, config, &profile.user.email, address).await?;
    if !hashing.verify(given, profile.password_hash.clone()).await? {
        return Err(ProblemType::WrongCredentials.into());
    }
    forget_attempt(store, &attempt, address).await
}

/// Proves by the password who it is; the session gets a new token, which is returned.
///
/// # Errors
/// `wrong-credentials`, `too-many-requests`, `signed-out` without a session.
pub async fn confirm(store: &Store, config: &Config, actor: &Actor, body: SessionConfirm, address: &str) -> Result<String> {
    let session = actor.session.as_ref().ok_or(ProblemType::SignedOut)?;
    let profile = store::users::profile(&mut *store.read().await?, &actor.user_id).await?.ok_or(ProblemType::SignedOut)?;
    require_password(store, config, &profile, ("password", body.password), address).await?;
    prove(store, actor, session).await
}

/// Notes that the person of a session proved who they are, and gives the session a new token.
///
/// # Errors
/// `signed-out` where the token of the request was replaced meanwhile.
pub async fn prove(store: &Store, actor: &Actor, session: &Running) -> Result<String> {
    let token = token::new();
    let mut change = store.change(&session.user_id).await?;
    if !store::sessions::prove(&mut change, session, &token::hash(&token), crate::now()).await? {
        return Err(ProblemType::SignedOut.into());
    }
    actor.note(&mut change, "session_confirm", session.id.as_str(), json!({})).await?;
    change.commit().await?;
    Ok(token)
}

/// A new session of a person who has proved who they are; returns its token.
///
/// # Errors
/// The database fails.
pub async fn start(
    store: &Store,
    config: &Config,
    actor: &Actor,
    address: &str,
    user_agent: &str,
    provider: &str,
) -> Result<String> {
    let (token, now, user_id) = (token::new(), crate::now(), &actor.user_id);
    let mut change = store.change(user_id).await?;
    let (created, used) = ends(config, now);
    store::sessions::delete_ended(&mut change, created, used).await?;
    let id = SessionId::from_digits(&crate::new_digits());
    let (token_hash, id) = (&token::hash(&token), &id);
    let session = store::sessions::NewSession { token_hash, id, user_id, at: now, address, user_agent, provider };
    store::sessions::insert(&mut change, &session).await?;
    actor.note(&mut change, "session_create", id.as_str(), json!({ "address": address, "provider": provider })).await?;
    change.commit().await?;
    Ok(token)
}

/// The session of a token, if it still runs.
///
/// # Errors
/// The database fails.
pub async fn find(store: &Store, config: &Config, token: &str) -> Result<Option<Running>> {
    let now = crate::now();
    let (created, used) = ends(config, now);
    let hash = token::hash(token);
    let mut db = store.read().await?;
    let Some(session) = store::sessions::find(&mut db, &hash, created, used).await? else { return Ok(None) };
    if now - session.last_used_at > TOUCH_MS {
        store.touch(Touch::Session(hash), now);
    }
    Ok(Some(session))
}

/// Whether a session still runs.
///
/// # Errors
/// The database fails.
pub async fn runs(db: &mut store::Connection, config: &Config, id: &SessionId) -> Result<bool> {
    let (created, used) = ends(config, crate::now());
    store::sessions::runs(db, id, created, used).await
}

/// Whether the person of a session proved recently who they are.
pub fn is_fresh(config: &Config, session: &Running) -> bool {
    crate::now() - session.proved_at < i64::from(config.fresh_sign_in_minutes) * 60_000
}

/// Sessions created or last used before these times have ended.
fn ends(config: &Config, now: i64) -> (i64, i64) {
    (now - i64::from(config.session_hours) * 3_600_000, now - i64::from(config.session_idle_minutes) * 60_000)
}

/// Ends the session of a token, if there is one.
///
/// # Errors
/// The database fails.
pub async fn delete(store: &Store, token: &str, request_id: &str) -> Result<()> {
    let hash = token::hash(token);
    // What belongs to nobody takes no turn to write.
    let Some(session) = store::sessions::find(&mut *store.read().await?, &hash, 0, 0).await? else { return Ok(()) };
    let mut change = store.change(&session.user_id).await?;
    store::sessions::leave(&mut change, &session, crate::now()).await?;
    let actor = Actor::without_session(session.user_id, request_id);
    actor.note(&mut change, "session_delete", session.id.as_str(), json!({})).await?;
    change.commit().await
}

/// Where the actor is signed in: this session first, then the last used.
///
/// # Errors
/// The database fails.
pub async fn list(store: &Store, config: &Config, actor: &Actor) -> Result<SessionList> {
    let (created, used) = ends(config, crate::now());
    let running = store::sessions::of_user(&mut *store.read().await?, &actor.user_id, created, used).await?;
    let current = actor.session.as_ref().map(|session| &session.id);
    let device = |session: Running| SignedInDevice {
        current: Some(&session.id) == current,
        device: device(&session.user_agent),
        id: session.id,
        // A session of before may hold a port.
        address: shown(&session.address),
        created_at: session.created_at,
        last_used_at: session.last_used_at,
    };
    let mut sessions: Vec<SignedInDevice> = running.into_iter().map(device).collect();
    sessions.sort_by_key(|session| !session.current);
    Ok(SessionList { total: u32::try_from(sessions.len()).unwrap_or(u32::MAX), sessions })
}

/// Ends one of the actor's sessions.
///
/// # Errors
/// `not-found` for what is not a session of theirs.
pub async fn end(store: &Store, actor: &Actor, id: &SessionId) -> Result<()> {
    let mut change = store.change(&actor.user_id).await?;
    if !store::sessions::end(&mut change, &actor.user_id, id, crate::now()).await? {
        return Err(ProblemType::NotFound.into());
    }
    actor.note(&mut change, "session_end", id.as_str(), json!({})).await?;
    change.commit().await
}

/// Ends all of the actor's sessions but this one.
///
/// # Errors
/// The database fails.
pub async fn end_others(store: &Store, config: &Config, actor: &Actor) -> Result<()> {
    let mut change = store.change(&actor.user_id).await?;
    end_others_in(&mut change, config, actor).await?;
    actor.note(&mut change, "sessions_end_others", actor.user_id.as_str(), json!({})).await?;
    change.commit().await
}

/// The same, within a transaction.
pub(super) async fn end_others_in(change: &mut store::Connection, config: &Config, actor: &Actor) -> Result<()> {
    let now = crate::now();
    let (created, used) = ends(config, now);
    let current = actor.session.as_ref().map(|session| &session.id);
    for session in store::sessions::of_user(change, &actor.user_id, created, used).await? {
        if Some(&session.id) != current {
            store::sessions::end(change, &actor.user_id, &session.id, now).await?;
        }
    }
    Ok(())
}

/// What the app learns about a person.
///
/// # Errors
/// `signed-out` when the person no longer exists.
pub async fn viewer(store: &Store, config: &Config, user_id: &UserId) -> Result<Viewer> {
    let mut db = store.read().await?;
    let profile = store::users::profile(&mut db, user_id).await?.ok_or(ProblemType::SignedOut)?;
    let user = profile.user;
    let organizations = store::organizations::of_user(&mut db, user_id).await?;
    let may_create_organization = may_create(config, organizations.iter().map(|organization| organization.role));
    // Who only claims an address learns nothing of what is sent there.
    let invitations =
        if profile.email_verified { super::received_invitations::received(&mut db, &user.email).await? } else { Vec::new() };
    Ok(Viewer {
        user_id: user.id,
        name: user.name,
        email: user.email,
        email_verified: profile.email_verified,
        avatar_url: Some(profile.avatar_url).filter(|url| !url.is_empty()),
        has_password: profile.password_hash.is_some(),
        preferences: profile.preferences,
        account_version: profile.version,
        may_create_organization,
        administers_installation: user.administers_installation,
        organizations,
        invitations,
    })
}

/// Where a member is signed in.
///
/// # Errors
/// The database fails.
pub async fn of_member(db: &mut store::Connection, config: &Config, user_id: &UserId) -> Result<Vec<MemberSession>> {
    let (created, used) = ends(config, crate::now());
    let sessions = store::sessions::of_user(db, user_id, created, used).await?;
    let session = |Running { user_agent, created_at, last_used_at, .. }| MemberSession {
        device: device(&user_agent),
        created_at,
        last_used_at,
    };
    Ok(sessions.into_iter().map(session).collect())
}

/// Browser and system out of a `User-Agent`, `Firefox, Linux`; what it does not know it leaves out.
fn device(user_agent: &str) -> String {
    // In this order: Edge and Chrome name themselves Safari too, and Android names itself Linux.
    let browsers = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrom", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ];
    let systems = [
        ("Android", "Android"),
        ("iPhone", "iOS"),
        ("iPad", "iPadOS"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let named = |known: &[(&str, &'static str)]| known.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name);
    [named(&browsers), named(&systems)].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// `permissions.md`: an admin of any organization, or a person who belongs to none.
pub fn may_create(config: &Config, roles: impl IntoIterator<Item = pulze_contract::Role>) -> bool {
    let mut roles = roles.into_iter().peekable();
    config.open_organizations || roles.peek().is_none() || roles.any(|role| role.grants(Permission::OrganizationManage))
}

/// # Errors
/// `forbidden` when the actor may not create organizations.
pub async fn require_may_create(db: &mut store::Connection, config: &Config, actor: &Actor) -> Result<()> {
    let organizations = store::organizations::of_user(db, &actor.user_id).await?;
    if may_create(config, organizations.iter().map(|organization| organization.role)) {
        Ok(())
    } else {
        Err(ProblemType::Forbidden.into())
    }
}

#[cfg(test)]
mod tests {
    use super::device;

    #[test]
    fn devices_by_their_common_names() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0";
        let firefox = "Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0";
        assert_eq!(
            [chrome, phone, edge, firefox, ""].map(device),
            ["Chrome, Linux", "Safari, iOS", "Edge, Windows", "Firefox, Android", ""]
        );
    }
}
