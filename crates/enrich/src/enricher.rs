//! The public face: one observation in, one event out.

use crate::cgroup::{self, ContainerId, Place};
use crate::facts::{Facts, FileQuestion};
use crate::intern::Interner;
use crate::rate::{Tokens, WaitBudget};
use crate::table::{Id, Table};
use crate::users::Users;
use crate::{Config, Stats, image, proc};
use event::ids::NANOS_PER_TICK;
use event::{
    Actor, Event, EventKind, Exec, ExecSeen, Exit, Fork, Lineage, Observation, Observed, PrivilegeChange, Process,
    ProcessAccess, ProcessKey, ProcessSnapshot, Timestamp,
};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::IpAddr;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// See the crate's own page.
#[derive(Debug)]
pub struct Enricher {
    inner: Mutex<Inner>,
    facts: Arc<Facts>,
}

/// What an exec event waits for.
struct Due {
    id: Id,
    file: Option<FileQuestion>,
    container: Option<String>,
    most: Duration,
}

#[derive(Debug)]
struct Inner {
    config: Config,
    table: Table,
    interner: Interner,
    users: Users,
    places: HashMap<u64, Arc<Place>>,
    facts: Arc<Facts>,
    proc_reads: Tokens,
    waits: WaitBudget,
    counts: Stats,
}

const PLACES: usize = 4096;
/// Ancestors repaired for one unknown process.
const REPAIR_DEPTH: usize = 16;

impl Enricher {
    /// Starts the background thread, which reads the package database first.
    pub fn new(config: Config) -> std::io::Result<Enricher> {
        let facts = Arc::new(Facts::start(&config)?);
        let inner = Inner {
            table: Table::new(config.table_bytes, config.grace.as_nanos() as u64),
            interner: Interner::default(),
            users: Users::new(config.root.join("etc/passwd")),
            places: HashMap::new(),
            facts: facts.clone(),
            proc_reads: Tokens::new(f64::from(config.proc_reads_per_second), f64::from(config.proc_reads_per_second)),
            waits: WaitBudget::new(config.first_sight_wait, config.wait_percent),
            counts: Stats::default(),
            config,
        };
        Ok(Enricher { inner: Mutex::new(inner), facts })
    }

    /// A process that runs already, as the sensor's iterator shows it. Parents may come after their children.
    pub fn seed(&self, actor: &Actor, exec: &ExecSeen) {
        self.inner.lock().seed(actor, exec);
    }

    /// Every process that /proc shows and the table lacks. Returns how many.
    pub fn snapshot_proc(&self) -> usize {
        self.inner.lock().snapshot()
    }

    /// Who did it, of which program, from where. Call it in the order of the sensor.
    pub fn observe(&self, observation: Observation) -> Event {
        let mut inner = self.inner.lock();
        let mut event = inner.observe(observation);
        if let Some(due) = inner.first_sight(&event) {
            // Others may look into the table meanwhile: an exec gate must not wait for a digest.
            drop(inner);
            let began = Instant::now();
            let answered = self.facts.wait(due.file.as_ref(), due.container.as_deref(), due.most);
            event.process = self.inner.lock().after_wait(due.id, began.elapsed(), answered).or(event.process);
        }
        event
    }

    /// The process first, then its ancestors to the oldest known; empty when the process is unknown.
    pub fn lineage(&self, key: &ProcessKey) -> Lineage {
        self.processes(key).iter().map(|p| ProcessSnapshot::from(&**p)).collect()
    }

    /// As [`Enricher::lineage`], as the table holds them.
    pub fn processes(&self, key: &ProcessKey) -> Vec<Arc<Process>> {
        let mut inner = self.inner.lock();
        let ids = inner.table.ancestry(Id::from(key));
        ids.into_iter().filter_map(|id| inner.current(id)).collect()
    }

    pub fn process(&self, key: &ProcessKey) -> Option<Arc<Process>> {
        self.inner.lock().current(Id::from(key))
    }

