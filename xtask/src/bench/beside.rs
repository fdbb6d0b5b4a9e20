//! The same work on this host with nothing beside it and with one daemon or another, in turns: what `overhead` and `lockdown`
//! share. Medians of the ratios round by round, since these machines are noisy.

use crate::run;
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Of one piece of work, in seconds: where a daemon holds it up for ever the bench ends.
const MOST: &str = "1200";

/// Seconds. What the round before left for the disk to do is not this one's.
pub fn timed(act: impl FnOnce() -> Result<()>) -> Result<f64> {
    let status = Command::new("sync").status()?;
    if !status.success() {
        bail!("sync ended with {status}");
    }
    let start = Instant::now();
    act()?;
    Ok(start.elapsed().as_secs_f64())
}

/// NaN of nothing.
pub fn median(of: &[f64]) -> f64 {
    let mut sorted = of.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Median of the ratios round by round.
pub fn ratio(with: &[f64], bare: &[f64]) -> f64 {
    median(&with.iter().zip(bare).map(|(with, bare)| with / bare).collect::<Vec<_>>())
}

/// `within` are words that come before the command: `nsenter` and its like.
pub fn work(within: &[String], command: Command) -> Command {
    let limit = ["timeout", "-k", "10", MOST].map(String::from);
    run::within(&[&limit[..], within].concat(), command)
}

/// One program again and again, by a shell.
pub fn starts(within: &[String], what: &str, times: u32) -> Result<()> {
    shell(within, &format!("i=0; while [ $i -lt {times} ]; do {what}; i=$((i+1)); done"))
}

pub fn shell(within: &[String], script: &str) -> Result<()> {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", script]);
    let status = work(within, shell).status()?;
    if !status.success() {
        bail!("{script:?} ended with {status}");
    }
    Ok(())
}

/// Our own vocabulary crate and its dependencies, from nothing.
pub fn compile(folder: &Path, within: &[String]) -> Result<()> {
    let target = folder.join("compile");
    if target.exists() {
        fs::remove_dir_all(&target)?;
    }
    let mut command = work(within, run::cargo(&["build", "-q", "--offline", "-p", "event"]));
    let status = command.env("CARGO_TARGET_DIR", &target).env("CARGO_INCREMENTAL", "0").status()?;
    if !status.success() {
        bail!("the compile ended with {status}");
    }
    Ok(())
}

/// A folder of the bench's own, gone afterwards.
pub fn in_folder<T>(of: &str, measure: impl FnOnce(&Path) -> Result<T>) -> Result<T> {
    let folder = std::env::temp_dir().join(format!("tamon-bench-{of}-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let result = measure(&folder);
    fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    result
}

/// One that is measured beside; ended when dropped, by force where it does not end by itself.
pub struct Daemon {
    child: Child,
}

impl Daemon {
    pub fn start(command: &mut Command, log: &Path) -> Result<Daemon> {
        let file = File::create(log)?;
        let command = command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        Ok(Daemon { child: command.spawn().with_context(|| format!("cannot start: {command:?}"))? })
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let start = Instant::now();
        while asked.is_ok() && start.elapsed() < Duration::from_secs(20) {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait().map(drop)) {
            eprintln!("xtask: cannot end pid {}: {error}", self.child.id());
        }
    }
}
