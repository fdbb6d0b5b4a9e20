//! Packages that are coming in right now. The databases speak of a package when its manager is through with all of them; but
//! dpkg lays out a package's digests (`tmp.ci`) before it unpacks the first file and its list (`info`) after the last, and
//! rpm puts a package's header into its database before it begins with the next package. Who looks there knows what a file
//! should be while the transaction still goes on.
//!
//! What is news is told by change times and row numbers, never by the clock, which may be set back.

use crate::listed::{ListedDigest, from_hex};
use crate::package_files::PackageFile;
use crate::proc::limited;
use crate::rpm;
use crate::verify::bare;
use event::Package;
use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const MOST_LIST: u64 = 64 << 20;
const MOST_CONTROL: u64 = 1 << 20;
/// Of all packages of a transaction; more wait for the databases.
const MOST_PATHS: usize = 500_000;
/// Where dpkg has not said yet which version it is.
const NEW: &str = "that is being installed";

/// Inode and change time: another file, or the same with other content.
type Version = (u64, i64, i64);

#[derive(Debug, Default)]
pub(crate) struct Coming {
    root: PathBuf,
    begun: bool,
    unpacking: Option<Version>,
    info: Option<Version>,
    /// Each list of dpkg's as it was read, or as it stood when watching began.
    lists: HashMap<OsString, Version>,
    databases: Vec<Option<Version>>,
    row: i64,
    packages: Vec<Arc<Package>>,
    /// By [`bare`] path; the last package that came with it counts.
    paths: HashMap<Box<[u8]>, (u32, Option<ListedDigest>)>,
    /// What could not be read since the last question.
    pub errors: Vec<String>,
}

impl Coming {
    pub(crate) fn below(root: &Path) -> Coming {
        Coming { root: root.into(), ..Coming::default() }
    }

    /// Looks what is new; a few calls of `stat` when nothing is. True when something came. The first look only takes down
    /// how things stand.
    pub(crate) fn peek(&mut self) -> bool {
        let first = !std::mem::replace(&mut self.begun, true);
        let unpacking = self.look_at_unpacking();
        let listed = self.look_at_lists(first);
        let installed = self.look_at_rpm(first);
        unpacking || listed || installed
    }

    pub(crate) fn of(&self, path: &str) -> Option<PackageFile> {
        let (package, digest) = self.paths.get(bare(path.as_bytes()))?;
        Some(PackageFile { package: Arc::clone(&self.packages[*package as usize]), digest: *digest })
    }

    /// The databases have it all by now.
    pub(crate) fn forget(&mut self) {
        self.paths = HashMap::new();
        self.packages.clear();
    }

    /// The package that dpkg unpacks at this moment.
    fn look_at_unpacking(&mut self) -> bool {
        let folder = self.root.join("var/lib/dpkg/tmp.ci");
        let list = folder.join("md5sums");
        let now = version(&list);
        if now == self.unpacking || now.is_none() {
            self.unpacking = now;
            return false;
        }
        let control = limited(&folder.join("control"), MOST_CONTROL).unwrap_or_default();
        let Ok(sums) = limited(&list, MOST_LIST) else { return false };
        if version(&list) != now {
            // The next package's by now: the next look has it.
            return false;
        }
        self.unpacking = now;
        let control = String::from_utf8_lossy(&control);
        let field = |name: &str| control.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("?").trim();
        let package = self.package(field("Package:"), field("Version:"), "deb");
        self.take_sums(package, &sums);
        true
    }

