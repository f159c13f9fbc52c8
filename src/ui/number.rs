//! Numbers that are typed: digits with or without separators between thousands, and amounts of money.

/// A whole number above zero; spaces, commas and dots between groups of three digits do not matter.
pub fn whole(text: &str) -> Option<u32> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | ',' | '.' | '\'' | '’' | '\u{a0}' | '\u{202f}')).collect();
    digits.parse().ok().filter(|number| *number > 0)
}

/// An amount of dollars, with a dot or a comma before at most six digits, in micro-dollars.
pub fn micro_dollars(text: &str) -> Option<i64> {
    let text = text.trim().trim_start_matches('$').replace(',', ".");
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || part.len() > 6 || !digits(whole) || !digits(part) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let part: i64 = format!("{part:0<6}").parse().ok()?;
    Some(whole * 1_000_000 + part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_by_example() {
        assert_eq!(whole("128,000"), Some(128_000));
        assert_eq!(whole("1’000’000"), Some(1_000_000));
        assert_eq!(whole("0"), None);
        assert_eq!(whole("many"), None);
        assert_eq!(micro_dollars("$3"), Some(3_000_000));
        assert_eq!(micro_dollars("0,15"), Some(150_000));
        assert_eq!(micro_dollars("0.000001"), Some(1));
        assert_eq!(micro_dollars("-1"), None);
        assert_eq!(micro_dollars(""), None);
    }
}
