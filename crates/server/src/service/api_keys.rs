//! API keys: made, changed, rotated, disabled and revoked. A secret leaves this module once.

use super::organizations::audit;
use super::resources::Resources;
use super::{Member as Caller, Repeated, Seen, members::lock, members::require_distinct_up_to};
use crate::App;
use crate::auth::{seal, token};
use crate::error::{Error, Fields, Result};
use crate::store::{
    self,
    api_keys::{HourRow, KeyRow, SecretRow, hour, last_use},
};
use pulze_contract::api_key::{
    ApiKey, ApiKeyContent, ApiKeyCreated, ApiKeyDetails, ApiKeyList, ApiKeyPolicy, ApiKeyRotate, ApiKeySecret, ApiKeyStatus,
    ApiKeyUpdate, ApiKeysChange, KEYS_CHANGED_MAX, KEYS_MAX, KeyAction, KeyCaller, OVERLAPS, RANDOM, SCOPES_UNUSED_DAYS,
    ScopeUse, Scopes, preview, status, with_checksum,
};
use pulze_contract::validation::Rule;
use pulze_contract::{ApiKeyId, FieldError, OrganizationId, Permission, ProblemType, Role, Timestamp};
use rand::Rng;
use rand::distr::Alphanumeric;
use serde_json::json;
use std::collections::{HashMap, HashSet};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Days of the line of requests.
const DAYS: i64 = 30;
/// How long a lost answer can be recovered.
pub const RECOVERY_MS: i64 = 10 * 60_000;
/// Callers that are named.
const CALLERS_MAX: usize = 50;

/// Whether the organization's plan has keys (`pulze-product.md`, section 6).
pub(super) async fn require_plan(db: &mut store::Connection, caller: &Caller) -> Result<()> {
    let organization = store::organizations::of_member(db, &caller.organization, &caller.actor.user_id).await?;
    let plan = organization.ok_or(ProblemType::NotFound)?.summary.plan;
    if plan.includes(Permission::ApiKeysRead) { Ok(()) } else { Err(ProblemType::PlanRequired.into()) }
}

/// What is known of the use of keys, read at once.
pub(super) struct Uses {
    secrets: HashMap<String, Vec<SecretRow>>,
    pub(super) hours: Vec<HourRow>,
    callers: HashMap<String, Vec<KeyCaller>>,
    scopes: HashMap<String, Vec<ScopeUse>>,
}

impl Uses {
    pub(super) async fn read(db: &mut store::Connection, organization: &OrganizationId, now: Timestamp) -> Result<Self> {
        Ok(Self {
            secrets: store::api_keys::secrets(db, organization).await?,
            hours: store::api_keys::hours(db, organization, hour(now - DAYS * DAY_MS)).await?,
            callers: store::api_keys::callers(db, organization, now - DAYS * DAY_MS).await?,
            scopes: store::api_keys::scope_uses(db, organization).await?,
        })
    }

    fn secrets_of(&self, key: &ApiKeyId) -> &[SecretRow] {
        self.secrets.get(key.as_str()).map_or(&[], Vec::as_slice)
    }

    pub(super) fn scopes_of(&self, key: &ApiKeyId) -> &[ScopeUse] {
        self.scopes.get(key.as_str()).map_or(&[], Vec::as_slice)
    }

    /// What it was used for lately.
    fn used_scopes(&self, key: &ApiKeyId, now: Timestamp) -> Scopes {
        let lately = self.scopes_of(key).iter().filter(|used| used.last_used > now - SCOPES_UNUSED_DAYS * DAY_MS);
        lately.fold(Scopes::default(), |scopes, used| scopes.with(used.scope, scopes.of(used.scope).max(used.level)))
    }

    pub(super) fn callers_of(&self, key: &ApiKeyId) -> &[KeyCaller] {
        self.callers.get(key.as_str()).map_or(&[], Vec::as_slice)
    }

