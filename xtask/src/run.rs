//! Child processes, said aloud: what runs, how long it took, and a line of life while it is silent.

use crate::paths;
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// `cargo` in the checkout. mold links many heavy test binaries in seconds, where it is installed.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(paths::root());
    if find("mold").is_some() && std::env::var_os("RUSTFLAGS").is_none() {
        command.env("RUSTFLAGS", "-C link-arg=-fuse-ld=mold");
    }
    // `cargo xtask` itself runs under cargo, whose settings for this crate must not leak into the build of others.
    for name in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"] {
        command.env_remove(name);
    }
    command
}

/// Runs to the end with the terminal as its own; an exit status other than 0 is an error that names the command.
pub fn run(what: &str, command: &mut Command) -> Result<()> {
    let start = Instant::now();
    eprintln!("xtask: {what}");
    let mut child = command.spawn().with_context(|| format!("cannot start: {command:?}"))?;
    let mut told = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(Duration::from_millis(100));
        if told.elapsed() >= Duration::from_secs(30) {
            told = Instant::now();
            eprintln!("xtask: {what}: {} s so far", start.elapsed().as_secs());
        }
    };
    if !status.success() {
        bail!("{what}: {status}: {command:?}");
    }
    eprintln!("xtask: {what}: done in {:.1} s", start.elapsed().as_secs_f32());
    Ok(())
}

/// The same command behind other words, `nsenter` and its like; as it is without any.
pub fn within(words: &[String], command: Command) -> Command {
    let Some((first, rest)) = words.split_first() else { return command };
    let mut outer = Command::new(first);
    outer.args(rest).arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        outer.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => outer.env(name, value),
            None => outer.env_remove(name),
        };
    }
    outer
}

/// Standard output of a command that must succeed.
pub fn output(command: &mut Command) -> Result<String> {
    let out = command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot start: {command:?}"))?;
    if !out.status.success() {
        bail!("{}: {command:?}", out.status);
    }
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// A program on PATH.
pub fn find(program: &str) -> Option<std::path::PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|dir| dir.join(program)).find(|path| is_executable(path))
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}
