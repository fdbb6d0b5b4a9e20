//! fapolicyd as a peer: permissive twice over, with a configuration, a data base and a socket of its own, in a mount namespace
//! of its own in which the work is done then, since its marks are of mounts. So it never refuses anything, and nobody else's
//! work waits for it.

use crate::bench::beside::Daemon;
use crate::{paths, run};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub struct Fapolicyd {
    daemon: Daemon,
}

impl Fapolicyd {
    pub fn start(folder: &Path) -> Result<Fapolicyd> {
        let program = run::find("fapolicyd").context("it is not on PATH")?;
        let own = folder.join("fapolicyd");
        for part in ["etc/rules.d", "etc/trust.d", "lib", "run"] {
            fs::create_dir_all(own.join(part))?;
        }
        let config = "permissive = 1\nnice_val = 0\nq_size = 4096\nuid = root\ngid = root\ndo_stat_report = 0\n\
            detailed_report = 0\ndb_max_size = 200\nsubj_cache_size = 4096\nobj_cache_size = 16384\n\
            watch_fs = ext2,ext3,ext4,tmpfs,xfs,btrfs,overlay\ntrust = file\nintegrity = sha256\n\
            syslog_format = rule,dec,perm,auid,pid,exe,:,path,ftype,trust\nrpm_sha256_only = 0\n\
            allow_filesystem_mark = 0\n";
        fs::write(own.join("etc/fapolicyd.conf"), config)?;
        // As its package: what is trusted may run and be opened, what is not may not run.
        let rules = "allow perm=open all : trust=1\nallow perm=execute all : trust=1\ndeny_audit perm=execute all : all\n\
            allow perm=open all : all\n";
        fs::write(own.join("etc/compiled.rules"), rules)?;
        fs::write(own.join("etc/fapolicyd.trust"), trusted()?)?;
        let binds = [("etc", "/etc/fapolicyd"), ("lib", "/var/lib/fapolicyd"), ("run", "/run/fapolicyd")];
        let mut script = String::from("set -e\n");
        for (part, at) in binds {
            fs::create_dir_all(at)?;
            script.push_str(&format!("mount --bind {} {at}\n", own.join(part).display()));
        }
        script.push_str(&format!("exec {} --permissive --debug-deny\n", program.display()));
        let log = own.join("log");
        let mut apart = Command::new("unshare");
        apart.args(["-m", "--propagation", "private", "sh", "-c", &script]);
        // unshare and the shell become the daemon.
        let mut peer = Fapolicyd { daemon: Daemon::start(&mut apart, &log)? };
        let begun = Instant::now();
        loop {
            let said = fs::read_to_string(&log)?;
            let last = || said.lines().last().unwrap_or_default().to_owned();
            if let Some(status) = peer.daemon.ended()? {
                bail!("it ended with {status}: {}", last());
            }
            if said.contains("Starting to listen for events") {
                return Ok(peer);
            }
            if begun.elapsed() > Duration::from_secs(120) {
                bail!("it did not listen within two minutes: {}", last());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Words that bring a command before its gate. Who enters other mounts stands at their root, and so goes back to the
    /// checkout.
    pub fn within(&self) -> Vec<String> {
        let mounts = format!("--mount=/proc/{}/ns/mnt", self.daemon.pid());
        ["nsenter".into(), mounts, "env".into(), format!("--chdir={}", paths::root().display())].to_vec()
    }
}

/// Lines of `PATH SIZE SHA-256` of the programs and libraries that the work uses.
fn trusted() -> Result<String> {
    let home = std::env::var("HOME").unwrap_or_else(|_| "/root".into());
    let places = ["/usr/bin", "/usr/sbin", "/usr/lib/gcc", "/usr/lib/x86_64-linux-gnu", "/usr/libexec"]
        .map(String::from)
        .into_iter()
        .chain(["rustup/toolchains", "cargo/bin"].map(|part| format!("{home}/.{part}")))
        .filter(|place| Path::new(place).exists());
    let mut find = Command::new("find");
    find.args(places).args(["-xdev", "-type", "f", "(", "-perm", "/111", "-o", "-name", "*.so*", ")", "-print0"]);
    let mut found = find.stdout(Stdio::piped()).spawn()?;
    let names = found.stdout.take().context("no output of find")?;
    let sums = run::output(Command::new("xargs").args(["-0", "sha256sum"]).stdin(names))?;
    let ended = found.wait()?;
    if !ended.success() {
        bail!("find: {ended}");
    }
    let mut lines = String::new();
    for line in sums.lines() {
        let Some((digest, path)) = line.split_once("  ") else { continue };
        // Its format has no way to write a blank in a path.
        if !path.contains(' ') && !digest.starts_with('\\') {
            lines.push_str(&format!("{path} {} {digest}\n", fs::metadata(path)?.len()));
        }
    }
    Ok(lines)
}
