//! Bound imports: addresses resolved beforehand; only what is wrong with them is a feature. Its places are file offsets.

use super::{Image, Read, Warning, slice, u16_at, until_zero};

const LONGEST_NAME: i64 = 0x100000;

pub(super) fn read(image: &Image<'_>, rva: i64) -> Read<()> {
    let start = rva;
    let mut at = rva;
    loop {
        let Some(entry) = image.complete(slice(image.data, at, at + 8), 8) else {
            image.warn(Warning::BoundImports);
            return Ok(());
        };
        if entry.iter().all(|byte| *byte == 0) {
            return Ok(());
        }
        at += 8;
        let offset = image.offset(at)?;
        let Some(boundary) = boundary(image, at, offset) else {
            image.warn(Warning::BoundImportRva);
            return Ok(());
        };
        let forwarders = i64::from(u16_at(entry, 6)).min(boundary / 8);
        for _ in 0..forwarders.max(0) {
            let Some(forwarder) = image.complete(slice(image.data, at, at + 8), 8) else {
                return Err(super::Stop::Unreadable);
            };
            at += 8;
            if name(image, start + i64::from(u16_at(forwarder, 4))).is_none() {
                break;
            }
        }
        match name(image, start + i64::from(u16_at(entry, 4))) {
            Some(length) if length > 0 => {}
            _ => return Ok(()),
        }
    }
}

/// Bytes up to the end of the section that the entry stands in, or to the next one; `None` without any section.
fn boundary(image: &Image<'_>, at: i64, offset: i64) -> Option<i64> {
    if let Some(section) = image.section_at_offset(at) {
        return Some(i64::from(section.raw_pointer) + image.section_bytes(section).len() as i64 - offset);
    }
    let next =
        image.sections.iter().map(|section| i64::from(section.raw_pointer)).filter(|start| *start > offset).min()?;
    image.section_at_offset(next).map(|section| i64::from(section.raw_pointer) - offset)
}

/// Length of a name; `None` for one that cannot be one.
fn name(image: &Image<'_>, at: i64) -> Option<usize> {
    let name = until_zero(slice(image.data, at, at + LONGEST_NAME));
    let printable = |byte: &u8| (0x20..0x7f).contains(byte) || (9..=13).contains(byte);
    (name.len() <= 256 && name.iter().all(printable)).then_some(name.len())
}
