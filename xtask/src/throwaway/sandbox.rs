//! A throw-away root and namespaces for one test. Safe by construction, not by trust in the test:
//!
//! - its own user namespace: no capability of it counts in the host's, so no module, no clock, no swap, no reboot, no raw
//!   device; mounting is taken away besides, and /proc's and /sys' knobs are read-only;
//! - its own network namespace with nothing but loopback, to which every address leads;
//! - its own mount namespace on an overlay: the host's files can be read, what is written lies in memory and is dropped;
//! - its own processes: all end with the first;
//! - limits on processes, memory, processor, file size and time.

use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The first program in there. It builds the root, says that it is ready, and waits for a word before the test itself.
/// The test comes by an environment variable: in an argument it would be seen before it runs.
const ENTER: &str = r#"
set -e
root=$1
hostname throw-away
ip link set lo up
ip route add local default dev lo
echo '0 65535' > /proc/sys/net/ipv4/ping_group_range
mount --bind "$root" "$root"
cd "$root"
mount -t proc proc proc
for knob in sys sysrq-trigger irq bus fs; do
    [ ! -e proc/$knob ] || { mount --bind proc/$knob proc/$knob; mount -o remount,bind,ro proc/$knob; }
done
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=755,size=16m tmpfs dev
for node in null zero full random urandom tty; do
    : > dev/$node
    mount --bind /dev/$node dev/$node
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
mount -t tmpfs -o mode=1777,size=64m tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
mkdir -p .host
pivot_root . .host
umount -l /.host
rmdir /.host
cd /root
set +e
unset ENTER
# What an ordinary host runs, so that there is something to look at, to stop and to ask.
for daemon in cron atd rsyslogd; do
    ! command -v $daemon >/dev/null || $daemon >/dev/null 2>&1 3>&- </dev/null
done
setpriv --bounding-set=-sys_admin,-sys_module,-sys_rawio,-sys_boot,-sys_time,-mknod,-syslog,-bpf,-perfmon,-audit_control,-mac_admin \
    --inh-caps=-all \
    prlimit --nproc=600 --as=8589934592 --fsize=268435456 --cpu=60 --core=0 \
    sh -c 'echo ready >&3; read -r word; exec 3>&-; exec '"$TEST_SHELL"' -c "$TEST" </dev/null'
"#;

/// What a log-in shell has; nothing of ours goes in.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
    ("HOME", "/root"),
    ("USER", "root"),
    ("LOGNAME", "root"),
    ("TERM", "dumb"),
    ("LANG", "C.UTF-8"),
    ("SHELL", "/bin/bash"),
];

/// What is there besides the host's programs, and what of the host is not.
pub struct Layers {
    work: PathBuf,
    tools: PathBuf,
    /// Roots that stand mounted.
    pub roots: PathBuf,
}

/// How one script ended.
pub struct Ended {
    /// None where it was ended for its time.
    pub code: Option<i32>,
    pub output: String,
}

impl Layers {
    /// `cache` outlives the run and holds the tools; `work` does not.
    pub fn prepare(cache: &Path, work: &Path, packages: &[&str]) -> Result<Layers> {
        let kept = Layers { work: work.join("layers"), tools: cache.join("tools"), roots: work.join("roots") };
        let layers = Layers { tools: kept.work.join("tools"), work: kept.work.clone(), roots: kept.roots.clone() };
        fs::create_dir_all(&layers.work)?;
        fs::create_dir_all(&layers.roots)?;
        // Not below the folders that are hidden, and gone with this process.
        mount(&["-t", "tmpfs", "-o", "size=6g,mode=755", "tmpfs"], &layers.work)?;
        let stamp = cache.join("tools.ready");
        let wanted = packages.join(" ");
        if fs::read_to_string(&stamp).ok().as_deref() != Some(&wanted) {
            kept.install(cache, packages)?;
            kept.hide()?;
            fs::write(&stamp, wanted)?;
        }
        // One layer must not lie within another, and the host's root is one.
        let status = Command::new("cp").arg("-a").args([&kept.tools, &layers.tools]).status()?;
        if !status.success() {
            bail!("cannot copy the tools: {status}");
        }
        Ok(layers)
    }

