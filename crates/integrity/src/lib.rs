//! File integrity: a sealed baseline of the trees that policy watches, what is different from it, before and after, and
//! how much that matters. Reads the disk, never changes it outside its own folder; who did it is the agent's to know.
//!
//! ```no_run
//! use integrity::{Home, Scope, TakeOptions};
//! let scope = Scope::new(&verdict::Integrity::default());
//! let home = Home::create("/var/lib/tamon/agent/integrity".as_ref())?;
//! let taken = integrity::take(&home, &scope, &TakeOptions::default())?;
//! println!("{} files, {} could not be read", taken.files, taken.unread);
//! let found = integrity::check(&home, &scope)?;
//! for difference in &found.differences {
//!     println!("{} {}", difference.what.action(), difference.path);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The way of a change: [`read`] takes the facts of a file, [`compare`] holds them against what was [`Known`], [`diff`]
//! shows text before and after, [`Judge`] says which rule of the policy it breaks. A change that the package manager made and
//! whose digest is the package's is expected ([`expected`]); it goes into what is known and needs nobody.

mod acl;
mod baseline;
mod below;
mod check;
mod compare;
pub mod content;
mod diff;
pub mod expected;
mod facts;
mod home;
mod journal;
mod judge;
mod key;
mod known;
mod mask;
mod read;
pub mod report;
mod scope;
mod told;
mod walk;

pub use baseline::{Baseline, BaselineError, Header, Writer};
pub use check::{Difference, Found, Options, check, difference, differences};
pub use compare::{compare, same_but_for_times};
pub use diff::{Diff, diff};
pub use facts::{Content, Facts, Kind};
pub use home::{Home, HomeError, TakeOptions, Taken, take};
pub use journal::{Journal, JournalError};
pub use judge::{Judge, Ruling};
pub use key::{KeyError, SealKey};
pub use known::{Known, KnownError, Side};
pub use mask::Mask;
pub use read::{Hashes, ReadError, facts_of, hash_file, real_path};
pub use scope::Scope;
pub use told::Told;
pub use walk::{Progress, Visitor, WalkReport, Wanted, walk};

/// For the fuzz targets: the reader of baselines without what keeps strangers' bytes away from it.
#[doc(hidden)]
pub mod fuzzing {
    pub fn baseline_block(bytes: &[u8]) {
        if let Ok(entries) = crate::baseline::codec::read_block(bytes) {
            let again = crate::baseline::codec::write_block(&entries).expect("what was read can be written");
            assert_eq!(crate::baseline::codec::read_block(&again).as_deref(), Ok(entries.as_slice()));
        }
    }

    /// A block and an index, to begin from.
    pub fn samples() -> [Vec<u8>; 2] {
        let facts = crate::Facts { size: 5, mode: 0o644, target: b"x".to_vec(), ..crate::Facts::default() };
        let entry = |path: &[u8]| crate::baseline::codec::Entry {
            path: path.to_vec(),
            facts: Some(facts.clone()),
            accepted: true,
        };
        let block = |offset: u64, first: &[u8]| crate::baseline::codec::BlockRef {
            offset,
            length: 9,
            sha256: [7; 32],
            first: first.to_vec(),
        };
        let entries = [entry(b"/etc/group"), entry(b"/etc/passwd")];
        let blocks = [block(12, b"/etc/group"), block(21, b"/usr")];
        let block = crate::baseline::codec::write_block(&entries).expect("two entries can be written");
        [block, crate::baseline::codec::write_index(&blocks)]
    }

    pub fn baseline_index(bytes: &[u8]) {
        let _ = crate::baseline::codec::read_index(bytes);
    }
}
