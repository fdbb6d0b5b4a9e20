//! What ransomware destroys before it is stopped, and what comes back: each simulator on a folder of its own, under a real
//! agent, in the gate tier and in the observe tier; then daily work, which must not be stopped.
//!
//! `TAMON` names the binary. Arguments: names of simulators, `legit`, a tier, `no-decoys`; nothing means all. In the observe tier nothing can be
//! held, so the bench itself ends the simulator when the agent has told of it, as the agent would.

mod agent;
mod corpus;
mod legit;

use agent::{Agent, Tier};
use anyhow::{Context, Result};
use corpus::{Corpus, Left};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

fn main() -> Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let sim = simulator()?;
    let listed = Command::new(&sim).arg("list").output()?;
    let names: Vec<String> = String::from_utf8_lossy(&listed.stdout).lines().map(String::from).collect();
    // `gate` or `observe` among the arguments: that tier only.
    let named = |tier: &Tier| wanted.iter().any(|one| one == tier.name());
    let (wanted_tiers, all) = ([Tier::Gate, Tier::Observe].into_iter().filter(named), [Tier::Gate, Tier::Observe]);
    let wanted_tiers: Vec<Tier> = wanted_tiers.collect();
    let tiers = if wanted_tiers.is_empty() { all.to_vec() } else { wanted_tiers };
    let is_tier = |one: &&String| [Tier::Gate.name(), Tier::Observe.name(), agent::NO_DECOYS].contains(&one.as_str());
    let only_tiers = wanted.iter().all(|one| is_tier(&one));
    let is_wanted = |name: &str| only_tiers || wanted.iter().any(|one| one == name);
    let mut figures = serde_json::Map::new();
    let (mut worst, mut lost_all, mut back_all) = (0usize, 0usize, 0usize);
    println!(
        "{:16} {:8} {:>5} {:>9} {:>10} {:>7}  stopped",
        "simulator", "tier", "lost", "restored", "left over", "of"
    );
    for name in names.iter().filter(|name| *name != "theft" && is_wanted(name)) {
        for tier in tiers.clone() {
            match attack(&sim, name, tier) {
                Ok(Some(result)) => {
                    println!(
                        "{name:16} {:8} {:>5} {:>9} {:>10} {:>7}  {}",
                        tier.name(),
                        result.lost,
                        result.restored,
                        result.extra,
                        result.files,
                        result.stopped
                    );
                    let key = |what: &str| format!("{}_{}_{what}", tier.name(), name.replace('-', "_"));
                    figures.insert(key("lost"), result.lost.into());
                    if tier == Tier::Gate {
                        figures.insert(key("restored"), result.restored.into());
                        worst = worst.max(result.lost);
                        lost_all += result.lost;
                        back_all += result.restored;
                    }
                }
                Ok(None) => println!("{name:16} {:8} skipped: what it needs is not installed", tier.name()),
                Err(error) => println!("{name:16} {:8} failed: {error:#}", tier.name()),
            }
        }
    }
    if is_wanted("theft") {
        let told = theft(&sim)?;
        println!("{:16} {:8} told: {told}", "theft", "gate");
        figures.insert("theft_told".into(), told.into());
    }
    if is_wanted("legit") {
        let (stops, failed) = legit::run()?;
        figures.insert("false_stops".into(), stops.into());
        figures.insert("legitimate_failed".into(), failed.into());
    }
    println!("the most that was lost in the gate tier: {worst} files (aim: 10); restored: {back_all} of {lost_all}");
    figures.insert("gate_worst_lost".into(), worst.into());
    figures.insert("gate_restored_percent".into(), (100 * back_all).checked_div(lost_all).unwrap_or(100).into());
    let machine = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    println!("{}", serde_json::json!({ "bench": "ransomware", "machine": machine.trim(), "figures": figures }));
    Ok(())
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
    let agent = Agent::start(&place.join("state"), &place.join("files"), Tier::Gate, &[])?;
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

fn attack(sim: &Path, name: &str, tier: Tier) -> Result<Option<Outcome>> {
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
        tier,
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
        if tier == Tier::Observe && watch.told() {
            stopped = true;
            agent::end_tree(child.id());
            break;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    agent::end_tree(child.id());
    let _ = child.wait();
    // The figures in `status` are a second old at most.
    std::thread::sleep(Duration::from_millis(1_300));
    let before = corpus.compare()?;
    if tier == Tier::Gate {
        stopped |= agent.stopped()? > 0;
        agent.roll_back().context("rolling back")?;
    }
    let after = corpus.compare()?;
    if std::env::var_os("VERBOSE").is_some() {
        println!("{after:?}\n{}", agent.log());
    }
    let Left { lost, extra, .. } = after;
    let restored = before.lost.saturating_sub(lost);
    Ok(Some(Outcome { files: corpus.count(), lost: before.lost, restored, extra, stopped }))
}
