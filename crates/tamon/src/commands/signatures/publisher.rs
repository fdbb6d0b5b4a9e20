//! The publisher's side: a key, and a mirror that it signs.

use super::report;
use crate::output::{self, Output};
use anyhow::{Context as _, Result};
use scan::CompileOptions;
use serde_json::json;
use signatures::update::{self, PrivateKey, PublishError};
use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

pub fn publish(
    mirror: &Path,
    inputs: &[PathBuf],
    key: &Path,
    version: Option<u64>,
    options: &CompileOptions,
    print: Output,
) -> Result<()> {
    let text = std::fs::read_to_string(key).with_context(|| format!("cannot read {}", key.display()))?;
    let key = PrivateKey::parse(&text).with_context(|| format!("{}", key.display()))?;
    let compile = |file: &mut File| {
        scan::compile_signatures(inputs, options, file).map_err(|error| PublishError::Compile(error.into()))
    };
    let published = update::publish(mirror, inputs, &key, version, compile)?;
    if print != Output::Text {
        return output::json(&published);
    }
    report::people(&published.report)?;
    output::line(&format!(
        "version {}: {} files, {} bytes, deltas of {} bytes",
        published.version, published.files, published.bytes, published.delta_bytes
    ))
}

pub fn keygen(file: &Path, print: Output) -> Result<()> {
    let key = PrivateKey::generate()?;
    let mut name = file.as_os_str().to_owned();
    name.push(".pub");
    let public = PathBuf::from(name);
    let write = |path: &Path, mode: u32, text: &str| -> Result<()> {
        let mut options = std::fs::OpenOptions::new();
        let opened = options.write(true).create_new(true).mode(mode).open(path);
        let mut out = opened.with_context(|| format!("cannot make {}", path.display()))?;
        Ok(out.write_all(text.as_bytes())?)
    };
    write(file, 0o600, &key.to_text())?;
    write(&public, 0o644, &key.public().to_text())?;
    match print {
        Output::Text => output::line(&format!("{} and {}", file.display(), public.display())),
        _ => output::json(&json!({ "private": file, "public": public })),
    }
}
