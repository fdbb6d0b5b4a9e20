//! A profile compiled: whether it allows an act, and by which entry.

use super::base::{BASE_READ, BASE_SOCKETS, BASE_WRITE};
use super::name_list::Names;
use super::{
    Act, AddressList, Capability, Doing, KernelPath, Late, PathEntry, PathList, PreventionProfile, Selector, Signals,
};
use event::{Mode, Severity};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

#[derive(Clone, Debug)]
pub struct Profile {
    pub id: String,
    pub title: String,
    pub mode: Mode,
    pub severity: Severity,
    pub late: Late,
    pub inherit: bool,
    pub signals: Signals,
    pub read: Option<PathList>,
    pub write: Option<PathList>,
    pub run: Option<PathList>,
    pub connect: Option<AddressList>,
    pub bind: Option<AddressList>,
    pub sockets: Option<PathList>,
    names: Option<Names>,
    /// Bit set; all where nothing was said.
    pub capabilities: u64,
    /// Kinds of acts that are denied whatever they are done to.
    never: Vec<Doing>,
    selector: Selector,
}

impl Profile {
    pub(super) fn new(written: &PreventionProfile, real: &dyn Fn(&str) -> Option<String>) -> Profile {
        let never = [
            (written.modules, Doing::Modules),
            (written.ptrace, Doing::Ptrace),
            (written.mounts, Doing::Mounts),
            (written.namespaces, Doing::Namespaces),
            (written.memory, Doing::Memory),
            (written.raise, Doing::Raise),
            (written.signals.map(|signals| signals == Signals::Any), Doing::Signals),
        ];
        Profile {
            id: written.name().to_owned(),
            title: written.title.clone().unwrap_or_else(|| written.name().to_owned()),
            mode: written.mode.unwrap_or_default(),
            severity: written.severity.unwrap_or(Severity::High),
            late: written.late.unwrap_or_default(),
            inherit: written.inherit.unwrap_or(true),
            signals: written.signals.unwrap_or_default(),
            read: paths(written.read.as_ref(), BASE_READ, real),
            write: paths(written.write.as_ref(), BASE_WRITE, real),
            run: paths(written.run.as_ref(), &[], real),
            sockets: paths(written.sockets.as_ref(), BASE_SOCKETS, real),
            connect: written.connect.as_deref().map(AddressList::new),
            bind: written.bind.as_deref().map(AddressList::new),
            names: written.names.as_deref().map(Names::new),
            capabilities: match &written.capabilities {
                None => u64::MAX,
                Some(list) => list.iter().fold(0, |set, one| set | 1 << one.number()),
            },
            never: never.into_iter().filter(|(may, _)| *may == Some(false)).map(|(_, doing)| doing).collect(),
            selector: Selector {
                executable: written.executable.clone(),
                unit: written.unit.clone(),
                cgroup: written.cgroup.clone(),
                user: written.user.clone(),
                image: written.image.clone(),
                container: written.container.clone(),
                label: written.label.clone(),
            },
        }
    }

    /// Conditions on whom it confines.
    pub fn selector(&self) -> &Selector {
        &self.selector
    }

    /// Whether this kind of act is restricted at all.
    pub fn speaks_of(&self, doing: Doing) -> bool {
        match doing {
            Doing::Read => self.read.is_some(),
            Doing::Write => self.write.is_some(),
            Doing::Run => self.run.is_some(),
            Doing::Connect => self.connect.is_some(),
            Doing::Bind => self.bind.is_some(),
            Doing::Sockets => self.sockets.is_some(),
            Doing::Names => self.names.is_some(),
            Doing::Capabilities => self.capabilities != u64::MAX,
            _ => self.never.contains(&doing),
        }
    }

    /// Whether it may, and the text of the entry that says so; None: no entry fits. Of signals and of reaching into others
    /// only those outside of the profile are asked about.
    pub fn decide(&self, act: &Act<'_>) -> (bool, Option<String>) {
        let of_paths = |list: &Option<PathList>, path: &str| {
            list.as_ref().map_or((true, None), |list| {
                let (may, entry) = list.decide(path);
                (may, entry.map(ToString::to_string))
            })
        };
        let of_addresses = |list: &Option<AddressList>, ip, port| {
            list.as_ref().map_or((true, None), |list| {
                let (may, entry) = list.decide(ip, port);
                (may, entry.map(ToString::to_string))
            })
        };
        match act {
            Act::Read(path) => of_paths(&self.read, path),
            Act::Write(path) => of_paths(&self.write, path),
            Act::Run(path) => of_paths(&self.run, path),
            Act::Reach(path) => of_paths(&self.sockets, path),
            Act::Connect(ip, port) => of_addresses(&self.connect, this_host(*ip), *port),
            // The kernel chooses one that nobody waits for.
            Act::Bind(_, 0) => (true, None),
            Act::Bind(ip, port) => of_addresses(&self.bind, *ip, *port),
            Act::Ask(name) => self.names.as_ref().map_or((true, None), |names| {
                let (may, entry) = names.decide(name);
                (may, entry.map(ToString::to_string))
            }),
            Act::Use(capability) => (self.may_use(*capability), None),
            other => (!self.never.contains(&other.doing()), None),
        }
    }

    pub fn allows(&self, act: &Act<'_>) -> bool {
        self.decide(act).0
    }

    /// The kernel half holds the entry that decides as it is written; a pattern stands there for what was on the disk when it
    /// was looked up.
    pub fn holds_as_written(&self, act: &Act<'_>) -> bool {
        let (list, path) = match act {
            Act::Read(path) => (&self.read, path),
            Act::Write(path) => (&self.write, path),
            Act::Run(path) => (&self.run, path),
            Act::Reach(path) => (&self.sockets, path),
            _ => return true,
        };
        let entry = list.as_ref().and_then(|list| list.decide(path).1);
        entry.is_none_or(|entry| !entry.kernel_forms().iter().any(|form| matches!(form, KernelPath::Pattern(_))))
    }

    fn may_use(&self, capability: Capability) -> bool {
        self.capabilities >> capability.number() & 1 == 1
    }
}

fn paths(given: Option<&Vec<PathEntry>>, base: &[&str], real: &dyn Fn(&str) -> Option<String>) -> Option<PathList> {
    let given = given?;
    let mut entries = given.clone();
    // A list that only denies leaves the rest open: nothing need be let through.
    if given.is_empty() || given.iter().any(|entry| entry.allow) {
        entries.extend(base.iter().filter_map(|text| PathEntry::try_from((*text).to_owned()).ok()));
    }
    Some(PathList::new(&entries, real))
}

/// Who connects to the address that stands for none comes to this host.
fn this_host(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    }
}
