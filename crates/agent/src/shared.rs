//! What the agent's threads share: who this host is, the policy in force, the counters that `status` shows, and the way an
//! alert leaves.

use crate::feed::Feed;
use crate::host::Host;
use crate::kernel_gate::{Denial, KernelGate};
use crate::lockdown::Lockdown;
use crate::place::Place;
use crate::quieting::Quieting;
use crate::rule_files::RuleFiles;
use crate::scan_jobs::ScanJobs;
use crate::signature_sets::Sets;
use enrich::Enricher;
use event::{AgentId, Alert, LossKind, ProcessKey, Tier};
use parking_lot::{Mutex, RwLock};
use respond::{Rollback, Vault};
use scan::Scanner;
use spool::{Priority, Spool};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use verdict::Policy;
use wire::RecordEncoder;

pub struct Shared {
    pub agent: AgentId,
    pub host: Host,
    pub place: Place,
    pub tier: Tier,
    pub tier_reason: String,
    pub policy: RwLock<Arc<Policy>>,
    /// As it was written, for `tamon policy show`.
    pub policy_text: Mutex<String>,
    /// As the node counts its policies; 0 for one that is not the node's.
    pub policy_version: AtomicU64,
    pub feed: Arc<Feed>,
    pub spool: Arc<Spool>,
    pub enricher: Arc<Enricher>,
    pub scanner: Option<Arc<Scanner>>,
    pub vault: Vault,
    pub rollback: Rollback,
    pub lockdown: Lockdown,
    pub prevention: crate::prevention::Prevention,
    /// Clients of the shares that this host serves.
    pub shares: crate::recovery::Shares,
    /// The way to the recovery thread, once it is there.
    pub recovery_queue: Mutex<Option<crossbeam_channel::Sender<crate::recovery::Heard>>>,
    /// Figures of the guard over files, for `status`.
    pub recovery: Mutex<serde_json::Value>,
    pub counters: Counters,
    pub rules: Mutex<RuleCounts>,
    /// The operator's rules, and what of all cannot be used.
    pub rule_files: Mutex<RuleFiles>,
    pub scan_jobs: ScanJobs,
    pub quieting: Quieting,
    /// What keeps the agent from doing all it should, in words; shown until it is mended.
    pub problems: Mutex<Vec<String>>,
    /// How the node is reached, in words.
    pub uplink: Mutex<String>,
    pub gate: Mutex<String>,
    pub kernel_gate: Mutex<KernelGate>,
    /// Judged bad and not yet on the kernel's list.
    pub denials: Mutex<Vec<Denial>>,
    /// Figures of watched files, for `status`.
    pub integrity: Mutex<serde_json::Value>,
    /// The way to their monitor; None while there is none.
    pub integrity_orders: Mutex<Option<crossbeam_channel::Sender<crate::integrity::Order>>>,
    /// Logs of other programs, for `status`.
    pub logs: Mutex<serde_json::Value>,
    /// The way to the pipeline for what it has learned to be normal; None while there is none.
    pub baseline_orders: Mutex<Option<crossbeam_channel::Sender<crate::baselines::Order>>>,
    /// The sweep under way, or the last.
    pub sweep: Mutex<String>,
    pub signatures: Mutex<Sets>,
    encoder: Mutex<RecordEncoder>,
    host_mount_namespace: u32,
    own_mount_namespace: u32,
}

fn mount_namespace(of: &str) -> u32 {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(format!("/proc/{of}/ns/mnt")).map_or(0, |meta| u32::try_from(meta.ino()).unwrap_or(0))
}

#[derive(Clone, Copy, Debug, Default)]
pub struct RuleCounts {
    pub usable: u64,
    pub rejected: u64,
}

#[derive(Debug, Default)]
pub struct Counters {
    /// Observations that the sensor handed on.
    pub seen: AtomicU64,
    /// Events that left `enrich`.
    pub enriched: AtomicU64,
    /// Events that the rules looked at.
    pub matched: AtomicU64,
    /// Lines of logs in which the rules found nothing and that nobody keeps.
    pub passed: AtomicU64,
    /// Events and alerts that the spool took.
    pub stored: AtomicU64,
    pub alerts: AtomicU64,
    pub suppressed: AtomicU64,
    /// Alerts of which nobody here was told, since a suppression covers them.
    pub silenced: AtomicU64,
    pub scanned: AtomicU64,
    /// Files of which the scanner could not say whether they are clean.
    pub unjudged: AtomicU64,
    /// Scans that were not made because the queue was full.
    pub scans_shed: AtomicU64,
    /// Files that were not scanned because the policy excludes them.
    pub excluded: AtomicU64,
    /// Actions that were not taken because the queue was full; each has its alert.
    pub actions_shed: AtomicU64,
    /// Samples of processor use that found the queue full.
    pub samples_shed: AtomicU64,
    /// Records that could not be kept.
    pub refused: AtomicU64,
    /// Losses by kind as last read from the sensor.
    pub sensor_lost: Mutex<BTreeMap<LossKind, u64>>,
}

impl Counters {
    pub fn add(counter: &AtomicU64, n: u64) {
        counter.fetch_add(n, Ordering::Relaxed);
    }
    pub fn get(counter: &AtomicU64) -> u64 {
        counter.load(Ordering::Relaxed)
    }
}

