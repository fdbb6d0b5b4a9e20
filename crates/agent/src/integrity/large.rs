//! Large contents, read by a thread of their own: nobody else's change waits for them. A file that is written without end is
//! read a quarter of the time at most.

use super::hear::Heard;
use ::integrity::{Facts, Hashes, hash_file, real_path};
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use event::Found;
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What may wait; beyond it a file is found by the next comparison.
const MOST: usize = 4_096;
/// Files whose last reading is remembered, and how often longer than that the next has to wait.
const REMEMBERED: usize = 64;
const RESTS: u32 = 3;

/// A file to be read, as it was when it was looked at.
pub struct Wanted {
    pub heard: Heard,
    pub found: Found,
    pub facts: Facts,
}

pub struct Large {
    wanted: Sender<Wanted>,
    read: Receiver<(Wanted, Option<Hashes>)>,
    waiting: HashSet<Arc<str>>,
}

impl Large {
    pub fn start() -> std::io::Result<Large> {
        let (wanted, queue) = bounded::<Wanted>(MOST);
        let (done, read) = unbounded();
        std::thread::Builder::new().name("integrity-large".into()).spawn(move || {
            // Behind everybody else; where that is refused it goes on as it is.
            let _ = rustix::process::nice(10);
            let mut reader = Reader::default();
            for wanted in queue {
                let hashes = reader.read(&wanted);
                if done.send((wanted, hashes)).is_err() {
                    return;
                }
            }
        })?;
        Ok(Large { wanted, read, waiting: HashSet::new() })
    }

    /// False when it waits already, or there is no room.
    pub fn want(&mut self, wanted: Wanted) -> bool {
        let path = Arc::clone(&wanted.heard.path);
        if self.waiting.contains(&path) || self.wanted.try_send(wanted).is_err() {
            return false;
        }
        self.waiting.insert(path)
    }

    /// Read since the last question; None where it could not be.
    pub fn done(&mut self) -> Vec<(Wanted, Option<Hashes>)> {
        let done: Vec<_> = self.read.try_iter().collect();
        for (wanted, _) in &done {
            self.waiting.remove(&wanted.heard.path);
        }
        done
    }

    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }
}

#[derive(Default)]
struct Reader {
    buffer: Vec<u8>,
    recent: VecDeque<(Arc<str>, Instant)>,
}

impl Reader {
    fn read(&mut self, wanted: &Wanted) -> Option<Hashes> {
        let path = &wanted.heard.path;
        if let Some(at) = self.recent.iter().position(|(known, _)| known == path) {
            let (_, ready) = self.recent.remove(at)?;
            std::thread::sleep(ready.saturating_duration_since(Instant::now()).min(Duration::from_secs(30)));
        }
        let began = Instant::now();
        // Whether a package has it is asked by MD5.
        let hashes = hash_file(&real_path(path), &wanted.facts, true, &mut self.buffer);
        self.recent.push_back((Arc::clone(path), Instant::now() + began.elapsed() * RESTS));
        if self.recent.len() > REMEMBERED {
            self.recent.pop_front();
        }
        hashes.inspect_err(|error| tracing::debug!(%error, "a large watched file cannot be read")).ok()
    }
}
