//! What the node asks of an agent, and what came of it.

use crate::limits::{MAX_ASKED, MAX_POLICY, MAX_RESULT, MAX_TEXT};
use crate::v1;
use event::text::clip;
use event::{CommandId, Timestamp};

/// Process trees in one order.
const MAX_TREES: usize = 1_024;
/// Paths of one scan.
const MAX_PATHS: usize = 256;

/// Done once by the agent, however often it comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    pub id: CommandId,
    pub issued_by: String,
    pub reason: String,
    /// After it the agent refuses.
    pub expires: Timestamp,
    pub body: CommandBody,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandBody {
    /// The process and its descendants; refused when pid and start no longer belong together.
    KillTree {
        entity_id: String,
        pid: u32,
        start_ticks: u64,
    },
    /// With `sha256`, a file of another digest is left alone.
    Quarantine {
        path: String,
        entity_id: Option<String>,
        sha256: Option<String>,
    },
    /// An item of the vault.
    Restore {
        item: String,
    },
    /// The result's JSON is the list of live processes.
    CollectProcesses,
    /// The result's JSON is what the host has learned to be normal: `asked` says what of it.
    CollectBaselines {
        asked: String,
    },
    /// The result's JSON is the list of what the vault holds.
    ListQuarantine,
    SetPolicy {
        version: u64,
        toml: String,
    },
    /// Undoes what these process trees (entity ids) did to guarded files; the result's JSON reports each file.
    RollBack {
        trees: Vec<String>,
        preview: bool,
    },
    /// The result's JSON lists the trees of which something is kept.
    ListRollback,
    /// Looks at the host and changes nothing; the result's JSON is a table.
    Collect(Collect),
    /// The result's JSON is the document of `tamon status`.
    CollectStatus,
    /// The result's JSON has the policy in force as it was written.
    ShowPolicy,
    /// JSON, as the node has stored it: program starts, and what those did that the policy's profiles name; without the
    /// latter it is what the host has recorded itself. The result's JSON is that of `tamon policy simulate`.
    SimulatePolicy {
        toml: String,
        past: String,
        acts: Option<String>,
    },
    /// JSON: a request of `tamon lockdown`.
    AskLockdown {
        ask: String,
    },
    /// The scan goes on after the result, under the command's id.
    StartScan {
        paths: Vec<String>,
    },
    StopScan {
        job: String,
    },
    /// The result's JSON lists the scans that were ordered.
    ListScans,
    /// What restoring an item of the vault would come to.
    PreviewRestore {
        item: String,
    },
    /// The result's JSON has the operator's rules, and what of all rules cannot be used.
    ListRules,
    /// JSON: all that is not worth telling on this host, in place of what was given before.
    SetQuiet {
        quiet: String,
    },
    Ping,
}

