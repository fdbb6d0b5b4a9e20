//! Which folders are guarded: those that the policy names, with all below, but for what can be made again and what is ours.

use std::collections::VecDeque;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Each guarded folder costs a mark in the kernel and pins its inode.
pub const MAX_FOLDERS: usize = 65_536;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scope {
    /// Without links, as the kernel names them.
    pub roots: Vec<PathBuf>,
    /// What the policy names and no folder is.
    pub missing: Vec<String>,
    exclude: Vec<String>,
    /// The agent's own state.
    ours: PathBuf,
}

impl Scope {
    pub fn new(policy: &verdict::Ransomware, ours: &Path) -> Scope {
        let (mut roots, mut missing) = (Vec::new(), Vec::new());
        for pattern in &policy.protect {
            let found = expand(pattern);
            let folders = found.iter().filter_map(|root| root.canonicalize().ok()).filter(|root| root.is_dir());
            let before = roots.len();
            roots.extend(folders);
            if roots.len() == before {
                missing.push(pattern.clone());
            }
        }
        roots.sort();
        roots.dedup();
        let ours = ours.canonicalize().unwrap_or_else(|_| ours.to_owned());
        Scope { roots, missing, exclude: policy.exclude.clone(), ours }
    }

    pub fn covers(&self, path: &Path) -> bool {
        let Some(root) = self.roots.iter().find(|root| path.starts_with(root)) else { return false };
        let below = path.strip_prefix(root).unwrap_or(path);
        !path.starts_with(&self.ours)
            && !below.components().any(|part| self.exclude.iter().any(|name| part.as_os_str() == name.as_str()))
    }

    /// Breadth first, so that a cap cuts the deepest. True when it did not have to and every folder could be read.
    pub fn folders(&self, from: &Path, each: &mut dyn FnMut(&Path)) -> bool {
        let mut waiting: VecDeque<PathBuf> = VecDeque::from([from.to_owned()]);
        let (mut seen, mut readable) = (0, true);
        while let Some(folder) = waiting.pop_front() {
            if !self.covers(&folder) {
                continue;
            }
            if seen == MAX_FOLDERS {
                return false;
            }
            seen += 1;
            each(&folder);
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                // It has gone meanwhile.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(_) => {
                    readable = false;
                    continue;
                }
            };
            for entry in entries.flatten() {
                // The entry's own kind: links are not followed.
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    waiting.push_back(entry.path());
                }
            }
        }
        readable
    }
}

/// `*` stands for one component, any name.
fn expand(pattern: &str) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::from("/")];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        found = if part == "*" {
            let children = |folder: &PathBuf| fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path());
            found.iter().flat_map(children).collect()
        } else {
            found.into_iter().map(|folder| folder.join(part)).collect()
        };
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn covers_what_the_policy_names() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().canonicalize().unwrap();
        for folder in ["home/a/target/x", "home/a/docs", "home/b", "state"] {
            fs::create_dir_all(dir.join(folder)).unwrap();
        }
        let policy = verdict::Ransomware {
            protect: vec![format!("{}/home/*", dir.display()), format!("{}/nowhere/*", dir.display())],
            exclude: vec!["target".into()],
            ..verdict::Ransomware::default()
        };
        let scope = Scope::new(&policy, &dir.join("home/b"));
        let check = |path: &str, expected| assert_eq!(scope.covers(&dir.join(path)), expected, "{path}");
        check("home/a/docs/x", true);
        check("home/a", true);
        check("home/a/target/x", false);
        check("home/b/x", false);
        check("state", false);
        assert_eq!(scope.missing, [format!("{}/nowhere/*", dir.display())]);
        let mut folders = Vec::new();
        assert!(scope.folders(&dir.join("home/a"), &mut |folder| folders.push(folder.to_owned())));
        assert_eq!(folders, [dir.join("home/a"), dir.join("home/a/docs")]);
    }
}
