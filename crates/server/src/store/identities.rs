//! Who people are at providers of OpenID Connect, and sign-ins by them that are under way.

use super::Connection;
use crate::error::Result;
use pulze_contract::{Timestamp, UserId};
use sqlx::Row;

#[derive(Clone, Debug)]
pub struct IdentityRow {
    pub provider: String,
    pub email: String,
    pub linked_at: Timestamp,
}

/// Who it is, by provider and subject.
pub async fn find(db: &mut Connection, provider: &str, subject: &str) -> Result<Option<UserId>> {
    let row = sqlx::query("SELECT user_id FROM identities WHERE provider = $1 AND subject = $2")
        .bind(provider)
        .bind(subject)
        .fetch_optional(db)
        .await?;
    row.map(|row| super::users::id(&row, "user_id")).transpose()
}

/// `false` where somebody has that identity.
pub async fn insert(
    db: &mut Connection,
    (provider, subject): (&str, &str),
    user: &UserId,
    email: &str,
    at: Timestamp,
) -> Result<bool> {
    let done = sqlx::query("INSERT INTO identities (provider, subject, user_id, email, linked_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (provider, subject) DO NOTHING")
        .bind(provider).bind(subject).bind(user.as_str()).bind(email).bind(at)
        .execute(db).await?;
    Ok(done.rows_affected() == 1)
}

pub async fn of_user(db: &mut Connection, user: &UserId) -> Result<Vec<IdentityRow>> {
    let rows = sqlx::query("SELECT provider, email, linked_at FROM identities WHERE user_id = $1 ORDER BY provider, subject")
        .bind(user.as_str())
        .fetch_all(db)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(IdentityRow {
                provider: row.try_get("provider")?,
                email: row.try_get("email")?,
                linked_at: row.try_get("linked_at")?,
            })
        })
        .collect()
}

/// Whether there was one.
pub async fn delete(db: &mut Connection, user: &UserId, provider: &str) -> Result<bool> {
    let done = sqlx::query("DELETE FROM identities WHERE user_id = $1 AND provider = $2")
        .bind(user.as_str())
        .bind(provider)
        .execute(db)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// A sign-in by a provider that is under way.
#[derive(Clone, Debug, Default)]
pub struct TransactionRow {
    pub state_hash: String,
    pub browser_hash: String,
    pub provider: String,
    pub nonce: String,
    pub verifier: String,
    pub return_to: String,
    /// Empty for a sign-in.
    pub user_id: String,
    pub purpose: String,
}

/// Notes a sign-in that begins; those that nobody came back for are cleared away.
pub async fn begin(db: &mut Connection, begun: &TransactionRow, at: Timestamp, begun_after: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM sign_in_transactions WHERE created_at < $1").bind(begun_after).execute(&mut *db).await?;
    sqlx::query("INSERT INTO sign_in_transactions (state_hash, browser_hash, provider, nonce, verifier, return_to, user_id, purpose, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind(&begun.state_hash).bind(&begun.browser_hash).bind(&begun.provider).bind(&begun.nonce).bind(&begun.verifier)
        .bind(&begun.return_to).bind(&begun.user_id).bind(&begun.purpose).bind(at)
        .execute(db).await?;
    Ok(())
}

/// Takes a sign-in that is under way out: it can be finished once, and only for so long.
pub async fn take(db: &mut Connection, state_hash: &str, begun_after: Timestamp) -> Result<Option<TransactionRow>> {
    sqlx::query("DELETE FROM sign_in_transactions WHERE created_at < $1").bind(begun_after).execute(&mut *db).await?;
    let row = sqlx::query(
        "DELETE FROM sign_in_transactions WHERE state_hash = $1
         RETURNING state_hash, browser_hash, provider, nonce, verifier, return_to, user_id, purpose",
    )
    .bind(state_hash)
    .fetch_optional(db)
    .await?;
    let begun = |row: sqlx::any::AnyRow| {
        Ok(TransactionRow {
            state_hash: row.try_get("state_hash")?,
            browser_hash: row.try_get("browser_hash")?,
            provider: row.try_get("provider")?,
            nonce: row.try_get("nonce")?,
            verifier: row.try_get("verifier")?,
            return_to: row.try_get("return_to")?,
            user_id: row.try_get("user_id")?,
            purpose: row.try_get("purpose")?,
        })
    };
    row.map(begun).transpose()
}
