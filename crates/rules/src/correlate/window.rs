//! The state of one group of one correlation.

use crate::condition::Condition;
use crate::document::{Amount, Criterion, Kind, Need};
use crate::limits;
use std::collections::{HashMap, VecDeque};

#[derive(Debug)]
pub(super) struct Group {
    pub state: State,
    /// The condition was true at the last look.
    pub told: bool,
    /// Bytes it is charged with.
    pub bytes: usize,
    /// Number of the last touch.
    pub touched: u64,
    /// The place of the last record that counted.
    pub place: u64,
}

#[derive(Debug)]
pub(super) enum State {
    /// In order of time.
    Times(VecDeque<i64>),
    /// (time, value), in order of time, and how often each value is in there.
    Values {
        samples: VecDeque<(i64, Box<str>)>,
        counts: HashMap<Box<str>, u32>,
        text: usize,
    },
    Sum(VecDeque<(i64, f64)>),
    /// By step: when it was last seen.
    Steps(Vec<Option<i64>>),
    /// By step: the latest start of a chain that has come so far.
    Chain(Vec<Option<(i64, i64)>>),
    /// Looked at when the time is over.
    Deferred {
        count: u64,
        values: HashMap<Box<str>, u32>,
        text: usize,
        numbers: Vec<f64>,
        steps: Vec<Option<i64>>,
    },
}

/// One arrival.
pub(super) struct Sample<'a> {
    pub time: i64,
    pub step: usize,
    pub value: Option<&'a str>,
}

/// What the look at a group says.
#[derive(Debug, Default)]
pub(super) struct Look {
    pub holds: bool,
    pub amount: f64,
    /// Samples let go.
    pub truncated: u64,
}

impl State {
    pub fn of(kind: &Kind, steps: usize) -> State {
        if deferred(kind) {
            let (values, numbers) = (HashMap::new(), Vec::new());
            return State::Deferred { count: 0, values, text: 0, numbers, steps: vec![None; steps] };
        }
        match kind {
            Kind::EventCount(_) => State::Times(VecDeque::new()),
            Kind::ValueCount(..) | Kind::Share(..) => {
                State::Values { samples: VecDeque::new(), counts: HashMap::new(), text: 0 }
            }
            Kind::Amount(..) => State::Sum(VecDeque::new()),
            Kind::Temporal { ordered: true, .. } => State::Chain(vec![None; steps]),
            Kind::Temporal { ordered: false, .. } => State::Steps(vec![None; steps]),
        }
    }

    /// Bytes beyond the group itself, roughly.
    pub fn weight(&self) -> usize {
        match self {
            State::Times(times) => times.len() * 8,
            State::Values { samples, counts, text } => samples.len() * 24 + counts.len() * 48 + text * 2,
            State::Sum(samples) => samples.len() * 16,
            State::Steps(steps) => steps.len() * 16,
            State::Chain(steps) => steps.len() * 24,
            State::Deferred { values, text, numbers, steps, .. } => {
                values.len() * 48 + text + numbers.len() * 8 + steps.len() * 16
            }
        }
    }
}

/// Whether only the end of the time can say.
pub(super) fn deferred(kind: &Kind) -> bool {
    match kind {
        Kind::EventCount(criterion) | Kind::ValueCount(_, criterion) => !criterion.only_grows(),
        Kind::Amount(Amount::Sum, _, criterion) => !criterion.only_grows(),
        Kind::Amount(..) | Kind::Share(..) => true,
        Kind::Temporal { need: Need::Count(criterion), .. } => !criterion.only_grows(),
        Kind::Temporal { need: Need::Expression(condition), .. } => negates(condition),
    }
}

fn negates(condition: &Condition) -> bool {
    match condition {
        Condition::Name(_) => false,
        Condition::Not(_) => true,
        Condition::And(parts) | Condition::Or(parts) => parts.iter().any(negates),
    }
}

