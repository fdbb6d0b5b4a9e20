//! Lines of a file, numbered, each of a bounded length; the buffer is used again.

use std::fs::File;
use std::io::{BufRead as _, BufReader};

pub(crate) struct Lines<'a> {
    reader: BufReader<&'a File>,
    buffer: Vec<u8>,
    number: u64,
}

pub(crate) struct Line<'a> {
    /// From 1.
    pub number: u64,
    bytes: &'a [u8],
    /// Longer than is taken: only its beginning is here.
    pub cut: bool,
}

impl<'a> Line<'a> {
    /// Without its end.
    pub fn text(&self) -> &'a [u8] {
        let bytes = self.bytes.strip_suffix(b"\n").unwrap_or(self.bytes);
        bytes.strip_suffix(b"\r").unwrap_or(bytes)
    }
}

impl<'a> Lines<'a> {
    pub fn new(file: &'a File) -> Lines<'a> {
        Lines { reader: BufReader::with_capacity(256 * 1024, file), buffer: Vec::new(), number: 0 }
    }

    pub fn next(&mut self) -> std::io::Result<Option<Line<'_>>> {
        self.buffer.clear();
        let mut cut = false;
        loop {
            let available = self.reader.fill_buf()?;
            if available.is_empty() {
                break;
            }
            let (used, ended) = match memchr::memchr(b'\n', available) {
                Some(at) => (at + 1, true),
                None => (available.len(), false),
            };
            let room = crate::limits::LINE_BYTES.saturating_sub(self.buffer.len());
            cut |= used > room;
            self.buffer.extend_from_slice(&available[..used.min(room)]);
            self.reader.consume(used);
            if ended {
                break;
            }
        }
        if self.buffer.is_empty() && !cut {
            return Ok(None);
        }
        self.number += 1;
        Ok(Some(Line { number: self.number, bytes: &self.buffer, cut }))
    }

    /// Exactly `length` bytes, whatever they are; false at the end of the file or when they are too many.
    pub fn exact(&mut self, length: usize, out: &mut Vec<u8>) -> std::io::Result<bool> {
        out.clear();
        if length > crate::limits::LINE_BYTES {
            return Ok(false);
        }
        while out.len() < length {
            let available = self.reader.fill_buf()?;
            if available.is_empty() {
                return Ok(false);
            }
            let used = available.len().min(length - out.len());
            out.extend_from_slice(&available[..used]);
            self.reader.consume(used);
        }
        Ok(true)
    }
}
