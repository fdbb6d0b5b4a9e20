//! Sectors, the table that chains them, and streams along those chains: of whole sectors, and of the small ones that
//! short streams are kept in.

use crate::meter::Cut;
use crate::outcome::Reason;
use crate::source::{Source, read_array, read_vec};
use std::io::{self, Read};

const END: u32 = 0xffff_fffe;
const FREE: u32 = 0xffff_ffff;
const LAST_SECTOR: u32 = 0xffff_fffa;
/// Of the table; a file of 2 GiB in sectors of 512 has as many.
const MAX_TABLE: usize = 4 << 20;

pub(super) struct Fat<'s> {
    source: &'s dyn Source,
    shift: u32,
    mini_shift: u32,
    pub table: Vec<u32>,
    mini_table_start: u32,
    pub directory_start: u32,
    pub mini_cutoff: u64,
    /// Version 4: sizes of 64 bits.
    pub wide: bool,
    /// Why not all of the table could be read.
    pub incomplete: Option<&'static str>,
}

fn damaged(what: &'static str) -> io::Error {
    Cut::damaged(what).into()
}

impl<'s> Fat<'s> {
    pub fn open(source: &'s dyn Source) -> io::Result<Fat<'s>> {
        let header: [u8; 512] = read_array(source, 0)?;
        let short = |at: usize| u32::from(u16::from_le_bytes([header[at], header[at + 1]]));
        let word = |at: usize| u32::from_le_bytes(header[at..at + 4].try_into().expect("four bytes"));
        let (shift, mini_shift) = (short(30), short(32));
        if !(7..=16).contains(&shift) || !(4..shift).contains(&mini_shift) {
            return Err(damaged("sizes of sectors"));
        }
        let mut fat = Fat {
            source,
            shift,
            mini_shift,
            table: Vec::new(),
            mini_table_start: word(60),
            directory_start: word(48),
            mini_cutoff: u64::from(word(56)).min(1 << 20),
            wide: short(26) == 4,
            incomplete: None,
        };
        // Where the table's own sectors lie: 109 in the header, the rest in a chain of their own.
        let mut places: Vec<u32> = (0..109).map(|n| word(76 + 4 * n)).collect();
        let mut next = word(68);
        let mut steps = 0;
        while next < LAST_SECTOR {
            let Ok(sector) = fat.sector(next) else {
                fat.incomplete = Some("the table of sectors");
                break;
            };
            let words: Vec<u32> = words(&sector);
            let (last, rest) = words.split_last().expect("a sector is not empty");
            places.extend(rest);
            next = *last;
            steps += 1;
            if steps > 1 + (source.len() >> shift) {
                return Err(Cut::new(Reason::Cyclic, "the table of sectors").into());
            }
        }
        for place in places {
            if place >= LAST_SECTOR {
                continue;
            }
            match fat.sector(place) {
                Ok(sector) if fat.table.len() < MAX_TABLE => fat.table.extend(words(&sector)),
                Ok(_) => return Err(Cut::new(Reason::Memory, "the table of sectors").into()),
                Err(_) => {
                    fat.incomplete = Some("the table of sectors");
                    break;
                }
            }
        }
        let used = fat.table.iter().rposition(|next| *next != FREE).unwrap_or(0) as u64;
        if (used + 1) << shift >= source.len() {
            fat.incomplete = Some("sectors that are in use lie behind the end");
        }
        Ok(fat)
    }

    pub fn sector(&self, sector: u32) -> io::Result<Vec<u8>> {
        let bytes = self.there(sector)?;
        if bytes.len() < 1 << self.shift { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(bytes) }
    }

    /// As much of a sector as there is: the last one may be short, which matters only to who needs all of it.
    fn there(&self, sector: u32) -> io::Result<Vec<u8>> {
        read_vec(self.source, (u64::from(sector) + 1) << self.shift, 1 << self.shift)
    }

    pub fn stream(&self, start: u32, size: u64) -> Box<dyn Read + '_> {
        Box::new(Stream {
            chain: Chain::new(start),
            table: &self.table,
            left: size,
            held: Vec::new(),
            at: 0,
            size: 1 << self.shift,
            block: move |n| self.there(n),
        })
    }

