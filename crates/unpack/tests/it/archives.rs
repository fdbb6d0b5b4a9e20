//! Archives that this machine's own tools write: cpio, ar, deb, rpm, cab, 7z.

use crate::samples::{gzip, noise, shell, words};
use crate::seen::{limits, see, see_within};
use unpack::{Kind, Limits, Reason};

/// Wherever it is cut before its last member's end, that is said.
fn cut_is_said(bytes: &[u8], end: usize) {
    for cut in (40..end).step_by((end / 19).max(1)) {
        assert!(!see(&bytes[..cut]).outcome.complete(), "cut at {cut} of {}", bytes.len());
    }
}

#[test]
fn cpio_of_each_format() {
    for format in ["newc", "crc", "odc", "bin", "hpbin"] {
        let line = format!("printf 'x\\nd/y\\nd\\n' | cpio --quiet -H {format} -o > o");
        let Some(bytes) = shell("cpio", &[("x", &words(3_001)), ("d/y", b"deep")], &line, "o") else { return };
        assert_eq!(unpack::kind(&bytes), Kind::Cpio, "{format}");
        see(&bytes).whole(&[("f!x", &words(3_001)), ("f!d/y", b"deep")]);
        cut_is_said(&bytes, 3_200);
    }
}

#[test]
fn an_initramfs_of_two_parts() {
    let line = "echo x | cpio --quiet -H newc -o > o; printf '\\0\\0\\0\\0' >> o; echo y | cpio --quiet -H newc -o | gzip >> o";
    let Some(bytes) = shell("cpio", &[("x", b"first"), ("y", b"second")], line, "o") else { return };
    let seen = see(&bytes);
    assert_eq!(seen.bytes("f!x"), b"first");
    assert!(seen.holds(b"second") && seen.outcome.complete(), "{:?}", seen.outcome);
}

#[test]
fn ar_and_static_libraries() {
    let long = "a-name-that-is-longer-than-sixteen";
    let Some(bytes) = shell("ar", &[(long, b"odd"), ("x", &words(900))], &format!("ar rc o.a {long} x"), "o.a") else {
        return;
    };
    see(&bytes).whole(&[(&format!("f!{long}"), b"odd"), ("f!x", &words(900))]);
    cut_is_said(&bytes, bytes.len() - 2);
    let Some(thin) = shell("ar", &[("x", b"1")], "ar rcT o.a x", "o.a") else { return };
    assert_eq!(see(&thin).reasons(), [Reason::Unsupported]);
}

#[test]
fn a_debian_package() {
    let control: &[u8] = b"Package: p\nVersion: 1\nArchitecture: all\nMaintainer: a <a@example.org>\nDescription: d\n";
    let files: &[(&str, &[u8])] = &[
        ("p/DEBIAN/control", control),
        ("p/DEBIAN/postinst", b"#!/bin/sh\necho installed\n"),
        ("p/usr/share/p/data", &words(5_000)),
    ];
    let line = "chmod 755 p/DEBIAN/postinst p/DEBIAN p; dpkg-deb -Zxz --root-owner-group -b p o.deb >/dev/null";
    let Some(bytes) = shell("dpkg-deb", files, line, "o.deb") else { return };
    assert_eq!(unpack::kind(&bytes), Kind::Deb);
    let seen = see(&bytes);
    assert!(seen.outcome.complete(), "{:?}", seen.outcome);
    assert_eq!(seen.bytes("f!control.tar.xz!control.tar!./postinst"), b"#!/bin/sh\necho installed\n");
    assert_eq!(seen.bytes("f!data.tar.xz!data.tar!./usr/share/p/data"), words(5_000));
    cut_is_said(&bytes, bytes.len() - 4);
}

#[test]
fn an_rpm_package_with_its_scripts() {
    let spec: &[u8] = b"Name: p\nVersion: 1\nRelease: 1\nSummary: s\nLicense: MIT\nBuildArch: noarch\n%description\nd\n\
        %install\nmkdir -p %{buildroot}/opt\ncp %{_topdir}/x %{buildroot}/opt/x\n%post\necho after installation\n%files\n/opt/x\n";
    for payload in ["w6.gzdio", "w6.xzdio", "w3.zstdio"] {
        let line = format!(
            "rpmbuild --quiet -bb --define \"_topdir $PWD\" --define '_binary_payload {payload}' p.spec >/dev/null 2>&1; cp RPMS/noarch/*.rpm o"
        );
        let Some(bytes) = shell("rpmbuild", &[("p.spec", spec), ("x", &words(4_000))], &line, "o") else { return };
        let seen = see(&bytes);
        assert!(seen.outcome.complete(), "{:?}", seen.outcome);
        assert_eq!(seen.bytes("f!%post"), b"echo after installation");
        assert_eq!(seen.bytes("f!payload!data!./opt/x"), words(4_000), "{payload}");
        cut_is_said(&bytes, bytes.len() - 1);
    }
}

