//! Judges the logical signatures that something woke: conditions first, which cost nothing, then the expression.

use super::pass::{MAX_MATCHES, Pass};
use super::{Outcome, places::Places};
use crate::clamav::expression::Operation;
use crate::clamav::logical::Conditions;
use crate::clamav::special::Pcre;
use crate::database::{By, Hit};
use crate::file::Corrupt;
use crate::logical::{Kept, Sub};
use crate::pattern::Base;
use crate::target::FileType;
use event::Severity;
use std::collections::BTreeSet;

impl Pass<'_> {
    pub fn judge(mut self, woken: &BTreeSet<u32>, outcome: &mut Outcome) -> Result<(), Corrupt> {
        let mut asked = Vec::new();
        let mut patterns = BTreeSet::new();
        for at in woken {
            let kept = self.database.logical(*at)?;
            if !self.options.pua && kept.pua || !self.fits(&kept.conditions) {
                continue;
            }
            for sub in &kept.subsignatures {
                match sub {
                    Sub::Body(all) | Sub::Macro { members: all, .. } => patterns.extend(all),
                    Sub::ByteCompare(_) | Sub::Pcre(_) => {}
                }
            }
            asked.push((*at, kept));
        }
        self.prepare(&patterns)?;
        for (at, kept) in &asked {
            if self.options.first_only && !outcome.hits.is_empty() {
                break;
            }
            let mut counts = [None; 64];
            let holds = kept.expression.judge(|sub| self.count(*at, kept, sub, &mut counts, 0))?;
            if !holds {
                continue;
            }
            match kept.conditions.handler {
                Some(kind) if !outcome.handle_as.contains(&kind) => outcome.handle_as.push(kind),
                Some(_) => {}
                None => {
                    let severity = if kept.pua { Severity::Low } else { Severity::High };
                    let name = self.database.name(kept.name)?;
                    outcome.add(Hit { name, by: By::Logical, severity, pua: kept.pua, at: None });
                }
            }
        }
        if self.cut {
            outcome.incomplete.get_or_insert("a pattern may stand in more places than are looked at");
        }
        Ok(())
    }

    fn fits(&self, conditions: &Conditions) -> bool {
        let within = |range: Option<(u64, u64)>, value: Option<u64>| {
            range.is_none_or(|(low, high)| value.is_some_and(|value| (low..=high).contains(&value)))
        };
        let containers = self.object.containers;
        let container = match conditions.container {
            None => true,
            // Only a file that lies in nothing.
            Some(FileType::Any) => containers.is_empty(),
            Some(kind) => containers.last() == Some(&kind),
        };
        let wanted = &conditions.intermediates;
        let intermediates = wanted.len() <= containers.len()
            && wanted.iter().rev().zip(containers.iter().rev()).all(|(w, c)| *w == FileType::Any || w == c);
        within(conditions.file_size, Some(self.object.size))
            && within(conditions.entry_point, self.layout.and_then(|layout| layout.entry_point))
            && within(conditions.sections, self.layout.map(|layout| layout.sections.len() as u64))
            && container
            && intermediates
    }

    /// How often a sub-signature matched; each is asked once.
    fn count(
        &mut self,
        logical: u32,
        kept: &Kept,
        sub: u8,
        counts: &mut [Option<u64>; 64],
        depth: usize,
    ) -> Result<u64, Corrupt> {
        let slot = usize::from(sub);
        if let Some(known) = counts.get(slot).copied().flatten() {
            return Ok(known);
        }
        let count = match kept.subsignatures.get(slot) {
            None => return Err(Corrupt("an expression speaks of a sub-signature that is not there")),
            Some(Sub::Body(_)) => self.begins(kept, sub)?.len() as u64,
            Some(Sub::Macro { min, max, members }) => {
                let before = sub.checked_sub(1).map_or(Ok(Vec::new()), |before| self.begins(kept, before))?;
                let mut count = 0;
                for member in members {
                    let at = self.all_matches(*member)?;
                    let near = |at: &&usize| {
                        let first = before.partition_point(|begin| begin + (*max as usize) < **at);
                        before.get(first).is_some_and(|begin| begin + (*min as usize) <= **at)
                    };
                    count += at.iter().filter(near).count() as u64;
                }
                count
            }
            Some(Sub::ByteCompare(compare)) => {
                // From the last of several matches, as clamscan does.
                let begins = self.begins(kept, compare.from)?;
                self.cut |= begins.len() >= MAX_MATCHES;
                u64::from(begins.last().is_some_and(|begin| compare.holds(self.bytes, *begin)))
            }
            Some(Sub::Pcre(pcre)) => {
                // A trigger speaks of earlier sub-signatures alone; the build refuses another.
                let earlier = |op: &Operation| !matches!(op, Operation::Push(at) if *at >= sub);
                if depth > 64 || !pcre.trigger.0.iter().all(earlier) {
                    return Err(Corrupt("a regular expression that waits for itself"));
                }
                let wakes = pcre.trigger.judge(|at| self.count(logical, kept, at, counts, depth + 1))?;
                if wakes { self.regex(logical, sub, pcre)? } else { 0 }
            }
        };
        if let Some(slot) = counts.get_mut(slot) {
            *slot = Some(count);
        }
        Ok(count)
    }

    /// Begins of a body, or of all its forms; in order.
    fn begins(&mut self, kept: &Kept, sub: u8) -> Result<Vec<usize>, Corrupt> {
        match kept.subsignatures.get(usize::from(sub)) {
            Some(Sub::Body(patterns)) => {
                let mut begins = Vec::new();
                for pattern in patterns {
                    begins.extend_from_slice(self.all_matches(*pattern)?);
                }
                begins.sort_unstable();
                Ok(begins)
            }
            _ => Ok(Vec::new()),
        }
    }

    fn regex(&mut self, logical: u32, sub: u8, pcre: &Pcre) -> Result<u64, Corrupt> {
        let regex = self.database.regex(logical, sub, &pcre.regex)?;
        let length = (!self.object.truncated).then_some(self.bytes.len() as u64);
        let places = Places::of(pcre.offset, length, self.layout);
        let mut count = 0;
        for (low, high) in places.ranges() {
            let Ok(low) = usize::try_from(*low) else { continue };
            let high = usize::try_from(*high).unwrap_or(usize::MAX);
            if low > self.bytes.len() || !self.budget.pay(self.bytes.len() - low) {
                continue;
            }
            // Without `r` a match begins within the shift; with `e` it also ends there.
            let last = if pcre.offset.base == Base::Any || pcre.rolling { usize::MAX } else { high };
            let end = if pcre.encompass && pcre.offset.base != Base::Any {
                high.min(self.bytes.len())
            } else {
                self.bytes.len()
            };
            let mut at = low;
            while let Some(found) = self.bytes.get(..end).and_then(|text| regex.find_at(text, at.min(text.len()))) {
                if found.start() > last {
                    break;
                }
                count += 1;
                if !pcre.global || count as usize >= MAX_MATCHES || found.end() >= end {
                    break;
                }
                at = found.end().max(found.start() + 1);
            }
        }
        Ok(count)
    }
}
