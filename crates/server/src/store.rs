//! The SQL: one text for SQLite and PostgreSQL, through sqlx's `Any` driver.

pub mod access_templates;
pub mod api_keys;
pub mod assistants;
pub mod audit;
mod change;
pub mod content_counts;
pub mod derived;
pub mod email_verifications;
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
mod touches;
pub mod usage;
pub mod users;
mod watch;

pub use change::{Change, Tenant};
pub use touches::Touch;

use crate::error::{Error, Result};
use crate::turns::{Bounds, Turn, Turns};
use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::{Any, AnyConnection, AnyPool, Executor};
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};
use touches::Touches;
use watch::Watch;

/// Connections that only read, and that nothing but reading takes.
const READERS: u32 = 8;
/// Connections that write. SQLite has one writer.
const WRITERS: u32 = 8;
/// How long is waited for a connection.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long is waited at the start for a database that does not answer yet.
const START_PATIENCE: Duration = Duration::from_secs(30);
/// How long is waited for a turn to write.
const TURN_PATIENCE: Duration = Duration::from_secs(5);
/// How long is waited for a turn to bring much in.
const BULK_PATIENCE: Duration = Duration::from_secs(60);
/// Changes that wait or go on, of everybody and of one.
const CHANGES: (usize, usize) = (512, 128);
/// Large imports that wait or go on, of everybody and of one.
const IMPORTS: (usize, usize) = (32, 8);

/// The one database. Reading and writing have connections of their own, and who writes waits for a turn: tenants one
/// after the other, however much of one waits.
#[derive(Clone)]
pub struct Store {
    readers: AnyPool,
    writers: AnyPool,
    sqlite: bool,
    turns: Arc<Turns<Tenant>>,
    bulk: Arc<Turns<Tenant>>,
    touches: Arc<Touches>,
    watch: Arc<Watch>,
}

impl Store {
    /// Opens the database, creates it where SQLite may, and brings its schema up to date.
    ///
    /// # Errors
    /// The database cannot be reached or migrated.
    pub async fn open(url: &str) -> Result<Self> {
        if let Some(folder) = url.strip_prefix("sqlite:").and_then(|file| std::path::Path::new(file).parent())
            && let Err(error) = std::fs::create_dir_all(folder)
        {
            return Err(Error::Internal(format!("{}: {error}", folder.display())));
        }
        let store = Self::unopened(url)?;
        let begun = Instant::now();
        // A database that starts beside us is waited for.
        while let Err(error) = store.ping().await {
            if begun.elapsed() > START_PATIENCE {
                return Err(error);
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        sqlx::migrate!("./migrations").run(&store.writers).await.map_err(|error| Error::Internal(error.to_string()))?;
        let mut change = store.change(Tenant::Installation).await?;
        derived::make_again(&mut change).await?;
        change.commit().await?;
        Ok(store)
    }

    /// Whether several servers may work on it.
    pub fn is_shared(&self) -> bool {
        !self.sqlite
    }

    /// The same, before anything is asked of the database.
    ///
    /// # Errors
    /// That is no address of a database.
    pub fn unopened(url: &str) -> Result<Self> {
        install_default_drivers();
        let sqlite = url.starts_with("sqlite:");
        let address = if sqlite && !url.contains('?') { format!("{url}?mode=rwc") } else { url.to_owned() };
        // Half of the cores, at least one: what comes in bulk leaves the others to everybody else.
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let bulk_at_once = if sqlite { 1 } else { (cores / 2).clamp(1, 4) };
        let writers = if sqlite { 1 } else { WRITERS };
        let at_once = writers as usize;
        Ok(Self {
            readers: pool(&address, READERS, sqlite, true)?,
            writers: pool(&address, writers, sqlite, false)?,
            sqlite,
            turns: Turns::new(Bounds { at_once, at_once_each: at_once.div_ceil(2), waiting: CHANGES.0, waiting_each: CHANGES.1 }),
            bulk: Turns::new(Bounds { at_once: bulk_at_once, at_once_each: 1, waiting: IMPORTS.0, waiting_each: IMPORTS.1 }),
            touches: Arc::default(),
            watch: Arc::new(Watch::new(pool(&address, 1, sqlite, true)?)),
        })
    }

    /// A connection for reading; the database refuses to write on it.
    ///
    /// # Errors
    /// None can be had.
    pub async fn read(&self) -> Result<sqlx::pool::PoolConnection<Any>> {
        Ok(self.readers.acquire().await?)
    }

    /// A transaction for a change, on somebody's behalf, when it is their turn. SQLite takes its one writer's lock at
    /// once, so that a change never fails half way because another process got in between.
    ///
    /// # Errors
    /// `too-many-requests` where too much of theirs waits, `unavailable` where too much waits, or none can be begun.
    pub async fn change(&self, tenant: impl Into<Tenant>) -> Result<Change> {
        let turn = in_time(TURN_PATIENCE, self.turns.turn(&tenant.into())).await?;
        let begun = if self.sqlite { self.writers.begin_with("BEGIN IMMEDIATE").await } else { self.writers.begin().await };
        Ok(Change::new(begun?, turn))
    }

    /// A turn to bring much in. Its changes wait for their turns as all others do; but only so many such turns are given
    /// at once, so that whoever changes something small waits for one of these at most.
    ///
    /// # Errors
    /// `too-many-requests` where too much of theirs waits, `unavailable` where too much waits.
    pub async fn bulk(&self, tenant: impl Into<Tenant>) -> Result<Turn<Tenant>> {
        in_time(BULK_PATIENCE, self.bulk.turn(&tenant.into())).await
    }

    /// How many changes, and how many large imports, go on or wait.
    pub fn waiting(&self) -> (usize, usize) {
        (self.turns.waiting(), self.bulk.waiting())
    }

    /// Asks the database for a sign of life, for less than two seconds.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn ping(&self) -> Result<()> {
        self.watch.ping().await
    }

    /// What some work comes to; given up once the database is found to be away, for a connection can be silent for a
    /// quarter of an hour before the operating system says so.
    ///
    /// # Errors
    /// Those of the work, or `unavailable`.
    pub async fn while_there<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        // SQLite is in this process.
        if self.sqlite {
            return work.await;
        }
        tokio::select! {
            biased;
            done = work => done,
            error = self.watch.away() => Err(error),
        }
    }

