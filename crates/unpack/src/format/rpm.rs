//! rpm: the scripts that its header holds, which root runs, and the payload, a compressed cpio.

use super::data::skip;
use crate::meter::Cut;
use crate::outcome::Reason;
use crate::walk::{Body, Entry, Input, Walk, Walked};
use crate::{Kind, kind};
use std::io::{self, BufRead, Read};

const LEAD: u64 = 96;
const MAX_HEADER: u64 = 32 << 20;

/// Tags whose strings are run.
const SCRIPTS: &[(u32, &str)] = &[
    (1023, "%pre"),
    (1024, "%post"),
    (1025, "%preun"),
    (1026, "%postun"),
    (1065, "%trigger"),
    (1079, "%verify"),
    (1151, "%pretrans"),
    (1152, "%posttrans"),
    (5066, "%filetrigger"),
    (5076, "%transfiletrigger"),
    (5104, "%preuntrans"),
    (5105, "%postuntrans"),
];

pub(crate) fn read(walk: &mut Walk<'_>, input: Input<'_>) -> Walked {
    let mut input = input.buffered();
    match package(walk, &mut input) {
        Ok(walked) => walked,
        Err(error) => {
            walk.unread_error(&error);
            Ok(())
        }
    }
}

fn package(walk: &mut Walk<'_>, input: &mut impl BufRead) -> io::Result<Walked> {
    skip(input, LEAD)?;
    let signature = Header::read(input)?;
    skip(input, (8 - signature.store.len() as u64 % 8) % 8)?;
    let header = Header::read(input)?;
    for (tag, name) in SCRIPTS {
        for (n, script) in header.strings(*tag).enumerate() {
            if script.is_empty() {
                continue;
            }
            let name = if n == 0 { (*name).to_owned() } else { format!("{name}.{n}") };
            let known = kind(script);
            // Without a first line it is the shell's.
            let entry = Entry {
                kind: Some(if known.is_text() && !known.is_script() { Kind::Shell } else { known }),
                ..Entry::named(name.as_bytes())
            };
            if let Err(stop) = walk.member(&entry, Body::Bytes(script)) {
                return Ok(Err(stop));
            }
        }
    }
    if input.fill_buf()?.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(walk.member(&Entry::named(b"payload"), Body::Stream(input)))
}

struct Header {
    /// Tag, type, offset, count.
    index: Vec<[u32; 4]>,
    store: Vec<u8>,
}

impl Header {
    fn read(input: &mut impl Read) -> io::Result<Header> {
        let mut fixed = [0; 16];
        input.read_exact(&mut fixed)?;
        if fixed[..4] != [0x8e, 0xad, 0xe8, 1] {
            return Err(Cut::damaged("no header where one must stand").into());
        }
        let number = |at: usize| u32::from_be_bytes(fixed[at..at + 4].try_into().expect("four bytes"));
        let (entries, size) = (u64::from(number(8)), u64::from(number(12)));
        if entries * 16 + size > MAX_HEADER {
            return Err(Cut::new(Reason::Memory, format!("a header of {} bytes", entries * 16 + size)).into());
        }
        // Grown as they come: what a header says it holds need not be there.
        let mut index = Vec::new();
        input.take(entries * 16).read_to_end(&mut index)?;
        let mut store = Vec::new();
        input.take(size).read_to_end(&mut store)?;
        if index.len() as u64 != entries * 16 || store.len() as u64 != size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let word = |b: &[u8]| u32::from_be_bytes(b.try_into().expect("four bytes"));
        let index = index
            .chunks_exact(16)
            .map(|one| [word(&one[..4]), word(&one[4..8]), word(&one[8..12]), word(&one[12..])])
            .collect();
        Ok(Header { index, store })
    }

    /// String, or array of strings.
    fn strings(&self, tag: u32) -> impl Iterator<Item = &[u8]> {
        let entry = self.index.iter().find(|entry| entry[0] == tag && matches!(entry[1], 6 | 8 | 9));
        let (offset, count) = entry.map_or((0, 0), |entry| (entry[2] as usize, entry[3] as usize));
        self.store.get(offset..).unwrap_or_default().split(|b| *b == 0).take(count.min(1_000))
    }
}
