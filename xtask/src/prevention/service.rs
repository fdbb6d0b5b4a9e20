//! A real server in a world of its own: a control group by which its profile knows it, and namespaces in which its folders
//! lie in memory and every address leads to this host.

use crate::run;
use anyhow::{Context, Result, bail};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub struct Service {
    /// Of the profile that ships.
    pub profile: &'static str,
    /// As the profile names them.
    pub executable: &'static [&'static str],
    /// Root in its namespaces: makes its folders; then `server` runs in the control group.
    pub setup: &'static str,
    pub server: &'static str,
    /// Exit status 0 once it serves.
    pub ready: &'static str,
    /// Real work, in its namespaces but outside of its control group.
    pub load: &'static str,
    pub attacks: &'static [Attack],
}

pub struct Attack {
    pub what: &'static str,
    /// The key of the profile that speaks against it.
    pub kind: &'static str,
    /// Done first; then the server starts anew, with what was planted.
    pub plant: Option<&'static str>,
    /// Exit status 0 when it succeeded.
    pub script: &'static str,
}

/// Somebody far away, at 203.0.113.7:8081, and who stands for a run time of containers: both write down that they were
/// reached.
const FAR_AWAY: &str = r#"
import os, select, socket
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("203.0.113.7", 8081))
s.listen()
d = socket.socket(socket.AF_UNIX)
d.bind("/run/docker.sock")
os.chmod("/run/docker.sock", 0o666)
d.listen()
while True:
    c, _ = select.select([s, d], [], [])[0][0].accept()
    open("/tmp/reached", "a").write("reached\n")
    c.sendall(b"HTTP/1.0 200 OK\r\n\r\nhello\n")
    c.close()
"#;

/// Folders that lie in memory; a copy of the file of hashes that anyone may read, so that only the profile stands before it.
const WORLD: &str = r#"
set -e
mount --make-rprivate /
ip link set lo up
ip route add local 203.0.113.0/24 dev lo
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t tmpfs tmpfs /run
mkdir -p /run/lock
[ -d /var/www ] || mkdir -p /var/www
mount -t tmpfs tmpfs /var/www
mkdir -m 1777 -p /var/www/html /var/www/html/put
echo 'root:$y$stand-in:1::::::' > /tmp/shadow
chmod 644 /tmp/shadow
mount --bind /tmp/shadow /etc/shadow
head -c 15000 /dev/urandom | base64 > /var/www/html/index.html
"#;

/// Where cgroup v2 is mounted, and a group of ours below it; gone when dropped.
pub struct Group {
    path: PathBuf,
    name: String,
}

impl Group {
    pub fn make(of: &str) -> Result<Group> {
        let mounts = fs::read_to_string("/proc/self/mountinfo")?;
        let line = mounts.lines().find(|line| line.contains(" - cgroup2 ")).context("cgroup v2 is not mounted here")?;
        let root = line.split(' ').nth(4).context("a mount without a place")?;
        let name = format!("/tamon-prevention-{of}-{}", std::process::id());
        let path = PathBuf::from(format!("{root}{name}"));
        fs::create_dir(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Group { path, name })
    }
    pub fn name(&self) -> &str {
        &self.name
    }
    fn end_all(&self) {
        for _ in 0..50 {
            let pids = fs::read_to_string(self.path.join("cgroup.procs")).unwrap_or_default();
            if pids.trim().is_empty() {
                return;
            }
            for pid in pids.split_whitespace() {
                // It may have ended by itself.
                let _ = Command::new("kill").args(["-KILL", pid]).stderr(Stdio::null()).status();
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end_all();
        if let Err(error) = fs::remove_dir(&self.path) {
            eprintln!("xtask: cannot remove {}: {error}", self.path.display());
        }
    }
}

pub struct Running<'a> {
    service: &'a Service,
    group: &'a Group,
    /// Holds the namespaces.
    world: Child,
}

impl<'a> Running<'a> {
    pub fn start(service: &'a Service, group: &'a Group) -> Result<Running<'a>> {
        let setup = format!("{WORLD}\n{}\npython3 -c '{FAR_AWAY}' &\ntouch /tmp/made\nwait", service.setup);
        let world = Command::new("unshare")
            .args(["--mount", "--net", "sh", "-c", &setup])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .process_group(0)
            .spawn()
            .context("cannot start unshare")?;
        let mut running = Running { service, group, world };
        running.wait_for("test -e /tmp/made", "its folders")?;
        running.serve()?;
        Ok(running)
    }

