//! Invitations and the mails that carry their links.

use super::Connection;
use crate::error::{Error, Result};
use pulze_contract::invitation::{Invitation, InvitationState};
use pulze_contract::{InvitationId, OrganizationId, Role, Timestamp, UserId};
use sqlx::Row;
use sqlx::any::AnyRow;

const COLUMNS: &str =
    "SELECT i.organization_id, i.id, i.email, i.role, i.message, i.sent_at, i.opened_at, i.expires_at, i.declined_at,
    COALESCE(u.name, '') AS invited_by, o.name AS organization_name
    FROM invitations i JOIN organizations o ON o.id = i.organization_id LEFT JOIN users u ON u.id = i.invited_by";

/// An invitation with the organization it leads to.
pub struct Found {
    pub organization: OrganizationId,
    pub organization_name: String,
    pub message: String,
    pub invitation: Invitation,
}

fn found(row: &AnyRow, now: Timestamp) -> Result<Found> {
    let broken = || Error::Internal("an invitation holds an unknown value".to_owned());
    let expires_at = row.try_get("expires_at")?;
    let declined = row.try_get::<i64, _>("declined_at")? > 0;
    Ok(Found {
        organization: OrganizationId::parse(&row.try_get::<String, _>("organization_id")?).ok_or_else(broken)?,
        organization_name: row.try_get("organization_name")?,
        message: row.try_get("message")?,
        invitation: Invitation {
            id: InvitationId::parse(&row.try_get::<String, _>("id")?).ok_or_else(broken)?,
            email: row.try_get("email")?,
            role: Role::parse(&row.try_get::<String, _>("role")?).ok_or_else(broken)?,
            state: match (declined, expires_at <= now) {
                (true, _) => InvitationState::Declined,
                (false, true) => InvitationState::Expired,
                (false, false) => InvitationState::Pending,
            },
            sent_at: row.try_get("sent_at")?,
            opened_at: Some(row.try_get("opened_at")?).filter(|at| *at > 0),
            expires_at,
            invited_by: row.try_get("invited_by")?,
        },
    })
}

pub async fn list(db: &mut Connection, organization: &OrganizationId, now: Timestamp) -> Result<Vec<Invitation>> {
    let sql = format!("{COLUMNS} WHERE i.organization_id = $1 ORDER BY i.sent_at DESC, i.email");
    let rows = sqlx::query(&sql).bind(organization.as_str()).fetch_all(db).await?;
    rows.iter().map(|row| found(row, now).map(|found| found.invitation)).collect()
}

pub async fn find(
    db: &mut Connection,
    organization: &OrganizationId,
    id: &InvitationId,
    now: Timestamp,
) -> Result<Option<Found>> {
    let sql = format!("{COLUMNS} WHERE i.organization_id = $1 AND i.id = $2");
    let row = sqlx::query(&sql).bind(organization.as_str()).bind(id.as_str()).fetch_optional(db).await?;
    row.map(|row| found(&row, now)).transpose()
}

pub async fn of_email(db: &mut Connection, organization: &OrganizationId, email: &str, now: Timestamp) -> Result<Option<Found>> {
    let sql = format!("{COLUMNS} WHERE i.organization_id = $1 AND i.email = $2");
    let row = sqlx::query(&sql).bind(organization.as_str()).bind(email).fetch_optional(db).await?;
    row.map(|row| found(&row, now)).transpose()
}

pub async fn of_secret(db: &mut Connection, secret_hash: &str, now: Timestamp) -> Result<Option<Found>> {
    let sql = format!("{COLUMNS} WHERE i.secret_hash = $1");
    let row = sqlx::query(&sql).bind(secret_hash).fetch_optional(db).await?;
    row.map(|row| found(&row, now)).transpose()
}

pub struct New<'a> {
    pub id: &'a InvitationId,
    pub email: &'a str,
    pub role: Role,
    pub message: &'a str,
    pub secret_hash: &'a str,
    pub by: &'a UserId,
    pub at: Timestamp,
    pub expires_at: Timestamp,
}

