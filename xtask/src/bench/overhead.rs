//! What the agent costs the host: an exec storm and a real compile, bare, with the agent, and with auditd (execve rules)
//! feeding laurel, alternating in one run.

use super::beside::{Daemon, compile, in_folder, ratio, starts, timed};
use crate::guarded::Guarded;
use crate::run;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

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
    in_folder("overhead", |folder| measure(tamon, rounds, folder))
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
            let storm = timed(|| starts(&[], "/bin/true", STORM))?;
            let compile = timed(|| compile(folder, &[]))?;
            drop(watcher);
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

/// Ends when it is dropped.
struct Watcher {
    _tamon: Option<Guarded>,
    _auditd: Option<Auditd>,
}

impl Watcher {
    fn start(setup: Setup, tamon: &Path, folder: &Path) -> Result<Watcher> {
        let agent = || Guarded::start(tamon, &folder.join("agent"), "version = 1\n", &[]);
        let watcher = Watcher {
            _tamon: (setup == Setup::Tamon).then(agent).transpose()?,
            _auditd: (setup == Setup::Auditd).then(|| Auditd::start(folder)).transpose()?,
        };
        std::thread::sleep(Duration::from_secs(1));
        Ok(watcher)
    }
}

/// With a configuration of its own, the execve rules that detection guides ask for, and laurel as its plug-in.
struct Auditd {
    _daemon: Daemon,
}

impl Auditd {
    fn start(folder: &Path) -> Result<Auditd> {
        let config = folder.join("audit");
        fs::create_dir_all(config.join("plugins.d"))?;
        fs::create_dir_all(config.join("laurel"))?;
        let logs = config.join("log");
        fs::create_dir_all(&logs)?;
        let laurel = run::find("laurel").context("laurel is not on PATH")?;
        fs::write(
            config.join("auditd.conf"),
            format!(
                "local_events = yes\nwrite_logs = yes\nlog_file = {}\nlog_format = ENRICHED\n\
                 flush = INCREMENTAL_ASYNC\nfreq = 50\nplugin_dir = {}\nq_depth = 2000\nspace_left = 75\n\
                 space_left_action = IGNORE\nadmin_space_left = 50\nadmin_space_left_action = IGNORE\n\
                 disk_full_action = IGNORE\ndisk_error_action = IGNORE\n",
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
        let mut daemon = Command::new("auditd");
        daemon.args(["-n", "-s", "enable", "-c"]).arg(&config);
        let auditd = Auditd { _daemon: Daemon::start(&mut daemon, &config.join("auditd.out"))? };
        std::thread::sleep(Duration::from_millis(500));
        for call in CALLS {
            run::output(&mut rule("-a", call))?;
        }
        Ok(auditd)
    }
}

const CALLS: [&str; 2] = ["execve", "execveat"];

fn rule(act: &str, call: &str) -> Command {
    let mut command = Command::new("auditctl");
    command.args([act, "always,exit", "-F", "arch=b64", "-S", call, "-k", "exec"]);
    command
}

impl Drop for Auditd {
    /// The rules first: without its daemon the kernel would hold up whoever breaks one.
    fn drop(&mut self) {
        let mut off = Command::new("auditctl");
        off.args(["-e", "0"]);
        for mut command in CALLS.map(|call| rule("-d", call)).into_iter().chain([off]) {
            if let Err(error) = run::output(&mut command) {
                eprintln!("xtask: auditing goes on: {error:#}");
            }
        }
    }
}

fn laurel_config(config: &Path) -> String {
    let folder: PathBuf = config.join("laurel");
    format!(
        "directory = \"{}\"\nuser = \"root\"\n[auditlog]\nfile = \"audit.json\"\nsize = 5000000\ngenerations = 2\n",
        folder.display()
    )
}
