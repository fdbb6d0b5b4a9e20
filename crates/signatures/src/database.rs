//! A compiled database, open: what its tables say of digests and of members of containers. [`crate::scan`] says what its patterns find.

use crate::clamav::metadata::MemberRule;
use crate::clamav::special;
use crate::file::{Corrupt, OpenError, Section, Table as Sections, u32_at, u64_at};
use crate::hashes::{Algorithm, Digests, Place, Table, Wanted};
use crate::logical::{Kept, Owner};
use crate::map::Bytes;
use crate::names::{self, NameRef};
use crate::pattern::Pattern;
use crate::pattern::front::Front;
use crate::report::Report;
use crate::target::FileType;
use event::Severity;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// Files of more are refused: ten million SHA-256 take 0.5 GB.
const MAX_FILE: u64 = 64 << 30;
const MAX_MEMBER_RULES: usize = 1 << 20;

/// What a database holds, as its build counted it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Info {
    pub hashes: Vec<HashCount>,
    pub patterns: u64,
    pub logicals: u64,
    pub members: u64,
    /// Without the single lines that were not taken.
    pub report: Report,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HashCount {
    pub place: Place,
    pub algorithm: Algorithm,
    pub count: u64,
}

/// Read-only, and so shared by threads and by processes forked after it was opened.
pub struct Database {
    pub(crate) bytes: Bytes,
    info: Info,
    tables: Vec<Table>,
    names: Range<usize>,
    pub(crate) front: Front,
    patterns: Rows,
    logicals: Rows,
    owners: Range<usize>,
    owner_index: Range<usize>,
    unanchored: Range<usize>,
    always: Range<usize>,
    members: Vec<(MemberRule, Option<regex::bytes::Regex>)>,
    /// Compiled when a file first asks for them: logical signature and sub-signature.
    regexes: Mutex<HashMap<(u32, u8), Compiled>>,
}

/// None: it does not compile.
type Compiled = Arc<regex::bytes::Regex>;

/// Values one after the other in one section, their begins in another.
#[derive(Clone, Debug)]
struct Rows {
    bytes: Range<usize>,
    index: Range<usize>,
}

/// What was found, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    pub name: String,
    pub by: By,
    /// Low for potentially unwanted applications, else as the set says; ClamAV's say nothing and are high.
    pub severity: Severity,
    /// Potentially unwanted: told only where [`crate::ScanOptions::pua`] asks for it.
    pub pua: bool,
    /// Where the pattern begins, in the bytes as they were matched.
    pub at: Option<u64>,
}

/// What kind of signature it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    Hash(Algorithm),
    SectionHash(Algorithm),
    Pattern,
    Logical,
    Member,
}

/// What the digests of a file say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lookup {
    pub hits: Vec<Hit>,
    /// The file is on an allow list (`.fp`, `.sfp`): no signature counts for it, nor for what holds it.
    pub allowed: Option<String>,
}

/// A member of a container, as the container's headers tell it.
#[derive(Clone, Debug)]
pub struct Member<'m> {
    pub container: FileType,
    /// None where it passes by and nobody knows its end.
    pub container_size: Option<u64>,
    pub name: &'m [u8],
    /// As stored.
    pub size_in_container: u64,
    /// Unpacked.
    pub size: u64,
    pub encrypted: bool,
    /// From 1.
    pub position: u64,
    pub crc32: Option<u32>,
}

impl Database {
    /// Opens a file that `tamon signatures build` made. Takes the same time whatever it holds.
    pub fn open(path: &Path) -> Result<Database, OpenError> {
        Database::from_file(&File::open(path)?)
    }

    /// For who has no file system any more: the descriptor was handed on. Mapped if only root and we can write to it, else copied.
    pub fn from_file(file: &File) -> Result<Database, OpenError> {
        Database::new(Bytes::of(file, MAX_FILE)?)
    }

    pub fn from_bytes(bytes: Vec<u8>) -> Result<Database, OpenError> {
        Database::new(Bytes::Copied(bytes))
    }

