//! What the project needs beside rustup, Node and a C compiler: installed once into the user's
//! cache, one folder a version, and only from the package registries.

use crate::step::{cargo, output, run, step};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

const TRUNK: &str = "0.21.14";
const BINARYEN: &str = "132.0.0";

/// `~/.cache/pulze-console/tools`, or where XDG_CACHE_HOME says.
fn cache() -> Result<PathBuf> {
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let base =
        base.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache"))).context("HOME is not set")?;
    Ok(base.join("pulze-console/tools"))
}

/// Adds the wasm target to the toolchain.
pub fn wasm_target() -> Result<()> {
    let installed = output(Command::new("rustup").args(["target", "list", "--installed"]))?;
    if installed.lines().any(|target| target == "wasm32-unknown-unknown") {
        return Ok(());
    }
    step("install the wasm target", || run(Command::new("rustup").args(["target", "add", "wasm32-unknown-unknown"])))
}

fn cargo_tool(name: &str, version: &str) -> Result<PathBuf> {
    let folder = cache()?.join(format!("{name}-{version}"));
    let bin = folder.join("bin");
    if !folder.join(".crates.toml").is_file() {
        step(&format!("install {name} {version} (some minutes, once)"), || {
            let install = |locked: bool| {
                let mut command = cargo(&["install", name, "--version", version, "--root"]);
                command.arg(&folder).args(locked.then_some("--locked"));
                run(&mut command)
            };
            // A registry mirror may lack a version that the tool's lock file names.
            install(true).or_else(|_| install(false))
        })?;
    }
    Ok(bin)
}

/// The folder of `wasm-bindgen` and its test runner, of the version that the lock file names.
pub fn wasm_bindgen() -> Result<PathBuf> {
    let lock: toml::Table = std::fs::read_to_string("Cargo.lock")?.parse()?;
    let packages = lock.get("package").and_then(toml::Value::as_array).context("Cargo.lock holds no packages")?;
    let ours = packages.iter().find(|package| package.get("name").and_then(toml::Value::as_str) == Some("wasm-bindgen"));
    let version = ours.and_then(|package| package.get("version")?.as_str()).context("Cargo.lock lacks wasm-bindgen")?;
    cargo_tool("wasm-bindgen-cli", version)
}

pub fn trunk() -> Result<PathBuf> {
    Ok(cargo_tool("trunk", TRUNK)?.join("trunk"))
}

/// `wasm-opt`, from npm's `binaryen`.
pub fn wasm_opt() -> Result<PathBuf> {
    let folder = cache()?.join(format!("binaryen-{BINARYEN}"));
    let program = folder.join("node_modules/.bin/wasm-opt");
    if !program.exists() {
        step(&format!("install wasm-opt (binaryen {BINARYEN})"), || {
            std::fs::create_dir_all(&folder)?;
            run(Command::new("npm")
                .args(["install", "--no-audit", "--no-fund", "--silent", "--prefix"])
                .arg(&folder)
                .arg(format!("binaryen@{BINARYEN}")))
        })?;
    }
    Ok(program)
}

/// Chromium and its driver, by apt where that is possible.
pub fn chromium() -> Result<()> {
    let found = |program: &str| Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    if found("chromium") && found("chromedriver") {
        return Ok(());
    }
    let installed = step("install Chromium and its driver", || apt(&["chromium", "chromium-driver"]));
    if installed.is_err() || !found("chromium") {
        bail!("Chromium is missing and could not be installed: install the packages chromium and chromium-driver");
    }
    Ok(())
}

fn apt(packages: &[&str]) -> Result<()> {
    run(Command::new("apt-get").args(["update", "-qq"]))?;
    run(Command::new("apt-get")
        .args(["install", "-y", "-qq", "--no-install-recommends"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive"))
}

/// The folder of PostgreSQL's programs, by apt where that is possible.
pub fn postgres() -> Result<PathBuf> {
    let find = || {
        let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
        versions.flatten().map(|entry| entry.path().join("bin")).find(|bin| bin.join("initdb").is_file())
    };
    if let Some(bin) = find() {
        return Ok(bin);
    }
    step("install PostgreSQL", || apt(&["postgresql"]))?;
    find().context("PostgreSQL is missing and could not be installed: install the package postgresql")
}

/// nginx and Caddy, in front of which the server is tested, by apt where that is possible. Not every distribution has
/// both: the tests go on without the one that is missing, and that is said.
pub fn proxies() {
    for program in ["nginx", "caddy"] {
        // Both answer `version` in one of these ways.
        let found = || {
            ["-v", "version"]
                .iter()
                .any(|ask| Command::new(program).arg(ask).output().is_ok_and(|output| output.status.success()))
        };
        if !found() && (step(&format!("install {program}"), || apt(&[program])).is_err() || !found()) {
            eprintln!("{program} is missing and could not be installed: the server is NOT tested behind {program} in this run");
        }
    }
}

/// The packages of the browser journeys (`tests/package-lock.json`).
pub fn journeys() -> Result<()> {
    // What is installed is of this list: npm keeps a copy of the list that it followed.
    let installed = std::fs::read("tests/node_modules/.package-lock.json").unwrap_or_default();
    let known = |name: &str| String::from_utf8_lossy(&installed).contains(&format!("node_modules/{name}\""));
    if ["@playwright/test", "@axe-core/playwright", "oidc-provider"].iter().all(|name| known(name)) {
        return Ok(());
    }
    step("install the packages of the journeys", || {
        run(Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--silent"])
            .current_dir("tests")
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))
    })
}
