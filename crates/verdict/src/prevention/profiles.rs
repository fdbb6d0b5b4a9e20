//! Profiles compiled: who falls under which, and whether it allows an act.

use super::path_list::MOST_PATTERNS;
use super::{
    Act, AddressList, Capability, Confined, Doing, Late, NameEntry, PathEntry, PathList, PreventionProfile, Signals,
};
use crate::{Glob, Policy};
use event::{Mode, Severity};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Of one policy.
pub(super) const MOST_PROFILES: usize = 1_000;

/// What any program of a distribution needs to start and to find names: every list of `read` and `write` that allows
/// anything holds these.
pub(super) const BASE_READ: &[&str] = &[
    "/usr/lib/",
    "/usr/lib32/",
    "/usr/lib64/",
    "/usr/libx32/",
    "/usr/share/",
    "/usr/local/lib/",
    "/etc/ld.so.cache",
    "/etc/ld.so.preload",
    "/etc/localtime",
    "/etc/locale.alias",
    "/etc/gai.conf",
    "/etc/group",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/protocols",
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/ssl/certs/",
    "/etc/ssl/openssl.cnf",
    "/proc/",
    "/sys/",
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/tty",
    "/dev/ptmx",
    "/dev/pts/",
];
pub(super) const BASE_WRITE: &[&str] =
    &["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx", "/dev/pts/"];

/// Its log, its service manager, names of users and hosts.
pub(super) const BASE_SOCKETS: &[&str] = &[
    "/run/systemd/journal/",
    "/run/systemd/notify",
    "/run/systemd/resolve/",
    "/run/systemd/userdb/",
    "/run/nscd/",
    "/run/rsyslog/",
    "/dev/log",
];

/// A profile's place in its policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProfileIndex(pub usize);

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

/// Conditions as they were written; an empty list is none.
#[derive(Clone, Debug, Default)]
pub struct Selector {
    pub executable: Vec<Glob>,
    pub unit: Vec<Glob>,
    pub cgroup: Vec<Glob>,
    pub user: Vec<String>,
    pub image: Vec<Glob>,
    pub container: Vec<Glob>,
    pub label: Vec<Glob>,
}

#[derive(Clone, Debug, Default)]
struct Names {
    closed: bool,
    /// Whole names, and with a leading `*.` all below; `*` is any.
    entries: HashMap<String, NameEntry>,
}

/// All profiles of a policy.
#[derive(Clone, Debug, Default)]
pub struct Profiles {
    list: Vec<Profile>,
    by_executable: HashMap<String, Vec<usize>>,
    by_unit: HashMap<String, Vec<usize>>,
    others: Vec<usize>,
}

impl Profiles {
    /// `real` gives another name of the same folder, where a link leads there; None elsewhere.
    pub fn of(policy: &Policy, real: &dyn Fn(&str) -> Option<String>) -> Profiles {
        let mut profiles = Profiles::default();
        for (number, written) in policy.prevention.iter().enumerate() {
            let profile = Profile::new(&written.whole(), real);
            let literals = |globs: &[Glob]| -> Option<Vec<String>> {
                let texts: Vec<String> = globs.iter().map(ToString::to_string).collect();
                (!texts.is_empty() && texts.iter().all(|text| !text.contains(['*', '?']) && !text.ends_with('/')))
                    .then_some(texts)
            };
            let selector = &profile.selector;
            match (literals(&selector.executable), literals(&selector.unit)) {
                (Some(paths), _) => {
                    paths.into_iter().for_each(|path| profiles.by_executable.entry(path).or_default().push(number))
                }
                (None, Some(units)) => {
                    units.into_iter().for_each(|unit| profiles.by_unit.entry(unit).or_default().push(number))
                }
                (None, None) => profiles.others.push(number),
            }
            profiles.list.push(profile);
        }
        profiles
    }

    /// The first profile, in the order of the policy, that this process falls under by itself.
    pub fn find(&self, who: &Confined<'_>) -> Option<ProfileIndex> {
        let by_executable = self.by_executable.get(who.executable).into_iter().flatten();
        let by_unit = who.unit.and_then(|unit| self.by_unit.get(unit)).into_iter().flatten();
        let fits = |number: &&usize| self.list[**number].selector.fits(who);
        by_executable.chain(by_unit).chain(&self.others).filter(fits).min().copied().map(ProfileIndex)
    }

    pub fn get(&self, index: ProfileIndex) -> &Profile {
        &self.list[index.0]
    }
    pub fn iter(&self) -> impl Iterator<Item = (ProfileIndex, &Profile)> {
        self.list.iter().enumerate().map(|(number, profile)| (ProfileIndex(number), profile))
    }
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
    pub fn len(&self) -> usize {
        self.list.len()
    }
    /// Whether anybody is matched by something that only a look-up tells.
    pub fn asks_cgroups(&self) -> bool {
        self.list.iter().any(|profile| !profile.selector.cgroup.is_empty())
    }
}

