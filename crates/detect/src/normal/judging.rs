//! What of all that was learned is rare enough to be said, and how gravely: an act and its odds in, a sign with its counts out.

use super::act::Act;
use super::habits::{self, DAY, Deed, Odds, Relation};
use super::together::Kind;
use super::{Level, Normal, Of, picture, rhythm, spread, volume, words};
use crate::tell::{Rule, path};
use event::Severity;
use event::text::printable;

/// What fewer hosts show is no habit of many.
const FEWEST_HOSTS: u32 = 3;

/// One odd thing, before it is a finding.
pub(super) struct Sign {
    pub rule: &'static Rule,
    pub severity: Severity,
    pub kind: Option<Kind>,
    pub chance: f64,
    pub detail: String,
    pub matched: Vec<(&'static str, String)>,
    /// Others that are known and did not do it; 0 on a host itself.
    pub hosts: u32,
}

impl Normal {
    /// Some when it is rare enough to be said.
    pub(super) fn judge(&self, of: &Of<'_, '_>, deed: Deed<'_>, odds: Odds) -> Option<Sign> {
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
    pub(super) fn hour(&self, act: &Act<'_>, user: &str, odds: Odds) -> Option<Sign> {
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

    pub(super) fn rhythm(&self, act: &Act<'_>, who: &str, to: &str, inside: bool, beat: rhythm::Beat) -> Option<Sign> {
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

    pub(super) fn wide(&self, act: &Act<'_>, who: &str, wide: spread::Wide) -> Option<Sign> {
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

    pub(super) fn volume(&self, act: &Act<'_>, who: &str, to: &str, sudden: volume::Sudden) -> Option<Sign> {
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
}
