//! Usage: what gateways report, and what pages ask of it.
//!
//! Events are single calls. The server keeps them for a while and adds them up by quarter of an hour
//! and by day of the organization's reporting time zone; every question is answered from those sums.

use crate::validation::Rule;
use crate::{ApiKeyId, AssistantId, SpaceId, Timestamp, UsageViewId, UserId};
use serde::{Deserialize, Serialize};

/// Most events of one `usage_import`.
pub const EVENTS_MAX: usize = 5_000;
/// Most buckets of one answer.
pub const BUCKETS_MAX: usize = 400;
/// Groups that are shown by themselves; the others are one rest.
pub const GROUPS_SHOWN: usize = 25;
/// Most rows of an exported file.
pub const EXPORT_ROWS_MAX: usize = 200_000;
/// Single calls of one page.
pub const CALLS_PAGE: u32 = 50;
/// Single calls of one picture.
pub const CALL_POINTS_MAX: u32 = 100_000;
/// Most tokens of one call, and most micro-dollars that it can cost: what is more is a mistake.
pub const AMOUNT_MAX: i64 = 1_000_000_000_000;
/// How far ahead of the server's clock an event may be, in milliseconds.
pub const AHEAD_MAX_MS: i64 = 60 * 60 * 1000;
/// Most views that a person keeps in an organization.
pub const VIEWS_MAX: usize = 50;

/// Upper bounds, in milliseconds, of the groups that latencies are counted in; a last group holds what took longer.
pub const LATENCY_BOUNDS: [u32; 14] = [100, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 7500, 10_000, 20_000, 60_000];
/// Groups of latencies.
pub const LATENCY_GROUPS: usize = LATENCY_BOUNDS.len() + 1;

/// One call, as a gateway reports it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UsageEvent {
    /// The gateway's own: 1 to 100 characters. Reported again under the same one, the event counts once.
    pub id: String,
    pub at: Timestamp,
    /// Absent where nobody knows; the call is then told as unallocated.
    #[serde(default)]
    pub space_id: Option<String>,
    #[serde(default)]
    pub member_id: Option<String>,
    #[serde(default)]
    pub assistant_id: Option<String>,
    /// As the catalogue names it, `provider/name`; others are taken too.
    pub model: String,
    #[serde(default)]
    pub router_id: Option<String>,
    #[serde(default)]
    pub api_key_id: Option<String>,
    /// Which secret of the key, from 1.
    #[serde(default)]
    pub api_key_version: Option<u32>,
    #[serde(default)]
    pub prompt_tokens: i64,
    #[serde(default)]
    pub completion_tokens: i64,
    /// Milliseconds until the answer was complete.
    #[serde(default)]
    pub latency: Option<i64>,
    /// As HTTP has it; 400 and above are failures. Absent: 200.
    #[serde(default)]
    pub status: Option<u16>,
    /// Micro-dollars, where the gateway knows; absent: by the catalogue's prices at that time.
    #[serde(default)]
    pub cost: Option<i64>,
    /// Identifiers of the tools that were used.
    #[serde(default)]
    pub tools: Vec<String>,
}

/// Body of `usage_import`: at most [`EVENTS_MAX`], in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UsageImport {
    pub events: Vec<UsageEvent>,
}

/// Why an event was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EventRefusal {
    /// A field is missing, unknown or of another type.
    Malformed,
    /// No identifier, or one of more than 100 characters.
    Id,
    /// Before 2000.
    Time,
    /// More than an hour ahead of the server's clock.
    TimeAhead,
    /// No model, or a name of more than 200 characters.
    Model,
    SpaceUnknown,
    MemberUnknown,
    AssistantUnknown,
    RouterUnknown,
    KeyUnknown,
    ToolUnknown,
    /// Less than nothing, or more than [`AMOUNT_MAX`].
    Amount,
    /// Not a status of HTTP.
    Status,
}

/// An event that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RefusedEvent {
    /// Its place in the batch, from 0.
    pub index: u32,
    pub id: String,
    pub reason: EventRefusal,
}

