//! One decision a line.

use event::{Action, Decision, Engine, Finding, Process, RuleId, Severity, Tier, Timestamp};
use verdict::{FileFacts, Operation, Policy, Protected, Subject, decide};

pub fn finding(engine: Engine, rule: &str, severity: Severity, asks: Option<Action>) -> Finding {
    Finding {
        engine,
        rule_id: RuleId::new(rule),
        name: "a name".into(),
        severity,
        techniques: vec![],
        tactics: vec![],
        detail: String::new(),
        matched: vec![],
        asks,
    }
}

fn policy(text: &str) -> Policy {
    Policy::parse("test", &format!("version = 1\n{text}")).unwrap()
}

fn process() -> Process {
    Process { executable: "/tmp/x".into(), command_line: "x --benchmark".into(), ..Process::default() }
}

fn on(process: &Process) -> Subject<'_> {
    Subject {
        process: Some(process),
        file: Some(FileFacts { path: "/tmp/file", sha256: None, package: None }),
        ..Subject::default()
    }
}

fn reasons(decision: &Decision) -> Vec<&str> {
    decision.reasons.iter().map(|reason| reason.text.as_str()).collect()
}

const NOW: Timestamp = Timestamp::from_nanos(1_800_000_000_000_000_000);
const CRITICAL: Severity = Severity::Critical;

#[test]
fn modes_tiers_and_operations() {
    let process = process();
    let pending = Subject { operation: Operation::ExecPending, ..on(&process) };
    let check = |text: &str, tier, asks, subject: &Subject<'_>, action, wanted| {
        let found = [finding(Engine::Sigma, "r", CRITICAL, asks)];
        let decision = decide(&policy(text), tier, &found, subject, NOW);
        assert_eq!((decision.action, decision.wanted), (action, wanted), "{text} {:#?}", decision.reasons);
    };
    let enforce = "mode = \"enforce\"";
    use Action::*;
    check("", Tier::Gate, None, &on(&process), Alert, Kill);
    check("mode = \"alert\"", Tier::Gate, Some(Deny), &pending, Alert, Deny);
    check(enforce, Tier::Gate, None, &on(&process), Kill, Kill);
    check(enforce, Tier::Observe, None, &on(&process), Kill, Kill);
    check(enforce, Tier::Gate, None, &pending, Deny, Kill);
    check(enforce, Tier::Gate, Some(Deny), &pending, Deny, Deny);
    check(enforce, Tier::Observe, Some(Deny), &pending, Alert, Deny);
    check(enforce, Tier::Enforce, Some(Deny), &on(&process), Alert, Deny);
    check(enforce, Tier::Gate, Some(Quarantine), &pending, Quarantine, Quarantine);
    check(enforce, Tier::Gate, Some(Quarantine), &Subject { file: None, ..on(&process) }, Kill, Quarantine);
    check(enforce, Tier::Gate, Some(Quarantine), &Subject::default(), Alert, Quarantine);
    check(enforce, Tier::Gate, Some(Kill), &Subject::default(), Alert, Kill);
    check(enforce, Tier::Gate, Some(Allow), &on(&process), Allow, Allow);
}

#[test]
fn overrides_raise_lower_and_release() {
    let process = process();
    let check = |text: &str, engine, rule: &str, severity, action| {
        let found = [finding(engine, rule, severity, None)];
        let decision = decide(&policy(text), Tier::Gate, &found, &on(&process), NOW);
        assert_eq!(decision.action, action, "{text} {:#?}", decision.reasons);
    };
    let one = "[[rule]]\nid = \"web.*\"\nmode = \"enforce\"\naction = \"kill\"\n";
    check(one, Engine::Sigma, "web.shell", Severity::Low, Action::Kill);
    check(one, Engine::Sigma, "other", CRITICAL, Action::Alert);
    let quiet = "mode = \"enforce\"\n[[rule]]\nengine = \"miner\"\nmode = \"observe\"\n";
    check(quiet, Engine::Miner, "m", CRITICAL, Action::Alert);
    check(quiet, Engine::Sigma, "s", CRITICAL, Action::Kill);
    let lowered = "mode = \"enforce\"\n[[rule]]\nid = \"loud\"\nseverity = \"info\"\n";
    check(lowered, Engine::Sigma, "loud", CRITICAL, Action::Allow);
    let floor = "[[rule]]\nmin_severity = \"high\"\nmode = \"enforce\"\n";
    check(floor, Engine::Sigma, "s", CRITICAL, Action::Kill);
    check(floor, Engine::Sigma, "s", Severity::Medium, Action::Alert);
}

#[test]
fn an_exception_silences_its_finding_and_no_other() {
    let process = process();
    let text = "mode = \"enforce\"\n[[exception]]\nreason = \"our bench\"\nrule = \"miner.*\"\n\
        command_line = \"--benchmark\"\nexpires = \"2027-12-31\"\n";
    let miner = finding(Engine::Miner, "miner.pool", CRITICAL, None);
    let decision = decide(&policy(text), Tier::Gate, std::slice::from_ref(&miner), &on(&process), NOW);
    assert_eq!((decision.action, decision.wanted), (Action::Allow, Action::Allow));
    assert_eq!(reasons(&decision)[1], "exception for miner.pool: our bench, until 2027-12-31");
    let both = [miner.clone(), finding(Engine::Sigma, "other", CRITICAL, None)];
    assert_eq!(decide(&policy(text), Tier::Gate, &both, &on(&process), NOW).action, Action::Kill);
    let later = Timestamp::from_nanos(NOW.nanos() * 2);
    assert_eq!(decide(&policy(text), Tier::Gate, &[miner], &on(&process), later).action, Action::Kill);
}

