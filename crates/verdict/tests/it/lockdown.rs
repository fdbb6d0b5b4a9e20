//! What may run on a locked host, and which locks are refused.

use event::{Action, Mode, Sha256, Tier, Timestamp};
use verdict::lockdown::{
    Act, BreakGlass, Evidence, Lock, Nameless, PackageSays, Phase, Source, Use, Vital, prove, rule,
};
use verdict::{Policy, Protected, Subject};

const NOW: Timestamp = Timestamp::from_nanos(1_800_000_000_000_000_000);
const DIGEST: Sha256 = Sha256([7; 32]);

fn policy(text: &str) -> Policy {
    Policy::parse("test", &format!("version = 1\n{text}")).unwrap()
}

fn locked(mode: Mode) -> Lock {
    Lock { phase: Phase::Locked { since: NOW, by: "root".into(), mode, until: None }, break_glass: None }
}

fn unknown(path: &str) -> Evidence<'_> {
    Evidence { path, sha256: Some(DIGEST), ..Evidence::default() }
}

fn package(path: &str) -> Evidence<'_> {
    Evidence { package: PackageSays::Same("tool 1.2".into()), ..unknown(path) }
}

fn ask(
    text: &str,
    lock: &Lock,
    tier: Tier,
    matter: Result<Use, Act>,
    evidence: &Evidence<'_>,
) -> verdict::lockdown::Ruling {
    rule(&policy(text), lock, tier, matter, evidence, &Subject::default(), NOW)
}

#[test]
fn the_first_who_vouches_decides() {
    let check = |text: &str, evidence: &Evidence<'_>, expected: Option<Source>| {
        let ruling = ask(text, &locked(Mode::Enforce), Tier::Gate, Ok(Use::Program), evidence);
        assert_eq!(ruling.source, expected, "{text} {evidence:?}");
        let action = if expected.is_some() { Action::Allow } else { Action::Deny };
        assert_eq!(ruling.decision.action, action, "{:?}", ruling.decision.reasons);
        assert_eq!(ruling.finding.is_none(), expected.is_some());
    };
    let hand = || Some(Source::Hand("ours".into()));
    check("", &unknown("/opt/x"), None);
    check("", &package("/usr/bin/tool"), Some(Source::Package("tool 1.2".into())));
    check("[lockdown]\npackages = false\n", &package("/usr/bin/tool"), None);
    check("", &Evidence { package: PackageSays::Changed("tool 1.2".into()), ..unknown("/usr/bin/tool") }, None);
    check("", &Evidence { package: PackageSays::NoDigest("tool 1.2".into()), ..unknown("/usr/bin/tool") }, None);
    check("", &Evidence { listed: hand(), ..unknown("/opt/x") }, hand());
    check("", &Evidence { distrusted: Some("stolen".into()), ..package("/usr/bin/tool") }, None);
    check(
        "",
        &Evidence { written_by: Some("/usr/bin/dpkg".into()), ..unknown("/a") },
        Some(Source::Updater("/usr/bin/dpkg".into())),
    );
    check("", &Evidence { image: Some("sha256:1".into()), ..unknown("/a") }, Some(Source::Image("sha256:1".into())));
    let folder = "[lockdown]\npublishers = [\"/opt/vendor\"]\n";
    check(
        folder,
        &Evidence { only_root_writes: true, ..unknown("/opt/vendor/x") },
        Some(Source::Publisher("/opt/vendor".into())),
    );
    check(folder, &Evidence { only_root_writes: true, ..unknown("/opt/vendors/x") }, None);
    check(folder, &unknown("/opt/vendor/x"), None);
    let digest = DIGEST.to_hex();
    let listed = format!("[[lockdown.trust]]\nsha256 = \"{digest}\"\npath = \"/opt/*\"\nreason = \"ours\"\n");
    check(&listed, &unknown("/opt/x"), Some(Source::Policy("ours".into())));
    check(&listed, &unknown("/srv/x"), None);
    check(&listed, &Evidence { sha256: None, ..unknown("/opt/x") }, None);
    check(&format!("{listed}expires = \"2026-01-01\"\n"), &unknown("/opt/x"), None);
    let exception = "[[exception]]\nreason = \"a build host\"\nrule = \"lockdown.*\"\npath = \"/srv/build/**\"\n";
    check(exception, &Evidence { sha256: None, ..unknown("/opt/x") }, None);
    check("[lockdown]\ndirectories = [\"/srv\"]\n", &unknown("(not UTF-8)"), None);
    let evidence = unknown("/srv/build/a/out");
    let ruling = rule(
        &policy(exception),
        &locked(Mode::Enforce),
        Tier::Gate,
        Ok(Use::Program),
        &evidence,
        &Subject { file: Some(verdict::FileFacts { path: evidence.path, ..Default::default() }), ..Subject::default() },
        NOW,
    );
    assert_eq!(ruling.source, Some(Source::Exception("a build host".into())));
}

