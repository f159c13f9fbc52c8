//! Which models are shown and in which order: what stands in the address.

use pulze_contract::model::Model;
use std::cmp::Ordering;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelQuery {
    pub search: String,
    pub provider: String,
    /// `enabled`, `disabled` or nothing.
    pub state: String,
    /// `vision`, `functions`, `json_schema` or nothing.
    pub can: String,
    /// `deprecated`, `unused`, `used` or nothing.
    pub life: String,
    /// Dollars for a million tokens that come out: the most (`5`), from and to (`5-15`), the least (`30-`), or nothing for any.
    pub price: String,
    pub sort: Sort,
    pub descending: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    #[default]
    Name,
    Context,
    InputPrice,
    OutputPrice,
    Requests,
    Cost,
}

impl Sort {
    pub const ALL: [Self; 6] = [Self::Name, Self::Context, Self::InputPrice, Self::OutputPrice, Self::Requests, Self::Cost];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Context => "context",
            Self::InputPrice => "input",
            Self::OutputPrice => "output",
            Self::Requests => "requests",
            Self::Cost => "cost",
        }
    }

    fn compare(self, one: &Model, other: &Model) -> Ordering {
        let number = |model: &Model| match self {
            Self::Name => 0,
            Self::Context => i64::from(model.facts.context_window.unwrap_or(0)),
            Self::InputPrice => model.facts.input_price,
            Self::OutputPrice => model.facts.output_price,
            Self::Requests => i64::try_from(model.usage.unwrap_or_default().requests).unwrap_or(i64::MAX),
            Self::Cost => model.usage.unwrap_or_default().cost.as_nano(),
        };
        number(one).cmp(&number(other))
    }
}

impl ModelQuery {
    pub fn read(parameter: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| parameter(name).unwrap_or_default();
        let sort = text("sort");
        Self {
            search: text("search"),
            provider: text("provider"),
            state: text("state"),
            can: text("can"),
            life: text("life"),
            price: text("price"),
            sort: Sort::ALL.into_iter().find(|known| known.as_str() == sort).unwrap_or_default(),
            descending: text("order") == "descending",
        }
    }

    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let sort = if self.sort == Sort::default() { "" } else { self.sort.as_str() };
        let order = if self.descending { "descending" } else { "" };
        let all = [
            ("search", self.search.as_str()),
            ("provider", &self.provider),
            ("state", &self.state),
            ("can", &self.can),
            ("life", &self.life),
            ("price", &self.price),
            ("sort", sort),
            ("order", order),
        ];
        all.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name, value.to_owned())).collect()
    }

    /// Whether anything but the order is asked for.
    pub fn filters(&self) -> bool {
        self.pairs().iter().any(|(name, _)| !matches!(*name, "sort" | "order"))
    }

    /// The models that fit, in the order that is asked for; where it leaves two equal, by identifier.
    pub fn fitting(&self, models: &[Model]) -> Vec<Model> {
        let search = self.search.to_ascii_lowercase();
        let (least, most) = self.price.split_once('-').unwrap_or(("", &self.price));
        let micro_dollars = |dollars: &str| dollars.parse::<i64>().ok().map(|dollars| dollars * 1_000_000);
        let (least, most) = (micro_dollars(least), micro_dollars(most));
        let fits = |model: &&Model| {
            let facts = &model.facts;
            facts.id.to_ascii_lowercase().contains(&search)
                && (self.provider.is_empty() || facts.provider == self.provider)
                && match self.state.as_str() {
                    "enabled" => model.enabled,
                    "disabled" => !model.enabled,
                    _ => true,
                }
                && match self.can.as_str() {
                    "vision" => facts.vision,
                    "functions" => facts.functions,
                    "json_schema" => facts.json_schema,
                    _ => true,
                }
                && match self.life.as_str() {
                    "deprecated" => facts.deprecated_on.is_some(),
                    "unused" => model.usage.is_some_and(|usage| usage.requests == 0),
                    "used" => model.usage.is_some_and(|usage| usage.requests > 0) || model.dependents > 0,
                    _ => true,
                }
                && least.is_none_or(|least| facts.output_price >= least)
                && most.is_none_or(|most| facts.output_price <= most)
        };
        let mut fitting: Vec<Model> = models.iter().filter(fits).cloned().collect();
        fitting.sort_by(|one, other| {
            let order = self.sort.compare(one, other);
            let by_name = one.facts.id.cmp(&other.facts.id);
            match (self.sort, self.descending) {
                (Sort::Name, true) => by_name.reverse(),
                (_, true) => order.reverse().then(by_name),
                (_, false) => order.then(by_name),
            }
        });
        fitting
    }
}
