//! What calls come to: numbers that add up, or say that they do not.

use crate::error::{Error, Result};
use pulze_contract::money::Money;
use pulze_contract::usage::{Amounts, LATENCY_GROUPS, latency_group, percentile};
use std::ops::AddAssign;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub calls: i64,
    pub errors: i64,
    pub prompt_tokens: i64,
    pub completion_tokens: i64,
    /// Nano-dollars.
    pub cost: i64,
    pub unpriced: i64,
    /// Calls by how long they took; those that did not say are in none.
    pub latencies: [i64; LATENCY_GROUPS],
    /// Something was beyond what can be added up; [`Sums::whole`] refuses it.
    pub over: bool,
}

/// Adds, or fails where the sum is beyond what is kept.
///
/// # Errors
/// `internal`: what comes in is bounded (`TOTAL_MAX`), so it is never to be met.
pub fn add(sum: &mut i64, more: i64) -> Result<()> {
    *sum = sum.checked_add(more).ok_or_else(beyond)?;
    Ok(())
}

fn beyond() -> Error {
    Error::Internal("a sum of usage is beyond what can be kept".to_owned())
}

impl AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        let mut over = self.over || other.over;
        let mut add = |sum: &mut i64, more| {
            if add(sum, more).is_err() {
                over = true;
            }
        };
        add(&mut self.calls, other.calls);
        add(&mut self.errors, other.errors);
        add(&mut self.prompt_tokens, other.prompt_tokens);
        add(&mut self.completion_tokens, other.completion_tokens);
        add(&mut self.cost, other.cost);
        add(&mut self.unpriced, other.unpriced);
        for (here, more) in self.latencies.iter_mut().zip(other.latencies) {
            add(here, more);
        }
        self.over = over;
    }
}

impl std::iter::Sum for Sums {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |mut sum, more| {
            sum += more;
            sum
        })
    }
}

impl Sums {
    /// Notes how long a call took.
    pub fn took(&mut self, latency: i64) {
        self.latencies[latency_group(latency)] += 1;
    }

    /// The sums, if nothing of them was beyond what can be added up. Every answer asks this of its total: no part of
    /// a total is more than the total.
    ///
    /// # Errors
    /// `internal`.
    pub fn whole(self) -> Result<Self> {
        let tokens = self.prompt_tokens.checked_add(self.completion_tokens);
        if self.over || tokens.is_none() { Err(beyond()) } else { Ok(self) }
    }

    pub fn amounts(&self) -> Amounts {
        Amounts {
            calls: self.calls,
            errors: self.errors,
            prompt_tokens: self.prompt_tokens,
            completion_tokens: self.completion_tokens,
            cost: Money::nano(self.cost),
            unpriced: self.unpriced,
            latency_p50: percentile(&self.latencies, 50),
            latency_p95: percentile(&self.latencies, 95),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// A sum is exact, or says that it is none.
        #[test]
        fn sums_never_wrap(parts in proptest::collection::vec((0..=i64::MAX, 0..=i64::MAX, 0..=i64::MAX), 0..6)) {
            let part = |(cost, prompt_tokens, completion_tokens)| Sums { cost, prompt_tokens, completion_tokens, ..Sums::default() };
            let sum: Sums = parts.iter().copied().map(part).sum();
            let exact = |of: fn(&(i64, i64, i64)) -> i64| parts.iter().map(|part| i128::from(of(part))).sum::<i128>();
            let (cost, prompt, completion) = (exact(|part| part.0), exact(|part| part.1), exact(|part| part.2));
            let fits = cost.max(prompt + completion) <= i128::from(i64::MAX);
            match sum.whole() {
                Ok(sum) => prop_assert!(fits
                    && (i128::from(sum.cost), i128::from(sum.amounts().tokens())) == (cost, prompt + completion)),
                Err(_) => prop_assert!(!fits),
            }
        }
    }
}
