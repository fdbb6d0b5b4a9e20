//! SIS, installation packages of Symbian up to version 8: records that say where the parts of each file lie, one part a
//! language, deflated unless the package says not. Records of conditions have sizes of their own and are named.

use crate::codec::{Format, Inflate};
use crate::meter::Cut;
use crate::source::{Part, Source, SourceReader, read_vec};
use crate::walk::{Body, Entry, Walk, Walked};
use std::io::{self, BufReader};

use super::fields::Fields;

/// Where the header ends.
const HEADER: usize = 0x64;
const STORED: u16 = 8;
const MAX_NAME: usize = 1024;
/// One file, and one file in several languages.
const FILE: u32 = 0;
const FILES: u32 = 1;

pub(crate) fn read(walk: &mut Walk<'_>, source: &dyn Source) -> Walked {
    let header = read_vec(source, 0, HEADER).unwrap_or_default();
    let fields = Fields(&header);
    let counts =
        || -> io::Result<_> { Ok((fields.u16(0x12)?, fields.u16(0x14)?, fields.u16(0x24)?, fields.u32(0x34)?)) };
    let Ok((languages, files, options, mut at)) = counts() else {
        walk.truncated("a header");
        return Ok(());
    };
    for n in 0..files {
        walk.step()?;
        match record(source, u64::from(at), usize::from(languages)) {
            Ok((next, name, parts)) => {
                for part in parts {
                    given(walk, source, &name, part, options & STORED != 0)?;
                }
                at = next;
            }
            Err(error) => {
                walk.unread_error(&error);
                let left = files - n - 1;
                if left > 0 {
                    walk.unread(Cut::unsupported(format!("{left} further records")));
                }
                return Ok(());
            }
        }
    }
    Ok(())
}

struct Piece {
    at: u64,
    packed: u64,
    size: u64,
}

/// Where the next one begins, the file's name, its parts.
fn record(source: &dyn Source, at: u64, languages: usize) -> io::Result<(u32, Vec<u8>, Vec<Piece>)> {
    let raw = read_vec(source, at, 28 + 12 * languages.max(1))?;
    let fields = Fields(&raw);
    let parts = match fields.u32(0)? {
        FILE => 1,
        FILES => languages,
        other => return Err(Cut::unsupported(format!("a record of type {other}")).into()),
    };
    let (len, place) = (fields.place(12)?, fields.u32(16)?);
    let name = read_vec(source, place.into(), len.min(MAX_NAME))?;
    let units: Vec<u16> = name.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    let table = |column: usize, n: usize| fields.u32(28 + 4 * (column * parts + n)).map(u64::from);
    let pieces = (0..parts).map(|n| Ok(Piece { packed: table(0, n)?, at: table(1, n)?, size: table(2, n)? }));
    let pieces = pieces.collect::<io::Result<Vec<_>>>()?;
    let next = u32::try_from(at + 28 + 12 * parts as u64).map_err(|_| Cut::damaged("a place of a record"))?;
    Ok((next, String::from_utf16_lossy(&units).into_bytes(), pieces))
}

fn given(walk: &mut Walk<'_>, source: &dyn Source, name: &[u8], piece: Piece, stored: bool) -> Walked {
    let part = Part::new(source, piece.at, piece.packed);
    if part.len() < piece.packed {
        walk.at(name, |walk| walk.truncated("a file's data"));
    }
    let entry = Entry { declared: Some(piece.size), stored: Some(piece.packed), ..Entry::named(name) };
    if stored {
        return walk.member(&entry, Body::At(&part));
    }
    let counted = crate::meter::Counted::new(SourceReader::new(&part, 0));
    let taken = counted.count.clone();
    let mut reader = walk.expanding(Inflate::new(BufReader::new(counted), Format::Zlib), taken);
    walk.member(&entry, Body::Stream(&mut reader))
}
