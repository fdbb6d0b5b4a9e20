//! Signs that alone mean nothing, and together something: points on whoever answers for them. Findings of one event in,
//! at most one finding of what adds up out; it lists what added up.
//!
//! A rule counts once, however often it speaks; its points halve with time; different tactics weigh more than one. It is
//! told when the sum says more than the strongest of its parts has said already, and again only a level higher.

use crate::bounded::Bounded;
use crate::trees::{Entity, Trees};
use event::text::printable;
use event::{Action, Engine, Event, Finding, Process, RuleId, Severity, Tactic, Technique, Timestamp};
use std::collections::BTreeSet;

/// Rules that are remembered of one entity; the least of them goes first.
const MOST_SIGNS: usize = 24;
const MINUTE: f64 = 60_000_000_000.0;
/// Fewer rules or techniques than this are no sum.
const FEWEST: usize = 3;
/// For each tactic besides the first.
const VARIETY: f64 = 0.15;

#[derive(Clone, Debug)]
struct Sign {
    rule: RuleId,
    name: String,
    severity: Severity,
    techniques: Vec<Technique>,
    tactics: Vec<Tactic>,
    points: f64,
    at: Timestamp,
}

#[derive(Debug, Default)]
struct Account {
    signs: Vec<Sign>,
    /// How high it was told, and when.
    told: Option<(Severity, Timestamp)>,
}

/// Points by entity, bounded.
#[derive(Debug)]
pub(crate) struct Risk {
    accounts: Bounded<Entity, Account>,
}

impl Risk {
    pub fn new(entities: usize) -> Risk {
        Risk { accounts: Bounded::new(entities) }
    }

    pub fn weigh(
        &mut self,
        event: &Event,
        process: &Process,
        findings: &[Finding],
        trees: &mut Trees,
    ) -> Option<Finding> {
        if findings.is_empty() {
            return None;
        }
        let mut told: Option<Finding> = None;
        for entity in trees.entities(event, process) {
            let account = self.accounts.entry(&entity, Account::default);
            let counted = findings.iter().filter(|finding| finding.severity >= least(&entity));
            counted.for_each(|finding| account.add(finding, process.interactive, event.time));
            // The nearest who answers is enough: the same story is not told of the host too.
            if told.is_none() {
                told = account.sum(&entity, event.time);
            }
        }
        told
    }
}

/// Signs below this say nothing of an entity. On a host many people and jobs leave small ones, that have nothing to do with
/// each other but the place.
fn least(entity: &Entity) -> Severity {
    match entity {
        Entity::Host => Severity::Medium,
        _ => Severity::Info,
    }
}

impl Account {
    fn add(&mut self, finding: &Finding, interactive: bool, at: Timestamp) {
        let points = match finding.severity {
            Severity::Info => 1.0,
            Severity::Low => 6.0,
            Severity::Medium => 15.0,
            Severity::High => 40.0,
            Severity::Critical => 80.0,
        };
        // People at a terminal look around all day.
        let points = if interactive && finding.severity <= Severity::Low { points / 2.0 } else { points };
        if let Some(known) = self.signs.iter_mut().find(|sign| sign.rule == finding.rule_id) {
            known.at = at;
            return;
        }
        if self.signs.len() >= MOST_SIGNS {
            let least = (0..self.signs.len()).min_by(|a, b| self.signs[*a].points.total_cmp(&self.signs[*b].points));
            least.map(|least| self.signs.swap_remove(least));
        }
        self.signs.push(Sign {
            rule: finding.rule_id.clone(),
            name: finding.name.clone(),
            severity: finding.severity,
            techniques: finding.techniques.clone(),
            tactics: finding.tactics.clone(),
            points,
            at,
        });
    }

