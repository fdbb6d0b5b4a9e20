//! SHA-256 of the very file that was executed, and of no other.
//!
//! Read through /proc/PID/exe, which the kernel ties to the running image; when the process is gone, by its path, if that still
//! names the same file. What was opened must have the identity that the sensor saw, before and after reading.

use crate::proc;
use event::{FileIdentity, Sha256};
use sha2::Digest as _;
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Digest {
    Is(Sha256),
    TooLarge,
    /// Gone, changed or unreadable before it was read whole; another process may show it again.
    Failed,
}

/// Opens programs by identity. The kernel's device of overlayfs and btrfs is not the one that stat(2) tells: which stands
/// for which is learned from /proc/PID/exe and used where a path has to be trusted.
#[derive(Debug, Default)]
pub(crate) struct Opener {
    devices: HashMap<u64, u64>,
}

impl Opener {
    pub(crate) fn open(
        &mut self,
        proc: &Path,
        tgid: u32,
        path: Option<&Path>,
        identity: &FileIdentity,
    ) -> Option<File> {
        if let Some(file) = open_regular(&proc.join(tgid.to_string()).join("exe"))
            && let Some(found) = identity_of(&file)
            && same_content(&found, identity)
        {
            if found.dev != identity.dev && self.devices.len() < 1024 {
                self.devices.insert(identity.dev, found.dev);
            }
            return Some(file);
        }
        let file = open_regular(path?)?;
        self.is(&identity_of(&file)?, identity).then_some(file)
    }

    /// `found` by stat(2) is what the sensor saw as `seen`.
    pub(crate) fn is(&self, found: &FileIdentity, seen: &FileIdentity) -> bool {
        let dev = self.devices.get(&seen.dev).unwrap_or(&seen.dev);
        same_content(found, seen) && (found.dev == seen.dev || found.dev == *dev)
    }
}

fn same_content(a: &FileIdentity, b: &FileIdentity) -> bool {
    (a.inode, a.ctime, a.size) == (b.inode, b.ctime, b.size)
}

fn identity_of(file: &File) -> Option<FileIdentity> {
    file.metadata().ok().as_ref().map(proc::identity)
}

/// Never waits on a FIFO or a device, whatever the name now stands for.
fn open_regular(path: &Path) -> Option<File> {
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path).ok()?;
    file.metadata().ok()?.is_file().then_some(file)
}

/// Reads `file` once. Stops early when told to.
pub(crate) fn digest(mut file: File, most: u64, stop: &AtomicBool) -> Digest {
    let Some(before) = identity_of(&file) else { return Digest::Failed };
    if before.size > most {
        return Digest::TooLarge;
    }
    let mut hasher = sha2::Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    let mut left = before.size;
    while left > 0 && !stop.load(Ordering::Relaxed) {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => {
                hasher.update(&buffer[..n]);
                left = left.saturating_sub(n as u64);
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return Digest::Failed,
        }
    }
    match left == 0 && identity_of(&file) == Some(before) {
        true => Digest::Is(Sha256(hasher.finalize().into())),
        false => Digest::Failed,
    }
}

/// `path` as the agent sees it.
pub(crate) fn under(root: &Path, path: &str) -> Option<PathBuf> {
    Some(root.join(path.strip_prefix('/')?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn hashes_what_it_was_told_to_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        std::fs::write(&path, "").unwrap();
        let identity = proc::identity(&std::fs::metadata(&path).unwrap());
        let (mut opener, stop) = (Opener::default(), AtomicBool::new(false));
        let nobody = dir.path();
        let file = opener.open(nobody, 1, Some(&path), &identity).unwrap();
        assert_eq!(digest(file, 10, &stop), Digest::Is(EMPTY.parse().unwrap()));
        let elsewhere = FileIdentity { dev: identity.dev + 1, ..identity };
        assert!(opener.open(nobody, 1, Some(&path), &elsewhere).is_none());
        std::fs::write(&path, "changed").unwrap();
        assert!(opener.open(nobody, 1, Some(&path), &identity).is_none());
        assert_eq!(digest(File::open(&path).unwrap(), 6, &stop), Digest::TooLarge);
    }

    #[test]
    fn a_running_image_is_trusted_whatever_device_its_kernel_names() {
        let me = std::fs::metadata("/proc/self/exe").unwrap();
        let seen = FileIdentity { dev: 0xdead, ..proc::identity(&me) };
        let mut opener = Opener::default();
        assert!(opener.open("/proc".as_ref(), std::process::id(), None, &seen).is_some());
        assert!(opener.is(&proc::identity(&me), &seen));
    }
}
