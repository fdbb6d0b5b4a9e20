//! Profiles in the kernel half, on the tier that this host has: a copy of bash is the service, so that nobody else is
//! confined. In the gate tier who oversteps is ended before it can use what it got; in the enforce tier it gets an error.

use crate::watching::Watching;
use event::{EventKind, FileEvent, FileOp, Observed, Overstep, OverstepAct, Tier};
use sensor::{Confinement, Domain, DomainPath, DomainPorts, DomainProgram, Kinds, kinds};
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

struct Service {
    folder: tempfile::TempDir,
    watching: Watching,
    domain: Domain,
}

impl Service {
    fn start() -> Service {
        let folder = tempfile::tempdir().unwrap();
        fs::copy("/bin/bash", folder.path().join("service")).unwrap();
        fs::write(folder.path().join("secret"), "the secret\n").unwrap();
        fs::write(folder.path().join("public"), "the news\n").unwrap();
        let watching = Watching::start();
        let end = watching.sensor.tier() < Tier::Enforce;
        let domain = Domain { number: 7, inherit: true, end, capabilities: u64::MAX, ..Domain::default() };
        Service { folder, watching, domain }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    fn list(&mut self, kind: u32, text: &Path, whole: bool, allow: bool) {
        let text = text.to_str().unwrap().to_owned();
        self.domain.speaks = self.domain.speaks.with(kind);
        self.domain.enforced = self.domain.enforced.with(kind);
        self.domain.paths.push(DomainPath { kind, text, whole, allow });
    }

    fn confine(&mut self) {
        let meta = fs::metadata(self.path("service")).unwrap();
        let program = DomainProgram { dev: meta.dev(), inode: meta.ino(), domain: self.domain.number, cgroup: 0 };
        let all = Confinement { domains: vec![self.domain.clone()], programs: vec![program], cgroups: Vec::new() };
        self.watching.sensor.confine(&all).unwrap();
    }

    fn run(&self, script: &str) -> (u32, Output) {
        let child = Command::new(self.path("service"))
            .args(["--norc", "-c", script])
            .current_dir(self.folder.path())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        (child.id(), child.wait_with_output().unwrap())
    }

    fn overstep(&mut self, pid: u32) -> Overstep {
        self.watching.find_kind(pid, |kind| match kind {
            EventKind::Overstep(overstep) => Some(overstep.clone()),
            _ => None,
        })
    }

    /// It did not come to what stood behind the act: ended, or with an error.
    fn was_stopped(&self, output: &Output) -> bool {
        if self.domain.end { output.status.signal() == Some(9) } else { !output.status.success() }
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn a_denied_file_is_not_read() {
    let mut service = Service::start();
    let secret = service.path("secret");
    service.list(kinds::READ, &secret, true, false);
    service.confine();
    let (_, fine) = service.run("read x < public && echo got $x");
    assert_eq!(said(&fine), "got the news");
    let (pid, output) = service.run("read x < secret && echo got $x");
    assert_eq!(said(&output), "");
    assert!(service.was_stopped(&output), "{output:?}");
    let told = service.overstep(pid);
    assert_eq!((told.act, told.domain), (OverstepAct::Read(secret.to_str().unwrap().into()), 7));
    // From memory, and under another name of the folder: the same.
    fs::create_dir(service.path("sub")).unwrap();
    let (_, again) = service.run("read x < sub/../secret && echo got $x");
    assert!(said(&again).is_empty() && service.was_stopped(&again));
    // Nobody else is concerned, and neither is it once the profile is gone.
    assert!(fs::read_to_string(&secret).is_ok());
    service.watching.sensor.confine(&Confinement::default()).unwrap();
    assert_eq!(said(&service.run("read x < secret && echo got $x").1), "got the secret");
}

#[test]
fn of_two_entries_the_longer_decides_and_what_none_names_is_denied() {
    let mut service = Service::start();
    let open = service.path("open");
    fs::create_dir_all(open.join("shut")).unwrap();
    service.list(kinds::WRITE, &open.join(""), false, true);
    service.list(kinds::WRITE, &open.join("shut/"), false, false);
    service.list(kinds::WRITE, Path::new("/dev/"), false, true);
    service.domain.closed = service.domain.closed.with(kinds::WRITE);
    service.confine();
    let (_, fine) = service.run("echo x > open/a && echo done");
    assert_eq!(said(&fine), "done");
    for file in ["open/shut/a", "b", "opened"] {
        let (_, output) = service.run(&format!("echo bad > {file} && echo done"));
        assert!(said(&output).is_empty() && service.was_stopped(&output), "{file} {output:?}");
        assert_eq!(fs::read_to_string(service.path(file)).unwrap_or_default(), "", "{file}");
    }
}

#[test]
fn a_denied_program_does_not_run_and_children_are_confined_too() {
    let mut service = Service::start();
    let secret = service.path("secret");
    let env = fs::canonicalize("/usr/bin/env").unwrap();
    let cat = fs::canonicalize("/bin/cat").unwrap();
    service.list(kinds::RUN, &env, true, true);
    service.list(kinds::RUN, &cat, true, true);
    service.domain.closed = service.domain.closed.with(kinds::RUN);
    service.list(kinds::READ, &secret, true, false);
    service.confine();
    let (_, output) = service.run("/bin/cat public; /bin/ls; [ $? = 0 ] || echo no list");
    assert_eq!(said(&output), "the news\nno list", "{output:?}");
    let (_, output) = service.run("/usr/bin/env /bin/cat secret; [ $? = 0 ] || echo no secret");
    assert_eq!(said(&output), "no secret", "{output:?}");
}

#[test]
fn only_listed_addresses_are_reached() {
    let mut service = Service::start();
    let open = TcpListener::bind("127.0.0.1:0").unwrap();
    let shut = TcpListener::bind("127.0.0.1:0").unwrap();
    let (open, shut) = (open.local_addr().unwrap().port(), shut.local_addr().unwrap().port());
    service.domain.speaks = Kinds::default().with(kinds::CONNECT);
    service.domain.closed = service.domain.speaks;
    service.domain.enforced = service.domain.speaks;
    let network = Ipv4Addr::new(127, 0, 0, 0).to_ipv6_mapped();
    service.domain.nets.push(DomainPorts { kind: kinds::CONNECT, network, bits: 104, ports: vec![(open, open, true)] });
    service.confine();
    let script = |port: u16| format!("exec 3<>/dev/tcp/127.0.0.1/{port} && echo through");
    assert_eq!(said(&service.run(&script(open)).1), "through");
    let (pid, output) = service.run(&script(shut));
    assert_eq!(said(&output), "");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("not permitted"), "the kernel says no: {errors}");
    let told = service.overstep(pid);
    let to = told.act.endpoint().unwrap();
    assert_eq!((to.ip.to_string().as_str(), to.port), ("127.0.0.1", shut));
    // Datagrams that name their receiver, as a resolver's do.
    let (pid, _) = service.run(&format!("echo x > /dev/udp/127.0.0.1/{shut}"));
    assert!(matches!(service.overstep(pid).act, OverstepAct::Connect(to) if to.port == shut));
}

#[test]
fn while_it_observes_reads_are_told_once_and_nothing_is_refused() {
    let mut service = Service::start();
    let secret = service.path("secret");
    service.list(kinds::READ, &secret, true, false);
    service.domain.enforced = Kinds::default();
    service.domain.tell = true;
    service.confine();
    let (pid, output) = service.run("for i in 1 2 3; do read x < secret; done; echo got $x");
    assert_eq!(said(&output), "got the secret");
    let wanted = secret.to_str().unwrap().to_owned();
    let is_read = |what: &Observed| match what {
        Observed::Other(EventKind::File(FileEvent { op: FileOp::OpenRead, file })) => *file.path == *wanted,
        _ => false,
    };
    service.watching.find(pid, |seen| is_read(&seen.what).then_some(()));
    service.watching.settle();
    assert_eq!(service.watching.of(pid).filter(|seen| is_read(&seen.what)).count(), 1);
}

#[test]
fn without_a_kernel_half_nothing_is_in_force_and_only_a_profile_says_so() {
    let mut watching = Watching::with(crate::watching::config(), Some(Tier::Observe));
    assert!(watching.sensor.confine(&Confinement::default()).is_ok());
    let all = Confinement { domains: vec![Domain { number: 7, ..Domain::default() }], ..Confinement::default() };
    assert!(matches!(watching.sensor.confine(&all), Err(sensor::ConfineError::NoKernelHalf)));
}
