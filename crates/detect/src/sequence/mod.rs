//! Steps that only together are an attack: within a time, in an order or in any, without something that would explain
//! them; over a process tree, a session, a user, a container or the host. Written as data (`content/sequences`), followed
//! with bounded state. An event is tried only on the steps that ask for its action, or for what was found in it.

mod condition;
mod document;
mod shelf;

pub use document::{SequenceAbout, SequenceError, describe_sequence};

use crate::tell::{span, who};
use crate::trees::Entity;
use condition::Texts;
use document::{By, Plan};
use event::text::{clip, printable};
use event::{Engine, Event, Fields, Finding, Process, Value};
use shelf::{Mark, Partial, Shelf};
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;

/// Bound values and what a step saw are kept up to this many bytes.
const MOST_TEXT: usize = 256;
/// Sequences and steps that fit into the index.
const MOST_PLANS: usize = 4_096;

/// Sequences compiled together; shared between threads.
#[derive(Debug, Default)]
pub struct SequenceSet {
    plans: Vec<Plan>,
    by_action: HashMap<String, Vec<Place>>,
    by_finding: Vec<Place>,
}

/// A condition of a step; of what ends a sequence where there is no step.
#[derive(Clone, Copy, Debug)]
struct Place {
    plan: u16,
    step: Option<u8>,
    condition: u8,
}

impl SequenceSet {
    /// From (name of the file, its text). What cannot be used is told, and the rest is used.
    pub fn compile(files: impl IntoIterator<Item = (String, String)>) -> (SequenceSet, Vec<SequenceError>) {
        let (mut set, mut errors) = (SequenceSet::default(), Vec::new());
        for (file, text) in files.into_iter().take(MOST_PLANS) {
            match Plan::read(&file, &text) {
                Ok(plan) if set.plans.iter().any(|known| known.id == plan.id) => {
                    errors.push(SequenceError::Twice { file, id: plan.id.to_string() });
                }
                Ok(plan) => set.add(plan),
                Err(error) => errors.push(error),
            }
        }
        (set, errors)
    }

    fn add(&mut self, plan: Plan) {
        let number = self.plans.len() as u16;
        let steps = plan.steps.iter().enumerate().map(|(at, step)| (Some(at as u8), &step.any));
        for (step, conditions) in steps.chain([(None, &plan.without)]) {
            for (at, condition) in conditions.iter().enumerate() {
                let place = Place { plan: number, step, condition: at as u8 };
                if condition.actions.is_empty() {
                    self.by_finding.push(place);
                }
                for action in &condition.actions {
                    self.by_action.entry(action.clone()).or_default().push(place);
                }
            }
        }
        self.plans.push(plan);
    }

    pub fn len(&self) -> usize {
        self.plans.len()
    }

    pub fn is_empty(&self) -> bool {
        self.plans.is_empty()
    }
}

/// Follows all sequences over one host's events.
#[derive(Debug)]
pub(crate) struct Sequences {
    set: Arc<SequenceSet>,
    shelf: Shelf,
    hasher: std::hash::RandomState,
    events: u64,
}

impl Sequences {
    pub fn new(set: Arc<SequenceSet>, most_keys: usize, most_bytes: usize) -> Sequences {
        Sequences { set, shelf: Shelf::new(most_keys, most_bytes), hasher: std::hash::RandomState::new(), events: 0 }
    }

    /// (sequences under way by entity, sequences that were forgotten for room).
    pub fn state(&self) -> (usize, u64) {
        (self.shelf.keys(), self.shelf.forgotten)
    }

    pub fn observe(
        &mut self,
        event: &Event,
        process: &Process,
        findings: &[Finding],
        entities: &mut dyn FnMut() -> Vec<Entity>,
    ) -> Vec<Finding> {
        self.events += 1;
        let set = Arc::clone(&self.set);
        let by_action = set.by_action.get(event.kind.action()).map(Vec::as_slice).unwrap_or_default();
        let by_finding = if findings.is_empty() { &[][..] } else { set.by_finding.as_slice() };
        let (mut held, mut texts) = (Vec::<Place>::new(), Texts::new(event));
        for place in by_action.iter().chain(by_finding) {
            if set.condition(*place).holds(&mut texts, findings) {
                held.push(*place);
            }
        }
        if held.is_empty() {
            return Vec::new();
        }
        // What ends a sequence comes first; then later steps before earlier ones, so that one event is one step.
        held.sort_by_key(|place| (place.plan, place.step.is_some(), std::cmp::Reverse(place.step)));
        let entities = entities();
        let mut told = Vec::new();
        for place in held {
            let plan = &set.plans[usize::from(place.plan)];
            // Where no log-in is known, the tree stands for its session and its user.
            let tree =
                || entities.iter().find(|entity| matches!(plan.by, By::Session | By::User) && fits(By::Tree, entity));
            let Some(entity) = entities.iter().find(|entity| fits(plan.by, entity)).or_else(tree) else { continue };
            let key = self.hasher.hash_one((place.plan, entity));
            let mut waiting = self.shelf.take(key);
            waiting.retain(|partial| (0..=plan.within_nanos).contains(&event.time.since(partial.began)));
            match place.step {
                None => waiting.retain(|partial| !set.condition(place).holds_with(event, &partial.bound)),
                Some(step) => {
                    let step = Move { plan, place, step, event, process, number: self.events };
                    told.extend(step.make(&set, &mut waiting, entity));
                }
            }
            self.shelf.put(key, waiting);
        }
        told
    }
}

