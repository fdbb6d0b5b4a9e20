//! A folder of a cabinet as one stream: data blocks of at most 32 KiB, each with a checksum, that continue each other.

use crate::meter::{Cut, Lease, Meter};
use crate::outcome::Reason;
use crate::source::{Source, read_array, read_vec};
use flate2::{Decompress, FlushDecompress, Status};
use lzxd::{Lzxd, WindowSize};
use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

const BLOCK: usize = 32 << 10;

pub(super) struct Place {
    pub at: u64,
    pub blocks: u16,
    pub method: u16,
}

enum Method {
    Stored,
    /// Each block is a deflate stream of its own whose dictionary is the block before.
    MsZip,
    Lzx(Box<Lzxd>),
}

pub(super) struct Folder<'s> {
    source: &'s dyn Source,
    next: u64,
    blocks: u16,
    reserve: u64,
    method: Method,
    block: Vec<u8>,
    within: usize,
    /// Bytes given so far.
    pub at: u64,
    pub taken: Rc<Cell<u64>>,
    _window: Lease<'s>,
}

impl<'s> Folder<'s> {
    pub fn open(meter: &'s Meter, source: &'s dyn Source, place: &Place, reserve: u8) -> io::Result<Self> {
        let method = match place.method & 15 {
            0 => Method::Stored,
            1 => Method::MsZip,
            2 => return Err(Cut::unsupported("Quantum compression").into()),
            3 => Method::Lzx(Box::new(Lzxd::new(window(place.method >> 8 & 31)?))),
            other => return Err(Cut::unsupported(format!("compression method {other}")).into()),
        };
        let window = if matches!(method, Method::Lzx(_)) { 1u64 << (place.method >> 8 & 31) } else { 0 };
        Ok(Folder {
            source,
            next: place.at,
            blocks: place.blocks,
            reserve: u64::from(reserve),
            method,
            block: Vec::new(),
            within: 0,
            at: 0,
            taken: Rc::new(Cell::new(0)),
            _window: meter.lease(window + 2 * BLOCK as u64)?,
        })
    }

    fn advance(&mut self) -> io::Result<()> {
        let header: [u8; 8] = read_array(self.source, self.next)?;
        let short = |at: usize| usize::from(u16::from_le_bytes([header[at], header[at + 1]]));
        let (packed, size) = (short(4), short(6));
        if size == 0 {
            return Err(Cut::unsupported("a block that goes on in another cabinet").into());
        }
        if size > BLOCK || packed > BLOCK + 6144 {
            return Err(Cut::damaged("sizes of a block").into());
        }
        let reserve = read_vec(self.source, self.next + 8, self.reserve as usize)?;
        let data = read_vec(self.source, self.next + 8 + self.reserve, packed)?;
        if data.len() < packed {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.next += 8 + self.reserve + packed as u64;
        self.blocks -= 1;
        self.taken.set(self.taken.get() + packed as u64);
        let expected = u32::from_le_bytes(header[..4].try_into().expect("four bytes"));
        // 0 is: none was made.
        let head = [&header[4..8], &reserve].concat();
        if expected != 0 && checksum(&head, checksum(&data, 0)) != expected {
            return Err(Cut::damaged("a block's checksum").into());
        }
        self.block = match &mut self.method {
            Method::Stored => data,
            Method::MsZip => inflate(&data, &self.block, size)?,
            Method::Lzx(decoder) => {
                let out = decoder.decompress_next(&data, size);
                out.map_err(|error| Cut::new(Reason::Damaged, error.to_string()))?.to_vec()
            }
        };
        self.within = 0;
        if self.block.len() != size { Err(Cut::damaged("a block of another size").into()) } else { Ok(()) }
    }
}

fn window(bits: u16) -> io::Result<WindowSize> {
    Ok(match bits {
        15 => WindowSize::KB32,
        16 => WindowSize::KB64,
        17 => WindowSize::KB128,
        18 => WindowSize::KB256,
        19 => WindowSize::KB512,
        20 => WindowSize::MB1,
        21 => WindowSize::MB2,
        _ => return Err(Cut::damaged("a window of LZX").into()),
    })
}

/// The exclusive or of all little-endian words; a rest of one to three bytes counts the other way round.
fn checksum(data: &[u8], seed: u32) -> u32 {
    let words = data.chunks_exact(4);
    let rest = words.remainder().iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte));
    words.fold(seed ^ rest, |sum, word| sum ^ u32::from_le_bytes(word.try_into().expect("four bytes")))
}

fn inflate(data: &[u8], before: &[u8], size: usize) -> io::Result<Vec<u8>> {
    let Some(data) = data.strip_prefix(b"CK") else { return Err(Cut::damaged("no MSZIP block").into()) };
    let bad = |error: flate2::DecompressError| io::Error::new(io::ErrorKind::InvalidData, error);
    let mut state = Decompress::new(false);
    if !before.is_empty() {
        state.set_dictionary(before).map_err(bad)?;
    }
    let mut out = vec![0; size];
    let status = state.decompress(data, &mut out, FlushDecompress::Finish).map_err(bad)?;
    out.truncate(state.total_out() as usize);
    if status != Status::StreamEnd {
        return Err(Cut::damaged("an MSZIP block that does not end").into());
    }
    Ok(out)
}

impl Read for Folder<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while self.within == self.block.len() {
            if self.blocks == 0 {
                return Ok(0);
            }
            self.advance()?;
        }
        let rest = &self.block[self.within..];
        let n = rest.len().min(buffer.len());
        buffer[..n].copy_from_slice(&rest[..n]);
        self.within += n;
        self.at += n as u64;
        Ok(n)
    }
}
