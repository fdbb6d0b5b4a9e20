//! Room: by size, by tree, by age. What was kept of a tree that was stopped goes by age alone; what is younger than the
//! hold stays whatever comes, so a flood of changes cannot push out the traces of the attack before it.

use super::entry::{Entry, Id};
use super::log::Record;
use super::{Rollback, RollbackError, State, boot_clock};
use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::path::Path;

impl Rollback {
    pub(super) fn make_room(
        &self,
        state: &mut State,
        path: &Path,
        meta: &Metadata,
        tree: &str,
    ) -> Result<(), RollbackError> {
        let config = *self.config.lock();
        let size = meta.len();
        if size > config.max_file_bytes {
            return Err(RollbackError::TooLarge { path: path.to_owned(), size, max: config.max_file_bytes });
        }
        let full = || RollbackError::Full { path: path.to_owned(), size };
        if state.tree_bytes.get(tree).copied().unwrap_or(0) + size > config.max_tree_bytes {
            return Err(full());
        }
        state.tick();
        while state.bytes + size > config.max_bytes || state.entries.len() >= config.max_entries {
            let old = state.age.checked_sub(config.hold.as_secs());
            let goes = |e: &&Entry| old.is_some_and(|old| e.age <= old) && !state.incidents.contains_key(&e.tree);
            let oldest = state.entries.values().find(goes);
            let number = oldest.map(|entry| entry.number).ok_or_else(full)?;
            self.drop_entry(state, number)?;
            state.stats.pushed_out += 1;
        }
        Ok(())
    }

    /// Drops what has been kept long enough. Called now and then: the store's clock moves with it.
    pub fn tidy(&self) -> Result<usize, RollbackError> {
        let keep = self.config.lock().keep.as_secs();
        let mut state = self.state.lock();
        state.tick();
        let record = Record::Age { seconds: state.age };
        state.log.append(&record)?;
        let over: Vec<u64> =
            state.entries.values().filter(|e| e.age + keep < state.age).map(|entry| entry.number).collect();
        for number in &over {
            self.drop_entry(&mut state, *number)?;
        }
        let age = state.age;
        state.made.retain(|made| made.age + keep >= age);
        state.names.retain(|name| name.age + keep >= age);
        state.renames.retain(|renamed| renamed.age + keep >= age);
        let live: HashSet<String> = state
            .entries
            .values()
            .map(|entry| &entry.tree)
            .chain(state.made.iter().map(|made| &made.tree))
            .chain(state.renames.iter().map(|renamed| &renamed.tree))
            .filter_map(|tree| state.incidents.get(tree).cloned())
            .collect();
        // An incident lives as long as something of one of its trees does.
        state.incidents.retain(|_, alert| live.contains(alert));
        self.compact(&mut state)?;
        Ok(over.len())
    }

    pub(super) fn drop_entry(&self, state: &mut State, number: u64) -> Result<(), RollbackError> {
        state.log.append(&Record::Dropped { number })?;
        if let Some(object) = state.forget(number) {
            self.remove_object(&object);
        }
        Ok(())
    }

    fn remove_object(&self, object: &Id) {
        if let Err(error) = fs::remove_file(self.object(object)) {
            tracing::warn!(%error, %object, "kept content could not be removed");
        }
    }

    fn compact(&self, state: &mut State) -> Result<(), RollbackError> {
        let live = state.entries.len()
            + state.made.len()
            + state.names.len()
            + state.renames.len()
            + state.incidents.len()
            + 1;
        if state.log.lines() < 1_024 || state.log.lines() < 2 * live {
            return Ok(());
        }
        let mut records = vec![Record::Age { seconds: state.age }];
        records.extend(state.entries.values().map(|entry| Record::Kept(Box::new(entry.clone()))));
        records.extend(state.made.iter().cloned().map(Record::Made));
        records.extend(state.names.iter().cloned().map(Record::Name));
        records.extend(state.renames.iter().cloned().map(Record::Renamed));
        let incident =
            |(tree, alert): (&String, &String)| Record::Incident { tree: tree.clone(), alert: alert.clone() };
        records.extend(state.incidents.iter().map(incident));
        state.log.rewrite(records.iter())
    }

    /// Content without a line, and lines without content.
    pub(super) fn sweep(&self) -> Result<(), RollbackError> {
        let folder = self.dir.join("objects");
        let at = |source| RollbackError::Io { what: "listing", path: folder.clone(), source };
        let mut state = self.state.lock();
        let mut there = HashSet::new();
        for entry in fs::read_dir(&folder).map_err(at)? {
            let name = entry.map_err(at)?.file_name();
            let name = name.to_string_lossy().into_owned();
            if state.uses.contains_key(&Id::named(&name)) {
                there.insert(name);
            } else if let Err(error) = fs::remove_file(folder.join(&name)) {
                tracing::warn!(%error, name, "a left-over of the roll-back store could not be removed");
            }
        }
        let lost: Vec<u64> = state
            .entries
            .values()
            .filter(|entry| !there.contains(&entry.object.to_string()))
            .map(|entry| entry.number)
            .collect();
        for number in lost {
            state.stats.failed += 1;
            state.log.append(&Record::Dropped { number })?;
            state.forget(number);
        }
        self.compact(&mut state)
    }
}

impl State {
    /// Moves the store's clock by what the boot clock says has gone by.
    pub(super) fn tick(&mut self) {
        let now = boot_clock();
        let gone = now.saturating_sub(self.aged_at).as_secs();
        if gone > 0 {
            self.age += gone;
            self.aged_at = now;
        }
    }
}
