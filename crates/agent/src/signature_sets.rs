//! The set of signatures that was brought to this host. A child of this very program brings newer ones (`tamon signatures
//! update`), so that what a mirror sends is neither fetched, unpacked nor patched in the agent; and whichever set `current`
//! names is put in force here, be it that child, an operator or a roll-back who changed it.
//!
//! The next set is loaded while the one before still judges, and each is mapped: two are on the disk for a moment, not in
//! memory. A set that does not load is gone back from, the last good one stays, and `tamon status` says so.

use crate::config::Config;
use crate::pipeline::now;
use crate::scan_config;
use crate::shared::Shared;
use crate::signature_child;
use event::SignatureFacts;
use rand::Rng as _;
use scan::{LoadReport, Scanner};
use serde_json::{Value, json};
use signatures::update::{Generations, PublicKey, SET};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

const LOOK_EVERY: Duration = Duration::from_secs(2);
/// After a look that failed; less when looks are more frequent anyway.
const AGAIN_AFTER: Duration = Duration::from_secs(300);

/// What `status` shows.
#[derive(Clone, Debug, Default)]
pub struct Sets {
    /// Folder of the set in force; None: there is only what is built in and what lies in the content folders.
    pub folder: Option<PathBuf>,
    /// What the last look for a newer one came to.
    pub update: String,
    /// Why a set that was brought is not in force.
    pub refused: Option<String>,
    pub looked: Option<event::Timestamp>,
}

pub fn folder(state: &Path) -> PathBuf {
    state.join("signatures")
}

/// Where `current` points, so that what is loaded stays the same set however long it is used.
pub fn current(state: &Path) -> Option<PathBuf> {
    folder(state).join("current").canonicalize().ok()
}

fn version(folder: &Path) -> Option<u64> {
    folder.file_name()?.to_str()?.parse().ok()
}

/// What the node is told.
pub fn facts(shared: &Shared) -> SignatureFacts {
    of(&shared.signatures.lock().clone(), &loaded(shared))
}

fn loaded(shared: &Shared) -> LoadReport {
    shared.scanner.as_ref().map(|scanner| scanner.loaded()).unwrap_or_default()
}

fn of(sets: &Sets, loaded: &LoadReport) -> SignatureFacts {
    SignatureFacts {
        version: sets.folder.as_deref().and_then(version),
        update: sets.update.clone(),
        refused: sets.refused.clone(),
        digests: loaded.hashes,
        patterns: loaded.patterns,
        yara_rules: loaded.rules as u64,
        models: loaded.models.clone(),
    }
}

pub fn document(shared: &Shared) -> Value {
    let sets = shared.signatures.lock().clone();
    let loaded = loaded(shared);
    let SignatureFacts { version, update, refused, digests, patterns, yara_rules, models } = of(&sets, &loaded);
    json!({
        "version": version,
        "update": update,
        "refused": refused,
        "looked": sets.looked.map(|time| time.to_string()),
        "files": loaded.files,
        "yara_rules": yara_rules,
        "digests": digests,
        "patterns": patterns,
        "models": models,
        "rejected": loaded.rejected.len(),
    })
}

pub fn start(config: &Config, shared: &Arc<Shared>) -> std::io::Result<()> {
    let Some(scanner) = shared.scanner.clone() else { return Ok(()) };
    let (config, shared) = (config.clone(), Arc::clone(shared));
    let mut keeper = Keeper { config, shared, scanner, next: Instant::now(), given_up: None };
    std::thread::Builder::new().name("signatures".into()).spawn(move || {
        keeper.at_start();
        loop {
            keeper.in_force();
            keeper.bring();
            std::thread::sleep(LOOK_EVERY);
        }
    })?;
    Ok(())
}

struct Keeper {
    config: Config,
    shared: Arc<Shared>,
    scanner: Arc<Scanner>,
    next: Instant,
    /// A set that could not be loaded, and nothing to go back to.
    given_up: Option<PathBuf>,
}

impl Keeper {
    fn at_start(&mut self) {
        let folder = self.shared.signatures.lock().folder.clone();
        if let Some(folder) = folder
            && let Err(why) = loads(&folder, &self.scanner.loaded())
        {
            self.shared.signatures.lock().folder = None;
            self.refuse(folder, &why);
        }
    }

    fn in_force(&mut self) {
        let wanted = current(self.shared.place.state());
        if wanted == self.shared.signatures.lock().folder || (wanted.is_some() && wanted == self.given_up) {
            return;
        }
        let scan = scan_config(&self.config, &self.shared.policy(), wanted.as_deref());
        let fit = |report: &LoadReport| wanted.as_deref().map_or(Ok(()), |folder| loads(folder, report));
        match (self.scanner.reload_if(scan, fit), wanted) {
            (Ok(report), wanted) => {
                let version = wanted.as_deref().and_then(version);
                tracing::info!(version, digests = report.hashes, patterns = report.patterns, "signatures in force");
                let mut sets = self.shared.signatures.lock();
                // Why a later one is not in force is told until a later one is.
                if sets.folder.as_deref().and_then(self::version) < version {
                    sets.refused = None;
                }
                sets.folder = wanted;
            }
            (Err(error), Some(folder)) => self.refuse(folder, &error.to_string()),
            (Err(error), None) => self.shared.problem(format!("the signatures before stay in force: {error}")),
        }
    }

    fn refuse(&mut self, folder: PathBuf, why: &str) {
        let shown = version(&folder).map_or_else(|| folder.display().to_string(), |version| version.to_string());
        let back = Generations::open(&self::folder(self.shared.place.state())).and_then(|all| all.roll_back());
        let words = match back {
            Ok(earlier) => format!("version {shown} cannot be used, back to {}: {why}", earlier.version),
            Err(error) => {
                self.given_up = Some(folder);
                format!("version {shown} cannot be used: {why}; {error}")
            }
        };
        tracing::error!(reason = %words, "a set of signatures is refused");
        self.shared.signatures.lock().refused = Some(words);
    }

    fn bring(&mut self) {
        if Instant::now() < self.next {
            return;
        }
        let (words, good) = match self.look() {
            Ok(words) => (words, true),
            Err(why) => (why, false),
        };
        let every = Duration::from_secs(self.config.signatures.interval_seconds);
        let wait = if good { every } else { every.min(AGAIN_AFTER) };
        // Hosts that were started together must not all come at once.
        self.next = Instant::now() + wait.mul_f64(rand::rng().random_range(0.9..1.1));
        let mut sets = self.shared.signatures.lock();
        sets.update = words;
        sets.looked = Some(now());
    }

    fn look(&self) -> Result<String, String> {
        let signatures = &self.config.signatures;
        let state = self.shared.place.state();
        if signatures.from.is_empty() {
            return Ok("off".into());
        }
        if signatures.from == "node" && !self.shared.place.identity_file().exists() {
            return Err("this host is not enrolled: there is no node to bring signatures from".into());
        }
        PublicKey::read(&signatures.keys).map_err(|error| error.to_string())?;
        let update = signature_child::update(state, signatures)?;
        let version = &update["version"];
        Ok(match update["changed"].as_bool() {
            Some(true) => format!("version {version} came from {}", signatures.from),
            _ => format!("version {version} is the newest of {}", signatures.from),
        })
    }
}

/// Whether the compiled database of a set is among what was loaded. A rule that does not compile costs that rule.
fn loads(folder: &Path, report: &LoadReport) -> Result<(), String> {
    let set = folder.join(SET);
    match report.rejected.iter().find(|one| one.file == set) {
        Some(rejected) => Err(rejected.reason.clone()),
        None => Ok(()),
    }
}
