//! `tamon signatures update` in a process of its own: what it came to as JSON, or why it failed in its own words.

use crate::config::Signatures;
use serde_json::Value;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A large set over a slow line.
const LONGEST: Duration = Duration::from_secs(2 * 3600);

pub fn update(state: &Path, signatures: &Signatures) -> Result<Value, String> {
    let mut command = Command::new("/proc/self/exe");
    command.arg("--state").arg(state).args(["--output", "json", "signatures", "update", "--from", &signatures.from]);
    for key in &signatures.keys {
        command.arg("--key").arg(key);
    }
    if let Some(ca) = &signatures.ca {
        command.arg("--ca").arg(ca);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).current_dir("/");
    let child = command.spawn().map_err(|error| format!("cannot start the update: {error}"))?;
    let output = ended(child)?.wait_with_output().map_err(|error| format!("the update's words: {error}"))?;
    let words = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        let last = words.lines().last().unwrap_or_default().trim_start_matches("tamon: ");
        let why = if last.is_empty() { output.status.to_string() } else { event::text::clip(last, 500).to_owned() };
        return Err(event::text::printable(&why).into_owned());
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("the update's answer: {error}"))
}

fn ended(mut child: Child) -> Result<Child, String> {
    let started = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(_)) => return Ok(child),
            Ok(None) if started.elapsed() < LONGEST => std::thread::sleep(Duration::from_millis(200)),
            Ok(None) => {
                let killed = child.kill().and_then(|()| child.wait());
                return Err(match killed {
                    Ok(_) => format!("the update took longer than {} minutes and was ended", LONGEST.as_secs() / 60),
                    Err(error) => format!("the update hangs and cannot be ended: {error}"),
                });
            }
            Err(error) => return Err(format!("the update: {error}")),
        }
    }
}
