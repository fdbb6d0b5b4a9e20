use super::*;
use crate::model::{Disposition, Incident};
use crate::time::Time;
use crate::{Correlator, Limits};
use event::*;

const NOW: Timestamp = Timestamp(1_700_000_000_000_000_000);
const DAY: i64 = 86_400_000_000_000;

fn alert(id: &str, rules: &[&str], parent: &str) -> Alert {
    let mut event = Row::default();
    event.set_text(Column::ProcessExecutable, "/usr/bin/dash");
    event.set_text(Column::ParentExecutable, parent);
    event.set_text(Column::UserName, "backup");
    event.labels.insert("script".into(), "/opt/backup.sh".into());
    let finding = |rule: &&str| Finding {
        engine: Engine::Sigma,
        rule_id: RuleId::new(*rule),
        name: format!("rule {rule}"),
        severity: Severity::Medium,
        techniques: Vec::new(),
        tactics: Vec::new(),
        detail: String::new(),
        matched: Vec::new(),
        asks: None,
    };
    Alert {
        id: AlertId::new(id),
        time: NOW,
        agent: AgentId::new("agent"),
        host: HostId::new("host-1"),
        host_name: "srv-1".into(),
        tenant: TenantId::default(),
        severity: Severity::Medium,
        title: "told".into(),
        findings: rules.iter().map(finding).collect(),
        decision: Decision {
            action: Action::Alert,
            wanted: Action::Alert,
            mode: Mode::Observe,
            tier: Tier::Gate,
            reasons: Vec::new(),
        },
        outcome: Outcome { action: Action::Alert, status: OutcomeStatus::None, detail: String::new() },
        event,
        lineage: Vec::new(),
    }
}

fn suppression(rule: Option<&str>, fields: &[(&str, &str)]) -> Suppression {
    Suppression {
        id: "s1".into(),
        state: SuppressionState::Active,
        rule: rule.map(str::to_owned),
        host_id: None,
        fields: fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        reason: "nightly backup".into(),
        stops: false,
        created_by: "ana".into(),
        created: Time(NOW),
        expires: Time(NOW.plus_nanos(30 * DAY)),
        incident_id: None,
        hits: 0,
        last_hit: None,
    }
}

#[track_caller]
fn check(one: Suppression, expected: bool) {
    let told = alert("a", &["r1"], "/opt/backup.sh");
    assert_eq!(one.check(NOW), Ok(()));
    assert_eq!(covers(&[one], &told, NOW).is_some(), expected);
}

#[test]
fn by_rule_host_and_any_field() {
    check(suppression(Some("r1"), &[]), true);
    check(suppression(Some("r*"), &[]), true);
    check(suppression(Some("r2"), &[]), false);
    check(suppression(None, &[("process.parent.executable", "/opt/*")]), true);
    check(suppression(None, &[("process_parent_executable", "/usr/*")]), false);
    check(suppression(None, &[("label.script", "/opt/backup.sh")]), true);
    check(suppression(None, &[("label.none", "x*")]), false);
    check(suppression(None, &[("file_path", "/x*")]), false);
    check(suppression(None, &[("title", "told"), ("user_name", "BACKUP")]), true);
    check(Suppression { host_id: Some("host-2".into()), ..suppression(Some("r1"), &[]) }, false);
    check(Suppression { state: SuppressionState::Proposed, ..suppression(Some("r1"), &[]) }, false);
}

#[test]
fn it_ends() {
    let one = suppression(Some("r1"), &[]);
    let told = alert("a", &["r1"], "/x");
    assert!(covers(std::slice::from_ref(&one), &told, NOW.plus_nanos(29 * DAY)).is_some());
    assert!(covers(&[one], &told, NOW.plus_nanos(30 * DAY)).is_none());
}

#[test]
fn what_another_rule_finds_is_told() {
    let told = alert("a", &["r1", "r2"], "/x");
    let of = |rule| suppression(Some(rule), &[]);
    assert!(covers(&[of("r1")], &told, NOW).is_none());
    assert!(covers(&[of("r1"), of("r2")], &told, NOW).is_some());
    assert!(covers(&[of("r1")], &alert("a", &[], "/x"), NOW).is_none(), "an alert without findings is never silent");
}

