//! `search`: what `test` never does. It draws other cases than every other run, and looks at days when clocks are
//! turned, months end and years begin. It says what it drew, so that what it finds can be repeated.

use crate::postgres::Postgres;
use crate::step::{cargo, run, step};
use anyhow::{Context, Result};
use std::hash::{BuildHasher, Hasher};

/// Where the clock stands in the rounds after the first, one after the other: shortly before months, a year and a
/// leap day begin, in UTC and in Zurich, and before clocks are turned.
const CLOCKS: [&str; 6] = [
    "2027-01-31T23:59:30Z",
    "2027-12-31T22:59:30Z",
    "2028-02-28T23:59:30Z",
    "2027-03-28T00:59:30Z",
    "2027-10-31T00:59:30Z",
    "2027-11-07T05:59:30Z",
];

#[derive(clap::Args)]
pub struct Options {
    /// The cases to draw; another one in each round, if none is given.
    #[arg(long)]
    seed: Option<u64>,
    /// Where the clock of the server's tests stands at their start, as 2027-01-31T23:59:30Z.
    #[arg(long)]
    clock: Option<String>,
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Cases of each property that does not say itself how many.
    #[arg(long, default_value_t = 4096)]
    cases: u32,
}

/// Runs all unit, property and server tests with drawn seeds, until one fails.
pub fn search(options: &Options) -> Result<()> {
    let postgres = step("start a throw-away PostgreSQL", Postgres::start)?;
    let rounds = if options.seed.is_some() { 1 } else { options.rounds };
    for round in 0..rounds {
        // The keys of a hasher are drawn by the system.
        let seed = options.seed.unwrap_or_else(|| std::hash::RandomState::new().build_hasher().finish());
        let usual = round.checked_sub(1).and_then(|place| CLOCKS.get(place % CLOCKS.len()).map(|clock| (*clock).to_owned()));
        let clock = options.clock.clone().or(if options.seed.is_some() { None } else { usual });
        let again = clock.as_ref().map_or_else(String::new, |clock| format!(" --clock {clock}"));
        let again = format!("cargo xtask search --seed {seed} --cases {}{again}", options.cases);
        step(&again, || {
            let mut command = cargo(&["test", "--quiet", "--package", "pulze-contract", "--package", "pulze-console-server"]);
            command.env("PULZE_TEST_POSTGRES", &postgres.url);
            command.env("PROPTEST_RNG_SEED", seed.to_string()).env("PROPTEST_CASES", options.cases.to_string());
            if let Some(clock) = &clock {
                command.env("PULZE_TEST_CLOCK", clock);
            }
            run(&mut command).with_context(|| format!("to see it again: {again}"))
        })?;
    }
    Ok(())
}
