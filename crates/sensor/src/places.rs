//! Watched and ignored paths as the kernel half knows them: directories by device and inode, so that neither a link nor
//! another name leads around them. Looked up again from time to time, since directories come and go.

use crate::decode::kernel_dev;
use kernel_abi::{Place, Prefix, Watch, as_bytes};
use libbpf_rs::{MapCore, MapFlags, MapHandle};
use std::collections::HashMap;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

const SIEVE_WORDS: usize = 64;
/// Entries that one pattern may stand for.
const MOST_EXPANSIONS: usize = 1024;

pub(crate) struct Places {
    watched: Vec<String>,
    ignored: Vec<String>,
    known: (Vec<Vec<u8>>, Vec<Vec<u8>>),
}

impl Places {
    pub fn new(watched: Vec<String>, ignored: Vec<String>) -> Places {
        Places { watched, ignored, known: Default::default() }
    }

    /// Looks the paths up and tells the kernel half what changed. Gives the number of ignored directories.
    pub fn refresh(&mut self, maps: &HashMap<String, MapHandle>) -> Result<u32, libbpf_rs::Error> {
        let (watched, watched_sieve) = self.watches();
        let (ignored, ignored_sieve) = self.ignores();
        let count = ignored.len() as u32;
        replace(&maps["watched"], &mut self.known.0, watched)?;
        replace(&maps["ignored"], &mut self.known.1, ignored)?;
        maps["sieves"].update(&0u32.to_ne_bytes(), &watched_sieve, MapFlags::ANY)?;
        maps["sieves"].update(&1u32.to_ne_bytes(), &ignored_sieve, MapFlags::ANY)?;
        Ok(count)
    }

    /// For opens through io_uring, of which the kernel half knows the path only.
    pub fn watches_path(&self, path: &str) -> bool {
        self.watched.iter().any(|pattern| matches(pattern, path))
    }

    /// The text form of the ignored prefixes, for calls whose file is gone when they return.
    pub fn set_prefixes(&self, map: &MapHandle) -> Result<(), libbpf_rs::Error> {
        for prefix in &self.ignored {
            let bytes = prefix.as_bytes();
            let length = bytes.len().min(64);
            let mut key = Prefix { bits: 8 * length as u32, text: [0; 64] };
            key.text[..length].copy_from_slice(&bytes[..length]);
            // A longer prefix would match more than it says; the path is told instead.
            if bytes.len() <= 64 {
                map.update(as_bytes(&key), &[1], MapFlags::ANY)?;
            }
        }
        Ok(())
    }

    fn watches(&self) -> (Vec<Vec<u8>>, Vec<u8>) {
        let mut sieve = [0u64; SIEVE_WORDS];
        let mut keys = Vec::new();
        for pattern in &self.watched {
            for path in expand(pattern) {
                let whole = pattern.ends_with('/');
                let directory = if whole { Some(path.as_path()) } else { path.parent() };
                let Some((ino, dev)) = directory.and_then(place) else { continue };
                let mut key = Watch { ino, dev, reserved: 0, name: [0; 64] };
                let name = path.file_name().map(|n| n.as_bytes()).unwrap_or_default();
                if !whole {
                    let length = name.len().min(63);
                    key.name[..length].copy_from_slice(&name[..length]);
                }
                mark(&mut sieve, ino);
                keys.push(as_bytes(&key).to_vec());
            }
        }
        (keys, words(&sieve))
    }

    fn ignores(&self) -> (Vec<Vec<u8>>, Vec<u8>) {
        let mut sieve = [0u64; SIEVE_WORDS];
        let mut keys = Vec::new();
        for path in self.ignored.iter().filter(|p| p.ends_with('/')) {
            if let Some((ino, dev)) = place(Path::new(path)) {
                mark(&mut sieve, ino);
                keys.push(as_bytes(&Place { ino, dev, reserved: 0 }).to_vec());
            }
        }
        (keys, words(&sieve))
    }
}

fn place(directory: &Path) -> Option<(u64, u32)> {
    let meta = fs::metadata(directory).ok().filter(|m| m.is_dir())?;
    Some((meta.ino(), kernel_dev(meta.dev())))
}

fn mark(sieve: &mut [u64; SIEVE_WORDS], ino: u64) {
    sieve[(ino >> 6) as usize % SIEVE_WORDS] |= 1 << (ino & 63);
}

fn words(sieve: &[u64; SIEVE_WORDS]) -> Vec<u8> {
    sieve.iter().flat_map(|word| word.to_ne_bytes()).collect()
}

fn replace(map: &MapHandle, known: &mut Vec<Vec<u8>>, now: Vec<Vec<u8>>) -> Result<(), libbpf_rs::Error> {
    for key in now.iter().filter(|key| !known.contains(key)) {
        map.update(key, &[1], MapFlags::ANY)?;
    }
    for key in known.iter().filter(|key| !now.contains(key)) {
        map.delete(key)?;
    }
    *known = now;
    Ok(())
}

/// `*` stands for one whole component.
fn expand(pattern: &str) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::from("/")];
    for component in pattern.split('/').filter(|c| !c.is_empty()) {
        found = found.into_iter().flat_map(|base| children(base, component)).take(MOST_EXPANSIONS).collect();
    }
    found
}

fn matches(pattern: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    let whole_directory = pattern.ends_with('/');
    for wanted in pattern.trim_end_matches('/').split('/') {
        match parts.next() {
            Some(part) if wanted == "*" || wanted == part => {}
            _ => return false,
        }
    }
    if whole_directory { parts.next().is_some() && parts.next().is_none() } else { parts.next().is_none() }
}

fn children(base: PathBuf, component: &str) -> Vec<PathBuf> {
    if component != "*" {
        return vec![base.join(component)];
    }
    let Ok(entries) = fs::read_dir(base) else { return Vec::new() };
    entries.filter_map(|entry| Some(entry.ok()?.path())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_paths() {
        let check = |pattern, path, expected| assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        check("/etc/shadow", "/etc/shadow", true);
        check("/etc/shadow", "/etc/shadow-", false);
        check("/home/*/.ssh/", "/home/a/.ssh/id", true);
        check("/home/*/.ssh/", "/home/a/.ssh", false);
        check("/home/*/.ssh/", "/home/a/.ssh/keys/id", false);
    }

    #[test]
    fn a_star_is_one_component() {
        let root = tempfile::tempdir().unwrap();
        for user in ["a", "b"] {
            fs::create_dir_all(root.path().join(user).join(".ssh")).unwrap();
        }
        let mut found = expand(&format!("{}/*/.ssh/", root.path().display()));
        found.sort();
        assert_eq!(found, [root.path().join("a/.ssh"), root.path().join("b/.ssh")]);
    }
}
