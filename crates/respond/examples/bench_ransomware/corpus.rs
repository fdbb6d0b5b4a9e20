//! Files of many kinds, and whether they are what they were.

use anyhow::Result;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

const MARKER: &str = ".tamon-attack-sim";
const WORDS: &str = "everything below may be destroyed by a test of Tamon\n";

pub struct Corpus {
    root: PathBuf,
    before: BTreeMap<PathBuf, Facts>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Facts {
    content: u64,
    mode: u32,
    owner: (u32, u32),
    modified: (i64, i64),
    note: Vec<u8>,
    target: Option<PathBuf>,
}

#[derive(Debug, Default)]
pub struct Left {
    /// Files and links that are not what they were, under whatever name.
    pub lost: usize,
    /// Whole, under another name.
    pub renamed: usize,
    pub names: Vec<String>,
    /// Files that were not there before.
    pub extra: usize,
}

pub fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x2545_f491_4f6c_dd1d) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    (0..length).map(|_| next()).collect()
}

pub fn text(length: usize, seed: usize) -> Vec<u8> {
    let line = |n: usize| {
        format!("{n};Invoice {} for {} kg of rice, paid on 2019-0{}-1{}\n", n * 7919 % 9999, n % 90, n % 9 + 1, n % 9)
    };
    (seed..).flat_map(|n| line(n).into_bytes()).take(length).collect()
}

fn content(n: usize, extension: &str) -> Vec<u8> {
    // From a line to some hundred kilobytes.
    let length = if n % 11 == 3 { 20 + n } else { 900 + n * n * 37 % 180_000 };
    let with = |magic: &[u8]| [magic, &noise(length, n as u64 + 1)].concat();
    match extension {
        "docx" | "xlsx" => with(b"PK\x03\x04\x14\0\x06\0"),
        "pdf" => with(b"%PDF-1.5\n"),
        "jpg" => with(b"\xff\xd8\xff\xe0\0\x10JFIF"),
        "png" => with(b"\x89PNG\r\n\x1a\n"),
        "bin" => noise(length, n as u64 + 7),
        "html" => [b"<html><body>".as_slice(), &text(length, n)].concat(),
        _ => text(length, n),
    }
}

impl Corpus {
    pub fn make(root: &Path, owner: u32) -> Result<Corpus> {
        const KINDS: [&str; 11] = ["txt", "docx", "csv", "pdf", "jpg", "xlsx", "sql", "png", "md", "bin", "html"];
        let old = SystemTime::now() - Duration::from_secs(86_400 * 400);
        for n in 0..200 {
            let mut folder = root.join(format!("d{}", n % 10));
            if n % 7 == 5 {
                folder = folder.join("older/still-older");
            }
            fs::create_dir_all(&folder)?;
            let kind = KINDS[n % KINDS.len()];
            let path = folder.join(format!("file{n:03}.{kind}"));
            fs::write(&path, content(n, kind))?;
            fs::set_permissions(&path, fs::Permissions::from_mode(if n % 2 == 0 { 0o640 } else { 0o600 }))?;
            rustix::fs::setxattr(&path, "user.origin", format!("n{n}").as_bytes(), rustix::fs::XattrFlags::empty())?;
            fs::File::open(&path)?.set_modified(old + Duration::from_secs(n as u64 * 3600))?;
            chown(&path, Some(owner), Some(owner))?;
            for above in folder.ancestors().take_while(|above| *above != root) {
                chown(above, Some(owner), Some(owner))?;
            }
        }
        fs::hard_link(root.join("d3/file003.pdf"), root.join("d3/second-name.pdf"))?;
        symlink("file004.jpg", root.join("d4/link.jpg"))?;
        fs::write(root.join(MARKER), WORDS)?;
        chown(root, Some(owner), Some(owner))?;
        let before = look(root)?;
        Ok(Corpus { root: root.to_owned(), before })
    }

    pub fn count(&self) -> usize {
        self.before.len()
    }

    pub fn compare(&self) -> Result<Left> {
        let now = look(&self.root)?;
        let mut left = Left::default();
        // As many as are whole under names that were not there before.
        let mut moved: HashMap<&Facts, usize> = HashMap::new();
        now.iter().filter(|(path, _)| !self.before.contains_key(*path)).for_each(|(_, facts)| {
            *moved.entry(facts).or_default() += 1;
        });
        for (path, facts) in &self.before {
            if now.get(path) != Some(facts) {
                match moved.get_mut(facts).filter(|count| **count > 0) {
                    Some(count) => {
                        *count -= 1;
                        left.renamed += 1;
                    }
                    None => left.lost += 1,
                }
                left.names.push(format!("{} {:?} {:?}", path.display(), facts, now.get(path)));
            }
        }
        let new = now.keys().filter(|path| !self.before.contains_key(*path)).count();
        left.extra = new - left.renamed;
        left.names
            .extend(now.keys().filter(|path| !self.before.contains_key(*path)).map(|p| format!("+{}", p.display())));
        Ok(left)
    }
}

/// Decoys of the agent are not ours to count.
fn look(root: &Path) -> Result<BTreeMap<PathBuf, Facts>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let meta = fs::symlink_metadata(&path)?;
            if meta.is_dir() {
                folders.push(path);
                continue;
            }
            if name == MARKER || name.contains("-2019.csv") {
                continue;
            }
            let mut hasher = DefaultHasher::new();
            let mut note = vec![0; 64];
            if meta.is_file() {
                fs::read(&path)?.hash(&mut hasher);
            }
            let length = rustix::fs::lgetxattr(&path, "user.origin", &mut note[..]).unwrap_or(0);
            note.truncate(length);
            let facts = Facts {
                content: hasher.finish(),
                mode: meta.mode(),
                owner: (meta.uid(), meta.gid()),
                modified: if meta.is_file() { (meta.mtime(), meta.mtime_nsec()) } else { (0, 0) },
                note,
                target: fs::read_link(&path).ok(),
            };
            all.insert(path, facts);
        }
    }
    Ok(all)
}
