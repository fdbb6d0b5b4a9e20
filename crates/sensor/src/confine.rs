//! Profiles in the kernel half: the tables that `bpf/confine.bpf.c` and the open handlers read, filled from what user space
//! compiled. Loaded with the first profile and gone with the last, so that a host without profiles pays nothing.
//!
//! A new set has new numbers. It is written beside the old one, processes are moved over, and then the old one goes: nobody
//! is unconfined in between.

use crate::decode::kernel_dev;
use crate::loader::{self, Loading};
use crate::pins::{HoldError, Pins};
use crate::refusal::Refusal;
use crate::{ConfineError, objects};
use kernel_abi::{Entry, MOST_PORTS, NetEntry, PathEntry, Plain, Ports, Program, as_bytes, confined, domain_flag};
use libbpf_rs::{Link, MapCore, MapFlags, MapHandle, Object};
use std::collections::HashMap;
use std::net::Ipv6Addr;
use std::os::fd::{AsFd, AsRawFd};

/// Kinds of acts as a set of bits, by their numbers in [`kernel_abi::confined`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds(pub u32);

impl Kinds {
    pub const fn with(self, kind: u32) -> Kinds {
        Kinds(self.0 | 1 << kind)
    }
    pub const fn has(self, kind: u32) -> bool {
        self.0 >> kind & 1 == 1
    }
}

