//! A volume: its partitions, what its entries say of files, and the bytes that lie where they say.

use crate::meter::Cut;
use crate::source::{Source, read_array, read_vec};
use std::io;

const MAX_FOLDER: u64 = 64 << 20;
/// Pieces of one file.
const MAX_EXTENTS: usize = 100_000;
/// Blocks that a list of pieces goes on in.
const MAX_LISTS: usize = 10_000;

// Descriptors by their tags.
const ANCHOR: u16 = 2;
const PARTITION: u16 = 5;
const LOGICAL_VOLUME: u16 = 6;
const TERMINATOR: u16 = 8;
const FILE_SET: u16 = 256;
pub const FILE_IDENTIFIER: u16 = 257;
const MORE_EXTENTS: u16 = 258;
const FILE_ENTRY: u16 = 261;
const EXTENDED_FILE_ENTRY: u16 = 266;

/// A place in a partition, and how much lies there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    pub length: u64,
    pub block: u64,
    pub partition: u16,
    /// Nothing is written there: zeros.
    hole: bool,
}

enum Map {
    /// Begins at this block.
    Plain(u64),
    /// Its blocks lie in a file.
    File(Vec<Extent>),
}

pub struct Volume<'s> {
    source: &'s dyn Source,
    pub block: u64,
    partitions: Vec<Map>,
}

/// A file's length and its pieces, or its bytes where they stand in its entry.
pub enum Content {
    Extents(u64, Vec<Extent>),
    Inside(Vec<u8>),
}

impl<'s> Volume<'s> {
    pub fn open(source: &'s dyn Source) -> io::Result<(Self, Extent)> {
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
            let named = |name: &[u8]| logical.get(at + 5..).is_some_and(|rest| rest.starts_with(name));
            let map = match kind {
                1 if len == 6 => Map::Plain(begin(short(&logical, at + 4))?),
                2 if len == 64 && named(b"*UDF Metadata Partition") => {
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
                2 if len == 64 && named(b"*UDF Sparable Partition") => Map::Plain(begin(short(&logical, at + 38))?),
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
    pub fn place(&self, partition: u16, offset: u64) -> io::Result<(u64, u64)> {
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
    pub fn entry(&self, at: Extent) -> io::Result<(u8, Vec<u8>)> {
        let entry = self.bytes(Extent { length: self.block, ..at })?;
        match tag(&entry) {
            Some(FILE_ENTRY | EXTENDED_FILE_ENTRY) => Ok((entry.get(27).copied().unwrap_or(0), entry)),
            _ => Err(Cut::damaged("no entry where a folder says").into()),
        }
    }

    pub fn content(&self, at: Extent) -> io::Result<Content> {
        let (_, entry) = self.entry(at)?;
        self.content_of(&entry, at.partition)
    }

    pub fn content_of(&self, entry: &[u8], partition: u16) -> io::Result<Content> {
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
        let (mut at, mut lists) = (0, 0);
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
                (at, lists) = (0, lists + 1);
            } else {
                extent.hole = kind != 0;
                extents.push(extent);
            }
            if extents.len() > MAX_EXTENTS || lists > MAX_LISTS || kind == 3 && extents.is_empty() {
                return Err(Cut::damaged("a list of extents without an end").into());
            }
        }
        Ok(Content::Extents(size, extents))
    }

    /// All of a folder.
    pub fn all(&self, content: Content) -> io::Result<Vec<u8>> {
        match content {
            Content::Inside(bytes) => Ok(bytes),
            Content::Extents(size, _) if size > MAX_FOLDER => Err(Cut::damaged("a folder of its size").into()),
            Content::Extents(size, extents) => {
                read_vec(&Pieces { volume: self, size, extents: &extents }, 0, size as usize)
            }
        }
    }
}

impl Extent {
    fn at(block: u64, partition: u16) -> Extent {
        Extent { length: 0, block, partition, hole: false }
    }
}

/// A file's pieces as one.
pub struct Pieces<'v, 's> {
    pub volume: &'v Volume<'s>,
    pub size: u64,
    pub extents: &'v [Extent],
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
pub fn tag(descriptor: &[u8]) -> Option<u16> {
    let tag = descriptor.first_chunk::<16>()?;
    let sum = tag.iter().enumerate().filter(|(n, _)| *n != 4).fold(0u8, |sum, (_, byte)| sum.wrapping_add(*byte));
    (sum == tag[4]).then(|| u16::from_le_bytes([tag[0], tag[1]]))
}

pub fn short(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |b| u16::from_le_bytes([b[0], b[1]]))
}

fn word(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 4).map_or(0, |b| u64::from(u32::from_le_bytes([b[0], b[1], b[2], b[3]])))
}

pub fn long(bytes: &[u8], at: usize) -> Extent {
    Extent {
        length: word(bytes, at) & 0x3fff_ffff,
        block: word(bytes, at + 4),
        partition: short(bytes, at + 8),
        hole: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meter::Meter;
    use crate::{Limits, Reason};

    const BLOCK: usize = 512;

    fn sealed(mut descriptor: Vec<u8>, number: u16) -> Vec<u8> {
        descriptor.resize(BLOCK, 0);
        descriptor[..2].copy_from_slice(&number.to_le_bytes());
        descriptor[4] = 0;
        descriptor[4] = descriptor[..16].iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
        descriptor
    }

    /// Kind, length and block, as a short allocation descriptor.
    fn short_extent(kind: u32, length: u32, block: u32) -> Vec<u8> {
        [(kind << 30 | length).to_le_bytes(), block.to_le_bytes()].concat()
    }

    #[test]
    fn a_list_of_pieces_that_leads_back_to_itself_ends() {
        let list = [short_extent(0, 512, 9), short_extent(3, 512, 1)].concat();
        let mut entry = vec![0; 176];
        entry[56..64].copy_from_slice(&512u64.to_le_bytes());
        entry[172..176].copy_from_slice(&(list.len() as u32).to_le_bytes());
        entry.extend(&list);
        let entry = sealed(entry, FILE_ENTRY);
        // The block that goes on with the list says only: go on with this very block.
        let mut more = vec![0; 24];
        more[20..24].copy_from_slice(&8u32.to_le_bytes());
        more.extend(short_extent(3, 512, 1));
        let image = [vec![0; BLOCK], sealed(more, MORE_EXTENTS)].concat();
        let volume = Volume { source: &&image[..], block: BLOCK as u64, partitions: vec![Map::Plain(0)] };
        let error = volume.content_of(&entry, 0).err().expect("it has no end");
        assert_eq!(Meter::new(Limits::default()).cut(&error).reason, Reason::Damaged);
    }

    /// The second partition's map begins in the last two bytes of the volume's descriptor.
    #[test]
    fn a_map_that_is_cut_off_is_an_error() {
        let mut logical = vec![0; BLOCK];
        logical[212..216].copy_from_slice(&(BLOCK as u32).to_le_bytes());
        logical[268..272].copy_from_slice(&3u32.to_le_bytes());
        logical[440..442].copy_from_slice(&[1, 6]);
        logical[446..448].copy_from_slice(&[2, 64]);
        logical[451..474].copy_from_slice(b"*UDF Sparable Partition");
        logical[510..512].copy_from_slice(&[2, 64]);
        let partition = sealed(vec![0; BLOCK], PARTITION);
        let image = [partition, sealed(logical, LOGICAL_VOLUME), sealed(Vec::new(), TERMINATOR)].concat();
        assert!(Volume::described(&&image[..], BLOCK as u64, 3 * BLOCK as u64, 0).is_err());
    }
}
