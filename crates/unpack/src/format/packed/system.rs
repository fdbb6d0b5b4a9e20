//! What a packed program finds around it: a thread's block, a stack, and the few functions of Windows that a loader needs.
//! Any other function ends the run: the program itself has begun, so it is unpacked.

use super::machine::{EAX, ESP, Fault, Machine};
use crate::format::pe::Pe;
use std::collections::HashMap;

const STACK: u32 = 0x0012_0000;
const STACK_BYTES: u32 = 0x1_0000;
const THREAD: u32 = 0x7ffd_e000;
const PROCESS: u32 = 0x7ffd_f000;
/// The page of clocks that every process sees.
const SHARED: u32 = 0x7ffe_0000;
/// A system library's headers and what it exports, for those who look for it in memory.
const KERNEL: u32 = 0x7c80_0000;
const KERNEL_BYTES: usize = 0x8000;
/// Where functions stand: arriving there is the call.
const FUNCTIONS: u32 = KERNEL + KERNEL_BYTES as u32;
const FUNCTION: u32 = 16;
const MODULES: u32 = 0x7700_0000;
const MODULE: u32 = 0x0010_0000;
/// Where a handler of faults returns to.
pub(super) const HANDLED: u32 = 0x7ffe_0010;
/// Where the program returns to when it ends: into the library that called it.
pub(super) const ENDED: u32 = KERNEL + 0x7000;
pub(super) const FIRST_ALLOCATED: u32 = 0x0200_0000;
pub(super) const LAST_ALLOCATED: u32 = 0x7000_0000;
const MOST_NAMES: usize = 4096;

#[derive(Default)]
pub(super) struct System {
    /// By place from [`FUNCTIONS`] on.
    names: Vec<Vec<u8>>,
    places: HashMap<Vec<u8>, u32>,
    modules: Vec<Vec<u8>>,
    next: u32,
    pub base: u32,
    most: usize,
}

/// How a call went on.
pub(super) enum Called {
    Returned,
    /// No loader calls it.
    Ended(String),
}

impl System {
    /// Maps what is around the program and binds what it imports. `most` bytes may be mapped in all.
    pub fn around(machine: &mut Machine, pe: &Pe, most: usize) -> System {
        let mut system = System { next: FIRST_ALLOCATED, base: pe.base, most, ..System::default() };
        machine.memory.map(STACK, vec![0; STACK_BYTES as usize]);
        let mut thread = vec![0; 0x1000];
        thread[..4].copy_from_slice(&u32::MAX.to_le_bytes());
        thread[4..8].copy_from_slice(&(STACK + STACK_BYTES).to_le_bytes());
        thread[8..12].copy_from_slice(&STACK.to_le_bytes());
        thread[0x18..0x1c].copy_from_slice(&THREAD.to_le_bytes());
        thread[0x30..0x34].copy_from_slice(&PROCESS.to_le_bytes());
        machine.memory.map(THREAD, thread);
        let mut process = vec![0; 0x1000];
        // One module, the program, in each of the lists of what is loaded.
        let (lists, module) = (0x100, 0x200);
        let mut put = |at: u32, value: u32| process[at as usize..][..4].copy_from_slice(&value.to_le_bytes());
        put(8, pe.base);
        put(0xc, PROCESS + lists);
        for link in [0, 8, 16] {
            for way in [0, 4] {
                put(lists + 0xc + link + way, PROCESS + module + link);
                put(module + link + way, PROCESS + lists + 0xc + link);
            }
        }
        for (at, value) in [(0x18, pe.base), (0x1c, pe.base.wrapping_add(pe.entry)), (0x20, pe.image_bytes)] {
            put(module + at, value);
        }
        machine.memory.map(PROCESS, process);
        machine.memory.map(SHARED, vec![0; 0x1000]);
        machine.thread = THREAD;
        machine.registers[ESP] = STACK + STACK_BYTES - 0x1000;
        let library = system.library();
        machine.memory.map(KERNEL, library);
        // Those who look whether a function was tampered with, or carry off its first bytes, find idle ones.
        machine.memory.map(FUNCTIONS, vec![0x90; MOST_NAMES * FUNCTION as usize]);
        let _ = machine.push(ENDED);
        let _ = system.bind(machine, pe);
        system
    }

