//! One package header of rpm's database: how many index entries and store bytes there are (big-endian), 16 bytes an entry (tag,
//! type, offset in the store, count), then the store. Nothing is believed: what points outside is not there.

use crate::sqlite::big;

/// Entries of one header; the kernel packages have some tens of thousands of files, not of tags.
const MOST_ENTRIES: u64 = 4096;

pub(super) struct Header<'a> {
    index: &'a [u8],
    store: &'a [u8],
}

struct Entry<'a> {
    kind: u64,
    count: usize,
    /// The store from the entry's offset on.
    bytes: &'a [u8],
}

impl<'a> Header<'a> {
    pub(super) fn parse(blob: &'a [u8]) -> Option<Header<'a>> {
        let (entries, store) = (big(blob.get(..4)?), big(blob.get(4..8)?) as usize);
        let end = 8 + 16 * usize::try_from(entries).ok().filter(|_| entries <= MOST_ENTRIES)?;
        Some(Header { index: blob.get(8..end)?, store: blob.get(end..end.checked_add(store)?)? })
    }

    pub(super) fn has(&self, tag: u64) -> bool {
        self.entry(tag).is_some()
    }

    pub(super) fn text(&self, tag: u64) -> Option<&'a [u8]> {
        self.texts(tag)?.next()
    }

    /// NUL-terminated strings: one (type 6), a list (8) or translations (9).
    pub(super) fn texts(&self, tag: u64) -> Option<impl Iterator<Item = &'a [u8]> + use<'a>> {
        let entry = self.entry(tag).filter(|e| matches!(e.kind, 6 | 8 | 9))?;
        Some(entry.bytes.split(|b| *b == 0).take(entry.count))
    }

    /// 32-bit numbers (type 4).
    pub(super) fn numbers(&self, tag: u64) -> Option<impl Iterator<Item = u64> + use<'a>> {
        let entry = self.entry(tag).filter(|e| e.kind == 4)?;
        Some(entry.bytes.chunks_exact(4).take(entry.count).map(big))
    }

    /// Bytes (type 1, or 2 as older rpm wrote them).
    pub(super) fn bytes(&self, tag: u64) -> Option<&'a [u8]> {
        let entry = self.entry(tag).filter(|e| matches!(e.kind, 1 | 2))?;
        entry.bytes.get(..entry.count)
    }

    fn entry(&self, tag: u64) -> Option<Entry<'a>> {
        let found = self.index.chunks_exact(16).find(|e| big(&e[..4]) == tag)?;
        let bytes = self.store.get(big(&found[8..12]) as usize..)?;
        Some(Entry { kind: big(&found[4..8]), count: big(&found[12..16]) as usize, bytes })
    }
}
