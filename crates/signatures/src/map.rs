//! Bytes of a database file: a read-only mapping where nobody else can change the file, else a private copy.
//!
//! A mapped file that shrinks kills the process that reads it, and one that changes breaks what was checked. So a file is
//! mapped only when it belongs to root or to us and no other user may write to it; we ourselves write such a file once, under
//! another name, and rename it. Any other file is read into memory, however large. Mapped pages are shared by every process
//! that is forked later, and only those that are touched are resident.

use std::fs::File;
use std::io::{self, Read as _};
use std::ops::Deref;
use std::os::unix::fs::MetadataExt as _;

pub enum Bytes {
    Mapped(memmap2::Mmap),
    Copied(Vec<u8>),
}

impl Bytes {
    /// `max`: a file that is larger is an error.
    pub fn of(file: &File, max: u64) -> io::Result<Bytes> {
        let meta = file.metadata()?;
        if !meta.is_file() || meta.len() > max {
            return Err(io::Error::other(format!("{} bytes, not a file of at most {max}", meta.len())));
        }
        let owned = meta.uid() == 0 || meta.uid() == rustix::process::geteuid().as_raw();
        if owned && meta.mode() & 0o022 == 0 && meta.len() > 0 {
            return map(file).map(Bytes::Mapped);
        }
        let mut copy = Vec::new();
        file.take(max).read_to_end(&mut copy)?;
        Ok(Bytes::Copied(copy))
    }

    pub fn is_mapped(&self) -> bool {
        matches!(self, Bytes::Mapped(_))
    }
}

#[allow(unsafe_code)]
fn map(file: &File) -> io::Result<memmap2::Mmap> {
    // SAFETY: the caller saw that only root and we can write to the file, and what we write we never change or cut after the
    // rename that gives it its name. Nothing but plain bytes is read through the mapping, each access by bounds-checked slice.
    let map = unsafe { memmap2::Mmap::map(file)? };
    // Look-ups are scattered: reading ahead would make resident what nobody asked for.
    map.advise(memmap2::Advice::Random)?;
    Ok(map)
}

impl Deref for Bytes {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Mapped(map) => map,
            Bytes::Copied(bytes) => bytes,
        }
    }
}
