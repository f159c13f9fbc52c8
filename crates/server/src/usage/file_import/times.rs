//! Times as files write them. What two countries read differently is asked for, never guessed.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use pulze_contract::Timestamp;

/// Which comes first where a date has neither a name of a month nor its year in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder {
    /// `24.11.2026`
    DayFirst,
    /// `11/24/2026`
    MonthFirst,
}

/// A time as it stands there.
#[derive(Clone, Debug, PartialEq)]
enum Written {
    /// It says which moment it is.
    Moment(jiff::Timestamp),
    /// A clock somewhere.
    Clock(DateTime),
    /// A date in an order that it does not say, with a clock and perhaps an offset.
    Ordered { numbers: (i8, i8), year: i16, time: Time, offset: Option<Offset> },
}

/// Splits what follows a time: `Z`, `UTC`, `GMT`, `+01`, `+0100`, `+01:00`.
fn offset(text: &str) -> (&str, Option<Offset>) {
    for name in ["UTC", "GMT", "Z", "z"] {
        if let Some(rest) = text.strip_suffix(name) {
            return (rest.trim_end(), Some(Offset::UTC));
        }
    }
    let Some(at) = text.rfind(['+', '-']).filter(|at| text[..*at].contains(':')) else { return (text, None) };
    let digits: String = text[at + 1..].chars().filter(|letter| *letter != ':').collect();
    let number = |part: Option<&str>| part.and_then(|part| part.parse::<i32>().ok());
    let all = digits.len() == 2 || digits.len() == 4;
    let (Some(hours), minutes) = (number(digits.get(..2)), number(digits.get(2..4)).unwrap_or(0)) else { return (text, None) };
    if !all || !digits.bytes().all(|byte| byte.is_ascii_digit()) || minutes > 59 {
        return (text, None);
    }
    let seconds = (hours * 60 + minutes) * 60;
    let seconds = if text[at..].starts_with('-') { -seconds } else { seconds };
    Offset::from_seconds(seconds).map_or((text, None), |offset| (text[..at].trim_end(), Some(offset)))
}

/// A time of day: `9:15`, `09:15:00.123`, `9:15 PM`.
fn clock(text: &str) -> Option<Time> {
    let lower = text.to_ascii_lowercase().replace("a.m.", "am").replace("p.m.", "pm");
    let (lower, noon) = match (lower.strip_suffix("am"), lower.strip_suffix("pm")) {
        (Some(rest), _) => (rest.trim_end().to_owned(), Some(false)),
        (_, Some(rest)) => (rest.trim_end().to_owned(), Some(true)),
        _ => (lower.clone(), None),
    };
    let mut parts = lower.split(':');
    let hour: i8 = parts.next()?.parse().ok()?;
    let hour = match noon {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(after) => hour % 12 + if after { 12 } else { 0 },
    };
    let minute = parts.next()?;
    let rest = parts.next().unwrap_or("00");
    if parts.next().is_some() || minute.len() != 2 {
        return None;
    }
    // The rest is read by the calendar's own reader: seconds with their fraction, by point or comma.
    format!("{hour:02}:{minute}:{rest}").parse().ok()
}

/// A count of seconds, milliseconds, microseconds or nanoseconds since 1970: by its length, which no two share
/// between 2001 and 2286.
fn epoch(text: &str) -> Option<jiff::Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || (text.contains('.') && fraction.is_empty()) {
        return None;
    }
    if !matches!(whole.len(), 10 | 13 | 16 | 19) {
        return None;
    }
    // All of them as nanoseconds.
    let kept: String = format!("{whole}{fraction}000000000").chars().take(19).collect();
    jiff::Timestamp::from_nanosecond(kept.parse().ok()?).ok()
}

/// A date by its three numbers: with the year in front, or in an order that it does not say.
fn numbered(text: &str) -> Option<Written> {
    let (date, rest) = text.find([' ', 'T', ',']).map_or((text, ""), |at| text.split_at(at));
    let sign = date.chars().find(|letter| !letter.is_ascii_digit()).filter(|letter| ['.', '/', '-'].contains(letter))?;
    let rest = rest.trim_start_matches([' ', 'T', ',']);
    let (rest, offset) = offset(rest);
    let time = if rest.is_empty() { Time::midnight() } else { clock(rest)? };
    let parts: Vec<&str> = date.split(sign).collect();
    let [first, second, third] = parts.as_slice() else { return None };
    if first.len() == 4 {
        let date = Date::new(first.parse().ok()?, second.parse().ok()?, third.parse().ok()?).ok()?;
        return placed(date.to_datetime(time), offset);
    }
    let year: i16 = third.parse().ok()?;
    let year = match third.len() {
        4 => year,
        2 => 2000 + year,
        _ => return None,
    };
    let short = |text: &str| (1..=2).contains(&text.len()).then(|| text.parse::<i8>().ok()).flatten();
    Some(Written::Ordered { numbers: (short(first)?, short(second)?), year, time, offset })
}

