//! Finds and reads the files of rules and digests that an operator named. Each that cannot be used is told with its
//! reason; none stops the others.

use crate::RejectedFile;
use std::fs;
use std::path::{Path, PathBuf};

const MAX_FILE_BYTES: u64 = 256 << 20;
const MAX_FILES: usize = 50_000;
const MAX_DEPTH: usize = 16;

/// Text of each file: those named, and those in named folders whose extension is one of `extensions`, in sorted order.
pub fn read_all(paths: &[PathBuf], extensions: &[&str], rejected: &mut Vec<RejectedFile>) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for path in paths {
        match fs::metadata(path) {
            Ok(meta) if meta.is_dir() => collect(path, extensions, 0, &mut found, rejected),
            Ok(_) => found.push(path.clone()),
            Err(error) => rejected.push(fault(path, format!("cannot be read: {error}"))),
        }
    }
    if found.len() > MAX_FILES {
        rejected.push(fault(&found[MAX_FILES], format!("{} files; at most {MAX_FILES} are read", found.len())));
        found.truncate(MAX_FILES);
    }
    let mut texts = Vec::with_capacity(found.len());
    for path in found {
        match read(&path) {
            Ok(text) => texts.push((path, text)),
            Err(reason) => rejected.push(fault(&path, reason)),
        }
    }
    texts
}

fn fault(path: &Path, reason: String) -> RejectedFile {
    RejectedFile { file: path.to_owned(), rule_id: None, reason }
}

fn collect(dir: &Path, extensions: &[&str], depth: usize, found: &mut Vec<PathBuf>, rejected: &mut Vec<RejectedFile>) {
    if depth > MAX_DEPTH {
        return rejected.push(fault(dir, format!("folders are nested deeper than {MAX_DEPTH}")));
    }
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) => return rejected.push(fault(dir, format!("cannot be listed: {error}"))),
    };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|e| e.path())).collect();
    paths.sort();
    for path in paths {
        let wanted = path.extension().and_then(|e| e.to_str()).is_some_and(|e| extensions.contains(&e));
        match path.symlink_metadata().map(|meta| meta.file_type()) {
            Ok(kind) if kind.is_dir() => collect(&path, extensions, depth + 1, found, rejected),
            Ok(_) if wanted => found.push(path),
            Ok(_) => {}
            Err(error) => rejected.push(fault(&path, format!("cannot be read: {error}"))),
        }
    }
}

fn read(path: &Path) -> Result<String, String> {
    let meta = fs::metadata(path).map_err(|error| format!("cannot be read: {error}"))?;
    if !meta.is_file() {
        return Err("is not a file".into());
    }
    if meta.len() > MAX_FILE_BYTES {
        return Err(format!("{} bytes; at most {MAX_FILE_BYTES} are read", meta.len()));
    }
    let bytes = fs::read(path).map_err(|error| format!("cannot be read: {error}"))?;
    String::from_utf8(bytes).map_err(|error| format!("is not UTF-8 text: {error}"))
}
