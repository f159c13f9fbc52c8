//! `run`: from a bare machine to the console. `dist`: one binary with the app inside.

use crate::step::{cargo, run as execute, step};
use crate::{app, tools};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::net::TcpListener;
use std::process::{Command, Stdio};

#[derive(Args)]
pub struct Options {
    /// Port of the console; the next free one if it is taken.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// `sqlite:FILE` or `postgres://…`.
    #[arg(long, default_value = "sqlite:.data/pulze.db")]
    database: String,
    /// Start with an empty database.
    #[arg(long)]
    no_demo: bool,
    /// The developer's loop: trunk serves the app, rebuilds and reloads it, and passes requests on.
    #[arg(long)]
    watch: bool,
}

pub fn run(options: &Options) -> Result<()> {
    if options.watch {
        return watch(options);
    }
    app::build()?;
    let port = free_port(options.port)?;
    step("build the server", || execute(&mut cargo(&["build", "--quiet", "--release", "--package", "pulze-console-server"])))?;
    let mut server = Command::new("target/release/pulze-console-server");
    serve(&mut server, options, port).args(["--app", "dist"]);
    println!("\nThe console: http://127.0.0.1:{port}");
    println!("Database:    {}", options.database);
    accounts(options);
    mails(&format!("http://127.0.0.1:{port}"));
    println!("Stop with Ctrl-C.\n");
    execute(&mut server)
}

fn serve<'a>(command: &'a mut Command, options: &Options, port: u16) -> &'a mut Command {
    command.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--database", &options.database]);
    command.args((!options.no_demo).then_some("--demo"))
}

fn accounts(options: &Options) {
    if options.no_demo {
        println!("Make the first person: target/release/pulze-console-server create-admin --help");
        return;
    }
    println!("Sign in with the password pulze-demo-2026 as");
    println!("  admin@acme.test   admin of Acme Robotics and Northwind Labs, viewer of Globex");
    println!("  editor@acme.test  editor of Acme Robotics");
    println!("  viewer@acme.test  viewer of Acme Robotics");
    println!("  many@acme.test    member of 40 organizations");
}

/// Where mails go: a server that sends none says where they are.
fn mails(address: &str) {
    match std::env::var("PULZE_SMTP_URL") {
        Ok(_) => println!("Mails are sent by the server of PULZE_SMTP_URL."),
        Err(_) => println!(
            "Mails are kept, not sent: {address}/outbox, for who looks after the installation (in the demo: admin@acme.test)"
        ),
    }
}

/// The first port from `wanted` on that nobody listens on.
pub fn free_port(wanted: u16) -> Result<u16> {
    let free = (wanted..wanted.saturating_add(100)).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    free.with_context(|| format!("no free port from {wanted} on"))
}

fn watch(options: &Options) -> Result<()> {
    tools::wasm_target()?;
    let bindgen = tools::wasm_bindgen()?;
    let trunk = tools::trunk()?;
    let api = free_port(options.port.saturating_add(1000))?;
    let port = free_port(options.port)?;
    step("build the server", || execute(&mut cargo(&["build", "--quiet", "--package", "pulze-console-server"])))?;
    let mut server = Command::new("target/debug/pulze-console-server");
    let mut server = serve(&mut server, options, api).stdout(Stdio::null()).spawn()?;
    println!("\nThe console, rebuilt on every change: http://127.0.0.1:{port}");
    accounts(options);
    mails(&format!("http://127.0.0.1:{port}"));
    let path = format!("{}:{}", bindgen.display(), std::env::var("PATH").unwrap_or_default());
    let result = execute(
        Command::new(trunk)
            .args(["serve", "--port", &port.to_string(), "--proxy-backend", &format!("http://127.0.0.1:{api}/api"), "--offline"])
            .env("PATH", path),
    );
    server.kill()?;
    result
}

pub fn dist() -> Result<()> {
    app::build()?;
    step("build the server with the app inside", || {
        execute(&mut cargo(&["build", "--quiet", "--release", "--package", "pulze-console-server", "--features", "embedded-app"]))
    })?;
    let size = std::fs::metadata("target/release/pulze-console-server")?.len();
    if size == 0 {
        bail!("the binary is empty");
    }
    println!("target/release/pulze-console-server: {:.1} MB", size as f64 / 1e6);
    Ok(())
}
