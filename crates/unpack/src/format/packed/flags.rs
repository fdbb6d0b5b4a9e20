//! The flags of an x86 processor, and the sums that set them.

use iced_x86::ConditionCode;

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flags {
    pub carry: bool,
    pub parity: bool,
    pub adjust: bool,
    pub zero: bool,
    pub sign: bool,
    /// A fault after each instruction.
    pub trap: bool,
    pub down: bool,
    pub overflow: bool,
}

impl Flags {
    pub fn bits(self) -> u32 {
        let bit = |on: bool, at: u32| u32::from(on) << at;
        0x202
            | bit(self.carry, 0)
            | bit(self.parity, 2)
            | bit(self.adjust, 4)
            | bit(self.zero, 6)
            | bit(self.sign, 7)
            | bit(self.trap, 8)
            | bit(self.down, 10)
            | bit(self.overflow, 11)
    }

    pub fn of(bits: u32) -> Flags {
        let bit = |at: u32| bits >> at & 1 != 0;
        Flags {
            carry: bit(0),
            parity: bit(2),
            adjust: bit(4),
            zero: bit(6),
            sign: bit(7),
            trap: bit(8),
            down: bit(10),
            overflow: bit(11),
        }
    }

    /// All but those above the first byte.
    pub fn set_low(&mut self, bits: u8) {
        let low = Flags::of(bits.into());
        *self = Flags { trap: self.trap, down: self.down, overflow: self.overflow, ..low };
    }

    /// Zero, sign and parity.
    pub fn of_result(&mut self, value: u32, bytes: usize) {
        self.zero = value == 0;
        self.sign = value >> (8 * bytes - 1) & 1 != 0;
        self.parity = (value as u8).count_ones().is_multiple_of(2);
    }

    pub fn logic(&mut self, value: u32, bytes: usize) -> u32 {
        (self.carry, self.overflow, self.adjust) = (false, false, false);
        self.of_result(value, bytes);
        value
    }

    pub fn sum(&mut self, a: u32, b: u32, carry: u32, bytes: usize) -> u32 {
        let whole = u64::from(a) + u64::from(b) + u64::from(carry);
        let value = (whole & (u64::MAX >> (64 - 8 * bytes))) as u32;
        self.carry = whole >> (8 * bytes) != 0;
        self.overflow = (a ^ value) & (b ^ value) & 1 << (8 * bytes - 1) != 0;
        self.adjust = (a ^ b ^ value) & 16 != 0;
        self.of_result(value, bytes);
        value
    }

    pub fn difference(&mut self, a: u32, b: u32, borrow: u32, bytes: usize) -> u32 {
        let value = (u64::from(a).wrapping_sub(u64::from(b)).wrapping_sub(borrow.into())
            & (u64::MAX >> (64 - 8 * bytes))) as u32;
        self.carry = u64::from(a) < u64::from(b) + u64::from(borrow);
        self.overflow = (a ^ b) & (a ^ value) & 1 << (8 * bytes - 1) != 0;
        self.adjust = (a ^ b ^ value) & 16 != 0;
        self.of_result(value, bytes);
        value
    }

    pub fn hold(&self, condition: ConditionCode) -> bool {
        use ConditionCode as C;
        match condition {
            C::o => self.overflow,
            C::no => !self.overflow,
            C::b => self.carry,
            C::ae => !self.carry,
            C::e => self.zero,
            C::ne => !self.zero,
            C::be => self.carry || self.zero,
            C::a => !self.carry && !self.zero,
            C::s => self.sign,
            C::ns => !self.sign,
            C::p => self.parity,
            C::np => !self.parity,
            C::l => self.sign != self.overflow,
            C::ge => self.sign == self.overflow,
            C::le => self.zero || self.sign != self.overflow,
            C::g => !self.zero && self.sign == self.overflow,
            C::None => false,
        }
    }
}
