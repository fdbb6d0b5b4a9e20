//! rpm's database, where it is SQLite (Fedora 33, RHEL 9, SLES 15 SP4 and later): each row of `Packages` is a header, an index of
//! tagged entries over a store. The older Berkeley and NDB files are not read, and said so.

use crate::packages::Builder;
use crate::sqlite::{Database, Field, SqliteError, big};
use event::{Package, text};
use std::path::Path;

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
const DIR_INDEXES: u64 = 1116;
const BASE_NAMES: u64 = 1117;
const DIR_NAMES: u64 = 1118;
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

pub(crate) fn read(root: &Path, builder: &mut Builder<'_>) -> Result<(), RpmError> {
    let Some(path) = [DATABASES[0], DATABASES[2]].map(|p| root.join(p)).into_iter().find(|p| p.exists()) else {
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
    let (version, release) = (header.text(VERSION)?, header.text(RELEASE)?);
    let epoch = header.entry(EPOCH).and_then(|_| header.numbers(EPOCH)?.next());
    let version = [version, b"-", release].concat();
    let version = match epoch {
        Some(epoch) => format!("{epoch}:{}", text::from_bytes(&version)),
        None => text::from_bytes(&version).into_owned(),
    };
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

    fn text(&self, tag: u64) -> Option<&'a [u8]> {
        self.texts(tag)?.next()
    }

    /// NUL-terminated strings: one (type 6), a list (8) or translations (9).
    fn texts(&self, tag: u64) -> Option<impl Iterator<Item = &'a [u8]> + use<'a>> {
        let entry = self.entry(tag).filter(|e| matches!(e.kind, 6 | 8 | 9))?;
        Some(entry.bytes.split(|b| *b == 0).take(entry.count))
    }

    /// 32-bit numbers (type 4).
    fn numbers(&self, tag: u64) -> Option<impl Iterator<Item = u64> + use<'a>> {
        let entry = self.entry(tag).filter(|e| e.kind == 4)?;
        Some(entry.bytes.chunks_exact(4).take(entry.count).map(big))
    }
}
