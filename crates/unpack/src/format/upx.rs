//! Programs that UPX packed. A packed ELF has, behind its headers, a record with the magic "UPX!", one with the sizes of
//! the whole, then blocks, each with its sizes, method and filter, that give the original's segments one after the other.
//! The original is put together from them as far as they go and given as a member; what lies between and behind segments
//! (sections' table, debug information) is not packed in that order and stays away.

mod filter;
mod nrv;

use crate::codec::{self, Dictionary};
use crate::meter::{Cut, Meter};
use crate::outcome::Oddity;
use crate::source::{Source, read_array, read_vec};
use crate::walk::{Body, Entry, Walk, Walked};
use std::io::{self, Read as _};

/// Where the first record can be: behind the headers.
const SEARCHED: usize = 4 << 10;
const MAGIC: &[u8] = b"UPX!";

pub(crate) fn elf(walk: &mut Walk<'_>, source: &dyn Source) -> Walked {
    let Some(Packed { behind, little, unmarked }) = packed(source) else { return Ok(()) };
    walk.odd(Oddity::Packed, if unmarked { "UPX, its mark changed" } else { "UPX" });
    let unpacked = Unpacker::open(walk.meter(), source, behind, little).map(|mut unpacker| {
        let done = unpacker.segments();
        (unpacker.out, unpacker.filters, done)
    });
    match unpacked {
        Ok((out, filters, done)) => {
            if !out.is_empty() {
                walk.member(&Entry::named(b"(unpacked)"), Body::Bytes(&out))?;
            }
            for filter in filters {
                let detail = format!("filter {filter:#x} is not undone: its calls point elsewhere");
                walk.at(b"(unpacked)", |walk| walk.unread(Cut::unsupported(detail)));
            }
            if let Err(error) = done {
                walk.at(b"(unpacked)", |walk| walk.unread_error(&error));
            }
        }
        Err(error) => walk.at(b"(unpacked)", |walk| walk.unread_error(&error)),
    }
    Ok(())
}

/// The first record of a packed program.
struct Packed {
    /// Place of the next one.
    behind: u64,
    little: bool,
    /// It bears another mark, so that nobody knows it again.
    unmarked: bool,
}

fn packed(source: &dyn Source) -> Option<Packed> {
    let start = read_vec(source, 0, SEARCHED).ok()?;
    if !start.starts_with(b"\x7fELF") {
        return None;
    }
    let little = *start.get(5)? == 1;
    // Checksum, magic, size of the loader, version, format; program id, size, size of blocks.
    let sane = |at: usize| -> Option<u32> {
        let number = |at: usize| start.get(at..at + 4).map(|b| word(b, little));
        let (version, size, block) = (*start.get(at + 6)?, number(at + 12)?, number(at + 16)?);
        let sane = (10..=20).contains(&version) && size > 64 && block > 0 && block <= size.next_multiple_of(4096);
        sane.then_some(block)
    };
    let marked = memchr::memmem::find_iter(&start, MAGIC).find(|at| sane(*at).is_some());
    if let Some(at) = marked {
        return Some(Packed { behind: at as u64 + 8, little, unmarked: false });
    }
    // Whoever changes the mark leaves the rest where the loader finds it: behind the headers, with a first block after it.
    let at = headers_end(&start)? + 4;
    let block = sane(at)?;
    let first = start.get(at + 20..at + 32)?;
    let (size, packed) = (word(first, little), word(&first[4..], little));
    let method = matches!(first[8], 2..=10 | 14 | 15);
    let fits = size > 0 && size <= block.max(64 << 10) && packed > 0 && packed < size && method;
    fits.then_some(Packed { behind: at as u64 + 8, little, unmarked: true })
}

/// Where the table of segments ends.
fn headers_end(header: &[u8]) -> Option<usize> {
    let number = numbers(header);
    let (table, one, count) = if *header.get(4)? == 2 {
        (number(32, 8)?, number(54, 2)?, number(56, 2)?)
    } else {
        (number(28, 4)?, number(42, 2)?, number(44, 2)?)
    };
    table.checked_add(one * count)
}

/// Reads fields of a program's headers in their own order of bytes.
fn numbers(headers: &[u8]) -> impl Fn(usize, usize) -> Option<usize> {
    let little = headers.get(5) == Some(&1);
    move |at, len| {
        let field = headers.get(at..at.checked_add(len)?)?;
        let digit = |n: usize, byte: &u8| n << 8 | usize::from(*byte);
        Some(if little { field.iter().rev().fold(0, digit) } else { field.iter().fold(0, digit) })
    }
}

fn word(bytes: &[u8], little: bool) -> u32 {
    let bytes = bytes[..4].try_into().expect("four bytes");
    if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) }
}

struct Unpacker<'u> {
    source: &'u dyn Source,
    dictionary: Dictionary<'u>,
    /// Of the next block's header.
    at: u64,
    little: bool,
    block_size: usize,
    out: Vec<u8>,
    size: usize,
    filters: Vec<u8>,
    meter: &'u Meter,
    _lease: crate::meter::Lease<'u>,
}

