//! What people have learned about rules: which alerts are not worth telling here, for whom, why and until when. Pure: whether an
//! alert is covered ([`covers`]), and what a closed case proposes ([`propose`]).
//!
//! An alert is silenced only when every one of its findings is: what one rule tells of a known backup job does not hide what
//! another finds in it. Silenced alerts are kept and counted; they join no incident.

mod model;
mod propose;

pub use model::{Suppression, SuppressionError, SuppressionState};
pub use propose::propose;

use event::{Alert, Timestamp};

/// The suppression to count, when all that the alert says is suppressed: that of its strongest finding.
pub fn covers<'a>(all: &'a [Suppression], alert: &Alert, now: Timestamp) -> Option<&'a Suppression> {
    let live: Vec<&Suppression> = all.iter().filter(|one| one.is_active(now) && one.fits_event(alert)).collect();
    if live.is_empty() || alert.findings.is_empty() {
        return None;
    }
    let of = |finding: &event::Finding| live.iter().copied().find(|one| one.fits_rule(finding.rule_id.as_str()));
    if !alert.findings.iter().all(|finding| of(finding).is_some()) {
        return None;
    }
    alert.findings.iter().max_by_key(|finding| finding.severity).and_then(of)
}

#[cfg(test)]
mod tests;
