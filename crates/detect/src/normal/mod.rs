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
mod picture;
mod pool;
mod rhythm;
mod shape;
mod sketch;
mod spread;
mod state;
mod together;
mod volume;
pub(crate) mod words;

pub use habits::{Forgotten, Relation};
pub use hash::Seed;
pub use picture::{Asked, Habit, Picture, RhythmSeen, SubjectSeen, Told};
pub use state::{MOST_BYTES, StateError};

use crate::tell::{Rule, path, who};
use act::{Act, Talk, What};
use event::text::{clip, printable};
use event::{
    Action, Column, Event, Fields, Finding, Process, ProcessKey, RuleId, Severity, Tactic, Technique, Timestamp,
};
use habits::{DAY, Deed, Habits, Odds, Presence};
use rhythm::Rhythms;
use spread::Spread;
use std::borrow::Cow;
use std::collections::{BTreeSet, VecDeque};
use together::{Group, Kind, Odd, Sum, Together};
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

/// Last sayings that are kept for people.
const TOLD: usize = 64;
/// What fewer hosts show is no habit of many.
const FEWEST_HOSTS: u32 = 3;
/// A service that does what is so rare, on so many hosts, is told of by itself.
const LONE_CHANCE: f64 = 1e-3;
const LONE_HOSTS: u32 = 5;

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

/// One odd thing, before it is a finding.
struct Sign {
    rule: &'static Rule,
    severity: Severity,
    kind: Option<Kind>,
    chance: f64,
    detail: String,
    matched: Vec<(&'static str, String)>,
    /// Others that are known and did not do it; 0 on a host itself.
    hosts: u32,
}

/// The actor as sentences name it.
struct Actor {
    who: String,
    name: String,
    interactive: bool,
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

    /// Some when it is rare enough to be said.
    fn judge(&self, of: &Of<'_, '_>, deed: Deed<'_>, odds: Odds) -> Option<Sign> {
        let (act, level) = (of.act, self.config.level);
        let Deed { relation, subject, item } = deed;
        let floor = words::floor(relation);
        let learn = i64::from(self.config.learn_days) * DAY;
        let enough = odds.total.max(odds.present_hours.into()) >= floor.acts && odds.days >= floor.days;
        let learned = odds.watched >= learn && !self.is_learning(act.at);
        if odds.seen > 2 || !enough || !learned || odds.chance > floor.said {
            return None;
        }
        let mut hosts = 0;
        if level != Level::Host && odds.seen > 0 {
            return None;
        }
        if level != Level::Host {
            let (others, all) = self.habits.shown_by(deed, of.by.bit);
            hosts = picture::hosts(all & !of.by.bit);
            if others != 0 || hosts < FEWEST_HOSTS {
                return None;
            }
        }
        let heavy = odds.chance <= floor.weighs;
        let low = |heavy: bool| if heavy { Severity::Low } else { Severity::Info };
        let (rule, severity, kind, verb) = match relation {
            // What is installed comes and goes.
            Relation::Programs if act.packaged => return None,
            Relation::Programs => (&words::PROGRAM, Severity::Info, Kind::Run, "ran"),
            Relation::Starts => (&words::START, low(heavy && !act.login), Kind::Run, "started"),
            Relation::UserStarts if act.packaged => return None,
            Relation::UserStarts => (&words::USER_START, Severity::Info, Kind::Run, "ran"),
            Relation::Talks => (&words::TALK, low(heavy && !act.login), Kind::Talk, "connected to"),
            Relation::Names => (&words::NAME, low(heavy && !act.login), Kind::Talk, "asked for"),
            Relation::Logins => (&words::LOGIN, Severity::Low, Kind::Login, "logged in from"),
            Relation::Reaches => (&words::REACH, Severity::Low, Kind::Reach, "went on to"),
            Relation::Writes if item.contains("/*.") => (&words::WRITE_CODE, Severity::Low, Kind::Write, "wrote to"),
            Relation::Writes => (&words::WRITE, low(heavy), Kind::Write, "wrote to"),
        };
        let name = match (relation, level) {
            (Relation::Programs, Level::Host) => "This host".to_owned(),
            (Relation::Programs, _) => "A host".to_owned(),
            _ => words::name(subject),
        };
        let counted = words::counted(level, relation, subject, &odds);
        let detail = format!("{name} {verb} {}: {counted}{}.", path(item), words::spread(level, hosts));
        let mut matched = vec![
            ("baseline_subject", subject.to_owned()),
            ("baseline_item", item.to_owned()),
            ("baseline_seen", odds.seen.to_string()),
            ("baseline_total", odds.total.to_string()),
            ("baseline_days", (odds.watched / DAY).to_string()),
        ];
        if level != Level::Host {
            matched.push(("baseline_hosts", hosts.to_string()));
        }
        Some(Sign { rule, severity, kind: Some(kind), chance: odds.chance, detail, matched, hosts })
    }

