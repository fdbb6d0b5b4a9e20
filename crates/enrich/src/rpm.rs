//! rpm's database, where it is SQLite (Fedora 33, RHEL 9, SLES 15 SP4 and later): each row of `Packages` is a header, an index of
//! tagged entries over a store. The older Berkeley and NDB files are not read, and said so.
//!
//! Who owns which path is read of all at once ([`read`]); what a package says of one file's content ([`digest_of`]) of that
//! package's own row, whose number the small table `Name` tells.

use crate::packages::Builder;
use crate::sqlite::{Database, Field, SqliteError, big};
use event::{Package, text};
use std::path::{Path, PathBuf};

/// What changes when the database does, under the root; the log beside each changes too.
pub(crate) const DATABASES: [&str; 4] = [
    "usr/lib/sysimage/rpm/rpmdb.sqlite",
    "usr/lib/sysimage/rpm/rpmdb.sqlite-wal",
    "var/lib/rpm/rpmdb.sqlite",
    "var/lib/rpm/rpmdb.sqlite-wal",
];
const OLD: [&str; 3] = ["var/lib/rpm/Packages", "usr/lib/sysimage/rpm/Packages.db", "var/lib/rpm/Packages.db"];

const NAME: u64 = 1000;
const VERSION: u64 = 1001;
const RELEASE: u64 = 1002;
const EPOCH: u64 = 1003;
const FILE_DIGESTS: u64 = 1035;
const DIR_INDEXES: u64 = 1116;
const BASE_NAMES: u64 = 1117;
const DIR_NAMES: u64 = 1118;
const FILE_DIGEST_ALGORITHM: u64 = 5011;
/// Of OpenPGP's list; a package that names none has MD5.
const MD5: u64 = 1;
const SHA256: u64 = 8;
/// Entries of one header; the kernel packages have some tens of thousands of files, not of tags.
const MOST_ENTRIES: u64 = 4096;

#[derive(Debug, thiserror::Error)]
pub(crate) enum RpmError {
    #[error("{0}")]
    Sqlite(#[from] SqliteError),
    #[error("{0} package headers could not be read")]
    Headers(usize),
    #[error("only the SQLite form is read, and this is an older one")]
    Old,
}

/// What a package says that a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Md5([u8; 16]),
    Sha256([u8; 32]),
}

fn database(root: &Path) -> Option<PathBuf> {
    [DATABASES[0], DATABASES[2]].map(|p| root.join(p)).into_iter().find(|p| p.exists())
}

/// None where the package keeps none of it: a folder, a link, a file made at install, another kind of digest, or a database
/// that cannot be read (which [`read`] tells).
pub(crate) fn digest_of(root: &Path, package: &Package, path: &str) -> Option<Said> {
    let database = Database::open(&database(root)?).ok()?;
    let mut numbers = Vec::new();
    let mut note = |row: &[Field<'_>]| {
        if let [Field::Bytes(name), Field::Integer(number), ..] = row
            && *name == package.name.as_bytes()
        {
            numbers.push(*number);
        }
    };
    // Without the list of names, every package is looked at.
    let listed = database.rows("Name", &mut note).is_ok();
    let mut said = None;
    let mut look = |row: &[Field<'_>]| {
        if let [_, Field::Bytes(blob), ..] = row
            && said.is_none()
        {
            said = in_header(blob, package, path);
        }
    };
    if listed {
        numbers.iter().try_for_each(|number| database.row("Packages", *number, &mut look)).ok()?;
    } else {
        database.rows("Packages", &mut look).ok()?;
    }
    said
}

fn in_header(blob: &[u8], package: &Package, path: &str) -> Option<Said> {
    let header = Header::parse(blob)?;
    if header.text(NAME)? != package.name.as_bytes() || header.version()? != *package.version {
        return None;
    }
    let dirs: Vec<&[u8]> = header.texts(DIR_NAMES)?.collect();
    let names = header.texts(BASE_NAMES)?.zip(header.numbers(DIR_INDEXES)?);
    let other = match path.strip_prefix("/usr/") {
        Some(rest) => format!("/{rest}"),
        None => format!("/usr{path}"),
    };
    // With merged /usr a package may know the file by its other name.
    let is = |path: &str, (base, dir): &(&[u8], u64)| {
        let dir = dirs.get(*dir as usize).copied().unwrap_or_default();
        path.as_bytes().strip_prefix(dir).is_some_and(|rest| rest == *base)
    };
    let at = names.clone().position(|one| is(path, &one)).or_else(|| names.clone().position(|one| is(&other, &one)))?;
    let text = header.texts(FILE_DIGESTS)?.nth(at)?;
    let algorithm = match header.entry(FILE_DIGEST_ALGORITHM) {
        Some(_) => header.numbers(FILE_DIGEST_ALGORITHM)?.next()?,
        None => MD5,
    };
    match algorithm {
        MD5 => hex(text).map(Said::Md5),
        SHA256 => hex(text).map(Said::Sha256),
        _ => None,
    }
}

fn hex<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut out = [0; N];
    hex::decode_to_slice(text, &mut out).ok()?;
    Some(out)
}

