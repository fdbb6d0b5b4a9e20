//! What packages say of single files: who owns a path, and the digest that its content should have. For whoever holds many
//! files against the lists at once, as integrity monitoring does; [`crate::verify`] asks for one.
//!
//! dpkg keeps MD5 of what it unpacks (`info/NAME.md5sums`) and of configuration files (`status`), rpm in each header what that
//! says. Packages that a manager is just bringing in are known before the databases are through with them.

use crate::coming::Coming;
use crate::listed::{ListedDigest, from_hex};
use crate::packages::PackageIndex;
use crate::proc::limited;
use crate::rpm;
use crate::verify::{bare, lists_of};
use event::Package;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const MOST_LIST: u64 = 64 << 20;
const MOST_STATUS: u64 = 128 << 20;
/// Digests held; beyond that those of all packages are read anew when they are asked for.
const MOST_DIGESTS: usize = 400_000;

/// By [`bare`] path.
type Digests = HashMap<Box<[u8]>, ListedDigest>;

pub struct PackageFiles {
    root: PathBuf,
    index: PackageIndex,
    coming: Coming,
    digests: HashMap<Arc<Package>, Digests>,
    conffiles: Option<Digests>,
    errors: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageFile {
    pub package: Arc<Package>,
    /// None of what has no content, and where the package keeps none.
    pub digest: Option<ListedDigest>,
}

impl PackageFiles {
    /// `root` is where `var/lib/dpkg` and its like are found. Nothing is read before somebody asks.
    pub fn new(root: &Path) -> PackageFiles {
        PackageFiles {
            root: root.into(),
            index: PackageIndex::of_all(root.into()),
            coming: Coming::below(root),
            digests: HashMap::new(),
            conffiles: None,
            errors: Vec::new(),
        }
    }

    /// Looks whether the databases have changed, and forgets what was read of them if so.
    pub fn refresh(&mut self) -> bool {
        self.index.look_again();
        let changed = self.index.refresh();
        if changed {
            self.errors.clone_from(&self.index.errors);
            self.digests.clear();
            self.conffiles = None;
        }
        changed
    }

    /// Looks what package managers at work are bringing in: cheap enough for twenty times a second. True when that is more
    /// than at the last look; the first look only takes down how things stand.
    pub fn peek(&mut self) -> bool {
        let news = self.coming.peek();
        self.errors.append(&mut self.coming.errors);
        news
    }

    /// No package manager is at work: the databases, read after that, know all.
    pub fn forget_coming(&mut self) {
        self.coming.forget();
    }

    /// Why a database could not be read, if so; each is told once.
    pub fn errors(&mut self) -> Vec<String> {
        std::mem::take(&mut self.errors)
    }

    /// As of the last [`PackageFiles::refresh`] and [`PackageFiles::peek`].
    pub fn of(&mut self, path: &str) -> Option<PackageFile> {
        self.coming.of(path).or_else(|| {
            let package = self.index.owner(path)?;
            let digest = self.digest(&package, path);
            Some(PackageFile { package, digest })
        })
    }

    fn digest(&mut self, package: &Arc<Package>, path: &str) -> Option<ListedDigest> {
        if !self.digests.contains_key(package) {
            if self.digests.values().map(HashMap::len).sum::<usize>() > MOST_DIGESTS {
                self.digests.clear();
            }
            let read = self.read(package);
            self.digests.insert(Arc::clone(package), read);
        }
        let path = bare(path.as_bytes());
        self.digests.get(package)?.get(path).copied().or_else(|| {
            let root = &self.root;
            self.conffiles.get_or_insert_with(|| conffiles(root)).get(path).copied()
        })
    }

    fn read(&mut self, package: &Package) -> Digests {
        if package.kind == "rpm" {
            return match rpm::files_of(&self.root, package) {
                Ok(files) => {
                    files.into_iter().filter_map(|file| Some((bare(&file.path).into(), file.digest?))).collect()
                }
                Err(error) => {
                    self.errors.push(format!("rpm: {error}"));
                    Digests::new()
                }
            };
        }
        let mut out = Digests::new();
        for list in lists_of(&self.root, &package.name) {
            for line in limited(&list, MOST_LIST).unwrap_or_default().split(|byte| *byte == b'\n') {
                if let (Some(digest), Some(name)) = (line.get(..32).and_then(from_hex), line.get(34..)) {
                    out.insert(bare(name).into(), ListedDigest::Md5(digest));
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
            && let (Some(path), Some(digest)) = (words.next().filter(|path| path.starts_with(b"/")), words.next())
            && let Some(digest) = from_hex(digest)
        {
            out.insert(bare(path).into(), ListedDigest::Md5(digest));
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
        let first = |digest| match digest {
            ListedDigest::Md5(digest) => digest[0],
            other => panic!("{other:?} of dpkg"),
        };
        let mut check = |path: &str, expected: Option<Option<u8>>| {
            let found = files.of(path).map(|file| file.digest.map(first));
            assert_eq!(found, expected, "{path}");
        };
        check("/usr/bin/tool", Some(Some(0)));
        check("/etc/tool.conf", Some(Some(0x5d)));
        check("/usr/share/doc/tool", Some(None));
        check("/etc/none", None);
        std::fs::write(dpkg.join("info/tool.md5sums"), format!("{}  usr/bin/tool\n", "01".repeat(16))).unwrap();
        std::fs::write(dpkg.join("status"), status.replace("Version: 1", "Version: 22")).unwrap();
        assert!(files.refresh());
        assert_eq!(files.of("/usr/bin/tool").unwrap().digest, Some(ListedDigest::Md5([1; 16])));
    }

    /// What rpm 4.18 wrote of one package: a program, a configuration file, an empty file, a folder, a link, a `%ghost`.
    #[test]
    fn digests_of_rpm_are_those_of_its_headers() {
        let root = tempfile::tempdir().unwrap();
        let home = root.path().join("usr/lib/sysimage/rpm");
        std::fs::create_dir_all(&home).unwrap();
        std::fs::write(home.join("rpmdb.sqlite"), include_bytes!("../tests/fixtures/rpmdb-digests.sqlite")).unwrap();
        let mut files = PackageFiles::new(root.path());
        files.refresh();
        let mut check = |path: &str, expected: Option<Option<&str>>| {
            let found = files.of(path).map(|file| {
                assert_eq!((&*file.package.name, &*file.package.version), ("tool", "3:1.4-2"));
                file.digest.map(|digest| match digest {
                    ListedDigest::Sha256(digest) => hex::encode(digest),
                    other => panic!("{other:?}"),
                })
            });
            assert_eq!(found.as_ref().map(|digest| digest.as_deref()), expected, "{path}");
        };
        check("/usr/bin/tool", Some(Some("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")));
        check("/etc/tool.conf", Some(Some("07305c91fd87e9932557405d52558b922ef76537478f4adfbb78d0610cafd02e")));
        check("/usr/lib/tool", Some(None));
        check("/usr/lib/tool/link", Some(None));
        check("/var/log/tool.log", Some(None));
        check("/usr/bin/other", None);
        assert_eq!(files.errors(), Vec::<String>::new());
        std::fs::write(home.join("rpmdb.sqlite"), "no database").unwrap();
        files.refresh();
        assert_eq!(files.errors().len(), 1, "a database that cannot be read is said");
    }
}
