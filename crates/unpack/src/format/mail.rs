//! A message: its parts decoded by `mail-parser` (MIME, base64, quoted-printable, character sets), uuencoded files in
//! its text, messages within it. Parts that are messages come back here through the walk and so count in depth.

use super::{uu, yenc};
use crate::meter::Cut;
use crate::outcome::Reason;
use crate::source::Source;
use crate::walk::{Body, Entry, Walk, Walked};
use crate::{Kind, kind};
use mail_parser::{Encoding, Message, MessageParser, MessagePart, MimeHeaders as _, PartType};

pub(crate) fn read(walk: &mut Walk<'_>, source: &dyn Source) -> Walked {
    super::in_memory(walk, source, whole)
}

fn whole(walk: &mut Walk<'_>, bytes: &[u8]) -> Walked {
    // Decoded parts take no more than the message itself, twice where characters are converted.
    let lease = match walk.meter().lease(2 * bytes.len() as u64) {
        Ok(lease) => lease,
        Err(cut) => {
            walk.unread(cut);
            return Ok(());
        }
    };
    let Some(message) = MessageParser::new().parse(bytes) else {
        walk.damaged("no message");
        return Ok(());
    };
    if let Some(boundary) = message.root_part().content_type().and_then(|ct| ct.attribute("boundary")) {
        let end = format!("--{boundary}--");
        if memchr::memmem::find(bytes, end.as_bytes()).is_none() {
            walk.truncated("its last part has no end");
        }
    }
    // Of bytes that no character set has: as it stands.
    yenc::within(walk, bytes)?;
    parts(walk, &message, bytes)?;
    drop(lease);
    Ok(())
}

fn parts(walk: &mut Walk<'_>, message: &Message<'_>, raw: &[u8]) -> Walked {
    for (n, part) in message.parts.iter().enumerate() {
        let name = match part.attachment_name() {
            Some(name) => name.to_owned(),
            None => format!("part {n}"),
        };
        let entry = Entry { position: n as u64, ..Entry::named(name.as_bytes()) };
        if part.is_encoding_problem && !matches!(part.body, PartType::Multipart(_)) {
            walk.at(name.as_bytes(), |walk| walk.unread(Cut::new(Reason::Damaged, "its encoding breaks off")));
        }
        match &part.body {
            PartType::Multipart(_) => {}
            PartType::Text(text) => {
                walk.member(&entry, Body::Bytes(text.as_bytes()))?;
                // Old mailers put files into the text.
                uu::within(walk, text.as_bytes())?;
            }
            PartType::Html(html) => {
                walk.member(&Entry { kind: Some(Kind::Html), ..entry }, Body::Bytes(html.as_bytes()))?;
            }
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => {
                let known = kind(bytes);
                let mail = part.content_type().is_some_and(|ct| ct.c_type == "message") && known.is_text();
                let entry = Entry { kind: Some(if mail { Kind::Mail } else { known }), ..entry };
                walk.member(&entry, Body::Bytes(bytes))?;
            }
            PartType::Message(inner) => {
                let entry = Entry { kind: Some(Kind::Mail), ..entry };
                walk.member(&entry, Body::Bytes(nested(part, inner, raw)))?;
            }
        }
    }
    Ok(())
}

/// The message itself where it stands as it is, decoded where it was encoded.
fn nested<'m>(part: &MessagePart<'_>, inner: &'m Message<'_>, raw: &'m [u8]) -> &'m [u8] {
    if part.encoding == Encoding::None {
        raw.get(part.offset_body as usize..part.offset_end as usize).unwrap_or_default()
    } else {
        &inner.raw_message
    }
}