    /// The least that finds its way from "MZ" to the places of functions.
    fn library(&mut self) -> Vec<u8> {
        const EXPORTED: [&str; 8] = [
            "ExitProcess",
            "GetModuleHandleA",
            "GetProcAddress",
            "LoadLibraryA",
            "VirtualAlloc",
            "VirtualFree",
            "VirtualProtect",
            "GetTickCount",
        ];
        let mut bytes = vec![0; KERNEL_BYTES];
        let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
        let word = |value: usize| (value as u32).to_le_bytes();
        let (header, exports, places, names, ordinals, texts) = (0x80, 0x1000, 0x1100, 0x1200, 0x1300, 0x1400);
        put(0, b"MZ");
        put(60, &word(header));
        put(header, b"PE\0\0\x4c\x01\x01\0");
        put(header + 24, &[0x0b, 1]);
        put(header + 52, &word(KERNEL as usize));
        put(header + 80, &word(0x10_0000));
        put(header + 120, &word(exports));
        put(header + 124, &word(0x1000));
        put(exports + 12, &word(texts));
        put(texts, b"KERNEL32.dll\0");
        for (at, value) in
            [(16, 1), (20, EXPORTED.len()), (24, EXPORTED.len()), (28, places), (32, names), (36, ordinals)]
        {
            put(exports + at, &word(value));
        }
        for (n, name) in EXPORTED.iter().enumerate() {
            let place = self.place(name.as_bytes()) - KERNEL;
            put(places + 4 * n, &place.to_le_bytes());
            put(names + 4 * n, &word(texts + 32 * (n + 1)));
            put(ordinals + 2 * n, &(n as u16).to_le_bytes());
            put(texts + 32 * (n + 1), name.as_bytes());
        }
        bytes
    }

    /// Writes the places of functions where the import tables want them.
    fn bind(&mut self, machine: &mut Machine, pe: &Pe) -> Result<(), Fault> {
        if pe.imports.0 == 0 {
            return Ok(());
        }
        let mut at = pe.base.wrapping_add(pe.imports.0);
        for _ in 0..256 {
            let lookups = machine.memory.read32(at)?;
            let (name, table) = (machine.memory.read32(at + 12)?, machine.memory.read32(at + 16)?);
            if name == 0 || table == 0 {
                return Ok(());
            }
            let module = machine.memory.text(pe.base.wrapping_add(name))?;
            let from = if lookups == 0 { table } else { lookups };
            for n in 0..1024 {
                let Ok(entry) = machine.memory.read32(pe.base.wrapping_add(from).wrapping_add(4 * n)) else { break };
                if entry == 0 {
                    break;
                }
                let function = if entry >> 31 == 1 {
                    format!("{}#{}", String::from_utf8_lossy(&module), entry & 0xffff).into_bytes()
                } else {
                    machine.memory.text(pe.base.wrapping_add(entry).wrapping_add(2)).unwrap_or_default()
                };
                let place = self.place(&function);
                machine.memory.write32(pe.base.wrapping_add(table).wrapping_add(4 * n), place)?;
            }
            at = at.wrapping_add(20);
        }
        Ok(())
    }

    fn place(&mut self, function: &[u8]) -> u32 {
        if let Some(place) = self.places.get(function) {
            return *place;
        }
        if self.names.len() >= MOST_NAMES {
            return 0;
        }
        let place = FUNCTIONS + FUNCTION * self.names.len() as u32;
        self.names.push(function.to_vec());
        self.places.insert(function.to_vec(), place);
        place
    }

