//! Loads every program of every object and says what the kernel thought of each: what the kernel matrix is tested with.

use crate::loader::{self, Loading};
use crate::tracing_tier::has_twin;
use crate::{Refusal, objects, ring_bytes_for_a_try};

/// `(program, None)` for one that the kernel took. A program for a tracepoint as other kernels have it is left
/// out when its twin was taken.
pub fn try_all() -> Vec<(String, Option<Refusal>)> {
    let mut loading = Loading::new(ring_bytes_for_a_try());
    let mut loaded = Vec::new();
    let mut refused = Vec::new();
    let more = [objects::confine(), objects::confine_lsm(), objects::enforce(), objects::lockdown()];
    for compiled in objects::tracing().into_iter().chain(more) {
        let (object, refusals) = loader::load(compiled, &mut loading);
        refused.extend(refusals);
        loaded.extend(object);
    }
    let taken: Vec<String> = loaded.iter().flat_map(loader::loaded_programs).collect();
    refused.retain(|refusal| !has_twin(&refusal.name, &taken));
    let mut results: Vec<_> = taken.into_iter().map(|name| (name, None)).collect();
    results.extend(refused.into_iter().map(|refusal| (refusal.name.clone(), Some(refusal))));
    results
}
