//! What a policy would have refused: program starts of the past, judged as if the host had been locked under it, and acts of
//! the past, held against its profiles. What was
//! recorded is a path and a digest; whether a package vouches can only be asked of the file as it is now, so a file that is
//! gone or another by now, and that a package owned, is `unsure`, never allowed in silence.

use crate::lockdown;
use crate::pipeline::now;
use crate::prevention::{self, PastAct};
use crate::shared::Shared;
use anyhow::{Result, bail};
use event::{Column, Row, Sha256, Value as Cell};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::SocketAddr;
use verdict::prevention::Profiles;
use verdict::{Policy, Question, explain, explain_address};
use wire::{Record, RecordBody};

/// Programs that one simulation judges; more are counted.
const MAX_PROGRAMS: usize = 10_000;
/// Of the spool read at a time.
const CHUNK: usize = 4 << 20;

/// Starts of one program.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Past {
    pub path: String,
    #[serde(default)]
    pub sha256: Option<Sha256>,
    #[serde(default)]
    pub package: Option<String>,
    pub count: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Allowed,
    Denied,
    Unsure,
}

/// `past` None: what this agent has recorded and not yet handed over.
pub fn simulate(
    shared: &Shared,
    name: &str,
    text: &str,
    past: Option<Vec<Past>>,
    acts: Option<Vec<PastAct>>,
) -> Result<Value> {
    let policy = Policy::parse(name, text)?;
    let source = if past.is_some() { "given" } else { "spool" };
    let (starts, seen) = if past.is_some() && acts.is_some() { Default::default() } else { recorded(shared)? };
    let (past, acts) = (past.unwrap_or(starts), acts.unwrap_or(seen));
    let profiles = Profiles::of(&policy, &|_| None);
    let prevention = (!profiles.is_empty()).then(|| prevention::simulate(&policy, &acts));
    let lost = prevention::lockouts(shared, &profiles);
    let starts: u64 = past.iter().map(|one| one.count).sum();
    let left_out = past.len().saturating_sub(MAX_PROGRAMS);
    let mut judged = Vec::new();
    let mut denied = 0;
    for one in past.iter().take(MAX_PROGRAMS) {
        let (outcome, reason) = lockdown::would(shared, &policy, &one.path, one.sha256, one.package.as_deref());
        if outcome == Outcome::Denied {
            denied += one.count;
        }
        if outcome != Outcome::Allowed {
            judged.push(json!({
                "path": one.path,
                "sha256": one.sha256,
                "count": one.count,
                "outcome": outcome,
                "reason": reason,
            }));
        }
    }
    judged.sort_by_key(|one| std::cmp::Reverse(one["count"].as_u64()));
    let refused = lockdown::vital_refusals(shared, &policy);
    Ok(json!({
        "source": source,
        "programs": past.len(),
        "starts": starts,
        "denied_starts": denied,
        "left_out": left_out,
        "would_refuse": judged,
        "vital": refused,
        "prevention": prevention,
        "lockouts": lost,
    }))
}

/// What the policy in force, or the one given, says about a path; and whether it would run on a locked host.
pub fn explained(shared: &Shared, given: Option<(&str, &str)>, path: &str, process: Option<&str>) -> Result<Value> {
    if !path.starts_with('/') {
        bail!("{path:?} is not an absolute path");
    }
    let policy = match given {
        Some((name, text)) => Policy::parse(name, text)?,
        None => Policy::clone(&shared.policy()),
    };
    let seen = lockdown::look(shared, &policy, path);
    let package = seen.as_ref().and_then(|seen| seen.package.clone());
    let about =
        Question { path, process, sha256: seen.as_ref().and_then(|seen| seen.sha256), package: package.as_deref() };
    let mut lines = explain(&policy, &about, now());
    lines.extend(prevention::shortfalls(&policy, shared.tier, process));
    let lock = seen.map(|seen| json!({ "runs": seen.runs, "reasons": seen.reasons }));
    Ok(json!({ "path": path, "sha256": about.sha256, "package": package, "lines": lines, "locked": lock }))
}

/// Of an address that a program would reach, or listen at.
pub fn explained_address(
    shared: &Shared,
    given: Option<(&str, &str)>,
    address: SocketAddr,
    process: Option<&str>,
) -> Result<Value> {
    let policy = match given {
        Some((name, text)) => Policy::parse(name, text)?,
        None => Policy::clone(&shared.policy()),
    };
    let mut lines = explain_address(&policy, address.ip(), address.port(), process);
    lines.extend(prevention::shortfalls(&policy, shared.tier, process));
    Ok(json!({ "address": address.to_string(), "lines": lines }))
}

/// Program starts, and all that profiles may speak of.
fn recorded(shared: &Shared) -> Result<(Vec<Past>, Vec<PastAct>)> {
    let mut acts: Vec<PastAct> = Vec::new();
    let mut found: HashMap<(String, Option<Sha256>), Past> = HashMap::new();
    let mut next = shared.spool.acked() + 1;
    loop {
        let records = shared.spool.read_from(next, CHUNK)?;
        let Some(last) = records.last() else { break };
        next = last.seq + 1;
        for record in &records {
            let Ok(Record { body: RecordBody::Event(row), .. }) = Record::decode(&record.payload) else { continue };
            acts.extend(PastAct::of(&row));
            if let Some(past) = started(&row) {
                let key = (past.path.clone(), past.sha256);
                found.entry(key).and_modify(|one| one.count += 1).or_insert(past);
            }
        }
        acts = prevention::joined(acts);
    }
    Ok((found.into_values().collect(), acts))
}

fn started(row: &Row) -> Option<Past> {
    let text = |column| match row.get(column) {
        Some(Cell::Str(text)) => Some(text.to_string()),
        _ => None,
    };
    if text(Column::Action)? != "process-exec" {
        return None;
    }
    let sha256 = match row.get(Column::ProcessHashSha256) {
        Some(Cell::Digest(digest)) => Some(digest),
        _ => None,
    };
    Some(Past { path: text(Column::ProcessExecutable)?, sha256, package: text(Column::PackageName), count: 1 })
}
