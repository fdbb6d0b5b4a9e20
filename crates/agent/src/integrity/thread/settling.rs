//! Files that rest: looked at together, then each told, counted, or kept until its package's list comes.

use super::{Pending, Thread, eyes, long_ago};
use crate::integrity::hear::Heard;
use crate::integrity::large::Wanted;
use crate::integrity::look::{Looked, Task, look_at_all};
use crate::integrity::settle::{self, Around, Seen};
use crate::integrity::tell::{self, Judged};
use ::integrity::expected::{By, Standing};
use ::integrity::{Facts, Kind};
use event::Found;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Looked at in one turn, so that orders and events are not kept waiting.
const MOST_A_TURN: usize = 2_000;
/// What waits for a package's list, longest and most.
const WAITS: Duration = Duration::from_secs(600);
const MOST_WAITING: usize = 100_000;
/// Below one folder that came or went.
const MOST_BELOW: usize = 200_000;
/// Texts that wait to be kept; of more the next change is shown without what was before.
const MOST_TO_KEEP: usize = 100_000;

/// Path, what it is now, and whether that needs nobody.
type Note = (Vec<u8>, Option<Facts>, bool);

impl Thread {
    pub(super) fn settle(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let Some(armed) = &self.armed else { return };
        let due = self.pending.iter().filter(|(_, one)| one.is_due()).map(|(path, _)| Arc::clone(path));
        let paths: Vec<Arc<str>> = due.take(MOST_A_TURN).collect();
        let mut batch: Vec<Pending> = paths.iter().filter_map(|path| self.pending.remove(path)).collect();
        // Renamed ones first: then the name before is not told as deleted.
        batch.sort_by(|a, b| {
            b.heard.from.is_some().cmp(&a.heard.from.is_some()).then_with(|| a.heard.path.cmp(&b.heard.path))
        });
        let paths: Vec<Arc<str>> = batch.iter().map(|one| Arc::clone(&one.heard.path)).collect();
        let tasks = batch.into_iter().map(|Pending { heard, found, place, .. }| Task { heard, found, place }).collect();
        let looked = look_at_all(&eyes(&self.shared, armed, &self.read), tasks, self.threads);
        paths.iter().for_each(|path| drop(self.read.remove(path)));
        let mut judged = Vec::new();
        let mut notes = Vec::new();
        let mut gone_by_rename: HashSet<Arc<str>> = HashSet::new();
        for (looked, path) in looked.into_iter().zip(&paths) {
            // Of an earlier look nothing is to be thought any more.
            let told_open = self.waiting.remove(path).is_some_and(|earlier| earlier.told_open);
            match looked {
                Ok(Looked::Same) => {}
                Ok(Looked::Touched { path: bytes, facts, approved }) => notes.push((bytes, Some(facts), approved)),
                Ok(Looked::Changed(mut seen)) => {
                    if gone_by_rename.contains(seen.path()) {
                        continue;
                    }
                    seen.told_open = told_open;
                    gone_by_rename.extend(seen.from.clone());
                    self.spread(&seen);
                    self.think(seen, &mut judged, &mut notes);
                }
                Ok(Looked::Unread { heard, found, facts, seen }) => {
                    let live = found == Found::Live;
                    if !self.large.want(Wanted { heard, found, facts }) {
                        tracing::debug!(%path, "a large watched file waits to be read already");
                    }
                    if let Some(mut seen) = seen.filter(|_| live) {
                        seen.told_open = told_open;
                        match seen.place.by {
                            By::Other => self.think(seen, &mut judged, &mut notes),
                            By::PackageManager | By::Script => self.hold(seen),
                        }
                    }
                }
                Err(error) => return self.refuse(&error.to_string()),
            }
        }
        self.conclude(judged, notes);
    }

    /// What the thread for large files has read is looked at again, now with its digest.
    pub(super) fn take_large(&mut self) {
        for (Wanted { heard, found, facts }, hashes) in self.large.done() {
            let path = Arc::clone(&heard.path);
            self.read.insert(Arc::clone(&path), (facts, hashes));
            let place = self.packages.place(heard.process.as_ref());
            let pending = Pending { first: long_ago(), last: long_ago(), found, heard, place };
            self.pending.entry(path).or_insert(pending);
        }
    }

    /// A folder that came brings what is in it, one that went takes it along; nothing is heard of those.
    fn spread(&mut self, seen: &Seen) {
        let is_folder = |facts: &Option<Facts>| facts.as_ref().is_some_and(|facts| facts.kind == Kind::Directory);
        let mut below: Vec<Arc<str>> = Vec::new();
        if is_folder(&seen.difference.after) && !is_folder(&seen.difference.before) {
            let names = settle::names_below(seen.path()).into_iter();
            below.extend(
                names.map(|path| Arc::<str>::from(&*event::text::from_bytes(path.as_os_str().as_encoded_bytes()))),
            );
        }
        let Some(armed) = &self.armed else { return };
        if is_folder(&seen.difference.before) && !is_folder(&seen.difference.after) {
            match armed.known.below(&seen.difference.bytes) {
                Ok(paths) => below.extend(paths.iter().map(|path| Arc::<str>::from(&*event::text::from_bytes(path)))),
                Err(error) => return self.refuse(&error.to_string()),
            }
        }
        let scope = Arc::clone(&armed.scope);
        let now = Instant::now();
        for path in below.into_iter().take(MOST_BELOW).filter(|path| scope.covers(path) && *path != *seen.path()) {
            let from = seen
                .heard
                .from
                .as_ref()
                .and_then(|from| Some(Arc::<str>::from(format!("{from}{}", path.strip_prefix(&**seen.path())?))));
            let heard = Heard { path: Arc::clone(&path), from, identity: None, ..seen.heard.clone() };
            let (found, place) = (seen.found, seen.place.clone());
            self.pending.entry(path).or_insert(Pending { first: now, last: now, found, heard, place });
        }
    }

