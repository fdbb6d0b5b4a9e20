//! The processes: who runs, who ran, who came from whom.
//!
//! An exited process stays for a grace time, and after it for as long as the table holds a descendant. All under a cap of
//! bytes: past it the exited go first (childless before parents), then the living that were quiet longest; each is counted.
//! Time is the boot clock of the observations, so a replay behaves as the event did.

use event::{Process, ProcessKey};
use std::collections::{HashMap, VecDeque};
use std::mem::size_of;
use std::sync::Arc;

/// tgid and start in ticks: a [`ProcessKey`] of this boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Id {
    pub tgid: u32,
    pub ticks: u64,
}

impl From<&ProcessKey> for Id {
    fn from(key: &ProcessKey) -> Id {
        Id { tgid: key.tgid, ticks: key.start_ticks }
    }
}

#[derive(Debug)]
pub(crate) struct Slot {
    pub process: Arc<Process>,
    /// Facts about its file or container are still to come.
    pub open_questions: bool,
    parent: Option<Id>,
    /// The parent's `children` counts this one.
    counted: bool,
    children: u32,
    exited_at: Option<u64>,
    seen: u64,
    bytes: u32,
}

#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Counts {
    pub evicted_exited: u64,
    pub evicted_living: u64,
    pub lineage_cut: u64,
    pub pid_reused: u64,
}

#[derive(Debug)]
pub(crate) struct Table {
    slots: HashMap<Id, Slot>,
    by_pid: HashMap<u32, u64>,
    /// Children still held of parents that were thrown out, should one come back.
    orphans: HashMap<Id, u32>,
    /// Exited, in the order they did.
    graveyard: VecDeque<(u64, Id)>,
    exited: usize,
    bytes: usize,
    cap: usize,
    grace_ns: u64,
    pub counts: Counts,
}

/// What a slot costs in the maps beside its process.
const OVERHEAD: usize = size_of::<(Id, Slot)>() * 8 / 7 + size_of::<(u32, u64)>() * 8 / 7 + 2 * size_of::<usize>() + 32;

impl Table {
    pub(crate) fn new(cap: usize, grace_ns: u64) -> Self {
        Table {
            slots: HashMap::new(),
            by_pid: HashMap::new(),
            orphans: HashMap::new(),
            graveyard: VecDeque::new(),
            exited: 0,
            bytes: 0,
            cap,
            grace_ns,
            counts: Counts::default(),
        }
    }

    pub(crate) fn get(&self, id: Id) -> Option<&Slot> {
        self.slots.get(&id)
    }

    pub(crate) fn process(&self, id: Id) -> Option<&Arc<Process>> {
        self.slots.get(&id).map(|slot| &slot.process)
    }

    pub(crate) fn touch(&mut self, id: Id, now: u64) -> Option<&mut Slot> {
        let slot = self.slots.get_mut(&id)?;
        slot.seen = slot.seen.max(now);
        Some(slot)
    }

    /// Who holds the pid now, as far as is known.
    pub(crate) fn holder(&self, tgid: u32) -> Option<Id> {
        self.by_pid.get(&tgid).map(|ticks| Id { tgid, ticks: *ticks })
    }

    pub(crate) fn has_exited(&self, id: Id) -> bool {
        self.slots.get(&id).is_some_and(|slot| slot.exited_at.is_some())
    }

    /// Puts a process in, or a new image of one that is there.
    pub(crate) fn put(&mut self, process: Arc<Process>, open_questions: bool, now: u64) {
        let id = Id::from(&process.key);
        let bytes = cost(&process);
        if let Some(slot) = self.slots.get_mut(&id) {
            self.bytes = self.bytes - slot.bytes as usize + bytes as usize;
            (slot.process, slot.open_questions, slot.bytes) = (process, open_questions, bytes);
            slot.seen = slot.seen.max(now);
        } else {
            self.insert(id, process, open_questions, now, bytes);
        }
        if self.bytes > self.cap {
            self.shrink(id);
        }
    }

    fn insert(&mut self, id: Id, process: Arc<Process>, open_questions: bool, now: u64, bytes: u32) {
        self.hold_pid(id, now);
        let parent = process.parent.as_ref().map(Id::from).filter(|p| *p != id);
        let counted = match parent.and_then(|p| self.slots.get_mut(&p)) {
            Some(slot) => {
                slot.children += 1;
                true
            }
            None => false,
        };
        let children = self.orphans.remove(&id).unwrap_or(0);
        let slot = Slot { process, open_questions, parent, counted, children, exited_at: None, seen: now, bytes };
        self.slots.insert(id, slot);
        self.bytes += bytes as usize;
    }

