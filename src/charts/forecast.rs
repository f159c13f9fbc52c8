//! What history says about the days to come, and which days were out of the ordinary.
//!
//! Plain methods that can be said in a sentence. Days of the week differ, so each is compared with its own kind.

/// Weeks that count.
const WEEKS: usize = 8;
/// How many standard deviations hold four of five outcomes, if they are spread normally.
const FOUR_OF_FIVE: f64 = 1.281_55;
/// Makes the median distance from the median comparable with a standard deviation.
const MEDIAN_TO_DEVIATION: f64 = 1.4826;

/// A sum that is still to come, as a range that four of five outcomes lie in.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Forecast {
    pub low: f64,
    pub middle: f64,
    pub high: f64,
}

/// Values of the same day of the week as a place, before it, the newest first.
fn same_days(history: &[f64], place: usize) -> Vec<f64> {
    (1..=WEEKS).filter_map(|weeks| history.get(place.checked_sub(weeks * 7)?).copied()).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The sum of the next days: for each, the mean of the same day in the last eight weeks; the range from how much
/// those differed. `None` with less than two weeks of history.
pub fn forecast(history: &[f64], days: usize) -> Option<Forecast> {
    if history.len() < 14 {
        return None;
    }
    let (mut middle, mut variance) = (0.0, 0.0);
    for day in 0..days {
        // The same day of the week in the last weeks that are known.
        let place = history.len() + day % 7;
        let same = same_days(history, place);
        let own = mean(&same);
        middle += own;
        variance += same.iter().map(|value| (value - own).powi(2)).sum::<f64>() / (same.len().max(2) - 1) as f64;
    }
    let spread = FOUR_OF_FIVE * variance.sqrt();
    Some(Forecast { low: (middle - spread).max(0.0), middle, high: middle + spread })
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        length if length % 2 == 1 => sorted[half],
        _ => (sorted[half - 1] + sorted[half]) / 2.0,
    }
}

/// Places of days that are far above the same days before: more than three times as far from their median as those
/// usually are, and at least half as much again. Three such days must be known.
pub fn unusual(history: &[f64]) -> Vec<usize> {
    let far_above = |place: &usize| {
        let same = same_days(history, *place);
        let usual = median(&same);
        let distances: Vec<f64> = same.iter().map(|value| (value - usual).abs()).collect();
        let usually = median(&distances) * MEDIAN_TO_DEVIATION;
        let above = history[*place] - usual;
        same.len() >= 3 && above > 3.0 * usually && above > usual * 0.5 && above > 0.0
    };
    (0..history.len()).filter(far_above).collect()
}

/// Why a sum is more than usual: more calls, dearer calls of the same kind, or more of the dearer kinds. The three add
/// up to the whole difference.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reasons {
    pub volume: f64,
    pub price: f64,
    pub mix: f64,
}

/// Calls and cost of one kind, usually and now.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct KindOfCall {
    pub usual_calls: f64,
    pub usual_cost: f64,
    pub calls: f64,
    pub cost: f64,
}

/// Takes a difference apart, as cost accounting does with price, volume and mix.
pub fn reasons(kinds: &[KindOfCall]) -> Reasons {
    let sum = |of: fn(&KindOfCall) -> f64| kinds.iter().map(of).sum::<f64>();
    let (usual_calls, usual_cost) = (sum(|kind| kind.usual_calls), sum(|kind| kind.usual_cost));
    let (calls, cost) = (sum(|kind| kind.calls), sum(|kind| kind.cost));
    let usual_price = if usual_calls > 0.0 { usual_cost / usual_calls } else { 0.0 };
    let volume = (calls - usual_calls) * usual_price;
    // A kind that was not there before has no usual price: what it costs is a matter of mix.
    let price_of = |kind: &KindOfCall| {
        let known = kind.usual_calls > 0.0;
        if known { kind.cost - kind.calls * kind.usual_cost / kind.usual_calls } else { 0.0 }
    };
    let price: f64 = kinds.iter().map(price_of).sum();
    Reasons { volume, price, mix: cost - usual_cost - volume - price }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weeks(count: usize) -> Vec<f64> {
        (0..count * 7).map(|day| if day % 7 < 5 { 100.0 } else { 10.0 }).collect()
    }

    #[test]
    fn a_steady_history_goes_on() {
        assert_eq!(forecast(&weeks(1), 3), None);
        let told = forecast(&weeks(6), 10).unwrap_or_default();
        assert!((told.middle - (5.0 * 100.0 + 2.0 * 10.0 + 3.0 * 100.0)).abs() < 1e-9);
        assert!((told.low - told.high).abs() < 1e-9);
        let mut uneven = weeks(6);
        uneven[36] = 160.0;
        let told = forecast(&uneven, 7).unwrap_or_default();
        assert!(told.low < told.middle && told.middle < told.high);
    }

    #[test]
    fn only_days_far_above_their_kind_are_unusual() {
        let mut history = weeks(6);
        assert!(unusual(&history).is_empty());
        // As much as on a working day, on a Sunday.
        history[41] = 100.0;
        assert_eq!(unusual(&history), [41]);
        // And a little more than usual is nothing.
        history[37] = 130.0;
        assert_eq!(unusual(&history), [41]);
    }

    #[test]
    fn reasons_add_up() {
        let kind = |usual_calls, usual_cost, calls, cost| KindOfCall { usual_calls, usual_cost, calls, cost };
        let twice = reasons(&[kind(10.0, 100.0, 20.0, 200.0)]);
        assert_eq!((twice.volume, twice.price, twice.mix), (100.0, 0.0, 0.0));
        let dearer = reasons(&[kind(10.0, 100.0, 10.0, 150.0)]);
        assert_eq!((dearer.volume, dearer.price, dearer.mix), (0.0, 50.0, 0.0));
        let other = reasons(&[kind(10.0, 10.0, 0.0, 0.0), kind(10.0, 100.0, 20.0, 200.0)]);
        assert_eq!((other.volume, other.price, other.mix), (0.0, 0.0, 90.0));
        let new = reasons(&[kind(10.0, 10.0, 10.0, 10.0), kind(0.0, 0.0, 5.0, 50.0)]);
        assert!((new.volume + new.price + new.mix - 50.0).abs() < 1e-9);
    }
}
