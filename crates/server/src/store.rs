//! The SQL: one text for SQLite and PostgreSQL, through sqlx's `Any` driver.

pub mod access_templates;
pub mod api_keys;
pub mod assistants;
pub mod audit;
mod change;
pub mod content_counts;
pub mod identities;
pub mod images;
pub mod invitations;
pub mod live;
pub mod mails;
pub mod members;
pub mod models;
pub mod organizations;
pub mod resources;
pub mod sessions;
pub mod spaces;
pub mod tools;
pub mod usage;
pub mod users;

pub use change::{Change, Tenant};

use crate::error::Result;
use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::{Any, AnyConnection, AnyPool, Executor};

/// A pool of connections to the one database.
#[derive(Clone)]
pub struct Store {
    pool: AnyPool,
    sqlite: bool,
}

impl Store {
    /// Opens the database, creates it where SQLite may, and brings its schema up to date.
    ///
    /// # Errors
    /// The database cannot be reached or migrated.
    pub async fn open(url: &str) -> Result<Self> {
        install_default_drivers();
        let sqlite = url.starts_with("sqlite:");
        let address = if sqlite && !url.contains('?') { format!("{url}?mode=rwc") } else { url.to_owned() };
        if let Some(folder) = url.strip_prefix("sqlite:").and_then(|file| std::path::Path::new(file).parent())
            && let Err(error) = std::fs::create_dir_all(folder)
        {
            return Err(crate::error::Error::Internal(format!("{}: {error}", folder.display())));
        }
        let pool = AnyPoolOptions::new()
            .max_connections(8)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    let settings = if sqlite {
                        "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                    } else {
                        // Sums of many columns look dear to the planner while it has old statistics: to compile
                        // them then takes 400 ms, four times as long as to answer.
                        "SET jit = off"
                    };
                    connection.execute(settings).await?;
                    Ok(())
                })
            })
            .connect(&address)
            .await?;
        sqlx::migrate!("./migrations").run(&pool).await.map_err(|error| crate::error::Error::Internal(error.to_string()))?;
        Ok(Self { pool, sqlite })
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// None can be had.
    pub async fn read(&self) -> Result<sqlx::pool::PoolConnection<Any>> {
        Ok(self.pool.acquire().await?)
    }

    /// A transaction for a change, on somebody's behalf. SQLite takes its one writer's lock at once, so that a change
    /// never fails half way because another one got in between.
    ///
    /// # Errors
    /// None can be begun.
    pub async fn change(&self, _tenant: impl Into<Tenant>) -> Result<Change> {
        Ok(Change::new(if self.sqlite { self.pool.begin_with("BEGIN IMMEDIATE").await? } else { self.pool.begin().await? }))
    }

    /// # Errors
    /// The database does not answer.
    pub async fn ping(&self) -> Result<()> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    /// Copies a SQLite database into a new file while the server runs.
    ///
    /// # Errors
    /// The database is PostgreSQL (whose own tools do it better), or the file exists.
    pub async fn backup(&self, file: &str) -> Result<()> {
        if !self.sqlite {
            return Err(crate::error::Error::Internal("PostgreSQL is backed up by pg_dump".to_owned()));
        }
        sqlx::query("VACUUM INTO $1").bind(file).execute(&self.pool).await?;
        Ok(())
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Short for what every function of the store takes.
pub type Connection = AnyConnection;

/// A `LIKE` pattern for "contains this text, in any case"; empty for no text. Escaped by `\\`.
fn contains(text: &str) -> String {
    let text = text.trim().to_lowercase();
    if text.is_empty() {
        return text;
    }
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

#[cfg(test)]
mod tests {
    use super::contains;

    #[test]
    fn wildcards_that_are_typed_stand_for_themselves() {
        assert_eq!(contains("  "), "");
        assert_eq!(contains(" Ada "), "%ada%");
        assert_eq!(contains(r"50%_\"), r"%50\%\_\\%");
    }
}
