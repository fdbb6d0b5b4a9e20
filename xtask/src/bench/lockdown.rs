//! What a lock costs: starts of a known program, a real compile, and an upgrade of a hundred packages; bare, with the agent,
//! with the agent and a lock over the whole host, and with fapolicyd; alternating in one run, medians of the ratios.
//!
//! The lock observes: it judges, and writes down, as one that enforces does, and the machine is not put at stake. fapolicyd is
//! permissive for the same reason, verifies content by SHA-256 as the lock does (its `integrity`), and stands in a mount
//! namespace of its own, in which the work is done then: its marks are of mounts.

use super::overhead::{compile, ratio, start_tamon, timed};
use crate::{paths, run};
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const STARTS: u32 = 3_000;
const PACKAGES: u32 = 100;
const FILES: u32 = 20;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Setup {
    Bare,
    Agent,
    Locked,
    Fapolicyd,
}

#[derive(Default)]
struct Samples {
    /// A program that stands; a shell that is asked about each time, since it may be told anything.
    starts: Vec<f64>,
    shells: Vec<f64>,
    compile: Vec<f64>,
    upgrade: Vec<f64>,
    /// Of the lock's gate, µs.
    p99: Vec<f64>,
}

pub fn lockdown(tamon: &Path, rounds: usize) -> Result<Vec<(String, f64)>> {
    let folder = std::env::temp_dir().join(format!("tamon-bench-lockdown-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let result = measure(tamon, rounds, &folder);
    fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    result
}

fn measure(tamon: &Path, rounds: usize, folder: &Path) -> Result<Vec<(String, f64)>> {
    compile(folder, &[]).context("the compile, first time")?;
    let packages = Packages::build(folder)?;
    let mut setups = vec![Setup::Bare, Setup::Agent, Setup::Locked];
    match Fapolicyd::start(folder) {
        Ok(peer) => {
            peer.stop()?;
            setups.push(Setup::Fapolicyd);
        }
        Err(error) => eprintln!("bench lockdown: fapolicyd cannot run here: {error:#}; measured without it"),
    }
    let mut samples: Vec<(Setup, Samples)> = setups.iter().map(|setup| (*setup, Samples::default())).collect();
    for round in 0..rounds {
        for (setup, samples) in &mut samples {
            packages.install_old()?;
            let mut world = World::start(*setup, tamon, folder)?;
            let within = world.within();
            samples.starts.push(timed(|| starts(&within, "/bin/true"))?);
            samples.shells.push(timed(|| starts(&within, "/bin/sh -c :"))?);
            samples.compile.push(timed(|| compile(folder, &within))?);
            samples.upgrade.push(timed(|| packages.upgrade(&within))?);
            samples.p99.extend(world.p99(tamon, folder)?);
            world.stop()?;
            let last = |of: &[f64]| of.last().copied().unwrap_or_default();
            println!(
                "round {round} {setup:?}: {STARTS} starts {:.2} s, of a shell {:.2} s, compile {:.2} s, upgrade {:.2} s",
                last(&samples.starts),
                last(&samples.shells),
                last(&samples.compile),
                last(&samples.upgrade)
            );
        }
    }
    Ok(figures(&samples))
}

fn figures(samples: &[(Setup, Samples)]) -> Vec<(String, f64)> {
    let mut figures = Vec::new();
    let bare = &samples[0].1;
    for (setup, with) in samples {
        let name = format!("{setup:?}").to_lowercase();
        let each = |of: &[f64]| median(of) / f64::from(STARTS) * 1e6;
        figures.push((format!("start_us_{name}"), each(&with.starts)));
        figures.push((format!("shell_us_{name}"), each(&with.shells)));
        if *setup != Setup::Bare {
            figures.push((format!("start_ratio_{name}"), ratio(&with.starts, &bare.starts)));
            figures.push((format!("compile_ratio_{name}"), ratio(&with.compile, &bare.compile)));
            figures.push((format!("upgrade_ratio_{name}"), ratio(&with.upgrade, &bare.upgrade)));
        }
        if !with.p99.is_empty() {
            figures.push((format!("gate_p99_us_{name}"), median(&with.p99)));
        }
    }
    figures
}

fn median(of: &[f64]) -> f64 {
    let mut sorted = of.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

fn shell(within: &[String], script: &str) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", script]);
    run::within(within, shell)
}

fn starts(within: &[String], what: &str) -> Result<()> {
    let script = format!("i=0; while [ $i -lt {STARTS} ]; do {what}; i=$((i+1)); done");
    let status = shell(within, &script).status()?;
    if !status.success() {
        bail!("the starts ended with {status}");
    }
    Ok(())
}

/// A hundred packages in two versions, each with a program, a library and data; installed below a root of their own.
struct Packages {
    root: PathBuf,
    old: Vec<PathBuf>,
    new: Vec<PathBuf>,
}

impl Packages {
    fn build(folder: &Path) -> Result<Packages> {
        let debs = folder.join("debs");
        fs::create_dir_all(&debs)?;
        let of = |version: u32| (0..PACKAGES).map(|n| package(&debs, n, version)).collect::<Result<Vec<_>>>();
        Ok(Packages { root: folder.join("root"), old: of(1)?, new: of(2)? })
    }

    fn install_old(&self) -> Result<()> {
        if self.root.exists() {
            fs::remove_dir_all(&self.root)?;
        }
        for part in ["var/lib/dpkg/info", "var/lib/dpkg/updates"] {
            fs::create_dir_all(self.root.join(part))?;
        }
        fs::write(self.root.join("var/lib/dpkg/status"), "")?;
        self.install(&[], &self.old)
    }

    /// And each new program runs once, as services do that are started again.
    fn upgrade(&self, within: &[String]) -> Result<()> {
        self.install(within, &self.new)?;
        let script = format!("for p in {}/usr/bin/tamon-bench-*; do \"$p\" || exit 1; done", self.root.display());
        let status = shell(within, &script).status()?;
        if !status.success() {
            bail!("a program of the new packages ended with {status}");
        }
        Ok(())
    }

    fn install(&self, within: &[String], debs: &[PathBuf]) -> Result<()> {
        let mut dpkg = Command::new("/usr/bin/dpkg");
        dpkg.arg(format!("--root={}", self.root.display()));
        dpkg.args(["--force-script-chrootless", "--log=/dev/null", "-i"]).args(debs);
        let output = run::within(within, dpkg).output()?;
        if !output.status.success() {
            bail!("dpkg: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }
}

fn package(debs: &Path, n: u32, version: u32) -> Result<PathBuf> {
    let tree = debs.join("tree");
    if tree.exists() {
        fs::remove_dir_all(&tree)?;
    }
    for part in ["DEBIAN", "usr/bin", "usr/lib", "usr/share/tamon-bench"] {
        fs::create_dir_all(tree.join(part))?;
    }
    let control = format!(
        "Package: tamon-bench-{n}\nVersion: {version}\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\n\
         Description: a package of the bench\n"
    );
    fs::write(tree.join("DEBIAN/control"), control)?;
    let marked = |of: &str| -> Result<Vec<u8>> {
        let mut bytes = fs::read(of).with_context(|| format!("cannot read {of}"))?;
        bytes.extend(format!("{n} {version}").bytes());
        Ok(bytes)
    };
    let program = tree.join(format!("usr/bin/tamon-bench-{n}"));
    fs::write(&program, marked("/bin/true")?)?;
    fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    fs::write(tree.join(format!("usr/lib/libtamon-bench-{n}.so.1")), marked("/lib/x86_64-linux-gnu/libm.so.6")?)?;
    for file in 0..FILES {
        let data = format!("{n} {version} {file}\n").repeat(200);
        fs::write(tree.join(format!("usr/share/tamon-bench/{n}-{file}")), data)?;
    }
    let deb = debs.join(format!("{n}-{version}.deb"));
    let mut build = Command::new("dpkg-deb");
    run::output(build.args(["--root-owner-group", "-Zgzip", "-z1", "-b"]).arg(&tree).arg(&deb))?;
    Ok(deb)
}

struct World {
    setup: Setup,
    agent: Option<Child>,
    peer: Option<Fapolicyd>,
}

impl World {
    fn start(setup: Setup, tamon: &Path, folder: &Path) -> Result<World> {
        let mut world = World { setup, agent: None, peer: None };
        match setup {
            Setup::Bare => {}
            Setup::Agent => world.agent = Some(start_tamon(tamon, folder)?),
            Setup::Locked => {
                world.agent = Some(start_tamon(tamon, folder)?);
                lock(tamon, folder)?;
            }
            Setup::Fapolicyd => world.peer = Some(Fapolicyd::start(folder)?),
        }
        std::thread::sleep(Duration::from_secs(2));
        Ok(world)
    }

    fn within(&self) -> Vec<String> {
        // Who enters other mounts stands at their root.
        let folder = format!("--chdir={}", paths::root().display());
        let enter = |peer: &Fapolicyd| {
            ["nsenter".to_owned(), format!("--mount=/proc/{}/ns/mnt", peer.pid), "env".to_owned(), folder]
        };
        self.peer.as_ref().map(enter).into_iter().flatten().collect()
    }

    fn p99(&mut self, tamon: &Path, folder: &Path) -> Result<Option<f64>> {
        if self.setup != Setup::Locked {
            return Ok(None);
        }
        let status: serde_json::Value = serde_json::from_str(&run::output(asked(tamon, folder).args(["status"]))?)?;
        Ok(status["gate"]["waits"]["p99_us"].as_f64())
    }

    fn stop(self) -> Result<()> {
        if let Some(mut agent) = self.agent {
            Command::new("kill").args(["-TERM", &agent.id().to_string()]).status()?;
            agent.wait()?;
        }
        self.peer.map_or(Ok(()), Fapolicyd::stop)
    }
}

fn asked(tamon: &Path, folder: &Path) -> Command {
    let mut command = Command::new(tamon);
    command.arg("--state").arg(folder.join("state")).args(["--output", "json"]);
    command
}

/// What is no package's here, the Rust toolchain above all, is learned first, as an operator would.
fn lock(tamon: &Path, folder: &Path) -> Result<()> {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_else(|| "/root".into());
    let more = ["rustup/toolchains", "cargo/bin"].map(|part| home.join(format!(".{part}")));
    let mut learn = asked(tamon, folder);
    learn.args(["lockdown", "learn"]).args(more.iter().filter(|path| path.exists())).arg(folder.join("root"));
    run::output(&mut learn)?;
    let mut lock = asked(tamon, folder);
    // Ends with 1 where something that runs now would be refused: told, and no matter here.
    let output = lock.args(["lockdown", "lock", "--mode", "observe"]).output()?;
    if !matches!(output.status.code(), Some(0 | 1)) {
        bail!("lock: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// With a configuration, a data base and a socket of its own.
struct Fapolicyd {
    child: Child,
    /// Of the daemon, whose mounts the work is done in.
    pid: u32,
}

impl Fapolicyd {
    fn start(folder: &Path) -> Result<Fapolicyd> {
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
        let log = File::create(own.join("log"))?;
        let child = Command::new("unshare")
            .args(["-m", "--propagation", "private", "sh", "-c", &script])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        // unshare and the shell become the daemon.
        let mut peer = Fapolicyd { pid: child.id(), child };
        let begun = Instant::now();
        loop {
            let said = fs::read_to_string(own.join("log")).unwrap_or_default();
            if let Some(status) = peer.child.try_wait()? {
                bail!("it ended with {status}: {}", said.lines().last().unwrap_or_default());
            }
            if said.contains("Starting to listen for events") {
                return Ok(peer);
            }
            if begun.elapsed() > Duration::from_secs(120) {
                peer.stop()?;
                bail!("it did not listen within two minutes: {}", said.lines().last().unwrap_or_default());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn stop(mut self) -> Result<()> {
        Command::new("kill").args(["-TERM", &self.pid.to_string()]).status()?;
        self.child.wait()?;
        Ok(())
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
    let found = find.stdout(Stdio::piped()).spawn()?;
    let sums =
        Command::new("xargs").args(["-0", "sha256sum"]).stdin(found.stdout.context("no output of find")?).output()?;
    let mut lines = String::new();
    for line in String::from_utf8_lossy(&sums.stdout).lines() {
        let Some((digest, path)) = line.split_once("  ") else { continue };
        // Its format has no way to write a blank in a path.
        if !path.contains(' ') && !digest.starts_with('\\') {
            lines.push_str(&format!("{path} {} {digest}\n", fs::metadata(path)?.len()));
        }
    }
    Ok(lines)
}
