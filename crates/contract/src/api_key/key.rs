//! A key as pages show it, with its secrets and who used them.

use super::status::DAY_MS;
use super::{ApiKeyContent, ApiKeyPolicy, ApiKeyStatus, Scopes};
use crate::{ApiKeyId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// An old secret that was silent for so long is safe to end, in milliseconds.
pub const SILENT_MS: i64 = 60 * 60 * 1000;
/// A secret older than this many days should be replaced.
pub const OLD_DAYS: i64 = 90;
/// A key that was not used for this many days may not be needed.
pub const UNUSED_DAYS: i64 = 30;
/// What a key was given and nobody used for this many days can be taken back.
pub const SCOPES_UNUSED_DAYS: i64 = 90;

/// One secret of a key, and what was heard of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApiKeySecret {
    /// Counts the secrets of the key, from 1.
    pub number: u32,
    pub preview: String,
    pub created_at: Timestamp,
    /// When it stops being good; absent for the newest one.
    pub good_until: Option<Timestamp>,
    /// Whether it is good now, as long as the key is.
    pub good: bool,
    pub last_used: Option<LastUse>,
    /// Requests of the last 24 hours, oldest first.
    pub hours: Vec<u32>,
}

/// When, from where and by what a key was used last.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LastUse {
    pub at: Timestamp,
    pub address: String,
    /// The user agent, as the client says it.
    pub client: String,
}

/// A key as a line of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub content: ApiKeyContent,
    /// Of the newest secret.
    pub preview: String,
    pub status: ApiKeyStatus,
    /// What is left of the scopes in the hands of its owner.
    pub scopes: Scopes,
    pub owner_id: UserId,
    /// Name of the owner; empty for one who left.
    pub owner: String,
    pub created_at: Timestamp,
    /// Of the newest secret.
    pub rotated_at: Timestamp,
    pub last_used: Option<LastUse>,
    /// What it was used for within [`SCOPES_UNUSED_DAYS`].
    pub used_scopes: Scopes,
    /// Good and refused requests of the last 30 days, oldest first.
    pub days: Vec<(u32, u32)>,
    /// Counts changes; the entity tag of the key.
    pub version: i64,
}

impl ApiKey {
    /// Whether it works with a secret that is older than it should be.
    pub fn is_old(&self, now: Timestamp) -> bool {
        self.status.works() && self.rotated_at < now - OLD_DAYS * DAY_MS
    }

    /// Whether it works and was not used for long.
    pub fn is_unused(&self, now: Timestamp) -> bool {
        let last = self.last_used.as_ref().map_or(self.created_at, |used| used.at);
        self.status.works() && last < now - UNUSED_DAYS * DAY_MS
    }

    /// The scopes that would do, where it holds more than it was used for in [`SCOPES_UNUSED_DAYS`];
    /// nothing for a younger key, and for one that was not used at all: that one is not needed.
    pub fn reduced(&self, now: Timestamp) -> Option<Scopes> {
        let old_enough = self.created_at < now - SCOPES_UNUSED_DAYS * DAY_MS;
        let enough = self.content.scopes.at_most(self.used_scopes);
        (self.status.works() && old_enough && !enough.is_empty() && enough != self.content.scopes).then_some(enough)
    }
}

/// Answer of `api_key_list`: newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApiKeyList {
    pub total: u32,
    pub keys: Vec<ApiKey>,
    pub policy: ApiKeyPolicy,
}

/// Answer of `api_key_read`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApiKeyDetails {
    pub key: ApiKey,
    /// The newest first; only those that were not ended long ago.
    pub secrets: Vec<ApiKeySecret>,
    /// Who used it within the last seven days, newest first, at most fifty.
    pub callers: Vec<KeyCaller>,
    /// Of each secret, those that are no longer told apart; none where all are.
    #[serde(default)]
    pub other_callers: Vec<OtherCallers>,
}

/// Somebody who used a key: an address with a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeyCaller {
    /// The secret that was used.
    pub number: u32,
    pub address: String,
    pub client: String,
    pub requests: u64,
    pub last_seen: Timestamp,
}

/// Those who used a secret beside the newest callers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OtherCallers {
    /// The secret that was used.
    pub number: u32,
    /// How many there were; one that came back counts again.
    pub callers: u64,
    pub requests: u64,
    pub last_seen: Timestamp,
}
