//! What gateways report: single calls.

use crate::decimal::Decimal;
use crate::money::Money;
use crate::{Timestamp, text};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// Most events of one `usage_import`.
pub const EVENTS_MAX: usize = 5_000;
/// Most tokens of one call, and most milliseconds that it can take: what is more is a mistake.
pub const AMOUNT_MAX: i64 = 1_000_000_000_000;
/// Most that one call can cost: a million dollars.
pub const COST_MAX: Money = Money::micro(1_000_000_000_000);
/// Most tokens in, tokens out and nano-dollars that an organization's calls may come to, all that were ever reported
/// together. No sum of some of them can be more, so none is ever beyond what 64 bits hold.
pub const TOTAL_MAX: i64 = 4_000_000_000_000_000_000;
/// How far ahead of the server's clock an event may be, in milliseconds.
pub const AHEAD_MAX_MS: i64 = 60 * 60 * 1000;
/// Characters that are told of what was found in a field.
const FOUND_MAX: usize = 100;

/// One call, as a gateway reports it. Numbers may be written in any way that JSON has (`12`, `12.0`, `1.2e1`), or as a
/// text; one that is not whole where tokens are counted is refused, never cut. Null is the same as absent: unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UsageEvent {
    /// The gateway's own: 1 to 100 characters. Reported again under the same one, the event counts once.
    #[cfg_attr(feature = "schema", schemars(extend("minLength" = 1, "maxLength" = 100)))]
    pub id: String,
    #[serde(deserialize_with = "whole")]
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = 946_684_800_000_i64)))]
    pub at: Timestamp,
    /// Absent where nobody knows; the call is then told as unallocated.
    #[serde(default)]
    pub space_id: Option<String>,
    #[serde(default)]
    pub member_id: Option<String>,
    #[serde(default)]
    pub assistant_id: Option<String>,
    /// As the catalogue names it, `provider/name`; others are taken too.
    #[cfg_attr(feature = "schema", schemars(extend("minLength" = 1, "maxLength" = 200)))]
    pub model: String,
    #[serde(default)]
    pub router_id: Option<String>,
    #[serde(default)]
    pub api_key_id: Option<String>,
    /// Which secret of the key, from 1.
    #[serde(default, deserialize_with = "small")]
    pub api_key_version: Option<u32>,
    /// Tokens that went in. Where neither these nor those that came out are known, a call that succeeded has no
    /// price; where only the others are, these are none.
    #[serde(default, deserialize_with = "count")]
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = 0, "maximum" = AMOUNT_MAX)))]
    pub prompt_tokens: Option<i64>,
    #[serde(default, deserialize_with = "count")]
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = 0, "maximum" = AMOUNT_MAX)))]
    pub completion_tokens: Option<i64>,
    /// Milliseconds until the answer was complete, rounded to whole ones.
    #[serde(default, deserialize_with = "nearest")]
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = 0, "maximum" = AMOUNT_MAX)))]
    pub latency: Option<i64>,
    /// As HTTP has it; 400 and above are failures. Absent: 200.
    #[serde(default, deserialize_with = "small")]
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = 100, "maximum" = 599)))]
    pub status: Option<u16>,
    /// Micro-dollars, where the gateway knows, kept to three decimals; absent: by the catalogue's prices at that time.
    #[serde(default, deserialize_with = "money")]
    pub cost: Option<Money>,
    /// Identifiers of the tools that were used.
    #[serde(default)]
    pub tools: Vec<String>,
}

fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    Decimal::deserialize(deserializer)?.count().map_err(D::Error::custom)
}

fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Option::<Decimal>::deserialize(deserializer)?.map(|number| number.count()).transpose().map_err(D::Error::custom)
}

fn nearest<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Option::<Decimal>::deserialize(deserializer)?.map(|number| number.rounded(0)).transpose().map_err(D::Error::custom)
}

fn small<'de, D: Deserializer<'de>, T: TryFrom<i64>>(deserializer: D) -> Result<Option<T>, D::Error> {
    let number = count(deserializer)?;
    number.map(|number| T::try_from(number).map_err(|_| D::Error::custom("it is too large"))).transpose()
}

