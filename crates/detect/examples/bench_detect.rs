//! Events a second through all engines of the agent's hot path on one core (rules, detectors, sequences and risk), with a
//! host's ordinary mix of events; and what a million sequences under way cost in memory.

use detect::{DetectConfig, Detector, SequenceSet, Story, StoryConfig};
use event::{
    Endpoint, Event, EventKind, Exec, File, FileEvent, FileOp, Finding, Fork, NetworkEvent, NetworkOp, Process,
    ProcessKey, Timestamp, Transport, Via,
};
use rules::{Matcher, RuleSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

const KEYS: u32 = 1_000_000;

fn main() {
    let events: usize = std::env::args().nth(1).map_or(1_000_000, |n| n.parse().expect("a number of events"));
    let rules = Arc::new(RuleSet::compile(files("sigma", "yml")).0);
    let (set, errors) = SequenceSet::compile(files("sequences", "toml"));
    assert!(errors.is_empty(), "{errors:?}");
    let set = Arc::new(set);
    let mix = mix(20_000);
    let each = [
        ("rules", speed(events, &mix, &mut Engines::new(&rules, &set), Engines::rules)),
        ("detectors", speed(events, &mix, &mut Engines::new(&rules, &set), Engines::detectors)),
        ("story", speed(events, &mix, &mut Engines::new(&rules, &set), Engines::story_alone)),
        ("all", speed(events, &mix, &mut Engines::new(&rules, &set), Engines::all)),
    ];
    for (name, speed) in each {
        println!("{name}: {speed:.0} events a second on one core");
    }
    let (keys, bytes) = a_million(&set);
    println!(
        "{keys} sequences under way: {} MB more in memory, {:.0} bytes each",
        bytes >> 20,
        bytes as f64 / keys as f64
    );
    println!(
        "{{\"bench\":\"detect\",\"machine\":{:?},\"figures\":{{\"rules_per_second\":{:.0},\"detectors_per_second\":{:.0},\"story_per_second\":{:.0},\"all_per_second\":{:.0},\"keys\":{keys},\"keys_mb\":{}}}}}",
        machine(),
        each[0].1,
        each[1].1,
        each[2].1,
        each[3].1,
        bytes >> 20
    );
}

struct Engines {
    matcher: Matcher,
    detector: Detector,
    story: Story,
}

impl Engines {
    fn new(rules: &Arc<RuleSet>, set: &Arc<SequenceSet>) -> Engines {
        Engines {
            matcher: Arc::clone(rules).matcher(),
            detector: Detector::new(DetectConfig::default()),
            story: Story::new(StoryConfig::default(), Arc::clone(set)),
        }
    }

    fn rules(&mut self, event: &Event) -> Vec<Finding> {
        self.matcher.find(event)
    }

    fn detectors(&mut self, event: &Event) -> Vec<Finding> {
        self.detector.observe(event)
    }

    fn story_alone(&mut self, event: &Event) -> Vec<Finding> {
        self.story.observe(event, &[])
    }

    fn all(&mut self, event: &Event) -> Vec<Finding> {
        let mut findings = self.matcher.find(event);
        findings.extend(self.detector.observe(event));
        let together = self.story.observe(event, &findings);
        findings.extend(together);
        findings
    }
}

fn speed(count: usize, mix: &[Event], engines: &mut Engines, run: fn(&mut Engines, &Event) -> Vec<Finding>) -> f64 {
    let (begun, mut told) = (Instant::now(), 0);
    for event in mix.iter().cycle().take(count) {
        told += run(engines, event).len();
    }
    std::hint::black_box(told);
    count as f64 / begun.elapsed().as_secs_f64()
}

/// Of a hundred events of a busy host: forks, starts, files written and closed, connections.
fn mix(count: u32) -> Vec<Event> {
    let programs =
        ["/usr/bin/gcc", "/usr/bin/ls", "/usr/bin/git", "/usr/bin/python3.11", "/usr/sbin/nginx", "/usr/bin/grep"];
    let shell = Arc::new(process(400, 300, "/usr/bin/bash", "bash"));
    (0..count)
        .map(|n| {
            let program = programs[n as usize % programs.len()];
            let command = format!("{program} --verbose file-{n}.c -o out-{n}");
            let actor = Arc::new(process(1_000 + n % 5_000, 400, program, &command));
            let path = format!("/srv/work/folder-{}/file-{n}.o", n % 97);
            let kind = match n % 100 {
                0..20 => EventKind::Fork(Fork { child: key(1_000 + n % 5_000), namespace_flags: 0 }),
                20..35 => EventKind::Exec(Exec::default()),
                35..60 => file(FileOp::OpenWrite { truncate: true }, &path),
                60..85 => file(FileOp::WriteClose, &path),
                85..95 => file(FileOp::Rename { from: "/srv/work/tmp".into() }, &path),
                _ => EventKind::Network(NetworkEvent {
                    op: NetworkOp::Connect,
                    transport: Transport::Tcp,
                    source: None,
                    destination: Some(Endpoint { ip: [10, 0, 0, (n % 250) as u8].into(), port: 443 }),
                    error: 0,
                }),
            };
            event(i64::from(n) * 1_000_000, actor, Some(Arc::clone(&shell)), kind)
        })
        .collect()
}

/// Each tree begins one sequence and goes no further.
fn a_million(set: &Arc<SequenceSet>) -> (usize, u64) {
    let most = KEYS as usize + 1;
    let config = StoryConfig {
        max_sequences: most,
        max_sequence_bytes: 1 << 30,
        max_processes: 64,
        max_entities: 64,
        ..StoryConfig::default()
    };
    let mut story = Story::new(config, Arc::clone(set));
    let before = resident();
    for n in 0..KEYS {
        let actor = Arc::new(process(10 + n, 1, "/usr/bin/x", "x"));
        story.observe(&event(1, actor, None, file(FileOp::WriteClose, "/tmp/some-file")), &[]);
    }
    let (keys, _) = story.sequences_under_way();
    let after = resident();
    std::hint::black_box(&story);
    (keys, after.saturating_sub(before))
}

fn file(op: FileOp, path: &str) -> EventKind {
    EventKind::File(FileEvent { op, file: File::at(path) })
}

fn event(at: i64, process: Arc<Process>, parent: Option<Arc<Process>>, kind: EventKind) -> Event {
    Event { sequence: 0, time: Timestamp(at), via: Via::Syscall, process: Some(process), parent, kind }
}

fn key(tgid: u32) -> ProcessKey {
    ProcessKey { tgid, ..ProcessKey::default() }
}

fn process(tgid: u32, parent: u32, executable: &str, command_line: &str) -> Process {
    let (key, parent) = (key(tgid), Some(key(parent)));
    Process { key, parent, executable: executable.into(), command_line: command_line.into(), ..Process::default() }
}

/// Bytes of memory that this process holds.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a process can read its status");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("it says what it holds");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).expect("in KiB") << 10
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

fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown processor");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{cores} x {}", model.trim_start_matches([' ', '\t', ':']))
}
