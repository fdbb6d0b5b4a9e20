//! What the kernel counts: what each program costs, and how often something happened.

use libbpf_rs::{MapCore, MapFlags, MapHandle, Program};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

/// From the kernel's own counters (`BPF_ENABLE_STATS`); zero while they are off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunStats {
    pub program: String,
    pub runs: u64,
    pub nanos: u64,
}

impl RunStats {
    /// Mean of the runs since `earlier`.
    pub fn nanos_a_run_since(&self, earlier: &RunStats) -> f64 {
        let runs = self.runs.saturating_sub(earlier.runs);
        if runs == 0 { 0.0 } else { self.nanos.saturating_sub(earlier.nanos) as f64 / runs as f64 }
    }
}

pub(crate) fn of<'a>(programs: impl Iterator<Item = Program<'a>>) -> Vec<RunStats> {
    programs
        .filter_map(|program| {
            let (nanos, runs) = run_counters(program.as_fd())?;
            Some(RunStats { program: program.name().to_string_lossy().into_owned(), runs, nanos })
        })
        .collect()
}

/// A number of 64 bits in an array of the kernel half; None, which is said, when it cannot be read.
pub(crate) fn count(map: &MapHandle, index: u32) -> Option<u64> {
    let found = map.lookup(&index.to_ne_bytes(), MapFlags::ANY);
    let number =
        found.as_ref().ok().and_then(|bytes| Some(u64::from_ne_bytes(bytes.as_ref()?.as_slice().try_into().ok()?)));
    if number.is_none() {
        tracing::error!(map = %map.name().to_string_lossy(), index, error = ?found.err(), "the kernel's count cannot be read");
    }
    number
}

fn run_counters(program: BorrowedFd<'_>) -> Option<(u64, u64)> {
    let mut info = libbpf_rs::libbpf_sys::bpf_prog_info::default();
    let mut length = size_of_val(&info) as u32;
    // SAFETY: `info` is a plain C struct that lives through the call, and `length` is its size.
    let failed = unsafe {
        libbpf_rs::libbpf_sys::bpf_obj_get_info_by_fd(program.as_raw_fd(), (&raw mut info).cast(), &mut length)
    };
    (failed == 0).then_some((info.run_time_ns, info.run_cnt))
}

/// The kernel counts while the descriptor is open.
pub(crate) fn enable() -> io::Result<OwnedFd> {
    // SAFETY: a system call without pointers; the result is checked.
    let fd = unsafe { libbpf_rs::libbpf_sys::bpf_enable_stats(libbpf_rs::libbpf_sys::BPF_STATS_RUN_TIME) };
    if fd < 0 {
        return Err(io::Error::from_raw_os_error(-fd));
    }
    // SAFETY: the kernel has just given us this descriptor; nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}
