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
    /// Files of three kinds or more that stand empty at the same time.
    pub enough_emptied: usize,
    pub window_nanos: i64,
}

impl Default for LedgerConfig {
    fn default() -> Self {
        LedgerConfig {
            enough: 5,
            enough_with_sign: 3,
            enough_deleted: 16,
            enough_emptied: 8,
            window_nanos: 3_600_000_000_000,
        }
    }
}

/// One file, by device and inode.
pub type FileId = (u64, u64);

/// What became of a file.
#[derive(Clone, Copy, Debug)]
pub enum Outcome<'a> {
    /// Its content, in place or by another file put in its place.
    Changed { before: &'a Sample, after: &'a Sample },
    /// Neither its name nor its content is there any more. `read`: the tree had opened it before. `loose`: no package owns the
    /// program that deleted it.
    Gone { size: u64, read: bool, loose: bool },
    /// Nothing is left in it, and what was there is not known.
    Emptied,
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
    gone: HashMap<FileId, Gone>,
    /// Stand empty, by the end of their name.
    emptied: HashMap<FileId, (Timestamp, String)>,
    /// Files of noise that it made: how many, and how large together.
    opaque: HashMap<FileId, u64>,
    /// The same, but for a head that says which honest tool encrypted them.
    sealed: HashSet<FileId>,
    signs: HashSet<Sign>,
    first: Option<(Timestamp, String)>,
    last: String,
    told: bool,
}

#[derive(Debug)]
struct Gone {
    at: Timestamp,
    size: u64,
    read: bool,
    loose: bool,
    /// The end of its name, where that is a document's.
    kind: Option<String>,
}

impl Ledger {
    pub fn new(config: LedgerConfig) -> Ledger {
        Ledger { config, ..Ledger::default() }
    }

    pub fn sign(&mut self, sign: Sign) {
        self.signs.insert(sign);
    }

