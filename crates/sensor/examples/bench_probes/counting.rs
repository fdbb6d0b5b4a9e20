//! What the kernel's own counting adds to each figure: the time of a program that does nothing at all.

use libbpf_rs::libbpf_sys as sys;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// `return 0` at the end of every system call, while it lives.
pub struct Nothing {
    program: OwnedFd,
    _link: OwnedFd,
}

impl Nothing {
    pub fn attach() -> io::Result<Nothing> {
        // r0 = 0; exit
        let code = [0xB7u64, 0x95];
        // SAFETY: the names are C strings, the code is two instructions of eight bytes, no options are passed.
        let program = owned(unsafe {
            sys::bpf_prog_load(
                sys::BPF_PROG_TYPE_RAW_TRACEPOINT,
                c"tamon_nothing".as_ptr(),
                c"GPL".as_ptr(),
                code.as_ptr().cast(),
                code.len() as sys::size_t,
                std::ptr::null_mut(),
            )
        })?;
        // SAFETY: a C string and an open descriptor.
        let link = owned(unsafe { sys::bpf_raw_tracepoint_open(c"sys_exit".as_ptr(), program.as_raw_fd()) })?;
        Ok(Nothing { program, _link: link })
    }

    /// Nanoseconds a run so far.
    pub fn nanos_a_run(&self) -> io::Result<f64> {
        // SAFETY: plain numbers and pointers, for which zero stands.
        let mut info: sys::bpf_prog_info = unsafe { std::mem::zeroed() };
        let mut length = size_of::<sys::bpf_prog_info>() as u32;
        // SAFETY: `info` is as long as `length` says and lives across the call.
        let result = unsafe { sys::bpf_prog_get_info_by_fd(self.program.as_raw_fd(), &mut info, &mut length) };
        if result < 0 {
            Err(io::Error::from_raw_os_error(-result))
        } else {
            Ok(info.run_time_ns as f64 / info.run_cnt.max(1) as f64)
        }
    }
}

fn owned(result: i32) -> io::Result<OwnedFd> {
    // SAFETY: what is not negative is a new descriptor that nobody else has.
    if result < 0 { Err(io::Error::from_raw_os_error(-result)) } else { Ok(unsafe { OwnedFd::from_raw_fd(result) }) }
}
