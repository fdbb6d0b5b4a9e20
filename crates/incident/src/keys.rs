//! What two alerts can share, and for how long that means something. An incident publishes keys; an alert brings its own;
//! a key in both joins them. Ordered by how much the sharing proves.

use crate::fact::{Reading, foreign_digest, is_of_outside, paths_run, writes};
use crate::role::Role;
use event::{ProcessSnapshot, Severity};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A process of the attack: the entry, what lies below it, what was reached into. (host, entity)
    Member(String, String),
    /// A file that the attack wrote. (host, path)
    Written(String, String),
    /// A foreign program by its digest, on any host.
    Digest(String),
    /// A login by audit session. (host, session)
    Session(String, u32),
    /// An address that attacked this host's log-ins or servers, and log-ins from there. (host, address)
    Source(String, String),
    /// The person's shell or the service that the entry came from. (host, entity)
    Origin(String, String),
    /// A remote address and port. (host, text)
    Remote(String, String),
    /// The same job or service doing the same again. (host, how it looks)
    Habit(String, String),
}

/// Why an alert belongs to an incident; the order is that of preference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Join {
    /// It opened the incident.
    New,
    Lineage,
    File,
    Digest,
    Session,
    Source,
    Origin,
    Remote,
    Habit,
}

const MINUTE: i64 = 60_000_000_000;

impl Key {
    pub const fn join(&self) -> Join {
        match self {
            Key::Member(..) => Join::Lineage,
            Key::Written(..) => Join::File,
            Key::Digest(..) => Join::Digest,
            Key::Session(..) => Join::Session,
            Key::Source(..) => Join::Source,
            Key::Origin(..) => Join::Origin,
            Key::Remote(..) => Join::Remote,
            Key::Habit(..) => Join::Habit,
        }
    }

    /// How long after the incident's newest alert the key still joins, in nanoseconds.
    pub const fn window(&self) -> i64 {
        match self {
            Key::Member(..) => 24 * 60 * MINUTE,
            Key::Written(..) | Key::Digest(..) | Key::Habit(..) | Key::Source(..) => 24 * 60 * MINUTE,
            // A login shell may live for weeks and see two unrelated things.
            Key::Session(..) | Key::Origin(..) => 30 * MINUTE,
            Key::Remote(..) => 60 * MINUTE,
        }
    }
}

/// Keys by which the alert looks for its incident.
pub fn wanted(reading: &Reading) -> Vec<Key> {
    let host = &reading.fact.host;
    let mut out: Vec<Key> = reading
        .odd()
        .iter()
        .filter(|_| !reading.actor_is_hub())
        .map(|p| Key::Member(host.clone(), p.entity_id.clone()))
        .collect();
    // A person's shell or a service that was itself told of is a member elsewhere: its children belong there.
    out.extend(origins(reading).map(|p| Key::Member(host.clone(), p.entity_id.clone())));
    out.extend(reading.fact.target.iter().map(|target| Key::Member(host.clone(), target.clone())));
    for process in reading.odd() {
        out.extend(paths_run(process).into_iter().map(|path| Key::Written(host.clone(), path.to_owned())));
        out.extend(foreign_digest(process).map(|digest| Key::Digest(digest.to_owned())));
    }
    let logged_in = reading.processes.iter().find_map(|process| process.login_source.clone());
    out.extend(logged_in.map(|from| Key::Source(host.clone(), from)));
    out.extend(circumstances(reading));
    out
}

/// Keys that the alert adds to the incident it joined.
pub fn published(reading: &Reading) -> Vec<Key> {
    let host = &reading.fact.host;
    let mut out = Vec::new();
    if !reading.actor_is_hub() {
        out.extend(reading.odd().iter().map(|p| Key::Member(host.clone(), p.entity_id.clone())));
    }
    if reading.fact.event_action.starts_with("process-ptrace") || reading.fact.event_action.contains("vm-write") {
        out.extend(reading.fact.target.iter().map(|target| Key::Member(host.clone(), target.clone())));
    }
    if writes(&reading.fact.event_action) {
        out.extend(reading.fact.file.iter().map(|path| Key::Written(host.clone(), path.clone())));
    }
    out.extend(reading.odd().iter().filter_map(foreign_digest).map(|digest| Key::Digest(digest.to_owned())));
    out.extend(circumstances(reading));
    out
}

fn circumstances(reading: &Reading) -> Vec<Key> {
    let (fact, host) = (&reading.fact, &reading.fact.host);
    let mut out: Vec<Key> = origins(reading).map(|p| Key::Origin(host.clone(), p.entity_id.clone())).collect();
    let acting = reading.processes.first();
    out.extend(acting.and_then(|p| p.session_id).map(|session| Key::Session(host.clone(), session)));
    // That somebody merely works from an address makes nothing else from there an attack.
    let source = fact.source.filter(|ip| is_of_outside(fact.act) && !ip.is_loopback());
    out.extend(source.map(|ip| Key::Source(host.clone(), ip.to_string())));
    if let Some((ip, port)) = fact.remote
        && fact.severity >= Severity::Medium
        && !ip.is_loopback()
        && !ip.is_unspecified()
        && !matches!(port, 53 | 123)
    {
        out.push(Key::Remote(host.clone(), format!("{ip}:{port}")));
    }
    out.extend(habit(reading));
    out
}

/// Ordinary ancestors that only one attack at a time is likely to share: the person's shells, else the nearest service.
fn origins(reading: &Reading) -> impl Iterator<Item = &ProcessSnapshot> {
    let own = reading.context().take_while(|(_, j)| j.role.is_some_and(|role| !role.is_hub() || is_personal(role)));
    own.filter(|(_, j)| j.role.is_some_and(|role| !role.is_hub())).map(|(process, _)| process).take(4)
}

const fn is_personal(role: Role) -> bool {
    matches!(role, Role::AccountTool | Role::Terminal)
}

/// What comes again and again without a person: a scheduled job, a service's child, a daemon itself, a host's own notices.
fn habit(reading: &Reading) -> Option<Key> {
    let (fact, host) = (&reading.fact, reading.fact.host.clone());
    let Some(entry) = reading.processes.get(fact.entry) else {
        return Some(Key::Habit(host, format!("rule {}", fact.rule)));
    };
    let personal = entry.session_id.is_some()
        || reading.context().any(|(_, j)| matches!(j.role, Some(Role::PersonShell | Role::SessionDaemon)));
    let above = reading.processes.get(fact.entry + 1).map_or("", |parent| parent.executable.as_str());
    let look = format!("{above} {} {} {}", entry.executable, entry.command_line, fact.rule);
    (!personal).then_some(Key::Habit(host, look))
}
