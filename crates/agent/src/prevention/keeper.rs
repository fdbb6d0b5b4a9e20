//! Profiles as the pipeline's thread keeps them: judges events, follows processes, and keeps the kernel half in line.

use super::figures::{Figures, ProfileFigures};
use super::learning;
use super::members::{Member, Members, Move, NOT_YET};
use super::shortfalls::without_groups;
use super::{names, places, proof, tables, tell};
use crate::alerting;
use crate::pipeline::now;
use crate::shared::Shared;
use event::{
    Action, Event, EventKind, FileOp, Finding, Overstep, Process, ProcessAccess, ProcessKey, Tier, Timestamp, Via,
};
use sensor::{Confinement, Sensor};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use verdict::prevention::{Act, Doing, Profile, ProfileIndex, Profiles, acts};
use verdict::{Policy, Protected};

/// How often names on the disk are looked up again.
const REFRESH: Duration = Duration::from_secs(3);
/// How often those that run are counted anew: a fork that the sensor lost, a container whose image was not known yet.
const STOCK: Duration = Duration::from_secs(30);
/// The same act against the same line is told once in this time.
const AGAIN: Duration = Duration::from_secs(60);
const MOST_TOLD: usize = 16_384;

pub struct Keeper {
    shared: Arc<Shared>,
    under: Arc<Policy>,
    profiles: Profiles,
    /// Of the kernel half: profiles are numbered from here in their order.
    first_number: u32,
    next_number: u32,
    members: Members,
    learned: learning::Learned,
    /// Profiles that would take the host's life: they only observe.
    held_back: Vec<String>,
    figures: Vec<ProfileFigures>,
    /// By profile: kinds of acts that the policy lets be refused.
    enforced: Vec<Vec<Doing>>,
    /// To be told to the kernel half: it cannot know these by itself.
    moved: Vec<(ProcessKey, Option<u32>)>,
    /// Control groups that profiles name, by id.
    groups: HashMap<u64, String>,
    in_kernel: bool,
    in_kernel_since: Timestamp,
    /// By profile: the kernel half sees by itself who comes into it.
    by_kernel: Vec<bool>,
    told: HashMap<(ProfileIndex, String), Instant>,
    refreshed: Instant,
    counted: Instant,
    /// Not yet built under the policy in force.
    stale: bool,
}

impl Keeper {
    pub fn new(shared: Arc<Shared>) -> Keeper {
        Keeper {
            under: shared.policy(),
            shared,
            profiles: Profiles::default(),
            first_number: 1,
            next_number: 1,
            members: Members::default(),
            learned: learning::Learned::default(),
            held_back: Vec::new(),
            figures: Vec::new(),
            enforced: Vec::new(),
            moved: Vec::new(),
            groups: HashMap::new(),
            in_kernel: false,
            in_kernel_since: NOT_YET,
            by_kernel: Vec::new(),
            told: HashMap::new(),
            refreshed: Instant::now(),
            counted: Instant::now(),
            stale: true,
        }
    }

    /// What of this event its profile denies. Costs a comparison where nobody is confined.
    pub fn observe(&mut self, event: &Event) -> Vec<Finding> {
        if self.profiles.is_empty() && self.learned.is_empty() {
            return Vec::new();
        }
        let Some(process) = event.process.as_deref() else { return Vec::new() };
        if let EventKind::Overstep(overstep) = &event.kind {
            self.answered(event, process, overstep);
            return Vec::new();
        }
        self.learned.observe(event);
        let findings =
            self.members.of(&process.key).map(|member| self.judge(event, process, member)).unwrap_or_default();
        if matches!(event.kind, EventKind::Fork(_) | EventKind::Exec(_) | EventKind::Exit(_)) {
            self.follow(event, process);
        }
        findings
    }

    fn judge(&mut self, event: &Event, process: &Process, member: Member) -> Vec<Finding> {
        let mut denied: Vec<Act<'_>> = Vec::new();
        let profile = self.profiles.get(member.profile);
        let real = names::real(event);
        acts(event, &mut |act| {
            // A name comes as the process wrote it: where a link leads on the way counts as well.
            let real = real.iter().find(|(name, _)| act == Act::Write(name)).map(|(_, real)| Act::Write(real));
            let may = match real {
                Some(real) => profile.allows(&real),
                None => profile.allows(&act),
            };
            if !may {
                denied.push(act);
            }
        });
        denied.retain(|act| !self.is_among_its_own(event, member) && !self.is_answered(event, act, member));
        let mut findings = Vec::with_capacity(denied.len());
        for act in denied {
            let profile = self.profiles.get(member.profile);
            let words = tell::words(profile, &act);
            let mut finding = profile.finding(&act, &tell::who(process), false);
            if let Some(finding) = finding.as_mut().filter(|_| self.held_back.contains(&profile.id)) {
                finding.asks = Some(Action::Alert);
            }
            self.figures[member.profile.0].note(act.doing(), words.clone());
            // What asks to be ended is news of each process; the rest once in a while.
            let ends = self.enforced[member.profile.0].contains(&act.doing());
            if self.is_news(member.profile, words) || ends {
                findings.extend(finding);
            }
        }
        findings
    }

