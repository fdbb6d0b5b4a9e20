//! What policy wants to hear nothing of: our own processes and ignored paths.

use crate::Config;
use event::{EventKind, Observation, Observed};
use std::collections::HashSet;

pub(super) struct Filter {
    own: HashSet<u32>,
    own_children: bool,
    ignored: Vec<String>,
}

impl Filter {
    pub fn new(config: Config) -> Filter {
        Filter {
            own: config.own_tgids.into_iter().collect(),
            own_children: config.own_children,
            ignored: config.ignored_prefixes,
        }
    }

    pub fn exclude(&mut self, tgid: u32) {
        self.own.insert(tgid);
    }

    /// Learns forks and exits on the way.
    pub fn passes(&mut self, seen: &Observation) -> bool {
        let own = self.own.contains(&seen.actor.tgid);
        match &seen.what {
            Observed::Fork { child_tgid, .. } if own && self.own_children => {
                self.own.insert(*child_tgid);
            }
            Observed::Exit { .. } if own => {
                self.own.remove(&seen.actor.tgid);
            }
            Observed::Other(EventKind::File(event)) if !own => {
                return !self.ignored.iter().any(|prefix| event.file.path.starts_with(prefix));
            }
            _ => {}
        }
        !own
    }
}
