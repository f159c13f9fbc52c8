//! What can be asked: a range, a metric, what it is grouped by, and which calls it is about.

use serde::{Deserialize, Serialize};

/// What stands for the calls that name no space, no member and so on.
pub const UNALLOCATED: &str = "none";

/// What calls are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    Space,
    Member,
    Assistant,
    Model,
    /// What stands before the first `/` of the model.
    Provider,
    Key,
}

impl Dimension {
    pub const ALL: [Self; 6] = [Self::Space, Self::Member, Self::Assistant, Self::Model, Self::Provider, Self::Key];

    /// The name in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Space => "space",
            Self::Member => "member",
            Self::Assistant => "assistant",
            Self::Model => "model",
            Self::Provider => "provider",
            Self::Key => "key",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dimension| dimension.as_str() == text)
    }
}

/// The provider of a model.
pub fn provider_of(model: &str) -> &str {
    model.split_once('/').map_or("", |(provider, _)| provider)
}

/// What is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Micro-dollars, with up to three decimals.
    #[default]
    Cost,
    Calls,
    /// Prompt and completion together.
    Tokens,
    /// Milliseconds that half of the calls took at most.
    LatencyP50,
    LatencyP95,
    /// Calls that failed.
    Errors,
}

impl Metric {
    pub const ALL: [Self; 6] = [Self::Cost, Self::Calls, Self::Tokens, Self::LatencyP50, Self::LatencyP95, Self::Errors];

    /// The name in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cost => "cost",
            Self::Calls => "calls",
            Self::Tokens => "tokens",
            Self::LatencyP50 => "latency_p50",
            Self::LatencyP95 => "latency_p95",
            Self::Errors => "errors",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.as_str() == text)
    }

    /// Whether the values of groups add up to that of all; those of latencies do not.
    pub fn adds_up(self) -> bool {
        !matches!(self, Self::LatencyP50 | Self::LatencyP95)
    }
}

/// How long a bucket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Granularity {
    /// Only as far back as single calls are kept.
    Minute,
    Hour,
    Day,
    /// From Monday.
    Week,
    Month,
}

impl Granularity {
    pub const ALL: [Self; 5] = [Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month];

    /// The name in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|granularity| granularity.as_str() == text)
    }

    /// The lengths that make sense for a range, in milliseconds: at least two buckets, and not more than [`BUCKETS_MAX`].
    pub fn sensible(length: i64) -> Vec<Self> {
        const MINUTE: i64 = 60_000;
        const HOUR: i64 = 60 * MINUTE;
        const DAY: i64 = 24 * HOUR;
        // The longest range of each, a little below the most buckets: an hour more in autumn still fits.
        let fits = |granularity: &Self| match granularity {
            Self::Minute => length <= 6 * HOUR,
            Self::Hour => (2 * HOUR..=15 * DAY).contains(&length),
            Self::Day => (2 * DAY - HOUR..=398 * DAY).contains(&length),
            Self::Week => (14 * DAY..=2000 * DAY).contains(&length),
            Self::Month => length >= 45 * DAY,
        };
        let sensible: Vec<Self> = Self::ALL.into_iter().filter(fits).collect();
        if sensible.is_empty() { vec![Self::Hour] } else { sensible }
    }

    /// The one that shows a range best where nobody chose.
    pub fn usual(length: i64) -> Self {
        const DAY: i64 = 86_400_000;
        match length {
            length if length <= 7_200_000 => Self::Minute,
            length if length <= 3 * DAY => Self::Hour,
            length if length <= 100 * DAY => Self::Day,
            length if length <= 400 * DAY => Self::Week,
            _ => Self::Month,
        }
    }
}

/// From when to when, in the organization's reporting time zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Range {
    /// This hour and the one before, moving on.
    Hours2,
    /// The 24 hours before now, moving on.
    Hours24,
    Days7,
    /// Today and the 29 days before.
    #[default]
    Days30,
    Days90,
    ThisMonth,
    LastMonth,
    Months12,
    /// From the first to the last day, both included, as `2026-11-01`; or from a moment to before another,
    /// as `2026-11-01T09:15`, on a quarter of an hour.
    Span(String, String),
}

impl Range {
    /// The ranges that have names.
    pub const NAMED: [(Self, &'static str); 8] = [
        (Self::Hours2, "2h"),
        (Self::Hours24, "24h"),
        (Self::Days7, "7d"),
        (Self::Days30, "30d"),
        (Self::Days90, "90d"),
        (Self::ThisMonth, "this-month"),
        (Self::LastMonth, "last-month"),
        (Self::Months12, "12m"),
    ];

    /// As it stands in addresses: a name, `2026-11-01..2026-11-20` or `2026-11-01T09:15..2026-11-01T10:00`.
    pub fn text(&self) -> String {
        if let Self::Span(from, to) = self {
            return format!("{from}..{to}");
        }
        let named = Self::NAMED.into_iter().find(|(range, _)| range == self);
        named.map_or_else(String::new, |(_, name)| name.to_owned())
    }

    pub fn parse(text: &str) -> Option<Self> {
        let named = Self::NAMED.into_iter().find(|(_, name)| *name == text).map(|(range, _)| range);
        named.or_else(|| {
            let (from, to) = text.split_once("..")?;
            let days = is_day(from) && is_day(to) && from <= to;
            let moments = is_moment(from) && is_moment(to) && from < to;
            (days || moments).then(|| Self::Span(from.to_owned(), to.to_owned()))
        })
    }
}

/// Whether a text is a day as `2026-11-01`, as far as can be seen without a calendar.
pub fn is_day(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut number = |length: usize, range: std::ops::RangeInclusive<u16>| {
        let part = parts.next().filter(|part| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit()));
        part.and_then(|part| part.parse().ok()).is_some_and(|number| range.contains(&number))
    };
    number(4, 2000..=2200) && number(2, 1..=12) && number(2, 1..=31) && parts.next().is_none()
}

