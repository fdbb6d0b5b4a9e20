//! From the paths a person named to files: down into folders, never through links, never into what is no real file
//! system, never waiting on a pipe or a device. What is left out is told, unless the kernel made it up (`/proc`, `/sys`).

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

const MAX_DEPTH: usize = 256;
/// Of `statfs`: proc, sysfs, cgroup, cgroup2, debugfs, tracefs, securityfs, bpf, devpts, binfmt_misc, configfs, pstore.
const NOT_FILES: [u64; 12] = [
    0x9fa0,
    0x6265_6572,
    0x27_e0eb,
    0x6367_7270,
    0x6462_6720,
    0x7472_6163,
    0x7363_6673,
    0xcafe_4a11,
    0x1cd1,
    0x4249_4e4d,
    0x6265_6570,
    0x6165_676c,
];

/// What the walk comes upon.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    File(PathBuf),
    /// Not scanned, and why; `error` where it should have been.
    Skipped {
        path: PathBuf,
        why: String,
        error: bool,
    },
}

/// Calls `visit` for everything below `path`, folder by folder in the order of names; stops when it returns false.
/// What comes up to and with `after` in that order is passed over.
pub fn walk_after(path: &Path, after: Option<&Path>, visit: &mut dyn FnMut(Found) -> bool) -> bool {
    let visit = &mut |found: Found| {
        let passed = after.is_some_and(|after| found.path() <= after);
        passed || visit(found)
    };
    match fs::symlink_metadata(path) {
        Ok(meta) => step(path, meta.file_type(), 0, after, visit),
        Err(error) => visit(fault(path, format!("cannot be read: {error}"))),
    }
}

impl Found {
    fn path(&self) -> &Path {
        match self {
            Found::File(path) | Found::Skipped { path, .. } => path,
        }
    }
}

fn fault(path: &Path, why: String) -> Found {
    Found::Skipped { path: path.to_owned(), why, error: true }
}

fn skip(path: &Path, why: &str) -> Found {
    Found::Skipped { path: path.to_owned(), why: why.into(), error: false }
}

fn step(
    path: &Path,
    kind: fs::FileType,
    depth: usize,
    after: Option<&Path>,
    visit: &mut dyn FnMut(Found) -> bool,
) -> bool {
    if kind.is_file() {
        visit(Found::File(path.to_owned()))
    } else if kind.is_dir() {
        // Passed over as a whole, without being listed.
        let passed = after.is_some_and(|after| path < after && !after.starts_with(path));
        passed || descend(path, depth, after, visit)
    } else if kind.is_symlink() {
        // What it points at is scanned where it lies; only a link that was named itself is told.
        depth > 0 || visit(skip(path, "a symbolic link; not followed"))
    } else if kind.is_fifo() {
        visit(skip(path, "a pipe"))
    } else if kind.is_socket() {
        visit(skip(path, "a socket"))
    } else {
        visit(skip(path, "a device"))
    }
}

fn descend(dir: &Path, depth: usize, after: Option<&Path>, visit: &mut dyn FnMut(Found) -> bool) -> bool {
    if depth > MAX_DEPTH {
        return visit(fault(dir, format!("folders are nested deeper than {MAX_DEPTH}")));
    }
    if !holds_files(dir) {
        return depth > 0 || visit(skip(dir, "not a file system of files"));
    }
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) => return visit(fault(dir, format!("cannot be listed: {error}"))),
    };
    let mut names = Vec::new();
    for entry in entries {
        match entry.and_then(|entry| Ok((entry.path(), entry.file_type()?))) {
            Ok(found) => names.push(found),
            Err(error) => {
                if !visit(fault(dir, format!("cannot be listed to its end: {error}"))) {
                    return false;
                }
            }
        }
    }
    names.sort_by(|a, b| a.0.cmp(&b.0));
    names.into_iter().all(|(path, kind)| step(&path, kind, depth + 1, after, visit))
}

fn holds_files(dir: &Path) -> bool {
    rustix::fs::statfs(dir).map_or(true, |stat| !NOT_FILES.contains(&(stat.f_type as u64)))
}

/// Opens for reading: not through a link at its end, not waiting, and without moving its access time where we may.
pub fn open(path: &Path) -> io::Result<File> {
    let with = |flags: i32| OpenOptions::new().read(true).custom_flags(flags).open(path);
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY;
    match with(flags | libc::O_NOATIME) {
        Err(error) if error.raw_os_error() == Some(libc::EPERM) => with(flags),
        other => other,
    }
}

/// A path as it is told: no byte is lost.
pub fn shown(path: &Path) -> String {
    event::text::from_bytes(path.as_os_str().as_bytes()).into_owned()
}
