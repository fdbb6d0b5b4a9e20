//! What is done: end a process tree, take a file away and give it back, let a program run or not. Each act is bounded to
//! what it was told, refuses what is protected, says what became of every part of it, and can be undone where that is
//! possible at all.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use respond::*;
//! // Kill: `also` are descendants that the process table knows and /proc no longer links to the root.
//! let report = kill_tree(root_key(), &[], &KillPolicy::default());
//! println!("{} ended, {} refused", report.killed(), report.refused());
//!
//! // Quarantine and restore.
//! let vault = Vault::open("/var/lib/tamon/vault".as_ref(), VaultConfig::default())?;
//! let item = vault.quarantine("/tmp/evil".as_ref(), &Order::because("eicar:eicar_test_file", "policy"))?;
//! vault.restore(&item.id, None)?;
//!
//! // Gate: in main(), before any thread: `if args[1] == respond::WARDEN_COMMAND { return respond::warden_main() }`
//! let gate = ExecGate::start(GateConfig::for_directories(["/tmp"]), |request: &GateRequest<'_>| {
//!     println!("{} asks for {}", request.pid, request.path.display());
//!     GateAnswer::Allow { cache: true }
//! })?;
//! println!("{:?}", gate.stats());
//! # Ok(()) }
//! # fn root_key() -> event::ProcessKey { event::ProcessKey::default() }
//! ```

mod asking;
mod clock;
pub mod collect;
mod deleter;
mod family;
mod gate;
mod kill;
mod nfs;
mod open_gate;
mod peer;
mod proc;
mod rollback;
mod undo;
mod vault;

pub use asking::{Asking, Input, Unseen, asking, opened_by};
pub use deleter::deletes;
pub use family::{Families, Forebear, Member, Origins, Trust};
pub use gate::{
    ExecGate, GateAnswer, GateConfig, GateError, GateMark, GateRequest, GateStats, Unjudged, WardenProgram, path_of,
    warden_main,
};
pub use kill::{KillPolicy, KillReport, KillStatus, Killed, kill_tree};
pub use nfs::nfs_clients_of;
pub use open_gate::{
    Access, OpenAnswer, OpenGate, OpenGateConfig, OpenGateStats, OpenJudge, OpenRequest, access_of_waiting,
};
pub use peer::peers_of;
pub use proc::{ProcessFacts, boot_id, key_of};
pub use rollback::{
    AHEAD, Actor, Entry, FileReport, Kept, Made, Name, NameKind, Renamed, Rollback, RollbackConfig, RollbackError,
    RollbackReport, RollbackStats, TreeSummary, Undone,
};
pub use undo::{ActionRecord, Undo, UndoError, UndoLog};
pub use vault::{Broken, Item, ItemState, Listing, Order, Vault, VaultConfig, VaultError};

/// First argument that makes the program the gate's warden.
pub const WARDEN_COMMAND: &str = "gate-warden";
