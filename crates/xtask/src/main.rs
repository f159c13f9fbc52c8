//! The project's commands. `cargo xtask run` and `cargo xtask test` are the whole set-up.

mod app;
mod bench;
mod packs;
mod postgres;
mod run;
mod search;
mod size;
mod step;
mod test;
mod tools;

use clap::{Parser, Subcommand};

#[derive(Parser)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install what is missing, build, and start server and app on demo data.
    Run(run::Options),
    /// Everything: format, lints, unit, server (SQLite and PostgreSQL), component and browser tests.
    Test,
    /// Tests with other cases than every run of `test` draws, at several times; prints how to see a find again.
    Search(search::Options),
    /// Format and lints, native and wasm.
    Check,
    /// Build the optimised app into dist/.
    Build {
        /// In one piece and unoptimised, into target/quick/: for trying a change out.
        #[arg(long)]
        quick: bool,
    },
    /// What a first load and every file weigh, compressed.
    Size,
    /// What people wait for, and what the server manages; medians, and ratios in one run.
    Bench(bench::Options),
    /// One server binary with the app inside.
    Dist,
    /// Make the pictures of the README again.
    Screenshots,
}

fn main() -> anyhow::Result<()> {
    std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))?;
    match CommandLine::parse().command {
        Command::Run(options) => run::run(&options),
        Command::Test => test::all(),
        Command::Search(options) => search::search(&options),
        Command::Check => test::check(),
        Command::Build { quick: true } => app::build_quick(),
        Command::Build { quick: false } => app::build(),
        Command::Size => size::report(),
        Command::Bench(options) => bench::bench(&options),
        Command::Dist => run::dist(),
        Command::Screenshots => bench::screenshots(),
    }
}
