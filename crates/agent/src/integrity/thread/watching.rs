//! What the monitor watches with: the baseline opened, taken anew, approved, refused.

use super::Thread;
use crate::pipeline::now;
use ::integrity::content::Contents;
use ::integrity::{Home, HomeError, Judge, Known, Scope, TakeOptions};
use crossbeam_channel::bounded;
use event::{Found, Sha256};
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A baseline that stands, and how it is looked at.
pub(super) struct Armed {
    pub home: Home,
    pub _lock: File,
    pub known: Known,
    pub scope: Arc<Scope>,
    pub judge: Judge,
    pub contents: Contents,
    pub keep_text_bytes: u64,
}

impl Thread {
    pub(super) fn arm(&mut self) {
        self.disarm();
        let policy = self.shared.policy().integrity.clone();
        let folder = self.shared.place.integrity();
        if !policy.enabled {
            self.state = "off by policy".into();
            return;
        }
        if !folder.join("baseline").exists() {
            self.state = "no baseline: `tamon integrity baseline` makes one".into();
            return;
        }
        match self.open(&policy) {
            Ok(armed) => {
                self.watch(armed);
                self.scan(Found::Start);
            }
            Err(error) => {
                self.state = format!("refused: {error}");
                self.shared.problem(format!("watched files are not looked at: {error}"));
                if matches!(error, HomeError::Baseline(_) | HomeError::Known(_)) {
                    self.teller.refused(&folder.join("baseline"), &error.to_string());
                }
            }
        }
    }

    pub(super) fn open(&self, policy: &verdict::Integrity) -> Result<Armed, HomeError> {
        let home = Home::create(&self.shared.place.integrity())?;
        let lock = home.lock()?;
        let known = home.open_to_write()?;
        if known.torn > 0 {
            tracing::warn!(
                bytes = known.torn,
                "the last notes of watched files were cut by a crash; they are found again"
            );
        }
        Ok(Armed {
            contents: home.contents(policy.keep_total_bytes),
            scope: Arc::new(self.scope(policy)),
            judge: Judge::new(policy),
            keep_text_bytes: policy.keep_text_bytes,
            known,
            _lock: lock,
            home,
        })
    }

    pub(super) fn scope(&self, policy: &verdict::Integrity) -> Scope {
        let scope = Scope::new(policy).without(self.shared.place.state());
        self.tell_unread(&scope);
        scope
    }

    /// What a pattern stands for and cannot be listed is not watched.
    pub(super) fn tell_unread(&self, scope: &Scope) {
        for folder in scope.unread() {
            self.shared.problem(format!("integrity: what lies in it is not watched: {folder}"));
        }
    }

    pub(super) fn watch(&mut self, armed: Armed) {
        *self.ear.scope.write() = Arc::clone(&armed.scope);
        self.ear.armed.store(true, Ordering::Release);
        self.packages.begin();
        self.teller.counts.forget_delays();
        self.state = "watching".into();
        self.armed = Some(armed);
    }

    pub(super) fn disarm(&mut self) {
        self.forget_trial();
        self.ear.armed.store(false, Ordering::Release);
        self.stop_scan.store(true, Ordering::Relaxed);
        self.stop_scan = Arc::default();
        self.scanning = false;
        // What a scan of before finds is about another baseline.
        self.scans = bounded(4);
        self.armed = None;
        self.pending.clear();
        self.waiting.clear();
        self.read.clear();
        self.to_keep.clear();
    }

    pub(super) fn take(&mut self) -> Result<serde_json::Value, String> {
        let policy = self.shared.policy().integrity.clone();
        if !policy.enabled {
            return Err("the policy says that no files are watched: [integrity] enabled = false".into());
        }
        self.disarm();
        let scope = self.scope(&policy);
        // What changes while the files are read is heard, and looked at after.
        *self.ear.scope.write() = Arc::new(scope.clone());
        self.ear.armed.store(true, Ordering::Release);
        self.state = "taking a baseline".into();
        self.describe();
        let taken = self.take_now(&scope, &policy);
        match taken.and_then(|taken| Ok((taken, self.open(&policy).map_err(|error| error.to_string())?))) {
            Ok((taken, armed)) => {
                let digest = Sha256(armed.known.digest());
                let words = format!("baseline {} of {} files", taken.number, taken.files);
                self.teller.baseline(&armed.home.baseline_path(), digest, &words);
                self.watch(armed);
                serde_json::to_value(taken).map_err(|error| error.to_string())
            }
            Err(error) => {
                // The one before stays in force, if there is one.
                self.arm();
                Err(error)
            }
        }
    }

    pub(super) fn take_now(&self, scope: &Scope, policy: &verdict::Integrity) -> Result<integrity::Taken, String> {
        let home = Home::create(&self.shared.place.integrity()).map_err(|error| error.to_string())?;
        let _lock = home.lock().map_err(|error| error.to_string())?;
        let options = TakeOptions {
            threads: 0,
            host: self.shared.host.name.clone(),
            now: now(),
            keep_text_bytes: policy.keep_text_bytes,
            keep_total_bytes: policy.keep_total_bytes,
        };
        ::integrity::take(&home, scope, &options).map_err(|error| error.to_string())
    }

    pub(super) fn accept(&mut self, paths: &[String]) -> Result<usize, String> {
        let armed = self.armed.as_mut().ok_or_else(|| self.state.clone())?;
        let fits = |bytes: &[u8]| {
            let text = event::text::from_bytes(bytes);
            let path = std::path::Path::new(&*text);
            paths.iter().any(|asked| path.starts_with(asked))
        };
        armed.known.approve(&fits, armed.home.key()).map_err(|error| error.to_string())
    }

    /// What was read of the baseline is not what was signed: it changed underneath.
    pub(super) fn refuse(&mut self, why: &str) {
        self.teller.refused(&self.shared.place.integrity().join("baseline"), why);
        self.shared.problem(format!("watched files are not looked at any more: {why}"));
        self.disarm();
        self.state = format!("refused: {why}");
    }
}