/// Answer of `usage_import`. The three numbers add up to the events of the batch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UsageReceipt {
    /// Counted now.
    pub accepted: u32,
    /// Reported before, or twice in the batch.
    pub duplicates: u32,
    pub refused: Vec<RefusedEvent>,
}

impl UsageEvent {
    /// What can be seen to be wrong without knowing the organization.
    ///
    /// # Errors
    /// The first reason.
    pub fn check(&self, now: Timestamp) -> Result<(), EventRefusal> {
        /// 2000-01-01.
        const EARLIEST: Timestamp = 946_684_800_000;
        let amount = |amount: i64| (0..=AMOUNT_MAX).contains(&amount);
        let length = |text: &str, most: usize| (1..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        let amounts = [Some(self.prompt_tokens), Some(self.completion_tokens), self.latency, self.cost];
        let rules = [
            (length(&self.id, 100), EventRefusal::Id),
            (self.at >= EARLIEST, EventRefusal::Time),
            (self.at <= now + AHEAD_MAX_MS, EventRefusal::TimeAhead),
            (length(&self.model, 200), EventRefusal::Model),
            (amounts.into_iter().flatten().all(amount), EventRefusal::Amount),
            (self.status.is_none_or(|status| (100..600).contains(&status)), EventRefusal::Status),
        ];
        rules.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, reason)| Err(reason))
    }
}

/// The cost of a call by prices in micro-dollars for a million tokens, rounded half up to micro-dollars.
pub fn cost(prompt_tokens: i64, completion_tokens: i64, input_price: i64, output_price: i64) -> i64 {
    let exact = i128::from(prompt_tokens) * i128::from(input_price) + i128::from(completion_tokens) * i128::from(output_price);
    i64::try_from((exact + 500_000).div_euclid(1_000_000)).unwrap_or(i64::MAX)
}

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
    /// Micro-dollars.
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

/// What stands for the calls that name no space, no member and so on.
pub const UNALLOCATED: &str = "none";

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

/// What calls came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Amounts {
    pub calls: i64,
    pub errors: i64,
    pub prompt_tokens: i64,
    pub completion_tokens: i64,
    /// Micro-dollars.
    pub cost: i64,
    /// Calls of models without a known price, told as costing nothing.
    pub unpriced: i64,
    /// Milliseconds; absent where no call said how long it took.
    pub latency_p50: Option<i64>,
    pub latency_p95: Option<i64>,
}

impl Amounts {
    pub fn tokens(&self) -> i64 {
        self.prompt_tokens + self.completion_tokens
    }

    /// The value of a metric; none for the latency of no calls.
    pub fn of(&self, metric: Metric) -> Option<i64> {
        match metric {
            Metric::Cost => Some(self.cost),
            Metric::Calls => Some(self.calls),
            Metric::Tokens => Some(self.tokens()),
            Metric::LatencyP50 => self.latency_p50,
            Metric::LatencyP95 => self.latency_p95,
            Metric::Errors => Some(self.errors),
        }
    }
}

/// Answer of `usage_read` and `usage_read_own`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Usage {
    pub from: Timestamp,
    /// The first moment after the range.
    pub to: Timestamp,
    /// In which days and months are counted.
    pub time_zone: String,
    pub granularity: Granularity,
    /// The lengths of buckets that make sense for the range.
    pub granularities: Vec<Granularity>,
    /// The newest call that was reported; nothing is known of later ones.
    pub complete_through: Option<Timestamp>,
    /// The moment of the answer.
    pub now: Timestamp,
    /// Where buckets start; the last ends at `to`.
    pub buckets: Vec<Timestamp>,
    pub total: Amounts,
    /// By bucket; nothing where no call could have been reported: before the first one, and after now.
    pub points: Vec<Option<Amounts>>,
    /// The same length of time before, where it was asked for.
    pub before: Option<UsageBefore>,
    /// By the metric, most first, at most [`GROUPS_SHOWN`].
    pub groups: Vec<UsageGroup>,
    /// How many there are in all.
    pub groups_total: u32,
    /// Those that are not shown by themselves.
    pub rest: Option<UsageGroup>,
    /// What the filters ask for, with its names.
    pub filters: Vec<UsageFilter>,
    /// What the calls come to when they are added up by other ways.
    pub tie_out: Vec<TieOut>,
}

