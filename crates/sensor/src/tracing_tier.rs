//! The sensor over BPF tracing programs: loads, attaches, drains the ring, keeps the maps current.

use crate::clock::wall_offset;
use crate::decode::{Decoded, Decoder};
use crate::loader::{self, Loading};
use crate::pending::Pending;
use crate::places::Places;
use crate::pulse::Pulse;
use crate::refusal::Refusal;
use crate::ring::Ring;
use crate::syscalls::{CALLS_32, NAMES, ON_ENTER, ON_EXIT};
use crate::{Brake, Config, DrainError, RunStats, StartError, objects};
use event::{EventKind, FileEvent, FileOp, LossKind, Observation, Observed, Via};
use kernel_abi::{Settings, Tally, as_bytes, read};
use libbpf_rs::{Link, MapCore, MapFlags, MapHandle, Object, Program};
use rustix::event::epoll;
use std::collections::{BTreeMap, HashMap};
use std::mem::offset_of;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

/// How often watched and ignored places are looked up again and the wall clock is compared.
const REFRESH: Duration = Duration::from_secs(2);
const CLASSES: [LossKind; kernel_abi::CLASSES] =
    [LossKind::Process, LossKind::File, LossKind::Network, LossKind::Kernel];

pub(crate) struct TracingTier {
    // Links go before the programs they hold.
    _links: Vec<Link>,
    objects: Vec<Object>,
    maps: HashMap<String, MapHandle>,
    ring: Ring,
    epoll: OwnedFd,
    interval: Duration,
    decoder: Decoder,
    pending: Pending,
    places: Places,
    settings: Settings,
    refreshed: Instant,
    pulse: Pulse,
    /// Records that did not hold what they promised.
    malformed: u64,
    pub refused: Vec<Refusal>,
}

impl TracingTier {
    pub fn start(config: Config, pulse: Pulse) -> Result<TracingTier, StartError> {
        let ring_bytes = ring_size(config.ring_bytes);
        let (objects, maps, refused) = load_all(ring_bytes)?;
        let kernel =
            |what| move |source: libbpf_rs::Error| StartError::Load { object: what, reason: format!("{source:#}") };
        let ring = Ring::new(maps["ring"].as_fd(), ring_bytes as usize)
            .map_err(|source| StartError::Kernel { what: "map the ring", source })?;
        let epoll = watch(&maps["ring"]).map_err(|source| StartError::Kernel { what: "watch the ring", source })?;
        let settings = Settings {
            wall_offset: wall_offset(),
            wake_at: u64::from(ring_bytes) / 4,
            beat: 0,
            ignored_directories: 0,
            own_children: config.own_children.into(),
            confining: 0,
            holding: 0,
        };
        let mut tier = TracingTier {
            _links: Vec::new(),
            objects,
            maps,
            ring,
            epoll,
            interval: config.drain_interval,
            decoder: Decoder::new(crate::proc::boot_id()),
            pending: Pending::default(),
            places: Places::new(config.watched_reads, config.ignored_prefixes),
            settings,
            refreshed: Instant::now(),
            pulse,
            malformed: 0,
            refused,
        };
        tier.places.set_prefixes(&tier.maps["ignored_text"]).map_err(kernel("ignored_text"))?;
        tier.refresh().map_err(kernel("settings"))?;
        for tgid in config.own_tgids {
            tier.exclude(tgid).map_err(|source| StartError::Kernel { what: "exclude own processes", source })?;
        }
        tier.fill_tables().map_err(kernel("dispatch"))?;
        tier._links = tier.attach()?;
        Ok(tier)
    }

    pub fn drain(&mut self, sink: &mut dyn FnMut(Observation)) -> Result<usize, DrainError> {
        self.wait()?;
        let (decoder, pending, malformed) = (&mut self.decoder, &mut self.pending, &mut self.malformed);
        let mut count = 0;
        let places = &self.places;
        let mut told = |observation| {
            if !is_unwatched_read(&observation, places) {
                count += 1;
                sink(observation);
            }
        };
        self.ring.drain(&mut |record| match decoder.decode(record) {
            Some(Decoded::Seen(seen)) => told(seen),
            Some(Decoded::Begun(tag, seen)) => pending.begin(tag, seen, &mut told),
            Some(Decoded::Ended(tag, result)) => pending.end(tag, result, &mut told),
            Some(Decoded::Nothing) => {}
            None => *malformed += 1,
        });
        self.pending.expire(&mut told);
        if self.refreshed.elapsed() > REFRESH
            && let Err(error) = self.refresh()
        {
            tracing::warn!(error = format!("{error:#}"), "the kernel half's settings could not be renewed");
        }
        Ok(count)
    }

