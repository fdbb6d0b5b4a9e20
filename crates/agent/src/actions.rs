//! Doing what was decided, off the hot path: kill, quarantine, restore. Each act is recorded with how it can be undone.

use crate::alerting::{self, Judged};
use crate::pipeline::now;
use crate::shared::{Counters, Shared};
use anyhow::{Context as _, Result, bail};
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use event::{Action, Alert, AlertId, Event, EventKind, Outcome, OutcomeStatus, ProcessKey};
use respond::{KillPolicy, KillReport, KillStatus, Order, kill_tree};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use wire::{Command, CommandStatus};

const QUEUE: usize = 1024;

/// An event with a decision that acts.
pub type Job = Box<(Event, Judged)>;

#[derive(Clone)]
pub struct Responder {
    shared: Arc<Shared>,
    queue: Sender<(Job, AlertId)>,
}

impl Responder {
    pub fn start(shared: Arc<Shared>) -> std::io::Result<Responder> {
        let (queue, jobs) = bounded::<(Job, AlertId)>(QUEUE);
        let worker = Arc::clone(&shared);
        std::thread::Builder::new().name("responder".into()).spawn(move || run(&worker, &jobs))?;
        Ok(Responder { shared, queue })
    }

    /// Never waits. When the queue is full nothing is done, and the alert says so.
    pub fn submit(&self, job: Job) {
        self.submit_as(job, alerting::new_id());
    }

    /// The same, for an alert whose id is known before.
    pub fn submit_as(&self, job: Job, id: AlertId) {
        if let Err(TrySendError::Full((job, id)) | TrySendError::Disconnected((job, id))) =
            self.queue.try_send((job, id))
        {
            Counters::add(&self.shared.counters.actions_shed, 1);
            let (event, judged) = *job;
            let outcome = Outcome {
                action: judged.decision.action,
                status: OutcomeStatus::Failed,
                detail: "too many actions wait already".into(),
            };
            tell(&self.shared, &event, judged, outcome, id);
        }
    }
}

fn run(shared: &Shared, jobs: &Receiver<(Job, AlertId)>) {
    for (job, id) in jobs {
        let (event, judged) = *job;
        let outcome = act(shared, &event, &judged);
        tell(shared, &event, judged, outcome, id);
    }
}

fn tell(shared: &Shared, event: &Event, judged: Judged, outcome: Outcome, id: AlertId) {
    shared.tell(&Alert { id, ..alerting::alert(shared, event, judged, outcome) });
}

fn act(shared: &Shared, event: &Event, judged: &Judged) -> Outcome {
    let action = judged.decision.action;
    let done = match action {
        Action::Allow | Action::Alert => return alerting::nothing_done(&judged.decision),
        Action::Deny => Err(anyhow::anyhow!("it had happened before it could be refused")),
        Action::Kill => kill_actor(shared, event),
        Action::Quarantine => quarantine_subject(shared, event, judged),
    };
    let (status, detail) = match done {
        Ok(detail) => (OutcomeStatus::Done, detail),
        Err(error) => (OutcomeStatus::Failed, format!("{error:#}")),
    };
    tracing::info!(action = action.name(), ?status, %detail, "acted");
    Outcome { action, status, detail }
}

fn kill_actor(shared: &Shared, event: &Event) -> Result<String> {
    let process = event.process.as_deref().context("no process is known for it")?;
    let report = kill(shared, process.key);
    if report.killed() == 0 {
        bail!("{}", words(&report));
    }
    Ok(words(&report))
}

fn kill(shared: &Shared, root: ProcessKey) -> KillReport {
    let ours = shared.scanner.iter().flat_map(|scanner| scanner.worker_pids()).collect();
    kill_tree(root, &descendants(shared, root), &KillPolicy { ours, ..KillPolicy::default() })
}

/// Living processes whose lineage holds `root`: some may have lost their parent, so that /proc no longer shows it.
fn descendants(shared: &Shared, root: ProcessKey) -> Vec<ProcessKey> {
    let living = shared.enricher.living();
    let under = |key: &ProcessKey| shared.enricher.processes(key).iter().skip(1).any(|ancestor| ancestor.key == root);
    living.iter().map(|process| process.key).filter(|key| *key != root && under(key)).collect()
}

