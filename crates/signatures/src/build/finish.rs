//! The end of a build: macros find their groups, each pattern its anchor, each logical signature the patterns that wake it.

use super::store::{Waiting, WaitingSub};
use super::{BuildError, Builder};
use crate::database::Info;
use crate::file::{Section, Writer};
use crate::logical::{Kept, Owner, Sub};
use crate::pattern::atoms::{self, Choice, Commonness};
use crate::pattern::front::FrontBuilder;
use crate::report::Report;
use std::fs::File;
use std::io::{self, BufWriter, Seek as _, SeekFrom};

impl Builder {
    pub fn finish(mut self, out: &mut File) -> Result<Report, BuildError> {
        let mut common = Commonness::default();
        self.patterns.all.iter().for_each(|(pattern, _)| common.add(pattern));
        let choices: Vec<Option<Choice>> =
            self.patterns.all.iter().map(|(pattern, _)| atoms::choose(pattern, Some(&common))).collect();
        for ((pattern, _), choice) in self.patterns.all.iter_mut().zip(&choices) {
            pattern.anchor = choice.as_ref().map_or(0, |choice| choice.element);
        }
        let macros = std::mem::take(&mut self.macros);
        let mut always = Vec::new();
        let mut kept = Vec::with_capacity(self.logicals.len());
        for waiting in std::mem::take(&mut self.logicals) {
            let one = resolve(waiting, &macros);
            let at = kept.len() as u32;
            match cover(&one, &choices) {
                Some(patterns) => {
                    self.patterns.owners.extend(patterns.into_iter().map(|p| (p, Owner::Logical(at))));
                }
                None => always.push((at, one.target as u8)),
            }
            kept.push(one);
        }
        self.report.asked_always = always.len() as u64;

        let mut writer = Writer::new(BufWriter::with_capacity(1 << 20, out))?;
        let hashes = self.hashes.finish(&mut writer)?;
        let mut names = self.names.finish().into_inner().map_err(io::IntoInnerError::into_error)?;
        names.seek(SeekFrom::Start(0))?;
        writer.section_from(Section::Names, 0, names)?;

        let mut owners = self.patterns.owners;
        owners.sort_unstable_by_key(|(pattern, owner)| (*pattern, owner_bytes(*owner)));
        owners.dedup();
        let mut front = FrontBuilder::default();
        let mut unanchored = Vec::new();
        for at in owners.chunk_by(|a, b| a.0 == b.0).map(|group| group[0].0) {
            let target = self.patterns.all[at as usize].1 as u8;
            match &choices[at as usize] {
                Some(choice) => choice.atoms.iter().for_each(|atom| front.add(at, target, atom)),
                None => unanchored.push((at, target)),
            }
        }
        front.write(&mut writer)?;
        writer.section(Section::Unanchored, 0, &pairs(&unanchored))?;
        writer.section(Section::Unanchored, 1, &pairs(&always))?;

        let mut starts = Vec::with_capacity(self.patterns.all.len() + 1);
        let mut next = 0;
        for at in 0..=self.patterns.all.len() as u32 {
            while owners.get(next).is_some_and(|(pattern, _)| *pattern < at) {
                next += 1;
            }
            starts.push(next as u32);
        }
        let starts: Vec<u8> = starts.iter().flat_map(|at| at.to_le_bytes()).collect();
        writer.section(Section::OwnerIndex, 0, &starts)?;
        let owners: Vec<u8> = owners.iter().flat_map(|(_, owner)| owner_bytes(*owner)).collect();
        writer.section(Section::Owners, 0, &owners)?;

        let patterns = self.patterns.all.len() as u64;
        rows(&mut writer, Section::Patterns, Section::PatternIndex, self.patterns.all.iter().map(|(p, _)| p))?;
        rows(&mut writer, Section::Logicals, Section::LogicalIndex, kept.iter())?;
        let members = postcard::to_stdvec(&self.members).map_err(io::Error::other)?;
        writer.section(Section::Members, 0, &members)?;

        let report = self.report;
        let told = Report { rejected: Vec::new(), ..report.clone() };
        let hashes =
            hashes.into_iter().map(|(place, algorithm, count)| crate::database::HashCount { place, algorithm, count });
        let info = Info {
            hashes: hashes.collect(),
            patterns,
            logicals: kept.len() as u64,
            members: self.members.len() as u64,
            report: told,
        };
        writer.section(Section::Info, 0, &serde_json::to_vec(&info).map_err(io::Error::other)?)?;
        writer.finish()?;
        Ok(report)
    }
}

