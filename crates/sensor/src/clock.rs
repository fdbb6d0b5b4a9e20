//! The kernel's clocks, in nanoseconds.

/// CLOCK_BOOTTIME: what every record is stamped with.
pub fn boottime() -> u64 {
    nanos_of(libc::CLOCK_BOOTTIME)
}

/// CLOCK_MONOTONIC: stands still while the host sleeps.
pub(crate) fn monotonic() -> u64 {
    nanos_of(libc::CLOCK_MONOTONIC)
}

/// CLOCK_THREAD_CPUTIME_ID: what the calling thread has used of a processor.
pub(crate) fn own_time() -> u64 {
    nanos_of(libc::CLOCK_THREAD_CPUTIME_ID)
}

/// The wall clock minus the boot clock: adding it to a record's time gives the time of day as it is known now.
pub fn wall_offset() -> u64 {
    nanos_of(libc::CLOCK_REALTIME).saturating_sub(boottime())
}

fn nanos_of(clock: libc::clockid_t) -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` is ours and lives through the call; these clocks always exist, so it is filled.
    unsafe { libc::clock_gettime(clock, &mut now) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}
