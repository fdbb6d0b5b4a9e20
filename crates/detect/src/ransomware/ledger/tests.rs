//! When it is enough, and what is said then.

use super::super::content::{SAMPLE_BYTES, sample_offsets};
use super::*;
use event::Action;

const NOW: Timestamp = Timestamp(1_000_000_000_000);

fn sample(bytes: &[u8]) -> Sample {
    let block = |at: u64| (at, &bytes[at as usize..bytes.len().min((at + SAMPLE_BYTES) as usize)]);
    Sample::of(bytes.len() as u64, sample_offsets(bytes.len() as u64).into_iter().map(block))
}
fn text() -> Sample {
    sample("Words of an ordinary letter, written in 1999.\n".repeat(40).as_bytes())
}
fn noise() -> Sample {
    let mut state = 1u64;
    let bytes: Vec<u8> = (0..1_840)
        .map(|_| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 56) as u8
        })
        .collect();
    sample(&bytes)
}

/// The number of files after which it speaks, if it does within a hundred.
fn check(what: &str, signs: &[Sign], expected: Option<u64>, act: impl Fn(&mut Ledger, u64)) {
    let mut ledger = Ledger::new(LedgerConfig::default());
    signs.iter().for_each(|sign| ledger.sign(*sign));
    let told = (1..=100).find(|n| {
        act(&mut ledger, *n);
        ledger.verdict("x (pid 1)").is_some()
    });
    assert_eq!(told, expected, "{what}");
}

fn encrypt(ledger: &mut Ledger, n: u64) {
    ledger.take(NOW, (1, n), &format!("/d/{n}.txt"), Outcome::Changed { before: &text(), after: &noise() });
}
fn delete(ledger: &mut Ledger, n: u64) {
    let kind = ["pdf", "docx", "jpg", "o"][n as usize % 4];
    let gone = Outcome::Gone { size: 1_840, read: true, loose: false };
    ledger.take(NOW, (1, n), &format!("/d/{n}.{kind}"), gone);
}
fn delete_by(loose: bool, kinds: &'static [&'static str]) -> impl Fn(&mut Ledger, u64) {
    move |ledger, n| {
        let name = format!("/d/{n}.{}", kinds[n as usize % kinds.len()]);
        ledger.take(NOW, (1, n), &name, Outcome::Gone { size: 1_840, read: false, loose });
    }
}

