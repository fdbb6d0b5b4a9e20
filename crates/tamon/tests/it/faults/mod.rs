//! What goes wrong in the field, done to the real binary: kills, a node that is away, a full queue, damage on the disk,
//! arguments made to hurt, policies that are none. Each asks the store or the command line what an operator then sees.

pub mod world;

use crate::text;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::process::Command;
use std::time::Duration;
use world::{World, is_root};

macro_rules! needs_root {
    () => {
        if !is_root() {
            eprintln!("skipped: the sensor needs root");
            return;
        }
    };
}

mod floods;
mod forged;
mod reused;

/// Long enough for the queue's sync (200 ms) on a busy machine.
const SYNCED: Duration = Duration::from_millis(1_500);

#[test]
fn kills_of_agent_and_node_lose_nothing_and_double_nothing() {
    needs_root!();
    let mut world = World::start("");
    for round in 0..3 {
        let mark = format!("kill{round}");
        world.mark(&mark, 0..40);
        std::thread::sleep(SYNCED);
        match round {
            0 => {
                world.kill_agent();
                world.start_agent();
            }
            1 => {
                world.kill_node();
                world.start_node();
            }
            _ => {
                world.kill_node();
                world.kill_agent();
                world.start_agent();
                world.start_node();
            }
        }
    }
    for round in 0..3 {
        let mark = format!("kill{round}");
        world.until_marked(&mark, 40);
        assert!(world.marked(&mark).iter().all(|times| *times == 1), "each start once: {:?}", world.marked(&mark));
    }
}

#[test]
fn what_happened_while_the_node_was_away_arrives() {
    needs_root!();
    let mut world = World::start("");
    world.kill_node();
    world.mark("away", 0..500);
    std::thread::sleep(SYNCED);
    let away = world.json(&["status"]);
    assert!(away["spool"]["events"].as_u64().unwrap() >= 500, "{away}");
    assert!(away["node"]["state"].as_str().unwrap().starts_with("not connected"), "{away}");
    world.start_node();
    world.until_marked("away", 500);
    assert!(world.marked("away").iter().all(|times| *times == 1));
}

/// The queue at its cap lets low-value events go, oldest first, counts them, and keeps the alert.
#[test]
fn a_full_queue_sheds_counts_and_keeps_the_alert() {
    needs_root!();
    let mut world = World::start("[spool]\nmax_mib = 1\n");
    world.kill_node();
    Command::new("/bin/true").args(["-o", "stratum+tcp://127.0.0.1:1", "tamon-full-queue"]).status().unwrap();
    let folder = tempfile::tempdir().unwrap();
    for number in 0..60_000 {
        let file = folder.path().join(format!("f{}", number % 64));
        fs::write(&file, b"x").unwrap();
        fs::remove_file(&file).unwrap();
    }
    world.until("the loss is shown", |world| world.json(&["status"])["sensor"]["lost"]["spool"].as_u64() > Some(0));
    world.start_node();
    world.until("the alert arrives", |world| {
        let alerts = world.run(&["--output", "ndjson", "alerts", "-n", "500"]);
        text(&alerts.stdout).contains("tamon-full-queue")
    });
    world.until("the node knows of the loss", |world| {
        !world.hunt("SELECT event_action FROM events WHERE event_category = 'sensor' LIMIT 1").is_empty()
    });
}

#[test]
fn a_damaged_segment_costs_what_it_held_and_is_told() {
    needs_root!();
    let mut world = World::start("");
    world.kill_node();
    world.mark("before", 0..200);
    std::thread::sleep(SYNCED);
    world.kill_agent();
    let segments = spool_segments(&world);
    assert!(!segments.is_empty());
    for segment in &segments {
        let mut bytes = fs::read(segment).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 16].iter_mut().for_each(|byte| *byte ^= 0xA5);
        fs::write(segment, bytes).unwrap();
    }
    world.start_agent();
    world.start_node();
    world.mark("after", 0..50);
    world.until_marked("after", 50);
    world.until_marked("before", 150);
    assert!(world.json(&["status"])["sensor"]["lost"]["spool"].as_u64() > Some(0), "the damage is counted");
}

fn spool_segments(world: &World) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![world.state().join("agent/spool")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end != "mending") && entry.metadata().unwrap().len() > 4_096 {
                found.push(path);
            }
        }
    }
    found
}

const HOSTILE_STARTS: &str = "SELECT count(*) AS n FROM events WHERE event_action = 'process-exec' \
     AND process_command_line LIKE '/bin/true hostile-%'";

