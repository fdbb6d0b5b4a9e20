//! Chooses the tier by loading and attaching programs, never by reading what the kernel claims to have.

use crate::loader::{self, Loading};
use crate::refusal::Refusal;
use crate::{objects, ring_bytes_for_a_try};
use event::Tier;

#[derive(Clone, Debug)]
pub struct Probe {
    pub tier: Tier,
    /// Why it is not a higher one, in words; for the highest, what was tried.
    pub reason: String,
    /// `uname -r`.
    pub kernel: String,
    /// The kernel carries its own BTF.
    pub btf: bool,
    pub refused: Vec<Refusal>,
}

/// Loads one LSM program and one tracing program and sees what the kernel says. `force` lowers the tier for tests; it
/// cannot raise it.
pub fn probe(force: Option<Tier>) -> Probe {
    let (able, reason, refused) = try_tiers();
    let (tier, reason) = match force {
        Some(forced) if forced < able => (forced, format!("asked for; the host could have {}", able.name())),
        Some(forced) if forced > able => (able, format!("{} was asked for, but {reason}", forced.name())),
        _ => (able, reason),
    };
    Probe {
        tier,
        reason,
        kernel: rustix::system::uname().release().to_string_lossy().into_owned(),
        btf: std::path::Path::new("/sys/kernel/btf/vmlinux").exists(),
        refused,
    }
}

fn try_tiers() -> (Tier, String, Vec<Refusal>) {
    let mut loading = Loading::new(ring_bytes_for_a_try());
    if let Err(refusal) = try_one(objects::probe(), &mut loading) {
        let reason = format!("the kernel takes no BPF tracing program: {}", refusal.reason);
        return (Tier::Observe, reason, vec![refusal]);
    }
    if let Err(refusal) = try_one(objects::probe_lsm(), &mut loading) {
        let reason = format!("the kernel takes BPF tracing programs but no BPF LSM program: {}", refusal.reason);
        return (Tier::Gate, reason, vec![refusal]);
    }
    (Tier::Enforce, "the kernel took and attached a BPF LSM program".to_owned(), Vec::new())
}

/// Loads and attaches the only program of an object. An LSM program may load and still not attach: `bpf` is then missing in
/// the kernel's lsm= list.
fn try_one(compiled: objects::Object, loading: &mut Loading) -> Result<(), Refusal> {
    let (object, refused) = loader::load(compiled, loading);
    let missing = || Refusal { name: compiled.name.to_owned(), errno: 0, reason: "it holds no program".to_owned() };
    let Some(object) = object else { return Err(refused.into_iter().next().unwrap_or_else(missing)) };
    let program = object.progs_mut().next().ok_or_else(missing)?;
    program.attach().map(drop).map_err(|error| loader::refusal(&program.name().to_string_lossy(), &error))
}
