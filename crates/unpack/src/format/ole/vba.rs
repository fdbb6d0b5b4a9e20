//! Macros: the project's `dir` stream says where in each module's stream its source begins; both are compressed as
//! MS-OVBA has it. A module that `dir` does not name, or names wrongly, is searched for its source.

use crate::Kind;
use crate::outcome::Oddity;
use crate::walk::{Body, Entry, Walk, Walked};
use std::collections::BTreeMap;
use std::io::Read;

const MAX_STREAM: u64 = 16 << 20;
/// A chunk gives at most this.
const CHUNK: usize = 4096;

#[derive(Default)]
pub(super) struct Project {
    /// By path.
    streams: BTreeMap<String, Vec<u8>>,
}

impl Project {
    pub fn add(&mut self, walk: &Walk<'_>, path: &str, stream: impl Read) {
        let mut bytes = Vec::new();
        // An error was said when the stream was given as a member.
        let _ = stream.take(MAX_STREAM).read_to_end(&mut bytes);
        if bytes.len() as u64 == MAX_STREAM {
            walk.unread(crate::meter::Cut::new(crate::Reason::MemberSize, format!("macros in {path}")));
        }
        self.streams.insert(path.to_owned(), bytes);
    }

    pub fn modules(&self, walk: &mut Walk<'_>) -> Walked {
        let folders: Vec<&str> = self.streams.keys().filter_map(|path| path.strip_suffix("VBA/dir")).collect();
        let mut offsets = BTreeMap::new();
        for folder in folders {
            let (dir, whole) = decompress(&self.streams[&format!("{folder}VBA/dir")]);
            if !whole {
                walk.damaged("the list of macros");
            }
            offsets.extend(module_offsets(&dir).into_iter().map(|(name, at)| (format!("{folder}VBA/{name}"), at)));
        }
        for (path, bytes) in &self.streams {
            let name = path.rsplit('/').next().unwrap_or_default();
            if matches!(name, "dir" | "_VBA_PROJECT") || name.starts_with("__SRP_") {
                continue;
            }
            let told = offsets.get(path).and_then(|at| bytes.get(*at..)).filter(|rest| rest.first() == Some(&1));
            let found = told.or_else(|| search(bytes));
            let Some(compressed) = found else {
                if offsets.contains_key(path) {
                    walk.at(path.as_bytes(), |walk| walk.damaged("no macro where one is said to be"));
                }
                continue;
            };
            if told.is_none() {
                walk.at(path.as_bytes(), |walk| walk.odd(Oddity::Unlisted, "a macro"));
            }
            let (source, whole) = decompress(compressed);
            let member = format!("{path}.vba");
            walk.member(&Entry { kind: Some(Kind::Vba), ..Entry::named(member.as_bytes()) }, Body::Bytes(&source))?;
            if !whole {
                walk.at(member.as_bytes(), |walk| walk.damaged("its compression breaks off"));
            }
        }
        Ok(())
    }
}

/// A container whose text begins as every module's does.
fn search(bytes: &[u8]) -> Option<&[u8]> {
    // Signature, header of a compressed chunk, a flag byte of eight literals, "Attribut".
    let at = memchr::memmem::find(bytes, b"\0Attribut")?;
    (at >= 3 && bytes[at - 3] == 1).then(|| &bytes[at - 3..])
}

