//! Reads rule files in two passes: all documents first, since filters and correlations speak of rules in other files; then
//! each rule with its filters, and the correlations over those that can be used.

use crate::correlate::Read;
use crate::correlate::{Plan, plan};
use crate::document::{self, Document, Filter, Rule, Targets, Wanted};
use crate::group::{Group, GroupBuilder};
use crate::modifier::Placeholders;
use crate::report::{Rejected, Report};
use crate::tell::Meta;
use crate::{limits, yaml};
use std::collections::{HashMap, HashSet};

#[derive(Default)]
pub(super) struct Intake {
    pub report: Report,
    pub rules: Vec<Meta>,
    pub plan: Plan,
    /// Where each id was first seen.
    ids: HashMap<String, String>,
    /// The file of each rule in `rules`.
    files: Vec<String>,
    filters: Vec<(Filter, String)>,
    correlations: Vec<Read>,
    pending: Vec<(Box<Rule>, String)>,
}

/// Takes a rule in, under its number, once it has been changed as it must be.
type Add<'a> = dyn FnMut(u32, &mut Rule) -> Result<(), String> + 'a;

impl Intake {
    pub fn read(
        &mut self,
        files: impl IntoIterator<Item = (String, String)>,
        places: &Placeholders,
        add: &mut Add<'_>,
    ) {
        for (file, text) in files {
            self.file(file, &text, places);
        }
        self.filters();
        let wanted = self.wanted();
        for (mut rule, file) in std::mem::take(&mut self.pending) {
            rule.wanted = wanted
                .iter()
                .enumerate()
                .filter(|(_, (rules, _))| named(&rule, rules))
                .map(|(number, (_, field))| Wanted { name: number as u16, fields: vec![field.clone()] })
                .collect();
            let id = rule.header.id.clone();
            match add(self.rules.len() as u32, &mut rule) {
                Ok(()) => {
                    let name = id.unwrap_or_else(|| format!("{file}:{}", rule.header.title));
                    let silent = false;
                    self.rules.push(Meta { id: name, header: rule.header, silent });
                    self.files.push(file);
                    self.report.usable += 1;
                }
                Err(reason) => self.reject(id, &file, reason),
            }
        }
        self.correlate(&wanted);
    }

    fn file(&mut self, file: String, text: &str, places: &Placeholders) {
        self.report.files += 1;
        if text.len() > limits::FILE_BYTES {
            self.report.rules += 1;
            let reason = format!("{} bytes; at most {} are taken", text.len(), limits::FILE_BYTES);
            return self.reject(None, &file, reason);
        }
        let (documents, error) = yaml::documents(text);
        let mut seen = 0;
        for document in documents.iter().filter(|document| **document != yaml::Node::Null) {
            seen += 1;
            self.report.rules += 1;
            let id = document::id(document);
            let outcome = document::parse(document, places).map_err(|error| error.to_string());
            let outcome = outcome.and_then(|parsed| match id.as_ref().and_then(|id| self.ids.get(id)) {
                Some(first) => Err(format!("its id stands already in {first}")),
                None => Ok(parsed),
            });
            match outcome {
                Ok(parsed) => {
                    self.ids.extend(id.map(|id| (id, file.clone())));
                    match parsed {
                        Document::Rule(rule) => self.pending.push((rule, file.clone())),
                        Document::Filter(filter) => self.filters.push((*filter, file.clone())),
                        Document::Correlation(correlation) => {
                            self.correlations.push(Read { correlation: *correlation, file: file.clone() });
                        }
                    }
                }
                Err(reason) => self.reject(id, &file, reason),
            }
        }
        let reason = error.map(|error| error.to_string());
        let reason = reason.or_else(|| (seen == 0).then(|| "the file holds no rule".to_owned()));
        if let Some(reason) = reason {
            self.report.rules += 1;
            self.reject(None, &file, reason);
        }
    }

