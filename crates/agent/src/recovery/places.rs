//! Where on the host a file lies that somebody opens. The kernel names it as the opener sees it, and a container sees it
//! elsewhere; but every guarded folder is known by its inode.

use respond::OpenRequest;
use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

type Id = (u64, u64);

/// Guarded folders by device and inode.
#[derive(Default)]
pub struct Places(HashMap<Id, PathBuf>);

impl Places {
    pub fn learn(&mut self, folder: &Path) {
        if let Ok(meta) = fs::symlink_metadata(folder) {
            self.0.insert(id(&meta), folder.to_owned());
        }
    }

    pub fn forget_all(&mut self) {
        self.0.clear();
    }

    /// The request's own path where that leads to the file from here.
    pub fn of(&self, request: &OpenRequest, meta: &Metadata) -> PathBuf {
        let is_it = |path: &Path| fs::symlink_metadata(path).is_ok_and(|there| id(&there) == id(meta));
        if is_it(&request.path) {
            return request.path.clone();
        }
        self.seen_by(request.tid, &request.path).filter(|path| is_it(path)).unwrap_or_else(|| request.path.clone())
    }

    /// Through the opener's own root.
    fn seen_by(&self, tid: u32, path: &Path) -> Option<PathBuf> {
        let parent = path.parent()?.strip_prefix("/").ok()?;
        let folder = fs::metadata(Path::new(&format!("/proc/{tid}/root")).join(parent)).ok()?;
        Some(self.0.get(&id(&folder))?.join(path.file_name()?))
    }
}

fn id(meta: &Metadata) -> Id {
    (meta.dev(), meta.ino())
}
