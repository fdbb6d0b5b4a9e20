//! Values by the folder that they are about, so that of ten thousand patterns only the few are tried that can fit a path: a
//! look-up for each folder above it.

use std::collections::HashMap;

#[derive(Clone, Debug, PartialEq)]
pub struct ByFolder<T> {
    folders: HashMap<String, Vec<T>>,
}

impl<T> Default for ByFolder<T> {
    fn default() -> Self {
        ByFolder { folders: HashMap::new() }
    }
}

impl<T> ByFolder<T> {
    /// What is about paths that begin with `prefix`, which may end within a name.
    pub fn add_prefix(&mut self, prefix: &str, value: T) {
        let folder = prefix.rfind('/').map_or("", |end| &prefix[..end]);
        self.add_folder(folder, value);
    }

    /// What is about `folder` and all below it.
    pub fn add_folder(&mut self, folder: &str, value: T) {
        let folder = folder.trim_end_matches('/');
        self.folders.entry(folder.to_owned()).or_default().push(value);
    }

    /// Everything that may be about the path: of its own folder first, then of those above.
    pub fn about<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a T> {
        let mut rest = Some(path.trim_end_matches('/'));
        let folders = std::iter::from_fn(move || {
            let folder = rest?;
            rest = folder.rfind('/').map(|end| &folder[..end]);
            Some(folder)
        });
        folders.filter_map(|folder| self.folders.get(folder)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_about_a_path_is_looked_at() {
        let mut by = ByFolder::default();
        by.add_prefix("/etc/cron.", "cron");
        by.add_prefix("/etc/passwd", "passwd");
        by.add_prefix("", "anywhere");
        by.add_folder("/etc/ssh/", "ssh");
        by.add_folder("/", "root");
        let check = |path: &str, expected: &[&str]| {
            let mut found: Vec<&str> = by.about(path).copied().collect();
            found.sort_unstable();
            assert_eq!(found, expected, "{path}");
        };
        check("/etc/passwd", &["anywhere", "cron", "passwd", "root"]);
        check("/etc/ssh/sshd_config", &["anywhere", "cron", "passwd", "root", "ssh"]);
        check("/etc/ssh", &["anywhere", "cron", "passwd", "root", "ssh"]);
        check("/srv/x", &["anywhere", "root"]);
        check("/", &["anywhere", "root"]);
        for n in 0..10_000 {
            by.add_prefix(&format!("/srv/app{n}/"), "app");
        }
        assert_eq!(by.about("/srv/app77/run").count(), 3);
    }
}
