//! Sparse members of GNU tar: where their pieces of data lie, and the file with zeros in between.

use super::{BLOCK, MAX_EXTENDED, number};
use crate::meter::Meter;
use std::io::{self, Read};

/// More pieces than any honest map has.
const MAX_PIECES: usize = 1 << 16;

pub(super) struct Sparse {
    /// Of the file as it was.
    pub size: u64,
    /// Offset and length, ascending.
    pieces: Vec<(u64, u64)>,
}

fn bad(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

impl Sparse {
    /// Reads the map from the header and its extension blocks (old GNU), from pax records, or from the data's start (1.0).
    pub fn open(
        block: &[u8; BLOCK],
        map: &[u64],
        map_in_data: bool,
        real_size: Option<u64>,
        data: &mut super::Data<'_, impl Read>,
    ) -> io::Result<Sparse> {
        let mut flat;
        let size;
        if block[156] == b'S' {
            size = number(&block[483..495]).ok_or_else(|| bad("the real size of a sparse file"))?;
            flat = Vec::new();
            pieces_of(&block[386..482], &mut flat)?;
            let mut more = block[482] != 0;
            // These blocks stand before the data and are not part of its size.
            while more {
                let mut extension = [0; BLOCK];
                data.input.read_exact(&mut extension)?;
                pieces_of(&extension[..504], &mut flat)?;
                more = extension[504] != 0;
            }
        } else {
            size = real_size.ok_or_else(|| bad("a sparse file without its real size"))?;
            flat = map.to_vec();
            if map_in_data {
                flat = numbers_in_data(data)?;
            }
        }
        if !flat.len().is_multiple_of(2) || flat.len() > 2 * MAX_PIECES {
            return Err(bad("the map of a sparse file"));
        }
        let pieces: Vec<(u64, u64)> = flat.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
        let mut end = 0;
        for (offset, len) in &pieces {
            if *offset < end || offset.checked_add(*len).is_none_or(|end| end > size) {
                return Err(bad("pieces of a sparse file overlap or lie outside"));
            }
            end = offset + len;
        }
        Ok(Sparse { size, pieces })
    }
}

fn pieces_of(fields: &[u8], flat: &mut Vec<u64>) -> io::Result<()> {
    for pair in fields.chunks_exact(24) {
        if pair[12] == 0 {
            break;
        }
        let of = |field: &[u8]| number(field).ok_or_else(|| bad("the map of a sparse file"));
        flat.extend([of(&pair[..12])?, of(&pair[12..])?]);
        if flat.len() > 2 * MAX_PIECES {
            return Err(bad("more pieces than any sparse file has"));
        }
    }
    Ok(())
}

/// Version 1.0: lines of decimal numbers, the first one their count of pairs, padded to a block.
fn numbers_in_data(data: &mut super::Data<'_, impl Read>) -> io::Result<Vec<u64>> {
    let mut numbers: Vec<u64> = Vec::new();
    let mut current: Option<u64> = None;
    let mut block = [0; BLOCK];
    let mut read = 0;
    loop {
        data.read_exact(&mut block)?;
        read += BLOCK as u64;
        if read > MAX_EXTENDED {
            return Err(bad("the map of a sparse file is too long"));
        }
        for byte in block {
            match byte {
                b'0'..=b'9' => {
                    let digit = u64::from(byte - b'0');
                    let next = current.unwrap_or(0).checked_mul(10).and_then(|n| n.checked_add(digit));
                    current = Some(next.ok_or_else(|| bad("the map of a sparse file"))?);
                }
                b'\n' => numbers.push(current.take().ok_or_else(|| bad("the map of a sparse file"))?),
                _ => return Err(bad("the map of a sparse file")),
            }
            if let Some(count) = numbers.first()
                && numbers.len() as u64 == count.saturating_mul(2).saturating_add(1)
            {
                numbers.remove(0);
                return Ok(numbers);
            }
        }
    }
}

/// The file with its holes.
pub(super) struct Hole<'d, R> {
    map: Sparse,
    data: R,
    meter: &'d Meter,
    at: u64,
    next: usize,
}

impl<'d, R: Read> Hole<'d, R> {
    pub fn new(map: Sparse, data: R, meter: &'d Meter) -> Self {
        Hole { map, data, meter, at: 0, next: 0 }
    }
}

impl<R: Read> Read for Hole<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.map.pieces.get(self.next).is_some_and(|(offset, len)| offset + len <= self.at) {
            self.next += 1;
        }
        let (in_data, end) = match self.map.pieces.get(self.next) {
            Some((offset, len)) if *offset <= self.at => (true, offset + len),
            Some((offset, _)) => (false, *offset),
            None => (false, self.map.size),
        };
        let n = usize::try_from(end - self.at).unwrap_or(usize::MAX).min(buffer.len());
        if n == 0 {
            return Ok(0);
        }
        let n = if in_data {
            match self.data.read(&mut buffer[..n])? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                n => n,
            }
        } else {
            self.meter.expand(n as u64)?;
            buffer[..n].fill(0);
            n
        };
        self.at += n as u64;
        Ok(n)
    }
}
