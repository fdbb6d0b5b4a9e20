//! UDF (ECMA-167), alone or beside an ISO 9660 tree, which may hide what only stands here. Partitions as they lie on the
//! medium and metadata partitions (UDF 2.50); those of write-once media are named as unsupported.

use crate::meter::Cut;
use crate::outcome::Reason;
use crate::source::{Source, read_array, read_vec};
use crate::walk::{Body, Entry, Walk, Walked};
use std::collections::BTreeSet;
use std::io;

const MAX_FOLDER: u64 = 64 << 20;
const MAX_FOLDERS: usize = 50_000;
const MAX_DEPTH: usize = 255;
/// Pieces of one file.
const MAX_EXTENTS: usize = 100_000;

// Descriptors by their tags.
const ANCHOR: u16 = 2;
const PARTITION: u16 = 5;
const LOGICAL_VOLUME: u16 = 6;
const TERMINATOR: u16 = 8;
const FILE_SET: u16 = 256;
const FILE_IDENTIFIER: u16 = 257;
const MORE_EXTENTS: u16 = 258;
const FILE_ENTRY: u16 = 261;
const EXTENDED_FILE_ENTRY: u16 = 266;

/// Whether the descriptors from the sixteenth sector on announce it.
pub(crate) fn is_announced(source: &dyn Source) -> bool {
    (16..32).any(|sector| {
        read_array::<7>(source, sector * 2048).is_ok_and(|start| matches!(&start[1..6], b"NSR02" | b"NSR03"))
    })
}

/// `seen` holds place (in sectors of 2,048 bytes) and size of files that were given already.
pub(crate) fn read(walk: &mut Walk<'_>, source: &dyn Source, seen: BTreeSet<(u64, u64)>) -> Walked {
    match Volume::open(source) {
        Ok((volume, root)) => Tree { volume, seen, folders: BTreeSet::new(), position: 0 }.walk(walk, root),
        Err(error) => {
            walk.unread_error(&error);
            Ok(())
        }
    }
}

/// A place in a partition, and how much lies there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Extent {
    length: u64,
    block: u64,
    partition: u16,
    /// Nothing is written there: zeros.
    hole: bool,
}

enum Map {
    /// Begins at this block.
    Plain(u64),
    /// Its blocks lie in a file.
    File(Vec<Extent>),
}

struct Volume<'s> {
    source: &'s dyn Source,
    block: u64,
    partitions: Vec<Map>,
}

/// A file's length and its pieces, or its bytes where they stand in its entry.
enum Content {
    Extents(u64, Vec<Extent>),
    Inside(Vec<u8>),
}

impl<'s> Volume<'s> {
    fn open(source: &'s dyn Source) -> io::Result<(Self, Extent)> {
        for block in [2048u64, 512, 4096, 1024] {
            let last = (source.len() / block).saturating_sub(1);
            for anchor in [256, last, last.saturating_sub(256)] {
                let Ok(start) = read_array::<32>(source, anchor * block) else { continue };
                if tag(&start) == Some(ANCHOR) {
                    return Volume::described(source, block, word(&start, 16), word(&start, 20))
                        .or_else(|_| Volume::described(source, block, word(&start, 24), word(&start, 28)));
                }
            }
        }
        Err(Cut::damaged("no anchor of a UDF volume").into())
    }

