//! `cargo xtask bench upgrade`: a hundred packages unpacked by dpkg-deb into a new root and a hundred of their programs run in
//! it, with the real agent and its default gate, and without one, alternating. The packages are this host's own installed
//! ones, packed again. The agent's gate marks the file system that holds /tmp, so every open there asks.

#[path = "../support/agent.rs"]
mod agent;

use agent::{Agent, machine, median, round, tamon};
use anyhow::{Context as _, Result, bail};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

const ROUNDS: usize = 9;
const PACKAGES: usize = 100;
const PROGRAMS: usize = 100;
const MOST_KIB: u64 = 6_000;
/// What the programs that are run need, and they themselves.
const FIRST: [&str; 14] = [
    "libc6",
    "libgcc-s1",
    "libtinfo6",
    "libacl1",
    "libattr1",
    "libselinux1",
    "libpcre2-8-0",
    "libgmp10",
    "coreutils",
    "dash",
    "bash",
    "grep",
    "sed",
    "tar",
];

fn main() -> Result<()> {
    let tamon = tamon()?;
    let rounds = std::env::args().nth(1).map_or(Ok(ROUNDS), |n| n.parse())?;
    // Where systems keep their programs, not where anyone may write: below the home of who measures.
    let home = std::env::var_os("HOME").context("HOME is not set")?;
    let folder = tempfile::tempdir_in(home)?;
    let packages = packed(folder.path())?;
    println!("{} packages of {} MiB", packages.len(), size(&packages)? >> 20);
    clean(folder.path())?;
    upgrade(folder.path(), &packages)?;
    let (mut ratios, mut bare, mut with) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        let alone = clean(folder.path()).and_then(|()| timed(|| upgrade(folder.path(), &packages)))?;
        let agent = Agent::start(&tamon, folder.path(), "")?;
        let watched = clean(folder.path()).and_then(|()| timed(|| upgrade(folder.path(), &packages)))?;
        agent.stop()?;
        println!("round {round}: {alone:.2} s without, {watched:.2} s with the agent");
        ratios.push(watched / alone);
        bare.push(alone);
        with.push(watched);
    }
    let figures = serde_json::json!({
        "upgrade_ratio": round(median(&mut ratios)),
        "bare_s": round(median(&mut bare)),
        "agent_s": round(median(&mut with)),
        "packages": packages.len(),
    });
    println!("{}", serde_json::json!({ "bench": "upgrade", "machine": machine(), "figures": figures }));
    Ok(())
}

fn timed(act: impl FnOnce() -> Result<()>) -> Result<f64> {
    let began = Instant::now();
    act()?;
    Ok(began.elapsed().as_secs_f64())
}

fn size(files: &[PathBuf]) -> Result<u64> {
    files.iter().map(|file| Ok(fs::metadata(file)?.len())).sum()
}

/// Before the clock runs: the last root is gone, and the disk has nothing left to do for it.
fn clean(folder: &Path) -> Result<()> {
    let root = folder.join("root");
    if root.exists() {
        fs::remove_dir_all(&root)?;
    }
    rustix::fs::sync();
    Ok(())
}

/// Unpacks all into an empty root and runs what is in it.
fn upgrade(folder: &Path, packages: &[PathBuf]) -> Result<()> {
    let root = folder.join("root");
    fs::create_dir(&root)?;
    // Debian's merged folders, so that no package makes them apart.
    for name in ["bin", "sbin", "lib", "lib64"] {
        fs::create_dir_all(root.join("usr").join(name))?;
        std::os::unix::fs::symlink(format!("usr/{name}"), root.join(name))?;
    }
    for package in packages {
        let status = Command::new("dpkg-deb").arg("-x").arg(package).arg(&root).status()?;
        if !status.success() {
            bail!("{} was not unpacked: {status}", package.display());
        }
    }
    let mut programs: Vec<_> = fs::read_dir(root.join("usr/bin"))?.collect::<std::io::Result<Vec<_>>>()?;
    programs.sort_by_key(std::fs::DirEntry::file_name);
    let mut ran = 0;
    for program in programs.iter().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file())).take(PROGRAMS) {
        let mut command = Command::new("chroot");
        command.arg(&root).arg(Path::new("/usr/bin").join(program.file_name())).arg("--version");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        ran += usize::from(command.status()?.success());
    }
    if ran < PROGRAMS / 4 {
        bail!("only {ran} of {} programs ran", programs.len().min(PROGRAMS));
    }
    Ok(())
}

/// Installed packages as files to install.
fn packed(folder: &Path) -> Result<Vec<PathBuf>> {
    let listed = output("dpkg-query", &["-W", "-f", "${Package} ${Installed-Size}\n"])?;
    let sized = listed.lines().filter_map(|line| line.split_once(' '));
    let fitting = sized.filter(|(_, kib)| kib.parse::<u64>().is_ok_and(|kib| (30..MOST_KIB).contains(&kib)));
    let others = fitting.map(|(name, _)| name.to_owned()).filter(|name| !FIRST.contains(&name.as_str()));
    let names: Vec<String> = FIRST.map(String::from).into_iter().chain(others).take(PACKAGES).collect();
    names.iter().map(|name| pack(folder, name)).collect::<Result<Vec<_>>>()
}

fn pack(folder: &Path, name: &str) -> Result<PathBuf> {
    let (tree, package) = (folder.join("tree"), folder.join(format!("{name}.deb")));
    if tree.exists() {
        fs::remove_dir_all(&tree)?;
    }
    fs::create_dir_all(tree.join("DEBIAN"))?;
    let control = format!(
        "Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: bench <bench@localhost>\nDescription: packed again\n"
    );
    fs::write(tree.join("DEBIAN/control"), control)?;
    let files: BTreeSet<String> = output("dpkg-query", &["-L", name])?.lines().map(str::to_owned).collect();
    for file in files {
        let from = Path::new(&file);
        let Ok(meta) = from.symlink_metadata() else { continue };
        // /bin and the like are links into /usr on a host whose package still names them so.
        let place = from.parent().and_then(|parent| parent.canonicalize().ok()).unwrap_or_default();
        let to = tree.join(place.strip_prefix("/").unwrap_or(&place)).join(from.file_name().unwrap_or_default());
        if meta.is_dir() || !(meta.is_file() || meta.is_symlink()) || meta.len() > MOST_KIB << 10 {
            continue;
        }
        fs::create_dir_all(to.parent().context("a file lies in a folder")?)?;
        if meta.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(from)?, &to)?;
        } else {
            fs::copy(from, &to)?;
        }
    }
    let built = Command::new("dpkg-deb")
        .args(["-Zgzip", "-z1", "--root-owner-group", "-b"])
        .arg(&tree)
        .arg(&package)
        .stdout(Stdio::null())
        .status()?;
    if built.success() { Ok(package) } else { bail!("{name} was not packed: {built}") }
}

fn output(program: &str, arguments: &[&str]) -> Result<String> {
    let done = Command::new(program).args(arguments).output()?;
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}
