//! Numbers out of a header that lies in memory, little end first; an error where it ends before.

use std::io;

pub(crate) struct Fields<'b>(pub &'b [u8]);

impl<'b> Fields<'b> {
    pub fn bytes(&self, at: usize, len: usize) -> io::Result<&'b [u8]> {
        at.checked_add(len).and_then(|end| self.0.get(at..end)).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    pub fn byte(&self, at: usize) -> io::Result<u8> {
        Ok(self.bytes(at, 1)?[0])
    }

    pub fn u16(&self, at: usize) -> io::Result<u16> {
        Ok(u16::from_le_bytes(self.bytes(at, 2)?.try_into().expect("two bytes")))
    }

    pub fn u32(&self, at: usize) -> io::Result<u32> {
        Ok(u32::from_le_bytes(self.bytes(at, 4)?.try_into().expect("four bytes")))
    }

    /// A number of 32 bits that is a length or a place.
    pub fn place(&self, at: usize) -> io::Result<usize> {
        Ok(self.u32(at)? as usize)
    }

    /// Up to a zero, which must come.
    pub fn string(&self, at: usize) -> io::Result<&'b [u8]> {
        let rest = self.0.get(at..).unwrap_or_default();
        let end = memchr::memchr(0, rest).ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(&rest[..end])
    }
}
