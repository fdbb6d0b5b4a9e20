//! What is taken down of changes: made durable, folded into the baseline; and texts, kept for the next diff.

use super::watching::Armed;
use super::{Thread, eyes};
use crate::integrity::settle;
use event::Sha256;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Notes beside the baseline before they are folded into it.
const MOST_NOTES: usize = 50_000;
/// They are folded when nothing was heard for so long: it takes as long as writing the baseline does.
const RESTED: Duration = Duration::from_secs(30);
/// Spent on texts at a time, when nothing else waits.
const SPARE: Duration = Duration::from_millis(20);

impl Thread {
    pub(super) fn keep(&mut self) {
        let Some(armed) = &self.armed else { return };
        if self.dirty && self.synced.elapsed() >= Duration::from_secs(1) && !self.syncing.load(Ordering::Acquire) {
            self.synced = Instant::now();
            self.dirty = false;
            if let Err(error) = self.sync_aside(armed) {
                self.shared.problem(format!("what changed of watched files is not durable: {error}"));
            }
        }
        let calm = self.pending.is_empty() && self.waiting.is_empty() && !self.scanning && self.trial.is_none();
        let notes = armed.known.notes();
        let rests = self.last_heard.elapsed() >= RESTED || notes >= 4 * MOST_NOTES;
        if calm && rests && notes >= MOST_NOTES {
            self.fold();
        }
    }

    /// A disk that is busy with what is being written makes this take seconds: nobody waits for it.
    fn sync_aside(&self, armed: &Armed) -> std::io::Result<()> {
        let file = armed.known.file()?;
        let (shared, syncing) = (Arc::clone(&self.shared), Arc::clone(&self.syncing));
        self.syncing.store(true, Ordering::Release);
        let started = std::thread::Builder::new().name("integrity-sync".into()).spawn(move || {
            if let Err(error) = file.sync_data() {
                shared.problem(format!("what changed of watched files is not durable: {error}"));
            }
            syncing.store(false, Ordering::Release);
        });
        if started.is_err() {
            self.syncing.store(false, Ordering::Release);
        }
        started.map(drop)
    }

    pub(super) fn fold(&mut self) {
        let Some(armed) = self.armed.take() else { return };
        let Armed { home, known, .. } = armed;
        let folded = home.fold(known);
        drop(armed._lock);
        let opened = folded.and_then(|()| self.open(&self.shared.policy().integrity.clone()));
        match opened {
            Ok(armed) => {
                let words = format!("baseline {}: what was approved since went into it", armed.known.header().number);
                self.teller.baseline(&armed.home.baseline_path(), Sha256(armed.known.digest()), &words);
                self.watch(armed);
            }
            Err(error) => self.refuse(&error.to_string()),
        }
    }

    /// Texts of files that packages brought: many at once, and nobody waits for them.
    pub(super) fn keep_texts(&mut self) {
        let Some(armed) = &self.armed else { return };
        if self.to_keep.is_empty() || !self.pending.is_empty() || !self.heard.is_empty() {
            return;
        }
        let eyes = eyes(&self.shared, armed, &self.read);
        let until = Instant::now() + SPARE;
        while Instant::now() < until
            && let Some((path, facts)) = self.to_keep.pop_front()
        {
            settle::keep_text(&eyes, &path, Some(&facts));
        }
    }
}
