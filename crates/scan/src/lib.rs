//! Bytes of files to findings: SHA-256 sets and YARA rules.
//!
//! Whoever holds a file asks [`Scanner::scan`]; the bytes are read and parsed in a worker process that has nothing left:
//! no user, no network, no file system, no system calls but a few. Whatever a hostile file does there, it costs that one
//! file's verdict, which is then [`Verdict::Error`], and the next file finds a fresh worker.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // In main(), before anything else: `if args[1] == scan::WORKER_COMMAND { return scan::worker_main(); }`
//! let scanner = scan::Scanner::start(scan::ScanConfig::default())?;
//! println!("{} rules, {} rejected", scanner.loaded().rules, scanner.loaded().rejected.len());
//! let report = scanner.scan_path("/tmp/x".as_ref());          // open, scan, never fails: an error is a verdict
//! println!("{} {:?}", report.verdict.name(), report.findings);
//!
//! // `tamon scan PATH…`: reports come as they are ready, from one thread.
//! let summary = scan::cli_scan(&scanner, &["/srv".into()], &scan::WalkOptions::default(), &mut |report| {
//!     println!("{}", serde_json::to_string(&report).unwrap());
//! }, &mut |progress| eprintln!("{} files", progress.files))?;
//! std::process::exit(summary.exit_code());
//! # }
//! ```

mod cache;
mod channel;
mod cli;
mod code;
mod config;
mod content;
mod files;
mod protocol;
mod report;
mod resume;
mod rule_files;
mod scanner;
mod urgency;
mod walk;
mod worker;

pub use cache::{CacheError, VerdictCache};
pub use cli::{Progress, Summary, WalkOptions, cli_scan};
pub use code::let_go_of_code;
pub use config::{Limits, ScanConfig, WorkerProgram};
pub use protocol::Confinement;
pub use report::{ScanFinding, ScanReport, Verdict};
pub use rule_files::{LoadReport, RejectedFile};
pub use scanner::{Ask, CompileOptions, Scanner, ScannerStats, StartError, compile_signatures};
pub use urgency::{Urgency, stand_back};
pub use worker::{ConfineError, confine_update, worker_main};

/// First argument that makes the program a worker.
pub const WORKER_COMMAND: &str = "scan-worker";
