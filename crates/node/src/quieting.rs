//! Suppressions on the hosts: each connected host holds those that concern it, so that nobody there is told either. The whole
//! list is given at each connection and after each change; what is away gets it when it comes back. A host ends each by its own
//! clock. Who does not hold the list is known: for those the node alone keeps quiet.

use crate::node::Node;
use crate::{clock, secret};
use event::quiet::Quiet;
use event::{CommandId, Timestamp};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use wire::{Command, CommandBody, CommandResult, CommandStatus};

/// Begins the ids of these commands, by which their answers are known.
const PREFIX: &str = "quiet-";
/// An answer comes at once or not at all.
const VALID: i64 = 60 * clock::SECOND;
/// Lists that wait for their answer; older ones are forgotten.
const WAITING: usize = 100_000;

#[derive(Default)]
pub struct Quieting {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// By command: the host and what it was given.
    given: BTreeMap<String, (String, Vec<Quiet>)>,
    /// By host.
    held: BTreeMap<String, Vec<Quiet>>,
}

impl Quieting {
    /// An answer; false when it is to something else.
    pub fn answered(&self, result: &CommandResult) -> bool {
        if !result.id.as_str().starts_with(PREFIX) {
            return false;
        }
        let mut inner = self.inner.lock();
        if let Some((host, list)) = inner.given.remove(result.id.as_str()) {
            match result.status {
                CommandStatus::Done => drop(inner.held.insert(host, list)),
                _ => {
                    tracing::warn!(host, status = result.status.name(), detail = %result.detail, "a host does not hold the suppressions");
                }
            }
        }
        true
    }

    /// Hosts, of these, that do not hold what they should now.
    pub fn behind(&self, hosts: impl Iterator<Item = (String, Vec<Quiet>)>, now: Timestamp) -> Vec<String> {
        let inner = self.inner.lock();
        let lacks = |(host, wanted): &(String, Vec<Quiet>)| match inner.held.get(host) {
            Some(held) => !held.iter().filter(|one| one.holds_at(now)).eq(wanted.iter()),
            None => !wanted.is_empty(),
        };
        hosts.filter(lacks).map(|(host, _)| host).collect()
    }
}

/// What this host is to hold now.
pub fn list(node: &Node, host: &str, now: Timestamp) -> Vec<Quiet> {
    let all = node.tuning.all();
    let mut list: Vec<Quiet> =
        all.iter().filter(|one| one.is_active(now) && one.is_of(host)).map(|one| one.for_host()).collect();
    list.sort_by(|a, b| a.id.cmp(&b.id));
    list
}

/// The list as an order to the host that connects.
pub fn command(node: &Node, host: &str) -> Option<Command> {
    let now = clock::now();
    let list = list(node, host, now);
    let quiet = serde_json::to_string(&list).unwrap_or_default();
    if quiet.len() > wire::limits::MAX_ASKED {
        tracing::error!(
            host,
            bytes = quiet.len(),
            "the suppressions are too long for a host: it tells what the node keeps quiet"
        );
        return None;
    }
    let id = format!("{PREFIX}{}", secret::draw_id());
    let mut inner = node.quieting.inner.lock();
    inner.given.retain(|_, (other, _)| other != host);
    if inner.given.len() >= WAITING {
        inner.given.clear();
    }
    inner.given.insert(id.clone(), (host.to_owned(), list));
    Some(Command {
        id: CommandId::new(id),
        issued_by: "node".into(),
        reason: "suppressions in force".into(),
        expires: now.plus_nanos(VALID),
        body: CommandBody::SetQuiet { quiet },
    })
}

/// After a change: to every host that is there.
pub fn spread(node: &Node) {
    for member in node.fleet.all().into_iter().filter(|member| member.connected) {
        if let Some(command) = command(node, member.facts.host.as_str()) {
            node.orders.send(&member.facts.agent, command);
        }
    }
}

/// Hosts that tell what the node keeps quiet, by name.
pub fn behind(node: &Node) -> Vec<String> {
    let now = clock::now();
    let members: Vec<_> = node.fleet.all().into_iter().filter(|member| !member.revoked).collect();
    let wanted = members.iter().map(|member| {
        let host = member.facts.host.0.clone();
        let list = list(node, &host, now);
        (host, list)
    });
    let behind = node.quieting.behind(wanted, now);
    let named = members.iter().filter(|member| behind.contains(&member.facts.host.0));
    named.map(|member| member.facts.name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(id: &str, expires: i64) -> Quiet {
        Quiet {
            id: id.into(),
            rule: Some("r".into()),
            fields: BTreeMap::new(),
            reason: "x".into(),
            by: "ana".into(),
            expires: Timestamp(expires),
            stops: false,
        }
    }

    fn answer(id: &str, status: CommandStatus) -> CommandResult {
        CommandResult { id: CommandId::new(id), status, detail: String::new(), json: String::new(), time: Timestamp(0) }
    }

    #[test]
    fn who_holds_what() {
        let quieting = Quieting::default();
        let behind = |wanted: &[Quiet], now: i64| {
            !quieting.behind([("h".to_owned(), wanted.to_vec())].into_iter(), Timestamp(now)).is_empty()
        };
        let (a, b) = (one("a", 100), one("b", 50));
        assert!(behind(std::slice::from_ref(&a), 0) && !behind(&[], 0));
        let given = |id: &str, list: &[Quiet]| {
            quieting.inner.lock().given.insert(id.to_owned(), ("h".to_owned(), list.to_vec()));
        };
        given("quiet-1", &[a.clone(), b.clone()]);
        assert!(!quieting.answered(&answer("other", CommandStatus::Done)));
        assert!(quieting.answered(&answer("quiet-1", CommandStatus::Unsupported)));
        assert!(behind(&[a.clone(), b.clone()], 0), "an old agent does not hold them");
        given("quiet-2", &[a.clone(), b.clone()]);
        assert!(quieting.answered(&answer("quiet-2", CommandStatus::Done)));
        assert!(!behind(&[a.clone(), b.clone()], 0));
        assert!(!behind(std::slice::from_ref(&a), 60), "the second ended on both sides");
        assert!(behind(&[], 0), "what was taken back and is still held");
    }
}
