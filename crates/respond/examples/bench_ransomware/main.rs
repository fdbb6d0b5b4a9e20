//! What ransomware destroys before it is stopped, and what comes back: each simulator on a folder of its own, under a real
//! agent, in the gate tier with and without decoys and in the observe tier; then daily work, which must not be stopped.
//!
//! `TAMON` names the binary. Arguments: names of simulators, `legit`, `gate`, `no-decoys`, `observe`; nothing means all, in
//! less than ten minutes. In the observe tier nothing can be held, so the bench itself ends the simulator when the agent has
//! told of it, as the agent would.

mod agent;
mod corpus;
mod legit;

use agent::{Agent, Way};
use anyhow::{Context, Result};
use corpus::Corpus;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A simulator that goes on for longer was not stopped.
const PATIENCE: Duration = Duration::from_secs(30);

fn main() -> Result<()> {
    let began = Instant::now();
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let sim = simulator()?;
    let listed = Command::new(&sim).arg("list").output()?;
    let names: Vec<String> = String::from_utf8_lossy(&listed.stdout).lines().map(String::from).collect();
    let ways = ways(&wanted);
    let only_ways = wanted.iter().all(|one| WAYS.contains(&one.as_str()));
    let is_wanted = |name: &str| only_ways || wanted.iter().any(|one| one == name);
    let mut figures = serde_json::Map::new();
    println!(
        "{:16} {:14} {:>5} {:>8} {:>9} {:>10} {:>5}  stopped",
        "simulator", "way", "lost", "renamed", "restored", "left over", "of"
    );
    for way in ways {
        let mut sum = Sum::default();
        for name in names.iter().filter(|name| *name != "theft" && is_wanted(name)) {
            match attack(&sim, name, way) {
                Ok(Some(result)) => {
                    println!(
                        "{name:16} {:14} {:>5} {:>8} {:>9} {:>10} {:>5}  {}",
                        way.name(),
                        result.lost,
                        result.renamed,
                        result.restored,
                        result.extra,
                        result.files,
                        result.stopped
                    );
                    let key = |what: &str| format!("{}_{}_{what}", way.name(), name.replace('-', "_"));
                    figures.insert(key("lost"), result.lost.into());
                    if way.guards() {
                        figures.insert(key("renamed"), result.renamed.into());
                        figures.insert(key("restored"), result.restored.into());
                    }
                    sum.add(&result);
                }
                Ok(None) => println!("{name:16} {:14} skipped: what it needs is not installed", way.name()),
                Err(error) => {
                    println!("{name:16} {:14} failed: {error:#}", way.name());
                    sum.failed += 1;
                }
            }
        }
        sum.tell(way, &mut figures);
    }
    if is_wanted("theft") {
        let told = theft(&sim)?;
        println!("{:16} {:14} told: {told}", "theft", "gate");
        figures.insert("theft_told".into(), told.into());
    }
    if is_wanted("legit") {
        let (stops, failed) = legit::run()?;
        figures.insert("false_stops".into(), stops.into());
        figures.insert("legitimate_failed".into(), failed.into());
    }
    println!("all of it took {:.0} s", began.elapsed().as_secs_f64());
    let machine = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    println!("{}", serde_json::json!({ "bench": "ransomware", "machine": machine.trim(), "figures": figures }));
    Ok(())
}

const WAYS: [&str; 3] = ["gate", "no-decoys", "observe"];

/// `no-decoys` says how the gate tier is meant.
fn ways(wanted: &[String]) -> Vec<Way> {
    let has = |word: &str| wanted.iter().any(|one| one == word);
    if WAYS.iter().all(|word| !has(word)) {
        return Way::ALL.to_vec();
    }
    let chosen = |way: &Way| match way {
        Way::Gate => has("gate") && !has("no-decoys"),
        Way::NoDecoys => has("no-decoys"),
        Way::Observe => has("observe"),
    };
    Way::ALL.into_iter().filter(chosen).collect()
}

/// Of all simulators, one way.
#[derive(Default)]
struct Sum {
    ran: usize,
    failed: usize,
    worst: usize,
    worst_renamed: usize,
    not_stopped: usize,
    changed: usize,
    restored: usize,
}

impl Sum {
    fn add(&mut self, result: &Outcome) {
        self.ran += 1;
        self.worst = self.worst.max(result.lost);
        self.worst_renamed = self.worst_renamed.max(result.renamed);
        self.not_stopped += usize::from(!result.stopped);
        self.changed += result.lost + result.renamed;
        self.restored += result.restored;
    }

