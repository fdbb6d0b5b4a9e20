//! The kernel matrix: Debian's own kernels in QEMU under TCG, each loading every BPF object and refusing a program in the
//! LSM tier, which the build machine's kernel may not. The guest is one initramfs: busybox, the check and its libraries.
//! Kernels are unpacked from their packages, never installed.

use crate::{packages, paths, run};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[derive(Args)]
pub struct Options {
    /// Kernel series to test.
    #[arg(long = "kernel", default_values = ["6.1", "6.12"])]
    pub kernels: Vec<String>,
    /// Install missing Debian packages without asking.
    #[arg(long)]
    pub yes: bool,
    /// Seconds that one guest may take.
    #[arg(long, default_value_t = 900)]
    pub timeout: u64,
}

pub fn vm_test(options: &Options) -> Result<()> {
    packages::ensure(packages::BUILD, options.yes)?;
    packages::ensure(packages::VM, options.yes)?;
    let folder = paths::target().join("vm");
    fs::create_dir_all(&folder)?;
    let examples =
        ["build", "-p", "sensor", "--example", "load_all", "--example", "vm_acts", "--example", "lock_attacks"];
    run::run("build the guest's checks", &mut run::cargo(&examples))?;
    // The whole binary, since another choice of packages would compile the heavy dependencies anew.
    run::run("build the guest's agent", &mut run::cargo(&["build", "--workspace", "--tests"]))?;
    let agent = stripped(&folder, &paths::tamon("dev"))?;
    let mut failed = Vec::new();
    for series in &options.kernels {
        let kernel = kernel(&folder, series)?;
        let initramfs = initramfs(&folder, series, &agent)?;
        match guest(&kernel, &initramfs, Duration::from_secs(options.timeout)) {
            Ok(()) => println!("vm-test: kernel {series}: ok"),
            Err(error) => {
                println!("vm-test: kernel {series}: FAILED: {error:#}");
                failed.push(series.as_str());
            }
        }
    }
    if !failed.is_empty() {
        bail!("vm-test failed on kernel {}", failed.join(", "));
    }
    Ok(())
}

/// Debian's package of the newest kernel of a series, unpacked; returns the kernel image.
fn kernel(folder: &Path, series: &str) -> Result<PathBuf> {
    let meta = if series == "6.1" {
        "linux-image-cloud-amd64".to_owned()
    } else {
        format!("linux-image-{series}-cloud-amd64")
    };
    if let Some(image) = unpacked(&folder.join(series)) {
        return Ok(image);
    }
    let depends = run::output(Command::new("apt-cache").args(["depends", "--important", &meta]))?;
    let package = depends
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Depends: "))
        .find(|name| name.starts_with("linux-image-"))
        .with_context(|| format!("{meta} names no kernel package; run apt-get update"))?
        .to_owned();
    let download = folder.join(format!("{series}.deb"));
    fs::create_dir_all(&download)?;
    // apt downloads as the user _apt, who must be able to write here; --allow does as root what root may.
    run::run(
        &format!("fetch {package}"),
        Command::new("apt-get")
            .args(["download", "-q", "-o", "APT::Sandbox::User=root", &package])
            .current_dir(&download),
    )?;
    let deb = fs::read_dir(&download)?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|e| e == "deb"))
        .context("apt-get download left no package")?;
    run::run("unpack it", Command::new("dpkg").arg("-x").arg(&deb).arg(folder.join(series)))?;
    unpacked(&folder.join(series)).context("the package holds no kernel image")
}

fn unpacked(folder: &Path) -> Option<PathBuf> {
    let boot = fs::read_dir(folder.join("boot")).ok()?;
    boot.flatten().map(|entry| entry.path()).find(|path| path.to_string_lossy().contains("/boot/vmlinuz-"))
}

/// Without symbols: the guest unpacks it into memory, at an emulator's speed.
fn stripped(folder: &Path, binary: &Path) -> Result<PathBuf> {
    let small = folder.join("tamon");
    run::run("strip it", Command::new("strip").arg("-o").arg(&small).arg(binary))?;
    Ok(small)
}

