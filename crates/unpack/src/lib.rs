//! Opens archives and containers, a member at a time, within limits.
//!
//! The bytes of a file come in, as a slice or as an open file read by position; each member of it, and of the containers
//! within, goes to a visitor; the walk's [`Outcome`] lists every place that was *not* read to its end, and why. Nothing
//! here writes, makes a thread or a temporary file, reads the environment or opens a path: it runs in `scan`'s worker,
//! which is allowed none of that. Memory is bounded by [`Limits`], whatever headers say.
//!
//! ```
//! # fn judge(_: &unpack::Member) {}
//! # let bytes: &[u8] = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
//! use unpack::{Flow, Limits, Piece};
//! let outcome = unpack::walk(&bytes, Some("upload.zip"), &Limits::default(), &mut |member| {
//!     // `member.path` is "upload.zip!a/b.tar.gz!b.tar!evil.sh". A member up to `window_bytes` comes whole.
//!     if matches!(member.piece, Piece::Only | Piece::First) {
//!         judge(member);
//!     }
//!     Flow::Open
//! });
//! if !outcome.complete() {
//!     for unread in &outcome.unread {
//!         eprintln!("{}: {} {}", unread.path, unread.reason.sentence(), unread.detail);
//!     }
//! }
//! ```
//!
//! The file itself is not given to the visitor: the caller has it. Formats: see [`Kind::is_container`]; programs, pictures
//! and scripts are looked through for what hangs at them or lies in them.

mod codec;
mod format;
mod kind;
mod limits;
mod member;
mod meter;
mod outcome;
mod source;
mod text_kind;
mod walk;

pub use kind::{KIND_BYTES, Kind, kind, other_archive};
pub use limits::Limits;
pub use member::{Flow, Member, Piece};
pub use outcome::{Odd, Oddity, Outcome, Reason, Unread};
pub use source::{FileSource, Source};

/// Walks all members of what `source` holds. `name` begins the paths. Never fails: what could not be read is in the
/// outcome, and an outcome that is not [`Outcome::complete`] is not clean.
pub fn walk(
    source: &dyn Source,
    name: Option<&str>,
    limits: &Limits,
    visitor: &mut dyn FnMut(&Member<'_>) -> Flow,
) -> Outcome {
    walk::run(source, name, None, limits, visitor)
}

/// The same, with the reader of `kind` whatever the bytes begin with: for fuzzing one reader, or where the kind is known
/// from elsewhere. Kinds of which nothing is opened give an empty outcome.
pub fn walk_as(
    kind: Kind,
    source: &dyn Source,
    limits: &Limits,
    visitor: &mut dyn FnMut(&Member<'_>) -> Flow,
) -> Outcome {
    walk::run(source, None, Some(kind), limits, visitor)
}
