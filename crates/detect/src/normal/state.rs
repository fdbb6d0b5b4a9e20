//! What was learned, as bytes, and back: a mark, the digest of the rest, a version, the rest. What does not fit is an error,
//! and the host is learned anew. Files are the caller's.

use super::habits::Habits;
use super::rhythm::Rhythms;
use super::spread::Spread;
use super::volume::Volumes;
use super::{Normal, NormalConfig, Told};
use event::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::VecDeque;

const MARK: &[u8; 8] = b"TMNORM\0\x01";
const DIGEST: usize = 32;
/// What is larger was not written here.
pub const MOST_BYTES: usize = 32 << 20;
/// Of the form of what follows the digest.
const VERSION: u16 = 1;

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum StateError {
    #[error("learned in a form of version {0}, not {VERSION}")]
    Version(u16),
    #[error("not what was written: {0}")]
    Damaged(String),
}

#[derive(Serialize)]
struct Borrowed<'a> {
    version: u16,
    began: Timestamp,
    last: Timestamp,
    acts: u64,
    habits: &'a Habits,
    rhythms: &'a Rhythms,
    spread: &'a Spread,
    volumes: &'a Volumes,
    told: &'a VecDeque<Told>,
}

#[derive(Deserialize)]
struct Owned {
    began: Timestamp,
    last: Timestamp,
    acts: u64,
    habits: Habits,
    rhythms: Rhythms,
    spread: Spread,
    volumes: Volumes,
    told: VecDeque<Told>,
}

impl Normal {
    pub fn encode(&self) -> Result<Vec<u8>, StateError> {
        let rest = postcard::to_allocvec(&Borrowed {
            version: VERSION,
            began: self.began,
            last: self.last,
            acts: self.acts,
            habits: &self.habits,
            rhythms: &self.rhythms,
            spread: &self.spread,
            volumes: &self.volumes,
            told: &self.told,
        })
        .map_err(|error| StateError::Damaged(error.to_string()))?;
        Ok([MARK.as_slice(), &Sha256::digest(&rest), &rest].concat())
    }

    /// The seed is that of the bytes; the limits are `config`'s.
    pub fn decode(bytes: &[u8], config: NormalConfig) -> Result<Normal, StateError> {
        let damaged = |what: &str| StateError::Damaged(what.to_owned());
        if bytes.len() > MOST_BYTES {
            return Err(damaged("it is too large"));
        }
        let rest = bytes.strip_prefix(MARK).ok_or_else(|| damaged("it has another beginning"))?;
        let (digest, bytes) = rest.split_at_checked(DIGEST).ok_or_else(|| damaged("it ends too soon"))?;
        if Sha256::digest(bytes)[..] != *digest {
            return Err(damaged("its digest is another"));
        }
        let (version, rest) =
            postcard::take_from_bytes::<u16>(bytes).map_err(|error| StateError::Damaged(error.to_string()))?;
        if version != VERSION {
            return Err(StateError::Version(version));
        }
        let mut state: Owned = postcard::from_bytes(rest).map_err(|error| StateError::Damaged(error.to_string()))?;
        let whole = state.habits.index(config.most_subjects, config.most_items)
            && state.rhythms.pool.index(config.most_rhythms)
            && state.spread.index(config.most_followed)
            && state.volumes.index(config.most_followed)
            && state.told.len() <= super::telling::TOLD;
        if !whole {
            return Err(damaged("its parts do not fit together"));
        }
        let config = NormalConfig { seed: state.habits.seed, ..config };
        let fresh = Normal::new(config);
        Ok(Normal {
            habits: state.habits,
            rhythms: state.rhythms,
            spread: state.spread,
            volumes: state.volumes,
            told: state.told,
            began: state.began,
            last: state.last,
            acts: state.acts,
            ..fresh
        })
    }
}
