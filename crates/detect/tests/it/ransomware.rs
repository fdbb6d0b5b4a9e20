//! Files that are turned, in each of the ways that ransomware does it, within ten files.

use super::stream::Stream;
use event::{Action, Severity};

const KINDS: [&str; 5] = ["docx", "pdf", "jpg", "xlsx", "sql"];

fn documents(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|n| format!("/home/u/d{}/file{n}.{}", n % 3, KINDS[n % KINDS.len()]))
}

fn lone() -> Stream {
    let mut stream = Stream::new();
    stream.exec(10, 1, "/home/u/x", "./x");
    stream
}

#[test]
fn written_then_renamed() {
    let mut stream = lone();
    documents(10).for_each(|path| {
        stream.overwrite(10, &path).rename(10, &path, &format!("{path}.q7fz"));
    });
    stream.told(&["ransomware.burst"]);
    let finding = &stream.findings[0];
    assert_eq!((finding.severity, finding.asks), (Severity::Critical, Some(Action::Kill)));
    assert!(finding.detail.contains("turned 6 files of 5 kinds in 3 folders into *.q7fz"), "{}", finding.detail);
}

#[test]
fn renamed_then_written() {
    let mut stream = lone();
    documents(10).for_each(|path| {
        stream.rename(10, &path, &format!("{path}.q7fz")).overwrite(10, &format!("{path}.q7fz"));
    });
    stream.told(&["ransomware.burst"]);
}

#[test]
fn copied_and_deleted() {
    let mut stream = lone();
    documents(10).for_each(|path| {
        stream.create(10, &format!("{path}.locked")).unlink(10, &path);
    });
    stream.told(&["ransomware.burst"]);
}

#[test]
fn a_shell_loop_of_short_programs() {
    let mut stream = Stream::new();
    stream.exec(10, 1, "/usr/bin/bash", "bash crypt.sh");
    for (n, path) in documents(10).enumerate() {
        let pid = 20 + 2 * n as u32;
        stream.exec(pid, 10, "/usr/bin/openssl", "openssl enc").create(pid, &format!("{path}.enc"));
        stream.exec(pid + 1, 10, "/usr/bin/rm", "rm").unlink(pid + 1, &path);
    }
    stream.told(&["ransomware.burst"]);
}

#[test]
fn one_kind_of_file_takes_eight() {
    let mut stream = lone();
    (0..10).for_each(|n| {
        let path = format!("/tmp/t/document-{n}.txt");
        stream.overwrite(10, &path).rename(10, &path, &format!("{path}.encrypted"));
    });
    stream.told(&["ransomware.burst"]);
    assert!(stream.findings[0].detail.contains("turned 8 files of 1 kinds"), "{}", stream.findings[0].detail);
}

#[test]
fn a_note_makes_three_enough() {
    let mut stream = lone();
    stream.create(10, "/home/u/HOW_TO_DECRYPT.txt");
    documents(3).for_each(|path| {
        stream.overwrite(10, &path).rename(10, &path, &format!("{path}.zz9"));
    });
    stream.told(&["ransomware.burst"]);
    assert!(stream.findings[0].detail.contains("it left /home/u/HOW_TO_DECRYPT.txt"), "{}", stream.findings[0].detail);
}

#[test]
fn another_extension_for_each_file() {
    let mut stream = lone();
    for (n, path) in documents(10).enumerate() {
        stream.overwrite(10, &path).rename(10, &path, &format!("{path}.k{n}qz"));
    }
    stream.told(&["ransomware.burst"]);
}

#[test]
fn documents_overwritten_in_place() {
    let mut stream = lone();
    documents(30).for_each(|path| {
        stream.overwrite(10, &path);
    });
    stream.told(&["ransomware.overwrite"]);
}

#[test]
fn slow_turning_is_not_a_burst() {
    let mut stream = lone();
    documents(10).for_each(|path| {
        stream.wait(15_000).overwrite(10, &path).rename(10, &path, &format!("{path}.q7fz"));
    });
    stream.told(&[]);
}
