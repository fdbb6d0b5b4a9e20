//! ClamAV's own scanner on the same databases and the same files: it must say the same. Skipped, aloud, where it is not installed.

use crate::world::{World, world};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// File name and signature, of every hit of clamscan; None where it is not installed.
fn clamscan(world: &World, files: &Path) -> Option<BTreeSet<(String, String)>> {
    let out = Command::new("clamscan")
        .args(["--allmatch", "--no-summary", "--infected", "--recursive", "--scan-archive=no", "-d"])
        .arg(world.sources())
        .arg(files)
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

fn compare(databases: &[(&str, &str)], files: &[(&str, &[u8])]) {
    let world = world(databases);
    assert_eq!(world.report.rejected, []);
    let folder = world.folder.path().join("files");
    std::fs::create_dir(&folder).unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    let Some(theirs) = clamscan(&world, &folder) else {
        eprintln!("skipped: clamscan is not installed");
        return;
    };
    let ours: BTreeSet<(String, String)> = files
        .iter()
        .flat_map(|(name, bytes)| world.names(bytes).into_iter().map(|hit| ((*name).to_owned(), hit)))
        .collect();
    let missed: Vec<_> = theirs.difference(&ours).collect();
    let more: Vec<_> = ours.difference(&theirs).collect();
    assert!(missed.is_empty() && more.is_empty(), "only clamscan: {missed:?}\nonly Tamon: {more:?}");
    assert!(!ours.is_empty(), "nothing was found at all");
}

/// Bytes that no type is told from, so that nothing is normalised.
fn binary(text: &str) -> Vec<u8> {
    [&[0, 1, 2, 3, 0xfe, 0xff, 0, 0][..], text.as_bytes(), &[0, 0xff, 0, 1]].concat()
}

#[test]
fn bodies_and_logic_as_clamscan_has_them() {
    let ndb = [
        "b1:0:*:6162636465666768",
        "b2:0:*:61626364??666768",
        "b3:0:*:61626364*6c6d6e6f",
        "b4:0:*:61626364{2-4}6768696a",
        "b5:0:*:61626364{-3}65666768",
        "b6:0:*:61626364{3-}6c6d6e6f",
        "b7:0:*:6162(63|78)64656667",
        "b8:0:*:6162!(63|78)64656667",
        "b9:0:*:6162(6364|7879)65666768",
        "b10:0:*:61626364(6566|7a)6768",
        "b11:0:8:61626364",
        "b12:0:EOF-8,8:6d6e6f70",
        "b13:0:2,10:61626364",
        "b14:0:*:6162636?65666768",
        "b15:0:*:(B)66676869(B)",
        "b16:0:*:(L)66676869(L)",
        "b17:0:*:66676869(W)71",
        "b18:0:*:66[2-4]6c6d6e6f",
    ];
    let ldb = [
        "l1;Engine:81-255,Target:0;0&1;61626364;6c6d6e6f",
        "l2;Engine:81-255,Target:0;0&1=0;61626364;71717171",
        "l3;Engine:81-255,Target:0;0>1;61626364",
        "l4;Engine:81-255,Target:0;0=2;61626364",
        "l5;Engine:81-255,Target:0;(0|1)>2,2;61626364;66676869",
        "l6;Engine:81-255,Target:0;0;41424344::i",
        "l7;Engine:81-255,Target:0;0;61626364::w",
        "l8;Engine:81-255,Target:0;0;66676869::f",
        "l9;Engine:81-255,Target:0;0;66676869::fwa",
        "l10;Engine:81-255,Target:0;0&1;61626364;0/ab.{2,6}gh/",
        "l11;Engine:81-255,Target:0;0&1;61626364;0(>>4#hb4#=0x1234)",
        "l12;Engine:81-255,Target:0;0&1;61626364;0(>>4#db2#>41,<50)",
        "l14;Engine:81-255,Target:0,FileSize:10-30;0;61626364",
        "l15;Engine:81-255,Target:0;(0&1)|2;61626364;71717171;66676869",
        "l16;Engine:81-255,Target:0;0<2&1;61626364;66676869",
        "l17;Engine:81-255,Target:0;(0|1)=2;61626364;66676869",
        "l18;Engine:81-255,Target:0;0&1;61626364;0(>>4#il2#=258)",
    ];
    // Macros are left out: clamscan 1.4.6 finds nothing even for the example of its own documentation.
    let texts = [
        "abcdefgh",
        "abcdXfgh",
        "abcd....lmno",
        "lmno....abcd",
        "abcd..ghij",
        "abcd...efgh",
        "abcd......ghij",
        "abxdefg",
        "abydefg",
        "abcxefgh",
        "abxyefgh",
        "abcdefgh abcd",
        "abcdzgh",
        "ab abcd fghi abcd mnop",
        "ABCD",
        "aBcD fghi",
        " fghi ",
        "xfghi",
        "fghi-q",
        "fghiq",
        "fghi\nx",
        "x\nfghi\nx",
        "f..lmno",
        "f.....lmno",
        "a\0b\0c\0d\0",
        "f\0g\0h\0i\0",
        "f\0g\0h\0i\0x\0",
        "abcd1234",
        "abcd42",
        "abcd99",
        "abcd\u{2}\u{1}x",
        "abc...jkl",
        "abc....lmn",
        "abc.....lmn",
        "abcd qqqq",
        "fghi abcd",
        "nothing here",
    ];
    let files: Vec<(String, Vec<u8>)> =
        texts.iter().enumerate().map(|(at, text)| (format!("f{at}.bin"), binary(text))).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let ndb = ndb.join("\n");
    compare(&[("t.ndb", &ndb), ("t.ldb", &ldb.join("\n"))], &files);
}
