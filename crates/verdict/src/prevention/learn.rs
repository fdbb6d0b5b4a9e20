//! From what a service was seen to do to the smallest profile that a person can read and that would have let it: what was
//! seen becomes lists, made shorter where many names stand for one folder; what was not seen is kept apart, as comments.

mod addresses;
mod names;
mod paths;
mod text;

use super::{Act, Capability, Doing};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Different acts that one learner remembers; more are counted.
const MOST: usize = 50_000;

#[derive(Clone, Debug, Default)]
pub struct Learner {
    read: BTreeMap<String, u64>,
    write: BTreeMap<String, u64>,
    run: BTreeMap<String, u64>,
    connect: BTreeMap<(IpAddr, u16), u64>,
    bind: BTreeMap<(IpAddr, u16), u64>,
    sockets: BTreeMap<String, u64>,
    names: BTreeMap<String, u64>,
    capabilities: BTreeSet<Capability>,
    /// Of the rest, what it was done to.
    others: BTreeMap<Doing, BTreeSet<String>>,
    held: usize,
    left_out: u64,
}

impl Learner {
    pub fn see(&mut self, act: &Act<'_>, times: u64) {
        let mut full = self.held >= MOST;
        let mut news = 0;
        let mut text = |map: &mut BTreeMap<String, u64>, key: &str| match map.get_mut(key) {
            Some(count) => {
                *count += times;
                full = false;
            }
            None if !full => {
                map.insert(key.to_owned(), times);
                news = 1;
            }
            None => {}
        };
        match act {
            Act::Read(path) => text(&mut self.read, path),
            Act::Write(path) => text(&mut self.write, path),
            Act::Run(path) => text(&mut self.run, path),
            Act::Reach(path) => text(&mut self.sockets, path),
            Act::Ask(name) => text(&mut self.names, name),
            Act::Connect(ip, port) | Act::Bind(ip, port) => {
                let map = if act.doing() == Doing::Connect { &mut self.connect } else { &mut self.bind };
                if !full || map.contains_key(&(*ip, *port)) {
                    full = false;
                    let count = map.entry((*ip, *port)).or_insert(0);
                    news = usize::from(*count == 0);
                    *count += times;
                }
            }
            Act::Use(capability) => {
                full = false;
                self.capabilities.insert(*capability);
            }
            other => {
                let seen = self.others.entry(other.doing()).or_default();
                if seen.len() < 64 {
                    seen.insert(other.to_string());
                }
                full = false;
            }
        }
        self.held += news;
        self.left_out += u64::from(full);
    }

    /// Different acts seen, and those for which there was no room.
    pub const fn counts(&self) -> (usize, u64) {
        (self.held, self.left_out)
    }

    /// A policy with one profile that observes. `selector` is the line that says whom it confines, `seen` how it was
    /// watched, for the comment at its top; `capabilities` whether their use could be seen.
    pub fn propose(&self, id: &str, selector: &str, seen: &str, capabilities: bool) -> String {
        text::write(self, id, selector, seen, capabilities)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Policy, prevention::Profiles};

    #[test]
    fn what_was_seen_is_allowed_and_the_proposal_is_a_policy() {
        let mut learner = Learner::default();
        let writes: Vec<String> = (0..6).map(|i| format!("/var/lib/app/data/{i}.db")).collect();
        let mut acts = vec![
            Act::Read("/etc/app/app.conf"),
            Act::Read("/etc/passwd"),
            Act::Read("/usr/lib/x86_64-linux-gnu/libc.so.6"),
            Act::Write("/proc/4711/oom_score_adj"),
            Act::Run("/usr/bin/app-worker"),
            Act::Connect("127.0.0.1".parse().unwrap(), 5432),
            Act::Connect("198.51.100.7".parse().unwrap(), 443),
            Act::Bind("0.0.0.0".parse().unwrap(), 8080),
            Act::Ask("db.example.com"),
            Act::Use(Capability::SYS_CHROOT),
        ];
        acts.extend(writes.iter().map(|path| Act::Write(path)));
        acts.iter().for_each(|act| learner.see(act, 3));
        let text = learner.propose("app", "executable = [\"/usr/bin/app\"]", "in a test", true);
        let policy = Policy::parse("proposal", &text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let profiles = Profiles::of(&policy, &|_| None);
        let (_, profile) = profiles.iter().next().unwrap();
        for act in &acts {
            assert!(profile.allows(act), "{act:?}\n{text}");
        }
        for act in [
            Act::Read("/etc/shadow"),
            Act::Write("/etc/passwd"),
            Act::Run("/usr/bin/dash"),
            Act::Connect("198.51.100.7".parse().unwrap(), 25),
            Act::Connect("203.0.113.1".parse().unwrap(), 443),
            Act::Bind("0.0.0.0".parse().unwrap(), 22),
            Act::Ask("example.org"),
        ] {
            assert!(!profile.allows(&act), "{act:?}\n{text}");
        }
        // Six files of one folder are the folder; what was not seen stands as comments only.
        assert!(text.contains("\"/var/lib/app/data/\"") && !text.contains("3.db"), "{text}");
        assert!(!text.contains("libc.so.6"), "what every program needs is not listed: {text}");
        assert!(profile.allows(&Act::LoadModule("x")) && text.contains("\n# modules = false"), "{text}");
    }

    #[test]
    fn it_remembers_no_more_than_it_may() {
        let mut learner = Learner::default();
        for i in 0..MOST + 10 {
            learner.see(&Act::Read(&format!("/srv/{i}")), 1);
        }
        assert_eq!(learner.counts(), (MOST, 10));
    }
}
