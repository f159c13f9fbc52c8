//! The audit log and the idempotency records: what is written beside every change.

use super::Connection;
use super::live::Whom;
use crate::error::Result;
use pulze_contract::api_key::KeyEvent;
use pulze_contract::live::LiveKind;
use pulze_contract::member::MemberEvent;
use pulze_contract::{ApiKeyId, AuditEventId, OrganizationId, Timestamp, UserId};
use sqlx::Row;

pub struct Event<'a> {
    pub organization: &'a OrganizationId,
    pub actor: &'a UserId,
    /// The operation's id.
    pub action: &'a str,
    /// Identifier of what was changed.
    pub subject: &'a str,
    pub detail: serde_json::Value,
    pub at: Timestamp,
    pub request_id: &'a str,
}

/// Writes an event; returns its identifier.
pub async fn insert(db: &mut Connection, event: &Event<'_>) -> Result<AuditEventId> {
    let id = AuditEventId::from_digits(&crate::new_digits());
    sqlx::query("INSERT INTO audit_events (organization_id, id, at, actor_id, action, subject, detail, request_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(event.organization.as_str()).bind(id.as_str()).bind(event.at).bind(event.actor.as_str())
        .bind(event.action).bind(event.subject).bind(event.detail.to_string()).bind(event.request_id)
        .execute(&mut *db).await?;
    tell(db, event).await?;
    Ok(id)
}

/// Something that somebody did beside their organizations: to their account, or to their sessions.
pub struct OwnEvent<'a> {
    pub actor: &'a UserId,
    /// The operation's id.
    pub action: &'a str,
    /// Identifier of what was changed: of a session, of a provider, of the account.
    pub subject: &'a str,
    pub detail: serde_json::Value,
    pub at: Timestamp,
    pub request_id: &'a str,
}

/// Writes an event that belongs to no organization.
pub async fn insert_own(db: &mut Connection, event: &OwnEvent<'_>) -> Result<()> {
    let id = AuditEventId::from_digits(&crate::new_digits());
    sqlx::query("INSERT INTO audit_events (organization_id, id, at, actor_id, action, subject, detail, request_id) VALUES ('', $1, $2, $3, $4, $5, $6, $7)")
        .bind(id.as_str()).bind(event.at).bind(event.actor.as_str()).bind(event.action).bind(event.subject)
        .bind(event.detail.to_string()).bind(event.request_id)
        .execute(db).await?;
    Ok(())
}

