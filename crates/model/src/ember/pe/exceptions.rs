//! The table of functions and how to unwind them (x86-64, Itanium); only what is wrong with it is a feature.

use super::{Image, Read, Stop, Warning, u16_at, u32_at};
use std::collections::{HashMap, HashSet};

/// An unwind description as far as it is known: functions share them.
#[derive(Clone, Copy, Default)]
struct Unwind {
    /// Bytes to be read, 0 before the first look.
    size: usize,
    finished: bool,
    /// The function it goes on with.
    chained: Option<u32>,
    /// The original refuses to set the chain a second time.
    chain_set: bool,
}

pub(super) fn read(image: &Image<'_>, rva: i64, size: u32) -> Read<()> {
    if !matches!(image.header.machine, 0x8664 | 0x200) {
        return Ok(());
    }
    let mut unwinds: HashMap<u32, Unwind> = HashMap::new();
    let mut starts = HashSet::new();
    let mut functions = Vec::new();
    let mut rva = rva;
    for _ in 0..size / 12 {
        let Some(function) = image.structure(rva, 12)? else { break };
        let (start, description) = (u32_at(function, 0), u32_at(function, 8));
        if description & 1 == 0 {
            if !unwinds.contains_key(&description) {
                image.offset(i64::from(description))?;
            }
            let unwind = unwinds.entry(description).or_default();
            if !look(image, i64::from(description), unwind)? || !look(image, i64::from(description), unwind)? {
                break;
            }
            functions.push(description);
        }
        starts.insert(start);
        rva += 12;
    }
    for description in functions {
        let Some(unwind) = unwinds.get_mut(&description) else { continue };
        let Some(chained) = unwind.chained else { continue };
        if !starts.contains(&chained) {
            image.warn(Warning::UnwindEntryMissing);
        } else if std::mem::replace(&mut unwind.chain_set, true) {
            image.warn(Warning::ChainedUnwindEntry);
        }
    }
    Ok(())
}

/// The first look learns the size, the second reads. `false` after a complaint that ends the table.
fn look(image: &Image<'_>, rva: i64, unwind: &mut Unwind) -> Read<bool> {
    let bytes = image.bytes(rva, unwind.size.max(4) as i64)?;
    if unwind.finished {
        return Ok(true);
    }
    if bytes.len() < 4 {
        return Err(Stop::Unreadable);
    }
    let (version, flags) = (bytes[0] & 7, bytes[0] >> 3);
    let codes = usize::from(bytes[2]);
    let handler = 4 + codes.next_multiple_of(2) * 2;
    unwind.size = handler + if flags == 0 { 0 } else { 4 };
    if bytes.len() < unwind.size {
        return Ok(true);
    }
    if version != 1 && version != 2 {
        image.warn(Warning::UnwindVersion);
        return Ok(false);
    }
    let mut at = 4;
    let mut left = codes as i64;
    let mut epilog = false;
    while left > 0 {
        let code = bytes.get(at..at + 2).ok_or(Stop::Unreadable)?;
        let (operation, info) = (code[1] & 15, code[1] >> 4);
        let slots = match operation {
            0 | 2 | 3 | 10 => 1,
            1 => 2 + usize::from(info != 0),
            4 | 8 => 2,
            5 | 9 => 3,
            6 => 1 + usize::from(!std::mem::replace(&mut epilog, true) && info & 1 == 0),
            _ => {
                image.warn(Warning::UnwindCode);
                return Ok(false);
            }
        };
        if bytes.len() < at + 2 * slots {
            return Err(Stop::Unreadable);
        }
        at += 2 * slots;
        left -= slots as i64;
    }
    // Chained: another function's start stands where a handler would.
    if flags & 4 != 0 {
        unwind.chained = Some(u32::from(u16_at(bytes, handler)) | u32::from(u16_at(bytes, handler + 2)) << 16);
    }
    unwind.finished = true;
    Ok(true)
}
