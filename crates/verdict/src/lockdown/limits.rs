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
    limit("a kernel module", "loading is told, not refused; [guard] modules refuses it in the enforce tier"),
    limit("a gate that was stalled for two seconds", "it stands open; what started meanwhile is judged from its start"),
];
const ALWAYS: &[Limit] = &[
    limit(
        "a file that root rewrites in place in the instant between the answer and its start",
        "its start is judged again by its identity, and it is ended",
    ),
    limit("ptrace of a trusted process, or a write to its /proc/PID/mem", "told with who did it, not refused"),
    limit("code that an interpreter finds by itself (python -m, require, source)", "not asked about when it starts"),
    limit(
        "a script that is exchanged between its check and its reading",
        "refused only where opening is gated as well ([gate] directories)",
    ),
    limit(
        "a library outside of [gate] directories",
        "not asked about when it is mapped; below them the loader's opening of it waits (LD_PRELOAD too)",
    ),
    limit(
        "a hard link or a write through a mapping in the first milliseconds",
        "the gate's memory of a file ends when the sensor tells of it",
    ),
    limit("what a package manager starts while it works", "never asked: a host must be able to change its packages"),
];

/// In a fixed order, the widest first. The enforce tier refuses by a list of what was judged; what is asked, and when, is the
/// same as in the gate tier.
pub fn not_kept(tier: Tier) -> Vec<Limit> {
    match tier {
        Tier::Observe => OBSERVE.to_vec(),
        Tier::Gate | Tier::Enforce => [LATE, ALWAYS].concat(),
    }
}
