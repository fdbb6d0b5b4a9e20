//! One watched file, a moment after somebody touched it: what it was and what it is. Many at once are looked at by all
//! processors, in order of paths, so that neighbours share the baseline's blocks. A large content is not read here: the rest of
//! what is different is told without it, and its digest follows (`large`).

use super::hear::Heard;
use super::packages::Place;
use super::settle::Seen;
use ::integrity::content::Contents;
use ::integrity::expected::By;
use ::integrity::{
    BaselineError, Content, Facts, Hashes, Judge, Kind, Known, Mask, Side, difference, facts_of, hash_file, real_path,
    same_but_for_times,
};
use event::Found;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::Arc;

/// Read at once up to this size: some tens of milliseconds.
pub const LARGE: u64 = 32 << 20;
/// For each thread besides the first there must be so many; and so many are taken at a time.
const FEW: usize = 32;
const SHARE: usize = 16;

/// What is needed to look at files.
pub struct Eyes<'a> {
    pub known: &'a Known,
    pub judge: &'a Judge,
    pub contents: &'a Contents,
    pub mask: Mask<'a>,
    pub keep_text_bytes: u64,
    pub home_namespace: u32,
    /// Large files whose content was read meanwhile, as they were then; None where it cannot be.
    pub read: &'a HashMap<Arc<str>, (Facts, Option<Hashes>)>,
}

/// A file to look at, and where whoever touched it stands to package managers.
pub struct Task {
    pub heard: Heard,
    pub found: Found,
    pub place: Place,
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
    /// Its content is large and was not read; `seen` is what else is different.
    Unread {
        heard: Heard,
        found: Found,
        facts: Facts,
        seen: Option<Box<Seen>>,
    },
}

/// In the order of `tasks`. Helpers stand back: whoever changes files goes first, and nobody waits for the slowest.
pub fn look_at_all(eyes: &Eyes<'_>, tasks: Vec<Task>, threads: usize) -> Vec<Result<Looked, BaselineError>> {
    let helpers = threads.min(tasks.len() / FEW).saturating_sub(1);
    let rest = Mutex::new(tasks.into_iter().enumerate());
    let each = || {
        let (mut buffer, mut looked) = (Vec::new(), Vec::new());
        loop {
            let share: Vec<(usize, Task)> = rest.lock().by_ref().take(SHARE).collect();
            if share.is_empty() {
                return looked;
            }
            looked.extend(share.into_iter().map(|(number, task)| (number, look(eyes, task, &mut buffer))));
        }
    };
    let mut all = std::thread::scope(|scope| {
        let helper = || {
            // Where that is refused it goes on as it is.
            let _ = rustix::process::nice(5);
            each()
        };
        let helpers: Vec<_> = (0..helpers).map(|_| scope.spawn(helper)).collect();
        let mut all = each();
        for helper in helpers {
            match helper.join() {
                Ok(looked) => all.extend(looked),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    });
    all.sort_unstable_by_key(|(number, _)| *number);
    all.into_iter().map(|(_, looked)| looked).collect()
}

fn look(eyes: &Eyes<'_>, task: Task, buffer: &mut Vec<u8>) -> Result<Looked, BaselineError> {
    let Task { heard, found, place } = task;
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
        && before.content != Content::Unread
    {
        return Ok(Looked::Same);
    }
    // Only the lists of packages know MD5; a change that nobody was seen making may still be a package's.
    let with_md5 = place.by != By::Other || found != Found::Live;
    let read = match &mut after {
        Some(facts) => content(eyes, (&heard.path, &real), before.as_ref(), facts, with_md5, buffer),
        None => Read::Done(None),
    };
    let (hashes, unread) = match read {
        Read::Done(hashes) => (hashes, None),
        Read::Later(facts) => (None, Some((heard.clone(), facts))),
    };
    let seen = match difference(path.to_vec(), before.clone(), after.clone()) {
        Some(difference) => {
            let from = renamed_from(eyes, &heard, after.as_ref())?;
            let heard = if is_of_another_namespace(eyes, &heard, after.as_ref()) {
                Heard { process: None, parent: None, ..heard }
            } else {
                heard
            };
            let digest_follows = unread.is_some();
            Some(Box::new(Seen { heard, found, place, difference, hashes, from, digest_follows, told_open: false }))
        }
        None => None,
    };
    match (unread, seen, after) {
        (Some((heard, facts)), seen, _) => Ok(Looked::Unread { heard, found, facts, seen }),
        (None, Some(seen), _) => Ok(Looked::Changed(seen)),
        (None, None, None) => Ok(Looked::Same),
        (None, None, Some(facts)) => {
            let approved = eyes.known.get(path, Side::Approved)?;
            let approved = approved.is_some_and(|approved| same_but_for_times(&approved, &facts));
            Ok(Looked::Touched { path: path.to_vec(), facts, approved })
        }
    }
}

enum Read {
    Done(Option<Hashes>),
    /// As it is without its content.
    Later(Facts),
}

/// Reads it, and once more if it is another file by then.
fn content(
    eyes: &Eyes<'_>,
    (name, path): (&Arc<str>, &Path),
    before: Option<&Facts>,
    facts: &mut Facts,
    with_md5: bool,
    buffer: &mut Vec<u8>,
) -> Read {
    for _ in 0..2 {
        if facts.kind != Kind::File {
            return Read::Done(None);
        }
        if facts.size > LARGE {
            return large(eyes, name, before, facts);
        }
        if let Ok(hashes) = hash_file(path, facts, with_md5, buffer) {
            facts.content = Content::Sha256(hashes.sha256);
            return Read::Done(Some(hashes));
        }
        if let Ok(Some(fresh)) = facts_of(path) {
            *facts = fresh;
        }
    }
    Read::Done(None)
}

fn large(eyes: &Eyes<'_>, name: &Arc<str>, before: Option<&Facts>, facts: &mut Facts) -> Read {
    if let Some((then, hashes)) = eyes.read.get(name)
        && then.untouched(facts)
    {
        if let Some(hashes) = hashes {
            facts.content = Content::Sha256(hashes.sha256);
        }
        return Read::Done(*hashes);
    }
    let bare = facts.clone();
    // Not written, as far as its size and time say: until it is read, what is different is something else.
    let of = |facts: &Facts| (facts.kind, facts.device, facts.inode, facts.size, facts.modified);
    if let Some(before) = before.filter(|before| of(before) == of(facts)) {
        facts.content = before.content;
    }
    Read::Later(bare)
}

/// It has the name of a rename, the file is the one that was known by the other name, and that name is gone.
fn renamed_from(eyes: &Eyes<'_>, heard: &Heard, after: Option<&Facts>) -> Result<Option<Arc<str>>, BaselineError> {
    let (Some(from), Some(after)) = (&heard.from, after) else { return Ok(None) };
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
