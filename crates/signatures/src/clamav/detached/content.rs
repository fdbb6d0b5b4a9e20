//! What a detached signature is of: a whole container, digested as it is read. Only reads are asked of the system, since this
//! also runs in a process that may do nothing else.

use super::{Bad, bad};
use ring::digest;
use std::borrow::Cow;
use std::fs::File;
use std::os::unix::fs::FileExt as _;

const CHUNK: usize = 1 << 20;
/// Of a file whose signature is over the bytes themselves, not over a digest of them.
const MOST_WHOLE: usize = 512 << 20;

pub enum Content<'c> {
    Bytes(&'c [u8]),
    /// From its beginning, wherever it was read to.
    File(&'c File),
}

impl Content<'_> {
    pub(super) fn digest(&self, algorithm: &'static digest::Algorithm) -> Result<digest::Digest, Bad> {
        let mut context = digest::Context::new(algorithm);
        self.each(|chunk| {
            context.update(chunk);
            Ok(())
        })?;
        Ok(context.finish())
    }

    pub(super) fn whole(&self) -> Result<Cow<'_, [u8]>, Bad> {
        if let Content::Bytes(bytes) = self {
            return Ok(Cow::Borrowed(bytes));
        }
        let mut whole = Vec::new();
        self.each(|chunk| {
            whole.extend_from_slice(chunk);
            if whole.len() > MOST_WHOLE { Err(bad("it signs more than can be held in memory")) } else { Ok(()) }
        })?;
        Ok(Cow::Owned(whole))
    }

    fn each(&self, mut take: impl FnMut(&[u8]) -> Result<(), Bad>) -> Result<(), Bad> {
        let file = match self {
            Content::Bytes(bytes) => return take(bytes),
            Content::File(file) => file,
        };
        let mut chunk = vec![0; CHUNK];
        let mut at = 0;
        loop {
            match file.read_at(&mut chunk, at) {
                Ok(0) => return Ok(()),
                Ok(got) => {
                    take(&chunk[..got])?;
                    at += got as u64;
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(bad(format!("what it signs cannot be read: {error}"))),
            }
        }
    }
}
