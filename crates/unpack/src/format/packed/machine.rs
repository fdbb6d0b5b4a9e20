//! An x86 processor of 32 bits, as much of it as packers use: registers, flags, integers and strings. An instruction comes
//! in decoded; what it does is done on [`Memory`]. Whatever else it meets ends the run.

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

    fn stack(&mut self, one: &Instruction) -> Done {
        match one.mnemonic() {
            M::Push => {
                let value = self.operand(one, 0)?;
                self.push_of(value, one.stack_pointer_increment().unsigned_abs())
            }
            M::Pop => {
                let value = self.pop_of(one.stack_pointer_increment().unsigned_abs())?;
                self.put(one, 0, value)
            }
            M::Pushad | M::Pusha => {
                let held = self.registers;
                [EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI].iter().try_for_each(|n| self.push(held[*n]))
            }
            M::Popad | M::Popa => {
                for n in [EDI, ESI, EBP, ESP, EBX, EDX, ECX, EAX] {
                    let value = self.pop()?;
                    if n != ESP {
                        self.registers[n] = value;
                    }
                }
                Ok(())
            }
            M::Pushfd | M::Pushf => self.push_of(self.flags.bits(), one.stack_pointer_increment().unsigned_abs()),
            M::Popfd | M::Popf => {
                let bits = self.pop_of(one.stack_pointer_increment().unsigned_abs())?;
                self.flags = Flags::of(bits);
                Ok(())
            }
            M::Enter => {
                let room = self.operand(one, 0)?;
                self.push(self.registers[EBP])?;
                self.registers[EBP] = self.registers[ESP];
                self.registers[ESP] = self.registers[ESP].wrapping_sub(room);
                Ok(())
            }
            _ => {
                self.registers[ESP] = self.registers[EBP];
                self.registers[EBP] = self.pop()?;
                Ok(())
            }
        }
    }

    fn two(&mut self, one: &Instruction) -> Done {
        let bytes = self.bytes_of(one, 0);
        let (a, b) = (self.operand(one, 0)?, self.operand(one, 1)? & mask(bytes));
        let carry = u32::from(self.flags.carry);
        let result = match one.mnemonic() {
            M::Add => self.flags.sum(a, b, 0, bytes),
            M::Adc => self.flags.sum(a, b, carry, bytes),
            M::Sub | M::Cmp => self.flags.difference(a, b, 0, bytes),
            M::Sbb => self.flags.difference(a, b, carry, bytes),
            M::And | M::Test => self.flags.logic(a & b, bytes),
            M::Or => self.flags.logic(a | b, bytes),
            _ => self.flags.logic(a ^ b, bytes),
        };
        if matches!(one.mnemonic(), M::Cmp | M::Test) { Ok(()) } else { self.put(one, 0, result) }
    }

    fn single(&mut self, one: &Instruction) -> Done {
        let bytes = self.bytes_of(one, 0);
        let value = self.operand(one, 0)?;
        let carry = self.flags.carry;
        let result = match one.mnemonic() {
            M::Not => !value & mask(bytes),
            M::Neg => self.flags.difference(0, value, 0, bytes),
            M::Inc => self.flags.sum(value, 1, 0, bytes),
            _ => self.flags.difference(value, 1, 0, bytes),
        };
        if matches!(one.mnemonic(), M::Inc | M::Dec) {
            self.flags.carry = carry;
        }
        self.put(one, 0, result)
    }

    fn shift(&mut self, one: &Instruction) -> Done {
        let bytes = self.bytes_of(one, 0);
        let (bits, count) = (8 * bytes as u32, self.operand(one, 1)? & 31);
        let mut value = self.operand(one, 0)?;
        if count == 0 {
            return Ok(());
        }
        let before = value;
        for _ in 0..count {
            let (low, high) = (value & 1 != 0, value & top(bytes) != 0);
            let carried = self.flags.carry;
            (value, self.flags.carry) = match one.mnemonic() {
                M::Shl | M::Sal => (value << 1, high),
                M::Shr => (value >> 1, low),
                M::Sar => (value >> 1 | if high { top(bytes) } else { 0 }, low),
                M::Rol => (value << 1 | u32::from(high), high),
                M::Ror => (value >> 1 | u32::from(low) << (bits - 1), low),
                M::Rcl => (value << 1 | u32::from(carried), high),
                _ => (value >> 1 | u32::from(carried) << (bits - 1), low),
            };
            value &= mask(bytes);
        }
        self.flags.overflow = (before ^ value) & top(bytes) != 0;
        if matches!(one.mnemonic(), M::Shl | M::Sal | M::Shr | M::Sar) {
            self.flags.of_result(value, bytes);
        }
        self.put(one, 0, value)
    }

    fn double_shift(&mut self, one: &Instruction) -> Done {
        let bytes = self.bytes_of(one, 0);
        let bits = 8 * bytes as u32;
        let (a, b, count) = (self.operand(one, 0)?, self.operand(one, 1)?, self.operand(one, 2)? & 31);
        if count == 0 || count >= bits {
            return Ok(());
        }
        let (value, carry) = if one.mnemonic() == M::Shld {
            (a << count | b >> (bits - count), a >> (bits - count) & 1)
        } else {
            (a >> count | b << (bits - count), a >> (count - 1) & 1)
        };
        self.flags.carry = carry != 0;
        self.flags.of_result(value & mask(bytes), bytes);
        self.put(one, 0, value & mask(bytes))
    }

    fn product(&mut self, one: &Instruction) -> Done {
        let bytes = self.bytes_of(one, 0);
        if one.mnemonic() == M::Imul && one.op_count() > 1 {
            let (a, b) = if one.op_count() == 2 { (0, 1) } else { (1, 2) };
            let (a, b) = (self.operand(one, a)?, self.operand(one, b)?);
            let whole = i64::from(extended(a, bytes) as i32) * i64::from(extended(b & mask(bytes), bytes) as i32);
            let cut = whole as u32 & mask(bytes);
            self.flags.carry = i64::from(extended(cut, bytes) as i32) != whole;
            self.flags.overflow = self.flags.carry;
            return self.put(one, 0, cut);
        }
        let by = self.operand(one, 0)?;
        let bits = 8 * bytes as u32;
        let (low, high) = match bytes {
            1 => (self.registers[EAX] & 0xff, self.registers[EAX] >> 8 & 0xff),
            2 => (self.registers[EAX] & 0xffff, self.registers[EDX] & 0xffff),
            _ => (self.registers[EAX], self.registers[EDX]),
        };
        let (first, second) = match one.mnemonic() {
            M::Mul => {
                let whole = u64::from(low) * u64::from(by);
                self.flags.carry = whole >> bits != 0;
                (whole as u32 & mask(bytes), (whole >> bits) as u32)
            }
            M::Imul => {
                let whole = i64::from(extended(low, bytes) as i32) * i64::from(extended(by, bytes) as i32);
                self.flags.carry = i64::from(extended(whole as u32 & mask(bytes), bytes) as i32) != whole;
                (whole as u32 & mask(bytes), (whole >> bits) as u32 & mask(bytes))
            }
            M::Div => {
                let whole = u64::from(high) << bits | u64::from(low);
                let result = whole.checked_div(by.into()).filter(|result| *result <= u64::from(mask(bytes)));
                let result = result.ok_or(Fault::Divide)?;
                (result as u32, (whole % u64::from(by)) as u32)
            }
            _ => {
                let whole = (u64::from(high) << bits | u64::from(low)) as i64;
                let shift = 64 - 2 * bits;
                let (whole, by) = (whole << shift >> shift, i64::from(extended(by, bytes) as i32));
                let result = whole.checked_div(by).ok_or(Fault::Divide)?;
                if i64::from(extended(result as u32 & mask(bytes), bytes) as i32) != result {
                    return Err(Fault::Divide);
                }
                (result as u32 & mask(bytes), (whole % by) as u32 & mask(bytes))
            }
        };
        if matches!(one.mnemonic(), M::Mul | M::Imul) {
            self.flags.overflow = self.flags.carry;
        }
        match bytes {
            1 => self.set(Register::AX, first | second << 8),
            2 => self.set(Register::AX, first).and_then(|()| self.set(Register::DX, second)),
            _ => self.set(Register::EAX, first).and_then(|()| self.set(Register::EDX, second)),
        }
    }

    fn exchange(&mut self, one: &Instruction) -> Done {
        let bytes = self.bytes_of(one, 0);
        let (a, b) = (self.operand(one, 0)?, self.operand(one, 1)?);
        match one.mnemonic() {
            M::Xchg => {
                self.put(one, 0, b)?;
                self.put(one, 1, a)
            }
            M::Xadd => {
                let sum = self.flags.sum(a, b, 0, bytes);
                self.put(one, 1, a)?;
                self.put(one, 0, sum)
            }
            _ => {
                let expected = self.registers[EAX] & mask(bytes);
                self.flags.difference(expected, a, 0, bytes);
                if self.flags.zero {
                    self.put(one, 0, b)
                } else {
                    self.registers[EAX] = self.registers[EAX] & !mask(bytes) | a;
                    Ok(())
                }
            }
        }
    }

    fn bit(&mut self, one: &Instruction) -> Done {
        let bits = 8 * self.bytes_of(one, 0) as u32;
        let (value, at) = (self.operand(one, 0)?, self.operand(one, 1)? % bits);
        self.flags.carry = value >> at & 1 != 0;
        match one.mnemonic() {
            M::Bts => self.put(one, 0, value | 1 << at),
            M::Btr => self.put(one, 0, value & !(1 << at)),
            M::Btc => self.put(one, 0, value ^ 1 << at),
            _ => Ok(()),
        }
    }

    fn branch(&mut self, one: &Instruction) -> Done {
        match one.mnemonic() {
            M::Jmp => self.eip = self.operand(one, 0)?,
            M::Call => {
                let to = self.operand(one, 0)?;
                self.push(self.eip)?;
                self.eip = to;
            }
            M::Ret => {
                self.eip = self.pop()?;
                if one.op_count() > 0 {
                    self.registers[ESP] = self.registers[ESP].wrapping_add(self.operand(one, 0)?);
                }
            }
            M::Jecxz => {
                if self.registers[ECX] == 0 {
                    self.eip = one.near_branch32();
                }
            }
            M::Jcxz => {
                if self.registers[ECX] & 0xffff == 0 {
                    self.eip = one.near_branch32();
                }
            }
            other => {
                self.registers[ECX] = self.registers[ECX].wrapping_sub(1);
                let goes = match other {
                    M::Loope => self.flags.zero,
                    M::Loopne => !self.flags.zero,
                    _ => true,
                };
                if goes && self.registers[ECX] != 0 {
                    self.eip = one.near_branch32();
                }
            }
        }
        Ok(())
    }

    /// One turn; a repeated one comes back to itself until it is through.
    fn string(&mut self, one: &Instruction) -> Done {
        if !one.is_string_instruction() {
            return Err(Fault::Unknown);
        }
        let repeated = one.has_rep_prefix() || one.has_repne_prefix();
        if repeated && self.registers[ECX] == 0 {
            return Ok(());
        }
        let (bytes, compares) = match one.mnemonic() {
            M::Movsb | M::Stosb | M::Lodsb => (1, false),
            M::Movsw | M::Stosw | M::Lodsw => (2, false),
            M::Movsd | M::Stosd | M::Lodsd => (4, false),
            M::Scasb | M::Cmpsb => (1, true),
            M::Scasw | M::Cmpsw => (2, true),
            _ => (4, true),
        };
        let step = if self.flags.down { (bytes as u32).wrapping_neg() } else { bytes as u32 };
        let (source, target) = (self.registers[ESI], self.registers[EDI]);
        let (mut moves_source, mut moves_target) = (true, true);
        match one.mnemonic() {
            M::Movsb | M::Movsw | M::Movsd => {
                let value = self.memory.read(source, bytes)?;
                self.memory.write(target, bytes, value)?;
            }
            M::Stosb | M::Stosw | M::Stosd => {
                self.memory.write(target, bytes, self.registers[EAX].into())?;
                moves_source = false;
            }
            M::Lodsb | M::Lodsw | M::Lodsd => {
                let value = self.memory.read(source, bytes)? as u32;
                self.registers[EAX] = self.registers[EAX] & !mask(bytes) | value;
                moves_target = false;
            }
            M::Scasb | M::Scasw | M::Scasd => {
                let value = self.memory.read(target, bytes)? as u32;
                self.flags.difference(self.registers[EAX] & mask(bytes), value, 0, bytes);
                moves_source = false;
            }
            _ => {
                let (a, b) = (self.memory.read(source, bytes)? as u32, self.memory.read(target, bytes)? as u32);
                self.flags.difference(a, b, 0, bytes);
            }
        }
        if moves_source {
            self.registers[ESI] = source.wrapping_add(step);
        }
        if moves_target {
            self.registers[EDI] = target.wrapping_add(step);
        }
        if repeated {
            self.registers[ECX] = self.registers[ECX].wrapping_sub(1);
            let goes = !compares || self.flags.zero == one.has_repe_prefix();
            if goes && self.registers[ECX] != 0 {
                self.eip = one.ip32();
            }
        }
        Ok(())
    }
}