#[test]
fn the_reasons_stand_in_order() {
    let process = process();
    let subject = Subject { protected: Some(Protected::PackageManager), ..on(&process) };
    let text = "mode = \"enforce\"\n[[exception]]\nreason = \"known\"\nrule = \"second\"\n";
    let found = [
        finding(Engine::Hash, "first", CRITICAL, Some(Action::Quarantine)),
        finding(Engine::Yara, "second", Severity::High, None),
    ];
    let decision = decide(&policy(text), Tier::Gate, &found, &subject, NOW);
    let expected = [
        "critical first asks for quarantine: a name",
        "high second asks for deny: a name",
        "exception for second: known",
        "the process is the package manager: never touched, alert instead",
    ];
    assert_eq!(reasons(&decision), expected);
    assert_eq!(decision.reasons[0].engine, Some(Engine::Hash));
    assert_eq!((decision.action, decision.wanted), (Action::Alert, Action::Quarantine));
}

#[test]
fn the_model_alone_raises_suspicion_and_blocks_with_a_second_voice_or_by_policy() {
    let process = process();
    let pending = Subject { operation: Operation::ExecPending, ..on(&process) };
    let check = |text: &str, severity, other: Option<Severity>, action, why: &str| {
        let mut found = vec![finding(Engine::Model, "model:elf", severity, None)];
        found.extend(other.map(|severity| finding(Engine::Yara, "packed", severity, None)));
        let text = format!("mode = \"enforce\"\n{text}");
        let decision = decide(&policy(&text), Tier::Gate, &found, &pending, NOW);
        assert_eq!(decision.action, action, "{text} {:#?}", decision.reasons);
        assert!(reasons(&decision).iter().any(|reason| reason.contains(why)), "{:#?}", decision.reasons);
    };
    use Action::*;
    use Severity::{High, Low, Medium};
    let block = |how: &str| format!("[model]\nblock = \"{how}\"\n");
    check("", High, None, Alert, "alone only raises suspicion");
    check("", High, Some(Low), Alert, "alone only raises suspicion");
    check("", High, Some(Medium), Deny, "second voice, yara");
    check("", Medium, Some(Medium), Deny, "second voice, yara");
    check(&block("alone"), High, None, Deny, "block alone");
    check(&block("alone"), Medium, None, Alert, "alone only raises suspicion");
    check(&block("never"), High, Some(Medium), Alert, "never lets the model block");
    check("[[rule]]\nengine = \"model\"\naction = \"deny\"\n", Medium, None, Deny, "asks for deny");
    let silenced = "[[exception]]\nreason = \"ours\"\nrule = \"packed\"\n";
    check(silenced, High, Some(Medium), Alert, "alone only raises suspicion");
}

#[test]
fn what_the_voices_said_of_the_file_opens_the_reasons() {
    let voices = [event::Reason { engine: Some(Engine::Hash), text: "in none of 3 known".into() }];
    let subject = Subject { voices: &voices, ..Subject::default() };
    let found = [finding(Engine::Yara, "r", Severity::Low, None)];
    let decision = decide(&policy(""), Tier::Gate, &found, &subject, NOW);
    assert_eq!(reasons(&decision)[..2], ["in none of 3 known", "low r asks for alert: a name"]);
}

#[test]
fn who_is_protected() {
    use event::{Container, Credentials, ProcessKey, User};
    use std::sync::Arc;
    use verdict::protect::of_process;
    let key = |tgid| ProcessKey { tgid, ..ProcessKey::default() };
    let root = |executable: &str| Process {
        key: key(100),
        parent: Some(key(1)),
        executable: executable.into(),
        mount_namespace: 7,
        ..Process::default()
    };
    let user = User { credentials: Credentials { euid: 1000, ..Credentials::default() }, name: None };
    let check = |process: Process, expected| assert_eq!(of_process(&process, &[key(55)], 7), expected, "{process:?}");
    check(Process { key: key(1), ..Process::default() }, Some(Protected::Init));
    check(Process { key: key(40), parent: Some(key(2)), ..Process::default() }, Some(Protected::KernelThread));
    check(Process { key: key(55), ..root("/tmp/x") }, Some(Protected::Tamon));
    check(root("/usr/bin/dpkg"), Some(Protected::PackageManager));
    check(root("/usr/sbin/sshd"), Some(Protected::SshDaemon));
    check(Process { parent: Some(key(9)), ..root("/usr/sbin/sshd") }, None);
    check(root("/tmp/dpkg"), None);
    check(Process { user, ..root("/usr/bin/dpkg") }, None);
    check(Process { mount_namespace: 8, ..root("/usr/bin/dpkg") }, None);
    let container = Container { id: "c".into(), runtime: "docker".into(), name: None, image: None, labels: [].into() };
    check(Process { container: Some(Arc::new(container)), ..root("/usr/bin/dpkg") }, None);
}
