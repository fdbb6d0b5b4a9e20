//! Stack, jumps and strings.

use super::{Done, EAX, EBP, EBX, ECX, EDI, EDX, ESI, ESP, Fault, Machine, mask};
use crate::format::packed::flags::Flags;
use iced_x86::{Instruction, Mnemonic as M};

impl Machine {
    pub(super) fn stack(&mut self, one: &Instruction) -> Done {
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

    pub(super) fn branch(&mut self, one: &Instruction) -> Done {
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
    pub(super) fn string(&mut self, one: &Instruction) -> Done {
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
