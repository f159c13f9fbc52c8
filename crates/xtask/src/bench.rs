//! Measurements and pictures: a real browser against the optimised build and a release server.

use crate::step::{cargo, run, step};
use crate::{app, tools};
use anyhow::Result;
use std::process::Command;

pub fn bench() -> Result<()> {
    with_release("bench.mjs")
}

pub fn screenshots() -> Result<()> {
    with_release("screenshots.mjs")
}

fn with_release(script: &str) -> Result<()> {
    tools::chromium()?;
    tools::journeys()?;
    app::build()?;
    step("build the server", || run(&mut cargo(&["build", "--quiet", "--release", "--package", "pulze-console-server"])))?;
    run(Command::new("node").arg(script).current_dir("tests").env("PULZE_SERVER", "../target/release/pulze-console-server"))
}
