//! Steps of a command: each says what it does and how long it took.

use anyhow::{Context, Result, bail};
use std::process::Command;
use std::time::Instant;

/// Runs a step and prints its name and its time.
pub fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("▸ {name}");
    let start = Instant::now();
    let result = work().with_context(|| name.to_owned());
    let seconds = start.elapsed().as_secs_f64();
    println!("{} {name}: {seconds:.1} s", if result.is_ok() { "✓" } else { "✗" });
    result
}

/// Runs a program and fails when it does.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("{command:?} could not be started"))?;
    if !status.success() {
        bail!("{command:?} failed ({status})");
    }
    Ok(())
}

/// Runs a program and returns what it prints.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("{command:?} could not be started"))?;
    if !output.status.success() {
        bail!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// The toolchain's cargo.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
    command.args(arguments);
    command
}
