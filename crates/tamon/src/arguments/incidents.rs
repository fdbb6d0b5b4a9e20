//! Attacks as one story each.

use clap::Subcommand;
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum Incidents {
    List {
        #[arg(long, short = 'n', default_value_t = 50)]
        limit: u32,
    },
    Show {
        id: String,
        /// en or ja.
        #[arg(long, default_value = "en")]
        language: String,
    },
    /// Ask now what an analyst would ask next, of the stored events and of the hosts, and show what the answers mean.
    Investigate {
        id: String,
        /// en or ja.
        #[arg(long, default_value = "en")]
        language: String,
    },
    /// Take a file of a host of the incident into the case: what can be said of it, and its first mebibyte if asked for.
    Collect {
        id: String,
        /// Host id.
        host: String,
        path: String,
        #[arg(long)]
        content: bool,
        #[arg(long)]
        reason: String,
    },
    /// Write the content of a file of the case to a new file, readable by its owner alone. It may be malware.
    Collected { id: String, number: u64, to: PathBuf },
    /// The incident for somebody else, with its investigation: a page to print (html, pdf), a STIX 2.1 bundle, an ATT&CK
    /// Navigator layer, or JSON.
    Export {
        id: String,
        #[arg(long, value_enum, default_value = "html")]
        format: ExportFormat,
        /// en or ja; of the page.
        #[arg(long, default_value = "en")]
        language: String,
        /// A new file, readable by its owner alone; standard output when not given.
        #[arg(long)]
        to: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, clap::ValueEnum)]
pub enum ExportFormat {
    Html,
    Json,
    Navigator,
    Pdf,
    Stix,
}
