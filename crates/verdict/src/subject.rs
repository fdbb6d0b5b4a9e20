//! About whom and what is decided: the acting process, the file, and whether the act can still be refused.

use crate::Protected;
use event::{Process, Reason, Sha256};

/// Whether the act is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Operation {
    /// It has happened: it can be answered, not refused.
    #[default]
    Done,
    /// An execution waits at the gate; the process has not run the program yet.
    ExecPending,
    /// A script's reading or a library's mapping waits at the gate.
    ReadPending,
}

/// The file acted on or scanned, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileFacts<'a> {
    pub path: &'a str,
    pub sha256: Option<Sha256>,
    pub package: Option<&'a str>,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Subject<'a> {
    /// Who acted; None for a scan on demand.
    pub process: Option<&'a Process>,
    /// For an execution at the gate: the program that asks to run.
    pub file: Option<FileFacts<'a>>,
    /// Why the process must not be touched; see [`crate::protect::of_process`].
    pub protected: Option<Protected>,
    pub operation: Operation,
    /// What each voice about the file said, those that found nothing too; they open the decision's reasons.
    pub voices: &'a [Reason],
}

impl<'a> Subject<'a> {
    pub(crate) fn paths(&self) -> impl Iterator<Item = &'a str> {
        self.process.map(|p| &*p.executable).into_iter().chain(self.file.map(|f| f.path))
    }
    pub(crate) fn digests(&self) -> impl Iterator<Item = Sha256> {
        self.process.and_then(|p| p.sha256).into_iter().chain(self.file.and_then(|f| f.sha256))
    }
    pub(crate) fn packages(&self) -> impl Iterator<Item = &'a str> {
        let own = self.process.and_then(|p| p.package.as_ref()).map(|p| &*p.name);
        own.into_iter().chain(self.file.and_then(|f| f.package))
    }
    pub(crate) fn command_line(&self) -> &'a str {
        self.process.map_or("", |p| &p.command_line)
    }
}
