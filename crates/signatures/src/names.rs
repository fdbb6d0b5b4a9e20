//! Names of signatures, compact: most are a stem and one or two numbers (`Win.Trojan.Agent-1234567-0`), so a stem is kept once
//! and the numbers stand in the reference itself. Eight bytes a name, and no table of names in memory.

use crate::file::Corrupt;
use std::collections::HashMap;
use std::io::{self, Write};

/// Longer names are refused by the parsers.
pub const MAX_NAME: usize = 512;
/// Stems that the writer remembers; past them a stem is written again.
const MAX_STEMS: usize = 1 << 19;
const NO_REVISION: u64 = 15;

/// What stands for a name in a record. Two bits kind, four revision, 27 number, 31 offset of the stem; or 62 offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameRef(pub u64);

pub struct NamesWriter<W> {
    out: W,
    length: u64,
    known: HashMap<Box<[u8]>, u64>,
}

impl<W: Write> NamesWriter<W> {
    pub fn new(out: W) -> Self {
        NamesWriter { out, length: 0, known: HashMap::new() }
    }

    pub fn refer(&mut self, name: &str) -> io::Result<NameRef> {
        if let Some((stem, number, revision)) = split(name) {
            let offset = self.put(stem.as_bytes())?;
            if offset < 1 << 31 {
                let revision = revision.map_or(NO_REVISION, u64::from);
                return Ok(NameRef(1 << 62 | revision << 58 | u64::from(number) << 31 | offset));
            }
        }
        Ok(NameRef(self.put(name.as_bytes())?))
    }

    fn put(&mut self, text: &[u8]) -> io::Result<u64> {
        if let Some(at) = self.known.get(text) {
            return Ok(*at);
        }
        let at = self.length;
        let length = u16::try_from(text.len()).map_err(|_| io::Error::other("a name of 64 KiB"))?;
        self.out.write_all(&length.to_le_bytes())?;
        self.out.write_all(text)?;
        self.length += 2 + u64::from(length);
        if self.known.len() < MAX_STEMS {
            self.known.insert(text.into(), at);
        }
        Ok(at)
    }

    pub fn finish(self) -> W {
        self.out
    }
}

/// `stem-number` or `stem-number-revision`, where the numbers read back as they stood.
fn split(name: &str) -> Option<(&str, u32, Option<u8>)> {
    let (rest, last) = name.rsplit_once('-')?;
    let last = number(last)?;
    if let Some((stem, first)) = rest.rsplit_once('-')
        && let Some(first) = number(first)
        && u64::from(last) < NO_REVISION
        && first < 1 << 27
    {
        return Some((stem, first, Some(last as u8)));
    }
    (last < 1 << 27).then_some((rest, last, None))
}

fn number(text: &str) -> Option<u32> {
    let canonical =
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    canonical.then(|| text.parse().ok()).flatten()
}

/// `blob`: what the writer wrote.
pub fn resolve(blob: &[u8], name: NameRef) -> Result<String, Corrupt> {
    let text = |offset: u64| -> Result<String, Corrupt> {
        let lost = Corrupt("a name lies outside of the names");
        let rest = blob.get(usize::try_from(offset).map_err(|_| lost)?..).ok_or(lost)?;
        let length = u16::from_le_bytes(*rest.first_chunk().ok_or(lost)?) as usize;
        let bytes = rest.get(2..2 + length).ok_or(lost)?;
        Ok(String::from_utf8_lossy(bytes).into_owned())
    };
    match name.0 >> 62 {
        0 => text(name.0),
        1 => {
            let (revision, number) = (name.0 >> 58 & 15, name.0 >> 31 & ((1 << 27) - 1));
            let mut full = text(name.0 & ((1 << 31) - 1))?;
            full.push_str(&format!("-{number}"));
            if revision != NO_REVISION {
                full.push_str(&format!("-{revision}"));
            }
            Ok(full)
        }
        _ => Err(Corrupt("a name of an unknown kind")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_as_they_were() {
        let names = [
            "Win.Trojan.Agent-1234567-0",
            "Win.Trojan.Agent-1234567-14",
            "Win.Trojan.Agent-1234567-15",
            "Eicar-Test-Signature",
            "A-0",
            "A-00",
            "A-007-1",
            "-1-1",
            "--",
            "",
            "x-134217727",
            "x-134217728",
            "x-134217728-1",
            "x-4294967296",
            "ü-3",
        ];
        let mut writer = NamesWriter::new(Vec::new());
        let refs: Vec<NameRef> = names.iter().map(|name| writer.refer(name).unwrap()).collect();
        let blob = writer.finish();
        for (name, reference) in names.iter().zip(refs) {
            assert_eq!(resolve(&blob, reference).unwrap(), *name);
        }
    }

    #[test]
    fn a_stem_is_kept_once() {
        let mut writer = NamesWriter::new(Vec::new());
        for n in 0..1000 {
            writer.refer(&format!("Unix.Trojan.Mirai-{n}-1")).unwrap();
        }
        assert_eq!(writer.finish().len(), 2 + "Unix.Trojan.Mirai".len());
    }

    #[test]
    fn a_reference_that_lies_is_an_error() {
        for hostile in [1, 7, u64::MAX, 1 << 62 | 9, 2 << 62, (1 << 62) - 1] {
            assert!(resolve(&[2, 0, b'a', b'b', 200], NameRef(hostile)).is_err(), "{hostile:#x}");
        }
    }
}
