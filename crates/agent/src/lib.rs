//! The agent: one host, protected with or without a node. [`run`] wires the stages into threads and lives until it is told
//! to stop; each stage's own work stands in its own crate.
//!
//! ```no_run
//! use std::sync::atomic::AtomicBool;
//! let (stop, reload) = (AtomicBool::new(false), AtomicBool::new(false));
//! let config = agent::Config::load(None)?;
//! agent::run(&config, "/var/lib/tamon".as_ref(), "/run/tamon".as_ref(), &stop, &reload)?;
//! # Ok::<(), anyhow::Error>(())
//! ```

mod actions;
mod alerting;
mod baselines;
mod bundle;
mod collect;
mod config;
mod containerd;
mod content;
mod enrolment;
mod feed;
mod gate;
mod gate_judge;
mod host;
mod integrity;
mod kernel_gate;
mod local;
mod local_answers;
mod lockdown;
mod logging;
mod looked_into;
mod lying;
mod mounts;
mod pipeline;
mod place;
mod policy;
mod prevention;
mod privileges;
mod quieting;
mod recovery;
mod reputation;
mod restoring;
mod rule_files;
mod sampling;
mod scan_jobs;
mod scanning;
mod scripts;
mod settling;
mod shared;
mod signature_child;
mod signature_sets;
mod simulation;
mod status;
mod sweep;
mod uplink;
mod volumes;

pub use config::{Config, ConfigError};
pub use enrolment::{enrol, identity_files, publication};
pub use lockdown::release as release_lock;
pub use prevention::PastAct;

