//! Counting how keys are used: in memory, written down twice a second, so that verifying writes nothing itself.

use crate::App;
use crate::error::Result;
use crate::service::api_keys::RECOVERY_MS;
use crate::store::api_keys::{CALLERS_KEPT, Counted, Presented, Who, hour};
use crate::store::{self, Connection, Store, Tenant};
use pulze_contract::api_key::{KeyVerify, Scope, ScopeLevel};
use pulze_contract::{ApiKeyId, OrganizationId, Timestamp, address, text};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How often what was counted is written down.
const WRITE_EVERY: Duration = Duration::from_millis(500);
/// Longest client that is kept, in characters.
const CLIENT_MAX: usize = 200;
/// Longest address that is kept, in characters: an IPv6 address with a zone.
const ADDRESS_MAX: usize = 64;
/// A minute, within which requests are limited.
pub(super) const MINUTE_MS: i64 = 60_000;
/// Rows that wait at most while the database does not answer; what is counted beyond them is lost.
const WAITING_MAX: usize = 100_000;

type Key = (OrganizationId, ApiKeyId);

/// Within a key: the number of its secret, who used it, and the hour.
type Caller = (i64, Who, i64);

/// One row to write.
#[derive(Clone)]
enum Row {
    Use(Caller, Counted),
    Scope(Scope, ScopeLevel, Timestamp),
}

#[derive(Default)]
struct Counts {
    uses: HashMap<Key, HashMap<Caller, Counted>>,
    scopes: HashMap<Key, HashMap<(Scope, ScopeLevel), Timestamp>>,
    /// Requests by key within a minute.
    minutes: HashMap<ApiKeyId, (i64, u32)>,
}

impl Counts {
    fn add(&mut self, key: &Key, row: Row) {
        match row {
            Row::Use(caller, more) => {
                let counted = self.uses.entry(key.clone()).or_default().entry(caller).or_default();
                counted.good += more.good;
                counted.refused += more.refused;
                counted.last = counted.last.max(more.last);
            }
            Row::Scope(scope, level, at) => {
                let last = self.scopes.entry(key.clone()).or_default().entry((scope, level)).or_default();
                *last = at.max(*last);
            }
        }
    }

    /// Everything that is to be written, which leaves nothing.
    fn take(&mut self) -> Vec<(Key, Row)> {
        let uses = std::mem::take(&mut self.uses).into_iter();
        let uses =
            uses.flat_map(|(key, uses)| uses.into_iter().map(move |(caller, counted)| (key.clone(), Row::Use(caller, counted))));
        let scopes = std::mem::take(&mut self.scopes).into_iter();
        let scopes = scopes.flat_map(|(key, scopes)| {
            scopes.into_iter().map(move |((scope, level), at)| (key.clone(), Row::Scope(scope, level, at)))
        });
        uses.chain(scopes).collect()
    }
}

/// What was counted and not yet written. What a process that dies has counted since is lost; nothing else hangs on it.
#[derive(Default)]
pub struct KeyUse(Mutex<Counts>);

impl KeyUse {
    fn counts(&self) -> std::sync::MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request to this server within its minute; whether it is within the limit.
    pub(super) fn within_rate(&self, key: &ApiKeyId, most: u32, now: Timestamp) -> bool {
        let minute = now.div_euclid(MINUTE_MS);
        let mut counts = self.counts();
        let counted = counts.minutes.entry(key.clone()).or_default();
        if counted.0 != minute {
            *counted = (minute, 0);
        }
        counted.1 = counted.1.saturating_add(1);
        counted.1 <= most
    }

    pub(super) fn count(&self, presented: &Presented, asked: &KeyVerify, good: bool, now: Timestamp) {
        let who = (text::cleaned(&address::shown(&asked.address), ADDRESS_MAX), text::cleaned(&asked.client, CLIENT_MAX));
        let key = (presented.organization.clone(), presented.key.id.clone());
        let mut counts = self.counts();
        let callers = counts.uses.entry(key.clone()).or_default();
        let mut caller = (presented.number, Who::Caller(who), hour(now));
        // Whoever makes up a new name for every request is counted, not remembered.
        if callers.len() >= CALLERS_KEPT && !callers.contains_key(&caller) {
            caller.1 = Who::Others;
        }
        let counted = Counted { good: i64::from(good), refused: i64::from(!good), last: now };
        counts.add(&key, Row::Use(caller, counted));
        if good {
            counts.add(&key, Row::Scope(asked.scope, asked.level, now));
        }
    }

