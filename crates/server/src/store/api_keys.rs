//! API keys, the hashes of their secrets, and how they are used.

use super::Connection;
use super::resources::{broken, json, parsed};
use crate::error::Result;
use pulze_contract::api_key::{
    ApiKeyContent, ApiKeyPolicy, KeyCaller, KeyFacts, LastUse, OtherCallers, Scope, ScopeLevel, ScopeUse,
};
use pulze_contract::organization::Plan;
use pulze_contract::{ApiKeyId, OrganizationId, Role, Timestamp, UserId};
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::HashMap;

/// A key as it is kept.
#[derive(Clone, Debug)]
pub struct KeyRow {
    pub id: ApiKeyId,
    pub content: ApiKeyContent,
    pub owner_id: UserId,
    /// Name of the owner; empty for one who left.
    pub owner: String,
    /// Role of the owner; absent for one who left.
    pub role: Option<Role>,
    pub created_at: Timestamp,
    pub disabled: bool,
    pub revoked: bool,
    pub version: i64,
}

impl KeyRow {
    /// What its state follows from, with the end of its old secret.
    pub fn facts(&self, old_until: Option<Timestamp>) -> KeyFacts {
        KeyFacts {
            revoked: self.revoked,
            disabled: self.disabled,
            owner_left: self.role.is_none(),
            expires_at: self.content.expires_at,
            old_until,
        }
    }
}

const COLUMNS: &str = "k.id, k.content, k.owner_id, k.created_at, k.disabled_at, k.revoked_at, k.version,
    COALESCE(u.name, '') AS owner, COALESCE(m.role, '') AS role";
const OWNERS: &str = "LEFT JOIN memberships m ON m.organization_id = k.organization_id AND m.user_id = k.owner_id
    LEFT JOIN users u ON u.id = m.user_id";

fn key(row: &AnyRow) -> Result<KeyRow> {
    let role: String = row.try_get("role")?;
    Ok(KeyRow {
        id: ApiKeyId::parse(&row.try_get::<String, _>("id")?).ok_or_else(|| broken("id of a key"))?,
        content: parsed(&row.try_get::<String, _>("content")?, "a key")?,
        owner_id: UserId::parse(&row.try_get::<String, _>("owner_id")?).ok_or_else(|| broken("owner of a key"))?,
        owner: row.try_get("owner")?,
        role: if role.is_empty() { None } else { Some(Role::parse(&role).ok_or_else(|| broken("role of an owner"))?) },
        created_at: row.try_get("created_at")?,
        disabled: row.try_get::<i64, _>("disabled_at")? > 0,
        revoked: row.try_get::<i64, _>("revoked_at")? > 0,
        version: row.try_get("version")?,
    })
}

/// All of them, newest first.
pub async fn all(db: &mut Connection, organization: &OrganizationId) -> Result<Vec<KeyRow>> {
    let sql =
        format!("SELECT {COLUMNS} FROM api_keys k {OWNERS} WHERE k.organization_id = $1 ORDER BY k.created_at DESC, k.id DESC");
    sqlx::query(&sql).bind(organization.as_str()).fetch_all(db).await?.iter().map(key).collect()
}

pub async fn find(db: &mut Connection, organization: &OrganizationId, id: &ApiKeyId) -> Result<Option<KeyRow>> {
    let sql = format!("SELECT {COLUMNS} FROM api_keys k {OWNERS} WHERE k.organization_id = $1 AND k.id = $2");
    let row = sqlx::query(&sql).bind(organization.as_str()).bind(id.as_str()).fetch_optional(db).await?;
    row.as_ref().map(key).transpose()
}

/// How many are not revoked.
pub async fn count(db: &mut Connection, organization: &OrganizationId) -> Result<usize> {
    let row = sqlx::query("SELECT COUNT(*) AS n FROM api_keys WHERE organization_id = $1 AND revoked_at = 0")
        .bind(organization.as_str())
        .fetch_one(db)
        .await?;
    Ok(usize::try_from(row.try_get::<i64, _>("n")?).unwrap_or(usize::MAX))
}

