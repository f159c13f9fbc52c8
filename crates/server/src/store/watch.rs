//! Whether the database is there: asked on a connection of its own, and only while somebody waits for long.

use super::PATIENCE;
use crate::error::{Error, Result};
use sqlx::{AnyConnection, AnyPool, Connection};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long a sign of life is waited for.
const SIGN: Duration = Duration::from_millis(1_800);
/// How long a sign of life is good for everybody.
const GOOD: Duration = Duration::from_secs(1);

pub struct Watch {
    pool: AnyPool,
    /// The last answer: when it was, and whether there was one.
    last: Mutex<Option<(Instant, bool)>>,
}

impl Watch {
    pub fn new(pool: AnyPool) -> Self {
        Self { pool, last: Mutex::new(None) }
    }

    pub async fn ping(&self) -> Result<()> {
        let asked = tokio::time::timeout(SIGN, sqlx::query("SELECT 1").execute(&self.pool)).await;
        asked.map_err(|_| Error::unavailable("The database does not answer."))??;
        Ok(())
    }

    /// Comes to an end when the database is away. Those who wait at the same time ask once.
    pub async fn away(&self) -> Error {
        loop {
            tokio::time::sleep(PATIENCE).await;
            let mut last = self.last.lock().await;
            let there = match *last {
                Some((at, there)) if at.elapsed() < GOOD => there,
                _ => {
                    let there = self.ping().await.is_ok();
                    *last = Some((Instant::now(), there));
                    there
                }
            };
            if !there {
                return Error::unavailable("The database went away.");
            }
        }
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Whether a connection that is given back still answers; one that does not is closed.
pub async fn answers(connection: &mut AnyConnection) -> sqlx::Result<bool> {
    match tokio::time::timeout(PATIENCE, connection.ping()).await {
        Ok(answer) => answer.map(|()| true),
        Err(_) => Err(sqlx::Error::PoolTimedOut),
    }
}
