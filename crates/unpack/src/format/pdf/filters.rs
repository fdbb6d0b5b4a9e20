//! Filters of streams, undone in a row.

use crate::codec::{Format, Inflate};
use crate::meter::{Counted, Cut};
use std::cell::Cell;
use std::io::{self, BufReader, Read};
use std::rc::Rc;
use weezl::{BitOrder, LzwStatus};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    Flate,
    Lzw,
    Ascii85,
    AsciiHex,
    RunLength,
    /// What is inside is a picture's own format.
    Picture,
    Crypt,
    Unknown(String),
}

impl Filter {
    pub fn named(name: &[u8]) -> Filter {
        match name {
            b"FlateDecode" | b"Fl" => Filter::Flate,
            b"LZWDecode" | b"LZW" => Filter::Lzw,
            b"ASCII85Decode" | b"A85" => Filter::Ascii85,
            b"ASCIIHexDecode" | b"AHx" => Filter::AsciiHex,
            b"RunLengthDecode" | b"RL" => Filter::RunLength,
            b"DCTDecode" | b"DCT" | b"JPXDecode" | b"JBIG2Decode" | b"CCITTFaxDecode" | b"CCF" => Filter::Picture,
            b"Crypt" => Filter::Crypt,
            other => Filter::Unknown(event::text::clip(&event::text::from_bytes(other), 60).to_owned()),
        }
    }
}

pub(super) struct Decoded<'d> {
    pub reader: Box<dyn Read + 'd>,
    /// Encoded bytes read so far.
    pub taken: Rc<Cell<u64>>,
}

pub(super) fn decoder<'d>(data: &'d [u8], filters: &[Filter]) -> Result<Decoded<'d>, Cut> {
    let counted = Counted::new(data);
    let taken = counted.count.clone();
    let mut reader: Box<dyn Read + 'd> = Box::new(counted);
    for filter in filters {
        reader = match filter {
            Filter::Flate => Box::new(Inflate::new(BufReader::new(reader), Format::Zlib)),
            Filter::Lzw => Box::new(Lzw::new(reader)),
            Filter::Ascii85 => Box::new(Whole::new(reader, ascii85)),
            Filter::AsciiHex => Box::new(Whole::new(reader, hex)),
            Filter::RunLength => Box::new(Whole::new(reader, run_length)),
            Filter::Picture => break,
            Filter::Crypt => return Err(Cut::new(crate::Reason::Encrypted, "")),
            Filter::Unknown(name) => return Err(Cut::unsupported(format!("filter {name}"))),
        };
    }
    Ok(Decoded { reader, taken })
}

/// For encodings that need not be streamed, since little comes out for much: read whole, then decoded.
struct Whole<R> {
    encoded: Option<R>,
    decode: fn(&[u8]) -> Vec<u8>,
    decoded: io::Cursor<Vec<u8>>,
}

impl<R: Read> Whole<R> {
    fn new(encoded: R, decode: fn(&[u8]) -> Vec<u8>) -> Self {
        Whole { encoded: Some(encoded), decode, decoded: io::Cursor::default() }
    }
}

/// Encoded bytes that one such filter takes.
const MAX_WHOLE: u64 = 32 << 20;

impl<R: Read> Read for Whole<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(encoded) = self.encoded.take() {
            let mut bytes = Vec::new();
            encoded.take(MAX_WHOLE + 1).read_to_end(&mut bytes)?;
            if bytes.len() as u64 > MAX_WHOLE {
                return Err(Cut::new(crate::Reason::MemberSize, "an encoded stream").into());
            }
            self.decoded = io::Cursor::new((self.decode)(&bytes));
        }
        self.decoded.read(buffer)
    }
}

pub(super) fn hex(text: &[u8]) -> Vec<u8> {
    let digits = text.iter().take_while(|b| **b != b'>').filter_map(|b| (*b as char).to_digit(16));
    let digits: Vec<u8> = digits.map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).unwrap_or(&0)).collect()
}

fn ascii85(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 5 * 4);
    let mut group = [0u8; 5];
    let mut held = 0;
    let text = text.strip_prefix(b"<~").unwrap_or(text);
    for byte in text {
        match byte {
            b'~' => break,
            b'z' if held == 0 => out.extend([0; 4]),
            b'!'..=b'u' => {
                group[held] = byte - b'!';
                held += 1;
                if held == 5 {
                    out.extend(word(&group));
                    held = 0;
                }
            }
            _ => {}
        }
    }
    if held > 1 {
        group[held..].fill(84);
        out.extend(&word(&group)[..held - 1]);
    }
    out
}

fn word(group: &[u8; 5]) -> [u8; 4] {
    group.iter().fold(0u32, |n, digit| n.wrapping_mul(85).wrapping_add(u32::from(*digit))).to_be_bytes()
}

/// A length below 128 is of bytes that follow, above of copies of the next; 128 ends.
fn run_length(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = bytes;
    while let [length, after @ ..] = rest {
        match usize::from(*length) {
            128 => break,
            n if n < 128 => {
                let n = (n + 1).min(after.len());
                out.extend(&after[..n]);
                rest = &after[n..];
            }
            n => {
                let Some((byte, after)) = after.split_first() else { break };
                out.resize(out.len() + 257 - n, *byte);
                rest = after;
            }
        }
    }
    out
}

struct Lzw<R> {
    input: BufReader<R>,
    decoder: weezl::decode::Decoder,
    done: bool,
}

impl<R: Read> Lzw<R> {
    fn new(input: R) -> Self {
        // Codes grow one early, as TIFF's do: what PDF says unless told otherwise.
        let decoder = weezl::decode::Decoder::with_tiff_size_switch(BitOrder::Msb, 8);
        Lzw { input: BufReader::new(input), decoder, done: false }
    }
}

impl<R: Read> Read for Lzw<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        use io::BufRead as _;
        while !self.done && !buffer.is_empty() {
            let input = self.input.fill_buf()?;
            if input.is_empty() {
                // Many writers leave the end code away.
                break;
            }
            let result = self.decoder.decode_bytes(input, buffer);
            self.input.consume(result.consumed_in);
            match result.status {
                Ok(LzwStatus::Done) => self.done = true,
                Ok(LzwStatus::NoProgress) if result.consumed_out == 0 => break,
                Ok(_) => {}
                Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
            }
            if result.consumed_out > 0 {
                return Ok(result.consumed_out);
            }
        }
        Ok(0)
    }
}

/// Keeps the first bytes of what passes.
pub(super) struct Copied<'c, R> {
    pub inner: R,
    pub kept: &'c mut Vec<u8>,
    pub most: usize,
}

impl<R: Read> Read for Copied<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        let room = self.most.saturating_sub(self.kept.len());
        self.kept.extend(&buffer[..n.min(room)]);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undoes_text_encodings() {
        assert_eq!(ascii85(b"87cURD]i,\"Ebo80~>"), b"Hello World!");
        assert_eq!(ascii85(b"<~87cURDZ~>"), b"Hello");
        assert_eq!(hex(b"48 65 6c6C 6f7>"), b"Hellop");
        assert_eq!(run_length(b"\x02abc\xfed\x80junk"), b"abcddd");
    }
}
