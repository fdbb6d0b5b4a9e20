//! Who of a family is to blame for what came to harm, and what is left of the family when one of it was stopped.

use super::super::who::{Who, culprit};
use super::Tree;
use detect::{FileId, Ledger};
use event::ProcessKey;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Files that came to harm and are remembered.
const MAX_HARMED: usize = 1_024;
/// So many stops of one family within this time, and what started them all is stopped.
const STOPS: usize = 4;
const STOPS_WITHIN: Duration = Duration::from_secs(20);

impl Tree {
    /// This process is about to do what the rest was for.
    pub fn blame(&mut self, who: &Arc<Who>) {
        self.harm((0, u64::from(who.key.tgid)), who);
    }

    pub fn guilty(&self) -> Vec<Arc<Who>> {
        self.harmed.values().cloned().collect()
    }

    pub fn harmed_files(&self) -> impl Iterator<Item = FileId> {
        self.harmed.keys().copied()
    }

    pub(super) fn harm(&mut self, file: FileId, who: &Arc<Who>) {
        if self.harmed.len() < MAX_HARMED {
            self.harmed.insert(file, Arc::clone(who));
        }
    }

    /// Who is to blame for the files that came to harm; the root where that cannot be told.
    pub fn culprit(&self) -> ProcessKey {
        let packs = self.made.iter().filter(|made| made.content().is_some_and(detect::Sample::is_opaque));
        let packers = packs.map(|made| made.who.as_ref()).filter(|_| self.ledger.opaque_bytes() > 0);
        culprit(self.harmed.values().map(Arc::as_ref).chain(packers)).unwrap_or(self.root)
    }

    pub fn has_harmed(&self, uid: u32) -> bool {
        self.harmed.values().any(|who| who.actor.uid == uid)
    }

    /// One was stopped, with all below it; gives who is to be stopped in the end. A script that goes on starting bad programs
    /// is bad itself. What is left of the family begins anew.
    pub fn stop(&mut self, key: ProcessKey, fresh: Ledger) -> ProcessKey {
        self.stops.retain(|(at, _)| at.elapsed() < STOPS_WITHIN);
        let guilty = self.harmed.values().find(|who| who.is_below(&key)).cloned();
        self.stops.extend(guilty.map(|who| (Instant::now(), who)));
        let key = match self.stops.len() >= STOPS {
            true => culprit(self.stops.iter().map(|(_, who)| who.as_ref())).unwrap_or(key),
            false => key,
        };
        self.stopped = key == self.root;
        self.watched.retain(|_, one| !one.who.is_below(&key));
        self.order.retain(|file| self.watched.contains_key(file));
        self.made.retain(|made| !made.who.is_below(&key));
        self.harmed.clear();
        self.ledger = fresh;
        key
    }
}
