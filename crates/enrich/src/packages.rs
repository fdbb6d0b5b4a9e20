//! Which package owns a path: an index over the databases of dpkg and rpm, rebuilt when they change.
//!
//! Paths are kept as keyed 64-bit hashes in one sorted array beside the number of their package: 12 bytes a path, no text. The key
//! is drawn at start, so nobody can craft a path that collides with an owned one. Documentation is left out: it is never executed.
//! "Owned" says that a package put a file at that path, not that its content is still the package's.

use crate::{dpkg, rpm};
use event::Package;
use std::hash::{BuildHasher, RandomState};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

const CHECK_EVERY: Duration = Duration::from_secs(1);
/// A database that claims more is not believed: 24 MiB of index.
pub(crate) const MOST_PATHS: usize = 2_000_000;

#[derive(Debug)]
pub(crate) struct PackageIndex {
    root: PathBuf,
    key: RandomState,
    aliases: Vec<String>,
    hashes: Vec<u64>,
    owners: Vec<u32>,
    packages: Vec<Arc<Package>>,
    version: Version,
    checked: Option<Instant>,
    built: SystemTime,
    /// Documentation too.
    whole: bool,
    pub errors: Vec<String>,
}

/// Change times of the databases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Version(Vec<Option<(u64, i64, i64)>>);

/// Collects owned paths while databases are read.
pub(crate) struct Builder<'a> {
    key: &'a RandomState,
    aliases: &'a [String],
    entries: Vec<(u64, u32)>,
    packages: Vec<Arc<Package>>,
    whole: bool,
}

impl Builder<'_> {
    pub(crate) fn package(&mut self, package: Package) -> u32 {
        self.packages.push(Arc::new(package));
        self.packages.len() as u32 - 1
    }

    pub(crate) fn own(&mut self, path: &[u8], package: u32) {
        if self.entries.len() < MOST_PATHS && path.len() > 2 && (self.whole || is_worth_it(path)) {
            self.entries.push((hash(self.key, self.aliases, path), package));
        }
    }
}

fn is_worth_it(path: &[u8]) -> bool {
    const NEVER_RUN: [&[u8]; 5] =
        [b"/usr/share/doc/", b"/usr/share/man/", b"/usr/share/locale/", b"/usr/share/info/", b"/usr/share/lintian/"];
    !NEVER_RUN.iter().any(|p| path.starts_with(p))
}

/// With merged /usr both names of a file count as one.
fn hash(key: &RandomState, aliases: &[String], path: &[u8]) -> u64 {
    let short = path.strip_prefix(b"/usr").filter(|rest| aliases.iter().any(|a| rest.starts_with(a.as_bytes())));
    key.hash_one(short.unwrap_or(path))
}

impl PackageIndex {
    pub(crate) fn new(root: PathBuf) -> Self {
        let merged = |dir: &&str| std::fs::symlink_metadata(root.join(dir)).is_ok_and(|m| m.is_symlink());
        let dirs = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"];
        let aliases = dirs.iter().filter(|d| merged(d)).map(|d| format!("/{d}/")).collect();
        PackageIndex {
            root,
            key: RandomState::new(),
            aliases,
            hashes: Vec::new(),
            owners: Vec::new(),
            packages: Vec::new(),
            version: Version::default(),
            checked: None,
            built: SystemTime::UNIX_EPOCH,
            whole: false,
            errors: Vec::new(),
        }
    }

    /// The same with documentation, for whoever asks of more than programs.
    pub(crate) fn of_all(root: PathBuf) -> Self {
        PackageIndex { whole: true, ..PackageIndex::new(root) }
    }

    /// Rebuilds when a database has changed, looking at most once a second. True when it did.
    pub(crate) fn refresh(&mut self) -> bool {
        if self.checked.is_some_and(|at| at.elapsed() < CHECK_EVERY) {
            return false;
        }
        self.checked = Some(Instant::now());
        let version = self.current_version();
        if version == self.version {
            return false;
        }
        self.build();
        self.version = version;
        true
    }

    fn current_version(&self) -> Version {
        let of = |path: &Path| {
            let meta = std::fs::metadata(self.root.join(path)).ok()?;
            Some((meta.ino(), meta.ctime(), meta.ctime_nsec()))
        };
        let paths = dpkg::DATABASES.iter().chain(&rpm::DATABASES);
        Version(paths.map(|p| of(Path::new(p))).collect())
    }

    /// The next refresh looks, however short ago the last one was.
    pub(crate) fn look_again(&mut self) {
        self.checked = None;
    }

    /// When the databases were read last.
    pub(crate) fn built(&self) -> SystemTime {
        self.built
    }

    fn build(&mut self) {
        self.built = SystemTime::now();
        let mut builder = Builder {
            key: &self.key,
            aliases: &self.aliases,
            entries: Vec::new(),
            packages: Vec::new(),
            whole: self.whole,
        };
        self.errors.clear();
        if let Err(error) = dpkg::read(&self.root, &mut builder) {
            self.errors.push(format!("dpkg: {error}"));
        }
        if let Err(error) = rpm::read(&self.root, &mut builder) {
            self.errors.push(format!("rpm: {error}"));
        }
        if builder.entries.len() >= MOST_PATHS {
            self.errors.push(format!("more than {MOST_PATHS} paths: the rest has no owner"));
        }
        let Builder { mut entries, packages, .. } = builder;
        // The first to claim a path keeps it: directories belong to many.
        entries.sort_by_key(|e| e.0);
        entries.dedup_by_key(|e| e.0);
        self.packages = packages;
        (self.hashes, self.owners) = entries.into_iter().unzip();
        self.hashes.shrink_to_fit();
        self.owners.shrink_to_fit();
    }

