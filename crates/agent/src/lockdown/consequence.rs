//! What "trust this" would come to, looked at before anybody says yes: the file as it is now against the content that was
//! refused, whose it is, who can write it, what the scanner says of it, and what stays refused all the same.

use super::{evidence, hypothesis};
use crate::pipeline::now;
use crate::shared::Shared;
use anyhow::{Result, bail};
use event::Sha256;
use scan::Ask;
use serde_json::{Value, json};
use std::fs::File;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use verdict::interpreter::is_interpreter;
use verdict::lockdown::PackageSays;

/// Others of the same content that are listed.
const MOST_ELSEWHERE: usize = 50;

/// `sha256` is the content that was refused, where it is known.
pub fn of(shared: &Shared, path: &str, sha256: Option<Sha256>) -> Result<Value> {
    if !path.starts_with('/') {
        bail!("{path:?} is not an absolute path");
    }
    let policy = shared.policy();
    let look = hypothesis::look(shared, &policy, path);
    let now_there = look.as_ref().and_then(|look| look.sha256);
    let meant = sha256.or(now_there);
    let there = look.as_ref().and_then(|_| File::open(path).ok());
    let seen = shared.lockdown.store.lock().seen().into_iter().cloned().collect::<Vec<_>>();
    let of_it = |one: &&super::store::Seen| one.path == path && (meant.is_none() || one.sha256 == meant);
    let same_content = |one: &&super::store::Seen| meant.is_some() && one.sha256 == meant && one.path != path;
    let elsewhere: Vec<&str> =
        seen.iter().filter(same_content).map(|one| one.path.as_str()).take(MOST_ELSEWHERE).collect();
    Ok(json!({
        "path": path,
        "exists": there.is_some(),
        "sha256": meant,
        "sha256_now": now_there,
        "same": meant.is_some() && meant == now_there,
        "runs_already": look.as_ref().map(|look| look.runs),
        "reasons": look.as_ref().map(|look| look.reasons.clone()).unwrap_or_default(),
        "interpreter": is_interpreter(path),
        "in_scope": policy.lockdown.in_scope(path),
        "file": there.as_ref().and_then(|file| facts(shared, file, path)),
        "seen": seen.iter().filter(of_it).collect::<Vec<_>>(),
        "elsewhere": elsewhere,
        "scan": there.as_ref().and_then(|file| scanned(shared, file, path)),
    }))
}

fn facts(shared: &Shared, file: &File, path: &str) -> Option<Value> {
    let meta = file.metadata().ok()?;
    let real = respond::path_of(file);
    let evidence = evidence::gather(&shared.lockdown, &shared.policy().lockdown, file, &real, now());
    let (says, package) = match &evidence.package {
        PackageSays::Nobody => ("nobody", None),
        PackageSays::Same(package) => ("same", Some(package.clone())),
        PackageSays::Changed(package) => ("changed", Some(package.clone())),
        PackageSays::NoDigest(package) => ("no-digest", Some(package.clone())),
    };
    Some(json!({
        "size": meta.len(),
        "uid": meta.uid(),
        "gid": meta.gid(),
        "mode": format!("{:04o}", meta.mode() & 0o7777),
        "links": meta.nlink(),
        "real_path": (real != Path::new(path)).then(|| real.to_string_lossy().into_owned()),
        "only_root_writes": evidence.only_root_writes,
        "written_by": evidence.written_by,
        "distrusted": evidence.distrusted,
        "package": package,
        "package_says": says,
    }))
}

/// What is known bad is seen before it is trusted. None where nothing scans.
fn scanned(shared: &Shared, file: &File, path: &str) -> Option<Value> {
    let scanner = shared.scanner.as_ref()?;
    let report = scanner.scan_as(file, Path::new(path), &Ask { explain: true, ..Ask::default() });
    Some(serde_json::to_value(report).unwrap_or_else(|error| json!({ "verdict": "error", "note": error.to_string() })))
}
