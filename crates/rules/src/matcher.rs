//! One event against a compiled set. Each field that can announce a rule is scanned once; only announced rules are
//! evaluated, and each predicate at most once an event. Where nothing matches, nothing is allocated.

mod load;

use crate::compile::{ForeignRules, RuleSet};
use crate::correlate::{CorrelationState, Correlator, Observation};
use crate::group::{Expression, Group, GroupRule, Predicate};
use crate::logsource::{LogSource, feeds_of};
use crate::predicate::{Edge, Test};
use crate::record::{Hit, Record};
use crate::slot::SlotText;
use crate::taxonomy::Origin;
use crate::tell;
use event::{Column, Fields, Finding, Timestamp, Value};
use load::{Foreign, Load, Native};
use std::sync::Arc;

/// Finds the rules that an event of this host meets. One for each thread: it holds the scratch memory, and the state of the
/// correlations.
pub struct Matcher {
    rules: Arc<RuleSet>,
    scratch: Vec<Scratch>,
    correlator: Correlator,
}

impl Matcher {
    pub(crate) fn new(rules: Arc<RuleSet>) -> Matcher {
        let scratch = rules.groups.iter().map(|group| group.as_ref().map(Scratch::of).unwrap_or_default()).collect();
        let correlator = Correlator::new(rules.plan.clone());
        Matcher { rules, scratch, correlator }
    }

    pub fn rules(&self) -> &Arc<RuleSet> {
        &self.rules
    }

    /// What the correlations hold and had to let go.
    pub fn correlations(&self) -> CorrelationState {
        self.correlator.state()
    }

    /// In the order of the rules, then the correlations that they completed. Empty, without an allocation, for nearly
    /// every event.
    pub fn find(&mut self, event: &impl Fields) -> Vec<Finding> {
        let mut findings = Vec::new();
        let Some(action) = event.field(Column::Action) else { return findings };
        let correlates = !self.correlator.is_empty();
        let time = if correlates { time_of(event) } else { None };
        let mut observations = Vec::new();
        for feed in feeds_of(&action.text()) {
            let Some(group) = &self.rules.groups[*feed as usize] else { continue };
            let scratch = &mut self.scratch[*feed as usize];
            let meta = &self.rules.rules;
            run(group, scratch, &Native(event), &mut |rule, context| {
                if !meta[rule as usize].silent {
                    findings.push(tell::finding(&meta[rule as usize], context));
                }
                if !context.wanted.is_empty() || (correlates && self.rules.plan.listens(rule)) {
                    observations.push(tell::observation(rule, context, time, 0));
                }
            });
        }
        if correlates {
            let mut hits = time.map(|time| self.correlator.advance(time)).unwrap_or_default();
            for observation in &observations {
                hits.extend(self.correlator.feed(observation));
            }
            let members = &self.rules.plan.members;
            findings.extend(hits.into_iter().map(|hit| {
                let header = &members[usize::from(hit.member)].header;
                tell::correlated(hit, header)
            }));
        }
        findings
    }
}

fn time_of(event: &impl Fields) -> Option<Timestamp> {
    match event.field(Column::Time)? {
        Value::Time(time) => Some(time),
        other => other.text().parse().ok(),
    }
}

/// Finds the rules that records of other origin meet.
pub struct ForeignMatcher {
    rules: Arc<ForeignRules>,
    router: Scratch,
    scratch: Vec<Scratch>,
    asked: Vec<u32>,
}

impl ForeignMatcher {
    pub(crate) fn new(rules: Arc<ForeignRules>) -> ForeignMatcher {
        let scratch = rules.groups.iter().map(|(_, group)| Scratch::of(group)).collect();
        ForeignMatcher { router: Scratch::of(&rules.router), scratch, asked: Vec::new(), rules }
    }

    /// With `source` only the rules for that log source are asked; without it all are. Correlations are not asked.
    pub fn find(&mut self, record: &impl Record, source: Option<&LogSource>) -> Vec<Hit> {
        self.find_and_observe(record, source, 0, &mut Vec::new())
    }

