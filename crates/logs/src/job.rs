//! Log files through the matcher, several at a time. Lines come out in the order of the files; what correlations take in is
//! gathered and run through them in the order of its times.

use crate::{Format, LogError, Outcome};
use event::Severity;
use event::text::printable;
use rules::{CorrelationHit, CorrelationState, Correlator, ForeignRules, Hit, LogSource, Observation};
use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Bytes of lines that a file out of its turn may hold back.
const HELD_BYTES: usize = 4 << 20;
/// Observations that are sorted by time before the correlations see them.
const SORTED: usize = 1 << 20;
/// Observations that a thread keeps before it hands them over.
const GATHERED: usize = 4096;
/// A place is a file's number and a record's; so many bits are the record's.
const RECORD_BITS: u32 = 44;

/// How a hit is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A line for people, with what could move a terminal's cursor escaped.
    Text,
    /// One list.
    Json,
    /// An object a line.
    Ndjson,
}

/// What is to be matched, and how.
#[derive(Clone, Debug)]
pub struct Settings {
    pub files: Vec<PathBuf>,
    /// None: each file's first bytes say.
    pub format: Option<Format>,
    /// Where all logs are from, if the caller knows better than the reader.
    pub source: Option<LogSource>,
    /// Hits below it are not written.
    pub level: Severity,
    pub threads: usize,
    pub form: Form,
}

/// What a run came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub files: usize,
    pub records: u64,
    pub hits: u64,
    /// Parts of logs, and whole ones, that could not be read.
    pub faults: u64,
    pub correlations: CorrelationState,
}

/// Matches all files and writes each hit to `out`. `tell` is called with a line for each fault.
pub fn run(
    rules: Arc<ForeignRules>,
    settings: &Settings,
    out: &mut (dyn Write + Send),
    tell: &(dyn Fn(&str) + Sync),
) -> io::Result<Summary> {
    let correlation = Correlation { correlator: rules.correlator(), gathered: Vec::new(), hits: Vec::new() };
    let job = Job {
        rules,
        settings,
        tell,
        next: AtomicUsize::new(0),
        turn: Mutex::new(Turn { file: 0, out }),
        moved: Condvar::new(),
        correlation: Mutex::new(correlation),
        comma: AtomicBool::new(false),
        failed: AtomicBool::new(false),
        records: AtomicU64::new(0),
        hits: AtomicU64::new(0),
        faults: AtomicU64::new(0),
    };
    if settings.form == Form::Json {
        lock(&job.turn).out.write_all(b"[")?;
    }
    let threads = settings.threads.clamp(1, 64).min(settings.files.len().max(1));
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| job.work())).collect();
        let died = || io::Error::other("a thread that matched a log died");
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(|_| Err(died())))
    })?;
    let correlations = job.correlate()?;
    if settings.form == Form::Json {
        lock(&job.turn).out.write_all(b"]\n")?;
    }
    lock(&job.turn).out.flush()?;
    Ok(Summary {
        files: settings.files.len(),
        records: job.records.into_inner(),
        hits: job.hits.into_inner(),
        faults: job.faults.into_inner(),
        correlations,
    })
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Job<'a> {
    rules: Arc<ForeignRules>,
    settings: &'a Settings,
    tell: &'a (dyn Fn(&str) + Sync),
    next: AtomicUsize,
    turn: Mutex<Turn<'a>>,
    moved: Condvar,
    correlation: Mutex<Correlation>,
    comma: AtomicBool,
    /// Nothing can be written any more: nobody need wait for his turn.
    failed: AtomicBool,
    records: AtomicU64,
    hits: AtomicU64,
    faults: AtomicU64,
}

/// The file whose lines may be written, and where to.
struct Turn<'a> {
    file: usize,
    out: &'a mut (dyn Write + Send),
}

/// The correlations of the run, and what they have not yet seen.
struct Correlation {
    correlator: Correlator,
    gathered: Vec<Observation>,
    hits: Vec<CorrelationHit>,
}

impl Correlation {
    /// In the order of the records' times, as far as they are gathered.
    fn feed(&mut self) {
        self.gathered.sort_by_key(|observation| (observation.time, observation.place));
        for observation in self.gathered.drain(..) {
            self.hits.extend(self.correlator.feed(&observation));
        }
    }
}

/// Ends the waiting of the others when a thread leaves, however it does.
struct Leave<'a, 'b>(&'a Job<'b>, bool);

impl Drop for Leave<'_, '_> {
    fn drop(&mut self) {
        if !self.1 {
            self.0.failed.store(true, Ordering::Relaxed);
            self.0.moved.notify_all();
        }
    }
}

