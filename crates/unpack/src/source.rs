//! Where bytes come from: a slice, an open file, or a part of either. Reads are positioned, so nothing is mapped, copied
//! whole or moved, and a file of ten tebibytes costs what is looked at.

use std::io::{self, Read};

pub trait Source {
    /// Bytes there are.
    fn len(&self) -> u64;

    /// Fills the start of `buffer` with what stands at `at`; 0 at the end. May return less than asked.
    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// All of it, where it lies in memory anyway.
    fn as_slice(&self) -> Option<&[u8]> {
        None
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Source for &[u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let start = usize::try_from(at).unwrap_or(usize::MAX).min(<[u8]>::len(self));
        let n = buffer.len().min(<[u8]>::len(self) - start);
        buffer[..n].copy_from_slice(&self[start..start + n]);
        Ok(n)
    }

    fn as_slice(&self) -> Option<&[u8]> {
        Some(self)
    }
}

/// An open file, by `pread` alone. The length is given, because a confined worker may not ask for it and because a file
/// that grows while it is read must not be followed for ever.
pub struct FileSource<'f> {
    file: &'f std::fs::File,
    len: u64,
}

impl<'f> FileSource<'f> {
    pub fn new(file: &'f std::fs::File, len: u64) -> Self {
        FileSource { file, len }
    }
}

impl Source for FileSource<'_> {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let n = usize::try_from(self.len.saturating_sub(at)).unwrap_or(usize::MAX).min(buffer.len());
        loop {
            match std::os::unix::fs::FileExt::read_at(self.file, &mut buffer[..n], at) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return other,
            }
        }
    }
}

/// A part of another source. What would reach past its end is cut there.
pub(crate) struct Part<'s> {
    source: &'s dyn Source,
    start: u64,
    len: u64,
}

impl<'s> Part<'s> {
    pub fn new(source: &'s dyn Source, start: u64, len: u64) -> Self {
        let start = start.min(source.len());
        Part { source, start, len: len.min(source.len() - start) }
    }
}

impl Source for Part<'_> {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let n = usize::try_from(self.len.saturating_sub(at)).unwrap_or(usize::MAX).min(buffer.len());
        if n == 0 { Ok(0) } else { self.source.read_at(self.start + at, &mut buffer[..n]) }
    }

    fn as_slice(&self) -> Option<&[u8]> {
        let all = self.source.as_slice()?;
        all.get(usize::try_from(self.start).ok()?..usize::try_from(self.start + self.len).ok()?)
    }
}

/// Reads a source from a place on to its end.
pub(crate) struct SourceReader<'s> {
    source: &'s dyn Source,
    at: u64,
}

impl<'s> SourceReader<'s> {
    pub fn new(source: &'s dyn Source, at: u64) -> Self {
        SourceReader { source, at }
    }
}

impl Read for SourceReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.source.read_at(self.at, buffer)?;
        self.at += n as u64;
        Ok(n)
    }
}

impl io::Seek for SourceReader<'_> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        let at = match to {
            io::SeekFrom::Start(at) => Some(at),
            io::SeekFrom::End(by) => self.source.len().checked_add_signed(by),
            io::SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// `n` bytes at `at`; fewer only where the source ends.
pub(crate) fn read_vec(source: &dyn Source, at: u64, n: usize) -> io::Result<Vec<u8>> {
    let there = usize::try_from(source.len().saturating_sub(at)).unwrap_or(usize::MAX);
    let mut out = vec![0; n.min(there)];
    let got = read_full(&mut SourceReader::new(source, at), &mut out)?;
    out.truncate(got);
    Ok(out)
}

/// Exactly `N` bytes at `at`, or `UnexpectedEof`.
pub(crate) fn read_array<const N: usize>(source: &dyn Source, at: u64) -> io::Result<[u8; N]> {
    let mut out = [0; N];
    if read_full(&mut SourceReader::new(source, at), &mut out)? == N {
        Ok(out)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

/// Fills `buffer` as far as the reader goes; the count is short at its end only.
pub(crate) fn read_full(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
