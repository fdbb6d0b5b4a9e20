//! Windows programs that unpack themselves, whatever packed them: they are run, on a processor that is a few tables here,
//! until they have done it. Nothing of the host is within their reach: they see their own image, a stack, and a dozen
//! functions that give memory and names. What lies in memory at the end is the member. Programs of 32 bits only, as old
//! packers made them; a run is bounded by its steps, its memory and the time of the file.

mod flags;
mod machine;
mod memory;
mod system;

use super::pe::Pe;
use crate::meter::{Cut, Meter};
use crate::source::{Source, read_vec};
use iced_x86::{Decoder, DecoderOptions, Instruction};
use machine::{Fault, Machine};
use memory::Memory;
use std::io;
use std::time::Instant;
use system::{Called, System};

const MOST_STEPS: u64 = 60_000_000;
const MOST_IMAGE: u32 = 64 << 20;
/// Mapped in all, the image among it.
const MOST_MEMORY: usize = 128 << 20;
/// Steps between two looks at the clock.
const CLOCK_EVERY: u64 = 1 << 16;
/// Decoded instructions that are kept, by the low bits of their place.
const KEPT: usize = 1 << 12;

/// Bytes: fewer are a program's own variables.
const LEAST_UNPACKED: usize = 256;

/// What a run came to.
pub(super) struct Run {
    /// Place in memory and bytes, the image first.
    pub stretches: Vec<(u32, Vec<u8>)>,
    /// The program itself began: it called what no loader does, or ended.
    pub through: bool,
    pub why: String,
}

/// Loads and runs it. All runs in one file share their steps.
pub(super) fn run(meter: &Meter, source: &dyn Source, pe: &Pe) -> io::Result<Run> {
    if pe.image_bytes == 0 || pe.image_bytes > MOST_IMAGE {
        return Err(Cut::new(crate::Reason::MemberSize, format!("an image of {} bytes", pe.image_bytes)).into());
    }
    let _lease = meter.lease(MOST_MEMORY as u64 + u64::from(MOST_IMAGE))?;
    let loaded = load(source, pe)?;
    let mut machine = Machine::new(loaded.clone(), pe);
    let mut system = System::around(&mut machine, pe, MOST_MEMORY);
    let deadline = meter.limits.deadline.map(|deadline| {
        // The rest of the file's time is for looking at what comes out.
        let now = Instant::now();
        now + deadline.saturating_duration_since(now) / 3
    });
    let mut runner = Runner { left: MOST_STEPS.saturating_sub(meter.steps.get()), ..Runner::default() };
    let (ended, why) = runner.go(&mut machine, &mut system, deadline);
    meter.steps.set(meter.steps.get() + machine.steps);
    let through = (ended || is_own_work(&machine, pe, &loaded)) && unpacked(&machine, pe, &loaded);
    let own = |at: u32| at == pe.base || (system::FIRST_ALLOCATED..system::LAST_ALLOCATED).contains(&at);
    let stretches: Vec<_> = machine.memory.into_stretches().into_iter().filter(|one| own(one.at)).collect();
    meter.expand(stretches.iter().map(|one| one.bytes.len() as u64).sum())?;
    Ok(Run { stretches: stretches.into_iter().map(|one| (one.at, one.bytes)).collect(), through, why })
}

/// Where it stopped stands what it made itself: the program that was packed had begun.
fn is_own_work(machine: &Machine, pe: &Pe, loaded: &[u8]) -> bool {
    let at = machine.eip.wrapping_sub(pe.base) as usize;
    (at..at.saturating_add(8)).any(|n| loaded.get(n).copied() != machine.memory.byte(pe.base.wrapping_add(n as u32)))
}

/// Something came out outside of the section that does the unpacking.
fn unpacked(machine: &Machine, pe: &Pe, loaded: &[u8]) -> bool {
    let others = pe.sections.iter().filter(|section| !section.holds(pe.entry));
    let places = others.flat_map(|section| section.at..section.at.saturating_add(section.bytes));
    let changed = |at: &u32| machine.memory.byte(pe.base.wrapping_add(*at)) != loaded.get(*at as usize).copied();
    places.take(MOST_IMAGE as usize).filter(changed).nth(LEAST_UNPACKED).is_some()
}

