//! Days, weeks and months of a time zone, daylight saving included.
//!
//! A local day is one interval of time, and the days of a zone lie end to end:
//!
//! - A day starts when the clock first shows its date, and ends where the next one starts. Where the clock goes
//!   back over midnight, and midnight comes twice (St. John's, 2006-10-29, back at 00:01), the first one counts:
//!   the hour that is repeated belongs to the day that had begun. The day of a moment never goes back in time.
//!   It is the first moment of the day as Temporal and the JDK find it.
//! - Where midnight never comes, the day starts when the clock goes forward over it. A date that the clock never
//!   shows (Apia, 2011-12-30) is a day without length: no moment is in it, it has no bucket, and a range of
//!   nothing else does not exist.
//! - Days start on a quarter of an hour of UTC, so that quarters can be summed to days. Where an offset is no
//!   multiple of one (Liberia until 1972), the day starts with the first quarter after midnight. Since 2000, and
//!   earlier calls are not taken, no offset is like that.
//!
//! Months, weeks and hours are made of the same starts. So are the sums by day, in whichever way they are made.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan, Zoned};
use pulze_contract::Timestamp;
use pulze_contract::usage::{BUCKETS_MAX, Granularity, Range};
use pulze_contract::validation::{self, Rule};
use std::collections::BTreeSet;

#[cfg(test)]
mod tests;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// A quarter of an hour. Every day and every hour of every zone starts at one.
pub const QUARTER_MS: i64 = 15 * MINUTE_MS;
/// No offset is longer.
const OFFSET_MAX_MS: i64 = 26 * HOUR_MS;

/// An organization's reporting time zone.
#[derive(Clone, Debug)]
pub struct Zone(TimeZone);

/// A time zone that somebody chose, by the name that they chose.
///
/// # Errors
/// The database has no zone of that name.
pub fn known(name: &str) -> Result<String, Rule> {
    let name = validation::time_zone(name)?;
    let zone = TimeZone::get(&name).ok().filter(|zone| !zone.is_unknown());
    // In the database's spelling, which is that of browsers.
    zone.and_then(|zone| zone.iana_name().map(str::to_owned)).ok_or(Rule::TimeZoneUnknown)
}

impl Zone {
    /// The zone of this name. Names are looked up when they are chosen, and none leaves the database; UTC for one
    /// that did.
    pub fn named(name: &str) -> Self {
        Self(TimeZone::get(name).unwrap_or(TimeZone::UTC))
    }

    fn at(&self, at: Timestamp) -> Zoned {
        moment(at).to_zoned(self.0.clone())
    }

    /// How far local time is ahead of UTC, in milliseconds.
    fn offset(&self, at: Timestamp) -> i64 {
        i64::from(self.0.to_offset(moment(at)).seconds()) * 1000
    }

    /// The moments after one at which the clock may be turned.
    fn turns(&self, after: Timestamp) -> impl Iterator<Item = Timestamp> {
        self.0.following(moment(after)).map(|transition| transition.timestamp().as_millisecond())
    }

    /// The first moment at which the clock shows a local time, in milliseconds since 1970-01-01T00:00 there, or a
    /// later one.
    fn first_at(&self, local: i64) -> Timestamp {
        // Before, it cannot.
        let mut from = local - OFFSET_MAX_MS;
        for turn in self.turns(from) {
            let at = from.max(local - self.offset(from));
            if at < turn {
                return at;
            }
            from = turn;
        }
        from.max(local - self.offset(from))
    }

    /// The local day of a moment, counted from 1970-01-01.
    pub fn day(&self, at: Timestamp) -> i64 {
        let at = quarter(at);
        // The latest date that the clock has shown: now, or just before it was turned back lately.
        let lately = self.0.preceding(moment(at + 1)).map(|transition| transition.timestamp().as_millisecond());
        let shown = lately.take_while(|turn| *turn > at - 2 * OFFSET_MAX_MS).map(|turn| turn - 1 + self.offset(turn - 1));
        shown.fold(at + self.offset(at), i64::max).div_euclid(DAY_MS)
    }

