//! A change that was looked at: what happened, what is thought of it, and what is told.

use super::hear::Heard;
use super::look::Eyes;
use super::packages::Place;
use super::tell::{Judged, plain};
use ::integrity::content::Contents;
use ::integrity::expected::{By, Listed, Standing, standing};
use ::integrity::{Content, Difference, Facts, Hashes, Kind, Mask, real_path};
use event::{Attribute, ChangeKind, FileChange, FileIdentity, Found, Severity, Sha256, Timestamp};
use std::path::PathBuf;
use std::sync::Arc;

/// A text of either side longer than this is not compared line by line.
const MOST_DIFF_SIDE: usize = 1 << 20;

/// What is thought of it may have to wait for a package's list.
pub struct Seen {
    pub heard: Heard,
    pub found: Found,
    pub place: Place,
    pub difference: Difference,
    pub hashes: Option<Hashes>,
    pub from: Option<Arc<str>>,
    /// Its content is large and is being read.
    pub digest_follows: bool,
    /// It was told that the package manager made it and that its list is waited for.
    pub told_open: bool,
}

/// Around a change: what the agent knows besides.
pub struct Around<'a> {
    pub listed: &'a Listed,
    /// Command line of the package manager above.
    pub transaction: Option<Arc<str>>,
    /// The processes above, nearest first, a line each.
    pub lineage: Option<Arc<str>>,
}

impl Seen {
    /// What is thought of it now. `over` says that no list will come any more.
    pub fn standing(&self, listed: &Listed, over: bool) -> Standing {
        // Nobody was seen: the digest alone speaks, as long as there is one.
        let by = match (self.found, self.heard.process.is_some()) {
            (Found::Live, _) | (_, true) => self.place.by,
            _ if self.hashes.is_some_and(|hashes| listed.fits(&hashes) == Some(true)) => By::PackageManager,
            _ => By::Other,
        };
        let kind = self.difference.after.as_ref().map_or(Kind::File, |facts| facts.kind);
        standing(by, &self.difference.what, kind, self.hashes.as_ref(), listed, over)
    }

    pub fn path(&self) -> &Arc<str> {
        &self.heard.path
    }

    pub fn judged(self, eyes: &Eyes<'_>, around: Around<'_>, why: &str) -> Judged {
        let attributes: Vec<Attribute> = self.difference.changed.iter().map(|one| one.attribute).collect();
        let what = match &self.from {
            Some(from) => ChangeKind::Renamed { from: Arc::clone(from) },
            None => self.difference.what.clone(),
        };
        let raises = ::integrity::report::raises(&self.difference);
        let mut ruling = eyes.judge.rule(&self.heard.path, &what, &attributes, raises);
        // What a package's scripts make is told, and is seldom an attack: whoever installs packages is root already.
        let grave = ["integrity.set-uid", "integrity.preload"].contains(&ruling.id.as_str());
        if self.place.by != By::Other && !grave {
            ruling.severity = ruling.severity.min(Severity::Low);
        }
        let (diff, diff_note) = self.diff(eyes);
        let before = self.difference.before.as_ref();
        let only_digest = self.difference.changed.iter().all(|one| one.attribute == Attribute::Content)
            && before.is_some_and(|before| before.content == Content::Unread);
        let why = match only_digest {
            true => "the digest of what was told before; it took a while to read",
            false => why,
        };
        let facts = self.difference.after.as_ref().or(self.difference.before.as_ref());
        let change = FileChange {
            file: facts.map_or_else(|| event::File::at(&*self.heard.path), |facts| file(&self.heard.path, facts)),
            sha256: self.hashes.map(|hashes| Sha256(hashes.sha256)),
            changed: self.difference.changed.clone(),
            diff,
            diff_note,
            found: self.found,
            severity: ruling.severity,
            rule: Some(ruling.id.as_str().into()),
            package: around.listed.package.as_deref().map(Into::into),
            transaction: around.transaction,
            lineage: around.lineage,
            ..plain(what, &self.heard.path, why)
        };
        let heard_at = (self.found == Found::Live && !only_digest).then_some(self.heard.at);
        let (process, parent) = (self.heard.process, self.heard.parent);
        Judged { change, ruling, time: self.heard.time, process, parent, heard_at }
    }

    fn diff(&self, eyes: &Eyes<'_>) -> (Option<Arc<str>>, Option<Arc<str>>) {
        let note = |text: &str| (None, Some(text.into()));
        if !self.difference.changed.iter().any(|one| one.attribute == Attribute::Content) {
            return (None, None);
        }
        if self.digest_follows {
            return note("the file is large: its digest follows");
        }
        if Mask::hides_all(&self.heard.path) {
            return note("not shown: the file is a secret");
        }
        let real = real_path(&self.heard.path);
        let after = match &self.difference.after {
            Some(facts) if facts.kind == Kind::File => {
                if facts.size > eyes.keep_text_bytes {
                    return (None, None);
                }
                match Contents::read_text(&real, facts, &eyes.mask) {
                    Some(text) => text,
                    None => return (None, None),
                }
            }
            _ => String::new(),
        };
        let before = match self.difference.before.as_ref().map(|facts| facts.content) {
            Some(Content::Sha256(digest)) => match eyes.contents.get(&digest) {
                Some(text) => text,
                None => return note("the text before was not kept"),
            },
            _ => String::new(),
        };
        if before.len() > MOST_DIFF_SIDE || after.len() > MOST_DIFF_SIDE {
            return note("too long to be compared line by line");
        }
        match ::integrity::diff(&self.heard.path, &before, &after) {
            Some(diff) if diff.cut > 0 => {
                (Some(diff.text.into()), Some(format!("{} more lines differ", diff.cut).into()))
            }
            Some(diff) => (Some(diff.text.into()), None),
            None => (None, None),
        }
    }
}

/// For the next diff. A text for which there is no room is shown without what was before, and says so.
pub fn keep_text(eyes: &Eyes<'_>, path: &str, facts: Option<&Facts>) {
    if let Some(facts) = facts.filter(|facts| facts.kind == Kind::File) {
        let real = real_path(path);
        if ::integrity::content::is_worth_keeping(&real, facts, eyes.keep_text_bytes) {
            eyes.contents.keep(&real, facts, &eyes.mask);
        }
    }
}

fn file(path: &Arc<str>, facts: &Facts) -> event::File {
    event::File {
        path: Arc::clone(path),
        path_truncated: false,
        identity: Some(FileIdentity {
            dev: facts.device,
            inode: facts.inode,
            ctime: Timestamp(facts.changed),
            size: facts.size,
        }),
        mode: facts.mode,
        owner: Some((facts.uid, facts.gid)),
    }
}

/// Names below a folder that came, one level.
pub fn names_below(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(real_path(folder)).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}
