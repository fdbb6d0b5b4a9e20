//! `cargo run -p logs --example sigma_run -- RULES LOGS…`: what `tamon sigma run --output ndjson` does, without the rest of the
//! binary; the bench and the comparison with other engines use it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

fn main() {
    let mut paths = std::env::args().skip(1).map(PathBuf::from);
    let (Some(folder), logs) = (paths.next(), paths.collect::<Vec<_>>()) else {
        eprintln!("usage: sigma_run RULES LOGS…");
        std::process::exit(2);
    };
    let (mut rules, mut files) = (Vec::new(), Vec::new());
    collect(&folder, &["yml", "yaml"], &mut rules);
    logs.iter().for_each(|path| collect(path, &["evtx", "json", "jsonl", "log", "export"], &mut files));
    let read = |path: &PathBuf| (path.display().to_string(), std::fs::read_to_string(path).unwrap_or_default());
    let views = rules::shipped::views().expect("the shipped pipelines are sound");
    let options = rules::Options { views, ..rules::Options::default() };
    let (set, report) = rules::RuleSet::compile_foreign(rules.iter().map(read), &options);
    report.rejected.iter().for_each(|rejected| eprintln!("{rejected:?}"));
    let settings = logs::Settings {
        files,
        format: None,
        source: None,
        level: event::Severity::Info,
        threads: std::thread::available_parallelism().map_or(1, |n| n.get()),
        form: logs::Form::Ndjson,
    };
    let mut out = std::io::BufWriter::new(std::io::stdout());
    let summary = logs::run(Arc::new(set), &settings, &mut out, &|text| eprintln!("{text}"));
    eprintln!("{summary:?}");
}

fn collect(path: &Path, extensions: &[&str], files: &mut Vec<PathBuf>) {
    if path.is_dir() {
        let mut inside: Vec<_> = std::fs::read_dir(path).into_iter().flatten().flatten().map(|e| e.path()).collect();
        inside.sort();
        inside.iter().for_each(|path| collect(path, extensions, files));
    } else if path.extension().and_then(|e| e.to_str()).is_some_and(|e| extensions.contains(&e)) {
        files.push(path.to_path_buf());
    }
}
