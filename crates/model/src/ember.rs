//! EMBER2024's feature version 3: a file's bytes, or a line of its published feature files, to the vector that LightGBM models
//! of that project were trained on, value for value and in its order. The layout was described by R. J. Joyce et al., "EMBER2024", KDD 2025
//! (arXiv 2506.05074) and is fixed by the `thrember` package.
//!
//! | dimensions | from | group | module |
//! |---|---|---|---|
//! | 7 | 0 | size, entropy, PE or not, first four bytes | [`bytes`] |
//! | 256 | 7 | byte histogram | [`bytes`] |
//! | 256 | 263 | byte and entropy histogram | [`bytes`] |
//! | 177 | 519 | strings | [`strings`] |
//! | 1,872 | 696 | PE: headers, sections, imports, exports, directories, Rich header, signature, warnings | |
//!
//! Where the original extractor fails on a file (an empty one, an import name that is no UTF-8) it gives no vector; here every file has one.

mod bytes;
mod numeric;
mod strings;
mod things;
mod words;

use crate::{Layout, Words};
use std::borrow::Cow;

/// Dimensions that any file has.
pub const GENERAL: usize = 7 + 256 + 256 + strings::WIDTH;

/// `ember-v3-general`: the 696 dimensions that any file has.
pub struct General;

impl Layout for General {
    fn id(&self) -> &'static str {
        "ember-v3-general"
    }

    fn width(&self) -> usize {
        GENERAL
    }

    fn extract(&self, bytes: &[u8], row: &mut Vec<f32>) {
        row.clear();
        general(bytes, false, row);
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

fn general(file: &[u8], is_pe: bool, row: &mut Vec<f32>) {
    bytes::write(file, is_pe, row);
    strings::Strings::of(file).write(row);
}

fn pe_name(index: usize) -> Cow<'static, str> {
    format!("pe.{index}").into()
}

fn pe_words(_index: usize, _value: f32) -> Words {
    Words { key: "pe", en: "the structure of the PE file", ja: "PE ファイルの構造" }
}