fn placed(at: DateTime, offset: Option<Offset>) -> Option<Written> {
    match offset {
        None => Some(Written::Clock(at)),
        Some(offset) => offset.to_timestamp(at).ok().map(Written::Moment),
    }
}

/// A date with the English name of a month.
fn named(text: &str) -> Option<Written> {
    if let Ok(at) = jiff::fmt::rfc2822::parse(text) {
        return Some(Written::Moment(at.timestamp()));
    }
    let (text, offset) = offset(text);
    let formats = [
        "%d %b %Y %H:%M:%S",
        "%d %b %Y %H:%M",
        "%d-%b-%Y %H:%M:%S",
        "%b %d %Y %I:%M:%S %p",
        "%b %d %Y %I:%M %p",
        "%b %d %Y %H:%M:%S",
        "%b %d %Y %H:%M",
    ];
    let plain = text.replace(',', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    placed(formats.iter().find_map(|format| DateTime::strptime(format, &plain).ok())?, offset)
}

fn read(text: &str) -> Option<Written> {
    // Whatever blank stands between: some write a narrow one before AM.
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(at) = epoch(&text) {
        return Some(Written::Moment(at));
    }
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(Written::Moment(at));
    }
    // A zone by its name: `2026-11-24 09:15:00 Europe/Zurich`.
    if let Some((clock, zone)) = text.rsplit_once(' ').filter(|(_, zone)| zone.contains('/')) {
        let zone = TimeZone::get(zone).ok()?;
        let Some(Written::Clock(at)) = read(clock) else { return None };
        return zone.to_ambiguous_timestamp(at).unambiguous().ok().map(Written::Moment);
    }
    numbered(&text).or_else(|| text.parse::<DateTime>().ok().map(Written::Clock)).or_else(|| named(&text))
}

/// What the times of a file say about their order.
#[derive(Debug, Default)]
pub struct Orders {
    day_first: Option<(u64, String)>,
    month_first: Option<(u64, String)>,
    either: Option<(u64, String)>,
    /// Times that do not say in which zone they are.
    pub without_zone: u64,
}

impl Orders {
    pub fn see(&mut self, line: u64, text: &str) {
        let Some(written) = read(text) else { return };
        self.without_zone += u64::from(matches!(written, Written::Clock(_) | Written::Ordered { offset: None, .. }));
        let Written::Ordered { numbers: (first, second), .. } = written else { return };
        let kept = match (first > 12, second > 12) {
            (true, false) => &mut self.day_first,
            (false, true) => &mut self.month_first,
            (false, false) if first != second => &mut self.either,
            _ => return,
        };
        kept.get_or_insert_with(|| (line, text.to_owned()));
    }

    /// The order, or what has to be asked; nothing where no date needs one.
    ///
    /// # Errors
    /// All dates fit both orders, or some of them one and some the other.
    pub fn decide(&self) -> Result<Option<DateOrder>, String> {
        match (&self.day_first, &self.month_first, &self.either) {
            (Some((one, first)), Some((other, second)), _) => Err(format!(
                "the file has dates in two orders: \"{first}\" in line {one}, \"{second}\" in line {other}; say --dates dmy or --dates mdy"
            )),
            (None, None, Some((line, text))) => Err(format!(
                "\"{text}\" in line {line} is one day with the day first and another with the month first, and no date of the file \
                 tells which; say --dates dmy or --dates mdy"
            )),
            (Some(_), None, _) => Ok(Some(DateOrder::DayFirst)),
            (None, Some(_), _) => Ok(Some(DateOrder::MonthFirst)),
            (None, None, None) => Ok(None),
        }
    }
}