    fn new(bytes: Bytes) -> Result<Database, OpenError> {
        let sections = Sections::parse(&bytes)?;
        let mut tables = Vec::new();
        for (place, algorithm) in Place::ALL.into_iter().flat_map(|p| Algorithm::ALL.map(|a| (p, a))) {
            tables.extend(Table::open(&sections, place, algorithm)?);
        }
        let info = serde_json::from_slice(&bytes[sections.get_or_empty(Section::Info, 0)])
            .map_err(|_| Corrupt("what it says of itself cannot be read"))?;
        let members = member_rules(&bytes[sections.get_or_empty(Section::Members, 0)])?;
        let rows = |blob, index| Rows { bytes: sections.get_or_empty(blob, 0), index: sections.get_or_empty(index, 0) };
        Ok(Database {
            info,
            tables,
            names: sections.get_or_empty(Section::Names, 0),
            front: Front::open(&sections)?,
            patterns: rows(Section::Patterns, Section::PatternIndex),
            logicals: rows(Section::Logicals, Section::LogicalIndex),
            owners: sections.get_or_empty(Section::Owners, 0),
            owner_index: sections.get_or_empty(Section::OwnerIndex, 0),
            unanchored: sections.get_or_empty(Section::Unanchored, 0),
            always: sections.get_or_empty(Section::Unanchored, 1),
            members,
            regexes: Mutex::default(),
            bytes,
        })
    }

    pub fn info(&self) -> &Info {
        &self.info
    }

    /// Whether its pages are the file's own and shared.
    pub fn is_mapped(&self) -> bool {
        self.bytes.is_mapped()
    }

    /// Which digests of a file of this size can be known at all; the others need not be computed.
    pub fn wanted(&self, size: u64) -> Wanted {
        let mut wanted = Wanted::default();
        let files = self.tables.iter().filter(|table| table.place != Place::Section);
        for table in files.filter(|table| table.wants_size(&self.bytes, size)) {
            match table.algorithm {
                Algorithm::Md5 => wanted.md5 = true,
                Algorithm::Sha1 => wanted.sha1 = true,
                Algorithm::Sha256 => wanted.sha256 = true,
            }
        }
        wanted
    }

    /// What is known of a whole file by its digests.
    pub fn lookup(&self, digests: &Digests, size: u64, pua: bool) -> Result<Lookup, Corrupt> {
        let mut lookup = Lookup::default();
        for table in &self.tables {
            let Some(digest) = digests.get(table.algorithm) else { continue };
            if table.place == Place::Section {
                continue;
            }
            for found in table.find(&self.bytes, digest, size)? {
                let name = self.name(found.name.0)?;
                if table.place == Place::Allow {
                    lookup.allowed = Some(name);
                } else if pua || !found.pua {
                    let by = By::Hash(table.algorithm);
                    lookup.hits.push(Hit { name, by, severity: found.severity, pua: found.pua, at: None });
                }
            }
        }
        Ok(lookup)
    }

    /// Whether any digest of sections of this size is known.
    pub(crate) fn section_wanted(&self, size: u64) -> Wanted {
        let of = |algorithm| {
            let mut tables = self.tables.iter().filter(|t| t.place == Place::Section && t.algorithm == algorithm);
            tables.any(|table| table.wants_size(&self.bytes, size))
        };
        Wanted { md5: of(Algorithm::Md5), sha1: of(Algorithm::Sha1), sha256: of(Algorithm::Sha256) }
    }

    pub(crate) fn section_lookup(&self, digests: &Digests, size: u64, pua: bool) -> Result<Vec<Hit>, Corrupt> {
        let mut hits = Vec::new();
        for table in self.tables.iter().filter(|table| table.place == Place::Section) {
            let Some(digest) = digests.get(table.algorithm) else { continue };
            for found in table.find(&self.bytes, digest, size)?.into_iter().filter(|found| pua || !found.pua) {
                let (name, by) = (self.name(found.name.0)?, By::SectionHash(table.algorithm));
                hits.push(Hit { name, by, severity: found.severity, pua: found.pua, at: None });
            }
        }
        Ok(hits)
    }

    pub(crate) fn has_section_hashes(&self) -> bool {
        self.tables.iter().any(|table| table.place == Place::Section)
    }

    /// Rules of `.cdb` that a member fits.
    pub fn member(&self, member: &Member<'_>) -> Vec<Hit> {
        let within = |range: Option<(u64, u64)>, value| range.is_none_or(|(low, high)| (low..=high).contains(&value));
        let known =
            |range: Option<(u64, u64)>, value: Option<u64>| range.is_none() || value.is_some_and(|n| within(range, n));
        let fits = |(rule, regex): &&(MemberRule, Option<regex::bytes::Regex>)| {
            rule.container.is_none_or(|container| container == member.container)
                && known(rule.container_size, member.container_size)
                && within(rule.size_in_container, member.size_in_container)
                && within(rule.size, member.size)
                && within(rule.position, member.position)
                && rule.encrypted.is_none_or(|encrypted| encrypted == member.encrypted)
                && rule.crc32.is_none_or(|crc| member.crc32 == Some(crc))
                && regex.as_ref().is_none_or(|regex| regex.is_match(member.name))
        };
        let hit = |(rule, _): &(MemberRule, _)| Hit {
            name: rule.name.clone(),
            by: By::Member,
            severity: Severity::High,
            pua: false,
            at: None,
        };
        self.members.iter().filter(fits).map(hit).collect()
    }

