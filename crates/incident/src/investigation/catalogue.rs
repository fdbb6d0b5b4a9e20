//! The catalogue of questions and hypotheses, read from TOML and held to its own words: a question that could never be asked,
//! an answer without both languages, a weight for a hypothesis that is not there is an error and no silence.

use super::subject::About;
use super::table::Test;
use crate::model::Text;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The shipped files, in the order in which their questions are asked.
const SHIPPED: &[(&str, &str)] = &[
    ("hypotheses.toml", include_str!("../../../../content/investigation/hypotheses.toml")),
    ("program.toml", include_str!("../../../../content/investigation/program.toml")),
    ("process.toml", include_str!("../../../../content/investigation/process.toml")),
    ("server.toml", include_str!("../../../../content/investigation/server.toml")),
    ("connection.toml", include_str!("../../../../content/investigation/connection.toml")),
    ("login.toml", include_str!("../../../../content/investigation/login.toml")),
    ("file.toml", include_str!("../../../../content/investigation/file.toml")),
    ("host.toml", include_str!("../../../../content/investigation/host.toml")),
];

/// What a host can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Collect {
    /// Memory of a process: what is mapped executable.
    Memory,
    /// Open files of a process.
    OpenFiles,
    /// Sockets of a process, or listeners of the host.
    Sockets,
    /// What starts by itself.
    Persistence,
    /// Kernel modules.
    Modules,
    /// Processes that one way of counting shows and another does not.
    HiddenProcesses,
    /// Entries of the kernel's system-call table and functions that modules have hooked.
    KernelHooks,
    /// Sessions of people.
    Logins,
    /// Metadata, digest and beginning of one file.
    File,
}

impl Collect {
    /// It is about one process.
    pub const fn of_process(self) -> bool {
        matches!(self, Collect::Memory | Collect::OpenFiles | Collect::Sockets)
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    pub id: String,
    pub about: About,
    pub en: String,
    pub ja: String,
    /// Arguments of the subject without which the question has no sense.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Asked only when the incident has one of these techniques (or a part of it).
    #[serde(default)]
    pub techniques: Vec<String>,
    #[serde(default)]
    pub hunt: Option<String>,
    #[serde(default)]
    pub collect: Option<Collect>,
    /// How many rows are read at most.
    #[serde(default = "fifty")]
    pub rows: usize,
    /// The first whose tests all hold is the answer.
    pub answer: Vec<AnswerForm>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerForm {
    #[serde(default)]
    pub when: Vec<Test>,
    pub en: String,
    pub ja: String,
    #[serde(default)]
    pub weigh: BTreeMap<String, i32>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hypothesis {
    pub id: String,
    pub en: String,
    pub ja: String,
    /// It says that nothing bad happened.
    #[serde(default)]
    pub harmless: bool,
    /// By technique: what an alert of it speaks for this, before anything is asked. Sub-techniques count as their parent does,
    /// unless they stand here themselves.
    #[serde(default)]
    pub techniques: BTreeMap<String, i32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    question: Vec<Question>,
    #[serde(default)]
    hypothesis: Vec<Hypothesis>,
}

#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    pub questions: Vec<Question>,
    pub hypotheses: Vec<Hypothesis>,
}

#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    #[error("{file}: {message}")]
    Syntax { file: String, message: String },
    #[error("{id}: {what}")]
    Question { id: String, what: String },
}

const fn fifty() -> usize {
    50
}

impl Catalogue {
    /// What the product ships.
    pub fn shipped() -> Result<Catalogue, CatalogueError> {
        Catalogue::read(SHIPPED.iter().copied())
    }

    /// `files` are (name, text).
    pub fn read<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Catalogue, CatalogueError> {
        let mut all = Catalogue::default();
        for (name, text) in files {
            let file: File = toml::from_str(text).map_err(|error| CatalogueError::Syntax {
                file: name.to_owned(),
                message: error.to_string().trim().to_owned(),
            })?;
            all.questions.extend(file.question);
            all.hypotheses.extend(file.hypothesis);
        }
        all.check()?;
        Ok(all)
    }

    pub fn hypothesis(&self, id: &str) -> Option<&Hypothesis> {
        self.hypotheses.iter().find(|hypothesis| hypothesis.id == id)
    }

    fn check(&self) -> Result<(), CatalogueError> {
        let mut ids = BTreeSet::new();
        let known: BTreeSet<&str> = self.hypotheses.iter().map(|hypothesis| hypothesis.id.as_str()).collect();
        for hypothesis in &self.hypotheses {
            let fail = |what: &str| CatalogueError::Question { id: hypothesis.id.clone(), what: what.into() };
            if !ids.insert(hypothesis.id.as_str()) {
                return Err(fail("stands twice"));
            }
            if hypothesis.en.is_empty() || hypothesis.ja.is_empty() {
                return Err(fail("lacks a language"));
            }
        }
        for question in &self.questions {
            if !ids.insert(question.id.as_str()) {
                return Err(CatalogueError::Question { id: question.id.clone(), what: "stands twice".into() });
            }
            if let Some(what) = mistake(question, &known) {
                return Err(CatalogueError::Question { id: question.id.clone(), what });
            }
        }
        Ok(())
    }
}

fn mistake(question: &Question, hypotheses: &BTreeSet<&str>) -> Option<String> {
    if question.hunt.is_some() == question.collect.is_some() {
        return Some("is answered by a hunt or by a collection, one of them".into());
    }
    if question.collect.is_some_and(Collect::of_process) && question.about == About::Host {
        // The host's own listeners are the one list that needs no process.
        if question.collect != Some(Collect::Sockets) {
            return Some("collects of a process and is not about one".into());
        }
    }
    if question.en.is_empty() || question.ja.is_empty() {
        return Some("lacks a language".into());
    }
    if !(1..=500).contains(&question.rows) {
        return Some("reads 1 to 500 rows".into());
    }
    let Some(last) = question.answer.last() else { return Some("has no answers".into()) };
    if !last.when.is_empty() {
        return Some("has no answer for what none of its tests holds for".into());
    }
    for answer in &question.answer {
        if answer.en.is_empty() || answer.ja.is_empty() {
            return Some("has an answer that lacks a language".into());
        }
        if let Some(what) = answer.when.iter().find_map(Test::mistake) {
            return Some(what.into());
        }
        if let Some(id) = answer.weigh.keys().find(|id| !hypotheses.contains(id.as_str())) {
            return Some(format!("weighs {id}, which is no hypothesis"));
        }
        if answer.weigh.values().any(|weight| !(-5..=5).contains(weight) || *weight == 0) {
            return Some("weights are 1 to 5, for or against".into());
        }
    }
    None
}

impl Hypothesis {
    pub fn name(&self) -> Text {
        Text { en: self.en.clone(), ja: self.ja.clone() }
    }
}