fn money<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Money>, D::Error> {
    let number = Option::<Decimal>::deserialize(deserializer)?;
    number.map(|micro| micro.rounded(3).map(Money::nano)).transpose().map_err(D::Error::custom)
}

/// Body of `usage_import`: at most [`EVENTS_MAX`], in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UsageImport {
    #[cfg_attr(feature = "schema", schemars(extend("maxItems" = EVENTS_MAX)))]
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
    /// No number, not a whole one where tokens are counted, less than nothing, more than [`AMOUNT_MAX`] or
    /// [`COST_MAX`], or more than all calls of an organization may come to.
    Amount,
    /// Not a status of HTTP.
    Status,
}

impl EventRefusal {
    /// The name in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Id => "id",
            Self::Time => "time",
            Self::TimeAhead => "time_ahead",
            Self::Model => "model",
            Self::SpaceUnknown => "space_unknown",
            Self::MemberUnknown => "member_unknown",
            Self::AssistantUnknown => "assistant_unknown",
            Self::RouterUnknown => "router_unknown",
            Self::KeyUnknown => "key_unknown",
            Self::ToolUnknown => "tool_unknown",
            Self::Amount => "amount",
            Self::Status => "status",
        }
    }
}

/// An event that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RefusedEvent {
    /// Its place in the batch, from 0.
    pub index: u32,
    pub id: String,
    pub reason: EventRefusal,
    /// The field, column or attribute that it is about; absent where it is none alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What stands there, its first hundred characters; absent where nothing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
}

impl RefusedEvent {
    /// A refusal whose place is not known yet.
    pub fn new(id: &str, reason: EventRefusal, field: &str, found: &str) -> Self {
        let said = |text: &str| Some(text::cleaned(text, FOUND_MAX)).filter(|text| !text.is_empty());
        Self { index: 0, id: text::cleaned(id, FOUND_MAX), reason, field: said(field), found: said(found) }
    }
}

/// `amount: prompt_tokens is "12.5"`.
impl std::fmt::Display for RefusedEvent {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.reason.as_str())?;
        match (&self.field, &self.found) {
            (Some(field), Some(found)) => write!(formatter, ": {field} is {found:?}"),
            (Some(field), None) => write!(formatter, ": {field}"),
            (None, _) => Ok(()),
        }
    }
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
    pub fn check(&self, now: Timestamp) -> Result<(), RefusedEvent> {
        /// 2000-01-01.
        const EARLIEST: Timestamp = 946_684_800_000;
        let amount = |amount: Option<i64>| amount.is_none_or(|amount| (0..=AMOUNT_MAX).contains(&amount));
        let length = |text: &str, most: usize| {
            (1..=most).contains(&text.chars().count()) && !text.chars().any(|c| c.is_control() || text::is_refused(c))
        };
        let said = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        let cost = self.cost.is_none_or(|cost| (Money::ZERO..=COST_MAX).contains(&cost));
        let status = self.status.map(i64::from);
        let rules: [(bool, EventRefusal, &str, &dyn Fn() -> String); 9] = [
            (length(&self.id, 100), EventRefusal::Id, "id", &|| self.id.clone()),
            (self.at >= EARLIEST, EventRefusal::Time, "at", &|| self.at.to_string()),
            (self.at <= now + AHEAD_MAX_MS, EventRefusal::TimeAhead, "at", &|| self.at.to_string()),
            (length(&self.model, 200), EventRefusal::Model, "model", &|| self.model.clone()),
            (amount(self.prompt_tokens), EventRefusal::Amount, "prompt_tokens", &|| said(self.prompt_tokens)),
            (amount(self.completion_tokens), EventRefusal::Amount, "completion_tokens", &|| said(self.completion_tokens)),
            (amount(self.latency), EventRefusal::Amount, "latency", &|| said(self.latency)),
            (cost, EventRefusal::Amount, "cost", &|| self.cost.unwrap_or_default().as_micro().to_string()),
            (status.is_none_or(|status| (100..600).contains(&status)), EventRefusal::Status, "status", &|| said(status)),
        ];
        let broken = rules.into_iter().find(|(holds, ..)| !holds);
        broken.map_or(Ok(()), |(_, reason, field, found)| Err(RefusedEvent::new(&self.id, reason, field, &found())))
    }
}

