//! The mails of the installation: kept, waiting, sent or failed.

use super::Connection;
use crate::error::{Error, Result};
use pulze_contract::mail::{Mail, MailState};
use pulze_contract::{MailId, Timestamp};
use sqlx::Row;
use sqlx::any::AnyRow;

fn state(name: &str) -> Result<MailState> {
    match name {
        "kept" => Ok(MailState::Kept),
        "waiting" => Ok(MailState::Waiting),
        "sent" => Ok(MailState::Sent),
        "failed" => Ok(MailState::Failed),
        _ => Err(Error::Internal("a mail holds an unknown state".to_owned())),
    }
}

fn name(state: MailState) -> &'static str {
    match state {
        MailState::Kept => "kept",
        MailState::Waiting => "waiting",
        MailState::Sent => "sent",
        MailState::Failed => "failed",
    }
}

fn id(row: &AnyRow) -> Result<MailId> {
    let text: String = row.try_get("id")?;
    // Mails from before they had identifiers of their own carry the bare digits.
    MailId::parse(&text)
        .or_else(|| MailId::parse(&format!("mail_{text}")))
        .ok_or_else(|| Error::Internal("a mail has an unknown identifier".to_owned()))
}

/// What is written of a mail before it is sent.
pub struct New<'a> {
    pub recipient: &'a str,
    pub subject: &'a str,
    pub text: &'a str,
    pub html: &'a str,
    pub language: &'a str,
    pub state: MailState,
    pub at: Timestamp,
}

pub async fn insert(db: &mut Connection, new: &New<'_>) -> Result<()> {
    sqlx::query("INSERT INTO mails (id, recipient, subject, body, html, language, state, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(MailId::from_digits(&crate::new_digits()).as_str())
        .bind(new.recipient)
        .bind(new.subject)
        .bind(new.text)
        .bind(new.html)
        .bind(new.language)
        .bind(name(new.state))
        .bind(new.at)
        .execute(db)
        .await?;
    Ok(())
}

/// The newest mails, newest first, and how many there are.
pub async fn list(db: &mut Connection, limit: u32) -> Result<(u32, Vec<Mail>)> {
    let total = sqlx::query("SELECT COUNT(*) AS n FROM mails").fetch_one(&mut *db).await?.try_get::<i64, _>("n")?;
    let rows = sqlx::query(
        "SELECT id, recipient, subject, body, state, created_at, sent_at, error FROM mails ORDER BY created_at DESC, id DESC LIMIT $1",
    )
    .bind(i64::from(limit))
    .fetch_all(db)
    .await?;
    let mail = |row: &AnyRow| {
        Ok(Mail {
            id: id(row)?,
            recipient: row.try_get("recipient")?,
            subject: row.try_get("subject")?,
            text: row.try_get("body")?,
            state: state(&row.try_get::<String, _>("state")?)?,
            created_at: row.try_get("created_at")?,
            sent_at: Some(row.try_get("sent_at")?).filter(|at| *at > 0),
            error: row.try_get("error")?,
        })
    };
    Ok((u32::try_from(total).unwrap_or(u32::MAX), rows.iter().map(mail).collect::<Result<_>>()?))
}

/// A mail that somebody is about to hand to the mail server.
pub struct Claimed {
    pub id: String,
    pub recipient: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub language: String,
    pub created_at: Timestamp,
    /// This one included.
    pub attempts: i64,
}

/// Whether a mail is due, or one is from before that other time.
pub async fn due(db: &mut Connection, now: Timestamp, before: Timestamp) -> Result<bool> {
    let row = sqlx::query(
        "SELECT 1 AS found FROM mails WHERE (state = 'waiting' AND next_attempt_at <= $1) OR created_at < $2 LIMIT 1",
    )
    .bind(now)
    .bind(before)
    .fetch_optional(db)
    .await?;
    Ok(row.is_some())
}

/// Takes the next mail that is due and puts its next attempt to `again_at`, so that of several
/// servers on one database only one tries it.
pub async fn claim(db: &mut Connection, now: Timestamp, again_at: Timestamp) -> Result<Option<Claimed>> {
    let row = sqlx::query(
        "SELECT id, recipient, subject, body, html, language, created_at, attempts, next_attempt_at FROM mails
         WHERE state = 'waiting' AND next_attempt_at <= $1 ORDER BY next_attempt_at, created_at LIMIT 1",
    )
    .bind(now)
    .fetch_optional(&mut *db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let id: String = row.try_get("id")?;
    let done = sqlx::query(
        "UPDATE mails SET next_attempt_at = $3, attempts = attempts + 1 WHERE id = $1 AND next_attempt_at = $2 AND state = 'waiting'",
    )
    .bind(&id)
    .bind(row.try_get::<i64, _>("next_attempt_at")?)
    .bind(again_at)
    .execute(db)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(None);
    }
    Ok(Some(Claimed {
        id,
        recipient: row.try_get("recipient")?,
        subject: row.try_get("subject")?,
        text: row.try_get("body")?,
        html: row.try_get("html")?,
        language: row.try_get("language")?,
        created_at: row.try_get("created_at")?,
        attempts: row.try_get::<i64, _>("attempts")? + 1,
    }))
}

/// It was taken: the text, which holds the link, is no longer kept.
pub async fn set_sent(db: &mut Connection, id: &str, at: Timestamp) -> Result<()> {
    sqlx::query("UPDATE mails SET state = 'sent', sent_at = $2, body = '', html = '', error = '' WHERE id = $1")
        .bind(id)
        .bind(at)
        .execute(db)
        .await?;
    Ok(())
}

/// It was refused: tried again at `again_at`, or never.
pub async fn set_refused(db: &mut Connection, id: &str, error: &str, again_at: Option<Timestamp>) -> Result<()> {
    sqlx::query("UPDATE mails SET state = $2, error = $3, next_attempt_at = $4 WHERE id = $1")
        .bind(id)
        .bind(name(if again_at.is_some() { MailState::Waiting } else { MailState::Failed }))
        .bind(error)
        .bind(again_at.unwrap_or(0))
        .execute(db)
        .await?;
    Ok(())
}

/// Clears away mails from before this time: their links are worthless.
pub async fn delete_before(db: &mut Connection, before: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM mails WHERE created_at < $1").bind(before).execute(db).await?;
    Ok(())
}
