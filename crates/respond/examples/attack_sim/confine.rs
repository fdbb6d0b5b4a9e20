//! The one folder that may be touched.

use crate::Result;
use std::fs;
use std::io::Error;
use std::path::{Path, PathBuf};

/// The harness makes this file, with these words in it.
pub const MARKER: &str = ".tamon-attack-sim";
const WORDS: &str = "everything below may be destroyed by a test of Tamon\n";

pub struct Folder {
    pub root: PathBuf,
}

impl Folder {
    pub fn open(path: &str) -> Result<Folder> {
        let root = Path::new(path).canonicalize()?;
        if root.components().count() < 4 {
            return Err(Error::other(format!("{} is too near the root", root.display())));
        }
        if fs::read_to_string(root.join(MARKER)).ok().as_deref() != Some(WORDS) {
            return Err(Error::other(format!("{} has no marker file of the harness", root.display())));
        }
        Ok(Folder { root })
    }

    /// Checked once more before each touch: below the folder, through no link.
    pub fn below(&self, path: &Path) -> Result<PathBuf> {
        let parent = path.parent().ok_or_else(|| Error::other("no folder"))?.canonicalize()?;
        let whole = parent.join(path.file_name().ok_or_else(|| Error::other("no name"))?);
        let link = fs::symlink_metadata(&whole).is_ok_and(|meta| meta.file_type().is_symlink());
        if !whole.starts_with(&self.root) || whole.file_name().is_some_and(|name| name == MARKER) || link {
            return Err(Error::other(format!("{} is not for us", whole.display())));
        }
        Ok(whole)
    }

    /// Regular files in the order of their names, the marker and links left out.
    pub fn files(&self) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        let mut folders = vec![self.root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder)? {
                let entry = entry?;
                let kind = entry.file_type()?;
                if kind.is_dir() {
                    folders.push(entry.path());
                } else if kind.is_file() && entry.file_name() != MARKER {
                    files.push(entry.path());
                }
            }
        }
        files.sort();
        files.iter().map(|path| self.below(path)).collect()
    }
}
