//! Links that were mailed to prove an account's address; of each account the newest.

use super::Connection;
use crate::error::Result;
use pulze_contract::{Timestamp, UserId};

/// Keeps a link, in place of the one that was mailed before.
pub async fn put(db: &mut Connection, user: &UserId, email: &str, secret_hash: &str, expires_at: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM email_verifications WHERE user_id = $1").bind(user.as_str()).execute(&mut *db).await?;
    sqlx::query("INSERT INTO email_verifications (user_id, email, secret_hash, expires_at) VALUES ($1, $2, $3, $4)")
        .bind(user.as_str())
        .bind(email)
        .bind(secret_hash)
        .bind(expires_at)
        .execute(db)
        .await?;
    Ok(())
}

/// Takes the link of this secret out, if it was mailed to the address that the account still has, and in time.
pub async fn take(db: &mut Connection, user: &UserId, secret_hash: &str, now: Timestamp) -> Result<bool> {
    let done = sqlx::query(
        "DELETE FROM email_verifications WHERE user_id = $1 AND secret_hash = $2 AND expires_at > $3
         AND email = (SELECT u.email FROM users u WHERE u.id = $1)",
    )
    .bind(user.as_str())
    .bind(secret_hash)
    .bind(now)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}
