//! Who has lost its parent hangs under whatever takes in orphans, and /proc no longer tells what started it. The sensor saw it
//! start. Without this every process of a swarm that detaches itself would be a family of its own.

use super::bounds::{is_above_us, starts_others};
use super::{DEPTH, key};
use crate::proc::ProcessFacts;
use event::ProcessKey;

/// A process that started another, as the sensor saw it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forebear {
    pub key: ProcessKey,
    pub executable: String,
    /// Effective.
    pub uid: u32,
    /// No package owns its program.
    pub loose: bool,
}

/// What started a process, what started that one and so on, nearest first, whether or not they still live. None when the
/// sensor has not told of the process.
pub type Origins = dyn Fn(&ProcessKey) -> Option<Vec<Forebear>> + Send + Sync;

#[derive(Debug, Default)]
pub(super) struct Origin {
    /// Of the same family, nearest first.
    pub kin: Vec<Forebear>,
    pub adrift: bool,
}

/// Older ones are not waited for: the sensor knows them, or never will.
const YOUNG_MS: u64 = 5_000;

/// `last` is the oldest of a family that /proc shows, `end` what /proc shows as its parent, which is none of it.
pub(super) fn of(last: &ProcessFacts, end: Option<&ProcessFacts>, origins: &Origins) -> Origin {
    if last.kernel_thread || !end.is_none_or(takes_in_orphans) {
        return Origin::default();
    }
    let Some(forebears) = origins(&key(last)) else {
        return Origin { adrift: is_young(last.start_ticks, crate::gate::now_ms()), ..Origin::default() };
    };
    let own_child = forebears.first().is_none_or(|first| end.is_some_and(|end| first.key == key(end)));
    if own_child {
        return Origin::default();
    }
    let kin = forebears.into_iter().take_while(|one| !starts_others(&facts(one))).take(DEPTH).collect();
    Origin { kin, adrift: false }
}

/// pid 1, what stands for it in a container, and whoever said that it is one, as service managers of users do.
fn takes_in_orphans(facts: &ProcessFacts) -> bool {
    const REAPERS: [&str; 7] = ["systemd", "tini", "docker-init", "dumb-init", "catatonit", "s6-svscan", "conmon"];
    let name = facts.executable.rsplit('/').next().unwrap_or_default();
    facts.pid == 1 || is_above_us(facts) || REAPERS.contains(&name) || name.starts_with("containerd-shim")
}

/// As /proc tells while it lives, else as far as the sensor knows.
fn facts(forebear: &Forebear) -> ProcessFacts {
    let living = ProcessFacts::read(forebear.key.tgid).filter(|facts| key(facts) == forebear.key && !facts.zombie);
    living.unwrap_or_else(|| ProcessFacts {
        pid: forebear.key.tgid,
        start_ticks: forebear.key.start_ticks,
        executable: forebear.executable.clone(),
        effective_uid: forebear.uid,
        on_host: true,
        ..ProcessFacts::default()
    })
}

/// Both since the start of the machine.
fn is_young(start_ticks: u64, now_ms: u64) -> bool {
    let started_ms = start_ticks * 1_000 / rustix::param::clock_ticks_per_second().max(1);
    now_ms.saturating_sub(started_ms) < YOUNG_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: u32, executable: &str) -> ProcessFacts {
        // Long ended, if it ever was: nothing in /proc has this start.
        ProcessFacts {
            pid,
            start_ticks: 1,
            executable: executable.into(),
            effective_uid: 1_000,
            ..ProcessFacts::default()
        }
    }

    fn forebear(of: &ProcessFacts) -> Forebear {
        Forebear { key: key(of), executable: of.executable.clone(), uid: of.effective_uid, loose: false }
    }

    #[test]
    fn an_orphan_is_kin_of_what_started_it() {
        let one = process(4_000_001, "/t/one-file");
        let (shell, swarm) = (process(4_000_002, "/usr/bin/dash"), process(4_000_003, "/t/swarm"));
        let (login, init) = (process(4_000_004, "/usr/sbin/sshd"), process(1, "/usr/lib/systemd/systemd"));
        let started_by = |line: &[&ProcessFacts]| {
            let line: Vec<Forebear> = line.iter().map(|facts| forebear(facts)).collect();
            move |_: &ProcessKey| Some(line.clone())
        };
        let check = |end: Option<&ProcessFacts>, line: &[&ProcessFacts], expected: &[&str]| {
            let origin = of(&one, end, &started_by(line));
            let kin: Vec<&str> = origin.kin.iter().map(|one| one.executable.as_str()).collect();
            assert_eq!((kin.as_slice(), origin.adrift), (expected, false));
        };
        let detached: &[&ProcessFacts] = &[&shell, &swarm, &login, &init];
        check(Some(&init), detached, &["/usr/bin/dash", "/t/swarm"]);
        check(None, detached, &["/usr/bin/dash", "/t/swarm"]);
        // Whose parent is no orphanage has not lost it.
        check(Some(&login), detached, &[]);
        // A service that the manager itself started.
        check(Some(&init), &[&init], &[]);
        check(Some(&init), &[], &[]);
    }

    #[test]
    fn who_has_just_started_is_waited_for() {
        let init = process(1, "/usr/lib/systemd/systemd");
        let fresh = ProcessFacts { start_ticks: u64::MAX / 1_000, ..process(4_000_001, "/t/one-file") };
        assert!(of(&fresh, Some(&init), &|_| None).adrift);
        assert!(!of(&process(4_000_001, "/t/one-file"), Some(&init), &|_| None).adrift);
        assert!(is_young(100, 1_500) && !is_young(100, 60_000));
    }
}