impl Selector {
    fn fits(&self, who: &Confined<'_>) -> bool {
        let one = |globs: &[Glob], text: Option<&str>| {
            globs.is_empty() || text.is_some_and(|text| globs.iter().any(|glob| glob.matches(text)))
        };
        let user = |name: &String| who.user == Some(name) || who.uid.is_some_and(|uid| uid.to_string() == *name);
        one(&self.executable, Some(who.executable))
            && one(&self.unit, who.unit)
            && one(&self.cgroup, who.cgroup)
            && one(&self.image, who.image)
            && one(&self.container, who.container)
            && (self.user.is_empty() || self.user.iter().any(user))
            && (self.label.is_empty() || who.labels.iter().any(|text| self.label.iter().any(|glob| glob.matches(text))))
    }

    /// Nothing but these programs is asked for.
    pub fn only_executables(&self) -> bool {
        self.only(&[self.executable.is_empty()]) && self.unit.is_empty() && self.cgroup.is_empty()
    }
    /// Nothing but these programs, in these control groups.
    pub fn only_executables_and_cgroups(&self) -> bool {
        self.only(&[self.executable.is_empty(), self.cgroup.is_empty()]) && self.unit.is_empty()
    }
    /// Nothing but these control groups, or units, which are such.
    pub fn only_cgroups(&self) -> bool {
        self.only(&[]) && self.executable.is_empty()
    }

    fn only(&self, missing: &[bool]) -> bool {
        !missing.contains(&true)
            && self.user.is_empty()
            && self.image.is_empty()
            && self.container.is_empty()
            && self.label.is_empty()
    }
}

impl Names {
    fn new(entries: &[NameEntry]) -> Names {
        let mut names =
            Names { closed: entries.is_empty() || entries.iter().any(|entry| entry.allow), ..Names::default() };
        for entry in entries {
            let held = names.entries.entry(entry.pattern().to_owned()).or_insert_with(|| entry.clone());
            if !entry.allow {
                *held = entry.clone();
            }
        }
        names
    }

    fn decide(&self, name: &str) -> (bool, Option<&NameEntry>) {
        let mut found = self.entries.get(name);
        let mut rest = name;
        while found.is_none() {
            let Some((_, above)) = rest.split_once('.') else { break };
            rest = above;
            found = self.entries.get(&format!("*.{rest}"));
        }
        let found = found.or_else(|| self.entries.get("*"));
        (found.map_or(!self.closed, |entry| entry.allow), found)
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

impl Profile {
    fn new(written: &PreventionProfile, real: &dyn Fn(&str) -> Option<String>) -> Profile {
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

    fn may_use(&self, capability: Capability) -> bool {
        self.capabilities >> capability.number() & 1 == 1
    }
}

/// Who connects to the address that stands for none comes to this host.
fn this_host(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    }
}

/// What types alone cannot say: field and fault.
pub(crate) fn check(profiles: &[PreventionProfile]) -> Result<(), (String, String)> {
    let at = |number: usize, key: &str| format!("prevention[{number}].{key}");
    if profiles.len() > MOST_PROFILES {
        return Err(("prevention".into(), format!("{} profiles; at most {MOST_PROFILES} are read", profiles.len())));
    }
    let mut names = std::collections::HashSet::new();
    for (number, one) in profiles.iter().enumerate() {
        one.check().map_err(|(key, fault)| (at(number, key), fault))?;
        if !names.insert(one.name()) {
            return Err((at(number, "id"), format!("{:?} is taken: give each profile an id of its own", one.name())));
        }
        let profile = Profile::new(&one.whole(), &|_| None);
        let lists =
            [("read", &profile.read), ("write", &profile.write), ("run", &profile.run), ("sockets", &profile.sockets)];
        for (key, list) in lists {
            if list.as_ref().is_some_and(|list| list.most_patterns() > MOST_PATTERNS) {
                let fault = format!("more than {MOST_PATTERNS} patterns in one folder: name a folder instead");
                return Err((at(number, key), fault));
            }
        }
        for (key, list) in [("connect", &profile.connect), ("bind", &profile.bind)] {
            if list.as_ref().is_some_and(|list| list.most_of_one() > super::address_list::MOST_OF_ONE) {
                let most = super::address_list::MOST_OF_ONE;
                return Err((
                    at(number, key),
                    format!("more than {most} entries fit the same address: join their ports"),
                ));
            }
        }
    }
    Ok(())
}
