//! Days, weeks and months of a time zone, daylight saving included.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan, Zoned};
use pulze_contract::Timestamp;
use pulze_contract::usage::{BUCKETS_MAX, Granularity, Range};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// A quarter of an hour. Since 2000 every offset of every zone is a multiple of one.
pub const QUARTER_MS: i64 = 15 * MINUTE_MS;

/// An organization's reporting time zone.
#[derive(Clone, Debug)]
pub struct Zone(TimeZone);

impl Zone {
    /// The zone of this name; UTC for one that nobody knows any more.
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

    /// The local day of a moment, counted from 1970-01-01.
    pub fn day(&self, at: Timestamp) -> i64 {
        (at + self.offset(at)).div_euclid(DAY_MS)
    }

    /// The local month of a moment, as `202611`.
    pub fn month(&self, at: Timestamp) -> i64 {
        let date = self.at(at).date();
        i64::from(date.year()) * 100 + i64::from(date.month())
    }

    /// The month of a day, as `202611`.
    pub fn month_of_day(day: i64) -> i64 {
        let date = date(day);
        i64::from(date.year()) * 100 + i64::from(date.month())
    }

    /// When a local day starts: midnight, or what comes first after it.
    pub fn start_of(&self, day: i64) -> Timestamp {
        start(&self.0, date(day))
    }

