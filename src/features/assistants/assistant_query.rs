//! Which assistants are shown and in which order: what stands in the address.

use pulze_contract::UserId;
use pulze_contract::assistant::AssistantSummary;
use std::cmp::Reverse;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AssistantQuery {
    pub search: String,
    /// `enabled`, `disabled` or nothing.
    pub state: String,
    /// `organization`, `private`, `public` or nothing.
    pub visibility: String,
    /// `me`, `none` or nothing.
    pub owner: String,
    /// `used`, `unused` or nothing.
    pub life: String,
    pub sort: Sort,
    pub descending: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    #[default]
    Name,
    Owner,
    Requests,
    Cost,
}

impl Sort {
    pub const ALL: [Self; 4] = [Self::Name, Self::Owner, Self::Requests, Self::Cost];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Owner => "owner",
            Self::Requests => "requests",
            Self::Cost => "cost",
        }
    }

    /// Whether the column holds numbers, of which the largest are what is looked for first.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Requests | Self::Cost)
    }
}

impl AssistantQuery {
    pub fn read(parameter: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| parameter(name).unwrap_or_default();
        let sort = text("sort");
        Self {
            search: text("search"),
            state: text("state"),
            visibility: text("visibility"),
            owner: text("owner"),
            life: text("life"),
            sort: Sort::ALL.into_iter().find(|known| known.as_str() == sort).unwrap_or_default(),
            descending: text("order") == "descending",
        }
    }

    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let sort = if self.sort == Sort::default() { "" } else { self.sort.as_str() };
        let order = if self.descending { "descending" } else { "" };
        let all = [
            ("search", self.search.as_str()),
            ("state", &self.state),
            ("visibility", &self.visibility),
            ("owner", &self.owner),
            ("life", &self.life),
            ("sort", sort),
            ("order", order),
        ];
        all.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name, value.to_owned())).collect()
    }

    /// Whether anything but the order is asked for.
    pub fn filters(&self) -> bool {
        self.pairs().iter().any(|(name, _)| !matches!(*name, "sort" | "order"))
    }

    /// The assistants that fit, in the order that is asked for; they come by name.
    pub fn fitting(&self, assistants: &[AssistantSummary], me: Option<&UserId>) -> Vec<AssistantSummary> {
        let search = self.search.to_lowercase();
        let fits = |assistant: &&AssistantSummary| {
            let found = |text: &str| search.is_empty() || text.to_lowercase().contains(&search);
            (found(&assistant.name) || found(&assistant.owner))
                && match self.state.as_str() {
                    "enabled" => assistant.enabled,
                    "disabled" => !assistant.enabled,
                    _ => true,
                }
                && (self.visibility.is_empty() || assistant.visibility.as_str() == self.visibility)
                && match self.owner.as_str() {
                    "me" => Some(&assistant.owner_id) == me,
                    "none" => assistant.owner.is_empty(),
                    _ => true,
                }
                && match self.life.as_str() {
                    "used" => assistant.usage.is_some_and(|usage| usage.requests > 0),
                    "unused" => assistant.usage.is_some_and(|usage| usage.requests == 0),
                    _ => true,
                }
        };
        let mut fitting: Vec<AssistantSummary> = assistants.iter().filter(fits).cloned().collect();
        match (self.sort, self.descending) {
            (Sort::Name, false) => {}
            (Sort::Name, true) => fitting.reverse(),
            (Sort::Owner, false) => fitting.sort_by_cached_key(|assistant| assistant.owner.to_lowercase()),
            (Sort::Owner, true) => fitting.sort_by_cached_key(|assistant| Reverse(assistant.owner.to_lowercase())),
            (Sort::Requests, false) => fitting.sort_by_key(|assistant| assistant.usage.map(|usage| usage.requests)),
            (Sort::Requests, true) => fitting.sort_by_key(|assistant| Reverse(assistant.usage.map(|usage| usage.requests))),
            (Sort::Cost, false) => fitting.sort_by_key(|assistant| assistant.usage.map(|usage| usage.cost)),
            (Sort::Cost, true) => fitting.sort_by_key(|assistant| Reverse(assistant.usage.map(|usage| usage.cost))),
        }
        fitting
    }
}