    fn module(&mut self, name: &[u8]) -> u32 {
        let name = name.to_ascii_lowercase();
        if name.starts_with(b"kernel32") {
            return KERNEL;
        }
        let known = self.modules.iter().position(|module| *module == name);
        let n = known.unwrap_or_else(|| {
            self.modules.push(name);
            self.modules.len() - 1
        });
        MODULES + MODULE * (n as u32 % 64)
    }

    /// The function that stands there.
    pub fn at(&self, place: u32) -> Option<usize> {
        let n = (place.checked_sub(FUNCTIONS)? / FUNCTION) as usize;
        (n < self.names.len()).then_some(n)
    }

    pub fn call(&mut self, machine: &mut Machine, function: usize) -> Result<Called, Fault> {
        let name = self.names[function].clone();
        let (arguments, result) = match &name[..] {
            b"LoadLibraryA" | b"GetModuleHandleA" => {
                let at = argument(machine, 0)?;
                let module = if at == 0 { self.base } else { self.module(&machine.memory.text(at)?) };
                (1, module)
            }
            b"LoadLibraryExA" => {
                let at = argument(machine, 0)?;
                (3, self.module(&machine.memory.text(at)?))
            }
            b"GetProcAddress" => {
                let at = argument(machine, 1)?;
                let function = if at >> 16 == 0 { format!("#{at}").into_bytes() } else { machine.memory.text(at)? };
                (2, self.place(&function))
            }
            b"VirtualAlloc" | b"GlobalAlloc" | b"LocalAlloc" | b"HeapAlloc" | b"RtlAllocateHeap" => {
                let (which, count) = match &name[..] {
                    b"VirtualAlloc" => (1, 4),
                    b"HeapAlloc" | b"RtlAllocateHeap" => (2, 3),
                    _ => (1, 2),
                };
                let bytes = argument(machine, which)?;
                (count, self.allocate(machine, bytes))
            }
            b"VirtualFree" => {
                let at = argument(machine, 0)?;
                machine.memory.unmap(at);
                (3, 1)
            }
            b"GlobalFree" | b"LocalFree" => {
                let at = argument(machine, 0)?;
                machine.memory.unmap(at);
                (1, 0)
            }
            b"VirtualProtect" => {
                let old = argument(machine, 3)?;
                let _ = machine.memory.write32(old, 0x40);
                (4, 1)
            }
            b"GetProcessHeap" | b"GetCurrentProcess" | b"GetVersion" | b"GetTickCount" | b"GetLastError" => (0, 1),
            b"GetCurrentProcessId" | b"GetCurrentThreadId" => (0, 1234),
            b"GetCommandLineA" | b"IsDebuggerPresent" => (0, 0),
            // Of what looks whether its own file is as it was, and whether it is watched: nothing is there.
            b"GetModuleFileNameA" => {
                let at = argument(machine, 1)?;
                machine.memory.write(at, 4, 0x612e)?;
                (3, 2)
            }
            b"CreateFileA" => (7, u32::MAX),
            b"GetFileSize" | b"CreateToolhelp32Snapshot" => (2, u32::MAX),
            b"Process32First" | b"Process32Next" | b"TerminateProcess" => (2, 0),
            b"CreateFileMappingA" => (6, 0),
            b"MapViewOfFile" | b"ReadFile" => (5, 0),
            b"SetFilePointer" => (4, u32::MAX),
            b"OpenProcess" => (3, 0),
            b"FreeLibrary" | b"UnmapViewOfFile" | b"Sleep" | b"SetErrorMode" | b"CloseHandle" => (1, 1),
            _ => return Ok(Called::Ended(event::text::clip(&String::from_utf8_lossy(&name), 64).to_owned())),
        };
        let back = machine.pop()?;
        machine.registers[ESP] = machine.registers[ESP].wrapping_add(4 * arguments);
        machine.registers[EAX] = result;
        machine.eip = back;
        Ok(Called::Returned)
    }

