//! The records that `bpf/` writes into the ring, byte for byte as `bpf/include/records.h` has them. `sensor` compares the
//! two through the compiled objects' BTF.
//!
//! A record is its fixed part and then bytes, whose lengths stand in the fixed part. [`read`] and [`Bytes`] take both apart
//! and never read past what came.

mod numbers;
mod record;

pub use numbers::*;
pub use record::*;
