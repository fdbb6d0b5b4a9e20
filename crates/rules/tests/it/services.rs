//! Rules for one service's lines, over what the agent reads of the system log.

use event::{Column, Row};
use rules::RuleSet;
use std::sync::Arc;

fn said(action: &str, program: &str, facility: &str, message: &str) -> Row {
    let mut row = Row::default();
    row.set_text(Column::Action, action);
    // Who wrote the line, and when, are known too; keywords are not looked for there.
    row.set_text(Column::ProcessCommandLine, "/usr/sbin/daemon --keyword");
    for (name, value) in [
        ("log_program", program),
        ("log_facility", facility),
        ("log_source", "journal"),
        ("log_writer", "confirmed"),
        ("message", message),
    ] {
        row.labels.insert(name.to_owned(), value.to_owned());
    }
    row
}

fn fires(logsource: &str, keyword: &str, row: &Row) -> bool {
    let rule = format!(
        "title: a\nid: 6a7f2d0e-8a3c-4c6b-9f0e-0d8f3b1f2a11\nlogsource: {logsource}\n\
         detection: {{keywords: ['{keyword}'], condition: keywords}}\nlevel: low\n"
    );
    let (rules, report) = RuleSet::compile([("a.yml".to_owned(), rule)]);
    assert_eq!(report.usable, 1, "{report:?}");
    let found = Arc::new(rules).matcher().find(row);
    assert!(found.iter().all(|finding| !finding.detail.is_empty() && !finding.matched.is_empty()), "{found:?}");
    !found.is_empty()
}

#[test]
fn a_rule_hears_its_own_service_only() {
    let check = |service: &str, row: &Row, expected: bool| {
        let logsource = format!("{{product: linux, service: {service}}}");
        assert_eq!(fires(&logsource, "REPLACE", row), expected, "{service}: {:?}", row.labels);
    };
    let message = "(root) replace (root)";
    let of = |program: &str, facility: &str| said("log-message", program, facility, message);
    check("sshd", &of("sudo", "auth"), false);
    check("sshd", &of("sshd-session", "auth"), true);
    check("cron", &of("crontab", "cron"), true);
    check("cron", &of("CRON", "other"), true);
    check("cron", &of("sshd", "cron"), false);
    check("auth", &of("anything", "auth"), true);
    check("auth", &of("sshd", "other"), false);
    check("sudo", &said("user-elevate", "sudo", "auth", message), true);
    check("su", &of("sudo", "auth"), false);
    check("pam", &of("sshd", "auth"), false);
    check("pam", &said("session-open", "sshd", "auth", "pam_unix(sshd:session): replace"), true);
    check("syslog", &of("named", "other"), true);
    check("named", &of("named", "other"), true);
    check("vsftpd", &of("named", "other"), false);
    check("kernel", &of("kernel", "kernel"), true);
    check("clamav", &of("clamd", "other"), true);
    check("guacamole", &of("guacd", "other"), true);
    check("auditd", &of("auditd", "other"), false);
}

#[test]
fn a_rule_without_a_service_reads_every_log_and_nothing_else() {
    let any = |keyword: &str, row: &Row| fires("{product: linux}", keyword, row);
    assert!(any("stack smashing", &said("log-message", "x", "other", "*** stack smashing detected ***")));
    assert!(any("*promiscuous mode", &said("log-message", "kernel", "kernel", "eth0: entered promiscuous mode")));
    assert!(
        any("networkd-dispatcher", &said("log-message", "networkd-dispatcher", "other", "x")),
        "the program counts"
    );
    assert!(!any("confirmed", &said("log-message", "x", "other", "y")), "who vouches for a line is no part of it");
    assert!(!any("--keyword", &said("log-message", "x", "other", "y")), "nor is its writer's command line");
    let mut asked = said("web-request", "nginx", "", "");
    asked.labels.insert("user_agent_original".into(), "() { :; }; /bin/id".into());
    assert!(any("() { :; };", &asked));
    let mut start = said("process-exec", "x", "other", "stack smashing");
    start.set_text(Column::ProcessCommandLine, "stack smashing");
    assert!(!any("stack smashing", &start));
}

#[test]
fn fields_of_a_line_have_their_names() {
    let rule = "title: a\nid: 6a7f2d0e-8a3c-4c6b-9f0e-0d8f3b1f2a11\nlogsource: {product: linux, service: sudo}\n\
                detection: {a: {USER: '#-*', program: sudo, message|contains: COMMAND}, condition: a}\nlevel: high\n";
    let (rules, report) = RuleSet::compile([("a.yml".to_owned(), rule.to_owned())]);
    assert_eq!(report.usable, 1, "{report:?}");
    let mut matcher = Arc::new(rules).matcher();
    let mut row = said("user-elevate", "sudo", "auth", "ann : TTY=pts/0 ; USER=#-1 ; COMMAND=/bin/sh");
    row.labels.insert("user_target_name".into(), "#-1".into());
    assert_eq!(matcher.find(&row).len(), 1);
    row.labels.insert("user_target_name".into(), "root".into());
    assert!(matcher.find(&row).is_empty());
}
