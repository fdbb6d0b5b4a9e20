//! A worker's life: warm up, give up system calls, then one file after the other.

use super::arsenal::Arsenal;
use super::{confine, examiner::Examiner, syscalls};
use crate::channel::{Channel, ChannelError};
use crate::protocol::{ScanAnswer, ScanRequest};
use rustix::fd::OwnedFd;

const MAX_FRAME: usize = 64 << 10;
/// Then it makes room for a fresh one: whatever leaked, or crept in, goes with it.
const FILES_A_LIFE: u32 = 20_000;

pub fn run(socket: OwnedFd, arsenal: &Arsenal) -> i32 {
    let mut scanner = Channel::new(socket, MAX_FRAME);
    let mut examiner = Examiner::new(arsenal);
    // This starts yara-x's clock thread and makes the engines map what they need, while that is still allowed.
    examiner.warm_up();
    if let Err(error) = confine::allow_only(syscalls::WORKER, true) {
        let answer = ScanAnswer { error: Some(error.to_string()), retires: true, ..ScanAnswer::default() };
        let _ = scanner.send(&answer, None, None);
        return 1;
    }
    match serve(&mut scanner, &mut examiner) {
        Ok(()) | Err(ChannelError::Closed) => 0,
        Err(_) => 1,
    }
}

fn serve(scanner: &mut Channel, examiner: &mut Examiner<'_>) -> Result<(), ChannelError> {
    for life in 1..=FILES_A_LIFE {
        let (request, file): (ScanRequest, _) = scanner.receive(None)?;
        let mut answer = match file {
            Some(file) => examiner.examine(&file.into(), request),
            None => ScanAnswer { error: Some("no file came with the request".into()), ..ScanAnswer::default() },
        };
        answer.retires = life == FILES_A_LIFE;
        scanner.send(&answer, None, None)?;
    }
    Ok(())
}
