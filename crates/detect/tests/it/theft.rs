//! Secrets that are gathered and carried away, and those who read many of them for good reasons.

use super::stream::Stream;
use event::{FileOp, Severity};

const SECRETS: [&str; 7] = [
    "/home/a/.ssh/id_ed25519",
    "/home/b/.aws/credentials",
    "/root/.kube/config.prod",
    "/srv/backup/shop.sql",
    "/srv/backup/users.dump",
    "/etc/shadow",
    "/root/.pgpass",
];

fn read(stream: &mut Stream, pid: u32, count: usize) {
    for path in &SECRETS[..count] {
        stream.wait(200).file(pid, FileOp::OpenRead, path);
    }
}

#[test]
fn three_by_a_program_of_nobodys_then_out() {
    let mut stream = Stream::new();
    stream.exec(10, 1, "/tmp/x", "./x");
    read(&mut stream, 10, 3);
    stream.connect(10, "203.0.113.9:443");
    stream.told(&["behaviour.theft"]);
    let finding = &stream.findings[0];
    assert_eq!(finding.severity, Severity::High);
    assert!(finding.detail.contains("connected to 203.0.113.9:443 after 3 secrets were read"), "{}", finding.detail);
}

/// A reader and a sender that one script starts.
#[test]
fn six_by_tools_of_a_script_then_out() {
    let mut stream = Stream::new();
    stream.exec(9, 1, "/usr/bin/bash", "bash gather.sh").exec(10, 9, "/usr/bin/tar", "tar cz");
    read(&mut stream, 10, 6);
    stream.exec(11, 9, "/usr/bin/curl", "curl -T").connect(11, "203.0.113.9:8443");
    stream.told(&["behaviour.theft"]);
}

#[test]
fn who_reads_few_or_talks_to_itself_or_much_later_is_no_thief() {
    let mut stream = Stream::new();
    stream.exec(10, 1, "/usr/bin/ssh", "ssh host");
    read(&mut stream, 10, 2);
    stream.connect(10, "203.0.113.9:22");
    stream.exec(20, 1, "/tmp/x", "./x");
    read(&mut stream, 20, 5);
    stream.connect(20, "127.0.0.1:5432");
    stream.exec(30, 1, "/tmp/y", "./y");
    read(&mut stream, 30, 5);
    stream.wait(600_000).connect(30, "203.0.113.9:443");
    stream.told(&[]);
}
