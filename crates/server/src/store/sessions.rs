//! Sessions by the hash of their token, and by their name.

use super::Connection;
use super::live::Whom;
use crate::error::Result;
use pulze_contract::live::LiveKind;
use pulze_contract::{SessionId, Timestamp, UserId};
use sqlx::Row;
use sqlx::any::AnyRow;

pub struct NewSession<'a> {
    pub token_hash: &'a str,
    pub id: &'a SessionId,
    pub user_id: &'a UserId,
    pub at: Timestamp,
    pub address: &'a str,
    pub user_agent: &'a str,
    /// Empty: by password.
    pub provider: &'a str,
}

/// A session that runs.
#[derive(Clone, Debug)]
pub struct Running {
    pub id: SessionId,
    /// Of the token that the request brought.
    pub token_hash: String,
    pub user_id: UserId,
    pub created_at: Timestamp,
    pub last_used_at: Timestamp,
    /// When the person proved last who they are.
    pub proved_at: Timestamp,
    pub address: String,
    pub user_agent: String,
    pub provider: String,
}

const COLUMNS: &str = "id, token_hash, user_id, created_at, last_used_at, proved_at, address, user_agent, provider";

fn running(row: &AnyRow) -> Result<Running> {
    let id: String = row.try_get("id")?;
    Ok(Running {
        id: SessionId::parse(&id).ok_or_else(|| crate::error::Error::Internal("a session without a name".to_owned()))?,
        token_hash: row.try_get("token_hash")?,
        user_id: super::users::id(row, "user_id")?,
        created_at: row.try_get("created_at")?,
        last_used_at: row.try_get("last_used_at")?,
        proved_at: row.try_get("proved_at")?,
        address: row.try_get("address")?,
        user_agent: row.try_get("user_agent")?,
        provider: row.try_get("provider")?,
    })
}

pub async fn insert(db: &mut Connection, session: &NewSession<'_>) -> Result<()> {
    sqlx::query("INSERT INTO sessions (token_hash, user_id, created_at, last_used_at, proved_at, address, user_agent, id, provider) VALUES ($1, $2, $3, $3, $3, $4, $5, $6, $7)")
        .bind(session.token_hash).bind(session.user_id.as_str()).bind(session.at).bind(session.address).bind(session.user_agent)
        .bind(session.id.as_str()).bind(session.provider)
        .execute(db).await?;
    Ok(())
}

/// The session of a token, only if it has ended by neither limit.
pub async fn find(
    db: &mut Connection,
    token_hash: &str,
    created_after: Timestamp,
    used_after: Timestamp,
) -> Result<Option<Running>> {
    let sql = format!("SELECT {COLUMNS} FROM sessions WHERE token_hash = $1 AND created_at > $2 AND last_used_at > $3");
    let row = sqlx::query(&sql).bind(token_hash).bind(created_after).bind(used_after).fetch_optional(db).await?;
    row.as_ref().map(running).transpose()
}

/// Whether a session runs, by its name.
pub async fn runs(db: &mut Connection, id: &SessionId, created_after: Timestamp, used_after: Timestamp) -> Result<bool> {
    let row = sqlx::query("SELECT 1 AS found FROM sessions WHERE id = $1 AND created_at > $2 AND last_used_at > $3")
        .bind(id.as_str())
        .bind(created_after)
        .bind(used_after)
        .fetch_optional(db)
        .await?;
    Ok(row.is_some())
}

pub async fn touch(db: &mut Connection, token_hash: &str, at: Timestamp) -> Result<()> {
    sqlx::query("UPDATE sessions SET last_used_at = $2 WHERE token_hash = $1").bind(token_hash).bind(at).execute(db).await?;
    Ok(())
}

/// Gives a session a new token after the person proved again who they are; the old one is dead at once. `false` where
/// it was dead already: of two proofs at the same time the second would take the first one's token away.
pub async fn prove(db: &mut Connection, session: &Running, token_hash: &str, at: Timestamp) -> Result<bool> {
    let sql = "UPDATE sessions SET token_hash = $3, proved_at = $4, last_used_at = $4 WHERE id = $1 AND token_hash = $2";
    let query = sqlx::query(sql).bind(session.id.as_str()).bind(&session.token_hash).bind(token_hash).bind(at);
    Ok(query.execute(db).await?.rows_affected() == 1)
}

/// Ends a session by its own browser, which needs not be told. Its streams of events end, on every server.
pub async fn leave(db: &mut Connection, session: &Running, at: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM sessions WHERE id = $1").bind(session.id.as_str()).execute(&mut *db).await?;
    let whom = Whom { user: Some(&session.user_id), session: Some(&session.id), ..Whom::default() };
    super::live::insert(db, LiveKind::Access, whom, at).await
}

/// Ends a session of a person, and tells its pages. `false` where there is none of that name.
pub async fn end(db: &mut Connection, user: &UserId, id: &SessionId, at: Timestamp) -> Result<bool> {
    let done = sqlx::query("DELETE FROM sessions WHERE id = $1 AND user_id = $2")
        .bind(id.as_str())
        .bind(user.as_str())
        .execute(&mut *db)
        .await?;
    let whom = Whom { user: Some(user), session: Some(id), by: Some(user), ..Whom::default() };
    super::live::insert(db, LiveKind::SessionEnded, whom, at).await?;
    Ok(done.rows_affected() == 1)
}

/// The sessions of a person that run, the last used first.
pub async fn of_user(
    db: &mut Connection,
    user: &UserId,
    created_after: Timestamp,
    used_after: Timestamp,
) -> Result<Vec<Running>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM sessions WHERE user_id = $1 AND created_at > $2 AND last_used_at > $3 ORDER BY last_used_at DESC, id"
    );
    let rows = sqlx::query(&sql).bind(user.as_str()).bind(created_after).bind(used_after).fetch_all(db).await?;
    rows.iter().map(running).collect()
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