    pub(crate) fn owner(&self, path: &str) -> Option<Arc<Package>> {
        let at = self.hashes.binary_search(&hash(&self.key, &self.aliases, path.as_bytes())).ok()?;
        Some(self.packages[self.owners[at] as usize].clone())
    }

    pub(crate) fn paths(&self) -> usize {
        self.hashes.len()
    }

    pub(crate) fn package_count(&self) -> usize {
        self.packages.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        let texts: usize = self.packages.iter().map(|p| p.name.len() + p.version.len() + 96).sum();
        self.hashes.capacity() * 8 + self.owners.capacity() * 4 + self.packages.capacity() * 8 + texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("usr/bin")).unwrap();
        std::os::unix::fs::symlink("usr/bin", dir.path().join("bin")).unwrap();
        for (path, text) in files {
            let path = dir.path().join("var/lib/dpkg").join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        dir
    }

    const STATUS: &str = "Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2\n\n\
        Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\nPackage: libc6\nStatus: install ok installed\n\
        Architecture: amd64\nMulti-Arch: same\nVersion: 2.36\nDescription: two\n lines\n";

    #[test]
    fn knows_owners_through_links_and_diversions() {
        let dir = host(&[
            ("status", STATUS),
            ("info/bash.list", "/.\n/bin\n/bin/bash\n/usr/share/doc/bash/README\n"),
            ("info/libc6:amd64.list", "/lib/ld.so\n/usr/bin/tool\n/bin/sh\n"),
            ("info/gone.list", "/usr/bin/gone\n"),
            ("diversions", "/bin/sh\n/bin/sh.distrib\nbash\n/usr/bin/tool\n/usr/bin/tool.local\n:\n"),
        ]);
        let mut index = PackageIndex::new(dir.path().into());
        assert!(index.refresh());
        let check = |path: &str, expected: Option<(&str, &str)>| {
            let owner = index.owner(path);
            assert_eq!(owner.as_ref().map(|p| (&*p.name, &*p.version)), expected, "{path}");
        };
        check("/usr/bin/bash", Some(("bash", "5.2")));
        check("/bin/bash", Some(("bash", "5.2")));
        check("/lib/ld.so", Some(("libc6", "2.36")));
        check("/bin/sh", None);
        check("/usr/bin/sh.distrib", Some(("libc6", "2.36")));
        check("/usr/bin/tool", None);
        check("/usr/bin/tool.local", Some(("libc6", "2.36")));
        check("/usr/bin/gone", None);
        check("/usr/share/doc/bash/README", None);
        assert!(index.errors.is_empty(), "{:?}", index.errors);
        assert!(!index.refresh());
    }

    #[test]
    fn follows_the_database() {
        let dir = host(&[("status", STATUS), ("info/bash.list", "/bin/bash\n")]);
        let mut index = PackageIndex::new(dir.path().into());
        index.refresh();
        let status = dir.path().join("var/lib/dpkg/status");
        std::fs::write(status, STATUS.replace("5.2", "5.3")).unwrap();
        index.checked = None;
        assert!(index.refresh());
        assert_eq!(&*index.owner("/bin/bash").unwrap().version, "5.3");
    }

    /// Three packages that rpm 4.18 put into its database, copied into pages of 512 bytes so that rows and tree span many.
    #[test]
    fn knows_owners_of_rpm() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("var/lib/rpm");
        std::fs::create_dir_all(&home).unwrap();
        std::fs::write(home.join("rpmdb.sqlite"), include_bytes!("../tests/fixtures/rpmdb.sqlite")).unwrap();
        let mut index = PackageIndex::new(dir.path().into());
        index.refresh();
        assert!(index.errors.is_empty(), "{:?}", index.errors);
        let check = |path: &str, expected: Option<(&str, &str)>| {
            let owner = index.owner(path);
            assert_eq!(owner.as_ref().map(|p| (&*p.name, &*p.version)), expected, "{path}");
        };
        check("/usr/bin/tool1", Some(("pkg1", "1.1-2")));
        check("/opt/pkg2/lib/file60", Some(("pkg2", "1.2-2")));
        check("/usr/bin/tool3", Some(("pkg3", "7:1.3-2")));
        check("/usr/bin/tool4", None);
        assert_eq!(index.package_count(), 3);

        std::fs::write(home.join("rpmdb.sqlite"), "not a database").unwrap();
        index.checked = None;
        index.refresh();
        assert_eq!(index.errors.len(), 1);
    }

    #[test]
    fn an_old_rpm_database_is_told() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("var/lib/rpm")).unwrap();
        std::fs::write(dir.path().join("var/lib/rpm/Packages"), "").unwrap();
        let mut index = PackageIndex::new(dir.path().into());
        index.build();
        assert_eq!(index.errors.len(), 1);
    }

    #[test]
    fn no_database_is_no_error_and_a_broken_one_is() {
        let dir = tempfile::tempdir().unwrap();
        let mut index = PackageIndex::new(dir.path().into());
        index.refresh();
        assert!(index.errors.is_empty() && index.paths() == 0);
        let dir = host(&[("status/not-a-file", "")]);
        let mut index = PackageIndex::new(dir.path().into());
        index.refresh();
        assert_eq!(index.errors.len(), 1);
    }
}
