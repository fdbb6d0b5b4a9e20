//! The load configuration, for one question: are there dynamic relocations?

use super::relocations::{self, Entries};
use super::{Image, Read, Stop, Warning, u16_at, u32_at, u64_at};

/// Widths of its fields; a configuration ends after the field at which its own size says so.
const FIELDS_32: [u8; 52] = [
    4, 4, 2, 2, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 2, 2, 4, 4, 4, 4, 4, 4, 4, 4, 4, 2, 2, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
    2, 2, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
];
const FIELDS_64: [u8; 52] = [
    4, 4, 2, 2, 4, 4, 4, 8, 8, 8, 8, 8, 8, 4, 2, 2, 8, 8, 8, 8, 8, 8, 8, 8, 4, 2, 2, 4, 4, 8, 8, 8, 8, 8, 8, 8, 8, 4,
    2, 2, 8, 4, 4, 8, 8, 8, 8, 8, 8, 8, 8, 8,
];
/// The field with the offset of the dynamic relocations; the next one is their section.
const DYNAMIC: usize = 37;

/// Whether the file has dynamic relocations.
pub(super) fn read(image: &Image<'_>, rva: i64) -> Read<bool> {
    if image.header.is_unknown() {
        image.warn(Warning::LoadConfigFormat);
        return Ok(false);
    }
    let fields = if image.header.is_64() { &FIELDS_64 } else { &FIELDS_32 };
    let claimed = image.bytes(rva, 4).ok().filter(|bytes| bytes.len() == 4).map(|bytes| u32_at(bytes, 0) as usize);
    let mut size = 0;
    let mut count = 0;
    for width in fields {
        size += usize::from(*width);
        count += 1;
        if Some(size) == claimed {
            break;
        }
    }
    let config = match image.structure(rva, size) {
        Ok(Some(config)) => config,
        Ok(None) => return Ok(false),
        Err(Stop::NotPe) => return Err(Stop::NotPe),
        Err(Stop::Unreadable) => {
            image.warn(Warning::LoadConfig);
            return Ok(false);
        }
    };
    if count <= 35 {
        return Ok(false);
    }
    if count < DYNAMIC + 2 {
        // The original asks for fields that a configuration of this size does not have.
        return Err(Stop::NotPe);
    }
    let at: usize = fields[..DYNAMIC].iter().map(|width| usize::from(*width)).sum();
    dynamic(image, i64::from(u32_at(config, at)), usize::from(u16_at(config, at + 4)))
}

fn dynamic(image: &Image<'_>, offset: i64, section: usize) -> Read<bool> {
    if offset == 0 || section == 0 || section > image.sections.len() {
        return Ok(false);
    }
    let mut rva = i64::from(image.sections[section - 1].address) + offset;
    let table = match image.structure(rva, 8) {
        Ok(Some(table)) => table,
        Ok(None) | Err(Stop::NotPe) => return Err(Stop::NotPe),
        Err(Stop::Unreadable) => {
            image.warn(Warning::DynamicRelocationTable);
            return Ok(false);
        }
    };
    if u32_at(table, 0) != 1 {
        image.warn(Warning::DynamicRelocationVersion);
        return Ok(false);
    }
    rva += 8;
    let end = rva + i64::from(u32_at(table, 4));
    let wide = image.header.is_64();
    let size = if wide { 12 } else { 8 };
    let mut any = false;
    while rva < end {
        let entry = match image.structure(rva, size) {
            Ok(Some(entry)) => entry,
            Ok(None) => break,
            Err(Stop::NotPe) => return Err(Stop::NotPe),
            Err(Stop::Unreadable) => {
                image.warn(Warning::RelocationData);
                break;
            }
        };
        rva += size as i64;
        let symbol = if wide { u64_at(entry, 0) } else { u64::from(u32_at(entry, 0)) };
        let length = i64::from(u32_at(entry, size - 4));
        match symbol {
            0..=2 => {}
            7 => function_overrides(image, rva)?,
            3 => drop(relocations::blocks(image, rva, length, Entries::Dynamic(4))?),
            4 | 5 => drop(relocations::blocks(image, rva, length, Entries::Dynamic(2))?),
            _ => drop(relocations::blocks(image, rva, length, Entries::Base)?),
        }
        any |= symbol > 2;
        rva += length;
    }
    Ok(any)
}

fn function_overrides(image: &Image<'_>, rva: i64) -> Read<()> {
    let Some(header) = image.structure(rva, 4)? else {
        image.warn(Warning::FunctionOverrideHeader);
        return Ok(());
    };
    let mut rva = rva + 4;
    let end = rva + i64::from(u32_at(header, 0));
    while rva < end {
        let Some(info) = image.structure(rva, 16)? else {
            image.warn(Warning::FunctionOverrideInfo);
            return Ok(());
        };
        rva += 16;
        for _ in 0..u32_at(info, 8) / 4 {
            if image.bytes(rva, 4)?.len() < 4 {
                return Err(Stop::Unreadable);
            }
            rva += 4;
        }
        let length = i64::from(u32_at(info, 12));
        relocations::blocks(image, rva, length, Entries::Base)?;
        rva += length;
    }
    let Some(info) = image.structure(rva, 8)? else {
        image.warn(Warning::BddInfo);
        return Ok(());
    };
    rva += 8;
    for _ in 0..u32_at(info, 4) / 8 {
        if image.structure(rva, 8)?.is_none() {
            image.warn(Warning::BddRelocation);
            return Ok(());
        }
        rva += 8;
    }
    Ok(())
}