    /// The process that holds this pid now, as far as the table knows.
    pub fn by_pid(&self, tgid: u32) -> Option<Arc<Process>> {
        let mut inner = self.inner.lock();
        let id = inner.table.holder(tgid)?;
        inner.current(id)
    }

    /// The log-in that `key` serves came from `from`: it and all below it, now and later, bear that address.
    pub fn came_from(&self, key: &ProcessKey, from: IpAddr) {
        self.inner.lock().came_from(key, from);
    }

    /// All processes that have not exited, for a list on a page.
    pub fn living(&self) -> Vec<Arc<Process>> {
        let inner = self.inner.lock();
        inner.table.living().filter_map(|id| inner.table.process(id).cloned()).collect()
    }

    /// Waits until the package index stands and everything asked so far is answered: at start, so that first events lack
    /// nothing. False when time ran out.
    pub fn settle(&self, most: Duration) -> bool {
        self.facts.settle(most)
    }

    pub fn stats(&self) -> Stats {
        let inner = self.inner.lock();
        let (table, counts) = (&inner.table, inner.table.counts);
        let mut stats = Stats {
            processes: table.len(),
            exited_held: table.exited(),
            bytes: table.bytes(),
            bytes_cap: inner.config.table_bytes,
            evicted_exited: counts.evicted_exited,
            evicted_living: counts.evicted_living,
            lineage_cut: counts.lineage_cut,
            pid_reused: counts.pid_reused,
            ..inner.counts.clone()
        };
        self.facts.count(&mut stats);
        stats
    }
}

impl Inner {
    fn observe(&mut self, observation: Observation) -> Event {
        let Observation { boottime_ns: now, mut actor, via, what } = observation;
        self.counts.observed += 1;
        self.table.expire(now);
        let (process, kind) = match what {
            Observed::Other(EventKind::SensorLoss(loss)) => (None, EventKind::SensorLoss(loss)),
            Observed::Exec(mut exec) => {
                self.complete_exec(&mut actor, &mut exec);
                let (process, kind) = self.exec(&actor, &exec, now);
                (Some(process), kind)
            }
            Observed::Fork { child_tgid, child_start_boottime_ns, namespace_flags } => {
                let parent = self.resolve(&mut actor, now);
                let child = self.fork(&parent, child_tgid, child_start_boottime_ns, now);
                (Some(parent), EventKind::Fork(Fork { child, namespace_flags }))
            }
            Observed::Exit { status } => {
                let process = self.resolve(&mut actor, now);
                self.table.exit(Id::from(&process.key), now);
                (Some(process), EventKind::Exit(exit_of(status)))
            }
            Observed::Other(kind) => {
                let process = self.resolve(&mut actor, now);
                let (process, kind) = self.other(process, kind, now);
                (Some(process), kind)
            }
        };
        let parent = process.as_ref().and_then(|p| self.current(Id::from(p.parent.as_ref()?)));
        Event { sequence: 0, time: self.wall(now), via, process, parent, kind }
    }

    fn wall(&self, boottime_ns: u64) -> Timestamp {
        Timestamp(boottime_ns as i64).plus_nanos(self.config.boot_to_wall_ns)
    }

    fn key(&self, tgid: u32, start_boottime_ns: u64) -> ProcessKey {
        ProcessKey::from_boottime(self.config.boot, tgid, start_boottime_ns)
    }

    /// The observe tier knows pids only: the start is taken from the table's holder if it lives, else from /proc.
    fn complete(&mut self, actor: &mut Actor) {
        if actor.start_boottime_ns == 0 && actor.tgid != 0 {
            actor.start_boottime_ns = self.start_of(actor.tgid);
        }
        if actor.parent_start_boottime_ns == 0 && actor.parent_tgid != 0 {
            actor.parent_start_boottime_ns = self.start_of(actor.parent_tgid);
        }
    }

