//! Questions that a person keeps by a name.

use crate::UsageViewId;
use crate::validation::Rule;
use serde::{Deserialize, Serialize};

/// Most views that a person keeps in an organization.
pub const VIEWS_MAX: usize = 50;
/// Longest question that is kept, in bytes.
pub const VIEW_QUERY_MAX: usize = 2_000;

/// A question that a person keeps by a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UsageView {
    pub id: UsageViewId,
    pub name: String,
    /// As it stands in the address, without the `?`.
    pub query: String,
}

/// Answer of `usage_view_list`: one's own, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UsageViewList {
    pub views: Vec<UsageView>,
}

/// Body of `usage_view_create`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UsageViewCreate {
    #[cfg_attr(feature = "schema", schemars(extend("minLength" = 1, "maxLength" = crate::validation::NAME_MAX, "pattern" = crate::schema::NAME)))]
    pub name: String,
    #[cfg_attr(feature = "schema", schemars(extend("maxLength" = VIEW_QUERY_MAX, "pattern" = "^[ -~]*$")))]
    pub query: String,
}

impl UsageViewCreate {
    /// The view as it is kept, or the fields that are wrong.
    ///
    /// # Errors
    /// The field and its rule, one each.
    pub fn check(&self) -> Result<Self, Vec<(&'static str, Rule)>> {
        let name = crate::validation::name(&self.name);
        let mut errors: Vec<(&'static str, Rule)> = name.as_ref().err().map(|rule| ("name", *rule)).into_iter().collect();
        if self.query.len() > VIEW_QUERY_MAX {
            errors.push(("query", Rule::TooLong));
        } else if self.query.chars().any(char::is_control) {
            errors.push(("query", Rule::InvisibleCharacters));
        }
        match name {
            Ok(name) if errors.is_empty() => Ok(Self { name, query: self.query.clone() }),
            _ => Err(errors),
        }
    }
}
