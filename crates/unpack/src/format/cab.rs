//! Cabinets: stored, MSZIP and LZX folders; Quantum is named as unsupported. A folder is decompressed once, front to back,
//! its files cut out of it in order: a library that seeks would do so once a file.

mod folder;

use crate::meter::Cut;
use crate::outcome::Reason;
use crate::source::{Source, read_array, read_vec};
use crate::walk::{Body, Entry, Walk, Walked};
use folder::Folder;
use std::collections::BTreeMap;
use std::io;

const HAS_PREVIOUS: u16 = 1;
const HAS_NEXT: u16 = 2;
const HAS_RESERVE: u16 = 4;
/// Files that began in, or go on in, another cabinet of the set.
const FROM_OTHERS: u16 = 0xfffd;

struct Cabinet {
    folders: Vec<folder::Place>,
    /// By folder.
    files: BTreeMap<u16, Vec<File>>,
    reserve: u8,
}

struct File {
    name: Vec<u8>,
    start: u64,
    size: u64,
}

pub(crate) fn read(walk: &mut Walk<'_>, source: &dyn Source) -> Walked {
    let mut cabinet = match open(walk, source) {
        Ok(cabinet) => cabinet,
        Err(error) => {
            walk.unread_error(&error);
            return Ok(());
        }
    };
    let mut position = 0;
    for (index, mut files) in std::mem::take(&mut cabinet.files) {
        walk.step()?;
        files.sort_by_key(|file| file.start);
        let Some(place) = cabinet.folders.get(usize::from(index)) else {
            let what = if index >= FROM_OTHERS { "a file of several cabinets" } else { "a file in no folder" };
            for file in &files {
                walk.at(&file.name, |walk| walk.unread(Cut::unsupported(what)));
            }
            continue;
        };
        let mut folder = match Folder::open(walk.meter(), source, place, cabinet.reserve) {
            Ok(folder) => folder,
            Err(error) => {
                for file in &files {
                    walk.at(&file.name, |walk| walk.unread_error(&error));
                }
                continue;
            }
        };
        for file in &files {
            if file.start < folder.at {
                walk.at(&file.name, |walk| walk.unread(Cut::new(Reason::Overlapping, "")));
                continue;
            }
            let ahead = file.start - folder.at;
            if let Err(error) = super::data::skip(&mut folder, ahead) {
                walk.at(&file.name, |walk| walk.unread_error(&error));
                continue;
            }
            let entry = Entry { position, declared: Some(file.size), ..Entry::named(&file.name) };
            position += 1;
            let taken = folder.taken.clone();
            let mut data = super::data::Data { input: &mut folder, left: file.size };
            let mut reader = walk.expanding(&mut data, taken);
            walk.member(&entry, Body::Stream(&mut reader))?;
        }
    }
    Ok(())
}

fn open(walk: &Walk<'_>, source: &dyn Source) -> io::Result<Cabinet> {
    let header: [u8; 36] = read_array(source, 0)?;
    let short = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
    let word = |at: usize| u32::from_le_bytes(header[at..at + 4].try_into().expect("four bytes"));
    if header[24..26] != [3, 1] {
        return Err(Cut::damaged("no version of cabinets").into());
    }
    if u64::from(word(8)) > source.len() {
        walk.truncated("the cabinet is longer");
    }
    let (folders, files, flags) = (short(26), short(28), short(30));
    let mut at = 36;
    let (mut reserve_folder, mut reserve) = (0, 0);
    if flags & HAS_RESERVE != 0 {
        let sizes: [u8; 4] = read_array(source, at)?;
        at += 4 + u64::from(u16::from_le_bytes([sizes[0], sizes[1]]));
        (reserve_folder, reserve) = (sizes[2], sizes[3]);
    }
    for flag in [HAS_PREVIOUS, HAS_NEXT] {
        if flags & flag != 0 {
            // Names of the other cabinet and its disk.
            for _ in 0..2 {
                at += string(source, at)?.len() as u64 + 1;
            }
        }
    }
    let mut cabinet = Cabinet { folders: Vec::new(), files: BTreeMap::new(), reserve };
    for _ in 0..folders {
        let raw: [u8; 8] = read_array(source, at)?;
        cabinet.folders.push(folder::Place {
            at: u64::from(u32::from_le_bytes(raw[..4].try_into().expect("four bytes"))),
            blocks: u16::from_le_bytes([raw[4], raw[5]]),
            method: u16::from_le_bytes([raw[6], raw[7]]),
        });
        at += 8 + u64::from(reserve_folder);
    }
    at = u64::from(word(16));
    for _ in 0..files {
        let raw: [u8; 16] = read_array(source, at)?;
        let number = |at: usize| u64::from(u32::from_le_bytes(raw[at..at + 4].try_into().expect("four bytes")));
        let name = string(source, at + 16)?;
        at += 16 + name.len() as u64 + 1;
        let folder = u16::from_le_bytes([raw[8], raw[9]]);
        cabinet.files.entry(folder).or_default().push(File { name, start: number(4), size: number(0) });
    }
    Ok(cabinet)
}

fn string(source: &dyn Source, at: u64) -> io::Result<Vec<u8>> {
    let mut bytes = read_vec(source, at, 257)?;
    let end = bytes.iter().position(|b| *b == 0).ok_or_else(|| Cut::damaged("a name without an end"))?;
    bytes.truncate(end);
    Ok(bytes)
}
