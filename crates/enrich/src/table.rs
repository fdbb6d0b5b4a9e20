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
        let slot = Slot { process, open_questions, parent, counted, children: 0, exited_at: None, seen: now, bytes };
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
                self.remove(id, now);
            }
        }
    }

    /// Takes `id` out, and each ancestor that stayed only for its sake.
    fn remove(&mut self, id: Id, now: u64) {
        let mut next = Some(id);
        while let Some(id) = next.take() {
            let Some(slot) = self.slots.remove(&id) else { return };
            self.bytes -= slot.bytes as usize;
            self.exited -= usize::from(slot.exited_at.is_some());
            if self.by_pid.get(&id.tgid) == Some(&id.ticks) {
                self.by_pid.remove(&id.tgid);
            }
            let (true, Some(parent)) = (slot.counted, slot.parent) else { return };
            let Some(above) = self.slots.get_mut(&parent) else { return };
            above.children -= 1;
            let over = above.exited_at.is_some_and(|at| at.saturating_add(self.grace_ns) <= now);
            next = (above.children == 0 && over).then_some(parent);
        }
    }

    /// Brings the table an eighth below its cap, sparing `id`: cheap ones first, then in order of regret.
    fn shrink(&mut self, spared: Id) {
        let target = self.cap - self.cap / 8;
        while self.bytes > target
            && let Some((_, id)) = self.graveyard.pop_front()
        {
            if id != spared && self.slots.get(&id).is_some_and(|s| s.children == 0) {
                self.counts.evicted_exited += 1;
                self.remove(id, u64::MAX);
            }
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
            self.remove(id, u64::MAX);
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
