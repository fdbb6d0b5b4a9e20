//! Sums, logic, shifts, products and single bits.

use super::{Done, EAX, EDX, Fault, Machine, extended, mask, top};
use iced_x86::{Instruction, Mnemonic as M, Register};

impl Machine {
    pub(super) fn two(&mut self, one: &Instruction) -> Done {
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

    pub(super) fn single(&mut self, one: &Instruction) -> Done {
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

    pub(super) fn shift(&mut self, one: &Instruction) -> Done {
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

    pub(super) fn double_shift(&mut self, one: &Instruction) -> Done {
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

    pub(super) fn product(&mut self, one: &Instruction) -> Done {
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

    pub(super) fn exchange(&mut self, one: &Instruction) -> Done {
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

    pub(super) fn bit(&mut self, one: &Instruction) -> Done {
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
}
