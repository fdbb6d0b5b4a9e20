//! Rules and hash lists: those built into the binary, then those in the configured folders, in that order.

use rust_embed::RustEmbed;
use std::path::{Path, PathBuf};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../content"]
#[include = "sequences/*.toml"]
#[include = "sigma/*.yml"]
#[include = "yara/*.yar"]
#[include = "hashes/*"]
struct Builtin;

/// A rule file larger than this is refused.
const MAX_FILE: u64 = 4 << 20;
/// More files than this are not read: something else stands in that folder.
const MAX_FILES: usize = 50_000;

/// Name and text of each Sigma rule file, and what could not be read.
pub fn sigma(folders: &[PathBuf]) -> (Vec<(String, String)>, Vec<String>) {
    let mut problems = Vec::new();
    let mut files = builtin("sigma/");
    for folder in folders {
        read(&folder.join("sigma"), &["yml", "yaml"], &mut files, &mut problems);
    }
    (files, problems)
}

/// The same of each sequence of steps.
pub fn sequences(folders: &[PathBuf]) -> (Vec<(String, String)>, Vec<String>) {
    let mut problems = Vec::new();
    let mut files = builtin("sequences/");
    for folder in folders {
        read(&folder.join("sequences"), &["toml"], &mut files, &mut problems);
    }
    (files, problems)
}

/// Those of the files that are not built in.
pub fn operators(files: &[(String, String)]) -> Vec<(String, String)> {
    files.iter().filter(|(name, _)| Builtin::get(name).is_none()).cloned().collect()
}

/// Files built in below a folder: `yara/`, `hashes/`.
pub fn builtin(below: &str) -> Vec<(String, String)> {
    Builtin::iter()
        .filter(|name| name.starts_with(below))
        .filter_map(|name| {
            let file = Builtin::get(&name)?;
            Some((name.into_owned(), event::text::from_bytes(&file.data).into_owned()))
        })
        .collect()
}

fn read(folder: &Path, endings: &[&str], files: &mut Vec<(String, String)>, problems: &mut Vec<String>) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
        Err(error) => return problems.push(format!("{}: {error}", folder.display())),
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if files.len() >= MAX_FILES {
            return problems.push(format!("{}: more than {MAX_FILES} files; the rest is not read", folder.display()));
        }
        if path.is_dir() && !path.is_symlink() {
            read(&path, endings, files, problems);
        } else if path.extension().is_some_and(|e| endings.iter().any(|ending| e == *ending)) {
            match text(&path) {
                Ok(text) => files.push((path.display().to_string(), text)),
                Err(error) => problems.push(format!("{}: {error}", path.display())),
            }
        }
    }
}

fn text(path: &Path) -> std::io::Result<String> {
    let size = path.metadata()?.len();
    if size > MAX_FILE {
        return Err(std::io::Error::other(format!("{size} bytes is no rule file")));
    }
    Ok(event::text::from_bytes(&std::fs::read(path)?).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_folder_is_no_problem_and_a_huge_file_is() {
        let folder = tempfile::tempdir().unwrap();
        let sigma_folder = folder.path().join("sigma");
        std::fs::create_dir(&sigma_folder).unwrap();
        let huge = std::fs::File::create(sigma_folder.join("huge.yml")).unwrap();
        huge.set_len(MAX_FILE + 1).unwrap();
        std::fs::write(sigma_folder.join("one.yml"), "title: one").unwrap();
        let before = builtin("sigma/").len();
        let (files, problems) = sigma(&[folder.path().to_path_buf(), "/nowhere".into()]);
        assert_eq!(files.len(), before + 1);
        assert_eq!(problems.len(), 1, "{problems:?}");
    }
}