    /// From when to when a range goes; `None` for one that no calendar has.
    pub fn resolve(&self, range: &Range, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let today = self.day(now);
        let days = |count: i64| (self.start_of(today - count + 1), self.start_of(today + 1));
        let hour = self.whole_hour(now);
        let first = self.at(now).date().first_of_month();
        Some(match range {
            Range::Hours2 => (hour - HOUR_MS, hour + HOUR_MS),
            Range::Hours24 => (hour - 23 * HOUR_MS, hour + HOUR_MS),
            Range::Days7 => days(7),
            Range::Days30 => days(30),
            Range::Days90 => days(90),
            Range::ThisMonth => (start(&self.0, first), start(&self.0, first.checked_add(1.month()).ok()?)),
            Range::LastMonth => (start(&self.0, first.checked_sub(1.month()).ok()?), start(&self.0, first)),
            Range::Months12 => {
                (start(&self.0, first.checked_sub(11.months()).ok()?), start(&self.0, first.checked_add(1.month()).ok()?))
            }
            Range::Span(from, to) if from.contains('T') => {
                let moment = |text: &str| {
                    let local: DateTime = text.parse().ok()?;
                    local.to_zoned(self.0.clone()).ok().map(|at| at.timestamp().as_millisecond())
                };
                (moment(from)?, moment(to)?)
            }
            Range::Span(from, to) => {
                let (from, to): (Date, Date) = (from.parse().ok()?, to.parse().ok()?);
                (start(&self.0, from), start(&self.0, to.tomorrow().ok()?))
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
        let earlier = self.at(from).date().checked_sub(months.months());
        if let (true, Ok(earlier)) = (months > 0, earlier) {
            return (start(&self.0, earlier), from);
        }
        if self.start_of(self.day(from)) == from && self.start_of(self.day(to)) == to {
            return (self.start_of(2 * self.day(from) - self.day(to)), from);
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
        let local = at + self.offset(at);
        at - local.rem_euclid(HOUR_MS)
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
        let date = self.at(at).date();
        let day = |date: Result<Date, jiff::Error>| date.map_or(Timestamp::MAX, |date| start(&self.0, date));
        match granularity {
            Granularity::Minute => at - at.rem_euclid(MINUTE_MS) + MINUTE_MS,
            Granularity::Hour => {
                // Where the clock is turned by half an hour, one bucket takes the half hour along.
                let next = at + HOUR_MS;
                let over = (next + self.offset(next)).rem_euclid(HOUR_MS);
                if over == 0 { next } else { next + HOUR_MS - over }
            }
            Granularity::Day => day(date.tomorrow()),
            Granularity::Week => day(date.nth_weekday(1, Weekday::Monday)),
            Granularity::Month => day(date.first_of_month().checked_add(1.month())),
        }
    }

    /// The moments within a range where the offset changes, and the offset from each on; the start is the first.
    pub fn offsets(&self, (from, to): (Timestamp, Timestamp)) -> Vec<(Timestamp, i64)> {
        let mut changes = vec![(from, self.offset(from))];
        for transition in self.0.following(moment(from)) {
            let at = transition.timestamp().as_millisecond();
            if at >= to {
                break;
            }
            changes.push((at, self.offset(at)));
        }
        changes
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

/// The day of that number.
fn date(day: i64) -> Date {
    let since = SignedDuration::from_hours(24).checked_mul(i32::try_from(day).unwrap_or_default());
    since.and_then(|since| jiff::civil::date(1970, 1, 1).checked_add(since).ok()).unwrap_or(jiff::civil::date(1970, 1, 1))
}

fn start(zone: &TimeZone, date: Date) -> Timestamp {
    date.to_zoned(zone.clone()).map_or(0, |at| at.timestamp().as_millisecond())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ZONES: [&str; 9] = [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "America/St_Johns",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "America/Sao_Paulo",
    ];

    fn utc(text: &str) -> Timestamp {
        text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn days_by_example() {
        let berlin = Zone::named("Europe/Berlin");
        // The day on which the clock goes forward has 23 hours, the one on which it goes back 25.
        let hours = |day: &str| {
            let range = berlin.resolve(&Range::Span(day.into(), day.into()), 0).unwrap();
            berlin.buckets(range, Granularity::Hour).unwrap().len()
        };
        assert_eq!((hours("2026-03-29"), hours("2026-10-25"), hours("2026-06-01")), (23, 25, 24));
        let november = utc("2026-11-24T23:30:00Z");
        assert_eq!(
            berlin.resolve(&Range::ThisMonth, november).unwrap(),
            (utc("2026-10-31T23:00:00Z"), utc("2026-11-30T23:00:00Z"))
        );
        assert_eq!(berlin.day(november), 1 + Zone::named("UTC").day(november));
        assert_eq!(berlin.month(utc("2026-10-31T23:00:00Z")), 202_611);
        let february = berlin.resolve(&Range::Span("2028-02-01".into(), "2028-03-01".into()), 0).unwrap();
        assert_eq!(berlin.buckets(february, Granularity::Day).unwrap().len(), 30);
        let this = berlin.resolve(&Range::ThisMonth, utc("2026-03-05T00:00:00Z")).unwrap();
        assert_eq!(berlin.before(&Range::ThisMonth, this), (utc("2026-01-31T23:00:00Z"), utc("2026-02-28T23:00:00Z")));
        assert_eq!(berlin.resolve(&Range::Span("2026-02-30".into(), "2026-03-01".into()), 0), None);
        // West of UTC, today is not tomorrow.
        let york = Zone::named("America/New_York");
        assert_eq!(york.resolve(&Range::Days7, utc("2026-11-24T02:00:00Z")).unwrap().1, utc("2026-11-24T05:00:00Z"));
    }

    proptest! {
        #[test]
        fn buckets_tile_their_range(zone in 0..ZONES.len(), from in 10_957..25_000_i64, days in 1..300_i64, granularity in 1..5_usize) {
            let zone = Zone::named(ZONES[zone]);
            let range = (zone.start_of(from), zone.start_of(from + days));
            prop_assume!(range.0 < range.1);
            if let Some(starts) = zone.buckets(range, Granularity::ALL[granularity]) {
                prop_assert_eq!(starts[0], range.0);
                prop_assert!(starts.windows(2).all(|pair| pair[0] < pair[1]));
                prop_assert!(starts.iter().all(|start| *start < range.1 && start % QUARTER_MS == 0));
            }
            // Every moment lies in the day that its number says.
            let moment = range.0 + (range.1 - range.0) / 3;
            let day = zone.day(moment);
            prop_assert!(zone.start_of(day) <= moment && moment < zone.start_of(day + 1));
            // The offsets say the same as the days.
            let changes = zone.offsets(range);
            let offset = changes.iter().rev().find(|(at, _)| *at <= moment).unwrap().1;
            prop_assert_eq!((moment + offset).div_euclid(DAY_MS), day);
        }
    }
}
