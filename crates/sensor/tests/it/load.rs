//! A thread of this process that computes, among all that the host does.

use event::{EventKind, Observed};
use sensor::LoadSampler;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

#[test]
fn a_thread_that_computes_is_told_and_one_that_sleeps_is_not() {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut state = 1u64;
            while !stop.load(Ordering::Relaxed) {
                state = std::hint::black_box(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
            }
        });
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        let mut sampler = LoadSampler::new();
        let end = Instant::now() + Duration::from_secs(60);
        let mut told = None;
        while told.is_none() && Instant::now() < end {
            let rest = sampler.round(&[], &mut |seen| match seen.what {
                Observed::Other(EventKind::Load(load)) if seen.actor.tgid == std::process::id() => told = Some(load),
                _ => {}
            });
            std::thread::sleep(rest.unwrap());
        }
        stop.store(true, Ordering::Relaxed);
        let load = told.expect("told within the minute");
        assert_eq!(load.busy_threads, 1, "{load:?}");
        assert!(load.busy_ns >= 5_000_000_000 && load.processors >= 1, "{load:?}");
    });
}