#[test]
fn state_mode_tier_and_use() {
    let check = |text: &str, lock: &Lock, tier, matter, evidence: &Evidence<'_>, action, wanted| {
        let decision = ask(text, lock, tier, matter, evidence).decision;
        assert_eq!((decision.action, decision.wanted), (action, wanted), "{text} {:?}", decision.reasons);
    };
    use Action::*;
    let (x, program) = (unknown("/opt/x"), Ok(Use::Program));
    let enforce = locked(Mode::Enforce);
    check("", &Lock::default(), Tier::Gate, program, &x, Allow, Allow);
    check(
        "",
        &Lock { phase: Phase::Learning { since: NOW, by: "root".into() }, break_glass: None },
        Tier::Gate,
        program,
        &x,
        Allow,
        Deny,
    );
    check("", &locked(Mode::Observe), Tier::Gate, program, &x, Allow, Deny);
    check("", &locked(Mode::Alert), Tier::Gate, program, &x, Alert, Deny);
    check("", &enforce, Tier::Gate, program, &x, Deny, Deny);
    check("", &enforce, Tier::Enforce, program, &x, Deny, Deny);
    check("", &enforce, Tier::Observe, program, &x, Alert, Deny);
    let over = Lock {
        phase: Phase::Locked { since: NOW, by: "root".into(), mode: Mode::Enforce, until: Some(Timestamp(NOW.0 - 1)) },
        break_glass: None,
    };
    check("", &over, Tier::Gate, program, &x, Allow, Deny);
    let glass = |since, until| {
        Some(BreakGlass { reason: "fire".into(), by: "root".into(), since: Timestamp(since), until: Timestamp(until) })
    };
    check(
        "",
        &Lock { break_glass: glass(NOW.0 - 5, NOW.0 + 5), ..enforce.clone() },
        Tier::Gate,
        program,
        &x,
        Alert,
        Deny,
    );
    check(
        "",
        &Lock { break_glass: glass(NOW.0 - 5, NOW.0 - 1), ..enforce.clone() },
        Tier::Gate,
        program,
        &x,
        Deny,
        Deny,
    );
    // The clock was set back: not for ever.
    check(
        "",
        &Lock { break_glass: glass(NOW.0 + 5, NOW.0 + 9), ..enforce.clone() },
        Tier::Gate,
        program,
        &x,
        Deny,
        Deny,
    );
    let deleted = |evidence| Evidence { nameless: Some(Nameless::Deleted), ..evidence };
    check("", &enforce, Tier::Gate, program, &deleted(package("/usr/bin/tool")), Allow, Allow);
    check("", &enforce, Tier::Gate, program, &deleted(unknown("/opt/x")), Deny, Deny);
    check(
        "[lockdown]\nfileless = \"allow\"\n",
        &enforce,
        Tier::Gate,
        program,
        &deleted(unknown("/opt/x")),
        Allow,
        Allow,
    );
    let memory = Evidence { nameless: Some(Nameless::Memory), ..package("/memfd:x") };
    check("", &enforce, Tier::Gate, program, &memory, Deny, Deny);
    check("[lockdown]\nfileless = \"allow\"\n", &enforce, Tier::Gate, program, &memory, Allow, Allow);
    let foreign = Evidence { foreign: true, ..package("/mnt/fuse/tool") };
    check("", &enforce, Tier::Gate, program, &foreign, Deny, Deny);
    check("[lockdown]\nforeign = \"allow\"\n", &enforce, Tier::Gate, program, &foreign, Allow, Allow);
    let unknown_there = Evidence { foreign: true, ..unknown("/mnt/fuse/x") };
    check("[lockdown]\nforeign = \"allow\"\n", &enforce, Tier::Gate, program, &unknown_there, Deny, Deny);
    check("", &enforce, Tier::Gate, Err(Act::Inline), &package("/usr/bin/sh"), Allow, Allow);
    check(
        "[lockdown]\ninline = \"alert\"\n",
        &enforce,
        Tier::Gate,
        Err(Act::Inline),
        &package("/usr/bin/sh"),
        Alert,
        Alert,
    );
    check("", &enforce, Tier::Gate, Err(Act::Piped), &package("/usr/bin/sh"), Deny, Deny);
    check("", &enforce, Tier::Gate, Ok(Use::Loaded), &x, Deny, Deny);
    check("", &enforce, Tier::Gate, Ok(Use::Module), &x, Alert, Deny);
    check("", &enforce, Tier::Enforce, Ok(Use::Module), &x, Deny, Deny);
    check("[lockdown]\nmodules = \"alert\"\n", &enforce, Tier::Enforce, Ok(Use::Module), &x, Alert, Alert);
    check("[lockdown]\nmodules = \"allow\"\n", &enforce, Tier::Enforce, Ok(Use::Module), &x, Allow, Allow);
    check("", &enforce, Tier::Enforce, Err(Act::ModuleData), &Evidence::default(), Deny, Deny);
    check("", &enforce, Tier::Gate, Err(Act::Trace), &package("/usr/bin/gdb"), Alert, Deny);
    check("", &enforce, Tier::Enforce, Err(Act::Trace), &package("/usr/bin/gdb"), Deny, Deny);
    check("[lockdown]\ntracing = \"allow\"\n", &enforce, Tier::Enforce, Err(Act::Trace), &x, Allow, Allow);
    check("[lockdown]\nloader = \"alert\"\n", &enforce, Tier::Gate, Ok(Use::Loaded), &x, Alert, Alert);
    check("[lockdown]\nscripts = false\n", &enforce, Tier::Gate, Ok(Use::Script), &x, Allow, Allow);
    check("[lockdown]\nlibraries = false\n", &enforce, Tier::Gate, Ok(Use::Library), &x, Allow, Allow);
    check("[lockdown]\ndirectories = [\"/usr\"]\n", &enforce, Tier::Gate, program, &x, Allow, Allow);
    check("[lockdown]\nexclude = [\"/opt/\"]\n", &enforce, Tier::Gate, program, &x, Allow, Allow);
    check("[lockdown]\nexclude = [\"/op\"]\n", &enforce, Tier::Gate, program, &x, Deny, Deny);
}

