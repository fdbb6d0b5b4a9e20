//! How far a long scan came, in a small file, so that one that was interrupted goes on there. The walk meets files in one
//! order always; what is kept is the last of which all before are done, and what was counted until then.

use crate::{Summary, walk};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const SAVE_EVERY: Duration = Duration::from_secs(1);
const MAX_BYTES: u64 = 1 << 20;

/// Of one scan, kept while it runs; removed when it is through.
pub struct Journal {
    path: PathBuf,
    kept: Kept,
    saved: Instant,
    /// Done, but not all before it are.
    ahead: BTreeMap<u64, Done>,
    next: u64,
}

struct Done {
    place: Place,
    counted: Summary,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    version: u32,
    /// What is scanned, and against what.
    scan: String,
    after: Option<Place>,
    summary: Summary,
}

/// A file in the order of the walk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Which of the paths that were named.
    pub root: usize,
    #[serde(with = "bytes_in_hex")]
    pub path: PathBuf,
}

impl Journal {
    /// What stands in the file already is taken up if it is of the same scan: the same paths against the same signatures.
    pub fn open(path: &Path, roots: &[PathBuf], generation: u64) -> io::Result<Self> {
        let roots: Vec<_> = roots.iter().map(|root| walk::shown(root)).collect();
        let scan = format!("{generation:016x} {}", roots.join("\n"));
        let kept = match fs::metadata(path) {
            Ok(meta) if meta.len() > MAX_BYTES => return Err(io::Error::other("this is no journal of a scan")),
            Ok(meta) if meta.len() > 0 => {
                let kept: Kept = serde_json::from_slice(&fs::read(path)?).map_err(io::Error::other)?;
                if kept.version == 1 && kept.scan == scan { kept } else { Kept::default() }
            }
            _ => Kept::default(),
        };
        let kept = Kept { version: 1, scan, ..kept };
        let journal = Journal { path: path.into(), kept, saved: Instant::now(), ahead: BTreeMap::new(), next: 0 };
        // Now rather than after an hour: a place where nothing can be written is a mistake of whoever named it.
        journal.save()?;
        Ok(journal)
    }

    /// Where to go on, and what was counted before.
    pub fn begin(&self) -> (Option<Place>, Summary) {
        (self.kept.after.clone(), self.kept.summary)
    }

    /// The file of number `number`, counted from 0 in the order of the walk, is done; `counted` is it alone.
    pub fn done(&mut self, number: u64, place: Place, counted: Summary) -> io::Result<()> {
        self.ahead.insert(number, Done { place, counted });
        while let Some(done) = self.ahead.remove(&self.next) {
            self.next += 1;
            self.kept.summary = self.kept.summary + done.counted;
            self.kept.after = Some(done.place);
        }
        if self.saved.elapsed() >= SAVE_EVERY {
            self.saved = Instant::now();
            self.save()?;
        }
        Ok(())
    }

    fn save(&self) -> io::Result<()> {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".new");
        let beside = self.path.with_file_name(name);
        let mut file = fs::File::create(&beside)?;
        file.write_all(&serde_json::to_vec(&self.kept).map_err(io::Error::other)?)?;
        file.sync_data()?;
        fs::rename(&beside, &self.path)
    }

    /// The scan is through.
    pub fn finish(self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }
}

/// A path is bytes, and JSON holds text.
mod bytes_in_hex {
    use super::*;
    use serde::{Deserializer, Serializer, de::Error as _};

    pub fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(path.as_os_str().as_bytes()))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(OsString::from_vec(hex::decode(text).map_err(D::Error::custom)?).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str) -> Place {
        Place { root: 0, path: path.into() }
    }

    #[test]
    fn only_that_counts_before_which_all_is_done() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        let roots = [PathBuf::from("/a")];
        let one = Summary { files: 1, clean: 1, ..Summary::default() };
        let mut journal = Journal::open(&path, &roots, 5).unwrap();
        for (number, name) in [(1, "/a/2"), (0, "/a/1"), (3, "/a/4")] {
            journal.done(number, place(name), one).unwrap();
        }
        journal.save().unwrap();
        let again = Journal::open(&path, &roots, 5).unwrap();
        assert_eq!(again.begin(), (Some(place("/a/2")), Summary { files: 2, clean: 2, ..Summary::default() }));
        let other = Journal::open(&path, &roots, 6).unwrap();
        assert_eq!(other.begin(), (None, Summary::default()), "other signatures: from the beginning");
        other.finish().unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn a_file_that_is_no_journal_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notes.txt");
        fs::write(&path, "my notes").unwrap();
        assert!(Journal::open(&path, &[], 1).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "my notes");
    }
}
