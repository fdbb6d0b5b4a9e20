//! Finds and opens the files of signatures that an operator named. Their endings say what they are. Each that cannot be
//! used is told with its reason; none stops the others. Nothing is read here: the parsing process gets the descriptor.

use crate::RejectedFile;
use crate::protocol::{FileKind, SignatureFile};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

const MAX_FILE_BYTES: u64 = 1 << 30;
const MAX_FILES: usize = 50_000;
const MAX_DEPTH: usize = 16;

/// None for what is no file of signatures.
fn kind_of(path: &Path) -> Option<FileKind> {
    Some(match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "yar" | "yara" => FileKind::Yara,
        "yarc" => FileKind::YaraCompiled,
        "model" => FileKind::Model,
        "tsig" => FileKind::Database,
        "txt" | "md5" | "sha1" | "sha256" | "hash" => FileKind::ClamAv,
        "cvd" | "cld" | "cud" | "hdb" | "hsb" | "hdu" | "hsu" | "mdb" | "msb" | "mdu" | "msu" | "ndb" | "ndu" => {
            FileKind::ClamAv
        }
        "ldb" | "ldu" | "cdb" | "fp" | "sfp" | "ign" | "ign2" | "idb" | "cbc" | "pdb" | "gdb" | "wdb" | "crb"
        | "cat" | "ftm" | "pwdb" | "imp" | "sign" => FileKind::ClamAv,
        _ => return None,
    })
}

/// Those named, and those in named folders whose ending is known, in sorted order.
pub fn find(paths: &[PathBuf], rejected: &mut Vec<RejectedFile>) -> Vec<SignatureFile> {
    let mut found = Vec::new();
    for path in paths {
        match fs::metadata(path) {
            Ok(meta) if meta.is_dir() => collect(path, 0, &mut found, rejected),
            Ok(_) => match kind_of(path) {
                Some(kind) => {
                    let beside = signatures::clamav::detached::beside(path);
                    found.extend(beside.into_iter().map(|path| SignatureFile { path, kind: FileKind::ClamAv }));
                    found.push(SignatureFile { path: path.clone(), kind });
                }
                None => rejected.push(fault(path, "its ending names no kind of signatures".into())),
            },
            Err(error) => rejected.push(fault(path, format!("cannot be read: {error}"))),
        }
    }
    if found.len() > MAX_FILES {
        let first = found[MAX_FILES].path.clone();
        rejected.push(fault(&first, format!("{} files; at most {MAX_FILES} are read", found.len())));
        found.truncate(MAX_FILES);
    }
    found
}

/// For reading, if it is a file and not too large.
pub fn open(path: &Path) -> Result<File, String> {
    open_within(path, MAX_FILE_BYTES)
}

pub fn open_within(path: &Path, most: u64) -> Result<File, String> {
    let file = File::open(path).map_err(|error| format!("cannot be read: {error}"))?;
    let meta = file.metadata().map_err(|error| format!("cannot be read: {error}"))?;
    if !meta.is_file() {
        return Err("is not a file".into());
    }
    if meta.len() > most {
        return Err(format!("{} bytes; at most {most} are read", meta.len()));
    }
    Ok(file)
}

fn fault(path: &Path, reason: String) -> RejectedFile {
    RejectedFile { file: path.to_owned(), rule_id: None, reason }
}

fn collect(dir: &Path, depth: usize, found: &mut Vec<SignatureFile>, rejected: &mut Vec<RejectedFile>) {
    if depth > MAX_DEPTH {
        return rejected.push(fault(dir, format!("folders are nested deeper than {MAX_DEPTH}")));
    }
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) => return rejected.push(fault(dir, format!("cannot be listed: {error}"))),
    };
    let mut paths = Vec::new();
    for entry in entries {
        match entry {
            Ok(entry) => paths.push(entry.path()),
            Err(error) => rejected.push(fault(dir, format!("cannot be listed to its end: {error}"))),
        }
    }
    paths.sort();
    for path in paths {
        match path.symlink_metadata().map(|meta| meta.file_type()) {
            Ok(kind) if kind.is_dir() => collect(&path, depth + 1, found, rejected),
            Ok(_) => found.extend(kind_of(&path).map(|kind| SignatureFile { path, kind })),
            Err(error) => rejected.push(fault(&path, format!("cannot be read: {error}"))),
        }
    }
}
