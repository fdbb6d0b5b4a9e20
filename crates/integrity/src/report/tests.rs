//! One week in all its forms.

use super::*;
use crate::told::Who;

fn week() -> Report {
    let judge = Judge::new(&verdict::Integrity::default());
    let told = [
        Told {
            time: Timestamp(1_000_000_000),
            what: "modify".into(),
            path: "/etc/sudoers".into(),
            severity: Severity::High,
            rule: Some("integrity.sudo".into()),
            why: "no package manager did it".into(),
            who: Some(Who {
                executable: "/usr/bin/vim".into(),
                user: Some("root".into()),
                login: Some("ann".into()),
                ..Who::default()
            }),
            ..Told::default()
        },
        Told { what: "expected".into(), files: 20_000, ..Told::default() },
    ];
    let after = crate::Facts { mode: 0o4755, ..crate::Facts::default() };
    let found = crate::Found {
        differences: crate::check::difference(b"/usr/bin/<x>".to_vec(), None, Some(after)).into_iter().collect(),
        ..crate::Found::default()
    };
    let inputs = Inputs { host: "web1".into(), told: &told, found: Some(&found), ..Inputs::default() };
    report(View::Pci, &judge, &inputs)
}

#[test]
fn requirements_show_their_changes() {
    let report = week();
    assert_eq!(report.expected, 20_000);
    assert_eq!((report.changes.len(), report.by_user["ann"]), (1, 1));
    let section = |id: &str| report.sections.iter().find(|one| one.id == id).unwrap();
    assert_eq!((section("7.2.1").changes, section("7.2.1").highest), (1, Some(Severity::High)));
    assert_eq!(section("8.3.2").changes, 0);
    assert_eq!(report.differences[0].rule, "integrity.set-uid");
    let ids: Vec<&str> = report.sections.iter().map(|one| one.id.as_str()).collect();
    assert!(ids.iter().position(|id| *id == "8.2.4") < ids.iter().position(|id| *id == "10.3.4"), "{ids:?}");
}

#[test]
fn every_form_tells_the_same() {
    let report = week();
    let text = text(&report);
    assert!(text.contains("20000 expected") && text.contains("/etc/sudoers by /usr/bin/vim, user ann"), "{text}");
    let csv = csv(&report);
    assert_eq!(csv.lines().count(), 3, "{csv}");
    assert!(csv.contains("7.2.1 10.2.1.5 11.5.2"), "{csv}");
    let html = html(&report);
    assert!(html.contains("/usr/bin/&lt;x&gt;") && !html.contains("<x>"), "{html}");
    assert!(pdf(&report).starts_with(b"%PDF"));
}
