//! argon2id, with the library's defaults (19 MiB, 2 passes: OWASP's first recommendation).

use crate::error::{Error, Result};
use crate::store::Tenant;
use crate::turns::{Bounds, Turn, Turns};
use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use pulze_contract::validation::opaque;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// How long somebody waits for their turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// Each hash takes 19 MiB and a core: as many at once as there are cores, four at most.
static TURNS: LazyLock<Arc<Turns<Tenant>>> = LazyLock::new(|| {
    let at_once = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(4);
    Turns::new(Bounds { at_once, at_once_each: at_once, waiting: 96, waiting_each: 32 })
});

/// A turn to hash one password.
pub struct Hashing {
    turn: Turn<Tenant>,
}

/// Waits for a turn. Who guesses many passwords at once waits behind themselves, not before others.
///
/// # Errors
/// `too-many-requests` where too much of theirs waits, `unavailable` where too much waits.
pub async fn turn(whose: &Tenant) -> Result<Hashing> {
    match tokio::time::timeout(PATIENCE, TURNS.turn(whose)).await {
        Ok(turn) => Ok(Hashing { turn: turn? }),
        Err(_) => Err(Error::unavailable("Too many passwords wait to be looked at.")),
    }
}

/// Hashes, for the server itself.
///
/// # Errors
/// Only when the hasher itself fails, or has no turn.
pub async fn hash(password: String) -> Result<String> {
    turn(&Tenant::Installation).await?.hash(password).await
}

impl Hashing {
    /// Hashes on a thread for blocking work, so that requests are not held up.
    ///
    /// # Errors
    /// Only when the hasher itself fails.
    pub async fn hash(self, password: String) -> Result<String> {
        self.blocking(move || {
            let salt: [u8; 16] = rand::random();
            let salt = SaltString::encode_b64(&salt).map_err(|error| Error::Internal(error.to_string()))?;
            let hash = Argon2::default().hash_password(opaque(&password).as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(|error| Error::Internal(error.to_string()))
        })
        .await
    }

    /// Whether the password belongs to the hash. Without a hash (nobody has that email) the same work
    /// is done, so that the time taken does not tell which addresses are known.
    ///
    /// # Errors
    /// Only when the hasher itself fails.
    pub async fn verify(self, password: String, hash: Option<String>) -> Result<bool> {
        const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$cHVsemUtbm9ib2R5LXNhbHQ$3rZ0d9CF0mOa0mVgXQ4sWcYc0jF0m8w3bq2zZ1b0QnE";
        self.blocking(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
            let parsed = PasswordHash::new(&hash).map_err(|error| Error::Internal(error.to_string()))?;
            let fits = |password: &str| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
            let one_form = opaque(&password);
            // Hashes of before were made of what was typed.
            Ok((fits(&one_form) || (one_form != password && fits(&password))) && known)
        })
        .await
    }

    /// The turn is over when the work is, also where nobody waits for it any more.
    async fn blocking<T: Send + 'static>(self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let Self { turn } = self;
        let work = move || {
            let done = work();
            drop(turn);
            done
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| Error::Internal(error.to_string()))?
    }
}