/// Bytes that a terminal would obey come out escaped; what is no UTF-8 is kept; what is too long is cut and says so.
#[test]
fn hostile_arguments_are_shown_escaped_and_whole_lines_stay_lines() {
    needs_root!();
    let world = World::start("");
    let hostile = std::ffi::OsStr::from_bytes(b"hostile-\x1b[31mred\x07\r\nforged line\xff\xfe\xe2\x80\xae");
    Command::new("/bin/true").arg(hostile).status().unwrap();
    Command::new("/bin/true").arg("hostile-long").args(vec!["x".repeat(120_000); 15]).status().unwrap();
    world.until("both starts are stored", |world| {
        let rows = world.hunt(HOSTILE_STARTS);
        rows[0]["n"].as_u64() == Some(2)
    });
    for arguments in [
        &["events", "-n", "4000", "--action", "process-exec"][..],
        &["hunt", "SELECT process_command_line FROM events WHERE process_command_line LIKE '/bin/true hostile-%'"],
    ] {
        let shown = world.run(arguments).stdout;
        let line = shown.split(|byte| *byte == b'\n').find(|line| contains(line, b"forged line")).expect("it is shown");
        assert!(contains(line, b"hostile-"), "one start is one line");
        for control in [0x1b, 0x07, b'\r'] {
            assert!(!shown.contains(&control), "{arguments:?} prints {control:#x}");
        }
        assert!(!contains(&shown, "\u{202e}".as_bytes()), "{arguments:?} prints a turn of the writing direction");
    }
    let long = world.hunt(
        "SELECT process_command_line AS line FROM events WHERE process_command_line LIKE '/bin/true hostile-long%'",
    );
    assert!(long[0]["line"].as_str().unwrap().len() < 200_000, "two megabytes of arguments are cut");
}

fn contains(all: &[u8], part: &[u8]) -> bool {
    all.windows(part.len()).any(|window| window == part)
}

#[test]
fn a_bad_policy_is_refused_and_the_last_good_one_stays_in_force() {
    needs_root!();
    let world = World::start("");
    let file = world.state().join("site.toml");
    fs::write(&file, "version = 1\nname = \"good\"\nmode = \"alert\"\n").unwrap();
    let path = file.to_str().unwrap();
    assert!(world.run(&["policy", "apply", path]).status.success());
    for (bad, said) in [
        ("version = 1\nmode = \"enforc\"\n", "2"),
        ("version = 1\n\n[gate]\ntimeout = 3\n", "4"),
        ("version = 1\nmode = ", "2"),
    ] {
        fs::write(&file, bad).unwrap();
        let refused = world.run(&["policy", "apply", path]);
        assert_eq!(refused.status.code(), Some(2), "{bad}");
        assert!(text(&refused.stderr).contains(&format!("site.toml:{said}")), "{}", text(&refused.stderr));
        assert!(text(&world.run(&["policy", "show"]).stdout).contains("name = \"good\""));
        assert_eq!(world.json(&["status"])["mode"], "alert");
    }
}

#[test]
fn a_hunt_neither_writes_nor_reads_files() {
    needs_root!();
    let world = World::start("");
    let target = world.state().join("stolen");
    for sql in [
        format!("COPY (SELECT 1) TO '{}'", target.display()),
        format!("CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '{}'", target.display()),
        "SELECT * FROM '/etc/passwd'".into(),
        "SELECT * FROM read_csv('/etc/passwd')".into(),
        "DELETE FROM events".into(),
        "SELECT 1; DROP TABLE events".into(),
        "SET datafusion.execution.batch_size = 1".into(),
        "EXPLAIN ANALYZE SELECT * FROM events".into(),
    ] {
        let refused = world.run(&["hunt", &sql]);
        assert_eq!(refused.status.code(), Some(2), "{sql}: {}", text(&refused.stdout));
        assert!(!text(&refused.stderr).contains("DataFusion"), "{}", text(&refused.stderr));
    }
    assert!(!target.exists());
}

/// The lowest tier, on a host where BPF is not to be had: told everywhere, and still watching.
#[test]
fn a_host_without_bpf_is_watched_and_says_what_it_lacks() {
    needs_root!();
    let world = World::start("force_tier = \"observe\"\n");
    let status = world.json(&["status"]);
    assert_eq!(status["tier"], "observe", "{status}");
    assert!(!status["missing_protections"].as_array().unwrap().is_empty());
    world.mark("observed", 0..20);
    Command::new("sh").args(["-c", "sleep 0.2; exec sleep 0.3"]).status().unwrap();
    world.until("a program that lived long enough is stored", |world| {
        !world.hunt("SELECT 1 AS one FROM events WHERE process_name = 'sleep' LIMIT 1").is_empty()
    });
    world.until("the node shows the tier", |world| text(&world.run(&["hosts"]).stdout).contains("observe"));
}