    /// The local month of a moment, as `202611`.
    pub fn month(&self, at: Timestamp) -> i64 {
        Self::month_of_day(self.day(at))
    }

    /// The month of a day, as `202611`.
    pub fn month_of_day(day: i64) -> i64 {
        let date = date(day);
        i64::from(date.year()) * 100 + i64::from(date.month())
    }

    /// When a local day starts. For a date that the clock never shows, when the one after it does.
    pub fn start_of(&self, day: i64) -> Timestamp {
        quarter_from(self.first_at(day * DAY_MS))
    }

    fn start(&self, date: Date) -> Timestamp {
        self.start_of(number(date))
    }

    /// From when to when a range goes; `None` for one that no calendar has.
    pub fn resolve(&self, range: &Range, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let today = self.day(now);
        let days = |count: i64| (self.start_of(today - count + 1), self.start_of(today + 1));
        let hour = self.whole_hour(now);
        let first = date(today).first_of_month();
        Some(match range {
            Range::Hours2 => (hour - HOUR_MS, hour + HOUR_MS),
            Range::Hours24 => (hour - 23 * HOUR_MS, hour + HOUR_MS),
            Range::Days7 => days(7),
            Range::Days30 => days(30),
            Range::Days90 => days(90),
            Range::ThisMonth => (self.start(first), self.start(first.checked_add(1.month()).ok()?)),
            Range::LastMonth => (self.start(first.checked_sub(1.month()).ok()?), self.start(first)),
            Range::Months12 => (self.start(first.checked_sub(11.months()).ok()?), self.start(first.checked_add(1.month()).ok()?)),
            Range::Span(from, to) if from.contains('T') => {
                let moment = |text: &str| {
                    let local: DateTime = text.parse().ok()?;
                    let time = local.time().duration_since(jiff::civil::Time::midnight()).as_millis();
                    let local = number(local.date()) * DAY_MS + i64::try_from(time).ok()?;
                    Some(quarter_from(self.first_at(local)))
                };
                (moment(from)?, moment(to)?)
            }
            Range::Span(from, to) => {
                let (from, to): (Date, Date) = (from.parse().ok()?, to.parse().ok()?);
                (self.start(from), self.start(to.tomorrow().ok()?))
            }
        })
        .filter(|(from, to)| from < to)
    }

    /// The period before: the same number of days, months or hours.
    pub fn before(&self, range: &Range, (from, to): (Timestamp, Timestamp)) -> (Timestamp, Timestamp) {
        let months = match range {
            Range::ThisMonth | Range::LastMonth => 1,
            Range::Months12 => 12,
            _ => 0,
        };
        let (first, end) = (self.day(from), self.day(to));
        let earlier = date(first).checked_sub(months.months());
        if let (true, Ok(earlier)) = (months > 0, earlier) {
            return (self.start(earlier), from);
        }
        if self.start_of(first) == from && self.start_of(end) == to {
            let mut earlier = 2 * first - end;
            // Before the day after a date that never was lies the day before it.
            while self.start_of(earlier) == from {
                earlier -= 1;
            }
            return (self.start_of(earlier), from);
        }
        (from - (to - from), from)
    }

    /// The part of the period before that is as long as what has begun of a period, in days.
    pub fn begun(
        &self,
        (from, to): (Timestamp, Timestamp),
        before: (Timestamp, Timestamp),
        now: Timestamp,
    ) -> (Timestamp, Timestamp) {
        let today = self.day(now);
        if now >= to || self.start_of(today + 1) >= to || self.start_of(self.day(from)) != from {
            return before;
        }
        let days = today - self.day(from) + 1;
        (before.0, self.start_of(self.day(before.0) + days).clamp(before.0, before.1))
    }

    /// The start of the local hour of a moment.
    fn whole_hour(&self, at: Timestamp) -> Timestamp {
        let at = quarter(at);
        quarter_from(at - (at + self.offset(at)).rem_euclid(HOUR_MS))
    }

