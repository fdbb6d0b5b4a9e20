//! Counts and distinct counts in a fixed number of bytes.

use serde::{Deserialize, Serialize};

const ROWS: usize = 4;
const WIDTH: usize = 8_192;

/// How often a hash was counted: never less than it was, seldom more. 128 KiB.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct CountMin {
    cells: Vec<u32>,
}

impl Default for CountMin {
    fn default() -> Self {
        CountMin { cells: vec![0; ROWS * WIDTH] }
    }
}

impl CountMin {
    pub fn add(&mut self, hash: u64, count: u32) {
        for place in places(hash) {
            self.cells[place] = self.cells[place].saturating_add(count);
        }
    }

    pub fn estimate(&self, hash: u64) -> u32 {
        places(hash).map(|place| self.cells[place]).min().unwrap_or(0)
    }

    pub fn halve(&mut self) {
        self.cells.iter_mut().for_each(|cell| *cell /= 2);
    }

    /// Its size is part of its meaning.
    pub fn is_whole(&self) -> bool {
        self.cells.len() == ROWS * WIDTH
    }
}

fn places(hash: u64) -> impl Iterator<Item = usize> {
    let step = (hash >> 32) | 1;
    (0..ROWS as u64).map(move |row| row as usize * WIDTH + (hash.wrapping_add(row.wrapping_mul(step)) as usize % WIDTH))
}

const REGISTERS: usize = 256;

/// How many different hashes were shown: HyperLogLog with 256 registers, about 6.5 % off.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Distinct {
    registers: Vec<u8>,
}

impl Default for Distinct {
    fn default() -> Self {
        Distinct { registers: vec![0; REGISTERS] }
    }
}

impl Distinct {
    pub fn add(&mut self, hash: u64) {
        let register = (hash >> 56) as usize;
        let rank = ((hash << 8) | 0x80).leading_zeros() as u8 + 1;
        self.registers[register] = self.registers[register].max(rank);
    }

    pub fn count(&self) -> u64 {
        let m = REGISTERS as f64;
        let sum: f64 = self.registers.iter().map(|rank| (-f64::from(*rank)).exp2()).sum();
        let raw = 0.7213 / (1.0 + 1.079 / m) * m * m / sum;
        let empty = self.registers.iter().filter(|rank| **rank == 0).count();
        let count = if raw <= 2.5 * m && empty > 0 { m * (m / empty as f64).ln() } else { raw };
        count.round() as u64
    }

    /// Its size is part of its meaning.
    pub fn is_whole(&self) -> bool {
        self.registers.len() == REGISTERS
    }

    pub fn clear(&mut self) {
        self.registers.fill(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normal::hash::Seed;

    #[test]
    fn counts_are_never_too_low() {
        let (mut sketch, seed) = (CountMin::default(), Seed([3, 5]));
        let hash = |n: u32| seed.hash(&[&n.to_string()]);
        (0..20_000).for_each(|n| sketch.add(hash(n), n % 7 + 1));
        let over = (0..20_000).filter(|n| sketch.estimate(hash(*n)) != n % 7 + 1).count();
        assert!((0..20_000).all(|n| sketch.estimate(hash(n)) > n % 7));
        assert!(over < 20_000, "all are too high");
        let mut few = CountMin::default();
        (0..500).for_each(|n| few.add(hash(n), 3));
        let unseen = (10_000..20_000).filter(|n| few.estimate(hash(*n)) > 0).count();
        assert!(unseen < 20, "{unseen} of 10,000 unseen ones look seen");
    }

    #[test]
    fn distinct_counts_are_near() {
        let seed = Seed([3, 5]);
        for many in [0u32, 1, 10, 100, 1_000, 50_000] {
            let mut distinct = Distinct::default();
            for n in (0..many).chain(0..many) {
                distinct.add(seed.hash(&[&n.to_string()]));
            }
            let off = (distinct.count() as f64 - f64::from(many)).abs();
            assert!(off <= f64::from(many) * 0.2 + 0.5, "{many}: {}", distinct.count());
        }
    }
}
