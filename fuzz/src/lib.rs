//! One function a parser: bytes in, nothing out, and no panic, no endless loop, no memory without bound. `mutate` runs them
//! on stable Rust from the committed corpus; `fuzz_targets/` hands the same functions to libFuzzer.
//!
//! A target may check more than that nothing breaks: what was read and written again must be the same.

mod content;
mod databases;
mod files;
mod log_files;
mod network;
mod prevention;
mod records;

pub use content::*;
pub use databases::*;
pub use files::*;
pub use log_files::*;
pub use network::*;
pub use prevention::*;
pub use records::*;

/// A target: its name, which is its corpus folder's too, and what it does with an input.
pub type Target = (&'static str, fn(&[u8]));

macro_rules! targets {
    ($($name:ident => $function:ident),* $(,)?) => {
        pub const TARGETS: &[Target] = &[$((stringify!($name), $function)),*];
    };
}

targets! {
    baseline => fuzz_baseline,
    first_bytes => fuzz_first_bytes,
    hunt_sql => fuzz_hunt_sql,
    kernel_record => fuzz_kernel_record,
    live_log => fuzz_live_log,
    live_look => fuzz_live_look,
    log_file => fuzz_log_file,
    model_file => fuzz_model_file,
    model_text => fuzz_model_text,
    ember => fuzz_ember,
    normal => fuzz_normal,
    policy => fuzz_policy,
    pools => fuzz_pools,
    prevention => fuzz_prevention,
    rules => fuzz_rules,
    package_list => fuzz_package_list,
    row_json => fuzz_row_json,
    rpm_header => fuzz_rpm_header,
    sequence => fuzz_sequence,
    signature_text => fuzz_signature_text,
    signature_database => fuzz_signature_database,
    signature_container => fuzz_signature_container,
    signature_message => fuzz_signature_message,
    signature_mirror => fuzz_signature_mirror,
    spool_segment => fuzz_spool_segment,
    sqlite => fuzz_sqlite,
    unpack => fuzz_unpack,
    wire_batch => fuzz_wire_batch,
    wire_message => fuzz_wire_message,
    wire_record => fuzz_wire_record,
}

use records::scratch;

/// Text targets pass over what is no text.
fn text(data: &[u8]) -> Option<&str> {
    std::str::from_utf8(data).ok()
}
