//! Profiles as the kernel half holds them.

use super::places;
use event::{Action, Engine, Finding, Tier};
use sensor::{Confinement, Domain, DomainPath, DomainPorts, DomainProgram, kinds};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use verdict::Policy;
use verdict::prevention::{AddressList, Doing, KernelPath, PathList, Profile, Profiles};

/// The kernel half's number of each kind that it knows.
const KINDS: &[(Doing, u32)] = &[
    (Doing::Read, kinds::READ),
    (Doing::Write, kinds::WRITE),
    (Doing::Run, kinds::RUN),
    (Doing::Connect, kinds::CONNECT),
    (Doing::Bind, kinds::BIND),
    (Doing::Capabilities, kinds::USE),
    (Doing::Modules, kinds::MODULE),
    (Doing::Ptrace, kinds::TRACE),
    (Doing::Mounts, kinds::MOUNT),
    (Doing::Namespaces, kinds::NAMESPACE),
    (Doing::Signals, kinds::SIGNAL),
    (Doing::Memory, kinds::WX),
    (Doing::Sockets, kinds::REACH),
    (Doing::Raise, kinds::RAISE),
];

/// What the tier's kernel half answers by itself, before or instead of us.
pub fn answered_by_kernel(tier: Tier) -> &'static [Doing] {
    const GATE: &[Doing] = &[
        Doing::Read,
        Doing::Write,
        Doing::Run,
        Doing::Connect,
        Doing::Bind,
        Doing::Sockets,
        Doing::Signals,
        Doing::Raise,
    ];
    const ENFORCE: &[Doing] = &[
        Doing::Read,
        Doing::Write,
        Doing::Run,
        Doing::Connect,
        Doing::Bind,
        Doing::Capabilities,
        Doing::Modules,
        Doing::Ptrace,
        Doing::Mounts,
        Doing::Namespaces,
        Doing::Signals,
        Doing::Memory,
        Doing::Sockets,
        Doing::Raise,
    ];
    match tier {
        Tier::Observe => &[],
        Tier::Gate => GATE,
        Tier::Enforce => ENFORCE,
    }
}

/// Whether the policy lets an act of this kind be refused: the profile's mode, unless a `[[rule]]` says otherwise.
pub fn enforces(policy: &Policy, profile: &Profile, doing: Doing) -> bool {
    let finding = Finding {
        engine: Engine::Policy,
        rule_id: event::RuleId::new(format!("{}{}.{}", verdict::prevention::RULE_PREFIX, profile.id, doing.key())),
        name: String::new(),
        severity: profile.severity,
        techniques: Vec::new(),
        tactics: Vec::new(),
        detail: String::new(),
        matched: Vec::new(),
        asks: Some(Action::Deny),
    };
    policy.judge(&finding).allowed >= Action::Deny
}

/// Everything: the policy's profiles with their numbers, then those that are learned. `held_back` only observe, since they
/// would take the host's life.
pub fn confinement(
    policy: &Policy,
    profiles: &Profiles,
    first_number: u32,
    learned: (&Profiles, u32),
    tier: Tier,
    held_back: &[String],
) -> Confinement {
    let root = places::cgroup_root();
    let mut all = Confinement::default();
    let learning = !learned.0.is_empty();
    for (index, profile) in profiles.iter() {
        let number = first_number + index.0 as u32;
        let enforce = !held_back.contains(&profile.id);
        all.domains.push(domain(policy, profile, number, tier, enforce, learning));
        starts(&mut all, profile, number, root.as_deref());
    }
    for (index, profile) in learned.0.iter() {
        let number = learned.1 + index.0 as u32;
        all.domains.push(Domain {
            number,
            inherit: profile.inherit,
            tell: true,
            capabilities: u64::MAX,
            ..Domain::default()
        });
        starts(&mut all, profile, number, root.as_deref());
    }
    all
}

/// Control groups that profiles name, by id.
pub fn groups(all: [&Profiles; 2]) -> HashMap<u64, String> {
    let Some(root) = places::cgroup_root() else { return HashMap::new() };
    let named = all.into_iter().flat_map(Profiles::iter);
    named.flat_map(|(_, profile)| places::cgroups(&root, &[], &profile.selector().cgroup)).collect()
}

fn domain(policy: &Policy, profile: &Profile, number: u32, tier: Tier, enforce: bool, learning: bool) -> Domain {
    let mut domain = Domain {
        number,
        inherit: profile.inherit,
        end: tier < Tier::Enforce,
        own_signals: profile.speaks_of(Doing::Signals),
        capabilities: profile.capabilities,
        tell: learning,
        ..Domain::default()
    };
    for (doing, kind) in KINDS.iter().filter(|(doing, _)| profile.speaks_of(*doing)) {
        domain.speaks = domain.speaks.with(*kind);
        if enforce && answered_by_kernel(tier).contains(doing) && enforces(policy, profile, *doing) {
            domain.enforced = domain.enforced.with(*kind);
        } else if matches!(doing, Doing::Read | Doing::Connect) {
            // Reads, and datagrams, are told only on demand.
            domain.tell = true;
        }
    }
    let lists = [
        (kinds::READ, &profile.read),
        (kinds::WRITE, &profile.write),
        (kinds::RUN, &profile.run),
        (kinds::REACH, &profile.sockets),
    ];
    for (kind, list) in lists {
        if let Some(list) = list {
            domain.closed = if list.is_closed() { domain.closed.with(kind) } else { domain.closed };
            domain.paths.extend(paths(kind, list));
        }
    }
    for (kind, list) in [(kinds::CONNECT, &profile.connect), (kinds::BIND, &profile.bind)] {
        if let Some(list) = list {
            domain.closed = if list.is_closed() { domain.closed.with(kind) } else { domain.closed };
            domain.nets.extend(nets(kind, list));
        }
    }
    domain
}

