//! The facts of one file, taken from the disk: first what `lstat` says, then, where wanted, its content.
//!
//! A file is opened without following links and without moving its access time, and only if it still is the file that was
//! looked at; nothing that lies there (a FIFO, a device) can make the reader wait.

use crate::facts::LONGEST_XATTR;
use crate::{Content, Facts, Kind};
use md5::Md5;
use rustix::fs::{FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

const CHUNK: usize = 256 << 10;
/// Names of extended attributes of one file; more are not looked at.
const MOST_XATTRS: usize = 64;
/// Stands for all that come after those, by a digest of them; the kernel allows no name without a point.
const OTHERS: &[u8] = b"others";
/// The kernel's limit of a value and of a list of names.
const LARGEST_XATTR: usize = 64 << 10;

#[derive(Debug, thiserror::Error)]
#[error("cannot look at {path}: {source}")]
pub struct ReadError {
    pub path: String,
    pub source: io::Error,
}

/// What a content's bytes come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hashes {
    pub sha256: [u8; 32],
    /// Only where a package's list is asked, which knows no other.
    pub md5: Option<[u8; 16]>,
}

/// None when there is no such file. The content is left out: `Content::Unread` for a regular file.
pub fn facts_of(path: &Path) -> Result<Option<Facts>, ReadError> {
    let fault = |source: Errno| ReadError { path: path.display().to_string(), source: source.into() };
    let stat = match rustix::fs::lstat(path) {
        Ok(stat) => stat,
        Err(Errno::NOENT | Errno::NOTDIR) => return Ok(None),
        Err(error) => return Err(fault(error)),
    };
    let mut facts = of_stat(&stat);
    if facts.kind == Kind::Symlink {
        facts.target = match rustix::fs::readlink(path, Vec::new()) {
            Ok(target) => target.into_bytes(),
            Err(Errno::NOENT | Errno::INVAL) => return Ok(None),
            Err(error) => return Err(fault(error)),
        };
    }
    facts.xattrs = xattrs(path).map_err(fault)?;
    Ok(Some(facts))
}

fn of_stat(stat: &Stat) -> Facts {
    let kind = Kind::of_mode(stat.st_mode);
    #[allow(clippy::unnecessary_cast, reason = "the widths differ by architecture")]
    Facts {
        kind,
        mode: stat.st_mode & 0o7777,
        uid: stat.st_uid,
        gid: stat.st_gid,
        size: if matches!(kind, Kind::File) { stat.st_size as u64 } else { 0 },
        links: if kind == Kind::Directory { 0 } else { stat.st_nlink as u32 },
        device: stat.st_dev as u64,
        inode: stat.st_ino as u64,
        modified: stat.st_mtime as i64 * 1_000_000_000 + stat.st_mtime_nsec as i64,
        changed: stat.st_ctime as i64 * 1_000_000_000 + stat.st_ctime_nsec as i64,
        node: if matches!(kind, Kind::CharacterDevice | Kind::BlockDevice) { stat.st_rdev as u64 } else { 0 },
        content: if kind == Kind::File { Content::Unread } else { Content::None },
        target: Vec::new(),
        xattrs: Vec::new(),
    }
}

/// Name and value.
type Xattr = (Vec<u8>, Vec<u8>);

/// None at all where the file system has none. Those that the kernel lists and does not show are left out, as is what was
/// removed since it was listed.
fn xattrs(path: &Path) -> Result<Vec<Xattr>, Errno> {
    let mut out = Vec::new();
    // In order of their names, so that which are kept whole does not depend on how the file system lists them.
    let mut names = names(path)?;
    names.sort_unstable();
    let mut others = Sha256::new();
    let many = names.len() > MOST_XATTRS;
    for name in names {
        let mut value = vec![0; LARGEST_XATTR];
        match rustix::fs::lgetxattr(path, std::ffi::OsStr::from_bytes(&name), &mut value) {
            Ok(length) => value.truncate(length),
            Err(Errno::NODATA | Errno::OPNOTSUPP | Errno::ACCESS | Errno::PERM | Errno::NOENT) => continue,
            Err(error) => return Err(error),
        }
        if out.len() >= MOST_XATTRS - usize::from(many) {
            others.update([(value.len() as u64).to_le_bytes().as_slice(), &name, &[0], &value].concat());
            continue;
        }
        if value.len() > LONGEST_XATTR {
            value = Sha256::digest(&value).to_vec();
        }
        out.push((name, value));
    }
    if many {
        out.push((OTHERS.to_vec(), others.finalize().to_vec()));
    }
    Ok(out)
}

