//! Everything against the disk: at start, after a loss, once a day; and what a report is made of. In a thread of its own that
//! stands back, reading what is known from the disk; what it finds is only where to look, and is judged as all else.

use super::tell;
use crate::pipeline::now;
use crate::shared::Shared;
use ::integrity::report::{self, BaselineFacts, Inputs, View};
use ::integrity::{BaselineError, Content, Home, Judge, Known, Options, Scope, Side, Told};
use crossbeam_channel::Sender;
use event::{Found, Timestamp};
use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

const DAY: i64 = 86_400_000_000_000;
/// Reports kept, and files of each.
const MOST_REPORTS: usize = 26;
const FORMS: usize = 5;

pub struct Scanned {
    pub found: Found,
    /// Files that are not as they were, or were written again the same.
    pub paths: Vec<Arc<str>>,
    pub files: u64,
    pub unread: u64,
    pub left_out: u64,
    pub failed: Option<String>,
}

/// One at a time.
pub fn start(shared: &Arc<Shared>, scope: Arc<Scope>, found: Found, stop: Arc<AtomicBool>, done: Sender<Scanned>) {
    let (shared, folder) = (Arc::clone(shared), shared.place.integrity());
    let spawned = std::thread::Builder::new().name("integrity-scan".into()).spawn(move || {
        // Behind everybody else; where that is refused it goes on as it is.
        let _ = rustix::process::nice(15);
        let scanned = scan(&folder, &scope, found, stop).unwrap_or_else(|failed| Scanned {
            found,
            paths: Vec::new(),
            files: 0,
            unread: 0,
            left_out: 0,
            failed: Some(failed),
        });
        if scanned.failed.is_none()
            && let Err(error) = report_if_due(&shared, &folder, &scope)
        {
            shared.problem(format!("the report of file integrity is not written: {error}"));
        }
        let _ = done.send(scanned);
    });
    if let Err(error) = spawned {
        tracing::warn!(%error, "watched files cannot be compared with the disk");
    }
}

fn scan(folder: &Path, scope: &Scope, found: Found, stop: Arc<AtomicBool>) -> Result<Scanned, String> {
    let home = Home::create(folder).map_err(|error| error.to_string())?;
    let known = home.open().map_err(|error| error.to_string())?;
    let options = Options { threads: 1, ..Options::default() };
    let ended = Arc::new(AtomicBool::new(false));
    let differs = std::thread::scope(|threads| {
        threads.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                options.progress.stop.store(stop.load(Ordering::Relaxed), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        let differs = ::integrity::differences(&known, Side::Last, scope, &options);
        ended.store(true, Ordering::Relaxed);
        differs
    });
    if stop.load(Ordering::Relaxed) {
        return Err("it was stopped".into());
    }
    let differs = differs.map_err(|error| error.to_string())?;
    let touched = differs.touched.iter().map(|(path, _)| event::text::from_bytes(path).as_ref().into());
    let paths = differs.differences.iter().map(|one| one.path.as_str().into()).chain(touched).collect();
    tidy_texts(&home, &known).map_err(|error| error.to_string())?;
    let report = differs.report;
    Ok(Scanned { found, paths, files: report.files, unread: report.unread, left_out: differs.left_out, failed: None })
}

/// Texts that no file has any more, as far as they are not new.
fn tidy_texts(home: &Home, known: &Known) -> Result<(), BaselineError> {
    let mut needed = HashSet::new();
    known.each(Side::Last, &mut |_, facts| {
        if let Content::Sha256(digest) = facts.content {
            needed.insert(digest);
        }
    })?;
    home.contents(0).keep_only(Duration::from_secs(3_600), &|digest| needed.contains(digest));
    Ok(())
}

/// Every line as CSV, and by PCI DSS and CIS as HTML and PDF, named by the day.
fn report_if_due(shared: &Shared, home_folder: &Path, scope: &Scope) -> Result<(), String> {
    let days = shared.policy().integrity.report_days;
    let folder = home_folder.join("reports");
    let last = fs::metadata(folder.join("since")).and_then(|meta| meta.modified()).ok();
    if !is_due(last, SystemTime::now(), days) {
        return Ok(());
    }
    let first = !folder.exists();
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    if first {
        // The first comes when there is something to tell of a whole period.
        return tell::touch(&folder.join("since")).map_err(|error| error.to_string());
    }
    let home = Home::create(home_folder).map_err(|error| error.to_string())?;
    let known = home.open().map_err(|error| error.to_string())?;
    let from = now().plus_nanos(-i64::from(days) * DAY);
    let told = home.journal().read(from, usize::MAX).map_err(|error| error.to_string())?;
    let told: Vec<Told> = told.rows.iter().filter_map(Told::of).collect();
    let options = Options { threads: 1, ..Options::default() };
    let found = ::integrity::differences(&known, Side::Approved, scope, &options).map_err(|error| error.to_string())?;
    let header = known.header();
    let inputs = Inputs {
        host: shared.host.name.clone(),
        from,
        to: now(),
        baseline: Some(BaselineFacts {
            number: header.number,
            taken: header.taken,
            digest: event::Sha256(known.digest()).to_hex(),
        }),
        told: &told,
        found: Some(&found),
        not_compared: None,
    };
    let judge = Judge::new(&shared.policy().integrity);
    let day = now().to_string().chars().take(10).collect::<String>();
    let write = |name: String, bytes: Vec<u8>| fs::write(folder.join(name), bytes).map_err(|error| error.to_string());
    write(format!("{day}.csv"), report::csv(&report::report(View::All, &judge, &inputs)).into_bytes())?;
    for (view, name) in [(View::Pci, "pci"), (View::Cis, "cis")] {
        let report = report::report(view, &judge, &inputs);
        write(format!("{day}-{name}.html"), report::html(&report).into_bytes())?;
        write(format!("{day}-{name}.pdf"), report::pdf(&report))?;
    }
    tell::touch(&folder.join("since")).map_err(|error| error.to_string())?;
    tidy(&folder).map_err(|error| error.to_string())
}

/// A last report that lies ahead is one of before the clock was set back: how long ago it was nobody knows, so it is time.
fn is_due(last: Option<SystemTime>, now: SystemTime, days: u32) -> bool {
    let since = last.and_then(|last| now.duration_since(last).ok());
    days > 0 && since.is_none_or(|since| since >= Duration::from_secs(u64::from(days) * 86_400))
}

fn tidy(folder: &Path) -> std::io::Result<()> {
    let mut names: Vec<_> = fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
    names.retain(|path| path.extension().is_some());
    names.sort();
    let old = names.len().saturating_sub(FORMS * MOST_REPORTS);
    names.into_iter().take(old).try_for_each(fs::remove_file)
}

/// When a comparison was last made, for `status`.
pub fn words(at: Timestamp, scanned: &Scanned) -> String {
    match &scanned.failed {
        Some(why) => format!("{at}: failed: {why}"),
        None => format!(
            "{at}: {} files, {} to look at, {} could not be read",
            scanned.files,
            scanned.paths.len() as u64 + scanned.left_out,
            scanned.unread
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_due_after_its_days_and_once_when_the_clock_was_set_back() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(100 * 86_400);
        let day = Duration::from_secs(86_400);
        let check = |last, days, expected: bool| assert_eq!(is_due(last, now, days), expected, "{last:?} {days}");
        check(Some(now - 6 * day), 7, false);
        check(Some(now - 7 * day), 7, true);
        check(Some(now + day), 7, true);
        check(Some(now), 7, false);
        check(None, 7, true);
        check(None, 0, false);
    }
}
