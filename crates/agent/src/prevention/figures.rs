//! What came of the profiles, for `tamon status`.

use event::{Mode, Tier};
use serde::Serialize;
use std::collections::BTreeMap;
use verdict::prevention::{Doing, PreventionLimit, Profile, not_kept};

/// Kept of what was denied last.
const MOST_LAST: usize = 20;

#[derive(Clone, Debug, Default, Serialize)]
pub struct Figures {
    pub profiles: Vec<ProfileFigures>,
    /// What this host's tier cannot keep; empty while there are no profiles.
    pub not_kept: Vec<PreventionLimit>,
    /// The kernel half holds the profiles.
    pub in_kernel: bool,
    pub learning: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ProfileFigures {
    pub id: String,
    pub title: String,
    pub mode: Mode,
    /// Confined now.
    pub processes: usize,
    /// Acts against it by kind, whatever became of them.
    pub overstepped: BTreeMap<Doing, u64>,
    /// Of those: refused, and ended before they could be used.
    pub denied: u64,
    pub ended: u64,
    /// The last different ones: the line that decided, and what it was.
    pub last: Vec<String>,
}

impl ProfileFigures {
    pub fn of(profile: &Profile) -> ProfileFigures {
        ProfileFigures {
            id: profile.id.clone(),
            title: profile.title.clone(),
            mode: profile.mode,
            processes: 0,
            overstepped: BTreeMap::new(),
            denied: 0,
            ended: 0,
            last: Vec::new(),
        }
    }

    pub fn note(&mut self, doing: Doing, words: String) {
        *self.overstepped.entry(doing).or_default() += 1;
        if !self.last.contains(&words) {
            self.last.truncate(MOST_LAST - 1);
            self.last.insert(0, words);
        }
    }
}

impl Figures {
    pub fn new(profiles: Vec<ProfileFigures>, tier: Tier, in_kernel: bool) -> Figures {
        let not_kept = if profiles.is_empty() { Vec::new() } else { not_kept(tier).to_vec() };
        Figures { profiles, not_kept, in_kernel, learning: Vec::new() }
    }
}
