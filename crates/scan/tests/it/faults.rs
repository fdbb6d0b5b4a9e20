//! What goes wrong with workers costs one file, says so, and the next file is scanned.

use crate::world::{World, config, eicar, scanner_with};
use rustix::process::{Pid, Signal, kill_process};
use scan::{Limits, Scanner, Verdict};
use std::fs;
use std::os::unix::fs::FileExt;
use std::time::Duration;

/// Takes for ever on a file of many `a`s: nested loops over every offset.
const SLOW: &str = r#"rule slow { strings: $a = "a" condition:
    for all i in (1..#a) : (for all j in (1..#a) : (for all k in (1..#a) : (@a[i] + @a[j] + @a[k] >= 0))) }"#;

fn kill(pid: u32) {
    kill_process(Pid::from_raw(pid as i32).unwrap(), Signal::KILL).unwrap();
}

fn busy_worker(scanner: &Scanner) -> u32 {
    for _ in 0..4_000 {
        if let [_, worker] = scanner.worker_pids()[..] {
            return worker;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("no worker took the file");
}

#[test]
fn a_worker_killed_in_the_middle_costs_one_verdict() {
    let world = World::new();
    let scanner = scanner_with(&world, SLOW, |_| {});
    let hostile = world.file("hostile", "a".repeat(5000));
    let report = std::thread::scope(|scope| {
        let scan = scope.spawn(|| scanner.scan_path(&hostile));
        kill(busy_worker(&scanner));
        scan.join().unwrap()
    });
    assert_eq!(report.verdict, Verdict::Error, "{report:?}");
    assert!(report.note.unwrap().contains("worker ended"));
    assert_eq!(scanner.scan_path(&world.file("good", "b")).verdict, Verdict::Clean);
    assert_eq!(scanner.stats().workers_lost, 1);
}

#[test]
fn a_nursery_that_was_killed_is_replaced() {
    let world = World::new();
    let scanner = scanner_with(&world, "rule a { strings: $a = \"needle\" condition: $a }", |_| {});
    let file = world.file("f", "needle");
    assert_eq!(scanner.scan_path(&file).verdict, Verdict::Malicious);
    let old = scanner.worker_pids();
    kill(old[0]);
    // Its worker dies with it, and neither costs a file.
    old.iter().for_each(|pid| wait_for_the_end(*pid));
    for _ in 0..3 {
        assert_eq!(scanner.scan_path(&file).verdict, Verdict::Malicious);
    }
    assert!(old.iter().all(|pid| !scanner.worker_pids().contains(pid)), "others stand in their place");
}

/// Until a process is gone, or only waits for somebody to take its exit status.
fn wait_for_the_end(pid: u32) {
    for _ in 0..4_000 {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let state = stat.rsplit(") ").next().and_then(|rest| rest.chars().next());
        if matches!(state, None | Some('Z' | 'X')) {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("{pid} did not end");
}

#[test]
fn time_runs_out_as_incomplete_never_as_clean() {
    let world = World::new();
    let limits = Limits { timeout: Duration::from_secs(1), ..config().limits };
    let scanner = scanner_with(&world, SLOW, |c| c.limits = limits);
    let report = scanner.scan_path(&world.file("hostile", "a".repeat(5000)));
    assert_eq!(report.verdict, Verdict::Incomplete, "{report:?}");
    assert_eq!(scanner.scan_path(&world.file("good", "b")).verdict, Verdict::Clean);
    assert_eq!(scanner.stats().timeouts, 1);
}

#[test]
fn a_file_that_changes_while_it_is_read_is_incomplete() {
    let world = World::new();
    let scanner = scanner_with(&world, SLOW, |c| c.limits.timeout = Duration::from_secs(2));
    let path = world.file("moving", "a".repeat(700));
    let report = std::thread::scope(|scope| {
        let scan = scope.spawn(|| scanner.scan_path(&path));
        busy_worker(&scanner);
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        while !scan.is_finished() {
            file.write_all_at(b"b", 0).unwrap();
            std::thread::sleep(Duration::from_millis(5));
        }
        scan.join().unwrap()
    });
    assert_eq!(report.verdict, Verdict::Incomplete, "{report:?}");
}

#[test]
fn hostile_programs_crash_nobody() {
    let world = World::new();
    let rules = "import \"elf\" import \"pe\" import \"math\" rule a { condition:
        (elf.type >= 0 or elf.sections.len() >= 0 or pe.is_pe or filesize >= 0) and math.entropy(0, filesize) > 9.0 }";
    let scanner = scanner_with(&world, rules, |_| {});
    let elf = fs::read("/bin/true").unwrap();
    for (n, cut) in (0..200).map(|n| (n, elf.len() * n / 200)) {
        let mut bytes = elf[..cut].to_vec();
        // Every seventh byte from a different start: headers that contradict themselves.
        bytes.iter_mut().skip(16 + n % 7).step_by(7).for_each(|byte| *byte = byte.wrapping_add(n as u8 | 0x80));
        let report = scanner.scan_path(&world.file("hostile", &bytes));
        assert_eq!(report.verdict, Verdict::Clean, "{n}: {report:?}");
    }
    assert_eq!(scanner.stats().workers_lost, 0);
}

#[test]
fn more_threads_than_workers_wait_their_turn() {
    let world = World::new();
    let scanner = crate::world::scanner();
    let path = world.file("eicar", eicar());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..25 {
                    assert_eq!(scanner.scan_path(&path).verdict, Verdict::Malicious);
                }
            });
        }
    });
    assert_eq!(scanner.stats().detections, 200);
    assert!(scanner.worker_pids().len() <= 3);
}
