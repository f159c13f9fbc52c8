//! What a key may do: areas, each with a level.

use crate::operation::Operation;
use crate::{Permission, Role};
use serde::{Deserialize, Serialize};

/// What a key may do in one area.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ScopeLevel {
    #[default]
    None,
    Read,
    Write,
}

impl ScopeLevel {
    pub const ALL: [Self; 3] = [Self::None, Self::Read, Self::Write];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == text)
    }
}

/// An area (`organization-management.md`, API keys).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    ChatCompletions,
    DataManagement,
    ConversationHistory,
    SpaceManagement,
    ModelAndRouterConfiguration,
}

impl Scope {
    pub const ALL: [Self; 5] = [
        Self::ChatCompletions,
        Self::DataManagement,
        Self::ConversationHistory,
        Self::SpaceManagement,
        Self::ModelAndRouterConfiguration,
    ];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ChatCompletions => "chat_completions",
            Self::DataManagement => "data_management",
            Self::ConversationHistory => "conversation_history",
            Self::SpaceManagement => "space_management",
            Self::ModelAndRouterConfiguration => "model_and_router_configuration",
        }
    }

    /// What a person must hold to give a level of this scope, or to have it in a key of theirs.
    pub fn needs(self, level: ScopeLevel) -> Option<Permission> {
        match (self, level) {
            (_, ScopeLevel::None) => None,
            (Self::ChatCompletions | Self::ConversationHistory, _) => Some(Permission::SpacesRead),
            (Self::DataManagement, ScopeLevel::Read) => Some(Permission::OrganizationRead),
            (Self::DataManagement, ScopeLevel::Write) => Some(Permission::OrganizationUpdate),
            (Self::SpaceManagement, ScopeLevel::Read) => Some(Permission::SpacesRead),
            (Self::SpaceManagement, ScopeLevel::Write) => Some(Permission::SpacesCreate),
            (Self::ModelAndRouterConfiguration, ScopeLevel::Read) => Some(Permission::ModelsRead),
            (Self::ModelAndRouterConfiguration, ScopeLevel::Write) => Some(Permission::ModelsUpdate),
        }
    }
}

/// What a key may do, area by area.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Scopes {
    pub chat_completions: ScopeLevel,
    pub data_management: ScopeLevel,
    pub conversation_history: ScopeLevel,
    pub space_management: ScopeLevel,
    pub model_and_router_configuration: ScopeLevel,
}

impl Scopes {
    /// Every area at one level.
    pub fn all(level: ScopeLevel) -> Self {
        Scope::ALL.into_iter().fold(Self::default(), |scopes, scope| scopes.with(scope, level))
    }

    pub fn of(self, scope: Scope) -> ScopeLevel {
        match scope {
            Scope::ChatCompletions => self.chat_completions,
            Scope::DataManagement => self.data_management,
            Scope::ConversationHistory => self.conversation_history,
            Scope::SpaceManagement => self.space_management,
            Scope::ModelAndRouterConfiguration => self.model_and_router_configuration,
        }
    }

    #[must_use]
    pub fn with(mut self, scope: Scope, level: ScopeLevel) -> Self {
        *match scope {
            Scope::ChatCompletions => &mut self.chat_completions,
            Scope::DataManagement => &mut self.data_management,
            Scope::ConversationHistory => &mut self.conversation_history,
            Scope::SpaceManagement => &mut self.space_management,
            Scope::ModelAndRouterConfiguration => &mut self.model_and_router_configuration,
        } = level;
        self
    }

    /// Of each area the lower level.
    #[must_use]
    pub fn at_most(self, other: Self) -> Self {
        Scope::ALL.into_iter().fold(self, |scopes, scope| scopes.with(scope, scopes.of(scope).min(other.of(scope))))
    }

    /// The areas whose levels differ, with the level here and there.
    pub fn differences(self, other: Self) -> Vec<(Scope, ScopeLevel, ScopeLevel)> {
        let both = Scope::ALL.map(|scope| (scope, self.of(scope), other.of(scope)));
        both.into_iter().filter(|(_, before, after)| before != after).collect()
    }

