//! What an NSIS installer carries: a first header, then blocks, each behind its length, the first of which is the
//! installer's own table; or all of them as one compressed stream. LZMA and deflate; NSIS's own kind of bzip2 and the
//! filter for x86 code are named.

use super::data::Data;
use super::fields::Fields;
use crate::codec::{Dictionary, Format, Inflate, lzma_raw};
use crate::meter::{Counted, Cut};
use crate::source::{Part, Source, SourceReader, read_array, read_vec};
use crate::walk::{Body, Entry, Walk, Walked};
use std::cell::Cell;
use std::io::{self, BufReader, Read};
use std::rc::Rc;

/// Behind four bytes of flags.
pub(crate) const MAGIC: &[u8] = b"\xef\xbe\xad\xdeNullsoftInst";
const HEADER: u64 = 28;
const COMPRESSED: u32 = 0x8000_0000;
const CHECKSUM: u64 = 4;

/// `at` is the place of the magic.
pub(crate) fn read(walk: &mut Walk<'_>, source: &dyn Source, at: u64) -> Walked {
    let start = at.saturating_sub(4);
    let header = read_vec(source, start, HEADER as usize + 4).unwrap_or_default();
    let fields = Fields(&header);
    let (Ok(table), Ok(all), Ok(first)) = (fields.u32(20), fields.u32(24), fields.u32(28)) else {
        walk.truncated("an NSIS header");
        return Ok(());
    };
    if start + u64::from(all) > source.len() {
        walk.truncated("an NSIS installer's data");
    }
    let body = Part::new(source, start + HEADER, u64::from(all).saturating_sub(HEADER));
    let length = first & !COMPRESSED;
    if first & COMPRESSED != 0 && u64::from(length) < body.len() || first == table {
        blocks(walk, &body)
    } else {
        solid(walk, &body)
    }
}

fn name(n: u64) -> String {
    if n == 0 { "(installer's table)".into() } else { format!("file {n}") }
}

fn blocks(walk: &mut Walk<'_>, body: &dyn Source) -> Walked {
    let (mut at, mut n) = (0, 0);
    while at + CHECKSUM < body.len() {
        let raw = match read_array(body, at) {
            Ok(raw) => raw,
            Err(error) => {
                walk.unread_error(&error);
                break;
            }
        };
        let (word, name) = (u32::from_le_bytes(raw), name(n));
        let part = Part::new(body, at + 4, u64::from(word & !COMPRESSED));
        if part.len() < u64::from(word & !COMPRESSED) {
            walk.at(name.as_bytes(), |walk| walk.truncated("a block"));
        }
        at += 4 + part.len().max(1);
        let entry = Entry { position: n, ..Entry::named(name.as_bytes()) };
        n += 1;
        if word & COMPRESSED == 0 {
            walk.member(&entry, Body::At(&part))?;
            continue;
        }
        let Some(dictionary) = dictionary(walk) else { return Ok(()) };
        match stream(&part, &dictionary) {
            Ok((decoder, taken)) => {
                let mut reader = walk.expanding(decoder, taken);
                walk.member(&entry, Body::Stream(&mut reader))?;
            }
            Err(error) => walk.at(name.as_bytes(), |walk| walk.unread_error(&error)),
        }
    }
    Ok(())
}

fn solid(walk: &mut Walk<'_>, body: &dyn Source) -> Walked {
    let Some(dictionary) = dictionary(walk) else { return Ok(()) };
    let (decoder, taken) = match stream(body, &dictionary) {
        Ok(opened) => opened,
        Err(error) => {
            walk.unread_error(&error);
            return Ok(());
        }
    };
    let mut reader = walk.expanding(decoder, taken);
    for n in 0.. {
        let mut length = [0; 4];
        match crate::source::read_full(&mut reader, &mut length) {
            Ok(0) => break,
            Ok(4) => {}
            Ok(_) => {
                walk.truncated("the length of a file");
                break;
            }
            Err(error) => {
                walk.unread_error(&error);
                break;
            }
        }
        let left = u64::from(u32::from_le_bytes(length));
        let name = name(n);
        let entry = Entry { position: n, declared: Some(left), ..Entry::named(name.as_bytes()) };
        walk.member(&entry, Body::Stream(&mut Data { input: &mut reader, left }))?;
    }
    Ok(())
}

fn dictionary<'w>(walk: &Walk<'w>) -> Option<Dictionary<'w>> {
    Dictionary::new(walk.meter()).map_err(|cut| walk.unread(cut)).ok()
}

/// A decoder, and what it has taken so far.
type Opened<'r> = (Box<dyn Read + 'r>, Rc<Cell<u64>>);

/// By its first bytes: nothing else says how it is compressed.
fn stream<'r>(part: &'r dyn Source, dictionary: &Dictionary<'_>) -> io::Result<Opened<'r>> {
    let start = read_vec(part, 0, 16)?;
    let lzma = |at: usize| matches!(start.get(at..at + 7), Some([0x5d, 0, 0, _, _, 0, last]) if last & 0x80 == 0);
    let counted = Counted::new(SourceReader::new(part, if lzma(0) { 5 } else { 0 }));
    let taken = counted.count.clone();
    let input = BufReader::new(counted);
    let decoder: Box<dyn Read + 'r> = match start[..] {
        _ if lzma(0) => Box::new(lzma_raw(input, start[0], Fields(&start).u32(1)?, None, dictionary)?),
        [0 | 1, ..] if lzma(1) => return Err(Cut::unsupported("LZMA behind a filter for x86").into()),
        [b'1', 0..=13, ..] => return Err(Cut::unsupported("bzip2 as NSIS has it").into()),
        _ => Box::new(Inflate::new(input, Format::Raw)),
    };
    Ok((decoder, taken))
}
