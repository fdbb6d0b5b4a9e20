//! One object against a database: which signatures match its bytes.
//!
//! The bytes go through the front once as they are, and text and HTML once more in each form that signatures for text expect. A pattern
//! that matches either is a signature or wakes logical ones, which then look for the rest of what they need: for a few patterns one by
//! one, for more in one pass of a front made for them. Nothing here fails silently: a budget of work that is used up makes the outcome
//! incomplete, a damaged database is an error.

mod logical;
mod pass;
mod places;

use crate::database::{Database, Hit};
use crate::file::Corrupt;
use crate::hashes::Digests;
use crate::layout::Layout;
use crate::normalise;
use crate::pattern::verify::Budget;
use crate::target::{FileType, Target};
use pass::Pass;

/// What is looked at: a file, or a member of one.
#[derive(Clone, Copy, Debug)]
pub struct Object<'o> {
    pub bytes: &'o [u8],
    /// None: told from the bytes.
    pub target: Option<Target>,
    /// What it lies in, outermost first; empty for a file of its own.
    pub containers: &'o [FileType],
    /// `bytes` is only the beginning of it: then what is counted from its end is not matched.
    pub truncated: bool,
    /// The whole size, which `FileSize` asks for; as long as `bytes` unless truncated.
    pub size: u64,
}

impl<'o> Object<'o> {
    /// A whole file that lies in nothing.
    pub fn file(bytes: &'o [u8]) -> Self {
        Object { bytes, target: None, containers: &[], truncated: false, size: bytes.len() as u64 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScanOptions {
    /// Also tell of potentially unwanted applications.
    pub pua: bool,
    /// End with the first hit.
    pub first_only: bool,
    /// Steps that verification may take in all, besides those for each byte of the object. A million take some milliseconds.
    pub work: u64,
    pub work_per_byte: u64,
}

impl Default for ScanOptions {
    fn default() -> Self {
        ScanOptions { pua: false, first_only: false, work: 16 << 20, work_per_byte: 16 }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Each name once.
    pub hits: Vec<Hit>,
    /// Signatures say that this is to be opened as another type (`HandlerType`).
    pub handle_as: Vec<FileType>,
    /// Why not everything was matched; without a hit this is not clean.
    pub incomplete: Option<&'static str>,
}

/// Times one object is looked at again as another type.
const MAX_RETYPES: usize = 4;
/// Sections whose digests are taken.
const MAX_HASHED_SECTIONS: usize = 256;

impl Database {
    /// Everything but digests of the whole file, for which see [`Database::lookup`].
    pub fn scan(&self, object: &Object<'_>, options: &ScanOptions) -> Result<Outcome, Corrupt> {
        let size = object.bytes.len() as u64;
        let mut budget = Budget::new(options.work.saturating_add(size.saturating_mul(options.work_per_byte)));
        let mut outcome = Outcome::default();
        let target = object.target.unwrap_or_else(|| Target::of(object.bytes));
        let mut seen = vec![target];
        self.scan_as(object, target, options, &mut budget, &mut outcome)?;
        let mut at = 0;
        while let Some(kind) = outcome.handle_as.get(at).copied() {
            at += 1;
            let target = kind.target();
            if target != Target::Any && !seen.contains(&target) && seen.len() <= MAX_RETYPES {
                seen.push(target);
                self.scan_as(object, target, options, &mut budget, &mut outcome)?;
            }
        }
        if budget.is_spent() {
            outcome.incomplete.get_or_insert("matching took more work than it may");
        }
        Ok(outcome)
    }

    fn scan_as(
        &self,
        object: &Object<'_>,
        target: Target,
        options: &ScanOptions,
        budget: &mut Budget,
        outcome: &mut Outcome,
    ) -> Result<(), Corrupt> {
        let layout = Layout::of(object.bytes, target);
        if target == Target::Pe && self.has_section_hashes() {
            self.sections(object, layout.as_ref(), options, budget, outcome)?;
        }
        if self.info().patterns == 0 && self.info().logicals == 0 {
            return Ok(());
        }
        let forms: Vec<(std::borrow::Cow<'_, [u8]>, Target)> = match target {
            Target::Ascii => {
                vec![(object.bytes.into(), Target::Any), (normalise::text(object.bytes).into(), Target::Ascii)]
            }
            Target::Html => {
                let (no_comment, no_tags) = normalise::html(object.bytes);
                vec![
                    (object.bytes.into(), Target::Html),
                    (no_comment.into(), Target::Html),
                    (no_tags.into(), Target::Html),
                ]
            }
            other => vec![(object.bytes.into(), other)],
        };
        for (bytes, target) in &forms {
            if options.first_only && !outcome.hits.is_empty() {
                break;
            }
            Pass::new(self, object, bytes, *target, layout.as_ref(), options, budget).run(outcome)?;
        }
        Ok(())
    }

    fn sections(
        &self,
        object: &Object<'_>,
        layout: Option<&Layout>,
        options: &ScanOptions,
        budget: &mut Budget,
        outcome: &mut Outcome,
    ) -> Result<(), Corrupt> {
        let Some(layout) = layout else { return Ok(()) };
        if layout.sections.len() > MAX_HASHED_SECTIONS {
            outcome.incomplete.get_or_insert("more sections than digests are taken of");
        }
        for (begin, length) in layout.sections.iter().take(MAX_HASHED_SECTIONS).filter(|(_, length)| *length > 0) {
            let wanted = self.section_wanted(*length);
            let range = (*begin as usize).checked_add(*length as usize).map(|end| *begin as usize..end);
            let Some(bytes) = range.and_then(|range| object.bytes.get(range)).filter(|_| wanted.any()) else {
                continue;
            };
            // Sections may overlap, so that their digests cost more than the file has bytes.
            if !budget.pay(bytes.len()) {
                return Ok(());
            }
            let hits = self.section_lookup(&Digests::of(bytes, wanted), *length, options.pua)?;
            hits.into_iter().for_each(|hit| outcome.add(hit));
        }
        Ok(())
    }
}

impl Outcome {
    fn add(&mut self, hit: Hit) {
        if !self.hits.iter().any(|known| known.name == hit.name) {
            self.hits.push(hit);
        }
    }
}