    fn described(source: &'s dyn Source, block: u64, length: u64, at: u64) -> io::Result<(Self, Extent)> {
        let mut volume = Volume { source, block, partitions: Vec::new() };
        let mut begins: Vec<(u16, u64)> = Vec::new();
        let mut logical = None;
        for n in 0..(length / block).min(64) {
            let descriptor = read_vec(source, (at + n) * block, block as usize)?;
            match tag(&descriptor) {
                Some(PARTITION) => begins.push((short(&descriptor, 22), word(&descriptor, 188))),
                Some(LOGICAL_VOLUME) => logical = Some(descriptor),
                Some(TERMINATOR) => break,
                _ => {}
            }
        }
        let logical = logical.ok_or_else(|| Cut::damaged("no logical volume"))?;
        if word(&logical, 212) != block {
            return Err(Cut::unsupported("a UDF volume whose blocks are not those of its medium").into());
        }
        let begin = |number: u16| {
            let found = begins.iter().find(|(known, _)| *known == number).map(|(_, begin)| *begin);
            found.ok_or_else(|| io::Error::from(Cut::damaged("a partition that is not described")))
        };
        let mut at = 440;
        for _ in 0..word(&logical, 268).min(8) {
            let kind = logical.get(at).copied().unwrap_or(0);
            let len = usize::from(logical.get(at + 1).copied().unwrap_or(0));
            let map = match kind {
                1 if len == 6 => Map::Plain(begin(short(&logical, at + 4))?),
                2 if len == 64 && logical[at + 5..].starts_with(b"*UDF Metadata Partition") => {
                    let begin = begin(short(&logical, at + 38))?;
                    volume.partitions.push(Map::Plain(begin));
                    let number = (volume.partitions.len() - 1) as u16;
                    let content = volume.content(Extent::at(word(&logical, at + 40), number));
                    volume.partitions.pop();
                    let Content::Extents(_, extents) = content? else {
                        return Err(Cut::damaged("a metadata partition of a few bytes").into());
                    };
                    // Its extents are told as of the plain partition, which may have another number here.
                    let placed = |one: Extent| Extent { block: begin + one.block, ..one };
                    Map::File(extents.into_iter().map(placed).collect())
                }
                2 if len == 64 && logical[at + 5..].starts_with(b"*UDF Sparable Partition") => {
                    Map::Plain(begin(short(&logical, at + 38))?)
                }
                _ => return Err(Cut::unsupported("a UDF partition of write-once media").into()),
            };
            volume.partitions.push(map);
            at += len;
        }
        let set = volume.bytes(Extent { length: block, ..long(&logical, 248) })?;
        if tag(&set) != Some(FILE_SET) {
            return Err(Cut::damaged("no file set").into());
        }
        let root = long(&set, 400);
        Ok((volume, root))
    }

    /// Where a byte of a partition lies, and how many follow it there.
    fn place(&self, partition: u16, offset: u64) -> io::Result<(u64, u64)> {
        let missing = || io::Error::from(Cut::damaged("a place in no partition"));
        match self.partitions.get(usize::from(partition)).ok_or_else(missing)? {
            Map::Plain(begin) => {
                let at =
                    begin.checked_mul(self.block).and_then(|begin| begin.checked_add(offset)).ok_or_else(missing)?;
                Ok((at, self.source.len().saturating_sub(at)))
            }
            Map::File(extents) => {
                let mut left = offset;
                for one in extents {
                    if left < one.length {
                        return Ok((one.block * self.block + left, one.length - left));
                    }
                    left -= one.length;
                }
                Err(missing())
            }
        }
    }

    fn bytes(&self, extent: Extent) -> io::Result<Vec<u8>> {
        let (at, there) = self.place(extent.partition, extent.block.saturating_mul(self.block))?;
        read_vec(self.source, at, extent.length.min(there).min(MAX_FOLDER) as usize)
    }

    /// What the entry at a place says of a file.
    fn entry(&self, at: Extent) -> io::Result<(u8, Vec<u8>)> {
        let entry = self.bytes(Extent { length: self.block, ..at })?;
        match tag(&entry) {
            Some(FILE_ENTRY | EXTENDED_FILE_ENTRY) => Ok((entry.get(27).copied().unwrap_or(0), entry)),
            _ => Err(Cut::damaged("no entry where a folder says").into()),
        }
    }

    fn content(&self, at: Extent) -> io::Result<Content> {
        let (_, entry) = self.entry(at)?;
        self.content_of(&entry, at.partition)
    }

