//! The rules and digests that ship inside the program.

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

fn owned(all: &[(&str, &str)]) -> Vec<(PathBuf, String)> {
    all.iter().map(|(name, text)| (PathBuf::from(name), (*text).to_owned())).collect()
}

pub fn yara() -> Vec<(PathBuf, String)> {
    owned(&YARA)
}

pub fn hashes() -> Vec<(PathBuf, String)> {
    owned(&HASHES)
}
