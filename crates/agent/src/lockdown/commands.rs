//! `tamon lockdown`: what local root asks of the lock. Every change is kept durably before it is answered, and told as an
//! alert with who asked, so that nobody unlocks a host in silence.

use super::store::{Distrust, Entry};
use super::{Asker, consequence, evidence, exec, proof, tell};
use crate::alerting::{self, Judged};
use crate::pipeline::now;
use crate::shared::Shared;
use anyhow::{Context as _, Result, bail};
use event::{
    Action, Decision, Engine, Finding, Mode, Outcome, OutcomeStatus, Reason, RuleId, Severity, Sha256, Tactic,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use verdict::lockdown::{BreakGlass, Lock, Phase, Source, Use};

const DAY: i64 = 86_400_000_000_000;
const MINUTE: i64 = 60_000_000_000;
/// Files that one `learn PATH…` looks at, and how deep.
const MAX_LEARNED: usize = 100_000;
const MAX_DEPTH: usize = 32;

#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Ask {
    Status,
    Report,
    /// Writes down from now on what runs and is not trusted; what lies below the paths at once.
    Learn {
        #[serde(default)]
        paths: Vec<PathBuf>,
    },
    Lock {
        mode: Option<Mode>,
        days: Option<u32>,
    },
    Unlock {
        reason: String,
    },
    Trust {
        what: String,
        reason: String,
        days: Option<u32>,
        /// The content that was meant: a path that holds another by now is refused.
        #[serde(default)]
        sha256: Option<Sha256>,
    },
    /// What trusting this content at this path would come to; nothing is changed.
    Consequence {
        path: String,
        sha256: Option<Sha256>,
    },
    Untrust {
        what: String,
        reason: String,
    },
    BreakGlass {
        reason: String,
        minutes: u32,
    },
    MendGlass,
}

pub fn obey(shared: &Arc<Shared>, ask: Ask, pid: u32) -> Result<Value> {
    let asker = Asker::of(shared, pid);
    let by = name(&asker);
    act(shared, ask, asker, by)
}

/// For the node, in the name of who asked there. To open a lock, and to break its glass, is for root on the host itself: who
/// takes the node must not unlock the fleet with it.
pub fn obey_node(shared: &Arc<Shared>, ask: &str, who: &str) -> Result<Value> {
    let ask = serde_json::from_str(ask).context("not a question about the lock")?;
    if matches!(ask, Ask::Unlock { .. } | Ask::BreakGlass { .. } | Ask::MendGlass) {
        bail!("only root on the host itself may do this: `tamon lockdown unlock` or `break-glass`");
    }
    act(shared, ask, Asker::default(), format!("{who} (console)"))
}

fn act(shared: &Arc<Shared>, ask: Ask, asker: Asker, by: String) -> Result<Value> {
    match ask {
        Ask::Status => Ok(shared.lockdown.status(shared)),
        Ask::Report => Ok(report(shared)),
        Ask::Learn { paths } => learn(shared, &paths, &asker, by),
        Ask::Lock { mode, days } => lock(shared, mode, days, &asker, by),
        Ask::Unlock { reason } => {
            let lock = Lock { phase: Phase::Open, break_glass: None };
            change(shared, lock, &asker, Severity::High, &format!("unlocked by {by}: {}", said(&reason)?))?;
            Ok(json!({ "phase": "open" }))
        }
        Ask::Trust { what, reason, days, sha256 } => trust(shared, &what, &reason, days, sha256, &asker, by),
        Ask::Consequence { path, sha256 } => consequence::of(shared, &path, sha256),
        Ask::Untrust { what, reason } => untrust(shared, &what, &reason, &asker, by),
        Ask::BreakGlass { reason, minutes } => break_glass(shared, &reason, minutes, &asker, by),
        Ask::MendGlass => {
            let lock = Lock { break_glass: None, ..shared.lockdown.lock() };
            change(shared, lock, &asker, Severity::Low, &format!("the glass was mended by {by}"))?;
            Ok(json!({ "break_glass": null }))
        }
    }
}

/// The login that led to it where there is one: `sudo` does not hide who it was.
fn name(asker: &Asker) -> String {
    let Some(process) = &asker.process else { return format!("pid {}", asker.pid) };
    let login = process.login.as_ref().map(|login| match &login.name {
        Some(name) => name.to_string(),
        None => format!("uid {}", login.uid),
    });
    let user = || match &process.user.name {
        Some(name) => name.to_string(),
        None => format!("uid {}", process.user.credentials.uid),
    };
    login.unwrap_or_else(user)
}

pub(super) fn said(reason: &str) -> Result<&str> {
    match reason.trim() {
        "" => bail!("a reason must be given"),
        reason if reason.len() > 1_000 => bail!("the reason is too long"),
        reason => Ok(reason),
    }
}

