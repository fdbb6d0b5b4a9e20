//! Contents that were allowed since the lock's state last changed, by identity: what an exec event shows and stands here
//! has been asked about. And what of it is being written to again: an ignore mark of the gate does not notice a write
//! through a mapping, so the gate is told to ask about that file anew.

use event::FileIdentity;
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Forgotten all at once when full; then exec events are looked at once more.
const MAX_KNOWN: usize = 65_536;

#[derive(Debug, Default)]
pub struct Allowed {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    contents: HashSet<FileIdentity>,
    /// By inode alone: file systems like overlayfs and btrfs have another device in the kernel.
    inodes: HashMap<u64, Vec<(FileIdentity, PathBuf)>>,
    again: Vec<PathBuf>,
}

impl Allowed {
    pub fn insert(&self, identity: FileIdentity, path: &Path) {
        let mut inner = self.inner.lock();
        if inner.contents.len() >= MAX_KNOWN {
            inner.contents.clear();
            inner.inodes.clear();
        }
        if inner.contents.insert(identity) {
            inner.inodes.entry(identity.inode).or_default().push((identity, path.to_owned()));
        }
    }

    pub fn has(&self, identity: &FileIdentity) -> bool {
        self.inner.lock().contents.contains(identity)
    }

    pub fn forget(&self) {
        let mut inner = self.inner.lock();
        inner.contents.clear();
        inner.inodes.clear();
    }

    /// Somebody opens or closes it for writing.
    pub fn written_to(&self, identity: FileIdentity, path: &Arc<str>) {
        let mut inner = self.inner.lock();
        let known = inner.inodes.remove(&identity.inode).unwrap_or_default();
        if !known.is_empty() {
            inner.again.push(PathBuf::from(&**path));
        }
        for (content, path) in known {
            inner.contents.remove(&content);
            inner.again.push(path);
        }
    }

    /// It is getting another name.
    pub fn named_again(&self, path: &str) {
        let mut inner = self.inner.lock();
        if inner.inodes.values().flatten().any(|(_, known)| known.as_os_str() == path) {
            inner.again.push(PathBuf::from(path));
        }
    }

    /// Files that the gate shall ask about again, once.
    pub fn take_again(&self) -> Vec<PathBuf> {
        std::mem::take(&mut self.inner.lock().again)
    }
}