/// MODULESTREAMNAME (0x1a) and MODULEOFFSET (0x31) of each module, from the decompressed `dir`. Its records are an id, a
/// size and that many bytes, but for the version (0x09), which has two more.
fn module_offsets(dir: &[u8]) -> Vec<(String, usize)> {
    let mut out = Vec::new();
    let mut at = 0;
    let mut name = None;
    while let Some(head) = dir.get(at..at + 6) {
        let id = u16::from_le_bytes([head[0], head[1]]);
        let size = u32::from_le_bytes(head[2..].try_into().expect("four bytes")) as usize;
        let Some(data) = size.checked_add(at + 6).and_then(|end| dir.get(at + 6..end)) else { break };
        at += 6 + size;
        match id {
            0x09 => at += 2,
            0x1a => name = Some(String::from_utf8_lossy(data).into_owned()),
            // The same in UTF-16, which is what the directory has.
            0x32 => {
                let units: Vec<u16> = data.chunks_exact(2).map(|p| u16::from_le_bytes([p[0], p[1]])).collect();
                name = Some(String::from_utf16_lossy(&units));
            }
            0x31 if size == 4 => {
                let offset = u32::from_le_bytes(data.try_into().expect("four bytes")) as usize;
                out.extend(name.take().map(|name| (name, offset)));
            }
            _ => {}
        }
    }
    out
}

/// MS-OVBA 2.4.1: a byte of 1, then chunks. Each begins with its size, and whether it is compressed; flags of eight tokens,
/// each a byte or a copy whose offset and length share 16 bits, more for the offset the further the chunk is. Returns what
/// came out and whether all chunks were whole.
pub(crate) fn decompress(bytes: &[u8]) -> (Vec<u8>, bool) {
    let mut out: Vec<u8> = Vec::new();
    if bytes.first() != Some(&1) {
        return (out, false);
    }
    let mut at = 1;
    while at < bytes.len() {
        let Some(head) = bytes.get(at..at + 2) else { return (out, false) };
        let head = u16::from_le_bytes([head[0], head[1]]);
        // Behind the last chunk a stream may hold anything; a chunk bears this signature.
        if head >> 12 & 7 != 3 {
            return (out, head == 0);
        }
        let size = usize::from(head & 0xfff) + 3;
        let end = (at + size).min(bytes.len());
        let whole = at + size <= bytes.len();
        let data = &bytes[at + 2..end];
        let ok = if head & 0x8000 == 0 {
            out.extend(&data[..data.len().min(CHUNK)]);
            true
        } else {
            chunk(data, &mut out)
        };
        if !whole || !ok {
            return (out, false);
        }
        at = end;
    }
    (out, true)
}

fn chunk(data: &[u8], out: &mut Vec<u8>) -> bool {
    let start = out.len();
    let mut at = 0;
    while at < data.len() {
        let flags = data[at];
        at += 1;
        for bit in 0..8 {
            if at >= data.len() {
                return true;
            }
            if out.len() - start >= CHUNK {
                return false;
            }
            if flags >> bit & 1 == 0 {
                out.push(data[at]);
                at += 1;
                continue;
            }
            let Some(token) = data.get(at..at + 2) else { return false };
            let token = u16::from_le_bytes([token[0], token[1]]);
            at += 2;
            let done = out.len() - start;
            if done == 0 {
                return false;
            }
            // The least number of bits that can hold the distance, at least four.
            let bits = (usize::BITS - (done - 1).leading_zeros()).max(4);
            let len = usize::from(token & (0xffff >> bits)) + 3;
            let offset = usize::from(token >> (16 - bits)) + 1;
            if offset > done {
                return false;
            }
            for _ in 0..len.min(CHUNK - done) {
                out.push(out[out.len() - offset]);
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The three examples that MS-OVBA 3.2 gives.
    #[test]
    fn decompresses_the_specification_s_examples() {
        let check = |bytes: &[u8], expected: &[u8]| assert_eq!(decompress(bytes), (expected.to_vec(), true));
        check(b"\x01\x19\xb0\0abcdefgh\0ijklmnop\0qrstuv.", b"abcdefghijklmnopqrstuv.");
        check(
            b"\x01\x2f\xb0\0#aaabcde\x82f\0paghij\x018\x08akl\x000mnop\x06q\x02p\x04\x10rstuv\x10wxyz\0<",
            b"#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa",
        );
        check(b"\x01\x03\xb0\x02a\x45\0", &[b'a'; 73]);
    }
}