    /// Where the buckets of a range start; `None` for more than [`BUCKETS_MAX`].
    pub fn buckets(&self, (from, to): (Timestamp, Timestamp), granularity: Granularity) -> Option<Vec<Timestamp>> {
        let mut starts = vec![from];
        let mut last = from;
        loop {
            last = self.next(last, granularity);
            if last >= to {
                return Some(starts);
            }
            if starts.len() >= BUCKETS_MAX {
                return None;
            }
            starts.push(last);
        }
    }

    /// Where the bucket after the one that holds a moment starts.
    fn next(&self, at: Timestamp, granularity: Granularity) -> Timestamp {
        let day = |date: Result<Date, jiff::Error>| date.map_or(Timestamp::MAX, |date| self.start(date));
        match granularity {
            Granularity::Minute => at - at.rem_euclid(MINUTE_MS) + MINUTE_MS,
            Granularity::Hour => {
                // Where the clock is turned by half an hour, one bucket takes the half hour along.
                let next = quarter(at) + HOUR_MS;
                let over = (next + self.offset(next)).rem_euclid(HOUR_MS);
                let next = quarter_from(if over == 0 { next } else { next + HOUR_MS - over });
                // A day starts with a bucket of its own, wherever the clock is turned.
                next.min(self.start_of(self.day(at) + 1))
            }
            Granularity::Day => self.start_of(self.day(at) + 1),
            Granularity::Week => day(date(self.day(at)).nth_weekday(1, Weekday::Monday)),
            Granularity::Month => day(date(self.day(at)).first_of_month().checked_add(1.month())),
        }
    }

    /// What is to be added to a moment so that its days can be counted off by twenty-four hours, from which moment
    /// on, over a range; the start is the first. It holds for moments on quarters, and is how far local time is
    /// ahead of UTC, except while a day lasts longer than its date.
    pub fn day_offsets(&self, (from, to): (Timestamp, Timestamp)) -> Vec<(Timestamp, i64)> {
        // Days differ where the clock is turned, and from then on are like each other.
        let mut days = BTreeSet::from([self.day(from)]);
        for turn in self.turns(from - DAY_MS).take_while(|turn| *turn < to + DAY_MS) {
            let day = self.day(turn);
            days.extend(day - 1..=day + 2);
        }
        let mut offsets: Vec<(Timestamp, i64)> = Vec::new();
        for day in days {
            let (start, next) = (self.start_of(day), self.start_of(day + 1));
            // The hours over twenty-four are counted back from the next day.
            let over = start + DAY_MS;
            for (at, offset) in [(start, day * DAY_MS - start), (over.min(next), (day + 1) * DAY_MS - next)] {
                let at = at.max(from);
                if at >= to || start == next {
                    continue;
                }
                offsets.retain(|(other, _)| *other < at);
                if offsets.last().is_none_or(|(_, last)| *last != offset) {
                    offsets.push((at, offset));
                }
            }
        }
        offsets
    }

    /// A moment as people in the zone write it, with its offset: `2026-11-01T09:15:00+01:00`.
    pub fn written(&self, at: Timestamp) -> String {
        let zoned = self.at(at);
        zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}

fn moment(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}

/// The quarter of an hour that holds a moment.
fn quarter(at: Timestamp) -> Timestamp {
    at - at.rem_euclid(QUARTER_MS)
}

/// The first quarter of an hour that starts at a moment or after it.
fn quarter_from(at: Timestamp) -> Timestamp {
    quarter(at + QUARTER_MS - 1)
}

const FIRST: Date = jiff::civil::date(1970, 1, 1);

/// The day of that number.
fn date(day: i64) -> Date {
    let since = SignedDuration::from_hours(24).checked_mul(i32::try_from(day).unwrap_or_default());
    since.and_then(|since| FIRST.checked_add(since).ok()).unwrap_or(FIRST)
}

/// The number of a day.
fn number(date: Date) -> i64 {
    date.duration_since(FIRST).as_hours() / 24
}
