//! The disk against what is known: which files are not as they were. Contents are read only of files whose size, times or
//! inode moved; a full check reads all, since who is root can set times back.

use crate::known::Side;
use crate::walk::{Visitor, Wanted};
use crate::{BaselineError, Content, Facts, Home, HomeError, Known, Progress, Scope, WalkReport, compare, walk};
use event::{Attribute, ChangeKind, Changed, text};
use parking_lot::Mutex;
use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

/// Differences told one by one; beyond that they are counted.
pub const MOST: usize = 100_000;

#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    pub what: ChangeKind,
    /// As text; `bytes` is what the disk has.
    pub path: String,
    pub bytes: Vec<u8>,
    pub before: Option<Facts>,
    pub after: Option<Facts>,
    pub changed: Vec<Changed>,
}

#[derive(Clone, Debug, Default)]
pub struct Found {
    pub report: WalkReport,
    /// In order of paths.
    pub differences: Vec<Difference>,
    pub left_out: u64,
    /// The same but for times or inode: to be taken down, not told.
    pub touched: Vec<(Vec<u8>, Facts)>,
}

/// Against what was approved.
pub fn check(home: &Home, scope: &Scope) -> Result<Found, HomeError> {
    let known = home.open()?;
    Ok(differences(&known, Side::Approved, scope, &Options::default())?)
}

#[derive(Debug, Default)]
pub struct Options {
    /// Read every content.
    pub full: bool,
    /// 0 is as many as there are cores.
    pub threads: usize,
    pub progress: Progress,
}

pub fn differences(known: &Known, side: Side, scope: &Scope, options: &Options) -> Result<Found, BaselineError> {
    let comparing = Comparing {
        known,
        side,
        full: options.full,
        hasher: RandomState::new(),
        seen: Mutex::default(),
        found: Mutex::default(),
        failed: Mutex::default(),
    };
    let report = walk(scope, options.threads, &options.progress, &comparing);
    let Comparing { seen, found, failed, hasher, .. } = comparing;
    if let Some(error) = failed.into_inner() {
        return Err(error);
    }
    let (mut found, seen) = (found.into_inner(), seen.into_inner());
    known.each(side, &mut |path, facts| {
        let text = text::from_bytes(path);
        // Nobody says that a file is gone because the policy does not watch it any more.
        if scope.covers(&text) && !seen.contains(&hasher.hash_one(path)) {
            found.push(difference(path.to_vec(), Some(facts.clone()), None));
        }
    })?;
    found.report = report;
    found.differences.sort_by(|a, b| a.bytes.cmp(&b.bytes));
    Ok(found)
}

/// What is different about one file; None when nothing is.
pub fn difference(path: Vec<u8>, before: Option<Facts>, after: Option<Facts>) -> Option<Difference> {
    let changed = compare(before.as_ref(), after.as_ref());
    if changed.is_empty() {
        return None;
    }
    let content = [Attribute::Content, Attribute::Type, Attribute::Target];
    let what = match (&before, &after) {
        (None, _) => ChangeKind::Created,
        (_, None) => ChangeKind::Deleted,
        _ if changed.iter().any(|one| content.contains(&one.attribute)) => ChangeKind::Modified,
        _ => ChangeKind::Attributes,
    };
    Some(Difference { what, path: text::from_bytes(&path).into_owned(), bytes: path, before, after, changed })
}

impl Found {
    fn push(&mut self, difference: Option<Difference>) {
        let Some(difference) = difference else { return };
        if self.differences.len() < MOST {
            self.differences.push(difference);
        } else {
            self.left_out += 1;
        }
    }
}

struct Comparing<'a> {
    known: &'a Known,
    side: Side,
    full: bool,
    hasher: RandomState,
    seen: Mutex<HashSet<u64>>,
    found: Mutex<Found>,
    failed: Mutex<Option<BaselineError>>,
}

impl Comparing<'_> {
    fn known(&self, path: &Path) -> Option<Facts> {
        match self.known.get(path.as_os_str().as_bytes(), self.side) {
            Ok(known) => known,
            Err(error) => {
                self.failed.lock().get_or_insert(error);
                None
            }
        }
    }
}

impl Visitor for Comparing<'_> {
    fn wants(&self, path: &Path, facts: &Facts) -> Wanted {
        self.seen.lock().insert(self.hasher.hash_one(path.as_os_str().as_bytes()));
        match self.known(path) {
            Some(known) if !self.full && known.untouched(facts) && known.content != Content::Unread => Wanted::Nothing,
            _ => Wanted::Content,
        }
    }

    fn take(&self, path: PathBuf, facts: Facts) {
        let before = self.known(&path);
        let touched = before.as_ref().is_some_and(|before| !before.untouched(&facts));
        let bytes = path.into_os_string().into_vec();
        // Nobody had read it, and it is the same file: that its content is known now makes no difference.
        if before.as_ref().is_some_and(|before| before.content == Content::Unread && before.untouched(&facts)) {
            return self.found.lock().touched.push((bytes, facts));
        }
        match difference(bytes.clone(), before, Some(facts.clone())) {
            Some(difference) => self.found.lock().push(Some(difference)),
            None if touched => self.found.lock().touched.push((bytes, facts)),
            None => {}
        }
    }
}
