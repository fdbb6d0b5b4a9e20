//! User names from /etc/passwd: parsed here, never asked of NSS, which may go to a network. Read anew when the file changes.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

const CHECK_EVERY: Duration = Duration::from_secs(2);
const MOST_BYTES: u64 = 8 << 20;

#[derive(Debug)]
pub(crate) struct Users {
    path: PathBuf,
    names: HashMap<u32, Arc<str>>,
    /// Inode, change time and size of what was read.
    version: Option<(u64, i64, i64, u64)>,
    checked: Option<Instant>,
}

impl Users {
    pub(crate) fn new(path: PathBuf) -> Self {
        Users { path, names: HashMap::new(), version: None, checked: None }
    }

    pub(crate) fn name(&mut self, uid: u32) -> Option<Arc<str>> {
        if self.checked.is_none_or(|at| at.elapsed() >= CHECK_EVERY) {
            self.refresh();
        }
        self.names.get(&uid).cloned()
    }

    fn refresh(&mut self) {
        self.checked = Some(Instant::now());
        let Ok(meta) = std::fs::metadata(&self.path) else { return };
        let version = Some((meta.ino(), meta.ctime(), meta.ctime_nsec(), meta.size()));
        if version == self.version {
            return;
        }
        let mut bytes = Vec::new();
        let read = File::open(&self.path).and_then(|f| f.take(MOST_BYTES).read_to_end(&mut bytes));
        match read {
            Ok(_) => (self.names, self.version) = (parse(&bytes), version),
            Err(error) => tracing::warn!(path = %self.path.display(), %error, "user names stay as they were"),
        }
    }
}

/// The first line of an id wins, as in getpwuid.
fn parse(bytes: &[u8]) -> HashMap<u32, Arc<str>> {
    let mut names = HashMap::new();
    for line in bytes.split(|b| *b == b'\n') {
        let mut fields = line.split(|b| *b == b':');
        let (name, uid) = (fields.next().unwrap_or_default(), fields.nth(1).unwrap_or_default());
        let uid = std::str::from_utf8(uid).ok().and_then(|u| u.parse().ok());
        if let Some(uid) = uid
            && !name.is_empty()
            && !name.starts_with(b"#")
        {
            names.entry(uid).or_insert_with(|| event::text::from_bytes(name).into());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names_and_passes_over_the_rest() {
        let names =
            parse(b"root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\n#a:x:5:5\n+::::\nbad\nx:y:z\nj\xffd:x:7:7:::\n");
        let check = |uid, expected: Option<&str>| assert_eq!(names.get(&uid).map(|n| &**n), expected);
        check(0, Some("root"));
        check(7, Some("j\\xffd"));
        check(5, None);
        assert_eq!(names.len(), 2);
    }

    #[test]
    fn sees_a_changed_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("passwd");
        std::fs::write(&path, "a:x:1:1:::\n").unwrap();
        let mut users = Users::new(path.clone());
        assert_eq!(users.name(1).as_deref(), Some("a"));
        std::fs::write(&path, "other:x:1:1:::\n").unwrap();
        users.checked = None;
        assert_eq!(users.name(1).as_deref(), Some("other"));
    }
}
