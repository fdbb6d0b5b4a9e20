//! What holds for every policy, finding and process.

use crate::decisions::finding;
use event::{Action, Engine, Finding, Mode, Process, Severity, Tier, Timestamp};
use proptest::prelude::*;
use verdict::{FileFacts, Glob, Operation, Override, Policy, Protected, Subject, decide};

const ACTIONS: [Action; 5] = [Action::Allow, Action::Alert, Action::Deny, Action::Kill, Action::Quarantine];
const MODES: [Mode; 3] = [Mode::Observe, Mode::Alert, Mode::Enforce];
const TIERS: [Tier; 3] = [Tier::Observe, Tier::Gate, Tier::Enforce];
const ENGINES: [Engine; 5] = [Engine::Sigma, Engine::Hash, Engine::Yara, Engine::Miner, Engine::Model];

fn one_of<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    proptest::sample::select(all)
}

fn findings() -> impl Strategy<Value = Vec<Finding>> {
    let asks = proptest::option::of(one_of(&ACTIONS));
    let one = (one_of(&ENGINES), "[a-c]", one_of(&Severity::ALL), asks);
    proptest::collection::vec(one.prop_map(|(e, r, s, a)| finding(e, &r, s, a)), 0..5)
}

fn overrides(modes: &'static [Mode]) -> impl Strategy<Value = Vec<Override>> {
    let option = proptest::option::of::<BoxedStrategy<Mode>>(one_of(modes).boxed());
    let one = ("[a-c*]", option, proptest::option::of(one_of(&ACTIONS)), proptest::option::of(one_of(&Severity::ALL)));
    let make = |(id, mode, action, severity): (String, _, _, _)| Override {
        id: Some(Glob::from(id)),
        engine: None,
        min_severity: None,
        mode,
        action,
        severity,
    };
    proptest::collection::vec(one.prop_map(make), 0..4)
}

#[derive(Clone, Debug)]
struct Shape {
    tier: Tier,
    process: bool,
    file: bool,
    pending: bool,
}

fn shapes() -> impl Strategy<Value = Shape> {
    (one_of(&TIERS), any::<[bool; 3]>()).prop_map(|(tier, [process, file, pending])| Shape {
        tier,
        process,
        file,
        pending,
    })
}

fn run(policy: &Policy, shape: &Shape, found: &[Finding], protected: Option<Protected>) -> event::Decision {
    let process = Process::default();
    let subject = Subject {
        process: shape.process.then_some(&process),
        file: shape.file.then_some(FileFacts { path: "/tmp/x", sha256: None, package: None }),
        protected,
        operation: if shape.pending { Operation::ExecPending } else { Operation::Done },
        voices: &[],
    };
    decide(policy, shape.tier, found, &subject, Timestamp::from_nanos(0))
}

proptest! {
    #[test]
    fn observe_and_alert_never_touch(
        found in findings(), overrides in overrides(&MODES[..2]), mode in one_of(&MODES[..2]), shape in shapes()
    ) {
        let policy = Policy { mode, overrides, ..Policy::default() };
        prop_assert!(run(&policy, &shape, &found, None).action <= Action::Alert);
    }

    #[test]
    fn no_more_is_done_than_was_wanted(
        found in findings(), overrides in overrides(&MODES), mode in one_of(&MODES), shape in shapes()
    ) {
        let policy = Policy { mode, overrides, ..Policy::default() };
        let decision = run(&policy, &shape, &found, None);
        prop_assert!(decision.action <= decision.wanted, "{decision:?}");
        prop_assert!(decision.action == decision.wanted || decision.reasons.iter().any(|r| r.engine.is_none()));
        prop_assert!(decision.action != Action::Kill || shape.process);
        prop_assert!(decision.action != Action::Quarantine || shape.file);
        prop_assert!(decision.action != Action::Deny || shape.pending && shape.tier != Tier::Observe);
    }

    #[test]
    fn the_protected_are_never_touched(
        found in findings(), overrides in overrides(&MODES), shape in shapes()
    ) {
        let policy = Policy { mode: Mode::Enforce, overrides, ..Policy::default() };
        for protected in [Protected::Init, Protected::Tamon, Protected::PackageManager, Protected::SshDaemon] {
            prop_assert!(run(&policy, &shape, &found, Some(protected)).action <= Action::Alert);
        }
    }

    #[test]
    fn any_text_is_a_policy_or_an_error(text in ".{0,200}") {
        let _ = Policy::parse("p", &text);
        let _ = Policy::parse("p", &format!("version = 1\n{text}"));
    }
}
