//! What comes from the network, and what the kernel half tells of it.

use event::BootId;

pub fn fuzz_first_bytes(data: &[u8]) {
    if let Some(spoken) = sensor::first_bytes::read(data) {
        for text in [spoken.method, spoken.account, spoken.server].into_iter().flatten() {
            assert!(text.len() <= 320);
        }
    }
}

/// Records of the ring: lengths that promise more than they hold.
pub fn fuzz_kernel_record(data: &[u8]) {
    sensor::fuzzing::decode(BootId(1), data);
}