/// A moment, in the order that holds for the file; a clock is one of the zone. Nothing for what is no time, or one
/// that the zone has twice or never.
pub fn moment(text: &str, order: DateOrder, zone: &TimeZone) -> Option<Timestamp> {
    let at = match read(text)? {
        Written::Moment(at) => return Some(at.as_millisecond()),
        Written::Clock(at) => at,
        Written::Ordered { numbers: (first, second), year, time, offset } => {
            let (day, month) = if order == DateOrder::DayFirst { (first, second) } else { (second, first) };
            let at = Date::new(year, month, day).ok()?.to_datetime(time);
            match placed(at, offset)? {
                Written::Moment(at) => return Some(at.as_millisecond()),
                _ => at,
            }
        }
    };
    zone.to_ambiguous_timestamp(at).unambiguous().ok().map(|at| at.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 24 November 2026, 09:15 UTC.
    const AT: Timestamp = 1_795_511_700_000;

    #[test]
    fn moments_by_example() {
        for text in [
            "2026-11-24T09:15:00Z",
            "2026-11-24 09:15:00+00:00",
            "2026-11-24 09:15:00+00",
            "2026-11-24 09:15:00.000 +0000",
            "2026-11-24 04:15:00 -0500",
            "2026-11-24T10:15:00.0000000+01:00",
            "2026-11-24 09:15:00 UTC",
            "2026-11-24 09:15:00.000000 UTC",
            "2026-11-24 10:15 Europe/Zurich",
            "2026-11-24 09:15",
            "2026/11/24 09:15:00",
            "20261124T091500Z",
            "1795511700",
            "1795511700.000",
            "1795511700000",
            "1795511700000000",
            "1795511700000000000",
            "24.11.2026 09:15",
            "24.11.26 09:15",
            "24/11/2026, 9:15:00",
            "24-11-2026 09:15:00",
            "24/11/2026 9:15 a.m.",
            "24 Nov 2026 09:15:00",
            "Nov 24, 2026, 9:15 AM",
            "Nov 24, 2026, 9:15\u{202f}AM",
            "Tue, 24 Nov 2026 09:15:00 GMT",
        ] {
            assert_eq!(moment(text, DateOrder::DayFirst, &TimeZone::UTC), Some(AT), "{text}");
        }
        for text in ["11/24/2026 09:15", "11/24/26 9:15 AM", "11/24/2026 4:15:00 AM -05:00"] {
            assert_eq!(moment(text, DateOrder::MonthFirst, &TimeZone::UTC), Some(AT), "{text}");
        }
        assert_eq!(moment("2023-11-16 18:17:03.9799600", DateOrder::DayFirst, &TimeZone::UTC), Some(1_700_158_623_979));
        assert_eq!(moment("1700158623.979", DateOrder::DayFirst, &TimeZone::UTC), Some(1_700_158_623_979));
        let zurich = TimeZone::get("Europe/Zurich").unwrap_or(TimeZone::UTC);
        assert_eq!(moment("24.11.2026 10:15", DateOrder::DayFirst, &zurich), Some(AT));
        assert_eq!(moment("2026-11-24T09:15:00Z", DateOrder::DayFirst, &zurich), Some(AT));
        // The hour that comes twice, and the one that never comes.
        assert_eq!(moment("2026-10-25 02:30", DateOrder::DayFirst, &zurich), None);
        assert_eq!(moment("2026-03-29 02:30", DateOrder::DayFirst, &zurich), None);
        for text in [
            "",
            "yesterday",
            "46350.3854",
            "1.79551E+12",
            "2026-13-01",
            "31.02.2026",
            "24.11.2026 25:00",
            "13:00",
            "11/24/2026 9:15",
            "2026-11-24 09:15:00 Mars/Olympus",
            "17955117000",
            "24/11/2026 13:15 PM",
        ] {
            assert_eq!(moment(text, DateOrder::DayFirst, &TimeZone::UTC), None, "{text}");
        }
    }

    #[test]
    fn the_order_follows_from_all_dates_or_is_asked_for() {
        let of = |texts: &[&str]| {
            let mut orders = Orders::default();
            texts.iter().for_each(|text| orders.see(2, text));
            orders.decide()
        };
        assert_eq!(of(&["2026-11-24T09:15:00Z", "1795511700"]), Ok(None));
        assert_eq!(of(&["03.04.2026", "24.04.2026"]), Ok(Some(DateOrder::DayFirst)));
        assert_eq!(of(&["03/04/2026", "04/24/2026"]), Ok(Some(DateOrder::MonthFirst)));
        assert_eq!(of(&["04/04/2026"]), Ok(None));
        assert!(of(&["03/04/2026", "04/04/2026"]).is_err());
        assert!(of(&["24/04/2026", "04/24/2026"]).is_err());
    }
}