/// What only the start knows.
pub struct Parts {
    pub agent: AgentId,
    pub host: Host,
    pub place: Place,
    pub tier: Tier,
    pub tier_reason: String,
    pub policy: Policy,
    pub policy_text: String,
    pub spool: Spool,
    pub enricher: Enricher,
    pub scanner: Option<Scanner>,
    /// Folder of signatures that the scanner was started with.
    pub set: Option<PathBuf>,
    pub vault: Vault,
    pub rollback: Rollback,
    pub lockdown: Lockdown,
    pub scan_jobs: ScanJobs,
    pub quieting: Quieting,
    pub problems: Vec<String>,
}

impl Shared {
    pub fn new(parts: Parts) -> Shared {
        Shared {
            host_mount_namespace: mount_namespace("1"),
            own_mount_namespace: mount_namespace("self"),
            encoder: Mutex::new(RecordEncoder::new(parts.host.boot)),
            agent: parts.agent,
            host: parts.host,
            place: parts.place,
            tier: parts.tier,
            tier_reason: parts.tier_reason,
            policy: RwLock::new(Arc::new(parts.policy)),
            policy_text: Mutex::new(parts.policy_text),
            policy_version: AtomicU64::new(0),
            feed: Arc::default(),
            spool: Arc::new(parts.spool),
            enricher: Arc::new(parts.enricher),
            scanner: parts.scanner.map(Arc::new),
            vault: parts.vault,
            rollback: parts.rollback,
            lockdown: parts.lockdown,
            prevention: Default::default(),
            shares: Default::default(),
            recovery_queue: Mutex::default(),
            recovery: Mutex::default(),
            counters: Counters::default(),
            rules: Mutex::default(),
            rule_files: Mutex::default(),
            scan_jobs: parts.scan_jobs,
            quieting: parts.quieting,
            problems: Mutex::new(parts.problems),
            uplink: Mutex::new("not enrolled".into()),
            gate: Mutex::new("off".into()),
            kernel_gate: Mutex::default(),
            denials: Mutex::default(),
            integrity: Mutex::default(),
            integrity_orders: Mutex::default(),
            baseline_orders: Mutex::default(),
            logs: Mutex::default(),
            sweep: Mutex::new("none yet".into()),
            signatures: Mutex::new(Sets { folder: parts.set, ..Sets::default() }),
        }
    }

    /// Keys of the agent's own processes, which nothing ever touches.
    pub fn own_keys(&self) -> Vec<ProcessKey> {
        let mut pids = vec![std::process::id()];
        pids.extend(self.scanner.iter().flat_map(|scanner| scanner.worker_pids()));
        pids.iter().filter_map(|pid| self.enricher.by_pid(*pid)).map(|process| process.key).collect()
    }

    /// That of pid 1; 0 when it cannot be known.
    pub fn host_mount_namespace(&self) -> u32 {
        self.host_mount_namespace
    }

    /// The agent's own; 0 when it cannot be known.
    pub fn own_mount_namespace(&self) -> u32 {
        self.own_mount_namespace
    }

    pub fn policy(&self) -> Arc<Policy> {
        Arc::clone(&self.policy.read())
    }

    /// Durable at once, since an alert is what the rest exists for; then to whoever listens, unless it is one that the node
    /// wants kept quiet here: that goes to the node alone, and says so.
    pub fn tell(&self, alert: &Alert) {
        let quiet = self.quieting.covers(alert, crate::pipeline::now());
        let mut marked = None;
        if let Some(id) = &quiet {
            let alert = marked.insert(alert.clone());
            alert.event.labels.insert(event::quiet::QUIET_LABEL.to_owned(), id.clone());
        }
        let alert = marked.as_ref().unwrap_or(alert);
        Counters::add(if quiet.is_some() { &self.counters.silenced } else { &self.counters.alerts }, 1);
        let kept = {
            let mut encoder = self.encoder.lock();
            self.spool.append(Priority::High, encoder.alert(alert))
        };
        match kept.map_err(|error| error.to_string()).and_then(|_| self.spool.sync().map_err(|error| error.to_string()))
        {
            Ok(()) => Counters::add(&self.counters.stored, 1),
            Err(error) => {
                Counters::add(&self.counters.refused, 1);
                tracing::error!(%error, alert = %alert.title, "an alert could not be kept");
                self.problem(format!("alerts cannot be kept: {error}"));
            }
        }
        if quiet.is_none() {
            self.feed.alert(alert);
        }
    }

    /// Told once, however often it happens.
    pub fn problem(&self, text: String) {
        let mut problems = self.problems.lock();
        if problems.len() < 64 && !problems.contains(&text) {
            tracing::warn!(problem = %text);
            problems.push(text);
        }
    }

    /// Every loss known by kind: the sensor's and our own.
    pub fn lost(&self) -> BTreeMap<LossKind, u64> {
        let mut lost = self.counters.sensor_lost.lock().clone();
        let spool = self.spool.stats();
        let gone = spool.evicted.total() + spool.refused.total() + spool.corrupt.total();
        if gone > 0 {
            lost.insert(LossKind::Spool, gone);
        }
        lost
    }
}