    /// Gives how the file was lost, if it was.
    pub fn take(&mut self, at: Timestamp, file: FileId, name: &str, outcome: Outcome<'_>) -> Option<&'static str> {
        self.forget_before(at.plus_nanos(-self.config.window_nanos));
        match outcome {
            Outcome::Changed { before, after } => {
                self.emptied.remove(&file);
                match harm(before, after) {
                    Harm::Lost(how) => return self.lose(at, file, name, how),
                    // What looked lost half-way through a write may be whole at its end.
                    Harm::None => _ = self.lost.remove(&file),
                    Harm::Emptied => self.empty(at, file, name),
                }
            }
            Outcome::Lost(how) => return self.lose(at, file, name, how),
            Outcome::Emptied => self.empty(at, file, name),
            Outcome::Gone { size, read, loose } => {
                let kind = Some(kind_of(name)).filter(|kind| extension::is_document(kind));
                let gone = Gone { at, size, read, loose, kind };
                if self.gone.len() < MAX_FILES && self.gone.insert(file, gone).is_none() {
                    self.remember(at, name);
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
                self.opaque.remove(&file);
                self.sealed.remove(&file);
                if content.is_opaque() && self.opaque.len() < MAX_FILES {
                    self.opaque.insert(file, content.size);
                } else if content.kind.is_sealed() && self.sealed.len() < MAX_FILES {
                    self.sealed.insert(file);
                }
            }
        }
        None
    }

    /// What was told as gone is there again.
    pub fn came_back(&mut self, file: FileId) {
        self.gone.remove(&file);
    }

    fn lose(&mut self, at: Timestamp, file: FileId, name: &str, how: &'static str) -> Option<&'static str> {
        if self.lost.len() < MAX_FILES && self.lost.insert(file, (at, how)).is_none() {
            self.remember(at, name);
        }
        Some(how)
    }

    /// Logs are emptied daily.
    fn empty(&mut self, at: Timestamp, file: FileId, name: &str) {
        self.lost.remove(&file);
        let kind = kind_of(name);
        if self.emptied.len() < MAX_FILES && extension::holds_document(name) {
            self.emptied.insert(file, (at, kind));
            self.remember(at, name);
        }
    }

    fn remember(&mut self, at: Timestamp, name: &str) {
        self.first.get_or_insert_with(|| (at, name.to_owned()));
        name.clone_into(&mut self.last);
    }

    fn forget_before(&mut self, horizon: Timestamp) {
        self.lost.retain(|_, (at, _)| *at >= horizon);
        self.gone.retain(|_, gone| gone.at >= horizon);
        self.emptied.retain(|_, (at, _)| *at >= horizon);
    }

    /// Files that count as lost: those made unreadable, and those deleted after something unreadable was made of them.
    pub fn lost(&self) -> usize {
        self.lost.len() + self.replaced()
    }

    /// Of the files of noise that it made.
    pub fn opaque_bytes(&self) -> u64 {
        self.opaque.values().sum()
    }

    /// What it deletes may have to be given back.
    pub fn is_grave(&self) -> bool {
        let by_loose = self.gone.values().any(|gone| gone.loose);
        let made = !self.opaque.is_empty() || !self.sealed.is_empty();
        self.lost.len() + self.gone.len() >= 3 && (by_loose || made || !self.lost.is_empty())
    }

    pub fn deleted(&self) -> usize {
        self.gone.len()
    }

    /// Deleted files that it had read and whose content went into noise: one for one, or many into one that is large enough.
    /// Where honest tools encrypted them, one for one and of several kinds: an archive of one's own is one file.
    fn replaced(&self) -> usize {
        let read = || self.gone.iter().filter(|(file, gone)| gone.read && !self.lost.contains_key(*file));
        let (count, bytes) = read().fold((0, 0u64), |(n, sum), (_, gone)| (n + 1, sum + gone.size));
        let made = self.opaque_bytes();
        if made > 0 && made * 4 >= bytes {
            return count;
        }
        let sealed = if kinds(read().map(|(_, gone)| gone)) >= 3 { self.sealed.len() } else { 0 };
        count.min(self.opaque.len() + sealed)
    }

    fn emptied_kinds(&self) -> usize {
        self.emptied.values().map(|(_, kind)| kind).collect::<HashSet<_>>().len()
    }

    /// Told once. `who` begins the sentence.
    pub fn verdict(&mut self, who: &str) -> Option<Finding> {
        if self.told {
            return None;
        }
        let enough = if self.signs.is_empty() { self.config.enough } else { self.config.enough_with_sign };
        let lost = self.lost();
        let loose = || self.gone.values().filter(|gone| gone.loose);
        let deleted = loose().count() >= self.config.enough_deleted && kinds(loose()) >= 3;
        let emptied = self.emptied.len() >= self.config.enough_emptied && self.emptied_kinds() >= 3;
        if lost < enough && !deleted && !emptied {
            return None;
        }
        self.told = true;
        let how = self.how(lost < enough, deleted);
        let wiped = how.contains("wiped") || how.contains("emptied") || how == "deleted";
        let files = match () {
            () if lost >= enough => lost,
            () if deleted => self.gone.len(),
            () => self.emptied.len(),
        };
        let times = || {
            let lost = self.lost.values().map(|(at, _)| *at);
            lost.chain(self.gone.values().map(|gone| gone.at)).chain(self.emptied.values().map(|(at, _)| *at))
        };
        let (began, first) = self.first.clone().unwrap_or_else(|| (times().min().unwrap_or_default(), String::new()));
        let within = span(times().max().unwrap_or(began).since(began));
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
        let rule = if wiped { WIPER } else { CONTENT };
        Some(rule.finding(detail, vec![("file_path", self.last.clone()), ("files", files.to_string())]))
    }

    /// It has read files and made something unreadable that can hold them all, and now begins to delete them.
    pub fn about_to_delete(&mut self, who: &str, folder: &str) -> Option<Finding> {
        if self.told {
            return None;
        }
        self.told = true;
        let bytes = self.opaque_bytes();
        let detail = format!(
            "{who} was about to delete what lies in {}, after all of it had been packed into {bytes} bytes that nobody can read.",
            path(folder)
        );
        Some(CONTENT.finding(detail, vec![("file_path", folder.to_owned())]))
    }

    fn how(&self, few_lost: bool, deleted: bool) -> &'static str {
        match (few_lost, deleted) {
            (false, _) => self.commonest(),
            (true, true) => "deleted",
            (true, false) => "emptied",
        }
    }

    fn commonest(&self) -> &'static str {
        let mut counts: HashMap<&'static str, usize> = HashMap::new();
        self.lost.values().for_each(|(_, how)| *counts.entry(how).or_default() += 1);
        let most = counts.into_iter().max_by_key(|(how, count)| (*count, *how));
        match most {
            Some((how, _)) => how,
            None if self.opaque.is_empty() && self.sealed.is_empty() => "deleted",
            None => "deleted after something unreadable was made of them",
        }
    }
}

/// Of documents.
fn kinds<'a>(gone: impl Iterator<Item = &'a Gone>) -> usize {
    gone.filter_map(|gone| gone.kind.as_deref()).collect::<HashSet<_>>().len()
}

