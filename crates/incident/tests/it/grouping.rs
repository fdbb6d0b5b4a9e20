//! Which alerts become one incident, and which must not.

use crate::world::*;
use event::{Alert, Severity};
use incident::{Correlator, IncidentStatus, Join, Limits};

/// Feeds the alerts; expects these incidents and reasons, one word an alert: `1:New 1:Lineage 2:New`.
fn check(alerts: Vec<Told>, expected: &str) {
    let mut correlator = Correlator::new(Limits::default(), 1);
    let got: Vec<String> = alerts
        .iter()
        .map(|told| correlator.observe(&told.0))
        .map(|joined| format!("{}:{:?}", joined.incident.as_str().trim_start_matches("INC-"), joined.join))
        .collect();
    assert_eq!(got.join(" "), expected);
}

#[test]
fn one_self_test_under_one_shell_is_one_attack() {
    let tool = below(p(2000, "/usr/bin/tamon", "tamon selftest"), &login(1));
    let step = |pid, name: &str| below(p(pid, name, name), &tool);
    let alerts = vec![
        told("a", 0, "T1059.004", "process-exec", step(2001, "/usr/bin/sh")),
        told("b", 5, "T1496", "network-connect", step(2002, "/tmp/x/miner")),
        told("c", 9, "T1486", "file-rename", step(2003, "/usr/bin/python3")),
        told("d", 10, "T1070.002", "kernel-log-clear", step(2004, "/usr/bin/dmesg")),
    ];
    check(alerts, "1:New 1:Lineage 1:Lineage 1:Lineage");
}

#[test]
fn two_logins_are_two_attacks() {
    let alerts = vec![
        told("a", 0, "T1105", "process-exec", below(p(2000, "/usr/bin/curl", "curl -O http://x"), &login(1))),
        told("b", 5, "T1105", "process-exec", below(p(2100, "/usr/bin/wget", "wget http://y"), &login(2))),
    ];
    check(alerts, "1:New 2:New");
}

#[test]
fn commands_typed_at_one_shell_are_one_attack_within_half_an_hour() {
    let typed = |pid, program: &str| below(p(pid, program, program), &login(1));
    let alerts = vec![
        told("a", 0, "T1105", "process-exec", typed(2000, "/usr/bin/curl")),
        told("b", 600, "T1222", "process-exec", typed(2001, "/usr/bin/chmod")),
        told("c", 600 + 3600, "T1105", "process-exec", typed(2002, "/usr/bin/curl")),
    ];
    check(alerts, "1:New 1:Origin 2:New");
}

#[test]
fn a_web_server_broken_into_twice_is_one_story() {
    let nginx = [p(812, "/usr/sbin/nginx", "nginx: worker"), p(811, "/usr/sbin/nginx", "nginx: master"), init()];
    let alerts = vec![
        told("a", 0, "T1505.003", "process-exec", below(p(900, "/usr/bin/sh", "sh -c id"), &nginx)),
        told("b", 60, "T1505.003", "process-exec", below(p(901, "/usr/bin/sh", "sh -c 'curl x'"), &nginx)),
    ];
    check(alerts, "1:New 1:Origin");
}

#[test]
fn services_share_nothing_by_hanging_under_init() {
    let service = |pid, name: &str| below(p(pid + 1, "/usr/bin/sh", "sh -c x"), &[p(pid, name, name), init()]);
    let alerts = vec![
        told("a", 0, "T1059.004", "process-exec", service(800, "/usr/sbin/nginx")),
        told("b", 1, "T1059.004", "process-exec", service(900, "/usr/sbin/mysqld")),
    ];
    check(alerts, "1:New 2:New");
}

#[test]
fn a_file_written_by_one_and_run_by_another_joins_them() {
    let cron = [p(300, "/usr/sbin/cron", "/usr/sbin/cron -f"), init()];
    let alerts = vec![
        told("a", 0, "T1105", "file-write-close", below(p(2000, "/usr/bin/curl", "curl"), &login(1)))
            .file("/opt/.x/run"),
        told("b", 7200, "T1496", "process-exec", below(p(3000, "/opt/.x/run", "/opt/.x/run"), &cron)),
        told("c", 7300, "T1496", "process-exec", below(p(3001, "/usr/bin/sh", "/bin/sh -c /opt/.x/run"), &cron)),
    ];
    check(alerts, "1:New 1:File 1:File");
}

#[test]
fn one_foreign_program_on_two_hosts_is_one_attack() {
    let foreign = |pid| {
        let mut process = p(pid, "/tmp/payload", "/tmp/payload");
        process.sha256 = Some("ab".repeat(32));
        below(process, &login(pid))
    };
    let alerts = vec![
        told("a", 0, "T1204", "process-exec", foreign(70)),
        told("b", 60, "T1204", "process-exec", foreign(71)).on("host-2"),
    ];
    check(alerts, "1:New 1:Digest");
}

#[test]
fn packaged_programs_join_nothing_by_their_digest() {
    let usual = |pid| {
        let mut process = p(pid, "/usr/bin/curl", "curl");
        process.sha256 = Some("cd".repeat(32));
        below(process, &login(pid))
    };
    let alerts = vec![
        told("a", 0, "T1105", "process-exec", usual(70)),
        told("b", 1, "T1105", "process-exec", usual(71)).on("host-2"),
    ];
    check(alerts, "1:New 2:New");
}

