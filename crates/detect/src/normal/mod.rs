//! What is normal here: learned from the stream itself, host by host, in a fixed amount of memory, and explained by counts.
//! Events in; what is out of the ordinary out, as small signs that add up (`crate::story`), and as an alert only where several
//! of them come together in one process tree. The same is learned of many hosts together, from their rows ([`Level`]): there
//! only what tells by itself comes out.
//!
//! Nothing rare is said before the host has been learned for [`NormalConfig::learn_days`], nor of a subject (a program, a
//! user) that has shown too little. `docs/BASELINES.md` tells what is learned and what each sign needs.

mod act;
mod habits;
mod hash;
mod judging;
mod picture;
mod pool;
mod relation;
mod rhythm;
mod shape;
mod sketch;
mod spread;
mod state;
mod subject;
mod telling;
mod together;
mod volume;
pub(crate) mod words;

pub use habits::{Forgotten, Relation};
pub use hash::Seed;
pub use picture::{Asked, Habit, Picture, RhythmSeen, SubjectSeen, Told};
pub use state::{MOST_BYTES, StateError};

use crate::tell::who;
use act::{Act, Talk, What};
use event::text::{clip, printable};
use event::{Column, Event, Fields, Finding, Process, ProcessKey, Timestamp};
use habits::{DAY, Deed, Habits, Odds, Presence};
use judging::Sign;
use rhythm::Rhythms;
use spread::Spread;
use std::borrow::Cow;
use std::collections::VecDeque;
use telling::Actor;
use together::{Group, Kind, Together};
use volume::Volumes;

/// Whose ordinary it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// One host's.
    #[default]
    Host,
    /// That of hosts that serve the same.
    Role,
    Fleet,
}

/// What it may cost, and when it begins to speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NormalConfig {
    /// Drawn by the host; what was learned under another one is of no use.
    pub seed: Seed,
    pub level: Level,
    pub learn_days: u16,
    /// Programs and users, over all relations; and what they do.
    pub most_subjects: usize,
    pub most_items: usize,
    /// Pairs of program and destination, programs and users, whose rhythm, breadth and volume are followed.
    pub most_rhythms: usize,
    pub most_followed: usize,
}

impl Default for NormalConfig {
    fn default() -> Self {
        NormalConfig {
            seed: Seed([0x5bd1_e995_9e37_79b9, 0xc2b2_ae3d_27d4_eb4f]),
            level: Level::Host,
            learn_days: 7,
            most_subjects: 3_000,
            most_items: 12_000,
            most_rhythms: 1_024,
            most_followed: 256,
        }
    }
}

#[derive(Debug)]
pub struct Normal {
    config: NormalConfig,
    habits: Habits,
    rhythms: Rhythms,
    spread: Spread,
    volumes: Volumes,
    together: Together,
    told: VecDeque<Told>,
    /// Of the first event, and the last.
    began: Timestamp,
    last: Timestamp,
    acts: u64,
}

/// Who showed an act.
#[derive(Clone, Copy)]
struct Shown {
    /// A bit of the host.
    bit: u64,
    /// This host itself, now: rhythms and breadth are followed too.
    live: bool,
}

/// One act while it is looked at, and what is odd about it.
struct Of<'a, 'b> {
    act: &'a Act<'b>,
    by: Shown,
    presence: Option<Presence>,
    signs: &'a mut Vec<Sign>,
}

impl Normal {
    pub fn new(config: NormalConfig) -> Normal {
        Normal {
            habits: Habits::new(config.seed, config.most_subjects, config.most_items),
            rhythms: Rhythms::new(config.most_rhythms),
            spread: Spread::new(config.most_followed),
            volumes: Volumes::new(config.most_followed),
            together: Together::new(config.most_followed),
            told: VecDeque::new(),
            began: Timestamp(0),
            last: Timestamp(0),
            acts: 0,
            config,
        }
    }