    /// Lists of packages that dpkg has unpacked since the last look.
    fn look_at_lists(&mut self, first: bool) -> bool {
        let folder = self.root.join("var/lib/dpkg/info");
        let now = version(&folder);
        if now == self.info {
            return false;
        }
        self.info = now;
        let mut fresh = Vec::new();
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let Some(text) = name.to_str() else { continue };
            if !text.ends_with(".list") && !text.ends_with(".md5sums") {
                continue;
            }
            let Ok(meta) = entry.metadata() else { continue };
            let version = (meta.ino(), meta.ctime(), meta.ctime_nsec());
            if self.lists.insert(name.clone(), version) != Some(version) && !first {
                fresh.push(text.to_owned());
            }
        }
        // Paths first, so that a digest is not overwritten by its path alone.
        fresh.sort();
        for file in &fresh {
            let Ok(bytes) = limited(&folder.join(file), MOST_LIST) else { continue };
            let (stem, kind) = file.rsplit_once('.').unwrap_or((file, ""));
            let name = stem.split(':').next().unwrap_or(stem);
            let known = self.packages.iter().rev().find(|one| &*one.name == name).map(|one| one.version.to_string());
            let package = self.package(name, known.as_deref().unwrap_or(NEW), "deb");
            if kind == "md5sums" {
                self.take_sums(package, &bytes);
            } else {
                bytes.split(|byte| *byte == b'\n').for_each(|path| self.take_path(package, path));
            }
        }
        !fresh.is_empty()
    }

    fn look_at_rpm(&mut self, first: bool) -> bool {
        let now: Vec<Option<Version>> = rpm::DATABASES.iter().map(|path| version(&self.root.join(path))).collect();
        if now == self.databases {
            return false;
        }
        self.databases = now;
        let mut found = Vec::new();
        let read = match first {
            true => rpm::newest(&self.root).map(|row| self.row = row),
            false => rpm::read_after(&self.root, self.row, &mut |row, installed| found.push((row, installed))),
        };
        if let Err(error) = read {
            self.errors.push(format!("rpm: {error}"));
        }
        let news = !found.is_empty();
        for (row, installed) in found {
            self.row = self.row.max(row);
            let package = self.add(installed.package);
            installed.files.into_iter().for_each(|file| self.take(package, &file.path, file.digest));
        }
        news
    }

    fn package(&mut self, name: &str, version: &str, kind: &'static str) -> u32 {
        let known = self.packages.iter().rposition(|one| &*one.name == name && &*one.version == version);
        known.map_or_else(|| self.add(Package { name: name.into(), version: version.into(), kind }), |at| at as u32)
    }

    fn add(&mut self, package: Package) -> u32 {
        self.packages.push(Arc::new(package));
        self.packages.len() as u32 - 1
    }

    fn take_sums(&mut self, package: u32, sums: &[u8]) {
        for line in sums.split(|byte| *byte == b'\n') {
            if let (Some(digest), Some(path)) = (line.get(..32).and_then(from_hex), line.get(34..)) {
                self.take(package, path, Some(ListedDigest::Md5(digest)));
                self.take_folders(package, path);
            }
        }
    }

    /// A package that has a file has the folders above it too, and its list comes only when it is unpacked.
    fn take_folders(&mut self, package: u32, path: &[u8]) {
        let mut path = bare(path);
        while let Some(end) = path.iter().rposition(|byte| *byte == b'/') {
            path = &path[..end];
            if self.paths.contains_key(path) {
                return;
            }
            self.take(package, path, None);
        }
    }

    fn take_path(&mut self, package: u32, path: &[u8]) {
        let key = bare(path);
        let same = |one: &(u32, _)| self.packages[one.0 as usize].name == self.packages[package as usize].name;
        if !key.is_empty() && !self.paths.get(key).is_some_and(same) {
            self.take(package, path, None);
        }
    }

    fn take(&mut self, package: u32, path: &[u8], digest: Option<ListedDigest>) {
        let key = bare(path);
        if self.paths.len() < MOST_PATHS || self.paths.contains_key(key) {
            self.paths.insert(key.into(), (package, digest));
        } else if self.errors.is_empty() {
            self.errors.push(format!("more than {MOST_PATHS} paths are coming in: the rest waits for the databases"));
        }
    }
}

fn version(path: &Path) -> Option<Version> {
    let meta = fs::metadata(path).ok()?;
    Some((meta.ino(), meta.ctime(), meta.ctime_nsec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELLO: &str = "5d41402abc4b2a76b9719d911017c592";

    fn write(root: &Path, path: &str, text: &str) {
        let path = root.join("var/lib/dpkg").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn a_package_is_known_from_its_first_file_on() {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str, text: &str| write(root.path(), path, text);
        at("info/old.list", "/usr/bin/old\n");
        let mut coming = Coming::below(root.path());
        assert!(!coming.peek() && coming.of("/usr/bin/old").is_none(), "what was there is not coming");
        assert!(!coming.peek());

        at("tmp.ci/control", "Package: tool\nVersion: 2\n");
        at("tmp.ci/md5sums", &format!("{HELLO}  usr/bin/tool\n"));
        assert!(coming.peek());
        let said = |coming: &Coming, path: &str| {
            coming
                .of(path)
                .map(|file| (format!("{} {}", file.package.name, file.package.version), file.digest.is_some()))
        };
        assert_eq!(said(&coming, "/usr/bin/tool"), Some(("tool 2".into(), true)));
        assert_eq!(said(&coming, "/bin/tool"), Some(("tool 2".into(), true)));
        assert_eq!(said(&coming, "/usr/bin"), Some(("tool 2".into(), false)), "its folders come with it");
        assert!(!coming.peek(), "the same again is no news");

        fs::remove_dir_all(root.path().join("var/lib/dpkg/tmp.ci")).unwrap();
        at("info/tool.list", "/.\n/usr\n/usr/bin\n/usr/bin/tool\n/usr/bin/link\n");
        at("info/other.list", "/etc/other\n");
        at("info/other.md5sums", "");
        assert!(coming.peek());
        assert_eq!(said(&coming, "/usr/bin/link"), Some(("tool 2".into(), false)));
        assert_eq!(
            said(&coming, "/usr/bin/tool"),
            Some(("tool 2".into(), true)),
            "a digest outlives the list of paths"
        );
        assert_eq!(said(&coming, "/etc/other"), Some((format!("other {NEW}"), false)));
        coming.forget();
        assert_eq!(said(&coming, "/usr/bin/tool"), None);
    }
}
