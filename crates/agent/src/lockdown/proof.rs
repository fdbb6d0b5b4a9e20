//! What is there now and must go on running under a lock: gathered here, judged by `verdict::lockdown::prove`.

use super::evidence;
use crate::pipeline::now;
use crate::shared::Shared;
use anyhow::{Result, bail};
use event::Mode;
use std::collections::HashSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use verdict::lockdown::{Refused, Use, Vital, prove};
use verdict::{PROTECTED_PROGRAMS, Policy, Protected, protect};

/// Programs of processes looked at.
const MAX_PROCESSES: usize = 20_000;

/// The programs that the host cannot do without, where it has them.
fn vital_paths() -> Vec<(PathBuf, Protected)> {
    let mut paths: Vec<(PathBuf, Protected)> =
        PROTECTED_PROGRAMS.iter().map(|path| (PathBuf::from(path), Protected::PackageManager)).collect();
    paths.push(("/usr/sbin/sshd".into(), Protected::SshDaemon));
    paths.push(("/usr/lib/openssh/sshd-session".into(), Protected::SshDaemon));
    paths.push(("/proc/1/exe".into(), Protected::Init));
    paths.push(("/proc/self/exe".into(), Protected::Tamon));
    // Nothing starts without these.
    for path in ["/bin/sh", "/bin/login", "/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"] {
        paths.push((path.into(), Protected::Init));
    }
    paths.extend(shell_of_root().map(|shell| (shell, Protected::Init)));
    paths
}

fn shell_of_root() -> Option<PathBuf> {
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let shell = users.lines().find(|line| line.split(':').nth(2) == Some("0"))?.rsplit(':').next()?;
    shell.starts_with('/').then(|| shell.into())
}

/// Opened once each: the vital first, then whatever else runs in the host's own mounts.
fn there(shared: &Shared) -> Vec<(File, PathBuf, Option<Protected>)> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    let mut take = |path: &Path, role: Option<Protected>| {
        let Ok(file) = File::open(path) else { return };
        let path = respond::path_of(&file);
        let regular = file.metadata().is_ok_and(|meta| meta.is_file());
        if regular && seen.insert(path.clone()) {
            found.push((file, path, role));
        }
    };
    vital_paths().iter().for_each(|(path, role)| take(path, Some(*role)));
    let home = [shared.host_mount_namespace(), shared.own_mount_namespace()];
    for process in shared.enricher.living().into_iter().take(MAX_PROCESSES) {
        if process.container.is_some() || !home.contains(&process.mount_namespace) {
            continue;
        }
        let role = protect::of_process(&process, &shared.own_keys(), shared.host_mount_namespace());
        let role = role.filter(|role| *role != Protected::KernelThread);
        take(Path::new(&format!("/proc/{}/exe", process.key.tgid)), role);
    }
    found
}

/// What the host cannot do without, and what runs now in its own mounts; open, with the path of each.
pub fn running(shared: &Shared) -> Vec<(File, PathBuf)> {
    there(shared).into_iter().map(|(file, path, _)| (file, path)).collect()
}

/// Those that the host cannot do without, as they lie here.
pub fn vital_now(shared: &Shared) -> Vec<(PathBuf, Protected)> {
    there(shared).into_iter().filter_map(|(_, path, role)| Some((path, role?))).collect()
}

/// What the lock would refuse under this policy.
pub fn refused(shared: &Shared, policy: &Policy) -> Vec<Refused> {
    let (there, now) = (there(shared), now());
    let mut vital = Vec::with_capacity(there.len());
    for (file, path, role) in &there {
        if path.to_str().is_some_and(|path| !policy.lockdown.in_scope(path)) {
            continue;
        }
        let evidence = evidence::gather(&shared.lockdown, &policy.lockdown, file, path, now);
        vital.push(Vital { evidence, usage: Use::Program, role: *role });
    }
    prove(policy, &vital, now)
}

/// Says no to what would take the host's life.
pub fn refuse_if_vital(refused: &[Refused]) -> Result<()> {
    let vital: Vec<String> =
        refused.iter().filter_map(|one| Some(format!("{} ({}): {}", one.path, one.role?.name(), one.reason))).collect();
    if vital.is_empty() {
        return Ok(());
    }
    bail!("refused, since it would not let run what this host cannot do without: {}", vital.join("; "))
}

/// Before another policy comes into force on a locked host.
pub fn check(shared: &Shared, policy: &Policy) -> Result<()> {
    match shared.lockdown.lock().mode(now()) {
        Some(Mode::Enforce) => refuse_if_vital(&refused(shared, policy)),
        _ => Ok(()),
    }
}
