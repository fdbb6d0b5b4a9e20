//! What became of what a family has opened, made and taken away, and what the ledger is told of it.

use super::super::watched::{Seen, Watched};
use super::{Lost, MANY, Tree, hash};
use detect::{FileId, Ledger, Outcome, Sample, Sign};
use event::Timestamp;
use respond::Access;
use std::sync::Arc;

/// Looks at content in one round.
const MAX_LOOKS: usize = 32;

impl Tree {
    /// Looks at what may have changed and tells the ledger.
    pub fn round(&mut self, now: Timestamp) -> Vec<Lost> {
        self.stirred = false;
        let mut looks = 0;
        let (mut lost, mut gone) = (Vec::new(), Vec::new());
        for file in self.order.iter().rev() {
            let Some(one) = self.watched.get_mut(file) else { continue };
            if let Some(after) = one.came_back() {
                self.ledger.came_back(*file);
                lost.extend(changed(&mut self.ledger, now, one, &after));
            }
            if one.gone || looks >= MAX_LOOKS {
                continue;
            }
            match one.look(&mut looks) {
                Seen::Nothing => {}
                Seen::Changed(after) => lost.extend(changed(&mut self.ledger, now, one, &after)),
                Seen::Renamed(to) => {
                    let how = self.ledger.take(now, *file, &one.name(), Outcome::Renamed { to: &to });
                    lost.extend(how.map(|how| one.lost(how)));
                }
                Seen::Lost(how) => {
                    self.ledger.take(now, *file, &one.name(), Outcome::Lost(how));
                    lost.push(one.lost(how));
                }
                Seen::Gone => gone.push(*file),
            }
        }
        if !gone.is_empty() || self.ledger.deleted() > 0 || !lost.is_empty() {
            self.look_at_made(now);
        }
        let deleted = !gone.is_empty();
        lost.extend(gone.into_iter().filter_map(|file| self.went(now, file)));
        if deleted && self.ledger.kinds_deleted() >= 2 && self.has_packed(now) {
            self.ledger.sign(Sign::Packed);
        }
        for one in &lost {
            self.harm(one.file, &one.who);
        }
        lost
    }

    /// Neither name nor content is left: lost when a copy was made of it that tells nothing, else told as deleted.
    fn went(&mut self, now: Timestamp, file: FileId) -> Option<Lost> {
        let one = self.watched.get(&file)?;
        let name = one.name();
        let copy =
            one.before.as_ref().and_then(|before| self.made.iter().rev().find_map(|made| made.unreadable(one, before)));
        if let Some(how) = copy {
            self.ledger.take(now, file, &name, Outcome::Lost(how));
            return Some(one.lost(how));
        }
        let who = Arc::clone(one.deleted_by());
        self.ledger.take(
            now,
            file,
            &name,
            Outcome::Gone { size: one.size, read: one.opened_by_tree, loose: who.loose },
        );
        self.harm(file, &who);
        None
    }

    fn look_at_made(&mut self, now: Timestamp) {
        for made in self.made.iter_mut().rev() {
            if made.look()
                && let Some(content) = made.content()
                // A copy of what nobody could read before is none that was made unreadable.
                && !(content.is_opaque() && self.watched.values().any(|one| one.is_source_of(content)))
                // What stands where a file stood before is compared with that one.
                && !self.opened_at.contains(&hash(&made.path))
            {
                self.ledger.take(now, made.id, &made.path.to_string_lossy(), Outcome::Made { content });
            }
        }
    }

    /// It read much and made something unreadable that is large enough to hold it: who deletes now deletes the only copy.
    pub fn has_packed(&mut self, now: Timestamp) -> bool {
        self.look_at_made(now);
        let read = self.watched.values().filter(|one| one.access == Access::Read && one.opened_by_tree);
        let (files, bytes) = read.fold((0usize, 0u64), |(n, sum), one| (n + 1, sum + one.size));
        let made = self.ledger.opaque_bytes();
        files >= MANY && made > 0 && made * 4 >= bytes
    }
}

fn changed(ledger: &mut Ledger, now: Timestamp, one: &Watched, after: &Sample) -> Option<Lost> {
    let before = one.before.as_deref()?;
    let how = ledger.take(now, one.id, &one.name(), Outcome::Changed { before, after })?;
    Some(one.lost(how))
}
