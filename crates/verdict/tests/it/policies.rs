//! What a policy file may say, and how it is refused.

use event::{Action, Mode, Timestamp};
use verdict::Policy;

fn check(text: &str, line: usize, field: &str, message: &str) {
    let error = Policy::parse("site.toml", text).unwrap_err();
    assert_eq!((error.line, error.field.as_str()), (line, field), "{error}");
    assert!(error.message.contains(message), "{error}");
    assert!(error.to_string().starts_with(&format!("site.toml:{line}: ")), "{error}");
}

#[test]
fn the_shipped_policy_is_the_default_and_touches_nothing() {
    let policy = Policy::default();
    assert_eq!((policy.version, policy.mode), (1, Mode::Observe));
    assert_eq!(policy.gate.directories, ["/tmp", "/var/tmp", "/dev/shm", "/home"]);
    let bare = Policy::parse("bare", "version = 1\n").unwrap();
    assert_eq!((bare.actions, &bare.gate), (policy.actions, &policy.gate), "the file and the types agree");
    assert_eq!((&bare.scan, bare.retention), (&policy.scan, policy.retention));
    assert_eq!((bare.model, bare.reputation), (policy.model, policy.reputation));
}

#[test]
fn mistakes_are_told_with_file_line_and_field() {
    check("version = 1\nmodee = \"enforce\"\n", 2, "modee", "unknown field");
    check("version = 1\nmode = \"enforced\"\n", 2, "mode", "enforced");
    check("version = 1\n\n[gate]\nenabled = true\ntimeout = 5\n", 5, "gate.timeout", "unknown field");
    check("version = 1\n[gate]\ntimeout_ms = \"2\"\n", 3, "gate.timeout_ms", "expected");
    check("version = 1\n[gate]\n\ntimeout_ms = 20\n", 4, "gate.timeout_ms", "from 100");
    check("version = 1\n[gate]\ndirectories = [\n  \"/tmp\",\n  \"tmp\",\n]\n", 3, "gate.directories", "\"tmp\"");
    check("version = 2\n", 1, "version", "version 1");
    check("mode = \"observe\"\n", 1, "version", "missing field `version`");
    check("version = 1\n[[rule]]\nmode = \"enforce\"\n", 2, "rule[0]", "not which findings");
    check("version = 1\n[[rule]]\nid = \"a\"\n[[rule]]\nid = \"b\"\nmode=\"alert\"\n", 2, "rule[0]", "changes nothing");
    check("version = 1\n[[exception]]\nreason = \"all\"\n", 2, "exception[0]", "everything");
    check("version = 1\n[[exception]]\nreason = \" \"\nrule = \"a\"\n", 3, "exception[0].reason", "why");
    let unknown = "version = 1\n[[exception]]\nreason = \"x\"\nrule = \"a\"\nuntil = \"2030-01-01\"\n";
    check(unknown, 5, "exception.until", "unknown field");
    let date = "version = 1\n[[exception]]\nreason = \"x\"\nrule = \"a\"\nexpires = \"soon\"\n";
    check(date, 5, "exception.expires", "soon");
    check("version = 1\n[scan]\n[[scan.exclude]]\nreason = \"all\"\n", 3, "scan.exclude[0]", "everything");
    let silent = "version = 1\n[[scan.exclude]]\nreason = \"\"\npath = \"/a\"\n";
    check(silent, 3, "scan.exclude[0].reason", "why");
    check("version = 1\n[scan.schedule]\nat = \"25:00\"\n", 3, "scan.schedule.at", "time of day");
    check("version = 1\n[scan.schedule]\npaths = [\"srv\"]\n", 3, "scan.schedule.paths", "\"srv\"");
    check("version = 1\n[model]\nblock = \"always\"\n", 3, "model.block", "always");
    check("version = 1\n[gate\n", 2, "", "");
    check(&"#".repeat(5 << 20), 0, "", "at most");
}

