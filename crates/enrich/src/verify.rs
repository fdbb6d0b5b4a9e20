//! Whether a file still is what its package put there: the package's own list of digests against the file's content.
//!
//! dpkg keeps MD5 (`info/NAME.md5sums`, and for configuration files `status`), rpm the digest that its header names, SHA-256 since ten
//! years. What scripts made has no digest and stays unverified.

use crate::listed::{ListedDigest, from_hex};
use crate::proc::limited;
use crate::rpm;
use event::Package;
use std::fs::File;
use std::path::Path;

const MOST_LIST: u64 = 64 << 20;
const MOST_STATUS: u64 = 128 << 20;

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
        "deb" => said_by_dpkg(root, &package.name, path).map(ListedDigest::Md5),
        "rpm" => said_by_rpm(root, package, path),
        _ => None,
    };
    match said.map(|said| said.is_of(file)) {
        Some(Ok(true)) => Verified::Same,
        Some(Ok(false)) => Verified::Changed,
        Some(Err(_)) | None => Verified::Unknown,
    }
}

/// A path without the slash at its front, and with merged /usr by its shorter name: a package may know a file by either.
pub(crate) fn bare(path: &[u8]) -> &[u8] {
    let path = path.strip_prefix(b"/").unwrap_or(path);
    path.strip_prefix(b"usr/").unwrap_or(path)
}

fn said_by_rpm(root: &Path, package: &Package, path: &str) -> Option<ListedDigest> {
    let files = rpm::files_of(root, package).ok()?;
    files.into_iter().find(|file| bare(&file.path) == bare(path.as_bytes()))?.digest
}

fn said_by_dpkg(root: &Path, package: &str, path: &str) -> Option<[u8; 16]> {
    let listed = lists_of(root, package).iter().find_map(|list| digest_in(list, path));
    listed.or_else(|| conffile(&limited(&root.join("var/lib/dpkg/status"), MOST_STATUS).ok()?, package, path))
}

/// What a list of `MD5  path` says of a path.
pub(crate) fn digest_in(list: &Path, path: &str) -> Option<[u8; 16]> {
    let wanted = bare(path.as_bytes());
    let list = limited(list, MOST_LIST).ok()?;
    list.split(|byte| *byte == b'\n').find_map(|line| {
        let (digest, name) = (line.get(..32)?, line.get(34..)?);
        (bare(name) == wanted).then(|| from_hex(digest)).flatten()
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
            if let Some(digest) = rest.and_then(|rest| from_hex(rest.get(..32)?)) {
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

    #[test]
    fn what_rpm_says_of_its_files() {
        let root = tempfile::tempdir().unwrap();
        let home = root.path().join("var/lib/rpm");
        std::fs::create_dir_all(&home).unwrap();
        std::fs::write(home.join("rpmdb.sqlite"), include_bytes!("../tests/fixtures/rpmdb-digests.sqlite")).unwrap();
        let file = root.path().join("file");
        let check = |version: &str, path: &str, content: &str, expected| {
            std::fs::write(&file, content).unwrap();
            let package = Package { name: "tool".into(), version: version.into(), kind: "rpm" };
            let found = verify(root.path(), &package, path, &File::open(&file).unwrap());
            assert_eq!(found, expected, "{version} {path} {content}");
        };
        check("3:1.4-2", "/usr/bin/tool", "hello", Verified::Same);
        check("3:1.4-2", "/bin/tool", "hello", Verified::Same);
        check("3:1.4-2", "/usr/bin/tool", "hellp", Verified::Changed);
        check("3:1.4-2", "/etc/tool.conf", "set\n", Verified::Same);
        check("3:1.4-2", "/var/log/tool.log", "", Verified::Unknown);
        check("1.4-2", "/usr/bin/tool", "hello", Verified::Unknown);
    }
}
