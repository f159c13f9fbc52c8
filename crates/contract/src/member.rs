//! Who belongs to an organization.

use crate::invitation::Invitation;
use crate::space::{SpaceAccess, SpaceRole};
use crate::{Role, SpaceId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// Most rows of one `member_list`.
pub const PAGE_MAX: u32 = 100;
/// Most spaces that a row names.
pub const SPACES_NAMED: usize = 2;
/// Most members that one `member_update` changes.
pub const CHANGES_MAX: usize = 200;

/// When a role ends, and what it becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RoleEnd {
    pub at: Timestamp,
    /// A role below; without one, the membership ends.
    #[serde(default)]
    pub then: Option<Role>,
}

/// A member of the organization.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Member {
    pub user_id: UserId,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub joined_at: Timestamp,
    /// The last request within the organization, exact to five minutes; absent for one who never came.
    pub last_active_at: Option<Timestamp>,
    /// Spaces that were granted by name; an admin is in all of them anyway.
    pub spaces: u32,
    /// Names of the first of them, at most [`SPACES_NAMED`].
    pub space_names: Vec<String>,
    /// Without one, the role lasts. An organization always has an admin whose role lasts.
    pub ends: Option<RoleEnd>,
}

/// A row of `member_list`: somebody who belongs to the organization, or who was asked to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum MemberEntry {
    Member(Member),
    Invitation(Invitation),
}

impl MemberEntry {
    /// The member, unless it is an invitation.
    pub fn member(&self) -> Option<&Member> {
        match self {
            Self::Member(member) => Some(member),
            Self::Invitation(_) => None,
        }
    }
}

/// Answer of `member_list`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberList {
    /// Rows that fit the filters, on all pages together.
    pub total: u32,
    /// Place of the first row among them.
    pub offset: u32,
    /// Invitations are among them for those who may invite.
    pub entries: Vec<MemberEntry>,
}

impl MemberList {
    /// The members among the rows.
    pub fn into_members(self) -> impl Iterator<Item = Member> {
        self.entries.into_iter().filter_map(|entry| match entry {
            MemberEntry::Member(member) => Some(member),
            MemberEntry::Invitation(_) => None,
        })
    }
}

/// What a list of members is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MemberSort {
    #[default]
    Name,
    Role,
    JoinedAt,
    LastActiveAt,
}

impl MemberSort {
    pub const ALL: [Self; 4] = [Self::Name, Self::Role, Self::JoinedAt, Self::LastActiveAt];

    /// The name in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Role => "role",
            Self::JoinedAt => "joined_at",
            Self::LastActiveAt => "last_active_at",
        }
    }
}

/// Which members and invitations a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MemberStatus {
    /// Everybody who belongs to the organization.
    Member,
    /// Members who never came.
    NeverSignedIn,
    /// Members whose role has an end.
    Ending,
    /// Invitations that can be accepted.
    Pending,
    Declined,
    Expired,
}

impl MemberStatus {
    pub const ALL: [Self; 6] = [Self::Member, Self::NeverSignedIn, Self::Ending, Self::Pending, Self::Declined, Self::Expired];

    /// The name in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::NeverSignedIn => "never_signed_in",
            Self::Ending => "ending",
            Self::Pending => "pending",
            Self::Declined => "declined",
            Self::Expired => "expired",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Whether it is that of somebody who was invited and does not belong yet.
    pub fn is_invitation(self) -> bool {
        matches!(self, Self::Pending | Self::Declined | Self::Expired)
    }
}

/// The question of a `member_list`. The same text stands in the page's address and in the request's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct MemberQuery {
    /// Part of a name, of an email, or of the name of a space that the member was granted.
    pub search: String,
    pub role: Option<Role>,
    /// Without one, members and invitations.
    pub status: Option<MemberStatus>,
    pub space: Option<SpaceId>,
    pub sort: MemberSort,
    pub descending: bool,
}

