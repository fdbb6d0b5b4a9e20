//! What an operator may say: the TOML of a policy as types. Every key has a default (that of
//! `content/policies/default.toml`), every unknown key is an error.
//!
//! The meaning of the keys for a person stands in docs/POLICY.md; who obeys a key is written beside it here.

use crate::{Exception, Exclusion, Glob, Reputation, Schedule};
use event::{Action, Engine, Mode, Severity};
use serde::{Deserialize, Serialize};

/// The policy that ships, as text: readable, and the one source of the defaults.
pub const DEFAULT_TEXT: &str = include_str!("../../../content/policies/default.toml");

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The form of this file; 1.
    pub version: u32,
    #[serde(default = "default_name")]
    pub name: String,
    /// How far anything goes that no override speaks of.
    #[serde(default)]
    pub mode: Mode,
    #[serde(default)]
    pub actions: Actions,
    /// In the order of the file; for each setting the first that matches and sets it wins.
    #[serde(default, rename = "rule")]
    pub overrides: Vec<Override>,
    #[serde(default, rename = "exception")]
    pub exceptions: Vec<Exception>,
    #[serde(default)]
    pub gate: Gate,
    #[serde(default)]
    pub guard: Guard,
    #[serde(default)]
    pub watch: Watch,
    #[serde(default)]
    pub sensor: SensorFilter,
    #[serde(default)]
    pub scan: Scan,
    #[serde(default)]
    pub model: Model,
    #[serde(default)]
    pub reputation: Reputation,
    #[serde(default)]
    pub retention: Retention,
    #[serde(default)]
    pub ransomware: crate::Ransomware,
    #[serde(default)]
    pub lockdown: crate::Lockdown,
    #[serde(default)]
    pub integrity: crate::Integrity,
    /// Least privilege; the first profile that a process falls under counts.
    #[serde(default)]
    pub prevention: Vec<crate::prevention::PreventionProfile>,
}

fn default_name() -> String {
    "default".into()
}

impl Default for Policy {
    /// The shipped policy. A test proves that it parses, so this cannot fail in the field.
    fn default() -> Self {
        Policy::parse("content/policies/default.toml", DEFAULT_TEXT).expect("the shipped policy parses")
    }
}

/// What a finding of each severity asks for when neither its rule nor an override does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Actions {
    pub info: Action,
    pub low: Action,
    pub medium: Action,
    pub high: Action,
    pub critical: Action,
}

impl Default for Actions {
    fn default() -> Self {
        Actions {
            info: Action::Allow,
            low: Action::Alert,
            medium: Action::Alert,
            high: Action::Deny,
            critical: Action::Kill,
        }
    }
}

impl Actions {
    pub const fn of(&self, severity: Severity) -> Action {
        match severity {
            Severity::Info => self.info,
            Severity::Low => self.low,
            Severity::Medium => self.medium,
            Severity::High => self.high,
            Severity::Critical => self.critical,
        }
    }
}

/// `[[rule]]`: which findings, and what is different for them. All conditions given must hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// Rule id; may end in `*`.
    #[serde(default)]
    pub id: Option<Glob>,
    #[serde(default)]
    pub engine: Option<Engine>,
    #[serde(default)]
    pub min_severity: Option<Severity>,
    #[serde(default)]
    pub mode: Option<Mode>,
    #[serde(default)]
    pub action: Option<Action>,
    /// Findings of it are raised or lowered to this before anything else looks.
    #[serde(default)]
    pub severity: Option<Severity>,
}

/// `[gate]`: whose execution waits for a verdict (gate and enforce tier). Read by the agent for `respond::ExecGate`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Gate {
    pub enabled: bool,
    /// Scripts wait too when an interpreter opens them, and libraries before they can be mapped.
    pub reads: bool,
    /// Only what lies below these waits; empty means nothing.
    pub directories: Vec<String>,
    /// Whole mounts, for containers' and users' disks.
    pub mounts: Vec<String>,
    /// A judgement that takes longer lets the program run, and is counted.
    pub timeout_ms: u64,
    /// What becomes of refusals when nobody answers: the agent was killed, or stalls.
    pub on_failure: OnFailure,
}

/// `gate.on_failure`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnFailure {
    /// Everything is let be within two seconds.
    #[default]
    Open,
    /// What the kernel refuses by itself it goes on refusing, until an agent starts or is stopped in order.
    Closed,
}

impl Default for Gate {
    fn default() -> Self {
        Gate {
            enabled: true,
            reads: true,
            directories: ["/tmp", "/var/tmp", "/dev/shm", "/home"].map(String::from).to_vec(),
            mounts: Vec::new(),
            timeout_ms: 2_000,
            on_failure: OnFailure::Open,
        }
    }
}

/// `[guard]`: what the kernel itself holds in the enforce tier while `mode` is `enforce`. Read by the agent for the sensor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Guard {
    /// Nobody but the service manager may end or trace the agent.
    pub agent: bool,
    /// No kernel module is loaded any more.
    pub modules: bool,
}

/// `[watch]`: files whose mere reading is an event. Read by the agent for the sensor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Watch {
    /// Credentials: seldom read by few.
    pub read: Vec<String>,
    /// Decoys: read by nobody honest.
    pub decoys: Vec<String>,
}

/// `[sensor]`: what the kernel half leaves out before a record is written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SensorFilter {
    /// File events below these prefixes are not recorded.
    pub ignore_paths: Vec<String>,
    /// File and network events of these programs are not recorded; their start and end always are.
    pub ignore_executables: Vec<String>,
}

/// `[scan]`: limits of the scanner, when it looks, and where not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scan {
    pub on_exec: bool,
    pub on_write: bool,
    /// A file system that comes while the agent runs (a stick, a disk, an image) is scanned from end to end, idly.
    pub on_mount: bool,
    /// Besides the gate's directories: trees whose files are scanned when a writer closes them.
    pub write_directories: Vec<String>,
    /// Patterns look at this many bytes; more makes the verdict `incomplete`.
    pub max_file_bytes: u64,
    pub timeout_ms: u64,
    pub schedule: Schedule,
    #[serde(rename = "exclude")]
    pub exclusions: Vec<Exclusion>,
}

impl Default for Scan {
    fn default() -> Self {
        Scan {
            on_exec: true,
            on_write: true,
            on_mount: true,
            write_directories: Vec::new(),
            max_file_bytes: 64 << 20,
            timeout_ms: 10_000,
            schedule: Schedule::default(),
            exclusions: Vec::new(),
        }
    }
}

/// `[model]`: how far the learned model may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Model {
    pub enabled: bool,
    pub block: ModelBlock,
}

impl Default for Model {
    fn default() -> Self {
        Model { enabled: true, block: ModelBlock::SecondVoice }
    }
}

/// When what the model says may do more than alert.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModelBlock {
    Never,
    /// Another voice finds something of at least medium severity as well.
    #[default]
    SecondVoice,
    /// Also alone, where its score is above the threshold of the strictest measured error rate.
    Alone,
}

/// `[retention]`: how long this host keeps what it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    pub quarantine_days: u32,
    pub quarantine_max_bytes: u64,
    /// Of the agent's own queue on disk.
    pub spool_max_bytes: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Retention { quarantine_days: 90, quarantine_max_bytes: 1 << 30, spool_max_bytes: 512 << 20 }
    }
}
