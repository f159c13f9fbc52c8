//! Models: the catalogue, what an organization made of it, and who depends on one.

use crate::resource::RecentUse;
use crate::validation::{self, Rule};
use crate::{Level, Timestamp};
use serde::{Deserialize, Serialize};

/// Most models that an organization adds by itself.
pub const OWN_MODELS_MAX: usize = 200;
/// Most that a million tokens can cost, in micro-dollars: a dollar a token.
pub const PRICE_MAX: i64 = 1_000_000_000_000;
/// What the identifiers of an organization's own models start with.
pub const OWN_PREFIX: &str = "own/";

/// What a model costs and can do.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelFacts {
    /// `provider/name`, as requests name it.
    pub id: String,
    pub provider: String,
    /// Tokens that a request and its answer may have together; absent where the provider does not say.
    pub context_window: Option<u32>,
    pub max_output_tokens: Option<u32>,
    /// Micro-dollars for a million tokens that go in.
    pub input_price: i64,
    /// Micro-dollars for a million tokens that come out.
    pub output_price: i64,
    pub vision: bool,
    pub functions: bool,
    pub json_schema: bool,
    /// The day (midnight, UTC) from which the provider no longer serves it, past or ahead.
    pub deprecated_on: Option<Timestamp>,
}

/// A model as an organization has it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Model {
    #[serde(flatten)]
    pub facts: ModelFacts,
    /// Added by the organization itself.
    pub own: bool,
    pub enabled: bool,
    /// What the caller may do with it.
    pub level: Level,
    /// Routers, assistants, spaces and defaults that name it.
    pub dependents: u32,
    /// For those who may see what the organization used.
    pub usage: Option<RecentUse>,
}

/// Answer of `model_list`: all of them, by identifier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelList {
    pub total: u32,
    pub models: Vec<Model>,
}

/// Body of `model_create`: a model of the organization's own, enabled from the start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ModelCreate {
    /// Becomes `own/name`: lower-case letters, digits, `.`, `-` and `_`.
    #[cfg_attr(feature = "schema", schemars(extend("minLength" = 1, "maxLength" = crate::validation::NAME_MAX, "pattern" = crate::schema::OWN_MODEL)))]
    pub name: String,
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = 1)))]
    pub context_window: u32,
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = 1)))]
    pub max_output_tokens: u32,
    /// Micro-dollars for a million tokens that go in.
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = 0, "maximum" = PRICE_MAX)))]
    pub input_price: i64,
    /// Micro-dollars for a million tokens that come out.
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = 0, "maximum" = PRICE_MAX)))]
    pub output_price: i64,
    #[serde(default)]
    pub vision: bool,
    #[serde(default)]
    pub functions: bool,
    #[serde(default)]
    pub json_schema: bool,
}

/// The name of an own model as it is kept.
///
/// # Errors
/// Empty, longer than 80 characters, or with other characters than the ones allowed.
pub fn own_name(text: &str) -> Result<String, Rule> {
    let text = text.trim();
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_');
    match text.chars().count() {
        0 => Err(Rule::Required),
        count if count > validation::NAME_MAX => Err(Rule::TooLong),
        _ if text.chars().all(fits) => Ok(text.to_owned()),
        _ => Err(Rule::ModelNameMalformed),
    }
}

/// What becomes of a model that is new in the catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum NewModels {
    #[default]
    Enabled,
    Disabled,
    /// Enabled if it is from one of the providers (any, if none is named) and no dearer than the ceiling.
    Matching {
        providers: Vec<String>,
        /// Micro-dollars for a million tokens that come out.
        output_price_max: Option<i64>,
    },
}

impl NewModels {
    /// Whether a model that is new starts enabled.
    pub fn enables(&self, model: &ModelFacts) -> bool {
        match self {
            Self::Enabled => true,
            Self::Disabled => false,
            Self::Matching { providers, output_price_max } => {
                (providers.is_empty() || providers.contains(&model.provider))
                    && output_price_max.is_none_or(|most| model.output_price <= most)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(provider: &str, output_price: i64) -> ModelFacts {
        ModelFacts {
            id: format!("{provider}/m"),
            provider: provider.to_owned(),
            context_window: Some(1000),
            max_output_tokens: None,
            input_price: 1,
            output_price,
            vision: false,
            functions: false,
            json_schema: false,
            deprecated_on: None,
        }
    }

    #[test]
    fn a_rule_by_provider_and_ceiling_asks_for_both() {
        let rule = NewModels::Matching { providers: vec!["openai".to_owned()], output_price_max: Some(10) };
        assert!(rule.enables(&model("openai", 10)));
        assert!(!rule.enables(&model("openai", 11)));
        assert!(!rule.enables(&model("mistral", 1)));
        let any = NewModels::Matching { providers: Vec::new(), output_price_max: None };
        assert!(any.enables(&model("mistral", 1_000)));
    }

    #[test]
    fn names_of_own_models_by_example() {
        assert_eq!(own_name(" llama-3.1_ours "), Ok("llama-3.1_ours".to_owned()));
        assert_eq!(own_name(""), Err(Rule::Required));
        assert_eq!(own_name("a/b"), Err(Rule::ModelNameMalformed));
        assert_eq!(own_name("Llama"), Err(Rule::ModelNameMalformed));
    }
}