    /// Learns from a live event of this host. `tree` is asked for the first process of the tree that `process` belongs to.
    pub fn observe(&mut self, event: &Event, process: &Process, tree: impl FnOnce() -> ProcessKey) -> Vec<Finding> {
        let Some(act) = Act::of_event(event, process) else { return Vec::new() };
        let mut signs = Vec::new();
        self.take(&act, Shown { bit: 1, live: true }, &mut signs);
        if signs.is_empty() {
            return Vec::new();
        }
        let actor = Actor { who: who(process), name: process.name().to_owned(), interactive: process.interactive };
        let group = Group::Tree(tree());
        self.told_of(&act, &actor, &|_| group, signs)
    }

    /// Learns from a row of one of many hosts; says what none of them did, where that tells by itself. `host` is any hash of
    /// the host's id. Nothing is said on the level of a host.
    pub fn learn(&mut self, row: &impl Fields, host: u64) -> Vec<Finding> {
        let Some(act) = Act::of_row(row) else { return Vec::new() };
        let mut signs = Vec::new();
        self.take(&act, Shown { bit: 1 << (host % 64), live: false }, &mut signs);
        // Hours and volumes are habits of people and hosts, not of many.
        signs.retain(|sign| sign.kind.is_some_and(|kind| kind != Kind::Volume));
        if signs.is_empty() || self.config.level == Level::Host {
            return Vec::new();
        }
        let name = act.program.rsplit('/').next().unwrap_or_default().to_owned();
        let text = |column| row.field(column).map(|value| value.text().into_owned()).filter(|text| !text.is_empty());
        let pid = text(Column::ProcessPid).unwrap_or_default();
        let actor =
            Actor { who: format!("{} (pid {pid})", printable(clip(&name, 64))), name, interactive: act.interactive };
        // A row does not know its tree: its service, its session or its parent stand for it.
        let near = act.place.as_deref().map(str::to_owned);
        let near =
            near.or_else(|| text(Column::SessionId)).or_else(|| text(Column::ParentEntityId)).unwrap_or_default();
        let seed = self.config.seed;
        let place = Group::Place(seed.hash(&[&host.to_string(), &near]));
        let user = Group::User(seed.hash(&[log_in_of(&act)]));
        let group = |kind: Kind| if matches!(kind, Kind::Login | Kind::Reach) { user } else { place };
        self.told_of(&act, &actor, &group, signs)
    }

    /// The host is still being learned: nothing rare is said yet.
    pub fn is_learning(&self, now: Timestamp) -> bool {
        self.acts == 0 || now.since(self.began) < i64::from(self.config.learn_days) * DAY
    }

    fn take(&mut self, act: &Act<'_>, by: Shown, signs: &mut Vec<Sign>) {
        if self.acts == 0 {
            self.began = act.at;
        }
        self.acts += 1;
        self.last = self.last.max(act.at);
        let who = subject(act, &act.program);
        let presence = match &act.place {
            Some(place) => Some(self.habits.present(Relation::Starts, place, act.at)),
            None if !act.login => Some(self.habits.present(Relation::Starts, &who, act.at)),
            None => None,
        };
        let mut of = Of { act, by, presence, signs };
        match &act.what {
            What::Start { parent, script } => self.start(&mut of, &who, parent, script.as_deref()),
            What::Talk(talk) => self.talk(&mut of, &who, *talk),
            What::Name(name) => self.note(&mut of, Relation::Names, &who, shape::domain(name)),
            What::Write(file) if !act.login => self.note(&mut of, Relation::Writes, &who, &shape::folder(file)),
            What::Login { user, from } => {
                let odds = self.deed(&mut of, Relation::Logins, user, &shape::block(*from));
                of.signs.extend(self.hour(act, user, odds));
            }
            What::Sent { ip, bytes } if !ip.is_loopback() => {
                if let Some(sudden) = self.volumes.send(self.config.seed, &who, *bytes, act.at) {
                    of.signs.extend(self.volume(act, &who, &shape::block(*ip), sudden));
                }
            }
            What::Write(_) | What::Sent { .. } | What::Fork => {}
        }
    }

