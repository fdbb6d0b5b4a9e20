//! The step that is undone: documents in a folder of its own where the agent guards files are encrypted by a child until it is
//! stopped, and given back. Where the host's tier or policy guards nothing it says so, and plays nothing.

use super::stand_in::documents_in;
use crate::local::Local;
use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub const NAME: &str = "roll-back";
pub const WHAT: &str =
    "documents of its own in a guarded folder are encrypted; who does it is stopped, and they come back";

const WAIT: Duration = Duration::from_secs(10);
const TURN: Duration = Duration::from_millis(50);

#[derive(Debug, Default, Serialize)]
pub struct RolledBack {
    /// Where it was played; None where nothing is guarded.
    folder: Option<PathBuf>,
    /// The tier cannot hold an open, or the policy does not enforce.
    not_played: Option<String>,
    documents: usize,
    /// Encrypted before it was stopped.
    lost: usize,
    stopped: bool,
    /// As they were, after the roll-back.
    whole: usize,
}

impl RolledBack {
    pub fn is_well(&self) -> bool {
        self.not_played.is_some() || self.stopped && self.whole == self.documents
    }

    pub fn words(&self) -> String {
        if let Some(why) = &self.not_played {
            return format!("not played: {why}");
        }
        let stopped = if self.stopped { "stopped" } else { "NOT stopped" };
        format!("{stopped} after {} of {} documents; {} are as they were", self.lost, self.documents, self.whole)
    }
}

pub fn play(local: &Local) -> Result<RolledBack> {
    let status = local.status()?;
    let recovery = &status["recovery"];
    if recovery["guarded"] != true {
        let tier = status["tier"].as_str().unwrap_or("unknown");
        let why = format!("no file is guarded here: the tier is {tier}, and [ransomware] must come to enforce");
        return Ok(RolledBack { not_played: Some(why), ..RolledBack::default() });
    }
    let root = recovery["roots"][0].as_str().context("the agent names no guarded folder")?;
    let folder = tempfile::Builder::new().prefix("tamon-selftest-").tempdir_in(root)?;
    let documents = folder.path().join("documents");
    let paths = documents_in(&documents)?;
    let before: Vec<Vec<u8>> = paths.iter().map(fs::read).collect::<std::io::Result<_>>()?;
    is_guarded(local, recovery["gate"]["folders"].as_u64().unwrap_or(0))?;
    let known = incidents(local)?;
    let status = Command::new(std::env::current_exe()?)
        .args(["selftest-step", "encrypt"])
        .arg(&documents)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .context("cannot start the step")?;
    let whole = || paths.iter().zip(&before).filter(|(path, was)| fs::read(path).is_ok_and(|is| is == **was)).count();
    let lost = paths.len() - whole();
    let alert = until(|| Ok(incidents(local)?.difference(&known).next().cloned()))?;
    if let Some(alert) = &alert {
        local.ask(&json!({ "request": "roll_back", "trees": [alert], "preview": false }))?;
    }
    Ok(RolledBack {
        folder: Some(folder.path().to_owned()),
        not_played: None,
        documents: paths.len(),
        lost,
        stopped: !status.success() && alert.is_some(),
        whole: whole(),
    })
}

/// A new folder is guarded a moment after it was made.
fn is_guarded(local: &Local, before: u64) -> Result<()> {
    until(|| {
        let folders = local.status()?["recovery"]["gate"]["folders"].as_u64().unwrap_or(0);
        Ok((folders >= before + 2).then_some(()))
    })
    .map(drop)
}

fn incidents(local: &Local) -> Result<HashSet<String>> {
    let list = local.ask(&json!({ "request": "rollback_list" }))?;
    let trees = list["trees"].as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(trees.iter().filter_map(|tree: &Value| tree["incident"].as_str().map(str::to_owned)).collect())
}

/// None when it did not come in time.
fn until<T>(mut look: impl FnMut() -> Result<Option<T>>) -> Result<Option<T>> {
    let end = Instant::now() + WAIT;
    loop {
        match look()? {
            None if Instant::now() < end => std::thread::sleep(TURN),
            found => return Ok(found),
        }
    }
}
