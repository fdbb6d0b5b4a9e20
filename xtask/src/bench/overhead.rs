//! What the agent costs the host: an exec storm and a real compile, bare, with the agent, and with auditd (execve rules)
//! feeding laurel, alternating in one run; medians and ratios, since these machines are noisy.

use crate::run;
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const STORM: u32 = 3_000;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Setup {
    Bare,
    Tamon,
    Auditd,
}

#[derive(Default)]
struct Samples {
    storm: Vec<f64>,
    compile: Vec<f64>,
}

/// `rounds` of each setup; `tamon` is the binary.
pub fn overhead(tamon: &Path, rounds: usize) -> Result<Vec<(String, f64)>> {
    let folder = std::env::temp_dir().join(format!("tamon-overhead-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let result = measure(tamon, rounds, &folder);
    fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    result
}

fn measure(tamon: &Path, rounds: usize, folder: &Path) -> Result<Vec<(String, f64)>> {
    compile(folder, &[]).context("the compile, first time")?;
    let setups: &[Setup] = if run::find("auditd").is_some() && run::find("laurel").is_some() {
        &[Setup::Bare, Setup::Tamon, Setup::Auditd]
    } else {
        eprintln!("bench overhead: auditd or laurel is missing; measured without the peer");
        &[Setup::Bare, Setup::Tamon]
    };
    let mut samples: Vec<(Setup, Samples)> = setups.iter().map(|setup| (*setup, Samples::default())).collect();
    for round in 0..rounds {
        for (setup, samples) in &mut samples {
            let watcher = Watcher::start(*setup, tamon, folder)?;
            let storm = settled().and_then(|()| timed(exec_storm))?;
            let compile = settled().and_then(|()| timed(|| compile(folder, &[])))?;
            watcher.stop()?;
            println!("round {round} {setup:?}: storm {storm:.2} s, compile {compile:.2} s");
            samples.storm.push(storm);
            samples.compile.push(compile);
        }
    }
    Ok(figures(&samples))
}

fn figures(samples: &[(Setup, Samples)]) -> Vec<(String, f64)> {
    let bare = &samples[0].1;
    let mut figures = Vec::new();
    for (setup, with) in &samples[1..] {
        let name = format!("{setup:?}").to_lowercase();
        figures.push((format!("storm_ratio_{name}"), ratio(&with.storm, &bare.storm)));
        figures.push((format!("compile_ratio_{name}"), ratio(&with.compile, &bare.compile)));
    }
    figures
}

/// Median of the ratios round by round.
pub(super) fn ratio(with: &[f64], bare: &[f64]) -> f64 {
    let mut ratios: Vec<f64> = with.iter().zip(bare).map(|(with, bare)| with / bare).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

pub(super) fn timed(act: impl FnOnce() -> Result<()>) -> Result<f64> {
    let start = Instant::now();
    act()?;
    Ok(start.elapsed().as_secs_f64())
}

/// What the round before left for the disk to do is not this one's.
fn settled() -> Result<()> {
    let status = Command::new("sync").status()?;
    if !status.success() {
        bail!("sync ended with {status}");
    }
    Ok(())
}

fn exec_storm() -> Result<()> {
    let script = format!("i=0; while [ $i -lt {STORM} ]; do /bin/true; i=$((i+1)); done");
    let status = Command::new("sh").args(["-c", &script]).status()?;
    if !status.success() {
        bail!("the exec storm ended with {status}");
    }
    Ok(())
}

/// Our own vocabulary crate and its dependencies, from nothing; `within` are words that come before the command.
pub(super) fn compile(folder: &Path, within: &[String]) -> Result<()> {
    let target = folder.join("compile");
    if target.exists() {
        fs::remove_dir_all(&target)?;
    }
    let mut command = run::within(within, run::cargo(&["build", "-q", "--offline", "-p", "event"]));
    let status = command.env("CARGO_TARGET_DIR", &target).env("CARGO_INCREMENTAL", "0").status()?;
    if !status.success() {
        bail!("the compile ended with {status}");
    }
    Ok(())
}

struct Watcher {
    setup: Setup,
    child: Option<Child>,
}

impl Watcher {
    fn start(setup: Setup, tamon: &Path, folder: &Path) -> Result<Watcher> {
        let child = match setup {
            Setup::Bare => None,
            Setup::Tamon => Some(start_tamon(tamon, folder)?),
            Setup::Auditd => Some(start_auditd(folder)?),
        };
        std::thread::sleep(Duration::from_secs(1));
        Ok(Watcher { setup, child })
    }

    fn stop(mut self) -> Result<()> {
        if self.setup == Setup::Auditd {
            run::output(Command::new("auditctl").arg("-D"))?;
            run::output(Command::new("auditctl").args(["-e", "0"]))?;
        }
        if let Some(child) = &mut self.child {
            Command::new("kill").args(["-TERM", &child.id().to_string()]).status()?;
            child.wait()?;
        }
        Ok(())
    }
}

pub(super) fn start_tamon(tamon: &Path, folder: &Path) -> Result<Child> {
    let state = folder.join("state");
    fs::create_dir_all(&state)?;
    let log = File::create(folder.join("agent.log"))?;
    let child = Command::new(tamon)
        .arg("--state")
        .arg(&state)
        .arg("agent")
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()?;
    let start = Instant::now();
    loop {
        let asked = Command::new(tamon)
            .arg("--state")
            .arg(&state)
            .args(["status", "--output", "json"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        if asked.success() {
            return Ok(child);
        }
        if start.elapsed() > Duration::from_secs(30) {
            bail!("the agent is not ready: {}", fs::read_to_string(folder.join("agent.log"))?);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// auditd with a configuration of its own, the execve rules that detection guides ask for, and laurel as its plug-in.
fn start_auditd(folder: &Path) -> Result<Child> {
    let config = folder.join("audit");
    fs::create_dir_all(config.join("plugins.d"))?;
    fs::create_dir_all(config.join("laurel"))?;
    let logs = config.join("log");
    fs::create_dir_all(&logs)?;
    let laurel = run::find("laurel").context("laurel is not on PATH")?;
    fs::write(
        config.join("auditd.conf"),
        format!(
            "local_events = yes\nwrite_logs = yes\nlog_file = {}\nlog_format = ENRICHED\nflush = INCREMENTAL_ASYNC\nfreq = 50\nplugin_dir = {}\nq_depth = 2000\nspace_left = 75\nspace_left_action = IGNORE\nadmin_space_left = 50\nadmin_space_left_action = IGNORE\ndisk_full_action = IGNORE\ndisk_error_action = IGNORE\n",
            logs.join("audit.log").display(),
            config.join("plugins.d").display()
        ),
    )?;
    fs::write(config.join("laurel.toml"), laurel_config(&config))?;
    fs::write(
        config.join("plugins.d/laurel.conf"),
        format!(
            "active = yes\ndirection = out\ntype = always\nformat = string\npath = {}\nargs = --config {}\n",
            laurel.display(),
            config.join("laurel.toml").display()
        ),
    )?;
    let log = File::create(config.join("auditd.out"))?;
    let child = Command::new("auditd")
        .args(["-n", "-s", "enable", "-c"])
        .arg(&config)
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()?;
    std::thread::sleep(Duration::from_millis(500));
    for call in ["execve", "execveat"] {
        run::output(Command::new("auditctl").args(["-a", "always,exit", "-F", "arch=b64", "-S", call, "-k", "exec"]))?;
    }
    Ok(child)
}

fn laurel_config(config: &Path) -> String {
    let folder: PathBuf = config.join("laurel");
    format!(
        "directory = \"{}\"\nuser = \"root\"\n[auditlog]\nfile = \"audit.json\"\nsize = 5000000\ngenerations = 2\n",
        folder.display()
    )
}
