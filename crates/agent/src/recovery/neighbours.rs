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
/// Whose name went and came again before that was told.
const MAX_REPLACED: usize = 1_024;

#[derive(Default)]
pub struct Neighbours {
    held: HashMap<PathBuf, Arc<OwnedFd>>,
    /// Under which name a file stood when its folder was looked into.
    named: HashMap<(u64, u64), PathBuf>,
    order: VecDeque<PathBuf>,
    /// What stood under a name when another file was found there, oldest first: that it went has not been told yet.
    replaced: VecDeque<(PathBuf, Arc<OwnedFd>)>,
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
            match self.held.insert(path.clone(), handle) {
                None => self.order.push_back(path),
                Some(before) if has_no_name(&before) => self.replaced.push_back((path, before)),
                Some(_) => {}
            }
        }
        while self.replaced.len() > MAX_REPLACED {
            self.replaced.pop_front();
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

    /// A file that stood under this name, wherever that is, is held.
    pub fn holds(&self, path: &Path) -> bool {
        self.held.contains_key(path)
    }

    /// A file, or a folder with all that is in it, is called otherwise from now on.
    pub fn moved(&mut self, from: &Path, to: &Path, folder: bool) {
        if !folder {
            if let Some(handle) = self.held.remove(from) {
                self.held.insert(to.to_owned(), handle);
                self.order.push_back(to.to_owned());
            }
            return;
        }
        let below: Vec<PathBuf> = self.held.keys().filter(|path| path.starts_with(from)).cloned().collect();
        for path in below {
            let (Ok(rest), Some(handle)) = (path.strip_prefix(from), self.held.remove(&path)) else { continue };
            let path = to.join(rest);
            self.held.insert(path.clone(), handle);
            self.order.push_back(path);
        }
    }

    /// Of the files that are held, those that lie in this folder.
    pub fn of_folder(&self, folder: &Path, most: usize) -> Vec<(PathBuf, Arc<OwnedFd>)> {
        let there = self.held.iter().filter(|(path, _)| path.parent() == Some(folder));
        there.take(most).map(|(path, handle)| (path.clone(), Arc::clone(handle))).collect()
    }

    /// What stood under this name, if its last name is gone. To be opened when nobody waits for us any more.
    pub fn orphan(&mut self, path: &Path) -> Option<Arc<OwnedFd>> {
        if let Some(at) = self.replaced.iter().position(|(known, _)| known == path) {
            return self.replaced.remove(at).map(|(_, handle)| handle);
        }
        if !has_no_name(self.held.get(path)?) {
            return None;
        }
        self.held.remove(path)
    }
}

fn has_no_name(handle: &OwnedFd) -> bool {
    rustix::fs::statat(handle, "", AtFlags::EMPTY_PATH).is_ok_and(|stat| stat.st_nlink == 0)
}

/// Asks the gate, which lets its own process through.
pub fn open(handle: &OwnedFd) -> Option<File> {
    File::open(format!("/proc/self/fd/{}", handle.as_raw_fd())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn look(neighbours: &mut Neighbours, folder: &Path) {
        let open = File::open(folder).unwrap();
        let (found, left_out) = Neighbours::look(&open, folder);
        neighbours.hold(&open, found, left_out);
    }

    /// What is in a file that has no name any more.
    fn content(handle: Option<Arc<OwnedFd>>) -> Option<String> {
        handle.map(|handle| std::io::read_to_string(open(&handle).unwrap()).unwrap())
    }

    #[test]
    fn what_lost_its_name_is_found_under_it() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::create_dir(at("f")).unwrap();
        for name in ["f/a", "f/b", "f/c"] {
            fs::write(at(name), name).unwrap();
        }
        let mut neighbours = Neighbours::default();
        look(&mut neighbours, &at("f"));
        assert_eq!(content(neighbours.orphan(&at("f/a"))), None);
        fs::remove_file(at("f/a")).unwrap();
        assert_eq!(content(neighbours.orphan(&at("f/a"))).as_deref(), Some("f/a"));
        assert_eq!(content(neighbours.orphan(&at("f/a"))), None);
        // Another file was found under the name before the deletion was told.
        fs::remove_file(at("f/b")).unwrap();
        fs::write(at("f/b"), "other").unwrap();
        look(&mut neighbours, &at("f"));
        assert_eq!(content(neighbours.orphan(&at("f/b"))).as_deref(), Some("f/b"));
        assert_eq!(content(neighbours.orphan(&at("f/b"))), None);
        // Both it and its folder got other names first.
        fs::rename(at("f/c"), at("f/d")).unwrap();
        neighbours.moved(&at("f/c"), &at("f/d"), false);
        fs::rename(at("f"), at("g")).unwrap();
        neighbours.moved(&at("f"), &at("g"), true);
        fs::remove_file(at("g/d")).unwrap();
        assert_eq!(content(neighbours.orphan(&at("g/d"))).as_deref(), Some("f/c"));
    }
}
