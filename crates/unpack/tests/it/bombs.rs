//! Small files that want to become large, deep or many. Each is met by its limit, and said.

use crate::samples::{ZipMember, central_header, gzip, local_header, tar, words, zip, zip_end};
use crate::seen::{limits, see, see_within};
use unpack::{Flow, Limits, Reason};

#[test]
fn a_stream_that_expands_a_thousandfold() {
    let seen = see(&gzip(&vec![0; 40 << 20]));
    assert_eq!(seen.reasons(), [Reason::Ratio]);
    assert!(!seen.members[0].complete);
    // Below the size from which the ratio is looked at it is only a file of zeros.
    see(&gzip(&vec![0; 8 << 20])).whole(&[("f!data", &vec![0; 8 << 20])]);
}

#[test]
fn containers_in_containers() {
    let mut bytes = gzip(b"the innermost");
    for _ in 0..40 {
        bytes = gzip(&bytes);
    }
    let seen = see(&bytes);
    assert_eq!(seen.reasons(), [Reason::Depth]);
    assert_eq!(seen.outcome.members, 16);
}

/// As 42.zip: each of five levels holds the next one sixteen times.
#[test]
fn the_same_archive_many_times_on_each_level() {
    let mut bytes = zip(&[ZipMember::deflated("0.dll", &vec![b'0'; 8 << 20])]);
    for _ in 0..5 {
        let members: Vec<_> = (0..16).map(|n| ZipMember::deflated(&format!("lib{n:x}.zip"), &bytes)).collect();
        bytes = zip(&members);
    }
    assert!(bytes.len() < 200_000, "{}", bytes.len());
    let seen = see_within(&bytes, &Limits { total_bytes: 64 << 20, ..limits() });
    assert_eq!(seen.reasons(), [Reason::TotalSize]);
}

/// One kernel of deflated zeros, and many entries that all reach it.
#[test]
fn entries_that_lie_over_each_other() {
    let kernel = ZipMember::deflated("k", &vec![0; 4 << 20]);
    let mut out = Vec::new();
    let mut directory = Vec::new();
    let mut tail: Vec<u8> = [local_header(&kernel), kernel.data.clone()].concat();
    let mut members = vec![(kernel, 0usize)];
    for n in 0..200 {
        // A stored member whose data are all that follows.
        let quoting = ZipMember::stored(&format!("{n}"), &tail);
        let header = local_header(&quoting);
        for (_, at) in &mut members {
            *at += header.len();
        }
        members.push((ZipMember { data: quoting.data.clone(), ..quoting }, 0));
        tail = [header, tail].concat();
        if n > 20 {
            break;
        }
    }
    out.extend(&tail);
    for (member, at) in &members {
        directory.extend(central_header(member, *at as u32));
    }
    let end = zip_end(members.len() as u16, directory.len() as u32, out.len() as u32);
    let seen = see(&[out, directory, end].concat());
    assert!(seen.reasons().contains(&Reason::Overlapping), "{:?}", seen.outcome);
    assert!(seen.outcome.expanded_bytes < 16 << 20, "{:?}", seen.outcome);
}

#[test]
fn a_hundred_thousand_members() {
    let member = ZipMember::stored("m", b"x");
    let members = vec![member; 100_001];
    let mut bytes = zip(&members);
    // The count does not fit; what the directory holds is what counts.
    let at = bytes.len() - 12;
    bytes[at - 2..at].copy_from_slice(&0xffffu16.to_le_bytes());
    let mut given = 0u64;
    let outcome = unpack::walk(&&bytes[..], None, &limits(), &mut |_| {
        given += 1;
        Flow::Open
    });
    assert_eq!((given, outcome.members), (100_000, 100_000));
    assert!(outcome.unread.iter().any(|unread| unread.reason == Reason::Count));
}

#[test]
fn empty_members_without_end() {
    let mut bytes = Vec::new();
    for _ in 0..3_000 {
        bytes.extend(&tar(&[("a", b"")])[..512]);
    }
    bytes.extend([0; 1024]);
    let seen = see_within(&gzip(&bytes), &Limits { members: 1_000, ..limits() });
    assert_eq!(seen.reasons(), [Reason::Count]);
    assert_eq!(seen.outcome.members, 1_000);
}

#[test]
fn time_that_is_up() {
    let past = std::time::Instant::now();
    let limits = Limits { deadline: Some(past), ..Limits::default() };
    let members: Vec<_> = (0..100).map(|n| ZipMember::deflated(&n.to_string(), &words(9_000))).collect();
    let seen = see_within(&zip(&members), &limits);
    assert_eq!(seen.reasons(), [Reason::Time]);
}

#[test]
fn a_size_that_is_a_lie_costs_nothing() {
    let lie = ZipMember { size: u32::MAX - 1, ..ZipMember::deflated("a", b"ten bytes!") };
    let seen = see(&zip(&[lie]));
    assert_eq!(seen.bytes("f!a"), b"ten bytes!");
    assert_eq!(seen.reasons(), [Reason::Damaged]);
}

#[test]
fn a_visitor_may_skip_and_stop() {
    let inner = zip(&[ZipMember::stored("x", b"1")]);
    let bytes = zip(&[ZipMember::stored("a.zip", &inner), ZipMember::stored("b", b"2")]);
    let mut paths = Vec::new();
    let outcome = unpack::walk(&&bytes[..], None, &limits(), &mut |member| {
        paths.push(member.path.to_owned());
        Flow::Skip
    });
    assert_eq!(paths, ["!a.zip", "!b"]);
    assert!(outcome.complete());
    let outcome = unpack::walk(&&bytes[..], None, &limits(), &mut |_| Flow::Stop);
    assert!(outcome.stopped && !outcome.complete());
}

/// A reader that gives a byte at a time costs no more memory than one that gives all.
#[test]
fn small_reads_are_not_counted_as_large_ones() {
    let content = words(700_000);
    let blocks: Vec<u8> = content.chunks(50).flat_map(gzip).collect();
    see_within(&blocks, &Limits { memory_bytes: 4 << 20, ..limits() }).whole(&[("f!data", &content)]);
}
