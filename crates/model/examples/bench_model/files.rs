//! Which files are measured.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const FILES_A_TYPE: usize = 40;
const LARGEST: u64 = 4 << 20;

/// Files of this machine by type, spread evenly over the sorted list, so that a run can be repeated. Folders to look in for PE files may be
/// given as arguments.
pub fn files() -> BTreeMap<&'static str, Vec<PathBuf>> {
    let extra: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let mut found: BTreeMap<&'static str, Vec<PathBuf>> =
        ["elf", "pe", "script", "text"].map(|kind| (kind, Vec::new())).into();
    let usual = [
        "/usr/bin",
        "/usr/lib/x86_64-linux-gnu",
        "/usr/lib/python3",
        "/usr/share/doc",
        "/usr/share/perl5",
        "/usr/lib/grub",
    ];
    for folder in usual.iter().map(Path::new).chain(extra.iter().map(PathBuf::as_path)) {
        walk(folder, 0, &mut found);
    }
    for paths in found.values_mut() {
        paths.sort();
        let step = (paths.len() / FILES_A_TYPE).max(1);
        *paths = paths.iter().step_by(step).take(FILES_A_TYPE).cloned().collect();
    }
    found
}

fn walk(folder: &Path, depth: usize, found: &mut BTreeMap<&'static str, Vec<PathBuf>>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let Ok(meta) = std::fs::symlink_metadata(&path) else { continue };
        if meta.is_dir() && depth < 6 {
            walk(&path, depth + 1, found);
        } else if meta.is_file() && (64..LARGEST).contains(&meta.len()) {
            let mut head = [0; 4];
            let read = std::fs::File::open(&path).and_then(|mut file| std::io::Read::read_exact(&mut file, &mut head));
            let extension = path.extension().and_then(|extension| extension.to_str());
            let kind = match (&head, extension) {
                _ if read.is_err() => continue,
                (b"\x7fELF", _) => "elf",
                ([b'M', b'Z', ..], _) => "pe",
                ([b'#', b'!', ..], _) | (_, Some("py" | "pl" | "pm" | "sh")) => "script",
                (_, Some("txt" | "md" | "html")) => "text",
                _ => continue,
            };
            found.entry(kind).or_default().push(path);
        }
    }
}
