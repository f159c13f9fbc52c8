//! Numbers as files write them: one decimal sign for a whole file, thousands apart, dollars by name.

use pulze_contract::decimal::Decimal;
use pulze_contract::table::DecimalSign;

/// Signs that set thousands apart beside the other decimal sign.
const BETWEEN_THOUSANDS: [char; 6] = [' ', '\u{a0}', '\u{202f}', '\u{2009}', '\'', '’'];
/// What says that an amount is in dollars.
const DOLLARS: [&str; 3] = ["US$", "USD", "$"];

/// What data tools write where nothing is known.
pub fn is_nothing(text: &str) -> bool {
    matches!(text, "" | "\\N" | "NULL" | "null" | "NaN" | "nan" | "NA" | "N/A" | "None" | "<NA>" | "NaT")
}

/// The digits of a number, with a point and without what sets thousands apart; nothing where it is written otherwise.
fn digits(text: &str, sign: DecimalSign) -> Option<String> {
    let (mark, other) = if sign == DecimalSign::Comma { (',', '.') } else { ('.', ',') };
    let (number, exponent) = text.find(['e', 'E']).map_or((text, ""), |at| text.split_at(at));
    let (minus, number) = number.strip_prefix('-').map_or(("", number), |number| ("-", number));
    let number = number.strip_prefix('+').unwrap_or(number);
    let (whole, fraction) = number.split_once(mark).unwrap_or((number, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let between = whole.chars().find(|letter| *letter == other || BETWEEN_THOUSANDS.contains(letter));
    let whole = match between {
        None => whole.to_owned(),
        Some(between) => {
            let groups: Vec<&str> = whole.split(between).collect();
            let (first, rest) = groups.split_first()?;
            let leads = (1..=3).contains(&first.len()) && !first.starts_with('0');
            if !leads || rest.iter().any(|group| group.len() != 3) || !exponent.is_empty() {
                return None;
            }
            groups.concat()
        }
    };
    let plain = format!("{minus}{whole}.{fraction}{exponent}");
    Decimal::parse(&plain).ok().map(|_| plain)
}

/// A text without what says that it is dollars.
fn without_dollars(text: &str) -> &str {
    let blank = |letter: char| letter.is_whitespace();
    for name in DOLLARS {
        if let Some(rest) = text.strip_prefix(name).or_else(|| text.strip_suffix(name)) {
            return rest.trim_matches(blank);
        }
    }
    text
}

/// A number, exactly.
pub fn number(text: &str, sign: DecimalSign) -> Option<Decimal> {
    Decimal::parse(&digits(text, sign)?).ok()
}

/// An amount in dollars, exactly.
pub fn dollars(text: &str, sign: DecimalSign) -> Option<Decimal> {
    number(without_dollars(text), sign)
}

/// Which decimal sign a file has, by all of its numbers.
#[derive(Debug, Default)]
pub struct Signs {
    /// The first number that fits only one of the two.
    point: Option<(u64, String)>,
    comma: Option<(u64, String)>,
    /// The first that fits both and says something else by each.
    either: Option<(u64, String)>,
}

impl Signs {
    pub fn see(&mut self, line: u64, text: &str) {
        if !text.contains(['.', ',']) {
            return;
        }
        let plain = without_dollars(text);
        let (point, comma) = (number(plain, DecimalSign::Point), number(plain, DecimalSign::Comma));
        let kept = match (point, comma) {
            (Some(_), None) => &mut self.point,
            (None, Some(_)) => &mut self.comma,
            (Some(point), Some(comma)) if point != comma => &mut self.either,
            _ => return,
        };
        kept.get_or_insert_with(|| (line, text.to_owned()));
    }

    /// The sign, or what has to be asked.
    ///
    /// # Errors
    /// The numbers fit both signs, or some of them one and some the other.
    pub fn decide(&self) -> Result<DecimalSign, String> {
        match (&self.point, &self.comma, &self.either) {
            (Some((one, first)), Some((other, second)), _) => Err(format!(
                "the file has two decimal signs: \"{first}\" in line {one}, \"{second}\" in line {other}; say --decimal point or --decimal comma"
            )),
            (None, None, Some((line, text))) => Err(format!(
                "\"{text}\" in line {line} is one number with a decimal point and another with a decimal comma, and no number of \
                 the file tells which; say --decimal point or --decimal comma"
            )),
            (None, Some(_), _) => Ok(DecimalSign::Comma),
            (Some(_), None, _) | (None, None, None) => Ok(DecimalSign::Point),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micro(text: &str, sign: DecimalSign) -> Option<i64> {
        dollars(text, sign)?.rounded(6).ok()
    }

    #[test]
    fn amounts_are_read_whole_or_not_at_all() {
        for (text, amount) in [
            ("0.0064", 6_400),
            ("4.5e-05", 45),
            ("1.2345678e-05", 12),
            ("1E-07", 0),
            ("$0.04", 40_000),
            ("US$ 1,234.56", 1_234_560_000),
            ("0.04 USD", 40_000),
            ("1'234.5", 1_234_500_000),
            ("1200.0", 1_200_000_000),
        ] {
            assert_eq!(micro(text, DecimalSign::Point), Some(amount), "{text}");
        }
        for (text, amount) in [("0,0064", 6_400), ("4,5E-05", 45), ("1.234,56", 1_234_560_000), ("1 234,5 $", 1_234_500_000)] {
            assert_eq!(micro(text, DecimalSign::Comma), Some(amount), "{text}");
        }
        for text in
            ["Included", "-", "€ 3", "3 €", "1,2345", "1,23,456.0", "0,005", "12abc", "1.2.3", "1,234.5e3", ",", "$", "e5"]
        {
            assert_eq!(micro(text, DecimalSign::Point), None, "{text}");
        }
    }

    #[test]
    fn the_sign_follows_from_all_numbers_or_is_asked_for() {
        let of = |texts: &[&str]| {
            let mut signs = Signs::default();
            texts.iter().for_each(|text| signs.see(2, text));
            signs.decide()
        };
        assert_eq!(of(&["1200", "12", "Included"]), Ok(DecimalSign::Point));
        assert_eq!(of(&["1.234", "0.0064"]), Ok(DecimalSign::Point));
        assert_eq!(of(&["1.234", "0,0064"]), Ok(DecimalSign::Comma));
        assert_eq!(of(&["1,234", "$0.04"]), Ok(DecimalSign::Point));
        assert!(of(&["1.234", "12"]).is_err(), "1.234 or 1,234");
        assert!(of(&["0.5", "0,5"]).is_err());
    }
}
