//! Whether the package manager vouches for a file: it owns the path, and the content is the one it put there, by the digests of
//! dpkg or rpm. Right in the
//! middle of a transaction too: while dpkg unpacks, the new digests lie in `tmp.ci`, and until it is through, what it has
//! installed stands in `info` but not yet in `status`. A lock that did not know this would refuse a service that is started
//! half-way through an upgrade.

use crate::listed::ListedDigest;
use crate::packages::PackageIndex;
use crate::rpm;
use crate::verify::{self, Verified, digest_in};
use event::Package;
use parking_lot::Mutex;
use rustix::process::{Flock, FlockType, fcntl_getlk};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Lists written lately that are looked through for a path that has no owner yet.
const MOST_FRESH: usize = 512;
/// A list is written a moment before the index looks.
const SLACK: Duration = Duration::from_secs(10);
/// How often, and how long each time, a running dpkg is given the time to come to rest.
const TRIES: u32 = 6;
const PAUSE: Duration = Duration::from_millis(50);

/// The package databases below a root, as witnesses.
pub struct Packages {
    root: PathBuf,
    index: Mutex<PackageIndex>,
}

/// What they say of a path and its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vouched {
    Nobody,
    Same(Arc<Package>),
    Changed(Arc<Package>),
    /// It owns the path and keeps no digest of it.
    NoDigest(Arc<Package>),
}

impl Packages {
    /// Reads the databases at the first question.
    pub fn below(root: &Path) -> Packages {
        Packages { root: root.to_owned(), index: Mutex::new(PackageIndex::new(root.to_owned())) }
    }

    /// `path` is the file's as the caller sees it, so it begins with the root. Reads the file to its end; waits for a package
    /// manager that is at work, at most a third of a second.
    pub fn vouch(&self, path: &str, file: &File) -> Vouched {
        let Some(inside) = self.inside(path) else { return Vouched::Nobody };
        let first = self.look(&inside, file, false);
        if matches!(first, Vouched::Same(_)) {
            return first;
        }
        let mut last = first;
        for turn in 0..TRIES {
            if let Some((package, said)) = self.in_flight(&inside)
                && ListedDigest::Md5(said).is_of(file).is_ok_and(|same| same)
            {
                return Vouched::Same(package);
            }
            last = self.look(&inside, file, true);
            if matches!(last, Vouched::Same(_)) || !self.at_work() {
                return last;
            }
            if turn + 1 < TRIES {
                std::thread::sleep(PAUSE);
            }
        }
        last
    }

    /// Whether a package owns the path, as far as the databases knew a second ago.
    pub fn owns(&self, path: &str) -> bool {
        let Some(inside) = self.inside(path) else { return false };
        let mut index = self.index.lock();
        index.refresh();
        index.owner(&inside).is_some()
    }

    /// What the databases could not tell, in words.
    pub fn errors(&self) -> Vec<String> {
        self.index.lock().errors.clone()
    }

    fn inside(&self, path: &str) -> Option<String> {
        let rest = Path::new(path).strip_prefix(&self.root).ok()?;
        Some(format!("/{}", rest.to_str()?))
    }

    fn look(&self, path: &str, file: &File, anew: bool) -> Vouched {
        let owner = {
            let mut index = self.index.lock();
            if anew {
                index.look_again();
            }
            index.refresh();
            index.owner(path)
        };
        let Some(package) = owner else { return Vouched::Nobody };
        match verify::verify(&self.root, &package, path, file) {
            Verified::Same => Vouched::Same(package),
            Verified::Changed => Vouched::Changed(package),
            Verified::Unknown => Vouched::NoDigest(package),
        }
    }

    /// A package that is just coming in with this path, and the digest that it says. Only root can write these lists, as
    /// all of the database.
    fn in_flight(&self, path: &str) -> Option<(Arc<Package>, [u8; 16])> {
        let dpkg = self.root.join("var/lib/dpkg");
        if let Some(said) = digest_in(&dpkg.join("tmp.ci/md5sums"), path) {
            let control = fs::read_to_string(dpkg.join("tmp.ci/control")).unwrap_or_default();
            let field = |name: &str| control.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("?").trim();
            return Some((package(field("Package:"), field("Version:")), said));
        }
        let since = self.index.lock().built().checked_sub(SLACK)?;
        let found = |list: PathBuf| digest_in(&list, path).map(|said| (list, said));
        let (list, said) = fresh_lists(&dpkg.join("info"), since).into_iter().find_map(found)?;
        let name = list.file_name()?.to_str()?.strip_suffix(".md5sums")?;
        Some((package(name.split(':').next().unwrap_or(name), "that is being installed"), said))
    }

    /// Some dpkg or rpm holds its lock.
    fn at_work(&self) -> bool {
        let held = |path: &str| {
            let file = File::open(self.root.join(path)).ok()?;
            fcntl_getlk(&file, &Flock::from(FlockType::WriteLock)).ok()?
        };
        let dpkg = ["var/lib/dpkg/lock", "var/lib/dpkg/lock-frontend"];
        dpkg.iter().chain(&rpm::LOCKS).any(|path| held(path).is_some())
    }
}

fn package(name: &str, version: &str) -> Arc<Package> {
    Arc::new(Package { name: name.into(), version: version.into(), kind: "deb" })
}

