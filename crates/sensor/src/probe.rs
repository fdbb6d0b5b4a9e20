//! Chooses the tier by loading and attaching programs, never by reading what the kernel claims to have.

use crate::loader::{self, SharedMaps};
use crate::refusal::Refusal;
use crate::{objects, ring_bytes_for_a_try};
use event::Tier;
use libbpf_rs::Object;

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
    loader::quiet();
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
    let (object, refused) = loader::load(objects::probe(), ring_bytes_for_a_try(), &mut SharedMaps::default());
    let refused_why = |name: &str| {
        let found = refused.iter().find(|r| r.name == name).or(refused.first());
        found.map_or_else(|| "it could not be attached".to_owned(), |r| r.reason.clone())
    };
    let attaches = |name| object.as_ref().is_some_and(|object| attaches(object, name));
    if !attaches("probe_tracing") {
        let why = refused_why("probe_tracing");
        return (Tier::Observe, format!("the kernel takes no BPF tracing program: {why}"), refused);
    }
    if !attaches("probe_lsm") {
        let why = refused_why("probe_lsm");
        return (Tier::Gate, format!("the kernel takes BPF tracing programs but no BPF LSM program: {why}"), refused);
    }
    (Tier::Enforce, "the kernel took and attached a BPF LSM program".to_owned(), refused)
}

/// An LSM program may load and still not attach: `bpf` is then missing in the kernel's lsm= list.
fn attaches(object: &Object, name: &str) -> bool {
    object.progs_mut().filter(|p| p.name() == name && loader::is_loaded(p)).any(|program| match name {
        "probe_lsm" => program.attach_lsm().is_ok(),
        _ => program.attach_trace().is_ok(),
    })
}