    /// As [`ForeignMatcher::find`]; what correlations take in is pushed to `observations`, with `place`, for a
    /// [`Correlator`](crate::Correlator).
    pub fn find_and_observe(
        &mut self,
        record: &impl Record,
        source: Option<&LogSource>,
        place: u64,
        observations: &mut Vec<Observation>,
    ) -> Vec<Hit> {
        let mut hits: Vec<Hit> = Vec::new();
        let mut told: Vec<u32> = Vec::new();
        let rules = self.rules.clone();
        self.asked.clear();
        let asked = &mut self.asked;
        run_quietly(&rules.router, &mut self.router, &Foreign(record), &mut |group| asked.push(group));
        for at in &self.asked {
            let (wanted, group) = &rules.groups[*at as usize];
            if source.is_some_and(|actual| !wanted.covers(actual)) {
                continue;
            }
            run(group, &mut self.scratch[*at as usize], &Foreign(record), &mut |rule, context| {
                // One record, seen in two views, is one hit.
                if told.contains(&rule) {
                    return;
                }
                told.push(rule);
                let meta = &rules.rules[rule as usize];
                if !meta.silent {
                    hits.push(tell::hit(meta, context));
                }
                if rules.plan.listens(rule) {
                    observations.push(tell::observation(rule, context, record.time(), place));
                }
            });
        }
        hits
    }
}

/// Memory of one group, reused. A state belongs to the event whose number it bears.
#[derive(Default)]
struct Scratch {
    event: u32,
    slots: Vec<SlotText>,
    labels_loaded: u32,
    states: Vec<(u32, State)>,
    seen: Vec<u32>,
    candidates: Vec<u32>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    False,
    True,
    /// Its literal is there; the test has to be run.
    Maybe,
}

impl Scratch {
    fn of(group: &Group) -> Scratch {
        Scratch {
            slots: group.slots.iter().map(|_| SlotText::default()).collect(),
            states: vec![(0, State::False); group.predicates.len()],
            seen: vec![0; group.rules.len()],
            ..Scratch::default()
        }
    }

    /// Event numbers come round after four thousand million events: then everything is forgotten.
    fn begin(&mut self) {
        if self.event == u32::MAX {
            self.event = 0;
            self.labels_loaded = 0;
            self.slots.iter_mut().for_each(|slot| (slot.loaded, slot.scanned) = (0, 0));
            self.states.fill((0, State::False));
            self.seen.fill(0);
        }
        self.event += 1;
        self.candidates.clear();
    }
}

/// Hands on each rule that holds, with what is needed to say why.
fn each_that_holds<'g, L: Load>(
    group: &'g Group,
    scratch: &mut Scratch,
    load: &L,
    mut holds: impl FnMut(&mut View<'_, L>, &'g GroupRule),
) {
    scratch.begin();
    let mut view = View { group, scratch, load };
    for slot in &group.first {
        view.scan(*slot);
    }
    let mut candidates = std::mem::take(&mut view.scratch.candidates);
    candidates.extend_from_slice(&group.always);
    candidates.sort_unstable();
    for at in &candidates {
        let rule = &group.rules[*at as usize];
        if view.holds(&rule.expression) {
            holds(&mut view, rule);
        }
    }
    view.scratch.candidates = candidates;
}

/// Only which rules hold, not why.
fn run_quietly<L: Load>(group: &Group, scratch: &mut Scratch, load: &L, matched: &mut dyn FnMut(u32)) {
    each_that_holds(group, scratch, load, |_, rule| matched(rule.rule));
}

fn run<L: Load>(group: &Group, scratch: &mut Scratch, load: &L, matched: &mut dyn FnMut(u32, &tell::Context<'_>)) {
    each_that_holds(group, scratch, load, |view, rule| {
        let mut evidence = Vec::new();
        view.evidence(&rule.expression, &mut evidence);
        for slot in rule.wanted.iter().flat_map(|(_, slots)| slots) {
            view.load(*slot);
        }
        let context = tell::Context { group, slots: &view.scratch.slots, evidence: &evidence, wanted: &rule.wanted };
        matched(rule.rule, &context);
    });
}

struct View<'a, L> {
    group: &'a Group,
    scratch: &'a mut Scratch,
    load: &'a L,
}

