//! argon2id, with the library's defaults (19 MiB, 2 passes: OWASP's first recommendation).

use crate::error::{Error, Result};
use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};

/// Hashes on a thread for blocking work, so that requests are not held up.
///
/// # Errors
/// Only when the hasher itself fails.
pub async fn hash(password: String) -> Result<String> {
    blocking(move || {
        let salt: [u8; 16] = rand::random();
        let salt = SaltString::encode_b64(&salt).map_err(|error| Error::Internal(error.to_string()))?;
        let hash = Argon2::default().hash_password(password.as_bytes(), &salt);
        hash.map(|hash| hash.to_string()).map_err(|error| Error::Internal(error.to_string()))
    })
    .await
}

/// Whether the password belongs to the hash. Without a hash (nobody has that email) the same work
/// is done, so that the time taken does not tell which addresses are known.
///
/// # Errors
/// Only when the hasher itself fails.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool> {
    const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$cHVsemUtbm9ib2R5LXNhbHQ$3rZ0d9CF0mOa0mVgXQ4sWcYc0jF0m8w3bq2zZ1b0QnE";
    blocking(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
        let parsed = PasswordHash::new(&hash).map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && known)
    })
    .await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::Internal(error.to_string()))?
}