    /// Good and refused requests of the last 30 days.
    fn days(&self, key: &ApiKeyId, now: Timestamp) -> Vec<(u32, u32)> {
        let mut days = vec![(0_u32, 0_u32); usize::try_from(DAYS).unwrap_or(0)];
        let today = now.div_euclid(DAY_MS);
        for row in self.hours.iter().filter(|row| row.key == key.as_str()) {
            let back = today - row.hour.div_euclid(24);
            if let Some(day) = usize::try_from(DAYS - 1 - back).ok().and_then(|place| days.get_mut(place)) {
                day.0 = day.0.saturating_add(u32::try_from(row.good).unwrap_or(u32::MAX));
                day.1 = day.1.saturating_add(u32::try_from(row.refused).unwrap_or(u32::MAX));
            }
        }
        days
    }

    /// Requests of the last 24 hours of one secret.
    fn hours_of(&self, key: &ApiKeyId, number: i64, now: Timestamp) -> Vec<u32> {
        let mut hours = vec![0_u32; 24];
        for row in self.hours.iter().filter(|row| row.key == key.as_str() && row.number == number) {
            let back = hour(now) - row.hour;
            if let Some(place) = usize::try_from(23 - back).ok().and_then(|place| hours.get_mut(place)) {
                *place = place.saturating_add(u32::try_from(row.good + row.refused).unwrap_or(u32::MAX));
            }
        }
        hours
    }
}

/// When the secret before the newest one stops being good, if that is still ahead or was ever set.
fn old_until(secrets: &[SecretRow]) -> Option<Timestamp> {
    secrets.iter().filter_map(|secret| secret.good_until).max()
}

pub(super) fn shown(row: KeyRow, uses: &Uses, now: Timestamp) -> ApiKey {
    let secrets = uses.secrets_of(&row.id);
    let newest = secrets.first();
    ApiKey {
        preview: preview(newest.map_or("", |secret| &secret.last_four)),
        status: status(row.facts(old_until(secrets)), now),
        scopes: row.role.map_or_else(Scopes::default, |role| row.content.scopes.within(role)),
        created_at: row.created_at,
        rotated_at: newest.map_or(row.created_at, |secret| secret.created_at),
        last_used: uses.callers_of(&row.id).first().map(last_use),
        used_scopes: uses.used_scopes(&row.id, now),
        days: uses.days(&row.id, now),
        version: row.version,
        owner_id: row.owner_id,
        owner: row.owner,
        id: row.id,
        content: row.content,
    }
}

/// Newest first.
///
/// # Errors
/// `plan-required`.
pub async fn list(app: &App, caller: &Caller) -> Result<ApiKeyList> {
    app.key_use.write_down(&app.store).await?;
    let now = crate::now();
    let mut db = app.store.read().await?;
    require_plan(&mut db, caller).await?;
    let uses = Uses::read(&mut db, &caller.organization, now).await?;
    let rows = store::api_keys::all(&mut db, &caller.organization).await?;
    let keys: Vec<ApiKey> = rows.into_iter().map(|row| shown(row, &uses, now)).collect();
    let policy = store::api_keys::policy(&mut db, &caller.organization).await?;
    Ok(ApiKeyList { total: u32::try_from(keys.len()).unwrap_or(u32::MAX), keys, policy })
}

/// One key, its secrets, and who used them.
///
/// # Errors
/// `plan-required`, `not-found`.
pub async fn read(app: &App, caller: &Caller, id: &ApiKeyId) -> Result<ApiKeyDetails> {
    app.key_use.write_down(&app.store).await?;
    let now = crate::now();
    let mut db = app.store.read().await?;
    require_plan(&mut db, caller).await?;
    let uses = Uses::read(&mut db, &caller.organization, now).await?;
    let row = store::api_keys::find(&mut db, &caller.organization, id).await?.ok_or(ProblemType::NotFound)?;
    let callers = uses.callers_of(id);
    let one = |secret: &SecretRow| ApiKeySecret {
        number: u32::try_from(secret.number).unwrap_or(u32::MAX),
        preview: preview(&secret.last_four),
        created_at: secret.created_at,
        good_until: secret.good_until,
        good: secret.good_until.is_none_or(|until| until > now),
        last_used: callers.iter().find(|caller| i64::from(caller.number) == secret.number).map(last_use),
        hours: uses.hours_of(id, secret.number, now),
    };
    // What ended more than a week ago says nothing any more.
    let recent = |secret: &&SecretRow| secret.good_until.is_none_or(|until| until > now - 7 * DAY_MS);
    let secrets = uses.secrets_of(id).iter().filter(recent).map(one).collect();
    let week = callers.iter().filter(|caller| caller.last_seen > now - 7 * DAY_MS);
    let callers = week.take(CALLERS_MAX).cloned().collect();
    let others = store::api_keys::other_callers(&mut db, &caller.organization, id).await?;
    let other_callers = others.into_iter().filter(|others| others.last_seen > now - 7 * DAY_MS).collect();
    Ok(ApiKeyDetails { key: shown(row, &uses, now), secrets, callers, other_callers })
}

