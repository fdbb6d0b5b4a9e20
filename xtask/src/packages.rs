//! Debian packages that a task needs. Says what is missing, asks, installs.

use crate::run;
use anyhow::{Result, bail};
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::process::{Command, Stdio};

/// To build the binary: C compiler and libraries for -sys crates, clang for BPF, Node for the console, mold to link fast.
pub const BUILD: &[&str] =
    &["build-essential", "pkg-config", "clang-19", "libelf-dev", "zlib1g-dev", "mold", "nodejs", "npm"];

/// For the tests besides: a browser with Japanese fonts, QEMU and what makes its guest.
pub const TEST: &[&str] = &["chromium", "fonts-noto-cjk", "iproute2", "openssl", "openssh-server"];

/// They write the archives that `unpack`'s tests and bench open; a test that misses its program says that it skips.
pub const ARCHIVERS: &[&str] = &[
    "bzip2",
    "cpio",
    "gcab",
    "genisoimage",
    "libarchive-tools",
    "lz4",
    "lzip",
    "makeself",
    "p7zip-full",
    "rpm",
    "sharutils",
    "squashfs-tools",
    "xorriso",
    "xz-utils",
    "zip",
    "zstd",
];

/// For the guests of the kernel matrix.
pub const VM: &[&str] = &["qemu-system-x86", "busybox-static", "cpio", "zstd", "xz-utils"];

/// Peers of `bench overhead`.
pub const AUDIT_PEERS: &[&str] = &["auditd", "laurel"];

/// Peers of `bench signatures`.
pub const SIGNATURE_PEERS: &[&str] = &["clamav", "clamav-daemon"];

/// Honest work that computes hard, for `bench miners`.
pub const WORK: &[&str] = &["ffmpeg", "python3", "xz-utils"];

/// What `bench ransomware` is measured against: a share, and daily work that must not be stopped.
pub const WORKLOADS: &[&str] =
    &["samba", "smbclient", "rsync", "git", "gnupg", "sqlite3", "logrotate", "imagemagick", "openssl", "iproute2"];

/// Daily work on guarded files, for `bench rollback-cost`.
pub const GUARDED_WORK: &[&str] = &["build-essential", "dpkg", "git", "postgresql", "postgresql-contrib", "util-linux"];

/// They make the throw-away roots of `attack` and `noise`.
pub const ATTACK: &[&str] = &["iproute2", "util-linux", "xz-utils"];

/// Servers that `prevention` and `bench prevention` confine, and what loads them.
pub const SERVERS: &[&str] = &[
    "apache2",
    "apache2-utils",
    "busybox-static",
    "cron",
    "curl",
    "docker.io",
    "iproute2",
    "libfcgi-bin",
    "libnginx-mod-http-perl",
    "mariadb-client",
    "mariadb-server",
    "nginx",
    "openssh-client",
    "openssh-server",
    "openssh-sftp-server",
    "php-fpm",
    "postgresql",
    "postgresql-contrib",
    "python3",
    "redis-server",
    "redis-tools",
    "util-linux",
];

/// Peers of `bench scan`.
pub const SCAN_PEERS: &[&str] = &["clamav", "clamav-daemon", "clamdscan", "yara"];

/// Peers of `bench integrity`.
pub const INTEGRITY_PEERS: &[&str] = &["aide", "auditd"];

/// `yes` installs without asking.
pub fn ensure(wanted: &[&str], yes: bool) -> Result<()> {
    let missing: Vec<&str> = wanted.iter().copied().filter(|package| !present(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    eprintln!("xtask: missing Debian packages: {}", missing.join(" "));
    if run::find("apt-get").is_none() {
        bail!("no apt-get here: install by hand what stands for {}", missing.join(", "));
    }
    if !yes && !agreed()? {
        bail!("not installed; run `apt-get install {}` yourself, or give --yes", missing.join(" "));
    }
    let apt = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
        command
    };
    run::run("apt-get update", apt().args(["update", "-q"]).stdout(Stdio::null()))?;
    run::run("apt-get install", apt().args(["install", "-y", "-q", "--no-install-recommends"]).args(&missing))
}

/// Node and npm may stand here from elsewhere than Debian's packages; a program on PATH is good enough for those.
fn present(package: &str) -> bool {
    let program = match package {
        "nodejs" => "node",
        "npm" => "npm",
        "mold" => "mold",
        "clang-19" => "clang-19",
        "chromium" => "chromium",
        "qemu-system-x86" => "qemu-system-x86_64",
        "pkg-config" => "pkg-config",
        _ => return installed(package),
    };
    run::find(program).is_some()
}

fn installed(package: &str) -> bool {
    let status = Command::new("dpkg-query").args(["-W", "-f", "${db:Status-Status}", package]).output();
    status.is_ok_and(|out| out.status.success() && out.stdout == b"installed")
}

fn agreed() -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    eprint!("xtask: install them now with apt-get? [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
