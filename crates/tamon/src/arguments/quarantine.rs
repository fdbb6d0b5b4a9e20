//! Files in the vault.

use clap::Subcommand;
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum Quarantine {
    List,
    /// Move a file to the vault, encrypted; `restore` brings it back as it was.
    Add {
        path: PathBuf,
        #[arg(long, default_value = "by hand")]
        reason: String,
    },
    Restore {
        id: String,
    },
    /// Write an archive for whoever is to say that a detection was wrong: what was found and why, and the file, encrypted
    /// with the passphrase `infected`. The item stays in the vault.
    Bundle {
        id: String,
        /// Where to; must not be there yet.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
}
