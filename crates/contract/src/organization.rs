//! Organizations: what a switcher shows, what a page shows, and what can be changed.

use crate::member::RoleEnd;
use crate::{OrganizationId, Permission, Role, Timestamp};
use serde::{Deserialize, Serialize};

/// The subscription of an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    Free,
    PulzeOne,
    PulzeXSuite,
}

impl Plan {
    pub const ALL: [Self; 3] = [Self::Free, Self::PulzeOne, Self::PulzeXSuite];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::PulzeOne => "pulze_one",
            Self::PulzeXSuite => "pulze_x_suite",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|plan| plan.as_str() == text)
    }

    /// Whether organizations of this plan have what a permission is about (`pulze-product.md`, section 6).
    pub fn includes(self, permission: Permission) -> bool {
        let keys = matches!(
            permission,
            Permission::ApiKeysRead | Permission::ApiKeysCreate | Permission::ApiKeysRotate | Permission::ApiKeysRevoke
        );
        !keys || self == Self::PulzeXSuite
    }

    /// The product's own name of the plan, the same in every language.
    pub fn display_name(self) -> &'static str {
        match self {
            Self::Free => "Free",
            Self::PulzeOne => "Pulze One",
            Self::PulzeXSuite => "Pulze X Suite",
        }
    }
}

/// How many members an organization has, by role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberCounts {
    pub viewers: u32,
    pub editors: u32,
    pub admins: u32,
    /// Admins whose role has no end: an organization always keeps one.
    pub lasting_admins: u32,
}

impl MemberCounts {
    pub fn total(self) -> u32 {
        self.viewers + self.editors + self.admins
    }
}

/// How many people an organization may have, and how many seats are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Seats {
    /// Members and pending invitations.
    pub taken: u32,
    /// Without one, there is no limit.
    pub limit: Option<u32>,
}

impl Seats {
    /// Seats that are left; without a limit, as many as can be counted.
    pub fn free(self) -> u32 {
        self.limit.map_or(u32::MAX, |limit| limit.saturating_sub(self.taken))
    }
}

/// Languages that the product speaks, by their BCP 47 tags; the first one is the default.
pub const LANGUAGES: [&str; 3] = ["en", "de", "ar"];

/// An organization that the signed-in person belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrganizationSummary {
    pub id: OrganizationId,
    pub name: String,
    pub logo_url: Option<String>,
    pub plan: Plan,
    /// The signed-in person's role, to show.
    pub role: Role,
    /// When that role ends, and what it becomes.
    pub ends: Option<RoleEnd>,
    /// What that person may do here: what the app asks.
    pub permissions: Vec<Permission>,
    pub members: MemberCounts,
}

/// Answer of `organization_list`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrganizationList {
    pub total: u32,
    pub organizations: Vec<OrganizationSummary>,
}

/// Answer of `organization_read`, `organization_create` and `organization_update`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(from = "FlatOrganization")]
pub struct Organization {
    #[serde(flatten)]
    pub summary: OrganizationSummary,
    /// IANA name; reports are cut into days by it.
    pub reporting_time_zone: String,
    /// The language of its mails, one of [`LANGUAGES`].
    pub language: String,
    /// Whether editors may invite, to a role no higher than their own.
    pub editors_may_invite: bool,
    pub created_at: Timestamp,
    /// Counts changes; the entity tag of the answer.
    pub version: i64,
}

/// An organization as it is read: reading into a flattened field would keep everything twice, and weigh seven
/// kilobytes in the app.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct FlatOrganization {
    id: OrganizationId,
    name: String,
    logo_url: Option<String>,
    plan: Plan,
    role: Role,
    ends: Option<RoleEnd>,
    permissions: Vec<Permission>,
    members: MemberCounts,
    reporting_time_zone: String,
    language: String,
    editors_may_invite: bool,
    created_at: Timestamp,
    version: i64,
}

impl From<FlatOrganization> for Organization {
    fn from(flat: FlatOrganization) -> Self {
        let FlatOrganization { id, name, logo_url, plan, role, ends, permissions, members, .. } = flat;
        Self {
            summary: OrganizationSummary { id, name, logo_url, plan, role, ends, permissions, members },
            reporting_time_zone: flat.reporting_time_zone,
            language: flat.language,
            editors_may_invite: flat.editors_may_invite,
            created_at: flat.created_at,
            version: flat.version,
        }
    }
}

/// Body of `organization_create`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OrganizationCreate {
    #[cfg_attr(feature = "schema", schemars(extend("minLength" = 1, "maxLength" = crate::validation::NAME_MAX, "pattern" = crate::schema::NAME)))]
    pub name: String,
    /// Empty or absent: initials on a colour.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("maxLength" = crate::validation::URL_MAX, "pattern" = crate::schema::PICTURE)))]
    pub logo_url: String,
}

/// Body of `organization_update`: what is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OrganizationUpdate {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("minLength" = 1, "maxLength" = crate::validation::NAME_MAX, "pattern" = crate::schema::NAME)))]
    pub name: Option<String>,
    /// An empty text removes the logo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("maxLength" = crate::validation::URL_MAX, "pattern" = crate::schema::PICTURE)))]
    pub logo_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("maxLength" = 64, "pattern" = crate::schema::TIME_ZONE)))]
    pub reporting_time_zone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("enum" = crate::schema::languages())))]
    pub language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub editors_may_invite: Option<bool>,
}

/// Body of `organization_delete`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OrganizationDelete {
    /// The organization's name, typed by the person who deletes it.
    pub confirm_name: String,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_organization_is_read_as_it_was_written() {
        let organization = Organization {
            summary: OrganizationSummary {
                id: OrganizationId::from_digits("0190a1b2c3d4e5f60718293a4b5c6d7e"),
                name: "Acme".to_owned(),
                logo_url: Some("/images/1".to_owned()),
                plan: Plan::PulzeOne,
                role: Role::Editor,
                ends: Some(RoleEnd { at: 7, then: Some(Role::Viewer) }),
                permissions: vec![Permission::OrganizationRead],
                members: MemberCounts { viewers: 1, editors: 2, admins: 3, lasting_admins: 2 },
            },
            reporting_time_zone: "Europe/Zurich".to_owned(),
            language: "de".to_owned(),
            editors_may_invite: true,
            created_at: 5,
            version: 9,
        };
        let text = serde_json::to_string(&organization).unwrap();
        assert_eq!(serde_json::from_str::<Organization>(&text).unwrap(), organization);
    }
}
