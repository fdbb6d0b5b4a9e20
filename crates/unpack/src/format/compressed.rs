//! One compressed stream each: bzip2, xz, lzma, lzip, zstd, lz4, compress, zlib. What is inside is the one member.

use super::gzip::inner_name;
use crate::codec::{self, Dictionary, Format, Inflate};
use crate::meter::{Counted, Cut};
use crate::outcome::Oddity;
use crate::walk::{Body, Entry, Input, Walk, Walked};
use crate::{Kind, Reason};
use std::io::{self, BufRead, BufReader, Read};

const ENDINGS: &[&str] =
    &[".bz2", ".tbz2", ".tbz", ".xz", ".txz", ".lzma", ".lz", ".zst", ".tzst", ".lz4", ".zz", ".Z"];

type Buffered<'i> = BufReader<Counted<Box<dyn Read + 'i>>>;

pub(crate) fn read(walk: &mut Walk<'_>, kind: Kind, input: Input<'_>) -> Walked {
    let dictionary =
        match Dictionary::for_method(walk.meter(), !matches!(kind, Kind::Bzip2 | Kind::Lz4 | Kind::Compress)) {
            Ok(dictionary) => dictionary,
            Err(cut) => {
                walk.unread(cut);
                return Ok(());
            }
        };
    let counted = Counted::new(input.reader());
    let taken = counted.count.clone();
    let input = BufReader::with_capacity(super::BUFFER, counted);
    let decoder = match decoder(kind, input, &dictionary) {
        Ok(decoder) => decoder,
        Err(error) => {
            walk.unread_error(&error);
            return Ok(());
        }
    };
    let mut reader = walk.expanding(decoder, taken);
    let name = inner_name(walk.path(), ENDINGS);
    walk.member(&Entry::named(&name), Body::Stream(&mut reader))
}

fn decoder<'i>(kind: Kind, input: Buffered<'i>, dictionary: &Dictionary<'_>) -> io::Result<Box<dyn Read + 'i>> {
    Ok(match kind {
        Kind::Bzip2 => Box::new(codec::bzip2(input)),
        Kind::Xz => Box::new(codec::xz(input, dictionary)),
        Kind::Lzma => Box::new(codec::lzma_alone(input, dictionary)?),
        Kind::Lzip => Box::new(codec::lzip(input, dictionary)?),
        Kind::Zstd => Box::new(codec::zstd(input, dictionary)?),
        Kind::Compress => Box::new(codec::Uncompress::new(input)?),
        Kind::Lz4 => Box::new(Lz4Frames(Lz4::Between(input))),
        _ => return Err(Cut::unsupported(kind.name()).into()),
    })
}

/// zlib: as found inside others; what is behind it is looked at as well.
pub(crate) fn zlib(walk: &mut Walk<'_>, input: Input<'_>) -> Walked {
    let counted = Counted::new(input.reader());
    let taken = counted.count.clone();
    let inflate = Inflate::new(BufReader::with_capacity(super::BUFFER, counted), Format::Zlib);
    let mut reader = walk.expanding(inflate, taken);
    walk.member(&Entry::named(b"data"), Body::Stream(&mut reader))?;
    let inflate = reader.into_inner();
    if inflate.done() {
        let mut rest = inflate.into_inner();
        if rest.fill_buf().is_ok_and(|ahead| !ahead.is_empty()) {
            walk.odd(Oddity::TrailingData, "");
            return walk.member(&Entry::named(b"(trailing)"), Body::Stream(&mut rest));
        }
    }
    Ok(())
}

/// Frames one after the other, as the tool reads them; skippable ones are skipped. Each has a decoder of its own: the
/// library's is not made for a frame whose blocks have another size than those before.
struct Lz4Frames<'i>(Lz4<'i>);

enum Lz4<'i> {
    Between(Buffered<'i>),
    Inside(Box<lz4_flex::frame::FrameDecoder<Buffered<'i>>>),
    Behind,
}

/// Whether another frame begins.
fn frame_begins(input: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let mut magic = [0; 4];
        let ahead = input.fill_buf()?;
        if ahead.is_empty() {
            return Ok(false);
        }
        if ahead.len() < 4 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        magic.copy_from_slice(&ahead[..4]);
        match u32::from_le_bytes(magic) {
            0x184d_2204 | 0x184c_2102 => return Ok(true),
            0x184d_2a50..=0x184d_2a5f => {
                let mut header = [0; 8];
                input.read_exact(&mut header)?;
                let len = u64::from(u32::from_le_bytes(header[4..].try_into().expect("four bytes")));
                if io::copy(&mut input.by_ref().take(len), &mut io::sink())? < len {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
            _ => return Err(Cut::new(Reason::Damaged, "what follows the last frame is no frame").into()),
        }
    }
}

impl Read for Lz4Frames<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            self.0 = match std::mem::replace(&mut self.0, Lz4::Behind) {
                Lz4::Behind => return Ok(0),
                Lz4::Between(mut input) => {
                    if !frame_begins(&mut input)? {
                        return Ok(0);
                    }
                    Lz4::Inside(Box::new(codec::lz4(input)))
                }
                Lz4::Inside(mut decoder) => match decoder.read(buffer)? {
                    0 => Lz4::Between(decoder.into_inner()),
                    n => {
                        self.0 = Lz4::Inside(decoder);
                        return Ok(n);
                    }
                },
            };
        }
    }
}
