//! Patterns while a database is built, each kept once however many signatures share it, and the signatures that wait for the
//! end.

use crate::clamav::expression::Expression;
use crate::clamav::logical::Conditions;
use crate::clamav::special::{ByteCompare, Macro, Pcre};
use crate::logical::Owner;
use crate::pattern::Pattern;
use crate::target::Target;
use std::collections::HashMap;

#[derive(Default)]
pub struct PatternStore {
    /// Pattern and target: the same bytes for another target are another pattern.
    pub all: Vec<(Pattern, Target)>,
    known: HashMap<u64, Vec<u32>>,
    /// Signatures of one pattern each.
    pub owners: Vec<(u32, Owner)>,
}

impl PatternStore {
    pub fn put(&mut self, pattern: Pattern, target: Target) -> u32 {
        use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one((&pattern, target));
        let same = self.known.entry(hash).or_default();
        if let Some(found) = same.iter().find(|at| {
            let (known, known_target) = &self.all[**at as usize];
            *known_target == target && *known == pattern
        }) {
            return *found;
        }
        let at = self.all.len() as u32;
        same.push(at);
        self.all.push((pattern, target));
        at
    }
}

/// A logical signature whose macros are not resolved yet.
pub struct Waiting {
    pub name: u64,
    pub pua: bool,
    pub target: Target,
    pub conditions: Conditions,
    pub expression: Expression,
    pub subsignatures: Vec<WaitingSub>,
}

pub enum WaitingSub {
    Body(Vec<u32>),
    Macro(Macro),
    ByteCompare(ByteCompare),
    Pcre(Pcre),
}
