//! YARA rules such as people write: texts with and without case, wide ones, bytes with gaps, regular expressions, counts.

use crate::files::{Random, listed};
use anyhow::Result;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const RULES: u64 = 1_000;

/// Every hundredth rule is of a file that is there, so that it is seen that all find the same.
pub fn write(path: &Path, tree: &Path) -> Result<()> {
    let mut random = Random(0xca7);
    let mut word = |n: u64| {
        let letters = (0..n).map(|_| char::from(b'a' + (random.next() % 26) as u8)).collect::<String>();
        (letters, random.next())
    };
    let mut text = String::new();
    let files = listed(tree)?;
    for n in 0..RULES {
        let (a, bytes) = word(12);
        let (b, more) = word(9);
        writeln!(text, "rule bench_{n} {{\n  strings:")?;
        match n % 5 {
            0 => writeln!(text, "    $a = \"{a}\" ascii wide\n    $b = \"{b}\" nocase")?,
            1 => writeln!(text, "    $a = {{ {} ?? {} }}\n    $b = \"{b}\"", spaced(bytes), spaced(more))?,
            2 => writeln!(text, "    $a = /{a}[0-9]{{2,4}}/\n    $b = \"{b}\" fullword")?,
            3 => writeln!(text, "    $a = {{ {} [2-6] {} }}\n    $b = \"{b}\" xor(1-3)", spaced(bytes), spaced(more))?,
            _ => writeln!(text, "    $a = \"{a}\" nocase wide\n    $b = \"{b}\"")?,
        }
        if n % 100 == 50 {
            let file = &files[(n as usize * 37) % files.len()];
            let content = fs::read(file)?;
            let piece = &content[content.len() / 2..];
            let hex: Vec<String> = piece[..24.min(piece.len())].iter().map(|byte| format!("{byte:02X}")).collect();
            writeln!(text, "    $c = {{ {} }}", hex.join(" "))?;
        }
        writeln!(text, "  condition:\n    any of them and filesize < 100MB\n}}")?;
    }
    fs::write(path, text)?;
    Ok(())
}

fn spaced(bytes: u64) -> String {
    bytes.to_be_bytes().iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" ")
}