    /// The pid is this process's from now on; a holder that started before must have ended unseen.
    fn hold_pid(&mut self, id: Id, now: u64) {
        match self.by_pid.get(&id.tgid) {
            Some(ticks) if *ticks > id.ticks => return,
            Some(ticks) if *ticks < id.ticks => {
                let before = Id { tgid: id.tgid, ticks: *ticks };
                if self.slots.get(&before).is_some_and(|s| s.exited_at.is_none()) {
                    self.counts.pid_reused += 1;
                    self.exit(before, now);
                }
            }
            _ => {}
        }
        self.by_pid.insert(id.tgid, id.ticks);
    }

    pub(crate) fn exit(&mut self, id: Id, now: u64) {
        if let Some(slot) = self.slots.get_mut(&id)
            && slot.exited_at.is_none()
        {
            slot.exited_at = Some(now);
            self.exited += 1;
            self.graveyard.push_back((now, id));
        }
    }

    /// Forgets the exited whose grace is over and who left nobody.
    pub(crate) fn expire(&mut self, now: u64) {
        while let Some((at, id)) = self.graveyard.front().copied()
            && at.saturating_add(self.grace_ns) <= now
        {
            self.graveyard.pop_front();
            if self.slots.get(&id).is_some_and(|s| s.children == 0) {
                self.remove(id, now, None);
            }
        }
    }

    /// Takes `id` out, and each ancestor that stayed only for its sake, up to the one that is spared.
    fn remove(&mut self, id: Id, now: u64, spared: Option<Id>) {
        let mut next = Some(id);
        while let Some(id) = next.take() {
            let Some(slot) = self.slots.remove(&id) else { return };
            self.bytes -= slot.bytes as usize;
            self.exited -= usize::from(slot.exited_at.is_some());
            if self.by_pid.get(&id.tgid) == Some(&id.ticks) {
                self.by_pid.remove(&id.tgid);
            }
            if slot.children > 0 {
                self.orphans.insert(id, slot.children);
            }
            let (true, Some(parent)) = (slot.counted, slot.parent) else { return };
            let Some(above) = self.slots.get_mut(&parent) else { return self.forget_orphan(parent) };
            above.children -= 1;
            let over = above.exited_at.is_some_and(|at| at.saturating_add(self.grace_ns) <= now);
            next = (above.children == 0 && over && spared != Some(parent)).then_some(parent);
        }
    }

    fn forget_orphan(&mut self, parent: Id) {
        if let Some(left) = self.orphans.get_mut(&parent) {
            *left -= 1;
            if *left == 0 {
                self.orphans.remove(&parent);
            }
        }
    }

    /// Brings the table an eighth below its cap, sparing `id`: cheap ones first, then in order of regret.
    fn shrink(&mut self, spared: Id) {
        let target = self.cap - self.cap / 8;
        let mut kept = None;
        while self.bytes > target
            && let Some((at, id)) = self.graveyard.pop_front()
        {
            if id == spared {
                kept = Some((at, id));
            } else if self.slots.get(&id).is_some_and(|s| s.children == 0) {
                self.counts.evicted_exited += 1;
                self.remove(id, u64::MAX, Some(spared));
            }
        }
        // It exited first of all that are left, so it goes back to the front.
        if let Some(entry) = kept {
            self.graveyard.push_front(entry);
        }
        if self.bytes > target {
            self.shrink_hard(spared, target);
        }
    }

    fn shrink_hard(&mut self, spared: Id, target: usize) {
        let rank = |slot: &Slot| (slot.exited_at.is_none(), slot.children > 0, slot.seen);
        let mut order: Vec<_> = self.slots.iter().map(|(id, slot)| (rank(slot), *id)).collect();
        order.sort_unstable();
        for (_, id) in order.into_iter().filter(|(_, id)| *id != spared && id.tgid != 1) {
            if self.bytes <= target {
                return;
            }
            let Some(slot) = self.slots.get(&id) else { continue };
            self.counts.lineage_cut += u64::from(slot.children > 0);
            match slot.exited_at {
                Some(_) => self.counts.evicted_exited += 1,
                None => self.counts.evicted_living += 1,
            }
            self.remove(id, u64::MAX, Some(spared));
        }
    }

