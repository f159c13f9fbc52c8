//! Assistants: a name, instructions, a model and tools, ready to be talked to.

use crate::resource::Level;
use crate::resource::RecentUse;
use crate::validation::{self, Rule};
use crate::{AssistantId, SpaceId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// Most assistants of an organization.
pub const ASSISTANTS_MAX: usize = 5000;
/// Most tools of an assistant, and most spaces that it is limited to.
pub const ASSISTANT_LINKS_MAX: usize = 200;
/// Longest instructions, in characters.
pub const INSTRUCTIONS_MAX: usize = 8000;

/// Who may find an assistant (`pulze-product.md`, section 7c).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AssistantVisibility {
    /// Anybody, other organizations included.
    Public,
    #[default]
    Organization,
    /// Its owner, the admins, and whoever was given a level.
    Private,
}

impl AssistantVisibility {
    pub const ALL: [Self; 3] = [Self::Organization, Self::Private, Self::Public];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Organization => "organization",
            Self::Private => "private",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|visibility| visibility.as_str() == text)
    }
}

/// Body of `assistant_create`, and what an assistant consists of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AssistantContent {
    #[cfg_attr(feature = "schema", schemars(extend("minLength" = 1, "maxLength" = crate::validation::NAME_MAX, "pattern" = crate::schema::NAME)))]
    pub name: String,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("maxLength" = crate::validation::DESCRIPTION_MAX, "pattern" = crate::schema::TEXT)))]
    pub description: String,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("maxLength" = INSTRUCTIONS_MAX, "pattern" = crate::schema::TEXT)))]
    pub instructions: String,
    /// An https address; empty for the initials.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("maxLength" = crate::validation::URL_MAX, "pattern" = crate::schema::PICTURE)))]
    pub avatar_url: String,
    #[serde(default)]
    pub visibility: AssistantVisibility,
    /// Absent: the router of the space chooses.
    #[serde(default)]
    pub model: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("maxItems" = ASSISTANT_LINKS_MAX, "uniqueItems" = true)))]
    pub tools: Vec<String>,
    /// Where it is available; absent: in every space.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("minItems" = 1, "maxItems" = ASSISTANT_LINKS_MAX, "uniqueItems" = true)))]
    pub spaces: Option<Vec<SpaceId>>,
}

impl AssistantContent {
    /// The content as it is kept, or the fields that are wrong. Whether model, tools and spaces exist
    /// is for the server to see.
    ///
    /// # Errors
    /// The field and its rule, one each.
    pub fn check(&self) -> Result<Self, Vec<(&'static str, Rule)>> {
        let mut errors = Vec::new();
        let mut keep = |field, checked| validation::keep(&mut errors, field, checked);
        let name = keep("name", validation::name(&self.name));
        let description = keep("description", validation::description(&self.description));
        let instructions = keep("instructions", validation::text(&self.instructions, INSTRUCTIONS_MAX));
        let avatar_url = keep("avatar_url", validation::logo_url(&self.avatar_url).map(Option::unwrap_or_default));
        if self.tools.len() > ASSISTANT_LINKS_MAX {
            errors.push(("tools", Rule::TooMany));
        }
        match &self.spaces {
            Some(spaces) if spaces.is_empty() => errors.push(("spaces", Rule::Required)),
            Some(spaces) if spaces.len() > ASSISTANT_LINKS_MAX => errors.push(("spaces", Rule::TooMany)),
            _ => {}
        }
        if errors.is_empty() { Ok(Self { name, description, instructions, avatar_url, ..self.clone() }) } else { Err(errors) }
    }

    /// Whether it can be talked to in a space.
    pub fn is_in(&self, space: &SpaceId) -> bool {
        self.spaces.as_ref().is_none_or(|spaces| spaces.contains(space))
    }
}

/// Body of `assistant_update`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AssistantUpdate {
    pub content: AssistantContent,
    /// A member who owns it from now on; absent: nothing changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<UserId>,
}

/// An assistant as a line of the list.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AssistantSummary {
    pub id: AssistantId,
    pub name: String,
    pub avatar_url: String,
    pub visibility: AssistantVisibility,
    pub model: Option<String>,
    /// How many tools it has.
    pub tools: u32,
    /// In how many spaces it is available; absent: in all.
    pub spaces: Option<u32>,
    pub owner_id: UserId,
    /// Name of the owner; empty for one who left.
    pub owner: String,
    pub enabled: bool,
    /// What the caller may do with it.
    pub level: Level,
    /// For those who may see what the organization used.
    pub usage: Option<RecentUse>,
}

/// Answer of `assistant_list`: those that the caller may see, by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AssistantList {
    pub total: u32,
    pub assistants: Vec<AssistantSummary>,
}

/// Answer of `assistant_read`, `assistant_create` and `assistant_update`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Assistant {
    pub id: AssistantId,
    pub content: AssistantContent,
    pub owner_id: UserId,
    /// Name of the owner; empty for one who left.
    pub owner: String,
    pub enabled: bool,
    pub level: Level,
    pub created_at: Timestamp,
    /// Counts changes; the entity tag of the assistant.
    pub version: i64,
    /// For those who may see what the organization used.
    pub usage: Option<RecentUse>,
    /// Spaces that asked it within the last 30 days and that the caller can enter, most first; for the same people.
    pub used_in: Vec<SpaceUse>,
}

/// How often something was asked in a space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SpaceUse {
    pub space_id: SpaceId,
    pub name: String,
    pub requests: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_by_example() {
        let good = AssistantContent { name: " Ask  us ".to_owned(), ..AssistantContent::default() };
        assert_eq!(good.check().map(|kept| kept.name), Ok("Ask us".to_owned()));
        let bad = AssistantContent {
            avatar_url: "http://x".to_owned(),
            instructions: "x".repeat(INSTRUCTIONS_MAX + 1),
            spaces: Some(Vec::new()),
            ..AssistantContent::default()
        };
        let fields: Vec<_> = bad.check().err().unwrap_or_default().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["name", "instructions", "avatar_url", "spaces"]);
    }
}
