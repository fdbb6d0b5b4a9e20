//! Short processes stay under the cap, and the living stay known. (A million of them: in the table's own tests, and with
//! resident memory in `examples/memory.rs`.)

use crate::{BOOT, SECOND, actor, at, config, enricher, exec, fork};
use event::{Observed, ProcessKey};

#[test]
fn short_processes_stay_under_the_cap() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = config(dir.path());
    config.table_bytes = 1 << 20;
    let cap = config.table_bytes;
    let enricher = enricher(config);
    let (init, shell) = ((1, 0), (50, 10));
    enricher.observe(at(0, actor(init, (0, 0)), exec("/sbin/init")));
    enricher.observe(at(SECOND, actor(shell, init), exec("/bin/sh")));
    let mut highest = 0;
    for i in 0..150_000u64 {
        let child = (100 + (i % 30_000) as u32, 1000 + i / 10);
        let now = SECOND + i * 1_000_000;
        enricher.observe(at(now, actor(shell, init), fork(child)));
        if i % 16 == 0 {
            enricher.observe(at(now, actor(child, shell), exec("/bin/true")));
        }
        enricher.observe(at(now, actor(child, shell), Observed::Exit { status: 0 }));
        if i % 10_000 == 0 {
            highest = highest.max(enricher.stats().bytes);
        }
    }
    let stats = enricher.stats();
    assert!(highest <= cap && stats.bytes <= cap, "{highest} {stats:?}");
    assert!(stats.evicted_exited > 140_000, "{stats:?}");
    assert_eq!((stats.evicted_living, stats.lineage_cut), (0, 0));
    let last = ProcessKey { boot: BOOT, tgid: 100 + (149_999 % 30_000), start_ticks: 1000 + 14_999 };
    assert_eq!(enricher.lineage(&last).len(), 3);
}

#[test]
fn living_processes_past_the_cap_go_by_rest() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = config(dir.path());
    config.table_bytes = 256 << 10;
    config.proc_reads_per_second = 0;
    let cap = config.table_bytes;
    let enricher = enricher(config);
    let busy = (2, 1);
    for i in 0..5000u64 {
        enricher.observe(at(i * SECOND, actor((100 + i as u32, i), (1, 0)), exec("/bin/sleep")));
        enricher.observe(at(i * SECOND, actor(busy, (1, 0)), exec("/bin/busy")));
    }
    let stats = enricher.stats();
    assert!(stats.bytes <= cap && stats.evicted_living > 4000, "{stats:?}");
    assert!(enricher.process(&ProcessKey { boot: BOOT, tgid: 2, start_ticks: 1 }).is_some());
}
