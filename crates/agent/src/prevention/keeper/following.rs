//! Who is in which profile: followed from event to event, and counted anew now and then.

use super::super::members::{Member, Members, Move, NOT_YET};
use super::super::places;
use super::Keeper;
use crate::alerting;
use crate::shared::Shared;
use event::{Event, EventKind, Process, ProcessKey, Timestamp};
use std::sync::Arc;
use std::time::Instant;
use verdict::Protected;
use verdict::prevention::ProfileIndex;

impl Keeper {
    pub(super) fn follow(&mut self, event: &Event, process: &Process) {
        let starts = matches!(event.kind, EventKind::Exec(_));
        let cgroup = starts.then(|| self.cgroup_of(process)).flatten();
        let shared = Arc::clone(&self.shared);
        let may = |process: &Process| may_be_confined(&shared, process);
        self.learned.follow(event, cgroup.as_deref(), &may);
        let known = |profile: ProfileIndex| {
            let by_itself = self.by_kernel.get(profile.0) == Some(&true) && event.time >= self.in_kernel_since;
            if by_itself { event.time } else { NOT_YET }
        };
        match self.members.follow(&self.profiles, event, cgroup.as_deref(), &may, &known) {
            Move::Stays => {}
            Move::Child(child, profile) => self.moved.push((child, Some(self.first_number + profile.0 as u32))),
            Move::Entered(profile) => {
                self.moved.push((process.key, Some(self.first_number + profile.0 as u32)));
            }
            Move::Left => self.moved.push((process.key, None)),
        }
    }

    /// Path of its control group, where a profile asks for it. A process may have ended by now, so those that profiles name
    /// are known beforehand.
    fn cgroup_of(&self, process: &Process) -> Option<String> {
        if !self.profiles.asks_cgroups() && !self.learned.profiles().asks_cgroups() {
            return None;
        }
        self.groups.get(&process.cgroup).cloned().or_else(|| places::cgroup_of(process.key.tgid))
    }

    pub(super) fn stock(&self, before: &dyn Fn(&ProcessKey) -> Option<ProfileIndex>) -> Members {
        if self.profiles.is_empty() {
            return Members::default();
        }
        let cgroup = |process: &Process| self.cgroup_of(process);
        let living = self.shared.enricher.living();
        Members::take_stock(&self.profiles, &living, before, &cgroup, &|process| may_be_confined(&self.shared, process))
    }

    pub(super) fn take_stock(&mut self) {
        self.counted = Instant::now();
        let known = |key: &ProcessKey| self.members.of(key).map(|member| member.profile);
        let mut fresh = self.stock(&known);
        // All of them: a program that another file has taken the place of came in without the kernel half's knowing.
        let news: Vec<_> =
            fresh.keys().map(|(key, member)| (*key, Some(self.first_number + member.profile.0 as u32))).collect();
        let since: Vec<(ProcessKey, Timestamp)> =
            self.members.keys().map(|(key, member)| (*key, member.held_since)).collect();
        for (key, held_since) in since {
            if let Some(member) = fresh.of(&key) {
                fresh.insert(key, Member { held_since, ..member });
            }
        }
        self.moved.extend(news);
        self.members = fresh;
    }
}

/// Never those that a host cannot do without; the SSH daemon may, since the proof holds for it.
fn may_be_confined(shared: &Shared, process: &Process) -> bool {
    matches!(alerting::protected(shared, process), None | Some(Protected::SshDaemon))
}