/// Takes a sample in and looks whether the condition holds now.
pub(super) fn take(group: &mut Group, kind: &Kind, span: i64, sample: &Sample<'_>) -> Look {
    let t = sample.time;
    let mut look = Look::default();
    match (&mut group.state, kind) {
        (State::Times(times), Kind::EventCount(criterion)) => {
            insert(times, t, |time| *time, t);
            expire(times, span, |time| *time, &mut |_| {});
            // More than the limit need not be remembered; the newest are kept.
            let most = (criterion.limit() as usize).saturating_add(1).min(limits::GROUP_SAMPLES);
            while times.len() > most {
                times.pop_front();
            }
            look.amount = fullest(times, t, span, |time| *time) as f64;
            look.holds = criterion.holds(look.amount);
        }
        (State::Values { samples, counts, text }, Kind::ValueCount(_, criterion)) => {
            let Some(value) = sample.value else { return look };
            insert(samples, (t, value.into()), |sample| sample.0, t);
            *counts.entry(value.into()).or_insert(0) += 1;
            *text += value.len();
            let mut forget = |value: &str| {
                *text -= value.len();
                if let Some(count) = counts.get_mut(value) {
                    *count -= 1;
                    if *count == 0 {
                        counts.remove(value);
                    }
                }
            };
            expire(samples, span, |sample| sample.0, &mut |sample| forget(&sample.1));
            while samples.len() > limits::GROUP_SAMPLES {
                look.truncated += 1;
                if let Some((_, value)) = samples.pop_front() {
                    forget(&value);
                }
            }
            let edge = |sample: &(i64, Box<str>)| (sample.0 - t).abs() > span;
            let outside = samples.front().is_some_and(edge) || samples.back().is_some_and(edge);
            look.amount = match outside {
                false => counts.len(),
                true => {
                    let near = samples.iter().filter(|sample| (t - span..=t).contains(&sample.0));
                    near.map(|sample| &sample.1).collect::<std::collections::HashSet<_>>().len()
                }
            } as f64;
            look.holds = criterion.holds(look.amount);
        }
        (State::Sum(samples), Kind::Amount(_, _, criterion)) => {
            let Some(number) = sample.value.and_then(number) else { return look };
            insert(samples, (t, number), |sample| sample.0, t);
            expire(samples, span, |sample| sample.0, &mut |_| {});
            while samples.len() > limits::GROUP_SAMPLES {
                look.truncated += 1;
                samples.pop_front();
            }
            let near = samples.iter().filter(|sample| (t - span..=t).contains(&sample.0));
            look.amount = near.map(|sample| sample.1).sum();
            look.holds = criterion.holds(look.amount);
        }
        (State::Steps(steps), Kind::Temporal { need, .. }) => {
            // The nearest of the two stays, so that a far-off time does not push a good one out.
            steps[sample.step] = Some(t);
            let near = |step: &Option<i64>| step.is_some_and(|time| (time - t).abs() <= span);
            look = needed(need, &|step| near(&steps[step]), steps.len());
            look.holds = look.holds && within(steps, t, span, need);
        }
        (State::Chain(chain), Kind::Temporal { need, .. }) => {
            advance(chain, sample, span);
            let reached = |step: usize| chain[step].is_some_and(|(_, last)| (t - last).abs() <= span);
            look = match need {
                Need::Count(criterion) => {
                    let length = (0..chain.len()).take_while(|step| reached(*step)).count();
                    Look {
                        holds: criterion.holds(length as f64) && sample.step + 1 >= length,
                        amount: length as f64,
                        truncated: 0,
                    }
                }
                Need::Expression(_) => needed(need, &reached, chain.len()),
            };
        }
        (State::Deferred { count, values, text, numbers, steps }, _) => {
            *count += 1;
            let next_allowed = match kind {
                Kind::Temporal { ordered: true, .. } => sample.step == 0 || steps[sample.step - 1].is_some(),
                _ => true,
            };
            if next_allowed {
                steps[sample.step] = Some(t);
            }
            match (kind, sample.value) {
                (Kind::ValueCount(..) | Kind::Share(..), Some(value)) => {
                    let full = values.len() >= limits::GROUP_SAMPLES;
                    match values.get_mut(value) {
                        Some(count) => *count += 1,
                        None if full => look.truncated += 1,
                        None => {
                            *text += value.len();
                            values.insert(value.into(), 1);
                        }
                    }
                }
                (Kind::Amount(..), Some(value)) => match number(value) {
                    Some(number) if numbers.len() < limits::GROUP_SAMPLES => numbers.push(number),
                    Some(_) => look.truncated += 1,
                    None => {}
                },
                _ => {}
            }
        }
        _ => {}
    }
    look
}

/// What a group whose time is over has to tell: (amount, the value it is of).
pub(super) fn close(group: &Group, kind: &Kind) -> Vec<(f64, Option<String>)> {
    let State::Deferred { count, values, numbers, steps, .. } = &group.state else { return Vec::new() };
    let told = |criterion: &Criterion, amount: f64| {
        if criterion.holds(amount) { vec![(amount, None)] } else { Vec::new() }
    };
    match kind {
        Kind::EventCount(criterion) => told(criterion, *count as f64),
        Kind::ValueCount(_, criterion) => told(criterion, values.len() as f64),
        Kind::Amount(amount, _, criterion) => match aggregate(*amount, numbers) {
            Some(amount) => told(criterion, amount),
            None => Vec::new(),
        },
        Kind::Share(_, criterion) => {
            let total: u64 = values.values().map(|count| u64::from(*count)).sum();
            let share = |count: u32| f64::from(count) * 100.0 / total.max(1) as f64;
            let mut rare: Vec<(f64, Option<String>)> = values
                .iter()
                .filter(|(_, count)| criterion.holds(share(**count)))
                .map(|(value, count)| (share(*count), Some(value.to_string())))
                .collect();
            rare.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
            rare
        }
        Kind::Temporal { need, .. } => {
            let look = needed(need, &|step| steps[step].is_some(), steps.len());
            if look.holds { vec![(look.amount, None)] } else { Vec::new() }
        }
    }
}

