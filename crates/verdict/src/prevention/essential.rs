//! Before a policy comes into force: would a profile that enforces take the host's life? One under which init, the SSH
//! daemon, the package manager or Tamon itself could not do what the host needs of them is refused, with the proof.

use super::{Act, Confined, Profile, Profiles};
use crate::{PROTECTED_PROGRAMS, Protected};
use event::Mode;
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr};

pub type Role = Protected;

/// A process or program that the host cannot do without.
#[derive(Clone, Copy, Debug)]
pub struct Vital<'a> {
    pub role: Role,
    pub who: Confined<'a>,
}

/// What would be lost, and by which line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lockout {
    pub profile: String,
    pub role: Role,
    pub program: String,
    pub line: String,
    pub says: String,
}

/// Nobody logs in without these.
const SSH_READS: &[&str] = &[
    "/etc/ssh/sshd_config",
    "/etc/ssh/ssh_host_ed25519_key",
    "/etc/passwd",
    "/etc/shadow",
    "/root/.ssh/authorized_keys",
];
const SSH_RUNS: &[&str] = &["/usr/bin/bash", "/usr/bin/dash"];
const SSH_CAPABILITIES: &[&str] = &["setuid", "setgid", "sys_chroot"];
/// Nothing is installed or mended without these.
const MANAGER_WRITES: &[&str] = &["/var/lib/dpkg/status", "/var/lib/rpm/rpmdb.sqlite", "/usr/bin/new", "/etc/new"];
const MANAGER_RUNS: &[&str] = &["/usr/bin/dpkg", "/usr/bin/apt-get", "/usr/bin/rpm", "/usr/bin/dnf"];

impl Vital<'static> {
    /// Those that are known by their programs, run by root on the host itself.
    pub fn programs() -> Vec<Vital<'static>> {
        let root = |role, executable| Vital {
            role,
            who: Confined { executable, user: Some("root"), uid: Some(0), ..Confined::default() },
        };
        let managers = PROTECTED_PROGRAMS.iter().map(|path| root(Role::PackageManager, *path));
        let init = ["/usr/lib/systemd/systemd", "/sbin/init", "/usr/sbin/init"].map(|path| root(Role::Init, path));
        let ssh = ["/usr/sbin/sshd", "/usr/lib/openssh/sshd-session"].map(|path| root(Role::SshDaemon, path));
        let ours = ["/usr/bin/tamon", "/usr/local/bin/tamon"].map(|path| root(Role::Tamon, path));
        managers.chain(init).chain(ssh).chain(ours).collect()
    }
}

/// Only of profiles that enforce: the others touch nothing.
pub fn prove(profiles: &Profiles, there: &[Vital<'_>]) -> Vec<Lockout> {
    let mut lost = Vec::new();
    for vital in there {
        let Some(profile) = profiles.find(&vital.who).map(|index| profiles.get(index)) else { continue };
        if profile.mode != Mode::Enforce {
            continue;
        }
        let mut lose = |line: String, says: String| {
            lost.push(Lockout {
                profile: profile.id.clone(),
                role: vital.role,
                program: vital.who.executable.to_owned(),
                line,
                says,
            });
        };
        match vital.role {
            Role::SshDaemon => ssh(profile, &mut lose),
            role => lose(
                format!("prevention.{}", profile.id),
                format!("it would confine {}, which is never confined", role.name()),
            ),
        }
    }
    lost.sort_by(|a, b| (&a.profile, &a.line).cmp(&(&b.profile, &b.line)));
    lost.dedup();
    lost
}

fn ssh(profile: &Profile, lose: &mut dyn FnMut(String, String)) {
    let mut need = |act: Act<'_>| {
        let ruling = profile.rule(&act);
        if !ruling.allowed {
            lose(ruling.line, format!("{}, and nobody could log in any more", ruling.says));
        }
    };
    SSH_READS.iter().for_each(|path| need(Act::Read(path)));
    SSH_RUNS.iter().for_each(|path| need(Act::Run(path)));
    need(Act::Bind(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 22));
    for name in SSH_CAPABILITIES {
        if let Ok(capability) = super::Capability::try_from((*name).to_owned()) {
            need(Act::Use(capability));
        }
    }
    if !profile.inherit {
        return;
    }
    // Whoever logs in is confined as well.
    let mut need = |act: Act<'_>| {
        let ruling = profile.rule(&act);
        if !ruling.allowed {
            lose(ruling.line, format!("{}, and whoever logs in inherits that (inherit = true)", ruling.says));
        }
    };
    MANAGER_WRITES.iter().for_each(|path| need(Act::Write(path)));
    MANAGER_RUNS.iter().for_each(|path| need(Act::Run(path)));
}
