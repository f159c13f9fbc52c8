//! Marks: values by place become paths. A place is one unit wide, the axis is [`HEIGHT`] units high.

use std::fmt::Write;

/// Height of the picture in its own units.
pub const HEIGHT: f64 = 1000.0;
/// Share of a place that its column leaves free at each side.
const MARGIN: f64 = 0.12;

/// Values by place; nothing where nothing is known.
pub type Values = Vec<Option<f64>>;

/// A span of a column, from its foot to its head.
pub type Span = Option<(f64, f64)>;

/// Stacks series upon each other. What is not known of one adds nothing and is drawn as nothing; nothing known
/// of any is a gap.
pub fn stacked(series: &[Values]) -> Vec<Vec<Span>> {
    let places = series.iter().map(Vec::len).max().unwrap_or(0);
    let mut feet = vec![0.0; places];
    let stack = |values: &Values| {
        let span = |(foot, value): (&mut f64, &Option<f64>)| {
            let value = (*value)?;
            let from = *foot;
            *foot += value;
            Some((from, *foot))
        };
        feet.iter_mut().zip(values).map(span).collect()
    };
    series.iter().map(stack).collect()
}

/// Sums so far. A gap at the start stays one; a gap later on holds what there was, until nothing is known any more.
pub fn cumulative(values: &Values) -> Values {
    let last = values.iter().rposition(Option::is_some);
    let mut sum = None;
    let so_far = |(place, value): (usize, &Option<f64>)| {
        if let Some(value) = value {
            *sum.get_or_insert(0.0) += value;
        }
        sum.filter(|_| last.is_some_and(|last| place <= last))
    };
    values.iter().enumerate().map(so_far).collect()
}

/// The greatest value, with the stack where series are stacked.
pub fn most(series: &[Values], stacks: bool) -> f64 {
    let greatest = |values: f64, value: f64| if value > values { value } else { values };
    if stacks {
        return stacked(series).iter().flatten().flatten().map(|(_, to)| *to).fold(0.0, greatest);
    }
    series.iter().flatten().flatten().copied().fold(0.0, greatest)
}

fn y(value: f64, most: f64) -> f64 {
    HEIGHT - value / most * HEIGHT
}

/// Columns as one path; none for spans without height.
pub fn columns(spans: &[Span], most: f64) -> String {
    let mut path = String::new();
    for (place, span) in spans.iter().enumerate() {
        if let Some((from, to)) = span.filter(|(from, to)| to > from) {
            let x = place as f64 + MARGIN;
            let _ = write!(
                path,
                "M{x:.2} {:.1}h{:.2}V{:.1}h-{:.2}z",
                y(from, most),
                1.0 - 2.0 * MARGIN,
                y(to, most),
                1.0 - 2.0 * MARGIN
            );
        }
    }
    path
}

/// A line through the middles of places, in straight segments, broken where nothing is known. A point without
/// neighbours is a short dash, so that it is seen.
pub fn line(values: &[Option<f64>], most: f64) -> String {
    let mut path = String::new();
    let known = |place: Option<usize>| place.and_then(|place| values.get(place)).is_some_and(Option::is_some);
    for (place, value) in values.iter().enumerate() {
        let Some(value) = value else { continue };
        let (x, y) = (place as f64 + 0.5, y(*value, most));
        let begins = !known(place.checked_sub(1));
        if begins && !known(Some(place + 1)) {
            let _ = write!(path, "M{:.2} {y:.1}H{:.2}", x - 0.2, x + 0.2);
        } else {
            let _ = write!(path, "{}{x:.2} {y:.1}", if begins { "M" } else { "L" });
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_is_as_high_as_its_sum() {
        let stack = stacked(&[vec![Some(1.0), None, Some(0.0)], vec![Some(2.0), None, Some(4.0)]]);
        assert_eq!(stack, [[Some((0.0, 1.0)), None, Some((0.0, 0.0))], [Some((1.0, 3.0)), None, Some((0.0, 4.0))]]);
        assert!((most(&[vec![Some(1.0)], vec![Some(2.0)]], true) - 3.0).abs() < 1e-9);
        assert!((most(&[vec![Some(1.0)], vec![Some(2.0)]], false) - 2.0).abs() < 1e-9);
    }

    #[test]
    fn missing_is_a_gap_and_zero_is_a_zero() {
        assert_eq!(line(&[Some(0.0), Some(10.0), None, Some(5.0), None], 10.0), "M0.50 1000.0L1.50 0.0M3.30 500.0H3.70");
        assert_eq!(columns(&[Some((0.0, 5.0)), None, Some((0.0, 0.0))], 10.0), "M0.12 1000.0h0.76V500.0h-0.76z");
        assert_eq!(cumulative(&vec![None, Some(1.0), None, Some(2.0), None]), [None, Some(1.0), Some(1.0), Some(3.0), None]);
    }

    /// The marks of random data say the same numbers as the data: heights of stacked columns come back as values.
    #[test]
    fn marks_say_what_the_values_say() {
        let mut state = 7_u64;
        let mut drawn = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % 1000
        };
        for _ in 0..200 {
            let (places, count) = (1 + drawn() as usize % 40, 1 + drawn() as usize % 6);
            let series: Vec<Values> =
                (0..count).map(|_| (0..places).map(|_| (drawn() % 5 > 0).then(|| drawn() as f64)).collect()).collect();
            let most = most(&series, true).max(1.0);
            let stack = stacked(&series);
            for (values, spans) in series.iter().zip(&stack) {
                for (value, span) in values.iter().zip(spans) {
                    let height = span.map(|(from, to)| to - from);
                    assert!(height.unwrap_or(-1.0) - value.unwrap_or(-1.0) < 1e-9);
                }
                let drawn_columns = columns(spans, most).matches('M').count();
                assert_eq!(drawn_columns, values.iter().filter(|value| value.is_some_and(|value| value > 0.0)).count());
            }
            let all: f64 = series.iter().flatten().flatten().sum();
            let so_far = series.iter().map(|values| cumulative(values).into_iter().flatten().next_back().unwrap_or(0.0));
            assert!((so_far.sum::<f64>() - all).abs() < 1e-6);
        }
    }
}
