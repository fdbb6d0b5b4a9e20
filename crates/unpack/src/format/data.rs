//! A member's data in an archive that is read from front to back.

use std::io::{self, Read};

pub(super) fn skip(input: &mut impl Read, n: u64) -> io::Result<()> {
    let skipped = io::copy(&mut input.take(n), &mut io::sink())?;
    if skipped < n { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

/// One member's data; a container that ends in it is an error.
pub(super) struct Data<'t, R> {
    pub input: &'t mut R,
    pub left: u64,
}

impl<R: Read> Read for Data<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if n == 0 {
            return Ok(0);
        }
        let n = self.input.read(&mut buffer[..n])?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= n as u64;
        Ok(n)
    }
}
