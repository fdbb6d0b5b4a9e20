//! The debug directory; only what is wrong with it is a feature.

use super::{Image, Read, Stop, Warning, slice, u32_at};

pub(super) fn read(image: &Image<'_>, rva: i64, size: u32) -> Read<()> {
    for index in 0..i64::from(size / 28) {
        let entry = rva + 28 * index;
        let bytes = match image.bytes(entry, 28) {
            Ok(bytes) => bytes,
            Err(Stop::NotPe) => return Err(Stop::NotPe),
            Err(Stop::Unreadable) => {
                image.warn(Warning::DebugInfo);
                return Ok(());
            }
        };
        image.offset(entry)?;
        let Some(bytes) = image.complete(bytes, 28) else { return Ok(()) };
        let (kind, length, at) = (u32_at(bytes, 12), i64::from(u32_at(bytes, 16)), i64::from(u32_at(bytes, 24)));
        let data = slice(image.data, at, at + length);
        let length = length as usize;
        match kind {
            2 if data.starts_with(b"RSDS") => drop(image.complete(data, length.max(24))),
            2 if data.starts_with(b"NB10") => drop(image.complete(data, length.max(16))),
            // A name follows, in one of two widths.
            4 if image.complete(data, 12).is_some_and(|head| head[8] < 2) => drop(image.complete(data, length.max(12))),
            // Extended characteristics that cannot be read make the original take the file for no PE.
            20 if image.complete(data, 4).is_none() => return Err(Stop::NotPe),
            _ => {}
        }
    }
    Ok(())
}
