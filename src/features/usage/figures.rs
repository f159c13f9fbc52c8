//! Numbers of usage in words: amounts of a metric, names of groups and of buckets.

use crate::args;
use crate::charts::chart::NO_COLOR;
use crate::charts::marks::Values;
use crate::i18n::{Key, compact, in_zone, milliseconds, money, number, percent, plain_in_zone, plural, text, text_with};
use pulze_contract::Timestamp;
use pulze_contract::money::Money;
use pulze_contract::usage::{Dimension, Granularity, Metric, Range, UNALLOCATED, Usage, UsageGroup};

/// Money, tokens and milliseconds stay exact in a double far beyond what anybody pays.
#[allow(clippy::cast_precision_loss)]
pub fn float(value: i64) -> f64 {
    value as f64
}

pub fn metric_key(metric: Metric) -> Key {
    match metric {
        Metric::Cost => Key::MetricCost,
        Metric::Calls => Key::MetricCalls,
        Metric::Tokens => Key::MetricTokens,
        Metric::LatencyP50 => Key::MetricLatencyP50,
        Metric::LatencyP95 => Key::MetricLatencyP95,
        Metric::Errors => Key::MetricErrors,
    }
}

pub fn dimension_key(dimension: Dimension) -> Key {
    match dimension {
        Dimension::Space => Key::DimensionSpace,
        Dimension::Member => Key::DimensionMember,
        Dimension::Assistant => Key::DimensionAssistant,
        Dimension::Model => Key::DimensionModel,
        Dimension::Provider => Key::DimensionProvider,
        Dimension::Key => Key::DimensionKey,
    }
}

pub fn granularity_key(granularity: Granularity) -> Key {
    match granularity {
        Granularity::Minute => Key::GranularityMinute,
        Granularity::Hour => Key::GranularityHour,
        Granularity::Day => Key::GranularityDay,
        Granularity::Week => Key::GranularityWeek,
        Granularity::Month => Key::GranularityMonth,
    }
}

pub fn range_key(range: &Range) -> Key {
    match range {
        Range::Hours2 => Key::RangeHours2,
        Range::Hours24 => Key::RangeHours24,
        Range::Days7 => Key::RangeDays7,
        Range::Days30 => Key::RangeDays30,
        Range::Days90 => Key::RangeDays90,
        Range::ThisMonth => Key::RangeThisMonth,
        Range::LastMonth => Key::RangeLastMonth,
        Range::Months12 => Key::RangeMonths12,
        Range::Span(..) => Key::RangeOwn,
    }
}

/// A value of a metric; short for an axis.
pub fn amount(metric: Metric, value: f64, short: bool) -> String {
    match metric {
        Metric::Cost if short => crate::i18n::short_money(value / 1_000_000.0),
        Metric::Cost => money(Money::about(value)),
        Metric::LatencyP50 | Metric::LatencyP95 => milliseconds(value.round()),
        _ if short => compact(value),
        _ => number(value),
    }
}

/// What tables count a metric in, and how many decimals of it a value has.
pub fn unit(metric: Metric) -> (&'static str, usize) {
    match metric {
        // Micro-dollars.
        Metric::Cost => ("USD", 6),
        Metric::LatencyP50 | Metric::LatencyP95 => ("ms", 0),
        Metric::Calls | Metric::Tokens | Metric::Errors => ("", 0),
    }
}

/// By how much something changed, as `+12.5%`; nothing to compare with is nothing to tell.
pub fn change(before: f64, now: f64) -> Option<String> {
    if before == 0.0 {
        return None;
    }
    let share = (now - before) / before;
    let sign = if share > 0.0 { "+" } else { "" };
    Some(format!("{sign}{}", percent(share)))
}

/// What a group is called.
pub fn group_name(group: &UsageGroup, dimension: Dimension) -> String {
    match (group.id.as_str(), group.name.as_str()) {
        ("", _) => text(Key::Unallocated),
        (_, "") if dimension == Dimension::Member => text(Key::FormerMember),
        // Nothing of it is known any more: its identifier is.
        (id, "") => id.to_owned(),
        (_, name) => name.to_owned(),
    }
}