    /// A deed of one subject that stands for itself.
    fn deed(&mut self, of: &mut Of<'_, '_>, relation: Relation, subject: &str, item: &str) -> Odds {
        let odds = self.habits.learn(Deed { relation, subject, item }, of.act.at, of.by.bit, None);
        let sign = self.judge(of, Deed { relation, subject, item }, odds);
        of.signs.extend(sign);
        odds
    }

    /// A deed of a program, and of the service that it is part of: a program that is new there has no habits of its own, but
    /// the service has. The rarer of both is said.
    fn note(&mut self, of: &mut Of<'_, '_>, relation: Relation, who: &str, item: &str) {
        let (at, bit) = (of.act.at, of.by.bit);
        let own = of.presence.filter(|_| of.act.place.is_none());
        let odds = self.habits.learn(Deed { relation, subject: who, item }, at, bit, own);
        let mut said = self.judge(of, Deed { relation, subject: who, item }, odds);
        if let Some(place) = &of.act.place {
            let odds = self.habits.learn(Deed { relation, subject: place, item }, at, bit, of.presence);
            let sign = self.judge(of, Deed { relation, subject: place, item }, odds);
            if let Some(sign) = sign
                && said.as_ref().is_none_or(|said| sign.chance < said.chance * 0.8)
            {
                said = Some(sign);
            }
        }
        of.signs.extend(said);
    }

    fn start(&mut self, of: &mut Of<'_, '_>, who: &str, parent: &str, script: Option<&str>) {
        let act = of.act;
        let script = script.map(shape::program);
        let what = script.as_deref().unwrap_or(who);
        self.deed(of, Relation::Programs, act.image.as_deref().unwrap_or("host"), what);
        self.note(of, Relation::Starts, &subject(act, parent), what);
        if act.login {
            let odds = self.deed(of, Relation::UserStarts, &act.user, what);
            if act.interactive {
                of.signs.extend(self.hour(act, &act.user, odds));
            }
        }
    }

    fn talk(&mut self, of: &mut Of<'_, '_>, who: &str, talk: Talk) {
        let Talk { ip, port, udp, failed } = talk;
        // Name and time servers are asked by everything.
        if ip.is_loopback() || ip.is_unspecified() || matches!(port, 0 | 53 | 853) || udp && port == 123 {
            return;
        }
        let act = of.act;
        self.note(of, Relation::Talks, who, &format!("{}:{}", shape::block(ip), shape::port(port)));
        if act.login && matches!(port, 22 | 23 | 445 | 2222 | 2375 | 3389 | 5900 | 5985 | 5986) {
            self.deed(of, Relation::Reaches, &act.user, &ip.to_string());
        }
        if !of.by.live {
            return;
        }
        let inside = shape::is_private(ip);
        let exact = format!("{ip}:{port}");
        if let Some(beat) = self.rhythms.hear(self.config.seed, who, &exact, act.at) {
            of.signs.extend(self.rhythm(act, who, &exact, inside, beat));
        }
        if inside {
            let address = ip.to_string();
            let wide = self.spread.reach(self.config.seed, [&act.user, who], (&address, port), failed, act.at);
            of.signs.extend(wide.and_then(|wide| self.wide(act, who, wide)));
        }
    }
}

/// Who logs in, or goes on from a log-in.
fn log_in_of<'a>(act: &'a Act<'_>) -> &'a str {
    match &act.what {
        What::Login { user, .. } => user,
        _ => &act.user,
    }
}

/// A program as it is known; in a container by the image too.
fn subject<'a>(act: &Act<'_>, program: &'a str) -> Cow<'a, str> {
    match &act.image {
        Some(image) => Cow::Owned(format!("{} in {}", shape::program(program), clip(image, 80))),
        None => shape::program(program),
    }
}
