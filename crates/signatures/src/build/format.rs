//! What a file of signatures is, by the ending of its name.

use crate::hashes::Place;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Hash(Place, bool),
    HashList,
    Extended(bool),
    Logical(bool),
    Member,
    Ignore {
        old: bool,
    },
    Container,
    /// Each line a signature that cannot be matched here.
    UnsupportedLines(&'static str),
    /// The whole file.
    Unsupported(&'static str),
    /// Says nothing of files: licence, description of a container.
    Beside,
    /// A signature of a container, read with that.
    Detached,
    Yara,
    Unknown,
}

pub fn format_of(name: &str) -> Format {
    match name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "hdb" | "hsb" => Format::Hash(Place::File, false),
        "hdu" | "hsu" => Format::Hash(Place::File, true),
        "mdb" | "msb" => Format::Hash(Place::Section, false),
        "mdu" | "msu" => Format::Hash(Place::Section, true),
        "fp" | "sfp" => Format::Hash(Place::Allow, false),
        "txt" | "sha256" | "sha1" | "md5" | "hash" => Format::HashList,
        "ndb" => Format::Extended(false),
        "ndu" => Format::Extended(true),
        "ldb" => Format::Logical(false),
        "ldu" => Format::Logical(true),
        "cdb" => Format::Member,
        "ign" => Format::Ignore { old: true },
        "ign2" => Format::Ignore { old: false },
        "cvd" | "cld" | "cud" => Format::Container,
        "idb" => Format::UnsupportedLines("icons are not matched"),
        "pdb" | "gdb" | "wdb" => Format::UnsupportedLines("links in mail are not judged"),
        "imp" => Format::UnsupportedLines("digests of import tables are not matched"),
        "crb" | "cat" => Format::UnsupportedLines("certificates are not judged"),
        "ftm" => Format::UnsupportedLines("file types are told by Tamon itself"),
        "pwdb" => Format::UnsupportedLines("passwords are not tried"),
        "cbc" => Format::Unsupported("bytecode is not run"),
        "cfg" => Format::Unsupported("settings of another engine"),
        "info" => Format::Beside,
        "sign" => Format::Detached,
        "yar" | "yara" | "yarc" => Format::Yara,
        _ if name.ends_with("COPYING") => Format::Beside,
        _ => Format::Unknown,
    }
}
