//! What the gate has done. Nothing that ran unjudged is left out.

use super::latency::Latency;
use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Default)]
pub struct Counters {
    pub asked: AtomicU64,
    pub allowed: AtomicU64,
    pub denied: AtomicU64,
    pub cached: AtomicU64,
    pub exempt: AtomicU64,
    pub out_of_scope: AtomicU64,
    pub passed: AtomicU64,
    pub opened: AtomicU64,
    pub stalls: AtomicU64,
    pub collapses: AtomicU64,
    pub panicked: AtomicU64,
    pub read_errors: AtomicU64,
    pub kept_wrongly: AtomicU64,
    pub latency: Latency,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct GateStats {
    /// False once the gate had to be given up.
    pub armed: bool,
    /// The second process lives.
    pub warden: bool,
    /// Requests that came from the kernel.
    pub asked: u64,
    /// Judged and let run.
    pub allowed: u64,
    /// Judged and refused.
    pub denied: u64,
    /// Of those allowed, how many the kernel will not ask about again.
    pub cached: u64,
    /// Ourselves, pid 1, package managers and what they started.
    pub exempt: u64,
    pub out_of_scope: u64,
    /// Opens of what is neither code nor read by an interpreter, answered at once.
    pub passed: u64,
    /// Ran unjudged because nobody answered in time, or too many waited.
    pub opened: u64,
    /// Times this process stood still and the warden opened.
    pub stalls: u64,
    /// Times the reader stood still and the group was given up.
    pub collapses: u64,
    pub judge_panics: u64,
    /// The kernel could not hand us a request, and denied it.
    pub read_errors: u64,
    /// Files that changed while they were judged and whose answer could not be taken back.
    pub kept_wrongly: u64,
    pub stuck_judges: u64,
    /// From the request to our answer, in µs; judged ones only.
    pub p50_us: u64,
    pub p99_us: u64,
}

impl Counters {
    pub fn stats(&self) -> GateStats {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        GateStats {
            asked: get(&self.asked),
            allowed: get(&self.allowed),
            denied: get(&self.denied),
            cached: get(&self.cached),
            exempt: get(&self.exempt),
            out_of_scope: get(&self.out_of_scope),
            passed: get(&self.passed),
            opened: get(&self.opened),
            stalls: get(&self.stalls),
            collapses: get(&self.collapses),
            judge_panics: get(&self.panicked),
            read_errors: get(&self.read_errors),
            kept_wrongly: get(&self.kept_wrongly),
            p50_us: self.latency.quantile(0.50),
            p99_us: self.latency.quantile(0.99),
            ..GateStats::default()
        }
    }
}
