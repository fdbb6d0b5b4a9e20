//! Features of scripts (shell, Python, Perl, PHP, JavaScript) and the text statistics that command lines share.
//!
//! In: the bytes of a text, hostile. Out: [`LAYOUT`]'s row. Shapes are looked for in the first megabyte and the last 64 KiB, where
//! what was appended to somebody else's script stands; a longer text says so in a feature.

mod language;
mod needed;
pub mod patterns;
mod seek;
pub(crate) mod text;
mod words;

pub use language::{LANGUAGES, Language, detect};

use crate::recorder::{Phrase, Recorded, Recorder, log, share};
use std::sync::LazyLock;

const HEAD: usize = 1 << 20;
const TAIL: usize = 64 << 10;

/// The layout `script-1`.
pub static LAYOUT: Recorded = Recorded::new("script-1", write, KIND);

const KIND: Phrase = Phrase {
    key: "script.kind",
    en: "the language it is written in",
    ja: "記述言語",
    none_en: "not written in that language",
    none_ja: "その言語ではない",
};
const CHAIN: Phrase = Phrase {
    key: "script.chain",
    en: "several steps of an attack follow each other",
    ja: "攻撃の手順が続いている",
    none_en: "no steps of an attack follow each other",
    none_ja: "攻撃の手順は見られない",
};

/// Steps that follow each other in attacks: shapes of which all must be there.
const CHAINS: &[(&str, &[&str])] = &[
    ("fetch_and_run", &["download", "executable", "run-from-temp"]),
    ("fetch_and_stay", &["download", "cron-write"]),
    ("fetch_and_serve", &["download", "service-enable"]),
    ("fetch_and_hide", &["download", "history-off"]),
    ("fetch_and_mine", &["download", "miner"]),
    ("mine_and_kill", &["miner", "kill-rivals"]),
    ("mine_and_open", &["miner", "security-off"]),
    ("decode_and_run", &["decode", "eval"]),
    ("codes_and_run", &["char-codes", "eval"]),
    ("escapes_and_run", &["escaped-text", "eval"]),
    ("connect_and_shell", &["fsockopen", "spawn-shell"]),
    ("connect_and_run", &["fsockopen", "subprocess"]),
    ("visitor_and_command", &["request", "php-command"]),
    ("visitor_and_decode", &["request", "decode"]),
    ("steal_and_send", &["key-search", "exfiltrate"]),
    ("cloud_and_send", &["cloud-metadata", "exfiltrate"]),
    ("browser_and_send", &["browser-theft", "exfiltrate"]),
    ("encrypt_and_ransom", &["encrypt-tree", "ransom"]),
    ("stay_and_hide", &["cron-write", "history-off"]),
    ("key_and_lock", &["key-write", "immutable"]),
    ("download_and_delete", &["download", "delete-itself"]),
    ("spread_and_fetch", &["spread", "download"]),
    ("silenced_and_run", &["silenced", "eval"]),
];

/// Of each chain the places of its steps in the list of shapes.
static STEPS: LazyLock<Vec<Vec<usize>>> = LazyLock::new(|| {
    let place = |name: &&str| patterns::SHAPES.iter().position(|shape| shape.name == *name);
    let steps = |parts: &[&str]| parts.iter().map(|part| place(part).expect("a step is a shape")).collect();
    CHAINS.iter().map(|(_, parts)| steps(parts)).collect()
});

fn write(bytes: &[u8], row: &mut Recorder) {
    let language = detect(bytes);
    for one in LANGUAGES {
        row.put_of(KIND, "language", one.name(), language == Some(one));
    }
    row.put(KIND, "first_line", bytes.starts_with(b"#!"));
    let head = &bytes[..bytes.len().min(HEAD)];
    let tail = if bytes.len() > HEAD { &bytes[bytes.len().saturating_sub(TAIL).max(HEAD)..] } else { &[] };
    row.put(text::SIZE, "longer_than_looked_at", bytes.len() > HEAD);
    text::write(head, row);
    let seen = shapes(&[head, tail], row);
    let mut chains = 0u32;
    for ((name, _), steps) in CHAINS.iter().zip(&*STEPS) {
        let all = steps.iter().all(|step| seen[*step]);
        chains += u32::from(all);
        row.put_of(CHAIN, "chain", name, all);
    }
    row.put(CHAIN, "chains", chains);
    row.put(CHAIN, "shapes_for_length", share(seen.iter().filter(|seen| **seen).count(), log(bytes.len())));
}

/// One feature a shape, and which there are.
pub(crate) fn shapes(texts: &[&[u8]], row: &mut Recorder) -> Vec<bool> {
    let mut seen = vec![false; patterns::SHAPES.len()];
    for text in texts.iter().filter(|text| !text.is_empty()) {
        patterns::each(text, |index| seen[index] = true);
    }
    for (shape, there) in patterns::SHAPES.iter().zip(&seen) {
        row.put_of(shape.phrase, "shape", shape.name, *there);
    }
    row.put(CHAIN, "shapes", seen.iter().filter(|seen| **seen).count());
    seen
}

#[cfg(test)]
mod tests;
