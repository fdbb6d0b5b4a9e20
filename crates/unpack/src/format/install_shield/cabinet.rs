//! A cabinet of InstallShield 6 and later: the header's table says of each file in which volume and where it lies, whether
//! it is masked and whether it is deflated, in pieces each behind its length. (Version 5 has another table and is named.)

use crate::codec::{Format, Inflate};
use crate::format::fields::Fields;
use crate::meter::{Counted, Cut};
use crate::source::{Part, Source, SourceReader};
use crate::walk::{Body, Entry, Walk, Walked};
use std::io::{self, BufReader, Read};

pub(super) const MAGIC: &[u8; 4] = b"ISc(";
const ENTRY: usize = 0x57;
const SPLIT: u16 = 1;
const MASKED: u16 = 2;
const DEFLATED: u16 = 4;
/// Nothing is there.
const INVALID: u16 = 8;

struct File<'b> {
    name: &'b [u8],
    flags: u16,
    size: u64,
    packed: u64,
    at: u64,
    volume: u16,
}

/// `header` is the table, which lies in `path`.
pub(super) fn read(walk: &mut Walk<'_>, path: &[u8], header: &dyn Source, volumes: &[(u16, Part<'_>)]) -> Walked {
    crate::format::in_memory(walk, header, |walk, bytes| {
        let files = match files(bytes) {
            Ok(files) => files,
            Err(error) => {
                walk.at(path, |walk| walk.unread_error(&error));
                return Ok(());
            }
        };
        for (n, file) in files.iter().enumerate().filter(|(_, file)| file.flags & INVALID == 0) {
            walk.step()?;
            let Some((_, volume)) = volumes.iter().find(|(number, _)| *number == file.volume) else {
                let detail = format!("its volume {} is not here", file.volume);
                walk.at(file.name, |walk| walk.unread(Cut::unsupported(detail)));
                continue;
            };
            given(walk, file, n as u64, volume)?;
        }
        Ok(())
    })
}

fn files(bytes: &[u8]) -> io::Result<Vec<File<'_>>> {
    let fields = Fields(bytes);
    if !bytes.starts_with(MAGIC) {
        return Err(Cut::damaged("no table of a cabinet").into());
    }
    let version = fields.u32(4)?;
    let major = if version >> 24 == 1 { version >> 12 & 15 } else { (version & 0xffff) / 100 };
    if major < 6 {
        return Err(Cut::unsupported(format!("a cabinet of version {major}")).into());
    }
    let descriptor = fields.place(12)?;
    let table = descriptor + fields.place(descriptor + 12)?;
    let (count, entries) = (fields.place(descriptor + 0x28)?, table + fields.place(descriptor + 0x2c)?);
    let long = |at: usize| Ok::<_, io::Error>(u64::from(fields.u32(at)?) | u64::from(fields.u32(at + 4)?) << 32);
    (0..count)
        .map(|n| {
            let at = entries + n * ENTRY;
            fields.bytes(at, ENTRY)?;
            Ok(File {
                flags: fields.u16(at)?,
                size: long(at + 2)?,
                packed: long(at + 10)?,
                at: long(at + 18)?,
                name: fields.string(table + fields.place(at + 58)?)?,
                volume: fields.u16(at + ENTRY - 2)?,
            })
        })
        .collect()
}

fn given(walk: &mut Walk<'_>, file: &File<'_>, position: u64, volume: &Part<'_>) -> Walked {
    let entry = Entry { position, declared: Some(file.size), stored: Some(file.packed), ..Entry::named(file.name) };
    if file.flags & SPLIT != 0 {
        walk.at(file.name, |walk| walk.unread(Cut::unsupported("a file in several volumes")));
    }
    let len = if file.flags & DEFLATED == 0 { file.size } else { file.packed };
    let part = Part::new(volume, file.at, len);
    if part.len() < len {
        walk.at(file.name, |walk| walk.truncated("a file's data"));
    }
    let counted = Counted::new(SourceReader::new(&part, 0));
    let taken = counted.count.clone();
    let plain = BufReader::new(Unmasked { input: counted, at: 0, masked: file.flags & MASKED != 0 });
    let mut reader: Box<dyn Read> = if file.flags & DEFLATED == 0 {
        Box::new(plain)
    } else {
        Box::new(Pieces { input: plain, piece: Vec::new(), at: 0 })
    };
    let mut reader = walk.expanding(&mut reader, taken);
    walk.member(&entry, Body::Stream(&mut reader))
}

struct Unmasked<R> {
    input: R,
    at: u64,
    masked: bool,
}

impl<R: Read> Read for Unmasked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.input.read(buffer)?;
        if self.masked {
            for (place, byte) in (self.at..).zip(&mut buffer[..n]) {
                *byte = (*byte ^ 0xd5).rotate_right(2).wrapping_sub((place % 0x47) as u8);
            }
        }
        self.at += n as u64;
        Ok(n)
    }
}

/// Each piece is deflated by itself.
struct Pieces<R> {
    input: R,
    piece: Vec<u8>,
    at: usize,
}

impl<R: io::BufRead> Pieces<R> {
    /// False at the end.
    fn next(&mut self) -> io::Result<bool> {
        if self.input.fill_buf()?.is_empty() {
            return Ok(false);
        }
        let mut len = [0; 2];
        self.input.read_exact(&mut len)?;
        let mut packed = vec![0; usize::from(u16::from_le_bytes(len))];
        self.input.read_exact(&mut packed)?;
        self.piece.clear();
        self.at = 0;
        // 64 KiB come out of one; what says more lies.
        Inflate::new(&packed[..], Format::Raw).take(1 << 20).read_to_end(&mut self.piece)?;
        Ok(true)
    }
}

impl<R: io::BufRead> Read for Pieces<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.piece.len() {
            if buffer.is_empty() || !self.next()? {
                return Ok(0);
            }
        }
        let n = buffer.len().min(self.piece.len() - self.at);
        buffer[..n].copy_from_slice(&self.piece[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}
