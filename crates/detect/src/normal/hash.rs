//! Keyed hashes of names. The key is drawn by each host, so that nobody can choose a name that counts as another.

use std::hash::{BuildHasherDefault, Hasher};

/// Kept with what was learned: counts in a sketch mean nothing under another key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Seed(pub [u64; 2]);

impl Seed {
    /// Of a list of parts; their ends count, so that `a` + `bc` is not `ab` + `c`.
    pub(super) fn hash(self, parts: &[&str]) -> u64 {
        parts.iter().fold(self.0[0], |state, part| self.mix(state, part.as_bytes()))
    }

    pub(super) fn join(self, left: u64, right: u64) -> u64 {
        let [first, second] = self.keys();
        fold(fold(left ^ first, second) ^ right, first)
    }

    fn mix(self, mut state: u64, bytes: &[u8]) -> u64 {
        let [first, second] = self.keys();
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            state = fold(state ^ u64::from_le_bytes(*word), second);
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        fold(fold(state ^ u64::from_le_bytes(last), second) ^ bytes.len() as u64, first)
    }

    /// However few bits are set in what was drawn, the factors have many.
    fn keys(self) -> [u64; 2] {
        [self.0[0] ^ 0xa076_1d64_78bd_642f, self.0[1] ^ 0xe703_7ed1_a0b4_28db]
    }
}

fn fold(left: u64, right: u64) -> u64 {
    let wide = u128::from(left) * u128::from(right | 1);
    (wide as u64) ^ (wide >> 64) as u64
}

/// Keys of the tables are hashes already.
#[derive(Default)]
pub(super) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

pub(super) type ByHash<V> = std::collections::HashMap<u64, V, BuildHasherDefault<AsItIs>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_keys_count() {
        let seed = Seed([7, 9]);
        assert_ne!(seed.hash(&["a", "bc"]), seed.hash(&["ab", "c"]));
        assert_ne!(seed.hash(&["a"]), seed.hash(&["a", ""]));
        assert_ne!(seed.hash(&["/usr/bin/ls"]), Seed([8, 9]).hash(&["/usr/bin/ls"]));
        let all: std::collections::HashSet<u64> = (0..50_000).map(|n| seed.hash(&[&format!("/usr/bin/{n}")])).collect();
        assert_eq!(all.len(), 50_000);
    }
}
