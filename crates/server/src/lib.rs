//! The backend of the console: axum over SQLite or PostgreSQL.
//!
//! A request enters at [`http`], which finds its operation, its caller and its organization and
//! refuses what the contract refuses; [`service`] holds the rules, every change one transaction;
//! [`store`] holds the SQL, [`turns`] shares out what there is only so much of, [`live`] tells open pages what happened, and [`usage`] takes in what was used and answers questions about it.

pub mod auth;
pub mod config;
pub mod demo;
pub mod error;
pub mod http;
pub mod live;
pub mod logo;
pub mod mail;
pub mod outbound;
pub mod service;
pub mod store;
pub mod turns;
pub mod usage;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// What every request shares.
#[derive(Clone)]
pub struct App {
    pub config: Arc<config::Config>,
    pub store: store::Store,
    pub assets: Arc<http::assets::Assets>,
    pub sealer: Arc<auth::seal::Sealer>,
    pub key_use: Arc<service::key_use::KeyUse>,
    pub providers: Arc<auth::openid::Providers>,
    pub live: Arc<live::Live>,
    /// What spans call the catalogue's models.
    pub model_names: Arc<usage::model_names::ModelNames>,
}

/// How far the clock runs ahead, in milliseconds; not at all but where `serve` was told to.
static AHEAD_MS: AtomicI64 = AtomicI64::new(0);

/// Lets this process believe that it is later.
pub fn set_clock_ahead(milliseconds: i64) {
    AHEAD_MS.store(milliseconds, Ordering::Relaxed);
}

/// Now, in milliseconds since 1970 (UTC).
pub fn now() -> pulze_contract::Timestamp {
    let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX).saturating_add(AHEAD_MS.load(Ordering::Relaxed))
}

/// A moment as text, `2026-01-05T09:00:00.000Z` (RFC 3339).
pub fn iso_time(at: pulze_contract::Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at).map(|at| format!("{at:.3}")).unwrap_or_default()
}

/// The digits of a new identifier.
pub fn new_digits() -> String {
    uuid::Uuid::now_v7().simple().to_string()
}
