//! Where things stand.

use std::path::{Path, PathBuf};

/// Root of the checkout.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// Cargo's target folder: `CARGO_TARGET_DIR` where set, so that CI can keep one outside the checkout.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// The binary of a profile.
pub fn tamon(profile: &str) -> PathBuf {
    target().join(if profile == "dev" { "debug" } else { profile }).join("tamon")
}

/// Public test data beside the checkout; not part of the project.
pub fn shared_data() -> PathBuf {
    root().join("../shared/data")
}
