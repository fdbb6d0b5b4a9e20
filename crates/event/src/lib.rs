//! The vocabulary that every other crate points at: what happened ([`Event`]), to whom ([`Process`], [`User`],
//! [`Container`]), what is thought of it ([`Finding`], [`Alert`]) and what is done about it ([`Decision`]).
//!
//! No I/O, no clock, no async. Strings stop at the edge: identities, severities, actions, tiers and techniques are types.
//! [`Column`] names each fact as ECS does, flattened with `_`; [`Fields`] is how rules, wire and store read a fact from
//! either the typed [`Event`] or the flat [`Row`] without knowing which it is.

pub mod alert;
pub mod attack;
pub mod change;
pub mod column;
pub mod decision;
pub mod file;
pub mod finding;
pub mod host;
pub mod ids;
pub mod kernel;
pub mod kind;
pub mod load;
pub mod log;
pub mod network;
pub mod observation;
pub mod process;
mod project;
pub mod quiet;
pub mod row;
pub mod sensor_loss;
pub mod severity;
pub mod tagged;
pub mod text;
pub mod tier;
pub mod time;
pub mod value;

pub use alert::{Alert, Lineage, Outcome, OutcomeStatus, ProcessSnapshot};
pub use attack::{Tactic, Technique};
pub use change::{Attribute, ChangeKind, Changed, FileChange, Found};
pub use column::{Column, ColumnType};
pub use decision::{Action, Decision, Mode, Reason};
pub use file::{File, FileEvent, FileIdentity, FileOp};
pub use finding::{Engine, Finding, HELD_BACK};
pub use host::{HostFacts, SignatureFacts};
pub use ids::{AgentId, AlertId, BootId, CommandId, HostId, IncidentId, ProcessKey, RuleId, Sha256, TenantId};
pub use kernel::{
    Bpf, ExecutableMemory, IoUring, KernelLog, ModuleLoad, NamespaceChange, Overstep, OverstepAct, OverstepEnd,
    PrivilegeChange, ProcessAccess, Refused, RefusedAct,
};
pub use kind::{Category, Event, EventKind, Via};
pub use load::CpuLoad;
pub use log::{ContainerAct, LogEvent, LogFacility, LogSays, LogSource, LogWriter, WebRequest};
pub use network::{Direction, DnsQuery, Endpoint, Flow, FlowProtocol, NetworkEvent, NetworkOp, Sent, Transport};
pub use observation::{Actor, ExecSeen, Observation, Observed};
pub use process::{Container, Credentials, Exec, Exit, Fork, Login, Package, Process, User};
pub use row::Row;
pub use sensor_loss::{LossKind, SensorLoss};
pub use severity::Severity;
pub use tagged::Tagged;
pub use tier::{Protection, Tier};
pub use time::Timestamp;
pub use value::{Fields, Value};
