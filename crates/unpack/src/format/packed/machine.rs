//! An x86 processor of 32 bits, as much of it as packers use: registers, flags, integers and strings. An instruction comes
//! in decoded; what it does is done on [`Memory`]. Whatever else it meets ends the run.

mod arithmetic;
mod flow;

use super::flags::Flags;
use super::memory::Memory;
use iced_x86::{Instruction, MemorySize, Mnemonic as M, OpKind, Register};

/// What a real processor would stop at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Access(u32),
    Divide,
    Breakpoint,
    Step,
    Privileged,
    /// Not known here, perhaps not at all.
    Unknown,
}

pub(super) const EAX: usize = 0;
pub(super) const ECX: usize = 1;
pub(super) const EDX: usize = 2;
pub(super) const EBX: usize = 3;
pub(super) const ESP: usize = 4;
pub(super) const EBP: usize = 5;
pub(super) const ESI: usize = 6;
pub(super) const EDI: usize = 7;

pub(super) struct Machine {
    pub registers: [u32; 8],
    pub eip: u32,
    pub flags: Flags,
    pub memory: Memory,
    /// Base of the segment FS.
    pub thread: u32,
    /// Steps so far: what a clock counts.
    pub steps: u64,
}

type Done = Result<(), Fault>;

fn mask(bytes: usize) -> u32 {
    u32::MAX >> (32 - 8 * bytes as u32)
}

fn top(bytes: usize) -> u32 {
    1 << (8 * bytes - 1)
}

fn extended(value: u32, bytes: usize) -> u32 {
    let shift = 32 - 8 * bytes as u32;
    ((value << shift) as i32 >> shift) as u32
}

/// Index, bytes, and whether it is the second byte of its register.
fn place(register: Register) -> Option<(usize, usize, bool)> {
    let at = |first: Register| register as usize - first as usize;
    match register {
        r if r.is_gpr32() => Some((at(Register::EAX), 4, false)),
        r if r.is_gpr16() => Some((at(Register::AX), 2, false)),
        Register::AL | Register::CL | Register::DL | Register::BL => Some((at(Register::AL), 1, false)),
        Register::AH | Register::CH | Register::DH | Register::BH => Some((at(Register::AH), 1, true)),
        _ => None,
    }
}

impl Machine {
    fn get(&self, register: Register) -> Result<u32, Fault> {
        if register.is_segment_register() {
            return Ok(if register == Register::CS { 0x1b } else { 0x23 });
        }
        let (index, bytes, high) = place(register).ok_or(Fault::Unknown)?;
        let value = self.registers[index];
        Ok(if high { value >> 8 & 0xff } else { value & mask(bytes) })
    }

    fn set(&mut self, register: Register, value: u32) -> Done {
        if register.is_segment_register() {
            return Ok(());
        }
        let (index, bytes, high) = place(register).ok_or(Fault::Unknown)?;
        let whole = &mut self.registers[index];
        *whole = match (bytes, high) {
            (4, _) => value,
            (1, true) => *whole & !0xff00 | (value & 0xff) << 8,
            _ => *whole & !mask(bytes) | value & mask(bytes),
        };
        Ok(())
    }

    fn address(&self, one: &Instruction) -> Result<u32, Fault> {
        let part = |register| if register == Register::None { Ok(0) } else { self.get(register) };
        let index = part(one.memory_index())?.wrapping_mul(one.memory_index_scale());
        let place = part(one.memory_base())?.wrapping_add(index).wrapping_add(one.memory_displacement32());
        let narrow = matches!(one.memory_base(), r if r.is_gpr16()) || one.memory_index().is_gpr16();
        Ok(if narrow { place & 0xffff } else { place })
    }

    fn segment(&self, one: &Instruction) -> u32 {
        if one.memory_segment() == Register::FS { self.thread } else { 0 }
    }

