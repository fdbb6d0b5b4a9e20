//! TNEF, Outlook's `winmail.dat`: attributes, each with a level, an id, a length and the sum of its bytes. Attachments are
//! given under their titles, everything else as it is: MAPI properties hold bodies, and those may be compressed.

use super::decoded;
use super::fields::Fields;
use crate::codec::{Lzss, lzss};
use crate::walk::{Body, Entry, Walk, Walked};
use std::io;

/// Magic and a key.
const HEADER: usize = 6;
const TITLE: u32 = 0x0001_8010;
const RENDERING: u32 = 0x0006_9002;
const DATA: u32 = 0x0006_800f;
const MESSAGE_PROPERTIES: u32 = 0x0006_9003;
const ATTACHMENT_PROPERTIES: u32 = 0x0006_9005;
const MAX_ATTRIBUTES: usize = 100_000;

/// MS-OXRTFCP: what the ring holds first, so that short messages are short.
const RTF_START: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \
\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
const COMPRESSED: &[u8] = b"LZFu";

pub(crate) fn read(walk: &mut Walk<'_>, bytes: &[u8]) -> Walked {
    let (mut at, mut attachment) = (HEADER, Attachment::default());
    if bytes.len() <= HEADER {
        walk.truncated("no attributes");
        return Ok(());
    }
    for _ in 0..MAX_ATTRIBUTES {
        if at >= bytes.len() {
            return attachment.give(walk);
        }
        walk.step()?;
        let (id, data, sum) = match attribute(bytes, at) {
            Ok(attribute) => attribute,
            Err(error) => {
                walk.unread_error(&error);
                return attachment.give(walk);
            }
        };
        at += 9 + data.len() + 2;
        if data.iter().fold(0u16, |sum, byte| sum.wrapping_add(u16::from(*byte))) != sum {
            walk.damaged(format!("the sum of attribute {id:#x}"));
        }
        match id {
            RENDERING => {
                let begun = Attachment { begun: true, ..Attachment::default() };
                std::mem::replace(&mut attachment, begun).give(walk)?;
            }
            TITLE => attachment.title = Some(data.strip_suffix(b"\0").unwrap_or(data)),
            DATA => attachment.data = Some(data),
            MESSAGE_PROPERTIES | ATTACHMENT_PROPERTIES => {
                let name = if id == MESSAGE_PROPERTIES { "(message)" } else { "(properties)" };
                walk.member(&Entry::named(name.as_bytes()), Body::Bytes(data))?;
                body(walk, data)?;
            }
            _ => walk.member(&Entry::named(format!("({id:x})").as_bytes()), Body::Bytes(data))?,
        }
    }
    walk.unread(crate::meter::Cut::new(crate::Reason::Count, "attributes"));
    Ok(())
}

fn attribute(bytes: &[u8], at: usize) -> io::Result<(u32, &[u8], u16)> {
    let fields = Fields(bytes);
    let (id, len) = (fields.u32(at + 1)?, fields.place(at + 5)?);
    let data = fields.bytes(at + 9, len)?;
    Ok((id, data, fields.u16(at + 9 + len)?))
}

/// Collected until the next begins: the title may come before the data or behind.
#[derive(Default)]
struct Attachment<'b> {
    begun: bool,
    title: Option<&'b [u8]>,
    data: Option<&'b [u8]>,
}

impl Attachment<'_> {
    fn give(self, walk: &mut Walk<'_>) -> Walked {
        match self.data {
            Some(data) => walk.member(&Entry::named(self.title.unwrap_or(b"attachment")), Body::Bytes(data)),
            None => {
                if self.begun {
                    walk.truncated("an attachment without its data");
                }
                Ok(())
            }
        }
    }
}

/// The message as compressed RTF: sizes in front of the magic, a checksum behind.
fn body(walk: &mut Walk<'_>, data: &[u8]) -> Walked {
    let Some(at) = memchr::memmem::find(data, COMPRESSED).filter(|at| *at >= 8) else { return Ok(()) };
    let fields = Fields(data);
    let (Ok(packed), Ok(size)) = (fields.place(at - 8), fields.u32(at - 4)) else { return Ok(()) };
    let Ok(stream) = fields.bytes(at + 8, packed.saturating_sub(12)) else {
        walk.truncated("a compressed body");
        return Ok(());
    };
    let form = Lzss { ring: RTF_START, filler: b' ', at: RTF_START.len(), literal: 0, pair: rtf_pair };
    decoded(walk, &Entry::named(b"(body)"), stream.len(), size.into(), |out| lzss(stream, size as usize, &form, out))
}

/// A place in the ring, then a length.
fn rtf_pair(high: u8, low: u8) -> (usize, usize) {
    (usize::from(high) << 4 | usize::from(low >> 4), usize::from(low & 15) + 2)
}
