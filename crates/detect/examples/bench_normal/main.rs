//! What is normal, evaluated: two weeks of ordinary work of five hosts on a simulated clock, with attacks in the second week,
//! through all engines of the agent: with what was learned and without. Prints every false alert, every attack that was
//! missed, precision, recall, alerts a host and day; then the cost of learning by event and in memory.

mod attacks;
#[path = "../../tests/it/replay.rs"]
mod replay;
mod work;
mod world;

use detect::{DetectConfig, Detector, Normal, NormalConfig, Repeated, Repeats, SequenceSet, Story, StoryConfig};
use event::{Engine, Event, Finding, Severity};
use rules::{Matcher, RuleSet};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use work::Site;
use world::{BEGIN, DAY, HOUR};

const DAYS: i64 = 14;
/// Attacks begin on the eighth day.
const FROM: i64 = 8;
/// Processes of attacks have numbers from here on, so many for each.
const ATTACKS: u32 = 10_000_000;
const EACH: u32 = 100_000;

fn main() {
    let rules = Arc::new(RuleSet::compile(files("sigma", "yml")).0);
    let (set, errors) = SequenceSet::compile(files("sequences", "toml"));
    assert!(errors.is_empty(), "{errors:?}");
    let set = Arc::new(set);
    let began = Instant::now();
    let (streams, names) = streams();
    let events: usize = streams.iter().map(|(_, stream)| stream.len()).sum();
    println!(
        "{} hosts, {DAYS} days, {events} events, {} attacks; made in {:.1} s\n",
        streams.len(),
        names.len(),
        began.elapsed().as_secs_f64()
    );
    let mut figures = Vec::new();
    for (label, learn_days) in [("without", u16::MAX), ("with", 7)] {
        let score = score(&streams, &names, &rules, &set, learn_days);
        score.print(label, &names);
        figures.push((label, score));
    }
    let cost = cost(&streams);
    println!("learning: {:.0} ns an event, {} bytes for the busiest host", cost.0, cost.1);
    let figure = |score: &Score| {
        format!(
            "\"precision\":{:.3},\"recall\":{:.3},\"false_alerts_host_day\":{:.3}",
            score.precision(),
            score.recall(names.len()),
            score.a_host_and_day()
        )
    };
    println!(
        "{{\"bench\":\"normal\",\"figures\":{{\"events\":{events},\"attacks\":{},\"without\":{{{}}},\"with\":{{{}}},\"ns_event\":{:.0},\"bytes\":{}}}}}",
        names.len(),
        figure(&figures[0].1),
        figure(&figures[1].1),
        cost.0,
        cost.1
    );
}

type Stream = Vec<Event>;

