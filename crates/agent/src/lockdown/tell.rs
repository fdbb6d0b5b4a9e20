//! What was not trusted is written down for the report, and told as an alert of who tried: each content once a minute, for
//! who is refused tries again.

use super::{Asker, Lockdown};
use crate::alerting::{self, Judged};
use crate::lockdown::store::Seen;
use crate::shared::Shared;
use event::{Action, Event, EventKind, Exec, Outcome, OutcomeStatus, Timestamp, Via};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use verdict::lockdown::{Act, Evidence, Ruling, Use};

const EVERY: Duration = Duration::from_secs(60);
const MAX_TOLD: usize = 4_096;

#[derive(Debug, Default)]
pub struct Told(Mutex<HashMap<(String, String), Instant>>);

impl Told {
    fn is_news(&self, rule: &str, path: &str) -> bool {
        let mut told = self.0.lock();
        if told.len() >= MAX_TOLD {
            told.retain(|_, at| at.elapsed() < EVERY);
        }
        let key = (rule.to_owned(), path.to_owned());
        let news = told.get(&key).is_none_or(|at| at.elapsed() >= EVERY);
        if news {
            told.insert(key, Instant::now());
        }
        news
    }
}

pub fn note(
    shared: &Shared,
    ruling: &Ruling,
    evidence: &Evidence<'_>,
    matter: Result<Use, Act>,
    asker: &Asker,
    now: Timestamp,
) {
    let denied = ruling.decision.action >= Action::Deny;
    write_down(shared, ruling, evidence, matter, asker, now, denied);
    let detail = match (denied, matter) {
        (true, Ok(Use::Module) | Err(Act::ModuleData)) => "was not let into the kernel",
        (true, Err(Act::Trace)) => "was not let take another process over",
        (true, _) => "was not let run",
        (false, _) => "ran; only told",
    };
    alert(shared, ruling, evidence.path, asker, &format!("{} {detail}", evidence.path));
}

/// Of what is done already, whatever the lock would have answered.
pub fn note_done(
    shared: &Shared,
    ruling: &Ruling,
    evidence: &Evidence<'_>,
    matter: Result<Use, Act>,
    asker: &Asker,
    now: Timestamp,
) {
    write_down(shared, ruling, evidence, matter, asker, now, false);
    let action = ruling.decision.action.min(Action::Alert);
    let decision = event::Decision { action, ..ruling.decision.clone() };
    let ruling = Ruling { decision, ..ruling.clone() };
    alert(shared, &ruling, evidence.path, asker, &format!("{}: told when it was done", evidence.path));
}

/// For the report.
pub fn write_down(
    shared: &Shared,
    ruling: &Ruling,
    evidence: &Evidence<'_>,
    matter: Result<Use, Act>,
    asker: &Asker,
    now: Timestamp,
    denied: bool,
) {
    let process = asker.process.as_deref();
    let text = |words: &dyn Fn(&event::Process) -> String| process.map(words).unwrap_or_default();
    shared.lockdown.store.lock().note(Seen {
        path: evidence.path.to_owned(),
        sha256: evidence.sha256,
        usage: matter.map_or_else(Act::name, Use::name).to_owned(),
        reason: ruling.decision.reasons.first().map(|reason| reason.text.clone()).unwrap_or_default(),
        by: text(&|process| process.executable.to_string()),
        user: text(&|process| match &process.user.name {
            Some(name) => name.to_string(),
            None => process.user.credentials.uid.to_string(),
        }),
        first: now,
        last: now,
        count: 1,
        denied: u64::from(denied),
        file: matter.ok().filter(|_| evidence.nameless.is_none()),
    });
}

/// Nothing while the lock only observes.
fn alert(shared: &Shared, ruling: &Ruling, path: &str, asker: &Asker, detail: &str) {
    let Some(finding) = ruling.finding.clone().filter(|_| ruling.decision.action >= Action::Alert) else { return };
    if !shared.lockdown.told.is_news(finding.rule_id.as_str(), path) {
        return;
    }
    let status = if ruling.decision.action >= Action::Deny { OutcomeStatus::Done } else { OutcomeStatus::None };
    let outcome = Outcome { action: ruling.decision.action, status, detail: detail.to_owned() };
    let judged = Judged::new(vec![finding], ruling.decision.clone());
    shared.tell(&alerting::alert(shared, &waiting(shared, asker, path), judged, outcome));
}

/// The event of an execution that waits: the process is still what it was.
pub fn waiting(shared: &Shared, asker: &Asker, path: &str) -> Event {
    let process = asker.process.clone();
    Event {
        sequence: 0,
        time: crate::pipeline::now(),
        via: Via::Syscall,
        parent: process.as_ref().and_then(|p| p.parent).and_then(|key| shared.enricher.process(&key)),
        process,
        kind: EventKind::Exec(Exec { requested: path.into(), ..Exec::default() }),
    }
}

impl Lockdown {
    pub(super) fn is_news(&self, rule: &str, path: &str) -> bool {
        self.told.is_news(rule, path)
    }
}
