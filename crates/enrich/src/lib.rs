//! Turns what the sensor saw ([`event::Observation`]) into what the other stages work on ([`event::Event`]): who acted, of
//! which program, parent, user, unit, container, package, with which digest.
//!
//! ```no_run
//! # fn observations() -> Vec<event::Observation> { Vec::new() }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let enricher = enrich::Enricher::new(enrich::Config::for_this_host()?)?;
//! enricher.snapshot_proc(); // after the sensor is attached, so that nobody slips between; or seed() from its iterator
//! for observation in observations() {
//!     let event = enricher.observe(observation);
//!     if let Some(process) = &event.process {
//!         let _story = enricher.lineage(&process.key); // the process first, then its ancestors
//!     }
//! }
//! # Ok(()) }
//! ```
//!
//! All methods take `&self`; the stages call [`Enricher::observe`] from one thread (order matters), the rest from any.
//! A known process costs well under 2 µs. Files are read by one background thread. When an exec shows a program file for the first
//! time, `observe` waits for its digest and package up to [`Config::first_sight_wait`], and at most a fixed share of the
//! time in all; what comes later is put into the table and shows from the process's next event on.

mod cgroup;
mod clock;
mod coming;
mod config;
mod container;
mod container_image;
mod digest;
mod dpkg;
mod enricher;
mod facts;
mod image;
mod intern;
mod layers;
mod listed;
mod package_files;
mod packages;
mod proc;
mod rate;
mod rpm;
mod sqlite;
mod stats;
mod table;
mod users;
mod verify;
mod vouch;

pub use config::{Config, ConfigError};
pub use container_image::Layers;
pub use enricher::Enricher;
pub use layers::container_at;
pub use listed::ListedDigest;
pub use package_files::{PackageFile, PackageFiles};
pub use stats::Stats;
pub use verify::{Verified, verify};
pub use vouch::{Packages, Vouched};

/// For the fuzz targets: the readers of files that a package manager, or somebody in its name, wrote.
#[doc(hidden)]
pub mod fuzzing {
    /// Paths that the databases below `root` know an owner of.
    pub fn owned_paths(root: &std::path::Path) -> usize {
        let mut packages = crate::packages::PackageIndex::new(root.to_path_buf());
        packages.refresh();
        packages.paths()
    }

    /// Files that a header of rpm's database names.
    pub fn rpm_header(blob: &[u8]) -> usize {
        crate::rpm::installed(blob).map_or(0, |installed| installed.files.len())
    }
}
