//! A reader a format. Each is given a container and hands its members to the walk; what it cannot read it says there.
//! None returns an error: `Err(Stop)` means that the walk is over for all.

mod ar;
mod arj;
mod auto_it;
mod binhex;
mod cab;
mod carve;
mod chm;
mod compressed;
mod cpio;
mod data;
mod escape;
mod fields;
pub(crate) mod gzip;
mod install_shield;
mod iso;
mod lha;
mod mail;
mod mbox;
mod nsis;
mod ole;
mod package;
mod packed;
mod pdf;
mod pe;
mod program;
mod rpm;
mod rtf;
mod seven_zip;
mod sis;
mod squashfs;
mod szdd;
pub(crate) mod tar;
mod text;
mod tnef;
mod udf;
mod upx;
mod uu;
mod yenc;
pub(crate) mod zip;

use crate::Kind;
use crate::meter::Cut;
use crate::source::{Source, SourceReader, read_vec};
use crate::walk::{Body, Entry, Input, Walk, Walked};
use std::io::{self, BufReader, Read};

pub(crate) const BUFFER: usize = 64 << 10;

impl<'i> Input<'i> {
    pub fn reader(self) -> Box<dyn Read + 'i> {
        match self {
            Input::At(source) => Box::new(SourceReader::new(source, 0)),
            Input::Stream(reader) => Box::new(reader),
        }
    }

    pub fn buffered(self) -> BufReader<Box<dyn Read + 'i>> {
        BufReader::with_capacity(BUFFER, self.reader())
    }
}

pub(crate) fn read(walk: &mut Walk<'_>, kind: Kind, input: Input<'_>) -> Walked {
    match kind {
        Kind::Gzip => gzip::read(walk, input),
        Kind::Bzip2 | Kind::Xz | Kind::Lzma | Kind::Lzip | Kind::Zstd | Kind::Lz4 | Kind::Compress => {
            compressed::read(walk, kind, input)
        }
        Kind::Zlib => compressed::zlib(walk, input),
        Kind::Tar => tar::read(walk, input),
        Kind::Zip | Kind::Jar | Kind::Apk | Kind::Ooxml | Kind::OpenDocument => placed(walk, input, zip::read),
        Kind::Cpio => cpio::read(walk, input),
        Kind::Ar | Kind::Deb => ar::read(walk, input),
        Kind::Rpm => rpm::read(walk, input),
        Kind::Mbox => mbox::read(walk, input),
        Kind::Mail => placed(walk, input, mail::read),
        Kind::Uuencoded => placed(walk, input, uu::read),
        Kind::Yencoded => placed(walk, input, yenc::read),
        Kind::OtherArchive => placed(walk, input, |walk, source| {
            let start = read_vec(source, 0, crate::KIND_BYTES).unwrap_or_default();
            walk.unread(Cut::unsupported(crate::other_archive(&start).unwrap_or("an archive")));
            carve::within(walk, source, 1)
        }),
        Kind::SevenZip => placed(walk, input, seven_zip::read),
        Kind::Cab => placed(walk, input, cab::read),
        Kind::Iso => placed(walk, input, iso::read),
        Kind::Squashfs => placed(walk, input, squashfs::read),
        Kind::Arj => placed(walk, input, arj::read),
        Kind::Lha => placed(walk, input, lha::read),
        Kind::Sis => placed(walk, input, sis::read),
        Kind::Chm => placed(walk, input, chm::read),
        Kind::Szdd => placed(walk, input, |walk, source| in_memory(walk, source, szdd::read)),
        Kind::BinHex => placed(walk, input, |walk, source| in_memory(walk, source, binhex::read)),
        Kind::Tnef => placed(walk, input, |walk, source| in_memory(walk, source, tnef::read)),
        Kind::Ole => placed(walk, input, ole::read),
        Kind::Pdf => placed(walk, input, |walk, source| {
            pdf::read(walk, source)?;
            carve::zip_at_end(walk, source)
        }),
        Kind::Elf | Kind::AppImage | Kind::Pe | Kind::MachO => {
            placed(walk, input, |walk, source| program::read(walk, source, kind))
        }
        Kind::Empty => Ok(()),
        _ if kind.is_text() => placed(walk, input, |walk, source| {
            text::read(walk, source, kind)?;
            carve::zip_at_end(walk, source)
        }),
        Kind::Rar => {
            // Pure Rust has one decoder, young and by its own word an experiment; the others bring unrar's C++ and licence.
            walk.unread(Cut::unsupported("RAR: there is no decoder yet that may be trusted with it"));
            Ok(())
        }
        _ if kind.is_container() => {
            walk.unread(Cut::unsupported(kind.name()));
            Ok(())
        }
        // A picture, a database, anything: what lies in it.
        _ => placed(walk, input, |walk, source| {
            carve::within(walk, source, 1)?;
            carve::zip_at_end(walk, source)
        }),
    }
}

/// Whether something of no container's kind, that lies too deep to be looked through, would hold members all the same.
pub(crate) fn holds_more(kind: Kind, input: &Input<'_>) -> bool {
    let bytes = match input {
        Input::At(source) if kind.is_text() => source.as_slice(),
        _ => None,
    };
    bytes.is_some_and(|bytes| text::holds_more(bytes, kind))
}

/// For readers that must look here and there.
fn placed(walk: &mut Walk<'_>, input: Input<'_>, read: impl FnOnce(&mut Walk<'_>, &dyn Source) -> Walked) -> Walked {
    match input {
        Input::At(source) => read(walk, source),
        Input::Stream(_) => {
            walk.unread(Cut::unsupported("a container that must lie in memory came as a stream"));
            Ok(())
        }
    }
}

/// For readers that want all of it in one slice.
fn in_memory(walk: &mut Walk<'_>, source: &dyn Source, read: impl FnOnce(&mut Walk<'_>, &[u8]) -> Walked) -> Walked {
    if let Some(bytes) = source.as_slice() {
        return read(walk, bytes);
    }
    let limit = walk.meter().limits.member_bytes;
    let len = source.len().min(limit);
    let held = walk.meter().lease(len).map_err(io::Error::from);
    let held = held.and_then(|lease| Ok((lease, read_vec(source, 0, usize::try_from(len).unwrap_or(usize::MAX))?)));
    match held {
        Ok((_lease, bytes)) => {
            if source.len() > limit {
                walk.unread(Cut::new(crate::Reason::MemberSize, format!("{} bytes", source.len())));
            }
            read(walk, &bytes)
        }
        Err(error) => {
            walk.unread_error(&error);
            Ok(())
        }
    }
}

/// A member that a decoder makes in memory: what came before an error is given all the same, and the error said.
fn decoded(
    walk: &mut Walk<'_>,
    entry: &Entry<'_>,
    taken: usize,
    size: u64,
    decode: impl FnOnce(&mut Vec<u8>) -> io::Result<()>,
) -> Walked {
    let _lease = match walk.meter().room(size, taken as u64) {
        Ok(lease) => lease,
        Err(cut) => {
            walk.at(entry.name, |walk| walk.unread(cut));
            return Ok(());
        }
    };
    let mut out = Vec::new();
    let done = decode(&mut out);
    walk.member(entry, Body::Bytes(&out))?;
    if let Err(error) = done {
        walk.at(entry.name, |walk| walk.unread_error(&error));
    }
    Ok(())
}
