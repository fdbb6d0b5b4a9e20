//! A sequence as it is written (TOML) → [`Plan`]. Every mistake is an error that names the file's own words; nothing that
//! cannot be used is left out in silence.

use super::condition::{Condition, ConditionError};
use event::{Action, RuleId, Severity, Tactic, Technique};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Whose acts make one sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum By {
    Tree,
    Session,
    User,
    Container,
    Host,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    id: String,
    name: String,
    /// For people: why these steps together mean something.
    description: String,
    severity: Severity,
    techniques: Vec<Technique>,
    tactics: Vec<Tactic>,
    by: By,
    within_seconds: u32,
    #[serde(default = "yes")]
    ordered: bool,
    #[serde(default)]
    asks: Option<Action>,
    /// Published emulations that this one covers a part of; for people.
    #[serde(default)]
    covers: Vec<String>,
    step: Vec<StepDocument>,
    /// Acts that end a sequence that has begun.
    #[serde(default)]
    without: Vec<BTreeMap<String, OneOrMany>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepDocument {
    name: String,
    any: Vec<BTreeMap<String, OneOrMany>>,
    /// How often; different events.
    #[serde(default = "once")]
    times: u8,
    /// Name → column whose value later steps may ask for as `$name`.
    #[serde(default)]
    bind: BTreeMap<String, String>,
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

fn yes() -> bool {
    true
}

fn once() -> u8 {
    1
}

/// A sequence, ready to be followed.
#[derive(Debug)]
pub(crate) struct Plan {
    pub id: RuleId,
    pub name: String,
    pub severity: Severity,
    pub techniques: Vec<Technique>,
    pub tactics: Vec<Tactic>,
    pub by: By,
    pub within_nanos: i64,
    pub ordered: bool,
    pub asks: Option<Action>,
    pub steps: Vec<Step>,
    pub without: Vec<Condition>,
}

#[derive(Debug)]
pub(crate) struct Step {
    pub name: String,
    pub any: Vec<Condition>,
    pub times: u8,
    /// Variable's number and the column it is taken from.
    pub bind: Vec<(u8, event::Column)>,
}

const MOST_STEPS: usize = 8;
const MOST_CONDITIONS: usize = 16;
const MOST_VARIABLES: usize = 4;
const LONGEST: u32 = 7 * 86_400;

/// Characters of a description.
const MOST_WORDS: usize = 2_000;

#[derive(Debug, thiserror::Error)]
pub enum SequenceError {
    #[error("{file}: {message}")]
    Syntax { file: String, message: String },
    #[error("{file}: {what} are {count}; {least} to {most} can be followed")]
    Number { file: String, what: &'static str, count: usize, least: usize, most: usize },
    #[error("{file}: step {step:?}: {source}")]
    Condition { file: String, step: String, source: ConditionError },
    #[error("{file}: step {step:?} binds {column:?}, which is no column")]
    Bind { file: String, step: String, column: String },
    #[error("{file}: the id {id:?} stands in another file too")]
    Twice { file: String, id: String },
}

impl Plan {
    /// `file` names it in errors.
    pub fn read(file: &str, text: &str) -> Result<Plan, SequenceError> {
        let document: Document = toml::from_str(text)
            .map_err(|error| SequenceError::Syntax { file: file.to_owned(), message: error.to_string() })?;
        let number = |what, count: usize, least, most| {
            let fits = (least..=most).contains(&count);
            fits.then_some(()).ok_or(SequenceError::Number { file: file.to_owned(), what, count, least, most })
        };
        number("steps", document.step.len(), 2, MOST_STEPS)?;
        number("characters of the description", document.description.trim().chars().count(), 1, MOST_WORDS)?;
        number("emulations covered", document.covers.len(), 0, MOST_CONDITIONS)?;
        number("seconds", document.within_seconds as usize, 1, LONGEST as usize)?;
        let mut variables: Vec<String> = document.step.iter().flat_map(|step| step.bind.keys().cloned()).collect();
        variables.sort();
        variables.dedup();
        number("variables", variables.len(), 0, MOST_VARIABLES)?;
        let conditions = |step: &str, written: &[BTreeMap<String, OneOrMany>]| {
            number("alternatives of a step", written.len(), usize::from(step != WITHOUT), MOST_CONDITIONS)?;
            let read = |one| {
                Condition::read(one, &variables).map_err(|source| SequenceError::Condition {
                    file: file.to_owned(),
                    step: step.to_owned(),
                    source,
                })
            };
            written.iter().map(read).collect::<Result<Vec<_>, _>>()
        };
        let mut steps = Vec::new();
        for step in &document.step {
            let bind = step.bind.iter().map(|(name, column)| {
                let column = event::Column::from_name(column).ok_or_else(|| SequenceError::Bind {
                    file: file.to_owned(),
                    step: step.name.clone(),
                    column: column.clone(),
                })?;
                Ok((super::condition::variable(&variables, name).unwrap_or_default(), column))
            });
            steps.push(Step {
                name: step.name.clone(),
                any: conditions(&step.name, &step.any)?,
                times: step.times.clamp(1, 32),
                bind: bind.collect::<Result<Vec<_>, SequenceError>>()?,
            });
        }
        Ok(Plan {
            id: RuleId::new(document.id),
            name: document.name,
            severity: document.severity,
            techniques: document.techniques,
            tactics: document.tactics,
            by: document.by,
            within_nanos: i64::from(document.within_seconds) * 1_000_000_000,
            ordered: document.ordered,
            asks: document.asks,
            without: conditions(WITHOUT, &document.without)?,
            steps,
        })
    }
}

const WITHOUT: &str = "without";

/// What people want to know of a sequence.
#[derive(Clone, Debug, PartialEq)]
pub struct SequenceAbout {
    pub id: RuleId,
    pub name: String,
    pub description: String,
    pub severity: Severity,
    pub techniques: Vec<Technique>,
    pub tactics: Vec<Tactic>,
}

/// `file` names it in errors. What [`super::SequenceSet::compile`] would refuse is refused here too.
pub fn describe_sequence(file: &str, text: &str) -> Result<SequenceAbout, SequenceError> {
    let plan = Plan::read(file, text)?;
    let document: Document = toml::from_str(text)
        .map_err(|error| SequenceError::Syntax { file: file.to_owned(), message: error.to_string() })?;
    Ok(SequenceAbout {
        id: plan.id,
        name: plan.name,
        description: document.description,
        severity: plan.severity,
        techniques: plan.techniques,
        tactics: plan.tactics,
    })
}
