//! The heart-beat of all that refuses in the kernel. It has a thread of its own that comes before the host's work: a pipeline
//! that waits for a disk, or for a processor on a busy host, is no stall, and must not open what the host relies on. Where
//! this process stands still as a whole there is no beat, and none either when nobody has drained the sensor for so long that
//! nobody could take back what is refused.

use crate::clock::boottime;
use libbpf_rs::{MapCore, MapFlags, MapHandle};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const BEAT: Duration = Duration::from_millis(250);
/// As `bpf/include/maps.h` has it.
const SILENCE: Duration = Duration::from_secs(2);
/// Nobody has drained yet.
const NEVER: u64 = u64::MAX;

/// For each part of the kernel half; the thread ends with [`Heart`].
#[derive(Clone)]
pub(crate) struct Pulse(Arc<Inner>);

struct Inner {
    values: Mutex<Vec<Value>>,
    patience: Duration,
    began: Instant,
    /// Milliseconds since then: of the last round of whoever drains, and of the last beat.
    round: AtomicU64,
    beaten: AtomicU64,
    silences: AtomicU64,
    stopping: AtomicBool,
}

/// What stands in an array of one, with the beat in it.
struct Value {
    name: &'static str,
    map: MapHandle,
    bytes: Vec<u8>,
    at: usize,
}

impl Value {
    fn write(&mut self) -> Result<(), libbpf_rs::Error> {
        self.bytes[self.at..self.at + 8].copy_from_slice(&boottime().to_ne_bytes());
        self.map.update(&0u32.to_ne_bytes(), &self.bytes, MapFlags::ANY)
    }
}

impl Pulse {
    /// From now on this stands in the array `name`, the boot clock's nanoseconds at `at` renewed again and again.
    pub fn put(&self, name: &'static str, map: &MapHandle, bytes: &[u8], at: usize) -> Result<(), libbpf_rs::Error> {
        let mut values = self.0.values.lock();
        let known = values.iter().position(|value| value.name == name);
        let index = match known {
            Some(index) => index,
            None => {
                values.push(Value { name, map: MapHandle::try_from(map)?, bytes: Vec::new(), at });
                values.len() - 1
            }
        };
        values[index].bytes = bytes.to_vec();
        values[index].write()
    }
}

impl Inner {
    fn now(&self) -> u64 {
        self.began.elapsed().as_millis() as u64
    }

    fn beat(&self) {
        let mut values = self.values.lock();
        let now = self.now();
        let since = now.saturating_sub(self.beaten.swap(now, Ordering::AcqRel));
        if !values.is_empty() && since > SILENCE.as_millis() as u64 {
            self.silences.fetch_add(1, Ordering::Relaxed);
        }
        for value in values.iter_mut() {
            if let Err(error) = value.write() {
                let error = format!("{error:#}");
                tracing::error!(
                    error,
                    what = value.name,
                    "no heart-beat: unless it is to hold, the kernel opens in two seconds"
                );
            }
        }
    }

    fn is_awaited(&self) -> bool {
        let round = self.round.load(Ordering::Acquire);
        round == NEVER || self.now().saturating_sub(round) <= self.patience.as_millis() as u64
    }
}

/// Beats until it is dropped.
pub(crate) struct Heart {
    pulse: Pulse,
    thread: Option<JoinHandle<()>>,
}

impl Heart {
    pub fn start(patience: Duration) -> std::io::Result<Heart> {
        let inner = Arc::new(Inner {
            values: Mutex::default(),
            patience,
            began: Instant::now(),
            round: AtomicU64::new(NEVER),
            beaten: AtomicU64::new(0),
            silences: AtomicU64::new(0),
            stopping: AtomicBool::new(false),
        });
        let beating = Arc::clone(&inner);
        let run = move || {
            if let Err(error) = rustix::process::nice(-10) {
                tracing::warn!(%error, "the heart-beat waits for a processor like everybody else");
            }
            while !beating.stopping.load(Ordering::Acquire) {
                std::thread::park_timeout(BEAT);
                if beating.is_awaited() {
                    beating.beat();
                }
            }
        };
        let thread = std::thread::Builder::new().name("heart-beat".into()).spawn(run)?;
        Ok(Heart { pulse: Pulse(inner), thread: Some(thread) })
    }

    pub fn pulse(&self) -> Pulse {
        self.pulse.clone()
    }

    /// Whoever drains lives; where the beat had ended for want of that, it is there again when this returns.
    pub fn round(&self) {
        let inner = &self.pulse.0;
        let now = inner.now();
        inner.round.store(now, Ordering::Release);
        if now.saturating_sub(inner.beaten.load(Ordering::Acquire)) > 2 * BEAT.as_millis() as u64 {
            inner.beat();
        }
    }

    /// How often there was no beat for so long that the kernel let everybody be, unless told to hold.
    pub fn silences(&self) -> u64 {
        self.pulse.0.silences.load(Ordering::Relaxed)
    }
}

impl Drop for Heart {
    fn drop(&mut self) {
        self.pulse.0.stopping.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            if thread.join().is_err() {
                tracing::error!("the heart-beat had panicked");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_beats_before_the_first_round_and_for_as_long_as_rounds_come() {
        let heart = Heart::start(Duration::from_millis(400)).unwrap();
        let inner = &heart.pulse.0;
        let beaten = || inner.beaten.load(Ordering::Acquire);
        let before = beaten();
        while beaten() == before {
            std::thread::sleep(BEAT);
        }
        heart.round();
        while inner.is_awaited() {
            std::thread::sleep(BEAT);
        }
        std::thread::sleep(2 * BEAT);
        let last = beaten();
        std::thread::sleep(4 * BEAT);
        assert_eq!(beaten(), last, "nobody drains");
        heart.round();
        assert!(beaten() > last, "at once when somebody does again");
        assert_eq!(heart.silences(), 0, "nothing is refused yet");
    }
}