/// The content as it is kept, if what it names is there and the organization and the person allow it.
/// What it named before may stay.
async fn checked(
    change: &mut store::Connection,
    caller: &Caller,
    role: Role,
    before: Option<&ApiKeyContent>,
    body: &ApiKeyContent,
    prefix: &str,
) -> Result<ApiKeyContent> {
    let now = crate::now();
    let checked = body.check();
    let mut errors: Vec<(&str, Rule)> = checked.as_ref().err().cloned().unwrap_or_default();
    if before.is_none_or(|before| before.expires_at != body.expires_at) {
        let policy = store::api_keys::policy(change, &caller.organization).await?;
        errors.extend(policy.check(body.expires_at, now).err().map(|rule| ("expires_at", rule)));
    }
    let resources = Resources::read(change, &caller.organization).await?;
    let spaces: HashSet<_> = resources.spaces.iter().map(|space| &space.space_id).collect();
    if body.spaces.iter().flatten().any(|space| !spaces.contains(space)) {
        errors.push(("spaces", Rule::SpaceUnknown));
    }
    let had = |model: &String| before.is_some_and(|before| before.models.as_ref().is_some_and(|had| had.contains(model)));
    if body.models.iter().flatten().any(|model| !resources.model_enabled(model) && !had(model)) {
        errors.push(("models", Rule::ModelUnavailable));
    }
    if body.scopes.within(role) != body.scopes {
        errors.push(("scopes", Rule::BeyondReach));
    }
    let field = |(name, rule): (&str, Rule)| FieldError::new(format!("{prefix}{name}"), rule);
    checked.ok().filter(|_| errors.is_empty()).ok_or_else(|| Error::invalid(errors.into_iter().map(field).collect()))
}

/// What a secret's sealed copy opens in.
fn context(caller: &Caller, key: &ApiKeyId, number: i64) -> String {
    seal::tool_secret(&caller.organization, key.as_str(), &number.to_string())
}

/// A new secret: 256 random bits and their checksum.
fn draw() -> String {
    let random: String = rand::rng().sample_iter(Alphanumeric).take(RANDOM).map(char::from).collect();
    with_checksum(&random)
}

/// Draws a secret and keeps its hash.
async fn new_secret(
    change: &mut store::Connection,
    app: &App,
    caller: &Caller,
    key: &ApiKeyId,
    number: i64,
    at: Timestamp,
) -> Result<String> {
    let secret = draw();
    let row = SecretRow {
        number,
        last_four: secret[secret.len() - 4..].to_owned(),
        created_at: at,
        good_until: None,
        recovery: app.sealer.seal(&context(caller, key, number), &secret)?,
    };
    store::api_keys::insert_secret(change, &caller.organization, key, &token::hash(&secret), &row).await?;
    Ok(secret)
}

/// The answer that was given before, with its secret as long as nobody used it and some minutes have not passed.
async fn again(app: &App, caller: &Caller, answer: ApiKeyCreated, number: i64) -> Result<ApiKeyCreated> {
    let mut db = app.store.read().await?;
    let id = &answer.key.id;
    let secrets = store::api_keys::secrets_of(&mut db, &caller.organization, id).await?;
    let kept = secrets.iter().find(|secret| secret.number == number).filter(|secret| !secret.recovery.is_empty());
    let kept = kept.filter(|secret| secret.created_at > crate::now() - RECOVERY_MS);
    let secret = kept.map(|secret| app.sealer.open(&context(caller, id, number), &secret.recovery)).transpose()?;
    Ok(ApiKeyCreated { secret, ..answer })
}