    /// An exec seen by pid only: /proc tells the rest, and the program too when the tier did not.
    fn complete_exec(&mut self, actor: &mut Actor, exec: &mut ExecSeen) {
        if actor.start_boottime_ns == 0
            && self.proc_reads.take_one()
            && let Ok((seen_actor, seen)) = proc::read(&self.config.proc, actor.tgid)
        {
            *actor = Actor { cgroup_id: actor.cgroup_id, ..seen_actor };
            if exec.executable.is_empty() {
                *exec = seen;
            }
        }
        self.complete(actor);
    }

    fn start_of(&mut self, tgid: u32) -> u64 {
        match self.table.holder(tgid).filter(|id| !self.table.has_exited(*id)) {
            Some(id) => id.ticks * NANOS_PER_TICK,
            None => self.start_now(tgid),
        }
    }

    /// As /proc has it, and only without it as the table does: a new child's pid may be an old process's.
    fn start_now(&mut self, tgid: u32) -> u64 {
        let stat = self.proc_reads.take_one().then(|| proc::stat(&self.config.proc, tgid).ok()).flatten();
        let ticks = stat.map(|s| s.start_ticks).or_else(|| self.table.holder(tgid).map(|id| id.ticks));
        ticks.unwrap_or(0) * NANOS_PER_TICK
    }

    /// The actor as it is now, with the credentials that the observation bears.
    fn resolve(&mut self, actor: &mut Actor, now: u64) -> Arc<Process> {
        let told = actor.start_boottime_ns != 0;
        self.complete(actor);
        let id = Id { tgid: actor.tgid, ticks: actor.start_boottime_ns / NANOS_PER_TICK };
        if self.table.touch(id, now).is_none() {
            self.repair(actor, now);
        }
        let Some(process) = self.current(id) else { return self.bare(actor) };
        // A tier that cannot tell the start cannot tell the credentials: zeros are not root.
        if !told || process.user.credentials == actor.credentials {
            return process;
        }
        let user = image::user(&mut self.users, actor.credentials);
        self.replace(Process { user, ..(*process).clone() }, now)
    }

    fn came_from(&mut self, key: &ProcessKey, from: IpAddr) {
        let serves = Id::from(key);
        let living: Vec<Id> = self.table.living().filter(|id| self.table.ancestry(*id).contains(&serves)).collect();
        for id in living {
            if let Some(process) = self.table.process(id).filter(|process| process.login_from.is_none()).cloned() {
                self.replace(Process { login_from: Some(from), ..(*process).clone() }, 0);
            }
        }
    }

    fn replace(&mut self, process: Process, now: u64) -> Arc<Process> {
        let open = self.table.get(Id::from(&process.key)).is_some_and(|slot| slot.open_questions);
        let process = Arc::new(process);
        self.table.put(process.clone(), open, now);
        process
    }

    /// The process with answers that came since. Cheap when none are open.
    fn current(&mut self, id: Id) -> Option<Arc<Process>> {
        let slot = self.table.get(id)?;
        if !slot.open_questions {
            return Some(slot.process.clone());
        }
        let mut process = (*slot.process).clone();
        let open = self.fill_late(&mut process);
        let (process, seen) = (Arc::new(process), 0);
        self.table.put(process.clone(), open, seen);
        Some(process)
    }

    /// True while something is still to come.
    fn fill_late(&self, process: &mut Process) -> bool {
        let mut open = false;
        if let Some(question) = self.question(process) {
            let facts = self.facts.late_file(&question);
            (process.sha256, process.package) = (facts.sha256, facts.package);
            open |= !facts.settled;
        }
        if let Some(container) = process.container.as_ref().filter(|c| c.name.is_none()) {
            match self.facts.late_container(&container.id) {
                Some(known) => process.container = Some(known),
                None => open = true,
            }
        }
        open
    }

