//! Who never waits at the gate: a host must be able to start, to change its packages, and to run its protector.

use crate::proc::ProcessFacts;
use verdict::Protected;

/// Generations looked back for a package manager (its scripts run under a shell or two) or for ourselves.
const DEPTH: usize = 8;

pub fn never_waits(pid: u32, own_tree: bool) -> bool {
    let own = std::process::id();
    if pid == own {
        return true;
    }
    let mut at = pid;
    for _ in 0..DEPTH {
        if at <= 1 {
            return at == pid;
        }
        if own_tree && at == own {
            return true;
        }
        let Some(facts) = ProcessFacts::read(at) else { return false };
        match facts.protected(&[]) {
            // The process itself is one of ours, but this test is asked to see it as a stranger's.
            Some(Protected::Tamon) if !own_tree => return false,
            Some(Protected::PackageManager | Protected::Tamon) => return true,
            Some(Protected::KernelThread) if at == pid => return true,
            _ => at = facts.parent_pid,
        }
    }
    false
}