async fn created(change: &mut store::Connection, caller: &Caller, id: &ApiKeyId, now: Timestamp) -> Result<ApiKey> {
    let uses = Uses::read(change, &caller.organization, now).await?;
    let row = store::api_keys::find(change, &caller.organization, id).await?.ok_or(ProblemType::NotFound)?;
    Ok(shown(row, &uses, now))
}

/// Makes a key; its maker owns it. Asked again with the same idempotency key: the first answer and
/// `true`, with the secret for some minutes, as long as nobody used it.
///
/// # Errors
/// `plan-required`, `invalid`, `idempotency-key-reused`.
pub async fn create(app: &App, caller: &Caller, key: &str, body: ApiKeyContent) -> Result<(ApiKeyCreated, bool)> {
    let now = crate::now();
    let mut change = app.store.change(&caller.organization).await?;
    let asked = json!(["api_key", caller.organization, body]);
    let repeated = match Repeated::claim(&mut change, &caller.actor, key, &asked, now).await? {
        Ok(answer) => {
            drop(change);
            return Ok((again(app, caller, answer, 1).await?, true));
        }
        Err(repeated) => repeated,
    };
    let role = lock(&mut change, caller, Permission::ApiKeysCreate).await?;
    require_plan(&mut change, caller).await?;
    if store::api_keys::count(&mut change, &caller.organization).await? >= KEYS_MAX {
        return Err(Error::invalid(vec![FieldError::new("name", Rule::TooMany)]));
    }
    let content = checked(&mut change, caller, role, None, &body, "").await?;
    let id = ApiKeyId::from_digits(&crate::new_digits());
    store::api_keys::insert(&mut change, &caller.organization, &id, &content, &caller.actor.user_id, now).await?;
    let secret = new_secret(&mut change, app, caller, &id, 1, now).await?;
    let detail = json!({ "after": content });
    audit(&mut change, &caller.organization, &caller.actor, "api_key_create", id.as_str(), detail, now).await?;
    let answer = ApiKeyCreated { key: created(&mut change, caller, &id, now).await?, secret: None };
    repeated.complete(&mut change, &answer).await?;
    change.commit().await?;
    Ok((ApiKeyCreated { secret: Some(secret), ..answer }, false))
}

/// Changes what a key may do, or hands it over, if the caller has seen what stands there now.
///
/// # Errors
/// `plan-required`, `not-found`, also for a revoked one; `invalid`; `conflict`.
pub async fn update(app: &App, caller: &Caller, id: &ApiKeyId, seen: &Seen, body: ApiKeyUpdate) -> Result<ApiKey> {
    let now = crate::now();
    let mut change = app.store.change(&caller.organization).await?;
    let role = lock(&mut change, caller, Permission::ApiKeysCreate).await?;
    require_plan(&mut change, caller).await?;
    let before = store::api_keys::find(&mut change, &caller.organization, id).await?.filter(|row| !row.revoked);
    let before = before.ok_or(ProblemType::NotFound)?;
    if !seen.allows(before.version) {
        return Err(ProblemType::Conflict.into());
    }
    let content = checked(&mut change, caller, role, Some(&before.content), &body.content, "content.").await?;
    let owner_id = body.owner_id.unwrap_or_else(|| before.owner_id.clone());
    if owner_id != before.owner_id && store::members::standing(&mut change, &caller.organization, &owner_id).await?.is_none() {
        return Err(Error::invalid(vec![FieldError::new("owner_id", Rule::NotAMember)]));
    }
    caller.actor.require_fresh_where(content.widens(&before.content) || owner_id != before.owner_id)?;
    let detail = json!({
        "before": { "content": before.content, "owner_id": before.owner_id },
        "after": { "content": content, "owner_id": owner_id },
    });
    let disabled_at = if before.disabled { now } else { 0 };
    let after = KeyRow { content, owner_id, ..before };
    store::api_keys::update(&mut change, &caller.organization, &after, (disabled_at, 0)).await?;
    audit(&mut change, &caller.organization, &caller.actor, "api_key_update", id.as_str(), detail, now).await?;
    let key = created(&mut change, caller, id, now).await?;
    change.commit().await?;
    Ok(key)
}