    fn content_of(&self, entry: &[u8], partition: u16) -> io::Result<Content> {
        let fixed = if tag(entry) == Some(FILE_ENTRY) { 176 } else { 216 };
        let (attributes, descriptors) = (word(entry, fixed - 8) as usize, word(entry, fixed - 4) as usize);
        let start = fixed.saturating_add(attributes);
        let size = u64::from_le_bytes(entry.get(56..64).and_then(|b| b.try_into().ok()).unwrap_or_default());
        let told =
            entry.get(start..start.saturating_add(descriptors)).ok_or_else(|| Cut::damaged("an entry's lengths"))?;
        let each = match short(entry, 34) & 7 {
            0 => 8,
            1 => 16,
            3 => return Ok(Content::Inside(told[..told.len().min(size as usize)].to_vec())),
            _ => return Err(Cut::unsupported("extended allocation descriptors").into()),
        };
        let mut extents = Vec::new();
        let mut told = told.to_vec();
        let mut at = 0;
        while let Some(raw) = told.get(at..at + each) {
            at += each;
            let (kind, mut extent) = if each == 8 {
                (
                    word(raw, 0) >> 30,
                    Extent { length: word(raw, 0) & 0x3fff_ffff, block: word(raw, 4), partition, hole: false },
                )
            } else {
                (word(raw, 0) >> 30, long(raw, 0))
            };
            if extent.length == 0 {
                break;
            }
            if kind == 3 {
                // The list goes on elsewhere.
                let next = self.bytes(extent)?;
                let length = word(&next, 20) as usize;
                if tag(&next) != Some(MORE_EXTENTS) || length == 0 {
                    return Err(Cut::damaged("a list of extents that does not go on").into());
                }
                told = next.get(24..24 + length.min(next.len().saturating_sub(24))).unwrap_or_default().to_vec();
                at = 0;
            } else {
                extent.hole = kind != 0;
                extents.push(extent);
            }
            if extents.len() > MAX_EXTENTS || kind == 3 && extents.is_empty() {
                return Err(Cut::damaged("a list of extents without an end").into());
            }
        }
        Ok(Content::Extents(size, extents))
    }
}

impl Extent {
    fn at(block: u64, partition: u16) -> Extent {
        Extent { length: 0, block, partition, hole: false }
    }
}

struct Tree<'s> {
    volume: Volume<'s>,
    seen: BTreeSet<(u64, u64)>,
    folders: BTreeSet<(u16, u64)>,
    position: u64,
}