    /// Whether [`Database::member`] can say anything.
    pub fn has_member_rules(&self) -> bool {
        !self.members.is_empty()
    }

    pub(crate) fn name(&self, name: u64) -> Result<String, Corrupt> {
        names::resolve(&self.bytes[self.names.clone()], NameRef(name))
    }

    pub(crate) fn pattern(&self, at: u32) -> Result<Pattern, Corrupt> {
        let pattern: Pattern = self.patterns.get(&self.bytes, at)?;
        let fits = usize::from(pattern.anchor) < pattern.elements.len()
            && pattern.elements.len() <= crate::pattern::MAX_ELEMENTS;
        if fits { Ok(pattern) } else { Err(Corrupt("a pattern without its anchor")) }
    }

    pub(crate) fn logical(&self, at: u32) -> Result<Kept, Corrupt> {
        self.logicals.get(&self.bytes, at)
    }

    pub(crate) fn owners(&self, pattern: u32) -> Result<Vec<Owner>, Corrupt> {
        let index = &self.bytes[self.owner_index.clone()];
        let at = pattern as usize * 4;
        let (low, high) = (u32_at(index, at)? as usize, u32_at(index, at + 4)? as usize);
        let owners = &self.bytes[self.owners.clone()];
        let owners = owners.get(low * 16..high * 16).ok_or(Corrupt("an owner lies outside"))?;
        owners
            .chunks_exact(16)
            .map(|entry| {
                let name = u64_at(entry, 0)?;
                Ok(match entry[8] {
                    0 => Owner::Extended { name, pua: entry[9] == 1 },
                    _ => Owner::Logical(name as u32),
                })
            })
            .collect()
    }

    /// Patterns that no atom finds, and logical signatures that no pattern wakes; with their targets.
    pub(crate) fn unanchored(&self) -> impl Iterator<Item = (u32, u8)> {
        pairs(&self.bytes[self.unanchored.clone()])
    }

    pub(crate) fn always(&self) -> impl Iterator<Item = (u32, u8)> {
        pairs(&self.bytes[self.always.clone()])
    }

    /// The build refuses one that does not compile, so the database is damaged where that happens.
    pub(crate) fn regex(&self, logical: u32, sub: u8, text: &str) -> Result<Arc<regex::bytes::Regex>, Corrupt> {
        let mut known = self.regexes.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(regex) = known.get(&(logical, sub)) {
            return Ok(Arc::clone(regex));
        }
        let compiled = special::compile(text).map_err(|_| Corrupt("a regular expression does not compile"))?;
        Ok(Arc::clone(known.entry((logical, sub)).or_insert(Arc::new(compiled))))
    }
}

fn pairs(bytes: &[u8]) -> impl Iterator<Item = (u32, u8)> {
    bytes.chunks_exact(8).map(|entry| (u32::from_le_bytes([entry[0], entry[1], entry[2], entry[3]]), entry[4]))
}

impl Rows {
    fn get<'f, V: Deserialize<'f>>(&self, file: &'f [u8], at: u32) -> Result<V, Corrupt> {
        let index = &file[self.index.clone()];
        let lost = Corrupt("a signature lies outside of its section");
        let (low, high) = (u64_at(index, at as usize * 8)?, u64_at(index, at as usize * 8 + 8)?);
        let (low, high) = (usize::try_from(low).map_err(|_| lost)?, usize::try_from(high).map_err(|_| lost)?);
        let bytes = file[self.bytes.clone()].get(low..high).ok_or(lost)?;
        postcard::from_bytes(bytes).map_err(|_| Corrupt("a signature cannot be read"))
    }
}

fn member_rules(bytes: &[u8]) -> Result<Vec<(MemberRule, Option<regex::bytes::Regex>)>, Corrupt> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let rules: Vec<MemberRule> = postcard::from_bytes(bytes).map_err(|_| Corrupt("rules of members cannot be read"))?;
    if rules.len() > MAX_MEMBER_RULES {
        return Err(Corrupt("more rules of members than there can be"));
    }
    let compiled = rules.into_iter().map(|rule| {
        let regex = match &rule.member_name {
            None => None,
            Some(text) => Some(special::compile(text).map_err(|_| Corrupt("a rule of members does not compile"))?),
        };
        Ok((rule, regex))
    });
    compiled.collect()
}
