//! The hashing trick: a name becomes a column by MurmurHash3 (32 bits, seed 0), and its upper bit may become a sign. Same columns
//! and signs as scikit-learn's `FeatureHasher`.

/// MurmurHash3_x86_32 with seed 0 (Austin Appleby, public domain).
pub(super) fn murmur3(bytes: &[u8]) -> u32 {
    let scramble = |block: u32| block.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    let (blocks, rest) = bytes.as_chunks::<4>();
    let mut hash = 0u32;
    for block in blocks {
        hash ^= scramble(u32::from_le_bytes(*block));
        hash = hash.rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    if !rest.is_empty() {
        let mut last = [0u8; 4];
        last[..rest.len()].copy_from_slice(rest);
        hash ^= scramble(u32::from_le_bytes(last));
    }
    hash ^= bytes.len() as u32;
    hash ^= hash >> 16;
    hash = hash.wrapping_mul(0x85eb_ca6b);
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(0xc2b2_ae35);
    hash ^ hash >> 16
}

/// Columns that are filled with hashed names.
pub(super) struct Hashed {
    columns: Vec<f64>,
    signed: bool,
}

impl Hashed {
    pub(super) fn new(columns: usize, signed: bool) -> Self {
        Hashed { columns: vec![0.0; columns], signed }
    }

    pub(super) fn add(&mut self, name: &[u8], value: f64) {
        let hash = murmur3(name) as i32;
        let columns = self.columns.len() as u64;
        // The one number without a positive counterpart has a column of its own rule.
        let column = if hash == i32::MIN {
            (i32::MAX as u64 - (columns - 1)) % columns
        } else {
            u64::from(hash.unsigned_abs()) % columns
        };
        self.columns[column as usize] += if self.signed && hash < 0 { -value } else { value };
    }

    pub(super) fn write(&self, row: &mut Vec<f32>) {
        row.extend(self.columns.iter().map(|value| *value as f32));
    }
}

#[cfg(test)]
mod tests {
    use super::murmur3;

    #[test]
    fn known_hashes() {
        assert_eq!(murmur3(b""), 0);
        assert_eq!(murmur3(b"a"), 0x3c25_69b2);
        assert_eq!(murmur3(b"foo"), 0xf6a5_c420);
    }
}
