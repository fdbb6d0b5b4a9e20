//! A reader a format. Each is given a container and hands its members to the walk; what it cannot read it says there.
//! None returns an error: `Err(Stop)` means that the walk is over for all.

mod compressed;
pub(crate) mod gzip;
pub(crate) mod tar;
pub(crate) mod zip;

use crate::Kind;
use crate::meter::Cut;
use crate::source::{Source, SourceReader};
use crate::walk::{Input, Walk, Walked};
use std::io::{BufReader, Read};

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
        Kind::Bzip2 | Kind::Xz | Kind::Lzma | Kind::Lzip | Kind::Zstd | Kind::Lz4 => {
            compressed::read(walk, kind, input)
        }
        Kind::Zlib => compressed::zlib(walk, input),
        Kind::Tar => tar::read(walk, input),
        Kind::Zip | Kind::Jar | Kind::Apk | Kind::Ooxml | Kind::OpenDocument => placed(walk, input, zip::read),
        _ if kind.is_container() => {
            walk.unread(Cut::unsupported(kind.name()));
            Ok(())
        }
        _ => Ok(()),
    }
}

/// For readers that must look here and there.
fn placed(walk: &mut Walk<'_>, input: Input<'_>, read: fn(&mut Walk<'_>, &dyn Source) -> Walked) -> Walked {
    match input {
        Input::At(source) => read(walk, source),
        Input::Stream(_) => {
            walk.unread(Cut::unsupported("a container that must lie in memory came as a stream"));
            Ok(())
        }
    }
}
