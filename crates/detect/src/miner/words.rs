//! Voices of the program itself: what its command line says and where it lies.

use super::evidence::{Evidence, Sort};
use crate::names::{is_build_place, is_world_writable};
use event::Process;

/// What only miners are told.
const STRONG: [&str; 14] = [
    "stratum+tcp",
    "stratum+ssl",
    "stratum+tls",
    "stratum2+",
    "stratum1+",
    "--donate-level",
    "--coin=monero",
    "--coin monero",
    "--algo=rx",
    "--algo rx",
    "-a rx/",
    "--nicehash",
    "--randomx-",
    "--cpu-max-threads-hint",
];
const WEAK: [&str; 8] = ["xmr", "monero", "--cpu-max", "--threads=", " -p x", "--rig-id", "pool", "--user="];

pub(super) fn of_command_line(process: &Process, evidence: &mut Evidence) {
    let line = process.command_line.to_ascii_lowercase();
    if let Some(word) = STRONG.iter().find(|word| line.contains(**word)) {
        // A packaged tool that looks for the word is told it too.
        let weight = if process.package.is_some() { 3 } else { 5 };
        evidence.hear(Sort::Words, weight, || format!("its command line says “{word}”"));
        return;
    }
    if let Some(coin) = process.command_line.split([' ', '=', ',']).find_map(wallet) {
        evidence.hear(Sort::Words, 3, || format!("its command line holds what looks like a {coin} wallet"));
        return;
    }
    if let Some(word) = WEAK.iter().find(|word| line.contains(**word)) {
        evidence.hear(Sort::Words, 1, || format!("its command line says “{}”", word.trim()));
    }
}

/// An address by its form: Monero's 95 characters of base 58 that begin with 4 or 8; bech32 of Bitcoin; 20 bytes of hex.
fn wallet(word: &str) -> Option<&'static str> {
    let word = word.split(['.', '+', '/', ':']).next().unwrap_or_default();
    let plain = word.bytes().all(|b| b.is_ascii_alphanumeric());
    if word.len() == 95 && word.starts_with(['4', '8']) && plain {
        Some("Monero")
    } else if matches!(word.len(), 42 | 62) && word.starts_with("bc1") && plain {
        Some("Bitcoin")
    } else if word.len() == 42 && word.starts_with("0x") && word.bytes().skip(2).all(|b| b.is_ascii_hexdigit()) {
        Some("Ethereum")
    } else {
        None
    }
}

pub(super) fn of_place(process: &Process, evidence: &mut Evidence) {
    let path = &*process.executable;
    if process.fileless {
        evidence.hear(Sort::Place, 2, || "it runs from no file".to_owned());
    } else if is_world_writable(path) && !is_build_place(path) {
        evidence.hear(Sort::Place, 2, || "it runs from a folder that every user may write to".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wallets_by_their_form() {
        let check = |word: &str, expected: Option<&str>| assert_eq!(wallet(word), expected, "{word}");
        check(&format!("4{}", "A".repeat(94)), Some("Monero"));
        check(&format!("4{}.rig1", "A".repeat(94)), Some("Monero"));
        check(&format!("4{}", "A".repeat(93)), None);
        check(&format!("bc1q{}", "z".repeat(38)), Some("Bitcoin"));
        check(&format!("0x{}", "0f".repeat(20)), Some("Ethereum"));
        check(&format!("0x{}", "0g".repeat(20)), None);
        check("--threads", None);
    }
}
