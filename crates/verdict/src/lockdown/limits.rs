//! What a tier cannot keep of the lock's promises, in words: shown by `tamon status` and before a host is locked, so that
//! nobody believes more than is there.

use event::Tier;
use serde::Serialize;

/// An attack that this tier lets through, or sees too late to refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Limit {
    pub attack: &'static str,
    /// What is done instead, if anything.
    pub why: &'static str,
}

const fn limit(attack: &'static str, why: &'static str) -> Limit {
    Limit { attack, why }
}

const OBSERVE: &[Limit] =
    &[limit("any execution", "nothing is refused before it starts; what is unknown is only told")];
const LATE: &[Limit] = &[
    limit("a program from memory (memfd)", "it starts; it is ended when its start is seen, some milliseconds later"),
    limit(
        "a file system mounted in a mount namespace of the attacker's own",
        "what starts there is ended when its start is seen, unless a watched file system holds it",
    ),
    limit("a kernel module", "judged when it is in; an unknown one is told, not refused, in the gate tier"),
    limit("a gate that was stalled for two seconds", "it stands open; what started meanwhile is judged from its start"),
    limit(
        "a file that root rewrites in place in the instant between the answer and its start",
        "its start is judged again by its identity, and it is ended",
    ),
    limit("ptrace of a trusted process, or a write to its /proc/PID/mem", "told with who did it, not refused"),
    limit(
        "a library outside of [gate] directories",
        "not asked about when it is mapped; below them the loader's opening of it waits (LD_PRELOAD too)",
    ),
    limit(
        "a hard link or a write through a mapping in the first milliseconds",
        "the gate's memory of a file ends when the sensor tells of it",
    ),
];
const KERNEL: &[Limit] = &[
    limit(
        "a library outside of [gate] directories, the first time",
        "it is mapped and judged at once: an unknown one is mapped no more, and who mapped it is ended",
    ),
    limit("code that a process makes in its own memory, by mprotect or a memfd", "[[prevention]] memory refuses it"),
    limit(
        "a gate that was stalled for two seconds",
        "it stands open, unless gate.on_failure is \"closed\": then only what was allowed before runs",
    ),
    limit(
        "a write through a mapping that is older than the answer, on a file system that moves no time for it (tmpfs)",
        "noticed when the mapping ends, some milliseconds later",
    ),
    limit("before the agent starts at boot", "nothing is refused yet; what runs then is judged when it starts"),
];
const ALWAYS: &[Limit] = &[
    limit("code that an interpreter finds by itself (python -m, require, source)", "not asked about when it starts"),
    limit(
        "a script that is exchanged between its check and its reading",
        "refused only where opening is gated as well ([gate] directories)",
    ),
    limit("what a package manager starts while it works", "never asked: a host must be able to change its packages"),
];

/// In a fixed order, the widest first.
pub fn not_kept(tier: Tier) -> Vec<Limit> {
    match tier {
        Tier::Observe => OBSERVE.to_vec(),
        Tier::Gate => [LATE, ALWAYS].concat(),
        Tier::Enforce => [KERNEL, ALWAYS].concat(),
    }
}
