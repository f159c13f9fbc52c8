//! Sessions by the hash of their token.

use super::Connection;
use crate::error::Result;
use pulze_contract::{Timestamp, UserId};
use sqlx::Row;

pub struct NewSession<'a> {
    pub token_hash: &'a str,
    pub user_id: &'a UserId,
    pub at: Timestamp,
    pub address: &'a str,
    pub user_agent: &'a str,
}

pub async fn insert(db: &mut Connection, session: &NewSession<'_>) -> Result<()> {
    sqlx::query("INSERT INTO sessions (token_hash, user_id, created_at, last_used_at, address, user_agent) VALUES ($1, $2, $3, $3, $4, $5)")
        .bind(session.token_hash).bind(session.user_id.as_str()).bind(session.at).bind(session.address).bind(session.user_agent)
        .execute(db).await?;
    Ok(())
}

/// Whose session this is, and when it was last used; only if it has ended by neither limit.
pub async fn find(
    db: &mut Connection,
    token_hash: &str,
    created_after: Timestamp,
    used_after: Timestamp,
) -> Result<Option<(UserId, Timestamp)>> {
    let row =
        sqlx::query("SELECT user_id, last_used_at FROM sessions WHERE token_hash = $1 AND created_at > $2 AND last_used_at > $3")
            .bind(token_hash)
            .bind(created_after)
            .bind(used_after)
            .fetch_optional(db)
            .await?;
    row.map(|row| Ok((super::users::id(&row, "user_id")?, row.try_get("last_used_at")?))).transpose()
}

pub async fn touch(db: &mut Connection, token_hash: &str, at: Timestamp) -> Result<()> {
    sqlx::query("UPDATE sessions SET last_used_at = $2 WHERE token_hash = $1").bind(token_hash).bind(at).execute(db).await?;
    Ok(())
}

pub async fn delete(db: &mut Connection, token_hash: &str) -> Result<()> {
    sqlx::query("DELETE FROM sessions WHERE token_hash = $1").bind(token_hash).execute(db).await?;
    Ok(())
}

/// The sessions of a person that run, the last used first: user agent, beginning and last use.
pub async fn of_user(
    db: &mut Connection,
    user: &UserId,
    created_after: Timestamp,
    used_after: Timestamp,
) -> Result<Vec<(String, Timestamp, Timestamp)>> {
    let rows = sqlx::query(
        "SELECT user_agent, created_at, last_used_at FROM sessions WHERE user_id = $1 AND created_at > $2 AND last_used_at > $3
         ORDER BY last_used_at DESC, token_hash",
    )
    .bind(user.as_str())
    .bind(created_after)
    .bind(used_after)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| Ok((row.try_get("user_agent")?, row.try_get("created_at")?, row.try_get("last_used_at")?))).collect()
}

/// Clears away what has ended.
pub async fn delete_ended(db: &mut Connection, created_before: Timestamp, used_before: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM sessions WHERE created_at <= $1 OR last_used_at <= $2")
        .bind(created_before)
        .bind(used_before)
        .execute(db)
        .await?;
    Ok(())
}