    fn question(&self, process: &Process) -> Option<FileQuestion> {
        let identity = process.file.filter(|f| f.inode != 0)?;
        let path_is_ours = process.container.is_none() && !process.fileless;
        Some(FileQuestion { identity, path: process.executable.clone(), tgid: process.key.tgid, path_is_ours })
    }

    /// An actor that no event announced: from /proc if it is there, with its ancestors, else what the observation tells.
    fn repair(&mut self, actor: &Actor, now: u64) {
        if self.repair_from_proc(actor.tgid, actor.start_boottime_ns, now, REPAIR_DEPTH) {
            self.counts.repaired += 1;
            return;
        }
        self.counts.unknown += 1;
        if actor.tgid != 0 {
            let bare = self.bare(actor);
            self.table.put(bare, false, now);
        }
    }

    fn repair_from_proc(&mut self, tgid: u32, start_ns: u64, now: u64, depth: usize) -> bool {
        if depth == 0 || tgid == 0 || !self.proc_reads.take_one() {
            return false;
        }
        let Ok((mut actor, exec)) = proc::read(&self.config.proc, tgid) else { return false };
        if start_ns != 0 && actor.start_boottime_ns / NANOS_PER_TICK != start_ns / NANOS_PER_TICK {
            return false;
        }
        self.complete(&mut actor);
        let parent = Id { tgid: actor.parent_tgid, ticks: actor.parent_start_boottime_ns / NANOS_PER_TICK };
        if parent.tgid != 0 && self.table.get(parent).is_none() {
            self.repair_from_proc(parent.tgid, actor.parent_start_boottime_ns, now, depth - 1);
        }
        let (process, open) = self.make(&actor, &exec);
        self.table.put(process, open, now);
        true
    }

    /// Key, parent and credentials; the place it runs in is that of its parent.
    fn bare(&mut self, actor: &Actor) -> Arc<Process> {
        let parent = self.parent_key(actor);
        let above = parent.and_then(|p| self.table.process(Id::from(&p)).cloned());
        Arc::new(Process {
            key: self.key(actor.tgid, actor.start_boottime_ns),
            parent,
            started: self.wall(actor.start_boottime_ns),
            user: image::user(&mut self.users, actor.credentials),
            cgroup: actor.cgroup_id,
            unit: above.as_ref().and_then(|p| p.unit.clone()),
            container: above.as_ref().and_then(|p| p.container.clone()),
            login_from: above.as_ref().and_then(|p| p.login_from),
            ..Process::default()
        })
    }

    fn parent_key(&self, actor: &Actor) -> Option<ProcessKey> {
        (actor.parent_tgid != 0).then(|| self.key(actor.parent_tgid, actor.parent_start_boottime_ns))
    }

    fn exec(&mut self, actor: &Actor, exec: &ExecSeen, now: u64) -> (Arc<Process>, EventKind) {
        let id = Id { tgid: actor.tgid, ticks: actor.start_boottime_ns / NANOS_PER_TICK };
        let before = self.table.process(id).cloned();
        let (process, open) = self.make(actor, exec);
        self.table.put(process.clone(), open, now);
        let previous = before.map(|p| p.executable.clone()).filter(|p| !p.is_empty());
        let requested = self.interner.share(&exec.requested);
        let kind = Exec {
            script: exec.interpreter.is_some().then(|| requested.clone()),
            requested,
            deleted: exec.deleted,
            memfd: exec.memfd,
            raised: exec.raised,
            previous_executable: previous,
        };
        (process, EventKind::Exec(kind))
    }

