//! A throw-away PostgreSQL, for tests and measurements.

use crate::run::free_port;
use crate::step::{output, run};
use crate::tools;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A PostgreSQL of our own on a free port, in a temporary folder; stopped and removed at the end.
pub struct Postgres {
    pub url: String,
    bin: PathBuf,
    folder: PathBuf,
}

impl Postgres {
    pub fn start() -> Result<Self> {
        let bin = tools::postgres()?;
        let folder = std::env::temp_dir().join(format!("pulze-postgres-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        if is_root()? {
            run(Command::new("chown").arg("postgres").arg(&folder))?;
        }
        let port = free_port(54_320)?;
        let data = folder.join("data");
        run(Self::program(&bin, "initdb")?
            .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync", "-D"])
            .arg(&data)
            .stdout(std::process::Stdio::null()))?;
        let options =
            format!("-p {port} -c listen_addresses=127.0.0.1 -k {} -c fsync=off -c max_connections=300", folder.display());
        run(Self::program(&bin, "pg_ctl")?
            .args(["--wait", "--silent", "-D"])
            .arg(&data)
            .arg("-l")
            .arg(folder.join("log"))
            .args(["-o", &options, "start"]))?;
        Ok(Self { url: format!("postgres://postgres@127.0.0.1:{port}/postgres"), bin, folder })
    }

    /// PostgreSQL refuses to run as root.
    fn program(bin: &Path, name: &str) -> Result<Command> {
        let program = bin.join(name);
        Ok(if is_root()? {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        })
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let stop = Self::program(&self.bin, "pg_ctl").and_then(|mut command| {
            run(command.args(["--mode=immediate", "--silent", "-D"]).arg(self.folder.join("data")).arg("stop"))
        });
        if let Err(error) = stop {
            eprintln!("PostgreSQL could not be stopped: {error}");
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn is_root() -> Result<bool> {
    Ok(output(Command::new("id").arg("-u"))?.trim() == "0")
}
