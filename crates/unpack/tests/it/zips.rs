//! zip: as tools write it, and as nobody should.

use crate::samples::{ZipMember, central_header, local_header, noise, shell, words, zip, zip_end};
use crate::seen::see;
use unpack::{Kind, Oddity, Reason};

fn oddities(seen: &crate::seen::Seen) -> Vec<Oddity> {
    let mut all: Vec<Oddity> = seen.outcome.odd.iter().map(|odd| odd.oddity).collect();
    all.sort();
    all.dedup();
    all
}

#[test]
fn the_last_of_several_volumes_is_said_to_be_one() {
    let line = "zip -q -0 -s 64k o.zip x y 2>/dev/null";
    for part in ["o.zip", "o.z01"] {
        let files = [("x", &noise(90_000)[..]), ("y", b"the tail")];
        let Some(bytes) = shell("zip", &files, line, part) else { return };
        assert!(!see(&bytes).outcome.complete(), "{part}");
    }
}

#[test]
fn reads_stored_and_deflated_members() {
    let bytes = zip(&[ZipMember::stored("a.txt", b"plain"), ZipMember::deflated("d/b.txt", &words(100_000))]);
    see(&bytes).whole(&[("f!a.txt", b"plain"), ("f!d/b.txt", &words(100_000))]);
}

#[test]
fn reads_what_7z_writes_with_each_method() {
    for method in ["Copy", "Deflate", "Deflate64", "BZip2", "LZMA", "PPMd"] {
        let line = format!("7z a -tzip -mm={method} out.zip a.txt b.bin >/dev/null");
        let files: &[(&str, &[u8])] = &[("a.txt", &words(70_000)), ("b.bin", &noise(5_000))];
        let Some(bytes) = shell("7z", files, &line, "out.zip") else { return };
        see(&bytes).whole(&[("f!a.txt", &words(70_000)), ("f!b.bin", &noise(5_000))]);
    }
}

#[test]
fn reads_members_whose_size_stands_behind_them() {
    let streamed = |name, bytes: &[u8]| ZipMember { flags: 8, ..ZipMember::deflated(name, bytes) };
    let bytes = zip(&[streamed("a", b"first one"), streamed("b", &words(9_000))]);
    see(&bytes).whole(&[("f!a", b"first one"), ("f!b", &words(9_000))]);
    // And without the directory: what came is given, the end is missed.
    let directory = bytes.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    let seen = see(&bytes[..directory]);
    assert_eq!(seen.bytes("f!a"), b"first one");
    assert_eq!(seen.bytes("f!b"), words(9_000));
    assert_eq!(seen.reasons(), [Reason::Truncated]);
}

#[test]
fn gives_both_readings_where_headers_differ() {
    let mut member = ZipMember::deflated("a", b"what the directory says is deflated");
    member.local_method = 0;
    let seen = see(&zip(&[member.clone()]));
    assert_eq!(seen.bytes("f!a"), b"what the directory says is deflated");
    assert_eq!(seen.bytes("f!a (by its own header)"), &member.data);
    assert!(oddities(&seen).contains(&Oddity::HeaderMismatch));

    let mut renamed = ZipMember::stored("harmless.txt", b"x");
    renamed.local_name = b"evil.exe".to_vec();
    assert_eq!(oddities(&see(&zip(&[renamed]))), [Oddity::HeaderMismatch]);
}

#[test]
fn finds_members_that_the_directory_does_not_list() {
    let hidden = ZipMember { listed: false, ..ZipMember::deflated("hidden", &words(3_000)) };
    let seen = see(&zip(&[ZipMember::stored("a", b"1"), hidden, ZipMember::stored("b", b"2")]));
    assert_eq!(seen.bytes("f!hidden"), words(3_000));
    assert_eq!(oddities(&seen), [Oddity::Unlisted]);
    assert!(seen.outcome.complete());
}