/// The cost of a call by prices in micro-dollars for a million tokens, rounded half up to nano-dollars; none where it
/// is more than [`COST_MAX`].
pub fn cost(prompt_tokens: i64, completion_tokens: i64, input_price: i64, output_price: i64) -> Option<Money> {
    let pico = i128::from(prompt_tokens) * i128::from(input_price) + i128::from(completion_tokens) * i128::from(output_price);
    i64::try_from((pico + 500).div_euclid(1_000)).ok().map(Money::nano).filter(|cost| *cost <= COST_MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn costs_by_example() {
        // 1,000 tokens at $2.50 and 500 at $10 for a million.
        assert_eq!(cost(1_000, 500, 2_500_000, 10_000_000), Some(Money::micro(7_500)));
        // Nine tokens at two cents for a million: less than a micro-dollar, and not nothing.
        assert_eq!(cost(9, 0, 20_000, 0), Some(Money::nano(180)));
        assert_eq!(cost(1, 0, 499, 0), Some(Money::ZERO));
        assert_eq!(cost(1, 0, 500, 0), Some(Money::nano(1)));
        assert_eq!(cost(AMOUNT_MAX, AMOUNT_MAX, i64::MAX, i64::MAX), None);
        assert_eq!(cost(AMOUNT_MAX, 0, 1_000_000, 0), Some(COST_MAX));
        assert_eq!(cost(AMOUNT_MAX, 1, 1_000_000, 500), None);
    }

    fn read(more: Value) -> Result<UsageEvent, String> {
        let mut event = json!({ "id": "1", "at": 1_764_080_000_000_i64, "model": "a/b" });
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(event).map_err(|error| error.to_string())
    }

    #[test]
    fn numbers_are_read_as_json_writers_write_them() {
        let tokens = |number: Value| read(json!({ "prompt_tokens": number })).map(|event| event.prompt_tokens);
        for twelve in [json!(12), json!(12.0), json!(1.2e1), json!("12"), json!("12.0"), json!("1.2e1")] {
            assert_eq!(tokens(twelve.clone()), Ok(Some(12)), "{twelve}");
        }
        assert_eq!(tokens(json!(null)), Ok(None));
        assert_eq!(read(json!({})).map(|event| (event.prompt_tokens, event.cost)), Ok((None, None)));
        for wrong in [json!(12.5), json!("12.5"), json!(-1), json!(true), json!(1e300), json!("12 tokens"), json!([12])] {
            assert!(tokens(wrong.clone()).is_err(), "{wrong}");
        }
        let cost = |number: Value| read(json!({ "cost": number })).map(|event| event.cost.map(Money::as_nano));
        assert_eq!(cost(json!(6400)), Ok(Some(6_400_000)));
        assert_eq!(cost(json!(0.18)), Ok(Some(180)));
        assert_eq!(cost(json!("12.345678")), Ok(Some(12_346)));
        assert_eq!(cost(json!(null)), Ok(None));
        assert!(cost(json!(-1)).is_err() && cost(json!(1e17)).is_err());
        assert_eq!(
            read(json!({ "status": 200.0, "latency": 812.4 })).map(|event| (event.status, event.latency)),
            Ok((Some(200), Some(812)))
        );
        assert!(read(json!({ "status": 70_000 })).is_err());
        let event = read(json!({ "cost": 0.18, "prompt_tokens": 3 })).unwrap();
        assert_eq!(serde_json::from_value::<UsageEvent>(serde_json::to_value(&event).unwrap()).unwrap(), event);
    }

    #[test]
    fn a_refusal_names_field_and_value() {
        let event = UsageEvent { prompt_tokens: Some(AMOUNT_MAX + 1), ..read(json!({})).unwrap() };
        let refused = event.check(event.at).unwrap_err();
        assert_eq!(refused.to_string(), "amount: prompt_tokens is \"1000000000001\"");
        let event = UsageEvent { cost: Some(Money::nano(COST_MAX.as_nano() + 1)), ..read(json!({})).unwrap() };
        assert_eq!(event.check(event.at).unwrap_err().to_string(), "amount: cost is \"1000000000000.001\"");
        let event = UsageEvent { model: String::new(), ..read(json!({})).unwrap() };
        assert_eq!(event.check(event.at).unwrap_err().to_string(), "model: model");
    }
}
