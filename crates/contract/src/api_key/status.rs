//! The state of a key at a moment.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// A key that expires within this many days says so.
pub const EXPIRING_DAYS: i64 = 14;
pub(super) const DAY_MS: i64 = 86_400_000;

/// What state a key is in. The first that holds, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ApiKeyStatus {
    /// For good.
    Revoked,
    Expired,
    /// Until somebody enables it again.
    Disabled,
    /// Its owner left: it waits for another one, and is refused meanwhile.
    OwnerLeft,
    /// The secret before the newest one is still good.
    Rotating,
    /// Within [`EXPIRING_DAYS`].
    Expiring,
    Active,
}

impl ApiKeyStatus {
    pub const ALL: [Self; 7] =
        [Self::Active, Self::Rotating, Self::Expiring, Self::Disabled, Self::OwnerLeft, Self::Expired, Self::Revoked];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::Disabled => "disabled",
            Self::OwnerLeft => "owner_left",
            Self::Rotating => "rotating",
            Self::Expiring => "expiring",
            Self::Active => "active",
        }
    }

    /// Whether the key lets anybody in.
    pub fn works(self) -> bool {
        matches!(self, Self::Active | Self::Rotating | Self::Expiring)
    }
}

/// What the state of a key follows from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyFacts {
    pub revoked: bool,
    pub disabled: bool,
    pub owner_left: bool,
    pub expires_at: Option<Timestamp>,
    /// When the secret before the newest one stops being good, if there is one.
    pub old_until: Option<Timestamp>,
}

/// The state of a key at a moment.
pub fn status(facts: KeyFacts, now: Timestamp) -> ApiKeyStatus {
    match facts {
        KeyFacts { revoked: true, .. } => ApiKeyStatus::Revoked,
        _ if facts.expires_at.is_some_and(|at| at <= now) => ApiKeyStatus::Expired,
        KeyFacts { disabled: true, .. } => ApiKeyStatus::Disabled,
        KeyFacts { owner_left: true, .. } => ApiKeyStatus::OwnerLeft,
        _ if facts.old_until.is_some_and(|until| until > now) => ApiKeyStatus::Rotating,
        _ if facts.expires_at.is_some_and(|at| at <= now + EXPIRING_DAYS * DAY_MS) => ApiKeyStatus::Expiring,
        _ => ApiKeyStatus::Active,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_state_that_holds() {
        let now = 1_000 * DAY_MS;
        let facts = KeyFacts::default();
        assert_eq!(status(facts, now), ApiKeyStatus::Active);
        let expiring = KeyFacts { expires_at: Some(now + DAY_MS), ..facts };
        assert_eq!(status(expiring, now), ApiKeyStatus::Expiring);
        let rotating = KeyFacts { old_until: Some(now + 1), ..expiring };
        assert_eq!(status(rotating, now), ApiKeyStatus::Rotating);
        let left = KeyFacts { owner_left: true, ..rotating };
        assert_eq!(status(left, now), ApiKeyStatus::OwnerLeft);
        let disabled = KeyFacts { disabled: true, ..left };
        assert_eq!(status(disabled, now), ApiKeyStatus::Disabled);
        assert_eq!(status(disabled, now + DAY_MS), ApiKeyStatus::Expired);
        assert_eq!(status(KeyFacts { revoked: true, ..disabled }, now + DAY_MS), ApiKeyStatus::Revoked);
    }
}
