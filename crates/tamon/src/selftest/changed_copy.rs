//! What a lock is for: a program that its package vouches for, and a copy of it with one byte changed in the self-test's folder.
//! The agent says what a lock over these two would answer. On a host that is locked, enforces, and has the folder in its lock's
//! scope the copy is run as well, and must be refused. The host's own lock is never changed.

use crate::local::Local;
use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

pub const NAME: &str = "changed-copy";
pub const WHAT: &str = "a copy of `true` with one byte changed, under a lock: refused, or would be";

#[derive(Debug, Serialize)]
pub struct Answered {
    tier: String,
    /// How far the host's lock goes; None where it is open.
    mode: Option<String>,
    /// Under a lock; None where no package owns it.
    original_runs: Option<bool>,
    copy_runs: bool,
    /// The copy was run, and whether the kernel refused it; None where no lock enforces.
    refused: Option<bool>,
    why: String,
}

impl Answered {
    pub fn is_well(&self) -> bool {
        self.original_runs != Some(false) && !self.copy_runs && self.refused != Some(false)
    }

    pub fn words(&self) -> String {
        let copy = match (self.copy_runs, self.refused) {
            (_, Some(true)) => "refused",
            (_, Some(false)) => "NOT refused, though the host is locked",
            (false, None) => "would be refused",
            (true, None) => "would NOT be refused",
        };
        let original = match self.original_runs {
            Some(true) => "",
            Some(false) => "; and `true` itself would NOT run",
            None => "; no package owns `true` here",
        };
        format!("{copy} in tier {} ({}){original}", self.tier, event::text::printable(&self.why))
    }
}

pub fn play(local: &Local, folder: &Path) -> Result<Answered> {
    let original = fs::canonicalize("/bin/true")?;
    let mut bytes = fs::read(&original)?;
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    let copy = folder.join("true");
    fs::write(&copy, bytes)?;
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o755))?;
    let scope = [original.parent().unwrap_or(&original), folder];
    let policy = ("self-test", format!("version = 1\n[lockdown]\ndirectories = {scope:?}\n"));
    let under = |path: &Path| local.ask(&json!({ "request": "policy_explain", "path": path, "policy": policy }));
    let (of_original, of_copy) = (under(&original)?, under(&copy)?);
    let own = local.ask(&json!({ "request": "policy_explain", "path": copy }))?;
    let status = local.status()?;
    let mode = status["lockdown"]["mode"].as_str().map(str::to_owned);
    let enforces = mode.as_deref() == Some("enforce")
        && status["lockdown"]["lock"]["break_glass"].is_null()
        && own["locked"]["runs"] == Value::Bool(false);
    let why = of_copy["locked"]["reasons"][0].as_str().unwrap_or_default().to_owned();
    Ok(Answered {
        tier: status["tier"].as_str().unwrap_or("unknown").to_owned(),
        mode,
        original_runs: of_original["package"].is_string().then(|| of_original["locked"]["runs"] == Value::Bool(true)),
        copy_runs: of_copy["locked"]["runs"] != Value::Bool(false),
        refused: enforces.then(|| is_refused(&copy)),
        why,
    })
}

fn is_refused(copy: &Path) -> bool {
    let quiet = || Stdio::null();
    let ran = Command::new(copy).stdin(quiet()).stdout(quiet()).stderr(quiet()).status();
    ran.is_err_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_well_is_said_in_words() {
        let check = |original_runs, copy_runs, refused, well, words: &str| {
            let (tier, mode, why) = ("gate".into(), None, "nobody vouches".into());
            let answered = Answered { tier, mode, original_runs, copy_runs, refused, why };
            assert_eq!(answered.is_well(), well, "{answered:?}");
            assert!(answered.words().starts_with(words), "{}", answered.words());
        };
        check(Some(true), false, None, true, "would be refused in tier gate");
        check(Some(true), false, Some(true), true, "refused in tier gate");
        check(Some(true), false, Some(false), false, "NOT refused");
        check(Some(true), true, None, false, "would NOT be refused");
        check(Some(false), false, None, false, "would be refused");
        check(None, false, None, true, "would be refused");
    }
}
