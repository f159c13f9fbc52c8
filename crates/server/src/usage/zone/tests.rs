#![allow(clippy::unwrap_used)]

use super::*;
use proptest::prelude::*;
use std::collections::HashSet;

fn utc(text: &str) -> Timestamp {
    text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

fn day_of(text: &str) -> i64 {
    number(text.parse().unwrap())
}

fn days(from: &str, to: &str) -> Range {
    Range::Span(from.into(), to.into())
}

#[test]
fn a_zone_is_known_by_each_of_its_names_and_keeps_the_one_that_was_chosen() {
    for name in [
        "Asia/Kolkata",
        "Asia/Calcutta",
        "Europe/Kyiv",
        "Europe/Kiev",
        "Asia/Ho_Chi_Minh",
        "Asia/Saigon",
        "America/Buenos_Aires",
        "Pacific/Kanton",
        "UTC",
        "Etc/UTC",
        "EST5EDT",
        "GMT",
    ] {
        assert_eq!(known(name).as_deref(), Ok(name));
    }
    assert_eq!(Zone::named("Asia/Kolkata").offset(0), Zone::named("Asia/Calcutta").offset(0));
    for name in jiff::tz::db().available().map(|name| name.to_string()).filter(|name| validation::time_zone(name).is_ok()) {
        assert_eq!(known(&name), Ok(name));
    }
    for none in ["", "Europe/Atlantis", "Etc/Unknown", "Mars/Olympus_Mons", "Nowhere", "../etc/passwd", "+02:00"] {
        assert_eq!(known(none), Err(Rule::TimeZoneUnknown), "{none}");
    }
}

#[test]
fn days_by_example() {
    let berlin = Zone::named("Europe/Berlin");
    // The day on which the clock goes forward has 23 hours, the one on which it goes back 25.
    let hours = |day: &str| {
        let range = berlin.resolve(&days(day, day), 0).unwrap();
        berlin.buckets(range, Granularity::Hour).unwrap().len()
    };
    assert_eq!((hours("2026-03-29"), hours("2026-10-25"), hours("2026-06-01")), (23, 25, 24));
    let november = utc("2026-11-24T23:30:00Z");
    assert_eq!(berlin.resolve(&Range::ThisMonth, november).unwrap(), (utc("2026-10-31T23:00:00Z"), utc("2026-11-30T23:00:00Z")));
    assert_eq!(berlin.day(november), 1 + Zone::named("UTC").day(november));
    assert_eq!(berlin.month(utc("2026-10-31T23:00:00Z")), 202_611);
    let february = berlin.resolve(&days("2028-02-01", "2028-03-01"), 0).unwrap();
    assert_eq!(berlin.buckets(february, Granularity::Day).unwrap().len(), 30);
    let this = berlin.resolve(&Range::ThisMonth, utc("2026-03-05T00:00:00Z")).unwrap();
    assert_eq!(berlin.before(&Range::ThisMonth, this), (utc("2026-01-31T23:00:00Z"), utc("2026-02-28T23:00:00Z")));
    assert_eq!(berlin.resolve(&days("2026-02-30", "2026-03-01"), 0), None);
    // West of UTC, today is not tomorrow.
    let york = Zone::named("America/New_York");
    assert_eq!(york.resolve(&Range::Days7, utc("2026-11-24T02:00:00Z")).unwrap().1, utc("2026-11-24T05:00:00Z"));
}

/// Found by a random search: the day began, ended and began again.
#[test]
fn st_johns_2006_10_29_where_midnight_comes_twice() {
    let zone = Zone::named("America/St_Johns");
    let (first, again) = (utc("2006-10-29T02:30:00Z"), utc("2006-10-29T03:30:00Z"));
    assert_eq!(zone.written(first), "2006-10-29T00:00:00-02:30");
    assert_eq!(zone.written(again), "2006-10-29T00:00:00-03:30");
    let day = day_of("2006-10-29");
    assert_eq!((zone.start_of(day), zone.start_of(day + 1)), (first, utc("2006-10-30T03:30:00Z")));
    assert_eq!(zone.day(first - 1), day - 1);
    for at in [first, first + MINUTE_MS, first + 2 * MINUTE_MS, again - 1, again] {
        assert_eq!(zone.day(at), day, "{}", zone.written(at));
    }
    let range = zone.resolve(&days("2006-10-28", "2006-10-29"), 0).unwrap();
    assert_eq!(zone.buckets(range, Granularity::Day).unwrap(), [range.0, first]);
    assert_eq!(zone.buckets(range, Granularity::Hour).unwrap().len(), 24 + 25);
    assert_eq!(zone.day_offsets(range), [(range.0, -9_000_000), (first + DAY_MS, -12_600_000)]);
    // A month too begins once: in 2009 the first of November came twice.
    for minutes in [0, 2, 45, 90] {
        assert_eq!(zone.month(utc("2009-11-01T02:30:00Z") + minutes * MINUTE_MS), 200_911);
    }
}

#[test]
fn apia_2011_12_30_never_came() {
    let zone = Zone::named("Pacific/Apia");
    let missing = day_of("2011-12-30");
    let turn = utc("2011-12-30T10:00:00Z");
    assert_eq!((zone.start_of(missing), zone.start_of(missing + 1)), (turn, turn));
    assert_eq!((zone.day(turn - 1), zone.day(turn)), (missing - 1, missing + 1));
    assert_eq!(zone.resolve(&days("2011-12-30", "2011-12-30"), 0), None);
    let range = zone.resolve(&days("2011-12-29", "2011-12-31"), 0).unwrap();
    assert_eq!(zone.buckets(range, Granularity::Day).unwrap(), [range.0, turn]);
    // The day before the 31st is the 29th.
    let after = days("2011-12-31", "2011-12-31");
    assert_eq!(zone.before(&after, zone.resolve(&after, 0).unwrap()), (turn - DAY_MS, turn));
}

#[test]
fn where_the_clock_goes_forward_over_midnight_the_day_starts_there() {
    // São Paulo, 2018-11-04: 00:00 was 01:00. Toronto, 1919-03-30: 23:30 was 00:30 of the 31st.
    let zone = Zone::named("America/Sao_Paulo");
    assert_eq!(zone.written(zone.start_of(day_of("2018-11-04"))), "2018-11-04T01:00:00-02:00");
    let zone = Zone::named("America/Toronto");
    assert_eq!(zone.written(zone.start_of(day_of("1919-03-31"))), "1919-03-31T00:30:00-04:00");
    // What a person typed that the clock skips is the moment after it: never later than what comes after.
    let zone = Zone::named("Europe/Berlin");
    let typed = Range::Span("2026-03-29T02:15".into(), "2026-03-29T03:15".into());
    assert_eq!(zone.resolve(&typed, 0), Some((utc("2026-03-29T01:00:00Z"), utc("2026-03-29T01:15:00Z"))));
}

#[test]
fn where_no_quarter_is_midnight_the_next_one_is() {
    // Liberia was 44 minutes and 30 seconds behind.
    let zone = Zone::named("Africa/Monrovia");
    let day = day_of("1971-07-01");
    assert_eq!(zone.start_of(day), utc("1971-07-01T00:45:00Z"));
    assert_eq!((zone.day(zone.start_of(day) - 1), zone.day(zone.start_of(day))), (day - 1, day));
}

/// The first moment of 1970, and of 2101.
const SPAN: (Timestamp, Timestamp) = (0, 4_133_980_800_000);

/// All zones of the database that differ between 1970 and 2100, and when their clocks are turned.
fn all() -> Vec<(String, Zone, Vec<Timestamp>)> {
    let mut seen = HashSet::new();
    let mut zones = Vec::new();
    for name in jiff::tz::db().available() {
        let zone = Zone::named(name.as_str());
        let turns: Vec<Timestamp> = zone.turns(SPAN.0).take_while(|turn| *turn < SPAN.1).collect();
        let offsets: Vec<i64> = turns.iter().map(|turn| zone.offset(*turn)).collect();
        if seen.insert((zone.offset(SPAN.0), turns.clone(), offsets)) {
            zones.push((name.to_string(), zone, turns));
        }
    }
    assert!(zones.len() > 250, "the database is there: {}", zones.len());
    zones
}

/// Runs a check for every zone, on as many threads as there are.
fn in_every_zone(check: impl Fn(&str, &Zone, &[Timestamp]) + Sync) {
    let zones = all();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let chunk = zones.len().div_ceil(threads);
    std::thread::scope(|scope| {
        for zones in zones.chunks(chunk) {
            scope.spawn(|| zones.iter().for_each(|(name, zone, turns)| check(name, zone, turns)));
        }
    });
}

#[test]
fn days_tile_time_in_every_zone_around_every_turn_of_the_clock() {
    in_every_zone(|name, zone, turns| {
        let mut done = SPAN.0;
        // The end of the span counts as a turn, so that what lies between the last one and it is looked at.
        for turn in turns.iter().copied().chain([SPAN.1]) {
            let (from, to) = (zone.start_of(zone.day(turn) - 2), zone.start_of(zone.day(turn) + 3));
            // Since the last turn nothing happened: all days had 24 hours.
            if done < from {
                let days = zone.day(from) - zone.day(done);
                let start = zone.start_of(zone.day(done));
                assert_eq!(start + days * DAY_MS, from, "{name}, {}", zone.written(from));
            }
            done = to;
            tiles(name, zone, turn, (from, to));
        }
    });
}

/// Days, hours and offsets between two starts of days, against what the clock shows.
fn tiles(name: &str, zone: &Zone, turn: Timestamp, (from, to): (Timestamp, Timestamp)) {
    let told = |at: Timestamp| format!("{name}, {}", zone.written(at));
    let offsets = zone.day_offsets((from, to));
    assert_eq!(offsets[0].0, from, "{}", told(from));
    // The latest date that any clock has shown, quarter by quarter, and just before the clock is turned.
    let mut latest = zone.at(from).date();
    let mut place = 0;
    let (mut at, mut last) = (from, zone.day(from) - 1);
    while at < to {
        for other in zone.turns(at - QUARTER_MS).take_while(|other| *other <= at) {
            latest = latest.max(zone.at(other - 1).date());
        }
        latest = latest.max(zone.at(at).date());
        let day = zone.day(at);
        assert_eq!(date(day), latest, "{}", told(at));
        assert_eq!(zone.day(at + QUARTER_MS - 1), day, "{}", told(at));
        if day > last {
            for started in last + 1..=day {
                assert_eq!(zone.start_of(started), at, "{}", told(at));
            }
            assert!(day == last + 1 || turn - DAY_MS < at && at < turn + DAY_MS, "{}", told(at));
            assert_eq!(zone.written(at).get(..10).unwrap(), date(day).to_string(), "{}", told(at));
        }
        assert!(day >= last, "{}", told(at));
        last = day;
        while offsets.get(place + 1).is_some_and(|(next, _)| *next <= at) {
            place += 1;
        }
        assert_eq!((at + offsets[place].1).div_euclid(DAY_MS), day, "{}", told(at));
        assert_eq!(zone.month(at), Zone::month_of_day(day));
        at += QUARTER_MS;
    }
    assert_eq!(zone.start_of(last + 1), to, "{}", told(to));
    for granularity in [Granularity::Hour, Granularity::Day] {
        let starts = zone.buckets((from, to), granularity).unwrap();
        assert!(starts.windows(2).all(|pair| pair[0] < pair[1]), "{}", told(from));
        assert!(starts.iter().all(|start| *start < to && start % QUARTER_MS == 0), "{}", told(from));
        let days: Vec<Timestamp> = (zone.day(from)..=last).map(|day| zone.start_of(day)).collect();
        assert!(days.iter().all(|start| starts.binary_search(start).is_ok()), "{}", told(from));
        if granularity == Granularity::Day {
            assert!(starts.iter().all(|start| days.contains(start)), "{}", told(from));
        }
    }
    // The text names the moment, but for the seconds of old offsets, which it has no place for.
    if zone.offset(from) % MINUTE_MS == 0 {
        assert_eq!(utc(&zone.written(from)), from, "{}", told(from));
    }
}

#[test]
fn weeks_and_months_tile_every_year_of_every_zone() {
    in_every_zone(|name, zone, _| {
        for year in 1970..=2100 {
            let range = zone.resolve(&days(&format!("{year}-01-01"), &format!("{year}-12-31")), 0).unwrap();
            let weeks = zone.buckets(range, Granularity::Week).unwrap();
            let months = zone.buckets(range, Granularity::Month).unwrap();
            assert!((53..=54).contains(&weeks.len()) && months.len() == 12, "{name}, {year}");
            for (month, start) in (1..).zip(&months) {
                assert_eq!(zone.month(*start), year * 100 + month, "{name}, {year}-{month}");
                assert_ne!(zone.month(*start - 1), year * 100 + month, "{name}, {year}-{month}");
            }
            for week in &weeks[1..] {
                let day = zone.day(*week);
                let monday = date(day).weekday() == Weekday::Monday || zone.start_of(day - 1) == *week;
                assert!(monday && zone.start_of(day) == *week, "{name}, {year}");
            }
        }
    });
}

/// What "today" and "this month" are when a question comes around a turn of the clock.
#[test]
fn every_range_holds_now_whenever_it_is_asked() {
    in_every_zone(|name, zone, turns| {
        for turn in turns {
            let midnight = zone.start_of(zone.day(*turn) + 1);
            for now in [turn - 1, *turn, turn + HOUR_MS - 1, turn + HOUR_MS, midnight - 1, midnight] {
                for (range, text) in &Range::NAMED {
                    let told = || format!("{name}, {text} at {}", zone.written(now));
                    let (from, to) = zone.resolve(range, now).unwrap();
                    assert!(from < to && from % QUARTER_MS == 0 && to % QUARTER_MS == 0, "{}", told());
                    let past = *range == Range::LastMonth;
                    assert_eq!((from..to).contains(&now), !past, "{}", told());
                    let before = zone.before(range, (from, to));
                    assert!(before.0 < before.1 && before.1 <= from, "{}", told());
                    let begun = zone.begun((from, to), before, now);
                    assert!(begun.0 == before.0 && begun.0 < begun.1 && begun.1 <= before.1, "{}", told());
                }
            }
        }
    });
}

proptest! {
    #[test]
    fn buckets_tile_their_range(zone in any::<prop::sample::Index>(), from in 10_957..47_000_i64, days in 1..300_i64, granularity in 1..5_usize) {
        let names: Vec<_> = jiff::tz::db().available().collect();
        let zone = Zone::named(names[zone.index(names.len())].as_str());
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
        let changes = zone.day_offsets(range);
        let offset = changes.iter().rev().find(|(at, _)| *at <= moment).unwrap().1;
        prop_assert_eq!((quarter(moment) + offset).div_euclid(DAY_MS), day);
    }
}
