//! File systems in a file: ISO 9660 in its dialects, squashfs with each compressor.

use crate::samples::{noise, shell, words};
use crate::seen::{limits, see, see_source};
use unpack::{FileSource, Kind, Reason};

fn files() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("t/A long name with spaces.txt", words(5_000)),
        ("t/d/e/f/deep.bin", noise(300_000)),
        ("t/zeros", vec![0; 400_000]),
        ("t/small", b"tail end".to_vec()),
    ]
}

fn check(bytes: &[u8], kind: Kind) {
    assert_eq!(unpack::kind(bytes), kind);
    let seen = see(bytes);
    assert!(seen.outcome.complete(), "{:?}", seen.outcome);
    for (name, content) in files() {
        assert!(seen.members.iter().any(|one| one.bytes == content), "{name}: {:?}", seen.paths());
    }
}

fn borrowed<'a>(files: &'a [(&'static str, Vec<u8>)]) -> Vec<(&'static str, &'a [u8])> {
    files.iter().map(|(name, bytes)| (*name, &bytes[..])).collect()
}

#[test]
fn iso_in_its_dialects() {
    let files = files();
    for flags in ["", "-J", "-R", "-J -R", "-iso-level 3"] {
        let line = format!("xorriso -as mkisofs {flags} -quiet -o o.iso t 2>/dev/null");
        let Some(bytes) = shell("xorriso", &borrowed(&files), &line, "o.iso") else { return };
        check(&bytes, Kind::Iso);
        let seen = see(&bytes);
        if flags.contains('R') {
            assert_eq!(seen.bytes("f!A long name with spaces.txt"), words(5_000), "{flags}");
            assert_eq!(seen.bytes("f!d/e/f/deep.bin"), noise(300_000));
        }
        for cut in (34_000..bytes.len() - 400_000).step_by(31_013) {
            assert!(!see(&bytes[..cut]).outcome.complete(), "cut at {cut} of {}", bytes.len());
        }
    }
}

#[test]
fn udf_with_what_is_hidden_from_iso_9660() {
    let files = files();
    for flags in ["-udf", "-udf -hide deep.bin -hide small", "-udf -J -hide-joliet deep.bin"] {
        let line = format!("genisoimage -quiet {flags} -o o.iso t 2>/dev/null");
        let Some(bytes) = shell("genisoimage", &borrowed(&files), &line, "o.iso") else { return };
        check(&bytes, Kind::Iso);
        // Each file once, whichever tree it stands in.
        let deep = see(&bytes).members.iter().filter(|one| one.bytes == noise(300_000)).count();
        assert_eq!(deep, 1, "{flags}");
    }
    let line = "genisoimage -quiet -udf -hide deep.bin -o o.iso t 2>/dev/null";
    let Some(mut bytes) = shell("genisoimage", &borrowed(&files), line, "o.iso") else { return };
    // Its anchor, and the copies at the end.
    for sector in [256, bytes.len() / 2048 - 1, bytes.len() / 2048 - 257] {
        bytes[sector * 2048..sector * 2048 + 16].fill(0);
    }
    assert_eq!(see(&bytes).reasons(), [Reason::Damaged]);
}

#[test]
fn archives_and_images_that_are_not_opened_are_named() {
    let image = |at: usize, magic: &[u8]| [vec![0; at], magic.to_vec(), vec![0; 3_000]].concat();
    for (bytes, name) in [
        (image(0, b"\x89LZO\0\r\n\x1a\n"), "lzop"),
        (image(0, b"xar!\0\x1c\0\x01"), "xar"),
        (image(7, b"**ACE**"), "ACE"),
        (image(3, b"NTFS    "), "NTFS file system"),
        (image(0, b"QFI\xfb\0\0\0\x03"), "QEMU disk image"),
    ] {
        let seen = see(&bytes);
        assert_eq!(seen.reasons(), [Reason::Unsupported], "{name}");
        assert!(seen.outcome.unread[0].detail.contains(name), "{:?}", seen.outcome.unread);
    }
}

#[test]
fn iso_whose_folder_leads_back_to_itself() {
    let Some(mut bytes) =
        shell("xorriso", &[("t/d/x", b"1")], "xorriso -as mkisofs -quiet -o o.iso t 2>/dev/null", "o.iso")
    else {
        return;
    };
    let place = |bytes: &[u8], at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let root = place(&bytes, 0x8000 + 158) as usize * 2048;
    // The third record is folder D: made to be the root.
    let first = bytes[root] as usize;
    let third = root + first + bytes[root + first] as usize;
    let root_place = (root / 2048) as u32;
    bytes[third + 2..third + 6].copy_from_slice(&root_place.to_le_bytes());
    assert_eq!(see(&bytes).reasons(), [Reason::Cyclic]);
}

#[test]
fn squashfs_with_each_compressor() {
    let files = files();
    for flags in [
        "-comp gzip",
        "-comp xz",
        "-comp xz -Xbcj x86",
        "-comp lz4",
        "-comp zstd",
        "-comp lzma",
        "-noI -noD -noF",
        "-b 4096",
        "-no-fragments",
        "-always-use-fragments",
    ] {
        let line = format!("mksquashfs t o.sq -quiet -no-progress {flags} >/dev/null");
        let Some(bytes) = shell("mksquashfs", &borrowed(&files), &line, "o.sq") else { return };
        check(&bytes, Kind::Squashfs);
        let seen = see(&bytes);
        assert_eq!(seen.bytes("f!d/e/f/deep.bin"), noise(300_000));
        for cut in (100..bytes.len() - 4_096).step_by(41_017) {
            assert!(!see(&bytes[..cut]).outcome.complete(), "{flags} cut at {cut} of {}", bytes.len());
        }
    }
    let line = "mksquashfs t o.sq -quiet -no-progress -comp lzo >/dev/null";
    let Some(bytes) = shell("mksquashfs", &borrowed(&files), line, "o.sq") else { return };
    assert_eq!(see(&bytes).reasons(), [Reason::Unsupported]);
}

#[test]
fn a_file_is_read_in_place() {
    let files = files();
    let Some(bytes) =
        shell("mksquashfs", &borrowed(&files), "mksquashfs t o.sq -quiet -no-progress >/dev/null", "o.sq")
    else {
        return;
    };
    let mut file = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut file, &bytes).unwrap();
    let seen = see_source(&FileSource::new(&file, bytes.len() as u64), &limits());
    assert!(seen.outcome.complete(), "{:?}", seen.outcome);
    assert_eq!(seen.bytes("f!d/e/f/deep.bin"), noise(300_000));
}

#[test]
fn a_sparse_file_of_ten_tebibytes_costs_nothing() {
    for magic in [
        &b"PK\x03\x04"[..],
        b"hsqs",
        b"\x1f\x8b\x08\0",
        b"7z\xbc\xaf\x27\x1c\0\x04",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"MSCF\0\0\0\0",
        b"%PDF-1.4\n",
        b"!<arch>\n",
        b"070701",
        b"\x7fELF\x02\x01\x01",
    ] {
        let mut file = tempfile::tempfile().unwrap();
        std::io::Write::write_all(&mut file, magic).unwrap();
        // Not every file system has files of ten; one that is refused is as good an end.
        if file.set_len(10 << 40).is_err() {
            file.set_len(1 << 40).unwrap();
        }
        let len = file.metadata().unwrap().len();
        let limits = unpack::Limits {
            deadline: Some(std::time::Instant::now() + std::time::Duration::from_secs(20)),
            ..limits()
        };
        let seen = see_source(&FileSource::new(&file, len), &limits);
        let program = magic.starts_with(b"\x7fELF");
        assert_eq!(seen.outcome.complete(), program, "{magic:?}: {:?}", seen.outcome);
    }
}
