//! What installers carry behind their program: taken out of it.

use crate::samples::{deflate, pe, words};
use crate::seen::see;
use std::io::Write as _;

fn block(bytes: &[u8], compressed: bool) -> Vec<u8> {
    let flag = if compressed { 0x8000_0000u32 } else { 0 };
    [&(bytes.len() as u32 | flag).to_le_bytes()[..], bytes].concat()
}

fn nsis(table: u32, body: &[u8]) -> Vec<u8> {
    let mut out = pe(&words(600));
    out.extend([0; 4]);
    out.extend(b"\xef\xbe\xad\xdeNullsoftInst");
    out.extend(table.to_le_bytes());
    out.extend((28 + body.len() as u32 + 4).to_le_bytes());
    out.extend(body);
    out.extend([1, 2, 3, 4]);
    out
}

#[test]
fn nsis_in_blocks_and_as_one_stream() {
    let (table, file) = (words(2_000), [b"#!/bin/sh\n".to_vec(), words(9_000)].concat());
    let blocks = [block(&deflate(&table), true), block(&deflate(&file), true), block(b"as it is", false)].concat();
    let seen = see(&nsis(2_000, &blocks));
    assert_eq!(seen.bytes("f!file 1"), file, "{:?}", seen.outcome);
    assert_eq!(seen.bytes("f!file 2"), b"as it is");
    assert!(seen.outcome.complete(), "{:?}", seen.outcome);
    let solid = deflate(&[block(&table, false), block(&file, false)].concat());
    let seen = see(&nsis(2_000, &solid));
    assert_eq!(seen.bytes("f!file 1"), file, "{:?}", seen.outcome);
    let cut = nsis(2_000, &blocks);
    assert!(!see(&cut[..cut.len() - 40]).outcome.complete());
}

/// For breaking.
pub fn files() -> Vec<(&'static str, Vec<u8>)> {
    let blocks = [block(&deflate(&words(900)), true), block(&deflate(&words(3_000)), true)].concat();
    vec![("nsis", nsis(900, &blocks)), ("install shield", masked().0)]
}

#[test]
fn install_shield_lists_its_files_as_texts() {
    let file = words(700);
    let mut out = pe(&words(600));
    for name in ["a.bin", "b.bin"] {
        out.extend(format!("{name}\0Disk1\\{name}\x001.2.0.0\0{}\0", file.len()).bytes());
        out.extend(&file);
    }
    let seen = see(&out);
    assert_eq!(seen.bytes("f!Disk1\\b.bin"), file, "{:?}", seen.outcome);
    assert!(seen.outcome.complete(), "{:?}", seen.outcome);
}

fn masked() -> (Vec<u8>, Vec<u8>) {
    let file = words(5_000);
    let name = b"setup_1.ini";
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::none());
    packed.write_all(&file).unwrap();
    let packed: Vec<u8> = packed
        .finish()
        .unwrap()
        .iter()
        .enumerate()
        .map(|(n, byte)| {
            let at = n % 1024 % name.len();
            (byte ^ name[at] ^ [0xec, 0xca, 0x79, 0xf8][at % 4]).rotate_left(4)
        })
        .collect();
    let mut out = pe(&words(600));
    out.extend(b"NB10InstallShield\0\x01\0");
    out.extend([0; 30]);
    let mut record = vec![0; 0x138];
    record[..name.len()].copy_from_slice(name);
    record[0x104] = 6;
    record[0x10c..0x110].copy_from_slice(&(packed.len() as u32).to_le_bytes());
    out.extend(record);
    out.extend(&packed);
    (out, file)
}

#[test]
fn install_shield_masks_them_with_their_names() {
    let (mut out, file) = masked();
    let seen = see(&out);
    assert_eq!(seen.bytes("f!setup_1.ini"), file, "{:?}", seen.outcome);
    assert!(seen.outcome.complete(), "{:?}", seen.outcome);
    out.truncate(out.len() - 9);
    assert!(!see(&out).outcome.complete());
}

/// ClamAV's own test files, where Debian's package of them is installed: each carries one and the same small program.
#[test]
fn the_test_files_of_clamav() {
    let folder = std::path::Path::new("/usr/share/clamav-testfiles");
    let Ok(program) = std::fs::read(folder.join("clam.exe")) else {
        return eprintln!("skipped: clamav-testfiles is not installed");
    };
    let (mut missed, mut wrong) = (Vec::new(), 0);
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let seen = see(&std::fs::read(&path).unwrap());
        let found = path.ends_with("clam.exe") || seen.members.iter().any(|one| one.bytes == program);
        if !found {
            // What is not found must not look as if it had been read.
            if seen.outcome.complete() {
                eprintln!("read to its end, it says: {}: {:?}", path.display(), seen.paths());
                wrong += 1;
            }
            missed.push(path);
        }
    }
    missed.sort();
    println!("{} missed: {missed:?}", missed.len());
    assert_eq!(wrong, 0);
}
