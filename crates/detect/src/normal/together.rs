//! Odd things of one process tree (of a host that only rows tell of: of one service or session there; of log-ins: of one user)
//! taken together. Each kind counts once, by its least chance; what a person does at a
//! terminal counts half.

use crate::bounded::Bounded;
use event::{ProcessKey, Timestamp};

const MINUTE: i64 = 60_000_000_000;

/// What kind of odd it is. Two ways to say the same (a program that never ran here, started by one that never starts it) are
/// one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Run,
    Talk,
    Write,
    Login,
    Reach,
    Rhythm,
    Spread,
    Volume,
}

impl Kind {
    const fn keeps(self) -> i64 {
        match self {
            // A session lasts.
            Kind::Login | Kind::Rhythm => 12 * 60 * MINUTE,
            _ => 30 * MINUTE,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Odd {
    pub kind: Kind,
    pub chance: f64,
    pub at: Timestamp,
    pub words: String,
    pub half: bool,
}

#[derive(Debug, Default)]
struct Gathered {
    odd: Vec<Odd>,
    told: Option<Timestamp>,
}

/// Whose odd things are taken together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Group {
    Tree(ProcessKey),
    /// A hash of a host and what acts there.
    Place(u64),
    /// A hash of a user, on whatever host.
    User(u64),
}

#[derive(Debug)]
pub(super) struct Together {
    groups: Bounded<Group, Gathered>,
}

#[derive(Clone, Debug)]
pub(super) struct Sum {
    pub odd: Vec<Odd>,
    /// A log-in from where none came led on to where nobody went.
    pub lateral: bool,
}

impl Together {
    pub fn new(most: usize) -> Together {
        Together { groups: Bounded::new(most) }
    }

    /// Some when this one makes it enough; once in twelve hours for a group.
    pub fn add(&mut self, group: Group, odd: Odd, unattended: bool) -> Option<Sum> {
        let now = odd.at;
        let gathered = self.groups.entry(&group, Gathered::default);
        gathered.odd.retain(|old| now.since(old.at) < old.kind.keeps());
        match gathered.odd.iter_mut().find(|old| old.kind == odd.kind) {
            Some(old) if old.chance <= odd.chance => old.at = now,
            Some(old) => *old = odd,
            None => gathered.odd.push(odd),
        }
        if gathered.told.is_some_and(|told| now.since(told) < 12 * 60 * MINUTE) {
            return None;
        }
        let weight = |odd: &Odd| -odd.chance.max(1e-7).log10() * if odd.half { 0.5 } else { 1.0 };
        let strength: f64 = gathered.odd.iter().map(weight).sum();
        let has = |kind| gathered.odd.iter().any(|odd| odd.kind == kind);
        let lateral = has(Kind::Login) && has(Kind::Reach);
        let kinds = gathered.odd.len();
        let enough = lateral || kinds >= 3 && strength >= 8.0 || unattended && kinds >= 2 && strength >= 5.5;
        if !enough {
            return None;
        }
        gathered.told = Some(now);
        let mut odd = gathered.odd.clone();
        odd.sort_by_key(|one| one.at);
        Some(Sum { odd, lateral })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(odd: &[(Kind, f64, i64)], half: bool, unattended: bool, expected: bool) {
        let mut together = Together::new(16);
        let told = odd.iter().filter_map(|(kind, chance, minute)| {
            let odd = Odd { kind: *kind, chance: *chance, at: Timestamp(minute * MINUTE), words: String::new(), half };
            together.add(Group::Tree(ProcessKey::default()), odd, unattended)
        });
        assert_eq!(told.count(), usize::from(expected), "{odd:?}");
    }

    #[test]
    fn several_kinds_within_a_time() {
        use Kind::*;
        check(&[(Run, 1e-5, 0), (Run, 1e-6, 1), (Run, 1e-7, 2)], false, true, false);
        check(&[(Run, 1e-4, 0), (Talk, 1e-3, 1)], false, true, true);
        check(&[(Run, 1e-4, 0), (Talk, 1e-3, 1)], false, false, false);
        check(&[(Run, 1e-4, 0), (Talk, 1e-3, 40)], false, true, false);
        check(&[(Run, 1e-4, 0), (Talk, 1e-3, 1), (Write, 1e-3, 2)], false, false, true);
        check(&[(Run, 1e-4, 0), (Talk, 1e-3, 1), (Write, 1e-3, 2)], true, false, false);
        check(&[(Login, 0.02, 0), (Reach, 0.02, 300)], true, false, true);
    }
}
