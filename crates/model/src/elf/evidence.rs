//! The bytes behind a capability: where they stand and what they say, for the analyst who asks why.

use super::{imports, parse, patterns};

/// One place that shows a capability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The key of the reason that it bears out, as in [`Words::key`](crate::layout::Words).
    pub key: &'static str,
    /// Where in the file; `None` for an import, which stands in a table.
    pub offset: Option<usize>,
    /// What stands there, printable, at most 120 characters.
    pub text: String,
}

/// Places shown of one kind.
const OF_ONE_KIND: usize = 3;
const LONGEST: usize = 120;

/// Evidence for each kind of string and capability that the file shows, up to three places each.
pub fn evidence(bytes: &[u8]) -> Vec<Evidence> {
    let mut found = Vec::new();
    let mut shown = vec![0usize; patterns::KINDS.len()];
    let looked_at = &bytes[..bytes.len().min(super::LOOKED_AT)];
    let mut last = (usize::MAX, 0);
    patterns::each(looked_at, |hit| {
        let again = last == (hit.kind, hit.offset / LONGEST);
        if shown[hit.kind] < OF_ONE_KIND && !again {
            shown[hit.kind] += 1;
            last = (hit.kind, hit.offset / LONGEST);
            found.push(Evidence {
                key: patterns::KINDS[hit.kind].phrase.key,
                offset: Some(hit.offset),
                text: around(looked_at, hit.offset, hit.length),
            });
        }
    });
    let Some(elf) = parse::parse(bytes) else { return found };
    let mut shown = vec![0usize; imports::CAPABILITIES.len()];
    for symbol in elf.dynamic_symbols.iter().filter(|symbol| symbol.imported) {
        let Some(index) = imports::capability(symbol.name) else { continue };
        if shown[index] < OF_ONE_KIND {
            shown[index] += 1;
            let text = String::from_utf8_lossy(symbol.name).chars().take(LONGEST).collect();
            found.push(Evidence { key: imports::CAPABILITIES[index].phrase.key, offset: None, text });
        }
    }
    found
}

/// The printable run around a match.
fn around(bytes: &[u8], offset: usize, length: usize) -> String {
    let printable = |byte: &u8| matches!(byte, 0x20..=0x7e);
    let before = bytes[..offset].iter().rev().take(40).take_while(|byte| printable(byte)).count();
    let after = bytes[offset + length..].iter().take(60).take_while(|byte| printable(byte)).count();
    let run = &bytes[offset - before..offset + length + after];
    run.iter().filter(|byte| printable(byte)).take(LONGEST).map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_says_where() {
        let found = evidence(b"\0\0open stratum+tcp://pool.example:3333\0");
        let stratum = found.iter().find(|e| e.key == "stratum").unwrap();
        assert_eq!((stratum.offset, stratum.text.as_str()), (Some(7), "open stratum+tcp://pool.example:3333"));
    }
}
