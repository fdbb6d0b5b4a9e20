//! What this host cannot do without, gathered here and held against a policy's profiles by `verdict::prevention::prove`.

use crate::alerting;
use crate::shared::Shared;
use anyhow::{Result, bail};
use event::Process;
use std::sync::Arc;
use verdict::Policy;
use verdict::prevention::{Confined, Lockout, Profiles, Vital, prove};

/// By its program, and by what runs here now.
pub fn lockouts(shared: &Shared, profiles: &Profiles) -> Vec<Lockout> {
    let living: Vec<(Arc<Process>, verdict::Protected)> = shared
        .enricher
        .living()
        .into_iter()
        .filter_map(|process| alerting::protected(shared, &process).map(|role| (process, role)))
        .filter(|(_, role)| *role != verdict::Protected::KernelThread)
        .collect();
    let now = living.iter().map(|(process, role)| Vital { role: *role, who: Confined::of(process) });
    prove(profiles, &Vital::programs().into_iter().chain(now).collect::<Vec<_>>())
}

/// Before a policy comes into force.
pub fn check_policy(shared: &Shared, policy: &Policy) -> Result<()> {
    let lost = lockouts(shared, &Profiles::of(policy, &super::places::real));
    if lost.is_empty() {
        return Ok(());
    }
    let words: Vec<String> =
        lost.iter().take(8).map(|one| format!("{} ({}): {}", one.program, one.line, one.says)).collect();
    bail!("refused, since the host would lose what it cannot do without: {}", words.join("; "))
}