/// A look at the host within limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collect {
    pub look: Look,
    /// Entity id, pid and start of the process that it is about.
    pub process: Option<(String, u32, u64)>,
    /// The file that it is about.
    pub path: Option<String>,
    pub max_items: u32,
    /// Of file content.
    pub max_bytes: u64,
    pub max_milliseconds: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Look {
    Memory,
    OpenFiles,
    Sockets,
    Persistence,
    Modules,
    HiddenProcesses,
    KernelHooks,
    Logins,
    File,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandResult {
    pub id: CommandId,
    pub status: CommandStatus,
    /// In words.
    pub detail: String,
    /// What was asked for, as one JSON document; empty when nothing was.
    pub json: String,
    pub time: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CommandStatus {
    Done,
    Failed,
    /// Understood and not done: wrong process, protected file, bad policy.
    Refused,
    Expired,
    /// The agent does not know the command.
    Unsupported,
}

impl CommandStatus {
    pub const fn name(self) -> &'static str {
        match self {
            CommandStatus::Done => "done",
            CommandStatus::Failed => "failed",
            CommandStatus::Refused => "refused",
            CommandStatus::Expired => "expired",
            CommandStatus::Unsupported => "unsupported",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// The caller answers [`CommandStatus::Unsupported`] under this id.
    #[error("command {0} is of a kind that this build does not know")]
    Unknown(CommandId),
    #[error("a command without an id")]
    NoId,
    #[error("command {id}: {what} of {bytes} bytes is over the limit of {limit}")]
    TooLarge { id: CommandId, what: &'static str, bytes: usize, limit: usize },
}

impl Command {
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now > self.expires
    }
}

/// An id that fits a log line and a map's key.
fn id(text: String) -> Result<CommandId, CommandError> {
    if text.is_empty() || text.len() > 128 { Err(CommandError::NoId) } else { Ok(CommandId(text)) }
}

impl From<Command> for v1::Command {
    fn from(command: Command) -> Self {
        use v1::command::Body;
        let body = match command.body {
            CommandBody::KillTree { entity_id, pid, start_ticks } => {
                Body::KillTree(v1::KillTree { entity_id, pid, start_ticks })
            }
            CommandBody::Quarantine { path, entity_id, sha256 } => Body::Quarantine(v1::Quarantine {
                path,
                entity_id: entity_id.unwrap_or_default(),
                sha256: sha256.unwrap_or_default(),
            }),
            CommandBody::Restore { item } => Body::Restore(v1::Restore { item }),
            CommandBody::CollectProcesses => Body::CollectProcesses(v1::CollectProcesses {}),
            CommandBody::CollectBaselines { asked } => Body::CollectBaselines(v1::CollectBaselines { asked }),
            CommandBody::ListQuarantine => Body::ListQuarantine(v1::ListQuarantine {}),
            CommandBody::SetPolicy { version, toml } => Body::SetPolicy(v1::SetPolicy { version, toml }),
            CommandBody::RollBack { trees, preview } => Body::RollBack(v1::RollBack { trees, preview }),
            CommandBody::ListRollback => Body::ListRollback(v1::ListRollback {}),
            CommandBody::Collect(collect) => Body::Collect(collect.into()),
            CommandBody::CollectStatus => Body::CollectStatus(v1::CollectStatus {}),
            CommandBody::ShowPolicy => Body::ShowPolicy(v1::ShowPolicy {}),
            CommandBody::SimulatePolicy { toml, past, acts } => {
                Body::SimulatePolicy(v1::SimulatePolicy { toml, past, acts: acts.unwrap_or_default() })
            }
            CommandBody::AskLockdown { ask } => Body::AskLockdown(v1::AskLockdown { ask }),
            CommandBody::StartScan { paths } => Body::StartScan(v1::StartScan { paths }),
            CommandBody::StopScan { job } => Body::StopScan(v1::StopScan { job }),
            CommandBody::ListScans => Body::ListScans(v1::ListScans {}),
            CommandBody::PreviewRestore { item } => Body::PreviewRestore(v1::PreviewRestore { item }),
            CommandBody::ListRules => Body::ListRules(v1::ListRules {}),
            CommandBody::SetQuiet { quiet } => Body::SetQuiet(v1::SetQuiet { quiet }),
            CommandBody::Ping => Body::Ping(v1::Ping {}),
        };
        v1::Command {
            id: command.id.0,
            issued_by: command.issued_by,
            reason: command.reason,
            expires: command.expires.0,
            body: Some(body),
        }
    }
}

impl TryFrom<v1::Command> for Command {
    type Error = CommandError;
    fn try_from(command: v1::Command) -> Result<Self, CommandError> {
        use v1::command::Body;
        let id = id(command.id)?;
        let some = |text: String| (!text.is_empty()).then_some(text);
        let within = |what, bytes: usize, limit: usize| {
            let fits = bytes <= limit;
            fits.then_some(()).ok_or_else(|| CommandError::TooLarge { id: id.clone(), what, bytes, limit })
        };
        let body = match command.body.ok_or_else(|| CommandError::Unknown(id.clone()))? {
            Body::KillTree(kill) => {
                CommandBody::KillTree { entity_id: kill.entity_id, pid: kill.pid, start_ticks: kill.start_ticks }
            }
            Body::Quarantine(q) => {
                CommandBody::Quarantine { path: q.path, entity_id: some(q.entity_id), sha256: some(q.sha256) }
            }
            Body::Restore(restore) => CommandBody::Restore { item: restore.item },
            Body::CollectProcesses(_) => CommandBody::CollectProcesses,
            Body::CollectBaselines(order) if order.asked.len() > MAX_TEXT => {
                let bytes = order.asked.len();
                return Err(CommandError::TooLarge { id, what: "question", bytes, limit: MAX_TEXT });
            }
            Body::CollectBaselines(order) => CommandBody::CollectBaselines { asked: order.asked },
            Body::ListQuarantine(_) => CommandBody::ListQuarantine,
            Body::SetPolicy(policy) => {
                within("policy", policy.toml.len(), MAX_POLICY)?;
                CommandBody::SetPolicy { version: policy.version, toml: policy.toml }
            }
            Body::RollBack(order) => {
                within("list of trees", order.trees.len(), MAX_TREES)?;
                CommandBody::RollBack { trees: order.trees, preview: order.preview }
            }
            Body::ListRollback(_) => CommandBody::ListRollback,
            Body::Collect(collect) => match Collect::read(collect) {
                Some(collect) => CommandBody::Collect(collect),
                // A look that a newer node knows.
                None => return Err(CommandError::Unknown(id)),
            },
            Body::CollectStatus(_) => CommandBody::CollectStatus,
            Body::ShowPolicy(_) => CommandBody::ShowPolicy,
            Body::SimulatePolicy(asked) => {
                within("policy", asked.toml.len(), MAX_POLICY)?;
                within("list of what ran", asked.past.len(), MAX_ASKED)?;
                within("list of what was done", asked.acts.len(), MAX_ASKED)?;
                let acts = Some(asked.acts).filter(|acts| !acts.is_empty());
                CommandBody::SimulatePolicy { toml: asked.toml, past: asked.past, acts }
            }
            Body::AskLockdown(asked) => {
                within("question", asked.ask.len(), MAX_ASKED)?;
                CommandBody::AskLockdown { ask: asked.ask }
            }
            Body::StartScan(scan) => {
                within("list of paths", scan.paths.len(), MAX_PATHS)?;
                CommandBody::StartScan { paths: scan.paths }
            }
            Body::StopScan(scan) => CommandBody::StopScan { job: scan.job },
            Body::ListScans(_) => CommandBody::ListScans,
            Body::PreviewRestore(asked) => CommandBody::PreviewRestore { item: asked.item },
            Body::ListRules(_) => CommandBody::ListRules,
            Body::SetQuiet(given) => {
                within("list of suppressions", given.quiet.len(), MAX_ASKED)?;
                CommandBody::SetQuiet { quiet: given.quiet }
            }
            Body::Ping(_) => CommandBody::Ping,
        };
        let expires = Timestamp(command.expires);
        Ok(Command { id, issued_by: command.issued_by, reason: command.reason, expires, body })
    }
}

impl Look {
    const ALL: [(Look, v1::Look); 9] = [
        (Look::Memory, v1::Look::Memory),
        (Look::OpenFiles, v1::Look::OpenFiles),
        (Look::Sockets, v1::Look::Sockets),
        (Look::Persistence, v1::Look::Persistence),
        (Look::Modules, v1::Look::Modules),
        (Look::HiddenProcesses, v1::Look::HiddenProcesses),
        (Look::KernelHooks, v1::Look::KernelHooks),
        (Look::Logins, v1::Look::Logins),
        (Look::File, v1::Look::File),
    ];
}

impl From<Collect> for v1::Collect {
    fn from(collect: Collect) -> Self {
        let (entity_id, pid, start_ticks) = collect.process.unwrap_or_default();
        let look = Look::ALL.iter().find(|(look, _)| *look == collect.look);
        v1::Collect {
            look: look.map_or(v1::Look::Unspecified, |(_, look)| *look).into(),
            entity_id,
            pid,
            start_ticks,
            path: collect.path.unwrap_or_default(),
            max_items: collect.max_items,
            max_bytes: collect.max_bytes,
            max_milliseconds: collect.max_milliseconds,
        }
    }
}

impl Collect {
    /// None for a look that this build does not know.
    fn read(collect: v1::Collect) -> Option<Collect> {
        let asked = v1::Look::try_from(collect.look).ok()?;
        let (look, _) = Look::ALL.iter().find(|(_, look)| *look == asked)?;
        let process = (collect.pid != 0).then_some((collect.entity_id, collect.pid, collect.start_ticks));
        Some(Collect {
            look: *look,
            process,
            path: (!collect.path.is_empty()).then_some(collect.path),
            max_items: collect.max_items,
            max_bytes: collect.max_bytes,
            max_milliseconds: collect.max_milliseconds,
        })
    }
}

impl From<CommandResult> for v1::CommandResult {
    /// A JSON document over the limit is left out and the detail says so: half a document is of no use.
    fn from(result: CommandResult) -> Self {
        let mut detail = clip(&result.detail, MAX_TEXT).to_owned();
        let mut json = result.json;
        if json.len() > MAX_RESULT {
            detail = format!("{detail} (its document of {} bytes is over the limit of {MAX_RESULT})", json.len());
            json = String::new();
        }
        let status = match result.status {
            CommandStatus::Done => v1::CommandStatus::Done,
            CommandStatus::Failed => v1::CommandStatus::Failed,
            CommandStatus::Refused => v1::CommandStatus::Refused,
            CommandStatus::Expired => v1::CommandStatus::Expired,
            CommandStatus::Unsupported => v1::CommandStatus::Unsupported,
        };
        v1::CommandResult { id: result.id.0, status: status.into(), detail, json, time: result.time.0 }
    }
}

impl TryFrom<v1::CommandResult> for CommandResult {
    type Error = CommandError;
    fn try_from(result: v1::CommandResult) -> Result<Self, CommandError> {
        let id = id(result.id)?;
        if result.json.len() > MAX_RESULT {
            let bytes = result.json.len();
            return Err(CommandError::TooLarge { id, what: "result", bytes, limit: MAX_RESULT });
        }
        let status = match v1::CommandStatus::try_from(result.status) {
            Ok(v1::CommandStatus::Done) => CommandStatus::Done,
            Ok(v1::CommandStatus::Refused) => CommandStatus::Refused,
            Ok(v1::CommandStatus::Expired) => CommandStatus::Expired,
            Ok(v1::CommandStatus::Unsupported) => CommandStatus::Unsupported,
            // What is not understood was not done.
            Ok(v1::CommandStatus::Failed | v1::CommandStatus::Unspecified) | Err(_) => CommandStatus::Failed,
        };
        let time = Timestamp(result.time);
        Ok(CommandResult { id, status, detail: result.detail, json: result.json, time })
    }
}
