//! What honest work makes of a file, and what does not come out of honest work.

use super::*;

fn sample(bytes: &[u8]) -> Sample {
    let size = bytes.len() as u64;
    let block = |at: u64| (at, &bytes[at as usize..bytes.len().min((at + SAMPLE_BYTES) as usize)]);
    Sample::of(size, sample_offsets(size).into_iter().map(block))
}

fn random(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..length).map(|_| next()).collect()
}

fn text(length: usize) -> Vec<u8> {
    b"The quick brown fox, in 1984, jumped over 12 lazy dogs; then it slept.\n"
        .iter()
        .copied()
        .cycle()
        .take(length)
        .collect()
}

fn png(length: usize, seed: u64) -> Vec<u8> {
    let mut bytes = random(length, seed);
    bytes[..8].copy_from_slice(b"\x89PNG\r\n\x1a\n");
    bytes
}

fn base64(length: usize) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    random(length, 9)
        .iter()
        .enumerate()
        .map(|(n, b)| if n % 77 == 76 { b'\n' } else { LETTERS[usize::from(b % 64)] })
        .collect()
}

#[test]
fn what_is_lost_and_what_is_not() {
    let lost = |what: &str, before: &[u8], after: &[u8]| {
        assert!(matches!(harm(&sample(before), &sample(after)), Harm::Lost(_)), "{what}");
    };
    let fine = |what: &str, before: &[u8], after: &[u8]| {
        assert_eq!(harm(&sample(before), &sample(after)), Harm::None, "{what}");
    };
    for length in [300, 2_000, 70_000, 900_000] {
        let plain = text(length);
        lost("text encrypted", &plain, &random(length, 3));
        lost("text encoded", &plain, &base64(length));
        lost("picture encrypted", &png(length, 5), &random(length, 3));
        lost("picture encoded", &png(length, 5), &base64(length));
        lost("wiped with zeros", &plain, &vec![0; length]);
        lost("wiped with 0xff", &png(length, 1), &vec![0xff; length]);
        let mut edited = plain.clone();
        edited.splice(10..20, *b"some other words");
        fine("text edited", &plain, &edited);
        fine("text replaced", &plain, b"a new and much shorter text, written by hand instead of the other one");
        fine("picture converted", &png(length, 5), &[b"\xff\xd8\xff".as_slice(), &random(length, 8)].concat());
        lost("packed under the same name", &plain, &[b"\x1f\x8b".as_slice(), &random(length / 2 + 64, 8)].concat());
    }
    let mut parts = text(900_000);
    for at in (0..900_000 - 16_384).step_by(32_768) {
        parts[at..at + 16_384].copy_from_slice(&random(16_384, at as u64 + 1));
    }
    lost("every other part", &text(900_000), &parts);
    let mut parts = png(900_000, 5);
    for at in (32_768..900_000 - 32_768).step_by(65_536) {
        parts[at..at + 32_768].copy_from_slice(&random(32_768, at as u64 + 1));
    }
    lost("every other part of a picture, its head whole", &png(900_000, 5), &parts);
    let mut header = png(900_000, 5);
    header[..4096].copy_from_slice(&random(4096, 77));
    lost("only the header", &png(900_000, 5), &header);
    assert_eq!(harm(&sample(&text(100)), &sample(b"")), Harm::Emptied);
    fine("a file of noise, of another length", &random(5_000, 1), &random(50_000, 2));
    fine("a file of noise, a part of it", &random(50_000, 1), &[&random(30_000, 1)[..], &random(20_000, 2)].concat());
    lost("noise for noise", &random(50_000, 1), &random(50_000, 2));
    lost("a cipher that keeps its entropy", &text(4_000), &text(4_000).iter().map(|b| b ^ 0xa5).collect::<Vec<_>>());
    lost("a few words", b"one line\n", &random(9, 3));
    lost("a picture as hex", &png(900, 1), "3f a2 00 9c ".repeat(300).as_bytes());
    let mut front = text(70_000);
    front[..64].copy_from_slice(&random(64, 5));
    lost("its first bytes only", &text(70_000), &front);
    let mut tail = png(6_000, 5);
    tail[3_000..].copy_from_slice(&random(3_000, 9));
    lost("the tail of a small picture", &png(6_000, 5), &tail);
    let mut sparse = text(900_000);
    (0..900_000 - 16)
        .step_by(64)
        .skip(64)
        .for_each(|at| sparse[at..at + 16].copy_from_slice(&random(16, at as u64 + 1)));
    lost("sixteen bytes of each sixty-four", &text(900_000), &sparse);
    fine("a log cut under its writer", &text(9_000), &[&vec![0; 9_000][..], &text(400)].concat());
    let wide: Vec<u8> = [255, 254].into_iter().chain(text(900).into_iter().flat_map(|byte| [byte, 0])).collect();
    fine("text of two bytes a letter", &text(900), &wide);
    let mut tagged = png(9_000, 5);
    tagged[100..140].copy_from_slice(&[7; 40]);
    fine("a tag in a picture", &png(9_000, 5), &tagged);
}

#[test]
fn a_copy_that_tells_nothing() {
    let check = |what: &str, copy: &[u8], expected: bool| {
        assert_eq!(made_unreadable(&sample(&text(4_000)), &sample(copy)).is_some(), expected, "{what}");
    };
    check("noise", &random(4_016, 1), true);
    check("the text itself", &text(4_000), false);
    check("packed", &[b"\x1f\x8b".as_slice(), &random(1_500, 8)].concat(), false);
    check("encoded", &base64(5_400), true);
    check("a key beside it", &random(32, 8), false);
}

#[test]
fn kinds() {
    let check = |bytes: &[u8], expected| assert_eq!(sample(bytes).kind, expected);
    check(&text(500), ContentKind::Text);
    check(&base64(5_000), ContentKind::Encoded);
    check(&random(5_000, 4), ContentKind::Opaque);
    check(&[0; 5_000], ContentKind::Blank);
    check("日本語の文章です。これは普通の文書であり、暗号ではありません。".repeat(20).as_bytes(), ContentKind::Text);
    assert!(matches!(sample(&png(100, 1)).kind, ContentKind::Format(_)));
    assert!(sample(&random(5_000, 4)).is_opaque() && sample(&base64(900)).is_opaque());
    assert!(!sample(&png(5_000, 4)).is_opaque() && !sample(&text(5_000)).is_opaque());
}

#[test]
fn offsets_cover_head_and_tail() {
    for size in [0, 1, 4096, 4097, 100_000, 1 << 40] {
        let offsets = sample_offsets(size);
        assert_eq!(offsets[0], 0);
        assert!(offsets.windows(2).all(|pair| pair[0] < pair[1]), "{size}: {offsets:?}");
        assert!(size == 0 || *offsets.last().unwrap() / SAMPLE_BYTES == (size - 1) / SAMPLE_BYTES, "{size}");
    }
}
