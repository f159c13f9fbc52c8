//! Numbers as people and programs write them, read exactly: never through a double, never in part.
//!
//! Every way in uses this one reader: events in JSON, columns of files, attributes of OpenTelemetry, prices of the
//! catalogue. A number that cannot be read whole is refused, whatever its beginning says.

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;

/// Longest text that is looked at: a double written out has up to 309 digits before the point.
const TEXT_MAX: usize = 400;

/// Why a number was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NumberError {
    #[error("it is not a number")]
    NotANumber,
    #[error("it is not a whole number")]
    NotWhole,
    #[error("it has more decimals than are kept")]
    TooFine,
    #[error("it is less than zero")]
    Negative,
    #[error("it is too large")]
    TooLarge,
}

/// A decimal number, as exactly as it was written: `12`, `1200.0`, `.5`, `1.2345678e-05`, `1E3`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    /// From 0 to 9, neither the first nor the last of them zero. The number is `0.digits × 10^point`.
    digits: Vec<u8>,
    point: i64,
}

impl Decimal {
    /// Reads a text that is nothing but a number: a sign, digits with at most one point, an exponent of ten.
    /// Separators of thousands, units and the names of infinities are no numbers.
    ///
    /// # Errors
    /// [`NumberError::NotANumber`].
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        let unsigned = |text: &str| text.strip_prefix('+').or_else(|| text.strip_prefix('-')).unwrap_or(text).to_owned();
        if text.len() > TEXT_MAX || !text.is_ascii() {
            return Err(NumberError::NotANumber);
        }
        let (number, exponent) = match text.split_once(['e', 'E']) {
            None => (text, 0),
            Some((number, exponent)) => {
                let digits = unsigned(exponent);
                if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(NumberError::NotANumber);
                }
                // An exponent beyond all amounts says no more than that; zero stays zero.
                let size: i64 =
                    if digits.trim_start_matches('0').len() > 9 { 1_000_000_000 } else { digits.parse().unwrap_or(0) };
                (number, if exponent.starts_with('-') { -size } else { size })
            }
        };
        let negative = number.starts_with('-');
        let number = unsigned(number);
        let (whole, part) = number.split_once('.').unwrap_or((&number, ""));
        let mut digits: Vec<u8> = Vec::with_capacity(number.len());
        for byte in whole.bytes().chain(part.bytes()) {
            if !byte.is_ascii_digit() {
                return Err(NumberError::NotANumber);
            }
            digits.push(byte - b'0');
        }
        if digits.is_empty() {
            return Err(NumberError::NotANumber);
        }
        let zeros = digits.iter().take_while(|digit| **digit == 0).count();
        digits.drain(..zeros);
        while digits.last() == Some(&0) {
            digits.pop();
        }
        let length = |count: usize| i64::try_from(count).unwrap_or(0);
        let point = if digits.is_empty() { 0 } else { length(whole.len()) - length(zeros) + exponent };
        Ok(Self { negative: negative && !digits.is_empty(), digits, point })
    }

    /// A double, as the shortest text that names it and no other.
    ///
    /// # Errors
    /// [`NumberError::NotANumber`] for infinities and what is no number.
    pub fn of_double(number: f64) -> Result<Self, NumberError> {
        Self::parse(&format!("{number:e}"))
    }

    /// A count: whole, and not less than zero.
    ///
    /// # Errors
    /// What it is instead.
    pub fn count(&self) -> Result<i64, NumberError> {
        self.exact(0).map_err(|error| if error == NumberError::TooFine { NumberError::NotWhole } else { error })
    }

    /// How many units of so many decimals it is, without a remainder; not less than zero.
    ///
    /// # Errors
    /// Negative, too large, or finer than the unit.
    pub fn exact(&self, decimals: u8) -> Result<i64, NumberError> {
        let units = self.rounded(decimals)?;
        let finer = i64::try_from(self.digits.len()).unwrap_or(i64::MAX) > self.point + i64::from(decimals);
        if finer && !self.digits.is_empty() { Err(NumberError::TooFine) } else { Ok(units) }
    }

    /// How many units of so many decimals it is, rounded half up; not less than zero.
    ///
    /// # Errors
    /// Negative or too large.
    pub fn rounded(&self, decimals: u8) -> Result<i64, NumberError> {
        if self.negative {
            return Err(NumberError::Negative);
        }
        let places = self.point + i64::from(decimals);
        if self.digits.is_empty() || places < 0 {
            return Ok(0);
        }
        let places = usize::try_from(places).ok().filter(|places| *places <= 19).ok_or(NumberError::TooLarge)?;
        let digit = |place: usize| self.digits.get(place).copied().unwrap_or(0);
        let add = |units: i64, digit: u8| units.checked_mul(10)?.checked_add(i64::from(digit));
        let units = (0..places).try_fold(0_i64, |units, place| add(units, digit(place))).ok_or(NumberError::TooLarge)?;
        units.checked_add(i64::from(digit(places) >= 5)).ok_or(NumberError::TooLarge)
    }
}

