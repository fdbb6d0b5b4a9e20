//! Sets of SHA-256 digests of known-bad files.
//!
//! Text, one a line: `digest [severity] [name…]`, `#` begins a comment; `digest  file-name` as `sha256sum` writes it is
//! therefore taken as well. A line that is not that is rejected by number, never skipped in silence. In memory: 36 bytes
//! a digest in one sorted array, names kept once each.

use crate::RejectedFile;
use crate::protocol::Match;
use event::{Engine, Severity, Sha256};
use std::collections::HashMap;
use std::path::PathBuf;

/// Faults told of one file; the rest are only counted.
const TOLD_FAULTS: usize = 20;

#[derive(Clone, Debug, Default)]
pub struct HashSets {
    /// Sorted by digest; the second is an index into `known`.
    entries: Vec<([u8; 32], u32)>,
    known: Vec<KnownFile>,
}

/// What a digest stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KnownFile {
    pub name: String,
    pub severity: Severity,
}

impl HashSets {
    /// Each text with the file it came from.
    pub(crate) fn load(texts: impl Iterator<Item = (PathBuf, String)>, rejected: &mut Vec<RejectedFile>) -> Self {
        let mut sets = HashSets::default();
        let mut index: HashMap<KnownFile, u32> = HashMap::new();
        for (file, text) in texts {
            let mut faults = 0;
            for (number, line) in text.lines().enumerate() {
                match parse_line(line) {
                    Ok(None) => {}
                    Ok(Some((digest, known))) => {
                        let at = *index.entry(known).or_insert_with_key(|known| {
                            sets.known.push(known.clone());
                            (sets.known.len() - 1) as u32
                        });
                        sets.entries.push((digest.0, at));
                    }
                    Err(reason) => {
                        faults += 1;
                        if faults <= TOLD_FAULTS {
                            let reason = format!("line {}: {reason}", number + 1);
                            rejected.push(RejectedFile { file: file.clone(), rule_id: None, reason });
                        }
                    }
                }
            }
            if faults > TOLD_FAULTS {
                let reason = format!("{} further lines are not digests", faults - TOLD_FAULTS);
                rejected.push(RejectedFile { file, rule_id: None, reason });
            }
        }
        // The same digest in two sets: the graver one stands first and wins.
        let known = &sets.known;
        sets.entries.sort_unstable_by_key(|(digest, at)| (*digest, std::cmp::Reverse(known[*at as usize].severity)));
        sets.entries.dedup_by_key(|(digest, _)| *digest);
        sets.entries.shrink_to_fit();
        sets
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn lookup(&self, digest: &[u8; 32]) -> Option<&KnownFile> {
        let at = self.entries.binary_search_by_key(digest, |(digest, _)| *digest).ok()?;
        Some(&self.known[self.entries[at].1 as usize])
    }

    pub(crate) fn finding(&self, digest: &[u8; 32]) -> Option<Match> {
        let known = self.lookup(digest)?;
        Some(Match {
            engine: Engine::Hash,
            rule_id: format!("hash:{}", known.name),
            name: known.name.clone(),
            severity: known.severity,
            action: None,
            techniques: Vec::new(),
            detail: format!("its SHA-256 {} is in a set of known files", Sha256(*digest)),
            member: None,
            matched: Vec::new(),
        })
    }
}

fn parse_line(line: &str) -> Result<Option<(Sha256, KnownFile)>, String> {
    let line = line.split('#').next().unwrap_or_default().trim();
    if line.is_empty() {
        return Ok(None);
    }
    let (digest, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let digest = digest.parse::<Sha256>().map_err(|error| error.to_string())?;
    let rest = rest.trim();
    let (first, tail) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let (severity, name) = match first.parse::<Severity>() {
        Ok(severity) => (severity, tail.trim()),
        Err(_) => (Severity::High, rest.trim_start_matches('*')),
    };
    let name = if name.is_empty() { "known bad file" } else { event::text::clip(name, 200) };
    Ok(Some((digest, KnownFile { name: name.to_owned(), severity })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> (HashSets, Vec<RejectedFile>) {
        let mut rejected = Vec::new();
        let sets = HashSets::load([(PathBuf::from("set.txt"), text.to_owned())].into_iter(), &mut rejected);
        (sets, rejected)
    }

    #[test]
    fn lines() {
        let digest = "aB".repeat(32);
        let check = |rest: &str, name: &str, severity: Severity| {
            let (sets, rejected) = load(&format!("{digest}{rest}\n"));
            assert_eq!(rejected, []);
            let known = sets.lookup(&digest.parse::<Sha256>().unwrap().0).unwrap();
            assert_eq!((known.name.as_str(), known.severity), (name, severity), "{rest:?}");
        };
        check("", "known bad file", Severity::High);
        check("  critical Evil.A the worst # seen twice", "Evil.A the worst", Severity::Critical);
        check("  name only", "name only", Severity::High);
        check(" *file.bin", "file.bin", Severity::High);
        check("\tlow", "known bad file", Severity::Low);
    }

    #[test]
    fn what_is_no_digest_is_told_by_line_and_the_rest_kept() {
        let (sets, rejected) = load(&format!("# head\n\nnonsense\n{}\n", "00".repeat(32)));
        assert_eq!(sets.len(), 1);
        assert_eq!(rejected.len(), 1);
        assert!(rejected[0].reason.starts_with("line 3: "), "{}", rejected[0].reason);
        let (_, rejected) = load(&"x\n".repeat(1000));
        assert_eq!(rejected.len(), TOLD_FAULTS + 1);
    }

    #[test]
    fn of_two_names_the_graver_wins() {
        let d = "11".repeat(32);
        let (sets, _) = load(&format!("{d} low a\n{d} critical b\n{d} medium c\n"));
        assert_eq!(sets.lookup(&d.parse::<Sha256>().unwrap().0).unwrap().name, "b");
        assert_eq!(sets.len(), 1);
    }
}