pub async fn insert(
    db: &mut Connection,
    organization: &OrganizationId,
    id: &ApiKeyId,
    content: &ApiKeyContent,
    owner: &UserId,
    at: Timestamp,
) -> Result<()> {
    sqlx::query("INSERT INTO api_keys (organization_id, id, content, owner_id, created_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(organization.as_str())
        .bind(id.as_str())
        .bind(json(content)?)
        .bind(owner.as_str())
        .bind(at)
        .execute(db)
        .await?;
    Ok(())
}

/// Writes what a key consists of, who owns it, and whether it is disabled or revoked (when; zero for not).
pub async fn update(
    db: &mut Connection,
    organization: &OrganizationId,
    row: &KeyRow,
    (disabled_at, revoked_at): (Timestamp, Timestamp),
) -> Result<()> {
    sqlx::query(
        "UPDATE api_keys SET content = $3, owner_id = $4, disabled_at = $5, revoked_at = $6, version = version + 1
         WHERE organization_id = $1 AND id = $2",
    )
    .bind(organization.as_str())
    .bind(row.id.as_str())
    .bind(json(&row.content)?)
    .bind(row.owner_id.as_str())
    .bind(disabled_at)
    .bind(revoked_at)
    .execute(db)
    .await?;
    Ok(())
}

/// A secret as it is kept.
#[derive(Clone, Debug)]
pub struct SecretRow {
    pub number: i64,
    pub last_four: String,
    pub created_at: Timestamp,
    /// Absent for the newest one.
    pub good_until: Option<Timestamp>,
    /// The secret, sealed; empty once it was used, or after some minutes.
    pub recovery: String,
}

fn secret(row: &AnyRow) -> Result<SecretRow> {
    Ok(SecretRow {
        number: row.try_get("number")?,
        last_four: row.try_get("last_four")?,
        created_at: row.try_get("created_at")?,
        good_until: Some(row.try_get("good_until")?).filter(|at| *at > 0),
        recovery: row.try_get("recovery")?,
    })
}

/// The secrets of every key of the organization, the newest of each first.
pub async fn secrets(db: &mut Connection, organization: &OrganizationId) -> Result<HashMap<String, Vec<SecretRow>>> {
    let rows = sqlx::query(
        "SELECT key_id, number, last_four, created_at, good_until, recovery FROM api_key_secrets
         WHERE organization_id = $1 ORDER BY key_id, number DESC",
    )
    .bind(organization.as_str())
    .fetch_all(db)
    .await?;
    let mut secrets: HashMap<String, Vec<SecretRow>> = HashMap::new();
    for row in &rows {
        secrets.entry(row.try_get("key_id")?).or_default().push(secret(row)?);
    }
    Ok(secrets)
}

/// The secrets of one key, the newest first.
pub async fn secrets_of(db: &mut Connection, organization: &OrganizationId, key: &ApiKeyId) -> Result<Vec<SecretRow>> {
    let rows = sqlx::query(
        "SELECT number, last_four, created_at, good_until, recovery FROM api_key_secrets
         WHERE organization_id = $1 AND key_id = $2 ORDER BY number DESC",
    )
    .bind(organization.as_str())
    .bind(key.as_str())
    .fetch_all(db)
    .await?;
    rows.iter().map(secret).collect()
}

pub async fn insert_secret(
    db: &mut Connection,
    organization: &OrganizationId,
    key: &ApiKeyId,
    hash: &str,
    secret: &SecretRow,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO api_key_secrets (hash, organization_id, key_id, number, last_four, created_at, recovery)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(hash)
    .bind(organization.as_str())
    .bind(key.as_str())
    .bind(secret.number)
    .bind(&secret.last_four)
    .bind(secret.created_at)
    .bind(&secret.recovery)
    .execute(db)
    .await?;
    Ok(())
}

/// Says until when a secret is good.
pub async fn set_good_until(
    db: &mut Connection,
    organization: &OrganizationId,
    key: &ApiKeyId,
    number: i64,
    at: Timestamp,
) -> Result<()> {
    sqlx::query("UPDATE api_key_secrets SET good_until = $4 WHERE organization_id = $1 AND key_id = $2 AND number = $3")
        .bind(organization.as_str())
        .bind(key.as_str())
        .bind(number)
        .bind(at)
        .execute(db)
        .await?;
    Ok(())
}

/// Whether there is something of before that time that a lost answer could be recovered from.
pub async fn has_recoveries(db: &mut Connection, before: Timestamp) -> Result<bool> {
    let sql = "SELECT 1 AS found FROM api_key_secrets WHERE recovery <> '' AND created_at < $1 LIMIT 1";
    Ok(sqlx::query(sql).bind(before).fetch_optional(db).await?.is_some())
}

/// Forgets what an answer that was lost could have been recovered from.
pub async fn forget_recoveries(db: &mut Connection, before: Timestamp) -> Result<()> {
    sqlx::query("UPDATE api_key_secrets SET recovery = '' WHERE recovery <> '' AND created_at < $1")
        .bind(before)
        .execute(db)
        .await?;
    Ok(())
}

/// Forgets it for one secret: whoever uses it has it.
pub async fn forget_recovery(db: &mut Connection, organization: &OrganizationId, key: &ApiKeyId, number: i64) -> Result<()> {
    sqlx::query(
        "UPDATE api_key_secrets SET recovery = '' WHERE recovery <> '' AND organization_id = $1 AND key_id = $2 AND number = $3",
    )
    .bind(organization.as_str())
    .bind(key.as_str())
    .bind(number)
    .execute(db)
    .await?;
    Ok(())
}

/// Everything that is looked at before a key opens.
pub struct Presented {
    pub organization: OrganizationId,
    pub plan: Plan,
    pub key: KeyRow,
    pub number: i64,
    pub good_until: Option<Timestamp>,
}

/// The key whose secret has this hash.
pub async fn presented(db: &mut Connection, hash: &str) -> Result<Option<Presented>> {
    let sql = format!(
        "SELECT {COLUMNS}, k.organization_id, o.plan, s.number, s.good_until FROM api_key_secrets s
         JOIN api_keys k ON k.organization_id = s.organization_id AND k.id = s.key_id
         JOIN organizations o ON o.id = k.organization_id {OWNERS} WHERE s.hash = $1"
    );
    let row = sqlx::query(&sql).bind(hash).fetch_optional(db).await?;
    let presented = |row: &AnyRow| {
        let organization: String = row.try_get("organization_id")?;
        Ok(Presented {
            organization: OrganizationId::parse(&organization).ok_or_else(|| broken("organization of a key"))?,
            plan: Plan::parse(&row.try_get::<String, _>("plan")?).ok_or_else(|| broken("plan"))?,
            key: key(row)?,
            number: row.try_get("number")?,
            good_until: Some(row.try_get("good_until")?).filter(|at| *at > 0),
        })
    };
    row.as_ref().map(presented).transpose()
}

/// What was counted of one secret since it was written down last.
#[derive(Clone, Debug, Default)]
pub struct Counted {
    pub good: i64,
    pub refused: i64,
    pub last: Timestamp,
}

/// Callers of a secret that are kept apart: the newest. The migration `0013` names the same number.
pub const CALLERS_KEPT: usize = 100;

/// Who used a secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// An address and a client.
    Caller((String, String)),
    /// One of those that are not kept apart.
    Others,
}