    fn serve(&mut self) -> Result<()> {
        let join = format!("echo $$ > {}/cgroup.procs", self.group.path.display());
        let pid = self.world.id().to_string();
        // In the group first; what is mounted over /sys there does not matter any more.
        let server = self.service.server;
        let enter = format!(
            "{join} && exec nsenter --mount --net --target {pid} sh -c '{server} >/tmp/server.log 2>&1 </dev/null &'"
        );
        if !Command::new("sh").args(["-c", &enter]).stdin(Stdio::null()).status()?.success() {
            bail!("{}: cannot be started", self.service.profile);
        }
        self.wait_for(self.service.ready, "it to serve")
    }

    fn wait_for(&mut self, script: &str, what: &str) -> Result<()> {
        let start = Instant::now();
        while !self.inside(script)? {
            if let Some(status) = self.world.try_wait()? {
                bail!("{}: its world ended with {status}", self.service.profile);
            }
            if start.elapsed() > Duration::from_secs(30) {
                let log = self.output("tail -20 /tmp/server.log").unwrap_or_default();
                bail!("{}: waited 30 s for {what}: {log}", self.service.profile);
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }

    /// Serves again, where an attack has cost it its life.
    pub fn revive(&mut self) -> Result<()> {
        for _ in 0..20 {
            if self.inside(self.service.ready)? {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        self.group.end_all();
        self.serve()
    }

    pub fn load(&mut self) -> Result<()> {
        if !self.inside(self.service.load)? {
            bail!("{}: its load failed", self.service.profile);
        }
        Ok(())
    }

    pub fn attack(&mut self, attack: &Attack) -> Result<bool> {
        if let Some(plant) = attack.plant {
            if !self.inside(plant)? {
                bail!("{}: {}: cannot be planted", self.service.profile, attack.what);
            }
            self.group.end_all();
            // Who is kept from starting with it has not done it; what came of it is asked below.
            if let Err(error) = self.serve() {
                println!("{:12} {error:#}", self.service.profile);
            }
        }
        self.inside(&format!("rm -f /tmp/reached; {}", attack.script))
    }

    fn command(&self, script: &str) -> Command {
        let mut command = Command::new("timeout");
        let pid = self.world.id().to_string();
        // cron looks every minute.
        command.args(["90", "nsenter", "--mount", "--net", "--target", &pid, "sh", "-c", script]);
        command.stdin(Stdio::null()).stderr(Stdio::null());
        command
    }

    pub fn inside(&self, script: &str) -> Result<bool> {
        Ok(self.command(script).stdout(Stdio::null()).status()?.success())
    }

    pub fn output(&self, script: &str) -> Result<String> {
        run::output(&mut self.command(script))
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.group.end_all();
        let group = format!("-{}", self.world.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        if let Err(error) = self.world.wait() {
            eprintln!("xtask: {}: {error}", self.service.profile);
        }
    }
}

/// Debian starts a server when its package is installed; not here, as long as this lives.
pub struct Quiet {
    made: Option<PathBuf>,
}

impl Quiet {
    pub fn packages() -> Result<Quiet> {
        let rule = PathBuf::from("/usr/sbin/policy-rc.d");
        // Somebody's own rule stays as it is.
        if rule.exists() {
            return Ok(Quiet { made: None });
        }
        fs::write(&rule, "#!/bin/sh\nexit 101\n")?;
        let quiet = Quiet { made: Some(rule.clone()) };
        fs::set_permissions(&rule, fs::Permissions::from_mode(0o755))?;
        Ok(quiet)
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        if let Some(rule) = &self.made
            && let Err(error) = fs::remove_file(rule)
        {
            eprintln!("xtask: cannot remove {}: {error}", rule.display());
        }
    }
}