/// Tells open pages of what concerns them. Every change is written here, so none can forget to.
async fn tell(db: &mut Connection, event: &Event<'_>) -> Result<()> {
    let of_organization = Whom { organization: Some(event.organization), by: Some(event.actor), ..Whom::default() };
    let person = UserId::parse(event.subject);
    let of_person = Whom { user: person.as_ref(), ..of_organization };
    let told: &[(LiveKind, Whom<'_>)] = match event.action {
        "organization_update" => &[(LiveKind::Organization, of_organization)],
        "organization_delete" => &[(LiveKind::OrganizationDeleted, of_organization)],
        "member_update" | "member_delete" | "membership_delete" | "role_end" => {
            &[(LiveKind::Access, of_person), (LiveKind::Members, of_organization)]
        }
        "space_members_update" | "space_grant_end" => &[(LiveKind::Access, of_person)],
        // Accepted, sent, revoked: who belongs to it, or waits to.
        action if action.starts_with("invitation_") => &[(LiveKind::Members, of_organization)],
        _ => &[],
    };
    for (kind, whom) in told {
        super::live::insert(db, *kind, *whom, event.at).await?;
    }
    Ok(())
}

/// When a person did something, and its detail; `None` where they did not.
pub async fn by_actor(
    db: &mut Connection,
    organization: &OrganizationId,
    actor: &UserId,
    id: &AuditEventId,
) -> Result<Option<(Timestamp, serde_json::Value)>> {
    let row = sqlx::query("SELECT at, detail FROM audit_events WHERE organization_id = $1 AND id = $2 AND actor_id = $3")
        .bind(organization.as_str())
        .bind(id.as_str())
        .bind(actor.as_str())
        .fetch_optional(db)
        .await?;
    let event = |row: sqlx::any::AnyRow| {
        Ok((row.try_get("at")?, serde_json::from_str(&row.try_get::<String, _>("detail")?).unwrap_or_default()))
    };
    row.map(event).transpose()
}

/// The actions on record for an organization, oldest first.
pub async fn actions(db: &mut Connection, organization: &OrganizationId) -> Result<Vec<String>> {
    let rows = sqlx::query("SELECT action FROM audit_events WHERE organization_id = $1 ORDER BY at, id")
        .bind(organization.as_str())
        .fetch_all(db)
        .await?;
    rows.iter().map(|row| Ok(row.try_get("action")?)).collect()
}

/// What happened to a person's membership, newest first.
pub async fn of_member(
    db: &mut Connection,
    organization: &OrganizationId,
    user: &UserId,
    limit: u32,
) -> Result<Vec<MemberEvent>> {
    let rows = sqlx::query(
        "SELECT e.at, e.action, e.detail, COALESCE(u.name, '') AS name FROM audit_events e LEFT JOIN users u ON u.id = e.actor_id
         WHERE e.organization_id = $1 AND e.subject = $2 ORDER BY e.at DESC, e.id DESC LIMIT $3",
    )
    .bind(organization.as_str())
    .bind(user.as_str())
    .bind(i64::from(limit))
    .fetch_all(db)
    .await?;
    let event = |row: &sqlx::any::AnyRow| {
        let detail: serde_json::Value = serde_json::from_str(&row.try_get::<String, _>("detail")?).unwrap_or_default();
        let text = |key: &str| detail[key].as_str().map(str::to_owned);
        let (by, action) = (row.try_get("name")?, row.try_get("action")?);
        Ok(MemberEvent { at: row.try_get("at")?, by, action, before: text("before"), after: text("after") })
    };
    rows.iter().map(event).collect()
}

/// What was done to an API key, newest first.
pub async fn of_key(db: &mut Connection, organization: &OrganizationId, key: &ApiKeyId, limit: u32) -> Result<Vec<KeyEvent>> {
    let rows = sqlx::query(
        "SELECT e.at, e.action, e.detail, COALESCE(u.name, '') AS name FROM audit_events e LEFT JOIN users u ON u.id = e.actor_id
         WHERE e.organization_id = $1 AND e.subject = $2 ORDER BY e.at DESC, e.id DESC LIMIT $3",
    )
    .bind(organization.as_str())
    .bind(key.as_str())
    .bind(i64::from(limit))
    .fetch_all(db)
    .await?;
    let event = |row: &sqlx::any::AnyRow| {
        let (by, action, detail) = (row.try_get("name")?, row.try_get("action")?, row.try_get("detail")?);
        Ok(KeyEvent { at: row.try_get("at")?, by, action, detail })
    };
    rows.iter().map(event).collect()
}

/// What became of a claim on an idempotency key.
pub enum Claim {
    /// The key is new: do the work, then [`complete`] it in the same transaction.
    New,
    /// The work was done before; this was the answer.
    Done { fingerprint: String, body: String },
}

/// Claims a key. PostgreSQL makes a second claim wait for the first one's transaction; SQLite has
/// one writer. So a claim that is not new is always complete.
pub async fn claim(db: &mut Connection, user: &UserId, key: &str, fingerprint: &str, at: Timestamp) -> Result<Claim> {
    sqlx::query("DELETE FROM idempotency_records WHERE created_at < $1").bind(at - 86_400_000).execute(&mut *db).await?;
    let done = sqlx::query(
        "INSERT INTO idempotency_records (user_id, idempotency_key, fingerprint, body, created_at) VALUES ($1, $2, $3, '', $4) ON CONFLICT (user_id, idempotency_key) DO NOTHING",
    )
    .bind(user.as_str()).bind(key).bind(fingerprint).bind(at).execute(&mut *db).await?;
    if done.rows_affected() == 1 {
        return Ok(Claim::New);
    }
    let row = sqlx::query("SELECT fingerprint, body FROM idempotency_records WHERE user_id = $1 AND idempotency_key = $2")
        .bind(user.as_str())
        .bind(key)
        .fetch_one(db)
        .await?;
    Ok(Claim::Done { fingerprint: row.try_get("fingerprint")?, body: row.try_get("body")? })
}

pub async fn complete(db: &mut Connection, user: &UserId, key: &str, body: &str) -> Result<()> {
    sqlx::query("UPDATE idempotency_records SET body = $3 WHERE user_id = $1 AND idempotency_key = $2")
        .bind(user.as_str())
        .bind(key)
        .bind(body)
        .execute(db)
        .await?;
    Ok(())
}
