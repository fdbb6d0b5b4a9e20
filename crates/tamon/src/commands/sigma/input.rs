//! What `tamon sigma` is given: rules, pipelines, logs.

use anyhow::{Context, Result, bail};
use rules::{LogSource, Options, Pipeline, View, shipped};
use std::path::{Path, PathBuf};

/// Files that folders are searched for; a file that is named is taken whatever its name.
const LOGS: &[&str] = &["evtx", "json", "jsonl", "ndjson", "log", "export", "journal"];

/// (name, text) of every rule file.
pub fn rules(paths: &[PathBuf]) -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for path in paths {
        crate::commands::rules::collect(path, &mut files, 0)?;
    }
    files.sort();
    files.dedup();
    files.iter().map(|path| Ok((path.display().to_string(), crate::commands::rules::read(path)?))).collect()
}

/// Files among `pipelines` are applied first; the names of built-in ones choose the kinds of logs.
pub fn options(pipelines: &[String]) -> Result<Options> {
    let mut options = Options::default();
    for given in pipelines {
        if let Some(built_in) = shipped::pipeline(given) {
            let pipeline = built_in.with_context(|| format!("the built-in pipeline {given}"))?;
            options.views.push(View { name: given.clone(), pipelines: vec![pipeline] });
            continue;
        }
        let text = std::fs::read(given).with_context(|| {
            let names: Vec<&str> = shipped::PIPELINES.iter().map(|(name, _)| *name).collect();
            format!("{given} is neither a file that can be read nor built in ({})", names.join(", "))
        })?;
        let text = event::text::from_bytes(&text);
        options.pipelines.push(Pipeline::parse(given, &text).with_context(|| format!("the pipeline {given}"))?);
    }
    if options.views.is_empty() {
        options.views = shipped::views().context("the built-in pipelines")?;
    }
    Ok(options)
}

/// Every log, in the order of their names within what was given.
pub fn logs(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() { collect(path, &mut files, 0)? } else { files.push(path.clone()) }
    }
    if files.is_empty() {
        bail!("no log in there: files that end in {} are", LOGS.join(", "));
    }
    Ok(files)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>, depth: usize) -> Result<()> {
    if depth > 32 {
        bail!("{}: folders nested deeper than 32", folder.display());
    }
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    for path in paths {
        let meta = path.symlink_metadata().with_context(|| format!("cannot read {}", path.display()))?;
        let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
        if meta.is_dir() {
            collect(&path, files, depth + 1)?;
        } else if meta.is_file() && extension.is_some_and(|extension| LOGS.contains(&extension.as_str())) {
            files.push(path);
        }
    }
    Ok(())
}

/// `product=aws,service=cloudtrail`.
pub fn source(text: &str) -> Result<LogSource> {
    let mut source = LogSource::default();
    for part in text.split(',') {
        let slot = match part.split_once('=') {
            Some(("product", _)) => &mut source.product,
            Some(("category", _)) => &mut source.category,
            Some(("service", _)) => &mut source.service,
            _ => bail!("--source takes product=…, category=… and service=…, not {part:?}"),
        };
        *slot = part.split_once('=').map(|(_, value)| value.trim().to_lowercase());
    }
    Ok(source)
}
