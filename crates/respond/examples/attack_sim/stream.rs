//! What looks like ciphertext.

/// XORs with a stream of noise; twice gives back what was.
pub fn scramble(bytes: &mut [u8], seed: u64) {
    let mut state = seed ^ 0x9e37_79b9_7f4a_7c15;
    for chunk in bytes.chunks_mut(8) {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^= word >> 31;
        chunk.iter_mut().zip(word.to_le_bytes()).for_each(|(byte, noise)| *byte ^= noise);
    }
}

pub fn base64(bytes: &[u8]) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = Vec::with_capacity(bytes.len() * 4 / 3 + 4);
    for group in bytes.chunks(3) {
        let word = group.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for n in 0..=group.len() {
            text.push(LETTERS[(word >> (18 - 6 * n)) as usize & 63]);
        }
        text.extend(std::iter::repeat_n(b'=', 3 - group.len()));
    }
    text
}
