//! Hash sets and ClamAV-format signatures: files of signatures to one compiled database, and a database to one matcher.
//!
//! [`build`] reads databases (`.cvd .cld .hdb .hsb .mdb .msb .ndb .ldb .cdb .fp .sfp .ign .ign2`, their `…u` forms, lists of digests) and
//! writes one file; its [`Report`] names every line that is not used and why. [`Database`] opens that file by mapping it, in the
//! same time whatever it holds. It is read-only and shared: open it before a fork (or hand the descriptor to
//! [`Database::from_file`]), and all children have the same pages, of which only those that are touched are resident.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use signatures::{BuildOptions, Database, Digests, Object, ScanOptions, build_file};
//!
//! let report = build_file(&["/var/lib/clamav".into()], &BuildOptions::default(), "/var/lib/tamon/set.tsig".as_ref())?;
//! println!("{} of {} usable", report.usable, report.signatures);
//!
//! let database = Database::open("/var/lib/tamon/set.tsig".as_ref())?;   // before the fork
//! let bytes = std::fs::read("/tmp/x")?;
//! let size = bytes.len() as u64;
//!
//! // 1. Digests: only those that a file of this size can be known by need to be computed.
//! let digests = Digests::of(&bytes, database.wanted(size));
//! let known = database.lookup(&digests, size, false)?;
//! if known.allowed.is_none() {
//!     // 2. Patterns, logical signatures, digests of PE sections. `containers` says what a member lies in.
//!     let outcome = database.scan(&Object::file(&bytes), &ScanOptions::default())?;
//!     for hit in known.hits.iter().chain(&outcome.hits) {
//!         println!("{} {:?}", hit.name, hit.by);
//!     }
//!     // 3. Never clean when `outcome.incomplete` says why not all was matched; `outcome.handle_as` names other types to open it as.
//! }
//! // 4. For each member of a container, before it is unpacked: `database.member(&Member { … })`.
//! # Ok(())
//! # }
//! ```
//!
//! An `Err(Corrupt)` means that the database file contradicts itself: what was asked is then unknown, not clean.

mod build;
pub mod clamav;
mod database;
mod file;
mod hashes;
mod layout;
mod logical;
mod map;
mod names;
pub mod normalise;
mod pattern;
mod report;
mod scan;
mod target;
pub mod update;

pub use clamav::detached::Certificates;

/// Where ClamAV's packages install the certificates of its detached signatures.
pub const CLAMAV_CERTIFICATES: &str = "/etc/clamav/certs";

pub use build::inputs::parse_line;
pub use build::{BuildError, BuildOptions, Builder, Scratch, build, build_file, build_open, find, into_file};
pub use database::{By, Database, HashCount, Hit, Info, Lookup, Member};
pub use file::{Corrupt, OpenError, VERSION};
pub use hashes::{Algorithm, Digests, HashEntry, Place, Wanted};
pub use layout::Layout;
pub use report::{ContainerReport, Reason, Rejected, Report};
pub use scan::{Object, Outcome, ScanOptions};
pub use target::{FileType, Target};