    /// 0 where there is no room for it.
    fn allocate(&mut self, machine: &mut Machine, bytes: u32) -> u32 {
        let bytes = bytes.checked_next_multiple_of(super::memory::PAGE).unwrap_or(u32::MAX) as usize;
        if bytes == 0 || machine.memory.taken() + bytes > self.most {
            return 0;
        }
        let at = self.next;
        self.next = self.next.wrapping_add(bytes as u32 + 0x1_0000);
        machine.memory.map(at, vec![0; bytes]);
        at
    }
}

/// Of the call that was just made.
fn argument(machine: &mut Machine, n: u32) -> Result<u32, Fault> {
    machine.memory.read32(machine.registers[ESP].wrapping_add(4 + 4 * n))
}

/// Where a handler finds what happened: the record and the processor's state, below the stack's top.
const MOST_NESTED: usize = 64;
const RECORD: u32 = 0x400;
const STATE: u32 = 0x3a0;
/// In the state: EDI, ESI, EBX, EDX, ECX, EAX, EBP, EIP, flags, ESP.
const EDI_AT: u32 = 0x9c;
const EIP_AT: u32 = 0xb8;
const FLAGS_AT: u32 = 0xc0;
const ESP_AT: u32 = 0xc4;
const ORDER: [usize; 7] = [7, 6, 3, 2, 1, 0, 5];

/// Hands a fault to the program's own handler, as Windows does; false where it has none.
pub(super) fn raise(machine: &mut Machine, fault: Fault, states: &mut Vec<u32>) -> bool {
    let code: u32 = match fault {
        Fault::Access(_) => 0xc000_0005,
        Fault::Divide => 0xc000_0094,
        Fault::Breakpoint => 0x8000_0003,
        Fault::Step => 0x8000_0004,
        Fault::Privileged => 0xc000_0096,
        Fault::Unknown => 0xc000_001d,
    };
    if states.len() >= MOST_NESTED {
        return false;
    }
    let delivered = deliver(machine, code);
    states.extend(delivered);
    delivered.is_ok()
}

/// Gives the place of the state.
fn deliver(machine: &mut Machine, code: u32) -> Result<u32, Fault> {
    let frame = machine.memory.read32(machine.thread)?;
    let handler = machine.memory.read32(frame.wrapping_add(4))?;
    let (record, state) =
        (machine.registers[ESP].wrapping_sub(RECORD) & !3, machine.registers[ESP].wrapping_sub(STATE) & !3);
    for (n, value) in [code, 0, 0, machine.eip, 0].into_iter().enumerate() {
        machine.memory.write32(record + 4 * n as u32, value)?;
    }
    machine.memory.write32(state, 0x1_003f)?;
    for (n, register) in ORDER.into_iter().enumerate() {
        machine.memory.write32(state + EDI_AT + 4 * n as u32, machine.registers[register])?;
    }
    machine.memory.write32(state + EIP_AT, machine.eip)?;
    machine.memory.write32(state + FLAGS_AT, machine.flags.bits())?;
    machine.memory.write32(state + ESP_AT, machine.registers[ESP])?;
    machine.registers[ESP] = record.wrapping_sub(0x20);
    for value in [0, state, frame, record, HANDLED] {
        machine.push(value)?;
    }
    machine.flags.trap = false;
    machine.eip = handler;
    Ok(state)
}

/// A handler has returned: the program goes on as it left the state, if it says so.
pub(super) fn resume(machine: &mut Machine, states: &mut Vec<u32>) -> Result<bool, Fault> {
    let Some(state) = states.pop() else { return Ok(false) };
    if machine.registers[EAX] != 0 {
        return Ok(false);
    }
    for (n, register) in ORDER.into_iter().enumerate() {
        machine.registers[register] = machine.memory.read32(state + EDI_AT + 4 * n as u32)?;
    }
    machine.eip = machine.memory.read32(state + EIP_AT)?;
    machine.flags = super::flags::Flags::of(machine.memory.read32(state + FLAGS_AT)?);
    machine.registers[ESP] = machine.memory.read32(state + ESP_AT)?;
    Ok(true)
}
