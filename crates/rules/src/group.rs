//! The rules of one log source, compiled together: fields, distinct predicates, and for each rule the predicates of which
//! one must hold before the rule is looked at.

use crate::document::{Tree, Wanted};
use crate::literal::{Literals, Needle, needles};
use crate::predicate::Test;
use crate::taxonomy::Origin;
use std::collections::{BTreeSet, HashMap};

#[derive(Debug)]
pub(crate) struct Group {
    pub slots: Vec<Slot>,
    pub predicates: Vec<Predicate>,
    pub rules: Vec<GroupRule>,
    /// Rules that no literal announces: looked at for every event.
    pub always: Vec<u32>,
    /// Slots whose literals announce rules.
    pub first: Vec<u16>,
}

#[derive(Debug)]
pub(crate) struct Slot {
    pub origin: Origin,
    pub literals: Literals,
}

#[derive(Debug)]
pub(crate) struct Predicate {
    pub slot: u16,
    pub test: Test,
    /// The slot of the other field of [`Test::SameAs`].
    pub other: Option<u16>,
    /// The slot's literals say when it may hold.
    pub announced: bool,
    /// Rules to be looked at when it does.
    pub triggers: Vec<u32>,
}

#[derive(Debug)]
pub(crate) struct GroupRule {
    /// Index in the whole set.
    pub rule: u32,
    pub expression: Expression,
    /// Fields that correlations read when it holds: number of the name, and the slots that may have the value.
    pub wanted: Vec<(u16, Vec<u16>)>,
}

#[derive(Debug)]
pub(crate) enum Expression {
    Constant(bool),
    Predicate(u32),
    Not(Box<Expression>),
    And(Vec<Expression>),
    Or(Vec<Expression>),
}

#[derive(Default)]
pub(crate) struct GroupBuilder {
    slots: Vec<Origin>,
    slot_ids: HashMap<Origin, u16>,
    predicates: Vec<Predicate>,
    predicate_ids: HashMap<(u16, Test), u32>,
    needles: Vec<Option<Vec<Needle>>>,
    rules: Vec<GroupRule>,
}

/// Why a detection cannot run: the fields it needs are not known.
#[derive(Debug, PartialEq)]
pub(crate) struct NeverTrue(pub Vec<String>);

impl Group {
    /// One in which every rule always holds.
    pub fn all(rules: usize) -> Group {
        let rule = |at| GroupRule { rule: at, expression: Expression::Constant(true), wanted: Vec::new() };
        Group {
            slots: Vec::new(),
            predicates: Vec::new(),
            rules: (0..rules as u32).map(rule).collect(),
            always: (0..rules as u32).collect(),
            first: Vec::new(),
        }
    }
}

impl GroupBuilder {
    /// `origin` gives where a field's text is; None when there is no such field.
    pub fn add(
        &mut self,
        rule: u32,
        detection: &Tree,
        wanted: &[Wanted],
        origin: &dyn Fn(&str) -> Option<Origin>,
    ) -> Result<(), NeverTrue> {
        let mut unknown = BTreeSet::new();
        // Looked at first without touching anything, so that a refused rule leaves nothing behind.
        if possible(detection, origin, &mut unknown) == Possible::Never {
            return Err(NeverTrue(unknown.into_iter().collect()));
        }
        let expression = self.expression(detection, origin);
        let slots = |fields: &[String], builder: &mut Self| {
            fields.iter().filter_map(|field| known(origin, field)).map(|place| builder.slot(place)).collect()
        };
        let wanted = wanted.iter().map(|wanted| (wanted.name, slots(&wanted.fields, self))).collect();
        self.rules.push(GroupRule { rule, expression, wanted });
        Ok(())
    }

    fn expression(&mut self, detection: &Tree, origin: &dyn Fn(&str) -> Option<Origin>) -> Expression {
        match detection {
            Tree::Test { field, test } => self.test(field, test, origin),
            Tree::Not(inner) => Expression::Not(Box::new(self.expression(inner, origin))),
            Tree::And(parts) => Expression::And(parts.iter().map(|p| self.expression(p, origin)).collect()),
            Tree::Or(parts) => Expression::Or(parts.iter().map(|p| self.expression(p, origin)).collect()),
        }
    }

    fn test(&mut self, field: &str, test: &Test, origin: &dyn Fn(&str) -> Option<Origin>) -> Expression {
        let Some(place) = known(origin, field) else { return Expression::Constant(*test == Test::Absent) };
        let slot = self.slot(place);
        let other = match test {
            Test::SameAs { field, .. } => match known(origin, field) {
                Some(place) => Some(self.slot(place)),
                None => return Expression::Constant(false),
            },
            _ => None,
        };
        if let Some(id) = self.predicate_ids.get(&(slot, test.clone())) {
            return Expression::Predicate(*id);
        }
        let id = self.predicates.len() as u32;
        let needles = needles(test);
        let announced = needles.is_some();
        self.needles.push(needles);
        self.predicates.push(Predicate { slot, test: test.clone(), other, announced, triggers: Vec::new() });
        self.predicate_ids.insert((slot, test.clone()), id);
        Expression::Predicate(id)
    }

