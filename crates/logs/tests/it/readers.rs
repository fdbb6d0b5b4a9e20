//! Each form of log: text in, the fields that rules ask for out.

use logs::{Flat, Format, Outcome};
use std::io::Write as _;
use std::ops::ControlFlow;

pub fn read(bytes: &[u8], format: Option<Format>) -> (Vec<Flat>, Outcome) {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(bytes).expect("written");
    let mut records = Vec::new();
    let outcome = logs::read(file.path(), format, &mut |record| {
        records.push(record.clone());
        ControlFlow::Continue(())
    });
    (records, outcome.expect("a log"))
}

fn check(text: &str, expected: &[&[(&str, &str)]]) {
    let (records, outcome) = read(text.as_bytes(), None);
    assert_eq!(outcome.faults, [], "{text}");
    assert_eq!(records.len(), expected.len(), "{records:?}");
    for (record, fields) in records.iter().zip(expected) {
        for (name, value) in *fields {
            assert!(record.iter().any(|field| field == (*name, *value)), "{name}={value} is not in {record:?}");
        }
    }
}

#[test]
fn json_in_every_form() {
    check("{\"a\": 1}\n\n{\"a\": {\"b\": [true, \"x\"]}}\n", &[&[("a", "1")], &[("a.b", "true"), ("a.b", "x")]]);
    check("[{\"a\": 1.5}, {\"a\": null, \"c\": -3}]", &[&[("a", "1.5")], &[("c", "-3")]]);
    check("{\n \"a\": \"x\"\n}\n{\n \"a\": \"y\"\n}", &[&[("a", "x")], &[("a", "y")]]);
    check(
        "{\"winlog\":{\"channel\":\"Security\",\"event_id\":4688,\"event_data\":{\"NewProcessName\":\"x\"}}}",
        &[&[
            ("Channel", "Security"),
            ("EventID", "4688"),
            ("NewProcessName", "x"),
            ("winlog.event_data.NewProcessName", "x"),
        ]],
    );
    let (records, outcome) = read(b"{\"a\": 1}\n{\"a\": \n{\"a\": 3}\n", None);
    assert_eq!((records.len(), outcome.fault_count, outcome.faults[0].place.as_str()), (2, 1, "line 2"));
    assert_eq!(records[1].number, 3);
}

#[test]
fn windows_events() {
    let event = r##"{"Event":{"#attributes":{"xmlns":"x"},"System":{"Provider":{"#attributes":{"Name":"P"}},"EventID":{"#attributes":{"Qualifiers":1},"#text":4657},"TimeCreated":{"#attributes":{"SystemTime":"2026-03-11T05:55:53.5Z"}},"EventRecordID":9,"Channel":"Security","Computer":"c"},"EventData":{"ObjectName":"\\REGISTRY\\MACHINE\\SOFTWARE\\X","ObjectValueName":"V","NewValue":"1","NewValueType":"%%1876","Data":["a","b"]}}}"##;
    check(
        event,
        &[&[
            ("Provider_Name", "P"),
            ("EventID", "4657"),
            ("Data", "b"),
            ("TargetObject", r"HKLM\SOFTWARE\X\V"),
            ("Details", "DWORD (0x00000001)"),
        ]],
    );
    let (records, _) = read(event.as_bytes(), None);
    assert_eq!(records[0].time.map(|time| time.to_string()).as_deref(), Some("2026-03-11T05:55:53.500000000Z"));
    let traced = r##"{"Event":{"System":{"Provider":{"#attributes":{"Name":"RPC"}},"EventID":6,"Channel":null}}}"##;
    assert_eq!(read(traced.as_bytes(), None).0[0].origin, logs::Origin::Windows);
    let user = r##"{"Event":{"System":{"EventID":1149,"Channel":"T"},"UserData":{"EventXML":{"#attributes":{"xmlns":"y"},"Address":"10.0.0.1"}}}}"##;
    check(user, &[&[("Address", "10.0.0.1")]]);
}

