//! What is said of an odd act: the rule, how much it weighs, and one sentence with the counts behind it.

use super::Level;
use super::habits::{DAY, Odds, Relation};
use crate::tell::Rule;
use event::text::{clip, printable};
use event::{Engine, Severity, Tactic, Technique};

macro_rules! rules {
    ($($name:ident $id:literal $title:literal $severity:ident [$($technique:expr),+] [$($tactic:ident),+];)+) => {
        $(pub(super) const $name: Rule = Rule {
            id: $id,
            engine: Engine::Behaviour,
            name: $title,
            severity: Severity::$severity,
            techniques: &[$($technique),+],
            tactics: &[$(Tactic::$tactic),+],
            asks: None,
        };)+

        pub(crate) const ALL: &[&Rule] = &[$(&$name),+];
    };
}

rules! {
    PROGRAM "normal.program" "A program that did not run here before" Info [Technique::sub(1204, 2)] [Execution];
    START "normal.start" "A program starts what it did not start before" Info [Technique::new(1059)] [Execution];
    USER_START "normal.user-start" "A user runs what they did not run before" Info [Technique::new(1078)] [InitialAccess];
    HOUR "normal.hour" "A user is at work at an hour when they never were" Info [Technique::new(1078)] [InitialAccess];
    TALK "normal.talk" "A program talks to where it did not talk before" Info [Technique::new(1071)] [CommandAndControl];
    NAME "normal.name" "A program asks for a name that it did not ask for before" Info [Technique::new(1568)] [CommandAndControl];
    LOGIN "normal.login" "A user logs in from where they did not before" Low [Technique::new(1078)] [InitialAccess];
    REACH "normal.reach" "A user goes on to a host where they did not before" Low [Technique::sub(1021, 4)] [LateralMovement];
    WRITE "normal.write" "A service writes where it did not write before" Info [Technique::sub(1074, 1)] [Collection];
    WRITE_CODE "normal.write-code" "A service writes code where it did not before" Low [Technique::sub(1505, 3)] [Persistence];
    RHYTHM "normal.rhythm" "A program connects in a rhythm" Low [Technique::new(1071)] [CommandAndControl];
    SPREAD "normal.spread" "A program reaches further into the network than ever" Low [Technique::new(1046)] [Discovery];
    VOLUME "normal.volume" "A program sends out more than ever" Low [Technique::new(1048)] [Exfiltration];
    TOGETHER "normal.together" "Several things that are not usual here, together" Medium [Technique::new(1059)] [Execution];
    LATERAL "normal.lateral" "A log-in from a new place goes on to a new host" Medium [Technique::new(1078), Technique::sub(1021, 4)] [InitialAccess, LateralMovement];
}

/// How much something must be out of the ordinary before it is said, and before it weighs more.
pub(super) struct Floor {
    /// Acts, or hours of presence, that a subject must have.
    pub acts: u64,
    pub days: u32,
    pub said: f64,
    pub weighs: f64,
}

pub(super) const fn floor(relation: Relation) -> Floor {
    match relation {
        Relation::Programs => Floor { acts: 2_000, days: 3, said: 1e-2, weighs: 0.0 },
        Relation::Starts => Floor { acts: 40, days: 3, said: 1e-2, weighs: 1e-3 },
        Relation::UserStarts => Floor { acts: 200, days: 3, said: 2e-3, weighs: 0.0 },
        Relation::Talks => Floor { acts: 60, days: 3, said: 5e-3, weighs: 1e-3 },
        Relation::Names => Floor { acts: 60, days: 3, said: 5e-3, weighs: 5e-4 },
        // People log in seldom: few counts must do.
        Relation::Logins => Floor { acts: 8, days: 4, said: 0.12, weighs: 0.12 },
        Relation::Reaches => Floor { acts: 5, days: 3, said: 0.2, weighs: 0.2 },
        Relation::Writes => Floor { acts: 60, days: 3, said: 5e-3, weighs: 1e-3 },
    }
}

/// The id of what is said of one host, or of a host among others.
pub(super) fn id(level: Level, rule: &Rule) -> String {
    let own = rule.id.strip_prefix("normal.").unwrap_or(rule.id);
    match level {
        Level::Host => rule.id.to_owned(),
        Level::Role => format!("role.{own}"),
        Level::Fleet => format!("fleet.{own}"),
    }
}

pub(super) fn title(level: Level, rule: &Rule) -> String {
    match level {
        Level::Host => rule.name.to_owned(),
        Level::Role => format!("{}: no host of its role does", rule.name),
        Level::Fleet => format!("{}: no host of the fleet does", rule.name),
    }
}

/// `, on none of about 25 hosts of its role`; nothing on a host itself.
pub(super) fn spread(level: Level, hosts: u32) -> String {
    match level {
        Level::Host => String::new(),
        Level::Role => format!(", on none of about {hosts} other hosts of its role"),
        Level::Fleet => format!(", on none of about {hosts} other hosts of the fleet"),
    }
}

/// `seen 0 times in 41,200 starts by nginx over 12 days`.
pub(super) fn counted(level: Level, relation: Relation, subject: &str, odds: &Odds) -> String {
    let subject = name(subject);
    let of = match relation {
        Relation::Programs if level == Level::Host => "starts on this host".to_owned(),
        Relation::Programs => "starts on these hosts".to_owned(),
        Relation::Starts => format!("starts by {subject}"),
        Relation::UserStarts => format!("starts by {subject}"),
        Relation::Talks => format!("connections of {subject}"),
        Relation::Names => format!("names asked for by {subject}"),
        Relation::Logins => format!("log-ins of {subject}"),
        Relation::Reaches => format!("connections of {subject} to other hosts"),
        Relation::Writes => format!("files written by {subject}"),
    };
    let days = (odds.watched / DAY).max(1);
    let day_word = if days == 1 { "day" } else { "days" };
    let times = if odds.seen == 1 { "once".to_owned() } else { format!("{} times", grouped(odds.seen.into())) };
    if odds.total < u64::from(odds.present_hours) {
        let hours = grouped(odds.present_hours.into());
        let total = grouped(odds.total);
        return format!("seen {times}; {total} {of} in {hours} hours of presence over {days} {day_word}");
    }
    format!("seen {times} in {} {of} over {days} {day_word}", grouped(odds.total))
}

/// The last part of a path, or the whole of what is none.
pub(super) fn name(subject: &str) -> String {
    let short = match subject.rsplit('/').next() {
        Some(last) if subject.starts_with('/') && !last.is_empty() => last,
        _ => subject,
    };
    printable(clip(short, 80)).into_owned()
}

pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..10_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{} GB", bytes / 1_000_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_bear_their_counts() {
        let odds = Odds {
            seen: 0,
            total: 41_200,
            distinct: 3,
            once: 0,
            days: 12,
            present_hours: 250,
            watched: 12 * DAY + 5,
            chance: 2e-5,
            hour_seen: 0,
        };
        let said = counted(Level::Host, Relation::Starts, "/usr/sbin/nginx", &odds);
        assert_eq!(said, "seen 0 times in 41,200 starts by nginx over 12 days");
        let said = counted(Level::Host, Relation::Starts, "/usr/sbin/named", &Odds { total: 0, ..odds });
        assert_eq!(said, "seen 0 times; 0 starts by named in 250 hours of presence over 12 days");
        assert_eq!(name("root\u{1b}[2J"), "root\\u{1b}[2J");
    }
}
