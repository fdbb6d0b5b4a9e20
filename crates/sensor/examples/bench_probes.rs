//! What the programs cost: an exec storm, then storms of opens that are kept and that are filtered in the kernel, counted by
//! the kernel's own statistics. `cargo xtask bench probes` runs this; the last line is JSON.

use sensor::{Config, RunStats, Sensor};
use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::process::Command;

const EXECS: usize = 600;
const OPENS: usize = 500;
const ROUNDS: usize = 60;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Our own storms are what is measured.
    let config = Config { own_tgids: Vec::new(), own_children: false, ..Config::default() };
    let mut sensor = Sensor::start(config, sensor::probe(None))?;
    let _counting = Sensor::enable_run_stats()?;
    let mut figures = Vec::new();

    let before = sensor.run_stats();
    for _ in 0..EXECS {
        Command::new("/bin/true").status()?;
        sensor.drain(&mut |_| {})?;
    }
    for (figure, program) in [("exec_ns", "on_exec"), ("fork_ns", "on_fork"), ("exit_ns", "on_exit")] {
        figures.push((figure, mean(&before, &sensor.run_stats(), program)));
    }
    figures.push(("open_filtered_ns", opens(&mut sensor, false)?));
    figures.push(("open_kept_ns", opens(&mut sensor, true)?));

    for (name, value) in &figures {
        println!("{name:<18} {value:8.0} ns");
    }
    let lost = sensor.loss();
    println!("seen {}, told {}, lost {lost:?}", sensor.seen(), sensor.told());
    let list: Vec<String> = figures.iter().map(|(name, value)| format!("\"{name}\":{value:.0}")).collect();
    println!("{{\"bench\":\"probes\",\"machine\":{:?},\"figures\":{{{}}}}}", machine(), list.join(","));
    Ok(())
}

/// Mean of the system call exits while files are opened in batches and closed with one call: nearly all are opens.
fn opens(sensor: &mut Sensor, kept: bool) -> Result<f64, Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join(format!("tamon-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let path = folder.join("file");
    std::fs::write(&path, "x")?;
    let (mut nanos, mut runs) = (0, 0);
    for _ in 0..ROUNDS {
        let mut held = Vec::with_capacity(OPENS);
        let before = total(&sensor.run_stats());
        for _ in 0..OPENS {
            held.push(File::options().read(true).write(kept).custom_flags(0).open(&path)?);
        }
        let after = total(&sensor.run_stats());
        nanos += after.nanos - before.nanos;
        runs += after.runs - before.runs;
        close_all(held);
        sensor.drain(&mut |_| {})?;
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(nanos as f64 / runs as f64)
}

fn close_all(files: Vec<File>) {
    debug_assert!(files.iter().all(|file| file.as_raw_fd() > 2));
    drop(files);
}

fn total(stats: &[RunStats]) -> RunStats {
    stats.iter().find(|s| s.program == "on_sys_exit").cloned().unwrap_or_default()
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