#[test]
fn auditd_joins_the_lines_of_an_event() {
    let log = "type=SYSCALL msg=audit(1700000000.123:45): arch=c000003e syscall=59 success=yes pid=7 ppid=6 uid=1000 comm=\"sh\" exe=\"/usr/bin/dash\" key=\"x\"\u{1d}ARCH=x86_64 SYSCALL=execve UID=\"eve\"\n\
        type=SYSCALL msg=audit(1700000000.124:46): arch=c000003e syscall=42 exe=\"/usr/bin/nc\"\n\
        type=EXECVE msg=audit(1700000000.123:45): argc=3 a0=\"sh\" a1=\"-c\" a2=6563686F2068690A\n\
        type=CWD msg=audit(1700000000.123:45): cwd=\"/tmp\"\n\
        type=PATH msg=audit(1700000000.123:45): item=0 name=\"x.sh\" inode=1 nametype=CREATE\n\
        type=PROCTITLE msg=audit(1700000000.123:45): proctitle=7368002D63\n\
        type=SOCKADDR msg=audit(1700000000.124:46): saddr=0200115C0A000001\n\
        type=USER_CMD msg=audit(1700000001.0:47): pid=9 uid=0 msg='cwd=\"/root\" cmd=6C73202D6C terminal=pts/0 res=success'\n";
    check(
        log,
        &[
            &[
                ("type", "EXECVE"),
                ("type", "PATH"),
                ("SYSCALL", "execve"),
                ("syscall", "execve"),
                ("UID", "eve"),
                ("a2", "echo hi\n"),
                ("cmdline", "sh -c echo hi\n"),
                ("file", "/tmp/x.sh"),
                ("proctitle", "sh -c"),
            ],
            &[("addr", "10.0.0.1"), ("port", "4444"), ("syscall", "connect")],
            &[("cmd", "ls -l"), ("cwd", "/root"), ("res", "success")],
        ],
    );
}

#[test]
fn the_journals_export_holds_text_and_bytes() {
    let mut log = b"__CURSOR=s=1\n__REALTIME_TIMESTAMP=1700000000000000\nSYSLOG_IDENTIFIER=sshd\nMESSAGE\n".to_vec();
    log.extend(9u64.to_le_bytes());
    log.extend(b"two\nlines\n\n__CURSOR=s=2\n__REALTIME_TIMESTAMP=1700000001000000\nMESSAGE=x\n_COMM=cron\n\n");
    let (records, outcome) = read(&log, None);
    assert_eq!((records.len(), outcome.fault_count), (2, 0), "{outcome:?}");
    assert_eq!((records[0].get("program"), records[0].get("message")), (Some("sshd"), Some("two\nlines")));
    assert_eq!(records[1].get("program"), Some("cron"));
    assert_eq!(records[0].time.map(|time| time.nanos()), Some(1_700_000_000_000_000_000));
    check(
        "{\"__REALTIME_TIMESTAMP\":\"1700000000000000\",\"MESSAGE\":\"m\",\"SYSLOG_IDENTIFIER\":\"sudo\"}",
        &[&[("program", "sudo"), ("message", "m")]],
    );
}

#[test]
fn linux_rules_meet_linux_logs() {
    let rule = |source: &str, detection: &str| {
        format!(
            "title: t\nid: t\nlogsource: {{product: linux, {source}}}\ndetection: {{s: {detection}, condition: s}}\n"
        )
    };
    let fires = |rule: String, log: &str, expected: usize| {
        let views = rules::shipped::views().expect("sound");
        let options = rules::Options { views, ..rules::Options::default() };
        let (set, report) = rules::RuleSet::compile_foreign([("t.yml".to_owned(), rule.clone())], &options);
        assert_eq!(report.usable, 1, "{report:?}");
        let mut matcher = std::sync::Arc::new(set).matcher();
        let (records, _) = read(log.as_bytes(), None);
        let hits: usize = records.iter().map(|record| matcher.find(record, record.origin.source()).len()).sum();
        assert_eq!(hits, expected, "{rule} on {log}");
    };
    let audit = "type=SYSCALL msg=audit(1.0:1): syscall=59 exe=\"/usr/bin/nc\"\ntype=EXECVE msg=audit(1.0:1): argc=2 a0=\"nc\" a1=\"-e\"\n";
    fires(rule("service: auditd", "{type: EXECVE, a1: '-e'}"), audit, 1);
    fires(rule("category: process_creation", "{Image|endswith: /nc, CommandLine|contains: ' -e'}"), audit, 1);
    fires(rule("category: file_event", "{Image|endswith: /nc}"), audit, 0);
    fires(rule("service: sshd", "{Image: x}"), audit, 0);
    let lines = "Mar  3 10:00:00 web sshd[1]: Failed password\nMar  3 10:00:01 web cron[2]: Failed password\n";
    fires(rule("service: sshd", "['failed password']"), lines, 1);
    fires(rule("service: auth", "['failed password']"), lines, 2);
    fires(rule("service: auditd", "['failed password']"), lines, 0);
    let own =
        "{\"event_category\":\"process\",\"event_action\":\"process-exec\",\"process_executable\":\"/usr/bin/nc\"}";
    fires(rule("category: process_creation", "{Image|endswith: /nc}"), own, 1);
    fires(rule("category: process_creation", "{Image|endswith: /ncat}"), own, 0);
}
