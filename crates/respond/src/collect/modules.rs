//! Kernel modules, by the three ways in which the kernel shows them: what one shows and another does not hides.

use super::{CollectError, Table, read_error};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub fn look(out: &mut Table) -> Result<(), CollectError> {
    out.columns(&["module", "size", "used_by", "taint", "file", "suspect"]);
    let listed = match std::fs::read_to_string("/proc/modules") {
        Ok(text) => parse(&text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            out.note("this kernel takes no modules: /proc/modules is not there");
            return Ok(());
        }
        Err(error) => return Err(read_error("/proc/modules")(error)),
    };
    let in_sys = loaded_in_sys();
    let in_symbols = symbols(out);
    let names: BTreeSet<&String> = listed.keys().chain(&in_sys).chain(in_symbols.iter().flatten()).collect();
    let files = files(out);
    for name in names {
        let line = listed.get(name);
        let mut suspect = Vec::new();
        let views = [("/proc/modules", line.is_some()), ("/sys/module", in_sys.contains(name))];
        let symbols = in_symbols.iter().map(|symbols| ("kallsyms", symbols.contains(name)));
        // A module without symbols is in no symbol table; one with symbols is in all lists.
        let missing: Vec<&str> = views.into_iter().filter(|(_, there)| !there).map(|(view, _)| view).collect();
        let shown: Vec<&str> =
            views.into_iter().chain(symbols).filter(|(_, there)| *there).map(|(view, _)| view).collect();
        // Being loaded or taken out at this moment looks the same: asked again.
        if !missing.is_empty() && settled(name) {
            suspect.push(format!("hidden: {name} is in {} and not in {}", shown.join(" and "), missing.join(" and ")));
        }
        let taint = line.map(|line| line.taint.clone()).unwrap_or_default();
        for (letter, word) in [('O', "outside the kernel's tree"), ('E', "unsigned"), ('F', "forced")] {
            if taint.contains(letter) {
                suspect.push(format!("{word}: {name}"));
            }
        }
        let file = files.as_ref().and_then(|files| files.get(name));
        if files.is_some() && file.is_none() && line.is_some() {
            suspect.push(format!("no file of this kernel: {name}"));
        }
        let row = vec![
            json!(name),
            json!(line.map(|line| line.size)),
            json!(line.map(|line| line.used_by.clone())),
            json!(taint),
            json!(file.map(|path| super::path_text(path))),
            if suspect.is_empty() { Value::Null } else { json!(suspect.join("; ")) },
        ];
        if out.late("some modules") || !out.row(row) {
            break;
        }
    }
    Ok(())
}

#[derive(Debug, PartialEq)]
pub(super) struct Line {
    size: u64,
    used_by: String,
    taint: String,
}

/// `name size refs users state address (OE)`.
pub(super) fn parse(text: &str) -> BTreeMap<String, Line> {
    let one = |line: &str| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let taint = words.get(6).map(|word| word.trim_matches(['(', ')']).to_owned()).unwrap_or_default();
        let used_by = words.get(3).map(|word| word.trim_end_matches(',').replace('-', "")).unwrap_or_default();
        Some(((*words.first()?).to_owned(), Line { size: words.get(1)?.parse().ok()?, used_by, taint }))
    };
    text.lines().filter_map(one).collect()
}

/// Built-in ones stand in /sys/module too, without a state.
fn loaded_in_sys() -> BTreeSet<String> {
    let Ok(entries) = std::fs::read_dir("/sys/module") else { return BTreeSet::new() };
    let loaded = entries.filter_map(Result::ok).filter(|entry| entry.path().join("initstate").exists());
    loaded.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// Names in brackets behind symbols; BPF programs have such too and are no modules. None when the kernel does not show them.
fn symbols(out: &mut Table) -> Option<BTreeSet<String>> {
    let text = match std::fs::read_to_string("/proc/kallsyms") {
        Ok(text) if !text.is_empty() => text,
        _ => {
            out.note("the kernel's symbols cannot be read: modules that only they would show are not found");
            return None;
        }
    };
    let name = |line: &str| Some(line.rsplit_once('[')?.1.trim_end_matches(']').to_owned());
    Some(
        text.lines()
            .filter_map(name)
            .filter(|name| !matches!(name.as_str(), "bpf" | "__builtin__ftrace" | "__builtin__kprobes"))
            .collect(),
    )
}

fn settled(name: &str) -> bool {
    std::thread::sleep(std::time::Duration::from_millis(50));
    let listed = std::fs::read_to_string("/proc/modules").map(|text| parse(&text).contains_key(name)).unwrap_or(true);
    let in_sys = loaded_in_sys().contains(name);
    listed != in_sys || !listed
}

/// Files of this kernel's modules by name; None when its folder is not here (a container, a kernel from elsewhere).
fn files(out: &mut Table) -> Option<BTreeMap<String, PathBuf>> {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let folder = Path::new("/lib/modules").join(release.trim());
    if !folder.join("modules.dep").exists() {
        out.note(format!("{} is not there: which modules are the kernel's own cannot be told", folder.display()));
        return None;
    }
    let mut found = BTreeMap::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        if out.late("some files of modules") {
            return None;
        }
        for entry in std::fs::read_dir(&folder).into_iter().flatten().filter_map(Result::ok) {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(_) => {
                    let name = entry.file_name().into_string().unwrap_or_default();
                    if let Some((stem, _)) = name.split_once(".ko") {
                        found.insert(stem.replace('-', "_"), path);
                    }
                }
                Err(_) => {}
            }
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_with_and_without_taint() {
        let all =
            parse("ext4 819200 2 - Live 0xffff\nevil 4096 0 - Live 0x0 (OE)\nmbcache 16384 1 ext4, Live 0x0\nbroken\n");
        assert_eq!(all.len(), 3);
        assert_eq!(
            (all["evil"].taint.as_str(), all["mbcache"].used_by.as_str(), all["ext4"].size),
            ("OE", "ext4", 819_200)
        );
    }
}
