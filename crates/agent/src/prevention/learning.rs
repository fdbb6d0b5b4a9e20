//! `tamon policy learn`: what a service does, watched for a while, as the proposal of a profile.

use super::members::{Members, Move};
use super::places;
use crate::shared::Shared;
use anyhow::{Result, bail};
use event::{Event, Overstep, Process, ProcessKey, Tier};
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use verdict::Policy;
use verdict::prevention::{Learner, Profiles, acts};

/// Services learned at the same time.
const MOST: usize = 4;
/// The longest that who asks for a proposal waits for what was seen last.
const CATCH_UP: Duration = Duration::from_secs(20);
/// Nobody asks for it any more.
const FORGOTTEN: Duration = Duration::from_secs(14 * 86_400);

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum LearnAsk {
    /// From now on; the same again goes on.
    Start { id: String, units: Vec<String>, cgroups: Vec<String>, executables: Vec<String> },
    /// The proposal so far.
    Report { id: String },
    /// The proposal, and no more of it.
    Stop { id: String },
}

/// One service that is learned.
pub struct Learning {
    id: String,
    /// The line that says whom it confines.
    selector: String,
    since: Instant,
    learner: Arc<Mutex<Learner>>,
}

pub fn obey(shared: &Shared, ask: LearnAsk) -> Result<Value> {
    // What was done before it is asked for belongs to it.
    if matches!(ask, LearnAsk::Report { .. } | LearnAsk::Stop { .. }) && !shared.lockdown.catch_up(CATCH_UP) {
        bail!("the pipeline is more than {} s behind: ask again in a moment", CATCH_UP.as_secs());
    }
    let mut learning = shared.prevention.learning.lock();
    learning.retain(|one| one.since.elapsed() < FORGOTTEN);
    match ask {
        LearnAsk::Start { id, units, cgroups, executables } => {
            if learning.iter().any(|one| one.id == id) {
                return Ok(json!({ "learning": id, "already": true }));
            }
            if learning.len() >= MOST {
                bail!("{MOST} services are learned already: end one of them first");
            }
            let selector = selector(&units, &cgroups, &executables);
            policy(&id, &selector)?;
            learning.push(Learning { id: id.clone(), selector, since: Instant::now(), learner: Arc::default() });
            shared.prevention.changed.store(true, Ordering::Release);
            Ok(json!({ "learning": id, "already": false }))
        }
        LearnAsk::Report { id } => report(&learning, &id, shared.tier),
        LearnAsk::Stop { id } => {
            let answer = report(&learning, &id, shared.tier)?;
            learning.retain(|one| one.id != id);
            shared.prevention.changed.store(true, Ordering::Release);
            Ok(answer)
        }
    }
}

fn report(learning: &[Learning], id: &str, tier: Tier) -> Result<Value> {
    let Some(one) = learning.iter().find(|one| one.id == id) else { bail!("{id:?} is not learned") };
    let minutes = one.since.elapsed().as_secs() / 60;
    let learner = one.learner.lock();
    let (acts, left_out) = learner.counts();
    let seen = format!("live for {minutes} minutes");
    Ok(json!({
        "id": id,
        "minutes": minutes,
        "acts": acts,
        "left_out": left_out,
        "policy": learner.propose(id, &one.selector, &seen, tier == Tier::Enforce),
    }))
}

fn selector(units: &[String], cgroups: &[String], executables: &[String]) -> String {
    let line = |key: &str, list: &[String]| {
        let texts: Vec<String> = list.iter().map(|text| format!("{text:?}")).collect();
        (!list.is_empty()).then(|| format!("{key} = [{}]", texts.join(", ")))
    };
    let lines = [line("unit", units), line("cgroup", cgroups), line("executable", executables)];
    lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

fn policy(id: &str, selector: &str) -> Result<Policy> {
    Ok(Policy::parse("learn", &format!("version = 1\n[[prevention]]\nid = \"{id}\"\n{selector}\n"))?)
}

/// The pipeline's side: who is learned, beside any profile that they are in.
#[derive(Default)]
pub struct Learned {
    profiles: Profiles,
    learners: Vec<Arc<Mutex<Learner>>>,
    members: Members,
    first_number: u32,
}

impl Learned {
    pub fn is_empty(&self) -> bool {
        self.profiles.is_empty()
    }
    pub fn len(&self) -> usize {
        self.profiles.len()
    }
    pub const fn profiles(&self) -> &Profiles {
        &self.profiles
    }
    pub const fn first_number(&self) -> u32 {
        self.first_number
    }
    pub fn names(&self) -> Vec<String> {
        self.profiles.iter().map(|(_, profile)| profile.id.clone()).collect()
    }

    /// What is learned now.
    pub fn renew(&mut self, shared: &Shared, first_number: u32) {
        self.first_number = first_number;
        let learning = shared.prevention.learning.lock();
        let mut all = Policy::default();
        all.prevention.clear();
        self.learners.clear();
        for one in learning.iter() {
            // It was parsed before it was taken.
            if let Ok(policy) = policy(&one.id, &one.selector) {
                all.prevention.extend(policy.prevention);
                self.learners.push(Arc::clone(&one.learner));
            }
        }
        self.profiles = Profiles::of(&all, &places::real);
        let cgroup =
            |process: &Process| self.profiles.asks_cgroups().then(|| places::cgroup_of(process.key.tgid)).flatten();
        let living = if self.profiles.is_empty() { Vec::new() } else { shared.enricher.living() };
        let before = std::mem::take(&mut self.members);
        // Numbers of before belong to others now; descendants are found through their parents.
        drop(before);
        self.members = Members::take_stock(&self.profiles, &living, &|_| None, &cgroup, &|_| true);
    }

    pub fn observe(&self, event: &Event) {
        let member = event.process.as_ref().and_then(|process| self.members.of(&process.key));
        if let Some(learner) = member.and_then(|member| self.learners.get(member.profile.0)) {
            let mut learner = learner.lock();
            acts(event, &mut |act| learner.see(&act, 1));
        }
    }

    pub fn follow(&mut self, event: &Event, cgroup: Option<&str>, may: &dyn Fn(&Process) -> bool) {
        if !self.is_empty() {
            let _: Move = self.members.follow(&self.profiles, event, cgroup, may, &|_| event.time);
        }
    }

    /// An act that the kernel half told of one that is learned. False: it is a profile's.
    pub fn takes(&self, overstep: &Overstep, process: &Process) -> bool {
        let own = overstep.domain >= self.first_number && !self.is_empty();
        if let (Some(member), Some(act)) = (self.members.of(&process.key), super::tell::act(overstep))
            && let Some(learner) = self.learners.get(member.profile.0)
        {
            learner.lock().see(&act, 1);
        }
        own
    }

    /// Those that only they concern, for the kernel half.
    pub fn moved<'a>(
        &'a self,
        confined: impl Fn(&ProcessKey) -> bool + 'a,
    ) -> impl Iterator<Item = (ProcessKey, Option<u32>)> + 'a {
        let free = self.members.keys().filter(move |(key, _)| !confined(key));
        free.map(|(key, member)| (*key, Some(self.first_number + member.profile.0 as u32)))
    }
}
