//! What is done to keys: made, edited, rotated, disabled, revoked.

use super::{ApiKey, ApiKeyContent};
use crate::{ApiKeyId, UserId};
use serde::{Deserialize, Serialize};

/// How long an old secret can stay good, in hours.
pub const OVERLAPS: [u32; 4] = [0, 1, 24, 168];
/// Most keys of an organization that are not revoked.
pub const KEYS_MAX: usize = 10_000;
/// Most keys that are changed at once.
pub const KEYS_CHANGED_MAX: usize = 500;

/// Answer of `api_key_create` and `api_key_rotate`. The secret is in it once: asked again with the
/// same idempotency key, it is absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApiKeyCreated {
    pub key: ApiKey,
    pub secret: Option<String>,
}

/// Body of `api_key_update`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ApiKeyUpdate {
    pub content: ApiKeyContent,
    /// A member who owns it from now on; absent: nothing changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<UserId>,
}

/// Body of `api_key_rotate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ApiKeyRotate {
    /// How long the old secret stays good: one of [`OVERLAPS`].
    #[cfg_attr(feature = "schema", schemars(extend("enum" = OVERLAPS)))]
    pub overlap_hours: u32,
}

/// What becomes of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeyAction {
    Disable,
    Enable,
    /// For good.
    Revoke,
    /// The old secret stops being good now.
    FinishRotation,
    /// The old secret stays good for a day more.
    ExtendRotation,
}

impl KeyAction {
    /// Whether more is let in afterwards. What only closes is done whatever else was changed meanwhile; what opens is
    /// done to the key that was looked at, or not at all.
    pub fn opens(self) -> bool {
        match self {
            Self::Enable | Self::ExtendRotation => true,
            Self::Disable | Self::Revoke | Self::FinishRotation => false,
        }
    }
}

/// Body of `api_keys_change`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ApiKeysChange {
    /// At most [`KEYS_CHANGED_MAX`], each once.
    #[cfg_attr(feature = "schema", schemars(extend("minItems" = 1, "maxItems" = KEYS_CHANGED_MAX, "uniqueItems" = true)))]
    pub ids: Vec<ApiKeyId>,
    /// The versions that were read, one for each of the keys; `enable` and `extend_rotation` ask for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<i64>,
    pub action: KeyAction,
}
