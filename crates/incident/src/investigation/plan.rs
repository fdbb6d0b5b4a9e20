//! Which questions an incident raises, each with its arguments filled in: text for people in both languages, SQL with literals
//! by one careful hand, or what a host is to be asked.

use super::answer::filled;
use super::catalogue::{Catalogue, Collect, Question};
use super::subject::{Subject, subjects};
use crate::model::{HostRef, Incident, Text};
use crate::next_steps::quoted;
use std::collections::BTreeMap;

const DAY: i64 = 86_400_000_000_000;
const HOUR: i64 = 3_600_000_000_000;

/// One question to put.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    pub question: String,
    pub text: Text,
    pub host: HostRef,
    pub how: How,
    pub args: BTreeMap<&'static str, String>,
    pub alerts: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    Hunt {
        sql: String,
        rows: usize,
    },
    Collect {
        what: Collect,
        /// Entity id of the process, where it is about one.
        entity: Option<String>,
        /// Of the file, where it is about one.
        path: Option<String>,
        rows: usize,
    },
}

/// In the order of the catalogue, first subjects first, so that what a budget cuts off matters least: every question is put
/// about its first subject before any is put about a second.
pub fn plan(incident: &Incident, catalogue: &Catalogue) -> Vec<Ask> {
    let subjects = subjects(incident);
    let mut rounds: Vec<Vec<Ask>> = Vec::new();
    for question in catalogue.questions.iter().filter(|question| applies(question, incident)) {
        let fits = |subject: &&Subject| subject.about == question.about && has_all(subject, question);
        for (round, subject) in subjects.iter().filter(fits).enumerate() {
            if rounds.len() <= round {
                rounds.push(Vec::new());
            }
            rounds[round].extend(ask(question, subject, incident));
        }
    }
    let mut all: Vec<Ask> = Vec::new();
    for ask in rounds.into_iter().flatten() {
        // The same query or the same look at the same host answers once.
        if !all.iter().any(|known| known.how == ask.how && known.host == ask.host) {
            all.push(ask);
        }
    }
    all
}

fn applies(question: &Question, incident: &Incident) -> bool {
    let part_of = |wanted: &String, told: &String| told == wanted || told.starts_with(&format!("{wanted}."));
    question.techniques.is_empty()
        || question.techniques.iter().any(|wanted| incident.techniques.iter().any(|told| part_of(wanted, told)))
}

fn has_all(subject: &Subject, question: &Question) -> bool {
    question.needs.iter().all(|name| subject.args.get(name.as_str()).is_some_and(|value| !value.is_empty()))
}

/// None where something that the hunt names is not known: asked for nothing, it would find nothing and sound like an answer.
fn ask(question: &Question, subject: &Subject, incident: &Incident) -> Option<Ask> {
    let arg = |name: &str| subject.args.get(name).filter(|value| !value.is_empty()).cloned();
    let how = match (&question.hunt, question.collect) {
        (Some(sql), _) => How::Hunt { sql: sql_of(sql, subject, incident)?, rows: question.rows },
        (None, what) => {
            // `Catalogue::check` holds a question to one of the two.
            let what = what.unwrap_or(Collect::Persistence);
            let entity = if what.of_process() { arg("entity") } else { None };
            let path = if what == Collect::File { arg("path") } else { None };
            How::Collect { what, entity, path, rows: question.rows }
        }
    };
    let args: BTreeMap<String, String> =
        subject.args.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Some(Ask {
        question: question.id.clone(),
        text: Text { en: filled(&question.en, &args, None), ja: filled(&question.ja, &args, None) },
        host: subject.host.clone(),
        how,
        args: subject.args.clone(),
        alerts: subject.alerts.clone(),
    })
}

/// `{name}` becomes a text literal; `{first}`, `{last}` and the days before and hours around them time literals; `{pid}` and
/// `{session}` numbers.
fn sql_of(template: &str, subject: &Subject, incident: &Incident) -> Option<String> {
    let time = |nanos: i64| format!("TIMESTAMP '{}'", event::Timestamp(nanos));
    let (first, last) = (incident.first.0.nanos(), incident.last.0.nanos());
    let mut out = String::with_capacity(template.len() + 128);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        match name {
            "first" => out.push_str(&time(first)),
            "last" => out.push_str(&time(last)),
            "hour_before" => out.push_str(&time(first.saturating_sub(HOUR))),
            "hour_after" => out.push_str(&time(last.saturating_add(HOUR))),
            "day_before" => out.push_str(&time(first.saturating_sub(DAY))),
            "week_before" => out.push_str(&time(first.saturating_sub(7 * DAY))),
            "day_after" => out.push_str(&time(last.saturating_add(DAY))),
            "pid" | "session" | "port" => {
                out.push_str(&subject.args.get(name)?.parse::<u64>().ok()?.to_string());
            }
            name => out.push_str(&quoted(subject.args.get(name).filter(|value| !value.is_empty())?)),
        }
        rest = tail;
    }
    out.push_str(rest);
    Some(out)
}
