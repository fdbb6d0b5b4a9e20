//! Texts of watched files, kept so that a change can be shown line by line: masked, compressed, a file a content, named by
//! the content's digest. No secret that the mask knows ever lies here.

use crate::read::open;
use crate::{Content, Facts, Mask};
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What may come out of one kept text, whatever stands in its file.
const MOST_TEXT: usize = 8 << 20;
/// Below these nothing is configuration; a library or a program is no text anyway, and scripts there belong to packages.
const NOT_BELOW: [&str; 5] = ["/usr/lib/modules/", "/boot/", "/usr/share/", "/usr/lib/python", "/usr/lib/debug/"];

pub struct Contents {
    folder: PathBuf,
    most_bytes: u64,
    /// Bytes that lie there; None until somebody counted.
    held: Mutex<Option<u64>>,
}

/// Cheap, so that most files are done with before they are opened.
pub fn is_worth_keeping(path: &Path, facts: &Facts, most: u64) -> bool {
    let text = path.to_string_lossy();
    let binary = [".so", ".a", ".o", ".gz", ".xz", ".png", ".pyc", ".ko", ".mo", ".bin"];
    facts.size > 0
        && facts.size <= most
        && matches!(facts.content, Content::Sha256(_))
        && !NOT_BELOW.iter().any(|below| text.starts_with(below))
        && !binary.iter().any(|ending| text.ends_with(ending) || text.contains(".so."))
        && !Mask::hides_all(&text)
}

impl Contents {
    pub fn new(folder: PathBuf, most_bytes: u64) -> Contents {
        Contents { folder, most_bytes, held: Mutex::new(None) }
    }

    /// The masked text of the file; None when it is no text, has another content by now, or cannot be read.
    pub fn read_text(path: &Path, facts: &Facts, mask: &Mask<'_>) -> Option<String> {
        let Content::Sha256(digest) = facts.content else { return None };
        let mut bytes = Vec::new();
        open(path, facts).ok()?.take(MOST_TEXT as u64 + 1).read_to_end(&mut bytes).ok()?;
        if bytes.len() > MOST_TEXT || bytes.contains(&0) || <[u8; 32]>::from(Sha256::digest(&bytes)) != digest {
            return None;
        }
        let text = String::from_utf8(bytes).ok()?;
        Some(mask.text(&path.to_string_lossy(), &text))
    }

    /// True when the text lies there after.
    pub fn keep(&self, path: &Path, facts: &Facts, mask: &Mask<'_>) -> bool {
        let Content::Sha256(digest) = facts.content else { return false };
        if self.place(&digest).exists() {
            return true;
        }
        let Some(text) = Contents::read_text(path, facts, mask) else { return false };
        self.put(&digest, &text).is_ok()
    }

    pub fn put(&self, digest: &[u8; 32], text: &str) -> io::Result<()> {
        let packed = zstd::bulk::compress(text.as_bytes(), 3)?;
        let mut held = self.held.lock();
        let now = match *held {
            Some(held) => held,
            None => {
                DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
                self.measure()
            }
        };
        // Somebody else may have tidied since.
        let now = if now + packed.len() as u64 > self.most_bytes { self.measure() } else { now };
        if now + packed.len() as u64 > self.most_bytes {
            return Err(io::Error::other("no room for more kept texts"));
        }
        *held = Some(now + packed.len() as u64);
        drop(held);
        let (place, fresh) = (self.place(digest), self.folder.join(format!("{}.new", hex::encode(digest))));
        let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        file.write_all(&packed)?;
        fs::rename(fresh, place)
    }

    pub fn get(&self, digest: &[u8; 32]) -> Option<String> {
        let packed = fs::read(self.place(digest)).ok()?;
        String::from_utf8(zstd::bulk::decompress(&packed, MOST_TEXT).ok()?).ok()
    }

    /// Removes what nobody needs any more, and is at least so old; returns how many stay.
    pub fn keep_only(&self, older: Duration, needed: &dyn Fn(&[u8; 32]) -> bool) -> u64 {
        let mut kept = 0;
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let digest = name.to_str().and_then(|name| <[u8; 32]>::try_from(hex::decode(name).ok()?).ok());
            let age = entry.metadata().and_then(|meta| meta.modified()).map(|at| at.elapsed().unwrap_or_default());
            if digest.is_some_and(|digest| needed(&digest)) || age.is_ok_and(|age| age < older) {
                kept += 1;
            } else if let Err(error) = fs::remove_file(entry.path()) {
                // It lies there a while longer, and counts against the limit.
                debug_assert_eq!(error.kind(), io::ErrorKind::NotFound, "{error}");
            }
        }
        *self.held.lock() = None;
        kept
    }

    fn measure(&self) -> u64 {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.metadata().ok()).map(|meta| meta.len()).sum()
    }

    fn place(&self, digest: &[u8; 32]) -> PathBuf {
        self.folder.join(hex::encode(digest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_and_the_limit_holds() {
        let folder = tempfile::tempdir().unwrap();
        let contents = Contents::new(folder.path().join("texts"), 40);
        contents.put(&[1; 32], "one\ntwo\n").unwrap();
        assert_eq!(contents.get(&[1; 32]).as_deref(), Some("one\ntwo\n"));
        assert_eq!(contents.get(&[2; 32]), None);
        let long: String = (0..200).map(|n| format!("{n}\n")).collect();
        assert!(contents.put(&[2; 32], &long).is_err());
        assert_eq!(contents.keep_only(Duration::ZERO, &|_| false), 0);
        assert_eq!(contents.get(&[1; 32]), None);
    }

    /// Texts are kept a while after their digest was taken.
    #[test]
    fn a_text_is_kept_only_under_the_digest_of_what_was_read() {
        let folder = tempfile::tempdir().unwrap();
        let key = crate::SealKey::load_or_create(&folder.path().join("key")).unwrap();
        let mask = Mask::new(&key);
        let path = folder.path().join("file");
        fs::write(&path, "one\n").unwrap();
        let mut facts = crate::facts_of(&path).unwrap().unwrap();
        let digest = <[u8; 32]>::from(Sha256::digest("one\n"));
        facts.content = Content::Sha256(digest);
        let contents = Contents::new(folder.path().join("texts"), 1 << 20);
        fs::write(&path, "two\n").unwrap();
        assert!(!contents.keep(&path, &facts, &mask) && contents.get(&digest).is_none());
        fs::write(&path, "one\n").unwrap();
        assert!(contents.keep(&path, &facts, &mask));
        assert_eq!(contents.get(&digest).as_deref(), Some("one\n"));
    }
}
