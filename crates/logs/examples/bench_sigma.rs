//! All Windows rules over the 277 logs of attacks: CPU seconds, wall clock and peak memory of whole runs in a process of their
//! own, rules read and compiled each time. With `CHAINSAW=…/chainsaw` (built in release, `mappings/` beside its source as
//! `CHAINSAW_MAPPING`) it runs in turn with ours and the ratios are told. Medians of the rounds.
//!
//! `cargo run --profile up -p logs --example bench_sigma [ROUNDS]`

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, rules, logs] = args.as_slice()
        && flag == "--once"
    {
        return once(Path::new(rules), Path::new(logs));
    }
    let shared = std::env::var_os("TAMON_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let (rules, logs) = (shared.join("sigma/rules.tar.xz"), shared.join("evtx/evtx-attack-samples.tar.xz"));
    if !rules.exists() || !logs.exists() {
        println!("skipped: the test data is not there ({})", shared.display());
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (rules, logs) = (unpack(&rules, &folder.path().join("rules")), unpack(&logs, &folder.path().join("logs")));
    let rounds: usize = args.first().and_then(|n| n.parse().ok()).unwrap_or(5);
    let me = std::env::current_exe().expect("this program");
    let peer = std::env::var_os("CHAINSAW").map(PathBuf::from);
    let mapping = std::env::var_os("CHAINSAW_MAPPING").map(PathBuf::from);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        ours.push(measure(Command::new(&me).arg("--once").args([&rules, &logs])));
        if let (Some(peer), Some(mapping)) = (&peer, &mapping) {
            let mut command = Command::new(peer);
            command.arg("hunt").arg(&logs).arg("-s").arg(&rules).arg("--mapping").arg(mapping).args(["--jsonl", "-q"]);
            theirs.push(measure(&mut command));
        }
    }
    let of = |runs: &[Run], figure: fn(&Run) -> f64| median(runs.iter().map(figure).collect());
    let mut figures = serde_json::Map::new();
    let mut add = |name: &str, value: f64| figures.insert(name.into(), ((value * 1000.0).round() / 1000.0).into());
    for (name, runs) in [("tamon", &ours), ("chainsaw", &theirs)] {
        if !runs.is_empty() {
            add(&format!("{name}_cpu_s"), of(runs, |run| run.cpu));
            add(&format!("{name}_wall_s"), of(runs, |run| run.wall));
            add(&format!("{name}_peak_mb"), of(runs, |run| run.peak_mb));
            add(&format!("{name}_lines"), of(runs, |run| run.lines));
        }
    }
    if !theirs.is_empty() {
        add("chainsaw_cpu_times", of(&theirs, |run| run.cpu) / of(&ours, |run| run.cpu));
    }
    let cores = std::thread::available_parallelism().map_or(0, |n| n.get());
    let machine = format!("{} {cores} cores", std::env::consts::ARCH);
    println!("{}", serde_json::json!({"bench": "sigma", "machine": machine, "figures": figures}));
}

struct Run {
    cpu: f64,
    wall: f64,
    peak_mb: f64,
    lines: f64,
}

/// CPU time is that of the children of this process, as the kernel counts it once they are waited for; the peak is read
/// while the child runs.
fn measure(command: &mut Command) -> Run {
    let (before, started) = (children_seconds(), Instant::now());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    let status = format!("/proc/{}/status", child.id());
    let watch = std::thread::spawn(move || {
        let mut peak = 0.0f64;
        while let Some(now) = std::fs::read_to_string(&status).ok().and_then(|text| peak_mb(&text)) {
            peak = peak.max(now);
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        peak
    });
    let mut out = Vec::new();
    let pipe = child.stdout.as_mut().expect("a pipe");
    std::io::Read::read_to_end(pipe, &mut out).expect("its output");
    child.wait().expect("it ends");
    let wall = started.elapsed().as_secs_f64();
    let lines = out.iter().filter(|byte| **byte == b'\n').count() as f64;
    Run { cpu: children_seconds() - before, wall, peak_mb: watch.join().unwrap_or(0.0), lines }
}

fn peak_mb(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok().map(|kb| kb / 1024.0)
}

fn children_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = text.rsplit_once(") ").map_or("", |(_, rest)| rest);
    // cutime and cstime, in the 1/100 s that /proc always counts in.
    let ticks: f64 = after.split(' ').skip(13).take(2).filter_map(|word| word.parse::<f64>().ok()).sum();
    ticks / 100.0
}

fn once(rules: &Path, logs: &Path) {
    let (mut sources, mut files) = (Vec::new(), Vec::new());
    collect(rules, "yml", &mut sources);
    collect(logs, "evtx", &mut files);
    let read = |path: &PathBuf| (path.display().to_string(), std::fs::read_to_string(path).unwrap_or_default());
    let sources = sources.iter().map(read).filter(|(_, text)| text.contains("product: windows"));
    let views = rules::shipped::views().expect("the shipped pipelines are sound");
    let (set, _) = rules::RuleSet::compile_foreign(sources, &rules::Options { views, ..rules::Options::default() });
    let settings = logs::Settings {
        files,
        format: None,
        source: None,
        level: event::Severity::Info,
        threads: std::thread::available_parallelism().map_or(1, |n| n.get()),
        form: logs::Form::Ndjson,
    };
    let mut out = std::io::BufWriter::new(std::io::stdout());
    let summary = logs::run(Arc::new(set), &settings, &mut out, &|text| eprintln!("{text}"));
    assert!(summary.is_ok_and(|summary| summary.faults == 0));
}

fn unpack(archive: &Path, folder: &Path) -> PathBuf {
    std::fs::create_dir(folder).expect("a new folder");
    let done = Command::new("tar").arg("-C").arg(folder).arg("-xf").arg(archive).status();
    assert!(done.is_ok_and(|status| status.success()), "tar could not unpack {}", archive.display());
    folder.to_path_buf()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn collect(folder: &Path, extension: &str, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, extension, files);
        } else if path.extension().is_some_and(|own| own == extension) {
            files.push(path);
        }
    }
}
