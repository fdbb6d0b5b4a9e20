//! Stops what `up` started: by the pid each daemon wrote, and only if that process is still this state's binary.

use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

pub fn down(state: Option<&Path>, purge: bool) -> Result<()> {
    let state = state.unwrap_or(Path::new("/var/lib/tamon"));
    if !state.exists() {
        println!("nothing to stop: {} is not there", state.display());
        return Ok(());
    }
    let state = state.canonicalize()?;
    for role in ["agent", "node"] {
        match running(&state, role)? {
            Some(pid) => stop(role, pid)?,
            None => println!("the {role} is not running"),
        }
    }
    if purge {
        if !state.join("bin/tamon").exists() {
            bail!("{} does not look like a state folder of `xtask up`; not removed", state.display());
        }
        fs::remove_dir_all(&state).with_context(|| format!("cannot remove {}", state.display()))?;
        println!("removed {}", state.display());
    }
    Ok(())
}

/// The pid of a running daemon of this state.
pub fn running(state: &Path, role: &str) -> Result<Option<u32>> {
    let Ok(text) = fs::read_to_string(state.join(format!("run/{role}.pid"))) else {
        return Ok(None);
    };
    let pid: u32 = text.trim().parse().with_context(|| format!("run/{role}.pid holds {text:?}"))?;
    Ok(is_ours(state, role, pid).then_some(pid))
}

fn is_ours(state: &Path, role: &str, pid: u32) -> bool {
    let Ok(line) = fs::read(format!("/proc/{pid}/cmdline")) else {
        return false;
    };
    let mut arguments = line.split(|byte| *byte == 0);
    let named = |argument: &[u8], name: &str| argument == name.as_bytes();
    arguments.clone().any(|a| named(a, &state.display().to_string())) && arguments.any(|a| named(a, role))
}

fn stop(role: &str, pid: u32) -> Result<()> {
    let gone = || !Path::new(&format!("/proc/{pid}")).exists();
    let signal = |name: &str| Command::new("kill").args([name, &pid.to_string()]).status();
    signal("-TERM")?;
    let start = Instant::now();
    while !gone() && start.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(100));
    }
    if !gone() {
        eprintln!("the {role} (pid {pid}) did not end within 20 s; killing it");
        signal("-KILL")?;
    }
    println!("stopped the {role} (pid {pid})");
    Ok(())
}