impl Tree<'_> {
    fn walk(&mut self, walk: &mut Walk<'_>, root: Extent) -> Walked {
        let mut open = vec![(root, Vec::new(), 0)];
        while let Some((place, path, depth)) = open.pop() {
            walk.step()?;
            if !self.folders.insert((place.partition, place.block)) {
                walk.at(&path, |walk| walk.unread(Cut::new(Reason::Cyclic, "a folder within itself")));
                continue;
            }
            if self.folders.len() > MAX_FOLDERS || depth > MAX_DEPTH {
                walk.at(&path, |walk| walk.unread(Cut::new(Reason::Depth, "folders")));
                return Ok(());
            }
            let listed = self.volume.content(place).and_then(|content| self.all(content));
            let bytes = match listed {
                Ok(bytes) => bytes,
                Err(error) => {
                    walk.at(&path, |walk| walk.unread_error(&error));
                    continue;
                }
            };
            self.folder(walk, &bytes, &path, depth, &mut open)?;
        }
        Ok(())
    }

    fn all(&self, content: Content) -> io::Result<Vec<u8>> {
        match content {
            Content::Inside(bytes) => Ok(bytes),
            Content::Extents(size, _) if size > MAX_FOLDER => Err(Cut::damaged("a folder of its size").into()),
            Content::Extents(size, extents) => {
                read_vec(&Pieces { volume: &self.volume, size, extents: &extents }, 0, size as usize)
            }
        }
    }

    fn folder(
        &mut self,
        walk: &mut Walk<'_>,
        bytes: &[u8],
        path: &[u8],
        depth: usize,
        open: &mut Vec<(Extent, Vec<u8>, usize)>,
    ) -> Walked {
        const FOLDER: u8 = 2;
        const DELETED: u8 = 4;
        const PARENT: u8 = 8;
        let mut at = 0;
        while at + 38 <= bytes.len() {
            walk.step()?;
            let record = &bytes[at..];
            if tag(record) != Some(FILE_IDENTIFIER) {
                walk.at(path, |walk| walk.damaged("a record of a folder"));
                return Ok(());
            }
            let (flags, name_len, used) = (record[18], usize::from(record[19]), usize::from(short(record, 36)));
            at += (38 + used + name_len).next_multiple_of(4);
            if flags & (PARENT | DELETED) != 0 {
                continue;
            }
            let mut name = path.to_vec();
            if !name.is_empty() {
                name.push(b'/');
            }
            name.extend(self::name(record.get(38 + used..38 + used + name_len).unwrap_or_default()));
            name.truncate(2_000);
            let place = long(record, 20);
            if flags & FOLDER != 0 {
                open.push((place, name, depth + 1));
            } else {
                self.file(walk, &name, place)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, walk: &mut Walk<'_>, name: &[u8], place: Extent) -> Walked {
        const SYMLINK: u8 = 12;
        let found = self
            .volume
            .entry(place)
            .and_then(|(kind, entry)| Ok((kind, self.volume.content_of(&entry, place.partition)?)));
        let (kind, content) = match found {
            Ok(found) => found,
            Err(error) => {
                walk.at(name, |walk| walk.unread_error(&error));
                return Ok(());
            }
        };
        // Devices and links hold nothing.
        if (6..=10).contains(&kind) || kind == SYMLINK {
            return Ok(());
        }
        let entry = Entry { position: self.position, ..Entry::named(name) };
        self.position += 1;
        match content {
            Content::Inside(bytes) => walk.member(&entry, Body::Bytes(&bytes)),
            Content::Extents(size, extents) => {
                if let [one] = &extents[..]
                    && let Ok((at, _)) = self.volume.place(one.partition, one.block.saturating_mul(self.volume.block))
                    && self.seen.contains(&(at / 2048, size))
                {
                    return Ok(());
                }
                let told: u64 = extents.iter().map(|extent| extent.length).sum();
                if told < size {
                    walk.at(name, |walk| walk.damaged("less is there than the file's size"));
                }
                let pieces = Pieces { volume: &self.volume, size: size.min(told), extents: &extents };
                let entry = Entry { declared: Some(size), stored: Some(told), ..entry };
                walk.member(&entry, Body::At(&pieces))
            }
        }
    }
}

/// A file's pieces as one.
struct Pieces<'v, 's> {
    volume: &'v Volume<'s>,
    size: u64,
    extents: &'v [Extent],
}

impl Source for Pieces<'_, '_> {
    fn len(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.size.saturating_sub(at)).unwrap_or(usize::MAX).min(buffer.len());
        let mut left = at;
        for one in self.extents {
            if left >= one.length {
                left -= one.length;
                continue;
            }
            let n = most.min(usize::try_from(one.length - left).unwrap_or(usize::MAX));
            if one.hole {
                buffer[..n].fill(0);
                return Ok(n);
            }
            let (place, there) =
                self.volume.place(one.partition, one.block.saturating_mul(self.volume.block) + left)?;
            let n = n.min(usize::try_from(there).unwrap_or(usize::MAX));
            return self.volume.source.read_at(place, &mut buffer[..n]);
        }
        Ok(0)
    }
}

/// The tag's number, if its own checksum is right.
fn tag(descriptor: &[u8]) -> Option<u16> {
    let tag = descriptor.first_chunk::<16>()?;
    let sum = tag.iter().enumerate().filter(|(n, _)| *n != 4).fold(0u8, |sum, (_, byte)| sum.wrapping_add(*byte));
    (sum == tag[4]).then(|| u16::from_le_bytes([tag[0], tag[1]]))
}

fn short(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |b| u16::from_le_bytes([b[0], b[1]]))
}

fn word(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 4).map_or(0, |b| u64::from(u32::from_le_bytes([b[0], b[1], b[2], b[3]])))
}

fn long(bytes: &[u8], at: usize) -> Extent {
    Extent {
        length: word(bytes, at) & 0x3fff_ffff,
        block: word(bytes, at + 4),
        partition: short(bytes, at + 8),
        hole: false,
    }
}

/// Characters of 8 or 16 bits; the first byte says which.
fn name(bytes: &[u8]) -> Vec<u8> {
    match bytes.split_first() {
        Some((16, rest)) => {
            let units: Vec<u16> = rest.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units).into_bytes()
        }
        Some((_, rest)) => rest.iter().map(|byte| char::from(*byte)).collect::<String>().into_bytes(),
        None => Vec::new(),
    }
}
