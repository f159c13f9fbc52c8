//! What calls come to: numbers that add up.

use pulze_contract::usage::{Amounts, LATENCY_GROUPS, latency_group, percentile};
use std::ops::AddAssign;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub calls: i64,
    pub errors: i64,
    pub prompt_tokens: i64,
    pub completion_tokens: i64,
    /// Micro-dollars.
    pub cost: i64,
    pub unpriced: i64,
    /// Calls by how long they took; those that did not say are in none.
    pub latencies: [i64; LATENCY_GROUPS],
}

impl AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.calls += other.calls;
        self.errors += other.errors;
        self.prompt_tokens += other.prompt_tokens;
        self.completion_tokens += other.completion_tokens;
        self.cost += other.cost;
        self.unpriced += other.unpriced;
        for (here, more) in self.latencies.iter_mut().zip(other.latencies) {
            *here += more;
        }
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

    pub fn amounts(&self) -> Amounts {
        Amounts {
            calls: self.calls,
            errors: self.errors,
            prompt_tokens: self.prompt_tokens,
            completion_tokens: self.completion_tokens,
            cost: self.cost,
            unpriced: self.unpriced,
            latency_p50: percentile(&self.latencies, 50),
            latency_p95: percentile(&self.latencies, 95),
        }
    }
}
