//! How each is run, and how its findings are read.

use crate::clamd::Clamd;
use std::path::{Path, PathBuf};
use std::process::Command;

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

pub fn clamdscan(daemon: &Clamd, tree: &Path) -> Peer {
    let mut command = daemon.client();
    command.arg("--multiscan").arg(tree);
    Peer { command, found: clamav_line }
}
