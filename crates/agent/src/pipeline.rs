//! The hot path, one plain thread: sensor → enrich → rules and behaviour → decide → spool. It never waits for the network
//! or a person; what must wait (scans, kills) is handed to other threads through bounded queues.

use crate::actions::Responder;
use crate::alerting;
use crate::baselines;
use crate::content;
use crate::integrity;
use crate::kernel_gate;
use crate::logging::Logs;
use crate::prevention;
use crate::recovery::Ear;
use crate::rule_files::RuleFiles;
use crate::scanning::Scans;
use crate::shared::{Counters, RuleCounts, Shared};
use crate::volumes::Volumes;
use anyhow::Result;
use crossbeam_channel::Receiver;
use detect::{DetectConfig, Detector, Repeated, Repeats, SequenceSet, Story, StoryConfig};
use event::{
    Action, Engine, Event, EventKind, FileIdentity, FileOp, Finding, HELD_BACK, LogSays, LossKind, Observation,
    ProcessKey, SensorLoss, Severity, Tagged, Timestamp, Via,
};
use rules::{Matcher, RuleSet};
use sensor::Sensor;
use spool::Priority;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use wire::RecordEncoder;

/// Changes of watched files taken in one round.
const CHANGES: usize = 256;
/// Records of logs, and volumes, taken in one round.
const LOG_EVENTS: usize = 256;
/// How often losses are read from the kernel and told.
const LOSS_INTERVAL: Duration = Duration::from_secs(1);

pub struct Pipeline {
    pub kernel_gate: kernel_gate::Keeper,
    pub prevention: prevention::Keeper,
    shared: Arc<Shared>,
    matcher: Matcher,
    detector: Detector,
    story: Story,
    repeats: Repeats,
    encoder: RecordEncoder,
    responder: Responder,
    scans: Scans,
    samples: Receiver<Observation>,
    recovery: Ear,
    watched: Option<(integrity::Ear, Receiver<integrity::Change>)>,
    baselines: Option<baselines::Keeper>,
    logs: Option<Logs>,
    volumes: Option<Volumes>,
    own_program: Option<FileIdentity>,
    sequence: u64,
    told_loss: BTreeMap<LossKind, u64>,
    last_loss: Instant,
    last_sync: Instant,
    sync_interval: Duration,
}

impl Pipeline {
    pub fn new(
        shared: Arc<Shared>,
        rules: (Arc<RuleSet>, Arc<SequenceSet>),
        responder: Responder,
        scans: Scans,
        samples: Receiver<Observation>,
        recovery: Ear,
        sync: Duration,
    ) -> Pipeline {
        Pipeline {
            kernel_gate: kernel_gate::Keeper::new(Arc::clone(&shared)),
            prevention: prevention::Keeper::new(Arc::clone(&shared)),
            encoder: RecordEncoder::new(shared.host.boot),
            detector: Detector::new(detector_config(&shared)),
            shared,
            matcher: rules.0.matcher(),
            story: Story::new(StoryConfig::default(), rules.1),
            repeats: Repeats::default(),
            responder,
            scans,
            samples,
            recovery,
            watched: None,
            baselines: None,
            logs: None,
            volumes: None,
            own_program: crate::scanning::own_program(),
            sequence: 0,
            told_loss: BTreeMap::new(),
            last_loss: Instant::now(),
            last_sync: Instant::now(),
            sync_interval: sync,
        }
    }

    /// From then on the monitor of watched files hears of every file event, and what it tells is taken.
    pub fn watch_files(&mut self, monitor: &integrity::Monitor) {
        self.watched = Some((monitor.ear(), monitor.told()));
    }

    /// From then on what is normal here is learned on from what was kept, and kept.
    pub fn keep_baselines(&mut self) -> Result<()> {
        self.baselines = Some(baselines::Keeper::start(&self.shared, &mut self.story)?);
        Ok(())
    }

    /// What processes send out is told, from then on.
    pub fn measure_volumes(&mut self, volumes: Volumes) {
        self.volumes = Some(volumes);
    }

    /// What logs of other programs say, from then on.
    pub fn read_logs(&mut self, logs: Logs) {
        self.logs = Some(logs);
    }

    /// After the last round.
    pub fn end(&mut self) {
        if let Some(keeper) = self.baselines.take() {
            keeper.end(&self.shared, &self.story);
        }
    }

    pub fn take_change(&mut self, change: integrity::Change) {
        self.take(change.event, change.findings);
    }

