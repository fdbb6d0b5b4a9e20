//! A package of many files unpacked by dpkg: alone, under the watch rule of auditd where that works here, and watched by
//! the agent; how long the slowest change waited to be told, by the agent's own clock, and how long after dpkg's end the last
//! was told and held against its digest, from outside.

use crate::auditd::Auditd;
use crate::package::{Package, WATCHED};
use crate::{Figures, median};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub fn run(tamon: &Path, files: usize, rounds: usize, figures: &mut Figures) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let _tree = Tree::make()?;
    let package = Package::build(folder.path(), files)?;
    // Once for the disk cache.
    package.install()?;
    package.purge()?;
    let (mut bare, mut audited, mut watched) = (Vec::new(), Vec::new(), Vec::new());
    let (mut slowest, mut told_after, mut verified_after) = (Vec::new(), Vec::new(), Vec::new());
    let (mut missed, mut judged, mut late) = (0, 0, 0);
    for round in 0..rounds {
        bare.push(package.install()?);
        package.purge()?;
        if let Some(auditd) = Auditd::start(folder.path())? {
            audited.push(package.install()?);
            drop(auditd);
            package.purge()?;
        }
        let agent = Agent::start(tamon, &folder.path().join(format!("state{round}")))?;
        agent.ask(&["integrity", "baseline"])?;
        watched.push(package.install()?);
        let end = Instant::now();
        // Its folders are told as well: `files` and one for each hundred.
        let wanted = files as u64 + 1 + files.div_ceil(100) as u64;
        let verified = |status: &Value| number(&status["expected"]) + number(&status["told"]);
        let most = Duration::from_secs(120);
        agent.until(most, |status| verified(status) + number(&status["waiting_for_packages"]) >= wanted)?;
        told_after.push(end.elapsed().as_secs_f64());
        let status = agent.until(most, |status| verified(status) >= wanted)?;
        verified_after.push(end.elapsed().as_secs_f64());
        slowest.push(number(&status["slowest_ms"]) as f64 / 1e3);
        late += number(&status["late"]);
        missed += number(&status["missed"]);
        judged += number(&status["told"]);
        let lost =
            agent.ask(&["status"])?["sensor"]["lost"].as_object().map_or(0, |kinds| kinds.values().map(number).sum());
        missed += lost;
        drop(agent);
        package.purge()?;
        println!(
            "round {}: bare {:.2} s, under auditd's rule {:.2} s, watched {:.2} s; the slowest change told after {:.2} s, the last \
             {:.2} s after dpkg's end and verified {:.2} s after",
            round + 1,
            bare[round],
            audited.get(round).copied().unwrap_or(f64::NAN),
            watched[round],
            slowest[round],
            told_after[round],
            verified_after[round]
        );
    }
    figures.insert("unpack_files", files as f64);
    figures.insert("unpack_bare_s", median(bare.clone()));
    figures.insert("unpack_watched_s", median(watched.clone()));
    let ratio = |over: &[f64]| median(over.iter().zip(&bare).map(|(over, bare)| over / bare).collect());
    figures.insert("unpack_ratio", ratio(&watched));
    if audited.is_empty() {
        println!("auditd's rules cannot be set here");
    } else {
        figures.insert("unpack_auditd_ratio", ratio(&audited));
    }
    figures.insert("slowest_told_s", slowest.iter().copied().fold(0.0, f64::max));
    figures.insert("told_late", late as f64);
    figures.insert("told_after_s", median(told_after));
    figures.insert("verified_after_s", median(verified_after));
    figures.insert("events_lost", missed as f64);
    figures.insert("not_expected", judged as f64);
    Ok(())
}

/// The folder that is watched; gone again whatever becomes of the bench.
struct Tree;

impl Tree {
    fn make() -> Result<Tree> {
        fs::create_dir_all(WATCHED)?;
        fs::write(Path::new(WATCHED).join("stays"), "so that dpkg leaves the folder\n")?;
        Ok(Tree)
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(WATCHED) {
            eprintln!("cannot remove {WATCHED}: {error}");
        }
    }
}

struct Agent {
    child: Child,
    tamon: PathBuf,
    state: PathBuf,
}

impl Agent {
    fn start(tamon: &Path, state: &Path) -> Result<Agent> {
        fs::create_dir_all(state)?;
        let policy = format!(
            "version = 1\n[gate]\nenabled = false\n[scan]\non_exec = false\non_write = false\n\
             [integrity]\nsets = []\nwatch = [{WATCHED:?}]\n"
        );
        fs::write(state.join("policy.toml"), policy)?;
        fs::write(state.join("agent.toml"), format!("policy = {:?}\ncontent = []\n", state.join("policy.toml")))?;
        let log = File::create(state.join("log"))?;
        let mut command = Command::new(tamon);
        command.arg("--state").arg(state).arg("agent").arg("--config").arg(state.join("agent.toml"));
        let child = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?;
        let agent = Agent { child, tamon: tamon.into(), state: state.into() };
        let start = Instant::now();
        while agent.ask(&["status"]).is_err() {
            if start.elapsed() > Duration::from_secs(90) {
                bail!("the agent does not start: {}", fs::read_to_string(state.join("log")).unwrap_or_default());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(agent)
    }

    fn ask(&self, arguments: &[&str]) -> Result<Value> {
        let mut command = Command::new(&self.tamon);
        let output = command.arg("--state").arg(&self.state).args(["--output", "json"]).args(arguments).output()?;
        serde_json::from_slice(&output.stdout).with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// The figures of watched files, when they are as wanted.
    fn until(&self, most: Duration, holds: impl Fn(&Value) -> bool) -> Result<Value> {
        let start = Instant::now();
        loop {
            let status = self.ask(&["status"])?["integrity"].clone();
            if holds(&status) {
                return Ok(status);
            }
            if start.elapsed() > most {
                bail!("not all was told: {status}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Agent {
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
            eprintln!("cannot end the agent: {error}");
        }
    }
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}
