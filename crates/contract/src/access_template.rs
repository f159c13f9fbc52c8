//! Access templates: one name for a role, roles in spaces and a term, so that everybody who comes
//! for the same work gets the same.

use crate::space::SpaceGrant;
use crate::{AccessTemplateId, Role};
use serde::{Deserialize, Serialize};

/// Most templates of an organization.
pub const TEMPLATES_MAX: u32 = 100;
/// Longest term, in days.
pub const TERM_MAX_DAYS: u32 = 3650;

/// A template as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccessTemplate {
    pub id: AccessTemplateId,
    pub name: String,
    pub role: Role,
    pub spaces: Vec<SpaceGrant>,
    /// Days from the invitation until the membership ends; without them it lasts.
    pub ends_after_days: Option<u32>,
}

/// Answer of `access_template_list`: by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccessTemplateList {
    pub total: u32,
    pub templates: Vec<AccessTemplate>,
}

/// Body of `access_template_create` and `access_template_update`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AccessTemplateContent {
    #[cfg_attr(feature = "schema", schemars(extend("minLength" = 1, "maxLength" = crate::validation::NAME_MAX, "pattern" = crate::schema::NAME)))]
    pub name: String,
    pub role: Role,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("uniqueItems" = true)))]
    pub spaces: Vec<SpaceGrant>,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = 1, "maximum" = TERM_MAX_DAYS)))]
    pub ends_after_days: Option<u32>,
}