    fn sum(&mut self, entity: &Entity, now: Timestamp) -> Option<Finding> {
        let (half_life, factor) = match entity {
            Entity::Tree(_) | Entity::Session(_) | Entity::Container(_) => (10.0, 1.0),
            Entity::User(_) => (60.0, 2.0),
            Entity::Host => (60.0, 4.0),
        };
        let age = |at: Timestamp| now.since(at).max(0) as f64 / MINUTE;
        self.signs.retain(|sign| age(sign.at) < 6.0 * half_life);
        let tactics: BTreeSet<Tactic> = self.signs.iter().flat_map(|sign| sign.tactics.iter().copied()).collect();
        let techniques: BTreeSet<Technique> =
            self.signs.iter().flat_map(|sign| sign.techniques.iter().map(|technique| technique.parent())).collect();
        let points: f64 = self.signs.iter().map(|sign| sign.points * (-age(sign.at) / half_life).exp2()).sum();
        let points = points * (1.0 + VARIETY * tactics.len().saturating_sub(1) as f64) / factor;
        let strongest = self.signs.iter().map(|sign| sign.severity).max()?;
        let level = level(points)?;
        if self.told.is_some_and(|(_, at)| age(at) > 2.0 * half_life) {
            self.told = None;
        }
        let known = self.told.map_or(strongest, |(told, _)| told.max(strongest));
        // A low sum of low signs is news: none of them was told.
        let news = level > known || level == Severity::Low && known == Severity::Low && self.told.is_none();
        if !news || self.signs.len() < FEWEST || techniques.len() < FEWEST {
            return None;
        }
        self.told = Some((level, now));
        Some(self.finding(entity, level, points, now))
    }

    fn finding(&self, entity: &Entity, severity: Severity, points: f64, now: Timestamp) -> Finding {
        let mut signs: Vec<&Sign> = self.signs.iter().collect();
        signs.sort_by_key(|sign| sign.at);
        let listed: Vec<String> = signs
            .iter()
            .map(|sign| {
                let ids: Vec<String> = sign.techniques.iter().take(3).map(ToString::to_string).collect();
                format!("{} ({})", printable(&sign.name), ids.join(", "))
            })
            .collect();
        let first = signs.first().map_or(now, |sign| sign.at);
        let detail = format!(
            "{} different signs of {} add up to {points:.0} points within {}: {}.",
            signs.len(),
            entity.words(),
            crate::tell::span(now.since(first)),
            listed.join("; ")
        );
        let unique = |all: Vec<Technique>| all.into_iter().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
        let kind = match entity {
            Entity::Tree(_) => "tree",
            Entity::Session(_) => "session",
            Entity::User(_) => "user",
            Entity::Container(_) => "container",
            Entity::Host => "host",
        };
        Finding {
            engine: Engine::Behaviour,
            rule_id: RuleId::new(format!("risk.{kind}")),
            name: "Small signs add up".to_owned(),
            severity,
            techniques: unique(signs.iter().flat_map(|sign| sign.techniques.clone()).collect()),
            tactics: signs.iter().flat_map(|sign| sign.tactics.clone()).collect::<BTreeSet<_>>().into_iter().collect(),
            detail,
            matched: signs.iter().map(|sign| ("rule_id".to_owned(), sign.rule.as_str().to_owned())).collect(),
            // A sum of guesses ends no process.
            asks: Some(Action::Alert),
        }
    }
}

