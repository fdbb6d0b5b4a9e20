//! ClamAV's database formats, as its documentation describes them: lines of text to patterns, logical signatures, digests and
//! rules of containers. Each parser takes one line and gives a value or the reason why not; nothing is skipped in silence.

pub mod body;
pub mod container;
pub mod detached;
pub mod expression;
pub mod extended;
pub mod hash_lines;
pub mod header_signature;
pub mod ignore;
pub mod logical;
pub mod metadata;
pub mod offset;
pub mod special;

/// The functionality level whose signatures are taken: ClamAV 1.4's. A signature for other levels only is not loaded.
pub const ENGINE_LEVEL: u32 = 214;

/// Why a line was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// It is not what the format says.
    #[error("{0}")]
    Malformed(String),
    /// It is well-formed, and this program cannot match it.
    #[error("{0}")]
    Unsupported(String),
    /// It is for other versions of the engine.
    #[error("for functionality levels {0} to {1}; this is {ENGINE_LEVEL}")]
    OtherLevel(u32, u32),
}

pub(crate) fn malformed(why: impl Into<String>) -> LineError {
    LineError::Malformed(why.into())
}

pub(crate) fn unsupported(why: impl Into<String>) -> LineError {
    LineError::Unsupported(why.into())
}

/// `min` and `max` as they stand in trailing fields; an absent or empty one is no bound.
pub(crate) fn check_level(min: Option<&str>, max: Option<&str>) -> Result<(), LineError> {
    let level = |text: Option<&str>, absent: u32| match text.map(str::trim).filter(|text| !text.is_empty()) {
        None => Ok(absent),
        Some(text) => text.parse().map_err(|_| malformed(format!("{text:?} is not a functionality level"))),
    };
    let (min, max) = (level(min, 0)?, level(max, u32::MAX)?);
    if (min..=max).contains(&ENGINE_LEVEL) { Ok(()) } else { Err(LineError::OtherLevel(min, max)) }
}

pub(crate) fn check_name(name: &str) -> Result<&str, LineError> {
    let fits = !name.is_empty() && name.len() <= crate::names::MAX_NAME && !name.chars().any(char::is_control);
    if fits { Ok(name) } else { Err(malformed("no usable name")) }
}

/// `n`, `n-m`, or `*`.
pub(crate) fn range(text: &str) -> Result<Option<(u64, u64)>, LineError> {
    if text == "*" || text.is_empty() {
        return Ok(None);
    }
    let number = |text: &str| text.parse::<u64>().map_err(|_| malformed(format!("{text:?} is not a number")));
    let (low, high) = match text.split_once('-') {
        None => (number(text)?, number(text)?),
        Some((low, "")) => (number(low)?, u64::MAX),
        Some(("", high)) => (0, number(high)?),
        Some((low, high)) => (number(low)?, number(high)?),
    };
    if low <= high { Ok(Some((low, high))) } else { Err(malformed(format!("{text:?} is an empty range"))) }
}
