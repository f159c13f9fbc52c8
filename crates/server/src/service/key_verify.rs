//! Whether a key opens what is asked.

use crate::App;
use crate::auth::token;
use crate::error::Result;
use crate::service::key_use::MINUTE_MS;
use crate::store;
use crate::store::api_keys::Presented;
use crate::usage::zone::Zone;
use pulze_contract::Timestamp;
use pulze_contract::api_key::{ApiKeyStatus, Denial, KeyVerified, KeyVerify, ScopeLevel, is_well_formed, status};
use pulze_contract::money::Money;
use pulze_contract::organization::Plan;

/// What a key is found to be: known or not, and open or not.
pub struct Found {
    pub presented: Option<Presented>,
    pub denial: Option<Denial>,
}

/// Looks at a key. A typing error is seen by its checksum, before the database is asked; what is
/// looked up is a hash, so that nothing can be learned from how long that takes.
///
/// # Errors
/// The database fails.
pub async fn look(app: &App, asked: &KeyVerify) -> Result<Found> {
    let unknown = || Found { presented: None, denial: Some(Denial::Unknown) };
    if !is_well_formed(&asked.key) {
        return Ok(unknown());
    }
    let found = store::api_keys::presented(&mut *app.store.read().await?, &token::hash(&asked.key)).await?;
    let Some(presented) = found else { return Ok(unknown()) };
    let now = crate::now();
    let mut denial = denial(&presented, asked, now);
    // Only what would be let in counts against the limit of a minute.
    if denial.is_none() && !within_rate(app, &presented, now).await? {
        denial = Some(Denial::Rate);
    }
    if denial.is_none() {
        denial = spent(app, &presented, now).await?;
    }
    app.key_use.count(&presented, asked, denial.is_none(), now);
    Ok(Found { presented: Some(presented), denial })
}

/// The first reason why the key does not open.
fn denial(presented: &Presented, asked: &KeyVerify, now: Timestamp) -> Option<Denial> {
    let (key, content) = (&presented.key, &presented.key.content);
    match status(key.facts(None), now) {
        ApiKeyStatus::Revoked => return Some(Denial::Revoked),
        ApiKeyStatus::Expired => return Some(Denial::Expired),
        ApiKeyStatus::Disabled => return Some(Denial::Disabled),
        ApiKeyStatus::OwnerLeft => return Some(Denial::OwnerLeft),
        ApiKeyStatus::Rotating | ApiKeyStatus::Expiring | ApiKeyStatus::Active => {}
    }
    let scopes = key.role.map(|role| content.scopes.within(role)).unwrap_or_default();
    let space = |spaces: &Vec<_>| asked.space_id.as_ref().is_some_and(|space| spaces.contains(space));
    let model = |models: &Vec<String>| asked.model.as_ref().is_none_or(|model| models.contains(model));
    let reasons = [
        (presented.good_until.is_some_and(|until| until <= now), Denial::Expired),
        (presented.plan != Plan::PulzeXSuite, Denial::Plan),
        (!content.allows_address(&asked.address), Denial::Address),
        (asked.level == ScopeLevel::None || scopes.of(asked.scope) < asked.level, Denial::Scope),
        (!content.spaces.as_ref().is_none_or(space), Denial::Space),
        (!content.models.as_ref().is_none_or(model), Denial::Model),
    ];
    reasons.into_iter().find(|(applies, _)| *applies).map(|(_, denial)| denial)
}

/// Counts a request within its minute; whether it is within the key's limit. Several servers count together, in the
/// database; once one of them knows that the minute is used up, it asks no more.
async fn within_rate(app: &App, presented: &Presented, now: Timestamp) -> Result<bool> {
    let Some(most) = presented.key.content.requests_per_minute else { return Ok(true) };
    let within = app.key_use.within_rate(&presented.key.id, most, now);
    if !within || !app.store.is_shared() {
        return Ok(within);
    }
    let minute = now.div_euclid(MINUTE_MS);
    let mut change = app.store.change(&presented.organization).await?;
    let counted = store::api_keys::count_minute(&mut change, &presented.key.id, minute).await?;
    change.commit().await?;
    Ok(counted <= i64::from(most))
}

/// Whether the key has cost what it may cost this month, as far as that was reported. Only keys with a limit are
/// looked up.
async fn spent(app: &App, presented: &Presented, now: Timestamp) -> Result<Option<Denial>> {
    let Some(limit) = presented.key.content.monthly_limit else { return Ok(None) };
    let mut db = app.store.read().await?;
    let month = Zone::named(&store::usage::zone(&mut db, &presented.organization).await?).month(now);
    let cost = store::usage::key_month(&mut db, &presented.organization, presented.key.id.as_str(), month).await?;
    Ok((cost >= Money::micro(limit)).then_some(Denial::Spending))
}

/// What a gateway is told.
///
/// # Errors
/// The database fails.
pub async fn verify(app: &App, asked: KeyVerify) -> Result<KeyVerified> {
    let Found { presented, denial } = look(app, &asked).await?;
    let known = presented.as_ref();
    Ok(KeyVerified {
        allowed: denial.is_none(),
        denial,
        key_id: known.map(|presented| presented.key.id.clone()),
        organization_id: known.map(|presented| presented.organization.clone()),
        owner_id: known.map(|presented| presented.key.owner_id.clone()),
    })
}
