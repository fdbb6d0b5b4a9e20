//! A worker's life: warm up, give up system calls, then one file after the other.

use super::{confine, engine::Engine, syscalls};
use crate::channel::{Channel, ChannelError};
use crate::protocol::{ScanAnswer, ScanRequest};
use rustix::fd::OwnedFd;
use yara_x::Rules;

const MAX_FRAME: usize = 64 << 10;
/// Then it makes room for a fresh one: whatever leaked, or crept in, goes with it.
const FILES_A_LIFE: u32 = 20_000;

pub fn run(socket: OwnedFd, rules: &Rules) -> i32 {
    let scanner = Channel::new(socket, MAX_FRAME);
    let mut engine = Engine::new(rules);
    // The scan below starts yara-x's clock thread and makes the engine map what it needs, while that is still allowed.
    engine.warm_up();
    if let Err(error) = confine::allow_only(syscalls::WORKER, true) {
        let answer = ScanAnswer { error: Some(error.to_string()), retires: true, ..ScanAnswer::default() };
        let _ = scanner.send(&answer, None, None);
        return 1;
    }
    match serve(&scanner, &mut engine) {
        Ok(()) | Err(ChannelError::Closed) => 0,
        Err(_) => 1,
    }
}

fn serve(scanner: &Channel, engine: &mut Engine<'_>) -> Result<(), ChannelError> {
    for life in 1..=FILES_A_LIFE {
        let (request, file): (ScanRequest, _) = scanner.receive(None)?;
        let mut answer = match file {
            Some(file) => engine.scan(&file, &request),
            None => ScanAnswer { error: Some("no file came with the request".into()), ..ScanAnswer::default() },
        };
        answer.retires = life == FILES_A_LIFE;
        scanner.send(&answer, None, None)?;
    }
    Ok(())
}