    /// What is left of it in the hands of a role: a key never holds more than its owner.
    #[must_use]
    pub fn within(self, role: Role) -> Self {
        let held = |scope: Scope, level: ScopeLevel| scope.needs(level).is_none_or(|permission| role.grants(permission));
        let most = |scope: Scope| {
            let levels = ScopeLevel::ALL.into_iter().rev().filter(|level| *level <= self.of(scope));
            levels.into_iter().find(|level| held(scope, *level)).unwrap_or_default()
        };
        Scope::ALL.into_iter().fold(Self::default(), |scopes, scope| scopes.with(scope, most(scope)))
    }

    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// What a request of this server's own API asks of a key; `None`: keys are not let in. A key is
/// never a way to people, to other keys or to the organization itself.
pub fn asked_of_a_key(operation: Operation) -> Option<(Scope, ScopeLevel)> {
    use Operation::*;
    let asked = match operation {
        HierarchyRead => (Scope::DataManagement, ScopeLevel::Read),
        ContentImport | UsageImport | UsageTraces => (Scope::DataManagement, ScopeLevel::Write),
        UsageRead | UsageExport => (Scope::DataManagement, ScopeLevel::Read),
        SpaceList | SpaceRead | SpaceMemberList => (Scope::SpaceManagement, ScopeLevel::Read),
        SpaceCreate | SpaceUpdate | SpaceDelete | SpaceMembersUpdate | SpaceSettingsUpdate => {
            (Scope::SpaceManagement, ScopeLevel::Write)
        }
        EffectivePolicyRead | ModelList | RouterList | AssistantList | AssistantRead | ToolList | DefaultsRead => {
            (Scope::ModelAndRouterConfiguration, ScopeLevel::Read)
        }
        ModelCheck | ModelUpdate | ModelCreate | ModelDelete | RouterCreate | RouterUpdate | RouterCheck | RouterSwitch
        | AssistantCreate | AssistantUpdate | AssistantDelete | AssistantCheck | AssistantSwitch | ToolCheck | ToolSwitch
        | DefaultsUpdate | ChangeUndo => (Scope::ModelAndRouterConfiguration, ScopeLevel::Write),
        _ => return None,
    };
    Some(asked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_key_never_holds_more_than_its_owner(levels in proptest::array::uniform5(0..3_usize), role in 0..3_usize) {
            let role = Role::ALL[role];
            let scopes = Scope::ALL.into_iter().zip(levels)
                .fold(Scopes::default(), |scopes, (scope, level)| scopes.with(scope, ScopeLevel::ALL[level]));
            let left = scopes.within(role);
            for scope in Scope::ALL {
                prop_assert!(left.of(scope) <= scopes.of(scope));
                prop_assert!(scope.needs(left.of(scope)).is_none_or(|permission| role.grants(permission)));
            }
            prop_assert_eq!(scopes.within(Role::Admin), scopes);
        }

        #[test]
        fn what_is_left_after_reducing_is_what_was_used(given in proptest::array::uniform5(0..3_usize), used in proptest::array::uniform5(0..3_usize)) {
            let scopes = |levels: [usize; 5]| Scope::ALL.into_iter().zip(levels)
                .fold(Scopes::default(), |scopes, (scope, level)| scopes.with(scope, ScopeLevel::ALL[level]));
            let (given, used) = (scopes(given), scopes(used));
            let left = given.at_most(used);
            for scope in Scope::ALL {
                prop_assert_eq!(left.of(scope), given.of(scope).min(used.of(scope)));
            }
            let changed = given.differences(left);
            prop_assert_eq!(changed.iter().fold(given, |scopes, (scope, _, after)| scopes.with(*scope, *after)), left);
            prop_assert_eq!(changed.is_empty(), given == left);
        }
    }
}
