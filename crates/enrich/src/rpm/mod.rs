//! rpm's database, where it is SQLite (Fedora 33, RHEL 9, SLES 15 SP4 and later): each row of `Packages` is a header, an index of
//! tagged entries over a store, which names the package's files and the digest of each. The older Berkeley and NDB files are
//! not read, and said so.

mod header;

use crate::listed::ListedDigest;
use crate::packages::Builder;
use crate::sqlite::{Database, Field, SqliteError};
use event::{Package, text};
use header::Header;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// What changes when the database does, under the root; the log beside each changes too.
pub(crate) const DATABASES: [&str; 4] = [
    "usr/lib/sysimage/rpm/rpmdb.sqlite",
    "usr/lib/sysimage/rpm/rpmdb.sqlite-wal",
    "var/lib/rpm/rpmdb.sqlite",
    "var/lib/rpm/rpmdb.sqlite-wal",
];
/// Held by whoever writes to it.
pub(crate) const LOCKS: [&str; 2] = ["usr/lib/sysimage/rpm/.rpm.lock", "var/lib/rpm/.rpm.lock"];
const OLD: [&str; 3] = ["var/lib/rpm/Packages", "usr/lib/sysimage/rpm/Packages.db", "var/lib/rpm/Packages.db"];

const NAME: u64 = 1000;
const VERSION: u64 = 1001;
const RELEASE: u64 = 1002;
const EPOCH: u64 = 1003;
const STATES: u64 = 1029;
const DIGESTS: u64 = 1035;
const DIR_INDEXES: u64 = 1116;
const BASE_NAMES: u64 = 1117;
const DIR_NAMES: u64 = 1118;
const DIGEST_ALGORITHM: u64 = 5011;
/// OpenPGP's number of MD5, which a header means that names no algorithm.
const MD5: u64 = 1;
/// A longer path is none, and a package whose paths are longer together is no package.
const LONGEST_PATH: usize = 4096;
const MOST_PATH_BYTES: usize = 128 << 20;
/// Packages of one name that are looked at: kernels stay beside each other, and so do architectures.
const MOST_OF_A_NAME: usize = 64;

#[derive(Debug, thiserror::Error)]
pub(crate) enum RpmError {
    #[error("{0}")]
    Sqlite(#[from] SqliteError),
    #[error("{0} package headers could not be read")]
    Headers(usize),
    #[error("only the SQLite form is read, and this is an older one")]
    Old,
}

/// One installed package as its header has it.
pub(crate) struct Installed {
    pub package: Package,
    pub files: Vec<InstalledFile>,
}

/// A path that the package put there: a file, a folder or a link.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct InstalledFile {
    pub path: Vec<u8>,
    /// None for what has no content, what is only listed (`%ghost`), and where the algorithm is none that is read.
    pub digest: Option<ListedDigest>,
}

pub(crate) fn read(root: &Path, builder: &mut Builder<'_>) -> Result<(), RpmError> {
    let Some(database) = open(root)? else { return Ok(()) };
    each(&database, &(i64::MIN..=i64::MAX), &mut |_, installed| {
        let package = builder.package(installed.package);
        installed.files.iter().for_each(|file| builder.own(&file.path, package));
    })
}

/// Packages that were put into the database after the row `last`: rpm counts rows up and never gives a number twice.
/// `found` is told the row's number with each.
pub(crate) fn read_after(root: &Path, last: i64, found: &mut dyn FnMut(i64, Installed)) -> Result<(), RpmError> {
    let Some(database) = open(root)? else { return Ok(()) };
    each(&database, &(last.saturating_add(1)..=i64::MAX), found)
}

/// The number of the newest row.
pub(crate) fn newest(root: &Path) -> Result<i64, RpmError> {
    let Some(database) = open(root)? else { return Ok(0) };
    let mut newest = 0;
    database.row_numbers("Packages", &mut |row| newest = newest.max(row))?;
    Ok(newest)
}

/// All files of the package, of every architecture it is installed for.
pub(crate) fn files_of(root: &Path, package: &Package) -> Result<Vec<InstalledFile>, RpmError> {
    let Some(database) = open(root)? else { return Ok(Vec::new()) };
    let mut rows = Vec::new();
    // rpm's own list of names is small; the headers together are a hundred megabytes.
    database.rows("Name", &mut |_, row| {
        if let [Field::Bytes(name), Field::Integer(number), ..] = row
            && *name == package.name.as_bytes()
            && rows.len() < MOST_OF_A_NAME
        {
            rows.push(*number);
        }
    })?;
    let mut files = Vec::new();
    for row in rows {
        each(&database, &(row..=row), &mut |_, installed| {
            if installed.package.version == package.version {
                files.extend(installed.files);
            }
        })?;
    }
    Ok(files)
}

fn open(root: &Path) -> Result<Option<Database>, RpmError> {
    match place(root) {
        Some(path) => Ok(Some(Database::open(&path)?)),
        None if OLD.iter().any(|p| root.join(p).exists()) => Err(RpmError::Old),
        None => Ok(None),
    }
}

fn place(root: &Path) -> Option<PathBuf> {
    [DATABASES[0], DATABASES[2]].map(|p| root.join(p)).into_iter().find(|p| p.exists())
}

