//! `tamon policy learn`: a profile from what a service was seen to do. Live the agent watches it, reads included; from the
//! node's store only what is recorded anyway: what it wrote, ran and reached.

use super::policy_past;
use crate::api::Api;
use crate::arguments::PolicyLearn;
use crate::local::Local;
use crate::output::{self, Output};
use crate::place::Place;
use agent::PastAct;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::process::ExitCode;
use std::time::Duration;
use verdict::Policy;
use verdict::prevention::Learner;

pub fn run(ask: &PolicyLearn, place: &Place, print: Output) -> Result<ExitCode> {
    let answer = match (&ask.stop, ask.days) {
        (Some(id), _) => tell(place, &json!({ "stop": { "id": id } }))?,
        (None, Some(days)) => stored(ask, place, days)?,
        (None, None) => match live(ask, place)? {
            Some(answer) => answer,
            None => return Ok(ExitCode::SUCCESS),
        },
    };
    match print {
        Output::Text => output::line(answer["policy"].as_str().unwrap_or_default().trim_end())?,
        Output::Json | Output::Ndjson => output::json(&answer)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(place: &Place, ask: &Value) -> Result<Value> {
    Local::open(place)?.ask(&json!({ "request": "policy_learn", "ask": ask }))
}

/// None when it was only begun.
fn live(ask: &PolicyLearn, place: &Place) -> Result<Option<Value>> {
    let period = period(&ask.period)?;
    let id = id(ask);
    let start = json!({ "start": {
        "id": id,
        "units": list(&ask.unit),
        "cgroups": list(&ask.cgroup),
        "executables": list(&ask.exe),
    } });
    let begun = tell(place, &start)?;
    if period.is_zero() {
        if begun["already"] == true {
            return tell(place, &json!({ "stop": { "id": id } })).map(Some);
        }
        eprintln!(
            "tamon: {id} is learned from now on; `tamon policy learn --stop {id}` ends it and prints the proposal"
        );
        return Ok(None);
    }
    eprintln!("tamon: watching {id} for {}", ask.period);
    std::thread::sleep(period);
    tell(place, &json!({ "stop": { "id": id } })).map(Some)
}

fn stored(ask: &PolicyLearn, place: &Place, days: u32) -> Result<Value> {
    let (id, selector) = (id(ask), selector(ask));
    if ask.cgroup.is_some() {
        bail!("records do not hold the control group: name the unit or the program, or watch it live");
    }
    let text = format!("version = 1\n[[prevention]]\nid = \"{id}\"\n{selector}\n");
    let policy = Policy::parse("learn", &text)?;
    let acts = policy_past::acts(&Api::open(place)?, &policy.prevention, days, None)?;
    let mut learner = Learner::default();
    let profiles = verdict::prevention::Profiles::of(&policy, &|_| None);
    for act in acts {
        let past: PastAct = serde_json::from_value(act).context("the node's answer holds something else")?;
        if let (Some(_), Some(act)) = (past.profile(&profiles), past.act()) {
            learner.see(&act, past.count);
        }
    }
    let seen = format!("as recorded in the last {days} days; of reads only those of watched files are recorded");
    let (acts, left_out) = learner.counts();
    Ok(
        json!({ "id": id, "days": days, "acts": acts, "left_out": left_out, "policy": learner.propose(&id, &selector, &seen, false) }),
    )
}

fn list(one: &Option<String>) -> Vec<&String> {
    one.iter().collect()
}

fn selector(ask: &PolicyLearn) -> String {
    match (&ask.unit, &ask.cgroup, &ask.exe) {
        (Some(unit), ..) => format!("unit = [{unit:?}]"),
        (_, Some(cgroup), _) => format!("cgroup = [{cgroup:?}]"),
        (_, _, exe) => format!("executable = [{:?}]", exe.as_deref().unwrap_or_default()),
    }
}

/// Of the given name, or the last part of what is learned.
fn id(ask: &PolicyLearn) -> String {
    let named = [&ask.id, &ask.unit, &ask.exe, &ask.cgroup].into_iter().flatten().next();
    let name = named.map_or("", |name| name.rsplit('/').next().unwrap_or_default());
    let name = name.strip_suffix(".service").unwrap_or(name).to_ascii_lowercase();
    let plain = |c: char| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' };
    let id: String = name.chars().map(plain).collect();
    if id.is_empty() { "service".to_owned() } else { id }
}

/// `90s`, `10m`, `24h`, `7d`.
fn period(text: &str) -> Result<Duration> {
    let wrong = || format!("{text:?} is no time, as 90s, 10m, 24h and 7d are");
    let at = text.len().checked_sub(1).with_context(wrong)?;
    let (number, unit) = text.split_at_checked(at).with_context(wrong)?;
    let number: u64 = number.parse().ok().with_context(wrong)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => bail!("{}", wrong()),
    };
    Ok(Duration::from_secs(number.saturating_mul(seconds).min(14 * 86_400)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_names() {
        let seconds = |text: &str| period(text).ok().map(|period| period.as_secs());
        assert_eq!((seconds("90s"), seconds("10m"), seconds("0s")), (Some(90), Some(600), Some(0)));
        assert_eq!((seconds("m"), seconds(""), seconds("10"), seconds("1é")), (None, None, None, None));
        let ask = |unit: Option<&str>, exe: Option<&str>| PolicyLearn {
            unit: unit.map(Into::into),
            cgroup: None,
            exe: exe.map(Into::into),
            id: None,
            period: "10m".into(),
            days: None,
            stop: None,
        };
        assert_eq!(id(&ask(Some("app@1.service"), None)), "app-1");
        assert_eq!(id(&ask(None, Some("/usr/sbin/Web_Server"))), "web-server");
    }
}
