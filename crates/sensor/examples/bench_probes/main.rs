//! What the programs cost: an exec storm, then opens that are filtered in the kernel and that are kept, counted by the
//! kernel's own statistics, what these themselves take (`counting_ns`, which is part of every other figure) beside them; and a
//! storm of written files, for what is lost. `cargo xtask bench probes` runs this; the last line is JSON.

mod counting;

use counting::Nothing;
use sensor::{Config, RunStats, Sensor};
use std::fs::File;
use std::io::Write;
use std::process::Command;
use std::time::{Duration, Instant};

const EXECS: usize = 30;
const OPENS: usize = 500;
const ROUNDS: usize = 40;
const STORM: Duration = Duration::from_secs(3);

type Figures = Vec<(&'static str, f64)>;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Our own storms are what is measured.
    let config = Config { own_tgids: Vec::new(), own_children: false, ..Config::default() };
    let mut sensor = Sensor::start(config, sensor::probe(None))?;
    let counting = Sensor::enable_run_stats()?;
    let mut figures = vec![("counting_ns", counting_alone()?)];
    figures.extend(execs(&mut sensor)?);
    figures.push(("call_unheeded_ns", unheeded(&mut sensor)?));
    let filtered = opens(&mut sensor, false)?;
    figures.push(("open_filtered_ns", filtered));
    // What a program of two instructions is counted with is not ours.
    figures.push(("open_filtered_beyond_counting_ns", filtered - figures[0].1));
    figures.push(("open_kept_ns", opens(&mut sensor, true)?));
    drop(counting);
    figures.extend(storm(&mut sensor)?);

    for (name, value) in &figures {
        println!("{name:<32} {value:10.0}");
    }
    println!("seen {}, told {}, lost {:?}", sensor.seen(), sensor.told(), sensor.loss());
    let list: Vec<String> = figures.iter().map(|(name, value)| format!("\"{name}\":{value:.0}")).collect();
    println!("{{\"bench\":\"probes\",\"machine\":{:?},\"figures\":{{{}}}}}", machine(), list.join(","));
    Ok(())
}

/// Medians of the rounds: on a shared machine a mean tells of the neighbours.
fn execs(sensor: &mut Sensor) -> Result<Figures, Box<dyn std::error::Error>> {
    const PROGRAMS: [(&str, &str); 3] = [("exec_ns", "on_exec"), ("fork_ns", "on_fork"), ("exit_ns", "on_exit")];
    let mut rounds = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS / 2 {
        let before = sensor.run_stats();
        for _ in 0..EXECS {
            Command::new("/bin/true").status()?;
        }
        sensor.drain(&mut |_| {})?;
        let after = sensor.run_stats();
        for ((_, program), round) in PROGRAMS.iter().zip(&mut rounds) {
            round.push(mean(&before, &after, program));
        }
    }
    Ok(PROGRAMS.iter().zip(rounds).map(|((figure, _), round)| (*figure, median(round))).collect())
}

fn counting_alone() -> std::io::Result<f64> {
    let nothing = Nothing::attach()?;
    for _ in 0..OPENS * ROUNDS {
        std::hint::black_box(std::os::unix::process::parent_id());
    }
    nothing.nanos_a_run()
}

/// What any other system call of the host pays, the counting itself included.
fn unheeded(sensor: &mut Sensor) -> Result<f64, Box<dyn std::error::Error>> {
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let before = sensor.run_stats();
        for _ in 0..OPENS * 10 {
            std::hint::black_box(std::os::unix::process::parent_id());
        }
        rounds.push(mean(&before, &sensor.run_stats(), "on_sys_exit"));
        sensor.drain(&mut |_| {})?;
    }
    Ok(median(rounds))
}

/// The system call exits while files are opened in batches: nearly all of them are opens.
fn opens(sensor: &mut Sensor, kept: bool) -> Result<f64, Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("file");
    std::fs::write(&path, "x")?;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let mut held = Vec::with_capacity(OPENS);
        let before = sensor.run_stats();
        for _ in 0..OPENS {
            held.push(File::options().read(true).write(kept).open(&path)?);
        }
        rounds.push(mean(&before, &sensor.run_stats(), "on_sys_exit"));
        drop(held);
        sensor.drain(&mut |_| {})?;
    }
    Ok(median(rounds))
}

/// Files written as fast as one thread can, while this one drains.
fn storm(sensor: &mut Sensor) -> Result<Figures, Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("file");
    let lost_before: u64 = sensor.loss().values().sum();
    let (seen, began) = (sensor.seen(), Instant::now());
    let writer = std::thread::spawn(move || -> std::io::Result<u64> {
        let (mut files, end) = (0, Instant::now() + STORM);
        while Instant::now() < end {
            // Without truncation: ext4 would write each file out to the disk.
            File::options().write(true).create(true).truncate(false).open(&path)?.write_all(b"x")?;
            files += 1;
        }
        Ok(files)
    });
    while !writer.is_finished() {
        sensor.drain(&mut |_| {})?;
    }
    let seconds = began.elapsed().as_secs_f64();
    sensor.drain(&mut |_| {})?;
    let files = writer.join().map_err(|_| "the writer failed")??;
    let lost: u64 = sensor.loss().values().sum();
    Ok(vec![
        ("storm_files", files as f64),
        ("storm_events_per_s", (sensor.seen() - seen) as f64 / seconds),
        ("storm_lost", (lost - lost_before) as f64),
    ])
}

fn median(mut rounds: Vec<f64>) -> f64 {
    rounds.sort_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}

fn mean(before: &[RunStats], after: &[RunStats], program: &str) -> f64 {
    let find = |stats: &[RunStats]| stats.iter().find(|s| s.program == program).cloned().unwrap_or_default();
    find(after).nanos_a_run_since(&find(before))
}

fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("unknown processor");
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{}, {cores} cores, Linux {}", model.trim_start_matches([' ', '\t', ':']), kernel.trim())
}