fn load(source: &dyn Source, pe: &Pe) -> io::Result<Vec<u8>> {
    let mut image = vec![0; pe.image_bytes.next_multiple_of(memory::PAGE) as usize];
    let mut put = |at: u32, bytes: &[u8]| {
        if let Some(room) = image.get_mut(at as usize..) {
            let len = room.len().min(bytes.len());
            room[..len].copy_from_slice(&bytes[..len]);
        }
    };
    put(0, &read_vec(source, 0, pe.header_bytes.clamp(512, 4096) as usize)?);
    for section in &pe.sections {
        // A section begins at a sector, whatever its header says.
        let from = u64::from(if section.raw_at < 512 { 0 } else { section.raw_at & !511 });
        let bytes = if section.bytes == 0 {
            section.raw_bytes
        } else {
            section.raw_bytes.min(section.bytes.next_multiple_of(memory::PAGE))
        };
        if section.raw_bytes > 0 {
            put(section.at, &read_vec(source, from, bytes.min(pe.image_bytes) as usize)?);
        }
    }
    Ok(image)
}

impl Machine {
    fn new(image: Vec<u8>, pe: &Pe) -> Machine {
        let mut memory = Memory::default();
        memory.map(pe.base, image);
        let entry = pe.base.wrapping_add(pe.entry);
        let registers = [entry, 0, entry, 0x7ffd_f000, 0, 0, 0, 0];
        Machine { registers, eip: entry, flags: flags::Flags::default(), memory, thread: 0, steps: 0 }
    }
}

struct Runner {
    kept: Vec<(u32, u32, Instruction)>,
    /// Of faults that handlers are at work on.
    states: Vec<u32>,
    left: u64,
}

impl Default for Runner {
    fn default() -> Self {
        Runner { kept: vec![(0, u32::MAX, Instruction::default()); KEPT], states: Vec::new(), left: 0 }
    }
}

impl Runner {
    /// Whether the program came through, and where it ended.
    fn go(&mut self, machine: &mut Machine, system: &mut System, deadline: Option<Instant>) -> (bool, String) {
        loop {
            machine.steps += 1;
            if machine.steps > self.left {
                return (false, format!("it did not unpack itself within {} steps", self.left));
            }
            if machine.steps.is_multiple_of(CLOCK_EVERY) && deadline.is_some_and(|deadline| Instant::now() >= deadline)
            {
                return (false, "it did not unpack itself in time".into());
            }
            let at = machine.eip;
            let stepped = if at == system::HANDLED {
                match system::resume(machine, &mut self.states) {
                    Ok(true) => Ok(()),
                    _ => return (false, "its handler of faults gave up".into()),
                }
            } else if at == system::ENDED {
                return (true, "it ended".into());
            } else if let Some(function) = system.at(at) {
                match system.call(machine, function) {
                    Ok(Called::Ended(name)) => return (true, format!("it called {name}")),
                    Ok(Called::Returned) => Ok(()),
                    Err(fault) => Err(fault),
                }
            } else {
                self.step(machine)
            };
            if let Err(fault) = stepped {
                // A step's fault comes behind its instruction, all others at theirs.
                if fault != Fault::Step {
                    machine.eip = at;
                }
                if !system::raise(machine, fault, &mut self.states) {
                    return (false, format!("it stopped at {at:#x}: {fault:?}"));
                }
            }
        }
    }

    fn step(&mut self, machine: &mut Machine) -> Result<(), Fault> {
        let at = machine.eip;
        let generation = machine.memory.generation;
        let slot = at as usize % KEPT;
        if self.kept[slot].0 != at || self.kept[slot].1 != generation {
            let code = machine.memory.code(at)?;
            let one = Decoder::with_ip(32, &code, at.into(), DecoderOptions::NONE).decode();
            if one.is_invalid() {
                return Err(Fault::Unknown);
            }
            self.kept[slot] = (at, generation, one);
        }
        let one = self.kept[slot].2;
        machine.eip = one.next_ip32();
        let trap = machine.flags.trap;
        machine.run(&one)?;
        if trap { Err(Fault::Step) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
