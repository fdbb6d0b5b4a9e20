//! What restoring a file from the vault would come to, asked before anybody does it: whether its place is free, and what
//! the scanner says of the content today. The content is unsealed into memory that no name leads to; only the scan
//! worker, which has no privileges, looks into it.

use crate::shared::Shared;
use anyhow::{Context as _, Result};
use respond::Item;
use scan::Ask;
use serde_json::{Value, json};
use std::fs::File;
use std::path::Path;

/// Larger ones are not looked into again: it would be held in memory.
const MOST_BYTES: u64 = 64 << 20;

pub fn preview(shared: &Shared, id: &str) -> Result<Value> {
    let listing = shared.vault.list()?;
    let item = listing.items.into_iter().find(|item| item.id == id).context("the vault has no such item")?;
    let path = item.original().map_err(anyhow::Error::msg)?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    Ok(json!({
        "path": item.path,
        "sha256": item.sha256,
        "size": item.size,
        "uid": item.uid,
        "gid": item.gid,
        "mode": format!("{:04o}", item.mode & 0o7777),
        "reason": item.reason,
        "who": item.who,
        "quarantined": item.quarantined.to_string(),
        "expires": item.expires.to_string(),
        "taken": path.symlink_metadata().is_ok(),
        "folder_there": folder.is_dir(),
        "scan": scanned(shared, &item),
    }))
}

fn scanned(shared: &Shared, item: &Item) -> Option<Value> {
    let scanner = shared.scanner.as_ref()?;
    if item.size > MOST_BYTES {
        return Some(json!({ "verdict": "error", "note": "too large to be looked into from the vault" }));
    }
    let report = unsealed(shared, item).and_then(|file| {
        Ok(serde_json::to_value(scanner.scan_as(
            &file,
            Path::new(&item.path),
            &Ask { explain: true, ..Ask::default() },
        ))?)
    });
    Some(report.unwrap_or_else(|error| json!({ "verdict": "error", "note": format!("{error:#}") })))
}

fn unsealed(shared: &Shared, item: &Item) -> Result<File> {
    let mut file = File::from(rustix::fs::memfd_create("tamon-vault", rustix::fs::MemfdFlags::CLOEXEC)?);
    shared.vault.read(&item.id, &mut file)?;
    Ok(file)
}
