//! One watched file, a moment after somebody touched it: what it was, what it is, and so what happened.

use super::hear::Heard;
use super::packages::{Packages, Place};
use super::tell::{Judged, plain};
use ::integrity::content::Contents;
use ::integrity::expected::{By, Listed, Standing, standing};
use ::integrity::{
    BaselineError, Content, Difference, Facts, Hashes, Judge, Kind, Known, Mask, Side, difference, facts_of, hash_file,
    real_path, same_but_for_times,
};
use event::{Attribute, ChangeKind, FileChange, FileIdentity, Found, Severity, Sha256, Timestamp};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A text of either side longer than this is not compared line by line.
const MOST_DIFF_SIDE: usize = 1 << 20;

/// What is needed to look at files.
pub struct Eyes<'a> {
    pub known: &'a Known,
    pub judge: &'a Judge,
    pub contents: &'a Contents,
    pub mask: Mask<'a>,
    pub keep_text_bytes: u64,
    pub home_namespace: u32,
}

/// A change that was looked at; what is thought of it may have to wait for a package's list.
pub struct Seen {
    pub heard: Heard,
    pub found: Found,
    pub place: Place,
    pub difference: Difference,
    pub hashes: Option<Hashes>,
    pub from: Option<Arc<str>>,
    pub at: std::time::Instant,
}

pub enum Looked {
    /// As it was.
    Same,
    /// The same but for times: to be taken down.
    Touched {
        path: Vec<u8>,
        facts: Facts,
        approved: bool,
    },
    Changed(Box<Seen>),
}

pub fn look(
    eyes: &Eyes<'_>,
    packages: &mut Packages,
    heard: Heard,
    found: Found,
    buffer: &mut Vec<u8>,
) -> Result<Looked, BaselineError> {
    let real = real_path(&heard.path);
    let path = real.as_os_str().as_bytes();
    let before = eyes.known.get(path, Side::Last)?;
    let mut after = match facts_of(&real) {
        Ok(after) => after,
        // Somebody is at it this very moment; the next comparison finds it.
        Err(error) => {
            tracing::debug!(%error, "a watched file cannot be looked at");
            return Ok(Looked::Same);
        }
    };
    if let (Some(before), Some(after)) = (&before, &after)
        && before.untouched(after)
    {
        return Ok(Looked::Same);
    }
    let place = packages.place(heard.process.as_ref());
    // Only the lists of packages know MD5; a change that nobody was seen making may still be a package's.
    let with_md5 = place.by != By::Other || found != Found::Live;
    let hashes = after.as_mut().and_then(|facts| content(&real, facts, with_md5, buffer));
    let seen = match difference(path.to_vec(), before.clone(), after.clone()) {
        Some(seen) => seen,
        None => {
            let Some(facts) = after else { return Ok(Looked::Same) };
            let approved = eyes.known.get(path, Side::Approved)?;
            let approved = approved.is_some_and(|approved| same_but_for_times(&approved, &facts));
            return Ok(Looked::Touched { path: path.to_vec(), facts, approved });
        }
    };
    let from = renamed_from(eyes, &heard, &seen)?;
    let heard = if is_of_another_namespace(eyes, &heard, after.as_ref()) {
        Heard { process: None, parent: None, ..heard }
    } else {
        heard
    };
    let at = std::time::Instant::now();
    Ok(Looked::Changed(Box::new(Seen { heard, found, place, difference: seen, hashes, from, at })))
}

/// Reads it, and once more if it is another file by then.
fn content(path: &Path, facts: &mut Facts, with_md5: bool, buffer: &mut Vec<u8>) -> Option<Hashes> {
    for _ in 0..2 {
        if facts.kind != Kind::File {
            return None;
        }
        if let Ok(hashes) = hash_file(path, facts, with_md5, buffer) {
            facts.content = Content::Sha256(hashes.sha256);
            return Some(hashes);
        }
        if let Ok(Some(fresh)) = facts_of(path) {
            *facts = fresh;
        }
    }
    None
}

/// It has the name of a rename, the file is the one that was known by the other name, and that name is gone.
fn renamed_from(eyes: &Eyes<'_>, heard: &Heard, seen: &Difference) -> Result<Option<Arc<str>>, BaselineError> {
    let (Some(from), Some(after)) = (&heard.from, &seen.after) else { return Ok(None) };
    let real = real_path(from);
    let Some(known) = eyes.known.get(real.as_os_str().as_bytes(), Side::Last)? else { return Ok(None) };
    let same = (known.device, known.inode, known.kind) == (after.device, after.inode, after.kind);
    Ok((same && !matches!(facts_of(&real), Ok(Some(_)))).then(|| Arc::clone(from)))
}

/// A path means another file to whoever has mounts of his own: then it was not he who changed ours.
fn is_of_another_namespace(eyes: &Eyes<'_>, heard: &Heard, after: Option<&Facts>) -> bool {
    let Some(process) = heard.process.as_deref() else { return false };
    let foreign = process.container.is_some()
        || (eyes.home_namespace != 0 && process.mount_namespace != 0 && process.mount_namespace != eyes.home_namespace);
    match (foreign, heard.identity, after) {
        (false, ..) => false,
        (true, Some(identity), Some(after)) => identity.inode != after.inode,
        (true, ..) => process.container.is_some(),
    }
}

impl Seen {
    /// What is thought of it now. `over` says that no list will come any more.
    pub fn standing(&self, listed: &Listed, over: bool) -> Standing {
        // Nobody was seen: the digest alone speaks, as long as there is one.
        let by = match (self.found, self.heard.process.is_some()) {
            (Found::Live, _) | (_, true) => self.place.by,
            _ if self.hashes.is_some_and(|hashes| hashes.md5.is_some() && hashes.md5 == listed.md5) => {
                By::PackageManager
            }
            _ => By::Other,
        };
        let kind = self.difference.after.as_ref().map_or(Kind::File, |facts| facts.kind);
        standing(by, &self.difference.what, kind, self.hashes.as_ref(), listed, over)
    }

    pub fn path(&self) -> &Arc<str> {
        &self.heard.path
    }

    pub fn judged(self, eyes: &Eyes<'_>, listed: &Listed, why: &str) -> Judged {
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
            package: listed.package.as_deref().map(Into::into),
            ..plain(what, &self.heard.path, why)
        };
        let (process, parent) = (self.heard.process, self.heard.parent);
        Judged { change, ruling, time: self.heard.time, process, parent }
    }

    fn diff(&self, eyes: &Eyes<'_>) -> (Option<Arc<str>>, Option<Arc<str>>) {
        let note = |text: &str| (None, Some(text.into()));
        if !self.difference.changed.iter().any(|one| one.attribute == Attribute::Content) {
            return (None, None);
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
