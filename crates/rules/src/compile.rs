//! Rule files → a set that can be matched, and the report of what could not be used.

use crate::document::{self, Rule};
use crate::group::{Group, GroupBuilder, NeverTrue};
use crate::logsource::{Feed, LogSource, feed};
use crate::matcher::{ForeignMatcher, Matcher};
use crate::modifier::Placeholders;
use crate::report::{Rejected, Report};
use crate::taxonomy::{self, Origin};
use crate::tell::Meta;
use crate::{limits, yaml};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What a compilation may be told.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Values for `%name%` under the `expand` modifier.
    pub placeholders: BTreeMap<String, Vec<String>>,
}

/// Rules for this agent's own events.
#[derive(Debug)]
pub struct RuleSet {
    /// By [`Feed`].
    pub(crate) groups: Vec<Option<Group>>,
    pub(crate) rules: Vec<Meta>,
}

/// Rules for records of other origin, by their log source.
#[derive(Debug)]
pub struct ForeignRules {
    pub(crate) groups: Vec<(LogSource, Group)>,
    pub(crate) rules: Vec<Meta>,
}

impl RuleSet {
    /// `files` are (name, text); names stand in the report.
    pub fn compile(files: impl IntoIterator<Item = (String, String)>) -> (RuleSet, Report) {
        Self::compile_with(files, &Options::default())
    }

    pub fn compile_with(files: impl IntoIterator<Item = (String, String)>, options: &Options) -> (RuleSet, Report) {
        let mut builders: BTreeMap<Feed, GroupBuilder> = BTreeMap::new();
        let mut intake = Intake::default();
        intake.read(files, &options.placeholders, |index, rule| {
            let feed = feed(&rule.log_source)?;
            add(builders.entry(feed).or_default(), index, rule, &|field| taxonomy::origin(field, feed))
        });
        let mut groups: Vec<Option<Group>> = (0..Feed::COUNT).map(|_| None).collect();
        for (feed, builder) in builders {
            groups[feed as usize] = intake.finish(builder);
        }
        (RuleSet { groups, rules: intake.rules }, intake.report)
    }

    /// For logs of any origin: every log source is taken, fields are matched by the names that the rules use.
    pub fn compile_foreign(
        files: impl IntoIterator<Item = (String, String)>,
        options: &Options,
    ) -> (ForeignRules, Report) {
        let mut builders: BTreeMap<LogSource, GroupBuilder> = BTreeMap::new();
        let mut intake = Intake::default();
        let origin =
            |field: &str| Some(if field.is_empty() { Origin::Every } else { Origin::Foreign(field.to_owned()) });
        intake.read(files, &options.placeholders, |index, rule| {
            add(builders.entry(rule.log_source.clone()).or_default(), index, rule, &origin)
        });
        let groups = builders.into_iter().filter_map(|(source, builder)| Some((source, intake.finish(builder)?)));
        let groups = groups.collect();
        (ForeignRules { groups, rules: intake.rules }, intake.report)
    }

    pub fn matcher(self: &Arc<Self>) -> Matcher {
        Matcher::new(self.clone())
    }

    /// Usable rules.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

impl ForeignRules {
    pub fn matcher(self: &Arc<Self>) -> ForeignMatcher {
        ForeignMatcher::new(self.clone())
    }
}

fn add(
    builder: &mut GroupBuilder,
    index: u32,
    rule: &Rule,
    origin: &dyn Fn(&str) -> Option<Origin>,
) -> Result<(), String> {
    if builder.is_full() {
        return Err("the rules name too many different fields".to_owned());
    }
    builder.add(index, &rule.detection, origin).map_err(|NeverTrue(fields)| {
        format!("it can never be true: {} is no field of {}", fields.join(", "), rule.log_source)
    })
}

#[derive(Default)]
struct Intake {
    report: Report,
    rules: Vec<Meta>,
    /// Where each id was first seen.
    ids: HashMap<String, String>,
    /// The file of each rule in `rules`.
    files: Vec<String>,
}

impl Intake {
    fn read(
        &mut self,
        files: impl IntoIterator<Item = (String, String)>,
        places: &Placeholders,
        mut add: impl FnMut(u32, &Rule) -> Result<(), String>,
    ) {
        for (file, text) in files {
            self.report.files += 1;
            if text.len() > limits::FILE_BYTES {
                let reason = format!("{} bytes; at most {} are taken", text.len(), limits::FILE_BYTES);
                self.report.rules += 1;
                self.reject(None, &file, reason);
                continue;
            }
            let (documents, error) = yaml::documents(&text);
            let mut seen = 0;
            for document in documents.iter().filter(|document| **document != yaml::Node::Null) {
                seen += 1;
                self.report.rules += 1;
                let id = document::id(document);
                if let Err(reason) = self.take(document, id.as_deref(), &file, places, &mut add) {
                    self.reject(id, &file, reason);
                }
            }
            let reason = error.map(|error| error.to_string());
            let reason = reason.or_else(|| (seen == 0).then(|| "the file holds no rule".to_owned()));
            if let Some(reason) = reason {
                self.report.rules += 1;
                self.reject(None, &file, reason);
            }
        }
        self.report.usable = self.rules.len();
    }

    fn take(
        &mut self,
        document: &yaml::Node,
        id: Option<&str>,
        file: &str,
        places: &Placeholders,
        add: &mut impl FnMut(u32, &Rule) -> Result<(), String>,
    ) -> Result<(), String> {
        let rule = document::parse(document, places).map_err(|error| error.to_string())?;
        if let Some(first) = id.and_then(|id| self.ids.get(id)) {
            return Err(format!("its id stands already in {first}"));
        }
        add(self.rules.len() as u32, &rule)?;
        let id = id.map_or_else(|| format!("{file}:{}", rule.header.title), str::to_owned);
        self.ids.insert(id.clone(), file.to_owned());
        self.rules.push(Meta { id, header: rule.header });
        self.files.push(file.to_owned());
        Ok(())
    }

    fn reject(&mut self, rule_id: Option<String>, file: &str, reason: String) {
        let reason = event::text::printable(event::text::clip(&reason, 400)).into_owned();
        self.report.rejected.push(Rejected { rule_id, file: file.to_owned(), reason });
    }

    /// An automaton that cannot be built takes its rules with it, one by one in the report.
    fn finish(&mut self, builder: GroupBuilder) -> Option<Group> {
        let members = builder.members();
        match builder.finish() {
            Ok(group) => Some(group),
            Err(error) => {
                for index in members {
                    let (id, file) = (self.rules[index as usize].id.clone(), self.files[index as usize].clone());
                    self.reject(Some(id), &file, format!("the literals of its log source are too many: {error}"));
                    self.report.usable -= 1;
                }
                None
            }
        }
    }
}
