//! Rules about members of containers (`.cdb`), about what a file lies in (`.ldb`) and lists of what is allowed, against clamscan on the
//! same archives. Skipped, aloud, where it is not installed.

use crate::world::{World, config};
use md5::Digest as _;
use scan::{ScanConfig, Scanner};
use std::collections::BTreeSet;
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::process::Command;
use zip::write::SimpleFileOptions;
use zip::{AesMode, CompressionMethod, ZipWriter};

fn zip(members: &[(&str, &[u8], SimpleFileOptions)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content, options) in members {
        zip.start_file(*name, *options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in members {
        let mut header = [0u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[100..108].copy_from_slice(b"0000644\0");
        header[108..124].copy_from_slice(b"0000000\x000000000\0");
        header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
        header[136..148].copy_from_slice(b"00000000000\0");
        header[156] = b'0';
        header[257..265].copy_from_slice(b"ustar\x0000");
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        out.extend(header);
        out.extend(*content);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}

/// File name and rule of every hit of clamscan; None where it is not installed.
fn clamscan(rules: &Path, files: &Path) -> Option<BTreeSet<(String, String)>> {
    let out = Command::new("clamscan")
        .args(["--allmatch", "--no-summary", "--infected", "--recursive", "-d"])
        .args([rules, files])
        .output()
        .ok()?;
    assert_ne!(out.status.code(), Some(2), "clamscan: {}", String::from_utf8_lossy(&out.stderr));
    let text = String::from_utf8_lossy(&out.stdout);
    let hits = text.lines().filter_map(|line| {
        let (path, rest) = line.rsplit_once(": ")?;
        let name = rest.strip_suffix(" FOUND")?.trim_end_matches(".UNOFFICIAL");
        Some((Path::new(path).file_name()?.to_string_lossy().into_owned(), name.to_owned()))
    });
    Some(hits.collect())
}

fn compare(databases: &[(&str, String)], files: &[(&str, &[u8])]) {
    let world = World::new();
    for (name, text) in databases {
        world.file(format!("rules/{name}"), text);
    }
    let database = world.path("rules");
    for (name, bytes) in files {
        world.file(format!("files/{name}"), bytes);
    }
    let Some(theirs) = clamscan(&database, &world.path("files")) else {
        eprintln!("skipped: clamscan is not installed");
        return;
    };
    let config = ScanConfig { signatures: vec![database], builtin: false, ..config() };
    let scanner = Scanner::start(config).unwrap();
    let mut ours = BTreeSet::new();
    for (name, _) in files {
        let report = scanner.scan_path(&world.path(format!("files/{name}")));
        ours.extend(report.findings.into_iter().map(|finding| ((*name).to_owned(), finding.name)));
    }
    let missed: Vec<_> = theirs.difference(&ours).collect();
    let more: Vec<_> = ours.difference(&theirs).collect();
    assert!(missed.is_empty() && more.is_empty(), "only clamscan: {missed:?}\nonly Tamon: {more:?}");
    assert!(!ours.is_empty(), "nothing was found at all");
}

#[test]
fn members_by_name_size_place_and_encryption() {
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let secret = stored.with_aes_encryption(AesMode::Aes256, "x");
    let long = vec![b'a'; 150];
    let first = zip(&[("first.txt", b"a few words", stored), ("evil.exe", &long, stored)]);
    let second = zip(&[("sub/evil.exe", &long, stored), ("EVIL.EXE.txt", b"x", stored), ("last.js", b"a = 1", stored)]);
    let locked = zip(&[("open.txt", b"words", stored), ("closed.txt", b"words", secret)]);
    let nested = zip(&[("inner.zip", &first, stored), ("padding", &vec![0; 900], stored)]);
    let tape = tar(&[("run.sh", b"#!/bin/sh\necho\n"), ("d/page.js", b"a = 1"), ("evil.exe", &long)]);
    let rules = [
        "c1:CL_TYPE_ZIP:*:evil\\.exe$:*:*:*:*:*:*",
        "c2:CL_TYPE_ZIP:*:*:*:*:1:*:*:*",
        "c3:*:*:\\.js$:*:*:*:*:*:*",
        "c4:CL_TYPE_ZIP:*:*:*:100-200:*:*:*:*",
        "c5:CL_TYPE_ZIP:*:*:1-60:*:0:*:*:*",
        "c6:CL_TYPE_ZIP:1-600:^first:*:*:*:*:*:*",
        "c7:CL_TYPE_ZIP:*:*:*:*:*:1:*:*",
        "c8:CL_TYPE_ZIP:*:*:*:*:*:2:*:*",
        "c9:CL_TYPE_ZIP:*:*:*:*:*:3:*:*",
        "c10:CL_TYPE_POSIX_TAR:*:*:*:*:*:1:*:*",
        "c11:CL_TYPE_POSIX_TAR:*:*:*:*:*:3:*:*",
        "c12:CL_TYPE_POSIX_TAR:*:\\.sh$:*:5-50:*:*:*:*",
        "c13:CL_TYPE_POSIX_TAR:*:evil:150:150:0:*:*:*",
        "c14:CL_TYPE_ZIP:*:*:*:150:*:*:*:*",
        "c15:CL_TYPE_ZIP:1000-0:*:*:*:*:*:*:*",
        "c16:CL_TYPE_ANY:*:page:*:*:*:*:*:*",
        "c17:CL_TYPE_ZIP:*:^EVIL:*:*:*:*:*:*",
        "c18:CL_TYPE_ZIP:*:*:*:0-5:*:*:*:*",
        "c19:CL_TYPE_GZ:*:*:*:*:*:*:*:*",
        "c20:CL_TYPE_ZIP:*:(first|last)\\.(txt|js):*:*:*:*:*:*:60:255",
        "c21:CL_TYPE_ZIP:*:nothing of that name:*:*:*:*:*:*",
    ];
    compare(
        &[("t.cdb", rules.join("\n"))],
        &[
            ("first.zip", &first),
            ("second.zip", &second),
            ("locked.zip", &locked),
            ("nested.zip", &nested),
            ("tape.tar", &tape),
        ],
    );
}

#[test]
fn what_a_file_lies_in_and_what_is_allowed() {
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    // Bytes that no type is told from.
    let marked = [&[0, 1, 2, 3, 0xfe, 0xff, 0, 0][..], &b"marker ".repeat(20)].concat();
    let other = [&[0, 1, 2, 3, 0xfe, 0xff, 0, 1][..], &b"marker ".repeat(20)].concat();
    let once = zip(&[("a.bin", &marked, stored)]);
    let twice = zip(&[("once.zip", &once, stored)]);
    let thrice = zip(&[("twice.zip", &twice, stored)]);
    let tape = tar(&[("once.zip", &once)]);
    let boxed = zip(&[("t.tar", &tar(&[("a.bin", &marked)]), stored)]);
    let good = zip(&[("b.bin", &other, stored)]);
    let around = zip(&[("good.zip", &good, stored)]);
    let mixed = zip(&[("good.zip", &good, stored), ("a.bin", &marked, stored)]);
    let marker = hex::encode("marker");
    let asked = [
        "Container:CL_TYPE_ZIP",
        "Container:CL_TYPE_POSIX_TAR",
        "Container:CL_TYPE_ANY",
        "Intermediates:CL_TYPE_ZIP>CL_TYPE_ZIP",
        "Intermediates:CL_TYPE_ZIP>CL_TYPE_POSIX_TAR",
        "Intermediates:CL_TYPE_POSIX_TAR>CL_TYPE_ZIP",
        "Intermediates:CL_TYPE_ANY>CL_TYPE_ZIP",
        "Intermediates:CL_TYPE_ZIP>CL_TYPE_ANY>CL_TYPE_ZIP",
        "FileSize:140-160",
    ];
    let ldb: Vec<String> =
        asked.iter().enumerate().map(|(n, what)| format!("i{n};Engine:81-255,Target:0,{what};0;{marker}")).collect();
    let md5 = hex::encode(md5::Md5::digest(&good));
    compare(
        &[("t.ldb", ldb.join("\n")), ("t.fp", format!("{md5}:{}:good", good.len()))],
        &[
            ("plain.bin", &marked),
            ("once.zip", &once),
            ("twice.zip", &twice),
            ("thrice.zip", &thrice),
            ("tape.tar", &tape),
            ("boxed.zip", &boxed),
            ("good.zip", &good),
            ("around.zip", &around),
            ("mixed.zip", &mixed),
        ],
    );
}