/// Each host's events in order, and the attacks' names by number.
fn streams() -> (Vec<(&'static str, Stream)>, Vec<String>) {
    let mut sites = work::sites();
    let attacks = attacks::all();
    for day in 0..DAYS {
        sites.iter_mut().for_each(|site| site.day(BEGIN + day * DAY));
    }
    for (number, attack) in attacks.iter().enumerate() {
        let site: &mut Site = sites.iter_mut().find(|site| site.kind == attack.kind).expect("each kind has a host");
        let (day, hour) = (FROM + number as i64 % (DAYS - FROM), 8 + (number as i64 * 5) % 12);
        let before = site.host.number();
        site.host.number_from(ATTACKS + number as u32 * EACH);
        let at = BEGIN + day * DAY + hour * HOUR + number as i64 * 37 * world::SECOND;
        let known = site.host.events.len();
        (attack.play)(site, at);
        // What services themselves do in an attack is told by its time and place.
        mark(&mut site.host.events[known..], number as u32);
        site.host.number_from(before);
    }
    let streams = sites.into_iter().map(|site| {
        let mut events = site.host.events;
        events.sort_by_key(|event| event.time);
        (site.host.name, events)
    });
    (streams.collect(), attacks.into_iter().map(|attack| attack.name).collect())
}

/// The sequence number says whose event it is: 0 for work.
fn mark(events: &mut [Event], attack: u32) {
    events.iter_mut().for_each(|event| event.sequence = u64::from(attack) + 1);
}

#[derive(Default)]
struct Score {
    /// Host, day, severity, rule, detail.
    wrong: Vec<(&'static str, i64, Severity, String, String)>,
    right: u64,
    found: BTreeSet<u64>,
    signs: BTreeMap<String, u64>,
    hosts: usize,
}

fn score(
    streams: &[(&'static str, Stream)],
    names: &[String],
    rules: &Arc<RuleSet>,
    set: &Arc<SequenceSet>,
    learn_days: u16,
) -> Score {
    let mut score = Score { hosts: streams.len(), ..Score::default() };
    for (name, stream) in streams {
        let normal = NormalConfig { learn_days, ..NormalConfig::default() };
        let mut engines = Engines {
            matcher: Arc::clone(rules).matcher(),
            detector: Detector::new(DetectConfig::default()),
            story: Story::new(StoryConfig { normal, ..StoryConfig::default() }, Arc::clone(set)),
            repeats: Repeats::default(),
        };
        for event in stream {
            let findings = engines.all(event);
            for finding in &findings {
                if finding.rule_id.as_str().starts_with("normal.") && event.sequence == 0 {
                    *score.signs.entry(finding.rule_id.as_str().to_owned()).or_default() += 1;
                }
            }
            for finding in findings.into_iter().filter(|finding| !adds_up_only(finding)) {
                if !engines.is_news(event, &finding) {
                    continue;
                }
                match event.sequence {
                    0 => score.wrong.push((
                        name,
                        (event.time.0 - BEGIN) / DAY,
                        finding.severity,
                        finding.rule_id.as_str().to_owned(),
                        finding.detail,
                    )),
                    attack => {
                        score.right += 1;
                        score.found.insert(attack - 1);
                    }
                }
            }
        }
    }
    assert!(score.found.iter().all(|number| (*number as usize) < names.len()));
    score
}

impl Score {
    fn precision(&self) -> f64 {
        self.right as f64 / (self.right as f64 + self.wrong.len() as f64).max(1.0)
    }
    fn recall(&self, attacks: usize) -> f64 {
        self.found.len() as f64 / attacks as f64
    }
    fn a_host_and_day(&self) -> f64 {
        self.wrong.len() as f64 / (self.hosts as f64 * DAYS as f64)
    }

    fn print(&self, label: &str, names: &[String]) {
        println!("{label} what is normal:");
        println!(
            "  precision {:.3}, recall {:.3} ({} of {}), {:.2} false alerts a host and day",
            self.precision(),
            self.recall(names.len()),
            self.found.len(),
            names.len(),
            self.a_host_and_day()
        );
        for (host, day, severity, rule, detail) in &self.wrong {
            println!("  false: {host} day {day} {severity} {rule}: {}", event::text::clip(detail, 240));
        }
        for (number, name) in names.iter().enumerate() {
            if !self.found.contains(&(number as u64)) {
                println!("  missed: {name}");
            }
        }
        println!("  signs that told nobody, on ordinary work: {:?}\n", self.signs);
    }
}

struct Engines {
    matcher: Matcher,
    detector: Detector,
    story: Story,
    repeats: Repeats,
}

impl Engines {
    fn all(&mut self, event: &Event) -> Vec<Finding> {
        let mut findings = self.matcher.find(event);
        findings.extend(self.detector.observe(event));
        let together = self.story.observe(event, &findings);
        findings.extend(together);
        findings
    }

    fn is_news(&mut self, event: &Event, finding: &Finding) -> bool {
        let Some(process) = &event.process else { return true };
        let tree = process.parent.filter(|parent| parent.tgid > 1).unwrap_or(process.key);
        matches!(self.repeats.admit(&finding.rule_id, tree, event.time), Repeated::Tell { .. })
    }
}

/// As the agent has it: a low sign tells nobody.
fn adds_up_only(finding: &Finding) -> bool {
    let behaviour = matches!(finding.engine, Engine::Sigma | Engine::Behaviour | Engine::Ransomware);
    finding.severity <= Severity::Low && finding.asks.is_none() && behaviour
}

/// Nanoseconds an event for learning alone; bytes.
fn cost(streams: &[(&'static str, Stream)]) -> (f64, usize) {
    let busiest = streams.iter().max_by_key(|(_, stream)| stream.len()).expect("there are hosts");
    let mut normal = Normal::new(NormalConfig::default());
    let began = Instant::now();
    for event in &busiest.1 {
        if let Some(process) = event.process.as_deref() {
            std::hint::black_box(normal.observe(event, process, || process.key));
        }
    }
    let nanos = began.elapsed().as_nanos() as f64 / busiest.1.len() as f64;
    (nanos, normal.bytes())
}

fn files(below: &str, ending: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content").join(below);
    std::fs::read_dir(folder)
        .expect("the content is there")
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == ending))
        .map(|path| (path.display().to_string(), std::fs::read_to_string(&path).expect("a readable file")))
        .collect()
}
