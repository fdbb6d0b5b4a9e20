//! `tamon signatures …`: builds, checks, updates and publishes sets of signatures.

mod check;
mod host;
mod mirror;
mod publisher;
mod report;

use crate::arguments::signatures::{Origin, Signatures};
use crate::output::Output;
use crate::place::Place;
use anyhow::{Context as _, Result, bail};
use scan::CompileOptions;
use signatures::Certificates;
use std::fs::File;
use std::path::Path;
use std::process::ExitCode;

pub fn run(command: &Signatures, place: &Place, print: Output) -> Result<ExitCode> {
    match command {
        Signatures::Build { inputs, to, memory, origin } => {
            let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let options = CompileOptions { scratch: folder.into(), sort_bytes: memory << 20, ..options(origin)? };
            let compile = |file: &mut File| -> Result<_> { Ok(scan::compile_signatures(inputs, &options, file)?) };
            // What is not used is told; the file stands.
            report::tell(&signatures::into_file(to, compile)?, print)?;
        }
        Signatures::Check { paths, origin } => return check::run(paths, &options(origin)?, print),
        Signatures::Info { file } => host::info(file.as_deref(), place, print)?,
        Signatures::Update { from, keys, ca, again } => {
            host::update(&mirror::Way { from, ca: ca.as_deref() }, keys, *again, place, print)?;
        }
        Signatures::Rollback => host::roll_back(place, print)?,
        Signatures::List => host::list(place, print)?,
        Signatures::Publish { mirror, inputs, key, set_version, origin } => {
            publisher::publish(mirror, inputs, key, *set_version, &options(origin)?, print)?;
        }
        Signatures::Keygen { file } => publisher::keygen(file, print)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Foreign databases are parsed by a process without privileges, never here.
fn options(origin: &Origin) -> Result<CompileOptions> {
    let folder = &origin.certificates;
    let certificates = match folder.is_dir() {
        true => Certificates::read(folder).with_context(|| format!("--certificates {}", folder.display()))?,
        // Where nobody asked for it and ClamAV is not installed.
        false if folder == Path::new(signatures::CLAMAV_CERTIFICATES) => Certificates::default(),
        false => bail!("--certificates {}: there is no such folder", folder.display()),
    };
    Ok(CompileOptions { require_origin: !origin.unsigned, certificates, ..CompileOptions::default() })
}
