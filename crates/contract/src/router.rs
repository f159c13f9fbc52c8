//! Routers: how a request finds its model.
//!
//! Managed routers are Pulze's own and come in versions; custom ones are made by editors and admins.

use crate::validation::{self, Rule};
use crate::{Level, RouterId, Timestamp};
use serde::{Deserialize, Serialize};

/// Most custom routers of an organization, archived ones included.
pub const ROUTERS_MAX: usize = 500;
/// Most models that a router chooses from or tries.
pub const ROUTER_MODELS_MAX: usize = 50;
/// Most attempts after the first.
pub const RETRIES_MAX: u32 = 5;

/// A router that Pulze manages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Managed {
    /// As requests and settings name it.
    pub id: &'static str,
    /// Whether it is on before somebody decides.
    pub enabled: bool,
}

/// The versions of the managed router, oldest first. The first one is always on: everything falls
/// back to it (`pulze-product.md`, section 7b).
pub const MANAGED: [Managed; 2] = [Managed { id: "pulze-v0.1", enabled: true }, Managed { id: "pulze-v1.0", enabled: false }];

/// The router that everything falls back to.
pub const LAST_RESORT: &str = MANAGED[0].id;

/// How a router chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum Strategy {
    /// The best answer for the question, by the routing model.
    BestQuality,
    LowestCost,
    Fastest,
    /// Between the three: only the proportions count.
    Weighted {
        quality: u8,
        cost: u8,
        speed: u8,
    },
    /// One after the other, in the order of the models.
    Failover,
    /// Always the one model.
    Fixed,
}

impl Strategy {
    /// Whether the models are candidates to choose from, so that none named means all.
    pub fn chooses(self) -> bool {
        !matches!(self, Self::Failover | Self::Fixed)
    }

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BestQuality => "best_quality",
            Self::LowestCost => "lowest_cost",
            Self::Fastest => "fastest",
            Self::Weighted { .. } => "weighted",
            Self::Failover => "failover",
            Self::Fixed => "fixed",
        }
    }
}

/// Body of `router_create`, and what a custom router consists of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RouterContent {
    #[cfg_attr(feature = "schema", schemars(extend("minLength" = 1, "maxLength" = crate::validation::NAME_MAX, "pattern" = crate::schema::NAME)))]
    pub name: String,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("maxLength" = crate::validation::DESCRIPTION_MAX, "pattern" = crate::schema::TEXT)))]
    pub description: String,
    pub strategy: Strategy,
    /// Candidates, the chain in its order, or the one model, by the strategy.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("maxItems" = ROUTER_MODELS_MAX, "uniqueItems" = true)))]
    pub models: Vec<String>,
    /// Micro-dollars that one request may cost at most.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = 1)))]
    pub max_cost: Option<i64>,
    /// Attempts after the first with the same model.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("maximum" = RETRIES_MAX)))]
    pub retries: u32,
    /// The router to go to when no model answered; absent: the one that everything falls back to.
    #[serde(default)]
    pub fallback: Option<String>,
}

impl RouterContent {
    /// The content as it is kept, or the fields that are wrong. Whether models and fallback exist,
    /// and whether fallbacks go in a circle, is for the server to see.
    ///
    /// # Errors
    /// The field and its rule, one each.
    pub fn check(&self) -> Result<Self, Vec<(&'static str, Rule)>> {
        let mut errors = Vec::new();
        let mut keep = |field, checked| validation::keep(&mut errors, field, checked);
        let name = keep("name", validation::name(&self.name));
        let description = keep("description", validation::description(&self.description));
        let models = match self.strategy {
            Strategy::Failover if self.models.is_empty() => Err(Rule::ChainEmpty),
            Strategy::Fixed if self.models.len() != 1 => Err(Rule::Required),
            _ if self.models.len() > ROUTER_MODELS_MAX => Err(Rule::TooLong),
            _ if has_twice(&self.models) => Err(Rule::Duplicate),
            _ => Ok(()),
        };
        errors.extend(models.err().map(|rule| ("models", rule)));
        if matches!(self.strategy, Strategy::Weighted { quality: 0, cost: 0, speed: 0 }) {
            errors.push(("strategy", Rule::WeightsZero));
        }
        if self.max_cost.is_some_and(|cost| cost <= 0) {
            errors.push(("max_cost", Rule::NotPositive));
        }
        if self.retries > RETRIES_MAX {
            errors.push(("retries", Rule::TooMany));
        }
        if errors.is_empty() { Ok(Self { name, description, ..self.clone() }) } else { Err(errors) }
    }
}