    /// The short sectors, which lie in the root's stream.
    pub fn mini(&self, start: u32, size: u64) -> io::Result<Mini> {
        let most = self.source.len().min(MAX_TABLE as u64 * 4);
        let mut data = Vec::new();
        // What is missing of it is missed by the streams that lie there.
        let read = self.stream(start, size.min(most)).read_to_end(&mut data);
        if let Err(error) = &read
            && error.kind() != io::ErrorKind::UnexpectedEof
            && data.is_empty()
            && size > 0
        {
            return Err(damaged("the stream of short sectors"));
        }
        let mut table = Vec::new();
        let mut chain = Chain::new(self.mini_table_start);
        while let Some(sector) = chain.current() {
            let Ok(sector) = self.sector(sector) else { break };
            table.extend(words(&sector));
            if table.len() > MAX_TABLE || chain.advance(&self.table).is_err() {
                break;
            }
        }
        Ok(Mini { data, table, shift: self.mini_shift })
    }
}

pub(super) struct Mini {
    data: Vec<u8>,
    table: Vec<u32>,
    shift: u32,
}

impl Mini {
    pub fn stream(&self, start: u32, size: u64) -> Box<dyn Read + '_> {
        let block = move |n: u32| -> io::Result<Vec<u8>> {
            let from = (n as usize) << self.shift;
            let to = (from + (1 << self.shift)).min(self.data.len());
            let bytes = self.data.get(from..to).filter(|bytes| !bytes.is_empty());
            bytes.map(<[u8]>::to_vec).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
        };
        Box::new(Stream {
            chain: Chain::new(start),
            table: &self.table,
            left: size,
            held: Vec::new(),
            at: 0,
            size: 1 << self.shift,
            block,
        })
    }
}

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).map(|word| u32::from_le_bytes(word.try_into().expect("four bytes"))).collect()
}

/// Follows a table; a ring is an error.
pub(super) struct Chain {
    at: u32,
    /// A bit for each sector that was left.
    seen: Vec<u64>,
}

impl Chain {
    pub fn new(start: u32) -> Self {
        Chain { at: start, seen: Vec::new() }
    }

    pub fn current(&self) -> Option<u32> {
        (self.at < LAST_SECTOR).then_some(self.at)
    }

    pub fn advance(&mut self, table: &[u32]) -> io::Result<()> {
        let at = self.at as usize;
        self.at = *table.get(at).ok_or_else(|| damaged("a sector that the table does not have"))?;
        if self.seen.len() <= at / 64 {
            self.seen.resize(at / 64 + 1, 0);
        }
        self.seen[at / 64] |= 1 << (at % 64);
        let next = self.at as usize;
        if self.seen.get(next / 64).is_some_and(|bits| bits >> (next % 64) & 1 == 1) {
            return Err(Cut::new(Reason::Cyclic, "a chain of sectors").into());
        }
        if self.at > END { Err(damaged("a chain into a free sector")) } else { Ok(()) }
    }
}

struct Stream<'t, F> {
    chain: Chain,
    table: &'t [u32],
    left: u64,
    held: Vec<u8>,
    at: usize,
    /// Of a sector.
    size: usize,
    block: F,
}

impl<F: FnMut(u32) -> io::Result<Vec<u8>>> Read for Stream<'_, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 || buffer.is_empty() {
            return Ok(0);
        }
        if self.at == self.held.len() {
            if !self.held.is_empty() && self.held.len() < self.size {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            // A chain that ends before its stream's size does.
            let sector = self.chain.current().ok_or(io::ErrorKind::UnexpectedEof)?;
            self.held = (self.block)(sector)?;
            self.at = 0;
            if self.held.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if self.left > self.held.len() as u64 {
                self.chain.advance(self.table)?;
            }
        }
        let rest = &self.held[self.at..];
        let n = usize::try_from(self.left).unwrap_or(usize::MAX).min(rest.len()).min(buffer.len());
        buffer[..n].copy_from_slice(&rest[..n]);
        self.at += n;
        self.left -= n as u64;
        Ok(n)
    }
}