/// All that is in force. Numbers grow with the order in which profiles are asked, and none was ever used before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Confinement {
    pub domains: Vec<Domain>,
    pub programs: Vec<DomainProgram>,
    /// Id of a control group, and its domain.
    pub cgroups: Vec<(u64, u32)>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Domain {
    pub number: u32,
    /// Restricted at all; what no entry names is denied; refused or ended, not only told.
    pub speaks: Kinds,
    pub closed: Kinds,
    pub enforced: Kinds,
    pub inherit: bool,
    /// Files are told when they are read first, and addresses of datagrams when they are reached first.
    pub tell: bool,
    /// The tier has no hook that refuses: who oversteps is ended.
    pub end: bool,
    pub own_signals: bool,
    pub capabilities: u64,
    pub paths: Vec<DomainPath>,
    pub nets: Vec<DomainPorts>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainPath {
    /// READ, WRITE, RUN or REACH.
    pub kind: u32,
    pub text: String,
    /// This very path, not whatever begins so.
    pub whole: bool,
    pub allow: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainPorts {
    /// CONNECT or BIND.
    pub kind: u32,
    pub network: Ipv6Addr,
    pub bits: u8,
    /// First, last, allowed; the first that holds a port decides.
    pub ports: Vec<(u16, u16, bool)>,
}

/// Whoever runs this file comes into the domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DomainProgram {
    pub dev: u64,
    pub inode: u64,
    pub domain: u32,
    /// Only in this control group; 0 is anywhere.
    pub cgroup: u64,
}

pub(crate) struct Confining {
    // Links go before the programs they hold.
    links: Vec<Link>,
    _objects: Vec<Object>,
    maps: HashMap<String, MapHandle>,
    in_force: Confinement,
    pub refused: Vec<Refusal>,
}

impl Confining {
    /// `hooks`: the tier has those that refuse.
    pub fn start(mut loading: Loading, hooks: bool) -> Result<Confining, ConfineError> {
        let (object, mut refused) = loader::load(objects::confine(), &mut loading);
        let Some(object) = object else {
            return Err(ConfineError::Load(refused.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")));
        };
        let mut all = vec![object];
        if hooks {
            let (object, more) = loader::load(objects::confine_lsm(), &mut loading);
            refused.extend(more);
            all.extend(object);
        }
        let root = crate::cgroup::root();
        let mut links = Vec::new();
        for program in all.iter().flat_map(|object| object.progs_mut()).filter(loader::is_loaded) {
            let hook = program.section().to_string_lossy().starts_with("lsm");
            let attached = match &root {
                _ if hook => program.attach_lsm(),
                _ if !crate::cgroup::takes(&program) => program.attach_trace(),
                Ok(root) => program.attach_cgroup(root.as_fd().as_raw_fd()),
                Err(error) => Err(std::io::Error::from(*error).into()),
            };
            match attached {
                Ok(link) => links.push(link),
                Err(error) => refused.push(loader::refusal(&program.name().to_string_lossy(), &error)),
            }
        }
        let maps = loading.into_maps();
        Ok(Confining { links, _objects: all, maps, in_force: Confinement::default(), refused })
    }

    pub fn set(&mut self, new: &Confinement) -> Result<(), libbpf_rs::Error> {
        if self.in_force == *new {
            return Ok(());
        }
        let old = std::mem::replace(&mut self.in_force, new.clone());
        let known: Vec<u32> = old.domains.iter().map(|domain| domain.number).collect();
        let fresh = new.domains.iter().filter(|domain| !known.contains(&domain.number));
        fresh.clone().try_for_each(|domain| self.write(domain))?;
        // Numbers that stay keep their tables; what of them is another by now is written over.
        for domain in new.domains.iter().filter(|domain| known.contains(&domain.number)) {
            let before = old.domains.iter().find(|one| one.number == domain.number);
            if before != Some(domain) {
                before.map_or(Ok(()), |before| self.erase_lists(before))?;
                self.write(domain)?;
                self.forget_files()?;
            }
        }
        self.starts(&old, new)?;
        let gone: Vec<&Domain> =
            old.domains.iter().filter(|domain| !new.domains.iter().any(|one| one.number == domain.number)).collect();
        self.leave(&gone)?;
        for domain in gone {
            self.erase_lists(domain)?;
            erase(&self.maps["domains"], &domain.number.to_ne_bytes())?;
        }
        Ok(())
    }

    /// Whether the programs stay when we do not.
    pub fn hold(&mut self, stays: bool, pins: &Pins) -> Result<(), HoldError> {
        if stays { pins.hold("confine", &mut self.links) } else { pins.let_go(&mut self.links) }
    }

    pub fn assign(&self, tgid: u32, domain: Option<u32>) -> Result<(), libbpf_rs::Error> {
        let key = tgid.to_ne_bytes();
        match domain {
            Some(number) => self.maps["confined"].update(&key, &number.to_ne_bytes(), MapFlags::ANY),
            None => erase(&self.maps["confined"], &key),
        }
    }

    fn write(&self, domain: &Domain) -> Result<(), libbpf_rs::Error> {
        for path in &domain.paths {
            let says = [if path.allow { 1u8 } else { 2 }];
            if let Some(key) = path_key(domain.number, path) {
                self.maps["path_entries"].update(as_bytes(&key), &says, MapFlags::ANY)?;
            }
        }
        for net in &domain.nets {
            self.maps["net_entries"].update(
                as_bytes(&net_key(domain.number, net)),
                as_bytes(&ports(net)),
                MapFlags::ANY,
            )?;
        }
        let flag = |set: bool, flag: u32| if set { flag } else { 0 };
        let value = kernel_abi::Domain {
            capabilities: domain.capabilities,
            speaks: domain.speaks.0,
            closed: domain.closed.0,
            enforced: domain.enforced.0,
            flags: flag(domain.inherit, domain_flag::INHERIT)
                | flag(domain.tell, domain_flag::TELL)
                | flag(domain.end, domain_flag::END)
                | flag(domain.own_signals, domain_flag::OWN_SIGNALS),
        };
        // Last: the domain's lists stand before it judges anybody.
        self.put("domains", &domain.number.to_ne_bytes(), &value)
    }

    fn put<T: Plain>(&self, map: &str, key: &[u8], value: &T) -> Result<(), libbpf_rs::Error> {
        self.maps[map].update(key, as_bytes(value), MapFlags::ANY)
    }

    fn erase_lists(&self, domain: &Domain) -> Result<(), libbpf_rs::Error> {
        for key in domain.paths.iter().filter_map(|path| path_key(domain.number, path)) {
            erase(&self.maps["path_entries"], as_bytes(&key))?;
        }
        domain.nets.iter().try_for_each(|net| erase(&self.maps["net_entries"], as_bytes(&net_key(domain.number, net))))
    }

    /// Verdicts that were given under other lists.
    fn forget_files(&self) -> Result<(), libbpf_rs::Error> {
        let map = &self.maps["judged_files"];
        map.keys().collect::<Vec<_>>().iter().try_for_each(|key| erase(map, key))
    }

    fn starts(&self, old: &Confinement, new: &Confinement) -> Result<(), libbpf_rs::Error> {
        let program = |one: &DomainProgram| Program { ino: one.inode, dev: kernel_dev(one.dev), reserved: 0 };
        for one in &new.programs {
            let entry = Entry { cgroup: one.cgroup, domain: one.domain, reserved: 0 };
            self.put("domain_programs", as_bytes(&program(one)), &entry)?;
        }
        let same = |a: &DomainProgram, b: &DomainProgram| (a.dev, a.inode) == (b.dev, b.inode);
        for one in old.programs.iter().filter(|one| !new.programs.iter().any(|other| same(one, other))) {
            erase(&self.maps["domain_programs"], as_bytes(&program(one)))?;
        }
        for (cgroup, number) in &new.cgroups {
            self.maps["domain_cgroups"].update(&cgroup.to_ne_bytes(), &number.to_ne_bytes(), MapFlags::ANY)?;
        }
        for (cgroup, _) in old.cgroups.iter().filter(|(id, _)| !new.cgroups.iter().any(|(other, _)| other == id)) {
            erase(&self.maps["domain_cgroups"], &cgroup.to_ne_bytes())?;
        }
        Ok(())
    }

    /// Who is still in a domain that is gone is in none; whoever assigns has moved the rest.
    fn leave(&self, gone: &[&Domain]) -> Result<(), libbpf_rs::Error> {
        if gone.is_empty() {
            return Ok(());
        }
        let map = &self.maps["confined"];
        for key in map.keys().collect::<Vec<_>>() {
            let value = map.lookup(&key, MapFlags::ANY)?;
            let number = value.and_then(|bytes| Some(u32::from_ne_bytes(bytes.try_into().ok()?)));
            if number.is_some_and(|number| gone.iter().any(|domain| domain.number == number)) {
                erase(map, &key)?;
            }
        }
        Ok(())
    }
}

/// What is not there need not be taken away.
fn erase(map: &MapHandle, key: &[u8]) -> Result<(), libbpf_rs::Error> {
    match map.delete(key) {
        Err(error) if error.kind() != libbpf_rs::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// None for a text that is longer than what is compared: it would name more than it says.
fn path_key(number: u32, path: &DomainPath) -> Option<PathEntry> {
    let bytes = path.text.as_bytes();
    let length = bytes.len() + usize::from(path.whole);
    let mut text = [0; 248];
    text.get_mut(..bytes.len())?.copy_from_slice(bytes);
    (length <= text.len()).then(|| PathEntry { bits: 32 + 8 * length as u32, list: list(number, path.kind), text })
}

fn net_key(number: u32, net: &DomainPorts) -> NetEntry {
    NetEntry { bits: 32 + u32::from(net.bits), list: list(number, net.kind), address: net.network.octets() }
}

fn ports(net: &DomainPorts) -> Ports {
    let mut out = Ports { count: 0, allowed: 0, first: [0; MOST_PORTS], last: [0; MOST_PORTS] };
    for (i, (first, last, allow)) in net.ports.iter().take(MOST_PORTS).enumerate() {
        (out.first[i], out.last[i]) = (*first, *last);
        out.allowed |= u32::from(*allow) << i;
        out.count += 1;
    }
    out
}

const fn list(number: u32, kind: u32) -> u32 {
    number << 3 | kind & 7
}

// Lists of paths and lists of addresses lie in different tables.
const _: () =
    assert!(confined::RUN < 8 && confined::REACH & 7 > confined::RUN, "a list's number has three bits for its kind");
const _: () = assert!(confined::BIND < 8, "a list's number has three bits for its kind");
