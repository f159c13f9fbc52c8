//! Money: US dollars in whole nano-dollars, the one unit that costs are kept and added up in.
//!
//! Prices are micro-dollars for a million tokens, so a token costs a millionth of a micro-dollar or more, and what a
//! call costs is often less than one. A call is rounded once, half up, to a nano-dollar; sums are exact from there on,
//! and only what is shown is rounded again. 64 bits hold 9.2 billion dollars.
//!
//! On the wire an amount is a number of micro-dollars, as prices and limits are, with up to three decimals.

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Nano-dollars of a micro-dollar.
const MICRO: i64 = 1_000;
/// Nano-dollars of a dollar.
const DOLLAR: i64 = 1_000_000_000;

/// An amount of money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Money(i64);

impl Money {
    pub const ZERO: Self = Self(0);

    pub const fn nano(nano_dollars: i64) -> Self {
        Self(nano_dollars)
    }

    /// Of a price or a limit. What is beyond nine billion dollars is as much as can be told.
    pub const fn micro(micro_dollars: i64) -> Self {
        Self(micro_dollars.saturating_mul(MICRO))
    }

    /// The nearest amount to a number of micro-dollars that was reckoned, for pictures and forecasts.
    pub fn about(micro_dollars: f64) -> Self {
        // A cast keeps within what a number can hold.
        #[allow(clippy::cast_possible_truncation)]
        Self((micro_dollars * 1e3).round() as i64)
    }

    pub const fn as_nano(self) -> i64 {
        self.0
    }

    /// Micro-dollars, for pictures and for the wire: to the last decimal up to a million dollars.
    pub fn as_micro(self) -> f64 {
        // The quotient is the nearest double, so it is written with the decimals that it has.
        #[allow(clippy::cast_precision_loss)]
        let nano = self.0 as f64;
        nano / 1e3
    }

    /// What is missing of another amount.
    pub fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// Dollars, exactly: with six decimals, or nine where it has them.
impl fmt::Display for Money {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (nano, sign) = (self.0.unsigned_abs(), if self.0 < 0 { "-" } else { "" });
        let (dollars, part) = (nano / DOLLAR.unsigned_abs(), nano % DOLLAR.unsigned_abs());
        match part % MICRO.unsigned_abs() {
            0 => write!(formatter, "{sign}{dollars}.{:06}", part / MICRO.unsigned_abs()),
            _ => write!(formatter, "{sign}{dollars}.{part:09}"),
        }
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % MICRO == 0 { serializer.serialize_i64(self.0 / MICRO) } else { serializer.serialize_f64(self.as_micro()) }
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl Visitor<'_> for Read {
            type Value = Money;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("micro-dollars")
            }

            fn visit_i64<E: Error>(self, micro: i64) -> Result<Money, E> {
                micro.checked_mul(MICRO).map(Money).ok_or_else(|| E::custom("too much money"))
            }

            fn visit_u64<E: Error>(self, micro: u64) -> Result<Money, E> {
                i64::try_from(micro).map_err(E::custom).and_then(|micro| self.visit_i64(micro))
            }

            fn visit_f64<E: Error>(self, micro: f64) -> Result<Money, E> {
                if micro.abs() < 9e15 { Ok(Money::about(micro)) } else { Err(E::custom("too much money")) }
            }
        }
        deserializer.deserialize_any(Read)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Money {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Money".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "number", "description": "Micro-dollars, with up to three decimals." })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dollars_are_written_exactly() {
        assert_eq!(Money::nano(6_400_000).to_string(), "0.006400");
        assert_eq!(Money::nano(180).to_string(), "0.000000180");
        assert_eq!(Money::nano(-12_345_000_000_001).to_string(), "-12345.000000001");
        assert_eq!(Money::nano(i64::MIN).to_string(), "-9223372036.854775808");
        assert_eq!(Money::ZERO.to_string(), "0.000000");
    }

    #[test]
    fn on_the_wire_it_is_micro_dollars() {
        let written = |nano| serde_json::to_string(&Money::nano(nano)).unwrap();
        assert_eq!([written(6_400_000), written(180), written(-1), written(0)], ["6400", "0.18", "-0.001", "0"]);
        assert!(serde_json::from_str::<Money>("1e300").is_err());
        assert!(serde_json::from_str::<Money>("9300000000000000").is_err());
        assert!(serde_json::from_str::<Money>("\"6400\"").is_err());
    }

    proptest! {
        /// Up to a million dollars, nothing is lost on the way to a page and back.
        #[test]
        fn what_is_written_is_read(nano in -1_000_000_000_000_000..=1_000_000_000_000_000_i64) {
            let written = serde_json::to_string(&Money::nano(nano)).unwrap();
            prop_assert_eq!(serde_json::from_str::<Money>(&written).unwrap(), Money::nano(nano), "{}", written);
        }
    }
}