    fn tell(&self, way: Way, figures: &mut serde_json::Map<String, serde_json::Value>) {
        if self.ran + self.failed == 0 {
            return;
        }
        println!(
            "{}: of {} simulators {} were not stopped, {} failed; the most that was lost {} files (aim: 10), given other names {}",
            way.name(),
            self.ran,
            self.not_stopped,
            self.failed,
            self.worst,
            self.worst_renamed
        );
        let mut figure = |what: &str, figure: usize| figures.insert(format!("{}_{what}", way.name()), figure.into());
        figure("worst_lost", self.worst);
        figure("not_stopped", self.not_stopped);
        figure("failed", self.failed);
        if way.guards() {
            println!("{}: {} of {} restored", way.name(), self.restored, self.changed);
            figure("worst_renamed", self.worst_renamed);
            figure("restored_percent", (100 * self.restored).checked_div(self.changed).unwrap_or(100));
        }
    }
}

/// Nothing is lost: it is read and carried away, and must be told.
fn theft(sim: &Path) -> Result<bool> {
    let place = tempfile::tempdir()?;
    let place = place.path().canonicalize()?;
    let folder = place.join("files/data");
    std::fs::create_dir_all(&folder)?;
    let _corpus = Corpus::make(&folder, 0)?;
    let program = place.join("sim");
    std::fs::copy(sim, &program)?;
    let agent = Agent::start(&place.join("state"), &place.join("files"), Way::Gate, &[])?;
    let watch = agent.alerts("behaviour.theft")?;
    let mut command = Command::new(&program);
    let status = command.arg("theft").arg(&folder).stdin(Stdio::null()).stdout(Stdio::null()).status()?;
    anyhow::ensure!(status.success(), "the thief failed: {status}");
    let start = Instant::now();
    while !watch.told() && start.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(watch.told())
}

struct Outcome {
    files: usize,
    lost: usize,
    renamed: usize,
    /// Of both.
    restored: usize,
    extra: usize,
    stopped: bool,
}

fn simulator() -> Result<PathBuf> {
    let me = std::env::current_exe()?;
    let sim = me.with_file_name("attack_sim");
    anyhow::ensure!(sim.exists(), "{} is not built", sim.display());
    Ok(sim)
}

fn attack(sim: &Path, name: &str, way: Way) -> Result<Option<Outcome>> {
    let place = tempfile::tempdir()?;
    let place = place.path().canonicalize()?;
    let folder = place.join("files/data");
    let staging = place.join("staging");
    std::fs::create_dir_all(&folder)?;
    std::fs::create_dir_all(&staging)?;
    let corpus = Corpus::make(&folder, if name == "service-user" { 33 } else { 0 })?;
    // Not in a folder of root's only: the service's user must reach the program.
    let program = place.join("sim");
    std::fs::copy(sim, &program)?;
    let trusted = place.join("trusted-tool");
    std::fs::copy(sim, &trusted)?;
    for path in [&place, &place.join("files")] {
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    }
    let mut share = None;
    if name == "smb" {
        match agent::Share::start(&folder, &place)? {
            Some(started) => share = Some(started),
            None => return Ok(None),
        }
    }
    let agent = Agent::start(
        &place.join("state"),
        &place.join("files"),
        way,
        &[&trusted, Path::new("/usr/bin/cp"), Path::new("/bin/cp")],
    )?;
    let mut command = Command::new(&program);
    command.arg(name).arg(&folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.env("TAMON_SIM_TRUSTED", &trusted).env("TAMON_SIM_STAGING", &staging);
    if let Some(share) = &share {
        command.env("TAMON_SIM_SHARE", "//127.0.0.1/data").env("TAMON_SIM_PORT", share.port.to_string());
    }
    let mut child = command.spawn()?;
    let watch = agent.alerts("ransomware.")?;
    let start = Instant::now();
    let mut stopped = false;
    while start.elapsed() < PATIENCE {
        if let Some(status) = child.try_wait()? {
            stopped |= !status.success();
            break;
        }
        if !way.guards() && watch.told() {
            stopped = true;
            agent::end_tree(child.id());
            break;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    agent::end_tree(child.id());
    let _ = child.wait();
    let before = if way.guards() {
        stopped |= agent.stopped()?;
        let before = corpus.compare()?;
        agent.roll_back().context("rolling back")?;
        before
    } else {
        corpus.compare()?
    };
    let after = corpus.compare()?;
    if std::env::var_os("VERBOSE").is_some() {
        println!("{after:?}\n{}", agent.log());
    }
    let changed = before.lost + before.renamed;
    Ok(Some(Outcome {
        files: corpus.count(),
        lost: before.lost,
        renamed: before.renamed,
        restored: changed.saturating_sub(after.lost + after.renamed),
        extra: after.extra,
        stopped,
    }))
}