#[test]
fn a_job_that_comes_again_is_the_same_story() {
    let cron = [p(300, "/usr/sbin/cron", "cron"), init()];
    let job = |pid| below(p(pid, "/usr/bin/sh", "/bin/sh -c /etc/backup"), &cron);
    let alerts = (0..3).map(|n| told(&format!("a{n}"), i64::from(n) * 300, "T1059.004", "process-exec", job(4000 + n)));
    check(alerts.collect(), "1:New 1:Habit 1:Habit");
}

#[test]
fn alerts_without_a_process_gather_by_host_and_rule() {
    let alerts = vec![
        told("a", 0, "T1562", "sensor-loss", Vec::new()),
        told("b", 9, "T1562", "sensor-loss", Vec::new()),
        told("c", 9, "T1562", "sensor-loss", Vec::new()).on("host-2"),
    ];
    check(alerts, "1:New 1:Habit 2:New");
}

#[test]
fn an_alert_about_init_itself_does_not_gather_the_whole_host() {
    let under = |pid| below(p(pid + 1, "/usr/bin/sh", "sh -c x"), &[p(pid, "/usr/sbin/nginx", "nginx"), init()]);
    let alerts = vec![
        told("a", 0, "T1543.002", "file-create", vec![init()]).severity(Severity::Low),
        told("b", 1, "T1059.004", "process-exec", under(800)),
    ];
    check(alerts, "1:New 2:New");
}

#[test]
fn a_resolved_incident_takes_no_more_alerts() {
    let mut correlator = Correlator::new(Limits::default(), 7);
    let alert = |id: &str| told(id, 0, "T1105", "process-exec", below(p(2000, "/usr/bin/curl", "curl"), &login(1))).0;
    let first = correlator.observe(&alert("a"));
    assert_eq!(first.incident.as_str(), "INC-7");
    correlator.set_status(&first.incident, IncidentStatus::Resolved, None, Some("done".into()), event::Timestamp(5));
    assert_eq!(correlator.observe(&alert("b")).incident.as_str(), "INC-8");
    correlator.set_status(&first.incident, IncidentStatus::Open, None, Some("again".into()), event::Timestamp(6));
    assert_eq!(correlator.observe(&alert("c")).incident.as_str(), "INC-7");
}

#[test]
fn replay_makes_the_same_state() {
    let alerts: Vec<Alert> = (0..4)
        .map(|n| {
            told(&format!("a{n}"), n, "T1105", "process-exec", below(p(2000, "/usr/bin/curl", "curl"), &login(1))).0
        })
        .collect();
    let mut live = Correlator::new(Limits::default(), 1);
    let id = alerts.iter().map(|alert| live.observe(alert).incident).last().unwrap();
    let mut rebuilt = Correlator::new(Limits::default(), 1);
    alerts.iter().chain(&alerts[..2]).for_each(|alert| rebuilt.replay(&id, alert));
    assert_eq!(live.incident(&id), rebuilt.incident(&id));
    assert_eq!(rebuilt.observe(&alerts[0]).join, Join::Lineage);
    let other = told("z", 0, "T1105", "process-exec", below(p(9, "/usr/bin/curl", "curl"), &login(9)));
    assert_eq!(rebuilt.observe(&other.0).incident.as_str(), "INC-2");
}

#[test]
fn state_stays_bounded() {
    let mut correlator = Correlator::new(Limits { incidents: 10, keys: 20 }, 1);
    for n in 0..500u32 {
        correlator.observe(
            &told(
                &n.to_string(),
                i64::from(n),
                "T1105",
                "process-exec",
                below(p(5000 + n, "/usr/bin/curl", "curl"), &login(n + 1)),
            )
            .0,
        );
    }
    assert_eq!(correlator.len(), 10);
    assert!(correlator.incident(&event::IncidentId::new("INC-1")).is_none());
    assert!(correlator.incident(&event::IncidentId::new("INC-500")).is_some());
}

/// A pid that comes round is another process: who waits for the number of an intruder is not taken for one, and who takes the
/// number of a backup does not make the backup a suspect.
#[test]
fn a_pid_that_came_round_frames_nobody() {
    let cron = [p(300, "/usr/sbin/cron", "/usr/sbin/cron -f"), init()];
    let intruder = below(p(2000, "/tmp/x", "/tmp/x"), &login(1));
    let mut later = p(2000, "/usr/bin/rsync", "rsync -a /srv /backup");
    later.entity_id = "boot-7d0-9".into();
    let alerts = vec![
        told("a", 0, "T1204.002", "process-exec", intruder.clone()),
        told("b", 60, "T1486", "file-rename", below(later.clone(), &cron)),
        told("c", 90, "T1003", "file-open-read", below(p(2001, "/usr/bin/cat", "cat /etc/shadow"), &intruder)),
    ];
    check(alerts, "1:New 2:New 1:Lineage");
    let alerts: Vec<Told> = vec![
        told("a", 0, "T1204.002", "process-exec", intruder.clone()),
        told("c", 90, "T1003", "file-open-read", below(p(2001, "/usr/bin/cat", "cat /etc/shadow"), &intruder)),
    ];
    let story = crate::telling::incident(&alerts);
    let seen = serde_json::to_string(&story).unwrap();
    assert!(seen.contains("/tmp/x") && !seen.contains("rsync"), "{seen}");
    let other = crate::telling::incident(&[told("b", 60, "T1486", "file-rename", below(later, &cron))]);
    let seen = serde_json::to_string(&other).unwrap();
    assert!(seen.contains("rsync") && !seen.contains("/tmp/x"), "{seen}");
}