#[test]
fn says_what_is_encrypted() {
    let secret = ZipMember { flags: 1, ..ZipMember::deflated("secret", b"hush") };
    let seen = see(&zip(&[secret, ZipMember::stored("open", b"hello")]));
    assert_eq!(seen.reasons(), [Reason::Encrypted]);
    assert!(seen.outcome.encrypted() && !seen.outcome.complete());
    assert!(seen.members[0].encrypted && seen.members[0].bytes.is_empty());
    assert_eq!(seen.bytes("f!open"), b"hello");
}

#[test]
fn does_not_believe_a_flag_that_only_one_header_bears() {
    let mut bytes = zip(&[ZipMember::deflated("a", b"readable all the same")]);
    let central = bytes.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    bytes[central + 8] |= 1;
    let seen = see(&bytes);
    assert_eq!(seen.bytes("f!a"), b"readable all the same");
}

#[test]
fn does_not_read_overlapping_members() {
    // The first member's data hold the header of the second, as quoted headers of a bomb do.
    let inner = ZipMember::deflated("inner", &words(5_000));
    let quoted = [local_header(&inner), inner.data.clone()].concat();
    let outer = ZipMember::stored("outer", &quoted);
    let first = [local_header(&outer), quoted].concat();
    let inner_at = local_header(&outer).len() as u32;
    let directory = [central_header(&outer, 0), central_header(&inner, inner_at)].concat();
    let end = zip_end(2, directory.len() as u32, first.len() as u32);
    let seen = see(&[first, directory, end].concat());
    // That the first one, a zip without a directory, is cut is said as well.
    assert_eq!(seen.reasons(), [Reason::Truncated, Reason::Overlapping]);
}

#[test]
fn reads_one_place_listed_twice_once() {
    let member = ZipMember::deflated("a", &words(2_000));
    let first = [local_header(&member), member.data.clone()].concat();
    let other = ZipMember { name: b"b".to_vec(), ..member.clone() };
    let directory = [central_header(&member, 0), central_header(&other, 0)].concat();
    let end = zip_end(2, directory.len() as u32, first.len() as u32);
    let seen = see(&[first, directory, end].concat());
    assert!(seen.outcome.complete());
    assert_eq!(seen.outcome.members, 1);
    assert_eq!(oddities(&seen), [Oddity::Shared]);
}

#[test]
fn says_when_bytes_are_not_those_that_were_packed() {
    let wrong = ZipMember { crc: 1, ..ZipMember::deflated("a", b"some bytes") };
    assert_eq!(see(&zip(&[wrong])).reasons(), [Reason::Damaged]);
}

#[test]
fn names_may_be_any_bytes() {
    let mut member = ZipMember::stored("x", b"1");
    member.name = b"\xff\x1b[2J/../\xe3\x81\x82\n".to_vec();
    member.local_name = member.name.clone();
    let seen = see(&zip(&[member]));
    assert_eq!(seen.paths(), ["f!\\xff\\u{1b}[2J/../あ\\n"]);
    assert_eq!(oddities(&seen), [Oddity::EscapingName]);
}

#[test]
fn tells_what_a_zip_is_by_its_first_names() {
    let check = |names: &[&str], expected| {
        let members: Vec<_> = names.iter().map(|name| ZipMember::stored(name, b"x")).collect();
        assert_eq!(unpack::kind(&zip(&members)), expected);
    };
    check(&["a"], Kind::Zip);
    check(&["[Content_Types].xml", "word/document.xml"], Kind::Ooxml);
    check(&["META-INF/", "META-INF/MANIFEST.MF"], Kind::Jar);
    check(&["x", "AndroidManifest.xml"], Kind::Apk);
}

#[test]
fn reads_zip64() {
    let Some(bytes) = shell(
        "python3",
        &[],
        "python3 -c \"import zipfile
z=zipfile.ZipFile('o.zip','w',allowZip64=True)
with z.open('a','w',force_zip64=True) as f: f.write(b'sixty-four')
z.close()\"",
        "o.zip",
    ) else {
        return;
    };
    see(&bytes).whole(&[("f!a", b"sixty-four")]);
}
