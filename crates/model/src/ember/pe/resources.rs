//! The tree of resources; only what is wrong with it, and with the version that it may hold, is a feature.

use super::{Image, Read, Warning, u16_at, u32_at, version};

const DEEPEST: usize = 32;
const MOST_IN_DIRECTORY: usize = 4096;
const MOST_IN_FILE: usize = 0x8000;
const STRINGS: u32 = 6;
const VERSION: u32 = 16;

#[derive(Default)]
struct Directory(Vec<Entry>);

struct Entry {
    /// `None` for an entry with a name.
    id: Option<u32>,
    what: What,
}

enum What {
    Directory(Directory),
    /// Address and size.
    Data(u32, u32),
}

struct Walk<'a, 'b> {
    image: &'b Image<'a>,
    base: i64,
    entries: usize,
    bytes: u64,
    too_large: bool,
}

pub(super) fn read(image: &Image<'_>, rva: i64) -> Read<()> {
    let mut walk = Walk { image, base: rva, entries: 0, bytes: 0, too_large: false };
    walk.directory(rva, &mut vec![rva]).map(drop)
}

impl Walk<'_, '_> {
    /// `above` are the addresses of the directories on the way here and of this one.
    fn directory(&mut self, rva: i64, above: &mut Vec<i64>) -> Read<Option<Directory>> {
        let image = self.image;
        if above.len() > DEEPEST + 1 {
            image.warn(Warning::ResourceDepth);
            return Ok(None);
        }
        let Ok(bytes) = image.bytes(rva, 16) else {
            image.warn(Warning::ResourceDirectoryRead);
            return Ok(None);
        };
        image.offset(rva)?;
        let Some(header) = image.complete(bytes, 16) else {
            image.warn(Warning::ResourceDirectoryParse);
            return Ok(None);
        };
        let count = usize::from(u16_at(header, 12)) + usize::from(u16_at(header, 14));
        if count > MOST_IN_DIRECTORY {
            image.warn(Warning::ResourceDirectoryEntries);
            return Ok(None);
        }
        self.entries += count;
        if self.entries > MOST_IN_FILE {
            image.warn(Warning::ResourceFileEntries);
            return Ok(None);
        }
        let mut directory = Directory::default();
        let mut names = Vec::new();
        let mut last_name: Option<(i64, i64)> = None;
        for index in 0..count as i64 {
            if !self.too_large && self.bytes > image.data.len() as u64 {
                self.too_large = true;
                image.warn(Warning::ResourceSize);
            }
            let Ok(bytes) = image.bytes(rva + 16 + 8 * index, 8) else { break };
            image.offset(rva + 16 + 8 * index)?;
            let Some(entry) = image.complete(bytes, 8) else { break };
            let (name, target) = (u32_at(entry, 0), u32_at(entry, 4));
            let id = (name & 0x8000_0000 == 0).then_some(name);
            if id.is_none() {
                let at = self.base + i64::from(name & 0x7fff_ffff);
                let length = pascal_length(image, at);
                self.bytes += length;
                if last_name.is_some_and(|(start, end)| start < at && end >= at) {
                    names.pop();
                    image.warn(Warning::ResourceNamesOverlap);
                    break;
                }
                last_name = Some((at, at + length as i64));
                names.push(at);
            }
            let place = self.base + i64::from(target & 0x7fff_ffff);
            let what = if target & 0x8000_0000 != 0 {
                if above.contains(&place) {
                    break;
                }
                above.push(place);
                let below = self.directory(place, above);
                above.pop();
                let Some(below) = below? else { break };
                if id == Some(STRINGS) {
                    strings(image, &below);
                }
                What::Directory(below)
            } else {
                let Some((address, size)) = self.data(place)? else { break };
                What::Data(address, size)
            };
            directory.0.push(Entry { id, what });
            if above.len() == 1 && name & 0xffff == VERSION {
                versions(image, &directory)?;
            }
        }
        for at in names {
            let most = pascal_length(image, at);
            if version::unicode(image, at + 2, most).is_err() {
                image.warn(Warning::PascalString);
            }
        }
        Ok(Some(directory))
    }

    fn data(&mut self, rva: i64) -> Read<Option<(u32, u32)>> {
        let Ok(bytes) = self.image.bytes(rva, 16) else {
            self.image.warn(Warning::ResourceDataEntry);
            return Ok(None);
        };
        self.image.offset(rva)?;
        let entry = self.image.complete(bytes, 16).map(|entry| (u32_at(entry, 0), u32_at(entry, 4)));
        self.bytes += entry.map_or(0, |(_, size)| u64::from(size));
        Ok(entry)
    }
}

/// Characters of a name, from the two bytes before it; 0 when they cannot be read.
fn pascal_length(image: &Image<'_>, rva: i64) -> u64 {
    image.bytes(rva, 2).ok().filter(|bytes| bytes.len() == 2).map_or(0, |bytes| u64::from(u16_at(bytes, 0)))
}

/// Tables of strings: can each be read?
fn strings(image: &Image<'_>, below: &Directory) {
    for entry in &below.0 {
        let (Some(_), What::Directory(languages)) = (entry.id, &entry.what) else { continue };
        for language in &languages.0 {
            if let What::Data(address, size) = language.what
                && image.bytes(i64::from(address), i64::from(size)).is_err()
            {
                image.warn(Warning::ResourceStringData);
            }
        }
    }
}

/// The version information below the last entry.
fn versions(image: &Image<'_>, directory: &Directory) -> Read<()> {
    let Some(Entry { what: What::Directory(names), .. }) = directory.0.last() else { return Ok(()) };
    let Some(Entry { what: What::Directory(languages), .. }) = names.0.first() else { return Ok(()) };
    for language in &languages.0 {
        if let What::Data(address, size) = language.what {
            version::read(image, i64::from(address), i64::from(size))?;
        }
    }
    Ok(())
}