fn aggregate(amount: Amount, numbers: &[f64]) -> Option<f64> {
    if numbers.is_empty() {
        return None;
    }
    let sum: f64 = numbers.iter().sum();
    let rank = |percentile: f64| {
        let mut sorted = numbers.to_vec();
        sorted.sort_by(f64::total_cmp);
        // Between the two nearest, as spreadsheets do.
        let at = percentile / 100.0 * (sorted.len() - 1) as f64;
        let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
        low + (high - low) * at.fract()
    };
    Some(match amount {
        Amount::Sum => sum,
        Amount::Average => sum / numbers.len() as f64,
        Amount::Median => rank(50.0),
        Amount::Percentile(percentile) => rank(percentile),
    })
}

fn number(text: &str) -> Option<f64> {
    crate::predicate::Number::parse(text).map(|number| number.0)
}

fn needed(need: &Need, seen: &dyn Fn(usize) -> bool, steps: usize) -> Look {
    let amount = (0..steps).filter(|step| seen(*step)).count() as f64;
    let holds = match need {
        Need::Count(criterion) => criterion.holds(amount),
        Need::Expression(condition) => expression(condition, seen),
    };
    Look { holds, amount, truncated: 0 }
}

fn expression(condition: &Condition, seen: &dyn Fn(usize) -> bool) -> bool {
    match condition {
        Condition::Name(step) => seen(*step),
        Condition::Not(inner) => !expression(inner, seen),
        Condition::And(parts) => parts.iter().all(|part| expression(part, seen)),
        Condition::Or(parts) => parts.iter().any(|part| expression(part, seen)),
    }
}

/// Steps on both sides of `t` must not together span more than the time allows: some window that holds `t` suffices.
fn within(steps: &[Option<i64>], t: i64, span: i64, need: &Need) -> bool {
    let mut starts: Vec<i64> = steps.iter().flatten().copied().filter(|time| (time - t).abs() <= span).collect();
    starts.sort_unstable();
    starts.into_iter().filter(|start| *start <= t).any(|start| {
        let inside = |step: usize| steps[step].is_some_and(|time| (start..=start.saturating_add(span)).contains(&time));
        needed(need, &inside, steps.len()).holds
    })
}

/// The chain to a step begins as late as it can. The first step may begin anew at any time.
fn advance(chain: &mut [Option<(i64, i64)>], sample: &Sample<'_>, span: i64) {
    let t = sample.time;
    if sample.step == 0 {
        chain[0] = Some((t, t));
        return;
    }
    if let Some((start, last)) = chain[sample.step - 1]
        && last <= t
        && t.saturating_sub(start) <= span
    {
        chain[sample.step] = Some((start, t));
    }
}

/// In order of time; most arrivals are the newest.
fn insert<S>(samples: &mut VecDeque<S>, sample: S, time: impl Fn(&S) -> i64, t: i64) {
    match samples.back() {
        Some(last) if time(last) > t => {
            let at = samples.partition_point(|other| time(other) <= t);
            samples.insert(at, sample);
        }
        _ => samples.push_back(sample),
    }
}

/// Lets go what is older than the time allows, as the second newest sees it: one time far ahead expires nothing.
fn expire<S>(samples: &mut VecDeque<S>, span: i64, time: impl Fn(&S) -> i64, forget: &mut dyn FnMut(S)) {
    let Some(second) = samples.len().checked_sub(2).map(|at| time(&samples[at])) else { return };
    let floor = second.saturating_sub(span);
    while samples.front().is_some_and(|sample| time(sample) < floor) {
        if let Some(sample) = samples.pop_front() {
            forget(sample);
        }
    }
}

/// The number of samples in the fullest window that holds `t`. For the newest sample, as most are, that ends at `t`.
fn fullest<S>(samples: &VecDeque<S>, t: i64, span: i64, time: impl Fn(&S) -> i64) -> usize {
    let from = samples.partition_point(|sample| time(sample) < t.saturating_sub(span));
    let to = samples.partition_point(|sample| time(sample) <= t);
    if to == samples.len() {
        return to - from;
    }
    let mut end = to;
    let mut most = 0;
    for start in from..to {
        let last = time(&samples[start]).saturating_add(span);
        while end < samples.len() && time(&samples[end]) <= last {
            end += 1;
        }
        most = most.max(end - start);
    }
    most
}
