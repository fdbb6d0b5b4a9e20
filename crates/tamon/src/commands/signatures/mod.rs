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
use signatures::{BuildOptions, Certificates, Scratch};
use std::path::Path;
use std::process::ExitCode;

pub fn run(command: &Signatures, place: &Place, print: Output) -> Result<ExitCode> {
    match command {
        Signatures::Build { inputs, to, memory, origin } => {
            let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let options =
                BuildOptions { scratch: Scratch::Folder(folder.into()), memory: memory << 20, ..options(origin)? };
            // What is not used is told; the file stands.
            report::tell(&signatures::build_file(inputs, &options, to)?, print)?;
        }
        Signatures::Check { paths, origin } => return check::run(paths, &options(origin)?, print),
        Signatures::Info { file } => host::info(file.as_deref(), place, print)?,
        Signatures::Update { from, keys, again } => host::update(from, keys, *again, place, print)?,
        Signatures::Rollback => host::roll_back(place, print)?,
        Signatures::List => host::list(place, print)?,
        Signatures::Publish { mirror, inputs, key, set_version, origin } => {
            publisher::publish(mirror, inputs, key, *set_version, &options(origin)?, print)?;
        }
        Signatures::Keygen { file } => publisher::keygen(file, print)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn options(origin: &Origin) -> Result<BuildOptions> {
    let folder = &origin.certificates;
    let certificates = match folder.is_dir() {
        true => Certificates::read(folder).with_context(|| format!("--certificates {}", folder.display()))?,
        // Where nobody asked for it and ClamAV is not installed.
        false if folder == Path::new(signatures::CLAMAV_CERTIFICATES) => Certificates::default(),
        false => bail!("--certificates {}: there is no such folder", folder.display()),
    };
    Ok(BuildOptions { require_origin: !origin.unsigned, certificates, ..BuildOptions::default() })
}