/// Gives a key a new secret, if the caller has seen what stands there now, and says which version that is: of many who rotate at the same time, one makes
/// a secret, and nobody's new secret ends unseen. Identity, scopes, limits and history stay; the old secret stays
/// good for the overlap. Asked again with the same idempotency key no second one is made.
///
/// # Errors
/// `plan-required`; `not-found`, also for one that was revoked or expired; `in-use` while another rotation runs;
/// `conflict` when somebody changed or rotated it in between.
pub async fn rotate(
    app: &App,
    caller: &Caller,
    id: &ApiKeyId,
    seen: &Seen,
    key: &str,
    body: ApiKeyRotate,
) -> Result<(ApiKeyCreated, bool)> {
    let now = crate::now();
    let mut fields = Fields::default();
    fields.check("overlap_hours", if OVERLAPS.contains(&body.overlap_hours) { Ok(()) } else { Err(Rule::Unknown) });
    fields.finish()?;
    let mut change = app.store.change(&caller.organization).await?;
    let asked = json!(["api_key_rotate", caller.organization, id, body]);
    let repeated = match Repeated::claim::<(ApiKeyCreated, i64)>(&mut change, &caller.actor, key, &asked, now).await? {
        Ok((answer, number)) => {
            drop(change);
            return Ok((again(app, caller, answer, number).await?, true));
        }
        Err(repeated) => repeated,
    };
    lock(&mut change, caller, Permission::ApiKeysRotate).await?;
    require_plan(&mut change, caller).await?;
    let row = store::api_keys::find(&mut change, &caller.organization, id).await?.ok_or(ProblemType::NotFound)?;
    let secrets = store::api_keys::secrets_of(&mut change, &caller.organization, id).await?;
    if matches!(status(row.facts(None), now), ApiKeyStatus::Revoked | ApiKeyStatus::Expired) {
        return Err(ProblemType::NotFound.into());
    }
    if old_until(&secrets).is_some_and(|until| until > now) {
        return Err(ProblemType::InUse.into());
    }
    // Whatever stands there is what twenty at the same time would say.
    if *seen == Seen::Any {
        return Err(ProblemType::PreconditionRequired.into());
    }
    if !seen.allows(row.version) {
        return Err(ProblemType::Conflict.into());
    }
    let newest = secrets.first().map_or(0, |secret| secret.number);
    let until = now + i64::from(body.overlap_hours) * HOUR_MS;
    store::api_keys::set_good_until(&mut change, &caller.organization, id, newest, until).await?;
    let secret = new_secret(&mut change, app, caller, id, newest + 1, now).await?;
    store::api_keys::update(&mut change, &caller.organization, &row, (if row.disabled { now } else { 0 }, 0)).await?;
    let detail = json!({ "overlap_hours": body.overlap_hours, "number": newest + 1 });
    audit(&mut change, &caller.organization, &caller.actor, "api_key_rotate", id.as_str(), detail, now).await?;
    let answer = ApiKeyCreated { key: created(&mut change, caller, id, now).await?, secret: None };
    repeated.complete(&mut change, &(&answer, newest + 1)).await?;
    change.commit().await?;
    Ok((ApiKeyCreated { secret: Some(secret), ..answer }, false))
}