/// A value that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UsageFilter {
    pub dimension: Dimension,
    /// [`UNALLOCATED`] for those that name none.
    pub id: String,
    pub name: String,
}

/// The period before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UsageBefore {
    pub from: Timestamp,
    /// Where the period before ends, or as many days into it as have begun of this one: only like is compared.
    pub to: Timestamp,
    pub total: Amounts,
    /// The metric by bucket of the whole period before, as many as there are buckets where the periods are as long.
    pub values: Vec<Option<i64>>,
}

/// One space, member, model and so on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UsageGroup {
    /// Empty: unallocated.
    pub id: String,
    /// Empty where nothing of that identifier is known any more.
    pub name: String,
    /// Its place among all of its kind, by when they were first seen: the same on every page, whatever is asked.
    pub color: u32,
    pub amounts: Amounts,
    /// In the period before, where it was asked for.
    pub before: Option<Amounts>,
    /// The metric by bucket.
    pub values: Vec<Option<i64>>,
}

/// A way to add everything up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TieOut {
    /// Absent: by time, bucket for bucket.
    pub dimension: Option<Dimension>,
    pub amounts: Amounts,
    /// What of it names no space, member and so on.
    pub unallocated: Amounts,
}

impl TieOut {
    /// What is missing of a total, in calls, tokens and micro-dollars; all zero where it ties out.
    pub fn difference(&self, total: &Amounts) -> (i64, i64, i64) {
        let Amounts { calls, cost, .. } = self.amounts;
        (total.calls - calls, total.tokens() - self.amounts.tokens(), total.cost - cost)
    }
}

/// How the cost of a call is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CostSource {
    /// The gateway said it.
    Reported,
    /// By the catalogue's prices at the time of the call.
    Catalogue,
    /// The model has no price here.
    Unknown,
}

/// A single call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Call {
    pub id: String,
    pub at: Timestamp,
    pub space_id: Option<SpaceId>,
    pub space: String,
    pub member_id: Option<UserId>,
    pub member: String,
    pub assistant_id: Option<AssistantId>,
    pub assistant: String,
    pub model: String,
    pub api_key_id: Option<ApiKeyId>,
    pub api_key: String,
    pub api_key_version: Option<u32>,
    pub prompt_tokens: i64,
    pub completion_tokens: i64,
    pub latency: Option<i64>,
    pub status: u16,
    pub cost: i64,
    pub cost_source: CostSource,
}

/// Answer of `usage_calls` and `usage_calls_own`: newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallList {
    pub calls: Vec<Call>,
    /// Asks for the following ones; absent at the end.
    pub next: Option<String>,
    /// How many days single calls are kept after they were reported.
    pub kept_days: u32,
}

/// Answer of `usage_call_points` and `usage_call_points_own`: the single calls as columns of as many rows, oldest
/// first, for a picture of all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallPoints {
    pub at: Vec<Timestamp>,
    /// Milliseconds; -1 where nobody said.
    pub latency: Vec<i64>,
    /// Prompt and completion together.
    pub tokens: Vec<i64>,
    pub failed: Vec<bool>,
    /// Whether there are more than [`CALL_POINTS_MAX`]: these are the newest.
    pub cut: bool,
}

/// A question that a person keeps by a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UsageView {
    pub id: UsageViewId,
    pub name: String,
    /// As it stands in the address, without the `?`.
    pub query: String,
}

/// Answer of `usage_view_list`: one's own, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UsageViewList {
    pub views: Vec<UsageView>,
}

/// Body of `usage_view_create`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UsageViewCreate {
    pub name: String,
    pub query: String,
}

/// Longest question that is kept, in bytes.
pub const VIEW_QUERY_MAX: usize = 2_000;