/// The newest first.
fn fresh_lists(info: &Path, since: SystemTime) -> Vec<PathBuf> {
    let written = |entry: fs::DirEntry| {
        let path = entry.path();
        let at = path.extension().is_some_and(|e| e == "md5sums").then(|| entry.metadata().ok()?.modified().ok())??;
        (at >= since).then_some((at, path))
    };
    let mut lists: Vec<(SystemTime, PathBuf)> =
        fs::read_dir(info).into_iter().flatten().flatten().filter_map(written).collect();
    lists.sort_by(|a, b| b.cmp(a));
    lists.into_iter().take(MOST_FRESH).map(|(_, path)| path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELLO: &str = "5d41402abc4b2a76b9719d911017c592";

    fn world(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    fn check(files: &[(&str, &str)], content: &str, expected: &str) {
        let root = world(files);
        let path = root.path().join("usr/bin/tool");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        let said = Packages::below(root.path()).vouch(path.to_str().unwrap(), &File::open(&path).unwrap());
        let words = match said {
            Vouched::Nobody => "nobody".to_owned(),
            Vouched::Same(package) => format!("same {} {}", package.name, package.version),
            Vouched::Changed(package) => format!("changed {} {}", package.name, package.version),
            Vouched::NoDigest(package) => format!("no digest {} {}", package.name, package.version),
        };
        assert_eq!(words, expected, "{files:?}");
    }

    #[test]
    fn a_file_is_vouched_for_before_during_and_after_its_transaction() {
        let status = "Package: tool\nStatus: install ok installed\nVersion: 1\n";
        let new = format!("{HELLO}  usr/bin/tool\n");
        let old = format!("{}  usr/bin/tool\n", "0".repeat(32));
        let owned = [("var/lib/dpkg/status", status), ("var/lib/dpkg/info/tool.list", "/usr/bin/tool\n")];
        let with = |more: &[(&'static str, &str)], expected: &str| {
            let files: Vec<(&str, &str)> = owned.iter().copied().chain(more.iter().copied()).collect();
            check(&files, "hello", expected);
        };
        with(&[("var/lib/dpkg/info/tool.md5sums", &new)], "same tool 1");
        with(&[("var/lib/dpkg/info/tool.md5sums", &old)], "changed tool 1");
        with(&[], "no digest tool 1");
        let control = "Package: tool\nVersion: 2\n";
        let unpacking = [("var/lib/dpkg/tmp.ci/control", control), ("var/lib/dpkg/tmp.ci/md5sums", &*new)];
        with(&[&[("var/lib/dpkg/info/tool.md5sums", &*old)], &unpacking[..]].concat(), "same tool 2");
        // Nobody else's digest counts, whatever is under way.
        let other = [("var/lib/dpkg/tmp.ci/control", control), ("var/lib/dpkg/tmp.ci/md5sums", &*old)];
        with(&[&[("var/lib/dpkg/info/tool.md5sums", &*old)], &other[..]].concat(), "changed tool 1");
        // Installed by a dpkg that has not written `status` yet.
        check(&[("var/lib/dpkg/info/tool:amd64.md5sums", &new)], "hello", "same tool that is being installed");
        check(&[("var/lib/dpkg/info/other.md5sums", "")], "hello", "nobody");
        check(&[], "hello", "nobody");
    }

    #[test]
    fn a_configuration_file_has_its_digest_in_the_status() {
        let status = format!(
            "Package: tool\nStatus: install ok installed\nVersion: 1\nConffiles:\n /etc/tool {HELLO}\n /etc/old {HELLO} obsolete\nDescription: x\n"
        );
        let root = world(&[
            ("var/lib/dpkg/status", &status),
            ("var/lib/dpkg/info/tool.list", "/etc/tool\n/etc/old\n"),
            ("etc/tool", "hello"),
            ("etc/old", "changed"),
        ]);
        let packages = Packages::below(root.path());
        let said = |path: &str| {
            let path = root.path().join(path);
            packages.vouch(path.to_str().unwrap(), &File::open(&path).unwrap())
        };
        assert!(matches!(said("etc/tool"), Vouched::Same(_)));
        assert!(matches!(said("etc/old"), Vouched::Changed(_)));
    }

    #[test]
    fn rpm_vouches_by_the_digests_of_its_headers() {
        let root = world(&[("usr/bin/tool", "hello"), ("etc/tool.conf", "changed"), ("usr/bin/other", "hello")]);
        let home = root.path().join("usr/lib/sysimage/rpm");
        fs::create_dir_all(&home).unwrap();
        fs::write(home.join("rpmdb.sqlite"), include_bytes!("../tests/fixtures/rpmdb-digests.sqlite")).unwrap();
        let packages = Packages::below(root.path());
        let said = |path: &str| {
            let path = root.path().join(path);
            packages.vouch(path.to_str().unwrap(), &File::open(&path).unwrap())
        };
        assert!(matches!(said("usr/bin/tool"), Vouched::Same(package) if &*package.version == "3:1.4-2"));
        assert!(matches!(said("etc/tool.conf"), Vouched::Changed(_)));
        assert!(matches!(said("usr/bin/other"), Vouched::Nobody));
        assert_eq!(packages.errors(), Vec::<String>::new());
    }
}
