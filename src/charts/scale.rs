//! Where values and words stand on an axis.

/// Round values from zero to at least `most`, about `count` of them: steps of 1, 2, 2.5 and 5 times a power of
/// ten (after Heckbert, "Nice numbers for graph labels", Graphics Gems, 1990).
pub fn nice_ticks(most: f64, count: u32) -> Vec<f64> {
    if most.is_nan() || most <= 0.0 || !most.is_finite() {
        return vec![0.0, 1.0];
    }
    let rough = most / f64::from(count.max(1));
    let power = 10_f64.powf(rough.log10().floor());
    let factor = rough / power;
    let step = [1.0, 2.0, 2.5, 5.0].into_iter().find(|nice| factor <= *nice + 1e-9).unwrap_or(10.0) * power;
    let mut ticks = vec![0.0];
    for place in 1..=(count * 2 + 2) {
        let tick = f64::from(place) * step;
        ticks.push(tick);
        if tick >= most - step * 1e-9 {
            break;
        }
    }
    ticks
}

/// Where a value lies on a logarithmic axis from the least to the most of all, from 0 to 1; in the middle where
/// they are all the same. What is not above nothing lies at its beginning.
pub fn logarithmic(value: f64, least: f64, most: f64) -> f64 {
    if value <= 0.0 || least <= 0.0 {
        return 0.0;
    }
    let whole = (most / least).ln();
    if whole > 0.0 { ((value / least).ln() / whole).clamp(0.0, 1.0) } else { 0.5 }
}

/// Moves names apart that would stand upon each other: each has a place from 0 to 1 in both directions and takes a
/// share of the width and the height. Gives the height of each, the lowest first moved up as far as it must be.
pub fn apart(places: &[(f64, f64)], width: f64, height: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by(|one, other| places[*one].1.total_cmp(&places[*other].1));
    let mut heights: Vec<f64> = places.iter().map(|place| place.1).collect();
    for (done, index) in order.iter().copied().enumerate() {
        for earlier in order[..done].iter().copied() {
            let beside = (places[index].0 - places[earlier].0).abs() < width;
            if beside && heights[index] < heights[earlier] + height {
                heights[index] = heights[earlier] + height;
            }
        }
    }
    heights
}

/// Places that get a word, at most `most` of them, at even distances from the first.
pub fn labelled(places: usize, most: usize) -> Vec<usize> {
    let step = places.div_ceil(most.max(1)).max(1);
    (0..places).step_by(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_reach_the_most() {
        assert_eq!(nice_ticks(9.3, 4), [0.0, 2.5, 5.0, 7.5, 10.0]);
        assert_eq!(nice_ticks(100.0, 4), [0.0, 25.0, 50.0, 75.0, 100.0]);
        assert_eq!(nice_ticks(0.0, 4), [0.0, 1.0]);
        assert_eq!(nice_ticks(f64::NAN, 4), [0.0, 1.0]);
        // Every size, from micro-dollars to billions of tokens.
        let mut most = 1.0;
        while most < 1e13 {
            let ticks = nice_ticks(most, 4);
            let last = ticks.last().copied().unwrap_or_default();
            assert!(last >= most * 0.999_999 && last <= most * 2.6, "{most}: {ticks:?}");
            assert!((2..=7).contains(&ticks.len()), "{most}: {ticks:?}");
            most *= 1.37;
        }
    }

    #[test]
    fn a_logarithmic_axis_spreads_small_values() {
        assert!((logarithmic(10.0, 1.0, 100.0) - 0.5).abs() < 1e-9);
        assert_eq!((logarithmic(1.0, 1.0, 100.0), logarithmic(100.0, 1.0, 100.0)), (0.0, 1.0));
        assert_eq!((logarithmic(0.0, 1.0, 2.0), logarithmic(5.0, 5.0, 5.0)), (0.0, 0.5));
    }

    #[test]
    fn names_do_not_stand_upon_each_other() {
        let places: Vec<(f64, f64)> =
            (0..12_u8).map(|place| (f64::from(place % 4) * 0.1, f64::from(place * 7 % 5) * 0.02)).collect();
        let heights = apart(&places, 0.25, 0.08);
        for (one, place) in places.iter().enumerate() {
            assert!(heights[one] >= place.1);
            for other in 0..one {
                let beside = (place.0 - places[other].0).abs() < 0.25;
                assert!(!beside || (heights[one] - heights[other]).abs() >= 0.08 - 1e-9, "{one} {other} {heights:?}");
            }
        }
    }

    #[test]
    fn words_stand_at_even_distances() {
        assert_eq!(labelled(30, 8), [0, 4, 8, 12, 16, 20, 24, 28]);
        assert_eq!(labelled(5, 8), [0, 1, 2, 3, 4]);
        assert!(labelled(0, 8).is_empty());
        assert!((1..500).all(|places| labelled(places, 8).len() <= 8));
    }
}
