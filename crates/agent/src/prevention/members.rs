//! Which process is in which profile: by itself when it runs a program that one names, else with its parent.

use event::{Event, EventKind, Process, ProcessKey, Timestamp};
use std::collections::HashMap;
use verdict::prevention::{Confined, ProfileIndex, Profiles};

/// Confined at the same time; more are not watched, and counted.
const MOST: usize = 65_536;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    pub profile: ProfileIndex,
    /// From when on the kernel half knows of it too; [`NOT_YET`] until it was told.
    pub held_since: Timestamp,
}

pub const NOT_YET: Timestamp = Timestamp(i64::MAX);

#[derive(Debug, Default)]
pub struct Members {
    held: HashMap<ProcessKey, Member>,
    pub left_out: u64,
}

/// What an event made of its process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    Stays,
    /// It came in by itself.
    Entered(ProfileIndex),
    /// Its child did, before the kernel half knew of the parent.
    Child(ProcessKey, ProfileIndex),
    /// It runs another program, and its profile is not inherited.
    Left,
}

impl Members {
    pub fn of(&self, key: &ProcessKey) -> Option<Member> {
        self.held.get(key).copied()
    }

    pub fn count(&self, profile: ProfileIndex) -> usize {
        self.held.values().filter(|member| member.profile == profile).count()
    }

    pub fn insert(&mut self, key: ProcessKey, member: Member) {
        if self.held.len() < MOST || self.held.contains_key(&key) {
            self.held.insert(key, member);
        } else {
            self.left_out += 1;
        }
    }

    pub fn remove(&mut self, key: &ProcessKey) {
        self.held.remove(key);
    }

    pub fn keys(&self) -> impl Iterator<Item = (&ProcessKey, &Member)> {
        self.held.iter()
    }

    /// The kernel half was told.
    pub fn told(&mut self, key: &ProcessKey, now: Timestamp) {
        if let Some(member) = self.held.get_mut(key) {
            member.held_since = member.held_since.min(now);
        }
    }

    /// After an act was judged. `may` says whether a process may be confined at all, `held` from when on the kernel half knows
    /// of one that comes into this profile by this event.
    pub fn follow(
        &mut self,
        profiles: &Profiles,
        event: &Event,
        cgroup: Option<&str>,
        may: &dyn Fn(&Process) -> bool,
        held: &dyn Fn(ProfileIndex) -> Timestamp,
    ) -> Move {
        let Some(process) = event.process.as_deref() else { return Move::Stays };
        match &event.kind {
            EventKind::Fork(fork) => {
                let Some(member) = self.of(&process.key) else { return Move::Stays };
                let early = event.time < member.held_since;
                self.insert(
                    fork.child,
                    Member { held_since: if early { NOT_YET } else { member.held_since }, ..member },
                );
                if early { Move::Child(fork.child, member.profile) } else { Move::Stays }
            }
            EventKind::Exit(_) => {
                self.remove(&process.key);
                Move::Stays
            }
            EventKind::Exec(_) => {
                let inside = self.of(&process.key);
                if inside.is_some_and(|member| profiles.get(member.profile).inherit) {
                    return Move::Stays;
                }
                let who = Confined { cgroup, ..Confined::of(process) };
                match profiles.find(&who).filter(|_| may(process)) {
                    Some(profile) if inside.is_some_and(|member| member.profile == profile) => Move::Stays,
                    Some(profile) => {
                        self.insert(process.key, Member { profile, held_since: held(profile) });
                        Move::Entered(profile)
                    }
                    None if inside.is_some() => {
                        self.remove(&process.key);
                        Move::Left
                    }
                    None => Move::Stays,
                }
            }
            _ => Move::Stays,
        }
    }

