//! Latencies, counted in groups, and the percentiles that follow from the counts.

/// Upper bounds, in milliseconds, of the groups that latencies are counted in; a last group holds what took longer.
pub const LATENCY_BOUNDS: [u32; 14] = [100, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 7500, 10_000, 20_000, 60_000];
/// Groups of latencies.
pub const LATENCY_GROUPS: usize = LATENCY_BOUNDS.len() + 1;

/// The time that so many of 100 calls took at most, from counts by group of [`LATENCY_BOUNDS`]: within
/// a group the calls are taken to lie evenly (the way of Prometheus's `histogram_quantile`); of calls
/// beyond the last bound only the bound is known.
pub fn percentile(counted: &[i64; LATENCY_GROUPS], percent: i64) -> Option<i64> {
    let total: i64 = counted.iter().sum();
    let wanted = (total * percent + 99).div_euclid(100);
    let mut before = 0;
    for (group, calls) in counted.iter().enumerate() {
        if wanted > 0 && before + calls >= wanted {
            let lower = group.checked_sub(1).and_then(|group| LATENCY_BOUNDS.get(group)).copied().map_or(0, i64::from);
            let upper = LATENCY_BOUNDS.get(group).copied().map_or(lower, i64::from);
            return Some(lower + (wanted - before) * (upper - lower) / (*calls).max(1));
        }
        before += calls;
    }
    None
}

/// The group of a latency.
pub fn latency_group(latency: i64) -> usize {
    LATENCY_BOUNDS.iter().position(|bound| latency <= i64::from(*bound)).unwrap_or(LATENCY_BOUNDS.len())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counted(groups: &[(i64, i64)]) -> [i64; LATENCY_GROUPS] {
        let mut counted = [0; LATENCY_GROUPS];
        for (latency, calls) in groups {
            counted[latency_group(*latency)] += calls;
        }
        counted
    }

    #[test]
    fn percentiles_by_example() {
        assert_eq!(percentile(&counted(&[]), 50), None);
        assert_eq!(percentile(&counted(&[(100, 10)]), 50), Some(50));
        assert_eq!(percentile(&counted(&[(100, 50), (200, 50)]), 50), Some(100));
        assert_eq!(percentile(&counted(&[(100, 50), (200, 50)]), 95), Some(190));
        assert_eq!(percentile(&counted(&[(100, 1), (1000, 99)]), 50), Some(750 + 250 * 49 / 99));
        assert_eq!(percentile(&counted(&[(61_000, 3)]), 50), Some(60_000));
    }

    proptest! {
        #[test]
        fn a_percentile_lies_in_the_group_that_holds_it(latencies in proptest::collection::vec(0..70_000_i64, 1..200), percent in 1..=100_i64) {
            let mut sorted = latencies.clone();
            sorted.sort_unstable();
            let groups: Vec<(i64, i64)> = latencies.iter().map(|latency| (*latency, 1)).collect();
            let told = percentile(&counted(&groups), percent).unwrap();
            let place = (sorted.len() as i64 * percent + 99) / 100 - 1;
            let exact = sorted[usize::try_from(place).unwrap()];
            let group = latency_group(exact);
            let upper = LATENCY_BOUNDS.get(group).copied().map_or(60_000, i64::from);
            let lower = group.checked_sub(1).map_or(0, |group| i64::from(LATENCY_BOUNDS[group]));
            prop_assert!((lower..=upper).contains(&told), "{told} for {exact}");
        }
    }
}
