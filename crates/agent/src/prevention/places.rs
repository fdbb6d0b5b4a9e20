//! What names on the disk stand for now: patterns of paths, programs by their inode, control groups by their id. Looked up
//! again every few seconds, since packages and services come and go.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use verdict::Glob;

/// What one pattern may stand for.
const MOST: usize = 1_024;

/// Existing paths that a pattern names; `*` is within one component, as everywhere in a policy.
pub fn expand(pattern: &str) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::from("/")];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        if part == "**" {
            break;
        }
        found = if part.contains(['*', '?']) {
            let glob = Glob::from(part);
            found.iter().flat_map(|folder| children(folder, &glob)).take(MOST).collect()
        } else {
            found.into_iter().map(|folder| folder.join(part)).filter(|path| path.symlink_metadata().is_ok()).collect()
        };
    }
    found
}

fn children(folder: &Path, glob: &Glob) -> Vec<PathBuf> {
    use std::io::ErrorKind::{NotADirectory, NotFound};
    let read = fs::read_dir(folder).inspect_err(|error| {
        if !matches!(error.kind(), NotFound | NotADirectory) {
            tracing::warn!(%error, folder = %folder.display(), "what a profile's pattern stands for cannot be listed");
        }
    });
    let entries = read.into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_str().is_some_and(|name| glob.matches(name)))
        .map(|entry| entry.path())
        .collect()
}

/// Device and inode of each regular file that the pattern names, through links.
pub fn programs(pattern: &Glob) -> Vec<(u64, u64)> {
    let text = pattern.to_string();
    // A whole tree of programs is matched when they start, not listed.
    if text.ends_with('/') || text.contains("**") {
        return Vec::new();
    }
    let files = expand(&text).into_iter().filter_map(|path| path.metadata().ok()).filter(fs::Metadata::is_file);
    files.map(|meta| (meta.dev(), meta.ino())).collect()
}

/// The same folder under its real name, where a link leads there.
pub fn real(folder: &str) -> Option<String> {
    let there = fs::canonicalize(folder).ok()?;
    there.to_str().filter(|there| *there != folder).map(str::to_owned)
}

/// Where cgroup v2 is mounted.
pub fn cgroup_root() -> Option<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
    let line = mounts.lines().find(|line| line.contains(" - cgroup2 "))?;
    line.split(' ').nth(4).map(PathBuf::from)
}

/// Control groups that a unit or a path stands for now: id, and path below the root.
pub fn cgroups(root: &Path, units: &[Glob], paths: &[Glob]) -> Vec<(u64, String)> {
    let below = |pattern: String| expand(&format!("{}{pattern}", root.display()));
    let of_unit = |unit: &Glob| {
        let mut found = below(format!("/system.slice/{unit}"));
        found.extend(below(format!("/system.slice/*.slice/{unit}")));
        found
    };
    let of_path = |path: &Glob| below(format!("/{}", path.to_string().trim_start_matches('/')));
    let all = units.iter().flat_map(of_unit).chain(paths.iter().flat_map(of_path));
    let named = |folder: PathBuf| {
        let meta = folder.metadata().ok().filter(fs::Metadata::is_dir)?;
        Some((meta.ino(), format!("/{}", folder.strip_prefix(root).ok()?.to_str()?)))
    };
    all.filter_map(named).collect()
}

/// Path of a process below the root of the control groups.
pub fn cgroup_of(pid: u32) -> Option<String> {
    let text = fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?;
    text.lines().find_map(|line| line.strip_prefix("0::")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_name_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        for name in ["15/bin/server", "16/bin/server", "16/bin/other", "old/bin/none"] {
            let path = base.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        let names = |pattern: &str| {
            let mut found: Vec<String> = expand(&format!("{}{pattern}", base.display()))
                .into_iter()
                .map(|path| path.strip_prefix(&base).unwrap().display().to_string())
                .collect();
            found.sort();
            found
        };
        assert_eq!(names("/1*/bin/server"), ["15/bin/server", "16/bin/server"]);
        assert_eq!(names("/*/bin/none"), ["old/bin/none"]);
        assert!(names("/gone/*").is_empty());
        assert_eq!(programs(&Glob::from(format!("{}/1?/bin/s*", base.display()))).len(), 2);
    }
}
