//! Sets of signatures from a publisher to hosts: a signed manifest, files and deltas on any mirror, generations on the host.
//!
//! ```text
//! publish: inputs ─▶ set.tsig, rules ─▶ MIRROR/manifest.json, files/<sha256>.zst, deltas/<old>-<new>
//! update:  Source ─▶ manifest, checked ─▶ files: linked from the generation in use, patched, or whole ─▶ generation ─▶ `current`
//! ```
//!
//! A [`Source`] gives files by name: a folder here, HTTP in the program that has a client, the node over its own channel. Nothing it
//! gives is trusted: the manifest by its signature, each file by its digest, and a version below the one in use is refused.

mod delta;
mod generations;
mod keys;
mod manifest;
mod publish;
mod receive;

pub use delta::{DeltaError, apply as apply_delta, make as make_delta};
pub use generations::{Generation, Generations, GenerationsError};
pub use keys::{KeyError, PrivateKey, PublicKey};
pub use manifest::{Envelope, FileEntry, MAX_MANIFEST, Manifest, ManifestError};
pub use publish::{PublishError, Published, publish};
pub use receive::{Folder, Source, Update, UpdateError, update};

/// The compiled database in each generation.
pub const SET: &str = "set.tsig";