impl<L: Load> View<'_, L> {
    fn load(&mut self, slot: u16) {
        let event = self.scratch.event;
        let text = &mut self.scratch.slots[usize::from(slot)];
        if text.loaded == event {
            return;
        }
        match &self.group.slots[usize::from(slot)].origin {
            Origin::Label(_) => self.load_labels(),
            origin => {
                text.loaded = event;
                text.clear();
                self.load.load(origin, text);
            }
        }
    }

    /// All labels that any rule asks for, in one pass over the event's.
    fn load_labels(&mut self) {
        let Scratch { event, slots, labels_loaded, .. } = &mut *self.scratch;
        if *labels_loaded == *event {
            return;
        }
        *labels_loaded = *event;
        for (slot, text) in self.group.slots.iter().zip(slots.iter_mut()) {
            if matches!(slot.origin, Origin::Label(_)) {
                text.loaded = *event;
                text.clear();
            }
        }
        self.load.each_label(&mut |name, value| {
            let wanted = |origin: &Origin| matches!(origin, Origin::Label(label) if label == name);
            if let Some(at) = self.group.slots.iter().position(|slot| wanted(&slot.origin)) {
                slots[at].push(value);
            }
        });
    }

    fn scan(&mut self, slot: u16) {
        self.load(slot);
        let Scratch { event, slots, states, seen, candidates, .. } = &mut *self.scratch;
        let text = &mut slots[usize::from(slot)];
        if text.scanned == *event {
            return;
        }
        text.scanned = *event;
        let predicates = &self.group.predicates;
        let mut found = |id: u32, decides: bool| {
            let state = &mut states[id as usize];
            let new = state.0 != *event;
            if new || (decides && state.1 == State::Maybe) {
                *state = (*event, if decides { State::True } else { State::Maybe });
            }
            if new {
                for rule in &predicates[id as usize].triggers {
                    if seen[*rule as usize] != *event {
                        seen[*rule as usize] = *event;
                        candidates.push(*rule);
                    }
                }
            }
        };
        for (_, lower) in text.values() {
            self.group.slots[usize::from(slot)].literals.find(lower, &mut found);
        }
    }

    fn holds(&mut self, expression: &Expression) -> bool {
        match expression {
            Expression::Constant(value) => *value,
            Expression::Predicate(id) => self.predicate(*id),
            Expression::Not(inner) => !self.holds(inner),
            Expression::And(parts) => parts.iter().all(|part| self.holds(part)),
            Expression::Or(parts) => parts.iter().any(|part| self.holds(part)),
        }
    }

    fn predicate(&mut self, id: u32) -> bool {
        let group = self.group;
        let predicate = &group.predicates[id as usize];
        self.scan(predicate.slot);
        let (event, state) = self.scratch.states[id as usize];
        let known = event == self.scratch.event;
        let value = match (known, state) {
            (true, State::True) => return true,
            (true, State::False) => return false,
            (false, _) if predicate.announced => false,
            _ => self.test(predicate),
        };
        let state = if value { State::True } else { State::False };
        self.scratch.states[id as usize] = (self.scratch.event, state);
        value
    }

    fn test(&mut self, predicate: &Predicate) -> bool {
        match (&predicate.test, predicate.other) {
            (Test::SameAs { edge, cased, .. }, Some(other)) => {
                self.load(other);
                let (left, right) =
                    (&self.scratch.slots[usize::from(predicate.slot)], &self.scratch.slots[usize::from(other)]);
                left.values().any(|a| right.values().any(|b| same(*edge, *cased, a, b)))
            }
            (Test::Absent, _) => self.scratch.slots[usize::from(predicate.slot)].is_empty(),
            (test, _) => {
                let text = &self.scratch.slots[usize::from(predicate.slot)];
                text.values().any(|(raw, lower)| test.passes(raw, lower))
            }
        }
    }

    /// The predicates that made the rule hold.
    fn evidence(&mut self, expression: &Expression, out: &mut Vec<u32>) {
        match expression {
            Expression::Constant(_) | Expression::Not(_) => {}
            Expression::Predicate(id) => {
                if self.predicate(*id) && !out.contains(id) {
                    out.push(*id);
                }
            }
            Expression::And(parts) => parts.iter().for_each(|part| self.evidence(part, out)),
            Expression::Or(parts) => {
                for part in parts {
                    if self.holds(part) {
                        self.evidence(part, out);
                    }
                }
            }
        }
    }
}

fn same(edge: Edge, cased: bool, left: (&str, &str), right: (&str, &str)) -> bool {
    let (left, right) = if cased { (left.0, right.0) } else { (left.1, right.1) };
    match edge {
        Edge::Whole => left == right,
        Edge::Start => left.starts_with(right),
        Edge::End => left.ends_with(right),
        Edge::Anywhere => left.contains(right),
    }
}