fn resolve(waiting: Waiting, macros: &[Vec<u32>]) -> Kept {
    let sub = |sub| match sub {
        WaitingSub::Body(patterns) => Sub::Body(patterns),
        WaitingSub::Macro(found) => {
            let members = macros.get(usize::from(found.group)).cloned().unwrap_or_default();
            Sub::Macro { min: found.min, max: found.max, members }
        }
        WaitingSub::ByteCompare(compare) => Sub::ByteCompare(compare),
        WaitingSub::Pcre(pcre) => Sub::Pcre(pcre),
    };
    Kept {
        name: waiting.name,
        pua: waiting.pua,
        target: waiting.target,
        conditions: waiting.conditions,
        expression: waiting.expression,
        subsignatures: waiting.subsignatures.into_iter().map(sub).collect(),
    }
}

/// The cheapest patterns of which one must be there where the signature holds; None: it may hold without any.
fn cover(kept: &Kept, choices: &[Option<Choice>]) -> Option<Vec<u32>> {
    const UNANCHORED: u64 = 1_000_000;
    let bodies = |at: u8| -> Option<Vec<u32>> {
        match kept.subsignatures.get(usize::from(at))? {
            Sub::Body(patterns) => Some(patterns.clone()),
            Sub::Macro { members, .. } => Some(members.clone()),
            _ => None,
        }
    };
    let body_cost = |at: u8| -> Option<u64> {
        let cost =
            |p: &u32| choices.get(*p as usize).and_then(Option::as_ref).map_or(UNANCHORED, |choice| choice.cost + 1);
        bodies(at).map(|patterns| patterns.iter().map(cost).sum())
    };
    // What a comparison or a regular expression needs before it is asked at all.
    let needs = |at: u8| -> Option<Vec<u8>> {
        match kept.subsignatures.get(usize::from(at))? {
            Sub::Body(_) | Sub::Macro { .. } => Some(vec![at]),
            Sub::ByteCompare(compare) => body_cost(compare.from).map(|_| vec![compare.from]),
            Sub::Pcre(pcre) => pcre.trigger.cover(&body_cost),
        }
    };
    let cost = |at: u8| -> Option<u64> { needs(at)?.into_iter().map(body_cost).sum() };
    let cover = kept.expression.cover(&cost)?;
    let mut patterns = Vec::new();
    for at in cover {
        for needed in needs(at)? {
            patterns.extend(bodies(needed)?);
        }
    }
    patterns.sort_unstable();
    patterns.dedup();
    Some(patterns)
}

/// Number and target, eight bytes.
fn pairs(all: &[(u32, u8)]) -> Vec<u8> {
    all.iter().flat_map(|(number, target)| [number.to_le_bytes(), [*target, 0, 0, 0]]).flatten().collect()
}

/// 16 bytes: name or number, kind, potentially unwanted.
fn owner_bytes(owner: Owner) -> [u8; 16] {
    let mut bytes = [0; 16];
    match owner {
        Owner::Extended { name, pua } => {
            bytes[..8].copy_from_slice(&name.to_le_bytes());
            bytes[9] = u8::from(pua);
        }
        Owner::Logical(at) => {
            bytes[..4].copy_from_slice(&at.to_le_bytes());
            bytes[8] = 1;
        }
    }
    bytes
}

/// Values one after the other, and where each begins.
fn rows<'v, V: serde::Serialize + 'v, W: io::Write + io::Seek>(
    writer: &mut Writer<W>,
    blob: Section,
    index: Section,
    values: impl Iterator<Item = &'v V>,
) -> io::Result<()> {
    let (mut bytes, mut starts) = (Vec::new(), vec![0u64]);
    for value in values {
        bytes = postcard::to_extend(value, bytes).map_err(io::Error::other)?;
        starts.push(bytes.len() as u64);
    }
    writer.section(blob, 0, &bytes)?;
    let starts: Vec<u8> = starts.iter().flat_map(|at| at.to_le_bytes()).collect();
    writer.section(index, 0, &starts)
}