impl Job<'_> {
    fn work(&self) -> io::Result<()> {
        let mut leave = Leave(self, false);
        let mut matcher = self.rules.matcher();
        loop {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(path) = self.settings.files.get(at) else {
                leave.1 = true;
                return Ok(());
            };
            let name = path.display().to_string();
            let mut held = Vec::new();
            let mut observations = Vec::new();
            let mut failed = None;
            let outcome = crate::read(path, self.settings.format, &mut |record| {
                let source = self.settings.source.as_ref().or_else(|| record.origin.source());
                let place = (at as u64) << RECORD_BITS | (record.number & ((1 << RECORD_BITS) - 1));
                let hits = matcher.find_and_observe(record, source, place, &mut observations);
                // A rule that only excludes says nothing of a record that may be of any log.
                let says = |hit: &&Hit| source.is_some() || !hit.matched.is_empty();
                for hit in hits.iter().filter(|hit| hit.level >= self.settings.level).filter(says) {
                    self.line(&Line::of(hit, &name, record), &mut held);
                }
                if observations.len() > GATHERED {
                    self.gather(&mut observations);
                }
                if held.len() > HELD_BYTES
                    && let Err(error) = self.write(at, &mut held)
                {
                    failed = Some(error);
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            });
            if let Some(error) = failed {
                return Err(error);
            }
            self.gather(&mut observations);
            self.write(at, &mut held)?;
            self.told(&name, outcome);
            lock(&self.turn).file += 1;
            self.moved.notify_all();
        }
    }

    /// Waits for the file's turn and writes its lines.
    fn write(&self, at: usize, held: &mut Vec<u8>) -> io::Result<()> {
        let mut turn = lock(&self.turn);
        while turn.file < at && !self.failed.load(Ordering::Relaxed) {
            turn = self.moved.wait(turn).unwrap_or_else(PoisonError::into_inner);
        }
        turn.out.write_all(held)?;
        held.clear();
        Ok(())
    }

    fn told(&self, name: &str, outcome: Result<Outcome, LogError>) {
        let tell = |text: String| (self.tell)(&printable(&text));
        match outcome {
            Ok(outcome) => {
                for fault in &outcome.faults {
                    tell(format!("{name}: {}: {}", fault.place, fault.reason));
                }
                let more = outcome.fault_count - outcome.faults.len() as u64;
                if more > 0 {
                    tell(format!("{name}: {more} more faults"));
                }
                self.faults.fetch_add(outcome.fault_count, Ordering::Relaxed);
                self.records.fetch_add(outcome.records, Ordering::Relaxed);
            }
            Err(error) => {
                tell(error.to_string());
                self.faults.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    fn gather(&self, observations: &mut Vec<Observation>) {
        if observations.is_empty() {
            return;
        }
        let mut correlation = lock(&self.correlation);
        correlation.gathered.append(observations);
        if correlation.gathered.len() > SORTED {
            correlation.feed();
        }
    }

    fn correlate(&self) -> io::Result<CorrelationState> {
        let mut correlation = lock(&self.correlation);
        correlation.feed();
        let last = correlation.correlator.finish();
        correlation.hits.extend(last);
        let mut lines = Vec::new();
        for hit in correlation.hits.iter().filter(|hit| hit.level >= self.settings.level) {
            let file = self.settings.files.get((hit.place >> RECORD_BITS) as usize);
            let file = file.map(|path| path.display().to_string()).unwrap_or_default();
            self.line(&Line::correlated(hit, &file), &mut lines);
        }
        lock(&self.turn).out.write_all(&lines)?;
        let state = correlation.correlator.state();
        for (count, what) in [
            (state.evicted, "groups of correlations were let go for want of memory"),
            (state.truncated, "samples of correlations were let go, since one group had too many"),
            (state.untimed, "records without a readable time were not correlated"),
            (state.incomplete, "records lacked a field that a correlation groups or counts by"),
            (state.jumps, "times far ahead of all others"),
        ] {
            if count > 0 {
                (self.tell)(&format!("{count} {what}"));
            }
        }
        Ok(state)
    }

    fn line(&self, line: &Line<'_>, out: &mut Vec<u8>) {
        self.hits.fetch_add(1, Ordering::Relaxed);
        let json = |out: &mut Vec<u8>| {
            serde_json::to_writer(out, line).expect("text and numbers become JSON, and a Vec takes every byte");
        };
        match self.settings.form {
            Form::Ndjson => json(out),
            Form::Json => {
                if self.comma.swap(true, Ordering::Relaxed) {
                    out.push(b',');
                }
                return json(out);
            }
            Form::Text => {
                let fields: Vec<String> = line.fields.0.iter().map(|(n, v)| format!("{n}={v}")).collect();
                let time = line.time.as_deref().unwrap_or("-");
                let (level, title, id, fields) = (line.level, line.title, line.rule_id, fields.join(" "));
                let text =
                    format!("{time}  {level:13}  {title}  ({id})  {} record {}  {fields}", line.file, line.record);
                out.extend_from_slice(printable(&text).as_bytes());
            }
        }
        out.push(b'\n');
    }
}

/// One hit; the keys are a promise.
#[derive(Serialize)]
struct Line<'a> {
    rule_id: &'a str,
    title: &'a str,
    level: &'static str,
    file: &'a str,
    record: u64,
    time: Option<String>,
    fields: Fields<'a>,
}

struct Fields<'a>(&'a [(String, String)]);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'a> Line<'a> {
    fn of(hit: &'a Hit, file: &'a str, record: &crate::Flat) -> Line<'a> {
        Line {
            rule_id: &hit.rule_id,
            title: &hit.title,
            level: level(hit.level),
            file,
            record: record.number,
            time: record.time.map(|time| time.to_string()),
            fields: Fields(&hit.matched),
        }
    }

    fn correlated(hit: &'a CorrelationHit, file: &'a str) -> Line<'a> {
        Line {
            rule_id: &hit.rule_id,
            title: &hit.title,
            level: level(hit.level),
            file,
            record: hit.place & ((1 << RECORD_BITS) - 1),
            time: Some(hit.time.to_string()),
            fields: Fields(&hit.fields),
        }
    }
}

/// As rules write it.
fn level(level: Severity) -> &'static str {
    if level == Severity::Info { "informational" } else { level.name() }
}