    /// A process image with everything known about it, and whether more will come.
    fn make(&mut self, actor: &Actor, exec: &ExecSeen) -> (Arc<Process>, bool) {
        let key = self.key(actor.tgid, actor.start_boottime_ns);
        let known = self.table.process(Id::from(&key)).cloned();
        let parent = known.as_ref().and_then(|p| p.parent).or_else(|| self.parent_key(actor));
        let mut process = image::build(key, actor.credentials, exec, &mut self.interner, &mut self.users);
        process.parent = parent;
        process.started = self.wall(actor.start_boottime_ns);
        process.cgroup = actor.cgroup_id;
        let above = parent.and_then(|p| self.table.process(Id::from(&p)).cloned());
        process.login_from = known.as_deref().or(above.as_deref()).and_then(|near| near.login_from);
        let container = self.settle_place(&mut process, actor, known.as_deref().or(above.as_deref()));
        let file = self.question(&process);
        let mut open = container.as_ref().is_some_and(|c| self.facts.late_container(c).is_none());
        if let Some(question) = &file {
            let facts = self.facts.file(question);
            (process.sha256, process.package) = (facts.sha256, facts.package);
            open |= !facts.settled;
        }
        (Arc::new(process), open)
    }

    /// An exec whose answers are still to come may wait, as long as the budget lasts.
    fn first_sight(&mut self, event: &Event) -> Option<Due> {
        let (EventKind::Exec(_), Some(process)) = (&event.kind, &event.process) else { return None };
        let id = Id::from(&process.key);
        let most = self.table.get(id).filter(|slot| slot.open_questions).map(|_| self.waits.allowance())?;
        let container = process.container.as_ref().filter(|c| c.name.is_none()).map(|c| c.id.to_string());
        (!most.is_zero()).then(|| Due { id, file: self.question(process), container, most })
    }

    fn after_wait(&mut self, id: Id, spent: Duration, answered: bool) -> Option<Arc<Process>> {
        self.counts.waited += 1;
        self.counts.wait_timeouts += u64::from(!answered);
        self.waits.spend(spent);
        self.current(id)
    }

    /// Unit and container of a process; the id of a container that was named.
    fn settle_place(&mut self, process: &mut Process, actor: &Actor, near: Option<&Process>) -> Option<String> {
        match self.place(process, actor, near) {
            Some(place) => {
                process.unit = place.unit.as_deref().map(|u| self.interner.get(u));
                let id: &ContainerId = place.container.as_ref()?;
                process.container = Some(self.facts.container(id).0);
                Some(id.id.clone())
            }
            None => {
                process.unit = near.and_then(|n| n.unit.clone());
                process.container = near.and_then(|n| n.container.clone());
                process.container.as_ref().map(|c| c.id.to_string())
            }
        }
    }

    /// None: the same as what it came from.
    fn place(&mut self, process: &Process, actor: &Actor, near: Option<&Process>) -> Option<Arc<Place>> {
        let by_id = actor.cgroup_id != 0 && !self.config.hybrid_cgroups;
        if by_id && let Some(place) = self.places.get(&actor.cgroup_id) {
            return Some(place.clone());
        }
        let moved = near.is_none_or(|n| n.key.tgid == 1 || n.pid_namespace != process.pid_namespace);
        if !(by_id || moved) || !self.proc_reads.take_one() {
            return None;
        }
        let dir = self.config.proc.join(actor.tgid.to_string());
        let text = proc::limited(&dir.join("cgroup"), 64 << 10).ok()?;
        let text = String::from_utf8_lossy(&text);
        let path = cgroup::choose(&text);
        let place = Arc::new(Place::of(path));
        if by_id && self.is_cgroup(path, actor.cgroup_id) {
            if self.places.len() >= PLACES {
                self.places.clear();
            }
            self.places.insert(actor.cgroup_id, place.clone());
        }
        Some(place)
    }

    /// The path names the cgroup of the event, and not one that the process has moved to since.
    fn is_cgroup(&self, path: &str, id: u64) -> bool {
        let Some(mount) = &self.config.cgroup2 else { return false };
        std::fs::metadata(mount.join(path.trim_start_matches('/'))).is_ok_and(|m| m.ino() == id)
    }