/// A number of JSON, as a number or as a text. A double is taken by its shortest text.
impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl Visitor<'_> for Read {
            type Value = Decimal;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a number")
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Decimal, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Decimal, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Decimal, E> {
                Decimal::of_double(number).map_err(E::custom)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Decimal, E> {
                Decimal::parse(text).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Read)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn count(text: &str) -> Result<i64, NumberError> {
        Decimal::parse(text)?.count()
    }

    #[test]
    fn counts_as_programs_write_them() {
        for (text, value) in
            [("1200", 1200), ("1200.0", 1200), ("1e3", 1000), ("1.2E+3", 1200), ("12.", 12), ("+7", 7), ("007", 7)]
        {
            assert_eq!(count(text), Ok(value), "{text}");
        }
        for zero in ["0", "0.0", "-0", "-0.0", "0e99999999999999999999", ".0"] {
            assert_eq!(count(zero), Ok(0), "{zero}");
        }
        assert_eq!(count("9223372036854775807"), Ok(i64::MAX));
        assert_eq!(count("9223372036854775808"), Err(NumberError::TooLarge));
        assert_eq!(count("1e19"), Err(NumberError::TooLarge));
        assert_eq!(count("1e99999999999999999999"), Err(NumberError::TooLarge));
        assert_eq!(count("12.5"), Err(NumberError::NotWhole));
        assert_eq!(count("1e-1"), Err(NumberError::NotWhole));
        assert_eq!(count("1e-99999999999999999999"), Err(NumberError::NotWhole));
        assert_eq!(count("12.00000000000000000000000000001"), Err(NumberError::NotWhole));
        assert_eq!(count("-1"), Err(NumberError::Negative));
    }

    #[test]
    fn what_only_begins_like_a_number_is_none() {
        let long = "1".repeat(TEXT_MAX + 1);
        for text in [
            "", " ", ".", "-", "+", "e5", "1e", "1e+", "1e5.0", "1,200", "1 200", "1_200", "0x10", "12abc", "1.2.3", "--1",
            "+-1", "NaN", "inf", "Infinity", "$3", "3$", "١٢", "1e5e5", "- 1", "-", "Included", &long,
        ] {
            assert_eq!(Decimal::parse(text), Err(NumberError::NotANumber), "{text}");
        }
    }

    #[test]
    fn amounts_keep_their_decimals() {
        let nano = |text: &str| Decimal::parse(text).unwrap().rounded(9);
        assert_eq!(nano("1.2345678e-05"), Ok(12_346));
        assert_eq!(nano("4.5e-05"), Ok(45_000));
        assert_eq!(nano("1E-07"), Ok(100));
        assert_eq!(nano("2.2e-09"), Ok(2));
        assert_eq!(nano("0.0000000005"), Ok(1));
        assert_eq!(nano("0.00000000049999"), Ok(0));
        assert_eq!(nano("0.30000000000000004"), Ok(300_000_000));
        let micro = |text: &str| Decimal::parse(text).unwrap().exact(6);
        assert_eq!(micro("0.0375"), Ok(37_500));
        assert_eq!(micro("10.0"), Ok(10_000_000));
        assert_eq!(micro("0.0000001"), Err(NumberError::TooFine));
        assert_eq!(micro("9999999999999999"), Err(NumberError::TooLarge));
    }

    #[test]
    fn doubles_are_what_they_are_written_as() {
        assert_eq!(Decimal::of_double(12.0).unwrap().count(), Ok(12));
        assert_eq!(Decimal::of_double(12.5).unwrap().count(), Err(NumberError::NotWhole));
        assert_eq!(Decimal::of_double(1.234_567_8e-5).unwrap().rounded(9), Ok(12_346));
        assert_eq!(Decimal::of_double(f64::NAN), Err(NumberError::NotANumber));
        assert_eq!(Decimal::of_double(f64::INFINITY), Err(NumberError::NotANumber));
        assert_eq!(Decimal::of_double(1e300).unwrap().count(), Err(NumberError::TooLarge));
    }

    proptest! {
        /// However the same number is written, it is the same.
        #[test]
        fn writing_does_not_matter(number in 0..i64::MAX, shift in 0_usize..25, zeros in 0_usize..5) {
            let digits = number.to_string();
            let point = digits.len().saturating_sub(shift);
            let moved = format!("{}.{}{}e{}", &digits[..point], &digits[point..], "0".repeat(zeros), digits.len() - point);
            prop_assert_eq!(count(&moved), Ok(number));
            let zeros = "0".repeat(zeros);
            prop_assert_eq!(count(&format!("{zeros}{number}.{zeros}")), Ok(number));
            prop_assert_eq!(count(&format!("{number}{zeros}e-{}", zeros.len())), Ok(number));
        }

        /// Rounding agrees with whole arithmetic.
        #[test]
        fn rounding_is_half_up(number in 0..100_000_000_i64, decimals in 0_u8..12, kept in 0_u8..11) {
            let told = Decimal::parse(&format!("{number}e-{decimals}")).unwrap();
            let number = i128::from(number) * 10_i128.pow(u32::from(kept));
            let unit = 10_i128.pow(u32::from(decimals));
            prop_assert_eq!(told.rounded(kept).map(i128::from), Ok((number + unit / 2).div_euclid(unit)));
            prop_assert_eq!(told.exact(kept).is_ok(), number % unit == 0);
        }

        #[test]
        fn nothing_that_is_typed_stops_it(text in "\\PC{0,40}") {
            let _ = Decimal::parse(&text).map(|number| (number.count(), number.rounded(9), number.exact(255)));
        }
    }
}
