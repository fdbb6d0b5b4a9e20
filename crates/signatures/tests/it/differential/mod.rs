//! ClamAV's own scanner on the same databases and the same files: it must say the same. Skipped, aloud, where it is not installed.

mod bodies;
mod counts;
mod edges;
mod lists;
mod programs;
mod texts;

use crate::world::{World, world};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// File name and signature, of every hit of clamscan; None where it is not installed.
fn clamscan(world: &World, files: &Path) -> Option<BTreeSet<(String, String)>> {
    let out = Command::new("clamscan")
        .args(["--allmatch", "--no-summary", "--infected", "--recursive", "--scan-archive=no", "-d"])
        .arg(world.sources())
        .arg(files)
        .output()
        .ok()?;
    assert_ne!(out.status.code(), Some(2), "clamscan: {}", String::from_utf8_lossy(&out.stderr));
    let text = String::from_utf8_lossy(&out.stdout);
    let hits = text.lines().filter_map(|line| {
        let (path, rest) = line.rsplit_once(": ")?;
        let name = rest.strip_suffix(" FOUND")?.trim_end_matches(".UNOFFICIAL");
        Some((Path::new(path).file_name()?.to_string_lossy().into_owned(), name.to_owned()))
    });
    Some(hits.collect())
}

/// Both say the same of each file, and something of some file.
fn compare(databases: &[(&str, &str)], files: &[(&str, &[u8])]) {
    let world = world(databases);
    assert_eq!(world.report.rejected, []);
    let folder = world.folder.path().join("files");
    std::fs::create_dir(&folder).unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    let Some(theirs) = clamscan(&world, &folder) else {
        eprintln!("skipped: clamscan is not installed");
        return;
    };
    let ours: BTreeSet<(String, String)> = files
        .iter()
        .flat_map(|(name, bytes)| world.names(bytes).into_iter().map(|hit| ((*name).to_owned(), hit)))
        .collect();
    let missed: Vec<_> = theirs.difference(&ours).collect();
    let more: Vec<_> = ours.difference(&theirs).collect();
    assert!(missed.is_empty() && more.is_empty(), "only clamscan: {missed:?}\nonly Tamon: {more:?}");
    assert!(!ours.is_empty(), "nothing was found at all");
}