/// Disables, enables or revokes keys, finishes or extends their rotation; all or none. A key that is so already
/// stays as it is, without a new version.
///
/// # Errors
/// `plan-required`; `not-found` for one that does not exist or was revoked; `precondition-required` where what lets
/// more in comes without a version for each; `conflict` when somebody changed one in between.
pub async fn change(app: &App, caller: &Caller, body: ApiKeysChange) -> Result<ApiKeyList> {
    require_distinct_up_to(KEYS_CHANGED_MAX, body.ids.iter())?;
    let none = body.versions.is_empty() && !body.action.opens();
    if !none && body.versions.len() != body.ids.len() {
        return Err(ProblemType::PreconditionRequired.into());
    }
    let now = crate::now();
    let mut change = app.store.change(&caller.organization).await?;
    lock(&mut change, caller, Permission::ApiKeysRevoke).await?;
    require_plan(&mut change, caller).await?;
    for (place, id) in body.ids.iter().enumerate() {
        let row = store::api_keys::find(&mut change, &caller.organization, id).await?.filter(|row| !row.revoked);
        let row = row.ok_or(ProblemType::NotFound)?;
        let secrets = store::api_keys::secrets_of(&mut change, &caller.organization, id).await?;
        let running = secrets.iter().find(|secret| secret.good_until.is_some_and(|until| until > now));
        if body.versions.get(place).is_some_and(|version| *version != row.version) {
            return Err(ProblemType::Conflict.into());
        }
        let is_so = match body.action {
            KeyAction::Disable => row.disabled,
            KeyAction::Enable => !row.disabled,
            KeyAction::Revoke => false,
            KeyAction::FinishRotation | KeyAction::ExtendRotation => running.is_none(),
        };
        if is_so {
            continue;
        }
        caller.actor.require_fresh_where(body.action.opens())?;
        let stays = if row.disabled { now } else { 0 };
        let at = match body.action {
            KeyAction::Disable => (now, 0),
            KeyAction::Enable => (0, 0),
            KeyAction::Revoke => (stays, now),
            KeyAction::FinishRotation | KeyAction::ExtendRotation => (stays, 0),
        };
        if let (KeyAction::FinishRotation | KeyAction::ExtendRotation, Some(old)) = (body.action, running) {
            let longer = old.good_until.unwrap_or(now) + DAY_MS;
            let until = if body.action == KeyAction::FinishRotation { now } else { longer };
            store::api_keys::set_good_until(&mut change, &caller.organization, id, old.number, until).await?;
        }
        store::api_keys::update(&mut change, &caller.organization, &row, at).await?;
        let detail = json!({ "action": body.action });
        audit(&mut change, &caller.organization, &caller.actor, "api_keys_change", id.as_str(), detail, now).await?;
    }
    change.commit().await?;
    list(app, caller).await
}

/// Says how long keys may live. Those that are there keep their end.
///
/// # Errors
/// `plan-required`, `invalid`.
pub async fn update_policy(app: &App, caller: &Caller, body: ApiKeyPolicy) -> Result<ApiKeyPolicy> {
    let mut fields = Fields::default();
    fields.check("days_max", if body.days_max == Some(0) { Err(Rule::NotPositive) } else { Ok(()) });
    fields.finish()?;
    let mut change = app.store.change(&caller.organization).await?;
    lock(&mut change, caller, Permission::ApiKeysRevoke).await?;
    require_plan(&mut change, caller).await?;
    let before = store::api_keys::policy(&mut change, &caller.organization).await?;
    caller.actor.require_fresh_where(body.widens(before))?;
    store::api_keys::set_policy(&mut change, &caller.organization, body).await?;
    let (detail, subject) = (json!({ "before": before, "after": body }), caller.organization.as_str());
    audit(&mut change, &caller.organization, &caller.actor, "api_key_policy_update", subject, detail, crate::now()).await?;
    change.commit().await?;
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulze_contract::api_key::{ALPHABET, PREFIX, is_well_formed};

    #[test]
    fn a_million_keys_are_all_different_and_a_wrong_character_never_passes() {
        let mut seen = HashSet::with_capacity(1_000_000);
        for _ in 0..1_000_000_u32 {
            let key = draw();
            assert!(is_well_formed(&key));
            let place = rand::rng().random_range(PREFIX.len()..key.len());
            let other = char::from(ALPHABET[rand::rng().random_range(0..ALPHABET.len())]);
            let mut wrong: Vec<char> = key.chars().collect();
            if wrong[place] != other {
                wrong[place] = other;
                let wrong: String = wrong.into_iter().collect();
                assert!(!is_well_formed(&wrong), "{place} of a key");
            }
            assert!(seen.insert(key), "the same key twice");
        }
    }

    #[test]
    fn every_single_wrong_character_of_a_key_is_seen() {
        for _ in 0..200 {
            let key = draw().into_bytes();
            for place in 0..key.len() {
                for other in ALPHABET.iter().copied().filter(|other| *other != key[place]) {
                    let mut wrong = key.clone();
                    wrong[place] = other;
                    assert!(!is_well_formed(&String::from_utf8_lossy(&wrong)));
                }
            }
        }
    }
}