impl UsageViewCreate {
    /// The view as it is kept, or the fields that are wrong.
    ///
    /// # Errors
    /// The field and its rule, one each.
    pub fn check(&self) -> Result<Self, Vec<(&'static str, Rule)>> {
        let name = crate::validation::name(&self.name);
        let mut errors: Vec<(&'static str, Rule)> = name.as_ref().err().map(|rule| ("name", *rule)).into_iter().collect();
        if self.query.len() > VIEW_QUERY_MAX {
            errors.push(("query", Rule::TooLong));
        }
        match name {
            Ok(name) if errors.is_empty() => Ok(Self { name, query: self.query.clone() }),
            _ => Err(errors),
        }
    }
}

/// The time that so many of 100 calls took at most, from counts by group of [`LATENCY_BOUNDS`]: within
/// a group the calls are taken to lie evenly (the way of Prometheus's `histogram_quantile`); of calls
/// beyond the last bound only the bound is known.
pub fn percentile(counted: &[i64; LATENCY_GROUPS], percent: i64) -> Option<i64> {
    let total: i64 = counted.iter().sum();
    let wanted = (total * percent + 99).div_euclid(100);
    let mut before = 0;
    for (group, calls) in counted.iter().enumerate() {
        if wanted > 0 && before + calls >= wanted {
            let lower = group.checked_sub(1).and_then(|group| LATENCY_BOUNDS.get(group)).copied().map_or(0, i64::from);
            let upper = LATENCY_BOUNDS.get(group).copied().map_or(lower, i64::from);
            return Some(lower + (wanted - before) * (upper - lower) / (*calls).max(1));
        }
        before += calls;
    }
    None
}

/// The group of a latency.
pub fn latency_group(latency: i64) -> usize {
    LATENCY_BOUNDS.iter().position(|bound| latency <= i64::from(*bound)).unwrap_or(LATENCY_BOUNDS.len())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counted(groups: &[(i64, i64)]) -> [i64; LATENCY_GROUPS] {
        let mut counted = [0; LATENCY_GROUPS];
        for (latency, calls) in groups {
            counted[latency_group(*latency)] += calls;
        }
        counted
    }

    #[test]
    fn percentiles_by_example() {
        assert_eq!(percentile(&counted(&[]), 50), None);
        assert_eq!(percentile(&counted(&[(100, 10)]), 50), Some(50));
        assert_eq!(percentile(&counted(&[(100, 50), (200, 50)]), 50), Some(100));
        assert_eq!(percentile(&counted(&[(100, 50), (200, 50)]), 95), Some(190));
        assert_eq!(percentile(&counted(&[(100, 1), (1000, 99)]), 50), Some(750 + 250 * 49 / 99));
        assert_eq!(percentile(&counted(&[(61_000, 3)]), 50), Some(60_000));
    }

    #[test]
    fn costs_by_example() {
        // 1,000 tokens at $2.50 and 500 at $10 for a million.
        assert_eq!(cost(1_000, 500, 2_500_000, 10_000_000), 7_500);
        assert_eq!(cost(1, 0, 499_999, 0), 0);
        assert_eq!(cost(1, 0, 500_000, 0), 1);
        assert_eq!(cost(AMOUNT_MAX, AMOUNT_MAX, i64::MAX, i64::MAX), i64::MAX);
    }

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
        fn a_percentile_lies_in_the_group_that_holds_it(latencies in proptest::collection::vec(0..70_000_i64, 1..200), percent in 1..=100_i64) {
            let mut sorted = latencies.clone();
            sorted.sort_unstable();
            let groups: Vec<(i64, i64)> = latencies.iter().map(|latency| (*latency, 1)).collect();
            let told = percentile(&counted(&groups), percent).unwrap();
            let place = (sorted.len() as i64 * percent + 99) / 100 - 1;
            let exact = sorted[usize::try_from(place).unwrap()];
            let group = latency_group(exact);
            let upper = LATENCY_BOUNDS.get(group).copied().map_or(60_000, i64::from);
            let lower = group.checked_sub(1).map_or(0, |group| i64::from(LATENCY_BOUNDS[group]));
            prop_assert!((lower..=upper).contains(&told), "{told} for {exact}");
        }

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