    pub fn set_rules(&mut self, rules: (Arc<RuleSet>, Arc<SequenceSet>)) {
        self.matcher = rules.0.matcher();
        self.story.set_sequences(rules.1);
    }

    /// One round: what the kernel has, then what is due.
    pub fn round(&mut self, sensor: &mut Sensor) -> Result<()> {
        let began = Instant::now();
        sensor.drain(&mut |observation| self.observe(observation))?;
        self.shared.lockdown.drained(began);
        while let Ok(sample) = self.samples.try_recv() {
            self.observe(sample);
        }
        if let Some((_, told)) = &self.watched {
            let told = told.clone();
            told.try_iter().take(CHANGES).for_each(|change| self.take_change(change));
        }
        let volumes = self.volumes.as_ref().map(|volumes| volumes.events.clone());
        let logs = self.logs.as_ref().map(|logs| logs.events.clone());
        let others = [logs, volumes, Some(self.recovery.seen.clone())];
        for events in others.into_iter().flatten() {
            events.try_iter().take(LOG_EVENTS).for_each(|event| self.take(*event, Vec::new()));
        }
        if let Some(keeper) = &mut self.baselines {
            keeper.tend(&self.shared, &mut self.story);
        }
        if self.last_loss.elapsed() >= LOSS_INTERVAL {
            self.last_loss = Instant::now();
            self.tell_losses(sensor.loss());
        }
        if self.last_sync.elapsed() >= self.sync_interval {
            self.last_sync = Instant::now();
            self.sync();
        }
        Ok(())
    }

    /// After the last round: everything that was seen is durable when this returns.
    pub fn sync(&self) {
        if let Err(error) = self.shared.spool.sync() {
            self.shared.problem(format!("events cannot be made durable: {error}"));
        }
    }

    fn observe(&mut self, observation: Observation) {
        Counters::add(&self.shared.counters.seen, 1);
        let event = self.shared.enricher.observe(observation);
        Counters::add(&self.shared.counters.enriched, 1);
        self.take(event, Vec::new());
    }

    /// `known` was found before the event came here.
    fn take(&mut self, mut event: Event, known: Vec<Finding>) {
        self.sequence += 1;
        event.sequence = self.sequence;
        let mut findings = if self.is_own_start(&event) { Vec::new() } else { self.matcher.find(&event) };
        findings.extend(self.detector.observe(&event));
        findings.extend(self.prevention.observe(&event));
        findings.extend(known);
        let together = self.story.observe(&event, &findings);
        findings.extend(together);
        Counters::add(&self.shared.counters.matched, 1);
        if findings.is_empty() && matches!(&event.kind, EventKind::Log(log) if log.is_passing()) {
            Counters::add(&self.shared.counters.passed, 1);
            return;
        }
        let tagged = Tagged::new(&event, &findings);
        Self::keep(&self.shared, &mut self.encoder, &event, &tagged);
        self.shared.feed.event(&tagged);
        self.scans.offer(&event);
        self.recovery.offer(&event);
        if let Some((ear, _)) = &self.watched {
            ear.offer(&event);
        }
        if let Some(volumes) = &self.volumes {
            volumes.offer(&event);
        }
        if let Some(logs) = &self.logs {
            logs.peers.note(&event);
        }
        self.shared.lockdown.observe(&self.shared, &event);
        self.kernel_gate.tell(&event);
        if findings.iter().all(adds_up_only) {
            return;
        }
        findings.retain_mut(|finding| self.is_news(&event, finding));
        if let Some(judged) = alerting::judge(&self.shared, &event, findings, now()) {
            if judged.decision.action > Action::Alert {
                self.responder.submit(Box::new((event, judged)));
            } else {
                let outcome = alerting::nothing_done(&judged.decision);
                self.shared.tell(&alerting::alert(&self.shared, &event, judged, outcome));
            }
        }
    }

    /// Tamon's own program is no finding wherever it lies; what it then does is, the self-test's steps above all.
    fn is_own_start(&self, event: &Event) -> bool {
        let file = event.process.as_deref().and_then(|process| process.file);
        matches!(event.kind, EventKind::Exec(_)) && file.is_some() && file == self.own_program
    }