    /// All processes that run now, each after its parent. `before` knows who was in a profile of the same name.
    pub fn take_stock(
        profiles: &Profiles,
        living: &[std::sync::Arc<Process>],
        before: &dyn Fn(&ProcessKey) -> Option<ProfileIndex>,
        cgroup: &dyn Fn(&Process) -> Option<String>,
        may: &dyn Fn(&Process) -> bool,
    ) -> Members {
        let mut members = Members::default();
        let mut order: Vec<&Process> = living.iter().map(std::sync::Arc::as_ref).collect();
        order.sort_by_key(|process| (process.key.start_ticks, process.key.tgid));
        for process in order.into_iter().filter(|process| may(process)) {
            let parent = process.parent.and_then(|parent| members.of(&parent)).map(|member| member.profile);
            let inherited = parent.or_else(|| before(&process.key)).filter(|index| profiles.get(*index).inherit);
            let path = cgroup(process);
            let found = || profiles.find(&Confined { cgroup: path.as_deref(), ..Confined::of(process) });
            if let Some(profile) = inherited.or_else(found) {
                members.insert(process.key, Member { profile, held_since: NOT_YET });
            }
        }
        members
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use event::{Exec, Exit, Fork, Via};
    use std::sync::Arc;
    use verdict::Policy;

    fn profiles(text: &str) -> Profiles {
        Profiles::of(&Policy::parse("t", &format!("version = 1\n{text}")).unwrap(), &|_| None)
    }

    fn key(tgid: u32) -> ProcessKey {
        ProcessKey { tgid, start_ticks: u64::from(tgid), ..ProcessKey::default() }
    }

    fn event(tgid: u32, executable: &str, kind: EventKind) -> Event {
        let process = Process { key: key(tgid), executable: executable.into(), ..Process::default() };
        Event {
            sequence: 0,
            time: Timestamp(5),
            via: Via::Syscall,
            process: Some(Arc::new(process)),
            parent: None,
            kind,
        }
    }

    const BOTH: &str = "[[prevention]]\nid = \"a\"\nexecutable = [\"/usr/bin/a\"]\n\
                        [[prevention]]\nid = \"b\"\nexecutable = [\"/usr/bin/b\"]\ninherit = false\n";

    #[test]
    fn children_stay_where_their_parents_are() {
        let profiles = profiles(BOTH);
        let mut members = Members::default();
        let mut then = |tgid, executable: &str, kind, expected| {
            assert_eq!(
                members.follow(&profiles, &event(tgid, executable, kind), None, &|_| true, &|_| Timestamp(5)),
                expected
            );
            members.of(&key(tgid)).map(|member| member.profile.0)
        };
        assert_eq!(then(1, "/usr/bin/a", EventKind::Exec(Exec::default()), Move::Entered(ProfileIndex(0))), Some(0));
        let fork = |child| EventKind::Fork(Fork { child: key(child), namespace_flags: 0 });
        assert_eq!(then(1, "/usr/bin/a", fork(2), Move::Stays), Some(0));
        // Another profile's program does not lead out of the first.
        assert_eq!(then(2, "/usr/bin/b", EventKind::Exec(Exec::default()), Move::Stays), Some(0));
        assert_eq!(then(3, "/usr/bin/b", EventKind::Exec(Exec::default()), Move::Entered(ProfileIndex(1))), Some(1));
        assert_eq!(then(3, "/usr/bin/b", fork(4), Move::Stays), Some(1));
        assert_eq!(then(4, "/usr/bin/sh", EventKind::Exec(Exec::default()), Move::Left), None);
        assert_eq!(then(1, "/usr/bin/a", EventKind::Exit(Exit::default()), Move::Stays), None);
    }

    #[test]
    fn a_child_of_one_that_the_kernel_half_does_not_know_yet_is_told_to_it() {
        let profiles = profiles(BOTH);
        let mut members = Members::default();
        let exec = event(1, "/usr/bin/a", EventKind::Exec(Exec::default()));
        members.follow(&profiles, &exec, None, &|_| true, &|_| NOT_YET);
        let fork = |child| event(1, "/usr/bin/a", EventKind::Fork(Fork { child: key(child), namespace_flags: 0 }));
        let forked =
            |members: &mut Members, child| members.follow(&profiles, &fork(child), None, &|_| true, &|_| NOT_YET);
        assert_eq!(forked(&mut members, 2), Move::Child(key(2), ProfileIndex(0)));
        members.told(&key(1), Timestamp(4));
        assert_eq!(forked(&mut members, 3), Move::Stays);
        assert_eq!(
            (members.of(&key(2)).unwrap().held_since, members.of(&key(3)).unwrap().held_since),
            (NOT_YET, Timestamp(4))
        );
    }

    #[test]
    fn who_may_not_be_confined_is_not() {
        let profiles = profiles(BOTH);
        let mut members = Members::default();
        let exec = event(1, "/usr/bin/a", EventKind::Exec(Exec::default()));
        assert_eq!(members.follow(&profiles, &exec, None, &|_| false, &|_| Timestamp(5)), Move::Stays);
        assert_eq!(members.keys().count(), 0);
    }

    #[test]
    fn those_that_run_already_are_found_with_their_children() {
        let profiles = profiles(BOTH);
        let process = |tgid, parent: Option<u32>, executable: &str| {
            let parent = parent.map(key);
            Arc::new(Process { key: key(tgid), parent, executable: executable.into(), ..Process::default() })
        };
        let living =
            [process(9, Some(3), "/usr/bin/sh"), process(3, None, "/usr/bin/a"), process(4, None, "/usr/bin/c")];
        let before = |asked: &ProcessKey| (*asked == key(4)).then_some(ProfileIndex(0));
        let members = Members::take_stock(&profiles, &living, &before, &|_| None, &|_| true);
        let of = |tgid| members.of(&key(tgid)).map(|member| member.profile.0);
        assert_eq!((of(3), of(9), of(4)), (Some(0), Some(0), Some(0)));
    }
}
