//! Measurements and pictures: a real browser against the optimised build and a release server.

use crate::postgres::Postgres;
use crate::step::{cargo, run, step};
use crate::{app, tools};
use anyhow::Result;
use clap::Args;
use std::process::Command;

#[derive(Args)]
pub struct Options {
    /// Only this part: pages, lists, verify, charts, members, usage, load or neighbours.
    #[arg(long)]
    only: Option<String>,
    /// Calls that usage is measured with.
    #[arg(long, default_value_t = 10_000_000)]
    events: u64,
}

pub fn bench(options: &Options) -> Result<()> {
    let only = options.only.as_deref().unwrap_or_default();
    if !["usage", "load", "neighbours"].contains(&only) {
        with_release("bench.mjs", only)?;
    }
    if only.is_empty() || only == "usage" {
        usage(options.events)?;
    }
    if ["", "load", "neighbours"].contains(&only) {
        load(only)?;
    }
    Ok(())
}

/// What the server manages, and what a neighbour notices of others, on both databases.
fn load(only: &str) -> Result<()> {
    server()?;
    let postgres = step("start a throw-away PostgreSQL", Postgres::start)?;
    run(Command::new("node").arg("tests/load.mjs").env("PULZE_BENCH_POSTGRES", &postgres.url).env("PULZE_BENCH_ONLY", only))
}

/// How fast calls are taken in and asked about, on both databases.
fn usage(events: u64) -> Result<()> {
    server()?;
    let folder = std::env::temp_dir().join(format!("pulze-measure-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let sqlite = format!("sqlite:{}", folder.join("measure.db").display());
    let postgres = step("start a throw-away PostgreSQL", Postgres::start)?;
    let measured = [("SQLite", &sqlite), ("PostgreSQL", &postgres.url)].into_iter().try_for_each(|(name, database)| {
        println!("{name}, {events} calls over 90 days, 200 members, 20 spaces, 8 models:");
        run(Command::new("target/release/pulze-console-server")
            .args(["measure-usage", "--database", database, "--events"])
            .arg(events.to_string()))
    });
    std::fs::remove_dir_all(&folder)?;
    measured
}

pub fn screenshots() -> Result<()> {
    with_release("screenshots.mjs", "")
}

fn server() -> Result<()> {
    step("build the server", || run(&mut cargo(&["build", "--quiet", "--release", "--package", "pulze-console-server"])))
}

fn with_release(script: &str, only: &str) -> Result<()> {
    tools::chromium()?;
    tools::journeys()?;
    app::build()?;
    server()?;
    run(Command::new("node")
        .arg(script)
        .current_dir("tests")
        .env("PULZE_SERVER", "../target/release/pulze-console-server")
        .env("PULZE_BENCH_ONLY", only))
}
