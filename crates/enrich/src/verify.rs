//! Whether a file still is what its package put there: the package's own list of digests against the file's content.
//!
//! dpkg keeps MD5 (`info/NAME.md5sums`, and for configuration files `status`), so that is what can be asked. MD5 does not
//! hold against somebody who makes two files for it, which takes the packager himself; against somebody who changes a file
//! that was packaged it does. rpm keeps SHA-256 in the package's header (MD5 in very old ones). What scripts made has no
//! digest and stays unverified.

use crate::proc::limited;
use crate::rpm::{self, Said};
use event::Package;
use md5::{Digest, Md5};
use sha2::Sha256;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

const MOST_LIST: u64 = 64 << 20;
const MOST_STATUS: u64 = 128 << 20;
const CHUNK: usize = 256 << 10;

/// What a package says of a file that it owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verified {
    /// The content is the package's.
    Same,
    /// It is not: changed since, or replaced.
    Changed,
    /// The package keeps no digest of it, or it cannot be read.
    Unknown,
}

/// `path` is the file's name in the root `root`, under which the package database lies. Reads the file to its end.
pub fn verify(root: &Path, package: &Package, path: &str, file: &File) -> Verified {
    let said = match package.kind {
        "deb" => said_by_dpkg(root, &package.name, path).map(Said::Md5),
        "rpm" => rpm::digest_of(root, package, path),
        _ => None,
    };
    let is = match said {
        Some(Said::Md5(said)) => md5_of(file).map(|digest| digest == said),
        Some(Said::Sha256(said)) => digest_of::<Sha256>(file).map(|digest| digest[..] == said),
        None => None,
    };
    match is {
        Some(true) => Verified::Same,
        Some(false) => Verified::Changed,
        None => Verified::Unknown,
    }
}

fn said_by_dpkg(root: &Path, package: &str, path: &str) -> Option<[u8; 16]> {
    let listed = lists_of(root, package).iter().find_map(|list| digest_in(list, path));
    listed.or_else(|| conffile(&limited(&root.join("var/lib/dpkg/status"), MOST_STATUS).ok()?, package, path))
}

/// What a list of `MD5  path` says of a path. With merged /usr a package may know the file by its other name.
pub(crate) fn digest_in(list: &Path, path: &str) -> Option<[u8; 16]> {
    let path = path.strip_prefix('/')?;
    let other = match path.strip_prefix("usr/") {
        Some(rest) => rest.to_owned(),
        None => format!("usr/{path}"),
    };
    let list = limited(list, MOST_LIST).ok()?;
    list.split(|byte| *byte == b'\n').find_map(|line| {
        let (digest, name) = (line.get(..32)?, line.get(34..)?);
        (name == path.as_bytes() || name == other.as_bytes()).then(|| hex16(digest)).flatten()
    })
}

/// ` /etc/path MD5` among the `Conffiles:` of the package.
fn conffile(status: &[u8], package: &str, path: &str) -> Option<[u8; 16]> {
    let (mut ours, mut within) = (false, false);
    for line in status.split(|byte| *byte == b'\n') {
        if let Some(name) = line.strip_prefix(b"Package: ") {
            (ours, within) = (name == package.as_bytes(), false);
        } else if let Some(entry) = line.strip_prefix(b" ").filter(|_| ours && within) {
            let rest = entry.strip_prefix(path.as_bytes()).and_then(|rest| rest.strip_prefix(b" "));
            if let Some(digest) = rest.and_then(|rest| hex16(rest.get(..32)?)) {
                return Some(digest);
            }
        } else {
            within = line.starts_with(b"Conffiles:");
        }
    }
    None
}

/// The files that hold a package's digests; none for a name that is no package's.
pub(crate) fn lists_of(root: &Path, package: &str) -> Vec<std::path::PathBuf> {
    if package.contains('/') {
        return Vec::new();
    }
    let info = root.join("var/lib/dpkg/info");
    let one = info.join(format!("{package}.md5sums"));
    if one.exists() { vec![one] } else { of_architectures(&info, package) }
}

/// `NAME:ARCHITECTURE.md5sums`, of packages that may be installed for several.
fn of_architectures(info: &Path, package: &str) -> Vec<std::path::PathBuf> {
    const ARCHITECTURES: [&str; 10] =
        ["amd64", "arm64", "i386", "armhf", "all", "riscv64", "ppc64el", "s390x", "armel", "mips64el"];
    ARCHITECTURES.iter().map(|arch| info.join(format!("{package}:{arch}.md5sums"))).filter(|p| p.exists()).collect()
}

pub(crate) fn hex16(text: &[u8]) -> Option<[u8; 16]> {
    let mut out = [0; 16];
    for (byte, pair) in out.iter_mut().zip(text.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(out)
}

pub(crate) fn md5_of(file: &File) -> Option<[u8; 16]> {
    digest_of::<Md5>(file).map(Into::into)
}

/// None when it cannot be read to its end.
fn digest_of<D: Digest>(file: &File) -> Option<md5::digest::Output<D>> {
    let mut hasher = D::new();
    let mut chunk = vec![0; CHUNK];
    let mut at = 0;
    loop {
        match file.read_at(&mut chunk, at) {
            Ok(0) => return Some(hasher.finalize()),
            Ok(n) => {
                hasher.update(&chunk[..n]);
                at += n as u64;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_package_says_of_its_files() {
        let root = tempfile::tempdir().unwrap();
        let info = root.path().join("var/lib/dpkg/info");
        std::fs::create_dir_all(&info).unwrap();
        // MD5 of "hello".
        let list = "5d41402abc4b2a76b9719d911017c592  bin/tool\n00000000000000000000000000000000  usr/lib/x\nshort\n";
        std::fs::write(info.join("tool:amd64.md5sums"), list).unwrap();
        let file = root.path().join("file");
        std::fs::write(&file, "hello").unwrap();
        let file = File::open(file).unwrap();
        let check = |name: &str, kind, path: &str, expected| {
            let package = Package { name: name.into(), version: "1".into(), kind };
            assert_eq!(verify(root.path(), &package, path, &file), expected, "{name} {path}");
        };
        check("tool", "deb", "/bin/tool", Verified::Same);
        check("tool", "deb", "/usr/bin/tool", Verified::Same);
        check("tool", "deb", "/usr/lib/x", Verified::Changed);
        check("tool", "deb", "/etc/tool.conf", Verified::Unknown);
        check("other", "deb", "/bin/tool", Verified::Unknown);
        check("../x", "deb", "/bin/tool", Verified::Unknown);
        check("tool", "rpm", "/bin/tool", Verified::Unknown);
    }
}