fn level(points: f64) -> Option<Severity> {
    match points {
        points if points >= 110.0 => Some(Severity::High),
        points if points >= 65.0 => Some(Severity::Medium),
        points if points >= 40.0 => Some(Severity::Low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use event::{EventKind, Exec, ProcessKey, Via};
    use std::sync::Arc;

    fn finding(number: u16, severity: Severity, tactic: Tactic) -> Finding {
        Finding {
            engine: Engine::Sigma,
            rule_id: RuleId::new(format!("rule-{number}")),
            name: format!("rule {number}"),
            severity,
            techniques: vec![Technique::new(number)],
            tactics: vec![tactic],
            detail: String::new(),
            matched: Vec::new(),
            asks: None,
        }
    }

    /// Each finding so many seconds after the one before; the levels that were told.
    fn check(seconds: i64, findings: &[Finding], expected: &[Severity]) {
        let (mut risk, mut trees) = (Risk::new(16), Trees::new(16));
        let process = Process { key: ProcessKey { tgid: 9, ..ProcessKey::default() }, ..Process::default() };
        let mut told = Vec::new();
        for (at, finding) in findings.iter().enumerate() {
            let event = Event {
                sequence: 0,
                time: Timestamp(at as i64 * seconds * 1_000_000_000),
                via: Via::Syscall,
                process: Some(Arc::new(process.clone())),
                parent: None,
                kind: EventKind::Exec(Exec::default()),
            };
            told.extend(risk.weigh(&event, &process, std::slice::from_ref(finding), &mut trees));
        }
        let levels: Vec<Severity> = told.iter().map(|finding| finding.severity).collect();
        assert_eq!(levels, expected, "{told:#?}");
        for finding in told {
            assert!(
                finding.detail.contains("rule 1 (T0001)") && finding.techniques.len() >= FEWEST,
                "{}",
                finding.detail
            );
        }
    }

    #[test]
    fn low_signs_alone_are_silent_and_together_are_not() {
        let low = |n| finding(n, Severity::Low, if n % 2 == 0 { Tactic::Discovery } else { Tactic::Collection });
        check(1, &[low(1), low(2), low(3)], &[]);
        check(1, &(1..=6).map(low).collect::<Vec<_>>(), &[Severity::Low]);
        check(1, &(1..=10).map(low).collect::<Vec<_>>(), &[Severity::Low, Severity::Medium]);
        check(1_200, &(1..=10).map(low).collect::<Vec<_>>(), &[]);
        check(1, &vec![low(1); 100], &[]);
        let looking_around: Vec<Finding> = (1..=8).map(|n| finding(n, Severity::Info, Tactic::Discovery)).collect();
        check(1, &looking_around, &[]);
    }

    /// Each in a tree of its own, as jobs and people of one host are.
    fn on_one_host(findings: &[Finding]) -> Vec<Finding> {
        let (mut risk, mut trees) = (Risk::new(64), Trees::new(64));
        let mut told = Vec::new();
        for (finding, tgid) in findings.iter().zip(100..) {
            let process = Process { key: ProcessKey { tgid, ..ProcessKey::default() }, ..Process::default() };
            let event = Event {
                sequence: 0,
                time: Timestamp(0),
                via: Via::Syscall,
                process: Some(Arc::new(process.clone())),
                parent: None,
                kind: EventKind::Exec(Exec::default()),
            };
            told.extend(risk.weigh(&event, &process, std::slice::from_ref(finding), &mut trees));
        }
        told
    }

    #[test]
    fn small_signs_of_many_trees_do_not_add_up_to_a_host_and_graver_ones_do() {
        let tactics = [Tactic::Discovery, Tactic::Collection, Tactic::Persistence, Tactic::Exfiltration];
        let sign = |n: u16, severity| finding(n, severity, tactics[usize::from(n) % tactics.len()]);
        let low: Vec<Finding> = (1..=24).map(|n| sign(n, Severity::Low)).collect();
        assert_eq!(on_one_host(&low), []);
        let medium: Vec<Finding> = (1..=24).map(|n| sign(n, Severity::Medium)).collect();
        let told = on_one_host(&medium);
        assert!(told.iter().any(|one| one.rule_id.as_str() == "risk.host"), "{told:#?}");
    }

    #[test]
    fn a_sum_speaks_only_where_it_says_more_than_its_parts() {
        let high = finding(1, Severity::High, Tactic::Execution);
        let low = |n| finding(n, Severity::Low, Tactic::Discovery);
        check(1, &[high, low(2), low(3)], &[]);
        let medium = |n| finding(n, Severity::Medium, if n % 2 == 0 { Tactic::Discovery } else { Tactic::Persistence });
        check(1, &(1..=7).map(medium).collect::<Vec<_>>(), &[Severity::High]);
    }

    #[test]
    fn no_flood_of_entities_or_rules_grows_it() {
        let (mut risk, mut trees) = (Risk::new(16), Trees::new(16));
        for tgid in 0..2_000u32 {
            let process = Process { key: ProcessKey { tgid, ..ProcessKey::default() }, ..Process::default() };
            let event = Event {
                sequence: 0,
                time: Timestamp(0),
                via: Via::Syscall,
                process: Some(Arc::new(process.clone())),
                parent: None,
                kind: EventKind::Exec(Exec::default()),
            };
            let number = u16::try_from(tgid % 500).unwrap();
            risk.weigh(&event, &process, &[finding(number, Severity::Medium, Tactic::Discovery)], &mut trees);
        }
        assert!(risk.accounts.len() <= 16);
        let host = risk.accounts.get(&Entity::Host).map_or(0, |account| account.signs.len());
        assert!(host <= MOST_SIGNS, "{host}");
    }
}
