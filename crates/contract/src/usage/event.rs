//! What gateways report: single calls.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// Most events of one `usage_import`.
pub const EVENTS_MAX: usize = 5_000;
/// Most tokens of one call, and most micro-dollars that it can cost: what is more is a mistake.
pub const AMOUNT_MAX: i64 = 1_000_000_000_000;
/// How far ahead of the server's clock an event may be, in milliseconds.
pub const AHEAD_MAX_MS: i64 = 60 * 60 * 1000;

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
        let length = |text: &str, most: usize| {
            (1..=most).contains(&text.chars().count()) && !text.chars().any(|c| c.is_control() || crate::text::is_refused(c))
        };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_by_example() {
        // 1,000 tokens at $2.50 and 500 at $10 for a million.
        assert_eq!(cost(1_000, 500, 2_500_000, 10_000_000), 7_500);
        assert_eq!(cost(1, 0, 499_999, 0), 0);
        assert_eq!(cost(1, 0, 500_000, 0), 1);
        assert_eq!(cost(AMOUNT_MAX, AMOUNT_MAX, i64::MAX, i64::MAX), i64::MAX);
    }
}
