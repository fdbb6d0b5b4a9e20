//! The spool from outside: order, bounds, crashes, damage, a full disk.

mod bounds;
mod crash;
mod damage;
mod full_disk;
mod model;
mod order;

use spool::{Fsync, SpoolConfig};

/// Small enough that a few hundred records fill segments and reach the cap.
pub fn small() -> SpoolConfig {
    SpoolConfig {
        max_bytes: 256 << 10,
        segment_bytes: 8 << 10,
        max_record_bytes: 4096,
        buffer_bytes: 1024,
        ballast_bytes: 0,
        fsync: Fsync::Never,
    }
}
