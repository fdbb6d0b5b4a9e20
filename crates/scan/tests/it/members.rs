//! What lies in archives: found there by name, and what could not be read is never clean.

use crate::world::{World, config, eicar, names, scanner, scanner_with};
use scan::{Limits, Verdict};
use std::io::{Cursor, Write as _};
use zip::write::SimpleFileOptions;
use zip::{AesMode, CompressionMethod, ZipWriter};

fn plain() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Stored)
}

fn zip(members: &[(&str, &[u8], SimpleFileOptions)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content, options) in members {
        zip.start_file(*name, *options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_finding_names_the_member_it_lies_in() {
    let world = World::new();
    let inner = zip(&[("docs/eicar.com", eicar().as_bytes(), plain())]);
    let outer = zip(&[("readme", b"nothing here", plain()), ("inner.zip", &inner, plain())]);
    let report = scanner().scan_path(&world.file("outer.zip", &outer));
    assert_eq!(report.verdict, Verdict::Malicious, "{report:?}");
    assert_eq!(report.members, 3);
    for finding in &report.findings {
        assert_eq!(finding.member.as_deref(), Some("inner.zip!docs/eicar.com"), "{finding:?}");
        assert!(finding.detail.starts_with("in inner.zip!docs/eicar.com: "), "{finding:?}");
    }
    let digests = ["hash:EICAR test file", "eicar:eicar_test_file"];
    assert!(digests.iter().all(|digest| names(&report).contains(digest)), "{report:?}");
}

#[test]
fn what_cannot_be_opened_is_incomplete_and_says_why() {
    let world = World::new();
    let scanner = scanner();
    let check = |name: &str, bytes: &[u8], expected: Verdict, why: &str| {
        let report = scanner.scan_path(&world.file(name, bytes));
        assert_eq!(report.verdict, expected, "{name}: {report:?}");
        assert!(report.note.as_deref().unwrap_or_default().contains(why), "{name}: {report:?}");
    };
    let good = zip(&[("a", b"nothing here", plain())]);
    check("good.zip", &good, Verdict::Clean, "");
    let secret = plain().with_aes_encryption(AesMode::Aes256, "x");
    check("secret.zip", &zip(&[("a", b"nothing here", secret)]), Verdict::Incomplete, "encrypted");
    let both = zip(&[("a", b"nothing here", secret), ("eicar", eicar().as_bytes(), plain())]);
    check("both.zip", &both, Verdict::Malicious, "encrypted");
    check("cut.zip", &good[..good.len() / 2], Verdict::Incomplete, "");
    let mut nested = good;
    for _ in 0..40 {
        nested = zip(&[("deeper.zip", &nested, plain())]);
    }
    check("deep.zip", &nested, Verdict::Incomplete, "nested deeper");
}

#[test]
fn many_members_are_seen_to_their_limit_and_no_further_in_silence() {
    let world = World::new();
    let limits = Limits { timeout: std::time::Duration::from_secs(120), ..config().limits };
    let scanner = scanner_with(&world, "rule a { strings: $a = \"needle\" condition: $a }", |c| c.limits = limits);
    let mut bytes = ZipWriter::new(Cursor::new(Vec::new()));
    for n in 0..3_000 {
        bytes.start_file(format!("{n}"), plain()).unwrap();
        bytes.write_all(if n == 2_999 { b"needle" } else { b"hay" }).unwrap();
    }
    let bytes = bytes.finish().unwrap().into_inner();
    let report = scanner.scan_path(&world.file("many.zip", &bytes));
    assert_eq!((report.verdict, report.members), (Verdict::Malicious, 3_000), "{report:?}");
    // The archive keeps it as it is, so the pattern stands in the file itself too.
    let members: Vec<_> = report.findings.iter().map(|finding| finding.member.as_deref()).collect();
    assert_eq!(members, [None, Some("2999")]);
}

#[test]
fn each_voice_says_what_it_said() {
    let world = World::new();
    let scanner = scanner();
    let ask = scan::Ask { explain: true, spare_model: Some("a test says so".into()), ..scan::Ask::default() };
    let report = scanner.scan_path_as(&world.file("x", "nothing"), &ask);
    let said: Vec<_> = report.voices.iter().map(|v| (v.engine.unwrap().name(), v.text.as_str())).collect();
    assert_eq!(said.last(), Some(&("model", "not asked, because a test says so")));
    assert!(said.iter().any(|(engine, text)| *engine == "hash" && text.contains("none of")), "{said:?}");
    assert!(scanner.scan_path(&world.file("y", "nothing")).voices.is_empty());
    let found = scanner.scan_path(&world.file("eicar", eicar()));
    let model = found.voices.iter().find(|v| v.engine == Some(event::Engine::Model)).unwrap();
    assert!(model.text.starts_with("not asked, because"), "{found:?}");
}
