//! tar: every flavour that GNU tar and bsdtar write, sparse files, and hostile headers.

use crate::samples::{gzip, shell, tar, tar_header, words};
use crate::seen::{limits, see, see_within};
use unpack::{Limits, Oddity, Reason};

#[test]
fn reads_each_flavour() {
    let long = format!("{}/{}/name.txt", "a".repeat(120), "b".repeat(130));
    let files: &[(&str, &[u8])] = &[(&long, b"far down"), ("x", &words(3_000))];
    for (program, line) in [
        ("tar", "tar --format=gnu -cf o.tar aaa* x"),
        ("tar", "tar --format=posix -cf o.tar aaa* x"),
        ("tar", "tar --format=oldgnu -cf o.tar aaa* x"),
        ("bsdtar", "bsdtar --format=pax -cf o.tar aaa* x"),
        ("bsdtar", "bsdtar --format=gnutar -cf o.tar aaa* x"),
    ] {
        let Some(bytes) = shell(program, files, line, "o.tar") else { continue };
        see(&bytes).whole(&[(&format!("f!{long}"), b"far down"), ("f!x", &words(3_000))]);
    }
    for format in ["v7", "ustar"] {
        let line = format!("tar --format={format} -cf o.tar x");
        let Some(bytes) = shell("tar", &[("x", b"short")], &line, "o.tar") else { continue };
        see(&bytes).whole(&[("f!x", b"short")]);
    }
}

#[test]
fn links_and_devices_are_no_members() {
    let line = "ln -s x l; ln x h; ln -s . loop; mkfifo p; mkdir d; ln -s .. d/up; tar -cf o.tar x l h loop p d";
    let Some(bytes) = shell("tar", &[("x", b"1")], line, "o.tar") else { return };
    see(&bytes).whole(&[("f!x", b"1")]);
}

#[test]
fn reads_sparse_members_as_they_were() {
    let mut whole = vec![0; 3 << 20];
    whole[1 << 20..(1 << 20) + 5].copy_from_slice(b"midst");
    whole.extend_from_slice(b"tail");
    for flags in [
        "--format=gnu",
        "--format=posix --sparse-version=0.0",
        "--format=posix --sparse-version=0.1",
        "--format=posix --sparse-version=1.0",
    ] {
        let line = format!(
            "truncate -s 3M s; printf midst | dd of=s bs=1 seek=1M conv=notrunc 2>/dev/null; printf tail >> s; echo end >e; tar {flags} -S -cf o.tar s e"
        );
        let Some(bytes) = shell("tar", &[], &line, "o.tar") else { return };
        assert!(bytes.len() < 1 << 20, "{flags}: it is sparse");
        see(&bytes).whole(&[("f!s", &whole), ("f!e", b"end\n")]);
    }
}

#[test]
fn a_sparse_member_of_ten_tebibytes_is_given_without_holes_and_said() {
    let line = "truncate -s 8T s; printf tail >> s; tar -S -cf o.tar s; rm s";
    let Some(bytes) = shell("tar", &[], line, "o.tar") else { return };
    let seen = see(&bytes);
    assert_eq!(seen.reasons(), [Reason::MemberSize]);
    assert!(seen.bytes("f!s").ends_with(b"tail"));
    assert!(seen.bytes("f!s").len() < 1 << 20);
}

#[test]
fn a_huge_extended_header_is_skipped_and_said() {
    let mut bytes = tar_header("pax", 40 << 20, b'x');
    bytes.extend(vec![b'a'; 40 << 20]);
    bytes.extend(tar(&[("a", b"after")]));
    let seen = see(&bytes);
    assert_eq!(seen.bytes("f!a"), b"after");
    assert_eq!(seen.reasons(), [Reason::Damaged]);
    // One that says more than there is.
    let seen = see(&[tar_header("pax", 1 << 60, b'L'), tar(&[("a", b"after")])].concat());
    assert_eq!(seen.reasons(), [Reason::Damaged, Reason::Truncated]);
}

#[test]
fn reads_on_behind_the_end_mark_and_behind_damage() {
    let seen = see(&[tar(&[("a", b"1")]), tar(&[("b", b"2")])].concat());
    assert_eq!(seen.paths(), ["f!a", "f!b"]);
    assert_eq!(seen.outcome.odd[0].oddity, Oddity::Unlisted);
    let mut bytes = tar(&[("a", b"1"), ("b", b"2"), ("c", b"3")]);
    bytes[1024 + 10] ^= 0xff;
    let seen = see(&bytes);
    assert_eq!(seen.paths(), ["f!a", "f!c"]);
    assert_eq!(seen.reasons(), [Reason::Damaged]);
}

#[test]
fn a_tar_longer_than_the_window_passes_through() {
    let big = words(3 << 20);
    let bytes = gzip(&tar(&[("a", &big), ("b", b"small"), ("c", &big)]));
    let limits = Limits { window_bytes: 1 << 20, ..limits() };
    let seen = see_within(&bytes, &limits);
    assert!(seen.outcome.complete(), "{:?}", seen.outcome);
    assert_eq!(seen.paths(), ["f!data", "f!data!a", "f!data!b", "f!data!c"]);
    assert_eq!(seen.bytes("f!data!c"), big);
    assert_eq!(seen.bytes("f!data"), tar(&[("a", &big), ("b", b"small"), ("c", &big)]));
}

#[test]
fn a_member_larger_than_the_limit_is_cut_and_said() {
    let limits = Limits { window_bytes: 1 << 20, member_bytes: 2 << 20, ..limits() };
    let seen = see_within(&tar(&[("a", &words(3 << 20)), ("b", b"small")]), &limits);
    assert_eq!(seen.bytes("f!a"), words(2 << 20));
    assert_eq!(seen.bytes("f!b"), b"small");
    assert_eq!(seen.reasons(), [Reason::MemberSize]);
    assert_eq!(seen.outcome.unread[0].path, "f!a");
}

#[test]
fn says_a_cut_wherever_it_is() {
    let bytes = tar(&[("a", &words(900)), ("b", &words(2_000))]);
    for cut in (1..bytes.len() - 1024).step_by(97) {
        let seen = see(&bytes[..cut]);
        assert!(cut < 512 || !seen.outcome.complete(), "cut at {cut}");
    }
}
