//! A file's bytes: the first part stays in memory for patterns and parsers, all of it goes through the digests.

use super::digests::Running;
use crate::protocol::ScanRequest;
use signatures::{Digests, Wanted};
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::time::Instant;

const CHUNK: usize = 256 << 10;
/// What a worker keeps of its buffer between files.
const KEEP: usize = 4 << 20;

#[derive(Default)]
pub struct Reading {
    buffer: Vec<u8>,
}

/// What came of reading.
#[derive(Debug, Default)]
pub struct Read {
    /// Of the whole content; none when it was not read to its end.
    pub digests: Digests,
    /// Bytes that went by, at least as many as are kept.
    pub length: u64,
    /// All of it is kept.
    pub whole: bool,
    pub timed_out: bool,
}

impl Reading {
    pub fn bytes(&self) -> &[u8] {
        &self.buffer
    }

    pub fn done(&mut self) {
        self.buffer.clear();
        self.buffer.shrink_to(KEEP);
    }

    pub fn read(
        &mut self,
        file: &File,
        request: &ScanRequest,
        wanted: Wanted,
        deadline: Instant,
    ) -> Result<Read, String> {
        let keep = usize::try_from(request.max_file_bytes).unwrap_or(usize::MAX);
        let mut read = Read::default();
        self.buffer.clear();
        // Straight into the buffer while it has room, which for nearly every file is all there is to do.
        while self.buffer.len() < keep {
            if Instant::now() >= deadline {
                return Ok(Read { timed_out: true, ..read });
            }
            let had = self.buffer.len();
            // One more than is said to be there, so that the end is met within this very call or the next.
            let said = usize::try_from(request.size).unwrap_or(usize::MAX).saturating_sub(had).saturating_add(1);
            self.buffer.resize(had.saturating_add(said.clamp(512, CHUNK)).min(keep), 0);
            let got = pread(file, &mut self.buffer[had..], had as u64);
            self.buffer.truncate(had + *got.as_ref().unwrap_or(&0));
            if got? == 0 {
                let digests = Digests::of(&self.buffer, wanted);
                return Ok(Read { digests, length: self.buffer.len() as u64, whole: true, timed_out: false });
            }
        }
        self.read_on(file, request, wanted, deadline, &mut read)?;
        Ok(read)
    }

    /// What is longer than is kept is only digested.
    fn read_on(
        &self,
        file: &File,
        request: &ScanRequest,
        wanted: Wanted,
        deadline: Instant,
        read: &mut Read,
    ) -> Result<(), String> {
        let mut running = Running::new(wanted);
        running.update(&self.buffer);
        read.length = self.buffer.len() as u64;
        let mut chunk = vec![0; CHUNK];
        loop {
            if Instant::now() >= deadline {
                read.timed_out = true;
                return Ok(());
            }
            let got = pread(file, &mut chunk, read.length)?;
            if got == 0 {
                read.whole = read.length == self.buffer.len() as u64;
                read.digests = running.finish();
                return Ok(());
            }
            running.update(&chunk[..got]);
            read.length += got as u64;
            if read.length > request.max_hash_bytes {
                return Ok(());
            }
        }
    }
}

fn pread(file: &File, into: &mut [u8], at: u64) -> Result<usize, String> {
    loop {
        match file.read_at(into, at) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            other => return other.map_err(|error| format!("reading: {error}")),
        }
    }
}
