//! Files that are run soon after they were written: by something that had talked to the network, or into a folder that
//! every user may write to. Compilers and package tools do nothing else all day; what they write is left out.

use crate::bounded::Bounded;
use crate::lineage::{Processes, shown};
use crate::names::{is_build_place, is_fetch_tool, is_installed, is_toolchain, is_world_writable};
use crate::tell::{Rule, path, span, who};
use event::{
    Action, Endpoint, Engine, Event, EventKind, Exec, FileEvent, FileOp, Finding, Process, Severity, Tactic, Technique,
    Timestamp,
};
use std::sync::Arc;

pub(crate) const DOWNLOADED: Rule = Rule {
    id: "behaviour.download-and-run",
    engine: Engine::Behaviour,
    name: "Downloaded file is run",
    severity: Severity::High,
    techniques: &[Technique::new(1105), Technique::sub(1204, 2)],
    tactics: &[Tactic::CommandAndControl, Tactic::Execution],
    asks: Some(Action::Kill),
};

pub(crate) const DROPPED: Rule = Rule {
    id: "behaviour.dropped-and-run",
    engine: Engine::Behaviour,
    name: "Freshly dropped file is run from a temporary folder",
    severity: Severity::Medium,
    techniques: &[Technique::sub(1204, 2)],
    tactics: &[Tactic::Execution],
    asks: None,
};

/// A file written longer ago than this is no longer fresh.
const FRESH_NANOS: i64 = 600_000_000_000;
/// A writer that connected longer ago than this did not fetch the file.
const FETCH_NANOS: i64 = 300_000_000_000;

#[derive(Debug)]
pub(crate) struct Dropped {
    files: Bounded<Arc<str>, Written>,
}

#[derive(Clone, Debug)]
struct Written {
    at: Timestamp,
    by: Arc<str>,
    from: Option<Endpoint>,
    fetch_tool: bool,
}

impl Dropped {
    pub fn new(capacity: usize) -> Self {
        Dropped { files: Bounded::new(capacity) }
    }

    pub fn observe(&mut self, event: &Event, process: &Process, processes: &Processes) -> Option<Finding> {
        match &event.kind {
            EventKind::File(file) => {
                self.written(event.time, file, process, processes);
                None
            }
            EventKind::Exec(exec) => self.run(event.time, exec, process),
            _ => None,
        }
    }

    fn written(&mut self, at: Timestamp, file: &FileEvent, process: &Process, processes: &Processes) {
        match &file.op {
            FileOp::Create | FileOp::OpenWrite { .. } | FileOp::WriteClose => {
                if is_build_place(&file.file.path) || is_installed(&file.file.path) || is_toolchain(process.name()) {
                    return;
                }
                let connected = processes.get(&process.key).and_then(|known| known.connected.as_ref());
                let fresh = |at: Timestamp, since: Timestamp| (0..FETCH_NANOS).contains(&at.since(since));
                let from = connected.filter(|connected| fresh(at, connected.at)).map(|connected| connected.to);
                let fetch_tool = is_fetch_tool(process.name());
                if from.is_some() || fetch_tool || is_world_writable(&file.file.path) {
                    let by = process.name().into();
                    // What a downloader wrote stays downloaded when a shell closes the descriptor later.
                    let known = self.files.get(&file.file.path).filter(|known| known.fetched()).cloned();
                    let written = Written { at, by, from, fetch_tool };
                    let written = if written.fetched() { written } else { known.unwrap_or(written) };
                    self.files.insert(file.file.path.clone(), written);
                }
            }
            FileOp::Rename { from } => {
                if let Some(written) = self.files.get(from).cloned() {
                    self.files.insert(file.file.path.clone(), written);
                }
            }
            _ => {}
        }
    }

    fn run(&mut self, at: Timestamp, exec: &Exec, process: &Process) -> Option<Finding> {
        let script = exec.script.as_ref();
        let (file, written) =
            std::iter::once(&process.executable).chain(script).find_map(|file| Some((file, self.files.get(file)?)))?;
        let age = at.since(written.at);
        if !(0..FRESH_NANOS).contains(&age) || process.package.is_some() && script.is_none() {
            return None;
        }
        let open_place = is_world_writable(file);
        let evidence = vec![("process_executable", process.executable.to_string()), ("file_path", file.to_string())];
        if written.fetched() && (open_place || written.fetch_tool) {
            let from = written.from.as_ref().map(|to| format!(" from {}", shown(to))).unwrap_or_default();
            let detail = format!(
                "{} was started {} after {} had fetched {}{from}.",
                who(process),
                span(age),
                event::text::printable(&written.by),
                path(file)
            );
            let mut finding = DOWNLOADED.finding(detail, evidence);
            if !open_place {
                // People do fetch tools into their home and run them.
                finding.severity = Severity::Medium;
                finding.asks = None;
            }
            return Some(finding);
        }
        open_place.then(|| {
            let by = event::text::printable(&written.by);
            let detail = format!("{} was started {} after {by} had written {}.", who(process), span(age), path(file));
            DROPPED.finding(detail, evidence)
        })
    }
}

impl Written {
    fn fetched(&self) -> bool {
        self.from.is_some() || self.fetch_tool
    }
}
