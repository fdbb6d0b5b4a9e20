//! UDF (ECMA-167), alone or beside an ISO 9660 tree, which may hide what only stands here. Partitions as they lie on the
//! medium and metadata partitions (UDF 2.50); those of write-once media are named as unsupported.

mod volume;

use crate::meter::Cut;
use crate::outcome::Reason;
use crate::source::{Source, read_array};
use crate::walk::{Body, Entry, Walk, Walked};
use std::collections::BTreeSet;
use volume::{Content, Extent, Pieces, Volume};

const MAX_FOLDERS: usize = 50_000;
const MAX_DEPTH: usize = 255;

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
            let listed = self.volume.content(place).and_then(|content| self.volume.all(content));
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
            if volume::tag(record) != Some(volume::FILE_IDENTIFIER) {
                walk.at(path, |walk| walk.damaged("a record of a folder"));
                return Ok(());
            }
            let (flags, name_len, used) = (record[18], usize::from(record[19]), usize::from(volume::short(record, 36)));
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
            let place = volume::long(record, 20);
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