/// Keeps an invitation, in place of an expired or declined one for the same address.
pub async fn insert(db: &mut Connection, organization: &OrganizationId, new: &New<'_>) -> Result<()> {
    sqlx::query("DELETE FROM invitations WHERE organization_id = $1 AND email = $2")
        .bind(organization.as_str())
        .bind(new.email)
        .execute(&mut *db)
        .await?;
    sqlx::query("INSERT INTO invitations (organization_id, id, email, role, message, secret_hash, invited_by, sent_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind(organization.as_str())
        .bind(new.id.as_str())
        .bind(new.email)
        .bind(new.role.as_str())
        .bind(new.message)
        .bind(new.secret_hash)
        .bind(new.by.as_str())
        .bind(new.at)
        .bind(new.expires_at)
        .execute(db)
        .await?;
    Ok(())
}

/// A fresh secret and a fresh term; a declined invitation is open again.
pub async fn renew(
    db: &mut Connection,
    organization: &OrganizationId,
    id: &InvitationId,
    secret_hash: &str,
    at: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    sqlx::query("UPDATE invitations SET secret_hash = $3, sent_at = $4, expires_at = $5, opened_at = 0, declined_at = 0 WHERE organization_id = $1 AND id = $2")
        .bind(organization.as_str())
        .bind(id.as_str())
        .bind(secret_hash)
        .bind(at)
        .bind(expires_at)
        .execute(db)
        .await?;
    Ok(())
}

pub async fn set_role(db: &mut Connection, organization: &OrganizationId, id: &InvitationId, role: Role) -> Result<()> {
    sqlx::query("UPDATE invitations SET role = $3 WHERE organization_id = $1 AND id = $2")
        .bind(organization.as_str())
        .bind(id.as_str())
        .bind(role.as_str())
        .execute(db)
        .await?;
    Ok(())
}

/// Notes the first time that the link was opened.
pub async fn set_opened(db: &mut Connection, organization: &OrganizationId, id: &InvitationId, at: Timestamp) -> Result<()> {
    sqlx::query("UPDATE invitations SET opened_at = $3 WHERE organization_id = $1 AND id = $2 AND opened_at = 0")
        .bind(organization.as_str())
        .bind(id.as_str())
        .bind(at)
        .execute(db)
        .await?;
    Ok(())
}

pub async fn set_declined(db: &mut Connection, organization: &OrganizationId, id: &InvitationId, at: Timestamp) -> Result<()> {
    sqlx::query("UPDATE invitations SET declined_at = $3 WHERE organization_id = $1 AND id = $2")
        .bind(organization.as_str())
        .bind(id.as_str())
        .bind(at)
        .execute(db)
        .await?;
    Ok(())
}

/// Takes an invitation away; `false` when it is gone already.
pub async fn delete(db: &mut Connection, organization: &OrganizationId, id: &InvitationId) -> Result<bool> {
    let done = sqlx::query("DELETE FROM invitations WHERE organization_id = $1 AND id = $2")
        .bind(organization.as_str())
        .bind(id.as_str())
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// A mail as it waits in the outbox.
pub struct Mail {
    pub recipient: String,
    pub subject: String,
    pub body: String,
    pub created_at: Timestamp,
}

pub async fn insert_mail(db: &mut Connection, mail: &Mail) -> Result<()> {
    sqlx::query("INSERT INTO mails (id, recipient, subject, body, created_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(crate::new_digits())
        .bind(&mail.recipient)
        .bind(&mail.subject)
        .bind(&mail.body)
        .bind(mail.created_at)
        .execute(db)
        .await?;
    Ok(())
}

/// The newest mails, newest first.
pub async fn mails(db: &mut Connection, limit: u32) -> Result<Vec<Mail>> {
    let rows = sqlx::query("SELECT recipient, subject, body, created_at FROM mails ORDER BY created_at DESC, id DESC LIMIT $1")
        .bind(i64::from(limit))
        .fetch_all(db)
        .await?;
    let mail = |row: &AnyRow| {
        Ok(Mail {
            recipient: row.try_get("recipient")?,
            subject: row.try_get("subject")?,
            body: row.try_get("body")?,
            created_at: row.try_get("created_at")?,
        })
    };
    rows.iter().map(mail).collect()
}