impl<'u> Unpacker<'u> {
    fn open(meter: &'u Meter, source: &'u dyn Source, at: u64, little: bool) -> io::Result<Self> {
        let sizes: [u8; 12] = read_array(source, at)?;
        let (size, block_size) = (u64::from(word(&sizes[4..], little)), word(&sizes[8..], little) as usize);
        let limits = &meter.limits;
        if size > limits.member_bytes {
            return Err(Cut::new(crate::Reason::MemberSize, format!("{size} bytes")).into());
        }
        // UPX gives no more than this of a byte; a header that says so lies.
        if size / source.len().max(1) > limits.ratio {
            return Err(Cut::new(crate::Reason::Ratio, format!("{size} bytes out of {}", source.len())).into());
        }
        let dictionary = Dictionary::new(meter)?;
        let lease = meter.lease(size + 2 * block_size as u64)?;
        Ok(Unpacker {
            source,
            dictionary,
            at: at + 12,
            little,
            block_size,
            out: Vec::new(),
            size: size as usize,
            filters: Vec::new(),
            meter,
            _lease: lease,
        })
    }

    /// The first block holds the original's headers, which say where its segments lie; then it is read again as the
    /// start of the first segment.
    fn segments(&mut self) -> io::Result<()> {
        let first = self.at;
        let headers = self.block()?.ok_or_else(|| Cut::damaged("no blocks"))?;
        self.at = first;
        let segments = loads(&headers).ok_or_else(|| Cut::damaged("the headers of what was packed"))?;
        for (offset, len) in segments {
            let end = offset.checked_add(len).filter(|end| *end <= self.size);
            let end = end.ok_or_else(|| Cut::damaged("a segment outside of what was packed"))?;
            if self.out.len() < end {
                self.out.resize(end, 0);
            }
            let mut at = offset;
            while at < end {
                let block = self.block()?.ok_or(io::ErrorKind::UnexpectedEof)?;
                if block.len() > end - at {
                    return Err(Cut::damaged("a block over the end of its segment").into());
                }
                self.out[at..at + block.len()].copy_from_slice(&block);
                at += block.len();
            }
        }
        Ok(())
    }

    fn block(&mut self) -> io::Result<Option<Vec<u8>>> {
        self.meter.tick()?;
        let header: [u8; 12] = read_array(self.source, self.at)?;
        let (size, packed) = (word(&header, self.little) as usize, word(&header[4..], self.little) as usize);
        let (method, filter, cto) = (header[8], header[9], header[10]);
        if size == 0 {
            return Ok(None);
        }
        if size > self.block_size.max(64 << 10) || packed > size || packed == 0 {
            return Err(Cut::damaged("the sizes of a block").into());
        }
        let data = read_vec(self.source, self.at + 12, packed)?;
        if data.len() < packed {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.at += 12 + packed as u64;
        self.meter.expand(size as u64)?;
        if packed == size {
            return Ok(Some(data));
        }
        let mut out = match method {
            2..=10 => nrv::decompress(&data, size, method)?,
            14 => self.lzma(&data, size)?,
            15 => {
                let mut out = Vec::new();
                codec::Inflate::new(&data[..], codec::Format::Raw).take(size as u64).read_to_end(&mut out)?;
                out
            }
            other => return Err(Cut::unsupported(format!("UPX method {other}")).into()),
        };
        if out.len() != size {
            return Err(Cut::damaged("a block of another size").into());
        }
        if !filter::undo(&mut out, filter, cto) && !self.filters.contains(&filter) {
            self.filters.push(filter);
        }
        Ok(Some(out))
    }

    /// Two bytes of properties in an order of their own, then the stream.
    fn lzma(&self, data: &[u8], size: usize) -> io::Result<Vec<u8>> {
        let [first, second, data @ ..] = data else { return Err(io::ErrorKind::UnexpectedEof.into()) };
        let (pb, lp, lc) = (first & 7, second >> 4, second & 15);
        if first >> 3 != lc + lp || pb > 4 || lp > 4 || lc > 8 {
            return Err(Cut::damaged("the properties of LZMA").into());
        }
        let properties = (pb * 5 + lp) * 9 + lc;
        let mut out = Vec::new();
        let decoder = codec::lzma_raw(data, properties, size as u32, Some(size as u64), &self.dictionary)?;
        decoder.take(size as u64).read_to_end(&mut out)?;
        Ok(out)
    }
}

/// Offset and length in the file of each segment that is loaded.
fn loads(headers: &[u8]) -> Option<Vec<(usize, usize)>> {
    if !headers.starts_with(b"\x7fELF") || headers.len() < 52 {
        return None;
    }
    let (wide, number) = (headers[4] == 2, numbers(headers));
    let (table, one, count) = if wide {
        (number(32, 8)?, number(54, 2)?, number(56, 2)?)
    } else {
        (number(28, 4)?, number(42, 2)?, number(44, 2)?)
    };
    let mut out = Vec::new();
    for n in 0..count {
        let at = table.checked_add(n.checked_mul(one)?)?;
        if number(at, 4)? != 1 {
            continue;
        }
        out.push(if wide {
            (number(at + 8, 8)?, number(at + 32, 8)?)
        } else {
            (number(at + 4, 4)?, number(at + 16, 4)?)
        });
    }
    Some(out)
}
