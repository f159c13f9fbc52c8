//! What an organization consists of, in numbers: the hierarchy of the documentation, counted.

use crate::{SpaceId, Timestamp};
use serde::{Deserialize, Serialize};

/// Most counts of one import.
pub const COUNTS_MAX: usize = 10_000;

/// Things that other parts of the platform own, and report the number of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Content {
    Conversations,
    Documents,
    Datasets,
    CustomData,
    ScheduledTasks,
}

impl Content {
    pub const ALL: [Self; 5] = [Self::Conversations, Self::Documents, Self::Datasets, Self::CustomData, Self::ScheduledTasks];

    /// The name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Conversations => "conversations",
            Self::Documents => "documents",
            Self::Datasets => "datasets",
            Self::CustomData => "custom_data",
            Self::ScheduledTasks => "scheduled_tasks",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|content| content.as_str() == text)
    }
}

/// How many of something there are in a space, or in the organization beside its spaces.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ContentCount {
    /// Absent: beside the spaces.
    #[serde(default)]
    pub space_id: Option<SpaceId>,
    pub content: Content,
    pub count: u32,
}

/// Body of `content_import`: these counts, in place of the ones before; what is absent stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ContentImport {
    /// At most [`COUNTS_MAX`].
    #[cfg_attr(feature = "schema", schemars(extend("minItems" = 1, "maxItems" = COUNTS_MAX)))]
    pub counts: Vec<ContentCount>,
}

/// Answer of `hierarchy_read`: numbers of what the caller may see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Hierarchy {
    /// Spaces in use that the caller can enter; everything within spaces is counted in these.
    pub spaces: u32,
    pub members: u32,
    /// Roles granted in those spaces.
    pub grants: u32,
    pub models_enabled: u32,
    pub models: u32,
    /// Routers that requests may go by.
    pub routers: u32,
    /// Assistants that are on and that the caller may see.
    pub assistants: u32,
    /// Tools that are on and that the caller may see.
    pub tools: u32,
    /// What was reported, each kind once; a kind that was never reported is absent.
    pub content: Vec<ContentTotal>,
    /// When something was reported last.
    pub reported_at: Option<Timestamp>,
}

/// How many of a kind there are together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContentTotal {
    pub content: Content,
    pub count: u64,
}

impl Hierarchy {
    /// How many of a kind there are; `None` for a kind that was never reported.
    pub fn of(&self, content: Content) -> Option<u64> {
        self.content.iter().find(|total| total.content == content).map(|total| total.count)
    }
}
