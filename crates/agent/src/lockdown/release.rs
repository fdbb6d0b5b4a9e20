//! The way out where a lock holds without its agent (`gate.on_failure = "closed"`) and the agent cannot be started: root takes the
//! kernel's programs out. It is written down, in the kernel's log and for the next agent, which tells it as an alert.

use super::Asker;
use super::commands::{said, tell_change};
use crate::pipeline::now;
use crate::place::Place;
use crate::shared::Shared;
use anyhow::{Context as _, Result, bail};
use event::{Severity, Timestamp};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Serialize, Deserialize)]
struct Released {
    reason: String,
    uid: u32,
    at: Timestamp,
}

fn note(place: &Place) -> PathBuf {
    place.lockdown().with_extension("released")
}

/// How many programs were taken out of the kernel. Nothing of the kept lock changes: the next agent locks again.
pub fn release(state: &Path, run: &Path, reason: &str) -> Result<usize> {
    let (place, reason) = (Place::new(state, run), said(reason)?);
    let login = fs::read_to_string("/proc/self/loginuid").ok().and_then(|text| text.trim().parse().ok());
    let uid = login.filter(|uid| *uid != u32::MAX).unwrap_or(rustix::process::getuid().as_raw());
    let released = Released { reason: reason.to_owned(), uid, at: now() };
    // Before it is done: what cannot be written down is not done in silence.
    let path = note(&place);
    fs::write(&path, serde_json::to_vec(&released)?).with_context(|| format!("cannot write {}", path.display()))?;
    if let Err(error) = fs::write("/dev/kmsg", format!("tamon: uid {uid} releases the lock: {reason}\n")) {
        tracing::warn!(%error, "the kernel's log does not take it");
    }
    match sensor::release_locks().context("the lock cannot be released")? {
        0 => {
            fs::remove_file(&path)?;
            bail!("no lock is held here without an agent")
        }
        programs => Ok(programs),
    }
}

/// At the agent's start.
pub fn tell(shared: &Shared) {
    let path = note(&shared.place);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
        Err(error) => return shared.problem(format!("whether the lock was released is not known: {error}")),
    };
    let words = match serde_json::from_slice::<Released>(&text) {
        Ok(one) => format!("uid {} released the lock at {} while there was no agent: {}", one.uid, one.at, one.reason),
        Err(error) => format!("the lock was released while there was no agent; by whom cannot be read: {error}"),
    };
    tell_change(shared, &Asker::default(), Severity::High, &words);
    if let Err(error) = fs::remove_file(&path) {
        shared.problem(format!("{}: {error}", path.display()));
    }
}
