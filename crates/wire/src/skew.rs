//! Enumerations between two versions: numbers count from 1 in the vocabulary's order, 0 says nothing. A number that this
//! build does not know takes a fallback and is noted, so that a newer agent's alert is shown, never refused and never
//! milder than it was.

use event::{Action, Engine, Mode, OutcomeStatus, Severity, Tier};

pub(crate) const SEVERITY: Table<Severity> =
    Table { name: "severity", all: &Severity::ALL, fallback: Severity::Critical };
pub(crate) const ACTION: Table<Action> = Table {
    name: "action",
    all: &[Action::Allow, Action::Alert, Action::Deny, Action::Kill, Action::Quarantine],
    fallback: Action::Alert,
};
pub(crate) const ENGINE: Table<Engine> = Table {
    name: "engine",
    all: &[
        Engine::Sigma,
        Engine::Behaviour,
        Engine::Ransomware,
        Engine::Miner,
        Engine::Hash,
        Engine::Yara,
        Engine::Policy,
        Engine::Sensor,
        Engine::Signature,
        Engine::Model,
        Engine::Reputation,
        Engine::Integrity,
    ],
    fallback: Engine::Behaviour,
};
pub(crate) const MODE: Table<Mode> =
    Table { name: "mode", all: &[Mode::Observe, Mode::Alert, Mode::Enforce], fallback: Mode::Observe };
pub(crate) const TIER: Table<Tier> =
    Table { name: "tier", all: &[Tier::Observe, Tier::Gate, Tier::Enforce], fallback: Tier::Observe };
/// An outcome that is not understood is not taken for success.
pub(crate) const OUTCOME: Table<OutcomeStatus> = Table {
    name: "outcome",
    all: &[OutcomeStatus::None, OutcomeStatus::Done, OutcomeStatus::Failed],
    fallback: OutcomeStatus::Failed,
};

pub(crate) struct Table<T: 'static> {
    name: &'static str,
    all: &'static [T],
    fallback: T,
}

impl<T: Copy + PartialEq> Table<T> {
    /// 0 for a value that the table lacks, which a reader takes as its fallback.
    pub fn number(&self, value: T) -> i32 {
        self.all.iter().position(|known| *known == value).map_or(0, |at| at as i32 + 1)
    }

    pub fn read(&self, number: i32, skew: &mut Skew) -> T {
        self.read_optional(number, skew).unwrap_or_else(|| {
            skew.note(format!("{} unspecified", self.name));
            self.fallback
        })
    }

    /// None for 0.
    pub fn read_optional(&self, number: i32, skew: &mut Skew) -> Option<T> {
        if number == 0 {
            return None;
        }
        let known = usize::try_from(i64::from(number) - 1).ok().and_then(|at| self.all.get(at)).copied();
        Some(known.unwrap_or_else(|| {
            skew.note(format!("{} {number}", self.name));
            self.fallback
        }))
    }
}

/// What was not understood, a few words each.
#[derive(Default)]
pub(crate) struct Skew(Vec<String>);

impl Skew {
    pub fn note(&mut self, what: String) {
        if self.0.len() < 16 && !self.0.contains(&what) {
            self.0.push(what);
        }
    }

    pub fn text(&self) -> Option<String> {
        (!self.0.is_empty()).then(|| self.0.join(", "))
    }
}
