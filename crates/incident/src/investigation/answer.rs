//! What came back, as an answer: the first of the question's forms that fits, worded, with the rows it rests on.

use super::catalogue::Catalogue;
use super::model::{AnswerState, Answered, Method};
use super::plan::{Ask, How};
use super::table::{Table, shown};
use crate::model::Text;
use crate::sentence::tame;
use std::collections::BTreeMap;

/// Rows kept as evidence; the query finds the rest.
const KEPT: usize = 8;
/// Values named in a list.
const NAMED: usize = 4;
/// Of one cell.
const CELL: usize = 200;

/// None when the catalogue no longer has the question.
pub fn answer(catalogue: &Catalogue, ask: &Ask, table: &Table, elapsed_ms: u64) -> Option<Answered> {
    let question = catalogue.questions.iter().find(|question| question.id == ask.question)?;
    let form = question.answer.iter().find(|form| form.when.iter().all(|test| test.holds(table)))?;
    let args: BTreeMap<String, String> =
        ask.args.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let cell = |value: &serde_json::Value| tame(event::text::clip(&shown(value), CELL));
    Some(Answered {
        state: AnswerState::Answered,
        answer: Text { en: filled(&form.en, &args, Some(table)), ja: filled(&form.ja, &args, Some(table)) },
        columns: table.columns.iter().map(|name| tame(name)).collect(),
        rows: table.rows.iter().take(KEPT).map(|row| row.iter().map(cell).collect()).collect(),
        count: table.rows.len() as u64,
        truncated: table.truncated,
        notes: table.notes.iter().take(20).map(|note| tame(note)).collect(),
        weights: form.weigh.clone(),
        elapsed_ms,
        ..bare(ask)
    })
}

/// The question stands, and why it got no answer stands beside it.
pub fn unanswered(ask: &Ask, why: Text, elapsed_ms: u64) -> Answered {
    Answered { answer: Text { en: tame(&why.en), ja: tame(&why.ja) }, elapsed_ms, ..bare(ask) }
}

fn bare(ask: &Ask) -> Answered {
    let (method, sql) = match &ask.how {
        How::Hunt { sql, .. } => (Method::Hunt, Some(sql.clone())),
        How::Collect { .. } => (Method::Collection, None),
    };
    Answered {
        question_id: ask.question.clone(),
        question: ask.text.clone(),
        method,
        state: AnswerState::Unanswered,
        answer: Text::default(),
        host: (method == Method::Collection).then(|| ask.host.clone()),
        sql,
        alerts: ask.alerts.clone(),
        columns: Vec::new(),
        rows: Vec::new(),
        count: 0,
        truncated: false,
        notes: Vec::new(),
        weights: BTreeMap::new(),
        elapsed_ms: 0,
    }
}

/// `{name}` is an argument, `{rows}` how many were found, `{first:column}` the first row's value, `{all:column}` the distinct
/// values of a column. What comes from hosts is tamed: neither page nor terminal obeys it.
pub fn filled(template: &str, args: &BTreeMap<String, String>, table: Option<&Table>) -> String {
    let mut out = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (hole, tail) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(&value(hole, args, table));
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn value(hole: &str, args: &BTreeMap<String, String>, table: Option<&Table>) -> String {
    match (hole.split_once(':'), table) {
        (Some(("first", column)), Some(table)) => {
            table.texts(column).first().map_or_else(|| "?".into(), |text| tame(text))
        }
        (Some(("all", column)), Some(table)) => list(table.texts(column)),
        (None, Some(table)) if hole == "rows" => {
            format!("{}{}", table.rows.len(), if table.truncated { "+" } else { "" })
        }
        _ => args.get(hole).filter(|text| !text.is_empty()).map_or_else(|| "?".into(), |text| tame(text)),
    }
}

fn list(texts: Vec<String>) -> String {
    let mut distinct: Vec<String> = Vec::new();
    for text in texts {
        if !distinct.contains(&text) {
            distinct.push(text);
        }
    }
    let named: Vec<String> = distinct.iter().take(NAMED).map(|text| tame(event::text::clip(text, CELL))).collect();
    match distinct.len().saturating_sub(NAMED) {
        0 if named.is_empty() => "?".into(),
        0 => named.join(", "),
        more => format!("{}, +{more}", named.join(", ")),
    }
}
