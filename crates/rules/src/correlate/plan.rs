//! Which correlation listens to what: names resolved, cycles refused, the fields that must be read of each rule's events.

use crate::document::{Correlation, Header, Kind};
use std::collections::{BTreeMap, HashMap};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Source {
    Rule(u32),
    Correlation(u16),
}

#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub members: Vec<Member>,
    pub listeners: HashMap<Source, Vec<Listener>>,
}

#[derive(Debug)]
pub(crate) struct Member {
    pub id: String,
    pub header: Header,
    pub kind: Kind,
    pub group_by: Vec<String>,
    pub span_nanos: i64,
    pub steps: usize,
    /// Its document has a level of its own.
    pub has_level: bool,
    /// Others speak for it.
    pub silent: bool,
}

#[derive(Debug)]
pub(crate) struct Listener {
    pub correlation: u16,
    pub step: u16,
    /// Numbers of the names of the group-by fields, and of the fields that are counted.
    pub key: Vec<u16>,
    pub values: Vec<u16>,
}

/// A correlation and where it stands, as it was read.
pub(crate) struct Read {
    pub correlation: Correlation,
    pub file: String,
}

pub(crate) struct Planned {
    pub plan: Plan,
    /// (its id, its file, the reason)
    pub rejected: Vec<(Option<String>, String, String)>,
    /// Rules that do not speak for themselves.
    pub silent: Vec<u32>,
}

/// `names_of_fields` numbers the fields that rules' events are read for; `rules` resolves an id or name to a rule of the set.
pub(crate) fn plan(read: Vec<Read>, names_of_fields: Vec<String>, rules: &dyn Fn(&str) -> Option<u32>) -> Planned {
    let mut rejected = Vec::new();
    let mut reject = |read: &Read, reason: String| {
        rejected.push((read.correlation.header.id.clone(), read.file.clone(), reason));
    };
    let mut left: Vec<Option<Read>> = read.into_iter().map(Some).collect();
    // A correlation that refers to one that fell out falls out too, so this goes round until nothing changes.
    loop {
        let names = names(&left);
        let mut fallen = Vec::new();
        for (at, slot) in left.iter().enumerate() {
            let Some(read) = slot else { continue };
            let missing =
                read.correlation.rules.iter().find(|name| rules(name).is_none() && !names.contains_key(*name));
            if let Some(name) = missing {
                let name = event::text::clip(name, 128);
                fallen.push((at, format!("it refers to {name:?}, which is no usable rule of the set")));
            } else if reaches(at, at, &left, &names, &mut vec![false; left.len()]) {
                fallen.push((at, "it refers to itself, through the correlations it is made of".to_owned()));
            }
        }
        if fallen.is_empty() {
            break;
        }
        for (at, reason) in fallen {
            if let Some(read) = left[at].take() {
                reject(&read, reason);
            }
        }
    }
    let kept: Vec<Read> = left.into_iter().flatten().collect();
    let (kept, over) = match kept.len() > usize::from(u16::MAX) {
        true => {
            let mut kept = kept;
            let over = kept.split_off(usize::from(u16::MAX));
            (kept, over)
        }
        false => (kept, Vec::new()),
    };
    for read in &over {
        reject(read, format!("more than {} correlations", u16::MAX));
    }
    let (plan, silent) = wire(kept, names_of_fields, rules);
    Planned { plan, rejected, silent }
}

fn names(left: &[Option<Read>]) -> HashMap<String, usize> {
    let mut out = HashMap::new();
    for (at, read) in left.iter().enumerate() {
        let Some(read) = read else { continue };
        let header = &read.correlation.header;
        for name in header.id.iter().chain(&header.name) {
            out.entry(name.clone()).or_insert(at);
        }
    }
    out
}

fn reaches(from: usize, goal: usize, left: &[Option<Read>], names: &HashMap<String, usize>, seen: &mut [bool]) -> bool {
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        let Some(read) = &left[at] else { continue };
        for next in read.correlation.rules.iter().filter_map(|name| names.get(name)) {
            if *next == goal {
                return true;
            }
            if !std::mem::replace(&mut seen[*next], true) {
                open.push(*next);
            }
        }
    }
    false
}

