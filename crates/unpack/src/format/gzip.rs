//! gzip (RFC 1952). Its members are one stream, as gzip itself reads them; what comes after them and is no member is
//! given as a member of its own, since nobody else would look at it.

use crate::codec::{Format, Inflate};
use crate::meter::Counted;
use crate::outcome::Oddity;
use crate::walk::{Body, Entry, Input, Walk, Walked};
use std::io::{self, BufRead, BufReader, Read};

/// Of a name or a comment.
const MAX_TEXT: u64 = 64 << 10;

pub(crate) fn read(walk: &mut Walk<'_>, input: Input<'_>) -> Walked {
    let counted = Counted::new(input.reader());
    let taken = counted.count.clone();
    let mut input = BufReader::with_capacity(super::BUFFER, counted);
    let name = match header(&mut input) {
        Ok(name) => name,
        Err(error) => {
            walk.unread_error(&error);
            return Ok(());
        }
    };
    let name = if name.is_empty() { inner_name(walk.path(), &[".gz", ".tgz", ".svgz", ".Z"]) } else { name };
    let mut members = Members::new(input);
    let mut reader = walk.expanding(&mut members, taken);
    walk.member(&Entry::named(&name), Body::Stream(&mut reader))?;
    if members.crc_wrong {
        walk.odd(Oddity::WrongSize, "checksum or size in the trailer");
        walk.damaged("checksum or size in the trailer");
    }
    match members.trailing {
        Some(mut rest) => {
            walk.odd(Oddity::TrailingData, "");
            walk.member(&Entry::named(b"(trailing)"), Body::Stream(&mut rest))
        }
        None => Ok(()),
    }
}

/// `x.tar.gz` holds `x.tar`; without such a name it is "data".
pub(crate) fn inner_name(path: &str, endings: &[&str]) -> Vec<u8> {
    let name = path.rsplit(['!', '/']).next().unwrap_or_default();
    for ending in endings {
        if let Some(stem) = name.strip_suffix(ending) {
            let tar = matches!(*ending, ".tgz" | ".tbz" | ".txz" | ".tzst" | ".tbz2");
            return format!("{stem}{}", if tar { ".tar" } else { "" }).into_bytes();
        }
    }
    b"data".to_vec()
}

/// The name it bears, or nothing.
fn header(input: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut fixed = [0; 10];
    input.read_exact(&mut fixed)?;
    if fixed[..3] != [0x1f, 0x8b, 8] {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "no gzip header"));
    }
    let flags = fixed[3];
    if flags & 4 != 0 {
        let mut len = [0; 2];
        input.read_exact(&mut len)?;
        let len = u64::from(u16::from_le_bytes(len));
        if io::copy(&mut input.by_ref().take(len), &mut io::sink())? < len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let mut text = |wanted: bool| -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        if wanted {
            input.by_ref().take(MAX_TEXT).read_until(0, &mut out)?;
            if out.pop() != Some(0) {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a name without an end"));
            }
        }
        Ok(out)
    };
    let name = text(flags & 8 != 0)?;
    text(flags & 16 != 0)?;
    if flags & 2 != 0 {
        input.read_exact(&mut [0; 2])?;
    }
    Ok(name)
}

/// All members' output, one after the other.
struct Members<R> {
    current: Option<Inflate<R>>,
    crc: crc32fast::Hasher,
    size: u32,
    crc_wrong: bool,
    /// Stands at what follows the last member and is none.
    trailing: Option<R>,
}

impl<R: BufRead> Members<R> {
    fn new(input: R) -> Self {
        Members {
            current: Some(Inflate::new(input, Format::Raw)),
            crc: crc32fast::Hasher::new(),
            size: 0,
            crc_wrong: false,
            trailing: None,
        }
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(current) = self.current.as_mut() else { return Ok(0) };
            let n = current.read(buffer)?;
            if n > 0 {
                self.crc.update(&buffer[..n]);
                self.size = self.size.wrapping_add(n as u32);
                return Ok(n);
            }
            if !current.done() {
                return Ok(0);
            }
            let mut input = self.current.take().expect("it is there").into_inner();
            let mut trailer = [0; 8];
            input.read_exact(&mut trailer)?;
            let crc = std::mem::replace(&mut self.crc, crc32fast::Hasher::new()).finalize();
            self.crc_wrong |= trailer[..4] != crc.to_le_bytes() || trailer[4..] != self.size.to_le_bytes();
            self.size = 0;
            // Tapes pad with zeros.
            loop {
                let ahead = input.fill_buf()?;
                let zeros = ahead.iter().take_while(|b| **b == 0).count();
                if zeros == 0 || zeros < ahead.len() {
                    input.consume(zeros);
                    break;
                }
                input.consume(zeros);
            }
            let ahead = input.fill_buf()?;
            if ahead.is_empty() {
                return Ok(0);
            }
            if !(ahead.starts_with(b"\x1f\x8b") || ahead == [0x1f]) {
                self.trailing = Some(input);
                return Ok(0);
            }
            header(&mut input)?;
            self.current = Some(Inflate::new(input, Format::Raw));
        }
    }
}