    fn think(&mut self, seen: Box<Seen>, judged: &mut Vec<Judged>, notes: &mut Vec<Note>) {
        let listed = self.packages.listed(seen.path());
        let over = seen.place.transaction.as_ref().is_none_or(|key| self.packages.is_over(key))
            || seen.heard.at.elapsed() > WAITS
            || self.waiting.len() >= MOST_WAITING;
        let standing = seen.standing(&listed, over);
        let Some(armed) = &self.armed else { return };
        if let Standing::Open = standing {
            return self.hold(seen);
        }
        let approved = matches!(standing, Standing::Expected(_));
        notes.push((seen.difference.bytes.clone(), seen.difference.after.clone(), approved));
        if let Some(from) = &seen.from {
            notes.push((::integrity::real_path(from).into_os_string().into_encoded_bytes(), None, approved));
        }
        match standing {
            Standing::Expected(_) => {
                // What was told open was told in time.
                let heard = (seen.found == Found::Live && !seen.told_open).then_some(seen.heard.at);
                let package = listed.package.as_deref();
                self.packages.note_expected(seen.place.transaction.as_ref(), seen.path(), package, heard);
                if let Some(facts) = seen.difference.after.as_ref().filter(|facts| facts.kind == Kind::File)
                    && self.to_keep.len() < MOST_TO_KEEP
                {
                    self.to_keep.push_back((Arc::clone(seen.path()), facts.clone()));
                }
            }
            Standing::Judged(why) => {
                let facts = seen.difference.after.clone();
                let path = Arc::clone(seen.path());
                let around = Around {
                    listed: &listed,
                    transaction: self.packages.command_line(seen.place.transaction.as_ref()),
                    lineage: tell::lineage(&self.shared, seen.heard.process.as_deref()),
                };
                let told_open = seen.told_open;
                let eyes = eyes(&self.shared, armed, &self.read);
                let mut one = seen.judged(&eyes, around, &why);
                if told_open {
                    one.heard_at = None;
                }
                judged.push(one);
                settle::keep_text(&eyes, &path, facts.as_ref());
            }
            Standing::Open => {}
        }
    }

    /// Told now as what the package manager has made, and judged when its list or its digest is there.
    fn hold(&mut self, mut seen: Box<Seen>) {
        if !seen.told_open {
            let transaction = seen.place.transaction.as_ref();
            seen.told_open = self.packages.note_open(transaction, seen.path(), seen.heard.at);
        }
        self.waiting.insert(Arc::clone(seen.path()), seen);
    }

    fn conclude(&mut self, judged: Vec<Judged>, notes: Vec<Note>) {
        if !judged.is_empty() {
            self.teller.judged(judged);
        }
        let Some(armed) = &mut self.armed else { return };
        if notes.is_empty() {
            return;
        }
        self.dirty = true;
        if let Err(error) = armed.known.note(notes, armed.home.key()) {
            self.shared.problem(format!(
                "what changed of watched files is not kept: {error}; it is told again after a restart"
            ));
        }
    }

    pub(super) fn reconsider_waiting(&mut self) {
        if self.packages.transactions.is_empty() {
            return;
        }
        let news = self.packages.tend(!self.waiting.is_empty());
        if !news || self.waiting.is_empty() {
            return;
        }
        let (mut judged, mut notes) = (Vec::new(), Vec::new());
        let (all, unread): (Vec<Box<Seen>>, Vec<Box<Seen>>) =
            self.waiting.drain().map(|(_, seen)| seen).partition(|seen| !seen.digest_follows);
        self.waiting.extend(unread.into_iter().map(|seen| (Arc::clone(seen.path()), seen)));
        for seen in all {
            self.think(seen, &mut judged, &mut notes);
        }
        self.conclude(judged, notes);
    }

    /// Tells what package managers made, a few times a second, and lets a transaction go when it is over and nothing waits.
    pub(super) fn tell_folds(&mut self, all: bool) {
        for transaction in self.packages.transactions.values_mut() {
            if transaction.open.is_due() || (all && transaction.open.files > 0) {
                let open = std::mem::take(&mut transaction.open);
                self.teller.unverified(&open, transaction);
            }
            if transaction.fold.is_due() || (all && transaction.fold.files > 0) {
                let fold = std::mem::take(&mut transaction.fold);
                self.teller.expected(&fold, Some(transaction));
            }
        }
        if self.packages.unseen.is_due() || (all && self.packages.unseen.files > 0) {
            self.teller.expected(&std::mem::take(&mut self.packages.unseen), None);
        }
        let busy = !self.waiting.is_empty() || !self.pending.is_empty();
        let over = |at: Option<Instant>| at.is_some_and(|at| at.elapsed() > Duration::from_secs(5));
        let told = |fold: &crate::integrity::packages::Fold| fold.files == 0;
        self.packages.transactions.retain(|_, one| busy || !told(&one.fold) || !told(&one.open) || !over(one.ended));
    }
}
