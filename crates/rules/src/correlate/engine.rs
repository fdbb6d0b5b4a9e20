//! Observations in, hits out.

use super::plan::{Plan, Source};
use super::window::{self, Group, Sample, State};
use super::{CorrelationState, Observation};
use crate::document::Kind;
use crate::limits;
use event::{Severity, Timestamp};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

/// So far ahead of all before, a time needs a witness.
const JUMP: i64 = 6 * 3_600 * 1_000_000_000;
const GROUP_BYTES: usize = 200;

/// The state of all correlations of a rule set. One for all threads: feed it in the order of the records' times.
#[derive(Debug)]
pub struct Correlator {
    plan: Arc<Plan>,
    tables: Vec<Table>,
    /// Bytes that each correlation may hold.
    share: usize,
    watermark: Option<i64>,
    pending: Option<i64>,
    touches: u64,
    counts: CorrelationState,
}

/// The groups of one correlation.
#[derive(Debug, Default)]
struct Table {
    groups: HashMap<Arc<str>, Group>,
    /// Touches in their order; only a group's last one counts.
    order: VecDeque<(u64, Arc<str>)>,
    /// When deferred groups are looked at.
    deadlines: BTreeMap<i64, Vec<Arc<str>>>,
    bytes: usize,
}

/// A correlation whose condition became true.
#[derive(Clone, Debug, PartialEq)]
pub struct CorrelationHit {
    pub rule_id: String,
    pub title: String,
    pub level: Severity,
    /// Of the record that made it true, or the end of the time.
    pub time: Timestamp,
    /// Of that record, or of the last one within the time.
    pub place: u64,
    /// The group-by fields, then what was counted.
    pub fields: Vec<(String, String)>,
    pub(crate) member: u16,
    pub(crate) sentence: String,
}

