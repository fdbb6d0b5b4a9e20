//! One pass over one form of an object: the front, the verifier, and what matched.

use super::places::Places;
use super::{Object, Outcome, ScanOptions};
use crate::clamav::expression::MAX_COUNT;
use crate::database::{By, Database, Hit};
use crate::file::Corrupt;
use crate::layout::Layout;
use crate::logical::Owner;
use crate::pattern::front::FrontBuilder;
use crate::pattern::verify::{Budget, Memory, Verifier, find};
use crate::pattern::{Element, Pattern, atoms};
use crate::target::Target;
use event::Severity;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Matches of one pattern that are counted and remembered. No expression asks for more.
pub const MAX_MATCHES: usize = MAX_COUNT as usize;
/// Places of one anchor that are asked.
const MAX_ANCHORS: usize = 1 << 20;
/// From so many patterns on, one pass for all is cheaper than a search for each.
const ONE_PASS: usize = 12;

pub struct Pass<'p> {
    pub database: &'p Database,
    pub object: &'p Object<'p>,
    pub bytes: &'p [u8],
    pub target: Target,
    pub layout: Option<&'p Layout>,
    pub options: &'p ScanOptions,
    pub budget: &'p mut Budget,
    /// More stands here than was looked at.
    pub cut: bool,
    opened: HashMap<u32, Opened>,
    /// Begins of all matches, in order; of patterns that were looked for to the end.
    matches: HashMap<u32, Vec<usize>>,
}

/// A pattern read from the database, where it may begin here, and what was learned of it.
struct Opened {
    pattern: Pattern,
    places: Places,
    memory: Memory,
    matched: bool,
}

impl<'p> Pass<'p> {
    pub fn new(
        database: &'p Database,
        object: &'p Object<'p>,
        bytes: &'p [u8],
        target: Target,
        layout: Option<&'p Layout>,
        options: &'p ScanOptions,
        budget: &'p mut Budget,
    ) -> Self {
        Pass {
            database,
            object,
            bytes,
            target,
            layout,
            options,
            budget,
            cut: false,
            opened: HashMap::new(),
            matches: HashMap::new(),
        }
    }

    fn wants(&self, target: u8) -> bool {
        target == Target::Any as u8 || target == self.target as u8
    }

    pub fn run(mut self, outcome: &mut Outcome) -> Result<(), Corrupt> {
        let mut woken = BTreeSet::new();
        let database = self.database;
        database.front.scan(&database.bytes, self.bytes, |candidate| {
            if !self.wants(candidate.target) {
                return Ok(true);
            }
            if let Some(begin) = self.first_match(candidate.pattern, candidate.at)? {
                self.tell(candidate.pattern, begin, &mut woken, outcome)?;
                if self.options.first_only && !outcome.hits.is_empty() {
                    return Ok(false);
                }
            }
            Ok(!self.budget.is_spent())
        })?;
        for (pattern, target) in database.unanchored() {
            if self.wants(target) {
                let begins = self.all_matches(pattern)?;
                if let Some(begin) = begins.first().copied() {
                    self.tell(pattern, begin, &mut woken, outcome)?;
                }
            }
        }
        woken.extend(database.always().filter(|(_, target)| self.wants(*target)).map(|(logical, _)| logical));
        self.judge(&woken, outcome)
    }

    /// A pattern stands here for the first time: who owns it is told or woken.
    fn tell(
        &mut self,
        pattern: u32,
        begin: usize,
        woken: &mut BTreeSet<u32>,
        outcome: &mut Outcome,
    ) -> Result<(), Corrupt> {
        for owner in self.database.owners(pattern)? {
            match owner {
                Owner::Logical(at) => drop(woken.insert(at)),
                Owner::Extended { pua: true, .. } if !self.options.pua => {}
                Owner::Extended { name, pua } => {
                    let severity = if pua { Severity::Low } else { Severity::High };
                    let name = self.database.name(name)?;
                    outcome.add(Hit { name, by: By::Pattern, severity, pua, at: Some(begin as u64) });
                }
            }
        }
        Ok(())
    }