use actions::Responder;
use anyhow::{Context as _, Result};
use event::AgentId;
use pipeline::Pipeline;
use place::Place;
use respond::{Rollback, Vault, VaultConfig};
use scan::{ScanConfig, Scanner};
use scanning::Scans;
use sensor::Sensor;
use shared::{Parts, Shared};
use spool::{Fsync, Spool, SpoolConfig};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Blocks until `stop` is set. `reload` makes it read rules and policy again.
pub fn run(config: &Config, state: &Path, run: &Path, stop: &AtomicBool, reload: &AtomicBool) -> Result<()> {
    let place = Place::new(state, run);
    place.create()?;
    let _pid = PidFile::write(&place)?;
    privileges::drop_unused()?;
    let probe = sensor::probe(config.force_tier);
    tracing::info!(tier = probe.tier.name(), reason = %probe.reason, kernel = %probe.kernel, "tier");
    let shared = Arc::new(Shared::new(parts(config, place, &probe)?));
    let mut sensor = start_sensor(config, &shared, probe)?;
    let responder = Responder::start(Arc::clone(&shared))?;
    let scans = Scans::start(Arc::clone(&shared), responder.clone())?;
    sweep::start(&shared, &responder)?;
    scan_jobs::start(&shared, &responder)?;
    signature_sets::start(config, &shared)?;
    lockdown::start(&shared)?;
    let mut recovery = recovery::Recovery::start(Arc::clone(&shared), responder.clone(), sensor.brake())?;
    let rules = pipeline::load_rules(&shared, &config.content);
    let sync = Duration::from_millis(config.spool.sync_interval_ms);
    let samples = sampling::start(Arc::clone(&shared))?;
    let mut monitor = integrity::Monitor::start(Arc::clone(&shared), &config.package_root)?;
    let mut pipeline = Pipeline::new(Arc::clone(&shared), rules, responder, scans, samples, recovery.ear(), sync);
    pipeline.watch_files(&monitor);
    pipeline.keep_baselines()?;
    pipeline.measure_volumes(volumes::Volumes::start(Arc::clone(&shared))?);
    pipeline.read_logs(logging::start(config, &shared)?);
    let mut gate = gate::Keeper::new(Arc::clone(&shared));
    let mut kernel_lock = lockdown::KernelKeeper::new(Arc::clone(&shared));
    local::serve(&shared.place.socket(), Arc::clone(&shared.feed), local_answers::answer(Arc::clone(&shared)))?;
    let client = uplink::start(&shared)?;
    tracing::info!("the agent is up");
    let (mut second, mut hour) = (Instant::now(), Instant::now());
    let mut judged_by = judged_by(&shared);
    while !stop.load(Ordering::Acquire) {
        pipeline.round(&mut sensor)?;
        pipeline.kernel_gate.take(&mut sensor);
        pipeline.prevention.take(&mut sensor);
        kernel_lock.take(&mut sensor);
        gate.ask_again();
        if second.elapsed() >= Duration::from_secs(1) {
            second = Instant::now();
            uplink::describe(&shared, client.as_ref());
            shared.lockdown.tend(&shared);
            gate.tend();
            kernel_lock.tend(&mut sensor, gate.stands());
            recovery.tend();
            monitor.tend();
            pipeline.kernel_gate.tend(&mut sensor);
            pipeline.prevention.tend(&mut sensor);
            // What other signatures allowed or refused is asked again.
            let by = self::judged_by(&shared);
            if std::mem::replace(&mut judged_by, by) != by {
                gate.forget();
                pipeline.kernel_gate.forget(&mut sensor);
            }
        }
        if hour.elapsed() >= Duration::from_secs(3600) {
            hour = Instant::now();
            actions::tidy_vault(&shared);
        }
        if reload.swap(false, Ordering::AcqRel) {
            if let Some(file) = &config.policy {
                policy::reload(&shared, file);
            }
            pipeline.set_rules(pipeline::load_rules(&shared, &config.content));
            reload_scanner(config, &shared);
            gate.forget();
            pipeline.kernel_gate.forget(&mut sensor);
        }
    }
    tracing::info!("the agent stops");
    drop(gate);
    drop(recovery);
    pipeline.round(&mut sensor)?;
    // Stopped in order, which is no failure: nothing stays behind.
    if let Err(error) = sensor.hold(false) {
        tracing::error!(%error, "what the kernel refuses could not be let go");
    }
    if let Err(error) = sensor.lock(None) {
        tracing::error!(%error, "the kernel's lock could not be let go");
    }
    monitor.end(&mut |change| pipeline.take_change(change));
    pipeline.sync();
    pipeline.end();
    if let Some(client) = client {
        client.stop();
    }
    Ok(())
}

fn parts(config: &Config, place: Place, probe: &sensor::Probe) -> Result<Parts> {
    let mut problems = Vec::new();
    let (policy, policy_text, problem) = policy::load(config.policy.as_deref(), &place.policy);
    problems.extend(problem);
    // Why the tier is not a higher one stands in its reason, not among the problems.
    for refused in probe.refused.iter().filter(|refused| refused.name != "probe_lsm") {
        problems.push(refused.to_string());
    }
    let spool = Spool::open(
        &place.spool,
        SpoolConfig {
            max_bytes: config.spool.max_mib << 20,
            fsync: Fsync::Interval(Duration::from_millis(config.spool.sync_interval_ms)),
            ..SpoolConfig::default()
        },
    )?;
    let set = signature_sets::current(place.state());
    let scanner = match Scanner::start(scan_config(config, &policy, set.as_deref())) {
        Ok(scanner) => match scan::VerdictCache::open(&place.verdicts()) {
            Ok(cache) => Some(scanner.with_cache(cache)),
            Err(error) => {
                problems.push(format!("verdicts are not remembered: {error}"));
                Some(scanner)
            }
        },
        Err(error) => {
            problems.push(format!("files are not scanned: {error}"));
            None
        }
    };
    let (lockdown, problem) =
        lockdown::Lockdown::open(&place.lockdown(), &config.package_root, &config.logs.containerd);
    problems.extend(problem);
    let (scan_jobs, problem) = scan_jobs::ScanJobs::open(&place.scan_jobs());
    problems.extend(problem);
    let (quieting, problem) = quieting::Quieting::open(&place.quiet());
    problems.extend(problem);
    Ok(Parts {
        lockdown,
        scan_jobs,
        quieting,
        agent: enrolment::enrolled(&place)?
            .map_or(AgentId::new("unenrolled"), |(identity, _)| identity.agent().clone()),
        host: host::Host::read().context("cannot read what this host is")?,
        tier: probe.tier,
        tier_reason: probe.reason.clone(),
        enricher: enrich::Enricher::new(enrich::Config::for_this_host()?)?,
        vault: Vault::open(&place.vault, vault_config(&policy))?,
        rollback: Rollback::open(&place.rollback, recovery::store_config(&policy.ransomware))?,
        place,
        policy,
        policy_text,
        spool,
        scanner,
        set,
        problems,
    })
}

