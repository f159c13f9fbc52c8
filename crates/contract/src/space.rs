//! Spaces: where the members of an organization work together.

use crate::{SpaceId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// What a person is in a space, from least to most (`permissions.md`, space roles).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SpaceRole {
    /// Reads conversations, documents, data and the member list.
    Viewer,
    /// Also converses, uploads and edits data, schedules tasks.
    Editor,
    /// Also settings and members.
    Admin,
}

impl SpaceRole {
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Editor, Self::Admin];

    /// The name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Admin => "admin",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    pub fn grants(self, permission: SpacePermission) -> bool {
        self >= permission.least_role()
    }
}

/// A right within one space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum SpacePermission {
    #[serde(rename = "space:read")]
    Read,
    /// Name, description, logo, visibility, archive.
    #[serde(rename = "space:update")]
    Update,
    #[serde(rename = "space_members:update")]
    MembersUpdate,
    #[serde(rename = "space:delete")]
    Delete,
}

impl SpacePermission {
    pub const ALL: [Self; 4] = [Self::Read, Self::Update, Self::MembersUpdate, Self::Delete];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "space:read",
            Self::Update => "space:update",
            Self::MembersUpdate => "space_members:update",
            Self::Delete => "space:delete",
        }
    }

    pub fn least_role(self) -> SpaceRole {
        match self {
            Self::Read => SpaceRole::Viewer,
            Self::Update | Self::MembersUpdate | Self::Delete => SpaceRole::Admin,
        }
    }
}

/// Who may find a space without being invited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Every member of the organization, as a viewer of the space.
    Organization,
    /// Only who was granted a role in it, and the organization's admins.
    #[default]
    Invited,
}

impl Visibility {
    pub const ALL: [Self; 2] = [Self::Organization, Self::Invited];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Invited => "invited",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|visibility| visibility.as_str() == text)
    }
}

/// Why somebody can enter a space; of several reasons the one that gives most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccessSource {
    /// A role was granted in this space.
    Granted,
    /// The space is visible to the whole organization.
    Visible,
    /// Admins of the organization are admins everywhere.
    OrganizationAdmin,
}

/// The role of a member in a space and where it comes from, or `None` for a closed door.
pub fn effective_role(
    organization_admin: bool,
    granted: Option<SpaceRole>,
    visibility: Visibility,
) -> Option<(SpaceRole, AccessSource)> {
    if organization_admin {
        return Some((SpaceRole::Admin, AccessSource::OrganizationAdmin));
    }
    let visible = (visibility == Visibility::Organization).then_some((SpaceRole::Viewer, AccessSource::Visible));
    granted.map(|role| (role, AccessSource::Granted)).or(visible)
}

/// A space as the signed-in person sees it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Space {
    pub id: SpaceId,
    pub name: String,
    pub description: String,
    pub logo_url: Option<String>,
    pub visibility: Visibility,
    pub archived: bool,
    /// The signed-in person's role here.
    pub role: SpaceRole,
    pub source: AccessSource,
    /// What that person may do here: what the app asks.
    pub permissions: Vec<SpacePermission>,
    /// Whether the signed-in person made it.
    pub mine: bool,
    /// People with a role granted here.
    pub members: u32,
    pub created_at: Timestamp,
    /// Counts changes; the entity tag of the answer.
    pub version: i64,
}

/// Answer of `space_list`: the spaces that the signed-in person can enter, by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SpaceList {
    pub total: u32,
    pub spaces: Vec<Space>,
}

/// Body of `space_create`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SpaceCreate {
    #[cfg_attr(feature = "schema", schemars(extend("minLength" = 1, "maxLength" = crate::validation::NAME_MAX, "pattern" = crate::schema::NAME)))]
    pub name: String,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("maxLength" = crate::validation::DESCRIPTION_MAX, "pattern" = crate::schema::TEXT)))]
    pub description: String,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("maxLength" = crate::validation::URL_MAX, "pattern" = crate::schema::PICTURE)))]
    pub logo_url: String,
    #[serde(default)]
    pub visibility: Visibility,
}

/// Body of `space_update`: what is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SpaceUpdate {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("minLength" = 1, "maxLength" = crate::validation::NAME_MAX, "pattern" = crate::schema::NAME)))]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("maxLength" = crate::validation::DESCRIPTION_MAX, "pattern" = crate::schema::TEXT)))]
    pub description: Option<String>,
    /// An empty text removes the logo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("maxLength" = crate::validation::URL_MAX, "pattern" = crate::schema::PICTURE)))]
    pub logo_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
}

/// Body of `space_delete`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SpaceDelete {
    /// The space's name, typed by the person who deletes it.
    pub confirm_name: String,
}

/// A role in a space, to be granted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SpaceGrant {
    pub space_id: SpaceId,
    pub role: SpaceRole,
}

/// A person's access to a space.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SpaceAccess {
    pub space_id: SpaceId,
    pub name: String,
    pub role: SpaceRole,
    pub source: AccessSource,
    /// When a grant ends; without one it lasts.
    pub ends_at: Option<Timestamp>,
}

/// Somebody with a role granted in a space.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SpaceMember {
    pub user_id: UserId,
    pub name: String,
    pub email: String,
    pub role: SpaceRole,
    /// When the grant ends; without one it lasts.
    pub ends_at: Option<Timestamp>,
}

/// Answer of `space_member_list`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SpaceMemberList {
    pub total: u32,
    pub members: Vec<SpaceMember>,
}

/// Body of `space_members_update`: all of them, or none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SpaceMembersUpdate {
    /// At most [`crate::member::CHANGES_MAX`], each person once.
    #[cfg_attr(feature = "schema", schemars(extend("minItems" = 1, "maxItems" = crate::member::CHANGES_MAX, "uniqueItems" = true)))]
    pub changes: Vec<crate::member::SpaceRoleChange>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `permissions.md`: an organization admin is admin everywhere; own = granted, or visible to the organization.
    #[test]
    fn every_way_into_a_space() {
        use AccessSource::{Granted, OrganizationAdmin, Visible};
        assert_eq!(effective_role(true, None, Visibility::Invited), Some((SpaceRole::Admin, OrganizationAdmin)));
        assert_eq!(effective_role(false, None, Visibility::Invited), None);
        assert_eq!(effective_role(false, None, Visibility::Organization), Some((SpaceRole::Viewer, Visible)));
        for role in SpaceRole::ALL {
            for visibility in Visibility::ALL {
                assert_eq!(effective_role(false, Some(role), visibility), Some((role, Granted)));
                assert_eq!(effective_role(true, Some(role), visibility), Some((SpaceRole::Admin, OrganizationAdmin)));
            }
        }
    }
}