    /// Sleeps until the interval is over, or less when the kernel half says that the ring fills. Edge-triggered: with a
    /// level the wait would end at once for every single record.
    fn wait(&self) -> Result<(), DrainError> {
        let timeout = rustix::event::Timespec {
            tv_sec: self.interval.as_secs() as i64,
            tv_nsec: self.interval.subsec_nanos().into(),
        };
        let mut events = [epoll::Event { flags: epoll::EventFlags::empty(), data: epoll::EventData::new_u64(0) }];
        match epoll::wait(&self.epoll, &mut events, Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(DrainError::Wait(error.into())),
        }
    }

    fn refresh(&mut self) -> Result<(), libbpf_rs::Error> {
        self.refreshed = Instant::now();
        self.settings.ignored_directories = self.places.refresh(&self.maps)?;
        self.settings.wall_offset = wall_offset();
        self.tell_settings()
    }

    fn tell_settings(&mut self) -> Result<(), libbpf_rs::Error> {
        self.pulse.put("settings", &self.maps["settings"], as_bytes(&self.settings), offset_of!(Settings, beat))
    }

    /// For an object that writes into the same ring.
    pub fn loading(&self) -> Result<Loading, StartError> {
        let shared = |(name, map): (&String, &MapHandle)| Ok((name.clone(), MapHandle::try_from(map)?));
        let maps = self.maps.iter().map(shared).collect::<Result<_, libbpf_rs::Error>>();
        let ring_bytes = self.settings.wake_at as u32 * 4;
        match maps {
            Ok(maps) => Ok(Loading::joining(ring_bytes, maps)),
            Err(error) => Err(StartError::Load { object: "ring", reason: format!("{error:#}") }),
        }
    }

    /// Whether anybody is in a domain: asked before each open.
    pub fn set_confining(&mut self, confining: bool) -> Result<(), libbpf_rs::Error> {
        self.settings.confining = confining.into();
        self.tell_settings()
    }

    /// Profiles hold whether or not a beat is heard.
    pub fn set_holding(&mut self, holding: bool) -> Result<(), libbpf_rs::Error> {
        if self.settings.holding == u32::from(holding) {
            return Ok(());
        }
        self.settings.holding = holding.into();
        self.tell_settings()
    }

    pub fn brake(&self) -> Option<Brake> {
        Brake::of(self.maps.get("braked"), self.maps.get("allowances"))
    }

    pub fn exclude(&mut self, tgid: u32) -> std::io::Result<()> {
        self.maps["own"].update(&tgid.to_ne_bytes(), &[1], MapFlags::ANY).map_err(std::io::Error::other)
    }

    pub fn loss(&self) -> BTreeMap<LossKind, u64> {
        let mut lost = BTreeMap::new();
        let tallies = self.tallies();
        // How much was lost is not known: that is a loss as well.
        if tallies.is_none() {
            lost.insert(LossKind::Kernel, 1);
        }
        for tally in tallies.into_iter().flatten() {
            for (kind, count) in CLASSES.iter().zip(tally.lost) {
                *lost.entry(*kind).or_insert(0) += count;
            }
        }
        *lost.entry(LossKind::Kernel).or_insert(0) += self.malformed;
        lost.retain(|_, count| *count > 0);
        lost
    }

    /// Records that the kernel half has put into the ring.
    pub fn told(&self) -> u64 {
        self.tallies().into_iter().flatten().flat_map(|tally| tally.told).sum()
    }

    /// Of each processor; None, which is said, when they cannot be read.
    fn tallies(&self) -> Option<Vec<Tally>> {
        match self.maps["tallies"].lookup_percpu(&0u32.to_ne_bytes(), MapFlags::ANY) {
            Ok(Some(all)) => all.iter().map(|bytes| Some(read::<Tally>(bytes)?.0)).collect(),
            unread => {
                tracing::error!(error = ?unread.err(), "the kernel half's counts cannot be read");
                None
            }
        }
    }

