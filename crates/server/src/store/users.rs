//! People and their attempts to sign in.

use super::Connection;
use crate::error::Result;
use pulze_contract::{Timestamp, UserId};
use sqlx::Row;

#[derive(Clone, Debug)]
pub struct User {
    pub id: UserId,
    pub email: String,
    pub name: String,
    /// Looks after the installation.
    pub administers_installation: bool,
}

fn user(row: &sqlx::any::AnyRow) -> Result<User> {
    Ok(User {
        id: id(row, "id")?,
        email: row.try_get("email")?,
        name: row.try_get("name")?,
        administers_installation: row.try_get::<i64, _>("administers_installation")? != 0,
    })
}

/// Reads an identifier that the database holds.
pub fn id(row: &sqlx::any::AnyRow, column: &str) -> Result<UserId> {
    let text: String = row.try_get(column)?;
    UserId::parse(&text).ok_or_else(|| crate::error::Error::Internal(format!("{column} holds no user id")))
}

pub async fn insert(db: &mut Connection, user: &User, password_hash: &str, at: Timestamp) -> Result<()> {
    sqlx::query("INSERT INTO users (id, email, name, password_hash, created_at, search, administers_installation) VALUES ($1, $2, $3, $4, $5, $6, $7)")
        .bind(user.id.as_str())
        .bind(&user.email)
        .bind(&user.name)
        .bind(password_hash)
        .bind(at)
        .bind(format!("{} {}", user.name, user.email).to_lowercase())
        .bind(i64::from(user.administers_installation))
        .execute(db)
        .await?;
    Ok(())
}

pub async fn by_id(db: &mut Connection, id: &UserId) -> Result<Option<User>> {
    let row = sqlx::query("SELECT id, email, name, administers_installation FROM users WHERE id = $1")
        .bind(id.as_str())
        .fetch_optional(db)
        .await?;
    row.as_ref().map(user).transpose()
}

/// The person and the hash of their password.
pub async fn by_email(db: &mut Connection, email: &str) -> Result<Option<(User, String)>> {
    let row = sqlx::query("SELECT id, email, name, administers_installation, password_hash FROM users WHERE email = $1")
        .bind(email)
        .fetch_optional(db)
        .await?;
    row.map(|row| Ok((user(&row)?, row.try_get("password_hash")?))).transpose()
}

pub async fn count(db: &mut Connection) -> Result<i64> {
    Ok(sqlx::query("SELECT COUNT(*) AS n FROM users").fetch_one(db).await?.try_get("n")?)
}

/// Notes an attempt before the password is looked at, so that parallel guesses count too.
pub async fn insert_attempt(db: &mut Connection, id: &str, email: &str, address: &str, at: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM sign_in_attempts WHERE at < $1").bind(at - 86_400_000).execute(&mut *db).await?;
    sqlx::query("INSERT INTO sign_in_attempts (id, email, address, at) VALUES ($1, $2, $3, $4)")
        .bind(id)
        .bind(email)
        .bind(address)
        .bind(at)
        .execute(db)
        .await?;
    Ok(())
}

pub async fn delete_attempt(db: &mut Connection, id: &str) -> Result<()> {
    sqlx::query("DELETE FROM sign_in_attempts WHERE id = $1").bind(id).execute(db).await?;
    Ok(())
}

/// Attempts since `since` for the account and from the address.
pub async fn attempts(db: &mut Connection, email: &str, address: &str, since: Timestamp) -> Result<(i64, i64)> {
    let row = sqlx::query(
        "SELECT COUNT(CASE WHEN email = $1 THEN 1 END) AS by_email, COUNT(CASE WHEN address = $2 THEN 1 END) AS by_address
         FROM sign_in_attempts WHERE at >= $3 AND (email = $1 OR address = $2)",
    )
    .bind(email)
    .bind(address)
    .bind(since)
    .fetch_one(db)
    .await?;
    Ok((row.try_get("by_email")?, row.try_get("by_address")?))
}