    /// The tools that tests ask for, from Debian, unpacked where only the throw-away roots see them.
    fn install(&self, cache: &Path, packages: &[&str]) -> Result<()> {
        for old in [&self.tools, &cache.join("work")] {
            if old.exists() {
                fs::remove_dir_all(old)?;
            }
        }
        let inside = self.tools.join("var/cache/tamon");
        let kept = cache.join("debs");
        fs::create_dir_all(inside.join("partial"))?;
        fs::create_dir_all(cache.join("work"))?;
        let mut fetch = Command::new("apt-get");
        fetch.args(["install", "-y", "-q", "--no-install-recommends", "--download-only", "-o"]);
        fetch.arg(format!("Dir::Cache::archives={}", inside.display())).args(packages).stdin(Stdio::null());
        crate::run::run("fetch the tools of the tests", fetch.stdout(Stdio::null()))?;
        // Once more beside the layer: `noise` installs and removes them again.
        if kept.exists() {
            fs::remove_dir_all(&kept)?;
        }
        fs::create_dir_all(&kept)?;
        for entry in fs::read_dir(&inside)?.flatten().filter(|entry| entry.path().is_file()) {
            fs::copy(entry.path(), kept.join(entry.file_name()))?;
        }
        let root = self.roots.join("tools");
        fs::create_dir_all(&root)?;
        let options = format!("lowerdir=/,upperdir={},workdir={}", self.tools.display(), cache.join("work").display());
        mount(&["-t", "overlay", "-o", &options, "overlay"], &root)?;
        let script = include_str!("tools.sh");
        let ended = run(&root, "sh", script, Duration::from_secs(600), &mut || Ok(()))?;
        unmount(&root)?;
        if ended.code != Some(0) {
            eprintln!(
                "xtask: not all tools could be installed; tests that miss theirs say so:\n{}",
                tail(&ended.output)
            );
        }
        Ok(())
    }

    /// White-outs over all of the host's top folders but its programs and settings.
    fn hide(&self) -> Result<()> {
        let keep = ["bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr", "etc", "var", "opt"];
        for entry in fs::read_dir("/")?.flatten() {
            let name = entry.file_name();
            if keep.iter().any(|kept| name == *kept) {
                continue;
            }
            let over = self.tools.join(&name);
            if over.exists() {
                fs::remove_dir_all(&over)?;
            }
            let status = Command::new("mknod").arg(&over).args(["c", "0", "0"]).status()?;
            if !status.success() {
                bail!("cannot hide /{}: {status}", name.display());
            }
        }
        Ok(())
    }

    /// A root of its own, as somebody lives in it; all of it is gone with this process.
    pub fn root(&self, name: &str) -> Result<PathBuf> {
        let (upper, work, root) = (self.work.join(name), self.work.join(format!("{name}.work")), self.roots.join(name));
        for folder in ["proc", "sys", "dev", "run", "mnt", "media", "srv", "root", "home/user", "tmp"] {
            fs::create_dir_all(upper.join(folder))?;
        }
        let status = Command::new("chmod").arg("1777").arg(upper.join("tmp")).status()?;
        if !status.success() {
            bail!("cannot open the throw-away /tmp: {status}");
        }
        for (file, text) in LIVED_IN {
            let path = upper.join(file);
            fs::create_dir_all(path.parent().context("a file without a folder")?)?;
            fs::write(path, text)?;
        }
        fs::create_dir_all(&work)?;
        fs::create_dir_all(&root)?;
        let options =
            format!("lowerdir={}:/,upperdir={},workdir={}", self.tools.display(), upper.display(), work.display());
        mount(&["-t", "overlay", "-o", &options, "overlay"], &root)?;
        Ok(root)
    }

    /// Frees the memory of a root that is not needed any more.
    pub fn drop_root(&self, name: &str) -> Result<()> {
        unmount(&self.roots.join(name))?;
        fs::remove_dir_all(self.work.join(name))?;
        fs::remove_dir_all(self.work.join(format!("{name}.work")))?;
        Ok(fs::remove_dir(self.roots.join(name))?)
    }
}

/// What tests look for in somebody's home; none of it is a secret.
const LIVED_IN: &[(&str, &str)] = &[
    ("root/.bashrc", "# a stand-in\n"),
    ("root/.profile", "# a stand-in\n"),
    ("root/.bash_history", "ls\nuptime\n"),
    (
        "root/.ssh/authorized_keys",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIStandInStandInStandInStandInStandInSt stand-in\n",
    ),
    ("root/.ssh/id_rsa", "a stand-in, no key\n"),
    ("root/.aws/credentials", "[default]\naws_access_key_id = STANDIN\n"),
    ("root/.gnupg/pubring.kbx", "a stand-in\n"),
    ("home/user/.bash_history", "ls\n"),
    ("home/user/.netrc", "machine example.org login user password stand-in\n"),
    ("home/user/.ssh/id_rsa", "a stand-in, no key\n"),
];