    fn open(&mut self, at: u32) -> Result<&mut Opened, Corrupt> {
        use std::collections::hash_map::Entry;
        match self.opened.entry(at) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let pattern = self.database.pattern(at)?;
                let length = (!self.object.truncated).then_some(self.bytes.len() as u64);
                let places = Places::of(pattern.offset, length, self.layout);
                Ok(entry.insert(Opened { pattern, places, memory: Memory::default(), matched: false }))
            }
        }
    }

    /// The begin of a match with its anchor at `at`, unless the pattern matched before.
    fn first_match(&mut self, pattern: u32, at: usize) -> Result<Option<usize>, Corrupt> {
        if self.opened.get(&pattern).is_some_and(|opened| opened.matched) {
            return Ok(None);
        }
        let found = self.verify(pattern, at)?;
        if found.is_some()
            && let Some(opened) = self.opened.get_mut(&pattern)
        {
            opened.matched = true;
        }
        Ok(found)
    }

    fn verify(&mut self, pattern: u32, at: usize) -> Result<Option<usize>, Corrupt> {
        self.open(pattern)?;
        let Some(opened) = self.opened.get_mut(&pattern) else { return Ok(None) };
        let Opened { pattern, places, memory, .. } = opened;
        let starts = |place: usize| places.has(place);
        let mut verifier = Verifier { bytes: self.bytes, pattern, memory, budget: self.budget, starts: &starts };
        Ok(verifier.verify(at).map(|(begin, _)| begin))
    }

    /// Begins of all matches of a pattern, one for each place of its anchor, up to [`MAX_MATCHES`].
    pub fn all_matches(&mut self, pattern: u32) -> Result<&[usize], Corrupt> {
        if !self.matches.contains_key(&pattern) {
            let mut begins = Vec::new();
            let anchors = self.anchors(pattern)?;
            let capped = anchors.len() >= MAX_ANCHORS;
            for at in anchors {
                if let Some(begin) = self.verify(pattern, at)? {
                    begins.push(begin);
                }
                if begins.len() == MAX_MATCHES || self.budget.is_spent() {
                    break;
                }
            }
            begins.sort_unstable();
            self.cut |= capped && begins.len() < MAX_MATCHES;
            self.matches.insert(pattern, begins);
        }
        Ok(&self.matches[&pattern])
    }

    /// Looks for many patterns at once, so that [`Pass::all_matches`] need not search for each.
    pub fn prepare(&mut self, patterns: &BTreeSet<u32>) -> Result<(), Corrupt> {
        let mut front = FrontBuilder::default();
        let mut sought = HashSet::new();
        for pattern in patterns {
            if self.matches.contains_key(pattern) {
                continue;
            }
            let opened = self.open(*pattern)?;
            let anchor = &opened.pattern.elements[usize::from(opened.pattern.anchor)];
            // What must stand at a place is looked for there.
            if opened.places.is_any()
                && let Some(atoms) = atoms::of_element(anchor, None)
                && sought.insert(*pattern)
            {
                atoms.iter().for_each(|atom| front.add(*pattern, 0, atom));
            }
        }
        if sought.len() < ONE_PASS {
            return Ok(());
        }
        let (columns, front) = front.in_memory();
        let mut found: HashMap<u32, BTreeSet<(usize, usize)>> = HashMap::new();
        front.scan(&columns, self.bytes, |candidate| {
            let known = found.entry(candidate.pattern).or_default();
            if known.len() < MAX_MATCHES
                && let Some(begin) = self.verify(candidate.pattern, candidate.at)?
            {
                known.insert((candidate.at, begin));
            }
            Ok(!self.budget.is_spent())
        })?;
        for pattern in sought {
            let begins = found.remove(&pattern).unwrap_or_default();
            let mut begins: Vec<usize> = begins.into_iter().map(|(_, begin)| begin).collect();
            begins.sort_unstable();
            self.matches.insert(pattern, begins);
        }
        Ok(())
    }

    /// Places where the anchor element may stand.
    fn anchors(&mut self, at: u32) -> Result<Vec<usize>, Corrupt> {
        let bytes = self.bytes;
        let opened = self.open(at)?;
        let pattern = &opened.pattern;
        let anchor = usize::from(pattern.anchor);
        let before: Option<usize> = pattern.elements[..anchor].iter().map(Element::fixed).sum();
        let mut anchors = Vec::new();
        // With a place to begin and a known distance from there to the anchor, only those places are asked.
        if let Some(before) = before.filter(|_| !opened.places.is_any()) {
            for (low, high) in opened.places.ranges() {
                let low = usize::try_from(*low).unwrap_or(usize::MAX).saturating_add(before);
                let high = usize::try_from(*high).unwrap_or(usize::MAX).saturating_add(before).min(bytes.len());
                search(bytes, low, high, &pattern.elements[anchor], pattern.nocase, &mut anchors);
            }
        } else {
            search(bytes, 0, bytes.len(), &pattern.elements[anchor], pattern.nocase, &mut anchors);
        }
        anchors.sort_unstable();
        anchors.dedup();
        self.budget.pay(bytes.len() / 8);
        Ok(anchors)
    }
}

/// Places in `low..=high` where the element may stand; more than a file can have are cut.
fn search(bytes: &[u8], low: usize, high: usize, element: &Element, nocase: bool, out: &mut Vec<usize>) {
    let mut literal = |literal: &[u8]| {
        let end = high.saturating_add(literal.len()).min(bytes.len());
        let mut from = low;
        while out.len() < MAX_ANCHORS
            && let Some(window) = bytes.get(from..end).filter(|window| !window.is_empty())
            && let Some(found) = find(window, literal, nocase)
        {
            out.push(from + found);
            from += found + 1;
        }
    };
    match element {
        Element::Literal(bytes) => literal(bytes),
        Element::OneOf { strings, negated: false } => strings.iter().for_each(|string| literal(string)),
        Element::Alternates(rows) if rows.iter().all(|row| matches!(row.first(), Some(Element::Literal(_)))) => {
            for row in rows {
                if let Some(Element::Literal(bytes)) = row.first() {
                    literal(bytes);
                }
            }
        }
        // No literal: the few places that an offset leaves are all tried.
        _ => out.extend((low..=high.min(bytes.len())).take(1 << 16)),
    }
}
