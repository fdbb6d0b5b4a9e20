//! The HTTP contract between the node and whoever talks to it: the console in `web/`, the command line over the admin socket.
//! Types and one table of endpoints, no server. [`openapi`] makes the OpenAPI 3.1 document from them; it is committed as
//! `web/openapi.json` (`cargo run -p console-api --example openapi` writes it, a test keeps it fresh) and the TypeScript
//! client is generated from that, so that page, command line and server cannot drift apart.
//!
//! ```
//! let update: console_api::IncidentUpdate =
//!     serde_json::from_str(r#"{"status":"resolved","reason":"our own self-test"}"#).unwrap();
//! assert_eq!(console_api::endpoint("PATCH", "/api/v1/incidents/{id}").unwrap().access, console_api::Access::Analyst);
//! assert!(update.disposition.is_none());
//! ```

pub mod actions;
pub mod admin;
pub mod alerts;
pub mod attack;
pub mod backtest;
pub mod baselines;
pub mod document;
pub mod endpoints;
pub mod events;
pub mod hosts;
pub mod hunting;
pub mod incidents;
pub mod integrity;
pub mod lockdown;
pub mod malware;
pub mod overview;
pub mod policies;
pub mod problem;
pub mod recovery;
pub mod response;
pub mod rule_list;
pub mod session;
pub mod stream;
pub mod tuning;
pub mod watch;

pub use actions::*;
pub use admin::*;
pub use alerts::*;
pub use attack::*;
pub use backtest::*;
pub use baselines::*;
pub use document::{openapi, openapi_json};
pub use endpoints::{Access, ENDPOINTS, Endpoint, endpoint};
pub use events::*;
pub use hosts::*;
pub use hunting::*;
pub use incident::investigation::{AnswerState, Answered, Investigation, Method, Spent, Vote, Weighed};
pub use incident::tuning::{Suppression, SuppressionState};
pub use incident::{
    Counters, Disposition, Edge, EdgeKind, Graph, HostRef, Incident, IncidentStatus, Node, NodeKind, PathStep,
    ProcessFacts, Sentence, Text, Time, TimelineEntry,
};
pub use incidents::*;
pub use integrity::*;
pub use lockdown::*;
pub use malware::*;
pub use overview::*;
pub use policies::*;
pub use problem::{Problem, ProblemCode};
pub use recovery::*;
pub use response::*;
pub use rule_list::*;
pub use session::*;
pub use stream::*;
pub use tuning::*;
pub use watch::*;