fn words(report: &KillReport) -> String {
    let mut words = format!("{} of {} processes ended", report.killed(), report.processes.len());
    let rest = report.processes.iter().filter(|process| process.status != KillStatus::Killed);
    for process in rest.take(8) {
        words.push_str(&format!("; {} {}: {}", process.pid, process.executable, process.detail));
    }
    words
}

/// The file that the findings are about; its program's processes are ended, since taking the file away does not stop them.
fn quarantine_subject(shared: &Shared, event: &Event, judged: &Judged) -> Result<String> {
    let path = match &event.kind {
        EventKind::File(file) => file.file.path.to_string(),
        _ => event.process.as_deref().context("no program is known for it")?.executable.to_string(),
    };
    let rule = judged.findings.first().map_or("", |finding| finding.rule_id.as_str());
    let item = shared.vault.quarantine(Path::new(&path), &Order::because(rule, "policy"))?;
    let mut words = format!("{path} is in the vault as {}", item.id);
    if matches!(event.kind, EventKind::Exec(_)) && judged.decision.wanted >= Action::Kill {
        words.push_str("; ");
        words.push_str(&kill_actor(shared, event).unwrap_or_else(|error| format!("{error:#}")));
    }
    Ok(words)
}

pub fn vault_items(shared: &Shared) -> Result<Vec<Value>> {
    let listing = shared.vault.list()?;
    let mut items = listing.items.iter().map(serde_json::to_value).collect::<Result<Vec<Value>, _>>()?;
    for broken in &listing.broken {
        items.push(json!({ "id": broken.file, "reason": format!("damaged: {}", broken.reason) }));
    }
    Ok(items)
}

pub fn quarantine(shared: &Shared, path: &Path, reason: &str, who: &str) -> Result<Value> {
    let item = shared.vault.quarantine(path, &Order::because(reason, who))?;
    tracing::info!(path = %path.display(), item = %item.id, who, reason, "quarantined");
    Ok(serde_json::to_value(item)?)
}

/// Returns where the file stands again.
pub fn restore(shared: &Shared, item: &str) -> Result<String> {
    let restored: PathBuf = shared.vault.restore(item, None)?;
    tracing::info!(item, path = %restored.display(), "restored");
    Ok(event::text::from_bytes(std::os::unix::ffi::OsStrExt::as_bytes(restored.as_os_str())).into_owned())
}

type Obeyed = (CommandStatus, String, String);

/// Refused when pid and start no longer belong together, or do not belong to the entity that a person saw.
pub fn kill_by_command(shared: &Shared, entity_id: &str, pid: u32, start_ticks: u64) -> Result<Obeyed> {
    let key = ProcessKey { boot: shared.host.boot, tgid: pid, start_ticks };
    if key.entity_id() != entity_id {
        return Ok((CommandStatus::Refused, format!("{entity_id} is not a process of this boot"), String::new()));
    }
    let report = kill(shared, key);
    let status = match (report.killed(), report.refused()) {
        (0, refused) if refused > 0 => CommandStatus::Refused,
        (0, _) => CommandStatus::Failed,
        _ => CommandStatus::Done,
    };
    Ok((status, words(&report), serde_json::to_string(&report)?))
}

pub fn quarantine_by_command(shared: &Shared, path: &str, sha256: Option<&str>, command: &Command) -> Result<Obeyed> {
    let path = Path::new(path);
    if let Some(wanted) = sha256 {
        let found = digest(path)?;
        if !found.eq_ignore_ascii_case(wanted) {
            let detail = format!("{} holds {found} now, not {wanted}; left alone", path.display());
            return Ok((CommandStatus::Refused, detail, String::new()));
        }
    }
    let item = quarantine(shared, path, &command.reason, &command.issued_by)?;
    Ok((CommandStatus::Done, format!("{} is in the vault", path.display()), item.to_string()))
}

fn digest(path: &Path) -> Result<String> {
    use sha2::{Digest as _, Sha256};
    let mut file = std::fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut hasher = Sha256::new();
    std::io::copy(&mut file, &mut hasher)?;
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Items whose time is over leave the vault.
pub fn tidy_vault(shared: &Shared) {
    match shared.vault.expire(now()) {
        Ok(gone) if !gone.is_empty() => tracing::info!(items = gone.len(), "items left the vault by age"),
        Ok(_) => {}
        Err(error) => shared.problem(format!("the vault cannot be tidied: {error}")),
    }
}
