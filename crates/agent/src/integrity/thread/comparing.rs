//! Comparisons with the disk, one at a time: what they find is looked at like all else.

use super::trial::Trial;
use super::{Pending, Thread, long_ago};
use crate::integrity::hear::Heard;
use crate::integrity::scan::{self, Scanned};
use crate::pipeline::now;
use event::Found;
use std::sync::Arc;
use std::time::Instant;

impl Thread {
    pub(super) fn scan(&mut self, found: Found) {
        let Some(armed) = &self.armed else { return };
        if self.trial.as_ref().is_some_and(Trial::is_alone) {
            return;
        }
        if self.scanning {
            self.scan_again = Some(found);
            return;
        }
        self.scanning = true;
        let mut scope = (*armed.scope).clone();
        scope.resolve();
        self.tell_unread(&scope);
        scan::start(&self.shared, Arc::new(scope), found, Arc::clone(&self.stop_scan), self.scans.0.clone());
    }

    pub(super) fn scanned(&mut self, scanned: &Scanned) {
        self.scanning = false;
        self.last_scan = scan::words(now(), scanned);
        if let Some(why) = &scanned.failed {
            self.shared.problem(format!("watched files could not be compared with the disk: {why}"));
        }
        if scanned.unread > 0 {
            tracing::warn!(files = scanned.unread, "watched files could not be read");
        }
        if !scanned.paths.is_empty() {
            // What nobody saw changing can only be told expected by its digest.
            self.packages.read_lists();
        }
        for path in &scanned.paths {
            let heard = Heard {
                path: Arc::clone(path),
                from: None,
                time: now(),
                process: None,
                parent: None,
                identity: None,
                finished: true,
                at: Instant::now(),
            };
            let place = self.packages.place(None);
            let pending = Pending { first: long_ago(), last: long_ago(), found: scanned.found, heard, place };
            self.pending.entry(Arc::clone(path)).or_insert(pending);
        }
        if let Some(found) = self.scan_again.take() {
            self.scan(found);
        }
    }
}