impl SequenceSet {
    fn condition(&self, place: Place) -> &condition::Condition {
        let plan = &self.plans[usize::from(place.plan)];
        let conditions = place.step.map_or(&plan.without, |step| &plan.steps[usize::from(step)].any);
        &conditions[usize::from(place.condition)]
    }
}

/// One event as a step of one sequence.
struct Move<'a> {
    plan: &'a Plan,
    place: Place,
    step: u8,
    event: &'a Event,
    process: &'a Process,
    number: u64,
}

impl Move<'_> {
    fn make(&self, set: &SequenceSet, waiting: &mut Vec<Partial>, entity: &Entity) -> Option<Finding> {
        let condition = set.condition(self.place);
        let mut moved = false;
        let mut done = None;
        for (at, partial) in waiting.iter_mut().enumerate() {
            if self.waits(partial) && condition.holds_with(self.event, &partial.bound) {
                self.advance(partial);
                moved = true;
                done = done.or_else(|| self.is_done(partial).then_some(at));
            }
        }
        if let Some(at) = done {
            let partial = waiting.remove(at);
            return Some(self.finding(&partial, entity));
        }
        let begins = self.step == 0 || !self.plan.ordered;
        let no_moved_one = !waiting.iter().any(|partial| partial.moved_by == self.number);
        if !moved && begins && no_moved_one {
            let mut fresh = Partial {
                began: self.event.time,
                steps: 0,
                times: 0,
                moved_by: 0,
                bound: Vec::new(),
                trail: Vec::new(),
            };
            if condition.holds_with(self.event, &fresh.bound) {
                self.advance(&mut fresh);
                // The same beginning again: the later one has longer to go on.
                let same = |partial: &Partial| partial.steps == fresh.steps && partial.bound == fresh.bound;
                waiting.retain(|partial| !(partial.trail.len() == 1 && same(partial)));
                waiting.push(fresh);
            }
        }
        None
    }

    fn waits(&self, partial: &Partial) -> bool {
        let here = if self.plan.ordered { partial.steps == self.step } else { partial.steps & (1 << self.step) == 0 };
        here && partial.moved_by != self.number
    }

    fn advance(&self, partial: &mut Partial) {
        let step = &self.plan.steps[usize::from(self.step)];
        partial.moved_by = self.number;
        for (variable, column) in &step.bind {
            if let Some(value) = self.event.field(*column)
                && !partial.bound.iter().any(|(known, _)| known == variable)
            {
                partial.bound.push((*variable, clip(&value.text(), MOST_TEXT).into()));
            }
        }
        if partial.times == 0 || !self.plan.ordered {
            partial.trail.push(Mark { at: self.event.time, step: self.step, what: self.what() });
        }
        partial.times += 1;
        if partial.times >= step.times || !self.plan.ordered {
            partial.times = 0;
            partial.steps = if self.plan.ordered { partial.steps + 1 } else { partial.steps | 1 << self.step };
        }
    }

    fn is_done(&self, partial: &Partial) -> bool {
        let steps = self.plan.steps.len();
        if self.plan.ordered {
            usize::from(partial.steps) >= steps
        } else {
            partial.steps.count_ones() as usize >= steps
        }
    }

    fn what(&self) -> Box<str> {
        let object = [event::Column::FilePath, event::Column::DestinationIp, event::Column::ProcessCommandLine]
            .into_iter()
            .find_map(|column| self.event.field(column))
            .map(|value| Value::text(&value).into_owned())
            .unwrap_or_default();
        format!("{}: {}", who(self.process), printable(clip(&object, 120))).into()
    }

    fn finding(&self, partial: &Partial, entity: &Entity) -> Finding {
        let steps: Vec<String> = partial
            .trail
            .iter()
            .map(|mark| format!("{} ({})", self.plan.steps[usize::from(mark.step)].name, mark.what))
            .collect();
        let took = partial.trail.iter().map(|mark| mark.at).min().map_or(0, |first| self.event.time.since(first));
        Finding {
            engine: Engine::Behaviour,
            rule_id: self.plan.id.clone(),
            name: self.plan.name.clone(),
            severity: self.plan.severity,
            techniques: self.plan.techniques.clone(),
            tactics: self.plan.tactics.clone(),
            detail: format!("Within {}, in {}: {}.", span(took), entity.words(), steps.join("; then ")),
            matched: partial.trail.iter().map(|mark| ("step".to_owned(), mark.what.to_string())).collect(),
            asks: self.plan.asks,
        }
    }
}

fn fits(by: By, entity: &Entity) -> bool {
    matches!(
        (by, entity),
        (By::Tree, Entity::Tree(_))
            | (By::Session, Entity::Session(_))
            | (By::User, Entity::User(_))
            | (By::Container, Entity::Container(_))
            | (By::Host, Entity::Host)
    )
}
