//! Signing in, and what the app learns about the person who did.

use crate::{UserId, invitation::ReceivedInvitation, organization::OrganizationSummary};
use serde::{Deserialize, Serialize};

/// Body of `session_create`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SessionCreate {
    pub email: String,
    pub password: String,
}

/// Answer of `session_read` and `session_create`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Session {
    /// Nobody, while signed out.
    pub viewer: Option<Viewer>,
}

/// The signed-in person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Viewer {
    pub user_id: UserId,
    pub name: String,
    pub email: String,
    /// Whether this person may create an organization.
    pub may_create_organization: bool,
    /// Whether this person looks after the installation: reads the mails that were not sent.
    pub administers_installation: bool,
    /// By name.
    pub organizations: Vec<OrganizationSummary>,
    /// Invitations to this person's address that can be accepted.
    pub invitations: Vec<ReceivedInvitation>,
}
