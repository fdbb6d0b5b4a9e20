//! 7z, by `sevenz-rust2`, block by block so that one broken block does not hide the others, and without its threads.

use crate::codec::Dictionary;
use crate::meter::{Counted, Cut, Meter};
use crate::outcome::Reason;
use crate::source::{Source, SourceReader};
use crate::walk::{Body, Entry, Stop, Walk, Walked};
use sevenz_rust2::{Archive, BlockDecoder, EncoderMethod, Error, Password};
use std::io::{self, Read, Seek};

pub(crate) fn read(walk: &mut Walk<'_>, source: &dyn Source) -> Walked {
    let dictionary = match Dictionary::new(walk.meter()) {
        Ok(dictionary) => dictionary,
        Err(cut) => {
            walk.unread(cut);
            return Ok(());
        }
    };
    let limit = dictionary.kib() as usize;
    let counted = Counted::new(SourceReader::new(source, 0));
    let taken = counted.count.clone();
    let mut input = Seeking(counted);
    let password = Password::empty();
    let archive = match Archive::read_with_memory_limit(&mut input, &password, limit) {
        Ok(archive) => archive,
        Err(error) => {
            walk.unread(cut(walk.meter(), &error));
            return Ok(());
        }
    };
    let mut position = 0;
    for (index, block) in archive.blocks.iter().enumerate() {
        walk.step()?;
        let encrypted = block.coders.iter().any(|coder| coder.encoder_method_id() == EncoderMethod::ID_AES256_SHA256);
        let decoder = BlockDecoder::new_with_memory_limit(1, limit, index, &archive, &password, &mut input);
        if encrypted {
            let names: Vec<String> = decoder.entries().iter().map(|entry| entry.name().to_owned()).collect();
            for name in names {
                walk.member(&Entry { position, ..Entry::named(name.as_bytes()) }, Body::Encrypted)?;
                position += 1;
            }
            continue;
        }
        let mut stopped = Ok(());
        let decoded = decoder.for_each_entries(&mut |file, reader| {
            if !file.has_stream() || file.is_directory() {
                return Ok(true);
            }
            let entry = Entry {
                position,
                declared: Some(file.size()),
                crc32: file.has_crc.then_some(file.crc as u32),
                ..Entry::named(file.name().as_bytes())
            };
            position += 1;
            let mut reader = walk.expanding(reader, taken.clone());
            stopped = walk.member(&entry, Body::Stream(&mut reader));
            Ok(stopped.is_ok())
        });
        stopped.map_err(|_: Stop| Stop)?;
        if let Err(error) = decoded {
            walk.unread(cut(walk.meter(), &error));
        }
    }
    Ok(())
}

fn cut(meter: &Meter, error: &Error) -> Cut {
    let text = || event::text::clip(&format!("{error:?}"), 200).to_owned();
    match error {
        Error::Io(error, _) | Error::MaybeBadPassword(error) => meter.cut(error),
        Error::PasswordRequired => Cut::new(Reason::Encrypted, "its list of members too"),
        Error::UnsupportedCompressionMethod(method) if method.contains("AES") => {
            Cut::new(Reason::Encrypted, "its list of members too")
        }
        Error::MaxMemLimited { .. } => Cut::new(Reason::Memory, text()),
        Error::Unsupported(_)
        | Error::UnsupportedCompressionMethod(_)
        | Error::UnsupportedVersion { .. }
        | Error::ExternalUnsupported => Cut::unsupported(text()),
        // A header that lies behind the end.
        Error::Other(what) if what.contains("next_header") || what.contains("next header") => {
            Cut::new(Reason::Truncated, text())
        }
        _ => Cut::damaged(text()),
    }
}

struct Seeking<'s>(Counted<SourceReader<'s>>);

impl Read for Seeking<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Seek for Seeking<'_> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.0.inner_mut().seek(to)
    }
}
