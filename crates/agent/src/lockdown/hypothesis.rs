//! As if: what a lock under some policy would say of a file as it is now, or of a program that ran once. Nothing is counted
//! and nobody is told.

use super::{Asker, evidence, exec, proof, ruling_under};
use crate::pipeline::now;
use crate::shared::Shared;
use crate::simulation::Outcome;
use event::{Action, Mode, Sha256};
use std::fs::File;
use std::path::Path;
use verdict::Policy;
use verdict::lockdown::{Evidence, Lock, PackageSays, Phase, Refused, Use};

/// A file as it is now.
pub struct Look {
    pub sha256: Option<Sha256>,
    /// Name and version, whether it still is as that put it there or not.
    pub package: Option<String>,
    pub runs: bool,
    pub reasons: Vec<String>,
}

fn enforced() -> Lock {
    let phase = Phase::Locked { since: now(), by: String::new(), mode: Mode::Enforce, until: None };
    Lock { phase, break_glass: None }
}

/// None when there is no such file.
pub fn look(shared: &Shared, policy: &Policy, path: &str) -> Option<Look> {
    let file = File::open(path).ok().filter(|file| file.metadata().is_ok_and(|meta| meta.is_file()))?;
    let real = respond::path_of(&file);
    let mut evidence = evidence::gather(&shared.lockdown, &policy.lockdown, &file, &real, now());
    let usage = if exec::is_script(&file) { Use::Script } else { Use::Program };
    let ruling = ruling_under(shared, policy, &enforced(), &evidence, Ok(usage), &Asker::default(), now());
    let package = match &evidence.package {
        PackageSays::Nobody => None,
        PackageSays::Same(package) | PackageSays::Changed(package) | PackageSays::NoDigest(package) => {
            Some(package.clone())
        }
    };
    // Of what a package vouches for no digest was needed before; who asks wants to know it.
    evidence.sha256 = evidence.sha256.or_else(|| crate::reputation::digest(&file));
    let reasons = ruling.decision.reasons.into_iter().map(|reason| reason.text).collect();
    Some(Look { sha256: evidence.sha256, package, runs: ruling.decision.action < Action::Deny, reasons })
}

/// A program that ran once, by what was recorded of it.
pub fn would(
    shared: &Shared,
    policy: &Policy,
    path: &str,
    sha256: Option<Sha256>,
    package: Option<&str>,
) -> (Outcome, String) {
    if !policy.lockdown.in_scope(path) {
        return (Outcome::Allowed, String::new());
    }
    if let Some(seen) = look(shared, policy, path).filter(|seen| sha256.is_none() || seen.sha256 == sha256) {
        let outcome = if seen.runs { Outcome::Allowed } else { Outcome::Denied };
        return (outcome, seen.reasons.into_iter().next().unwrap_or_default());
    }
    let listed = sha256.and_then(|digest| {
        let by_hand = shared.lockdown.store.lock().listed(path, &digest, now());
        by_hand.or_else(|| shared.lockdown.lists.read().listed(path, &digest))
    });
    let evidence = Evidence { path, sha256, listed, ..Evidence::default() };
    let ruling = ruling_under(shared, policy, &enforced(), &evidence, Ok(Use::Program), &Asker::default(), now());
    let reason = ruling.decision.reasons.first().map(|reason| reason.text.clone()).unwrap_or_default();
    match (ruling.decision.action < Action::Deny, package) {
        (true, _) => (Outcome::Allowed, reason),
        (false, Some(package)) => (Outcome::Unsure, format!("{package} owned it; it is gone or another by now")),
        (false, None) => (Outcome::Denied, reason),
    }
}

/// What the host could not do without, and what runs now, as far as the policy would refuse it.
pub fn vital_refusals(shared: &Shared, policy: &Policy) -> Vec<Refused> {
    let exists = |path: &str| Path::new(path).exists();
    proof::refused(shared, policy).into_iter().filter(|one| exists(&one.path)).collect()
}