/// Adds what was counted within an hour, by one caller.
pub async fn add_use(
    db: &mut Connection,
    organization: &OrganizationId,
    key: &ApiKeyId,
    number: i64,
    who: &Who,
    counted: &Counted,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO api_key_hours (organization_id, key_id, number, hour, good, refused) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (organization_id, key_id, number, hour) DO UPDATE SET good = api_key_hours.good + excluded.good,
         refused = api_key_hours.refused + excluded.refused",
    )
    .bind(organization.as_str())
    .bind(key.as_str())
    .bind(number)
    .bind(hour(counted.last))
    .bind(counted.good)
    .bind(counted.refused)
    .execute(&mut *db)
    .await?;
    let requests = counted.good + counted.refused;
    let Who::Caller((address, client)) = who else {
        return add_others(db, organization, key, number, (requests, requests, counted.last)).await;
    };
    sqlx::query(
        "INSERT INTO api_key_callers (organization_id, key_id, number, address, client, requests, last_seen)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (organization_id, key_id, number, address, client) DO UPDATE SET
         requests = api_key_callers.requests + excluded.requests,
         last_seen = CASE WHEN excluded.last_seen > api_key_callers.last_seen THEN excluded.last_seen ELSE api_key_callers.last_seen END",
    )
    .bind(organization.as_str())
    .bind(key.as_str())
    .bind(number)
    .bind(address)
    .bind(client)
    .bind(requests)
    .bind(counted.last)
    .execute(db)
    .await?;
    Ok(())
}

/// Adds callers, their requests and their last use to those that are not kept apart.
async fn add_others(
    db: &mut Connection,
    organization: &OrganizationId,
    key: &ApiKeyId,
    number: i64,
    (callers, requests, last_seen): (i64, i64, Timestamp),
) -> Result<()> {
    sqlx::query(
        "INSERT INTO api_key_other_callers (organization_id, key_id, number, callers, requests, last_seen)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (organization_id, key_id, number) DO UPDATE SET
         callers = api_key_other_callers.callers + excluded.callers,
         requests = api_key_other_callers.requests + excluded.requests,
         last_seen = CASE WHEN excluded.last_seen > api_key_other_callers.last_seen THEN excluded.last_seen ELSE api_key_other_callers.last_seen END",
    )
    .bind(organization.as_str())
    .bind(key.as_str())
    .bind(number)
    .bind(callers)
    .bind(requests)
    .bind(last_seen)
    .execute(db)
    .await?;
    Ok(())
}