/// Whether a text is a moment as `2026-11-01T09:15`, on a quarter of an hour.
pub fn is_moment(text: &str) -> bool {
    let Some((day, time)) = text.split_once('T') else { return false };
    let hour = |hour: &str| hour.len() == 2 && hour.parse::<u8>().is_ok_and(|hour| hour < 24);
    is_day(day) && time.split_once(':').is_some_and(|(h, m)| hour(h) && ["00", "15", "30", "45"].contains(&m))
}

/// The question of a `usage_read`. The same text stands in the page's address and in the request's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct UsageQuery {
    pub range: Range,
    pub metric: Metric,
    /// Without one, all together.
    pub group: Option<Dimension>,
    /// Without one, the usual for the range.
    pub granularity: Option<Granularity>,
    /// Only these: of each dimension any of its values; [`UNALLOCATED`] for those that name none.
    pub filters: Vec<(Dimension, Vec<String>)>,
    /// The same length of time before as well.
    pub compare: bool,
}

impl UsageQuery {
    /// The names of the parameters.
    pub const PARAMETERS: [&'static str; 11] =
        ["range", "metric", "group", "granularity", "compare", "space", "member", "assistant", "model", "provider", "key"];

    /// Reads what it can; what cannot be read is left at its default.
    pub fn read(parameter: impl Fn(&str) -> Option<String>) -> Self {
        let filter = |dimension: Dimension| {
            let values = parameter(dimension.as_str())?;
            let values: Vec<String> = values.split(',').filter(|value| !value.is_empty()).map(str::to_owned).collect();
            (!values.is_empty()).then_some((dimension, values))
        };
        Self {
            range: parameter("range").and_then(|text| Range::parse(&text)).unwrap_or_default(),
            metric: parameter("metric").and_then(|text| Metric::parse(&text)).unwrap_or_default(),
            group: parameter("group").and_then(|text| Dimension::parse(&text)),
            granularity: parameter("granularity").and_then(|text| Granularity::parse(&text)),
            filters: Dimension::ALL.into_iter().filter_map(filter).collect(),
            compare: parameter("compare").is_some_and(|text| text == "true"),
        }
    }

    /// The parameters that say something else than the default.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        if self.range != Range::default() {
            pairs.push(("range", self.range.text()));
        }
        if self.metric != Metric::default() {
            pairs.push(("metric", self.metric.as_str().to_owned()));
        }
        pairs.extend(self.group.map(|group| ("group", group.as_str().to_owned())));
        pairs.extend(self.granularity.map(|granularity| ("granularity", granularity.as_str().to_owned())));
        if self.compare {
            pairs.push(("compare", "true".to_owned()));
        }
        pairs.extend(self.filters.iter().map(|(dimension, values)| (dimension.as_str(), values.join(","))));
        pairs
    }

    /// The values that are asked for in a dimension.
    pub fn filter(&self, dimension: Dimension) -> Option<&[String]> {
        self.filters.iter().find(|(other, _)| *other == dimension).map(|(_, values)| values.as_slice())
    }

    /// Asks for these values only; for any with none.
    pub fn set_filter(&mut self, dimension: Dimension, values: Vec<String>) {
        self.filters.retain(|(other, _)| *other != dimension);
        if !values.is_empty() {
            self.filters.push((dimension, values));
            self.filters.sort_by_key(|(dimension, _)| *dimension);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn days_and_ranges_by_example() {
        assert!(is_day("2026-11-01") && !is_day("2026-13-01") && !is_day("2026-1-01") && !is_day("2026-11-01-1"));
        assert_eq!(Range::parse("2026-11-01..2026-11-20"), Some(Range::Span("2026-11-01".into(), "2026-11-20".into())));
        assert_eq!(Range::parse("2026-11-20..2026-11-01"), None);
        assert!(is_moment("2026-11-01T09:15") && !is_moment("2026-11-01T24:00") && !is_moment("2026-11-01T09:10"));
        assert!(Range::parse("2026-11-01T09:15..2026-11-01T10:00").is_some());
        assert_eq!(Range::parse("2026-11-01..2026-11-01T10:00"), None);
        for (range, name) in Range::NAMED {
            assert_eq!(Range::parse(name), Some(range.clone()));
            assert_eq!(range.text(), name);
        }
    }

    proptest! {
        #[test]
        fn a_question_is_read_as_it_was_written(
            range in 0..10_usize, metric in 0..6_usize, group in 0..7_usize, granularity in 0..6_usize, compare: bool,
            filters in proptest::collection::btree_map(0..6_usize, proptest::collection::vec("[a-z/0-9_.-]{1,12}", 1..4), 0..4),
        ) {
            let query = UsageQuery {
                range: Range::NAMED.get(range).map_or_else(|| Range::Span("2026-02-28".into(), "2026-03-01".into()), |(range, _)| range.clone()),
                metric: Metric::ALL[metric],
                group: Dimension::ALL.get(group).copied(),
                granularity: Granularity::ALL.get(granularity).copied(),
                filters: filters.into_iter().map(|(place, values)| (Dimension::ALL[place], values)).collect(),
                compare,
            };
            let pairs = query.pairs();
            let read = UsageQuery::read(|name| pairs.iter().find(|(other, _)| *other == name).map(|(_, value)| value.clone()));
            prop_assert_eq!(read, query);
            prop_assert!(pairs.iter().all(|(name, _)| UsageQuery::PARAMETERS.contains(name)));
        }
    }
}
