//! The fuzz targets without a fuzzer: inputs of the committed corpus, mutated and crossed, for a time or a number of runs, on
//! stable Rust. `mutate [--seconds N] [--runs N] [--seed N] [--corpus DIR] [TARGET…]`; all targets when none is named.
//!
//! An input that makes a target panic, or that takes it longer than ten seconds, is written below `fuzz/artifacts/` and the
//! exit status is 1. The seed is printed, so that a run can be had again.

use fuzz::{TARGETS, Target};
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Inputs grow no longer than this.
const LONGEST: usize = 64 << 10;
const SLOW: Duration = Duration::from_secs(10);

struct Options {
    seconds: u64,
    runs: u64,
    seed: u64,
    corpus: PathBuf,
    only: Vec<String>,
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(error) => {
            eprintln!("mutate: {error}");
            return ExitCode::from(2);
        }
    };
    if let Some(unknown) = options.only.iter().find(|name| TARGETS.iter().all(|(known, _)| known != name)) {
        eprintln!("mutate: no target {unknown:?}");
        return ExitCode::from(2);
    }
    silence();
    println!("seed {}", options.seed);
    let wanted = |target: &&Target| options.only.is_empty() || options.only.iter().any(|name| name == target.0);
    let mut failed = false;
    for target in TARGETS.iter().filter(wanted) {
        failed |= !run(target, &options);
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn options() -> Result<Options, String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_nanos() as u64);
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut options = Options { seconds: 2, runs: u64::MAX, seed: now, corpus, only: Vec::new() };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || -> Result<u64, String> {
            let text = arguments.next().ok_or(format!("{argument} wants a number"))?;
            text.parse().map_err(|_| format!("{argument}: {text:?} is no number"))
        };
        match argument.as_str() {
            "--seconds" => options.seconds = number()?,
            "--runs" => options.runs = number()?,
            "--seed" => options.seed = number()?,
            "--corpus" => options.corpus = arguments.next().ok_or("--corpus wants a folder")?.into(),
            name if name.starts_with('-') => return Err(format!("unknown option {name}")),
            name => options.only.push(name.to_owned()),
        }
    }
    Ok(options)
}

/// Every input of the corpus as it is, then mutations until the time or the runs are over.
fn run(target: &Target, options: &Options) -> bool {
    let (name, function) = *target;
    let corpus = corpus(&options.corpus.join(name));
    if corpus.is_empty() {
        eprintln!("{name}: no corpus in {}", options.corpus.join(name).display());
        return false;
    }
    let (began, mut runs, mut slowest) = (Instant::now(), 0u64, Duration::ZERO);
    let mut random =
        Random(options.seed ^ name.bytes().fold(1u64, |hash, byte| hash.wrapping_mul(31) + u64::from(byte)) | 1);
    let mut inputs = corpus.iter().cloned();
    while runs < options.runs && (runs < corpus.len() as u64 || began.elapsed().as_secs() < options.seconds) {
        let input = inputs.next().unwrap_or_else(|| mutated(&corpus, &mut random));
        runs += 1;
        let started = Instant::now();
        RUNNING.set(true);
        let fine = catch_unwind(AssertUnwindSafe(|| function(&input))).is_ok();
        RUNNING.set(false);
        let took = started.elapsed();
        slowest = slowest.max(took);
        if !fine || took > SLOW {
            let what = if fine { format!("took {:.1} s", took.as_secs_f64()) } else { PANIC.with_borrow(Clone::clone) };
            report(name, &input, &what);
            return false;
        }
    }
    let rate = runs as f64 / began.elapsed().as_secs_f64().max(0.001);
    println!("{name:16} {runs:9} runs, {rate:9.0} a second, slowest {:6.1} ms", slowest.as_secs_f64() * 1000.0);
    true
}

fn corpus(folder: &Path) -> Vec<Vec<u8>> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths.iter().filter_map(|path| std::fs::read(path).ok()).collect()
}

fn report(name: &str, input: &[u8], what: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts").join(name);
    let hash = input
        .iter()
        .fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
    let path = folder.join(format!("crash-{hash:016x}"));
    let kept = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&path, input));
    match kept {
        Ok(()) => eprintln!("{name}: {what}\n  the input is {}", path.display()),
        Err(error) => eprintln!("{name}: {what}\n  the input cannot be kept: {error}"),
    }
}

thread_local! {
    static RUNNING: Cell<bool> = const { Cell::new(false) };
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The words of a target's panic are kept for the report.
fn silence() {
    let shown = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if RUNNING.get() {
            PANIC.with_borrow_mut(|text| *text = info.to_string());
        } else {
            shown(info);
        }
    }));
}

/// A few changes to an input of the corpus.
fn mutated(corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = corpus[random.below(corpus.len())].clone();
    for _ in 0..=random.below(8) {
        mutate(&mut bytes, corpus, random);
    }
    bytes.truncate(LONGEST);
    bytes
}

fn mutate(bytes: &mut Vec<u8>, corpus: &[Vec<u8>], random: &mut Random) {
    const NUMBERS: [u64; 12] =
        [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, u64::MAX, 1 << 31, i64::MAX as u64];
    let at = random.below(bytes.len() + 1);
    let length = random.below((bytes.len() - at).min(64) + 1);
    match random.below(10) {
        0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
        1 if at < bytes.len() => bytes[at] = random.next() as u8,
        2 => {
            let number = NUMBERS[random.below(NUMBERS.len())];
            let width = [1, 2, 4, 8][random.below(4)];
            let text = if random.below(2) == 0 {
                number.to_le_bytes()
            } else {
                number.rotate_right(width as u32 * 8).to_be_bytes()
            };
            for (place, byte) in bytes.iter_mut().skip(at).zip(&text[..width]) {
                *place = *byte;
            }
        }
        3 => drop(bytes.drain(at..at + length)),
        4 => {
            let copied = bytes[at..at + length].to_vec();
            let to = random.below(bytes.len() + 1);
            bytes.splice(to..to, copied);
        }
        5 => {
            let copied = bytes[at..at + length].to_vec();
            for _ in 0..random.below(40) {
                bytes.splice(at..at, copied.iter().copied());
            }
        }
        6 => bytes.truncate(at),
        7 => {
            let other = &corpus[random.below(corpus.len())];
            let from = random.below(other.len() + 1);
            let until = from + random.below(other.len() - from + 1);
            bytes.splice(at..at + length, other[from..until].iter().copied());
        }
        8 => {
            let some: Vec<u8> = (0..random.below(16)).map(|_| random.next() as u8).collect();
            bytes.splice(at..at, some);
        }
        _ => {
            // Digits are where texts keep their lengths.
            if let Some(digit) = bytes.iter().skip(at).position(u8::is_ascii_digit) {
                let number = NUMBERS[random.below(NUMBERS.len())].to_string();
                bytes.splice(at + digit..at + digit + 1, number.bytes());
            }
        }
    }
}

/// xorshift64*: small, seeded, the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    /// Below `bound`, which is above 0.
    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}
