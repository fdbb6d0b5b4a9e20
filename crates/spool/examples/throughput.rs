//! Appends records of 300 bytes for a second under each fsync policy, in batches of 500 with a sync each, then reads them back:
//! records a second, printed as a table. `cargo run --release -p spool --example throughput [DIR]`.

use spool::{Fsync, Priority, Spool, SpoolConfig};
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let base = std::env::args().nth(1).map_or_else(std::env::temp_dir, Into::into);
    let policies = [
        ("always", Fsync::Always),
        ("interval 200 ms", Fsync::Interval(Duration::from_millis(200))),
        ("never", Fsync::Never),
    ];
    println!("{:<16} {:>12} {:>12} {:>8}", "fsync", "appends/s", "reads/s", "fsyncs");
    for (name, fsync) in policies {
        let dir = base.join(format!("spool-throughput-{}", std::process::id()));
        let measured = measure(&dir, fsync);
        std::fs::remove_dir_all(&dir)?;
        let (appends, reads, fsyncs) = measured?;
        println!("{name:<16} {appends:>12.0} {reads:>12.0} {fsyncs:>8}");
    }
    Ok(())
}

fn measure(dir: &std::path::Path, fsync: Fsync) -> Result<(f64, f64, u64), Box<dyn std::error::Error>> {
    let spool = Spool::open(dir, SpoolConfig { fsync, ..SpoolConfig::default() })?;
    let (payload, began, mut given) = ([0x42; 300], Instant::now(), 0u64);
    while began.elapsed() < Duration::from_secs(1) {
        for _ in 0..500 {
            spool.append(Priority::Low, &payload)?;
        }
        spool.sync()?;
        given += 500;
    }
    let appends = given as f64 / began.elapsed().as_secs_f64();
    let (began, mut read, mut from) = (Instant::now(), 0u64, 1);
    loop {
        let batch = spool.read_from(from, 1 << 20)?;
        let Some(last) = batch.last() else { break };
        read += batch.len() as u64;
        from = last.seq + 1;
        spool.ack(last.seq)?;
    }
    Ok((appends, read as f64 / began.elapsed().as_secs_f64(), spool.stats().fsyncs))
}
