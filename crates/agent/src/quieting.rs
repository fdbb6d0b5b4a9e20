//! What the node said is not worth telling here ([`event::quiet::Quiet`]), kept over a restart, each until its own end. Alerts
//! that it covers go to the node all the same, marked; only nobody on this host is told. A stop is never passed over in
//! silence: it happens and is told, or, where somebody chose so, is held back and told, aloud the first time in a day.

use anyhow::{Context as _, Result, bail};
use event::quiet::{self, HELD_LABEL, Quiet};
use event::{Alert, Finding, Row, Timestamp};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// More are refused: what would cover a whole fleet's noise is no list of exceptions any more.
const MOST: usize = 5_000;
const DAY: i64 = 86_400_000_000_000;

#[derive(Debug)]
pub struct Quieting {
    file: PathBuf,
    held: Mutex<Held>,
    /// Counts up with each change.
    pub generation: AtomicU64,
}

#[derive(Debug, Default)]
struct Held {
    all: Vec<Quiet>,
    /// By id, since the agent started.
    figures: BTreeMap<String, Figures>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Figures {
    silenced: u64,
    held_back: u64,
    told_aloud: Option<Timestamp>,
}

impl Quieting {
    /// What was kept; a file that cannot be read keeps nothing quiet, and is a problem.
    pub fn open(file: &Path) -> (Quieting, Option<String>) {
        let (all, problem) = match read(file) {
            Ok(all) => (all, None),
            Err(error) => (Vec::new(), Some(format!("suppressions cannot be read, so all is told: {error:#}"))),
        };
        let held = Mutex::new(Held { all, ..Held::default() });
        (Quieting { file: file.to_owned(), held, generation: AtomicU64::new(0) }, problem)
    }

    /// In place of all before; durable when it returns. The number that are in force.
    pub fn set(&self, text: &str) -> Result<usize> {
        let all: Vec<Quiet> = serde_json::from_str(text).context("not a list of suppressions")?;
        if all.len() > MOST {
            bail!("{} suppressions; at most {MOST} are taken", all.len());
        }
        let beside = self.file.with_extension("new");
        std::fs::write(&beside, serde_json::to_vec(&all)?)
            .and_then(|()| std::fs::rename(&beside, &self.file))
            .with_context(|| format!("cannot write {}", self.file.display()))?;
        let mut held = self.held.lock();
        let Held { figures, .. } = &mut *held;
        figures.retain(|id, _| all.iter().any(|one| one.id == *id));
        held.all = all;
        self.generation.fetch_add(1, Ordering::AcqRel);
        Ok(held.all.len())
    }

    /// The suppression under which nobody here is told of the alert.
    pub fn covers(&self, alert: &Alert, now: Timestamp) -> Option<String> {
        if quiet::acted(alert) {
            return None;
        }
        let mut held = self.held.lock();
        let Held { all, figures } = &mut *held;
        let one = covering(all, &alert.event, &alert.title, &alert.findings, now)?;
        let figures = figures.entry(one.id.clone()).or_default();
        if alert.event.labels.contains_key(HELD_LABEL)
            && figures.told_aloud.is_none_or(|told| now.since(told) >= DAY || now < told)
        {
            figures.told_aloud = Some(now);
            return None;
        }
        figures.silenced += 1;
        Some(one.id.clone())
    }

    pub fn holds_any_stop(&self, now: Timestamp) -> bool {
        self.held.lock().all.iter().any(|one| one.stops && one.holds_at(now))
    }

    /// Whether one that holds stops back may be about such findings, whatever the event.
    pub fn may_hold_back(&self, findings: &[Finding], now: Timestamp) -> bool {
        let held = self.held.lock();
        let mut stops = held.all.iter().filter(|one| one.stops && one.holds_at(now));
        stops.any(|one| findings.iter().any(|finding| one.fits_rule(finding.rule_id.as_str())))
    }

    /// The suppression by which these findings of an event end nothing; it is counted.
    pub fn holds_back(&self, event: &Row, title: &str, findings: &[Finding], now: Timestamp) -> Option<Quiet> {
        let mut held = self.held.lock();
        let Held { all, figures } = &mut *held;
        let stops: Vec<Quiet> = all.iter().filter(|one| one.stops).cloned().collect();
        let one = covering(&stops, event, title, findings, now)?.clone();
        figures.entry(one.id.clone()).or_default().held_back += 1;
        Some(one)
    }

    /// For `status`: those in force.
    pub fn document(&self, now: Timestamp) -> Value {
        let held = self.held.lock();
        let shown = held.all.iter().filter(|one| one.holds_at(now)).map(|one| {
            let figures = held.figures.get(&one.id).copied().unwrap_or_default();
            json!({
                "id": one.id, "rule": one.rule, "fields": one.fields, "reason": one.reason, "by": one.by,
                "until": one.expires.to_string(), "stops": one.stops,
                "silenced": figures.silenced, "held_back": figures.held_back,
            })
        });
        shown.collect()
    }
}

fn covering<'a>(all: &'a [Quiet], event: &Row, title: &str, findings: &[Finding], now: Timestamp) -> Option<&'a Quiet> {
    let live: Vec<&Quiet> = all.iter().filter(|one| one.holds_at(now) && one.fits_event(event, title)).collect();
    if live.is_empty() {
        return None;
    }
    quiet::silenced(findings, |rule| live.iter().copied().find(|one| one.fits_rule(rule)))
}

