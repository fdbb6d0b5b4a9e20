//! The libraries' decoders, each with a bound on its dictionary. A dictionary is a share of what memory is left, so that
//! decoders within decoders cannot add up to more than there is.

use crate::meter::{Cut, Lease, Meter};
use std::io::{self, BufRead, Read};

/// Memory set aside for one decoder while it lives.
pub(crate) struct Dictionary<'m> {
    bytes: u64,
    _lease: Lease<'m>,
}

impl<'m> Dictionary<'m> {
    pub fn new(meter: &'m Meter) -> Result<Self, Cut> {
        Dictionary::for_method(meter, true)
    }

    /// Nothing is set aside for methods whose window is small and fixed.
    pub fn for_method(meter: &'m Meter, large: bool) -> Result<Self, Cut> {
        let bytes = if large { meter.memory_left() / 8 * 3 } else { 0 };
        Ok(Dictionary { bytes, _lease: meter.lease(bytes)? })
    }

    pub fn kib(&self) -> u32 {
        u32::try_from(self.bytes >> 10).unwrap_or(u32::MAX)
    }
}

fn bad(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

pub(crate) fn bzip2<R: BufRead>(input: R) -> impl Read {
    ::bzip2::bufread::MultiBzDecoder::new(input)
}

pub(crate) fn xz<'r>(input: impl Read + 'r, dictionary: &Dictionary<'_>) -> impl Read + 'r {
    lzma_rust2::XzReader::new_mem_limit(input, true, dictionary.kib())
}

pub(crate) fn lzma_alone<'r>(input: impl Read + 'r, dictionary: &Dictionary<'_>) -> io::Result<impl Read + 'r> {
    lzma_rust2::LzmaReader::new_mem_limit(input, dictionary.kib(), None)
}

/// A magic, a version, one byte that says the dictionary, then LZMA with fixed properties up to its end mark.
pub(crate) fn lzip<'r>(input: impl Read + 'r, dictionary: &Dictionary<'_>) -> io::Result<impl Read + 'r> {
    let mut input = input;
    let mut header = [0; 6];
    input.read_exact(&mut header)?;
    let base = 1u32.checked_shl(u32::from(header[5] & 0x1f)).unwrap_or(0);
    let size = base - (base >> 4) * u32::from(header[5] >> 5);
    if !(1 << 12..=1 << 29).contains(&size) {
        return Err(bad("a dictionary that lzip does not have"));
    }
    // The rest is read by the library, which wants the header too.
    if lzma_rust2::lzma_get_memory_usage_by_props(size, 93)? > dictionary.kib() {
        return Err(Cut::new(crate::Reason::Memory, format!("a dictionary of {size} bytes")).into());
    }
    Ok(lzma_rust2::LzipReader::new(io::Cursor::new(header).chain(input)))
}

/// Without a header: one byte of lc, lp and pb, the size of the dictionary, and of the output if that is known.
pub(crate) fn lzma_raw<'r>(
    input: impl Read + 'r,
    properties: u8,
    dictionary_size: u32,
    size: Option<u64>,
    dictionary: &Dictionary<'_>,
) -> io::Result<impl Read + 'r> {
    // Nothing is gained by a dictionary longer than the output.
    let needed =
        size.map_or(dictionary_size, |size| dictionary_size.min(u32::try_from(size.max(4096)).unwrap_or(u32::MAX)));
    if lzma_rust2::lzma_get_memory_usage_by_props(needed, properties)? > dictionary.kib() {
        return Err(Cut::new(crate::Reason::Memory, format!("a dictionary of {dictionary_size} bytes")).into());
    }
    lzma_rust2::LzmaReader::new_with_props(input, size.unwrap_or(u64::MAX), properties, needed, None)
}

/// zstd is the one decoder in C here: the reference one is fuzzed without end, and takes a third of the time of any other.
pub(crate) fn zstd<'r, R: BufRead + 'r>(input: R, dictionary: &Dictionary<'_>) -> io::Result<impl Read + 'r> {
    let mut decoder = ::zstd::stream::read::Decoder::with_buffer(input)?;
    decoder.window_log_max((u64::from(dictionary.kib()) << 10).max(1 << 10).ilog2().min(31))?;
    Ok(decoder)
}

pub(crate) fn lz4<R: Read>(input: R) -> lz4_flex::frame::FrameDecoder<R> {
    lz4_flex::frame::FrameDecoder::new(input)
}

pub(crate) fn deflate64<'r, R: BufRead + 'r>(input: R) -> impl Read + 'r {
    ::deflate64::Deflate64Decoder::with_buffer(input)
}

/// PPMd variant I as zip has it, whose first two bytes say order, memory and what to do when that is full.
pub(crate) fn ppmd8<'r>(
    mut input: impl Read + 'r,
    size: u64,
    dictionary: &Dictionary<'_>,
) -> io::Result<impl Read + 'r> {
    let mut parameters = [0; 2];
    input.read_exact(&mut parameters)?;
    let parameters = u32::from(u16::from_le_bytes(parameters));
    let memory = ((parameters >> 4 & 0xff) + 1) << 20;
    if memory >> 10 > dictionary.kib() {
        return Err(Cut::new(crate::Reason::Memory, format!("a model of {memory} bytes")).into());
    }
    let restore = match parameters >> 12 {
        0 => ppmd_rust::RestoreMethod::Restart,
        1 => ppmd_rust::RestoreMethod::CutOff,
        _ => return Err(bad("an unknown way to restore a PPMd model")),
    };
    let order = (parameters & 15) + 1;
    let decoder =
        ppmd_rust::Ppmd8Decoder::new(input, order, memory, restore).map_err(|error| bad(format!("{error:?}")))?;
    Ok(decoder.take(size))
}
