//! A version resource; only what is wrong with it is a feature. Lengths of its strings count in their UTF-8 form where the original
//! counts so, since the place of the next structure hangs on them.

use super::{Image, Read, Stop, Warning, slice, u16_at};

/// What a version's strings may cost: structures of no length would come round for ever.
const MOST_STRUCTURES: usize = 100_000;

/// A UTF-16 string at an address, up to a zero or `most` characters, as UTF-8. Half a pair of surrogates becomes six characters.
pub(super) fn unicode(image: &Image<'_>, rva: i64, most: u64) -> Read<Vec<u8>> {
    if most == 0 {
        return Ok(Vec::new());
    }
    image.bytes(rva, 2)?;
    let most = (most * 2) as i64;
    let first = most.min(256);
    let mut bytes = image.bytes(rva, first)?;
    let whole;
    if zero_at(bytes).is_none() && bytes.len() as i64 == first && first != most {
        let more = image.bytes(rva + first, most - first)?;
        whole = [bytes, more].concat();
        bytes = &whole;
    }
    let units = zero_at(bytes).unwrap_or(bytes.len() / 2);
    let mut text = Vec::new();
    let mut room = [0; 4];
    for unit in bytes.as_chunks::<2>().0.iter().take(units).map(|unit| u16::from_le_bytes(*unit)) {
        match char::from_u32(u32::from(unit)) {
            Some(character) => text.extend_from_slice(character.encode_utf8(&mut room).as_bytes()),
            None => text.extend_from_slice(b"\\udddd"),
        }
    }
    Ok(text)
}

/// Characters before the first zero.
fn zero_at(bytes: &[u8]) -> Option<usize> {
    bytes.as_chunks::<2>().0.iter().position(|unit| *unit == [0, 0])
}

/// Longest string without a limit of its own.
const UNLIMITED: u64 = 1 << 16;

struct Version<'a, 'b> {
    image: &'b Image<'a>,
    rva: i64,
    raw: &'a [u8],
    structures: usize,
}

/// The three lengths that every structure begins with.
#[derive(Clone, Copy)]
struct Head {
    length: i64,
    value: i64,
    kind: u16,
}

pub(super) fn read(image: &Image<'_>, rva: i64, size: i64) -> Read<()> {
    let Ok(start) = image.offset(rva) else {
        image.warn(Warning::VersionRva);
        return Ok(());
    };
    let raw = slice(image.data, start, start + size);
    Version { image, rva, raw, structures: 0 }.read()
}

impl Version<'_, '_> {
    fn head(&mut self, at: i64) -> Option<Head> {
        self.structures += 1;
        if self.structures > MOST_STRUCTURES {
            return None;
        }
        let bytes = self.image.complete(slice(self.raw, at, i64::MAX), 6)?;
        Some(Head { length: i64::from(u16_at(bytes, 0)), value: i64::from(u16_at(bytes, 2)), kind: u16_at(bytes, 4) })
    }

    /// The next multiple of four in memory, as an offset.
    fn align(&self, offset: i64) -> i64 {
        ((offset + self.rva + 3) & 0xffff_fffc) - (self.rva & 0xffff_fffc)
    }

    fn read(&mut self) -> Read<()> {
        let Some(root) = self.head(0) else { return Ok(()) };
        let at = self.rva + 6;
        let end = self
            .image
            .section_at(at)
            .map(|section| i64::from(section.address) + i64::from(section.raw_size.max(section.virtual_size)));
        let most = end.map_or(UNLIMITED, |end| ((end - at) >> 1).max(0) as u64);
        match unicode(self.image, at, most) {
            Ok(name) if name == b"VS_VERSION_INFO" => {}
            Ok(_) => {
                self.image.warn(Warning::VersionBlock);
                return Ok(());
            }
            Err(Stop::NotPe) => return Err(Stop::NotPe),
            Err(Stop::Unreadable) => {
                self.image.warn(Warning::VersionInfoString);
                self.image.warn(Warning::VersionBlock);
                return Ok(());
            }
        }
        let fixed = self.align(6 + 2 * 16);
        if self.image.complete(slice(self.raw, fixed, i64::MAX), 52).is_none() {
            return Ok(());
        }
        let mut at = self.align(fixed + 52);
        loop {
            let Some(info) = self.head(at) else {
                self.image.warn(Warning::VersionFileInfo);
                return Ok(());
            };
            let Ok(name) = unicode(self.image, self.rva + at + 6, UNLIMITED) else {
                self.image.warn(Warning::VersionStringFileInfo);
                return Ok(());
            };
            let inner = self.align(at + 6 + 2 * (name.len() as i64 + 1));
            if info.kind <= 1 && info.value == 0 {
                if name.starts_with(b"StringFileInfo") {
                    self.tables(inner, info.length)?;
                } else if name.starts_with(b"VarFileInfo") {
                    self.variable(inner);
                }
            }
            at = self.align(info.length + at);
            if info.length == 0 || at >= root.length {
                return Ok(());
            }
        }
    }

    fn tables(&mut self, mut at: i64, end: i64) -> Read<()> {
        while let Some(table) = self.head(at) {
            let Ok(language) = unicode(self.image, self.rva + at + 6, UNLIMITED) else {
                self.image.warn(Warning::VersionStringTable);
                return Ok(());
            };
            let mut entry = self.align(at + 6 + 2 * (language.len() as i64 + 1));
            while entry < at + table.length {
                let Some(next) = self.string(entry, at + table.length) else { break };
                entry = next;
            }
            let next = self.align(table.length + at);
            if next == at || next >= end {
                break;
            }
            at = next;
        }
        Ok(())
    }

    /// One key and value; where the next begins.
    fn string(&mut self, at: i64, end: i64) -> Option<i64> {
        let string = self.head(at)?;
        let place = self.rva + at + 6;
        let (Ok(key), Ok(_)) = (unicode(self.image, place, UNLIMITED), self.image.offset(place)) else {
            self.image.warn(Warning::VersionStringTableKey);
            return None;
        };
        let value = self.rva + self.align(2 * (key.len() as i64 + 1) + at + 6);
        // What cannot be read here has a sentence that the feature files do not know.
        unicode(self.image, value, string.value as u64).ok()?;
        self.image.offset(value).ok()?;
        Some(if string.length == 0 { end } else { self.align(string.length + at) })
    }

    fn variable(&mut self, at: i64) {
        if self.head(at).is_some() && unicode(self.image, self.rva + at + 6, UNLIMITED).is_err() {
            self.image.warn(Warning::VersionVarString);
        }
    }
}
