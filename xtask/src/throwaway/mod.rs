//! Places where others' commands may run: throw-away roots in front of an agent that is there for nothing else. Shared by
//! `attack` and `noise`.

pub mod sandbox;

use crate::{build, packages, paths};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Set in the process that has its mounts for itself.
const APART: &str = "TAMON_XTASK_APART";

/// A folder of its own for the run, gone afterwards.
pub fn within(purpose: &str, run: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let work = std::env::temp_dir().join(format!("tamon-{purpose}-{}", std::process::id()));
    fs::create_dir_all(&work)?;
    let result = run(&work);
    // The mounts below go with this process; what is left are folders.
    if let Err(error) = fs::remove_dir_all(&work).or_else(|_| lazily(&work)) {
        eprintln!("xtask: cannot remove {}: {error}", work.display());
    }
    result
}

pub fn is_apart() -> bool {
    std::env::var_os(APART).is_some()
}

/// The whole run in a mount namespace of its own: whatever ends it, no mount stays behind.
pub fn apart() -> Result<()> {
    packages::ensure(packages::ATTACK, false)?;
    let status = Command::new("unshare")
        .args(["--mount", "--propagation", "private", "--"])
        .arg(std::env::current_exe()?)
        .args(std::env::args_os().skip(1))
        .env(APART, "1")
        .status()?;
    if !status.success() {
        bail!("the run ended with {status}");
    }
    Ok(())
}

/// The one that stands already, or one built as `up` builds it.
pub fn binary(given: Option<&Path>) -> Result<PathBuf> {
    match given {
        Some(binary) => Ok(binary.into()),
        None => build::all("up"),
    }
}

/// The policy as it ships, with the throw-away roots' secrets among what is watched.
pub fn policy(roots: &Path) -> Result<String> {
    let text = fs::read_to_string(paths::root().join("content/policies/default.toml"))?;
    let (before, list) =
        text.split_once("[watch]\nread = [\n").context("the default policy has no list of watched files")?;
    let (watched, after) = list.split_once("]\n").context("the list does not end")?;
    let inside = watched.replace("\"/", &format!("\"{}/*/", roots.display()));
    Ok(format!("{before}[watch]\nread = [\n{watched}{inside}]\n{after}"))
}

/// A mount below keeps a folder from being removed; it goes with this process.
fn lazily(work: &Path) -> std::io::Result<()> {
    Command::new("umount").args(["-l", "-q"]).arg(work.join("layers")).status()?;
    for root in fs::read_dir(work.join("roots"))?.flatten() {
        Command::new("umount").args(["-l", "-q"]).arg(root.path()).status()?;
    }
    fs::remove_dir_all(work)
}

/// What the tests ask for; unpacked where only they see it.
pub const TOOLS: &[&str] = &[
    "at",
    "bind9-dnsutils",
    "cron",
    "dmidecode",
    "ed",
    "expect",
    "file",
    "imagemagick",
    "iptables",
    "iputils-ping",
    "kmod",
    "ldap-utils",
    "lsof",
    "net-tools",
    "netcat-openbsd",
    "nfs-common",
    "libpam0g-dev",
    "nmap",
    "pciutils",
    "plocate",
    "procps",
    "psmisc",
    "python3-venv",
    "rsync",
    "rsyslog",
    "samba",
    "socat",
    "sqlite3",
    "sshpass",
    "sudo",
    "telnet",
    "tshark",
    "ufw",
    "vim-tiny",
    "x11-apps",
    "xclip",
    "xxd",
    "zip",
];
