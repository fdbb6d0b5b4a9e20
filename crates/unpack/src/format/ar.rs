//! ar, and so Debian packages and static libraries: System V and BSD long names, thin archives (which hold no data).

use super::data::{Data, skip};
use crate::meter::Cut;
use crate::outcome::Reason;
use crate::source::read_full;
use crate::walk::{Body, Entry, Input, Walk, Walked};
use std::io::{self, Read};

const MAX_NAMES: u64 = 4 << 20;

pub(crate) fn read(walk: &mut Walk<'_>, input: Input<'_>) -> Walked {
    let mut input = input.buffered();
    match members(walk, &mut input) {
        Ok(walked) => walked,
        Err(error) => {
            walk.unread_error(&error);
            Ok(())
        }
    }
}

fn members(walk: &mut Walk<'_>, input: &mut impl Read) -> io::Result<Walked> {
    let mut magic = [0; 8];
    input.read_exact(&mut magic)?;
    let thin = &magic == b"!<thin>\n";
    let mut names = Vec::new();
    let mut position = 0;
    loop {
        if walk.step().is_err() {
            return Ok(Err(crate::walk::Stop));
        }
        let mut header = [0; 60];
        match read_full(input, &mut header)? {
            0 => return Ok(Ok(())),
            // The padding of the last member.
            1 if header[0] == b'\n' => return Ok(Ok(())),
            60 => {}
            _ => return Err(io::ErrorKind::UnexpectedEof.into()),
        }
        if &header[58..] != b"`\n" {
            return Err(Cut::damaged("no header where one must stand").into());
        }
        let mut size = number(&header[48..58]).ok_or_else(|| Cut::damaged("a size that is no number"))?;
        let odd = size % 2;
        let field = header[..16].trim_ascii_end();
        let mut name = field.strip_suffix(b"/").unwrap_or(field).to_vec();
        let table = matches!(field, b"/" | b"//" | b"/SYM64/");
        if field == b"//" {
            if size > MAX_NAMES {
                return Err(Cut::new(Reason::Memory, format!("{size} bytes of names")).into());
            }
            names = vec![0; size as usize];
            input.read_exact(&mut names)?;
            skip_padding(input, odd)?;
            continue;
        }
        if let Some(len) = field.strip_prefix(b"#1/").and_then(number) {
            if len > size || len > MAX_NAMES {
                return Err(Cut::damaged("a name longer than its member").into());
            }
            name = vec![0; len as usize];
            input.read_exact(&mut name)?;
            name.truncate(name.iter().position(|b| *b == 0).unwrap_or(name.len()));
            size -= len;
        } else if let Some(at) = field.strip_prefix(b"/").and_then(number) {
            let rest = usize::try_from(at).ok().and_then(|at| names.get(at..)).unwrap_or_default();
            let end = rest.iter().position(|b| matches!(b, b'\n' | 0)).unwrap_or(rest.len());
            name = rest[..end].strip_suffix(b"/").unwrap_or(&rest[..end]).to_vec();
        }
        if thin && !table {
            walk.at(&name, |walk| walk.unread(Cut::unsupported("a thin archive: the member lies elsewhere")));
            continue;
        }
        let mut data = Data { input, left: size };
        if !table {
            let entry = Entry { name: &name, position, declared: Some(size), stored: Some(size), ..Entry::default() };
            position += 1;
            if let Err(stop) = walk.member(&entry, Body::Stream(&mut data)) {
                return Ok(Err(stop));
            }
        }
        let left = data.left;
        skip(input, left)?;
        skip_padding(input, odd)?;
    }
}

/// Some tools leave it away behind the last member.
fn skip_padding(input: &mut impl Read, odd: u64) -> io::Result<()> {
    io::copy(&mut input.take(odd), &mut io::sink()).map(|_| ())
}

fn number(field: &[u8]) -> Option<u64> {
    std::str::from_utf8(field).ok()?.trim_end().parse().ok()
}