/// A file has few; who gives it very many hides none.
fn names(path: &Path) -> Result<Vec<Vec<u8>>, Errno> {
    let mut few = [0u8; 1024];
    let split =
        |bytes: &[u8]| bytes.split(|byte| *byte == 0).filter(|name| !name.is_empty()).map(<[u8]>::to_vec).collect();
    match rustix::fs::llistxattr(path, &mut few) {
        Ok(length) => Ok(split(&few[..length])),
        Err(Errno::RANGE) => {
            let mut many = vec![0u8; LARGEST_XATTR];
            let length = rustix::fs::llistxattr(path, &mut many)?;
            Ok(split(&many[..length]))
        }
        Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::NOENT) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Reads the content of what `facts` were taken of. An error where it is another file by now, or cannot be read; a file
/// that is written meanwhile has the content that was read, and its next change time brings it here again.
pub fn hash_file(path: &Path, facts: &Facts, with_md5: bool, buffer: &mut Vec<u8>) -> Result<Hashes, ReadError> {
    let fault = |source: io::Error| ReadError { path: path.display().to_string(), source };
    let mut file = open(path, facts).map_err(fault)?;
    buffer.resize(CHUNK, 0);
    let (mut sha256, mut md5) = (Sha256::new(), with_md5.then(Md5::new));
    loop {
        match file.read(buffer) {
            Ok(0) => break,
            Ok(n) => {
                sha256.update(&buffer[..n]);
                if let Some(md5) = &mut md5 {
                    md5.update(&buffer[..n]);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(fault(error)),
        }
    }
    Ok(Hashes { sha256: sha256.finalize().into(), md5: md5.map(|md5| md5.finalize().into()) })
}

/// The file of those facts, and no other.
pub(crate) fn open(path: &Path, facts: &Facts) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let opened = match rustix::fs::open(path, flags | OFlags::NOATIME, Mode::empty()) {
        // Only the owner and root may ask for that.
        Err(Errno::PERM) => rustix::fs::open(path, flags, Mode::empty())?,
        other => other?,
    };
    let stat = rustix::fs::fstat(&opened)?;
    let now = of_stat(&stat);
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile
        || (now.device, now.inode) != (facts.device, facts.inode)
    {
        return Err(io::Error::other("it is another file by now"));
    }
    Ok(File::from(opened))
}

/// The path that a text made by [`event::text::from_bytes`] stands for: bytes that are no UTF-8 were written `\xNN`. A file
/// that really has such a name is preferred.
pub fn real_path(text: &str) -> PathBuf {
    let plain = PathBuf::from(text);
    if !text.contains("\\x") || plain.symlink_metadata().is_ok() {
        return plain;
    }
    let (bytes, mut out, mut at) = (text.as_bytes(), Vec::with_capacity(text.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let escaped = bytes.get(at..at + 4).filter(|four| four.starts_with(b"\\x")).and_then(|four| {
            u8::from_str_radix(std::str::from_utf8(&four[2..]).ok()?, 16).ok().filter(|value| *value >= 0x80)
        });
        out.push(escaped.unwrap_or(*byte));
        at += if escaped.is_some() { 4 } else { 1 };
    }
    PathBuf::from(std::ffi::OsString::from_vec(out))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    #[test]
    fn facts_and_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "hello").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let facts = facts_of(&path).unwrap().unwrap();
        assert_eq!((facts.kind, facts.mode, facts.size, facts.links), (Kind::File, 0o640, 5, 1));
        let hashes = hash_file(&path, &facts, true, &mut Vec::new()).unwrap();
        assert_eq!(hex::encode(hashes.md5.unwrap()), "5d41402abc4b2a76b9719d911017c592");
        assert_eq!(hashes.sha256, <[u8; 32]>::from(Sha256::digest("hello")));
        let link = folder.path().join("link");
        symlink("file", &link).unwrap();
        assert_eq!(facts_of(&link).unwrap().unwrap().target, b"file");
        assert_eq!(facts_of(&folder.path().join("none")).unwrap(), None);
        // A link is never followed to a content.
        assert!(hash_file(&link, &facts, false, &mut Vec::new()).is_err());
    }

    #[test]
    fn a_fifo_makes_nobody_wait() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fifo");
        rustix::fs::mknodat(rustix::fs::CWD, &path, FileType::Fifo, Mode::RUSR, 0).unwrap();
        let facts = facts_of(&path).unwrap().unwrap();
        assert_eq!((facts.kind, facts.content), (Kind::Fifo, Content::None));
        assert!(hash_file(&path, &facts, false, &mut Vec::new()).is_err());
    }

    #[test]
    fn many_attributes_hide_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "").unwrap();
        let set = |name: &str, value: &[u8]| {
            rustix::fs::setxattr(&path, name, value, rustix::fs::XattrFlags::empty()).is_ok()
        };
        if !set("user.a", b"1") {
            return eprintln!("skipped: no attributes of users here");
        }
        assert!((0..110).all(|n| set(&format!("user.n{n:03}"), b"x")));
        let read = || facts_of(&path).unwrap().unwrap().xattrs;
        let before = read();
        assert_eq!((before.len(), before[0].0.as_slice()), (MOST_XATTRS, b"user.a".as_slice()));
        assert!(set("user.n109", b"y"));
        let after = read();
        assert_eq!(before[..MOST_XATTRS - 1], after[..MOST_XATTRS - 1]);
        assert_ne!(before.last(), after.last());
    }

    #[test]
    fn a_name_that_is_no_text_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let name = std::ffi::OsString::from_vec(b"a\xff\\x41".to_vec());
        let path = folder.path().join(name);
        std::fs::write(&path, "").unwrap();
        let text = event::text::from_bytes(path.as_os_str().as_bytes()).into_owned();
        assert_eq!(real_path(&text), path);
        assert_eq!(real_path("/plain"), Path::new("/plain"));
    }
}