/// Runs `script` in `root`; `begin` is called when all is set up and nothing of the script has run.
pub fn run(
    root: &Path,
    shell: &str,
    script: &str,
    limit: Duration,
    begin: &mut dyn FnMut() -> Result<()>,
) -> Result<Ended> {
    let mut inside = Inside::start(root, shell, script)?;
    inside.ready()?;
    begin()?;
    inside.go(limit)
}

/// A script that stands ready in its namespaces.
pub struct Inside {
    child: Child,
    output: PathBuf,
    ready: Option<BufReader<std::process::ChildStdout>>,
    input: Option<std::process::ChildStdin>,
}

impl Inside {
    pub fn start(root: &Path, shell: &str, script: &str) -> Result<Inside> {
        let output = root.with_extension("output");
        let file = File::create(&output)?;
        let mut command = Command::new("unshare");
        command
            .args(["--user", "--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup", "--fork", "--kill-child=KILL"])
            // Who the script is in there is settled from out here, once it says that its namespaces stand.
            .args(["--", "sh", "-c", "exec 3>&1 >&2; echo apart >&3; read -r word; exec sh -c \"$ENTER\" enter \"$0\""])
            .arg(root)
            .env_clear()
            .envs(ENVIRONMENT.iter().copied())
            .env("ENTER", ENTER)
            .env("TEST", script)
            .env("TEST_SHELL", shell)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(file);
        let mut child = command.spawn().context("cannot start unshare")?;
        let ready = child.stdout.take().map(BufReader::new);
        let input = child.stdin.take();
        let mut inside = Inside { child, output, ready, input };
        inside.hear("apart")?;
        for map in ["uid_map", "gid_map"] {
            fs::write(format!("/proc/{}/{map}", inside.child.id()), "0 0 65536\n")
                .with_context(|| format!("cannot write the {map}"))?;
        }
        inside.say()?;
        Ok(inside)
    }

    /// The host's pid of the tree's root.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn ready(&mut self) -> Result<()> {
        self.hear("ready")
    }

    pub fn go(mut self, limit: Duration) -> Result<Ended> {
        self.say()?;
        self.input = None;
        let begun = Instant::now();
        let code = loop {
            if let Some(status) = self.child.try_wait()? {
                break status.code();
            }
            if begun.elapsed() >= limit {
                self.end()?;
                break None;
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        Ok(Ended { code, output: said(&self.output)? })
    }

    fn hear(&mut self, word: &str) -> Result<()> {
        let mut line = String::new();
        self.ready.as_mut().context("no standard output")?.read_line(&mut line)?;
        if line.trim() != word {
            self.end()?;
            bail!("the throw-away root could not be entered: {}", tail(&said(&self.output)?));
        }
        Ok(())
    }

    /// The first process of the namespace is ended, and the kernel ends all others with it. `unshare --kill-child` does
    /// not do it: what it asks of the kernel is forgotten when the child's user is settled.
    fn end(&mut self) -> Result<()> {
        let pid = self.child.id();
        for first in fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?.split_whitespace() {
            Command::new("kill").args(["-KILL", first]).status()?;
        }
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    fn say(&mut self) -> Result<()> {
        self.input.as_mut().context("no standard input")?.write_all(b"go\n").context("it ended before it began")
    }
}

/// Whatever becomes of the run, nothing of it stays.
impl Drop for Inside {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(Some(_)))
            && let Err(error) = self.end()
        {
            eprintln!("xtask: cannot end pid {}: {error}", self.child.id());
        }
    }
}

/// The first mebibyte of what was said.
fn said(output: &Path) -> Result<String> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    File::open(output)?.take(1 << 20).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}

fn mount(arguments: &[&str], at: &Path) -> Result<()> {
    let status = Command::new("mount").args(arguments).arg(at).status()?;
    if !status.success() {
        bail!("cannot mount {}: {status}", at.display());
    }
    Ok(())
}

fn unmount(at: &Path) -> Result<()> {
    let status = Command::new("umount").arg("-l").arg(at).status()?;
    if !status.success() {
        bail!("cannot unmount {}: {status}", at.display());
    }
    Ok(())
}
