//! What stands in the address of the page: the question, and how its answer is shown.

use crate::charts::chart::Kind;
use pulze_contract::usage::{Metric, UsageQuery};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct PageQuery {
    pub usage: UsageQuery,
    pub chart: Kind,
    /// Whether the single calls are shown.
    pub calls: bool,
    /// Only those that failed.
    pub failed: bool,
    pub sort: Sort,
}

/// What the table is ordered by, most first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// What the chart shows.
    #[default]
    Metric,
    Name,
    Calls,
    Tokens,
    Cost,
    Change,
}

impl Sort {
    const ALL: [Self; 6] = [Self::Metric, Self::Name, Self::Calls, Self::Tokens, Self::Cost, Self::Change];

    fn as_str(self) -> &'static str {
        match self {
            Self::Metric => "metric",
            Self::Name => "name",
            Self::Calls => "calls",
            Self::Tokens => "tokens",
            Self::Cost => "cost",
            Self::Change => "change",
        }
    }
}

const CHARTS: [(Kind, &str); 3] = [(Kind::Columns, "columns"), (Kind::Lines, "lines"), (Kind::Cumulative, "cumulative")];

/// The name of a kind of chart in addresses.
pub fn chart_name(kind: Kind) -> &'static str {
    CHARTS.into_iter().find(|(other, _)| *other == kind).map_or("", |(_, name)| name)
}

pub fn chart_named(name: &str) -> Kind {
    CHARTS.into_iter().find(|(_, other)| *other == name).map(|(kind, _)| kind).unwrap_or_default()
}

impl PageQuery {
    pub fn read(parameter: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| parameter(name).unwrap_or_default();
        Self {
            chart: chart_named(&text("chart")),
            calls: text("calls") == "true",
            failed: text("failed") == "true",
            sort: Sort::ALL.into_iter().find(|sort| sort.as_str() == text("sort")).unwrap_or_default(),
            usage: UsageQuery::read(parameter),
        }
    }

    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = self.usage.pairs();
        let flag = |on: bool| if on { "true" } else { "" };
        let chart = if self.chart == Kind::default() { "" } else { chart_name(self.chart) };
        let sort = if self.sort == Sort::default() { "" } else { self.sort.as_str() };
        let more = [("chart", chart), ("calls", flag(self.calls)), ("failed", flag(self.failed)), ("sort", sort)];
        pairs.extend(more.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name, value.to_owned())));
        pairs
    }

    /// How the chart is drawn: values that do not add up are never stacked nor summed.
    pub fn drawn(&self) -> Kind {
        if self.usage.metric.adds_up() { self.chart } else { Kind::Lines }
    }

    /// Another metric; the order of the table follows it.
    pub fn set_metric(&mut self, metric: Metric) {
        self.usage.metric = metric;
        self.sort = Sort::Metric;
    }
}
