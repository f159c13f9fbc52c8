//! Access to one model, router, assistant or tool: levels, who was given one, and where it comes from.

use crate::{Permission, Role, SpaceId, UserId};
use serde::{Deserialize, Serialize};

/// Most grants on one resource.
pub const GRANTS_MAX: usize = 500;

/// A kind of resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ResourceKind {
    Model,
    Router,
    Assistant,
    Tool,
}

impl ResourceKind {
    pub const ALL: [Self; 4] = [Self::Model, Self::Router, Self::Assistant, Self::Tool];

    /// The name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Router => "router",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// What a role needs to manage every resource of the kind, as long as nothing else was said.
    fn managed_by(self) -> Permission {
        match self {
            Self::Model => Permission::ModelsUpdate,
            Self::Router => Permission::RoutersUpdate,
            Self::Assistant => Permission::AssistantsUpdate,
            Self::Tool => Permission::ToolsUpdate,
        }
    }
}

/// What somebody may do with a resource; each level includes the ones before it
/// (`pulze-product.md`, section 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Does not know that it exists.
    None,
    /// Knows that it exists.
    View,
    Use,
    /// Changes its content and settings; models, assistants and tools it also switches on and off.
    Manage,
    /// Also decides who else may do what with it.
    Admin,
}

impl Level {
    pub const ALL: [Self; 5] = [Self::None, Self::View, Self::Use, Self::Manage, Self::Admin];

    /// The name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::View => "view",
            Self::Use => "use",
            Self::Manage => "manage",
            Self::Admin => "admin",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == text)
    }
}

/// To whom a level was given.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "is", content = "id", rename_all = "snake_case")]
pub enum Subject {
    /// Everybody of the role, and of the roles above it. What is said here stands in place of what
    /// the role brings along.
    Role(Role),
    /// Everybody who works in the space, and while they work there.
    Space(SpaceId),
    Member(UserId),
}

/// A level that was given to somebody.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Grant {
    pub subject: Subject,
    pub level: Level,
}

impl Grant {
    /// Whether such a grant makes sense: the admin role has every level always, a space looks at and
    /// uses a resource but does not look after it, and a member is given something, not less.
    pub fn fits(&self) -> bool {
        match self.subject {
            Subject::Role(role) => role < Role::Admin,
            Subject::Space(_) => matches!(self.level, Level::View | Level::Use),
            Subject::Member(_) => self.level > Level::None,
        }
    }
}

/// What a role brings along for every resource of a kind: admins everything, whoever may change the
/// kind manages it, all others use it.
pub fn brought_along(kind: ResourceKind, role: Role) -> Level {
    match role {
        Role::Admin => Level::Admin,
        _ if role.grants(kind.managed_by()) => Level::Manage,
        _ => Level::Use,
    }
}

/// What was said about a role itself, if anything.
fn said(role: Role, grants: &[Grant]) -> Option<Level> {
    grants.iter().find(|grant| grant.subject == Subject::Role(role)).map(|grant| grant.level)
}

/// The level of a role: never less than that of the roles below it.
pub fn role_level(kind: ResourceKind, role: Role, grants: &[Grant]) -> Level {
    let of_role = |role: Role| match role {
        Role::Admin => Level::Admin,
        _ => said(role, grants).unwrap_or(brought_along(kind, role)),
    };
    Role::ALL.into_iter().filter(|other| *other <= role).map(of_role).max().unwrap_or(Level::None)
}

/// Where a level comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "is", content = "id", rename_all = "snake_case")]
pub enum LevelSource {
    /// The organization role brings it along.
    Role(Role),
    /// It was given to the role, for this resource.
    GivenToRole(Role),
    /// It was given to the space.
    GivenToSpace(SpaceId),
    /// It was given to the member.
    GivenToMember,
}

/// A level and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reached {
    pub level: Level,
    pub source: LevelSource,
}

/// What somebody reaches on a resource anywhere in the organization: the most of what their role,
/// their spaces and they themselves have. Of equal ones the first counts, in that order.
pub fn reached(kind: ResourceKind, user: &UserId, role: Role, spaces: impl Fn(&SpaceId) -> bool, grants: &[Grant]) -> Reached {
    let level = role_level(kind, role, grants);
    let by_itself = said(role, grants).is_none() && brought_along(kind, role) == level;
    let given = |of: &Role| *of <= role && said(*of, grants) == Some(level);
    let source = match Role::ALL.into_iter().find(given).filter(|_| !by_itself) {
        Some(giver) => LevelSource::GivenToRole(giver),
        None => LevelSource::Role(role),
    };
    let mut best = Reached { level, source };
    for grant in grants {
        let source = match &grant.subject {
            Subject::Role(_) => continue,
            Subject::Space(space) if spaces(space) => LevelSource::GivenToSpace(space.clone()),
            Subject::Member(member) if member == user => LevelSource::GivenToMember,
            Subject::Space(_) | Subject::Member(_) => continue,
        };
        if grant.level > best.level {
            best = Reached { level: grant.level, source };
        }
    }
    best
}

