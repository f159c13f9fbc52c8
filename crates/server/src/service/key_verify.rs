//! Whether a key opens what is asked, and the counting of its use.

use crate::App;
use crate::auth::token;
use crate::error::Result;
use crate::service::api_keys::RECOVERY_MS;
use crate::store::api_keys::{Counted, Presented, hour};
use crate::store::{self, Store, Tenant};
use crate::usage::zone::Zone;
use pulze_contract::api_key::{ApiKeyStatus, Denial, KeyVerified, KeyVerify, Scope, ScopeLevel, is_well_formed, status};
use pulze_contract::organization::Plan;
use pulze_contract::{ApiKeyId, OrganizationId, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How often what was counted is written down.
const WRITE_EVERY: Duration = Duration::from_millis(500);
/// Longest client that is kept, in characters.
const CLIENT_MAX: usize = 200;
const MINUTE_MS: i64 = 60_000;

/// Key, number of its secret, address and client, hour.
type Caller = (OrganizationId, ApiKeyId, i64, String, String, i64);

#[derive(Default)]
struct Counts {
    uses: HashMap<Caller, Counted>,
    scopes: HashMap<(OrganizationId, ApiKeyId, Scope, ScopeLevel), Timestamp>,
    /// Requests by key within a minute.
    minutes: HashMap<ApiKeyId, (i64, u32)>,
}

/// Counts the use of keys in memory and writes it down twice a second, so that verifying writes
/// nothing itself. What a process that dies has counted since is lost; nothing else hangs on it.
#[derive(Default)]
pub struct KeyUse(Mutex<Counts>);

impl KeyUse {
    fn counts(&self) -> std::sync::MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request within its minute; whether it is within the limit. Each server counts by itself.
    fn within_rate(&self, key: &ApiKeyId, most: Option<u32>, now: Timestamp) -> bool {
        let Some(most) = most else { return true };
        let minute = now.div_euclid(MINUTE_MS);
        let mut counts = self.counts();
        let counted = counts.minutes.entry(key.clone()).or_default();
        if counted.0 != minute {
            *counted = (minute, 0);
        }
        counted.1 = counted.1.saturating_add(1);
        counted.1 <= most
    }

    fn count(&self, presented: &Presented, asked: &KeyVerify, good: bool, now: Timestamp) {
        let client = asked.client.chars().take(CLIENT_MAX).collect();
        let address = asked.address.chars().take(64).collect();
        let key = presented.key.id.clone();
        let caller = (presented.organization.clone(), key.clone(), presented.number, address, client, hour(now));
        let mut counts = self.counts();
        let counted = counts.uses.entry(caller).or_default();
        *(if good { &mut counted.good } else { &mut counted.refused }) += 1;
        counted.last = now;
        if good {
            counts.scopes.insert((presented.organization.clone(), key, asked.scope, asked.level), now);
        }
    }

    /// Writes down what was counted since.
    ///
    /// # Errors
    /// The database fails; what was counted is then lost.
    pub async fn write_down(&self, store: &Store) -> Result<()> {
        let (uses, scopes) = {
            let mut counts = self.counts();
            (std::mem::take(&mut counts.uses), std::mem::take(&mut counts.scopes))
        };
        if uses.is_empty() {
            return Ok(());
        }
        let mut change = store.change(Tenant::Installation).await?;
        for ((organization, key, number, address, client, _), counted) in &uses {
            // A key that went with its organization meanwhile takes its counts along.
            if store::api_keys::find(&mut change, organization, key).await?.is_none() {
                continue;
            }
            store::api_keys::add_use(&mut change, organization, key, *number, (address, client), counted).await?;
            if counted.good > 0 {
                store::api_keys::forget_recovery(&mut change, organization, key, *number).await?;
            }
        }
        for ((organization, key, scope, level), at) in scopes {
            if store::api_keys::find(&mut change, &organization, &key).await?.is_some() {
                store::api_keys::add_scope_use(&mut change, &organization, &key, (scope, level), at).await?;
            }
        }
        change.commit().await
    }
}

/// Writes down what is counted, for as long as the process lives, and forgets what a lost answer
/// could have been recovered from.
pub async fn run(app: App) {
    loop {
        tokio::time::sleep(WRITE_EVERY).await;
        let written = async {
            app.key_use.write_down(&app.store).await?;
            store::api_keys::forget_recoveries(&mut *app.store.read().await?, crate::now() - RECOVERY_MS).await
        };
        if let Err(error) = written.await {
            tracing::warn!(%error, "the use of keys was not written down");
        }
    }
}

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
    let denial = match denial(app, &presented, asked, now) {
        None => spent(app, &presented, now).await?,
        denial => denial,
    };
    app.key_use.count(&presented, asked, denial.is_none(), now);
    Ok(Found { presented: Some(presented), denial })
}

/// The first reason why the key does not open.
fn denial(app: &App, presented: &Presented, asked: &KeyVerify, now: Timestamp) -> Option<Denial> {
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
    let first = reasons.into_iter().find(|(applies, _)| *applies).map(|(_, denial)| denial);
    // Only what would be let in counts against the limit of a minute.
    first.or_else(|| (!app.key_use.within_rate(&key.id, content.requests_per_minute, now)).then_some(Denial::Rate))
}

/// Whether the key has cost what it may cost this month, as far as that was reported. Only keys with a limit are
/// looked up.
async fn spent(app: &App, presented: &Presented, now: Timestamp) -> Result<Option<Denial>> {
    let Some(limit) = presented.key.content.monthly_limit else { return Ok(None) };
    let mut db = app.store.read().await?;
    let month = Zone::named(&store::usage::zone(&mut db, &presented.organization).await?).month(now);
    let cost = store::usage::key_month(&mut db, &presented.organization, presented.key.id.as_str(), month).await?;
    Ok((cost >= limit).then_some(Denial::Spending))
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
