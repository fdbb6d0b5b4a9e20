//! What the process table costs: nanoseconds of this thread's CPU time an event for known processes and for the life of a short one, and the resident
//! memory before and after a million short processes. `cargo run --release -p enrich --example memory [CAP_MIB]`.

use enrich::{Config, Enricher};
use event::ids::NANOS_PER_TICK;
use event::{Actor, ExecSeen, FileEvent, FileOp, Observation, Observed, Via};

const SHORT: u64 = 1_000_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut config = Config::for_this_host()?;
    if let Some(mib) = std::env::args().nth(1) {
        config.table_bytes = mib.parse::<usize>()? << 20;
    }
    let enricher = Enricher::new(config)?;
    let seeded = enricher.snapshot_proc();
    enricher.settle(std::time::Duration::from_secs(120));
    println!("{seeded} processes in the snapshot; resident {} KiB", resident());
    let start_ns = known(&enricher);
    let began = cpu_ns();
    short_lives(&enricher, start_ns);
    let took = cpu_ns() - began;
    println!("fork, exec, exit of a short process: {} ns", took / SHORT);
    println!("resident after a million: {} KiB", resident());
    let stats = enricher.stats();
    println!("table {} of {} bytes, {} processes", stats.bytes, stats.bytes_cap, stats.processes);
    println!("package index {} paths, {} bytes, {} packages", stats.package_paths, stats.package_bytes, stats.packages);
    println!("{stats:?}");
    Ok(())
}

/// Events of this very process. Gives its start.
fn known(enricher: &Enricher) -> u64 {
    let me = enricher.by_pid(std::process::id()).map_or(0, |p| p.key.start_ticks * NANOS_PER_TICK);
    let credentials = enricher.by_pid(std::process::id()).map(|p| p.user.credentials).unwrap_or_default();
    let actor = Actor { tgid: std::process::id(), start_boottime_ns: me, credentials, ..Actor::default() };
    let file = event::File::at("/tmp/x");
    let began = cpu_ns();
    for i in 0..SHORT {
        let what = Observed::Other(event::EventKind::File(FileEvent { op: FileOp::Create, file: file.clone() }));
        let event =
            enricher.observe(Observation { boottime_ns: me + i, actor: actor.clone(), via: Via::Syscall, what });
        std::hint::black_box(event);
    }
    println!("an event of a known process: {} ns", (cpu_ns() - began) / SHORT);
    me
}

fn short_lives(enricher: &Enricher, start_ns: u64) {
    let shell = Actor { tgid: std::process::id(), start_boottime_ns: start_ns, ..Actor::default() };
    for i in 0..SHORT {
        let (tgid, now) = (2_000_000 + (i % 30_000) as u32, start_ns + i * 1_000_000);
        let child = Actor {
            tgid,
            start_boottime_ns: now,
            parent_tgid: shell.tgid,
            parent_start_boottime_ns: start_ns,
            ..Actor::default()
        };
        let arguments = format!("/usr/bin/true\0--number\0{i}\0").into_bytes();
        let exec = ExecSeen {
            executable: "/usr/bin/true".into(),
            comm: "true".into(),
            arguments_total: arguments.len() as u64,
            arguments,
            ..ExecSeen::default()
        };
        let fork = Observed::Fork { child_tgid: tgid, child_start_boottime_ns: now, namespace_flags: 0 };
        let steps = [(&shell, fork), (&child, Observed::Exec(Box::new(exec))), (&child, Observed::Exit { status: 0 })];
        for (actor, what) in steps {
            std::hint::black_box(enricher.observe(Observation {
                boottime_ns: now,
                actor: actor.clone(),
                via: Via::Syscall,
                what,
            }));
        }
    }
}

fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    line.and_then(|l| l.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// Time this thread has been on a CPU; other work on the machine does not count.
fn cpu_ns() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0)
}