/// Keeps the newest [`CALLERS_KEPT`] callers of a secret apart, and of the rest only sums.
pub async fn fold_callers(db: &mut Connection, organization: &OrganizationId, key: &ApiKeyId, number: i64) -> Result<()> {
    let rows = sqlx::query(
        "SELECT address, client, requests, last_seen FROM api_key_callers
         WHERE organization_id = $1 AND key_id = $2 AND number = $3 ORDER BY last_seen DESC, address, client
         LIMIT 1000 OFFSET $4",
    )
    .bind(organization.as_str())
    .bind(key.as_str())
    .bind(number)
    .bind(i64::try_from(CALLERS_KEPT).unwrap_or(i64::MAX))
    .fetch_all(&mut *db)
    .await?;
    let mut folded = (0, 0, 0);
    for row in &rows {
        let last_seen: Timestamp = row.try_get("last_seen")?;
        folded = (folded.0 + 1, folded.1 + row.try_get::<i64, _>("requests")?, last_seen.max(folded.2));
        sqlx::query(
            "DELETE FROM api_key_callers
             WHERE organization_id = $1 AND key_id = $2 AND number = $3 AND address = $4 AND client = $5",
        )
        .bind(organization.as_str())
        .bind(key.as_str())
        .bind(number)
        .bind(row.try_get::<String, _>("address")?)
        .bind(row.try_get::<String, _>("client")?)
        .execute(&mut *db)
        .await?;
    }
    if folded.0 > 0 { add_others(db, organization, key, number, folded).await } else { Ok(()) }
}

/// Those of a key that are not kept apart, by its secrets, the newest first.
pub async fn other_callers(db: &mut Connection, organization: &OrganizationId, key: &ApiKeyId) -> Result<Vec<OtherCallers>> {
    let rows = sqlx::query(
        "SELECT number, callers, requests, last_seen FROM api_key_other_callers
         WHERE organization_id = $1 AND key_id = $2 ORDER BY number DESC",
    )
    .bind(organization.as_str())
    .bind(key.as_str())
    .fetch_all(db)
    .await?;
    let others = |row: &AnyRow| {
        Ok(OtherCallers {
            number: u32::try_from(row.try_get::<i64, _>("number")?).unwrap_or(u32::MAX),
            callers: u64::try_from(row.try_get::<i64, _>("callers")?).unwrap_or(0),
            requests: u64::try_from(row.try_get::<i64, _>("requests")?).unwrap_or(0),
            last_seen: row.try_get("last_seen")?,
        })
    };
    rows.iter().map(others).collect()
}

/// Notes that a key was used for a scope.
pub async fn add_scope_use(
    db: &mut Connection,
    organization: &OrganizationId,
    key: &ApiKeyId,
    (scope, level): (Scope, ScopeLevel),
    at: Timestamp,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO api_key_scopes (organization_id, key_id, scope, level, last_used) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (organization_id, key_id, scope, level) DO UPDATE SET last_used = excluded.last_used",
    )
    .bind(organization.as_str())
    .bind(key.as_str())
    .bind(scope.as_str())
    .bind(level.as_str())
    .bind(at)
    .execute(db)
    .await?;
    Ok(())
}

/// What the keys were used for, and when last, by key.
pub async fn scope_uses(db: &mut Connection, organization: &OrganizationId) -> Result<HashMap<String, Vec<ScopeUse>>> {
    let rows = sqlx::query(
        "SELECT key_id, scope, level, last_used FROM api_key_scopes WHERE organization_id = $1 ORDER BY key_id, last_used DESC",
    )
    .bind(organization.as_str())
    .fetch_all(db)
    .await?;
    let mut uses: HashMap<String, Vec<ScopeUse>> = HashMap::new();
    for row in &rows {
        let scope =
            Scope::ALL.into_iter().find(|scope| row.try_get::<String, _>("scope").is_ok_and(|name| name == scope.as_str()));
        let level = ScopeLevel::parse(&row.try_get::<String, _>("level")?);
        let (scope, level) = scope.zip(level).ok_or_else(|| broken("scope of a key"))?;
        let used = ScopeUse { scope, level, last_used: row.try_get("last_used")? };
        uses.entry(row.try_get("key_id")?).or_default().push(used);
    }
    Ok(uses)
}