/// busybox, the checks, the agent, the libraries they link, a module of the kernel, and what stands in `tests/vm`.
fn initramfs(folder: &Path, series: &str, agent: &Path) -> Result<PathBuf> {
    let examples = paths::target().join("debug/examples");
    let [check, acts, attacks] = ["load_all", "vm_acts", "lock_attacks"].map(|name| examples.join(name));
    let tree = folder.join("initramfs");
    if tree.exists() {
        fs::remove_dir_all(&tree)?;
    }
    for part in ["bin", "proc", "sys", "dev", "tmp", "lib/x86_64-linux-gnu", "lib64", "etc", "root"] {
        fs::create_dir_all(tree.join(part))?;
    }
    fs::copy("/bin/busybox", tree.join("bin/busybox")).context("busybox-static is needed")?;
    fs::copy(paths::root().join("tests/vm/init"), tree.join("init"))?;
    fs::copy(paths::root().join("tests/vm/policy.toml"), tree.join("etc/policy.toml"))?;
    fs::copy(&check, tree.join("vm-check"))?;
    fs::copy(&acts, tree.join("vm-acts"))?;
    fs::copy(&attacks, tree.join("lock-attacks"))?;
    fs::copy(agent, tree.join("tamon"))?;
    module(&folder.join(series), &tree.join("root/dummy.ko"))?;
    for library in [libraries(&check)?, libraries(&acts)?, libraries(&attacks)?, libraries(agent)?].concat() {
        let name = library.file_name().context("a library without a name")?;
        let place = if name.to_string_lossy().starts_with("ld-linux") { "lib64" } else { "lib/x86_64-linux-gnu" };
        fs::copy(&library, tree.join(place).join(name))?;
    }
    let archive = folder.join("initramfs.cpio");
    let pack = format!("find . | cpio --quiet -o -H newc > {}", shell_quoted(&archive));
    run::run("pack the initramfs", Command::new("sh").args(["-c", &pack]).current_dir(&tree))?;
    Ok(archive)
}

/// One that needs no other and touches nothing, plain.
fn module(kernel: &Path, to: &Path) -> Result<()> {
    let find = format!("find {} -name 'dummy.ko*' | head -1", shell_quoted(&kernel.join("lib/modules")));
    let found = PathBuf::from(run::output(Command::new("sh").args(["-c", &find]))?.trim());
    if found.extension().is_some_and(|end| end == "xz") {
        let unpack = format!("xz -dc {} > {}", shell_quoted(&found), shell_quoted(to));
        return run::run("unpack a module", Command::new("sh").args(["-c", &unpack]));
    }
    fs::copy(&found, to).with_context(|| format!("no module {}", found.display())).map(drop)
}

fn shell_quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
}

fn libraries(program: &Path) -> Result<Vec<PathBuf>> {
    let listed = run::output(Command::new("ldd").arg(program))?;
    Ok(listed.split_whitespace().filter(|word| word.starts_with('/')).map(PathBuf::from).collect())
}

fn guest(kernel: &Path, initramfs: &Path, limit: Duration) -> Result<()> {
    let start = Instant::now();
    let mut child = Command::new("qemu-system-x86_64")
        .args(["-accel", "tcg", "-cpu", "max", "-m", "2G", "-smp", "2", "-nographic", "-no-reboot", "-net", "none"])
        .arg("-kernel")
        .arg(kernel)
        .arg("-initrd")
        .arg(initramfs)
        .args(["-append", "console=ttyS0 quiet panic=-1 lsm=landlock,bpf rdinit=/init"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start qemu-system-x86_64")?;
    let output = child.stdout.take().context("no output of the guest")?;
    let (send, lines) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(output).split(b'\n').map_while(|line| line.ok()) {
            if send.send(String::from_utf8_lossy(&line).trim_end().to_owned()).is_err() {
                return;
            }
        }
    });
    let mut ended = None;
    while let Some(left) = limit.checked_sub(start.elapsed()) {
        match lines.recv_timeout(left) {
            Ok(line) => {
                println!("  {line}");
                if let Some(status) = line.split("guest: check ended with ").nth(1) {
                    ended = Some(status.trim().to_owned());
                }
            }
            Err(_) => break,
        }
    }
    if child.try_wait()?.is_none() {
        child.kill()?;
    }
    child.wait()?;
    if reader.join().is_err() {
        bail!("the reader of the guest's console panicked");
    }
    match ended.as_deref() {
        Some("0") => Ok(()),
        Some(status) => bail!("the check ended with {status}"),
        None => bail!("the guest never came to the end of its check in {} s", start.elapsed().as_secs()),
    }
}