    fn slot(&mut self, origin: Origin) -> u16 {
        if let Some(id) = self.slot_ids.get(&origin) {
            return *id;
        }
        let id = self.slots.len() as u16;
        self.slots.push(origin.clone());
        self.slot_ids.insert(origin, id);
        id
    }

    /// The rules added so far.
    pub fn members(&self) -> Vec<u32> {
        self.rules.iter().map(|rule| rule.rule).collect()
    }

    /// More distinct fields than a group can number.
    pub fn is_full(&self) -> bool {
        self.slots.len() > usize::from(u16::MAX) - 2_000
    }

    pub fn finish(mut self) -> Result<Group, aho_corasick::BuildError> {
        let mut always = Vec::new();
        let mut first = BTreeSet::new();
        for (at, rule) in self.rules.iter().enumerate() {
            let Some(trigger) = self.trigger(&rule.expression) else {
                always.push(at as u32);
                continue;
            };
            for id in trigger.predicates {
                let predicate = &mut self.predicates[id as usize];
                first.insert(predicate.slot);
                if predicate.triggers.last() != Some(&(at as u32)) {
                    predicate.triggers.push(at as u32);
                }
            }
        }
        let mut by_slot: Vec<Vec<(u32, Needle)>> = self.slots.iter().map(|_| Vec::new()).collect();
        for (id, needles) in self.needles.into_iter().enumerate() {
            let slot = usize::from(self.predicates[id].slot);
            by_slot[slot].extend(needles.into_iter().flatten().map(|needle| (id as u32, needle)));
        }
        let slots = self
            .slots
            .into_iter()
            .zip(by_slot)
            .map(|(origin, needles)| Ok(Slot { origin, literals: Literals::build(needles.into_iter())? }));
        let slots = slots.collect::<Result<Vec<_>, aho_corasick::BuildError>>()?;
        let first = first.into_iter().collect();
        Ok(Group { slots, predicates: self.predicates, rules: self.rules, always, first })
    }

    fn trigger(&self, expression: &Expression) -> Option<Trigger> {
        match expression {
            Expression::Constant(true) | Expression::Not(_) => None,
            Expression::Constant(false) => Some(Trigger { rarity: usize::MAX, predicates: Vec::new() }),
            Expression::Predicate(id) => {
                let needles = self.needles[*id as usize].as_ref()?;
                let rarity = needles.iter().map(Needle::rarity).min()?;
                Some(Trigger { rarity, predicates: vec![*id] })
            }
            Expression::And(parts) => {
                parts.iter().filter_map(|part| self.trigger(part)).max_by_key(|trigger| trigger.rarity)
            }
            Expression::Or(parts) => {
                let mut all = Trigger { rarity: usize::MAX, predicates: Vec::new() };
                for part in parts {
                    let trigger = self.trigger(part)?;
                    all.rarity = all.rarity.min(trigger.rarity);
                    all.predicates.extend(trigger.predicates);
                }
                Some(all)
            }
        }
    }
}

/// Predicates of which one must hold for the rule to.
struct Trigger {
    rarity: usize,
    predicates: Vec<u32>,
}

fn known(origin: &dyn Fn(&str) -> Option<Origin>, field: &str) -> Option<Origin> {
    origin(field).filter(|origin| *origin != Origin::Never)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Possible {
    Never,
    Always,
    Depends,
}

/// Whether the detection can be true at all, when tests of unknown fields fail.
fn possible(detection: &Tree, origin: &dyn Fn(&str) -> Option<Origin>, unknown: &mut BTreeSet<String>) -> Possible {
    match detection {
        Tree::Test { field, test } => {
            let missing = match test {
                _ if known(origin, field).is_none() => Some(field),
                Test::SameAs { field, .. } if known(origin, field).is_none() => Some(field),
                _ => None,
            };
            let Some(missing) = missing else { return Possible::Depends };
            unknown.insert(event::text::clip(missing, 80).to_owned());
            if *test == Test::Absent { Possible::Always } else { Possible::Never }
        }
        Tree::Not(inner) => match possible(inner, origin, unknown) {
            Possible::Never => Possible::Always,
            Possible::Always => Possible::Never,
            Possible::Depends => Possible::Depends,
        },
        Tree::And(parts) => fold(parts, origin, unknown, Possible::Never, Possible::Always),
        Tree::Or(parts) => fold(parts, origin, unknown, Possible::Always, Possible::Never),
    }
}

/// `decisive` in one part decides; `neutral` parts change nothing.
fn fold(
    parts: &[Tree],
    origin: &dyn Fn(&str) -> Option<Origin>,
    unknown: &mut BTreeSet<String>,
    decisive: Possible,
    neutral: Possible,
) -> Possible {
    let mut out = neutral;
    for part in parts {
        match possible(part, origin, unknown) {
            found if found == decisive => out = decisive,
            Possible::Depends if out != decisive => out = Possible::Depends,
            _ => {}
        }
    }
    out
}