    /// The same rule for the same process tree is told once a minute; the rest is counted, and the count told with the next.
    /// Daemons that share only pid 1 are no tree, and what the policy acts on is news of each process: the second is not let
    /// go because the first was told.
    fn is_news(&mut self, event: &Event, finding: &mut Finding) -> bool {
        // A detector has counted these itself.
        let counted = finding.matched.iter().any(|(name, _)| name == HELD_BACK);
        let acts = self.shared.policy().judge(finding).allowed > Action::Alert;
        let repeated = match (&event.process, &event.kind) {
            _ if counted => return true,
            (Some(process), _) if acts => self.repeats.admit_each(&finding.rule_id, process.key, event.time),
            (Some(process), _) => {
                let tree = process.parent.filter(|parent| parent.tgid > 1).unwrap_or(process.key);
                self.repeats.admit(&finding.rule_id, tree, event.time)
            }
            // Lines that nobody is known to have written are as many as somebody likes.
            (None, EventKind::Log(_)) => self.repeats.admit(&finding.rule_id, ProcessKey::default(), event.time),
            (None, _) => return true,
        };
        match repeated {
            Repeated::Tell { suppressed } => {
                finding.note_held_back(suppressed);
                true
            }
            Repeated::Count => {
                Counters::add(&self.shared.counters.suppressed, 1);
                false
            }
        }
    }

    fn keep(shared: &Shared, encoder: &mut RecordEncoder, event: &Event, tagged: &Tagged<'_, Event>) {
        match shared.spool.append(priority(event), encoder.event(tagged)) {
            Ok(_) => Counters::add(&shared.counters.stored, 1),
            Err(error) => {
                Counters::add(&shared.counters.refused, 1);
                shared.problem(format!("events cannot be kept: {error}"));
            }
        }
    }

    /// A loss is an event like any other, so that the node knows of it too.
    fn tell_losses(&mut self, sensor: BTreeMap<LossKind, u64>) {
        *self.shared.counters.sensor_lost.lock() = sensor;
        for (kind, total) in self.shared.lost() {
            let told = self.told_loss.insert(kind, total).unwrap_or(0);
            if total > told {
                let loss = SensorLoss { kind, count: total - told };
                let event = Event {
                    sequence: 0,
                    time: now(),
                    via: Via::Syscall,
                    process: None,
                    parent: None,
                    kind: EventKind::SensorLoss(loss),
                };
                self.take(event, Vec::new());
            }
        }
    }
}

/// A low sign tells nobody by itself: it stands on its event and adds up (`detect::Story`). A rule that asks for an action,
/// and what was found in a file, is told all the same.
fn adds_up_only(finding: &Finding) -> bool {
    let behaviour = matches!(finding.engine, Engine::Sigma | Engine::Behaviour | Engine::Ransomware);
    finding.severity <= Severity::Low && finding.asks.is_none() && behaviour
}

/// Any read of a decoy is told: the policy's, and the one that the agent planted.
fn detector_config(shared: &Shared) -> DetectConfig {
    let planted = shared.place.decoy.display().to_string();
    let decoys = shared.policy().watch.decoys.iter().cloned().chain([planted]).collect();
    DetectConfig { decoys, ..DetectConfig::default() }
}

/// What the spool lets go first when it is full: the bulk of file and fork records before what a story is told from.
fn priority(event: &Event) -> Priority {
    match &event.kind {
        EventKind::Fork(_) => Priority::Low,
        EventKind::Log(log) if matches!(log.says, LogSays::Request(_) | LogSays::Text) => Priority::Low,
        EventKind::File(file) if !matches!(file.op, FileOp::OpenRead | FileOp::ChangeMode { .. }) => Priority::Low,
        _ => Priority::Normal,
    }
}

pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

/// Compiles what is built in and what the folders hold; what cannot be used is a problem that `status` shows.
pub fn load_rules(shared: &Shared, folders: &[PathBuf]) -> (Arc<RuleSet>, Arc<SequenceSet>) {
    let (files, problems) = content::sequences(folders);
    problems.into_iter().for_each(|problem| shared.problem(problem));
    let mut operator = content::operators(&files);
    let (sequences, errors) = SequenceSet::compile(files);
    errors.iter().for_each(|error| shared.problem(format!("a sequence cannot be used: {error}")));
    let (files, problems) = content::sigma(folders);
    problems.into_iter().for_each(|problem| shared.problem(problem));
    operator.extend(content::operators(&files));
    let (rules, report) = RuleSet::compile(files);
    for rejected in &report.rejected {
        tracing::warn!(file = %rejected.file, reason = %rejected.reason, "a rule cannot be used");
    }
    *shared.rule_files.lock() = RuleFiles::new(operator, &report.rejected, &errors);
    *shared.rules.lock() = RuleCounts { usable: report.usable as u64, rejected: report.rejected.len() as u64 };
    (Arc::new(rules), Arc::new(sequences))
}
