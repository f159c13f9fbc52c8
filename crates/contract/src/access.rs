//! The grid of members and spaces: who was granted what, and many changes at once.

use crate::space::Visibility;
use crate::{SpaceId, SpaceRole, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// Most members of one `access_list`.
pub const ACCESS_PAGE_MAX: u32 = 50;
/// Most changes of one `access_update`.
pub const ACCESS_CHANGES_MAX: usize = 1000;

/// A column of the grid: a space in use.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccessSpace {
    pub id: SpaceId,
    pub name: String,
    pub visibility: Visibility,
}

/// A role granted in a space, and its end.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccessGrant {
    pub space_id: SpaceId,
    pub role: SpaceRole,
    pub ends_at: Option<Timestamp>,
}

/// A row of the grid.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccessMember {
    pub user_id: UserId,
    pub name: String,
    pub email: String,
    /// Whether the organization role makes this member admin of every space.
    pub everywhere: bool,
    pub grants: Vec<AccessGrant>,
}

/// Answer of `access_list`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccessList {
    /// Members that fit the filters, on all pages together.
    pub total: u32,
    /// Place of the first row among them.
    pub offset: u32,
    /// Every space in use, by name.
    pub spaces: Vec<AccessSpace>,
    pub members: Vec<AccessMember>,
}

/// The role of one member in one space from now on; without a role, the grant is taken away.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AccessChange {
    pub user_id: UserId,
    pub space_id: SpaceId,
    #[serde(default)]
    pub role: Option<SpaceRole>,
    /// Absent: the grant lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
}

/// Body of `access_update`: all of them, or none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AccessUpdate {
    /// At most [`ACCESS_CHANGES_MAX`], each member and space once.
    #[cfg_attr(feature = "schema", schemars(extend("minItems" = 1, "maxItems" = ACCESS_CHANGES_MAX, "uniqueItems" = true)))]
    pub changes: Vec<AccessChange>,
}

/// Answer of `access_update`: what stood there before, so that it can be undone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccessUpdated {
    pub before: Vec<AccessChange>,
}
