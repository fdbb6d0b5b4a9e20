//! What was learned, as people and pages see it.

use super::habits::{DAY, Relation};
use super::{Forgotten, Normal};
use event::{Severity, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What of it is wanted.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Asked {
    pub relation: Option<Relation>,
    /// Found in the subject's name.
    pub text: Option<String>,
    /// Subjects at most, and the items of each; 0 stands for 40.
    pub limit: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    pub began: Timestamp,
    pub last: Timestamp,
    pub learn_days: u16,
    pub learning: bool,
    /// Acts that were learned from.
    pub acts: u64,
    pub bytes: u64,
    pub subjects_kept: u64,
    pub items_kept: u64,
    pub subjects_forgotten: u64,
    pub items_forgotten: u64,
    pub subjects: Vec<SubjectSeen>,
    /// Of well-known subjects what they did least, newest first.
    pub rarest: Vec<Habit>,
    pub rhythms: Vec<RhythmSeen>,
    /// Newest first.
    pub told: Vec<Told>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubjectSeen {
    pub relation: Relation,
    pub name: String,
    pub total: u64,
    pub distinct: u32,
    /// Items that were seen once.
    pub once: u32,
    pub first: Timestamp,
    pub last: Timestamp,
    pub days: u32,
    /// Acts by hour (UTC): of working days, then of weekends.
    pub hours: Vec<u16>,
    /// The most frequent first.
    pub items: Vec<Habit>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Habit {
    pub relation: Relation,
    pub subject: String,
    pub item: String,
    pub count: u64,
    /// Acts of the subject, among which these are.
    pub total: u64,
    pub first: Timestamp,
    pub last: Timestamp,
    /// Hosts that showed it; one on a host itself. Of more than sixty about that many.
    pub hosts: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RhythmSeen {
    pub program: String,
    pub to: String,
    pub period_seconds: f64,
    pub jitter_percent: f64,
    pub count: u32,
    pub first: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Told {
    pub time: Timestamp,
    pub rule: String,
    pub name: String,
    pub severity: Severity,
    pub program: String,
    pub detail: String,
}

impl Normal {
    pub fn picture(&self, asked: &Asked) -> Picture {
        let limit = if asked.limit == 0 { 40 } else { asked.limit.min(20_000) };
        let text = asked.text.as_deref().map(str::to_lowercase).filter(|text| !text.is_empty());
        let wanted = |relation: Relation, name: &str| {
            asked.relation.is_none_or(|only| only == relation)
                && text.as_deref().is_none_or(|text| name.to_lowercase().contains(text))
        };
        let mut by_subject: HashMap<u64, Vec<Habit>> = HashMap::new();
        let known: HashMap<u64, &super::habits::Subject> =
            self.habits.subjects.iter().map(|(key, subject)| (*key, subject)).collect();
        for item in &self.habits.items {
            let Some(subject) = known.get(&item.subject).filter(|subject| wanted(subject.relation, &subject.name))
            else {
                continue;
            };
            by_subject.entry(item.subject).or_default().push(Habit {
                relation: subject.relation,
                subject: subject.name.to_string(),
                item: item.name.to_string(),
                count: item.count.into(),
                total: subject.total,
                first: item.first,
                last: item.last,
                hosts: hosts(item.hosts),
            });
        }
        let rarest = rarest(by_subject.values().flatten(), self.last, limit);
        let mut subjects: Vec<SubjectSeen> = self
            .habits
            .subjects
            .iter()
            .filter(|(_, subject)| wanted(subject.relation, &subject.name))
            .map(|(key, subject)| {
                let mut items = by_subject.remove(key).unwrap_or_default();
                items.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.item.cmp(&b.item)));
                items.truncate(limit);
                SubjectSeen {
                    relation: subject.relation,
                    name: subject.name.to_string(),
                    total: subject.total,
                    distinct: subject.distinct,
                    once: subject.once,
                    first: subject.first,
                    last: subject.last,
                    days: subject.days.count_ones(),
                    hours: subject.hours.clone(),
                    items,
                }
            })
            .filter(|subject| subject.total > 0)
            .collect();
        subjects.sort_by(|a, b| b.total.cmp(&a.total).then_with(|| a.name.cmp(&b.name)));
        subjects.truncate(limit);
        let Forgotten { subjects: subjects_forgotten, items: items_forgotten } = self.habits.forgotten;
        Picture {
            began: self.began,
            last: self.last,
            learn_days: self.config.learn_days,
            learning: self.is_learning(self.last),
            acts: self.acts,
            bytes: self.bytes() as u64,
            subjects_kept: self.habits.subjects.len() as u64,
            items_kept: self.habits.items.len() as u64,
            subjects_forgotten,
            items_forgotten,
            subjects,
            rarest,
            rhythms: self.rhythms_seen(limit),
            told: self.told.iter().rev().take(limit).cloned().collect(),
        }
    }

    fn rhythms_seen(&self, limit: usize) -> Vec<RhythmSeen> {
        let seen = self.rhythms.pool.values().filter_map(|rhythm| {
            let beat = rhythm.beat()?;
            Some(RhythmSeen {
                program: rhythm.program.to_string(),
                to: rhythm.to.to_string(),
                period_seconds: f64::from(beat.period_ms) / 1_000.0,
                jitter_percent: (beat.jitter * 100.0).round(),
                count: beat.count,
                first: beat.first,
            })
        });
        let mut seen: Vec<RhythmSeen> = seen.collect();
        seen.sort_by_key(|one| std::cmp::Reverse(one.count));
        seen.truncate(limit);
        seen
    }

    /// Of memory, about.
    pub fn bytes(&self) -> usize {
        self.habits.bytes() + self.rhythms.pool.len() * 220 + self.config.most_followed * (2 * 256 + 600)
    }
}

/// Of subjects with a hundred acts and more: what was seen at most twice.
fn rarest<'a>(all: impl Iterator<Item = &'a Habit>, now: Timestamp, limit: usize) -> Vec<Habit> {
    let mut rare: Vec<&Habit> =
        all.filter(|habit| habit.count <= 2 && habit.total >= 100 && now.since(habit.last) < 14 * DAY).collect();
    rare.sort_by(|a, b| (b.total / b.count.max(1)).cmp(&(a.total / a.count.max(1))).then(b.last.cmp(&a.last)));
    rare.into_iter().take(limit).cloned().collect()
}

/// Linear counting over 64 bits.
pub(super) fn hosts(bits: u64) -> u32 {
    match bits.count_zeros() {
        0 => 64,
        64 => 0,
        empty => (64.0 * (64.0 / f64::from(empty)).ln()).round() as u32,
    }
}
