//! PDF. Every stream that stands in the bytes is decoded, whatever the cross-reference table says of it, and so are the
//! scripts in strings: a document is free to hide what it means to use, and readers are known to repair it.

mod filters;
mod objects;

use crate::meter::Cut;
use crate::outcome::Reason;
use crate::source::Source;
use crate::walk::{Body, Entry, Walk, Walked};
use crate::{Kind, kind};
use filters::{Decoded, Filter};
use std::io::Read;

pub(crate) fn read(walk: &mut Walk<'_>, source: &dyn Source) -> Walked {
    super::in_memory(walk, source, document)
}

fn document(walk: &mut Walk<'_>, bytes: &[u8]) -> Walked {
    if memchr::memmem::rfind(bytes, b"%%EOF").is_none() {
        walk.truncated("no end mark");
    }
    // With an empty password readers open such a document all the same; that is not done here.
    let encrypted = memchr::memmem::find(bytes, b"/Encrypt").is_some();
    if encrypted {
        walk.unread(Cut::new(Reason::Encrypted, "its streams and strings"));
    }
    scripts(walk, bytes, 0)?;
    let mut position = 0;
    let mut at = 0;
    while let Some(stream) = objects::next_stream(bytes, at) {
        walk.step()?;
        at = stream.end;
        if stream.open {
            walk.at(stream.name().as_bytes(), |walk| walk.truncated("a stream without an end"));
        }
        if encrypted {
            continue;
        }
        position += 1;
        one(walk, bytes, &stream, position)?;
    }
    Ok(())
}

fn one(walk: &mut Walk<'_>, bytes: &[u8], stream: &objects::Stream<'_>, position: u64) -> Walked {
    let data = &bytes[stream.start..stream.end];
    let name = stream.name();
    let filters = stream.filters();
    // A picture alone: the caller has its bytes as they are.
    if filters.first().is_some_and(|filter| matches!(filter, Filter::Picture)) {
        return Ok(());
    }
    if filters.is_empty() && matches!(kind(data), Kind::Data | Kind::Text | Kind::Xml | Kind::Empty) {
        return Ok(());
    }
    let mut kept = Vec::new();
    let (decoder, taken) = match filters::decoder(data, &filters) {
        Ok(Decoded { reader, taken }) => (reader, taken),
        Err(cut) => {
            walk.at(name.as_bytes(), |walk| walk.unread(cut));
            return Ok(());
        }
    };
    let decoder: Box<dyn Read + '_> = match stream.predictor().filter(|_| filters::last_is_packed(&filters)) {
        Some(predictor) => Box::new(filters::Unpredicted::new(decoder, predictor)),
        None => decoder,
    };
    let mut reader = walk.expanding(decoder, taken);
    let objects = stream.holds_objects();
    let entry = Entry { position, stored: Some(data.len() as u64), ..Entry::named(name.as_bytes()) };
    if !objects {
        return walk.member(&entry, Body::Stream(&mut reader));
    }
    // What holds objects is looked through for scripts too.
    let mut copy = filters::Copied { inner: &mut reader, kept: &mut kept, most: 8 << 20 };
    walk.member(&entry, Body::Stream(&mut copy))?;
    scripts(walk, &kept, position)
}

/// `/JS (…)` and `/JS <…>`.
fn scripts(walk: &mut Walk<'_>, bytes: &[u8], within: u64) -> Walked {
    for (n, at) in memchr::memmem::find_iter(bytes, b"/JS").enumerate() {
        walk.step()?;
        let Some(script) = objects::string(&bytes[at + 3..]) else { continue };
        if script.is_empty() {
            continue;
        }
        let name = format!("script {within}.{n}");
        let entry = Entry { kind: Some(Kind::JavaScript), ..Entry::named(name.as_bytes()) };
        walk.member(&entry, Body::Bytes(&script))?;
    }
    Ok(())
}
