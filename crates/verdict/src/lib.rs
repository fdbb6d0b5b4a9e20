//! Findings, policy and tier to a decision with its reasons in order. Pure: no disk, no network, no clock; the same
//! inputs give the same decision, so a back-test may replay history through it.
//!
//! ```
//! use event::{Tier, Timestamp};
//! use verdict::{Policy, Subject, decide};
//! let policy = Policy::parse("site.toml", "version = 1\nmode = \"enforce\"\n").unwrap();
//! let decision = decide(&policy, Tier::Gate, &[], &Subject::default(), Timestamp::from_nanos(0));
//! assert_eq!(decision.action, event::Action::Allow);
//! ```
//!
//! [`Policy::parse`] refuses what it does not know, with file, line and field: a mistyped key must never quietly mean
//! less protection. [`protect`] tells who is never touched, whatever anyone decided.

mod decide;
mod exception;
mod exclusion;
mod explain;
mod glob;
mod integrity;
pub mod interpreter;
pub mod lockdown;
mod parse;
mod policy;
pub mod prevention;
pub mod protect;
mod ransomware;
mod reputation;
mod schedule;
mod subject;

pub use decide::{Judged, decide};
pub use exception::{Exception, ExpiryDate};
pub use exclusion::{Candidate, Exclusion};
pub use explain::{Line, Question, explain, explain_address};
pub use glob::Glob;
pub use integrity::{Integrity, IntegrityRule, IntegritySet, SET_NAMES};
pub use lockdown::Lockdown;
pub use parse::PolicyError;
pub use policy::{
    Actions, DEFAULT_TEXT, Gate, Guard, Model, ModelBlock, OnFailure, Override, Policy, Retention, Scan, SensorFilter,
    Watch,
};
pub use protect::{PROTECTED_PROGRAMS, Protected};
pub use ransomware::Ransomware;
pub use reputation::{ListedFile, Listing, Reputation};
pub use schedule::Schedule;
pub use subject::{FileFacts, Operation, Subject};