/// Who may use a resource in a space, where that is not everybody who works there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UseLimit {
    pub kind: ResourceKind,
    pub id: String,
    /// Organization roles from this one on may.
    pub least_role: Role,
    /// These may, whatever their role.
    pub members: Vec<UserId>,
}

/// Who may use a resource in a space; `None`: everybody who works there.
pub fn use_limit(kind: ResourceKind, id: &str, space: &SpaceId, grants: &[Grant]) -> Option<UseLimit> {
    let given = |grant: &&Grant| grant.level >= Level::Use;
    let to_space = grants.iter().filter(given).any(|grant| grant.subject == Subject::Space(space.clone()));
    let least_role = Role::ALL.into_iter().find(|role| role_level(kind, *role, grants) >= Level::Use).unwrap_or(Role::Admin);
    if to_space || least_role == Role::Viewer {
        return None;
    }
    let member = |grant: &Grant| match &grant.subject {
        Subject::Member(user) => Some(user.clone()),
        _ => None,
    };
    let members = grants.iter().filter(given).filter_map(member).collect();
    Some(UseLimit { kind, id: id.to_owned(), least_role, members })
}

/// Who may use a resource, in the words of most organizations.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "is", content = "spaces", rename_all = "snake_case")]
pub enum Audience {
    Everyone,
    /// Editors and admins.
    Editors,
    /// Whoever works in one of these spaces, and admins.
    Spaces(Vec<SpaceId>),
    /// Some other combination of grants.
    Other,
}

impl Audience {
    /// What the grants on a resource amount to. Members who were given a level do not count here:
    /// they are exceptions, and shown as such.
    pub fn of(kind: ResourceKind, grants: &[Grant]) -> Self {
        let uses = |role: Role| role_level(kind, role, grants) >= Level::Use;
        let to_spaces = grants.iter().filter(|grant| grant.level >= Level::Use).filter_map(|grant| match &grant.subject {
            Subject::Space(space) => Some(space.clone()),
            _ => None,
        });
        let spaces: Vec<SpaceId> = to_spaces.collect();
        match (uses(Role::Viewer), uses(Role::Editor), spaces.is_empty()) {
            (true, ..) => Self::Everyone,
            (false, true, true) => Self::Editors,
            (false, false, _) => Self::Spaces(spaces),
            (false, true, false) => Self::Other,
        }
    }

    /// What has to be said to roles for it, beside the grants to spaces.
    pub fn roles(&self) -> [(Role, Option<Level>); 2] {
        match self {
            Self::Everyone | Self::Other => [(Role::Viewer, None), (Role::Editor, None)],
            Self::Editors => [(Role::Viewer, Some(Level::View)), (Role::Editor, None)],
            Self::Spaces(_) => [(Role::Viewer, Some(Level::View)), (Role::Editor, Some(Level::View))],
        }
    }
}

/// What is said to somebody from now on; without a level, nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GrantChange {
    pub subject: Subject,
    #[serde(default)]
    pub level: Option<Level>,
}

/// Body of `resource_access_update`: all of them, or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ResourceAccessUpdate {
    /// Each subject once.
    #[cfg_attr(feature = "schema", schemars(extend("minItems" = 1, "maxItems" = GRANTS_MAX, "uniqueItems" = true)))]
    pub changes: Vec<GrantChange>,
}

/// A role and its level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoleLevel {
    pub role: Role,
    /// What was said; absent: what the role brings along.
    pub given: Option<Level>,
    pub reached: Reached,
}

/// A space that was given a level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SpaceLevel {
    pub space_id: SpaceId,
    pub name: String,
    pub given: Level,
}

/// A member who was given a level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberLevel {
    pub user_id: UserId,
    pub name: String,
    pub email: String,
    /// Absent: the owner, who has it by that.
    pub given: Option<Level>,
    /// What they have in the end, and where from.
    pub reached: Reached,
}

