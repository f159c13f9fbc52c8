//! One's own account: name, picture, preferences, password, and other services to sign in by.

use super::{Actor, Seen, sessions};
use crate::App;
use crate::auth::password;
use crate::error::{Error, Fields, Result};
use crate::store;
use crate::store::live::Whom;
use crate::store::users::{Profile, User};
use pulze_contract::account::{Account, AccountUpdate, Identity, PasswordUpdate, Preferences};
use pulze_contract::live::LiveKind;
use pulze_contract::validation;
use pulze_contract::{FieldError, ProblemType};
use serde_json::json;

/// # Errors
/// `signed-out` when the person no longer exists.
pub async fn read(app: &App, actor: &Actor) -> Result<Account> {
    let mut db = app.store.read().await?;
    let profile = profile(&mut db, actor).await?;
    account(app, &mut db, profile).await
}

async fn profile(db: &mut store::Connection, actor: &Actor) -> Result<Profile> {
    store::users::profile(db, &actor.user_id).await?.ok_or_else(|| ProblemType::SignedOut.into())
}

async fn account(app: &App, db: &mut store::Connection, profile: Profile) -> Result<Account> {
    let linked = store::identities::of_user(db, &profile.user.id).await?;
    let providers = app.providers.list();
    let identities = linked.into_iter().map(|row| Identity {
        name: providers
            .iter()
            .find(|provider| provider.id == row.provider)
            .map_or_else(|| row.provider.clone(), |provider| provider.name.clone()),
        provider: row.provider,
        email: row.email,
        linked_at: row.linked_at,
    });
    let identities: Vec<Identity> = identities.collect();
    let free = |provider: &pulze_contract::session::Provider| identities.iter().all(|identity| identity.provider != provider.id);
    Ok(Account {
        linkable: providers.iter().filter(|provider| free(provider)).cloned().collect(),
        user_id: profile.user.id,
        name: profile.user.name,
        email: profile.user.email,
        email_verified: profile.email_verified,
        avatar_url: Some(profile.avatar_url).filter(|url| !url.is_empty()),
        preferences: profile.preferences,
        has_password: profile.password_hash.is_some(),
        identities,
        version: profile.version,
    })
}

/// Changes what the body names, if the caller has seen what stands there now.
///
/// # Errors
/// `invalid`; `conflict` when it was changed on another device meanwhile.
pub async fn update(app: &App, actor: &Actor, seen: &Seen, mut body: AccountUpdate) -> Result<Account> {
    let mut fields = Fields::default();
    let name = body.name.take().map(|name| fields.check("name", validation::name(&name)));
    fields.finish()?;
    if let Some(preferences) = &mut body.preferences {
        let wrong = |(field, rule): (&str, validation::Rule)| FieldError::new(field, rule);
        preferences.check().map_err(|errors| Error::invalid(errors.into_iter().map(wrong).collect()))?;
        let zone = preferences.time_zone.take().map(|zone| crate::usage::zone::known(&zone)).transpose();
        preferences.time_zone = zone.map_err(|rule| Error::invalid(vec![FieldError::new("time_zone", rule)]))?;
    }
    let avatar_url = match body.avatar_url {
        Some(url) => Some(crate::logo::take(app, (&actor.user_id).into(), "avatar_url", &url).await?),
        None => None,
    };
    let now = crate::now();
    let mut change = app.store.change(&actor.user_id).await?;
    store::users::lock(&mut change, &actor.user_id).await?;
    let before = profile(&mut change, actor).await?;
    let person = User { name: name.unwrap_or_else(|| before.user.name.clone()), ..before.user.clone() };
    let avatar_url = avatar_url.unwrap_or_else(|| before.avatar_url.clone());
    let preferences = body.preferences.unwrap_or_else(|| before.preferences.clone());
    if !seen.allows(before.version)
        || !store::users::update(&mut change, &person, &avatar_url, &preferences, before.version).await?
    {
        return Err(ProblemType::Conflict.into());
    }
    let seen = |name: &str, picture: &str, preferences: &Preferences| json!({ "name": name, "avatar_url": picture, "preferences": preferences });
    let detail = json!({
        "before": seen(&before.user.name, &before.avatar_url, &before.preferences),
        "after": seen(&person.name, &avatar_url, &preferences),
    });
    actor.note(&mut change, "account_update", actor.user_id.as_str(), detail).await?;
    let whom = Whom { user: Some(&actor.user_id), by: Some(&actor.user_id), ..Whom::default() };
    store::live::insert(&mut change, LiveKind::Account, whom, now).await?;
    if (&person.name, &avatar_url) != (&before.user.name, &before.avatar_url) {
        // Everybody who sees this person in a list sees the new name.
        for organization in store::organizations::of_user(&mut change, &actor.user_id).await? {
            let whom = Whom { organization: Some(&organization.id), by: Some(&actor.user_id), ..Whom::default() };
            store::live::insert(&mut change, LiveKind::Members, whom, now).await?;
        }
    }
    change.commit().await?;
    read(app, actor).await
}

/// Changes the password, ends every other session, and returns a new token for this one.
///
/// # Errors
/// `wrong-credentials` for the current one; `fresh-sign-in-required` where there is none yet; `invalid`.
pub async fn set_password(app: &App, actor: &Actor, body: PasswordUpdate, address: &str) -> Result<Option<String>> {
    let profile = profile(&mut *app.store.read().await?, actor).await?;
    let mut fields = Fields::default();
    fields.check("new", validation::new_password(&body.new));
    fields.finish()?;
    if profile.password_hash.is_some() {
        sessions::require_password(&app.store, &app.config, &profile, ("current", body.current), address).await?;
    } else {
        actor.require_fresh_where(true)?;
    }
    let hash = password::turn(&(&actor.user_id).into()).await?.hash(body.new).await?;
    let mut change = app.store.change(&actor.user_id).await?;
    store::users::set_password(&mut change, &actor.user_id, &hash).await?;
    sessions::end_others_in(&mut change, &app.config, actor).await?;
    actor.note(&mut change, "password_update", actor.user_id.as_str(), json!({})).await?;
    change.commit().await?;
    match &actor.session {
        Some(session) => sessions::prove(&app.store, actor, session).await.map(Some),
        None => Ok(None),
    }
}

/// Takes a provider's identity off the account.
///
/// # Errors
/// `not-found` for one that is not linked; `in-use` where it is the only way to sign in.
pub async fn unlink(app: &App, actor: &Actor, provider: &str) -> Result<()> {
    let mut change = app.store.change(&actor.user_id).await?;
    store::users::lock(&mut change, &actor.user_id).await?;
    let profile = profile(&mut change, actor).await?;
    let others = store::identities::of_user(&mut change, &actor.user_id).await?;
    if profile.password_hash.is_none() && others.iter().all(|identity| identity.provider == provider) {
        return Err(ProblemType::InUse.into());
    }
    if !store::identities::delete(&mut change, &actor.user_id, provider).await? {
        return Err(ProblemType::NotFound.into());
    }
    actor.note(&mut change, "identity_delete", provider, json!({})).await?;
    let whom = Whom { user: Some(&actor.user_id), by: Some(&actor.user_id), ..Whom::default() };
    store::live::insert(&mut change, LiveKind::Account, whom, crate::now()).await?;
    change.commit().await
}
