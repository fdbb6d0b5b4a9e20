//! A thread that waits for an answer, as /proc shows it. The question may be here before its thread has come to rest in the
//! kernel, and until then /proc shows nothing of it: on a busy machine for as long as it gets no processor.

use std::fs;
use std::io;
use std::time::{Duration, Instant};

const TURN: Duration = Duration::from_millis(1);

/// Why nobody can say what a thread is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unseen {
    /// It has ended, or does something else: whatever is answered, nobody waits for it.
    #[error("nobody waits there")]
    Gone,
    #[error("it did not come to rest")]
    Running,
    #[error("its memory cannot be read")]
    Memory,
}

impl From<io::Error> for Unseen {
    fn from(error: io::Error) -> Unseen {
        match error.kind() {
            io::ErrorKind::NotFound => Unseen::Gone,
            _ if error.raw_os_error() == Some(libc::ESRCH) => Unseen::Gone,
            _ => Unseen::Memory,
        }
    }
}

/// Of /proc/TID/syscall, once the thread rests: number of the call, its arguments, stack pointer, program counter. Waited for
/// until `until`, when whoever watches over the gate lets the thread go on, and says so.
pub fn line(tid: u32, until: Instant) -> Result<String, Unseen> {
    loop {
        let line = fs::read_to_string(format!("/proc/{tid}/syscall"))?;
        if !line.starts_with("running") {
            return Ok(line);
        }
        if Instant::now() >= until {
            return Err(Unseen::Running);
        }
        std::thread::sleep(TURN);
    }
}

/// Whether a thread that waits in a system call made it from within a mapped file that `is` tells by its path: the loader
/// opens libraries with code of its own.
pub fn opened_by(tid: u32, until: Instant, is: fn(&str) -> bool) -> Result<bool, Unseen> {
    let maps = fs::read(format!("/proc/{tid}/maps"))?;
    let maps = String::from_utf8_lossy(&maps);
    let ranges: Vec<(u64, u64)> = maps.lines().filter_map(|line| range(line, is)).collect();
    if ranges.is_empty() {
        return Ok(false);
    }
    let line = line(tid, until)?;
    let counter = line.trim_end().rsplit(' ').next().and_then(|word| word.strip_prefix("0x"));
    let at = counter.and_then(|digits| u64::from_str_radix(digits, 16).ok()).ok_or(Unseen::Gone)?;
    Ok(ranges.iter().any(|(from, to)| (*from..=*to).contains(&at)))
}

/// `55… - 56… r-xp 0000 08:01 42   /path`.
fn range(line: &str, is: fn(&str) -> bool) -> Option<(u64, u64)> {
    let (from, to) = line.split(' ').next()?.split_once('-')?;
    let path = line.find('/').map(|at| &line[at..])?;
    let number = |text| u64::from_str_radix(text, 16).ok();
    is(path).then_some((number(from)?, number(to)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn ranges_of_a_mapped_file() {
        let is = |path: &str| path.ends_with("/ld.so");
        assert_eq!(range("10-20 r-xp 00001000 08:01 42       /lib/ld.so", is), Some((16, 32)));
        assert_eq!(range("10-20 r-xp 00001000 08:01 42       /lib/libc.so", is), None);
        assert_eq!(range("10-20 rw-p 00000000 00:00 0", is), None);
        let soon = Instant::now() + Duration::from_secs(5);
        assert_eq!(opened_by(std::process::id(), soon, |path| path.ends_with("/not-mapped")), Ok(false));
        assert_eq!(opened_by(u32::MAX / 2, soon, |_| true), Err(Unseen::Gone));
    }

    /// The thread is kept from its rest for far longer than one look takes; it is waited for.
    #[test]
    fn who_still_runs_is_waited_for() {
        let busy = AtomicBool::new(true);
        let (send, tid) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| {
                send.send(rustix::thread::gettid().as_raw_nonzero().get() as u32).unwrap();
                while busy.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
                std::thread::park();
            });
            let tid = tid.recv().unwrap();
            assert_eq!(line(tid, Instant::now()), Err(Unseen::Running));
            scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(200));
                busy.store(false, Ordering::Relaxed);
            });
            let line = line(tid, Instant::now() + Duration::from_secs(30)).unwrap();
            assert!(line.split(' ').next().unwrap().parse::<i64>().is_ok(), "{line}");
            thread.thread().unpark();
        });
    }
}
