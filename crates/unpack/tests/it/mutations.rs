//! Each format's sample, broken at random: whatever comes, a walk ends, within its limits and without a panic; and what
//! is only cut is not called whole.

use crate::samples::{ZipMember, elf, gzip, noise, pe, shell, tar, words, zip};
use crate::seen::see_within;
use proptest::prelude::*;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use unpack::{Flow, Kind, Limits};

fn files() -> Vec<(&'static str, Vec<u8>)> {
    vec![("t/a.txt", words(9_000)), ("t/d/b.bin", noise(700)), ("t/c.sh", b"#!/bin/sh\n:\n".to_vec())]
}

/// One of each kind, as far as this machine has the tools.
fn samples() -> &'static [(&'static str, Vec<u8>)] {
    static SAMPLES: OnceLock<Vec<(&'static str, Vec<u8>)>> = OnceLock::new();
    SAMPLES.get_or_init(|| {
        let files = files();
        let borrowed: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (*name, &bytes[..])).collect();
        let mut out: Vec<(&'static str, Vec<u8>)> = vec![
            ("zip", zip(&[ZipMember::deflated("a", &words(3_000)), ZipMember::stored("b", &noise(300))])),
            ("tar", tar(&[("a", &words(900)), ("b", b"2")])),
            ("gzip", gzip(&tar(&[("a", &words(3_000))]))),
            ("elf", [elf(&noise(200)), zip(&[ZipMember::stored("z", b"z")])].concat()),
            ("pe", [pe(&noise(200)), gzip(b"overlay")].concat()),
        ];
        let tools: [(&'static str, &str, &str); 21] = [
            ("cpio", "cpio", "find t | cpio --quiet -H newc -o > o"),
            ("odc", "cpio", "find t | cpio --quiet -H odc -o > o"),
            ("bin", "cpio", "find t | cpio --quiet -H bin -o > o"),
            ("ar", "ar", "ar rc o t/a.txt t/c.sh"),
            ("7z", "7z", "7z a o.7z t >/dev/null; mv o.7z o"),
            ("ppmd", "7z", "7z a -m0=PPMd o.7z t >/dev/null; mv o.7z o"),
            ("bcj2", "7z", "7z a -m0=BCJ2 -m1=LZMA o.7z t >/dev/null; mv o.7z o"),
            ("deflate64", "7z", "7z a -tzip -mm=Deflate64 o.zip t >/dev/null; mv o.zip o"),
            ("ppmd in zip", "7z", "7z a -tzip -mm=PPMd o.zip t >/dev/null; mv o.zip o"),
            ("lzma in zip", "7z", "7z a -tzip -mm=LZMA o.zip t >/dev/null; mv o.zip o"),
            ("cab", "gcab", "gcab -cz o t/a.txt t/d/b.bin"),
            ("iso", "xorriso", "xorriso -as mkisofs -quiet -J -R -o o t 2>/dev/null"),
            ("udf", "genisoimage", "genisoimage -quiet -udf -o o t 2>/dev/null"),
            ("squashfs", "mksquashfs", "mksquashfs t o -quiet -no-progress -nopad >/dev/null"),
            ("squashfs xz", "mksquashfs", "mksquashfs t o -quiet -no-progress -nopad -comp xz >/dev/null"),
            ("bzip2", "bzip2", "tar cf - t | bzip2 > o"),
            ("xz", "xz", "tar cf - t | xz > o"),
            ("lzma", "xz", "tar cf - t | xz --format=lzma > o"),
            ("zstd", "zstd", "tar cf - t | zstd -q > o"),
            ("lz4", "lz4", "tar cf - t | lz4 -q > o"),
            ("sparse", "tar", "truncate -s 1M s; echo x >> s; tar --format=posix -S -cf o s t"),
        ];
        for (name, program, line) in tools {
            out.extend(shell(program, &borrowed, line, "o").map(|bytes| (name, bytes)));
        }
        out.extend(crate::old_formats::files());
        out.extend(crate::installers::files());
        out.push(("ole", crate::documents::with_project("")));
        out.push(("pdf", crate::documents::sample_pdf()));
        out.push(("mail", crate::documents::mail(&tar(&[("x", b"1")])).into_bytes()));
        out
    })
}

fn bounded() -> Limits {
    Limits {
        total_bytes: 64 << 20,
        member_bytes: 16 << 20,
        window_bytes: 1 << 20,
        memory_bytes: 256 << 20,
        members: 2_000,
        deadline: Some(Instant::now() + Duration::from_secs(120)),
        ..Limits::default()
    }
}

fn survive(bytes: &[u8]) {
    let seen = see_within(bytes, &bounded());
    assert!(seen.outcome.members <= 2_000 && seen.outcome.expanded_bytes <= (64 << 20) + (1 << 20));
    assert!(!seen.outcome.unread.iter().any(|unread| unread.reason == unpack::Reason::Time), "{:?}", seen.outcome);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn flipped_bytes(which in any::<prop::sample::Index>(), flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12)) {
        let (_, sample) = which.get(samples());
        let mut bytes = sample.clone();
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        survive(&bytes);
    }

    /// Where headers are: most of a format's checks stand there.
    #[test]
    fn flipped_headers(which in any::<prop::sample::Index>(), flips in prop::collection::vec((0usize..600, any::<u8>(), any::<bool>()), 1..6)) {
        let (_, sample) = which.get(samples());
        let mut bytes = sample.clone();
        for (at, value, from_end) in flips {
            let at = at % bytes.len();
            let at = if from_end { bytes.len() - 1 - at } else { at };
            bytes[at] = value;
        }
        survive(&bytes);
    }

    #[test]
    fn crossed_headers(which in any::<prop::sample::Index>(), other in any::<prop::sample::Index>(), cut in any::<prop::sample::Index>(), from in any::<prop::sample::Index>()) {
        let (_, first) = which.get(samples());
        let (_, second) = other.get(samples());
        let bytes = [&first[..cut.index(first.len())], &second[from.index(second.len())..]].concat();
        survive(&bytes);
    }

    #[test]
    fn any_bytes_as_any_kind(kind in prop::sample::select(Kind::ALL), bytes in prop::collection::vec(any::<u8>(), 0..2_000), sample in any::<prop::sample::Index>(), own in any::<bool>()) {
        let (_, sample) = sample.get(samples());
        let bytes = if own { &bytes[..] } else { &sample[..] };
        let outcome = unpack::walk_as(kind, &bytes, &bounded(), &mut |_| Flow::Open);
        prop_assert!(outcome.members <= 2_000);
    }
}

#[test]
fn each_sample_whole_and_cut() {
    for (name, bytes) in samples() {
        let seen = see_within(bytes, &bounded());
        assert!(seen.outcome.complete(), "{name}: {:?}", seen.outcome);
        let whole: usize = seen.members.iter().map(|one| one.bytes.len()).sum();
        for cut in (1..bytes.len()).step_by(bytes.len() / 31 + 1) {
            let seen = see_within(&bytes[..cut], &bounded());
            let given: usize = seen.members.iter().map(|one| one.bytes.len()).sum();
            // What is missing is said, if what is left is still known for what it was, and has an end of its own.
            let known = unpack::kind(&bytes[..cut]) == unpack::kind(bytes)
                && !matches!(*name, "elf" | "pe" | "nsis" | "install shield");
            let told = !seen.outcome.complete() || given >= whole || !known;
            assert!(told, "{name} cut at {cut} of {}: {given} of {whole} bytes given", bytes.len());
        }
    }
}