#[test]
fn what_cannot_be_asked_for() {
    let check = |one: Suppression, expected: SuppressionError| assert_eq!(one.check(NOW), Err(expected));
    check(suppression(None, &[]), SuppressionError::Everything);
    check(suppression(Some("**"), &[]), SuppressionError::Everything);
    check(suppression(Some("r"), &[("proces_name", "x")]), SuppressionError::UnknownField("proces_name".into()));
    check(suppression(Some("r"), &[("process_name", "*")]), SuppressionError::Pattern("process_name".into()));
    check(Suppression { expires: Time(NOW), ..suppression(Some("r"), &[]) }, SuppressionError::Expiry);
    let far = Time(NOW.plus_nanos(400 * DAY));
    check(Suppression { expires: far, ..suppression(Some("r"), &[]) }, SuppressionError::Expiry);
    check(Suppression { reason: " ".into(), ..suppression(Some("r"), &[]) }, SuppressionError::Reason);
}

fn closed(alerts: &[Alert], disposition: Disposition) -> Incident {
    let mut correlator = Correlator::new(Limits::default(), 1);
    let id = alerts.iter().map(|alert| correlator.observe(alert).incident).last().unwrap();
    Incident { disposition: Some(disposition), ..correlator.incident(&id).unwrap() }
}

#[test]
fn a_harmless_case_proposes_what_its_alerts_share() {
    let alerts = [alert("a", &["r1"], "/opt/backup.sh"), alert("b", &["r1", "r2"], "/opt/backup.sh")];
    let mut number = 0;
    let mut id = || {
        number += 1;
        format!("s{number}")
    };
    let case = closed(&alerts, Disposition::Benign);
    let proposed = propose(&case, &alerts, "nightly backup", "ana", NOW, &mut id);
    let rules: Vec<&str> = proposed.iter().map(|one| one.rule.as_deref().unwrap()).collect();
    assert_eq!(rules, ["r1", "r2"]);
    let first = &proposed[0];
    assert_eq!((first.state, first.host_id.as_deref()), (SuppressionState::Proposed, Some("host-1")));
    let names: Vec<&str> = first.fields.keys().map(String::as_str).collect();
    assert_eq!(names, ["process_executable", "process_parent_executable", "user_name"]);
    assert_eq!(first.reason, format!("{}: nightly backup", case.id));
    // Accepted, they silence this and nothing beside it.
    let accepted: Vec<Suppression> =
        proposed.iter().map(|one| Suppression { state: SuppressionState::Active, ..one.clone() }).collect();
    assert!(accepted.iter().all(|one| one.check(NOW) == Ok(())));
    assert!(alerts.iter().all(|alert| covers(&accepted, alert, NOW).is_some()));
    assert!(covers(&accepted, &alert("c", &["r1"], "/usr/sbin/nginx"), NOW).is_none());

    let real = closed(&alerts, Disposition::TruePositive);
    assert_eq!(propose(&real, &alerts, "x", "ana", NOW, &mut id), []);
    let mut bare = alert("d", &["r3"], "");
    bare.event = Row::default();
    bare.event.set_text(Column::UserName, "root");
    assert_eq!(propose(&closed(&[bare.clone()], Disposition::Benign), &[bare], "x", "ana", NOW, &mut id), []);
}

#[test]
fn a_stop_is_told_whatever_is_suppressed() {
    let one = Suppression { stops: true, ..suppression(Some("r1"), &[]) };
    let mut told = alert("a", &["r1"], "/opt/backup.sh");
    assert!(covers(std::slice::from_ref(&one), &told, NOW).is_some());
    told.decision.action = Action::Kill;
    assert!(covers(std::slice::from_ref(&one), &told, NOW).is_none());
    told.decision.action = Action::Alert;
    told.outcome.action = Action::Deny;
    assert!(covers(&[one], &told, NOW).is_none());
}

#[test]
fn a_host_holds_the_same() {
    let one = Suppression { stops: true, ..suppression(Some("r*"), &[("title", "to*")]) };
    let held = one.for_host();
    let told = alert("a", &["r1"], "/opt/backup.sh");
    assert!(held.stops && held.fits_rule("r1") && held.fits_event(&told.event, &told.title));
    assert!(held.holds_at(NOW) && !held.holds_at(held.expires));
    assert!(!held.fits_event(&told.event, "another"));
}