    /// Writes down what was counted since. A row that the database refuses is left out and said in the log; it takes no
    /// other row along, of this organization or of another one.
    ///
    /// # Errors
    /// The database does not answer; what was counted is then written the next time.
    pub async fn write_down(&self, store: &Store) -> Result<()> {
        let rows = self.counts().take();
        if rows.is_empty() {
            return Ok(());
        }
        // All at once costs one transaction; one by one only where something is wrong.
        if write(store, &rows).await.is_ok() {
            return Ok(());
        }
        let mut left = rows.into_iter();
        while let Some((key, row)) = left.next() {
            match write(store, &[(key.clone(), row.clone())]).await {
                Ok(()) => {}
                Err(error) if error.is_about_the_row() => {
                    tracing::error!(organization = %key.0, key = %key.1, %error, "a count of a key could not be written");
                }
                Err(error) => {
                    let mut counts = self.counts();
                    for (key, row) in std::iter::once((key, row)).chain(left).take(WAITING_MAX) {
                        counts.add(&key, row);
                    }
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}

async fn write(store: &Store, rows: &[(Key, Row)]) -> Result<()> {
    let mut change = store.change(Tenant::Installation).await?;
    let mut known: HashMap<&Key, bool> = HashMap::new();
    for (key, row) in rows {
        let there = match known.get(key) {
            Some(there) => *there,
            None => store::api_keys::find(&mut change, &key.0, &key.1).await?.is_some(),
        };
        known.insert(key, there);
        // A key that went with its organization meanwhile takes its counts along.
        if there {
            write_row(&mut change, key, row).await?;
        }
    }
    let mut secrets: Vec<(&Key, i64)> = rows.iter().filter_map(|(key, row)| secret_of(row).map(|number| (key, number))).collect();
    secrets.sort();
    secrets.dedup();
    for ((organization, key), number) in secrets {
        store::api_keys::fold_callers(&mut change, organization, key, number).await?;
    }
    change.commit().await
}

fn secret_of(row: &Row) -> Option<i64> {
    match row {
        Row::Use((number, Who::Caller(_), _), _) => Some(*number),
        _ => None,
    }
}

async fn write_row(db: &mut Connection, (organization, key): &Key, row: &Row) -> Result<()> {
    match row {
        Row::Use((number, who, _), counted) => {
            store::api_keys::add_use(db, organization, key, *number, who, counted).await?;
            if counted.good > 0 {
                store::api_keys::forget_recovery(db, organization, key, *number).await?;
            }
            Ok(())
        }
        Row::Scope(scope, level, at) => store::api_keys::add_scope_use(db, organization, key, (*scope, *level), *at).await,
    }
}

/// Forgets the minutes that are over.
async fn forget_minutes(store: &Store) -> Result<()> {
    let before = crate::now().div_euclid(MINUTE_MS) - 1;
    if !store.is_shared() || !store::api_keys::has_minutes(&mut *store.read().await?, before).await? {
        return Ok(());
    }
    let mut change = store.change(Tenant::Installation).await?;
    store::api_keys::forget_minutes(&mut change, before).await?;
    change.commit().await
}

async fn forget_recoveries(store: &Store) -> Result<()> {
    let before = crate::now() - RECOVERY_MS;
    if !store::api_keys::has_recoveries(&mut *store.read().await?, before).await? {
        return Ok(());
    }
    let mut change = store.change(Tenant::Installation).await?;
    store::api_keys::forget_recoveries(&mut change, before).await?;
    change.commit().await
}

/// Writes down what is counted, for as long as the process lives, and forgets what a lost answer
/// could have been recovered from.
pub async fn run(app: App) {
    loop {
        tokio::time::sleep(WRITE_EVERY).await;
        let written = async {
            app.key_use.write_down(&app.store).await?;
            forget_minutes(&app.store).await?;
            forget_recoveries(&app.store).await
        };
        if let Err(error) = written.await {
            tracing::warn!(%error, "the use of keys was not written down");
        }
    }
}
