//! Signs to findings: each as a small one, and where several come together in one tree an alert that lists them.

use super::act::Act;
use super::judging::Sign;
use super::together::{Group, Kind, Odd, Sum};
use super::{Level, Normal, Told, words};
use event::text::clip;
use event::{Action, Finding, RuleId, Severity, Tactic, Technique, Timestamp};
use std::collections::BTreeSet;

/// Last sayings that are kept for people.
pub(super) const TOLD: usize = 64;
/// A service that does what is so rare, on so many hosts, is told of by itself.
const LONE_CHANCE: f64 = 1e-3;
const LONE_HOSTS: u32 = 5;

/// The actor as sentences name it.
pub(super) struct Actor {
    pub who: String,
    pub name: String,
    pub interactive: bool,
}

impl Normal {
    /// `group` says who answers for a sign of a kind.
    pub(super) fn told_of(
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