fn paths(kind: u32, list: &PathList) -> Vec<DomainPath> {
    let mut out: BTreeMap<(String, bool), bool> = BTreeMap::new();
    // Of two alike the one that denies.
    let mut add = |text: String, whole: bool, allow: bool| *out.entry((text, whole)).or_insert(true) &= allow;
    for entry in list.entries() {
        for form in entry.kernel_forms() {
            match form {
                KernelPath::File(path) => add(path, true, entry.allow),
                KernelPath::Prefix(text) => add(text, false, entry.allow),
                KernelPath::Pattern(pattern) => {
                    let tree = pattern.ends_with('/') || pattern.ends_with("/**");
                    for path in places::expand(&pattern) {
                        let Some(path) = path.to_str() else { continue };
                        add(path.to_owned(), true, entry.allow);
                        if tree {
                            add(format!("{path}/"), false, entry.allow);
                        }
                    }
                }
            }
        }
    }
    out.into_iter().map(|((text, whole), allow)| DomainPath { kind, text, whole, allow }).collect()
}

fn nets(kind: u32, list: &AddressList) -> Vec<DomainPorts> {
    let of = |net: verdict::prevention::KernelNet| DomainPorts {
        kind,
        network: std::net::Ipv6Addr::from_bits(net.reach.network),
        bits: net.reach.bits,
        ports: net.ports.iter().map(|(ports, allow)| (ports.first, ports.last, *allow)).collect(),
    };
    list.kernel_nets().into_iter().map(of).collect()
}

/// Who comes in without user space: by the program alone, by the control group alone, by both.
fn starts(all: &mut Confinement, profile: &Profile, number: u32, root: Option<&Path>) {
    let selector = profile.selector();
    let groups = || -> Vec<u64> {
        let found = root.map(|root| places::cgroups(root, &selector.unit, &selector.cgroup)).unwrap_or_default();
        found.into_iter().map(|(id, _)| id).collect()
    };
    if selector.only_executables() || selector.only_executables_and_cgroups() {
        let within = if selector.cgroup.is_empty() { vec![0] } else { groups() };
        for (dev, inode) in selector.executable.iter().flat_map(places::programs) {
            let taken = all.programs.iter().any(|one| (one.dev, one.inode) == (dev, inode));
            // One program has one entry; a second profile for it comes by user space.
            if let ([cgroup], false) = (&within[..], taken) {
                all.programs.push(DomainProgram { dev, inode, domain: number, cgroup: *cgroup });
            }
        }
    } else if selector.only_cgroups() {
        for id in groups() {
            if !all.cgroups.iter().any(|(known, _)| *known == id) {
                all.cgroups.push((id, number));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(text: &str, tier: Tier) -> Confinement {
        let policy = Policy::parse("t", &format!("version = 1\n{text}")).unwrap();
        let profiles = Profiles::of(&policy, &|_| None);
        confinement(&policy, &profiles, 7, (&Profiles::default(), 8), tier, &[])
    }

    const APP: &str = "[[prevention]]\nid = \"app\"\nexecutable = [\"/usr/bin/env\"]\nread = [\"/srv/\", \"!/srv/key\"]\n\
                       run = []\nmodules = false\n";

    #[test]
    fn what_is_enforced_follows_mode_tier_and_rules() {
        let check = |text: &str, tier, expected: &[u32], tell: bool| {
            let all = tables(text, tier);
            let domain = &all.domains[0];
            let enforced: Vec<u32> = (0..12).filter(|kind| domain.enforced.has(*kind)).collect();
            assert_eq!((enforced.as_slice(), domain.tell), (expected, tell), "{text} {tier:?}");
        };
        check(APP, Tier::Gate, &[], true);
        let enforce = format!("{APP}mode = \"enforce\"\n");
        check(&enforce, Tier::Gate, &[kinds::READ, kinds::RUN], false);
        check(&enforce, Tier::Enforce, &[kinds::READ, kinds::RUN, kinds::MODULE], false);
        check(&enforce, Tier::Observe, &[], true);
        let softened = format!("[[rule]]\nid = \"prevention.app.read\"\nmode = \"alert\"\n{enforce}");
        check(&softened, Tier::Gate, &[kinds::RUN], true);
    }

    #[test]
    fn lists_and_starts_become_tables() {
        let all = tables(APP, Tier::Gate);
        let domain = &all.domains[0];
        assert_eq!((domain.number, domain.inherit, domain.end), (7, true, true));
        assert!(domain.closed.has(kinds::READ) && domain.closed.has(kinds::RUN) && domain.speaks.has(kinds::MODULE));
        let of = |text: &str, whole| domain.paths.iter().find(|p| p.text == text && p.whole == whole).map(|p| p.allow);
        assert_eq!((of("/srv/", false), of("/srv", true), of("/srv/key", true)), (Some(true), Some(true), Some(false)));
        assert_eq!(of("/usr/lib/", false), Some(true));
        assert_eq!((all.programs.len(), all.programs[0].domain), (1, 7));
    }
}