fn has_twice(texts: &[String]) -> bool {
    texts.iter().enumerate().any(|(place, text)| texts[..place].contains(text))
}

/// What a router did in the last 30 days.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Performance {
    pub requests: u64,
    /// Requests that no model answered.
    pub failures: u64,
    pub cost: crate::money::Money,
    /// Milliseconds that half of the requests took at most; absent without requests.
    pub latency_p50: Option<u32>,
    /// Milliseconds that 95 of 100 requests took at most.
    pub latency_p95: Option<u32>,
    /// Models and the requests that they answered, most first, at most ten.
    pub models: Vec<ModelShare>,
}

/// How often a router chose a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelShare {
    pub model: String,
    pub requests: u64,
}

/// A custom router beside its identifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CustomRouter {
    #[serde(flatten)]
    pub content: RouterContent,
    pub created_by: String,
    pub created_at: Timestamp,
    pub archived: bool,
    /// Counts changes; the entity tag of the router.
    pub version: i64,
}

/// A router of an organization.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Router {
    /// A [`RouterId`], or the identifier of a managed one.
    pub id: String,
    pub enabled: bool,
    /// What the caller may do with it.
    pub level: Level,
    /// Whether it is the organization's default.
    pub default: bool,
    /// Absent for one that Pulze manages.
    pub custom: Option<CustomRouter>,
    /// Defaults, spaces and routers that name it.
    pub dependents: u32,
    /// Spaces where requests go by it now.
    pub spaces: u32,
    /// For those who may see what the organization used.
    pub performance: Option<Performance>,
}

impl Router {
    /// The name to show: a managed router is called by its identifier.
    pub fn name(&self) -> &str {
        self.custom.as_ref().map_or(&self.id, |custom| &custom.content.name)
    }

    /// Whether requests may go by it.
    pub fn usable(&self) -> bool {
        self.enabled && self.custom.as_ref().is_none_or(|custom| !custom.archived)
    }
}

/// Answer of `router_list`: managed ones first, then by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RouterList {
    pub total: u32,
    pub routers: Vec<Router>,
}

/// Body of `router_update`: the whole content, and whether it is put away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RouterUpdate {
    pub content: RouterContent,
    #[serde(default)]
    pub archived: bool,
}

/// Whether a text can name a router: a managed one, or a custom one by its form.
pub fn names_router(text: &str) -> bool {
    MANAGED.iter().any(|managed| managed.id == text) || RouterId::parse(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(strategy: Strategy, models: &[&str]) -> RouterContent {
        RouterContent {
            name: " Our  router ".to_owned(),
            description: String::new(),
            strategy,
            models: models.iter().map(|model| (*model).to_owned()).collect(),
            max_cost: None,
            retries: 0,
            fallback: None,
        }
    }

    #[test]
    fn contents_by_example() {
        let kept = content(Strategy::Failover, &["a/b", "c/d"]).check();
        assert_eq!(kept.map(|kept| kept.name), Ok("Our router".to_owned()));
        assert!(content(Strategy::BestQuality, &[]).check().is_ok());
        let rules = |content: RouterContent| content.check().err().unwrap_or_default();
        assert_eq!(rules(content(Strategy::Failover, &[])), [("models", Rule::ChainEmpty)]);
        assert_eq!(rules(content(Strategy::Fixed, &["a/b", "c/d"])), [("models", Rule::Required)]);
        assert_eq!(rules(content(Strategy::Failover, &["a/b", "a/b"])), [("models", Rule::Duplicate)]);
        let weights = Strategy::Weighted { quality: 0, cost: 0, speed: 0 };
        assert_eq!(rules(content(weights, &[])), [("strategy", Rule::WeightsZero)]);
        let dear = RouterContent { max_cost: Some(0), retries: 6, ..content(Strategy::Fastest, &[]) };
        assert_eq!(rules(dear), [("max_cost", Rule::NotPositive), ("retries", Rule::TooMany)]);
    }
}
