//! Reads rows of one table of an SQLite 3 file, page by page, and nothing else: what rpm's database needs. Of a range of
//! row numbers only the pages are read that may hold them.
//!
//! The format is SQLite's published one: a header, b-trees of pages, rows whose long ends hang on overflow pages, and a
//! write-ahead log whose committed pages replace those of the file. Every number is distrusted: pages are read at most
//! once a walk, a row has a longest length, and what does not fit is an error.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::ops::RangeInclusive;
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

type EachRow<'a> = &'a mut dyn FnMut(i64, &[Field<'_>]);
type EachCell<'a> = &'a mut dyn FnMut(i64, &[u8]) -> Result<(), SqliteError>;

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

    /// Calls `each` with every row of the table and its number.
    pub(crate) fn rows(&self, table: &str, each: EachRow<'_>) -> Result<(), SqliteError> {
        self.rows_within(table, &(i64::MIN..=i64::MAX), each)
    }

    /// Only those whose numbers lie within.
    pub(crate) fn rows_within(
        &self,
        table: &str,
        rows: &RangeInclusive<i64>,
        each: EachRow<'_>,
    ) -> Result<(), SqliteError> {
        let root = self.root(table)?;
        self.walk(root, rows, &mut |number, cell| {
            let row = self.row(cell)?;
            each(number, &fields(&row)?);
            Ok(())
        })
    }

    /// The numbers alone, without what stands in the rows.
    pub(crate) fn row_numbers(&self, table: &str, each: &mut dyn FnMut(i64)) -> Result<(), SqliteError> {
        let root = self.root(table)?;
        self.walk(root, &(i64::MIN..=i64::MAX), &mut |number, _| {
            each(number);
            Ok(())
        })
    }

    fn root(&self, table: &str) -> Result<u32, SqliteError> {
        let mut root = None;
        self.walk(1, &(i64::MIN..=i64::MAX), &mut |_, cell| {
            let row = self.row(cell)?;
            if let [Field::Bytes(b"table"), Field::Bytes(name), _, Field::Integer(page), ..] = &fields(&row)?[..]
                && *name == table.as_bytes()
            {
                root = u32::try_from(*page).ok();
            }
            Ok(())
        })?;
        root.ok_or(Form("the table is not there"))
    }

    /// `each` is told a row's number and its cell.
    fn walk(&self, root: u32, rows: &RangeInclusive<i64>, each: EachCell<'_>) -> Result<(), SqliteError> {
        let (mut stack, mut visited) = (vec![(root, 0)], 0);
        while let Some((number, depth)) = stack.pop() {
            visited += 1;
            if depth > DEEPEST || visited > self.pages {
                return Err(Form("a tree without end"));
            }
            let page = self.page(number)?;
            let start = if number == 1 { 100 } else { 0 };
            let head = page.get(start..start + 12).ok_or(Form("a page without header"))?;
            let cells = big(&head[3..5]) as usize;
            let (interior, pointers) = match head[0] {
                0x05 => (true, start + 12),
                0x0d => (false, start + 8),
                _ => return Err(Form("a page of another kind")),
            };
            let cell = |i: usize| {
                let pointer = page.get(pointers + 2 * i..pointers + 2 * i + 2).ok_or(Form("its cell pointers"))?;
                page.get(big(pointer) as usize..).ok_or(Form("a cell outside its page"))
            };
            // Of each child all numbers are at most its cell's, and above those of the one before.
            let mut below = None;
            for i in 0..cells {
                let cell = cell(i)?;
                if !interior {
                    let cell = &cell[..cell.len() - (self.page_bytes - self.usable).min(cell.len())];
                    let mut rest = cell;
                    varint(&mut rest)?;
                    let number = varint(&mut rest)? as i64;
                    if rows.contains(&number) {
                        each(number, cell)?;
                    }
                    continue;
                }
                let (child, mut rest) = cell.split_at_checked(4).ok_or(Form("a short cell"))?;
                let most = varint(&mut rest)? as i64;
                if most >= *rows.start() && below.is_none_or(|below| below < *rows.end()) {
                    stack.push((big(child) as u32, depth + 1));
                }
                below = Some(most);
            }
            if interior && below.is_none_or(|below| below < *rows.end()) {
                stack.push((big(&head[8..12]) as u32, depth + 1));
            }
        }
        Ok(())
    }

    /// The whole row of a leaf's cell.
    fn row(&self, cell: &[u8]) -> Result<Vec<u8>, SqliteError> {
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
        Ok(row)
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
        Database::open(&path)?.rows("Packages", &mut |_, _| rows += 1)?;
        Ok(rows)
    }

    #[test]
    fn finds_all_rows_through_inner_pages() {
        assert_eq!(rows_of(FIXTURE).unwrap(), 3);
        assert!(rows_of(b"SQLite format 4").is_err());
        assert!(rows_of(&FIXTURE[..FIXTURE.len() / 2]).is_err());
    }

    #[test]
    fn only_the_rows_that_are_asked_for() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("db");
        std::fs::write(&path, FIXTURE).unwrap();
        let database = Database::open(&path).unwrap();
        let check = |rows: RangeInclusive<i64>, expected: &[i64]| {
            let mut found = Vec::new();
            database.rows_within("Packages", &rows, &mut |number, _| found.push(number)).unwrap();
            found.sort_unstable();
            assert_eq!(found, expected, "{rows:?}");
        };
        check(i64::MIN..=i64::MAX, &[1, 2, 3]);
        check(2..=2, &[2]);
        check(2..=i64::MAX, &[2, 3]);
        check(4..=9, &[]);
        let mut numbers = Vec::new();
        database.row_numbers("Packages", &mut |number| numbers.push(number)).unwrap();
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3]);
    }

    /// One package in the file, one more in its log.
    #[test]
    fn committed_pages_of_the_log_count() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("db");
        std::fs::write(&path, include_bytes!("../tests/fixtures/rpmdb-logged.sqlite")).unwrap();
        let rows = || {
            let mut rows = 0;
            Database::open(&path).unwrap().rows("Packages", &mut |_, _| rows += 1).unwrap();
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
        }
    }
}
