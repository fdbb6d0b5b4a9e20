//! One text file that grows, is rotated (another file takes its name) or cut off (`copytruncate`). Whole lines come out; the
//! beginning of one waits for its end. Reading is bounded by each call, so that a flood waits in the file.

use super::{CATCH_UP, Counts, LINE_BYTES};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// How far a file was read; kept by the caller over a restart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub device: u64,
    pub inode: u64,
    pub offset: u64,
}

pub struct Follower {
    path: PathBuf,
    open: Option<Open>,
    /// Where it was left; used once.
    left: Option<Place>,
    /// A file that was not there at the start is read from its beginning.
    from_start: bool,
    partial: Vec<u8>,
    /// The rest of a line that was cut is passed over.
    over: bool,
    pub counts: Counts,
}

struct Open {
    file: File,
    place: Place,
}

const BLOCK: usize = 64 << 10;

impl Follower {
    /// Without a place that was left before, only what is written from now on is read.
    pub fn new(path: PathBuf, left: Option<Place>) -> Follower {
        Follower {
            path,
            open: None,
            left,
            from_start: false,
            partial: Vec::new(),
            over: false,
            counts: Counts::default(),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// None while there is no file.
    pub fn place(&self) -> Option<Place> {
        // A line that has begun is read again.
        self.open.as_ref().map(|open| Place { offset: open.place.offset - self.partial.len() as u64, ..open.place })
    }

    /// At most about `budget` bytes; whole lines without their ends to `take`. False when there is no file.
    pub fn poll(&mut self, budget: usize, take: &mut dyn FnMut(&[u8])) -> io::Result<bool> {
        let named = match std::fs::metadata(&self.path) {
            Ok(meta) if meta.is_file() => Some((meta.dev(), meta.ino())),
            Ok(_) => return Err(io::Error::other("it is no regular file")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if self.open.is_none() {
            match named {
                Some(_) => self.start()?,
                None => {
                    self.from_start = true;
                    return Ok(false);
                }
            }
        }
        let mut left = budget;
        loop {
            let read = self.read(&mut left, take)?;
            let gone = self.open.as_ref().is_some_and(|open| named != Some((open.place.device, open.place.inode)));
            if read > 0 || !gone || left == 0 {
                return Ok(true);
            }
            // The old file is at its end: what stands without a line break was its last line.
            self.flush(take);
            self.counts.rotations += 1;
            self.open = None;
            if named.is_none() {
                self.from_start = true;
                return Ok(false);
            }
            self.from_start = true;
            self.start()?;
            if left < BLOCK {
                return Ok(true);
            }
        }
    }

    fn start(&mut self) -> io::Result<()> {
        let mut file = open(&self.path)?;
        let meta = file.metadata()?;
        let left = self.left.take();
        // It was rotated or cut off while nobody read.
        self.from_start |= left.is_some();
        let same =
            left.filter(|left| left.device == meta.dev() && left.inode == meta.ino() && left.offset <= meta.len());
        let mut offset = match same {
            Some(left) => left.offset,
            None if self.from_start => 0,
            None => meta.len(),
        };
        if meta.len() - offset > CATCH_UP {
            let skipped = meta.len() - offset - CATCH_UP;
            self.counts.skipped_bytes += skipped;
            offset += skipped;
            // It begins within a line.
            self.over = true;
        }
        file.seek(SeekFrom::Start(offset))?;
        let place = Place { device: meta.dev(), inode: meta.ino(), offset };
        self.open = Some(Open { file, place });
        Ok(())
    }

    /// Bytes read.
    fn read(&mut self, budget: &mut usize, take: &mut dyn FnMut(&[u8])) -> io::Result<usize> {
        let Some(open) = &mut self.open else { return Ok(0) };
        if open.file.metadata()?.len() < open.place.offset {
            // Cut off: what was not read of it is gone, and what comes begins anew.
            self.partial.clear();
            self.over = false;
            self.counts.rotations += 1;
            open.place.offset = 0;
            open.file.seek(SeekFrom::Start(0))?;
        }
        let mut total = 0;
        let mut block = vec![0; BLOCK];
        while *budget > 0 {
            let want = BLOCK.min(*budget);
            let read = open.file.read(&mut block[..want])?;
            if read == 0 {
                break;
            }
            total += read;
            *budget -= read;
            open.place.offset += read as u64;
            split(&block[..read], &mut self.partial, &mut self.over, &mut self.counts, take);
        }
        Ok(total)
    }

    fn flush(&mut self, take: &mut dyn FnMut(&[u8])) {
        let rest = std::mem::take(&mut self.partial);
        if !rest.is_empty() && !self.over {
            self.counts.lines += 1;
            take(&rest);
        }
        self.over = false;
    }
}

/// A log is never waited for: a pipe that was laid in its place is refused by what it is, not by hanging in it.
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    const NONBLOCK: i32 = 0o4000;
    let file = File::options().read(true).custom_flags(NONBLOCK).open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::other("it is no regular file")),
    }
}

fn split(bytes: &[u8], partial: &mut Vec<u8>, over: &mut bool, counts: &mut Counts, take: &mut dyn FnMut(&[u8])) {
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(b'\n', rest) {
        let (line, after) = (&rest[..at], &rest[at + 1..]);
        rest = after;
        if std::mem::take(over) {
            partial.clear();
            continue;
        }
        counts.lines += 1;
        if partial.is_empty() && line.len() <= LINE_BYTES {
            take(line);
            continue;
        }
        let room = LINE_BYTES.saturating_sub(partial.len());
        counts.cut += u64::from(line.len() > room);
        partial.extend_from_slice(&line[..line.len().min(room)]);
        take(partial);
        partial.clear();
    }
    if *over || rest.is_empty() {
        return;
    }
    let room = LINE_BYTES.saturating_sub(partial.len());
    if rest.len() > room {
        // Its beginning is told, the rest is passed over when it comes.
        partial.extend_from_slice(&rest[..room]);
        counts.lines += 1;
        counts.cut += 1;
        take(partial);
        partial.clear();
        *over = true;
    } else {
        partial.extend_from_slice(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn poll(follower: &mut Follower) -> Vec<String> {
        let mut lines = Vec::new();
        follower.poll(1 << 20, &mut |line| lines.push(String::from_utf8_lossy(line).into_owned())).unwrap();
        lines
    }

    fn append(path: &Path, text: &str) {
        File::options().append(true).create(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
    }

    #[test]
    fn rotation_cutting_and_half_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        append(&path, "old\n");
        let mut follower = Follower::new(path.clone(), None);
        assert!(poll(&mut follower).is_empty(), "what stood there before is not read");
        append(&path, "one\ntw");
        assert_eq!(poll(&mut follower), ["one"]);
        append(&path, "o\n\u{1b}[2Jthree\n");
        assert_eq!(poll(&mut follower), ["two", "\u{1b}[2Jthree"]);
        append(&path, "before\nno end");
        std::fs::rename(&path, folder.path().join("log.1")).unwrap();
        append(&path, "after\n");
        assert_eq!(poll(&mut follower), ["before"], "one more look tells that the old file is done");
        assert_eq!(poll(&mut follower), ["no end", "after"]);
        File::create(&path).unwrap();
        append(&path, "x\n");
        assert_eq!(poll(&mut follower), ["x"]);
        std::fs::remove_file(&path).unwrap();
        assert!(poll(&mut follower).is_empty());
        append(&path, "anew\n");
        assert_eq!(poll(&mut follower), ["anew"]);
        assert_eq!(follower.counts.rotations, 3);
    }

    #[test]
    fn a_place_outlives_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        append(&path, "one\n");
        let mut first = Follower::new(path.clone(), None);
        poll(&mut first);
        append(&path, "two\nthr");
        assert_eq!(poll(&mut first), ["two"]);
        let place = first.place().unwrap();
        append(&path, "ee\nfour\n");
        assert_eq!(poll(&mut Follower::new(path.clone(), Some(place))), ["three", "four"]);
        let cut_off = Place { offset: 1 << 40, ..place };
        assert_eq!(poll(&mut Follower::new(path.clone(), Some(cut_off))), ["one", "two", "three", "four"]);
        // Very much was written meanwhile.
        let line = format!("{}\n", "x".repeat(999));
        append(&path, &line.repeat(10_000));
        let mut late = Follower::new(path, Some(place));
        late.poll(usize::MAX, &mut |line| assert_eq!(line.len(), 999)).unwrap();
        assert!(late.counts.skipped_bytes > 1_000_000 && late.counts.lines > 8_000, "{:?}", late.counts);
    }

    #[test]
    fn long_lines_are_cut_and_counted_and_pipes_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        append(&path, "");
        let mut follower = Follower::new(path.clone(), None);
        poll(&mut follower);
        append(&path, &"y".repeat(LINE_BYTES * 3));
        append(&path, "end\nnext\n");
        let lines = poll(&mut follower);
        assert_eq!((lines.len(), lines[0].len(), lines[1].as_str()), (2, LINE_BYTES, "next"));
        assert_eq!(follower.counts.cut, 1);
        assert!(Follower::new(folder.path().to_owned(), None).poll(1, &mut |_| ()).is_err());
    }
}