    /// A filter that no rule is concerned by is told: a mistyped id must not pass for a suppression.
    fn filters(&mut self) {
        for (filter, file) in std::mem::take(&mut self.filters) {
            let mut concerned = 0;
            for (rule, _) in self.pending.iter_mut().filter(|(rule, _)| filter.concerns(rule)) {
                let own = std::mem::replace(&mut rule.detection, document::Detection::And(Vec::new()));
                rule.detection = document::Detection::And(vec![own, filter.remains.clone()]);
                concerned += 1;
            }
            match (concerned, &filter.targets) {
                (0, Targets::Named(names)) => {
                    let names = names.iter().take(5).map(|name| event::text::clip(name, 80)).collect::<Vec<_>>();
                    let reason = format!("no rule of its log source is named {}", names.join(", "));
                    self.reject(filter.header.id, &file, reason);
                }
                _ => self.report.usable += 1,
            }
        }
    }

    /// Every field that any correlation may read, and the rules (by id or name) it may read it of. Which rules lie
    /// below a chain is settled by [`plan`]; here every rule that is named at all is asked for all fields.
    fn wanted(&self) -> Vec<(HashSet<String>, String)> {
        let mut fields: Vec<String> = Vec::new();
        let mut rules: HashSet<String> = HashSet::new();
        for Read { correlation, .. } in &self.correlations {
            rules.extend(correlation.rules.iter().cloned());
            let aliased = correlation.aliases.iter().map(|(_, _, field)| field);
            let counted: &[String] = match &correlation.kind {
                document::Kind::ValueCount(fields, _) => fields,
                document::Kind::Amount(_, field, _) | document::Kind::Share(field, _) => std::slice::from_ref(field),
                document::Kind::EventCount(_) | document::Kind::Temporal { .. } => &[],
            };
            for field in correlation.group_by.iter().chain(aliased).chain(counted) {
                if !fields.contains(field) && fields.len() < usize::from(u16::MAX) {
                    fields.push(field.clone());
                }
            }
        }
        fields.into_iter().map(|field| (rules.clone(), field)).collect()
    }

    fn correlate(&mut self, wanted: &[(HashSet<String>, String)]) {
        if self.correlations.is_empty() {
            return;
        }
        let mut numbers: HashMap<String, u32> = HashMap::new();
        for (at, meta) in self.rules.iter().enumerate() {
            for name in meta.header.id.iter().chain(&meta.header.name) {
                numbers.entry(name.clone()).or_insert(at as u32);
            }
        }
        let names: Vec<String> = wanted.iter().map(|(_, field)| field.clone()).collect();
        let read = std::mem::take(&mut self.correlations);
        let count = read.len();
        let planned = plan(read, names, &|name| numbers.get(name).copied());
        self.report.usable += count - planned.rejected.len();
        for (id, file, reason) in planned.rejected {
            self.reject(id, &file, reason);
        }
        for rule in planned.silent {
            self.rules[rule as usize].silent = true;
        }
        self.plan = planned.plan;
        let rules = &self.rules;
        self.plan.inherit_levels(&|rule| rules[rule as usize].header.level);
    }

    fn reject(&mut self, rule_id: Option<String>, file: &str, reason: String) {
        let reason = event::text::printable(event::text::clip(&reason, 400)).into_owned();
        self.report.rejected.push(Rejected { rule_id, file: file.to_owned(), reason });
    }

    /// An automaton that cannot be built takes its rules with it, one by one in the report.
    pub fn finish(&mut self, builder: GroupBuilder) -> Option<Group> {
        let members = builder.members();
        match builder.finish() {
            Ok(group) => Some(group),
            Err(error) => {
                for index in members {
                    let (id, file) = (self.rules[index as usize].id.clone(), self.files[index as usize].clone());
                    self.reject(Some(id), &file, format!("the literals of its log source are too many: {error}"));
                    self.report.usable = self.report.usable.saturating_sub(1);
                }
                None
            }
        }
    }
}

fn named(rule: &Rule, rules: &HashSet<String>) -> bool {
    rule.header.id.iter().chain(&rule.header.name).any(|name| rules.contains(name))
}