impl Correlator {
    pub(crate) fn new(plan: Arc<Plan>) -> Correlator {
        let members = plan.members.len();
        Correlator {
            tables: (0..members).map(|_| Table::default()).collect(),
            share: limits::CORRELATION_BYTES / members.max(1),
            plan,
            watermark: None,
            pending: None,
            touches: 0,
            counts: CorrelationState::default(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.plan.members.is_empty()
    }

    pub fn state(&self) -> CorrelationState {
        CorrelationState {
            groups: self.tables.iter().map(|table| table.groups.len()).sum(),
            bytes: self.tables.iter().map(|table| table.bytes).sum(),
            ..self.counts
        }
    }

    /// Takes one observation in.
    pub fn feed(&mut self, observation: &Observation) -> Vec<CorrelationHit> {
        let mut hits = Vec::new();
        let Some(time) = observation.time else {
            self.counts.untimed += 1;
            return hits;
        };
        self.clock(time.nanos(), &mut hits);
        self.spread(Source::Rule(observation.rule), observation, time.nanos(), true, &mut hits);
        hits
    }

    /// Time goes on without an observation: windows whose time is over are looked at.
    pub fn advance(&mut self, now: Timestamp) -> Vec<CorrelationHit> {
        let mut hits = Vec::new();
        self.clock(now.nanos(), &mut hits);
        hits
    }

    /// Nothing more comes: every open window is looked at.
    pub fn finish(&mut self) -> Vec<CorrelationHit> {
        let mut hits = Vec::new();
        self.close_until(i64::MAX, &mut hits);
        hits
    }

    fn clock(&mut self, t: i64, hits: &mut Vec<CorrelationHit>) {
        let Some(now) = self.watermark else {
            self.watermark = Some(t);
            return;
        };
        if t <= now {
            return;
        }
        let next = match (t.saturating_sub(now) > JUMP, self.pending) {
            (false, _) => t,
            (true, Some(witness)) => {
                self.pending = Some(witness.max(t));
                witness.min(t)
            }
            (true, None) => {
                self.counts.jumps += 1;
                self.pending = Some(t);
                return;
            }
        };
        self.watermark = Some(next.max(now));
        self.close_until(next, hits);
    }

    /// Hands an observation to all who listen to its source. `edge`: the source became true only now.
    fn spread(
        &mut self,
        source: Source,
        observation: &Observation,
        time: i64,
        edge: bool,
        hits: &mut Vec<CorrelationHit>,
    ) {
        let plan = self.plan.clone();
        let mut open = vec![(source, edge)];
        while let Some((source, edge)) = open.pop() {
            // Later steps first, so that one record is not two steps of one sequence.
            for listener in plan.listeners.get(&source).into_iter().flatten().rev() {
                let member = &plan.members[usize::from(listener.correlation)];
                // What goes on being true renews a sequence, but is counted once.
                if !edge && !matches!(member.kind, Kind::Temporal { .. }) {
                    continue;
                }
                let field = |number: &u16| observation.fields.iter().find(|(own, _)| own == number).map(|(_, v)| &**v);
                let key = listener.key.iter().map(field).collect::<Option<Vec<&str>>>();
                let value = listener.values.iter().map(field).collect::<Option<Vec<&str>>>();
                let (Some(key), Some(value)) = (key, value) else {
                    self.counts.incomplete += 1;
                    continue;
                };
                let (key, value) = (key.join("\u{1f}"), value.join("\u{1f}"));
                let value = (!listener.values.is_empty()).then_some(value.as_str());
                let sample = Sample { time, step: usize::from(listener.step), value };
                let outcome = self.sample(listener.correlation, &key, &sample, observation.place);
                if let Some((amount, edge)) = outcome {
                    if edge && !member.silent {
                        let time = Timestamp(time);
                        hits.push(told(&plan, listener.correlation, &key, amount, None, time, observation.place));
                    }
                    open.push((Source::Correlation(listener.correlation), edge));
                }
            }
        }
    }

    /// The amount, and whether the condition was false before; None when it is false now.
    fn sample(&mut self, correlation: u16, key: &str, sample: &Sample<'_>, place: u64) -> Option<(f64, bool)> {
        let member = &self.plan.members[usize::from(correlation)];
        let table = &mut self.tables[usize::from(correlation)];
        self.touches += 1;
        let key: Arc<str> = match table.groups.get_key_value(key) {
            Some((key, _)) => key.clone(),
            None => {
                let key: Arc<str> = event::text::clip(key, 4_096).into();
                let state = State::of(&member.kind, member.steps);
                if matches!(state, State::Deferred { .. }) {
                    let deadline = sample.time.saturating_add(member.span_nanos);
                    table.deadlines.entry(deadline).or_default().push(key.clone());
                }
                let group = Group { state, told: false, bytes: 0, touched: 0, place };
                table.groups.insert(key.clone(), group);
                key
            }
        };
        let group = table.groups.get_mut(&key)?;
        group.touched = self.touches;
        group.place = place;
        let look = window::take(group, &member.kind, member.span_nanos, sample);
        self.counts.truncated += look.truncated;
        let bytes = GROUP_BYTES + key.len() + group.state.weight();
        table.bytes = table.bytes - group.bytes + bytes;
        group.bytes = bytes;
        let edge = look.holds && !group.told;
        group.told = look.holds;
        table.order.push_back((self.touches, key));
        self.counts.evicted += table.bound(self.share);
        look.holds.then_some((look.amount, edge))
    }

    fn close_until(&mut self, now: i64, hits: &mut Vec<CorrelationHit>) {
        let plan = self.plan.clone();
        for (at, member) in plan.members.iter().enumerate() {
            let table = &mut self.tables[at];
            let mut over = Vec::new();
            while let Some(entry) = table.deadlines.first_entry() {
                // At the very end of the time another record may still come.
                if *entry.key() >= now && now != i64::MAX {
                    break;
                }
                let deadline = *entry.key();
                for key in entry.remove() {
                    if let Some(group) = table.groups.remove(&key) {
                        table.bytes -= group.bytes;
                        over.push((deadline, key, group));
                    }
                }
            }
            for (deadline, key, group) in over {
                for (amount, of) in window::close(&group, &member.kind) {
                    let (at, time) = (at as u16, Timestamp(deadline));
                    if !member.silent {
                        hits.push(told(&plan, at, &key, amount, of, time, group.place));
                    }
                    // Above it only its own group is known any more.
                    let fields = plan.listeners.values().flatten().find(|l| l.correlation == at).map(|l| &l.key);
                    let fields = fields.into_iter().flatten().copied();
                    let fields = fields.zip(key.split('\u{1f}').map(Into::into)).collect();
                    let observation = Observation { rule: u32::MAX, fields, time: Some(time), place: group.place };
                    self.spread(Source::Correlation(at), &observation, deadline, true, hits);
                }
            }
        }
    }
}

impl Table {
    /// Lets the groups go that were touched longest ago, until the rest fits. Says how many.
    fn bound(&mut self, share: usize) -> u64 {
        let mut evicted = 0;
        while self.bytes > share && self.groups.len() > 1 {
            let Some((touch, key)) = self.order.pop_front() else { break };
            if self.groups.get(&key).is_some_and(|group| group.touched == touch)
                && let Some(group) = self.groups.remove(&key)
            {
                self.bytes -= group.bytes;
                evicted += 1;
            }
        }
        // Old touches of living groups, and deadlines of evicted ones, are cleared when they outnumber the groups.
        if self.order.len() > 2 * self.groups.len() + 64 {
            let groups = &self.groups;
            self.order.retain(|(touch, key)| groups.get(key).is_some_and(|group| group.touched == *touch));
        }
        let waiting: usize = if evicted > 0 { self.deadlines.values().map(Vec::len).sum() } else { 0 };
        if waiting > 2 * self.groups.len() + 64 {
            let groups = &self.groups;
            self.deadlines.retain(|_, keys| {
                keys.retain(|key| groups.contains_key(key));
                !keys.is_empty()
            });
        }
        evicted
    }
}

fn told(
    plan: &Plan,
    at: u16,
    key: &str,
    amount: f64,
    of: Option<String>,
    time: Timestamp,
    place: u64,
) -> CorrelationHit {
    let member = &plan.members[usize::from(at)];
    let mut fields: Vec<(String, String)> = match member.group_by.is_empty() {
        true => Vec::new(),
        false => member.group_by.iter().cloned().zip(key.split('\u{1f}').map(str::to_owned)).collect(),
    };
    let (name, what) = match &member.kind {
        Kind::EventCount(_) => ("event_count", "events".to_owned()),
        Kind::ValueCount(names, _) => ("value_count", format!("values of {}", names.join(" and "))),
        Kind::Amount(_, field, _) => ("value", format!("as the value of {field}")),
        Kind::Share(field, _) => ("value_percentile", format!("per cent of {field}")),
        Kind::Temporal { .. } => ("rule_count", "rules".to_owned()),
    };
    let span = member.span_nanos / 1_000_000_000;
    let grouped: Vec<String> = fields.iter().map(|(n, v)| format!("{n} {}", event::text::printable(v))).collect();
    let by = if grouped.is_empty() { String::new() } else { format!(" for {}", grouped.join(", ")) };
    let sentence = format!("{amount} {what} within {span} s{by}.");
    if let (Kind::Share(field, _), Some(value)) = (&member.kind, of) {
        fields.push((field.clone(), value));
    }
    fields.push((name.to_owned(), amount.to_string()));
    CorrelationHit {
        rule_id: member.id.clone(),
        title: member.header.title.clone(),
        level: member.header.level,
        time,
        place,
        fields,
        member: at,
        sentence,
    }
}