    fn programs(&self) -> impl Iterator<Item = Program<'_>> {
        self.objects.iter().flat_map(|object| object.progs()).filter(loader::is_loaded)
    }

    fn fill_tables(&self) -> Result<(), libbpf_rs::Error> {
        for (name, wide, narrow) in ON_EXIT {
            self.handle("exit", name, wide, narrow)?;
        }
        for (name, wide, narrow) in ON_ENTER {
            self.handle("enter", name, wide, narrow)?;
        }
        // Absent when the kernel took no program of its object.
        let Some(calls) = self.maps.get("name_calls") else { return Ok(()) };
        for (call, wide, narrow) in NAMES {
            for number in wide.iter().copied().chain(narrow.iter().map(|number| number + CALLS_32)) {
                calls.update(&number.to_ne_bytes(), &call.bytes(), MapFlags::ANY)?;
            }
            self.handle("exit", "named", wide, narrow)?;
        }
        Ok(())
    }

    fn handle(&self, table: &str, name: &str, wide: &[u32], narrow: &[u32]) -> Result<(), libbpf_rs::Error> {
        let Some(program) = self.programs().find(|program| program.name() == name) else { return Ok(()) };
        let fd = program.as_fd().as_raw_fd().to_ne_bytes();
        for (suffix, numbers) in [("64", wide), ("32", narrow)] {
            let map = &self.maps[&format!("{table}_{suffix}")];
            for number in numbers {
                map.update(&number.to_ne_bytes(), &fd, MapFlags::ANY)?;
            }
        }
        Ok(())
    }

    fn attach(&mut self) -> Result<Vec<Link>, StartError> {
        let mut links = Vec::new();
        let mut refused = Vec::new();
        let root = crate::cgroup::root();
        // The dispatchers are in the first object and come last: they call what the tables hold.
        for object in self.objects.iter().rev() {
            for program in object.progs_mut().filter(loader::is_loaded) {
                let name = program.name().to_string_lossy().into_owned();
                if !is_standing(&name) {
                    continue;
                }
                let attached = match &root {
                    _ if !crate::cgroup::takes(&program) => program.attach_trace(),
                    Ok(root) => program.attach_cgroup(root.as_fd().as_raw_fd()),
                    Err(error) => Err(std::io::Error::from(*error).into()),
                };
                match attached {
                    Ok(link) => links.push(link),
                    Err(error) => refused.push(loader::refusal(&name, &error)),
                }
            }
        }
        self.refused.extend(refused);
        Ok(links)
    }

    pub fn run_stats(&self) -> Vec<RunStats> {
        crate::stats::of(self.programs())
    }
}

/// The kernel half tells every open through io_uring; of the reads only the watched ones matter.
fn is_unwatched_read(seen: &Observation, places: &Places) -> bool {
    match &seen.what {
        Observed::Other(EventKind::File(FileEvent { op: FileOp::OpenRead, file })) => {
            seen.via == Via::IoUring && !places.watches_path(&file.path)
        }
        _ => false,
    }
}

/// Attached itself, not called through a table.
fn is_standing(name: &str) -> bool {
    name != "named" && !ON_EXIT.iter().chain(ON_ENTER).any(|(handler, ..)| *handler == name)
}

type Loaded = (Vec<Object>, HashMap<String, MapHandle>, Vec<Refusal>);

fn load_all(ring_bytes: u32) -> Result<Loaded, StartError> {
    let mut loading = Loading::new(ring_bytes);
    let mut loaded = Vec::new();
    let mut refused = Vec::new();
    for compiled in objects::tracing() {
        let (object, refusals) = loader::load(compiled, &mut loading);
        refused.extend(refusals);
        match object {
            Some(object) => loaded.push(object),
            None if loaded.is_empty() => {
                let reason = refused.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
                return Err(StartError::Load { object: compiled.name, reason });
            }
            None => {}
        }
    }
    let names: Vec<String> = loaded.iter().flat_map(loader::loaded_programs).collect();
    refused.retain(|refusal| !has_twin(&refusal.name, &names));
    Ok((loaded, loading.into_maps(), refused))
}

/// Programs for one tracepoint as older and newer kernels have it: one of two is always refused.
pub(crate) fn has_twin(refused: &str, loaded: &[String]) -> bool {
    const TWINS: [[&str; 2]; 2] = [["uring_submit_req", "uring_submit_sqe"], ["uring_complete", "uring_complete_wide"]];
    TWINS.iter().any(|twins| twins.contains(&refused) && twins.iter().any(|twin| loaded.iter().any(|l| l == twin)))
}

fn ring_size(wanted: u32) -> u32 {
    wanted.clamp(rustix::param::page_size() as u32, 1 << 30).next_power_of_two()
}

fn watch(ring: &MapHandle) -> std::io::Result<OwnedFd> {
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    epoll::add(&epoll, ring.as_fd(), epoll::EventData::new_u64(0), epoll::EventFlags::IN | epoll::EventFlags::ET)?;
    Ok(epoll)
}
