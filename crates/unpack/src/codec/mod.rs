//! Decoders as readers: compressed bytes in, bytes out, an error where the stream breaks or ends early. Libraries do the
//! work; what stands here holds them to limits and to saying when something is missing.

mod base64;
mod checked;
mod compress;
mod inflate;
mod library;

pub(crate) use base64::{base64, sextet};
pub(crate) use checked::Checked;
pub(crate) use compress::Uncompress;
pub(crate) use inflate::{Format, Inflate};
pub(crate) use library::{Dictionary, bzip2, deflate64, lz4, lzip, lzma_alone, lzma_raw, ppmd8, xz, zstd};
