//! What people have learned about rules: which alerts are not worth telling here, for whom, why and until when. Pure: whether an
//! alert is covered ([`covers`]), and what a closed case proposes ([`propose`]).
//!
//! An alert is silenced only when every one of its findings is: what one rule tells of a known backup job does not hide what
//! another finds in it. Silenced alerts are kept and counted; they join no incident. Where something was ended, refused or taken
//! away, it is told whatever is suppressed.

mod model;
mod propose;

pub use model::{Suppression, SuppressionError, SuppressionState};
pub use propose::propose;

use event::{Alert, Timestamp, quiet};

/// The suppression to count, when all that the alert says is suppressed: that of its strongest finding.
pub fn covers<'a>(all: &'a [Suppression], alert: &Alert, now: Timestamp) -> Option<&'a Suppression> {
    let live: Vec<&Suppression> = all.iter().filter(|one| one.is_active(now) && one.fits_event(alert)).collect();
    if live.is_empty() || quiet::acted(alert) {
        return None;
    }
    quiet::silenced(&alert.findings, |rule| live.iter().copied().find(|one| one.fits_rule(rule)))
}

#[cfg(test)]
mod tests;
