//! Blocks of relocations; only whether there are any, and what is wrong with them, is a feature.

use super::{Image, Read, Stop, Warning, u16_at, u32_at};

/// Layout of a block's entries.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Entries {
    /// 4 bits of type, 12 of offset.
    Base,
    /// 12 bits of offset, in so many bytes.
    Dynamic(usize),
}

/// Number of blocks in `size` bytes from `rva` on.
pub(super) fn read(image: &Image<'_>, rva: i64, size: i64) -> Read<usize> {
    blocks(image, rva, size, Entries::Base)
}

pub(super) fn blocks(image: &Image<'_>, rva: i64, size: i64, entries: Entries) -> Read<usize> {
    let end = rva.saturating_add(size);
    let mut rva = rva;
    let mut count = 0;
    let mut seen = Seen::default();
    while rva < end {
        let block = match image.structure(rva, 8) {
            Ok(Some(block)) => block,
            Ok(None) => break,
            Err(Stop::NotPe) => return Err(Stop::NotPe),
            Err(Stop::Unreadable) => {
                image.warn(Warning::RelocationData);
                break;
            }
        };
        let (page, block_size) = (u32_at(block, 0), u32_at(block, 4));
        if page > image.header.image_size {
            image.warn(Warning::RelocationOutsideImage);
            break;
        }
        if block_size > image.header.image_size {
            image.warn(Warning::RelocationBlockSize);
            break;
        }
        match image.bytes(rva + 8, i64::from(block_size) - 8) {
            Ok(bytes) if image.offset(rva + 8).is_ok() => {
                if seen.repeats(bytes, entries) {
                    image.warn(Warning::RelocationOverlap);
                }
            }
            _ => image.warn(Warning::RelocationRva),
        }
        count += 1;
        if block_size == 0 {
            break;
        }
        rva += i64::from(block_size);
    }
    Ok(count)
}

/// Which entries of a block were seen, kept from block to block so that small blocks are cheap.
struct Seen(Vec<u64>);

impl Default for Seen {
    fn default() -> Self {
        Seen(vec![0; 1024])
    }
}

impl Seen {
    /// Whether an entry stands in the block twice.
    fn repeats(&mut self, bytes: &[u8], entries: Entries) -> bool {
        let (size, mask) = match entries {
            Entries::Base => (2, 0xffff),
            Entries::Dynamic(size) => (size, 0xfff),
        };
        let keys = || bytes.chunks_exact(size).map(|entry| usize::from(u16_at(entry, 0) & mask));
        let mut read = 0;
        let mut repeats = false;
        for key in keys() {
            read += 1;
            if self.0[key / 64] >> (key % 64) & 1 == 1 {
                repeats = true;
                break;
            }
            self.0[key / 64] |= 1 << (key % 64);
        }
        keys().take(read).for_each(|key| self.0[key / 64] = 0);
        repeats
    }
}
