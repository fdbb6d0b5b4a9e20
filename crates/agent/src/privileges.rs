//! What the agent keeps of root's capabilities, one by one and why; all others go at start, for good.

use anyhow::{Context as _, Result};
use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, remove_capability_from_bounding_set, set_capabilities,
};

const KEPT: &[(CapabilitySet, &str)] = &[
    (CapabilitySet::SYS_ADMIN, "fanotify, mount namespaces of containers, BPF on kernels that still ask for it"),
    (CapabilitySet::BPF, "loading the sensor"),
    (CapabilitySet::PERFMON, "tracing programs"),
    (CapabilitySet::SYS_RESOURCE, "memory lock limits of older kernels"),
    (CapabilitySet::NET_ADMIN, "proc connector, cgroup network programs"),
    (CapabilitySet::SYS_PTRACE, "/proc/PID of other users"),
    (CapabilitySet::DAC_READ_SEARCH, "reading any file to judge it"),
    (CapabilitySet::DAC_OVERRIDE, "taking a file out of a folder that is not ours, and putting it back"),
    (CapabilitySet::FOWNER, "owner's rights on restore"),
    (CapabilitySet::CHOWN, "owner on restore"),
    (CapabilitySet::FSETID, "set-uid bits on restore"),
    (CapabilitySet::SETFCAP, "file capabilities on restore"),
    (CapabilitySet::MAC_ADMIN, "security attributes on restore"),
    (CapabilitySet::KILL, "ending a process tree"),
    (CapabilitySet::SETUID, "the scan worker's own user"),
    (CapabilitySet::SETGID, "the scan worker's own group"),
    (CapabilitySet::SETPCAP, "the scan worker drops all it has"),
    (CapabilitySet::SYS_NICE, "a scan worker that stood back too long comes forward"),
    (CapabilitySet::SYS_CHROOT, "the scan worker's empty root"),
];

/// Called before any thread is made, since capabilities are a thread's own.
pub fn drop_unused() -> Result<()> {
    let have = capabilities(None).context("cannot read this process' capabilities")?;
    let wanted = KEPT.iter().fold(CapabilitySet::empty(), |all, (one, _)| all | *one);
    let kept = have.permitted & wanted;
    let bounding = CapabilitySet::all() - wanted;
    // Leaving the bounding set needs CAP_SETPCAP; without it there is nothing to lose.
    if have.effective.contains(CapabilitySet::SETPCAP) {
        for one in bounding.iter() {
            match remove_capability_from_bounding_set(one) {
                // A capability that this kernel does not know.
                Ok(()) | Err(rustix::io::Errno::INVAL) => {}
                Err(error) => return Err(error).context("cannot drop a capability"),
            }
        }
    }
    set_capabilities(None, CapabilitySets { effective: kept, permitted: kept, inheritable: CapabilitySet::empty() })
        .context("cannot drop capabilities")
}
