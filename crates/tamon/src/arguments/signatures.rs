//! `tamon signatures …`

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum Signatures {
    /// Compile databases (.cvd .cld .hdb .hsb .mdb .msb .ndb .ldb .cdb .fp .sfp .ign .ign2, lists of digests) into one file that is mapped.
    Build {
        /// Files or folders.
        #[arg(required = true)]
        inputs: Vec<PathBuf>,
        /// The compiled database, FILE.tsig; an old one is replaced in one step.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
        /// MiB of digests held in memory while they are sorted.
        #[arg(long, default_value_t = 192)]
        memory: usize,
        #[command(flatten)]
        origin: Origin,
    },
    /// Say what of databases and YARA rules can be used, and why the rest cannot. Exit status 1 if something cannot.
    Check {
        /// Files or folders.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        #[command(flatten)]
        origin: Origin,
    },
    /// What a compiled database holds; without FILE: the one in use on this host.
    Info { file: Option<PathBuf> },
    /// Bring the newest version from a mirror, if a trusted key signed it; the old one stays until the new one is whole.
    Update {
        /// A folder, an address that begins with http:// or https://, or `node`: what this host's node publishes.
        #[arg(long)]
        from: String,
        /// Public key of a publisher that is trusted, or a folder of such (.pub). May be given again.
        #[arg(long = "key", default_value = "/etc/tamon/signatures", value_name = "FILE|FOLDER")]
        keys: Vec<PathBuf>,
        /// Certificates in PEM that an https mirror is held against, in place of those of the world's authorities.
        #[arg(long, value_name = "FILE")]
        ca: Option<PathBuf>,
        /// Also a version that was rolled back.
        #[arg(long)]
        again: bool,
    },
    /// Go back to the generation before the one in use; an update does not bring that one again.
    Rollback,
    /// Generations on this host.
    List,
    /// Make or renew a mirror from databases and rules.
    Publish {
        /// A folder: of a web server, of a stick, or `node/signatures` below a node's state for the node's own agents.
        mirror: PathBuf,
        /// Files or folders of databases and YARA rules.
        #[arg(required = true)]
        inputs: Vec<PathBuf>,
        /// The publisher's private key.
        #[arg(long)]
        key: PathBuf,
        /// Default: one above what the mirror has.
        #[arg(long)]
        set_version: Option<u64>,
        #[command(flatten)]
        origin: Origin,
    },
    /// Make a publisher's key: FILE, which only its owner can read, and FILE.pub for the hosts.
    Keygen { file: PathBuf },
}

/// Who must have made a ClamAV container.
#[derive(Args)]
pub struct Origin {
    /// Take a .cvd that nobody who is known here signed.
    #[arg(long)]
    pub unsigned: bool,
    /// Folder of certificates (.crt, .pem) that a .cvd.sign is held against; ClamAV installs its own there.
    #[arg(long, default_value = signatures::CLAMAV_CERTIFICATES, value_name = "FOLDER")]
    pub certificates: PathBuf,
}