    /// A person at work when they never were.
    fn hour(&self, act: &Act<'_>, user: &str, odds: Odds) -> Option<Sign> {
        let unusual = odds.hour_seen == 0 && odds.total >= 200 && odds.days >= 7 && !self.is_learning(act.at);
        unusual.then(|| {
            let hour = habits::hour_of(act.at) % 24;
            let day = if habits::hour_of(act.at) >= 24 { "at a weekend" } else { "on a working day" };
            let counts = format!("0 of {} acts over {} days", words::grouped(odds.total), odds.watched / DAY);
            Sign {
                rule: &words::HOUR,
                severity: Severity::Info,
                kind: None,
                chance: 1.0,
                detail: format!("{} is at work at {hour:02}:00 UTC {day}, as in {counts}.", words::name(user)),
                matched: vec![("baseline_subject", user.to_owned())],
                hosts: 0,
            }
        })
    }

    fn rhythm(&self, act: &Act<'_>, who: &str, to: &str, inside: bool, beat: rhythm::Beat) -> Option<Sign> {
        // What kept its rhythm while the host was learned belongs to it.
        let began_later = beat.first.since(self.began) >= i64::from(self.config.learn_days) * DAY / 2;
        let installed = crate::names::is_installed(&act.program);
        let loose = !act.packaged && !installed && act.image.is_none();
        let name = act.program.rsplit('/').next().unwrap_or_default();
        // They run what they are told: a package says nothing of that.
        let tool = crate::names::is_shell(name)
            || crate::names::is_interpreter_or_relay(name)
            || crate::names::is_fetch_tool(name);
        let severity = match (loose, inside, tool) {
            (true, false, _) if act.place.is_none() => Severity::Medium,
            (true, ..) => Severity::Low,
            (false, _, true) if began_later => Severity::Low,
            _ if began_later => Severity::Info,
            _ => return None,
        };
        let seconds = f64::from(beat.period_ms) / 1_000.0;
        let detail = format!(
            "{} connected to {} {} times, every {seconds:.0} s with {:.0} % jitter, for {:.1} hours.",
            words::name(who),
            printable(to),
            words::grouped(u64::from(beat.count) + 1),
            beat.jitter * 100.0,
            act.at.since(beat.first) as f64 / 3.6e12,
        );
        let chance = if loose { 1e-4 } else { 1e-2 };
        let matched = vec![
            ("baseline_subject", who.to_owned()),
            ("baseline_item", to.to_owned()),
            ("beacon_period_seconds", format!("{seconds:.1}")),
            ("beacon_jitter_percent", format!("{:.0}", beat.jitter * 100.0)),
        ];
        Some(Sign { rule: &words::RHYTHM, severity, kind: Some(Kind::Rhythm), chance, detail, matched, hosts: 0 })
    }

    fn wide(&self, act: &Act<'_>, who: &str, wide: spread::Wide) -> Option<Sign> {
        // A monitor's first hours are wide as well: while nothing is known of it, only great breadth is said.
        let known = wide.windows >= 4 || !self.is_learning(act.at);
        if !known && (act.place.is_some() || wide.places < 64) {
            return None;
        }
        let failing = wide.failed * 2 >= wide.tried;
        let graver = act.place.is_none() && (wide.places >= 100 || wide.places >= 48 && failing);
        let severity = if graver { Severity::Medium } else { Severity::Low };
        let detail = format!(
            "{}, run by {}, tried about {} places on {} hosts in {:.1} hours, {} of {} in vain; the most before was {}.",
            words::name(who),
            words::name(&act.user),
            words::grouped(wide.places),
            words::grouped(wide.hosts),
            wide.hours,
            wide.failed,
            wide.tried,
            wide.usual,
        );
        let matched = vec![
            ("baseline_subject", who.to_owned()),
            ("places", wide.places.to_string()),
            ("hosts", wide.hosts.to_string()),
        ];
        let kind = Some(Kind::Spread);
        Some(Sign { rule: &words::SPREAD, severity, kind, chance: 1e-3, detail, matched, hosts: 0 })
    }

