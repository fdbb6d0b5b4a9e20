//! Profiles as a policy writes them: who falls under which, what is said of each act, and which policy is refused.

use event::{Action, Mode, Tier, Timestamp};
use verdict::prevention::{Act, Confined, Profiles, Vital, not_kept, prove};
use verdict::{Operation, Policy, Subject, decide};

fn policy(text: &str) -> Policy {
    Policy::parse("t", &format!("version = 1\n{text}")).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn profiles(text: &str) -> Profiles {
    Profiles::of(&policy(text), &|_| None)
}

const APP: &str = "[[prevention]]\nid = \"app\"\nexecutable = [\"/usr/bin/app\"]\n";

#[test]
fn the_first_profile_that_fits_counts() {
    let profiles = profiles(
        "[[prevention]]\nid = \"a\"\nexecutable = [\"/usr/bin/app\"]\nuser = [\"web\", \"33\"]\n\
         [[prevention]]\nid = \"b\"\nunit = [\"app.service\"]\n\
         [[prevention]]\nid = \"c\"\nimage = [\"shop/*\"]\nlabel = [\"role=front\"]\n\
         [[prevention]]\nid = \"d\"\nexecutable = [\"/usr/bin/app\"]\n\
         [[prevention]]\nid = \"e\"\ncgroup = [\"/system.slice/**\"]\n",
    );
    let check = |who: Confined<'_>, expected: Option<&str>| {
        let found = profiles.find(&who).map(|index| profiles.get(index).id.as_str());
        assert_eq!(found, expected, "{who:?}");
    };
    let app = Confined { executable: "/usr/bin/app", ..Confined::default() };
    check(app, Some("d"));
    check(Confined { user: Some("web"), ..app }, Some("a"));
    check(Confined { uid: Some(33), ..app }, Some("a"));
    check(Confined { unit: Some("app.service"), ..app }, Some("b"));
    let labels = ["role=front".to_owned()];
    let shop = Confined { executable: "/x", image: Some("shop/web"), labels: &labels, ..Confined::default() };
    check(shop, Some("c"));
    check(Confined { labels: &[], ..shop }, None);
    check(Confined { cgroup: Some("/system.slice/x.service"), executable: "/x", ..Confined::default() }, Some("e"));
}

#[test]
fn what_is_not_spoken_of_is_not_restricted() {
    let profiles = profiles(APP);
    let (_, app) = profiles.iter().next().unwrap();
    let ip = "203.0.113.7".parse().unwrap();
    for act in
        [Act::Read("/etc/shadow"), Act::Connect(ip, 25), Act::Signal("/x"), Act::WriteExecute, Act::MakeNamespace]
    {
        assert!(app.allows(&act), "{act:?}");
    }
    assert!(app.finding(&Act::Read("/etc/shadow"), "it", false).is_none());
}

#[test]
fn a_profile_that_ships_is_taken_up_and_added_to() {
    let profiles = profiles(
        "[[prevention]]\nuse = \"nginx\"\nmode = \"enforce\"\nconnect = [\"10.0.0.0/8:8080\"]\nwrite = [\"/srv/upload/\"]\nmemory = true\n",
    );
    let (_, nginx) = profiles.iter().next().unwrap();
    assert_eq!((nginx.id.as_str(), nginx.mode), ("nginx", Mode::Enforce));
    let inside = "10.1.2.3".parse().unwrap();
    let outside = "203.0.113.7".parse().unwrap();
    for (act, allowed) in [
        (Act::Connect(inside, 8080), true),
        (Act::Connect("127.0.0.1".parse().unwrap(), 9000), true),
        (Act::Connect(outside, 443), false),
        (Act::Connect("0.0.0.0".parse().unwrap(), 80), true),
        (Act::Connect("::".parse().unwrap(), 80), true),
        (Act::Write("/srv/upload/a"), true),
        (Act::Write("/var/www/html/shell.php"), false),
        (Act::Read("/var/www/html/index.html"), true),
        (Act::Read("/etc/shadow"), false),
        (Act::Run("/usr/bin/dash"), false),
        (Act::WriteExecute, true),
        (Act::LoadModule("x"), false),
        (Act::Bind("0.0.0.0".parse().unwrap(), 443), true),
        (Act::Bind("0.0.0.0".parse().unwrap(), 4444), false),
        (Act::Bind("0.0.0.0".parse().unwrap(), 0), true),
    ] {
        assert_eq!(nginx.allows(&act), allowed, "{act:?}");
    }
}

#[test]
fn the_line_that_decided_is_told() {
    let profiles = profiles(&format!("{APP}read = [\"/etc/\", \"!/etc/shadow\"]\nnames = [\"*.example.com\"]\n"));
    let (_, app) = profiles.iter().next().unwrap();
    let line = |act: Act<'_>| app.rule(&act).line;
    assert_eq!(line(Act::Read("/etc/shadow")), "prevention.app.read \"!/etc/shadow\"");
    assert_eq!(line(Act::Read("/etc/hostname")), "prevention.app.read \"/etc/\"");
    assert_eq!(line(Act::Read("/srv/x")), "prevention.app.read");
    assert_eq!(line(Act::Ask("db.eu.example.com")), "prevention.app.names \"*.example.com\"");
    assert!(!app.allows(&Act::Ask("example.com")) && !app.allows(&Act::Ask("example.com.evil.org")));
    let finding = app.finding(&Act::Read("/etc/shadow"), "/usr/bin/app (7)", false).unwrap();
    assert_eq!((finding.rule_id.as_str(), finding.asks), ("prevention.app.read", Some(Action::Alert)));
    assert!(finding.detail.contains("!/etc/shadow"), "{}", finding.detail);
}