fn read(file: &Path) -> Result<Vec<Quiet>> {
    match std::fs::read(file) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use event::{
        Action, AgentId, AlertId, Column, Decision, Engine, HostId, Mode, Outcome, OutcomeStatus, RuleId, Severity,
        TenantId, Tier,
    };

    const NOW: Timestamp = Timestamp(1_700_000_000_000_000_000);

    fn finding(rule: &str) -> Finding {
        Finding {
            engine: Engine::Sigma,
            rule_id: RuleId::new(rule),
            name: rule.to_owned(),
            severity: Severity::High,
            techniques: Vec::new(),
            tactics: Vec::new(),
            detail: String::new(),
            matched: Vec::new(),
            asks: None,
        }
    }

    fn alert(action: Action, held: bool) -> Alert {
        let mut event = Row::default();
        event.set_text(Column::ProcessExecutable, "/opt/backup/run");
        if held {
            event.labels.insert(HELD_LABEL.into(), "kill".into());
        }
        Alert {
            id: AlertId::new("a"),
            time: NOW,
            agent: AgentId::new("agent"),
            host: HostId::new("host"),
            host_name: "here".into(),
            tenant: TenantId::default(),
            severity: Severity::High,
            title: "told".into(),
            findings: vec![finding("one")],
            decision: Decision { action, wanted: action, mode: Mode::Enforce, tier: Tier::Gate, reasons: Vec::new() },
            outcome: Outcome { action: Action::Alert, status: OutcomeStatus::None, detail: String::new() },
            event,
            lineage: Vec::new(),
        }
    }

    fn list(stops: bool, expires: Timestamp) -> String {
        let fields = BTreeMap::from([("process_executable".to_owned(), "/opt/*".to_owned())]);
        let one = Quiet {
            id: "q1".into(),
            rule: Some("one".into()),
            fields,
            reason: "nightly".into(),
            by: "ana".into(),
            expires,
            stops,
        };
        serde_json::to_string(&[one]).unwrap()
    }

    #[test]
    fn it_outlives_a_restart_and_ends_by_the_hosts_clock() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("quiet.json");
        let (quieting, problem) = Quieting::open(&file);
        assert!(problem.is_none() && quieting.covers(&alert(Action::Alert, false), NOW).is_none());
        let end = NOW.plus_nanos(60 * 1_000_000_000);
        assert_eq!(quieting.set(&list(false, end)).unwrap(), 1);
        let (again, problem) = Quieting::open(&file);
        assert!(problem.is_none());
        assert_eq!(again.covers(&alert(Action::Alert, false), NOW).as_deref(), Some("q1"));
        assert_eq!(again.covers(&alert(Action::Alert, false), end), None);
        assert_eq!((again.document(NOW)[0]["silenced"].clone(), again.document(end)), (json!(1), json!([])));
        assert!(quieting.set("[{}]").is_err() && quieting.set("[").is_err());
        assert!(quieting.covers(&alert(Action::Alert, false), NOW).is_some(), "a bad list changes nothing");
        assert_eq!(quieting.set("[]").unwrap(), 0);
        std::fs::write(&file, "nonsense").unwrap();
        let (broken, problem) = Quieting::open(&file);
        assert!(problem.is_some() && broken.covers(&alert(Action::Alert, false), NOW).is_none());
    }

    #[test]
    fn a_stop_is_told_and_one_that_is_held_back_is_told_aloud_once_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let (quieting, _) = Quieting::open(&folder.path().join("quiet.json"));
        let end = NOW.plus_nanos(30 * DAY);
        quieting.set(&list(false, end)).unwrap();
        assert!(quieting.covers(&alert(Action::Kill, false), NOW).is_none(), "a stop is told");
        let row = alert(Action::Alert, false).event;
        assert!(!quieting.holds_any_stop(NOW) && quieting.holds_back(&row, "told", &[finding("one")], NOW).is_none());
        quieting.set(&list(true, end)).unwrap();
        assert!(quieting.holds_any_stop(NOW) && quieting.may_hold_back(&[finding("one")], NOW));
        assert!(quieting.holds_back(&row, "told", &[finding("one"), finding("two")], NOW).is_none());
        assert!(quieting.holds_back(&row, "told", &[finding("one")], NOW).is_some());
        let told = |at: i64| quieting.covers(&alert(Action::Alert, true), NOW.plus_nanos(at)).is_none();
        assert_eq!([told(0), told(1), told(DAY - 1), told(DAY), told(DAY + 1)], [true, false, false, true, false]);
    }
}