fn learn(shared: &Arc<Shared>, paths: &[PathBuf], asker: &Asker, by: String) -> Result<Value> {
    let lock = shared.lockdown.lock();
    if let Phase::Locked { .. } = lock.phase {
        bail!("the host is locked: unlock it first, or name what is missing to `tamon lockdown trust`");
    }
    if lock.phase == Phase::Open {
        shared.lockdown.store.lock().clear_seen();
        let phase = Phase::Learning { since: now(), by: by.clone() };
        change(shared, Lock { phase, break_glass: None }, asker, Severity::Low, &format!("learning, asked by {by}"))?;
    }
    let mut looked = 0;
    for process in shared.enricher.living() {
        looked += usize::from(look_at(shared, Path::new(&format!("/proc/{}/exe", process.key.tgid)), asker));
    }
    for path in paths {
        look_below(shared, path, asker, MAX_DEPTH, &mut looked)?;
    }
    shared.lockdown.store.lock().keep()?;
    Ok(json!({ "phase": "learning", "looked_at": looked, "unknown": shared.lockdown.store.lock().seen().len() }))
}

/// As if it were about to run: what is not trusted is written down.
fn look_at(shared: &Shared, path: &Path, asker: &Asker) -> bool {
    let Ok(file) = File::open(path) else { return false };
    let usage = if exec::is_script(&file) { Use::Script } else { Use::Program };
    super::judge_file(shared, &file, &respond::path_of(&file), usage, asker).is_some()
}

/// Programs and libraries below a folder, by their mode bits and names; links are not followed.
fn look_below(shared: &Shared, path: &Path, asker: &Asker, depth: usize, looked: &mut usize) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let meta = path.symlink_metadata().with_context(|| format!("cannot look at {}", path.display()))?;
    if *looked >= MAX_LEARNED {
        bail!("more than {MAX_LEARNED} files: name smaller folders");
    }
    if meta.is_file() {
        let library = path.file_name().is_some_and(|name| name.to_string_lossy().contains(".so"));
        if meta.permissions().mode() & 0o111 != 0 || library {
            *looked += usize::from(look_at(shared, path, asker));
        }
    } else if meta.is_dir() && depth > 0 {
        let entries = std::fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
        for entry in entries.flatten() {
            look_below(shared, &entry.path(), asker, depth - 1, looked)?;
        }
    }
    Ok(())
}

fn report(shared: &Shared) -> Value {
    let store = shared.lockdown.store.lock();
    let trusted: Vec<_> = store.entries().filter(|entry| !matches!(entry.source, Source::Learned)).collect();
    let learned = store.entries().filter(|entry| matches!(entry.source, Source::Learned)).count();
    json!({
        "lock": store.lock,
        "unknown": store.seen(),
        "unknown_shed": store.unseen,
        "trusted": trusted,
        "learned": learned,
        "distrusted": store.distrusted,
        "package_errors": shared.lockdown.packages.errors(),
    })
}

fn lock(shared: &Arc<Shared>, mode: Option<Mode>, days: Option<u32>, asker: &Asker, by: String) -> Result<Value> {
    let policy = shared.policy();
    let mode = mode.unwrap_or(policy.lockdown.mode);
    let before = shared.lockdown.lock();
    let now = now();
    let learned = match before.phase {
        Phase::Learning { .. } => shared.lockdown.store.lock().learn(&by, now),
        Phase::Open | Phase::Locked { .. } => 0,
    };
    let refused = proof::refused(shared, &policy);
    if mode == Mode::Enforce {
        proof::refuse_if_vital(&refused)?;
    }
    let until = days.map(|days| now.plus_nanos(i64::from(days) * DAY));
    let phase = Phase::Locked { since: now, by: by.clone(), mode, until };
    let words = format!("locked by {by}, mode {}", mode.name());
    change(shared, Lock { phase, break_glass: None }, asker, Severity::Low, &words)?;
    let lock = shared.lockdown.lock();
    Ok(json!({
        "lock": lock,
        "learned": learned,
        "would_refuse": refused,
        "not_kept": verdict::lockdown::not_kept(shared.tier),
    }))
}

/// A SHA-256, or the path of a file: then its content at that path.
fn named(what: &str) -> Result<(Option<String>, Sha256)> {
    if let Ok(digest) = what.parse() {
        return Ok((None, digest));
    }
    let path = Path::new(what);
    if !path.is_absolute() {
        bail!("{what:?} is neither a SHA-256 nor an absolute path");
    }
    let file = File::open(path).with_context(|| format!("cannot open {what}"))?;
    if evidence::identity(&file).is_none_or(|(_, links)| links == 0) || !file.metadata()?.is_file() {
        bail!("{what} is no file");
    }
    let digest = crate::reputation::digest(&file).with_context(|| format!("cannot read {what}"))?;
    let path = respond::path_of(&file);
    Ok((Some(path.to_str().context("its path is not UTF-8")?.to_owned()), digest))
}

