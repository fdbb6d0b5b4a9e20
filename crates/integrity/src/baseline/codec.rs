//! The bytes of a baseline's blocks and of its index. Paths come in order, each as how much it shares with the one before
//! and the rest; numbers are LEB128; a block is compressed as a whole.
//!
//! Everything is read as if a stranger had written it: counts and lengths have limits, and what does not read to its end
//! is no block.

use crate::{Content, Facts, Kind};

/// Entries of one block: one look-up reads one block.
pub const BLOCK: usize = 512;
/// One block, not compressed.
const MOST_RAW: usize = 16 << 20;
const LONGEST_PATH: usize = 64 << 10;
const LONGEST_VALUE: usize = 64 << 10;
const MOST_XATTRS: u64 = 64;
const MOST_BLOCKS: u64 = 1 << 20;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub path: Vec<u8>,
    /// None: it is gone. Only in what stands beside a baseline.
    pub facts: Option<Facts>,
    /// Nobody has to look at it: the package manager did it and its digest holds, or a person accepted it.
    pub accepted: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockRef {
    /// In the file.
    pub offset: u64,
    pub length: u32,
    pub sha256: [u8; 32],
    pub first: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    #[error("it ends too early")]
    Short,
    #[error("it cannot be decompressed")]
    Compressed,
    #[error("{0} is over its limit")]
    Limit(&'static str),
    #[error("{0} is none that there is")]
    Unknown(&'static str),
    #[error("the paths are not in order")]
    Order,
    #[error("bytes are left over")]
    Trailing,
}

/// Entries in order of paths.
pub fn write_block(entries: &[Entry]) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(entries.len() * 128);
    put(&mut out, entries.len() as u64);
    let mut before: &[u8] = &[];
    for entry in entries {
        let shared = entry.path.iter().zip(before).take_while(|(a, b)| a == b).count();
        put(&mut out, shared as u64);
        put_bytes(&mut out, &entry.path[shared..]);
        out.push(u8::from(entry.accepted) << 1 | u8::from(entry.facts.is_some()));
        if let Some(facts) = &entry.facts {
            put_facts(&mut out, facts);
        }
        before = &entry.path;
    }
    // Level 3 is what the rest of Tamon writes.
    zstd::bulk::compress(&out, 3)
}

pub fn read_block(bytes: &[u8]) -> Result<Vec<Entry>, CodecError> {
    let raw = zstd::bulk::decompress(bytes, MOST_RAW).map_err(|_| CodecError::Compressed)?;
    let mut from = Reader(&raw);
    let count = from.below(raw.len() as u64, "the number of entries")?;
    let mut entries: Vec<Entry> = Vec::with_capacity((count as usize).min(BLOCK));
    for _ in 0..count {
        let before = entries.last().map_or(&[][..], |entry| &entry.path);
        let shared = from.below(before.len() as u64, "a shared path")? as usize;
        let mut path = before[..shared].to_vec();
        path.extend_from_slice(from.bytes(LONGEST_PATH - shared.min(LONGEST_PATH), "a path")?);
        if !entries.is_empty() && path.as_slice() <= before {
            return Err(CodecError::Order);
        }
        let flags = from.byte()?;
        if flags > 3 {
            return Err(CodecError::Unknown("a flag"));
        }
        let facts = if flags & 1 != 0 { Some(from.facts()?) } else { None };
        entries.push(Entry { path, facts, accepted: flags & 2 != 0 });
    }
    if from.0.is_empty() { Ok(entries) } else { Err(CodecError::Trailing) }
}

pub fn write_index(blocks: &[BlockRef]) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, blocks.len() as u64);
    for block in blocks {
        put(&mut out, block.offset);
        put(&mut out, block.length.into());
        out.extend_from_slice(&block.sha256);
        put_bytes(&mut out, &block.first);
    }
    out
}

pub fn read_index(bytes: &[u8]) -> Result<Vec<BlockRef>, CodecError> {
    let mut from = Reader(bytes);
    let count = from.below(MOST_BLOCKS.min(bytes.len() as u64), "the number of blocks")?;
    let mut blocks: Vec<BlockRef> = Vec::new();
    for _ in 0..count {
        let offset = from.number()?;
        let length = u32::try_from(from.number()?).map_err(|_| CodecError::Limit("a block"))?;
        let sha256 = from.array()?;
        let first = from.bytes(LONGEST_PATH, "a path")?.to_vec();
        if blocks.last().is_some_and(|before| first <= before.first) {
            return Err(CodecError::Order);
        }
        blocks.push(BlockRef { offset, length, sha256, first });
    }
    if from.0.is_empty() { Ok(blocks) } else { Err(CodecError::Trailing) }
}

