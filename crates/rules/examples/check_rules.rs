//! `cargo run -p rules --example check_rules -- DIR [foreign]`: the report over a folder of rules, as `tamon rules check` prints it.

use std::path::Path;

fn main() {
    let mut args = std::env::args().skip(1);
    let Some(folder) = args.next() else {
        eprintln!("usage: check_rules DIR [foreign]");
        std::process::exit(2);
    };
    let mut files = Vec::new();
    collect(Path::new(&folder), &mut files);
    let report = match args.next().as_deref() {
        Some("foreign") => rules::RuleSet::compile_foreign(files, &rules::Options::default()).1,
        _ => rules::RuleSet::compile(files).1,
    };
    println!("{}", serde_json::to_string_pretty(&report).expect("a report is plain data"));
}

fn collect(folder: &Path, files: &mut Vec<(String, String)>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "yml" || e == "yaml") {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap_or_default()).into_owned();
            files.push((path.display().to_string(), text));
        }
    }
}