fn trust(
    shared: &Arc<Shared>,
    what: &str,
    reason: &str,
    days: Option<u32>,
    meant: Option<Sha256>,
    asker: &Asker,
    by: String,
) -> Result<Value> {
    let reason = said(reason)?;
    let (path, sha256) = named(what)?;
    if meant.is_some_and(|meant| meant != sha256) {
        bail!("{what} holds another content by now ({sha256}); look at it again");
    }
    let at = now();
    let until = days.map(|days| at.plus_nanos(i64::from(days) * DAY));
    let words = format!("{by} trusts {} ({sha256}): {reason}", path.as_deref().unwrap_or("a content anywhere"));
    let entry = Entry { path: path.clone(), sha256, source: Source::Hand(reason.to_owned()), by, at, until };
    {
        let mut store = shared.lockdown.store.lock();
        if !store.trust_by_hand(entry) {
            bail!("the list of trusted files is full");
        }
        store.keep()?;
    }
    shared.lockdown.forget();
    tell_change(shared, asker, Severity::Medium, &words);
    Ok(json!({ "path": path, "sha256": sha256, "until": until }))
}

fn untrust(shared: &Arc<Shared>, what: &str, reason: &str, asker: &Asker, by: String) -> Result<Value> {
    let reason = said(reason)?;
    // A path counts as such, whatever it holds now or later; a digest wherever it lies.
    let (path, sha256) = match what.parse::<Sha256>() {
        Ok(digest) => (None, Some(digest)),
        // Where links lead, as the gate sees it.
        Err(_) if what.starts_with('/') => (Some(real(what)), None),
        Err(_) => bail!("{what:?} is neither a SHA-256 nor an absolute path"),
    };
    if let Some(path) = &path {
        proof_of_untrust(shared, path)?;
    }
    let words = format!("{by} distrusts {what}: {reason}");
    {
        let mut store = shared.lockdown.store.lock();
        store.distrust(Distrust { path: path.clone(), sha256, reason: reason.to_owned(), by, at: now() });
        store.keep()?;
    }
    shared.lockdown.forget();
    tell_change(shared, asker, Severity::Low, &words);
    Ok(json!({ "path": path, "sha256": sha256 }))
}

fn real(path: &str) -> String {
    std::fs::canonicalize(path).map_or_else(|_| path.to_owned(), |real| real.to_string_lossy().into_owned())
}

fn proof_of_untrust(shared: &Shared, path: &str) -> Result<()> {
    let vital = proof::vital_now(shared);
    match vital.iter().find(|(there, _)| there.to_str() == Some(path)) {
        Some((_, role)) => bail!("refused: {path} is {}", role.name()),
        None => Ok(()),
    }
}

fn break_glass(shared: &Arc<Shared>, reason: &str, minutes: u32, asker: &Asker, by: String) -> Result<Value> {
    let reason = said(reason)?;
    let most = shared.policy().lockdown.break_glass_minutes;
    if !(1..=most).contains(&minutes) {
        bail!("the policy lets the glass stay broken for 1 to {most} minutes");
    }
    let since = now();
    let until = since.plus_nanos(i64::from(minutes) * MINUTE);
    let glass = BreakGlass { reason: reason.to_owned(), by: by.clone(), since, until };
    let lock = Lock { break_glass: Some(glass.clone()), ..shared.lockdown.lock() };
    if lock.mode(since).is_none() {
        bail!("the host is not locked");
    }
    change(shared, lock, asker, Severity::High, &format!("the glass was broken by {by} until {until}: {reason}"))?;
    Ok(json!({ "break_glass": glass }))
}

fn change(shared: &Arc<Shared>, lock: Lock, asker: &Asker, severity: Severity, words: &str) -> Result<()> {
    shared.lockdown.set_lock(lock).context("the change could not be kept, so it was not made")?;
    tell_change(shared, asker, severity, words);
    Ok(())
}

pub(super) fn tell_change(shared: &Shared, asker: &Asker, severity: Severity, words: &str) {
    let finding = Finding {
        engine: Engine::Policy,
        rule_id: RuleId::new("lockdown.changed"),
        name: "Lockdown was changed".into(),
        severity,
        techniques: Vec::new(),
        tactics: if severity >= Severity::High { vec![Tactic::DefenseEvasion] } else { Vec::new() },
        detail: words.to_owned(),
        matched: Vec::new(),
        asks: Some(Action::Alert),
    };
    let reasons = vec![Reason { engine: Some(Engine::Policy), text: words.to_owned() }];
    // Not locked: it only observes.
    let mode = shared.lockdown.lock().mode(now()).unwrap_or(event::Mode::Observe);
    let decision = Decision { action: Action::Alert, wanted: Action::Alert, mode, tier: shared.tier, reasons };
    let outcome = Outcome { action: Action::Alert, status: OutcomeStatus::None, detail: words.to_owned() };
    let event = tell::waiting(shared, asker, "tamon lockdown");
    tracing::info!(words, "lockdown");
    shared.tell(&alerting::alert(shared, &event, Judged::new(vec![finding], decision), outcome));
}
