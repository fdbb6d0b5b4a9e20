//! What InstallShield's setup programs carry behind their own end. Two forms list files one after the other: with path,
//! version and length as texts that end in zeros, or in fixed records whose data is masked with the file's name and then
//! deflated. Among the first are InstallShield's own cabinets, whose table is a file and whose data are others.

mod cabinet;

use super::fields::Fields;
use crate::Kind;
use crate::codec::{Format, Inflate};
use crate::meter::Cut;
use crate::source::{Part, Source, read_array, read_vec};
use crate::walk::{Body, Entry, Walk, Walked};
use std::io;

/// In front of the masked files: the magic, how many, zeros.
pub(crate) const TABLE: &[u8] = b"InstallShield\0";
const TABLE_HEADER: u64 = 46;
const RECORD: usize = 0x138;
const NAME: usize = 0x104;
const FORM: usize = 0x104;
const LENGTH: usize = 0x10c;
const PLAIN: u32 = 0;
const MASKED: u32 = 6;
const MASK: [u8; 4] = [0xec, 0xca, 0x79, 0xf8];
/// The mask begins anew so often.
const STRIDE: usize = 1024;
/// Of the texts in front of a file.
const LONGEST: usize = 2048;

pub(crate) struct Listed {
    path: Vec<u8>,
    data: u64,
    len: u64,
}

/// The first file of a list of texts at `at`; `None` where there is no such list.
pub(crate) fn listed(source: &dyn Source, at: u64) -> Option<Listed> {
    let raw = read_vec(source, at, LONGEST).ok()?;
    let mut texts = raw.split(|byte| *byte == 0);
    let (name, path, version, len) = (texts.next()?, texts.next()?, texts.next()?, texts.next()?);
    texts.next()?;
    let printable = |text: &[u8]| !text.is_empty() && text.iter().all(|byte| (b' '..0x7f).contains(byte));
    let dotted = version.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
    let data = at + (name.len() + path.len() + version.len() + len.len() + 4) as u64;
    let len: u64 = std::str::from_utf8(len).ok().filter(|text| text.len() < 12)?.parse().ok()?;
    let sane = printable(name) && printable(path) && path.ends_with(name) && dotted;
    (sane && data.checked_add(len)? <= source.len()).then(|| Listed { path: path.to_vec(), data, len })
}

/// That file and those behind it.
pub(crate) fn list(walk: &mut Walk<'_>, source: &dyn Source, first: Listed) -> Walked {
    let mut files = vec![first];
    loop {
        let last = &files[files.len() - 1];
        let behind = last.data + last.len;
        match listed(source, behind) {
            Some(next) => files.push(next),
            None if behind < source.len() => {
                let rest = Part::new(source, behind, u64::MAX);
                walk.member(&Entry::named(b"(behind)"), Body::At(&rest))?;
                break;
            }
            None => break,
        }
        if files.len() as u64 > walk.meter().limits.members {
            walk.unread(Cut::new(crate::Reason::Count, "files of an installer"));
            break;
        }
    }
    let tabled = files.iter().any(is_table);
    for (n, file) in files.iter().enumerate() {
        let part = Part::new(source, file.data, file.len);
        // Where its table is here, a volume's files come out of that.
        let volume = tabled && read_array(&part, 0).is_ok_and(|magic: [u8; 4]| &magic == cabinet::MAGIC);
        let kind = volume.then_some(Kind::Data);
        let entry = Entry { position: n as u64, declared: Some(file.len), kind, ..Entry::named(&file.path) };
        walk.member(&entry, Body::At(&part))?;
        if is_table(file) {
            let volumes = volumes(source, &files, &file.path[..file.path.len() - 4]);
            walk.step()?;
            cabinet::read(walk, &file.path, &part, &volumes)?;
        }
    }
    Ok(())
}

fn is_table(file: &Listed) -> bool {
    file.path.to_ascii_lowercase().ends_with(b".hdr")
}

/// Those of a cabinet, by number: of `data1.hdr` they are data1.cab, data2.cab and so on.
fn volumes<'s>(source: &'s dyn Source, files: &[Listed], stem: &[u8]) -> Vec<(u16, Part<'s>)> {
    let stem = stem.strip_suffix(b"1").unwrap_or(stem).to_ascii_lowercase();
    let number = |path: &[u8]| {
        let path = path.to_ascii_lowercase();
        std::str::from_utf8(path.strip_prefix(&stem[..])?.strip_suffix(b".cab")?).ok()?.parse().ok()
    };
    files.iter().filter_map(|one| Some((number(&one.path)?, Part::new(source, one.data, one.len)))).collect()
}

/// `at` is where [`TABLE`] stands.
pub(crate) fn masked(walk: &mut Walk<'_>, source: &dyn Source, at: u64) -> Walked {
    let header = read_vec(source, at, TABLE_HEADER as usize).unwrap_or_default();
    let Ok(files) = Fields(&header).u16(TABLE.len()) else {
        walk.truncated("a table of files");
        return Ok(());
    };
    let mut at = at + TABLE_HEADER;
    for position in 0..u64::from(files) {
        walk.step()?;
        let raw = read_vec(source, at, RECORD).unwrap_or_default();
        let fields = Fields(&raw);
        let (Ok(name), Ok(form), Ok(len)) = (fields.string(0), fields.u32(FORM), fields.u32(LENGTH)) else {
            walk.truncated("the record of a file");
            return Ok(());
        };
        if name.is_empty() || name.len() >= NAME {
            walk.damaged("the name of a file");
            return Ok(());
        }
        let part = Part::new(source, at + RECORD as u64, u64::from(len));
        if part.len() < u64::from(len) {
            walk.at(name, |walk| walk.truncated("a file's data"));
        }
        let entry = Entry { position, stored: Some(part.len()), ..Entry::named(name) };
        match form {
            MASKED => super::in_memory(walk, &part, |walk, data| unmasked(walk, &entry, data))?,
            form => {
                if form != PLAIN {
                    walk.at(name, |walk| walk.unread(Cut::unsupported(format!("a file of form {form}"))));
                }
                walk.member(&entry, Body::At(&part))?;
            }
        }
        at += RECORD as u64 + u64::from(len);
    }
    Ok(())
}

fn unmasked(walk: &mut Walk<'_>, entry: &Entry<'_>, data: &[u8]) -> Walked {
    let key: Vec<u8> = entry.name.iter().zip(MASK.iter().cycle()).map(|(name, mask)| name ^ mask).collect();
    let plain: Vec<u8> =
        data.iter().enumerate().map(|(n, byte)| byte.rotate_left(4) ^ key[n % STRIDE % key.len()]).collect();
    let counted = crate::meter::Counted::new(&plain[..]);
    let taken = counted.count.clone();
    let mut reader = walk.expanding(Inflate::new(io::BufReader::new(counted), Format::Zlib), taken);
    walk.member(entry, Body::Stream(&mut reader))
}
