//! Compressed streams: what tools write, several in one, bytes behind the end.

use crate::samples::{gzip, noise, shell, tar, words};
use crate::seen::see;
use unpack::{Oddity, Reason};

const TOOLS: &[(&str, &str)] = &[
    ("gzip", "gzip -c"),
    ("bzip2", "bzip2 -c"),
    ("xz", "xz -c"),
    ("xz", "xz --format=lzma -c"),
    ("xz", "xz -9 --block-size=20000 -c"),
    ("xz", "xz --x86 --lzma2 -c"),
    ("zstd", "zstd -q -c"),
    ("zstd", "zstd -q -19 --long=25 -c"),
    ("lz4", "lz4 -q -c"),
    ("lz4", "lz4 -q -9 -BD -c"),
    ("lz4", "lz4 -q -l -c"),
    ("lzip", "lzip -c"),
];

#[test]
fn lz4_frames_with_blocks_of_different_sizes() {
    let content = noise(300_000);
    let line = "lz4 -q -B6 -c a > o; lz4 -q -B4 -c b >> o; lz4 -q -B5 -BD -c a >> o";
    let Some(bytes) = shell("lz4", &[("a", &content[..]), ("b", &words(200_000))], line, "o") else { return };
    let seen = see(&bytes);
    assert!(seen.outcome.complete(), "{:?}", seen.outcome);
    assert!(seen.members[0].bytes == [&content[..], &words(200_000), &content].concat());
}

#[test]
fn reads_what_each_tool_writes() {
    let content = [words(300_000), noise(20_000)].concat();
    for (program, line) in TOOLS {
        let Some(bytes) = shell(program, &[("x", &content)], &format!("{line} x > o"), "o") else { continue };
        let seen = see(&bytes);
        assert!(seen.outcome.complete(), "{line}: {:?}", seen.outcome);
        assert_eq!(seen.bytes(&seen.members[0].path), content, "{line}");
        // Whatever the place, a cut is said, and what came before it is given.
        for cut in (20..bytes.len()).step_by(bytes.len() / 23) {
            let seen = see(&bytes[..cut]);
            assert!(!seen.outcome.complete(), "{line} cut at {cut} of {}", bytes.len());
        }
    }
}

#[test]
fn reads_what_compress_writes() {
    // Long enough that the table is filled, and cleared.
    let content = [words(400_000), noise(300_000), words(200_000)].concat();
    let Some(bytes) = shell("bsdtar", &[("x", &content)], "bsdtar -cZf o x", "o") else { return };
    assert_eq!(unpack::kind(&bytes), unpack::Kind::Compress);
    let seen = see(&bytes);
    assert_eq!(seen.bytes("f!data!x"), content);
    assert!(seen.outcome.complete(), "{:?}", seen.outcome);
    assert!(!see(&bytes[..bytes.len() / 2]).outcome.complete());
}

#[test]
fn reads_streams_one_after_the_other() {
    for (program, line) in TOOLS {
        let line = format!("({line} x; {line} y) > o");
        // These cannot follow each other: the one has no end, the other's library takes the next magic for a size, and says so.
        if line.contains("lzma") || line.contains("-l ") {
            continue;
        }
        let Some(bytes) = shell(program, &[("x", b"one and "), ("y", b"two")], &line, "o") else { continue };
        let seen = see(&bytes);
        assert!(seen.outcome.complete(), "{line}: {:?}", seen.outcome);
        assert_eq!(seen.members[0].bytes, b"one and two", "{line}");
    }
}

#[test]
fn what_hangs_behind_a_gzip_is_looked_at() {
    let seen = see(&[gzip(b"front"), b"#!/bin/sh\n: behind\n".to_vec()].concat());
    assert_eq!(seen.bytes("f!data"), b"front");
    assert_eq!(seen.bytes("f!(trailing)"), b"#!/bin/sh\n: behind\n");
    assert_eq!(seen.outcome.odd[0].oddity, Oddity::TrailingData);
    assert!(seen.outcome.complete());
    // A container behind it is opened; zeros are padding.
    let seen = see(&[gzip(b"front"), vec![0; 700], tar(&[("a", b"inner")])].concat());
    assert_eq!(seen.bytes("f!(trailing)!a"), b"inner");
    see(&[gzip(b"front"), vec![0; 700]].concat()).whole(&[("f!data", b"front")]);
}

#[test]
fn garbage_behind_the_others_is_never_silent() {
    for (program, line) in &TOOLS[1..] {
        let line = format!("({line} x; echo garbage that is no stream) > o");
        if line.contains("lzma") || line.contains("-l ") {
            continue;
        }
        let Some(bytes) = shell(program, &[("x", b"front")], &line, "o") else { continue };
        let seen = see(&bytes);
        assert_eq!(seen.members[0].bytes, b"front", "{line}");
        assert!(!seen.outcome.complete() || !seen.outcome.odd.is_empty(), "{line}");
    }
}

#[test]
fn a_wrong_checksum_is_said() {
    let mut bytes = gzip(&words(5_000));
    let at = bytes.len() - 6;
    bytes[at] ^= 1;
    let seen = see(&bytes);
    assert_eq!(seen.members[0].bytes, words(5_000));
    assert_eq!(seen.reasons(), [Reason::Damaged]);
}

#[test]
fn a_dictionary_of_a_gibibyte_is_refused() {
    let Some(bytes) = shell("xz", &[("x", b"small")], "xz --lzma2=dict=1GiB -c x > o", "o") else { return };
    assert_eq!(see(&bytes).reasons(), [Reason::Memory]);
}
