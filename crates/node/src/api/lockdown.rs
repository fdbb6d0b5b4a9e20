//! The locks of hosts. The host keeps its lock and judges by it; here it is asked, and what an operator decided is ordered.

use super::asking::{self, PATIENT, WAIT};
use super::{Body, Shared, audit, reason};
use crate::guard::Caller;
use crate::orders::{NewOrder, Payload};
use crate::problem::{Answer, fail};
use crate::told::{ToldFile, ToldUnknown};
use axum::Extension;
use axum::Json;
use axum::extract::{Path, State};
use console_api::*;
use event::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use verdict::lockdown::{Lock, Phase};
use wire::CommandBody;

pub async fn list(State(node): Shared) -> Answer<Json<LockdownList>> {
    let members = asking::members(&node, None)?;
    let body = CommandBody::AskLockdown { ask: json!({ "do": "status" }).to_string() };
    let answers = asking::ask_each::<ToldState>(&node, members, body, WAIT).await;
    let items =
        answers.into_iter().map(|(_, answer, state)| HostLockdown { answer, state: state.map(ToldState::shown) });
    Ok(Json(LockdownList { items: items.collect() }))
}

/// `agent::lockdown::Lockdown::status`.
#[derive(Deserialize)]
struct ToldState {
    lock: Lock,
    mode: Option<event::Mode>,
    trusted: u64,
    listed: u64,
    distrusted: u64,
    unknown: u64,
    asked: u64,
    denied: u64,
    would_deny: u64,
    ran_unasked: u64,
    ended: u64,
    unjudged: u64,
    not_kept: Vec<NotKept>,
    #[serde(default)]
    kernel: Option<KernelLock>,
}

impl ToldState {
    fn shown(self) -> LockdownState {
        let (phase, by, since, until) = match self.lock.phase {
            Phase::Open => (LockPhase::Open, None, None, None),
            Phase::Learning { since, by } => (LockPhase::Learning, Some(by), Some(since), None),
            Phase::Locked { since, by, until, .. } => (LockPhase::Locked, Some(by), Some(since), until),
        };
        let glass = self.lock.break_glass.map(|glass| BreakGlass {
            reason: glass.reason,
            by: glass.by,
            since: glass.since.into(),
            until: glass.until.into(),
        });
        LockdownState {
            phase,
            mode: self.mode,
            by,
            since: since.map(Into::into),
            until: until.map(Into::into),
            break_glass: glass,
            trusted: self.trusted,
            listed: self.listed,
            distrusted: self.distrusted,
            unknown: self.unknown,
            asked: self.asked,
            denied: self.denied,
            would_deny: self.would_deny,
            ran_unasked: self.ran_unasked,
            ended: self.ended,
            unjudged: self.unjudged,
            not_kept: self.not_kept,
            kernel: self.kernel,
        }
    }
}

pub async fn report(State(node): Shared, Path(id): Path<String>) -> Answer<Json<LockdownReport>> {
    let member = asking::member(&node, &id)?;
    let body = CommandBody::AskLockdown { ask: json!({ "do": "report" }).to_string() };
    let (answer, told) = asking::ask_for::<ToldReport>(&node, &member, body, WAIT).await;
    let told = told.unwrap_or_default();
    let mut unknown: Vec<UnknownFile> = told.unknown.into_iter().map(ToldUnknown::shown).collect();
    unknown.sort_by_key(|one| std::cmp::Reverse((one.denied, one.count, one.last)));
    Ok(Json(LockdownReport {
        answer,
        unknown,
        unknown_shed: told.unknown_shed,
        trusted: told.trusted.into_iter().map(ToldEntry::shown).collect(),
        learned: told.learned,
        distrusted: told.distrusted.into_iter().map(ToldDistrust::shown).collect(),
        package_errors: told.package_errors,
    }))
}

#[derive(Default, Deserialize)]
struct ToldReport {
    unknown: Vec<ToldUnknown>,
    unknown_shed: u64,
    trusted: Vec<ToldEntry>,
    learned: u64,
    distrusted: Vec<ToldDistrust>,
    package_errors: Vec<String>,
}

#[derive(Deserialize)]
struct ToldEntry {
    path: Option<String>,
    sha256: String,
    source: Value,
    by: String,
    at: Timestamp,
    #[serde(default)]
    until: Option<Timestamp>,
}

impl ToldEntry {
    fn shown(self) -> TrustedContent {
        let word = |key: &str| self.source[key].as_str().map(str::to_owned);
        let source: Vec<String> = [word("source"), word("name")].into_iter().flatten().collect();
        TrustedContent {
            source: source.join(": "),
            path: self.path,
            sha256: self.sha256,
            by: self.by,
            at: self.at.into(),
            until: self.until.map(Into::into),
        }
    }
}