fn wire(kept: Vec<Read>, names: Vec<String>, rules: &dyn Fn(&str) -> Option<u32>) -> (Plan, Vec<u32>) {
    let own: HashMap<String, usize> = {
        let mut out = HashMap::new();
        for (at, read) in kept.iter().enumerate() {
            for name in read.correlation.header.id.iter().chain(&read.correlation.header.name) {
                out.entry(name.clone()).or_insert(at);
            }
        }
        out
    };
    let numbers: HashMap<&str, u16> = names.iter().enumerate().map(|(at, name)| (name.as_str(), at as u16)).collect();
    let resolve = |name: &String| match (rules(name), own.get(name)) {
        (Some(rule), _) => Some(Source::Rule(rule)),
        (None, Some(other)) => Some(Source::Correlation(*other as u16)),
        (None, None) => None,
    };
    let mut plan = Plan::default();
    // Whether each source that is referred to speaks for itself too.
    let mut voices: BTreeMap<Source, bool> = BTreeMap::new();
    for (at, read) in kept.iter().enumerate() {
        let correlation = &read.correlation;
        for (step, name) in correlation.rules.iter().enumerate() {
            let Some(source) = resolve(name) else { continue };
            // A name without a number is read of no event: the group-by then misses it, which is counted.
            let number = |field: &String| {
                // An alias may name the rule otherwise than the list does: by its id or its name.
                let same = |other: &String| other == name || resolve(other) == Some(source);
                let alias = correlation.aliases.iter().find(|(alias, rule, _)| alias == field && same(rule));
                let name = alias.map_or(field, |(_, _, field)| field);
                numbers.get(name.as_str()).copied().unwrap_or(u16::MAX)
            };
            let key = correlation.group_by.iter().map(number).collect();
            let counted: &[String] = match &correlation.kind {
                Kind::ValueCount(fields, _) => fields,
                Kind::Amount(_, field, _) | Kind::Share(field, _) => std::slice::from_ref(field),
                Kind::EventCount(_) | Kind::Temporal { .. } => &[],
            };
            let values = counted.iter().map(number).collect();
            let listener = Listener { correlation: at as u16, step: step as u16, key, values };
            plan.listeners.entry(source).or_default().push(listener);
            *voices.entry(source).or_insert(false) |= correlation.generate;
        }
    }
    for (at, read) in kept.into_iter().enumerate() {
        let Correlation { header, has_level, kind, rules: steps, group_by, span_nanos, .. } = read.correlation;
        let id = header.id.clone().unwrap_or_else(|| format!("{}:{}", read.file, header.title));
        let silent = voices.get(&Source::Correlation(at as u16)).is_some_and(|speaks| !speaks);
        plan.members.push(Member { id, header, kind, group_by, span_nanos, steps: steps.len(), has_level, silent });
    }
    let silent = voices.iter().filter_map(|(source, speaks)| match source {
        Source::Rule(rule) if !speaks => Some(*rule),
        _ => None,
    });
    let silent = silent.collect();
    (plan, silent)
}

impl Plan {
    pub fn listens(&self, rule: u32) -> bool {
        !self.listeners.is_empty() && self.listeners.contains_key(&Source::Rule(rule))
    }

    /// A correlation without a level takes the highest of the rules it is made of.
    pub fn inherit_levels(&mut self, level: &dyn Fn(u32) -> event::Severity) {
        for member in self.members.iter_mut().filter(|member| !member.has_level) {
            member.header.level = event::Severity::Info;
        }
        // Levels only rise and cycles are gone, so this ends.
        let mut changed = true;
        while std::mem::take(&mut changed) {
            for (source, listeners) in &self.listeners {
                let level = match source {
                    Source::Rule(rule) => level(*rule),
                    Source::Correlation(at) => self.members[usize::from(*at)].header.level,
                };
                for listener in listeners {
                    let member = &mut self.members[usize::from(listener.correlation)];
                    if !member.has_level && member.header.level < level {
                        member.header.level = level;
                        changed = true;
                    }
                }
            }
        }
    }
}
