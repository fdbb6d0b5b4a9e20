//! A tree of the self-test, watched for half a minute beside what the policy watches; with a baseline of its own where the host
//! has none. Nothing of it stays.

use super::Thread;
use super::watching::Armed;
use crate::pipeline::now;
use ::integrity::{Content, Facts, Home, Judge, Scope, TakeOptions, facts_of, hash_file};
use event::{Severity, Technique};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use verdict::IntegrityRule;

const LASTS: Duration = Duration::from_secs(30);
/// Only such folders are taken, so that nobody widens what is watched by this way.
const OF_SELF_TEST: &str = "/tmp/tamon-selftest-";
const MOST_TEXT: u64 = 64 << 10;

pub struct Trial {
    tree: PathBuf,
    until: Instant,
    /// A folder of its own, where the host has no baseline.
    home: Option<PathBuf>,
    /// What the monitor said of itself before.
    state: String,
}

impl Trial {
    /// There is nothing else that could be compared with the disk.
    pub(super) fn is_alone(&self) -> bool {
        self.home.is_some()
    }
}

impl Thread {
    pub(super) fn begin_trial(&mut self, tree: PathBuf) -> Result<(), String> {
        let policy = self.shared.policy().integrity.clone();
        if !policy.enabled {
            return Err("the policy says that no files are watched: [integrity] enabled = false".into());
        }
        if !tree.starts_with("/tmp") || !tree.to_string_lossy().starts_with(OF_SELF_TEST) || !tree.is_dir() {
            return Err(format!("{} is no folder of the self-test", tree.display()));
        }
        self.drop_trial();
        let judge = Judge::of([vec![rule(&tree)], Judge::new(&policy).rules().to_vec()].concat(), policy.severity);
        let state = self.state.clone();
        let home = match &mut self.armed {
            Some(armed) => {
                let found = files_of(&tree);
                let kept =
                    found.iter().map(|(path, facts)| (path.as_os_str().as_bytes().to_vec(), Some(facts.clone()), true));
                armed.known.note(kept.collect(), armed.home.key()).map_err(|error| error.to_string())?;
                let mask = ::integrity::Mask::new(armed.home.key());
                for (path, facts) in &found {
                    armed.contents.keep(path, facts, &mask);
                }
                armed.scope = Arc::new((*armed.scope).clone().and(&tree));
                armed.judge = judge;
                *self.ear.scope.write() = Arc::clone(&armed.scope);
                None
            }
            None => {
                let folder = self.shared.place.integrity().join("trial");
                let armed = baseline_of(&folder, &tree, judge)?;
                self.watch(armed);
                Some(folder)
            }
        };
        self.state.clone_from(&state);
        self.trial = Some(Trial { tree, until: Instant::now() + LASTS, home, state });
        Ok(())
    }

    pub(super) fn end_trial(&mut self) {
        if self.trial.as_ref().is_some_and(|trial| Instant::now() >= trial.until) {
            self.drop_trial();
        }
    }

    /// Back to what the policy watches.
    pub(super) fn drop_trial(&mut self) {
        let Some(trial) = &self.trial else { return };
        let (alone, state) = (trial.is_alone(), trial.state.clone());
        if alone {
            self.disarm();
            self.state = state;
            return;
        }
        self.forget_trial();
        let policy = self.shared.policy().integrity.clone();
        let scope = Arc::new(self.scope(&policy));
        if let Some(armed) = &mut self.armed {
            armed.judge = Judge::new(&policy);
            armed.scope = scope;
            *self.ear.scope.write() = Arc::clone(&armed.scope);
        }
    }

    /// Takes out of what is known what the trial brought.
    pub(super) fn forget_trial(&mut self) {
        let Some(trial) = self.trial.take() else { return };
        if let Some(home) = trial.home {
            // What cannot be removed is overwritten by the next trial.
            let _ = fs::remove_dir_all(home);
            return;
        }
        let tree = event::text::from_bytes(trial.tree.as_os_str().as_bytes()).into_owned();
        let below = |path: &str| path.strip_prefix(&tree).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.pending.retain(|path, _| !below(path));
        self.waiting.retain(|path, _| !below(path));
        let Some(armed) = &mut self.armed else { return };
        let gone = match armed.known.below(trial.tree.as_os_str().as_bytes()) {
            Ok(paths) => paths.into_iter().map(|path| (path, None, true)).collect(),
            Err(error) => return self.refuse(&error.to_string()),
        };
        if let Err(error) = armed.known.note(gone, armed.home.key()) {
            self.shared.problem(format!("what changed of watched files is not kept: {error}"));
        }
    }
}

fn baseline_of(folder: &Path, tree: &Path, judge: Judge) -> Result<Armed, String> {
    let _ = fs::remove_dir_all(folder);
    let scope = Scope::of([tree.display().to_string()], []);
    let open = || {
        let home = Home::create(folder)?;
        let lock = home.lock()?;
        let options = TakeOptions {
            threads: 1,
            now: now(),
            keep_text_bytes: MOST_TEXT,
            keep_total_bytes: 1 << 20,
            ..TakeOptions::default()
        };
        ::integrity::take(&home, &scope, &options)?;
        let known = home.open_to_write()?;
        Ok((home, lock, known))
    };
    let (home, lock, known) = open().map_err(|error: ::integrity::HomeError| error.to_string())?;
    Ok(Armed {
        contents: home.contents(1 << 20),
        scope: Arc::new(scope),
        judge,
        keep_text_bytes: MOST_TEXT,
        known,
        _lock: lock,
        home,
    })
}

/// The tree and the files right in it.
fn files_of(tree: &Path) -> Vec<(PathBuf, Facts)> {
    let names = fs::read_dir(tree).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut buffer = Vec::new();
    let facts = |path: PathBuf| {
        let mut facts = facts_of(&path).ok()??;
        if let Ok(hashes) = hash_file(&path, &facts, false, &mut buffer) {
            facts.content = Content::Sha256(hashes.sha256);
        }
        Some((path, facts))
    };
    std::iter::once(tree.to_path_buf()).chain(names).filter_map(facts).collect()
}

fn rule(tree: &Path) -> IntegrityRule {
    IntegrityRule {
        id: "self-test".into(),
        title: "A watched file of the self-test changed".into(),
        path: vec![format!("{}/**", tree.display()).into()],
        on: Vec::new(),
        severity: Severity::Medium,
        techniques: vec![Technique::sub(1565, 1)],
        pci: Vec::new(),
        cis: Vec::new(),
    }
}