/// The end of its name, in small letters.
fn kind_of(name: &str) -> String {
    extension::of(name).unwrap_or_default().to_ascii_lowercase()
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
    fn check(what: &str, signs: &[Sign], expected: Option<u64>, act: impl Fn(&mut Ledger, u64)) {
        let mut ledger = Ledger::new(LedgerConfig::default());
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
        let gone = Outcome::Gone { size: 1_840, read: true, loose: false };
        ledger.take(NOW, (1, n), &format!("/d/{n}.{kind}"), gone);
    }
    fn delete_by(loose: bool, kinds: &'static [&'static str]) -> impl Fn(&mut Ledger, u64) {
        move |ledger, n| {
            let name = format!("/d/{n}.{}", kinds[n as usize % kinds.len()]);
            ledger.take(NOW, (1, n), &name, Outcome::Gone { size: 1_840, read: false, loose });
        }
    }

    #[test]
    fn enough_is_enough() {
        check("encrypted", &[], Some(5), encrypt);
        check("after a note", &[Sign::Note], Some(3), encrypt);
        check("edited", &[], None, |ledger, n| {
            ledger.take(NOW, (1, n), "/d/x.txt", Outcome::Changed { before: &text(), after: &text() });
        });
        check("one file again and again", &[], None, |ledger, _| encrypt(ledger, 7));
        check("slowly", &[], Some(5), |ledger, n| {
            let at = NOW.plus_nanos(n as i64 * 600_000_000_000);
            ledger.take(at, (1, n), "/d/x.txt", Outcome::Changed { before: &text(), after: &noise() });
        });
        check("rarely", &[], None, |ledger, n| {
            let at = NOW.plus_nanos(n as i64 * 1_200_000_000_000);
            ledger.take(at, (1, n), "/d/x.txt", Outcome::Changed { before: &text(), after: &noise() });
        });
        check("deleted by rm", &[], None, delete);
        check("deleted by a program of nobody's", &[], Some(16), delete_by(true, &["pdf", "docx", "jpg"]));
        check("its own kind of files", &[], None, delete_by(true, &["o", "d", "pdf"]));
        check("a new release with noise in it, then the old one deleted", &[], None, |ledger, n| {
            ledger.take(NOW, (2, n), "/d/new.bin", Outcome::Made { content: &noise() });
            delete_by(false, &["pdf", "docx", "jpg"])(ledger, n);
        });
        check("copied into noise, then deleted", &[], Some(5), |ledger, n| {
            ledger.take(NOW, (2, n), "/d/x.enc", Outcome::Made { content: &noise() });
            delete(ledger, n);
        });
        check("one archive of noise, then all deleted", &[], Some(5), |ledger, n| {
            let mut large = noise();
            large.size = 1 << 30;
            ledger.take(NOW, (2, 1), "/d/all", Outcome::Made { content: &large });
            delete(ledger, n);
        });
        check("an archive of noise, then older archives that it did not read are deleted", &[], None, |ledger, n| {
            let mut large = noise();
            large.size = 1 << 30;
            ledger.take(NOW, (2, 1), "/d/all", Outcome::Made { content: &large });
            ledger.take(NOW, (1, n + 1), "/d/old.bin", Outcome::Gone { size: 1 << 30, read: false, loose: false });
        });
        let sealed = sample(&[b"\x8c\x0d\x04".as_slice(), &[200; 900]].concat());
        check("each encrypted by a known tool, then deleted", &[], Some(5), |ledger, n| {
            ledger.take(NOW, (2, n), "/d/x.gpg", Outcome::Made { content: &sealed });
            delete(ledger, n);
        });
        check("one's own archives encrypted", &[], None, |ledger, n| {
            ledger.take(NOW, (2, n), "/d/x.tgz.gpg", Outcome::Made { content: &sealed });
            ledger.take(NOW, (1, n), "/d/x.tgz", Outcome::Gone { size: 1_840, read: true, loose: false });
        });
        let empty = sample(b"");
        let emptied = |kinds: &'static [&str]| {
            let empty = &empty;
            move |ledger: &mut Ledger, n: u64| {
                let name = format!("/d/{n}.{}", kinds[n as usize % kinds.len()]);
                ledger.take(NOW, (1, n), &name, Outcome::Changed { before: &text(), after: empty });
            }
        };
        check("emptied", &[], Some(8), emptied(&["txt", "pdf", "docx"]));
        check("logs emptied", &[], None, emptied(&["log", "1", "old"]));
        check("compressed, then deleted", &[], None, |ledger, n| {
            ledger.take(NOW, (2, n), "/d/x.gz", Outcome::Made { content: &text() });
            delete(ledger, n);
        });
        check("renamed to what only ransomware gives", &[], Some(5), |ledger, n| {
            ledger.take(NOW, (1, n), "/d/x", Outcome::Renamed { to: "/d/x.lockbit" });
        });
    }

    #[test]
    fn packed_and_about_to_be_deleted_is_told_once() {
        let mut ledger = Ledger::new(LedgerConfig::default());
        ledger.take(NOW, (2, 1), "/t/all", Outcome::Made { content: &noise() });
        let finding = ledger.about_to_delete("rm (pid 7)", "/d").unwrap();
        let expected = "rm (pid 7) was about to delete what lies in /d, after all of it had been packed into 1840 bytes that nobody can read.";
        assert_eq!((finding.detail.as_str(), finding.rule_id.as_str()), (expected, "ransomware.content"));
        assert!(ledger.about_to_delete("rm", "/d").is_none());
    }

    #[test]
    fn says_what_it_saw() {
        let mut ledger = Ledger::new(LedgerConfig::default());
        (0..5).for_each(|n| encrypt(&mut ledger, n));
        let finding = ledger.verdict("x (pid 7)").unwrap();
        assert_eq!(
            finding.detail,
            "x (pid 7) destroyed 5 files within 0.0 s (its text is none any more): first /d/0.txt, last /d/4.txt."
        );
        assert_eq!((finding.rule_id.as_str(), finding.asks), ("ransomware.content", Some(Action::Kill)));
        assert!(ledger.verdict("x").is_none());
    }
}
