//! The other side of the socket. Three kinds of process, all without privileges from their first step on:
//!
//! - the **nursery** takes in the signatures once and bears workers on request. It holds no scanned file's bytes, ever, and
//!   has one thread, so that `fork` is sound;
//! - a **compiler** makes one database of foreign ones, before there is a nursery, and ends;
//! - a **worker** is the nursery's child: it shares the compiled rules page by page, starts within milliseconds, gives up nearly
//!   all system calls, then takes files one after the other. It ends when its socket does, or when it has done enough.

mod arsenal;
mod compile;
mod confine;
mod digests;
mod examiner;
mod fetching;
mod file_type;
mod nursery;
mod panel;
mod reading;
mod serve;
mod syscalls;
mod yara;

pub use confine::ConfineError;
pub use fetching::confine_update;
use std::process::ExitCode;

/// Body of `tamon scan-worker`. Standard input is the socket to the scanner; nothing else is inherited. Call it before
/// any thread is started.
pub fn worker_main() -> ExitCode {
    match nursery::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("scan-worker: {error}");
            ExitCode::FAILURE
        }
    }
}