#[test]
fn a_day_ends_at_its_end() {
    let text = "version = 1\n[[exception]]\nreason = \"x\"\nrule = \"a\"\nexpires = \"2027-01-31\"\n";
    let exception = &Policy::parse("p", text).unwrap().exceptions[0];
    let at = |time: &str| exception.holds_at(time.parse::<Timestamp>().unwrap());
    assert!(at("2027-01-31T23:59:59Z"));
    assert!(!at("2027-02-01T00:00:00Z"));
}

#[test]
fn actions_go_by_severity() {
    let policy = Policy::parse("p", "version = 1\n[actions]\nmedium = \"kill\"\n").unwrap();
    assert_eq!(policy.actions.of(event::Severity::Medium), Action::Kill);
    assert_eq!(policy.actions.of(event::Severity::Critical), Action::Kill);
}

#[test]
fn the_ransomware_table_is_strict_and_its_defaults_are_the_files() {
    let written = Policy::default().ransomware;
    assert_eq!(Policy::parse("t", "version = 1\n").unwrap().ransomware, written);
    for (text, field) in [
        ("max_lots = 3", "ransomware.max_lots"),
        ("max_lost = 1", "ransomware.max_lost"),
        ("timeout_ms = 2500", "ransomware.timeout_ms"),
        ("protect = [\"/\"]", "ransomware.protect"),
        ("protect = [\"home\"]", "ransomware.protect"),
        ("exclude = [\"a/b\"]", "ransomware.exclude"),
        ("keep_max_bytes = 1", "ransomware.keep_max_tree_bytes"),
    ] {
        let error = Policy::parse("t", &format!("version = 1\n[ransomware]\n{text}\n")).unwrap_err();
        assert_eq!(error.field, field, "{error}");
    }
}

#[test]
fn exclusions_hold_where_all_their_conditions_do_and_until_their_day() {
    let check = |conditions: &str, candidate: verdict::Candidate<'_>, expected: bool| {
        let text = format!("version = 1\n[[scan.exclude]]\nreason = \"x\"\n{conditions}\n");
        let exclusion = &Policy::parse("p", &text).unwrap().scan.exclusions[0];
        let now = "2027-01-15T00:00:00Z".parse::<Timestamp>().unwrap();
        assert_eq!(exclusion.covers(&candidate, now), expected, "{conditions} on {candidate:?}");
    };
    let file = verdict::Candidate { path: "/srv/build/a.o", process: Some("/usr/bin/make"), ..Default::default() };
    check("path = \"/srv/build/**\"", file, true);
    check("path = \"/srv/other/**\"", file, false);
    check("path = \"/srv/build/**\"\nprocess = \"/usr/bin/make\"", file, true);
    check("path = \"/srv/build/**\"\nprocess = \"/usr/bin/rsync\"", file, false);
    check("package = \"make\"", file, false);
    check("package = \"make\"", verdict::Candidate { package: Some("make"), ..file }, true);
    check("path = \"/srv/**\"\nexpires = \"2027-01-14\"", file, false);
    check("path = \"/srv/**\"\nexpires = \"2027-01-15\"", file, true);
}

#[test]
fn of_two_listings_the_denial_counts_and_an_expired_one_does_not() {
    let digest = "ab".repeat(32);
    let list = |verdict: &str, more: &str| {
        format!("[[reputation.file]]\nsha256 = \"{digest}\"\nverdict = \"{verdict}\"\nreason = \"r\"\n{more}\n")
    };
    let check = |lists: String, expected: Option<verdict::Listing>| {
        let policy = Policy::parse("p", &format!("version = 1\n{lists}")).unwrap();
        let now = "2027-01-15T00:00:00Z".parse::<Timestamp>().unwrap();
        let found = policy.reputation.listed(&digest.parse().unwrap(), now).map(|one| one.verdict);
        assert_eq!(found, expected, "{lists}");
    };
    use verdict::Listing::{Allow, Deny};
    check(String::new(), None);
    check(list("allow", ""), Some(Allow));
    check(list("allow", "") + &list("deny", ""), Some(Deny));
    check(list("allow", "") + &list("deny", "expires = \"2027-01-01\""), Some(Allow));
}