#[test]
fn cabinets() {
    let files: &[(&str, &[u8])] = &[("x.txt", &words(100_000)), ("d/y.bin", &noise(40_000))];
    for flags in ["-n", "-z"] {
        let line = format!("gcab -c {} o.cab x.txt d/y.bin", if flags == "-z" { "-z" } else { "" });
        let Some(bytes) = shell("gcab", files, &line, "o.cab") else { return };
        let seen = see(&bytes);
        assert!(seen.outcome.complete(), "{:?}", seen.outcome);
        assert_eq!(seen.bytes("f!x.txt"), words(100_000));
        assert!(seen.holds(&noise(40_000)));
        cut_is_said(&bytes, bytes.len() - 1);
    }
}

#[test]
fn a_cabinet_s_wrong_checksum_is_said() {
    let Some(mut bytes) = shell("gcab", &[("x.txt", &words(9_000))], "gcab -c o.cab x.txt", "o.cab") else { return };
    let at = bytes.len() - 100;
    bytes[at] ^= 1;
    assert_eq!(see(&bytes).reasons(), [Reason::Damaged]);
}

#[test]
fn seven_zip_with_each_method() {
    let files: &[(&str, &[u8])] = &[("a.txt", &words(200_000)), ("b.bin", &noise(30_000)), ("c", b"small")];
    for flags in [
        "-m0=LZMA2",
        "-m0=LZMA",
        "-m0=PPMd",
        "-m0=BZip2",
        "-m0=Deflate",
        "-m0=Copy",
        "-m0=BCJ -m1=LZMA2",
        "-m0=BCJ2 -m1=LZMA",
        "-m0=Delta:4 -m1=LZMA2",
        "-ms=off",
        "-mhc=off",
    ] {
        let Some(bytes) = shell("7z", files, &format!("7z a {flags} o.7z a.txt b.bin c >/dev/null"), "o.7z") else {
            return;
        };
        let seen = see(&bytes);
        assert!(seen.outcome.complete(), "{flags}: {:?}", seen.outcome);
        let mut paths = seen.paths();
        paths.sort();
        assert_eq!(paths, ["f!a.txt", "f!b.bin", "f!c"]);
        assert_eq!(seen.bytes("f!a.txt"), words(200_000));
        assert_eq!(seen.bytes("f!b.bin"), noise(30_000));
        cut_is_said(&bytes, bytes.len() - 1);
    }
}

#[test]
fn seven_zip_that_is_encrypted() {
    let files: &[(&str, &[u8])] = &[("a.txt", &words(2_000))];
    let Some(bytes) = shell("7z", files, "7z a -psecret o.7z a.txt >/dev/null", "o.7z") else { return };
    let seen = see(&bytes);
    assert_eq!(seen.reasons(), [Reason::Encrypted]);
    assert_eq!(seen.paths(), ["f!a.txt"]);
    let Some(bytes) = shell("7z", files, "7z a -psecret -mhe=on o.7z a.txt >/dev/null", "o.7z") else { return };
    assert_eq!(see(&bytes).reasons(), [Reason::Encrypted]);
}

#[test]
fn seven_zip_bombs_are_held_to_the_ratio() {
    let Some(bytes) = shell("7z", &[], "truncate -s 200M z; 7z a o.7z z >/dev/null", "o.7z") else { return };
    let seen = see(&bytes);
    assert!(seen.reasons().contains(&Reason::Ratio), "{:?}", seen.outcome);
    assert!(seen.outcome.expanded_bytes < 64 << 20);
}

#[test]
fn what_is_nested_in_several_formats_is_reached() {
    let Some(inner) = shell("7z", &[("evil", b"#!/bin/sh\n: the innermost\n")], "7z a o.7z evil >/dev/null", "o.7z")
    else {
        return;
    };
    let Some(bytes) =
        shell("cpio", &[("i.7z.gz", &gzip(&inner))], "echo i.7z.gz | cpio --quiet -o -H newc | bzip2 > o", "o")
    else {
        return;
    };
    let seen = see(&bytes);
    let one = seen.members.last().unwrap();
    assert_eq!((one.path.as_str(), one.kind), ("f!data!i.7z.gz!i.7z!evil", Some(Kind::Shell)));
    // The same below the limit of depth is not opened, and said.
    let seen = see_within(&bytes, &Limits { depth: 3, ..limits() });
    assert_eq!(seen.reasons(), [Reason::Depth]);
}