    fn bytes_of(&self, one: &Instruction, n: u32) -> usize {
        match one.op_kind(n) {
            OpKind::Register => place(one.op_register(n)).map_or(4, |(_, bytes, _)| bytes),
            OpKind::Memory => match one.memory_size() {
                MemorySize::UInt8 | MemorySize::Int8 => 1,
                MemorySize::UInt16 | MemorySize::Int16 => 2,
                _ => 4,
            },
            _ => 4,
        }
    }

    fn operand(&mut self, one: &Instruction, n: u32) -> Result<u32, Fault> {
        match one.op_kind(n) {
            OpKind::Register => self.get(one.op_register(n)),
            OpKind::Memory => {
                let at = self.segment(one).wrapping_add(self.address(one)?);
                Ok(self.memory.read(at, self.bytes_of(one, n))? as u32)
            }
            OpKind::NearBranch32 | OpKind::NearBranch16 => Ok(one.near_branch32()),
            _ => one.try_immediate(n).map(|value| value as u32).map_err(|_| Fault::Unknown),
        }
    }

    fn put(&mut self, one: &Instruction, n: u32, value: u32) -> Done {
        match one.op_kind(n) {
            OpKind::Register => self.set(one.op_register(n), value),
            OpKind::Memory => {
                let at = self.segment(one).wrapping_add(self.address(one)?);
                self.memory.write(at, self.bytes_of(one, n), value.into())
            }
            _ => Err(Fault::Unknown),
        }
    }

    pub fn push(&mut self, value: u32) -> Done {
        self.push_of(value, 4)
    }

    fn push_of(&mut self, value: u32, bytes: u32) -> Done {
        let at = self.registers[ESP].wrapping_sub(bytes);
        self.memory.write(at, bytes as usize, value.into())?;
        self.registers[ESP] = at;
        Ok(())
    }

    pub fn pop(&mut self) -> Result<u32, Fault> {
        self.pop_of(4)
    }

    fn pop_of(&mut self, bytes: u32) -> Result<u32, Fault> {
        let value = self.memory.read(self.registers[ESP], bytes as usize)? as u32;
        self.registers[ESP] = self.registers[ESP].wrapping_add(bytes);
        Ok(value)
    }

    /// `eip` stands behind the instruction already.
    pub fn run(&mut self, one: &Instruction) -> Done {
        match one.mnemonic() {
            M::Mov => {
                let value = self.operand(one, 1)?;
                self.put(one, 0, value)
            }
            M::Lea => {
                let at = self.address(one)?;
                self.put(one, 0, at)
            }
            M::Movzx => {
                let value = self.operand(one, 1)?;
                self.put(one, 0, value)
            }
            M::Movsx => {
                let value = extended(self.operand(one, 1)?, self.bytes_of(one, 1));
                self.put(one, 0, value)
            }
            M::Push
            | M::Pop
            | M::Pushad
            | M::Popad
            | M::Pushfd
            | M::Popfd
            | M::Pusha
            | M::Popa
            | M::Pushf
            | M::Popf
            | M::Enter
            | M::Leave => self.stack(one),
            M::Add | M::Adc | M::Sub | M::Sbb | M::Cmp | M::And | M::Or | M::Xor | M::Test => self.two(one),
            M::Inc | M::Dec | M::Not | M::Neg => self.single(one),
            M::Shl | M::Sal | M::Shr | M::Sar | M::Rol | M::Ror | M::Rcl | M::Rcr => self.shift(one),
            M::Shld | M::Shrd => self.double_shift(one),
            M::Mul | M::Imul | M::Div | M::Idiv => self.product(one),
            M::Xchg | M::Xadd | M::Cmpxchg => self.exchange(one),
            M::Bswap => {
                let value = self.operand(one, 0)?.swap_bytes();
                self.put(one, 0, value)
            }
            M::Bt | M::Bts | M::Btr | M::Btc => self.bit(one),
            M::Bsf | M::Bsr => {
                let value = self.operand(one, 1)?;
                self.flags.zero = value == 0;
                if value == 0 {
                    return Ok(());
                }
                let forward = one.mnemonic() == M::Bsf;
                self.put(one, 0, if forward { value.trailing_zeros() } else { value.ilog2() })
            }
            M::Jmp | M::Call | M::Ret | M::Loop | M::Loope | M::Loopne | M::Jecxz | M::Jcxz => self.branch(one),
            M::Movsb
            | M::Movsw
            | M::Movsd
            | M::Stosb
            | M::Stosw
            | M::Stosd
            | M::Lodsb
            | M::Lodsw
            | M::Lodsd
            | M::Scasb
            | M::Scasw
            | M::Scasd
            | M::Cmpsb
            | M::Cmpsw
            | M::Cmpsd => self.string(one),
            M::Nop | M::Pause | M::Fnop | M::Wait | M::Prefetchnta | M::Fninit | M::Emms | M::Fnclex => Ok(()),
            M::Int3 => Err(Fault::Breakpoint),
            M::Int => Err(Fault::Unknown),
            M::Cli | M::Sti | M::Hlt | M::In | M::Out | M::Insb | M::Insd | M::Outsb | M::Outsd => {
                Err(Fault::Privileged)
            }
            _ => self.rest(one),
        }
    }

