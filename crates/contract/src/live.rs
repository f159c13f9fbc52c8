//! What happened while a page is open, as the server tells it at once.

use serde::{Deserialize, Serialize};

/// What changed. It says where to look, never what stands there: who may see that is asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LiveKind {
    /// The stream has begun, or may have missed something: look at everything.
    Begun,
    /// Name, logo or settings of the organization.
    Organization,
    /// The organization is no more; the stream ends.
    OrganizationDeleted,
    /// Who belongs to it, or waits to.
    Members,
    /// The reader's own role, spaces or membership.
    Access,
    /// The reader's own name, picture or preferences, on another device.
    Account,
    /// The reader's session was ended; the stream ends.
    SessionEnded,
}

impl LiveKind {
    pub const ALL: [Self; 7] = [
        Self::Begun,
        Self::Organization,
        Self::OrganizationDeleted,
        Self::Members,
        Self::Access,
        Self::Account,
        Self::SessionEnded,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Organization => "organization",
            Self::OrganizationDeleted => "organization_deleted",
            Self::Members => "members",
            Self::Access => "access",
            Self::Account => "account",
            Self::SessionEnded => "session_ended",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// One line of data of `organization_events`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LiveEvent {
    pub kind: LiveKind,
    /// Name of the person who did it; empty for what came by itself.
    #[serde(default)]
    pub by: String,
}