#[test]
fn enough_is_enough() {
    check("encrypted", &[], Some(5), encrypt);
    check("after a note", &[Sign::Note], Some(3), encrypt);
    check("edited", &[], None, |ledger, n| {
        ledger.take(NOW, (1, n), "/d/x.txt", Outcome::Changed { before: &text(), after: &text() });
    });
    check("one file again and again", &[], None, |ledger, _| encrypt(ledger, 7));
    check("slowly", &[], Some(5), |ledger, n| {
        let at = NOW.plus_nanos(n as i64 * 600_000_000_000);
        ledger.take(at, (1, n), "/d/x.txt", Outcome::Changed { before: &text(), after: &noise() });
    });
    check("rarely", &[], None, |ledger, n| {
        let at = NOW.plus_nanos(n as i64 * 1_200_000_000_000);
        ledger.take(at, (1, n), "/d/x.txt", Outcome::Changed { before: &text(), after: &noise() });
    });
    check("deleted by rm", &[], None, delete);
    check("deleted by a program of nobody's", &[], Some(16), delete_by(true, &["pdf", "docx", "jpg"]));
    check("some destroyed, the others deleted", &[], Some(5), |ledger, n| match n % 4 {
        1 => encrypt(ledger, n),
        _ => delete_by(true, &["pdf", "docx", "jpg"])(ledger, n),
    });
    check("its own kind of files", &[], None, delete_by(true, &["o", "d", "pdf"]));
    check("a new release with noise in it, then the old one deleted", &[], None, |ledger, n| {
        ledger.take(NOW, (2, n), "/d/new.bin", Outcome::Made { content: &noise() });
        delete_by(false, &["pdf", "docx", "jpg"])(ledger, n);
    });
    check("copied into noise, then deleted", &[], Some(5), |ledger, n| {
        ledger.take(NOW, (2, n), "/d/x.enc", Outcome::Made { content: &noise() });
        delete(ledger, n);
    });
    check("one archive of noise, then all deleted", &[], Some(5), |ledger, n| {
        let mut large = noise();
        large.size = 1 << 30;
        ledger.take(NOW, (2, 1), "/d/all", Outcome::Made { content: &large });
        delete(ledger, n);
    });
    check("the same, where it is known that all of it was packed", &[Sign::Packed], Some(3), |ledger, n| {
        let mut large = noise();
        large.size = 1 << 30;
        ledger.take(NOW, (2, 1), "/d/all", Outcome::Made { content: &large });
        delete(ledger, n);
    });
    check("an archive of noise, then older archives that it did not read are deleted", &[], None, |ledger, n| {
        let mut large = noise();
        large.size = 1 << 30;
        ledger.take(NOW, (2, 1), "/d/all", Outcome::Made { content: &large });
        ledger.take(NOW, (1, n + 1), "/d/old.bin", Outcome::Gone { size: 1 << 30, read: false, loose: false });
    });
    let sealed = sample(&[b"\x8c\x0d\x04".as_slice(), &[200; 900]].concat());
    check("each encrypted by a known tool, then deleted", &[], Some(5), |ledger, n| {
        ledger.take(NOW, (2, n), "/d/x.gpg", Outcome::Made { content: &sealed });
        delete(ledger, n);
    });
    check("one's own archives encrypted", &[], None, |ledger, n| {
        ledger.take(NOW, (2, n), "/d/x.tgz.gpg", Outcome::Made { content: &sealed });
        ledger.take(NOW, (1, n), "/d/x.tgz", Outcome::Gone { size: 1_840, read: true, loose: false });
    });
    let empty = sample(b"");
    let emptied = |kinds: &'static [&str]| {
        let empty = &empty;
        move |ledger: &mut Ledger, n: u64| {
            let name = format!("/d/{n}.{}", kinds[n as usize % kinds.len()]);
            ledger.take(NOW, (1, n), &name, Outcome::Changed { before: &text(), after: empty });
        }
    };
    check("emptied", &[], Some(8), emptied(&["txt", "pdf", "docx"]));
    check("logs emptied", &[], None, emptied(&["log", "1", "old"]));
    check("compressed, then deleted", &[], None, |ledger, n| {
        ledger.take(NOW, (2, n), "/d/x.gz", Outcome::Made { content: &text() });
        delete(ledger, n);
    });
    let name = |kinds: &'static [&str], extension: &'static str, loose: bool| {
        move |ledger: &mut Ledger, n: u64| {
            let name = format!("/d/{n}.{}", kinds[n as usize % kinds.len()]);
            let to = format!("{name}{extension}");
            ledger.take(NOW, (1, n), &name, Outcome::Named { to: &to, loose });
        }
    };
    const PAPERS: &[&str] = &["txt", "pdf", "docx"];
    check("named by lot", &[], Some(6), name(PAPERS, ".q8w2", false));
    check("named by a word, by a program of nobody's", &[], Some(16), name(PAPERS, ".gone", true));
    check("named by a word, by a tool", &[], None, name(PAPERS, ".gone", false));
    check("put aside", &[], None, name(PAPERS, ".bak", true));
    check("one kind, put aside by an import", &[], None, name(&["csv"], ".q8w2", true));
    check("dated", &[], None, name(PAPERS, "-20260101", false));
    check("named by lot and back again", &[], None, |ledger, n| {
        name(PAPERS, ".q8w2", false)(ledger, n);
        name(PAPERS, "", false)(ledger, n);
    });
    check("renamed to what only ransomware gives", &[], Some(5), |ledger, n| {
        ledger.take(NOW, (1, n), "/d/x", Outcome::Renamed { to: "/d/x.lockbit" });
    });
}

#[test]
fn packed_and_about_to_be_deleted_is_told_once() {
    let mut ledger = Ledger::new(LedgerConfig::default());
    ledger.take(NOW, (2, 1), "/t/all", Outcome::Made { content: &noise() });
    let finding = ledger.about_to_delete("rm (pid 7)", "/d").unwrap();
    let expected = "rm (pid 7) was about to delete what lies in /d, after all of it had been packed into 1840 bytes that nobody can read.";
    assert_eq!((finding.detail.as_str(), finding.rule_id.as_str()), (expected, "ransomware.content"));
    assert!(ledger.about_to_delete("rm", "/d").is_none());
}

#[test]
fn says_what_it_saw() {
    let mut ledger = Ledger::new(LedgerConfig::default());
    (0..5).for_each(|n| encrypt(&mut ledger, n));
    let finding = ledger.verdict("x (pid 7)").unwrap();
    assert_eq!(
        finding.detail,
        "x (pid 7) destroyed 5 files within 0.0 s (its text is none any more): first /d/0.txt, last /d/4.txt."
    );
    assert_eq!((finding.rule_id.as_str(), finding.asks), ("ransomware.content", Some(Action::Kill)));
    assert!(ledger.verdict("x").is_none());
}

#[test]
fn wary_before_it_is_enough() {
    let mut ledger = Ledger::new(LedgerConfig::default());
    let named = |ledger: &mut Ledger, n: u64| {
        let (name, to) = (format!("/d/{n}.txt"), format!("/d/{n}.txt.q8w2"));
        ledger.take(NOW, (1, n), &name, Outcome::Named { to: &to, loose: true });
    };
    named(&mut ledger, 1);
    assert!(!ledger.is_wary() && ledger.is_out_of_place((1, 1)));
    named(&mut ledger, 2);
    assert!(ledger.is_wary());
    let mut ledger = Ledger::new(LedgerConfig::default());
    (0..20).for_each(|n| delete(&mut ledger, n));
    assert!(!ledger.is_wary() && ledger.kinds_deleted() == 3);
    ledger.take(NOW, (2, 1), "/t/all", Outcome::Made { content: &noise() });
    assert!(ledger.is_wary());
}
