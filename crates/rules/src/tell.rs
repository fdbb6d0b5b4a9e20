//! A rule that holds → a finding: what matched, where, and one sentence made of it.

use crate::correlate::{CorrelationHit, Observation};
use crate::document::Header;
use crate::group::Group;
use crate::record::Hit;
use crate::slot::SlotText;
use event::text::{clip, printable};
use event::{Engine, Finding, RuleId, Timestamp};

/// A matched value is shown up to this many bytes.
const VALUE_BYTES: usize = 1024;
/// So many tests go into the sentence.
const SENTENCE_TESTS: usize = 4;

#[derive(Debug)]
pub(crate) struct Meta {
    pub id: String,
    pub header: Header,
    /// Only the correlations over it speak.
    pub silent: bool,
}

/// The state in which a rule held.
pub(crate) struct Context<'a> {
    pub group: &'a Group,
    pub slots: &'a [SlotText],
    /// Predicates that made it hold.
    pub evidence: &'a [u32],
    /// What correlations read of the event.
    pub wanted: &'a [(u16, Vec<u16>)],
}

/// The match as correlations take it in.
pub(crate) fn observation(rule: u32, context: &Context<'_>, time: Option<Timestamp>, place: u64) -> Observation {
    let value = |slots: &Vec<u16>| {
        let mut values = slots.iter().filter_map(|slot| context.slots[usize::from(*slot)].values().next());
        values.next().map(|(raw, _)| clip(raw, VALUE_BYTES).into())
    };
    let fields = context.wanted.iter().filter_map(|(name, slots)| Some((*name, value(slots)?)));
    Observation { rule, fields: fields.collect(), time, place }
}

pub(crate) fn correlated(hit: CorrelationHit, header: &Header) -> Finding {
    Finding {
        engine: Engine::Sigma,
        rule_id: RuleId::new(&hit.rule_id),
        name: hit.title,
        severity: hit.level,
        techniques: header.techniques.clone(),
        tactics: header.tactics.clone(),
        detail: hit.sentence,
        matched: hit.fields,
        asks: header.asks,
    }
}

pub(crate) fn finding(meta: &Meta, context: &Context<'_>) -> Finding {
    Finding {
        engine: Engine::Sigma,
        rule_id: RuleId::new(&meta.id),
        name: meta.header.title.clone(),
        severity: meta.header.level,
        techniques: meta.header.techniques.clone(),
        tactics: meta.header.tactics.clone(),
        detail: sentence(context),
        matched: matched(context),
        asks: meta.header.asks,
    }
}

pub(crate) fn hit(meta: &Meta, context: &Context<'_>) -> Hit {
    Hit {
        rule_id: meta.id.clone(),
        title: meta.header.title.clone(),
        level: meta.header.level,
        matched: matched(context),
    }
}

fn matched(context: &Context<'_>) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    for id in context.evidence {
        let slot = usize::from(context.group.predicates[*id as usize].slot);
        let name = context.group.slots[slot].origin.name();
        if out.iter().any(|(known, _)| known == name) {
            continue;
        }
        let mut values = context.slots[slot].values();
        if let Some((raw, _)) = values.next() {
            out.push((name.to_owned(), clip(raw, VALUE_BYTES).to_owned()));
        }
    }
    out
}

fn sentence(context: &Context<'_>) -> String {
    let tests: Vec<String> = context
        .evidence
        .iter()
        .take(SENTENCE_TESTS)
        .map(|id| {
            let predicate = &context.group.predicates[*id as usize];
            let name = context.group.slots[usize::from(predicate.slot)].origin.name();
            format!("{} {}", printable(name), predicate.test)
        })
        .collect();
    let more = context.evidence.len().saturating_sub(SENTENCE_TESTS);
    match (tests.len(), more) {
        (0, _) => "What the rule excludes is not there.".to_owned(),
        (_, 0) => format!("{}.", tests.join(", and ")),
        (_, more) => format!("{}, and {more} more.", tests.join(", and ")),
    }
}
