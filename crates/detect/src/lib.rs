//! Behaviour: what no single event shows. Events and bounded state in, findings out; time comes from the events.
//!
//! ```
//! let mut detector = detect::Detector::new(detect::DetectConfig::default());
//! # let event = event::Event { sequence: 0, time: event::Timestamp(0), via: event::Via::Syscall, process: None, parent: None,
//! #     kind: event::EventKind::SensorLoss(event::SensorLoss { kind: event::LossKind::File, count: 1 }) };
//! for finding in detector.observe(&event) { /* to `verdict` */ }
//!
//! // The same guard for findings of other engines: the same rule in the same process tree is told once a minute.
//! let mut repeats = detect::Repeats::default();
//! ```
//!
//! | rule | what it tells |
//! |---|---|
//! | `ransomware.burst`, `ransomware.overwrite` | many files turned or overwritten within seconds (T1486) |
//! | `ransomware.content`, `ransomware.wiper` | files that were there are made unreadable or destroyed; told by [`Ledger`] (T1486, T1485) |
//! | `ransomware.recovery` | backups, snapshots or databases are ended (T1490, T1489) |
//! | `behaviour.theft` | many keys or dumps are read, then a connection goes out (T1552, T1041) |
//! | `miner.coin-miner` | a process mines coins, by all that is heard of it together (T1496.001) |
//! | `behaviour.reverse-shell` | a shell at the end of a connection (T1059.004, T1095) |
//! | `behaviour.download-and-run`, `behaviour.dropped-and-run` | a fresh file is run (T1105, T1204.002) |
//! | `behaviour.web-discovery`, `behaviour.web-credentials` | a look around below a web server (T1505.003 and what was looked at) |
//! | `behaviour.root-from-nowhere` | a process is root by no known way (T1068) |
//! | `behaviour.decoy-read` | a decoy file was touched (T1552.001) |
//! | `behaviour.log-ins-tried`, `behaviour.log-in-guessed` | log-ins fail again and again from one address; one succeeds (T1110.001) |
//! | `behaviour.log-forged` | a line of a log pretends to be of another program (T1565.001) |
//! | `normal.*` | what was not seen before on this host, counted; told by [`Normal`], which stands in the [`Story`] |
//!
//! [`Story`] stands behind all engines: sequences of steps (`content/sequences`) and risk that adds up (`risk.*`).

mod bounded;
mod catalogue;
mod config;
mod decoy;
mod dropped;
mod forged;
mod guessing;
mod lineage;
mod miner;
mod names;
mod normal;
mod raised;
mod ransomware;
mod repeats;
mod reverse_shell;
mod risk;
mod sequence;
mod story;
mod tell;
mod theft;
mod trees;
mod web;

pub use catalogue::{Known, detectors};
pub use config::DetectConfig;
pub use miner::{PoolError, Pools};
pub use names::is_installed;
pub use normal::{
    Asked, Habit, Level as NormalLevel, MOST_BYTES as MOST_NORMAL_BYTES, Normal, NormalConfig, Picture, Relation,
    RhythmSeen, Seed, StateError, SubjectSeen, Told,
};
pub use ransomware::content::{ContentKind, Harm, SAMPLE_BYTES, Sample, harm, made_unreadable, sample_offsets};
pub use ransomware::ledger::{FileId, Ledger, LedgerConfig, Outcome, Sign};
pub use ransomware::{inhibits_recovery, is_document};
pub use repeats::{Repeated, Repeats};
pub use sequence::{SequenceAbout, SequenceError, SequenceSet, describe_sequence};
pub use story::{Story, StoryConfig};
pub use theft::is_secret;

use event::{Action, Event, EventKind, Finding, Process, ProcessKey, Timestamp};

/// All behaviour rules over one host's events.
#[derive(Debug)]
pub struct Detector {
    config: DetectConfig,
    processes: lineage::Processes,
    dropped: dropped::Dropped,
    ransomware: ransomware::Ransomware,
    miners: miner::Miners,
    web: web::Web,
    theft: theft::Theft,
    raised: raised::Raised,
    guessing: guessing::Guessing,
    repeats: Repeats,
}

impl Detector {
    pub fn new(config: DetectConfig) -> Self {
        Detector {
            processes: lineage::Processes::new(config.max_processes),
            dropped: dropped::Dropped::new(config.max_downloads),
            ransomware: ransomware::Ransomware::new(),
            miners: miner::Miners::new(config.max_processes / 2, config.pools.clone()),
            web: web::Web::new(config.max_processes / 16),
            theft: theft::Theft::new(),
            raised: raised::Raised::new(config.max_processes),
            guessing: guessing::Guessing::new(),
            repeats: Repeats::default(),
            config,
        }
    }

    /// Findings about the process of `event`, in no particular order. The same rule for the same process tree (the siblings
    /// below one parent) is not repeated within a minute; how often it was held back stands in the next one's detail.
    pub fn observe(&mut self, event: &Event) -> Vec<Finding> {
        if let EventKind::Log(_) = event.kind {
            return self.observe_log(event);
        }
        let Some(process) = event.process.as_deref() else { return Vec::new() };
        let relevant = matches!(
            event.kind,
            EventKind::Exec(_)
                | EventKind::Fork(_)
                | EventKind::File(_)
                | EventKind::Network(_)
                | EventKind::Dns(_)
                | EventKind::Flow(_)
                | EventKind::Load(_)
                | EventKind::Privilege(_)
        );
        if !relevant {
            return Vec::new();
        }
        self.processes.learn(event, process);
        let found = [
            self.ransomware.observe(event, process),
            self.dropped.observe(event, process, &self.processes),
            self.web.observe(event, process, &self.processes),
            reverse_shell::observe(event, process, &self.processes),
            ransomware::observe_recovery(event, process),
            self.theft.observe(event, process),
            self.raised.observe(event, process),
            self.miners.observe(event, process),
            decoy::observe(event, process, &self.config.decoys),
        ];
        let at = event.time;
        found.into_iter().flatten().filter_map(|finding| self.guarded(finding, process, at)).collect()
    }

    /// Of what a log says its writer may be unknown.
    fn observe_log(&mut self, event: &Event) -> Vec<Finding> {
        let mut found: Vec<Finding> = self.guessing.observe(event).into_iter().collect();
        if let Some(mut finding) = forged::observe(event) {
            let writer = event.process.as_deref().map_or_else(ProcessKey::default, |process| process.key);
            if let Repeated::Tell { suppressed } = self.repeats.admit(&finding.rule_id, writer, event.time) {
                finding.note_held_back(suppressed);
                found.push(finding);
            }
        }
        found
    }

    fn guarded(&mut self, mut finding: Finding, process: &Process, at: Timestamp) -> Option<Finding> {
        // What asks to be acted on is told of each process. Daemons that share only pid 1 are no tree.
        let acts = finding.asks.is_some_and(|action| action > Action::Alert);
        let repeated = match acts {
            true => self.repeats.admit_each(&finding.rule_id, process.key, at),
            false => {
                let tree = process.parent.filter(|parent| parent.tgid > 2).unwrap_or(process.key);
                self.repeats.admit(&finding.rule_id, tree, at)
            }
        };
        match repeated {
            Repeated::Count => None,
            Repeated::Tell { suppressed } => {
                finding.note_held_back(suppressed);
                Some(finding)
            }
        }
    }
}