    /// `id` first, then its ancestors as far as they are known.
    pub(crate) fn ancestry(&self, id: Id) -> Vec<Id> {
        const DEEPEST: usize = 128;
        let step = |id: &Id| self.slots.get(id)?.parent.filter(|p| self.slots.contains_key(p));
        let first = self.slots.contains_key(&id).then_some(id);
        std::iter::successors(first, step).take(DEEPEST).collect()
    }

    pub(crate) fn living(&self) -> impl Iterator<Item = Id> + '_ {
        self.slots.iter().filter(|(_, slot)| slot.exited_at.is_none()).map(|(id, _)| *id)
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn exited(&self) -> usize {
        self.exited
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

/// Texts that are shared through the interner are not counted.
fn cost(process: &Process) -> u32 {
    let own = process.command_line.len() + size_of::<Process>() + 4 * size_of::<usize>();
    (own + OVERHEAD).min(u32::MAX as usize) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Step {
        Put(Id, Option<Id>, usize),
        Exit(Id),
        Wait(u64),
    }

    fn id() -> impl Strategy<Value = Id> {
        (1..12u32, 0..6u64).prop_map(|(tgid, ticks)| Id { tgid, ticks })
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => (id(), prop::option::of(id()), 0..3000usize).prop_map(|(id, parent, len)| Step::Put(id, parent, len)),
            3 => id().prop_map(Step::Exit),
            2 => (0..40u64).prop_map(Step::Wait),
        ]
    }

    fn key(id: Id) -> ProcessKey {
        ProcessKey { boot: event::BootId(1), tgid: id.tgid, start_ticks: id.ticks }
    }

    fn consistent(table: &Table) {
        assert_eq!(table.bytes, table.slots.values().map(|s| s.bytes as usize).sum::<usize>());
        assert!(table.bytes <= table.cap);
        assert_eq!(table.exited, table.slots.values().filter(|s| s.exited_at.is_some()).count());
        for (id, slot) in &table.slots {
            let children = table.slots.values().filter(|s| s.counted && s.parent == Some(*id)).count();
            assert_eq!(slot.children as usize, children, "{id:?}");
            assert!(table.ancestry(*id).len() <= 128);
        }
        let orphans: u32 = table.orphans.values().sum();
        assert!(orphans as usize <= table.slots.len());
        for (tgid, ticks) in &table.by_pid {
            assert!(table.slots.contains_key(&Id { tgid: *tgid, ticks: *ticks }));
        }
    }

    #[test]
    fn a_million_short_processes_stay_under_the_cap() {
        let mut table = Table::new(1 << 20, 60_000_000_000);
        let shell = Id { tgid: 1, ticks: 0 };
        table.put(Arc::new(Process { key: key(shell), ..Process::default() }), false, 0);
        for i in 0..1_000_000u64 {
            let id = Id { tgid: 100 + (i % 30_000) as u32, ticks: 1 + i / 10 };
            let process = Process { key: key(id), parent: Some(key(shell)), ..Process::default() };
            table.put(Arc::new(process), false, i);
            table.exit(id, i);
            assert!(table.bytes <= table.cap);
        }
        assert_eq!((table.counts.evicted_living, table.counts.lineage_cut), (0, 0));
        assert!(table.counts.evicted_exited > 990_000 && table.get(shell).is_some());
        consistent(&table);
    }

    proptest! {
        #[test]
        fn stays_consistent_and_under_its_cap(steps in prop::collection::vec(step(), 1..120)) {
            let (mut table, mut now) = (Table::new(24 << 10, 30), 0);
            for step in steps {
                match step {
                    Step::Put(id, parent, len) => {
                        let command_line = "x".repeat(len).into();
                        let process = Process { key: key(id), parent: parent.map(key), command_line, ..Process::default() };
                        table.put(Arc::new(process), false, now);
                        prop_assert!(table.get(id).is_some());
                    }
                    Step::Exit(id) => table.exit(id, now),
                    Step::Wait(ns) => {
                        now += ns;
                        table.expire(now);
                    }
                }
                consistent(&table);
            }
        }
    }
}