fn each(
    database: &Database,
    rows: &RangeInclusive<i64>,
    found: &mut dyn FnMut(i64, Installed),
) -> Result<(), RpmError> {
    let mut bad = 0;
    database.rows_within("Packages", rows, &mut |number, row| match row {
        [_, Field::Bytes(blob), ..] => match installed(blob) {
            // Imported signing keys stand among the packages and own nothing.
            Some(key) if &*key.package.name == "gpg-pubkey" => {}
            Some(installed) => found(number, installed),
            None => bad += 1,
        },
        _ => bad += 1,
    })?;
    if bad == 0 { Ok(()) } else { Err(RpmError::Headers(bad)) }
}

/// None when the header is malformed.
pub(crate) fn installed(blob: &[u8]) -> Option<Installed> {
    let header = Header::parse(blob)?;
    let (name, version, release) = (header.text(NAME)?, header.text(VERSION)?, header.text(RELEASE)?);
    let version = [version, b"-", release].concat();
    let version = match header.numbers(EPOCH).and_then(|mut epochs| epochs.next()) {
        Some(epoch) => format!("{epoch}:{}", text::from_bytes(&version)),
        None => text::from_bytes(&version).into_owned(),
    };
    let package = Package { name: text::from_bytes(name).into(), version: version.into(), kind: "rpm" };
    if !header.has(BASE_NAMES) {
        return Some(Installed { package, files: Vec::new() });
    }
    let folders: Vec<&[u8]> = header.texts(DIR_NAMES)?.collect();
    let algorithm = header.numbers(DIGEST_ALGORITHM).and_then(|mut numbers| numbers.next()).unwrap_or(MD5);
    let mut digests = header.texts(DIGESTS);
    let states = header.bytes(STATES).unwrap_or_default();
    let (mut files, mut bytes) = (Vec::new(), 0);
    for (at, (base, folder)) in header.texts(BASE_NAMES)?.zip(header.numbers(DIR_INDEXES)?).enumerate() {
        let digest = digests.as_mut().and_then(Iterator::next).and_then(|text| ListedDigest::parse(algorithm, text));
        // Not installed, replaced, or of another architecture that lost: what lies there is another package's.
        if states.get(at).is_some_and(|state| !matches!(state, 0 | 3)) {
            continue;
        }
        let folder = folders.get(usize::try_from(folder).ok()?)?;
        bytes += folder.len() + base.len();
        if folder.len() + base.len() > LONGEST_PATH || bytes > MOST_PATH_BYTES {
            return None;
        }
        let path = [folder, base].concat();
        files.push(InstalledFile { path, digest });
    }
    Some(Installed { package, files })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header as rpm lays one out: (tag, type, count, bytes).
    fn header(entries: &[(u64, u32, u32, &[u8])]) -> Vec<u8> {
        let (mut index, mut store) = (Vec::new(), Vec::new());
        for (tag, kind, count, bytes) in entries {
            for number in [*tag as u32, *kind, store.len() as u32, *count] {
                index.extend(number.to_be_bytes());
            }
            store.extend_from_slice(bytes);
        }
        [&(entries.len() as u32).to_be_bytes()[..], &(store.len() as u32).to_be_bytes(), &index, &store].concat()
    }

    #[test]
    fn files_have_their_digests_and_what_another_architecture_won_is_left_out() {
        let digests = format!("{}\0\0{}\0", "ab".repeat(32), "cd".repeat(32));
        let indexes: Vec<u8> = [0u32, 0, 1].iter().flat_map(|n| n.to_be_bytes()).collect();
        let names: [(u64, u32, u32, &[u8]); 3] =
            [(NAME, 6, 1, b"tool\0"), (VERSION, 6, 1, b"1\0"), (RELEASE, 6, 1, b"2\0")];
        let files: [(u64, u32, u32, &[u8]); 5] = [
            (BASE_NAMES, 8, 3, b"tool\0link\0lib.so\0"),
            (DIR_NAMES, 8, 2, b"/usr/bin/\0/usr/lib/\0"),
            (DIR_INDEXES, 4, 3, &indexes),
            (DIGESTS, 8, 3, digests.as_bytes()),
            (DIGEST_ALGORITHM, 4, 1, &[0, 0, 0, 8]),
        ];
        let file = |path: &str, digest| InstalledFile { path: path.into(), digest };
        let check = |more: &[(u64, u32, u32, &[u8])], expected: &[InstalledFile]| {
            let blob = header(&[&names[..], &files[..], more].concat());
            assert_eq!(installed(&blob).unwrap().files, expected);
        };
        let first = || file("/usr/bin/tool", Some(ListedDigest::Sha256([0xab; 32])));
        let last = || file("/usr/lib/lib.so", Some(ListedDigest::Sha256([0xcd; 32])));
        check(&[], &[first(), file("/usr/bin/link", None), last()]);
        check(&[(STATES, 1, 3, &[0, 4, 1])], &[first()]);
        // Without a name there is no package, and a folder that is not there makes the header none.
        assert!(installed(&header(&files)).is_none());
        let outside: Vec<u8> = [9u32].iter().flat_map(|n| n.to_be_bytes()).collect();
        let bad: [(u64, u32, u32, &[u8]); 3] =
            [(BASE_NAMES, 8, 1, b"x\0"), (DIR_NAMES, 8, 1, b"/\0"), (DIR_INDEXES, 4, 1, &outside)];
        assert!(installed(&header(&[&names[..], &bad[..]].concat())).is_none());
    }
}