    /// Copies a SQLite database into a new file while the server runs.
    ///
    /// # Errors
    /// The database is PostgreSQL (whose own tools do it better), or the file exists.
    pub async fn backup(&self, file: &str) -> Result<()> {
        if !self.sqlite {
            return Err(crate::error::Error::Internal("PostgreSQL is backed up by pg_dump".to_owned()));
        }
        sqlx::query("VACUUM INTO $1").bind(file).execute(&self.writers).await?;
        Ok(())
    }

    pub async fn close(&self) {
        self.readers.close().await;
        self.writers.close().await;
        self.watch.close().await;
    }
}

/// Waits for a turn, so long and no longer.
async fn in_time<T>(patience: Duration, turn: impl Future<Output = std::result::Result<T, crate::turns::Full>>) -> Result<T> {
    match tokio::time::timeout(patience, turn).await {
        Ok(turn) => Ok(turn?),
        Err(_) => Err(Error::unavailable("Too much waits to be written.")),
    }
}

/// Connections, opened when they are needed.
fn pool(address: &str, most: u32, sqlite: bool, reads_only: bool) -> Result<AnyPool> {
    let settings = match (sqlite, reads_only) {
        // `busy_timeout`: another process may be writing.
        (true, true) => {
            "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA mmap_size = 268435456; PRAGMA temp_store = MEMORY;
            PRAGMA query_only = ON;"
        }
        (true, false) => {
            "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
        }
        // Sums of many columns look dear to the planner while it has old statistics: to compile
        // them then takes 400 ms, four times as long as to answer.
        (false, true) => "SET jit = off; SET default_transaction_read_only = on",
        (false, false) => "SET jit = off",
    };
    let options = AnyPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(PATIENCE)
        // SQLite is in this process: nothing is lost on the way.
        .test_before_acquire(!sqlite)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                connection.execute(settings).await?;
                Ok(())
            })
        });
    // One that is given back without an answer would be waited for, and its place with it.
    let options = if sqlite { options } else { options.after_release(|connection, _| Box::pin(watch::answers(connection))) };
    Ok(options.connect_lazy(address)?)
}

/// Short for what every function of the store takes.
pub type Connection = AnyConnection;

/// What a name is found and sorted by.
pub fn search_text(text: &str) -> String {
    pulze_contract::spelling::folded(text)
}

/// A `LIKE` pattern for "contains this text, in any case"; empty for no text. Escaped by `\\`.
fn contains(text: &str) -> String {
    let text = search_text(text.trim());
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
