//! Switching resources on and off: what depends on them, what takes their place, and undoing it.

use crate::AuditEventId;
use serde::{Deserialize, Serialize};

/// Most resources that are switched at once.
pub const SWITCHED_MAX: usize = 5000;

/// Body of `model_update`, `router_switch`, `assistant_switch` and `tool_switch`, and of their dry runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Switch {
    /// At most [`SWITCHED_MAX`], each once.
    #[cfg_attr(feature = "schema", schemars(extend("minItems" = 1, "maxItems" = SWITCHED_MAX, "uniqueItems" = true)))]
    pub ids: Vec<String>,
    pub enabled: bool,
    /// With switching off: what takes their place wherever they are named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement: Option<String>,
    /// With switching off: that something breaks without a sound is known and wanted.
    #[serde(default)]
    pub accepts_breaks: bool,
}

/// What names a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DependentKind {
    /// A default of the organization.
    Organization,
    Space,
    Router,
    Assistant,
    /// A key that is limited to some models.
    ApiKey,
}

/// Which of its parts names the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DependentPart {
    /// The default router, or the router of a space.
    Router,
    NamingModel,
    /// One of several models to choose from or to try.
    Candidate,
    /// The only model.
    OnlyModel,
    /// Where a router goes when no model answered.
    Fallback,
    /// One of the tools of an assistant.
    Tool,
}

/// Something that names what is about to be switched off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Dependent {
    /// The resource that is named.
    pub resource: String,
    pub kind: DependentKind,
    pub part: DependentPart,
    /// Identifier of the space, router, assistant or key; empty for the organization, and for what the
    /// caller may not see.
    pub id: String,
    pub name: String,
    /// What it uses instead if nothing takes the resource's place; absent where that is nothing.
    pub falls_back_to: Option<String>,
    /// Whether it answers differently from then on without anybody being told.
    pub breaks: bool,
}

/// Answer of `model_check`, `router_check`, `assistant_check` and `tool_check`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Impact {
    /// How many of the resources change at all.
    pub changes: u32,
    pub dependents: Vec<Dependent>,
    /// Spaces that used them within the last seven days and that the caller can enter, by name.
    pub spaces: Vec<String>,
    /// How many spaces more used them.
    pub more_spaces: u32,
    /// Requests of the last seven days.
    pub requests: u64,
}

impl Impact {
    /// Whether switching off needs that the breaks are accepted.
    pub fn breaks(&self) -> bool {
        self.dependents.iter().any(|dependent| dependent.breaks)
    }
}

/// Answer of whatever can be undone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Changed {
    /// How many resources or settings are different now.
    pub changes: u32,
    /// Names the change to `change_undo`; absent where nothing changed.
    pub undo: Option<AuditEventId>,
}
