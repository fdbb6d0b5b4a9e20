//! Filters of streams, undone in a row.

use super::objects::Predictor;
use crate::codec::{self, Format, Inflate};
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

pub(super) fn last_is_packed(filters: &[Filter]) -> bool {
    matches!(filters.last(), Some(Filter::Flate | Filter::Lzw))
}

/// Rows as they were before each was told from the one above or what stands to the left (PNG's filters).
pub(super) struct Unpredicted<R> {
    packed: R,
    predictor: Predictor,
    row: Vec<u8>,
    above: Vec<u8>,
    given: usize,
}

impl<R: Read> Unpredicted<R> {
    pub fn new(packed: R, predictor: Predictor) -> Self {
        Unpredicted { packed, predictor, row: Vec::new(), above: vec![0; predictor.row], given: 0 }
    }

    /// False at the end.
    fn next(&mut self) -> io::Result<bool> {
        let mut line = vec![0; self.predictor.row + 1];
        let got = crate::source::read_full(&mut self.packed, &mut line)?;
        if got < 2 {
            return Ok(false);
        }
        let (kind, mut row) = (line[0], line[1..got].to_vec());
        for at in 0..row.len() {
            let left = at.checked_sub(self.predictor.pixel);
            let (a, b) = (left.map_or(0, |at| row[at]), self.above[at]);
            let c = left.map_or(0, |at| self.above[at]);
            let told = match kind {
                1 => a,
                2 => b,
                3 => (u16::from(a) + u16::from(b)).div_euclid(2) as u8,
                4 => nearest(a, b, c),
                _ => 0,
            };
            row[at] = row[at].wrapping_add(told);
        }
        self.above[..row.len()].copy_from_slice(&row);
        (self.row, self.given) = (row, 0);
        Ok(true)
    }
}

/// Paeth's choice among left, above and above to the left.
fn nearest(a: u8, b: u8, c: u8) -> u8 {
    let guess = i16::from(a) + i16::from(b) - i16::from(c);
    [a, b, c].into_iter().min_by_key(|one| (guess - i16::from(*one)).abs()).unwrap_or(a)
}

impl<R: Read> Read for Unpredicted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.row.len() && !self.next()? {
            return Ok(0);
        }
        let n = buffer.len().min(self.row.len() - self.given);
        buffer[..n].copy_from_slice(&self.row[self.given..self.given + n]);
        self.given += n;
        Ok(n)
    }
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
    let end = memchr::memchr(b'>', text).unwrap_or(text.len());
    codec::hex(&text[..end]).0
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
    fn rows_are_told_from_their_neighbours() {
        let packed = [&[0, 1, 2, 3][..], &[1, 1, 1, 1], &[2, 1, 1, 1], &[3, 1, 1, 1], &[4, 1, 1, 1]].concat();
        let mut out = Vec::new();
        Unpredicted::new(&packed[..], Predictor { row: 3, pixel: 1 }).read_to_end(&mut out).unwrap();
        assert_eq!(out, [1, 2, 3, 1, 2, 3, 2, 3, 4, 2, 3, 4, 3, 4, 5]);
    }

    #[test]
    fn undoes_text_encodings() {
        assert_eq!(ascii85(b"87cURD]i,\"Ebo80~>"), b"Hello World!");
        assert_eq!(ascii85(b"<~87cURDZ~>"), b"Hello");
        assert_eq!(hex(b"48 65 6c6C 6f7>"), b"Hellop");
        assert_eq!(run_length(b"\x02abc\xfed\x80junk"), b"abcddd");
    }
}
