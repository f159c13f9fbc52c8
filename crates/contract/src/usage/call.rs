//! Single calls, as pages show them.

use crate::money::Money;
use crate::{ApiKeyId, AssistantId, SpaceId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// Single calls of one page.
pub const CALLS_PAGE: u32 = 50;
/// Single calls of one picture.
pub const CALL_POINTS_MAX: u32 = 100_000;

/// How the cost of a call is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CostSource {
    /// The gateway said it.
    Reported,
    /// By the catalogue's prices at the time of the call.
    Catalogue,
    /// The model has no price here, or nobody said how many tokens it were.
    Unknown,
}

/// A single call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Call {
    pub id: String,
    pub at: Timestamp,
    pub space_id: Option<SpaceId>,
    pub space: String,
    pub member_id: Option<UserId>,
    pub member: String,
    pub assistant_id: Option<AssistantId>,
    pub assistant: String,
    pub model: String,
    pub api_key_id: Option<ApiKeyId>,
    pub api_key: String,
    pub api_key_version: Option<u32>,
    pub prompt_tokens: i64,
    pub completion_tokens: i64,
    pub latency: Option<i64>,
    pub status: u16,
    pub cost: Money,
    pub cost_source: CostSource,
}

/// Answer of `usage_calls` and `usage_calls_own`: newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallList {
    pub calls: Vec<Call>,
    /// Asks for the following ones; absent at the end.
    pub next: Option<String>,
    /// How many days single calls are kept after they were reported.
    pub kept_days: u32,
}

/// Answer of `usage_call_points` and `usage_call_points_own`: the single calls as columns of as many rows, oldest
/// first, for a picture of all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallPoints {
    pub at: Vec<Timestamp>,
    /// Milliseconds; -1 where nobody said.
    pub latency: Vec<i64>,
    /// Prompt and completion together.
    pub tokens: Vec<i64>,
    pub failed: Vec<bool>,
    /// Whether there are more than [`CALL_POINTS_MAX`]: these are the newest.
    pub cut: bool,
}
