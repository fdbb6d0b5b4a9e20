//! What one process tree (or one user, or one parent of many short programs) has made of files that were there before it. The
//! agent tells each outcome as it learns of it; the ledger says when it is enough. A file counts once.

use super::content::{Harm, Sample, harm};
use super::extension;
use crate::tell::{Rule, path, span};
use event::{Action, Engine, Finding, Severity, Tactic, Technique, Timestamp};
use std::collections::{HashMap, HashSet};

pub(crate) const CONTENT: Rule = Rule {
    id: "ransomware.content",
    engine: Engine::Ransomware,
    name: "Ransomware: files are made unreadable",
    severity: Severity::Critical,
    techniques: &[Technique::new(1486)],
    tactics: &[Tactic::Impact],
    asks: Some(Action::Kill),
};

pub(crate) const WIPER: Rule =
    Rule { id: "ransomware.wiper", name: "Wiper: files are destroyed", techniques: &[Technique::new(1485)], ..CONTENT };

/// Files that one ledger counts; more are not told apart, and by then it has spoken.
const MAX_FILES: usize = 1_024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerConfig {
    /// Lost files that are enough.
    pub enough: usize,
    /// The same where a note was left, a decoy was hit, or backups were deleted before.
    pub enough_with_sign: usize,
    /// Files that a program which no package owns may delete, of three kinds or more, before that alone is enough.
    pub enough_deleted: usize,
    pub window_nanos: i64,
}

impl Default for LedgerConfig {
    fn default() -> Self {
        LedgerConfig { enough: 5, enough_with_sign: 3, enough_deleted: 16, window_nanos: 600_000_000_000 }
    }
}

/// One file, by device and inode.
pub type FileId = (u64, u64);

