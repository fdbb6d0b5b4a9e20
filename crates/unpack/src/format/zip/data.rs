//! A member's data through the decoder of its method.

use super::records::Record;
use crate::codec::{self, Checked, Dictionary, Format, Inflate};
use crate::format::{decoded, in_memory};
use crate::meter::{Counted, Cut};
use crate::outcome::Oddity;
use crate::source::{Source, SourceReader};
use crate::walk::{Body, Entry, Stop, Walk, Walked};
use std::io::{self, BufReader, Read};

const STORED: u16 = 0;
const IMPLODED: u16 = 6;
const DEFLATED: u16 = 8;

pub(super) fn member(walk: &mut Walk<'_>, entry: &Entry<'_>, record: &Record, part: &dyn Source) -> Walked {
    if record.method == STORED {
        if record.size != record.packed {
            walk.at(entry.name, |walk| walk.odd(Oddity::WrongSize, "stored, yet of two sizes"));
        }
        return walk.member(entry, Body::At(part));
    }
    if record.method == IMPLODED {
        return imploded(walk, entry, record, part);
    }
    let dictionary = match Dictionary::for_method(walk.meter(), matches!(record.method, 14 | 20 | 93 | 95 | 98)) {
        Ok(dictionary) => dictionary,
        Err(cut) => {
            walk.at(entry.name, |walk| walk.unread(cut));
            return Ok(());
        }
    };
    let counted = Counted::new(SourceReader::new(part, 0));
    let taken = counted.count.clone();
    let input = BufReader::with_capacity(super::super::BUFFER, counted);
    let decoder = match decoder(record, input, &dictionary) {
        Ok(Some(decoder)) => decoder,
        Ok(None) => {
            // Some tools take an unknown method for none: what lies there is given as it is.
            let detail = format!("compression method {}", record.method);
            walk.at(entry.name, |walk| walk.unread(Cut::unsupported(detail)));
            return walk.member(&Entry { declared: None, ..*entry }, Body::At(part));
        }
        Err(error) => {
            walk.at(entry.name, |walk| walk.unread_error(&error));
            return Ok(());
        }
    };
    let mut checked = Checked::new(walk.expanding(decoder, taken));
    walk.member(entry, Body::Stream(&mut checked))?;
    if checked.ended && (checked.crc32() != record.crc || checked.len != record.size) {
        wrong(walk, entry, checked.crc32(), record.crc);
    }
    Ok(())
}

fn wrong(walk: &mut Walk<'_>, entry: &Entry<'_>, found: u32, declared: u32) {
    walk.at(entry.name, |walk| walk.damaged(format!("checksum {found:08x} where {declared:08x} is declared")));
}

fn imploded(walk: &mut Walk<'_>, entry: &Entry<'_>, record: &Record, part: &dyn Source) -> Walked {
    let mut crc = None;
    in_memory(walk, part, |walk, data| {
        decoded(walk, entry, data.len(), record.size, |out| {
            codec::explode(data, record.flags, record.size as usize, out)?;
            crc = Some(crc32fast::hash(out));
            Ok(())
        })
    })?;
    if let Some(crc) = crc.filter(|crc| *crc != record.crc) {
        wrong(walk, entry, crc, record.crc);
    }
    Ok(())
}

/// `None` for a method that is not known here.
fn decoder<'r>(
    record: &Record,
    mut input: BufReader<Counted<SourceReader<'r>>>,
    dictionary: &Dictionary<'_>,
) -> io::Result<Option<Box<dyn Read + 'r>>> {
    Ok(Some(match record.method {
        DEFLATED => Box::new(Inflate::new(input, Format::Raw)),
        9 => Box::new(codec::deflate64(input)),
        12 => Box::new(codec::bzip2(input)),
        14 => {
            // Version, size of the properties, properties: lc/lp/pb, dictionary.
            let mut header = [0; 9];
            input.read_exact(&mut header)?;
            let size = (record.flags & 2 == 0).then_some(record.size);
            let dictionary_size = u32::from_le_bytes(header[5..].try_into().expect("four bytes"));
            Box::new(codec::lzma_raw(input, header[4], dictionary_size, size, dictionary)?)
        }
        20 | 93 => Box::new(codec::zstd(input, dictionary)?),
        95 => Box::new(codec::xz(input, dictionary)),
        98 => Box::new(codec::ppmd8(input, record.size, dictionary)?),
        _ => return Ok(None),
    }))
}

/// A member whose size is not known before its end. Returns the bytes that it takes up, as far as is known.
pub(super) fn streamed(
    walk: &mut Walk<'_>,
    entry: &Entry<'_>,
    record: &Record,
    rest: &dyn Source,
) -> Result<u64, Stop> {
    if record.method != DEFLATED {
        walk.at(entry.name, |walk| walk.unread(Cut::unsupported("a member of unknown size that is not deflated")));
        return Ok(0);
    }
    let counted = Counted::new(SourceReader::new(rest, 0));
    let taken = counted.count.clone();
    let inflate = Inflate::new(BufReader::with_capacity(super::super::BUFFER, counted), Format::Raw);
    let mut reader = walk.expanding(inflate, taken);
    walk.member(entry, Body::Stream(&mut reader))?;
    Ok(reader.into_inner().taken())
}
