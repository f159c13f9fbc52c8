//! Defaults of an organization, what spaces make of them, and what holds in a space in the end.

use crate::model::NewModels;
use crate::resource::UseLimit;
use crate::router::{LAST_RESORT, RouterContent};
use crate::{AssistantId, SpaceId, Timestamp};
use serde::{Deserialize, Serialize};

/// A setting that the organization gives and spaces inherit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    Router,
    NamingModel,
}

impl Setting {
    pub const ALL: [Self; 2] = [Self::Router, Self::NamingModel];

    /// What a new default does to the spaces that are there, where nobody says it.
    pub fn existing(self) -> Existing {
        match self {
            Self::Router => Existing::Keep,
            Self::NamingModel => Existing::Follow,
        }
    }

    /// The name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Router => "router",
            Self::NamingModel => "naming_model",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|setting| setting.as_str() == text)
    }
}

/// A default of the organization.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OrganizationDefault {
    /// A router or a model; absent: the last resort, or titles out of the first words.
    pub value: Option<String>,
    /// Whether what spaces say is put aside.
    pub locked: bool,
}

/// A space and what it says about a setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SpaceSetting {
    pub space_id: SpaceId,
    pub name: String,
    pub archived: bool,
    /// What the space says; absent: it inherits.
    pub router: Option<String>,
    pub naming_model: Option<String>,
}

impl SpaceSetting {
    pub fn of(&self, setting: Setting) -> Option<&str> {
        match setting {
            Setting::Router => self.router.as_deref(),
            Setting::NamingModel => self.naming_model.as_deref(),
        }
    }
}

/// Answer of `defaults_read`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Defaults {
    pub router: OrganizationDefault,
    pub naming_model: OrganizationDefault,
    pub new_models: NewModels,
    /// Every space, by name.
    pub spaces: Vec<SpaceSetting>,
}

impl Defaults {
    pub fn of(&self, setting: Setting) -> &OrganizationDefault {
        match setting {
            Setting::Router => &self.router,
            Setting::NamingModel => &self.naming_model,
        }
    }
}

/// What a new default does to the spaces that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Existing {
    /// The ones that inherit keep what they have, as their own; only new spaces get the new default.
    Keep,
    /// The ones that inherit follow.
    Follow,
    /// All follow: what spaces say for themselves is taken away.
    Reset,
}

impl Existing {
    pub const ALL: [Self; 3] = [Self::Keep, Self::Follow, Self::Reset];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Follow => "follow",
            Self::Reset => "reset",
        }
    }
}

/// Body of `defaults_update`: what is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DefaultsUpdate {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub router: Option<OrganizationDefault>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub naming_model: Option<OrganizationDefault>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_models: Option<NewModels>,
    /// Absent: routers are kept, naming models follow (`organization-management.md`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub existing: Option<Existing>,
}

/// Body of `space_settings_update`: what these spaces say from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SpaceSettingUpdate {
    pub setting: Setting,
    /// Absent: it inherits.
    #[serde(default)]
    pub value: Option<String>,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The organization's default, inherited.
    Organization,
    /// The organization's default, whatever the space says.
    Locked,
    /// The space itself.
    Space,
    /// What was set cannot be used: it is switched off, put away or gone.
    Fallback,
}

/// A value and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Effective {
    pub value: Option<String>,
    pub source: Source,
}

/// What holds for a setting in a space: the space's own value unless the organization locks it, then
/// the organization's default, then `last_resort`; each only if it can be used.
pub fn effective(
    default: &OrganizationDefault,
    space: Option<&str>,
    usable: impl Fn(&str) -> bool,
    last_resort: Option<&str>,
) -> Effective {
    let own = space.filter(|_| !default.locked);
    if let Some(own) = own.filter(|own| usable(own)) {
        return Effective { value: Some(own.to_owned()), source: Source::Space };
    }
    let given = default.value.as_deref();
    let from_organization = if default.locked { Source::Locked } else { Source::Organization };
    let source = if own.is_some() { Source::Fallback } else { from_organization };
    match given {
        Some(given) if usable(given) => Effective { value: Some(given.to_owned()), source },
        Some(_) => Effective { value: last_resort.map(str::to_owned), source: Source::Fallback },
        None => Effective { value: last_resort.map(str::to_owned), source },
    }
}

/// The effective router: everything falls back to the oldest managed one.
pub fn effective_router(default: &OrganizationDefault, space: Option<&str>, usable: impl Fn(&str) -> bool) -> Effective {
    effective(default, space, usable, Some(LAST_RESORT))
}

/// Tokens that go in and come out for the title of a conversation: its first messages, cut, and a few words.
pub const TITLE_TOKENS: (i64, i64) = (500, 12);

/// Micro-dollars that a thousand titles cost, each of [`TITLE_TOKENS`].
pub fn titles_cost(model: &crate::model::ModelFacts) -> i64 {
    (TITLE_TOKENS.0 * model.input_price + TITLE_TOKENS.1 * model.output_price) / 1000
}

/// How requests of a space are routed, ready for a gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Route {
    /// Identifier of the router.
    pub router: String,
    /// Its content, with only the models that are allowed; absent for one that Pulze manages.
    pub content: Option<RouterContent>,
}

/// Answer of `effective_policy_read`: what a gateway enforces in a space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EffectivePolicy {
    pub space_id: SpaceId,
    /// Counts changes of the organization's resources; the entity tag of the answer.
    pub version: i64,
    pub at: Timestamp,
    /// Models that may be used, by identifier.
    pub models: Vec<String>,
    /// Tools that may be used, by identifier.
    pub tools: Vec<String>,
    /// Assistants that can be talked to, by identifier.
    pub assistants: Vec<AssistantId>,
    /// Which of all these, and of the routers, are not for everybody who works in the space.
    pub limits: Vec<UseLimit>,
    pub router: Effective,
    pub naming_model: Effective,
    /// The router and those it falls back to, in the order in which they are tried.
    pub routes: Vec<Route>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_titles() {
        let model = crate::model::ModelFacts {
            id: "a/b".to_owned(),
            provider: "a".to_owned(),
            context_window: None,
            max_output_tokens: None,
            input_price: 100_000,
            output_price: 400_000,
            vision: false,
            functions: false,
            json_schema: false,
            deprecated_on: None,
        };
        // 500,000 tokens at $0.10 and 12,000 at $0.40 for a million.
        assert_eq!(titles_cost(&model), 54_800);
    }

    #[test]
    fn a_lock_puts_the_space_aside_and_what_is_off_falls_back() {
        let default = |locked| OrganizationDefault { value: Some("a".to_owned()), locked };
        let all = |_: &str| true;
        let value = |effective: Effective| (effective.value.unwrap_or_default(), effective.source);
        assert_eq!(value(effective_router(&default(false), None, all)), ("a".to_owned(), Source::Organization));
        assert_eq!(value(effective_router(&default(false), Some("b"), all)), ("b".to_owned(), Source::Space));
        assert_eq!(value(effective_router(&default(true), Some("b"), all)), ("a".to_owned(), Source::Locked));
        assert_eq!(value(effective_router(&default(false), Some("b"), |r| r == "a")), ("a".to_owned(), Source::Fallback));
        assert_eq!(value(effective_router(&default(false), None, |_| false)), (LAST_RESORT.to_owned(), Source::Fallback));
        assert_eq!(effective(&OrganizationDefault::default(), None, all, None).value, None);
    }
}