pub(crate) fn read(root: &Path, builder: &mut Builder<'_>) -> Result<(), RpmError> {
    let Some(path) = database(root) else {
        let old = OLD.iter().any(|p| root.join(p).exists());
        return if old { Err(RpmError::Old) } else { Ok(()) };
    };
    let mut bad = 0;
    Database::open(&path)?.rows("Packages", &mut |row| match row {
        [_, Field::Bytes(blob), ..] => bad += usize::from(own_all(blob, builder).is_none()),
        _ => bad += 1,
    })?;
    if bad == 0 { Ok(()) } else { Err(RpmError::Headers(bad)) }
}

/// None when the header is malformed.
fn own_all(blob: &[u8], builder: &mut Builder<'_>) -> Option<()> {
    let header = Header::parse(blob)?;
    let name = header.text(NAME)?;
    // Imported signing keys stand among the packages and own nothing.
    if name == b"gpg-pubkey" {
        return Some(());
    }
    let version = header.version()?;
    let package =
        builder.package(Package { name: text::from_bytes(name).into(), version: version.into(), kind: "rpm" });
    if header.entry(BASE_NAMES).is_none() {
        return Some(());
    }
    let dirs: Vec<&[u8]> = header.texts(DIR_NAMES)?.collect();
    let mut path = Vec::new();
    for (base, dir) in header.texts(BASE_NAMES)?.zip(header.numbers(DIR_INDEXES)?) {
        path.clear();
        path.extend_from_slice(dirs.get(dir as usize)?);
        path.extend_from_slice(base);
        builder.own(&path, package);
    }
    Some(())
}

struct Header<'a> {
    /// 16 bytes each: tag, type, offset in the store, count.
    index: &'a [u8],
    store: &'a [u8],
}

struct Entry<'a> {
    kind: u64,
    count: usize,
    /// The store from the entry's offset on.
    bytes: &'a [u8],
}

impl<'a> Header<'a> {
    fn parse(blob: &'a [u8]) -> Option<Header<'a>> {
        let (entries, store) = (big(blob.get(..4)?), big(blob.get(4..8)?) as usize);
        let end = 8 + 16 * usize::try_from(entries).ok().filter(|_| entries <= MOST_ENTRIES)?;
        Some(Header { index: blob.get(8..end)?, store: blob.get(end..end.checked_add(store)?)? })
    }

    fn entry(&self, tag: u64) -> Option<Entry<'a>> {
        let found = self.index.chunks_exact(16).find(|e| big(&e[..4]) == tag)?;
        let bytes = self.store.get(big(&found[8..12]) as usize..)?;
        Some(Entry { kind: big(&found[4..8]), count: big(&found[12..16]) as usize, bytes })
    }

    /// `EPOCH:VERSION-RELEASE`, without an epoch where there is none.
    fn version(&self) -> Option<String> {
        let (version, release) = (self.text(VERSION)?, self.text(RELEASE)?);
        let epoch = self.entry(EPOCH).and_then(|_| self.numbers(EPOCH)?.next());
        let version = [version, b"-", release].concat();
        Some(match epoch {
            Some(epoch) => format!("{epoch}:{}", text::from_bytes(&version)),
            None => text::from_bytes(&version).into_owned(),
        })
    }

    fn text(&self, tag: u64) -> Option<&'a [u8]> {
        self.texts(tag)?.next()
    }

    /// NUL-terminated strings: one (type 6), a list (8) or translations (9).
    fn texts(&self, tag: u64) -> Option<impl Iterator<Item = &'a [u8]> + Clone + use<'a>> {
        let entry = self.entry(tag).filter(|e| matches!(e.kind, 6 | 8 | 9))?;
        Some(entry.bytes.split(|b| *b == 0).take(entry.count))
    }

    /// 32-bit numbers (type 4).
    fn numbers(&self, tag: u64) -> Option<impl Iterator<Item = u64> + Clone + use<'a>> {
        let entry = self.entry(tag).filter(|e| e.kind == 4)?;
        Some(entry.bytes.chunks_exact(4).take(entry.count).map(big))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of rpm 4.18: each file of package N holds `N` and a line break, but for its tool.
    #[test]
    fn a_package_says_what_its_files_hold() {
        let root = tempfile::tempdir().unwrap();
        let home = root.path().join("var/lib/rpm");
        std::fs::create_dir_all(&home).unwrap();
        std::fs::write(home.join("rpmdb.sqlite"), include_bytes!("../tests/fixtures/rpmdb.sqlite")).unwrap();
        let check = |name: &str, version: &str, path: &str, expected: Option<&str>| {
            let package = Package { name: name.into(), version: version.into(), kind: "rpm" };
            let said = digest_of(root.path(), &package, path);
            assert_eq!(said, expected.map(|text| Said::Sha256(hex(text.as_bytes()).unwrap())), "{name} {path}");
        };
        let one = Some("4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865");
        let tool = Some("73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac");
        check("pkg1", "1.1-2", "/usr/bin/tool1", tool);
        check("pkg1", "1.1-2", "/bin/tool1", tool);
        check("pkg1", "1.1-2", "/opt/pkg1/lib/file60", one);
        check(
            "pkg3",
            "7:1.3-2",
            "/opt/pkg3/lib/file1",
            Some("1121cfccd5913f0a63fec40a6ffd44ea64f9dc135c66634ba001d10bcf4302a2"),
        );
        check("pkg1", "1.2-2", "/usr/bin/tool1", None);
        check("pkg1", "1.1-2", "/usr/bin/tool2", None);
        // A folder has none.
        check("pkg1", "1.1-2", "/opt/pkg1/lib", None);
        check("pkg9", "1.1-2", "/usr/bin/tool1", None);
    }
}