/// The value of a filter for a group.
pub fn filter_value(group: &UsageGroup) -> String {
    if group.id.is_empty() { UNALLOCATED.to_owned() } else { group.id.clone() }
}

pub fn group_color(group: &UsageGroup) -> u32 {
    if group.id.is_empty() { NO_COLOR } else { group.color }
}

/// What the groups are called that are not shown by themselves.
pub fn rest_name(usage: &Usage) -> String {
    let shown = u32::try_from(usage.groups.len()).unwrap_or(u32::MAX);
    plural(Key::OthersCount, usage.groups_total.saturating_sub(shown))
}

/// A bucket in full and in short.
pub fn bucket_names(usage: &Usage, place: usize) -> (String, String) {
    let (at, zone) = (usage.buckets[place], usage.time_zone.as_str());
    let several_days = usage.to - usage.from > 86_400_000 * 3 / 2;
    let time = [("hour", "2-digit"), ("minute", "2-digit")];
    let day = [("day", "numeric"), ("month", "short")];
    match usage.granularity {
        Granularity::Minute | Granularity::Hour => {
            let full = in_zone(at, zone, &[("dateStyle", "medium"), ("timeStyle", "short")]);
            let short = if several_days { in_zone(at, zone, &[day[0], day[1], time[0]]) } else { in_zone(at, zone, &time) };
            (full, short)
        }
        Granularity::Day => (
            in_zone(at, zone, &[("weekday", "short"), ("day", "numeric"), ("month", "short"), ("year", "numeric")]),
            in_zone(at, zone, &day),
        ),
        Granularity::Week => {
            let from = in_zone(at, zone, &[("day", "numeric"), ("month", "short"), ("year", "numeric")]);
            (text_with(Key::WeekOf, args!(date = from)), in_zone(at, zone, &day))
        }
        Granularity::Month => (
            in_zone(at, zone, &[("month", "long"), ("year", "numeric")]),
            in_zone(at, zone, &[("month", "short"), ("year", "2-digit")]),
        ),
    }
}

/// The bucket that has begun and has not ended: its numbers still grow.
pub fn unfinished(usage: &Usage) -> Option<usize> {
    (0..usage.buckets.len()).rfind(|place| usage.buckets[*place] <= usage.now && usage.now < bucket_end(usage, *place))
}

/// Values by bucket for a line without words: it ends before the bucket that is unfinished, which would look like a fall.
pub fn settled(usage: &Usage, values: impl Iterator<Item = Option<f64>>) -> Values {
    let mut settled: Values = values.collect();
    if let Some(value) = unfinished(usage).and_then(|place| settled.get_mut(place)) {
        *value = None;
    }
    settled
}

/// Where a bucket ends.
pub fn bucket_end(usage: &Usage, place: usize) -> Timestamp {
    usage.buckets.get(place + 1).copied().unwrap_or(usage.to)
}

/// A span of time as a range of the question; a span of whole days by its days.
pub fn range_of(usage: &Usage, from: Timestamp, to: Timestamp) -> Range {
    let (first, last) = (plain_in_zone(from, &usage.time_zone), plain_in_zone(to, &usage.time_zone));
    if first.ends_with("00:00") && last.ends_with("00:00") && to - from > 80_000_000 {
        let last = plain_in_zone(to - 1, &usage.time_zone);
        return Range::Span(first.chars().take(10).collect(), last.chars().take(10).collect());
    }
    Range::Span(first.replace(' ', "T"), last.replace(' ', "T"))
}

/// From when to when an answer tells.
pub fn span_text(usage: &Usage) -> String {
    let zone = usage.time_zone.as_str();
    let (from, to) = (usage.from, usage.to - 1);
    if usage.to - usage.from <= 86_400_000 * 2 && usage.granularity <= Granularity::Hour {
        let settings = [("dateStyle", "medium"), ("timeStyle", "short")];
        return format!("{} – {}", in_zone(from, zone, &settings), in_zone(usage.to, zone, &settings));
    }
    let settings = [("dateStyle", "medium")];
    format!("{} – {}", in_zone(from, zone, &settings), in_zone(to, zone, &settings))
}