fn put(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn put_signed(out: &mut Vec<u8>, n: i64) {
    put(out, (n << 1 ^ n >> 63) as u64);
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn put_facts(out: &mut Vec<u8>, facts: &Facts) {
    out.push(facts.kind as u8);
    for n in [facts.mode, facts.uid, facts.gid, facts.links] {
        put(out, n.into());
    }
    for n in [facts.size, facts.device, facts.inode, facts.node] {
        put(out, n);
    }
    put_signed(out, facts.modified);
    // Mostly the same moment.
    put_signed(out, facts.changed.wrapping_sub(facts.modified));
    match facts.content {
        Content::None => out.push(0),
        Content::Unread => out.push(1),
        Content::Sha256(digest) => {
            out.push(2);
            out.extend_from_slice(&digest);
        }
    }
    put_bytes(out, &facts.target);
    put(out, facts.xattrs.len() as u64);
    for (name, value) in &facts.xattrs {
        put_bytes(out, name);
        put_bytes(out, value);
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Result<u8, CodecError> {
        let (byte, rest) = self.0.split_first().ok_or(CodecError::Short)?;
        self.0 = rest;
        Ok(*byte)
    }

    fn number(&mut self) -> Result<u64, CodecError> {
        let mut n = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            // The one form of each number: no bits over the end, no zero byte behind.
            if part << shift >> shift != part || (byte == 0 && shift > 0) {
                return Err(CodecError::Limit("a number"));
            }
            n |= part << shift;
            if byte < 0x80 {
                return Ok(n);
            }
        }
        Err(CodecError::Limit("a number"))
    }

    fn below(&mut self, most: u64, what: &'static str) -> Result<u64, CodecError> {
        let n = self.number()?;
        if n > most { Err(CodecError::Limit(what)) } else { Ok(n) }
    }

    fn small(&mut self) -> Result<u32, CodecError> {
        u32::try_from(self.number()?).map_err(|_| CodecError::Limit("a number"))
    }

    fn signed(&mut self) -> Result<i64, CodecError> {
        let n = self.number()?;
        Ok((n >> 1) as i64 ^ -((n & 1) as i64))
    }

    fn bytes(&mut self, most: usize, what: &'static str) -> Result<&'a [u8], CodecError> {
        let length = self.below(most as u64, what)? as usize;
        let (head, rest) = self.0.split_at_checked(length).ok_or(CodecError::Short)?;
        self.0 = rest;
        Ok(head)
    }

    fn array(&mut self) -> Result<[u8; 32], CodecError> {
        let (head, rest) = self.0.split_first_chunk().ok_or(CodecError::Short)?;
        self.0 = rest;
        Ok(*head)
    }

    fn facts(&mut self) -> Result<Facts, CodecError> {
        let kind = *Kind::ALL.get(usize::from(self.byte()?)).ok_or(CodecError::Unknown("a type of file"))?;
        let [mode, uid, gid, links] = [self.small()?, self.small()?, self.small()?, self.small()?];
        let [size, device, inode, node] = [self.number()?, self.number()?, self.number()?, self.number()?];
        let modified = self.signed()?;
        let changed = modified.wrapping_add(self.signed()?);
        let content = match self.byte()? {
            0 => Content::None,
            1 => Content::Unread,
            2 => Content::Sha256(self.array()?),
            _ => return Err(CodecError::Unknown("a content")),
        };
        let target = self.bytes(LONGEST_PATH, "a link's target")?.to_vec();
        let mut xattrs = Vec::new();
        for _ in 0..self.below(MOST_XATTRS, "the number of extended attributes")? {
            let name = self.bytes(LONGEST_VALUE, "a name")?.to_vec();
            xattrs.push((name, self.bytes(LONGEST_VALUE, "a value")?.to_vec()));
        }
        Ok(Facts { kind, mode, uid, gid, size, links, device, inode, modified, changed, node, content, target, xattrs })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_block_is_refused_in_words() {
        let raw = |bytes: &[u8]| read_block(&zstd::bulk::compress(bytes, 1).unwrap()).map(|entries| entries.len());
        assert_eq!(raw(&[0]), Ok(0));
        assert_eq!(raw(&[]), Err(CodecError::Short));
        assert_eq!(raw(&[0, 0]), Err(CodecError::Trailing));
        assert_eq!(raw(&[1, 1]), Err(CodecError::Limit("a shared path")));
        assert_eq!(raw(&[1, 0, 1, b'a', 4]), Err(CodecError::Unknown("a flag")));
        assert_eq!(raw(&[2, 0, 1, b'b', 0, 0, 1, b'a', 0]), Err(CodecError::Order));
        assert_eq!(raw(&[0x80, 0]), Err(CodecError::Limit("a number")));
        assert_eq!(read_block(b"none"), Err(CodecError::Compressed));
    }
}