#[derive(Deserialize)]
struct ToldDistrust {
    path: Option<String>,
    sha256: Option<String>,
    reason: String,
    by: String,
    at: Timestamp,
}

impl ToldDistrust {
    fn shown(self) -> DistrustedContent {
        DistrustedContent { path: self.path, sha256: self.sha256, reason: self.reason, by: self.by, at: self.at.into() }
    }
}

pub async fn consequence(
    State(node): Shared,
    Path(id): Path<String>,
    Body(question): Body<TrustQuestion>,
) -> Answer<Json<TrustAnswer>> {
    check_path(&question.path)?;
    let member = asking::member(&node, &id)?;
    let ask = json!({ "do": "consequence", "path": question.path, "sha256": digest(question.sha256.as_deref())? });
    let body = CommandBody::AskLockdown { ask: ask.to_string() };
    let (answer, told) = asking::ask_for::<ToldConsequence>(&node, &member, body, PATIENT).await;
    Ok(Json(TrustAnswer { answer, consequence: told.map(ToldConsequence::shown) }))
}

#[derive(Deserialize)]
struct ToldConsequence {
    path: String,
    exists: bool,
    sha256: Option<String>,
    sha256_now: Option<String>,
    same: bool,
    runs_already: Option<bool>,
    reasons: Vec<String>,
    interpreter: bool,
    in_scope: bool,
    file: Option<TrustedFileFacts>,
    seen: Vec<ToldUnknown>,
    elsewhere: Vec<String>,
    scan: Option<ToldFile>,
}

impl ToldConsequence {
    fn shown(self) -> TrustConsequence {
        TrustConsequence {
            path: self.path,
            exists: self.exists,
            sha256: self.sha256,
            sha256_now: self.sha256_now,
            same: self.same,
            runs_already: self.runs_already,
            reasons: self.reasons,
            interpreter: self.interpreter,
            in_scope: self.in_scope,
            file: self.file,
            seen: self.seen.into_iter().map(ToldUnknown::shown).collect(),
            elsewhere: self.elsewhere,
            scan: self.scan.map(ToldFile::shown),
        }
    }
}

pub async fn change(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Body(request): Body<LockdownRequest>,
) -> Answer<Json<Command>> {
    let why = reason(&request.reason)?;
    let member = asking::member(&node, &id)?;
    let (ask, target) = worded(&request.change, &why)?;
    audit(&node, &caller, "command.lockdown", &target, &format!("on {}: {why}", member.facts.name)).await?;
    let order = NewOrder {
        host: id,
        agent: member.facts.agent,
        kind: CommandKind::Lockdown,
        target,
        incident: None,
        payload: Some(Payload::Lockdown(ask.to_string())),
        by: caller.name,
        reason: why,
    };
    Ok(Json(node.orders.issue(order, &node.live).await?))
}

/// As `tamon lockdown` asks it, and what the log of commands calls it.
fn worded(change: &LockdownChange, why: &str) -> Answer<(Value, String)> {
    let days = |days: Option<u32>| match days {
        Some(days) if !(1..=3_650).contains(&days) => Err(fail(ProblemCode::Invalid, "days must be 1 to 3650")),
        days => Ok(days),
    };
    Ok(match change {
        LockdownChange::Trust { path, sha256, days: until } => {
            check_path(path)?;
            let sha256 = digest(Some(sha256))?;
            let ask = json!({ "do": "trust", "what": path, "sha256": sha256, "reason": why, "days": days(*until)? });
            (ask, format!("trust {path}"))
        }
        LockdownChange::Untrust { what } => {
            if digest(Some(what)).is_err() {
                check_path(what)?;
            }
            (json!({ "do": "untrust", "what": what, "reason": why }), format!("untrust {what}"))
        }
        LockdownChange::Learn => (json!({ "do": "learn" }), "learn".into()),
        LockdownChange::Lock { mode, days: until } => {
            (json!({ "do": "lock", "mode": mode, "days": days(*until)? }), format!("lock {}", mode.name()))
        }
    })
}

fn check_path(path: &str) -> Answer<()> {
    let fits = path.starts_with('/') && path.len() <= 4_096 && !path.contains('\0');
    if fits { Ok(()) } else { Err(fail(ProblemCode::Invalid, "an absolute path is needed")) }
}

fn digest(text: Option<&str>) -> Answer<Option<event::Sha256>> {
    let read = |text: &str| text.parse().map_err(|_| fail(ProblemCode::Invalid, "this is no SHA-256"));
    text.map(read).transpose()
}
