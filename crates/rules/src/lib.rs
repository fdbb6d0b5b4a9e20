//! Compiles Sigma into one matcher. Text in, findings out: no disk, no network, no clock, no async.
//!
//! ```
//! use std::sync::Arc;
//! let rule = r#"
//! title: A shell was started
//! id: 6a7f2d0e-8a3c-4c6b-9f0e-0d8f3b1f2a11
//! logsource: {product: linux, category: process_creation}
//! detection:
//!   selection: {Image|endswith: [/bash, /sh]}
//!   condition: selection
//! level: low
//! tags: [attack.execution, attack.t1059.004]
//! "#;
//! let (rules, report) = rules::RuleSet::compile([("shell.yml".to_owned(), rule.to_owned())]);
//! assert_eq!((report.rules, report.usable, report.rejected.len()), (1, 1, 0));
//!
//! let mut matcher = Arc::new(rules).matcher();        // one for each thread; reuses its memory
//! let mut row = event::Row::default();                // or an event::Event: anything with event::Fields
//! row.set_text(event::Column::Action, "process-exec");
//! row.set_text(event::Column::ProcessExecutable, "/usr/bin/bash");
//! assert_eq!(matcher.find(&row)[0].name, "A shell was started");
//! ```
//!
//! Logs of other origin (JSON lines, Windows events) are matched by field name through [`Record`], with a set made by
//! [`RuleSet::compile_foreign`] and a [`ForeignMatcher`].
//!
//! The cost of an event grows with what can match: each field is scanned once for the literals of all rules, and only the
//! rules whose required literals are there are evaluated. Filters become part of the rules they concern; correlations run
//! in a [`Correlator`] over the matches, with bounded state; pipelines in pySigma's form change rules before they are
//! compiled. Nothing is skipped silently: what cannot be used is in the [`Report`].

mod about;
mod compile;
mod condition;
mod correlate;
mod document;
mod expression;
mod group;
mod literal;
mod logsource;
mod matcher;
mod modifier;
mod pattern;
mod pipeline;
mod predicate;
mod reads;
mod record;
mod report;
pub mod shipped;
mod slot;
mod taxonomy;
mod tell;
mod yaml;

pub use about::{About, about};
pub use compile::{Converted, ForeignRules, Options, RuleSet, View, converted};
pub use correlate::{CorrelationHit, CorrelationState, Correlator, Observation};
pub use logsource::LogSource;
pub use matcher::{ForeignMatcher, Matcher};
pub use pipeline::{Pipeline, PipelineError};
pub use reads::Reads;
pub use record::{Hit, Record};
pub use report::{Rejected, Report};

/// Bounds on what a rule file may cost; each is far above what a published rule needs.
pub mod limits {
    /// Bytes of one rule file.
    pub const FILE_BYTES: usize = 1 << 20;
    /// YAML nodes of one file, aliases counted as what they stand for.
    pub const YAML_NODES: usize = 100_000;
    /// Nesting of YAML collections.
    pub const YAML_DEPTH: usize = 32;
    /// Keys of one YAML map.
    pub const YAML_KEYS: usize = 1_000;
    /// Documents of one file.
    pub const DOCUMENTS: usize = 1_000;
    /// Values of one rule after its modifiers (windash and base64offset multiply them).
    pub const VALUES: usize = 20_000;
    /// Bytes of one value.
    pub const VALUE_BYTES: usize = 16 * 1024;
    /// Nesting of a condition.
    pub const CONDITION_DEPTH: usize = 32;
    /// Words of a condition.
    pub const CONDITION_WORDS: usize = 2_000;
    /// Bytes of a compiled regular expression.
    pub const REGEX_BYTES: usize = 4 << 20;
    /// State of all correlations of a set, each with an equal share.
    pub const CORRELATION_BYTES: usize = 32 << 20;
    /// Samples of one group of a correlation.
    pub const GROUP_SAMPLES: usize = 4_096;
    /// Nesting of a regular expression.
    pub const REGEX_NEST: u32 = 50;
}
