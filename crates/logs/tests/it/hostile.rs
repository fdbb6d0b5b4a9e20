//! Logs that are damaged, or that somebody made to hurt: what is wrong is told, what is readable is read, nothing hangs.

use crate::data;
use crate::readers::read;
use logs::Format;
use proptest::prelude::*;

const HEADER: usize = 4096;
const CHUNK: usize = 65_536;

/// A real log of at least two chunks, from the test data.
fn sample() -> Option<Vec<u8>> {
    let folder = data::unpacked("evtx/evtx-attack-samples.tar.xz")?;
    let mut logs: Vec<Vec<u8>> = data::files(folder.path(), "evtx")
        .into_iter()
        .map(|path| std::fs::read(path).expect("readable"))
        .filter(|log| log.len() >= HEADER + 2 * CHUNK && &log[HEADER + CHUNK..HEADER + CHUNK + 8] == b"ElfChnk\0")
        .collect();
    logs.sort_by_key(Vec::len);
    logs.into_iter().next()
}

#[test]
fn a_damaged_event_log_says_so_and_gives_what_it_can() {
    let Some(log) = sample() else { return };
    let (whole, outcome) = read(&log, None);
    assert_eq!(outcome.fault_count, 0, "{outcome:?}");
    let check = |what: &str, log: &[u8], reason: &str, at_least: usize| {
        let (records, outcome) = read(log, Some(Format::Evtx));
        assert!(outcome.faults.iter().any(|fault| fault.reason.contains(reason)), "{what}: {outcome:?}");
        assert!(records.len() >= at_least && records.len() <= whole.len(), "{what}: {} records", records.len());
    };
    check("cut within a chunk", &log[..HEADER + CHUNK + CHUNK / 2], "the file ends in it", 1);
    check("cut within the header", &log[..100], "the header alone has", 0);
    let mut header = log.clone();
    header[HEADER + 48] ^= 0xff;
    check("a chunk's header changed", &header, "checksum is wrong", 1);
    let mut record = log.clone();
    record[HEADER + 512 + 300] ^= 0xff;
    check("a record changed", &record, "checksum is wrong", 1);
    let mut magic = log.clone();
    magic[HEADER..HEADER + 4].copy_from_slice(b"nope");
    check("a chunk without its magic", &magic, "", 1);
    let fewer = &log[..HEADER + CHUNK];
    check("a chunk gone", fewer, "the file holds", 1);
    // Offsets that lead back to themselves: strings, templates, and a record that claims to be as long as nothing.
    let mut looped = log.clone();
    for at in (HEADER + 128..HEADER + 512).step_by(4) {
        looped[at..at + 4].copy_from_slice(&512u32.to_le_bytes());
    }
    check("every string and template in one loop", &looped, "checksum is wrong", 0);
    let mut empty = log.clone();
    empty[HEADER + 516..HEADER + 520].copy_from_slice(&0u32.to_le_bytes());
    check("a record of no length", &empty, "checksum is wrong", 0);
}

#[test]
fn a_log_of_other_bytes_is_no_log() {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::io::Write::write_all(&mut file, b"MZ\0\0\0").expect("written");
    let error = logs::read(file.path(), None, &mut |_| std::ops::ControlFlow::Continue(())).unwrap_err();
    assert!(error.to_string().contains("no log that is known"), "{error}");
}

#[test]
fn what_is_too_much_is_told() {
    let check = |log: Vec<u8>, format, reason: &str| {
        let (_, outcome) = read(&log, Some(format));
        assert!(outcome.faults.iter().any(|fault| fault.reason.contains(reason)), "{:?}", outcome.faults);
    };
    check(vec![b'x'; logs::limits::LINE_BYTES + 10], Format::Syslog, "longer than");
    let deep = "{\"a\":".repeat(5_000) + "1" + &"}".repeat(5_000);
    check(deep.into_bytes(), Format::Json, "recursion limit");
    let wide = format!("{{\"a\": [{}1]}}\n", "1,".repeat(20_000));
    check(wide.into_bytes(), Format::Json, "more than 10000 values");
    let mut long = b"MESSAGE\n".to_vec();
    long.extend(u64::MAX.to_le_bytes());
    check(long, Format::Journal, "longer than the file");
    let lines = "type=PATH msg=audit(1.0:1): name=\"x\"\n".repeat(600);
    check(lines.into_bytes(), Format::Auditd, "an event of more than 512 lines");
    check(b"type=X nothing\n".to_vec(), Format::Auditd, "no audit record");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Whatever the bytes: no panic, and every line is a record, a fault or part of one.
    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..400), format in 0..5usize) {
        let formats = [Format::Evtx, Format::Json, Format::Auditd, Format::Journal, Format::Syslog];
        read(&bytes, Some(formats[format]));
    }

    #[test]
    fn any_text_is_read(text in "(type=(SYSCALL|EXECVE) msg=audit\\([0-9.]{0,5}:[0-9]{0,3}\\): |a[0-9]=|\"|'|=|[A-F0-9]{2,6}| |\u{1d}|é|Mar  3 1[0-9]:00:00 |<34>1 |\\[|\\]|: |\n|\\{\"a\":|\\}){0,40}", format in 1..5usize) {
        let formats = [Format::Evtx, Format::Json, Format::Auditd, Format::Journal, Format::Syslog];
        read(text.as_bytes(), Some(formats[format]));
    }
}
