//! Decoys: small documents under names that listings do not show, first and last in their folder. Nobody has a reason to
//! change them; who makes one unreadable is stopped sooner. They come with the guard and go with it.

use super::scope::Scope;
use detect::FileId;
use std::collections::HashMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, chown};
use std::path::{Path, PathBuf};

const NAMES: [&str; 2] = [".!accounts-2019.csv", ".~zz-archive-2019.csv"];
/// In the guarded roots and the folders right below them.
const MAX_FOLDERS: usize = 64;

pub fn plant(scope: &Scope) -> HashMap<FileId, PathBuf> {
    let mut planted = HashMap::new();
    for folder in folders(scope) {
        for name in NAMES {
            let path = folder.join(name);
            match plant_one(&path, &folder) {
                Ok(id) => {
                    planted.insert(id, path);
                }
                Err(error) => tracing::debug!(%error, path = %path.display(), "no decoy there"),
            }
        }
    }
    planted
}

fn folders(scope: &Scope) -> Vec<PathBuf> {
    let mut folders = scope.roots.clone();
    for root in &scope.roots {
        let below = fs::read_dir(root).into_iter().flatten().flatten();
        folders.extend(below.filter(|e| e.file_type().is_ok_and(|kind| kind.is_dir())).map(|e| e.path()));
    }
    folders.retain(|folder| scope.covers(folder));
    folders.truncate(MAX_FOLDERS);
    folders
}

/// One that lies there from before is used again.
fn plant_one(path: &Path, folder: &Path) -> std::io::Result<FileId> {
    let owner = fs::metadata(folder)?;
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => {
            for n in 0..40u32 {
                writeln!(file, "{},Account {},{}.00,EUR,settled", 1000 + n, n * 7 % 41, n * 977 % 5000)?;
            }
            chown(path, Some(owner.uid()), Some(owner.gid()))?;
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    let meta = fs::symlink_metadata(path)?;
    Ok((meta.dev(), meta.ino()))
}

pub fn remove(planted: &HashMap<FileId, PathBuf>) {
    for (id, path) in planted {
        if fs::symlink_metadata(path).is_ok_and(|meta| (meta.dev(), meta.ino()) == *id)
            && let Err(error) = fs::remove_file(path)
        {
            tracing::warn!(%error, path = %path.display(), "a decoy could not be removed");
        }
    }
}