impl MemberQuery {
    /// The names of the parameters, in the order of [`Self::pairs`].
    pub const PARAMETERS: [&'static str; 5] = ["search", "role", "status", "space", "sort"];

    /// Reads the question out of an address; what it does not know is left out.
    pub fn read(parameter: impl Fn(&str) -> Option<String>) -> Self {
        let sort = parameter("sort").unwrap_or_default();
        let descending = sort.starts_with('-');
        let sort = MemberSort::ALL.into_iter().find(|known| known.as_str() == sort.trim_start_matches('-'));
        Self {
            search: parameter("search").map(|text| text.trim().chars().take(200).collect()).unwrap_or_default(),
            role: parameter("role").as_deref().and_then(Role::parse),
            status: parameter("status").as_deref().and_then(MemberStatus::parse),
            space: parameter("space").as_deref().and_then(SpaceId::parse),
            descending: descending && sort.is_some(),
            sort: sort.unwrap_or_default(),
        }
    }

    /// What differs from the plain list, as parameters of an address.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        if !self.search.is_empty() {
            pairs.push(("search", self.search.clone()));
        }
        if let Some(role) = self.role {
            pairs.push(("role", role.as_str().to_owned()));
        }
        if let Some(status) = self.status {
            pairs.push(("status", status.as_str().to_owned()));
        }
        if let Some(space) = &self.space {
            pairs.push(("space", space.to_string()));
        }
        if self.sort != MemberSort::default() || self.descending {
            pairs.push(("sort", format!("{}{}", if self.descending { "-" } else { "" }, self.sort.as_str())));
        }
        pairs
    }
}

/// Answer of `member_read`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberDetails {
    #[serde(flatten)]
    pub member: Member,
    /// Whether the address is proved to be this person's.
    pub email_verified: bool,
    /// Every space that the member can enter, and why.
    pub spaces_entered: Vec<SpaceAccess>,
    /// Spaces without another admin of their own, were this member removed.
    pub only_space_admin_of: Vec<SpaceAccess>,
    /// Where the member is signed in now, the last used first.
    pub sessions: Vec<MemberSession>,
    /// What happened to this membership, newest first, at most 50.
    pub history: Vec<MemberEvent>,
}

/// A browser in which a member is signed in. Addresses are the member's own to see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberSession {
    /// Browser and system, `Firefox, Linux`; empty where they are not known.
    pub device: String,
    pub created_at: Timestamp,
    pub last_used_at: Timestamp,
}

/// Something that happened to a membership.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberEvent {
    pub at: Timestamp,
    /// Name of the person who did it; empty for what ended by itself.
    pub by: String,
    /// The operation's id.
    pub action: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// One member's new role.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RoleChange {
    pub user_id: UserId,
    pub role: Role,
    /// Absent: the role lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<RoleEnd>,
}

/// Body of `member_update`: all of them, or none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MemberUpdate {
    /// At most [`CHANGES_MAX`], each member once.
    #[cfg_attr(feature = "schema", schemars(extend("minItems" = 1, "maxItems" = CHANGES_MAX, "uniqueItems" = true)))]
    pub changes: Vec<RoleChange>,
}

/// Answer of `member_update`: the roles before, so that it can be undone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberUpdated {
    pub before: Vec<RoleChange>,
}

/// Body of `member_delete`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MemberDelete {
    /// A member who becomes admin of the spaces that would be left without one of their own.
    #[serde(default)]
    pub hand_over_to: Option<UserId>,
}

/// One person's new role in one space; without a role, the grant is taken away.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SpaceRoleChange {
    pub user_id: UserId,
    #[serde(default)]
    pub role: Option<SpaceRole>,
    /// Absent: the grant lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// What a page puts into its address is what it reads from it again.
        #[test]
        fn a_question_survives_its_address(search in "[a-z@ ]{0,12}", role in 0..4_usize, status in 0..7_usize, sort in 0..4_usize, descending: bool) {
            let asked = MemberQuery {
                search: search.trim().to_owned(),
                role: Role::ALL.get(role).copied(),
                status: MemberStatus::ALL.get(status).copied(),
                space: None,
                sort: MemberSort::ALL[sort],
                descending,
            };
            let pairs = asked.pairs();
            let read = MemberQuery::read(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone()));
            prop_assert_eq!(read, asked);
        }

        #[test]
        fn an_address_of_anybody_is_read_without_harm(text in "\\PC{0,40}") {
            let read = MemberQuery::read(|_| Some(text.clone()));
            prop_assert!(read.search.chars().count() <= 200);
        }
    }
}
