//! What packages say of single files: who owns a path, and the digest that its content should have. For whoever holds many
//! files against the lists at once, as integrity monitoring does; [`crate::verify`] asks for one.
//!
//! dpkg keeps MD5 of what it unpacks (`info/NAME.md5sums`) and of configuration files (`status`). Of rpm only the owner is told.

use crate::packages::PackageIndex;
use crate::proc::limited;
use crate::verify::{hex16, lists_of};
use event::Package;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const MOST_LIST: u64 = 64 << 20;
const MOST_STATUS: u64 = 128 << 20;
/// Digests held; beyond that those of all packages are read anew when they are asked for.
const MOST_DIGESTS: usize = 400_000;

/// MD5 by path.
type Digests = HashMap<Box<[u8]>, [u8; 16]>;

pub struct PackageFiles {
    root: PathBuf,
    index: PackageIndex,
    /// By package; paths without the leading slash, as dpkg writes them.
    digests: HashMap<Arc<str>, Digests>,
    conffiles: Option<Digests>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageFile {
    pub package: Arc<Package>,
    pub md5: Option<[u8; 16]>,
}

impl PackageFiles {
    /// `root` is where `var/lib/dpkg` and its like are found. Nothing is read before somebody asks.
    pub fn new(root: &Path) -> PackageFiles {
        PackageFiles {
            root: root.into(),
            index: PackageIndex::of_all(root.into()),
            digests: HashMap::new(),
            conffiles: None,
        }
    }

    /// Looks whether the databases have changed, and forgets what was read of them if so.
    pub fn refresh(&mut self) -> bool {
        self.index.look_again();
        let changed = self.index.refresh();
        if changed {
            self.digests.clear();
            self.conffiles = None;
        }
        changed
    }

    /// Why a database could not be read, if so.
    pub fn errors(&self) -> &[String] {
        &self.index.errors
    }

    /// As of the last [`PackageFiles::refresh`].
    pub fn of(&mut self, path: &str) -> Option<PackageFile> {
        let package = self.index.owner(path)?;
        let md5 = if package.kind == "deb" { self.digest(&package, path) } else { None };
        Some(PackageFile { package, md5 })
    }

    fn digest(&mut self, package: &Package, path: &str) -> Option<[u8; 16]> {
        let path = path.strip_prefix('/')?;
        let other = match path.strip_prefix("usr/") {
            Some(rest) => rest.to_owned(),
            None => format!("usr/{path}"),
        };
        if !self.digests.contains_key(&package.name) {
            if self.digests.values().map(HashMap::len).sum::<usize>() > MOST_DIGESTS {
                self.digests.clear();
            }
            let read = self.read(&package.name);
            self.digests.insert(Arc::clone(&package.name), read);
        }
        let known = self.digests.get(&package.name)?;
        let found = known.get(path.as_bytes()).or_else(|| known.get(other.as_bytes())).copied();
        found.or_else(|| {
            let root = &self.root;
            let conffiles = self.conffiles.get_or_insert_with(|| conffiles(root));
            conffiles.get(path.as_bytes()).copied()
        })
    }

    fn read(&self, package: &str) -> Digests {
        let mut out = Digests::new();
        for list in lists_of(&self.root, package) {
            for line in limited(&list, MOST_LIST).unwrap_or_default().split(|byte| *byte == b'\n') {
                if let (Some(digest), Some(name)) = (line.get(..32).and_then(hex16), line.get(34..)) {
                    out.insert(name.into(), digest);
                }
            }
        }
        out
    }
}

/// Lines of `Conffiles:` in the status file: ` /etc/x DIGEST`, and ` obsolete` or ` remove-on-upgrade` behind some.
fn conffiles(root: &Path) -> Digests {
    let status = limited(&root.join("var/lib/dpkg/status"), MOST_STATUS).unwrap_or_default();
    let mut out = Digests::new();
    let mut within = false;
    for line in status.split(|byte| *byte == b'\n') {
        if !line.starts_with(b" ") {
            within = line.starts_with(b"Conffiles:");
            continue;
        }
        let mut words = line[1..].split(|byte| *byte == b' ');
        if within
            && let (Some(path), Some(digest)) = (words.next().and_then(|path| path.strip_prefix(b"/")), words.next())
            && let Some(digest) = (digest.len() == 32).then(|| hex16(digest)).flatten()
        {
            out.insert(path.into(), digest);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_and_digests_follow_the_lists() {
        let root = tempfile::tempdir().unwrap();
        let dpkg = root.path().join("var/lib/dpkg");
        std::fs::create_dir_all(dpkg.join("info")).unwrap();
        let status = "Package: tool\nStatus: install ok installed\nVersion: 1\nConffiles:\n \
            /etc/tool.conf 5d41402abc4b2a76b9719d911017c592\n /etc/old.conf 5d41402abc4b2a76b9719d911017c592 obsolete\n\
            Description: x\n /etc/none 5d41402abc4b2a76b9719d911017c592\n\n";
        std::fs::write(dpkg.join("status"), status).unwrap();
        std::fs::write(dpkg.join("info/tool.list"), "/usr/bin/tool\n/etc/tool.conf\n/usr/share/doc/tool\n").unwrap();
        std::fs::write(dpkg.join("info/tool.md5sums"), format!("{}  usr/bin/tool\n", "00".repeat(16))).unwrap();
        let mut files = PackageFiles::new(root.path());
        files.refresh();
        let mut check = |path: &str, expected: Option<Option<u8>>| {
            let found = files.of(path).map(|file| file.md5.map(|digest| digest[0]));
            assert_eq!(found, expected, "{path}");
        };
        check("/usr/bin/tool", Some(Some(0)));
        check("/etc/tool.conf", Some(Some(0x5d)));
        check("/usr/share/doc/tool", Some(None));
        check("/etc/none", None);
        std::fs::write(dpkg.join("info/tool.md5sums"), format!("{}  usr/bin/tool\n", "01".repeat(16))).unwrap();
        std::fs::write(dpkg.join("status"), status.replace("Version: 1", "Version: 22")).unwrap();
        assert!(files.refresh());
        assert_eq!(files.of("/usr/bin/tool").unwrap().md5, Some([1; 16]));
    }
}