#[test]
fn a_lock_that_takes_what_the_host_cannot_do_without_is_refused_with_the_proof() {
    let there = |sshd: Evidence<'static>| {
        [
            Vital { evidence: unknown("/opt/app"), usage: Use::Program, role: None },
            Vital { evidence: package("/usr/lib/systemd/systemd"), usage: Use::Program, role: Some(Protected::Init) },
            Vital { evidence: sshd, usage: Use::Program, role: Some(Protected::SshDaemon) },
        ]
    };
    let shown = |sshd: Evidence<'static>, text: &str| {
        let refused = prove(&policy(text), &there(sshd), NOW);
        refused.into_iter().map(|one| (one.path, one.role, one.reason)).collect::<Vec<_>>()
    };
    let app = ("/opt/app".to_owned(), None, "nobody vouches for this content at this path".to_owned());
    assert_eq!(shown(package("/usr/sbin/sshd"), ""), std::slice::from_ref(&app));
    let why = "nobody vouches for this content at this path".to_owned();
    let sshd = ("/usr/local/sbin/sshd".to_owned(), Some(Protected::SshDaemon), why);
    assert_eq!(shown(unknown("/usr/local/sbin/sshd"), ""), [sshd, app]);
    let none = shown(package("/usr/sbin/sshd"), "[lockdown]\npackages = false\n");
    assert_eq!(
        none.iter().map(|one| one.1).collect::<Vec<_>>(),
        [Some(Protected::Init), Some(Protected::SshDaemon), None]
    );
}

#[test]
fn its_table_is_strict_and_its_defaults_are_the_files() {
    let written = Policy::default().lockdown;
    assert_eq!(policy("").lockdown, written);
    let mistakes = [
        ("scrips = true", "lockdown.scrips"),
        ("inline = \"maybe\"", "lockdown.inline"),
        ("break_glass_minutes = 0", "lockdown.break_glass_minutes"),
        ("directories = [\"usr\"]", "lockdown.directories"),
        ("publishers = [\"/opt/\"]", "lockdown.publishers"),
        ("manifests = [\"/etc/m\"]", "lockdown.manifests"),
        ("images = [\"nginx:1\"]", "lockdown.images"),
    ];
    for (text, field) in mistakes {
        let error = Policy::parse("t", &format!("version = 1\n[lockdown]\n{text}\n")).unwrap_err();
        assert_eq!((error.line, error.field.as_str()), (3, field), "{error}");
    }
    let silent = "version = 1\n[[lockdown.trust]]\nsha256 = \"00\"\nreason = \"x\"\n";
    assert!(Policy::parse("t", silent).unwrap_err().to_string().contains("SHA-256"));
}

/// Each begins by observing: none refuses anything before somebody has looked.
#[test]
fn the_policies_that_ship_are_policies() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content/policies/lockdown");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let policy = Policy::parse(&path.display().to_string(), &std::fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!((policy.mode, policy.lockdown.mode), (Mode::Observe, Mode::Observe), "{}", path.display());
        names.push(policy.name);
    }
    names.sort();
    assert_eq!(names, ["lockdown-build-host", "lockdown-managed", "lockdown-server"]);
}

proptest::proptest! {
    /// Whatever the state and the settings: what nobody vouches for is never quietly allowed under enforce, and what a
    /// package vouches for always runs.
    #[test]
    fn nothing_unknown_slips_through(path in "/[a-z]{1,8}(/[a-z.]{1,8}){0,4}", program in proptest::bool::ANY) {
        let usage = if program { Use::Program } else { Use::Script };
        let lock = locked(Mode::Enforce);
        let denied = ask("", &lock, Tier::Gate, Ok(usage), &unknown(&path));
        proptest::prop_assert_eq!(denied.decision.action, Action::Deny);
        let runs = ask("", &lock, Tier::Gate, Ok(usage), &package(&path));
        proptest::prop_assert_eq!(runs.decision.action, Action::Allow);
    }
}
