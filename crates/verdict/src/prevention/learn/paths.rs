//! Many paths to few entries. Never wider than a folder two levels down, and never all of a folder that holds other
//! people's things.

use std::collections::{BTreeMap, BTreeSet};

/// Files of one folder that stand for the folder.
const MANY: usize = 4;
/// Folders that are never allowed as a whole.
const TOO_WIDE: &[&str] = &[
    "",
    "/etc",
    "/usr",
    "/usr/bin",
    "/usr/sbin",
    "/usr/local",
    "/usr/local/bin",
    "/var",
    "/var/lib",
    "/var/log",
    "/var/cache",
    "/var/spool",
    "/var/www",
    "/home",
    "/root",
    "/tmp",
    "/var/tmp",
    "/dev",
    "/dev/shm",
    "/proc",
    "/proc/*",
    "/proc/sys",
    "/sys",
    "/run",
    "/srv",
    "/opt",
    "/boot",
    "/mnt",
    "/media",
    "/etc/ssh",
    "/etc/ssl/private",
    "/root/.ssh",
];

/// Entries that allow every one of `paths`, the fewest that are not too wide. What `held` allows already is left out.
pub(super) fn entries(paths: &BTreeMap<String, u64>, held: &[&str]) -> Vec<(String, u64)> {
    let mut files: BTreeMap<String, u64> = BTreeMap::new();
    let covered = |path: &str| {
        held.iter().any(|entry| if entry.ends_with('/') { path.starts_with(entry) } else { path == *entry })
    };
    for (path, count) in paths.iter().filter(|(path, _)| path.starts_with('/') && !covered(path)) {
        *files.entry(shape(path)).or_default() += count;
    }
    let mut trees: BTreeMap<String, u64> = BTreeMap::new();
    let folders: BTreeSet<String> = files.keys().map(|path| parent(path).to_owned()).collect();
    for folder in folders.iter().filter(|folder| !too_wide(folder)) {
        let inside = files.keys().filter(|path| parent(path) == folder).count();
        if inside >= MANY {
            trees.insert(folder.clone(), 0);
        }
    }
    // Many such folders side by side are the folder above them.
    loop {
        let above: BTreeMap<&str, usize> = trees.keys().fold(BTreeMap::new(), |mut counts, tree| {
            *counts.entry(parent(tree)).or_default() += 1;
            counts
        });
        let Some(wide) = above
            .into_iter()
            .find(|(folder, count)| *count >= MANY && !too_wide(folder))
            .map(|(folder, _)| folder.to_owned())
        else {
            break;
        };
        trees.retain(|tree, _| !is_below(tree, &wide));
        trees.insert(wide, 0);
    }
    let outer: Vec<String> = trees.keys().cloned().collect();
    trees.retain(|tree, _| !outer.iter().any(|other| other != tree && is_below(tree, other)));
    let mut out: BTreeMap<String, u64> = BTreeMap::new();
    for (path, count) in files {
        let entry = match trees.keys().find(|tree| is_below(&path, tree)) {
            Some(tree) => format!("{tree}/"),
            None => path,
        };
        *out.entry(entry).or_default() += count;
    }
    out.into_iter().collect()
}

fn parent(path: &str) -> &str {
    path.rfind('/').map_or("", |slash| &path[..slash])
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn too_wide(folder: &str) -> bool {
    TOO_WIDE.contains(&folder) || folder.contains('*')
}

/// Numbers of processes and names made up on the spot become `*`.
fn shape(path: &str) -> String {
    let parts = path.split('/').enumerate().map(|(i, part)| {
        let number = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let process = i == 2 && path.starts_with("/proc/") && number;
        if process { "*".to_owned() } else { made_up(part).unwrap_or_else(|| part.to_owned()) }
    });
    parts.collect::<Vec<_>>().join("/")
}

/// `sess_5f2a9c…` is `sess_*`: what comes after the last sign, where it is long and holds digits as well as letters or
/// nothing but digits.
fn made_up(part: &str) -> Option<String> {
    let at = part.rfind(['_', '-', '.']).map_or(0, |at| at + 1);
    let tail = &part[at..];
    let digits = tail.bytes().filter(u8::is_ascii_digit).count();
    let letters = tail.bytes().filter(u8::is_ascii_alphabetic).count();
    let plain = digits + letters == tail.len();
    let random = plain && (digits >= 5 && letters == 0 || tail.len() >= 10 && digits >= 2 && letters >= 2);
    (random && at > 0).then(|| format!("{}*", &part[..at]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_entries_for_many_paths() {
        let check = |paths: &[&str], expected: &[&str]| {
            let paths = paths.iter().map(|path| ((*path).to_owned(), 1)).collect();
            let found: Vec<String> =
                entries(&paths, &["/usr/lib/", "/dev/null"]).into_iter().map(|(entry, _)| entry).collect();
            assert_eq!(found, expected);
        };
        check(&["/etc/a", "/etc/b", "/etc/c", "/etc/d", "/etc/e"], &["/etc/a", "/etc/b", "/etc/c", "/etc/d", "/etc/e"]);
        check(&["/etc/x/a", "/etc/x/b", "/etc/x/c", "/etc/x/d"], &["/etc/x/"]);
        check(&["/usr/lib/x.so", "/dev/null", "/etc/hosts"], &["/etc/hosts"]);
        check(&["/proc/12/stat", "/proc/34567/stat"], &["/proc/*/stat"]);
        check(&["/tmp/sess_0123456789abcdef", "/tmp/app-12345.sock"], &["/tmp/app-12345.sock", "/tmp/sess_*"]);
        let many: Vec<String> = (0..4).flat_map(|a| (0..4).map(move |b| format!("/srv/app/{a}x/{b}"))).collect();
        check(&many.iter().map(String::as_str).collect::<Vec<_>>(), &["/srv/app/"]);
    }
}
