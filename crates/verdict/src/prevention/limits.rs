//! What a tier cannot keep of a profile's promises, in words: shown by `tamon status`, so that nobody believes more than is
//! there.

use super::Doing;
use event::Tier;
use serde::Serialize;

/// A kind of act that this tier sees too late to refuse, or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PreventionLimit {
    pub doing: Doing,
    /// What is done instead, if anything.
    pub why: &'static str,
}

const fn limit(doing: Doing, why: &'static str) -> PreventionLimit {
    PreventionLimit { doing, why }
}

const OBSERVE: &[PreventionLimit] = &[
    limit(Doing::Read, "only reads of the files in [watch] are seen, and told"),
    limit(Doing::Write, "the process is ended after it has opened the file"),
    limit(Doing::Run, "the program is ended after it has started"),
    limit(Doing::Connect, "not seen"),
    limit(Doing::Bind, "not seen"),
    limit(Doing::Sockets, "not seen"),
    limit(Doing::Names, "not seen"),
    limit(Doing::Capabilities, "not seen"),
    limit(Doing::Modules, "not seen"),
    limit(Doing::Ptrace, "not seen"),
    limit(Doing::Mounts, "not seen"),
    limit(Doing::Namespaces, "not seen"),
    limit(Doing::Signals, "not seen"),
    limit(Doing::Memory, "not seen"),
    limit(Doing::Raise, "the program is ended after it has started"),
];
const GATE: &[PreventionLimit] = &[
    limit(Doing::Read, "the kernel ends the process before it can read a byte of what it opened; it gets no error"),
    limit(
        Doing::Write,
        "the kernel ends the process before it can write a byte; a file that it made is there, empty, and one that it \
         emptied by opening it is empty. Names, owners and modes are changed before the process is ended",
    ),
    limit(
        Doing::Run,
        "the kernel ends the process before the first instruction of the program; a script is ended after its interpreter \
         has started",
    ),
    limit(
        Doing::Sockets,
        "the kernel ends the process when it has connected, before it can say anything; a datagram that names its receiver \
         itself is not seen",
    ),
    limit(Doing::Names, "the question is asked; the process is ended after it"),
    limit(
        Doing::Capabilities,
        "the kernel cannot say who uses one: only chroot, bpf, syslog and what capset raises are seen, and the process is \
         ended after it. Whoever needs this kept takes the rights away where the service starts (CapabilityBoundingSet=)",
    ),
    limit(Doing::Modules, "the process is ended after it"),
    limit(Doing::Ptrace, "the process is ended after it"),
    limit(Doing::Mounts, "the process is ended after it"),
    limit(Doing::Namespaces, "the process is ended after it"),
    limit(Doing::Signals, "the signal is sent; the kernel ends the process that sent it"),
    limit(Doing::Memory, "the process is ended after it"),
    limit(Doing::Raise, "the kernel ends the process before the first instruction of the program"),
];
const ENFORCE: &[PreventionLimit] = &[limit(Doing::Names, "the question is asked; the process is ended after it")];

/// In the order of the keys.
pub const fn not_kept(tier: Tier) -> &'static [PreventionLimit] {
    match tier {
        Tier::Observe => OBSERVE,
        Tier::Gate => GATE,
        Tier::Enforce => ENFORCE,
    }
}
