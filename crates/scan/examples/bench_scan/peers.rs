//! How each is run, and how its findings are read.

use anyhow::{Context as _, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub struct Peer {
    pub command: Command,
    /// The path in one line of its output, if something was found there.
    pub found: fn(&str) -> Option<PathBuf>,
}

pub fn tamon(tamon: &Path, signatures: &Path, tree: &Path, more: &[&str]) -> Peer {
    let mut command = Command::new(tamon);
    command.args(["scan", "--no-builtin", "--quiet", "--output", "ndjson", "--signatures"]).arg(signatures);
    command.args(more).arg(tree);
    Peer {
        command,
        found: |line| {
            let report: serde_json::Value = serde_json::from_str(line).ok()?;
            let found = !report["findings"].as_array()?.is_empty();
            found.then(|| PathBuf::from(report["path"].as_str().unwrap_or_default()))
        },
    }
}

/// As ClamAV tells it: `PATH: NAME FOUND`.
fn clamav_line(line: &str) -> Option<PathBuf> {
    Some(PathBuf::from(line.strip_suffix(" FOUND")?.rsplit_once(": ")?.0))
}

pub fn clamscan(signatures: &Path, tree: &Path) -> Peer {
    let mut command = Command::new("clamscan");
    command.args(["--recursive", "--infected", "--no-summary", "--database"]).arg(signatures).arg(tree);
    Peer { command, found: clamav_line }
}

/// A threads' number as ours.
pub fn yara(rules: &Path, tree: &Path) -> Peer {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut command = Command::new("yara");
    command.args(["-r", "-w", "-N", "-p", &cores.to_string()]).arg(rules).arg(tree);
    Peer { command, found: |line| Some(PathBuf::from(line.split_once(' ')?.1)) }
}

/// Of the crate yara-x-cli, where somebody installed it.
pub fn yr(rules: &Path, tree: &Path) -> Option<Peer> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("yr")).find(|file| file.exists())?;
    let mut command = Command::new("yr");
    command.args(["scan", "--disable-warnings", "--recursive"]).arg(rules).arg(tree);
    Some(Peer { command, found: |line| Some(PathBuf::from(line.split_once(' ')?.1)) })
}

/// A daemon of our own on a socket of our own, ended with this.
pub struct Clamd {
    process: Child,
    config: PathBuf,
}

impl Clamd {
    /// None where it is not installed.
    pub fn start(folder: &Path, signatures: &Path) -> Result<Option<Clamd>> {
        let socket = folder.join("clamd.sock");
        let config = folder.join("clamd.conf");
        let text = format!(
            "LocalSocket {}\nDatabaseDirectory {}\nForeground yes\nUser root\nMaxThreads {}\nLogFile {}\n",
            socket.display(),
            signatures.display(),
            std::thread::available_parallelism().map_or(1, usize::from),
            folder.join("clamd.log").display(),
        );
        fs::write(&config, text)?;
        let mut command = Command::new("clamd");
        command.arg("--config-file").arg(&config).stdout(Stdio::null()).stderr(Stdio::null());
        let Ok(process) = command.spawn() else {
            eprintln!("bench scan: no clamd here; measured without it");
            return Ok(None);
        };
        let clamd = Clamd { process, config };
        let begun = Instant::now();
        while std::os::unix::net::UnixStream::connect(&socket).is_err() {
            if begun.elapsed() > Duration::from_secs(120) {
                bail!("clamd does not listen");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(Some(clamd))
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    pub fn scan(&self, tree: &Path) -> Peer {
        let mut command = Command::new("clamdscan");
        command.args(["--multiscan", "--fdpass", "--infected", "--no-summary"]);
        command.arg("--config-file").arg(&self.config).arg(tree);
        Peer { command, found: clamav_line }
    }
}

impl Drop for Clamd {
    fn drop(&mut self) {
        let ended = self.process.kill().and_then(|()| self.process.wait()).context("ending clamd");
        if let Err(error) = ended {
            eprintln!("bench scan: {error:#}");
        }
    }
}
