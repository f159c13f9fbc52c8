//! A key leaked: which one it is, what it did, and a word to its owner.

use super::{ApiKey, KeyCaller, OtherCallers, Scope, ScopeLevel};
use crate::{ApiKeyId, Timestamp};
use serde::{Deserialize, Serialize};

/// How far back one can look after a leak, in hours: a day, a week, a month.
pub const EVIDENCE_HOURS: [u32; 3] = [24, 168, 720];
/// Longest message to the owner of a key that leaked, in characters.
pub const LEAK_MESSAGE_MAX: usize = 2_000;

/// Body of `api_key_find`: a key as it was found somewhere, or its identifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ApiKeyFind {
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = crate::schema::KEY)))]
    pub key: String,
}

/// Answer of `api_key_find`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApiKeyFound {
    pub id: ApiKeyId,
    /// Which of its secrets it is; absent where the identifier was given.
    pub number: Option<u32>,
}

/// Answer of `api_key_evidence`: what a key did within a window, and what was done to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApiKeyEvidence {
    pub key: ApiKey,
    pub from: Timestamp,
    pub to: Timestamp,
    /// Requests that were let in, by hour of the window, oldest first, and those that were not.
    pub hours: Vec<(u32, u32)>,
    /// Who used it, newest first.
    pub callers: Vec<KeyCaller>,
    /// Of each secret, those that are no longer told apart.
    #[serde(default)]
    pub other_callers: Vec<OtherCallers>,
    /// What it was used for, and when last.
    pub scopes: Vec<ScopeUse>,
    /// What it asked of which model, the dearest first, as far as that was reported as usage.
    pub models: Vec<KeyModelUse>,
    /// What was done to the key, newest first.
    pub events: Vec<KeyEvent>,
}

/// What a key was used for, and when last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScopeUse {
    pub scope: Scope,
    pub level: ScopeLevel,
    pub last_used: Timestamp,
}

/// What a key asked of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeyModelUse {
    pub model: String,
    pub calls: i64,
    /// Prompt and completion together.
    pub tokens: i64,
    pub cost: crate::money::Money,
}

/// Something that was done to a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeyEvent {
    pub at: Timestamp,
    /// Who did it; empty for somebody who left.
    pub by: String,
    /// The operation's id.
    pub action: String,
    /// What it consisted of, as the audit log keeps it.
    pub detail: String,
}

/// Body of `api_key_leak_notice`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LeakNotice {
    /// What the owner should know, beside that the key leaked.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("maxLength" = LEAK_MESSAGE_MAX, "pattern" = crate::schema::TEXT)))]
    pub message: String,
}

/// Answer of `api_key_leak_notice`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeakNoticed {
    /// Where the mail goes.
    pub recipient: String,
}
