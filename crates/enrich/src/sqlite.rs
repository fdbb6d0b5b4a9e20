//! Reads the rows of one table of an SQLite 3 file, page by page, and nothing else: what rpm's database needs.
//!
//! The format is SQLite's published one: a header, b-trees of pages, rows whose long ends hang on overflow pages, and a
//! write-ahead log whose committed pages replace those of the file. Every number is distrusted: pages are read at most
//! once a walk, a row has a longest length, and what does not fit is an error.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

const LONGEST_ROW: u64 = 16 << 20;
const DEEPEST: usize = 32;

#[derive(Debug, thiserror::Error)]
pub(crate) enum SqliteError {
    #[error("cannot read: {0}")]
    Io(#[from] io::Error),
    #[error("not a well-formed SQLite file: {0}")]
    Form(&'static str),
}

use SqliteError::Form;

#[derive(Debug)]
pub(crate) struct Database {
    file: File,
    page_bytes: usize,
    /// Bytes of a page less the reserved end.
    usable: usize,
    log: Option<Log>,
    pages: u64,
}

/// The committed pages of a write-ahead log.
#[derive(Debug)]
struct Log {
    file: File,
    offsets: HashMap<u32, u64>,
}

/// A column of a row.
#[derive(Debug, PartialEq)]
pub(crate) enum Field<'a> {
    Null,
    Integer(i64),
    Bytes(&'a [u8]),
    Real,
}

impl Database {
    pub(crate) fn open(path: &Path) -> Result<Database, SqliteError> {
        let file = File::open(path)?;
        let mut header = [0; 100];
        file.read_exact_at(&mut header, 0)?;
        if &header[..16] != b"SQLite format 3\0" {
            return Err(Form("its magic"));
        }
        let page_bytes = match big(&header[16..18]) {
            1 => 65536,
            n if n >= 512 && n.is_power_of_two() => n as usize,
            _ => return Err(Form("its page size")),
        };
        let usable = page_bytes - usize::from(header[20]);
        let mut log_path = path.as_os_str().to_owned();
        log_path.push("-wal");
        let log = Log::open(log_path.as_ref(), page_bytes as u64);
        let in_log = log.as_ref().map_or(0, |l| l.offsets.len() as u64);
        let pages = file.metadata()?.len() / page_bytes as u64 + in_log;
        Ok(Database { file, page_bytes, usable: usable.max(480), log, pages })
    }

    fn page(&self, number: u32) -> Result<Vec<u8>, SqliteError> {
        let mut page = vec![0; self.page_bytes];
        let logged = self.log.as_ref().and_then(|l| Some((&l.file, *l.offsets.get(&number)?)));
        let at = u64::from(number).checked_sub(1).ok_or(Form("page 0"))? * self.page_bytes as u64;
        let (file, at) = logged.unwrap_or((&self.file, at));
        file.read_exact_at(&mut page, at)?;
        Ok(page)
    }

    /// Calls `each` with every row of the table.
    pub(crate) fn rows(&self, table: &str, each: &mut dyn FnMut(&[Field<'_>])) -> Result<(), SqliteError> {
        self.walk(self.root(table)?.ok_or(Form("the table is not there"))?, each)
    }

    /// Calls `each` with the row of this number, if there is one: reads one page of each level of the tree.
    pub(crate) fn row(&self, table: &str, id: i64, each: &mut dyn FnMut(&[Field<'_>])) -> Result<(), SqliteError> {
        let mut number = self.root(table)?.ok_or(Form("the table is not there"))?;
        for _ in 0..DEEPEST {
            let page = self.page(number)?;
            let node = Node::of(&page, number)?;
            let mut next = node.rightmost;
            for i in 0..node.cells {
                let mut cell = node.cell(i)?;
                if next.is_none() {
                    let mut after = self.within(cell);
                    varint(&mut after)?;
                    if varint(&mut after)? as i64 == id {
                        return self.leaf(self.within(cell), each);
                    }
                    continue;
                }
                let child = big(cell.get(..4).ok_or(Form("a short cell"))?) as u32;
                cell = &cell[4..];
                if id <= varint(&mut cell)? as i64 {
                    next = Some(child);
                    break;
                }
            }
            match next {
                Some(next) => number = next,
                None => return Ok(()),
            }
        }
        Err(Form("a tree without end"))
    }

    /// The first page of a table.
    fn root(&self, table: &str) -> Result<Option<u32>, SqliteError> {
        let mut root = None;
        self.walk(1, &mut |row| match row {
            [Field::Bytes(b"table"), Field::Bytes(name), _, Field::Integer(page), ..] if *name == table.as_bytes() => {
                root = u32::try_from(*page).ok();
            }
            _ => {}
        })?;
        Ok(root)
    }

    fn walk(&self, root: u32, each: &mut dyn FnMut(&[Field<'_>])) -> Result<(), SqliteError> {
        let (mut stack, mut visited) = (vec![(root, 0)], 0);
        while let Some((number, depth)) = stack.pop() {
            visited += 1;
            if depth > DEEPEST || visited > self.pages {
                return Err(Form("a tree without end"));
            }
            let page = self.page(number)?;
            let node = Node::of(&page, number)?;
            for i in (0..node.cells).rev() {
                let cell = node.cell(i)?;
                match node.rightmost {
                    Some(_) => stack.push((big(cell.get(..4).ok_or(Form("a short cell"))?) as u32, depth + 1)),
                    None => self.leaf(self.within(cell), each)?,
                }
            }
            if let Some(last) = node.rightmost {
                stack.push((last, depth + 1));
            }
        }
        Ok(())
    }

    /// A cell without the page's reserved end.
    fn within<'p>(&self, cell: &'p [u8]) -> &'p [u8] {
        &cell[..cell.len() - (self.page_bytes - self.usable).min(cell.len())]
    }

    fn leaf(&self, cell: &[u8], each: &mut dyn FnMut(&[Field<'_>])) -> Result<(), SqliteError> {
        let mut rest = cell;
        let length = varint(&mut rest)?;
        varint(&mut rest)?;
        if length > LONGEST_ROW {
            return Err(Form("a row past the limit"));
        }
        let (length, local) = (length as usize, self.local(length as usize));
        let mut row = rest.get(..local).ok_or(Form("a short row"))?.to_vec();
        if local < length {
            let next = big(rest.get(local..local + 4).ok_or(Form("a short row"))?) as u32;
            self.overflow(next, length, &mut row)?;
        }
        each(&fields(&row)?);
        Ok(())
    }

    /// How much of a row stands in its cell, by the format's own rule.
    fn local(&self, length: usize) -> usize {
        let (most, least) = (self.usable - 35, (self.usable - 12) * 32 / 255 - 23);
        if length <= most {
            return length;
        }
        let kept = least + (length - least) % (self.usable - 4);
        if kept <= most { kept } else { least }
    }

    fn overflow(&self, first: u32, length: usize, row: &mut Vec<u8>) -> Result<(), SqliteError> {
        let mut next = first;
        while row.len() < length {
            if next == 0 {
                return Err(Form("an overflow chain cut short"));
            }
            let page = self.page(next)?;
            next = big(&page[..4]) as u32;
            let take = (length - row.len()).min(self.usable - 4);
            row.extend_from_slice(&page[4..4 + take]);
        }
        Ok(())
    }
}

/// A page of a table's tree.
struct Node<'p> {
    page: &'p [u8],
    cells: usize,
    pointers: usize,
    /// The last child of an inner page; None for a leaf.
    rightmost: Option<u32>,
}

impl<'p> Node<'p> {
    fn of(page: &'p [u8], number: u32) -> Result<Node<'p>, SqliteError> {
        let start = if number == 1 { 100 } else { 0 };
        let head = page.get(start..start + 12).ok_or(Form("a page without header"))?;
        let (rightmost, pointers) = match head[0] {
            0x05 => (Some(big(&head[8..12]) as u32), start + 12),
            0x0d => (None, start + 8),
            _ => return Err(Form("a page of another kind")),
        };
        Ok(Node { page, cells: big(&head[3..5]) as usize, pointers, rightmost })
    }

    fn cell(&self, i: usize) -> Result<&'p [u8], SqliteError> {
        let at = self.pointers + 2 * i;
        let pointer = self.page.get(at..at + 2).ok_or(Form("its cell pointers"))?;
        self.page.get(big(pointer) as usize..).ok_or(Form("a cell outside its page"))
    }
}

impl Log {
    /// None when there is no log, or none of this format: then the file alone counts.
    fn open(path: &Path, page_bytes: u64) -> Option<Log> {
        let file = File::open(path).ok()?;
        let length = file.metadata().ok()?.len();
        let mut header = [0; 32];
        file.read_exact_at(&mut header, 0).ok()?;
        if big(&header[..4]) & !1 != 0x377f_0682 || big(&header[8..12]) != page_bytes {
            return None;
        }
        let (mut offsets, mut transaction, mut at) = (HashMap::new(), Vec::new(), 32);
        let mut frame = [0; 24];
        while at + 24 + page_bytes <= length && file.read_exact_at(&mut frame, at).is_ok() {
            // Frames of an older round of the log follow the current ones; their salts differ.
            if frame[8..16] != header[16..24] {
                break;
            }
            transaction.push((big(&frame[..4]) as u32, at + 24));
            if big(&frame[4..8]) != 0 {
                offsets.extend(transaction.drain(..));
            }
            at += 24 + page_bytes;
        }
        Some(Log { file, offsets })
    }
}

fn fields(row: &[u8]) -> Result<Vec<Field<'_>>, SqliteError> {
    let mut head = row;
    let head_length = varint(&mut head)? as usize;
    let head_used = row.len() - head.len();
    let mut types = row.get(head_used..head_length).ok_or(Form("a row's header"))?;
    let mut body = row.get(head_length..).ok_or(Form("a row's body"))?;
    let mut out = Vec::new();
    while !types.is_empty() {
        let kind = varint(&mut types)?;
        let length = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind as usize,
            5 => 6,
            6 | 7 => 8,
            n => usize::try_from(n.saturating_sub(12) / 2).map_err(|_| Form("a field's length"))?,
        };
        let bytes = body.get(..length).ok_or(Form("a field past its row"))?;
        body = &body[length..];
        out.push(match kind {
            0 => Field::Null,
            1..=6 => Field::Integer(signed(bytes)),
            7 => Field::Real,
            8 | 9 => Field::Integer(kind as i64 - 8),
            _ => Field::Bytes(bytes),
        });
    }
    Ok(out)
}

fn signed(bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|b| b & 0x80 != 0);
    bytes.iter().fold(if negative { -1 } else { 0 }, |n, b| n << 8 | i64::from(*b))
}

fn varint(bytes: &mut &[u8]) -> Result<u64, SqliteError> {
    let mut n = 0u64;
    for i in 0..9 {
        let (byte, rest) = bytes.split_first().ok_or(Form("a number cut short"))?;
        *bytes = rest;
        if i == 8 {
            return Ok(n << 8 | u64::from(*byte));
        }
        n = n << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Ok(n)
}

/// Big-endian, up to eight bytes.
pub(crate) fn big(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |n, b| n << 8 | u64::from(*b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FIXTURE: &[u8] = include_bytes!("../tests/fixtures/rpmdb.sqlite");

    fn rows_of(bytes: &[u8]) -> Result<usize, SqliteError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("db");
        std::fs::write(&path, bytes).unwrap();
        let mut rows = 0;
        Database::open(&path)?.rows("Packages", &mut |_| rows += 1)?;
        Ok(rows)
    }

    #[test]
    fn finds_all_rows_through_inner_pages() {
        assert_eq!(rows_of(FIXTURE).unwrap(), 3);
        assert!(rows_of(b"SQLite format 4").is_err());
        assert!(rows_of(&FIXTURE[..FIXTURE.len() / 2]).is_err());
    }

    /// One package in the file, one more in its log.
    #[test]
    fn committed_pages_of_the_log_count() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("db");
        std::fs::write(&path, include_bytes!("../tests/fixtures/rpmdb-logged.sqlite")).unwrap();
        let rows = || {
            let mut rows = 0;
            Database::open(&path).unwrap().rows("Packages", &mut |_| rows += 1).unwrap();
            rows
        };
        assert_eq!(rows(), 1);
        let log = include_bytes!("../tests/fixtures/rpmdb-logged.sqlite-wal");
        std::fs::write(dir.path().join("db-wal"), log).unwrap();
        assert_eq!(rows(), 2);
        // Without the frame that commits them, its pages do not count.
        std::fs::write(dir.path().join("db-wal"), &log[..log.len() - 1]).unwrap();
        assert_eq!(rows(), 1);
    }

    #[test]
    fn finds_a_row_by_its_number() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("db");
        std::fs::write(&path, FIXTURE).unwrap();
        let database = Database::open(&path).unwrap();
        let check = |id, expected: Option<&[u8]>| {
            let mut found = None;
            let mut take = |row: &[Field<'_>]| {
                if let [_, Field::Bytes(blob)] = row {
                    found = Some(blob.to_vec());
                }
            };
            database.row("Packages", id, &mut take).unwrap();
            let named =
                found.map(|blob| expected.is_some_and(|name| blob.windows(name.len()).any(|part| part == name)));
            assert_eq!(named, expected.map(|_| true), "{id}");
        };
        check(1, Some(b"pkg3\0"));
        check(2, Some(b"pkg2\0"));
        check(3, Some(b"pkg1\0"));
        check(4, None);
        check(-1, None);
        assert!(database.row("Name", 1, &mut |_| {}).is_err());
    }

    #[test]
    fn reads_numbers() {
        let check = |mut bytes: &[u8], expected| assert_eq!(varint(&mut bytes).ok(), expected);
        check(&[0x7f], Some(127));
        check(&[0x81, 0x00], Some(128));
        check(&[0xff; 9], Some(u64::MAX));
        check(&[0x81], None);
        assert_eq!((signed(&[0xff]), signed(&[0x7f, 0xff]), signed(&[])), (-1, 32767, 0));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn damage_is_an_error_or_fewer_rows(hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..30)) {
            let mut bytes = FIXTURE.to_vec();
            for (at, value) in hits {
                bytes[at.index(FIXTURE.len())] = value;
            }
            let _ = rows_of(&bytes);
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("db");
            std::fs::write(&path, &bytes).unwrap();
            let _ = Database::open(&path).and_then(|database| database.row("Packages", 2, &mut |_| {}));
        }
    }
}
