//! What is answered: amounts by bucket and by group, and ways to add them up.

use super::{Dimension, Granularity, Metric};
use crate::Timestamp;
use crate::money::Money;
use serde::{Deserialize, Serialize, Serializer};

/// Most buckets of one answer.
pub const BUCKETS_MAX: usize = 400;
/// Groups that are shown by themselves; the others are one rest.
pub const GROUPS_SHOWN: usize = 25;
/// Most rows of an exported file.
pub const EXPORT_ROWS_MAX: usize = 200_000;

/// What calls came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Amounts {
    pub calls: i64,
    pub errors: i64,
    pub prompt_tokens: i64,
    pub completion_tokens: i64,
    /// Exact to a thousandth of a micro-dollar.
    pub cost: Money,
    /// Calls whose cost nobody knows (of models without a price, or without a number of tokens), told as costing nothing.
    pub unpriced: i64,
    /// Milliseconds; absent where no call said how long it took.
    pub latency_p50: Option<i64>,
    pub latency_p95: Option<i64>,
}

impl Amounts {
    /// The server tells no total whose tokens do not add up.
    pub fn tokens(&self) -> i64 {
        self.prompt_tokens.saturating_add(self.completion_tokens)
    }

    /// The value of a metric, cost in micro-dollars; none for the latency of no calls.
    pub fn of(&self, metric: Metric) -> Option<f64> {
        // Counts, and amounts that anybody pays, stay exact in a double.
        #[allow(clippy::cast_precision_loss)]
        let float = |value: i64| value as f64;
        match metric {
            Metric::Cost => Some(self.cost.as_micro()),
            Metric::Calls => Some(float(self.calls)),
            Metric::Tokens => Some(float(self.tokens())),
            Metric::LatencyP50 => self.latency_p50.map(float),
            Metric::LatencyP95 => self.latency_p95.map(float),
            Metric::Errors => Some(float(self.errors)),
        }
    }
}

/// Values by bucket as they are written: whole numbers without a point.
fn values<S: Serializer>(values: &[Option<f64>], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    #[serde(untagged)]
    enum Value {
        Whole(i64),
        Part(f64),
    }
    // Within what a double holds exactly.
    #[allow(clippy::cast_possible_truncation)]
    let value = |value: f64| {
        if value.fract() == 0.0 && value.abs() < 9e15 { Value::Whole(value as i64) } else { Value::Part(value) }
    };
    serializer.collect_seq(values.iter().map(|one| one.map(value)))
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
    #[serde(serialize_with = "values")]
    pub values: Vec<Option<f64>>,
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
    #[serde(serialize_with = "values")]
    pub values: Vec<Option<f64>>,
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
    /// What is missing of a total, in calls, tokens and money; all zero where it ties out.
    pub fn difference(&self, total: &Amounts) -> (i64, i64, Money) {
        let Amounts { calls, cost, .. } = self.amounts;
        (total.calls - calls, total.tokens() - self.amounts.tokens(), total.cost.less(cost))
    }

    /// Whether nothing is missing of a total.
    pub fn agrees(&self, total: &Amounts) -> bool {
        self.difference(total) == (0, 0, Money::ZERO)
    }
}
