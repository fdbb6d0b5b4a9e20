//! Decoders as readers: compressed bytes in, bytes out, an error where the stream breaks or ends early. Libraries do the
//! work; what stands here holds them to limits and to saying when something is missing.

mod base32;
mod base64;
mod base85;
mod checked;
mod compress;
mod explode;
mod hex;
mod huffman;
mod inflate;
mod library;
mod lzh;
mod lzss;

pub(crate) use base32::base32;
pub(crate) use base64::{base64, sextet};
pub(crate) use base85::{ascii85, base85};
pub(crate) use checked::Checked;
pub(crate) use compress::Uncompress;
pub(crate) use explode::explode;
pub(crate) use hex::hex;
pub(crate) use inflate::{Format, Inflate};
pub(crate) use library::{Dictionary, bzip2, deflate64, lz4, lzip, lzma_alone, lzma_raw, ppmd8, xz, zstd};
pub(crate) use lzh::{Window, arj_fastest, lzh};
pub(crate) use lzss::{Lzss, lzss};
