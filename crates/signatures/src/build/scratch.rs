//! Where a build keeps what it sorts meanwhile: files without names in a folder, or ones that were opened before, in a
//! process that can open none.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Clone, Debug)]
pub enum Scratch {
    /// Needs about twice the size of the result.
    Folder(PathBuf),
    /// At least [`Scratch::FILES`], empty and open for reading and writing.
    Files(Arc<Mutex<Vec<File>>>),
}

impl Scratch {
    /// Names, then runs, keys and records of each kind of digest.
    pub const FILES: usize = 32;

    pub fn of(files: Vec<File>) -> Scratch {
        Scratch::Files(Arc::new(Mutex::new(files)))
    }

    pub(crate) fn file(&self) -> io::Result<File> {
        match self {
            Scratch::Folder(folder) => tempfile::tempfile_in(folder),
            Scratch::Files(files) => {
                let mut files = files.lock().unwrap_or_else(PoisonError::into_inner);
                files.pop().ok_or_else(|| io::Error::other("no scratch file is left"))
            }
        }
    }
}

impl Default for Scratch {
    fn default() -> Self {
        Scratch::Folder(std::env::temp_dir())
    }
}
