//! Deflate, with the two things that flate2's own readers do not give: an error where the input ends before the stream
//! does, and the input standing right behind the stream's last byte.

use flate2::{Decompress, FlushDecompress, Status};
use std::io::{self, BufRead, Read};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Raw,
    Zlib,
}

pub(crate) struct Inflate<R> {
    input: R,
    state: Decompress,
    done: bool,
}

impl<R: BufRead> Inflate<R> {
    pub fn new(input: R, format: Format) -> Self {
        Inflate { input, state: Decompress::new(format == Format::Zlib), done: false }
    }

    /// The stream's last block was read.
    pub fn done(&self) -> bool {
        self.done
    }

    /// Bytes of the stream so far.
    pub fn taken(&self) -> u64 {
        self.state.total_in()
    }

    /// Stands behind the stream once it is done.
    pub fn into_inner(self) -> R {
        self.input
    }
}

impl<R: BufRead> Read for Inflate<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.done && !buffer.is_empty() {
            let input = self.input.fill_buf()?;
            let at_end = input.is_empty();
            let (before_in, before_out) = (self.state.total_in(), self.state.total_out());
            let flush = if at_end { FlushDecompress::Finish } else { FlushDecompress::None };
            let status = self.state.decompress(input, buffer, flush);
            let taken = (self.state.total_in() - before_in) as usize;
            let given = (self.state.total_out() - before_out) as usize;
            self.input.consume(taken);
            match status {
                Ok(Status::StreamEnd) => self.done = true,
                Ok(_) if given == 0 && at_end => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) => {}
                Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
            }
            if given > 0 {
                return Ok(given);
            }
            if taken == 0 && !self.done && !at_end {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "the deflate stream does not go on"));
            }
        }
        Ok(0)
    }
}
