//! Findings of this crate, made in one place.

use event::text::{clip, printable};
use event::{Action, Engine, Finding, Process, RuleId, Severity, Tactic, Technique};

/// A rule of this crate: what never changes about it.
pub(crate) struct Rule {
    pub id: &'static str,
    pub engine: Engine,
    pub name: &'static str,
    pub severity: Severity,
    pub techniques: &'static [Technique],
    pub tactics: &'static [Tactic],
    pub asks: Option<Action>,
}

impl Rule {
    pub fn finding(&self, detail: String, matched: Vec<(&str, String)>) -> Finding {
        Finding {
            engine: self.engine,
            rule_id: RuleId::new(self.id),
            name: self.name.to_owned(),
            severity: self.severity,
            techniques: self.techniques.to_vec(),
            tactics: self.tactics.to_vec(),
            detail,
            matched: matched
                .into_iter()
                .map(|(name, value)| (name.to_owned(), clip(&value, 1024).to_owned()))
                .collect(),
            asks: self.asks,
        }
    }
}

/// A program as a sentence names it: `python3.11 (pid 812)`.
pub(crate) fn who(process: &Process) -> String {
    format!("{} (pid {})", printable(clip(process.name(), 64)), process.key.tgid)
}

pub(crate) fn path(path: &str) -> String {
    printable(clip(path, 200)).into_owned()
}

/// `0.4 s`, `3 min`.
pub(crate) fn span(nanos: i64) -> String {
    let tenths = nanos.max(0) / 100_000_000;
    if tenths >= 1_200 { format!("{} min", tenths / 600) } else { format!("{}.{} s", tenths / 10, tenths % 10) }
}