    fn rest(&mut self, one: &Instruction) -> Done {
        let condition = one.condition_code();
        if condition != iced_x86::ConditionCode::None {
            let holds = self.flags.hold(condition);
            return match one.mnemonic() {
                _ if one.is_jcc_short_or_near() => {
                    if holds {
                        self.eip = one.near_branch32();
                    }
                    Ok(())
                }
                _ if one.op_count() == 1 => self.put(one, 0, holds.into()),
                _ => {
                    let value = self.operand(one, 1)?;
                    if holds { self.put(one, 0, value) } else { Ok(()) }
                }
            };
        }
        let [eax, edx] = [self.registers[EAX], self.registers[EDX]];
        let al = eax & 0xff;
        match one.mnemonic() {
            M::Clc => self.flags.carry = false,
            M::Stc => self.flags.carry = true,
            M::Cmc => self.flags.carry = !self.flags.carry,
            M::Cld => self.flags.down = false,
            M::Std => self.flags.down = true,
            M::Lahf => self.registers[EAX] = eax & !0xff00 | (self.flags.bits() & 0xff) << 8,
            M::Sahf => self.flags.set_low((eax >> 8) as u8),
            M::Cbw => self.registers[EAX] = eax & !0xffff | extended(al, 1) & 0xffff,
            M::Cwde => self.registers[EAX] = extended(eax & 0xffff, 2),
            M::Cwd => self.registers[EDX] = edx & !0xffff | (extended(eax & 0xffff, 2) >> 16),
            M::Cdq => self.registers[EDX] = ((eax as i32) >> 31) as u32,
            M::Salc => self.registers[EAX] = eax & !0xff | if self.flags.carry { 0xff } else { 0 },
            M::Xlatb => {
                let at = self.registers[EBX].wrapping_add(al);
                self.registers[EAX] = eax & !0xff | self.memory.read(at, 1)? as u32;
            }
            M::Rdtsc => {
                let clock = self.steps.wrapping_mul(3);
                (self.registers[EAX], self.registers[EDX]) = (clock as u32, (clock >> 32) as u32);
            }
            M::Cpuid => self.registers[..4].copy_from_slice(&[1, 0, 0x0781_83ff, 0]),
            M::Bound => {}
            M::Aam => {
                let by = self.operand(one, 0)? & 0xff;
                if by == 0 {
                    return Err(Fault::Divide);
                }
                self.registers[EAX] = eax & !0xffff | (al / by) << 8 | (al % by);
                self.flags.of_result(al % by, 1);
            }
            M::Aad => {
                let by = self.operand(one, 0)?;
                let sum = al.wrapping_add((eax >> 8 & 0xff).wrapping_mul(by)) & 0xff;
                self.registers[EAX] = eax & !0xffff | sum;
                self.flags.of_result(sum, 1);
            }
            _ => return Err(Fault::Unknown),
        }
        Ok(())
    }
}
