//! The rules, digests and models that ship inside the program.

use std::path::PathBuf;

macro_rules! shipped {
    ($folder:literal: $($name:literal),* $(,)?) => {
        [$((concat!("builtin/", $folder, "/", $name), include_str!(concat!("../../../content/", $folder, "/", $name)))),*]
    };
}

const YARA: [(&str, &str); 9] = shipped!(
    "yara": "credential.yar", "eicar.yar", "loader.yar", "miner.yar", "packed.yar", "ransom.yar", "reverse_shell.yar",
    "rootkit.yar", "web_shell.yar",
);
const HASHES: [(&str, &str); 1] = shipped!("hashes": "eicar.txt");

/// What training made and found sound; a type without one has none.
const MODELS: [(&str, &[u8]); 4] = [
    ("builtin/models/perl.model", include_bytes!("../../../content/models/perl.model")),
    ("builtin/models/php.model", include_bytes!("../../../content/models/php.model")),
    ("builtin/models/python.model", include_bytes!("../../../content/models/python.model")),
    ("builtin/models/shell.model", include_bytes!("../../../content/models/shell.model")),
];

pub fn models() -> [(&'static str, &'static [u8]); 4] {
    MODELS
}

fn owned(all: &[(&str, &str)]) -> Vec<(PathBuf, String)> {
    all.iter().map(|(name, text)| (PathBuf::from(name), (*text).to_owned())).collect()
}

pub fn yara() -> Vec<(PathBuf, String)> {
    owned(&YARA)
}

pub fn hashes() -> Vec<(PathBuf, String)> {
    owned(&HASHES)
}
