//! `test`: everything. `check`: what needs no browser and no database.

use crate::postgres::Postgres;
use crate::step::{cargo, run, step};
use crate::{app, tools};
use anyhow::Result;
use std::process::Command;

pub fn check() -> Result<()> {
    tools::wasm_target()?;
    step("format", || run(&mut cargo(&["fmt", "--all", "--check"])))?;
    step("clippy, native", || run(&mut cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"])))?;
    step("clippy, wasm", || {
        run(&mut cargo(&[
            "clippy",
            "--quiet",
            "--package",
            "pulze-console",
            "--all-targets",
            "--all-features",
            "--target",
            "wasm32-unknown-unknown",
            "--",
            "-D",
            "warnings",
        ]))
    })
}

pub fn all() -> Result<()> {
    tools::chromium()?;
    tools::journeys()?;
    tools::proxies();
    check()?;
    let postgres = step("start a throw-away PostgreSQL", Postgres::start)?;
    step("unit, property and server tests (SQLite and PostgreSQL)", || {
        run(cargo(&["test", "--quiet", "--workspace"]).env("PULZE_TEST_POSTGRES", &postgres.url))
    })?;
    drop(postgres);
    step("component tests in Chromium", || {
        let bindgen = tools::wasm_bindgen()?;
        let path = format!("{}:{}", bindgen.display(), std::env::var("PATH").unwrap_or_default());
        run(cargo(&["test", "--package", "pulze-console", "--test", "components", "--target", "wasm32-unknown-unknown"])
            .env("PATH", path)
            .env("CHROMEDRIVER", "/usr/bin/chromedriver"))
    })?;
    app::build()?;
    step("journeys in Chromium", || {
        run(Command::new("npx")
            .args(["--no-install", "playwright", "test"])
            .current_dir("tests")
            .env("PULZE_SERVER", "../target/debug/pulze-console-server"))
    })
}