    fn fork(&mut self, parent: &Arc<Process>, tgid: u32, start_ns: u64, now: u64) -> ProcessKey {
        let start_ns = if start_ns == 0 { self.start_now(tgid) } else { start_ns };
        let key = self.key(tgid, start_ns);
        let id = Id::from(&key);
        if let Some(slot) = self.table.get(id) {
            // Its exec, from another CPU, was quicker.
            if slot.process.parent.is_none() {
                let child = Process { parent: Some(parent.key), ..(*slot.process).clone() };
                self.replace(child, now);
            }
            return key;
        }
        let open = self.table.get(Id::from(&parent.key)).is_some_and(|slot| slot.open_questions);
        let child = Process { key, parent: Some(parent.key), started: self.wall(start_ns), ..(**parent).clone() };
        self.table.put(Arc::new(child), open, now);
        key
    }

    fn other(&mut self, process: Arc<Process>, mut kind: EventKind, now: u64) -> (Arc<Process>, EventKind) {
        match &mut kind {
            EventKind::Privilege(PrivilegeChange::Identity { from, to }) => {
                let user = image::user(&mut self.users, *to);
                self.replace(Process { user, ..(*process).clone() }, now);
                let user = image::user(&mut self.users, *from);
                return (Arc::new(Process { user, ..(*process).clone() }), kind);
            }
            EventKind::Privilege(PrivilegeChange::Capabilities { to, .. }) if process.capabilities != *to => {
                self.replace(Process { capabilities: *to, ..(*process).clone() }, now);
            }
            EventKind::Access(
                ProcessAccess::Ptrace { target, target_executable, .. }
                | ProcessAccess::VmWrite { target, target_executable, .. },
            ) => *target_executable = self.name_target(target, now),
            _ => {}
        }
        (process, kind)
    }

    fn name_target(&mut self, target: &mut ProcessKey, now: u64) -> Arc<str> {
        let start_ns =
            if target.start_ticks == 0 { self.start_of(target.tgid) } else { target.start_ticks * NANOS_PER_TICK };
        *target = self.key(target.tgid, start_ns);
        let id = Id::from(&*target);
        if self.table.get(id).is_none() && self.repair_from_proc(target.tgid, start_ns, now, REPAIR_DEPTH) {
            self.counts.repaired += 1;
        }
        self.table.process(id).map(|p| p.executable.clone()).unwrap_or_default()
    }

    fn seed(&mut self, actor: &Actor, exec: &ExecSeen) {
        let mut actor = actor.clone();
        self.complete(&mut actor);
        let id = Id { tgid: actor.tgid, ticks: actor.start_boottime_ns / NANOS_PER_TICK };
        // What events have told since is newer.
        if self.table.process(id).is_some_and(|p| !p.executable.is_empty() || !p.comm.is_empty()) {
            return;
        }
        let (process, open) = self.make(&actor, exec);
        self.table.put(process, open, actor.start_boottime_ns);
    }

    fn snapshot(&mut self) -> usize {
        let all = proc::all(&self.config.proc).unwrap_or_default();
        let mut seen: Vec<_> = all.into_iter().filter_map(|tgid| proc::read(&self.config.proc, tgid).ok()).collect();
        let starts: HashMap<u32, u64> = seen.iter().map(|(a, _)| (a.tgid, a.start_boottime_ns)).collect();
        // Parents first, so that each is counted as having its children.
        seen.sort_by_key(|(actor, _)| (actor.start_boottime_ns, actor.tgid));
        let before = self.table.len();
        for (actor, exec) in &mut seen {
            actor.parent_start_boottime_ns = starts.get(&actor.parent_tgid).copied().unwrap_or(0);
            self.seed(actor, exec);
        }
        self.table.len() - before
    }
}

fn exit_of(status: u32) -> Exit {
    match status & 0x7f {
        0 => Exit { code: Some((status >> 8) as u8), signal: None },
        signal => Exit { code: None, signal: Some(signal as u8) },
    }
}
