//! Why a hunt was refused, worded for the person who wrote it.

use serde::Serialize;
use std::fmt;

/// Where in the text; both count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Position {
    pub line: u64,
    pub column: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// The caller's mistake each time: never worth a retry with the same text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum HuntError {
    #[error("there is nothing to run: write one SELECT")]
    Empty,
    #[error("this is not SQL that we read: {message}{}", at(.position))]
    Syntax { message: String, position: Option<Position> },
    #[error("one SELECT at a time: a second statement begins{}", at(.position))]
    ManyStatements { position: Option<Position> },
    #[error("hunts only read: write a SELECT or WITH instead of {what}")]
    NotAQuery { what: String },
    #[error("{what} is not part of hunting{}", at(.position))]
    Unsupported { what: String, position: Option<Position> },
    #[error("there is no table {name:?}; there are: {known}{}", at(.position))]
    UnknownTable { name: String, known: String, position: Option<Position> },
    #[error("there is no function {name:?} in hunts{}{}", suggest(.nearest), at(.position))]
    UnknownFunction { name: String, nearest: Option<String>, position: Option<Position> },
    #[error("the query is too big: {what} (at most {limit})")]
    TooBig { what: String, limit: usize },
}

impl HuntError {
    pub fn position(&self) -> Option<Position> {
        match self {
            HuntError::Syntax { position, .. }
            | HuntError::ManyStatements { position }
            | HuntError::Unsupported { position, .. }
            | HuntError::UnknownTable { position, .. }
            | HuntError::UnknownFunction { position, .. } => *position,
            HuntError::Empty | HuntError::NotAQuery { .. } | HuntError::TooBig { .. } => None,
        }
    }
}

fn at(position: &Option<Position>) -> String {
    position.map(|p| format!(" (at {p})")).unwrap_or_default()
}

fn suggest(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|n| format!("; did you mean {n:?}?")).unwrap_or_default()
}