/// Stands for all that files are held against.
fn judged_by(shared: &Shared) -> Option<u64> {
    shared.scanner.as_ref().map(|scanner| scanner.generation_number())
}

fn reload_scanner(config: &Config, shared: &Shared) {
    let Some(scanner) = &shared.scanner else { return };
    let set = shared.signatures.lock().folder.clone();
    if let Err(error) = scanner.reload(scan_config(config, &shared.policy(), set.as_deref())) {
        shared.problem(format!("the signatures before stay in force: {error}"));
    }
}

fn vault_config(policy: &verdict::Policy) -> VaultConfig {
    let keep = Duration::from_secs(u64::from(policy.retention.quarantine_days) * 86_400);
    VaultConfig { max_bytes: policy.retention.quarantine_max_bytes, keep }
}

/// `set`: folder of the signatures that were brought to this host.
fn scan_config(config: &Config, policy: &verdict::Policy, set: Option<&Path>) -> ScanConfig {
    let kinds = ["yara", "hashes", "signatures", "models"];
    let folders = config.content.iter().flat_map(|folder| kinds.map(|kind| folder.join(kind)));
    let signatures = folders.filter(|path| path.exists()).chain(set.map(Path::to_path_buf)).collect();
    let certificates = Some(config.signatures.certificates.clone()).filter(|folder| folder.is_dir());
    let mut scan = ScanConfig { signatures, certificates, workers: 2, ..ScanConfig::default() };
    scan.limits.max_file_bytes = policy.scan.max_file_bytes;
    scan.limits.timeout = Duration::from_millis(policy.scan.timeout_ms);
    scan
}

/// Attaches first and takes the snapshot second: then no process is missed.
fn start_sensor(config: &Config, shared: &Shared, probe: sensor::Probe) -> Result<Sensor> {
    let policy = shared.policy();
    let mut settings = sensor::Config {
        ring_bytes: config.sensor.ring_mib << 20,
        drain_interval: config.drain_interval(),
        pins: Some(shared.place.pins()),
        ..sensor::Config::default()
    };
    settings.ignored_prefixes.extend(policy.sensor.ignore_paths.iter().cloned());
    settings.watched_reads.extend(policy.watch.read.iter().chain(&policy.watch.decoys).cloned());
    settings.watched_reads.push(shared.place.decoy.display().to_string());
    let sensor = Sensor::start(settings, probe)?;
    for seen in sensor.snapshot()? {
        shared.enricher.seed(&seen.actor, &seen.exec);
    }
    shared.enricher.snapshot_proc();
    // So that programs that run already, and those that start next, have their digest and package.
    shared.enricher.settle(Duration::from_secs(2));
    Ok(sensor)
}

/// Written at start, removed at the end; `xtask down` and service managers read it.
struct PidFile(std::path::PathBuf);

impl PidFile {
    fn write(place: &Place) -> Result<PidFile> {
        let path = place.pid_file();
        std::fs::write(&path, format!("{}\n", std::process::id()))
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(PidFile(path))
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0) {
            tracing::warn!(%error, "cannot remove the pid file");
        }
    }
}
