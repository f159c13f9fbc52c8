//! People and their attempts to sign in.

use super::Connection;
use crate::error::Result;
use pulze_contract::account::{Preferences, Theme};
use pulze_contract::{Timestamp, UserId};
use sha2::{Digest, Sha256};
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
        .bind(search_text(user))
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

/// What stands in place of a password's hash where there is no password.
pub const NO_PASSWORD: &str = "none";

/// A person as they see themselves.
#[derive(Clone, Debug)]
pub struct Profile {
    pub user: User,
    pub avatar_url: String,
    pub preferences: Preferences,
    pub password_hash: Option<String>,
    /// Whether the address is proved to be theirs.
    pub email_verified: bool,
    pub version: i64,
}

pub async fn profile(db: &mut Connection, id: &UserId) -> Result<Option<Profile>> {
    let row = sqlx::query(
        "SELECT id, email, name, administers_installation, avatar_url, language, time_zone, theme, password_hash,
            email_verified_at, version
         FROM users WHERE id = $1",
    )
    .bind(id.as_str())
    .fetch_optional(db)
    .await?;
    let profile = |row: sqlx::any::AnyRow| {
        let text = |column: &str| row.try_get::<String, _>(column);
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        Ok(Profile {
            user: user(&row)?,
            avatar_url: text("avatar_url")?,
            preferences: Preferences {
                language: some(text("language")?),
                time_zone: some(text("time_zone")?),
                theme: Theme::parse(&text("theme")?).unwrap_or_default(),
            },
            password_hash: Some(text("password_hash")?).filter(|hash| hash != NO_PASSWORD),
            email_verified: row.try_get::<i64, _>("email_verified_at")? > 0,
            version: row.try_get("version")?,
        })
    };
    row.map(profile).transpose()
}

/// A person's address, if it is proved to be theirs. Whoever is made by [`insert`] has to prove it first.
pub async fn verified_email(db: &mut Connection, id: &UserId) -> Result<Option<String>> {
    let row = sqlx::query("SELECT email FROM users WHERE id = $1 AND email_verified_at > 0")
        .bind(id.as_str())
        .fetch_optional(db)
        .await?;
    Ok(row.map(|row| row.try_get("email")).transpose()?)
}

/// Notes that a person's address is proved to be theirs; `false` where that was known.
pub async fn set_email_verified(db: &mut Connection, id: &UserId, at: Timestamp) -> Result<bool> {
    let done = sqlx::query("UPDATE users SET email_verified_at = $2 WHERE id = $1 AND email_verified_at = 0")
        .bind(id.as_str())
        .bind(at)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Keeps name, picture and preferences, if `version` is still the current one.
pub async fn update(
    db: &mut Connection,
    person: &User,
    avatar_url: &str,
    preferences: &Preferences,
    version: i64,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE users SET name = $2, search = $3, avatar_url = $4, language = $5, time_zone = $6, theme = $7, version = version + 1
         WHERE id = $1 AND version = $8",
    )
    .bind(person.id.as_str())
    .bind(&person.name)
    .bind(search_text(person))
    .bind(avatar_url)
    .bind(preferences.language.as_deref().unwrap_or_default())
    .bind(preferences.time_zone.as_deref().unwrap_or_default())
    .bind(preferences.theme.as_str())
    .bind(version)
    .execute(&mut *db)
    .await?;
    // Lists of members are found and sorted by a copy.
    sqlx::query("UPDATE memberships SET search = (SELECT u.search FROM users u WHERE u.id = $1) WHERE user_id = $1")
        .bind(person.id.as_str())
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes the person's row for the rest of the transaction.
pub async fn lock(db: &mut Connection, id: &UserId) -> Result<()> {
    sqlx::query("UPDATE users SET version = version WHERE id = $1").bind(id.as_str()).execute(db).await?;
    Ok(())
}

pub async fn set_password(db: &mut Connection, id: &UserId, hash: &str) -> Result<()> {
    sqlx::query("UPDATE users SET password_hash = $2 WHERE id = $1").bind(id.as_str()).bind(hash).execute(db).await?;
    Ok(())
}

fn search_text(person: &User) -> String {
    super::search_text(&format!("{} {}", person.name, person.email))
}

/// The person and the hash of their password.
pub async fn by_email(db: &mut Connection, email: &str) -> Result<Option<(User, Option<String>)>> {
    let row = sqlx::query("SELECT id, email, name, administers_installation, password_hash FROM users WHERE email = $1")
        .bind(email)
        .fetch_optional(db)
        .await?;
    let known = |row: sqlx::any::AnyRow| {
        let hash: String = row.try_get("password_hash")?;
        Ok((user(&row)?, Some(hash).filter(|hash| hash != NO_PASSWORD)))
    };
    row.map(known).transpose()
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

/// Lets attempts for one account and from one client wait for each other until the transaction ends, on every server, so
/// that none is looked at before the one before it was counted. SQLite has one writer anyway.
async fn one_by_one(db: &mut Connection, email: &str, address: &str) -> Result<()> {
    if db.backend_name() != "PostgreSQL" {
        return Ok(());
    }
    let number = |what: &str| {
        let digest = Sha256::digest(what.as_bytes());
        digest.iter().take(8).fold(0_i64, |number, byte| (number << 8) | i64::from(*byte))
    };
    // In one order, whoever locks: two attempts never wait for each other in a circle.
    let mut locks = [number(&format!("attempt for {email}")), number(&format!("attempt from {address}"))];
    locks.sort_unstable();
    for lock in locks {
        sqlx::query("SELECT CAST(pg_advisory_xact_lock($1) AS TEXT) AS locked").bind(lock).execute(&mut *db).await?;
    }
    Ok(())
}

/// Attempts since `since` for the account and from the address.
pub async fn attempts(db: &mut Connection, email: &str, address: &str, since: Timestamp) -> Result<(i64, i64)> {
    one_by_one(db, email, address).await?;
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
