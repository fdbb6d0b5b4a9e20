//! Who looks into a folder may delete what is in it without opening it. So the files of folders that were looked into are
//! held by a handle each: then their content outlives their name, and can be kept when it turns out that it must. Handles are
//! few kilobytes of kernel memory a file; the oldest go first.

use rustix::fs::{AtFlags, Mode, OFlags};
use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const MAX_HELD: usize = 16_384;
/// Of one folder at one look.
const MAX_OF_FOLDER: usize = 4_096;

#[derive(Default)]
pub struct Neighbours {
    held: HashMap<PathBuf, Arc<OwnedFd>>,
    /// Under which name a file stood when its folder was looked into.
    named: HashMap<(u64, u64), PathBuf>,
    order: VecDeque<PathBuf>,
    /// Folders by device and inode, with their change time when they were looked into.
    looked: HashMap<(u64, u64), (i64, i64)>,
    /// Files of folders that were too large.
    pub left_out: u64,
}

pub struct Neighbour {
    path: PathBuf,
    handle: Arc<OwnedFd>,
    id: (u64, u64),
}

impl Neighbour {
    pub fn handle(&self) -> &OwnedFd {
        &self.handle
    }
}

impl Neighbours {
    /// There is room for more without letting older ones go.
    pub fn has_room(&self) -> bool {
        self.held.len() < MAX_HELD / 2
    }

    /// Nothing was made or taken away in it since.
    pub fn knows(&self, folder: &File) -> bool {
        let Ok(meta) = folder.metadata() else { return false };
        self.looked.get(&(meta.dev(), meta.ino())) == Some(&(meta.mtime(), meta.mtime_nsec()))
    }

    /// Names and handles of the files in it. Waits for the disk; a handle with O_PATH asks no gate.
    pub fn look(folder: &File, path: &Path) -> (Vec<Neighbour>, u64) {
        let (mut found, mut left_out) = (Vec::new(), 0);
        let device = folder.metadata().map_or(0, |meta| meta.dev());
        let Ok(dir) = rustix::fs::Dir::read_from(folder) else { return (found, left_out) };
        for entry in dir.flatten() {
            if !matches!(entry.file_type(), rustix::fs::FileType::RegularFile | rustix::fs::FileType::Unknown) {
                continue;
            }
            if found.len() == MAX_OF_FOLDER {
                left_out += 1;
                continue;
            }
            let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let Ok(handle) = rustix::fs::openat(folder, entry.file_name(), flags, Mode::empty()) else { continue };
            use std::os::unix::ffi::OsStrExt as _;
            let name = std::ffi::OsStr::from_bytes(entry.file_name().to_bytes());
            found.push(Neighbour { path: path.join(name), handle: Arc::new(handle), id: (device, entry.ino()) });
        }
        (found, left_out)
    }

    pub fn hold(&mut self, folder: &File, found: Vec<Neighbour>, left_out: u64) {
        self.left_out += left_out;
        if let Ok(meta) = folder.metadata() {
            if self.looked.len() >= MAX_HELD {
                self.looked.clear();
            }
            self.looked.insert((meta.dev(), meta.ino()), (meta.mtime(), meta.mtime_nsec()));
        }
        if self.named.len() >= 4 * MAX_HELD {
            self.named.clear();
        }
        for Neighbour { path, handle, id } in found {
            self.named.insert(id, path.clone());
            if self.held.insert(path.clone(), handle).is_none() {
                self.order.push_back(path);
            }
        }
        while self.order.len() > MAX_HELD {
            if let Some(oldest) = self.order.pop_front() {
                self.held.remove(&oldest);
            }
        }
    }

    /// The name that a file had when its folder was looked into, if it is another's or nobody's now.
    pub fn former_name(&self, id: (u64, u64)) -> Option<PathBuf> {
        let path = self.named.get(&id)?;
        let now = std::fs::symlink_metadata(path).ok().map(|meta| (meta.dev(), meta.ino()));
        (now != Some(id)).then(|| path.clone())
    }

    /// What stood under this name, if its last name is gone. To be opened when nobody waits for us any more.
    pub fn orphan(&mut self, path: &Path) -> Option<Arc<OwnedFd>> {
        let handle = self.held.get(path)?;
        let stat = rustix::fs::statat(handle.as_ref(), "", AtFlags::EMPTY_PATH).ok()?;
        if stat.st_nlink > 0 {
            return None;
        }
        self.held.remove(path)
    }
}

/// Asks the gate, which lets its own process through.
pub fn open(handle: &OwnedFd) -> Option<File> {
    File::open(format!("/proc/self/fd/{}", handle.as_raw_fd())).ok()
}