/// What became of a file.
#[derive(Clone, Copy, Debug)]
pub enum Outcome<'a> {
    /// Its content, in place or by another file put in its place.
    Changed { before: &'a Sample, after: &'a Sample },
    /// Neither its name nor its content is there any more.
    Gone { size: u64 },
    /// It has another name; its content is told besides.
    Renamed { to: &'a str },
    /// The tree made it.
    Made { content: &'a Sample },
    /// Another ledger has found so: a user's is fed from those of the user's trees.
    Lost(&'static str),
}

/// Around the files, what points the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sign {
    Note,
    Decoy,
    /// Backups, snapshots or the services that keep files open were ended.
    Inhibited,
}

#[derive(Debug, Default)]
pub struct Ledger {
    config: LedgerConfig,
    lost: HashMap<FileId, (Timestamp, &'static str)>,
    gone: HashMap<FileId, (Timestamp, u64)>,
    kinds_gone: HashSet<String>,
    /// Files of noise that it made: how many, and how large together.
    opaque: HashMap<FileId, u64>,
    signs: HashSet<Sign>,
    first: Option<(Timestamp, String)>,
    last: String,
    installed: bool,
    told: bool,
}

impl Ledger {
    /// `installed`: a package owns every program in the tree, so deleting alone says nothing.
    pub fn new(config: LedgerConfig, installed: bool) -> Ledger {
        Ledger { config, installed, ..Ledger::default() }
    }

    pub fn not_installed(&mut self) {
        self.installed = false;
    }

    pub fn sign(&mut self, sign: Sign) {
        self.signs.insert(sign);
    }

    /// Gives how the file was lost, if it was.
    pub fn take(&mut self, at: Timestamp, file: FileId, name: &str, outcome: Outcome<'_>) -> Option<&'static str> {
        self.forget_before(at.plus_nanos(-self.config.window_nanos));
        match outcome {
            Outcome::Changed { before, after } => match harm(before, after) {
                Harm::Lost(how) => return self.lose(at, file, name, how),
                Harm::None | Harm::Emptied => {
                    // What looked lost half-way through a write may be whole at its end.
                    self.lost.remove(&file);
                }
            },
            Outcome::Lost(how) => return self.lose(at, file, name, how),
            Outcome::Gone { size } => {
                if self.gone.len() < MAX_FILES && self.gone.insert(file, (at, size)).is_none() {
                    self.remember(at, name);
                    let kind = extension::of(name).unwrap_or_default().to_ascii_lowercase();
                    if extension::is_document(&kind) && self.kinds_gone.len() < 64 {
                        self.kinds_gone.insert(kind);
                    }
                }
            }
            Outcome::Renamed { to } => {
                if extension::of(to).is_some_and(extension::is_ransom) {
                    return self.lose(at, file, name, "it has an extension that only ransomware gives");
                }
            }
            Outcome::Made { content } => {
                if extension::is_note(name) {
                    self.signs.insert(Sign::Note);
                }
                if content.is_opaque() && content.size >= 64 {
                    if self.opaque.len() < MAX_FILES {
                        self.opaque.insert(file, content.size);
                    }
                } else {
                    self.opaque.remove(&file);
                }
            }
        }
        None
    }

    fn lose(&mut self, at: Timestamp, file: FileId, name: &str, how: &'static str) -> Option<&'static str> {
        if self.lost.len() < MAX_FILES && self.lost.insert(file, (at, how)).is_none() {
            self.remember(at, name);
        }
        Some(how)
    }

    fn remember(&mut self, at: Timestamp, name: &str) {
        self.first.get_or_insert_with(|| (at, name.to_owned()));
        name.clone_into(&mut self.last);
    }

    fn forget_before(&mut self, horizon: Timestamp) {
        self.lost.retain(|_, (at, _)| *at >= horizon);
        self.gone.retain(|_, (at, _)| *at >= horizon);
        if self.gone.is_empty() {
            self.kinds_gone.clear();
        }
    }

    /// Files that count as lost: those made unreadable, and those deleted after something unreadable was made of them.
    pub fn lost(&self) -> usize {
        self.lost.len() + self.replaced()
    }

    pub fn deleted(&self) -> usize {
        self.gone.len()
    }

    /// Deleted files whose content went into noise: one for one, or many into one that is large enough.
    fn replaced(&self) -> usize {
        let deleted = self.gone.keys().filter(|file| !self.lost.contains_key(*file));
        let (count, bytes) = deleted.fold((0, 0u64), |(n, sum), file| (n + 1, sum + self.gone[file].1));
        let made: u64 = self.opaque.values().sum();
        if made > 0 && made * 4 >= bytes { count } else { count.min(self.opaque.len()) }
    }

    /// Told once. `who` begins the sentence.
    pub fn verdict(&mut self, who: &str) -> Option<Finding> {
        if self.told {
            return None;
        }
        let enough = if self.signs.is_empty() { self.config.enough } else { self.config.enough_with_sign };
        let lost = self.lost();
        let wiped = !self.installed && self.gone.len() >= self.config.enough_deleted && self.kinds_gone.len() >= 3;
        if lost < enough && !wiped {
            return None;
        }
        self.told = true;
        let (began, first) = self.first.clone().unwrap_or_default();
        let until = self.lost.values().map(|(at, _)| *at).chain(self.gone.values().map(|(at, _)| *at)).max();
        let within = span(until.unwrap_or(began).since(began));
        let how = self.commonest();
        let all_wiped = !self.lost.is_empty() && self.lost.values().all(|(_, how)| how.contains("wiped"));
        let rule = if (lost < enough && wiped) || all_wiped { WIPER } else { CONTENT };
        let files = if lost < enough { self.gone.len() } else { lost };
        let signs: String = [
            (Sign::Note, "; it left a note"),
            (Sign::Decoy, "; a decoy was among them"),
            (Sign::Inhibited, "; it had ended what files could be recovered from"),
        ]
        .iter()
        .filter(|(sign, _)| self.signs.contains(sign))
        .map(|(_, words)| *words)
        .collect();
        let detail = format!(
            "{who} destroyed {files} files within {within} ({how}): first {}, last {}{signs}.",
            path(&first),
            path(&self.last)
        );
        Some(rule.finding(detail, vec![("file_path", self.last.clone()), ("files", files.to_string())]))
    }

    fn commonest(&self) -> &'static str {
        let mut counts: HashMap<&'static str, usize> = HashMap::new();
        self.lost.values().for_each(|(_, how)| *counts.entry(how).or_default() += 1);
        let most = counts.into_iter().max_by_key(|(how, count)| (*count, *how));
        match most {
            Some((how, _)) => how,
            None if self.opaque.is_empty() => "deleted",
            None => "deleted after something unreadable was made of them",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::content::{SAMPLE_BYTES, sample_offsets};
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000_000_000);

    fn sample(bytes: &[u8]) -> Sample {
        let block = |at: u64| (at, &bytes[at as usize..bytes.len().min((at + SAMPLE_BYTES) as usize)]);
        Sample::of(bytes.len() as u64, sample_offsets(bytes.len() as u64).into_iter().map(block))
    }
    fn text() -> Sample {
        sample("Words of an ordinary letter, written in 1999.\n".repeat(40).as_bytes())
    }
    fn noise() -> Sample {
        let mut state = 1u64;
        let bytes: Vec<u8> = (0..1_840)
            .map(|_| {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                (state >> 56) as u8
            })
            .collect();
        sample(&bytes)
    }

    /// The number of files after which it speaks, if it does within a hundred.
    fn check(what: &str, installed: bool, signs: &[Sign], expected: Option<u64>, act: impl Fn(&mut Ledger, u64)) {
        let mut ledger = Ledger::new(LedgerConfig::default(), installed);
        signs.iter().for_each(|sign| ledger.sign(*sign));
        let told = (1..=100).find(|n| {
            act(&mut ledger, *n);
            ledger.verdict("x (pid 1)").is_some()
        });
        assert_eq!(told, expected, "{what}");
    }

    fn encrypt(ledger: &mut Ledger, n: u64) {
        ledger.take(NOW, (1, n), &format!("/d/{n}.txt"), Outcome::Changed { before: &text(), after: &noise() });
    }
    fn delete(ledger: &mut Ledger, n: u64) {
        let kind = ["pdf", "docx", "jpg", "o"][n as usize % 4];
        ledger.take(NOW, (1, n), &format!("/d/{n}.{kind}"), Outcome::Gone { size: 1_840 });
    }

    #[test]
    fn enough_is_enough() {
        check("encrypted", true, &[], Some(5), encrypt);
        check("after a note", true, &[Sign::Note], Some(3), encrypt);
        check("edited", false, &[], None, |ledger, n| {
            ledger.take(NOW, (1, n), "/d/x.txt", Outcome::Changed { before: &text(), after: &text() });
        });
        check("one file again and again", false, &[], None, |ledger, _| encrypt(ledger, 7));
        check("slowly", false, &[], Some(5), |ledger, n| {
            let at = NOW.plus_nanos(n as i64 * 100_000_000_000);
            ledger.take(at, (1, n), "/d/x.txt", Outcome::Changed { before: &text(), after: &noise() });
        });
        check("rarely", false, &[], None, |ledger, n| {
            let at = NOW.plus_nanos(n as i64 * 200_000_000_000);
            ledger.take(at, (1, n), "/d/x.txt", Outcome::Changed { before: &text(), after: &noise() });
        });
        check("deleted by rm", true, &[], None, delete);
        check("deleted by a program of nobody's", false, &[], Some(16), delete);
        check("copied into noise, then deleted", true, &[], Some(5), |ledger, n| {
            ledger.take(NOW, (2, n), "/d/x.enc", Outcome::Made { content: &noise() });
            delete(ledger, n);
        });
        check("one archive of noise, then all deleted", true, &[], Some(5), |ledger, n| {
            let mut large = noise();
            large.size = 1 << 30;
            ledger.take(NOW, (2, 1), "/d/all", Outcome::Made { content: &large });
            delete(ledger, n);
        });
        check("compressed, then deleted", true, &[], None, |ledger, n| {
            ledger.take(NOW, (2, n), "/d/x.gz", Outcome::Made { content: &text() });
            delete(ledger, n);
        });
        check("renamed to what only ransomware gives", true, &[], Some(5), |ledger, n| {
            ledger.take(NOW, (1, n), "/d/x", Outcome::Renamed { to: "/d/x.lockbit" });
        });
    }

    #[test]
    fn says_what_it_saw() {
        let mut ledger = Ledger::new(LedgerConfig::default(), false);
        (0..5).for_each(|n| encrypt(&mut ledger, n));
        let finding = ledger.verdict("x (pid 7)").unwrap();
        assert_eq!(
            finding.detail,
            "x (pid 7) destroyed 5 files within 0.0 s (its text became noise): first /d/0.txt, last /d/4.txt."
        );
        assert_eq!((finding.rule_id.as_str(), finding.asks), ("ransomware.content", Some(Action::Kill)));
        assert!(ledger.verdict("x").is_none());
    }
}
