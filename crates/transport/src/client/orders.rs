//! Commands on their way in, results on their way out. Each command is obeyed once, on a thread that may block: one that comes
//! again gets the result that is known. A result is sent until the node says it has it. What only looks at the host has a thread
//! of its own, so that a kill never waits behind a search.

use super::Host;
use event::{CommandId, Timestamp};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use tokio::sync::mpsc::UnboundedSender;
use wire::{Command, CommandBody, CommandResult, CommandStatus};

/// Commands that wait to be obeyed.
const WAITING: usize = 256;
/// Results that are remembered to answer a command that comes again.
const REMEMBERED: usize = 512;

pub(crate) struct Orders {
    queue: SyncSender<Command>,
    looks: SyncSender<Command>,
    /// Taken and not yet answered.
    running: BTreeSet<CommandId>,
    results: BTreeMap<CommandId, CommandResult>,
    /// Oldest first, to forget.
    order: VecDeque<CommandId>,
    /// The node has not said that it has them.
    unreceived: BTreeSet<CommandId>,
}

impl Orders {
    /// Starts the threads that obey; they end when the orders are dropped.
    pub fn start(host: Arc<impl Host>, done: UnboundedSender<CommandResult>) -> std::io::Result<Self> {
        let start = |name: &str| {
            let (queue, waiting) = sync_channel(WAITING);
            let (host, done) = (Arc::clone(&host), done.clone());
            std::thread::Builder::new().name(name.into()).spawn(move || obey(&*host, &waiting, &done))?;
            std::io::Result::Ok(queue)
        };
        let (results, order, unreceived) = Default::default();
        let (queue, looks) = (start("commands")?, start("looks")?);
        Ok(Orders { queue, looks, running: BTreeSet::new(), results, order, unreceived })
    }

    /// A result that can be sent at once, when there is one.
    pub fn take(&mut self, command: Command) -> Option<CommandResult> {
        if let Some(known) = self.results.get(&command.id) {
            return Some(known.clone());
        }
        if self.running.contains(&command.id) {
            return None;
        }
        let id = command.id.clone();
        let queue = if matches!(command.body, CommandBody::Collect(_)) { &self.looks } else { &self.queue };
        match queue.try_send(command) {
            Ok(()) => {
                self.running.insert(id);
                None
            }
            Err(TrySendError::Full(_)) => Some(self.finish(failed(id, "too many commands wait already"))),
            Err(TrySendError::Disconnected(_)) => Some(self.finish(failed(id, "the agent is ending"))),
        }
    }

    /// Remembers a result until the node has it and a while longer.
    pub fn finish(&mut self, result: CommandResult) -> CommandResult {
        self.running.remove(&result.id);
        self.unreceived.insert(result.id.clone());
        self.order.push_back(result.id.clone());
        self.results.insert(result.id.clone(), result.clone());
        while self.order.len() > REMEMBERED {
            if let Some(oldest) = self.order.pop_front() {
                self.results.remove(&oldest);
                self.unreceived.remove(&oldest);
            }
        }
        result
    }

    pub fn received(&mut self, id: &CommandId) {
        self.unreceived.remove(id);
    }

    /// To be sent again on a new session.
    pub fn unreceived(&self) -> Vec<CommandResult> {
        self.unreceived.iter().filter_map(|id| self.results.get(id)).cloned().collect()
    }
}

fn obey(host: &impl Host, waiting: &Receiver<Command>, done: &UnboundedSender<CommandResult>) {
    while let Ok(command) = waiting.recv() {
        let id = command.id.clone();
        let result = if command.is_expired(now()) {
            CommandResult { status: CommandStatus::Expired, ..failed(id, "it had expired before it was taken up") }
        } else {
            // One command that panics must not end all that come after it.
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| host.obey(command)))
                .map(|result| CommandResult { id: id.clone(), ..result })
                .unwrap_or_else(|_| failed(id, "the agent failed inside while it obeyed; its log says where"))
        };
        if done.send(result).is_err() {
            return;
        }
    }
}

fn failed(id: CommandId, detail: &str) -> CommandResult {
    CommandResult { id, status: CommandStatus::Failed, detail: detail.into(), json: String::new(), time: now() }
}

pub(crate) fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}
