//! What is known of a file when it is asked about, and who may vouch for it.

use event::Sha256;
use serde::{Deserialize, Serialize};

/// Gathered by the caller from the very file that is open, never by its name alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence<'a> {
    /// As the host shows it, without links.
    pub path: &'a str,
    /// None where it could not be read to its end.
    pub sha256: Option<Sha256>,
    pub nameless: Option<Nameless>,
    /// It lies on a FUSE or network file system.
    pub foreign: bool,
    pub package: PackageSays,
    /// It, and every folder above it, belongs to root and can be written by nobody else.
    pub only_root_writes: bool,
    /// An updater's process tree wrote it, and nobody has since.
    pub written_by: Option<String>,
    /// Container image whose layer holds it, by digest, when that digest is trusted.
    pub image: Option<String>,
    /// What the host's own lists say of this digest at this path.
    pub listed: Option<Source>,
    /// `tamon lockdown untrust` named its digest or its path.
    pub distrusted: Option<String>,
}

/// A file that no path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nameless {
    /// Made by memfd_create.
    Memory,
    /// Its last name was removed.
    Deleted,
}

/// The package database about this path, held against the content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PackageSays {
    #[default]
    Nobody,
    /// Name and version of the package whose digest this is.
    Same(String),
    Changed(String),
    /// It owns the path and keeps no digest of it.
    NoDigest(String),
}

/// Who vouches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "source", content = "name")]
pub enum Source {
    Package(String),
    /// It was there when the host was locked.
    Learned,
    /// The agent's own program, as it runs.
    Tamon,
    Manifest(String),
    HashList(String),
    Publisher(String),
    Updater(String),
    /// `tamon lockdown trust`, with its reason.
    Hand(String),
    Policy(String),
    Exception(String),
    Image(String),
}

impl Source {
    /// In words, to stand after "trusted: ".
    pub fn words(&self) -> String {
        match self {
            Source::Package(package) => format!("it is as {package} put it there"),
            Source::Learned => "it was there when the host was locked".into(),
            Source::Tamon => "it is Tamon itself".into(),
            Source::Manifest(name) => format!("the signed manifest {name} lists it"),
            Source::HashList(name) => format!("the list {name} has its digest"),
            Source::Publisher(folder) => format!("it lies in {folder}, where only root can write"),
            Source::Updater(program) => format!("{program} wrote it, and nobody since"),
            Source::Hand(reason) => format!("trusted by hand: {reason}"),
            Source::Policy(reason) => format!("the policy trusts its digest: {reason}"),
            Source::Exception(reason) => format!("an exception of the policy: {reason}"),
            Source::Image(image) => format!("it is of the container image {image}"),
        }
    }
}
