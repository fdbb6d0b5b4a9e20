//! Profiles as the pipeline's thread keeps them: judges events, follows processes, and keeps the kernel half in line.

mod following;
mod judging;

use super::figures::{Figures, ProfileFigures};
use super::learning;
use super::members::{Members, NOT_YET};
use super::shortfalls::without_groups;
use super::{places, proof, tables};
use crate::pipeline::now;
use crate::shared::Shared;
use event::{ProcessKey, Tier, Timestamp};
use sensor::{Confinement, Sensor};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use verdict::Policy;
use verdict::prevention::{Doing, Profile, ProfileIndex, Profiles};

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
    told: HashMap<(ProfileIndex, String), Told>,
    refreshed: Instant,
    counted: Instant,
    /// Not yet built under the policy in force.
    stale: bool,
}

/// When the same was told last, and whether the kernel half had answered it.
struct Told {
    at: Instant,
    by_kernel: bool,
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
        let known = sensor.refused().len();
        self.in_kernel = match sensor.confine(&all) {
            Ok(()) => {
                // What such a hook would have refused is ended after the fact.
                for refusal in &sensor.refused()[known..] {
                    self.shared.problem(format!("prevention: the kernel lacks a hook: {refusal}"));
                }
                !all.domains.is_empty()
            }
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