/// The hour of a moment, counted from 1970-01-01.
pub fn hour(at: Timestamp) -> i64 {
    at.div_euclid(3_600_000)
}

/// Good and refused requests by secret and hour, from an hour on.
pub struct HourRow {
    pub key: String,
    pub number: i64,
    pub hour: i64,
    pub good: i64,
    pub refused: i64,
}

pub async fn hours(db: &mut Connection, organization: &OrganizationId, since: i64) -> Result<Vec<HourRow>> {
    let rows = sqlx::query(
        "SELECT key_id, number, hour, good, refused FROM api_key_hours WHERE organization_id = $1 AND hour >= $2
         ORDER BY key_id, number, hour",
    )
    .bind(organization.as_str())
    .bind(since)
    .fetch_all(db)
    .await?;
    let hour = |row: &AnyRow| {
        Ok(HourRow {
            key: row.try_get("key_id")?,
            number: row.try_get("number")?,
            hour: row.try_get("hour")?,
            good: row.try_get("good")?,
            refused: row.try_get("refused")?,
        })
    };
    rows.iter().map(hour).collect()
}

/// Who used keys since a moment, by key, newest first.
pub async fn callers(
    db: &mut Connection,
    organization: &OrganizationId,
    since: Timestamp,
) -> Result<HashMap<String, Vec<KeyCaller>>> {
    let rows = sqlx::query(
        "SELECT key_id, number, address, client, requests, last_seen FROM api_key_callers
         WHERE organization_id = $1 AND last_seen >= $2 ORDER BY key_id, last_seen DESC",
    )
    .bind(organization.as_str())
    .bind(since)
    .fetch_all(db)
    .await?;
    let mut callers: HashMap<String, Vec<KeyCaller>> = HashMap::new();
    for row in &rows {
        let caller = KeyCaller {
            number: u32::try_from(row.try_get::<i64, _>("number")?).unwrap_or(u32::MAX),
            address: row.try_get("address")?,
            client: row.try_get("client")?,
            requests: u64::try_from(row.try_get::<i64, _>("requests")?).unwrap_or(0),
            last_seen: row.try_get("last_seen")?,
        };
        callers.entry(row.try_get("key_id")?).or_default().push(caller);
    }
    Ok(callers)
}

/// The last use of a caller.
pub fn last_use(caller: &KeyCaller) -> LastUse {
    LastUse { at: caller.last_seen, address: caller.address.clone(), client: caller.client.clone() }
}

pub async fn policy(db: &mut Connection, organization: &OrganizationId) -> Result<ApiKeyPolicy> {
    let row = sqlx::query("SELECT keys_may_never_expire, keys_days_max FROM organizations WHERE id = $1")
        .bind(organization.as_str())
        .fetch_one(db)
        .await?;
    Ok(ApiKeyPolicy {
        may_never_expire: row.try_get::<i64, _>("keys_may_never_expire")? != 0,
        days_max: u32::try_from(row.try_get::<i64, _>("keys_days_max")?).ok().filter(|days| *days > 0),
    })
}

pub async fn set_policy(db: &mut Connection, organization: &OrganizationId, policy: ApiKeyPolicy) -> Result<()> {
    sqlx::query("UPDATE organizations SET keys_may_never_expire = $2, keys_days_max = $3 WHERE id = $1")
        .bind(organization.as_str())
        .bind(i64::from(policy.may_never_expire))
        .bind(i64::from(policy.days_max.unwrap_or(0)))
        .execute(db)
        .await?;
    Ok(())
}

/// Counts a request of a key within a minute; how many there were, on all servers together.
pub async fn count_minute(db: &mut Connection, key: &ApiKeyId, minute: i64) -> Result<i64> {
    let row = sqlx::query(
        "INSERT INTO api_key_minutes (key_id, minute, requests) VALUES ($1, $2, 1)
         ON CONFLICT (key_id, minute) DO UPDATE SET requests = api_key_minutes.requests + 1 RETURNING requests",
    )
    .bind(key.as_str())
    .bind(minute)
    .fetch_one(db)
    .await?;
    Ok(row.try_get("requests")?)
}

pub async fn has_minutes(db: &mut Connection, before: i64) -> Result<bool> {
    let row =
        sqlx::query("SELECT 1 AS found FROM api_key_minutes WHERE minute < $1 LIMIT 1").bind(before).fetch_optional(db).await?;
    Ok(row.is_some())
}

pub async fn forget_minutes(db: &mut Connection, before: i64) -> Result<()> {
    sqlx::query("DELETE FROM api_key_minutes WHERE minute < $1").bind(before).execute(db).await?;
    Ok(())
}
