//! The exec gate as the agent keeps it: armed only while the policy may refuse something on this tier, disarmed at once
//! when it may not, and when the agent ends.

use crate::gate_judge;
use crate::shared::Shared;
use event::{Mode, Tier};
use respond::{ExecGate, GateConfig, GateMark, GateRequest};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use verdict::Policy;

pub struct Keeper {
    shared: Arc<Shared>,
    armed: Option<(ExecGate, verdict::Gate)>,
    /// The policy that the cached answers were given under.
    under: Arc<Policy>,
    /// A scope that could not be armed is not tried again before the policy changes.
    failed: Option<verdict::Gate>,
}

impl Keeper {
    pub fn new(shared: Arc<Shared>) -> Keeper {
        let under = shared.policy();
        let mut keeper = Keeper { shared, armed: None, under, failed: None };
        keeper.tend();
        keeper
    }

    /// Brings the gate in line with the policy and tells its figures.
    pub fn tend(&mut self) {
        let policy = self.shared.policy();
        let wanted = wanted(&policy, self.shared.tier).then(|| policy.gate.clone());
        if self.armed.as_ref().map(|(_, scope)| scope) != wanted.as_ref() {
            self.armed = None;
            if let Some(scope) = wanted.clone().filter(|scope| self.failed.as_ref() != Some(scope)) {
                self.arm(scope);
            }
        }
        if !Arc::ptr_eq(&policy, &self.under) {
            self.under = policy;
            self.failed = None;
            self.forget();
        }
        *self.shared.gate.lock() = self.words(wanted.is_some());
    }

    /// What was allowed under another policy or other rules is asked again.
    pub fn forget(&self) {
        if let Some((gate, _)) = &self.armed
            && let Err(error) = gate.forget()
        {
            self.shared.problem(format!("the gate keeps answers of the policy before: {error}"));
        }
    }

    fn arm(&mut self, scope: verdict::Gate) {
        let mut config = GateConfig::for_directories(&scope.directories);
        config.marks.extend(scope.mounts.iter().map(|mount| GateMark::Mount(mount.into())));
        config.directories.extend(scope.mounts.iter().map(PathBuf::from));
        config.timeout = Duration::from_millis(scope.timeout_ms);
        config.reads = scope.reads.then_some(reads_scripts);
        let shared = Arc::clone(&self.shared);
        match ExecGate::start(config, move |request: &GateRequest<'_>| gate_judge::judge(&shared, request)) {
            Ok(gate) => {
                tracing::info!(?scope, "the exec gate is armed");
                self.armed = Some((gate, scope));
            }
            Err(error) => {
                self.shared.problem(format!("the exec gate cannot be armed: {error}"));
                self.failed = Some(scope);
            }
        }
    }

    fn words(&self, wanted: bool) -> String {
        match &self.armed {
            Some((gate, _)) => {
                let stats = gate.stats();
                let state = if stats.armed { "armed" } else { "opened for good after stalls" };
                format!(
                    "{state}: {} asked, {} denied, {} opened by the watchdog",
                    stats.asked, stats.denied, stats.opened
                )
            }
            None if wanted => "not armed; see the problems".into(),
            None => "off: the policy only observes".into(),
        }
    }
}

fn reads_scripts(program: &Path) -> bool {
    program.to_str().is_some_and(verdict::interpreter::is_interpreter)
}

/// Whether anything in the policy may refuse an execution here.
fn wanted(policy: &Policy, tier: Tier) -> bool {
    let may_enforce =
        policy.mode == Mode::Enforce || policy.overrides.iter().any(|rule| rule.mode == Some(Mode::Enforce));
    policy.gate.enabled && may_enforce && tier >= Tier::Gate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn armed_only_where_something_may_be_refused() {
        let policy = |text: &str| Policy::parse("test", text).unwrap();
        let check = |text, tier, expected| assert_eq!(wanted(&policy(text), tier), expected, "{text} {tier:?}");
        check("version = 1\n", Tier::Gate, false);
        check("version = 1\nmode = \"enforce\"\n", Tier::Gate, true);
        check("version = 1\nmode = \"enforce\"\n", Tier::Observe, false);
        check("version = 1\nmode = \"enforce\"\n[gate]\nenabled = false\n", Tier::Enforce, false);
        check("version = 1\n[[rule]]\nid = \"x\"\nmode = \"enforce\"\n", Tier::Gate, true);
    }
}