/// The profile's mode decides, not the policy's; a rule of the operator's decides before both.
#[test]
fn a_profile_has_a_mode_of_its_own() {
    let ask = |text: &str| {
        let policy = policy(text);
        let profiles = Profiles::of(&policy, &|_| None);
        let (_, app) = profiles.iter().next().unwrap();
        let finding = app.finding(&Act::MakeNamespace, "it", false).unwrap();
        let process = event::Process::default();
        let subject = Subject { process: Some(&process), operation: Operation::Done, ..Subject::default() };
        decide(&policy, Tier::Gate, &[finding], &subject, Timestamp(0)).action
    };
    let app = format!("{APP}namespaces = false\n");
    assert_eq!(ask(&app), Action::Alert);
    assert_eq!(ask(&format!("mode = \"enforce\"\n{app}")), Action::Alert);
    assert_eq!(ask(&format!("{app}mode = \"enforce\"\n")), Action::Kill);
    assert_eq!(ask(&format!("{app}mode = \"enforce\"\nlate = \"alert\"\n")), Action::Alert);
    assert_eq!(
        ask(&format!("[[rule]]\nid = \"prevention.app.*\"\nmode = \"alert\"\n{app}mode = \"enforce\"\n")),
        Action::Alert
    );
}

#[test]
fn a_policy_that_says_something_wrong_is_refused_with_its_field() {
    let check = |text: &str, field: &str| {
        let error = Policy::parse("t", &format!("version = 1\n{text}")).unwrap_err();
        assert_eq!(error.field, field, "{error}");
        assert!(error.line > 1, "{error}");
    };
    check(&format!("{APP}raed = []\n"), "prevention.raed");
    check(&format!("{APP}read = [\"etc\"]\n"), "prevention.read");
    check(&format!("{APP}connect = [\"host:1\"]\n"), "prevention.connect");
    check(&format!("{APP}capabilities = [\"fly\"]\n"), "prevention.capabilities");
    check(&format!("{APP}signals = \"none\"\n"), "prevention.signals");
    check("[[prevention]]\nid = \"app\"\nmode = \"enforce\"\n", "prevention[0].id");
    check("[[prevention]]\nuse = \"notepad\"\n", "prevention[0].use");
    check(&format!("{APP}{APP}"), "prevention[1].id");
    let many: Vec<String> = (0..65).map(|i| format!("\"/srv/*/{i}\"")).collect();
    check(&format!("{APP}read = [{}]\n", many.join(", ")), "prevention[0].read");
}

#[test]
fn a_profile_that_would_take_the_hosts_life_is_refused_with_the_proof() {
    let lost = |text: &str| {
        let found = prove(&profiles(text), &Vital::programs());
        found.into_iter().map(|one| (one.program, one.line, one.says)).collect::<Vec<_>>()
    };
    let enforced =
        |selector: &str, more: &str| format!("[[prevention]]\nid = \"x\"\nmode = \"enforce\"\n{selector}\n{more}\n");
    assert!(lost("[[prevention]]\nuse = \"sshd\"\nmode = \"enforce\"\n").is_empty());
    assert!(lost("[[prevention]]\nuse = \"nginx\"\nmode = \"enforce\"\n").is_empty());
    // While it observes it touches nobody.
    assert!(lost("[[prevention]]\nid = \"x\"\nexecutable = [\"/**\"]\nrun = []\n").is_empty());
    let all = lost(&enforced("executable = [\"/**\"]", ""));
    for program in ["/usr/bin/dpkg", "/usr/lib/systemd/systemd", "/usr/bin/tamon"] {
        assert!(all.iter().any(|(lost, ..)| lost == program), "{program}: {all:?}");
    }
    let sshd = "executable = [\"/usr/sbin/sshd\"]\ninherit = false";
    let check = |more: &str, line: &str| {
        let found = lost(&enforced(sshd, more));
        assert!(found.iter().any(|(_, at, _)| at == line), "{more}: {found:?}");
    };
    check("run = []", "prevention.x.run");
    check("read = [\"/etc/\", \"!/etc/shadow\"]", "prevention.x.read \"!/etc/shadow\"");
    check("bind = [\"*:2222\"]", "prevention.x.bind");
    check("capabilities = [\"setgid\"]", "prevention.x.capabilities");
    let inherits = lost(&enforced("executable = [\"/usr/sbin/sshd\"]", "write = [\"/run/\", \"/var/log/\"]"));
    assert!(inherits.iter().any(|(_, _, says)| says.contains("inherits")), "{inherits:?}");
    assert!(lost(&enforced("user = [\"root\"]", "")).len() > 10);
}

#[test]
fn each_tier_says_what_it_cannot_keep() {
    assert!(not_kept(Tier::Enforce).len() < not_kept(Tier::Gate).len());
    assert!(not_kept(Tier::Gate).len() < not_kept(Tier::Observe).len());
}

proptest::proptest! {
    /// Whatever is asked, an answer comes, and what the entry names is what decides.
    #[test]
    fn any_path_has_an_answer(path in "(/[a-z*.]{0,6}){0,6}", entry in "!?/[a-z]{1,4}(/[a-z*]{1,4}){0,3}/?") {
        let text = format!("{APP}read = [\"/a/\", \"{entry}\"]\n");
        if let Ok(policy) = Policy::parse("t", &format!("version = 1\n{text}")) {
            let profiles = Profiles::of(&policy, &|_| None);
            let (_, app) = profiles.iter().next().unwrap();
            let (allowed, by) = app.decide(&Act::Read(&path));
            proptest::prop_assert!(by.is_some() || !allowed);
            if let Some(by) = by {
                proptest::prop_assert_eq!(allowed, !by.starts_with('!'));
            }
        }
    }
}
