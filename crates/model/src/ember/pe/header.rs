//! DOS, COFF and optional headers, and the table of directories.

use super::{Image, Read, Stop, Warning, u16_at, u32_at, u64_at};

#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::ember) struct Header {
    /// The 64 bytes of the DOS header.
    pub dos: Vec<u8>,
    pub machine: u16,
    pub section_count: u16,
    pub timestamp: u32,
    pub symbol_table: u32,
    pub symbol_count: u32,
    pub optional_size: u16,
    pub characteristics: u16,
    pub optional_offset: i64,
    pub magic: u16,
    pub linker: (u8, u8),
    pub code_size: u32,
    pub initialized_size: u32,
    pub uninitialized_size: u32,
    pub entry: u32,
    pub code_base: u32,
    pub image_base: u64,
    pub section_alignment: u32,
    pub file_alignment: u32,
    pub system_version: (u16, u16),
    pub image_version: (u16, u16),
    pub subsystem_version: (u16, u16),
    pub image_size: u32,
    pub headers_size: u32,
    pub checksum: u32,
    pub subsystem: u16,
    pub dll_characteristics: u16,
    pub stack_reserve: u64,
    pub stack_commit: u64,
    pub heap_reserve: u64,
    pub heap_commit: u64,
    pub directory_count: u32,
    /// Address and size, at most 16.
    pub directories: Vec<(u32, u32)>,
}

impl Header {
    pub(super) fn is_64(&self) -> bool {
        self.magic == 0x20b
    }

    /// Neither PE32 nor PE32+; read as PE32 then.
    pub(super) fn is_unknown(&self) -> bool {
        !matches!(self.magic, 0x10b | 0x20b)
    }
}

pub(super) fn read(image: &mut Image<'_>) -> Read<()> {
    let data = image.data;
    let dos = data.get(..64).ok_or(Stop::NotPe)?;
    if &dos[..2] != b"MZ" {
        return Err(Stop::NotPe);
    }
    let start = u32_at(dos, 60) as usize;
    if data.get(start..start + 4).ok_or(Stop::NotPe)? != b"PE\0\0" {
        return Err(Stop::NotPe);
    }
    let coff = data.get(start + 4..start + 24).ok_or(Stop::NotPe)?;
    let offset = start + 24;
    let rest = data.get(offset..).unwrap_or(&[]);
    let optional = optional(image, rest)?;
    let optional = optional.as_slice();
    let wide = u16_at(optional, 0) == 0x20b;
    let size = if wide { 112 } else { 96 };
    // Fields that are as wide as an address.
    let word = |at32: usize, at64: usize| if wide { u64_at(optional, at64) } else { u64::from(u32_at(optional, at32)) };
    let pair = |at: usize| (u16_at(optional, at), u16_at(optional, at + 2));
    let header = Header {
        dos: dos.to_vec(),
        machine: u16_at(coff, 0),
        section_count: u16_at(coff, 2),
        timestamp: u32_at(coff, 4),
        symbol_table: u32_at(coff, 8),
        symbol_count: u32_at(coff, 12),
        optional_size: u16_at(coff, 16),
        characteristics: u16_at(coff, 18),
        optional_offset: offset as i64,
        magic: u16_at(optional, 0),
        linker: (optional[2], optional[3]),
        code_size: u32_at(optional, 4),
        initialized_size: u32_at(optional, 8),
        uninitialized_size: u32_at(optional, 12),
        entry: u32_at(optional, 16),
        code_base: u32_at(optional, 20),
        image_base: word(28, 24),
        section_alignment: u32_at(optional, 32),
        file_alignment: u32_at(optional, 36),
        system_version: pair(40),
        image_version: pair(44),
        subsystem_version: pair(48),
        image_size: u32_at(optional, 56),
        headers_size: u32_at(optional, 60),
        checksum: u32_at(optional, 64),
        subsystem: u16_at(optional, 68),
        dll_characteristics: u16_at(optional, 70),
        stack_reserve: word(72, 72),
        stack_commit: word(76, 80),
        heap_reserve: word(80, 88),
        heap_commit: word(84, 96),
        directory_count: u32_at(optional, size - 4),
        directories: Vec::new(),
    };
    if header.is_unknown() {
        image.warn(Warning::OptionalHeaderType);
    }
    if header.entry < header.headers_size {
        image.warn(Warning::HeadersBeforeEntry);
    }
    if header.directory_count > 16 {
        image.warn(Warning::RvaCount);
    }
    image.header = header;
    directories(image, offset + size);
    Ok(())
}

/// The optional header, filled up with zeros where the file ends in it after the fields that a loader needs.
fn optional(image: &Image<'_>, rest: &[u8]) -> Read<Vec<u8>> {
    let padded = || rest.iter().take(0x200).copied().chain([0; 128]).take(112).collect::<Vec<u8>>();
    if rest.len() < 96 {
        image.warn(Warning::CorruptHeader);
        if rest.len() < 69 {
            return Err(Stop::NotPe);
        }
    }
    if u16_at(rest, 0) == 0x20b && rest.len() < 112 {
        image.warn(Warning::CorruptHeader);
        if rest.len() < 73 {
            return Err(Stop::NotPe);
        }
    }
    Ok(padded())
}

fn directories(image: &mut Image<'_>, start: usize) {
    let count = (image.header.directory_count & 0x7fff_ffff).min(16) as usize;
    for index in 0..count {
        let Some(bytes) = image.data.get(start + 8 * index..).filter(|rest| !rest.is_empty()) else { break };
        // Cut off by the end of the file: what is missing is zero.
        let mut entry = [0u8; 8];
        let there = bytes.len().min(8);
        entry[..there].copy_from_slice(&bytes[..there]);
        image.header.directories.push((u32_at(&entry, 0), u32_at(&entry, 4)));
        if there < 8 {
            // The next one would begin beyond the end, which reads as one more of zeros each.
            let rest = count - index - 1;
            image.header.directories.extend(std::iter::repeat_n((0, 0), rest));
            break;
        }
    }
}
