//! Before a host is locked, or a lock's policy changed: would what the host cannot do without still run? A lock under which
//! init, the SSH daemon, the package manager or Tamon itself would be refused is refused, with the proof.

use super::ruling::{rule, subject};
use super::{BreakGlass, Evidence, Lock, Phase, Use};
use crate::{Policy, Protected};
use event::{Action, Mode, Tier, Timestamp};
use serde::Serialize;

/// Something that is there now, and what it is to the host.
#[derive(Clone, Debug)]
pub struct Vital<'a> {
    pub evidence: Evidence<'a>,
    pub usage: Use,
    /// None: it runs now, and the host would live without it.
    pub role: Option<Protected>,
}

/// What the lock would refuse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    pub path: String,
    #[serde(rename = "use")]
    pub usage: Use,
    /// Whom the host cannot do without it for; such a lock is refused.
    pub role: Option<Protected>,
    pub reason: String,
}

/// What would be refused if the host were locked now and enforced, the vital first. An expiry or a broken glass is no
/// excuse: both end.
pub fn prove(policy: &Policy, there: &[Vital<'_>], now: Timestamp) -> Vec<Refused> {
    let phase = Phase::Locked { since: now, by: String::new(), mode: Mode::Enforce, until: None };
    let lock = Lock { phase, break_glass: None::<BreakGlass> };
    let judged = |one: &Vital<'_>| {
        let who = subject(&one.evidence);
        let ruling = rule(policy, &lock, Tier::Enforce, Ok(one.usage), &one.evidence, &who, now);
        (ruling.decision.action > Action::Alert).then(|| Refused {
            path: one.evidence.path.to_owned(),
            usage: one.usage,
            role: one.role,
            reason: ruling.decision.reasons.first().map(|reason| reason.text.clone()).unwrap_or_default(),
        })
    };
    let mut refused: Vec<Refused> = there.iter().filter_map(judged).collect();
    refused.sort_by_key(|one| one.role.is_none());
    refused
}
