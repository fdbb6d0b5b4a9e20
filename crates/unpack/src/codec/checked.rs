//! Length and CRC-32 of what passes.

use std::io::{self, Read};

pub(crate) struct Checked<R> {
    inner: R,
    crc: crc32fast::Hasher,
    pub len: u64,
    /// The inner reader came to its end, without an error.
    pub ended: bool,
}

impl<R: Read> Checked<R> {
    pub fn new(inner: R) -> Self {
        Checked { inner, crc: crc32fast::Hasher::new(), len: 0, ended: false }
    }

    pub fn crc32(&self) -> u32 {
        self.crc.clone().finalize()
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.crc.update(&buffer[..n]);
        self.len += n as u64;
        self.ended |= n == 0 && !buffer.is_empty();
        Ok(n)
    }
}
