//! What a profile says of an act, in words: the line of the policy that decided, and the finding where it denies.

use super::{Act, Late, Profile, RULE_PREFIX};
use event::{Action, Engine, Finding, Mode, RuleId};
use serde::Serialize;

/// Serialised as it stands on a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ruling {
    pub allowed: bool,
    /// `prevention.nginx.read "!/etc/shadow"`; without an entry where none fits.
    pub line: String,
    /// One sentence.
    pub says: String,
}

impl Profile {
    pub fn rule(&self, act: &Act<'_>) -> Ruling {
        let (allowed, entry) = self.decide(act);
        let doing = act.doing();
        let key = format!("{RULE_PREFIX}{}.{}", self.id, doing.key());
        let line = entry.as_ref().map_or_else(|| key.clone(), |entry| format!("{key} {entry:?}"));
        let may = if allowed { "may" } else { "may not" };
        let why = match (&entry, allowed) {
            (Some(_), _) => "",
            (None, true) => ", since nothing restricts it",
            (None, false) => ", since nothing allows it",
        };
        Ruling { allowed, line, says: format!("{} {may} {} {act}{why}", self.title, doing.verb()) }
    }

    /// Under which a denial is told, and by which exceptions and overrides know it.
    pub fn rule_id(&self, act: &Act<'_>) -> RuleId {
        RuleId::new(format!("{RULE_PREFIX}{}.{}", self.id, act.doing().key()))
    }

    /// None when it is allowed. `refused`: the kernel did not let it happen.
    pub fn finding(&self, act: &Act<'_>, who: &str, refused: bool) -> Option<Finding> {
        let ruling = self.rule(act);
        if ruling.allowed {
            return None;
        }
        let doing = act.doing();
        let asks = match (self.mode, refused, self.late) {
            (Mode::Enforce, true, _) => Action::Deny,
            (Mode::Enforce, false, Late::Kill) => Action::Kill,
            _ => Action::Alert,
        };
        Some(Finding {
            engine: Engine::Policy,
            rule_id: self.rule_id(act),
            name: format!("{} oversteps its profile", self.title),
            severity: self.severity,
            techniques: vec![doing.technique()],
            tactics: Vec::new(),
            detail: format!("{who} tried to {} {act}; {} says that {}.", doing.verb(), ruling.line, ruling.says),
            matched: vec![("prevention_line".into(), ruling.line), ("prevention_act".into(), act.to_string())],
            asks: Some(asks),
        })
    }
}