    fn volume(&self, act: &Act<'_>, who: &str, to: &str, sudden: volume::Sudden) -> Option<Sign> {
        if self.is_learning(act.at) {
            return None;
        }
        let detail = format!(
            "{} sent {} within an hour, at last to {}; the most in an hour of its last {} days was {}.",
            words::name(who),
            words::size(sudden.bytes),
            printable(to),
            sudden.days,
            words::size(sudden.most_before),
        );
        let matched = vec![("baseline_subject", who.to_owned()), ("bytes_out", sudden.bytes.to_string())];
        Some(Sign {
            rule: &words::VOLUME,
            severity: Severity::Low,
            kind: Some(Kind::Volume),
            chance: 1e-3,
            detail,
            matched,
            hosts: 0,
        })
    }

    fn told_of(
        &mut self,
        act: &Act<'_>,
        actor: &Actor,
        group: &dyn Fn(Kind) -> Group,
        signs: Vec<Sign>,
    ) -> Vec<Finding> {
        let level = self.config.level;
        let mut findings = Vec::new();
        let mut sums: Vec<(Sum, BTreeSet<Technique>, BTreeSet<Tactic>)> = Vec::new();
        for sign in signs {
            if let Some(kind) = sign.kind {
                let (chance, words, at) = (sign.chance, sign.detail.clone(), act.at);
                let odd = Odd { kind, chance, at, words, half: actor.interactive };
                if let Some(sum) = self.together.add(group(kind), odd, !act.login) {
                    let techniques = sign.rule.techniques.iter().copied().collect();
                    sums.push((sum, techniques, sign.rule.tactics.iter().copied().collect()));
                }
            }
            if level != Level::Host && !lone(act, &sign) {
                continue;
            }
            let mut finding = sign.rule.finding(sign.detail, sign.matched);
            finding.severity = sign.severity;
            findings.push(finding);
        }
        for (sum, techniques, tactics) in sums {
            findings.push(together(actor, &sum, techniques, tactics));
        }
        for finding in &mut findings {
            let rule = words::ALL.iter().find(|rule| rule.id == finding.rule_id.as_str());
            if let Some(rule) = rule.filter(|_| level != Level::Host) {
                finding.rule_id = RuleId::new(words::id(level, rule));
                finding.name = words::title(level, rule);
                finding.asks = Some(Action::Alert);
            }
            if self.told.len() >= TOLD {
                self.told.pop_front();
            }
            self.told.push_back(Told {
                time: act.at,
                rule: finding.rule_id.as_str().to_owned(),
                name: finding.name.clone(),
                severity: finding.severity,
                program: clip(&actor.name, 64).to_owned(),
                detail: clip(&finding.detail, 600).to_owned(),
            });
        }
        findings
    }
}

/// What a service does by itself, that none of many hosts' does, is told of alone.
fn lone(act: &Act<'_>, sign: &Sign) -> bool {
    let rare = sign.chance <= LONE_CHANCE && sign.hosts >= LONE_HOSTS && act.place.is_some() && !act.login;
    match sign.kind {
        Some(Kind::Run) => rare && sign.severity >= Severity::Low && !act.packaged,
        Some(Kind::Write) => rare && sign.rule.id == words::WRITE_CODE.id,
        _ => false,
    }
}

/// Who logs in, or goes on from a log-in.
fn log_in_of<'a>(act: &'a Act<'_>) -> &'a str {
    match &act.what {
        What::Login { user, .. } => user,
        _ => &act.user,
    }
}

fn together(actor: &Actor, sum: &Sum, techniques: BTreeSet<Technique>, tactics: BTreeSet<Tactic>) -> Finding {
    let rule = if sum.lateral { &words::LATERAL } else { &words::TOGETHER };
    let listed: Vec<&str> = sum.odd.iter().map(|odd| odd.words.trim_end_matches('.')).collect();
    let first = sum.odd.first().map_or(Timestamp(0), |odd| odd.at);
    let last = sum.odd.last().map_or(Timestamp(0), |odd| odd.at);
    let within = crate::tell::span(last.since(first));
    let detail = format!("Within {within}, in the process tree of {}: {}.", actor.who, listed.join("; "));
    let mut finding = rule.finding(detail, Vec::new());
    finding.techniques.extend(techniques.into_iter().filter(|one| !rule.techniques.contains(one)));
    finding.tactics.extend(tactics.into_iter().filter(|one| !rule.tactics.contains(one)));
    // What is rare may be right: a person is told, nothing is ended.
    finding.asks = Some(Action::Alert);
    finding
}

/// A program as it is known; in a container by the image too.
fn subject<'a>(act: &Act<'_>, program: &'a str) -> Cow<'a, str> {
    match &act.image {
        Some(image) => Cow::Owned(format!("{} in {}", shape::program(program), clip(image, 80))),
        None => shape::program(program),
    }
}