    /// It reaches into a process of the same profile.
    fn is_among_its_own(&self, event: &Event, member: Member) -> bool {
        let target = match &event.kind {
            EventKind::Access(ProcessAccess::Ptrace { target, .. } | ProcessAccess::VmWrite { target, .. }) => target,
            _ => return false,
        };
        self.members.of(target).is_some_and(|other| other.profile == member.profile)
    }

    /// The kernel half refuses or ends it, and tells that by itself.
    fn is_answered(&self, event: &Event, act: &Act<'_>, member: Member) -> bool {
        let profile = self.profiles.get(member.profile);
        let doing = act.doing();
        let answers = self.in_kernel
            && event.time >= member.held_since
            && !self.held_back.contains(&profile.id)
            && tables::answered_by_kernel(self.shared.tier).contains(&doing)
            && self.enforced[member.profile.0].contains(&doing);
        if !answers {
            return false;
        }
        if self.shared.tier == Tier::Enforce {
            return !tells_what_was_done(doing);
        }
        // Without hooks only opening is caught, and that only by system calls; a script is the interpreter's to open.
        match &event.kind {
            EventKind::File(file) => {
                event.via == Via::Syscall
                    && matches!(file.op, FileOp::OpenRead | FileOp::OpenWrite { .. } | FileOp::Create)
            }
            EventKind::Exec(_) => {
                matches!(act, Act::Run(path) | Act::Raise(path) if event.process.as_ref().is_some_and(|p| *p.executable == **path))
            }
            _ => true,
        }
    }