/// Answer of `resource_access_read` and `resource_access_update`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResourceAccess {
    pub kind: ResourceKind,
    pub id: String,
    pub name: String,
    pub audience: Audience,
    /// Every role, from least to most.
    pub roles: Vec<RoleLevel>,
    /// By name.
    pub spaces: Vec<SpaceLevel>,
    /// By name.
    pub members: Vec<MemberLevel>,
}

/// How a model, an assistant or a tool was used in the last 30 days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecentUse {
    pub requests: u64,
    /// What those cost.
    pub cost: crate::money::Money,
    /// Spaces that asked.
    pub spaces: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space(digit: char) -> SpaceId {
        SpaceId::from_digits(&digit.to_string().repeat(32))
    }

    fn user() -> UserId {
        UserId::from_digits(&"a".repeat(32))
    }

    fn role(role: Role, level: Level) -> Grant {
        Grant { subject: Subject::Role(role), level }
    }

    #[test]
    fn a_role_brings_along_what_its_permissions_say() {
        assert_eq!(brought_along(ResourceKind::Router, Role::Editor), Level::Manage);
        assert_eq!(brought_along(ResourceKind::Tool, Role::Editor), Level::Use);
        assert_eq!(brought_along(ResourceKind::Model, Role::Viewer), Level::Use);
        assert_eq!(brought_along(ResourceKind::Model, Role::Admin), Level::Admin);
    }

    #[test]
    fn a_role_never_has_less_than_the_one_below() {
        let grants = [role(Role::Viewer, Level::Manage), role(Role::Editor, Level::None)];
        assert_eq!(role_level(ResourceKind::Tool, Role::Editor, &grants), Level::Manage);
        assert_eq!(role_level(ResourceKind::Tool, Role::Admin, &[role(Role::Viewer, Level::None)]), Level::Admin);
    }

    #[test]
    fn the_most_counts_and_says_where_it_comes_from() {
        let closed = [role(Role::Viewer, Level::None), role(Role::Editor, Level::View)];
        let reach = |role: Role, grants: &[Grant]| reached(ResourceKind::Tool, &user(), role, |id| *id == space('1'), grants);
        assert_eq!(reach(Role::Viewer, &closed).level, Level::None);
        assert_eq!(reach(Role::Editor, &[]).source, LevelSource::Role(Role::Editor));
        assert_eq!(reach(Role::Editor, &closed).source, LevelSource::GivenToRole(Role::Editor));
        let mut given = closed.to_vec();
        given.push(Grant { subject: Subject::Space(space('1')), level: Level::Use });
        given.push(Grant { subject: Subject::Space(space('2')), level: Level::Use });
        assert_eq!(reach(Role::Viewer, &given).source, LevelSource::GivenToSpace(space('1')));
        given.push(Grant { subject: Subject::Member(user()), level: Level::Admin });
        assert_eq!(reach(Role::Viewer, &given), Reached { level: Level::Admin, source: LevelSource::GivenToMember });
    }

    #[test]
    fn a_limit_names_who_may_nevertheless() {
        let limit = |grants: &[Grant]| {
            use_limit(ResourceKind::Tool, "x", &space('1'), grants).map(|limit| (limit.least_role, limit.members))
        };
        assert_eq!(limit(&[]), None);
        assert_eq!(limit(&[role(Role::Viewer, Level::View)]), Some((Role::Editor, vec![])));
        let mut closed = vec![role(Role::Viewer, Level::View), role(Role::Editor, Level::View)];
        closed.push(Grant { subject: Subject::Member(user()), level: Level::Use });
        assert_eq!(limit(&closed), Some((Role::Admin, vec![user()])));
        closed.push(Grant { subject: Subject::Space(space('1')), level: Level::Use });
        assert_eq!(limit(&closed), None);
    }

    #[test]
    fn an_audience_is_what_its_grants_amount_to() {
        for audience in [Audience::Everyone, Audience::Editors, Audience::Spaces(vec![space('1')]), Audience::Spaces(vec![])] {
            let said = audience.roles().into_iter().filter_map(|(role, level)| level.map(|level| (role, level)));
            let mut grants: Vec<Grant> = said.map(|(of, level)| role(of, level)).collect();
            if let Audience::Spaces(spaces) = &audience {
                grants.extend(spaces.iter().map(|space| Grant { subject: Subject::Space(space.clone()), level: Level::Use }));
            }
            for kind in ResourceKind::ALL {
                // Editors manage routers unless something else is said; the audience stays the same.
                assert_eq!(Audience::of(kind, &grants), audience);
            }
        }
    }
}
