//! EMBER2024's feature version 3: a file's bytes, or a line of its published feature files, to the vector that LightGBM models
//! of that project were trained on, value for value and in its order. The layout was described by R. J. Joyce et al., "EMBER2024", KDD 2025
//! (arXiv 2506.05074) and is fixed by the `thrember` package.
//!
//! | dimensions | from | group | file |
//! |---|---|---|---|
//! | 7 | 0 | size, entropy, PE or not, first four bytes | `bytes` |
//! | 256 | 7 | byte histogram | `bytes` |
//! | 256 | 263 | byte and entropy histogram | `bytes` |
//! | 177 | 519 | strings | `strings`, `finder`, `things` |
//! | 74 | 696 | DOS, COFF and optional header | `structure` |
//! | 224 | 770 | sections and overlay | `structure` |
//! | 1,282 | 994 | imports | `structure` |
//! | 129 | 2,276 | exports | `structure` |
//! | 34 | 2,405 | data directories | `structure` |
//! | 33 | 2,439 | Rich header | `structure` |
//! | 8 | 2,472 | Authenticode signature | `authenticode` |
//! | 88 | 2,480 | complaints of the original's PE reader | `pe` |
//!
//! Where the original extractor fails on a file (an empty one, a library's name that is no UTF-8) it gives no vector; here every
//! file has one. Where its result hangs on chance (a complaint that two of its patterns match) the longer pattern is taken.

mod addresses;
mod authenticode;
mod ber;
mod bytes;
mod finder;
mod hashing;
mod line;
mod numeric;
mod pe;
mod strings;
mod structure;
mod things;
mod words;

pub use line::{LineError, vectorize, vectorize_general};

use crate::{Layout, Words};
use std::borrow::Cow;

/// Dimensions that any file has.
pub const GENERAL: usize = 7 + 256 + 256 + strings::WIDTH;
/// All dimensions.
pub const FULL: usize = GENERAL + structure::WIDTH;

/// `ember-v3-general`: the 696 dimensions that any file has.
pub struct General;

/// `ember-v3`: all 2,568 dimensions; those of PE are zero for other files.
pub struct Full;

impl Layout for General {
    fn id(&self) -> &'static str {
        "ember-v3-general"
    }

    fn width(&self) -> usize {
        GENERAL
    }

    fn extract(&self, file: &[u8], row: &mut Vec<f32>) {
        row.clear();
        let counts = bytes::Counts::of(file);
        let is_pe = file.starts_with(b"MZ") && pe::Pe::read(file, &counts.bytes).is_some();
        bytes::write(file, &counts, is_pe, row);
        strings::Strings::of(file, &counts.bytes).write(row);
    }

    fn name(&self, index: usize) -> Cow<'static, str> {
        words::name(index)
    }

    fn words(&self, index: usize, value: f32) -> Words {
        words::words(index, value)
    }

    fn categorical(&self) -> &'static [usize] {
        &[2, 3, 4, 5, 6]
    }
}

impl Layout for Full {
    fn id(&self) -> &'static str {
        "ember-v3"
    }

    fn width(&self) -> usize {
        FULL
    }

    fn extract(&self, file: &[u8], row: &mut Vec<f32>) {
        row.clear();
        let counts = bytes::Counts::of(file);
        let pe = if file.starts_with(b"MZ") { pe::Pe::read(file, &counts.bytes) } else { None };
        bytes::write(file, &counts, pe.is_some(), row);
        strings::Strings::of(file, &counts.bytes).write(row);
        match pe {
            Some(pe) => structure::Structure::of(&pe).write(row),
            None => row.resize(FULL, 0.0),
        }
    }

    fn name(&self, index: usize) -> Cow<'static, str> {
        words::name(index)
    }

    fn words(&self, index: usize, value: f32) -> Words {
        words::words(index, value)
    }

    fn categorical(&self) -> &'static [usize] {
        &[2, 3, 4, 5, 6, 701, 702]
    }
}