    fn follow(&mut self, event: &Event, process: &Process) {
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

    /// The kernel half has answered.
    fn answered(&mut self, event: &Event, process: &Process, overstep: &Overstep) {
        if self.learned.takes(overstep, process) {
            return;
        }
        let Some(index) = overstep.domain.checked_sub(self.first_number).map(|n| ProfileIndex(n as usize)) else {
            return;
        };
        if index.0 >= self.profiles.len() {
            return;
        }
        let profile = self.profiles.get(index);
        let Some(act) = tell::act(overstep) else { return };
        // Told for whoever learns.
        if overstep.end == event::OverstepEnd::Let && profile.allows(&act) {
            return;
        }
        let words = tell::words(profile, &act);
        let figures = &mut self.figures[index.0];
        figures.note(act.doing(), words.clone());
        match overstep.end {
            event::OverstepEnd::Denied => figures.denied += 1,
            event::OverstepEnd::Ended => figures.ended += 1,
            event::OverstepEnd::Let => {}
        }
        if self.is_news(index, words) {
            tell::tell(&self.shared, event, process, self.profiles.get(index), &act, overstep.end);
        }
    }

    fn is_news(&mut self, profile: ProfileIndex, words: String) -> bool {
        if self.told.len() >= MOST_TOLD {
            self.told.retain(|_, at| at.elapsed() < AGAIN);
            if self.told.len() >= MOST_TOLD {
                self.told.clear();
            }
        }
        let last = self.told.insert((profile, words), Instant::now());
        last.is_none_or(|at| at.elapsed() >= AGAIN)
    }

    /// Each round: whom the kernel half cannot know by itself.
    pub fn take(&mut self, sensor: &mut Sensor) {
        if self.stale {
            self.renew(sensor);
        }
        for (key, number) in std::mem::take(&mut self.moved) {
            if !self.in_kernel {
                continue;
            }
            match assign(sensor, key, number) {
                Ok(()) => self.members.told(&key, now()),
                Err(error) => self.shared.problem(format!("a process could not be confined in the kernel: {error}")),
            }
        }
    }

    /// Once a second.
    pub fn tend(&mut self, sensor: &mut Sensor) {
        let policy = self.shared.policy();
        if !Arc::ptr_eq(&policy, &self.under) || self.shared.prevention.changed.swap(false, Ordering::AcqRel) {
            self.under = policy;
            self.renew(sensor);
        } else if !self.profiles.is_empty() || !self.learned.is_empty() {
            if self.counted.elapsed() >= STOCK {
                self.take_stock();
            }
            if self.refreshed.elapsed() >= REFRESH {
                self.put(sensor);
            }
        }
        self.publish();
    }

    /// Another policy, or somebody began to learn: everything anew, with numbers of its own.
    fn renew(&mut self, sensor: &mut Sensor) {
        self.stale = false;
        let before = std::mem::replace(&mut self.profiles, Profiles::of(&self.under, &places::real));
        let lost = proof::lockouts(&self.shared, &self.profiles);
        self.held_back = lost.iter().map(|one| one.profile.clone()).collect();
        for one in &lost {
            self.shared.problem(format!("prevention: {} only observes, since {}", one.profile, one.says));
        }
        if places::cgroup_root().is_none() {
            for (id, says) in self.profiles.iter().filter_map(|(_, one)| Some((&one.id, without_groups(one)?))) {
                self.shared.problem(format!("prevention: {id}: {says}"));
            }
        }
        self.figures = self.profiles.iter().map(|(_, profile)| ProfileFigures::of(profile)).collect();
        let kinds = |profile: &Profile| {
            let enforced = |doing: &Doing| tables::enforces(&self.under, profile, *doing);
            Doing::ALL.into_iter().filter(|doing| profile.speaks_of(*doing)).filter(enforced).collect()
        };
        self.enforced = self.profiles.iter().map(|(_, profile)| kinds(profile)).collect();
        self.told.clear();
        self.first_number = self.next_number;
        self.next_number += self.profiles.len() as u32;
        self.learned.renew(&self.shared, self.next_number);
        self.next_number += self.learned.len() as u32;
        self.groups = tables::groups([&self.profiles, self.learned.profiles()]);
        let old = std::mem::take(&mut self.members);
        let same = |key: &ProcessKey| {
            let id = &before.get(old.of(key)?.profile).id;
            self.profiles.iter().find(|(_, profile)| profile.id == *id).map(|(index, _)| index)
        };
        self.members = self.stock(&same);
        self.put(sensor);
        self.in_kernel_since = now();
        let members =
            self.members.keys().map(|(key, member)| (*key, Some(self.first_number + member.profile.0 as u32)));
        self.moved = members.collect();
        self.moved.extend(self.learned.moved(|key| self.members.of(key).is_some()));
    }

    fn stock(&self, before: &dyn Fn(&ProcessKey) -> Option<ProfileIndex>) -> Members {
        if self.profiles.is_empty() {
            return Members::default();
        }
        let cgroup = |process: &Process| self.cgroup_of(process);
        let living = self.shared.enricher.living();
        Members::take_stock(&self.profiles, &living, before, &cgroup, &|process| may_be_confined(&self.shared, process))
    }

    fn take_stock(&mut self) {
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

    fn put(&mut self, sensor: &mut Sensor) {
        self.refreshed = Instant::now();
        self.groups = tables::groups([&self.profiles, self.learned.profiles()]);
        let all = if self.shared.tier == Tier::Observe {
            Confinement::default()
        } else {
            tables::confinement(
                &self.under,
                &self.profiles,
                self.first_number,
                (self.learned.profiles(), self.learned.first_number()),
                self.shared.tier,
                &self.held_back,
            )
        };
        let starts = |number: u32| {
            all.programs.iter().any(|one| one.domain == number)
                || all.cgroups.iter().any(|(_, domain)| *domain == number)
        };
        self.by_kernel = (0..self.profiles.len()).map(|at| starts(self.first_number + at as u32)).collect();
        self.in_kernel = match sensor.confine(&all) {
            Ok(()) => !all.domains.is_empty(),
            Err(error) => {
                self.shared.problem(format!("prevention: profiles are only judged from events: {error}"));
                false
            }
        };
    }

    fn publish(&mut self) {
        for (index, figures) in self.figures.iter_mut().enumerate() {
            figures.processes = self.members.count(ProfileIndex(index));
        }
        if self.members.left_out > 0 {
            self.shared.problem("prevention: too many processes are confined at once; some are not watched".into());
        }
        let mut figures = Figures::new(self.figures.clone(), self.shared.tier, self.in_kernel);
        figures.learning = self.learned.names();
        *self.shared.prevention.figures.lock() = figures;
    }
}

/// Only while the pid is this process's: nobody who comes after it may be taken for it.
fn assign(sensor: &mut Sensor, key: ProcessKey, number: Option<u32>) -> Result<(), sensor::ConfineError> {
    let there = || respond::key_of(key.tgid) == Some(key);
    if !there() {
        return Ok(());
    }
    sensor.assign(key.tgid, number)?;
    if number.is_some() && !there() {
        sensor.assign(key.tgid, None)?;
    }
    Ok(())
}

/// Of these an event comes only when they succeeded: whatever hook this kernel lacks, it was not refused.
const fn tells_what_was_done(doing: Doing) -> bool {
    matches!(doing, Doing::Modules | Doing::Ptrace | Doing::Mounts | Doing::Namespaces | Doing::Memory)
}

/// Never those that a host cannot do without; the SSH daemon may, since the proof holds for it.
fn may_be_confined(shared: &Shared, process: &Process) -> bool {
    matches!(alerting::protected(shared, process), None | Some(Protected::SshDaemon))
}
