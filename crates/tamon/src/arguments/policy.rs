//! Policies: checked, applied, explained, learned, tried on the past.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum Policy {
    /// Read a policy and say what is wrong, with line and field.
    Check { file: PathBuf },
    /// Check a policy and put it in force on this host.
    Apply { file: PathBuf },
    /// The policy in force.
    Show,
    /// Say which keys speak about a path, and whether a locked host would let it run; or about an address and port.
    Explain {
        /// A path, or an address with its port: 192.0.2.1:443.
        what: PathBuf,
        /// Of this policy, instead of the one in force.
        #[arg(long, value_name = "FILE")]
        policy: Option<PathBuf>,
        /// Program that acts on it.
        #[arg(long, value_name = "PATH")]
        process: Option<String>,
    },
    /// Propose a profile from what a service does: watch it for a while, and print the policy.
    Learn(PolicyLearn),
    /// Say what this policy would have refused: a lock of what ran, profiles of what was done. Exit status 1 if there is
    /// anything.
    Simulate {
        file: PathBuf,
        /// Days back, of what the node has stored; without a node what the agent still holds is taken.
        #[arg(long, default_value_t = 7)]
        days: u32,
        /// Of this host, by name; all that the node knows if not given.
        #[arg(long)]
        host: Option<String>,
    },
}

#[derive(Args)]
pub struct PolicyLearn {
    /// systemd unit.
    #[arg(required_unless_present_any = ["cgroup", "exe", "stop"])]
    pub unit: Option<String>,
    /// Path below the root of the control groups instead.
    #[arg(long, value_name = "PATH")]
    pub cgroup: Option<String>,
    /// Program instead.
    #[arg(long, value_name = "PATH")]
    pub exe: Option<String>,
    /// What it is called; made from the unit or program if not given.
    #[arg(long)]
    pub id: Option<String>,
    /// So long, live: 90s, 10m, 24h. 0s begins and comes back at once: give the same command again to end it.
    #[arg(long = "for", value_name = "TIME", default_value = "10m")]
    pub period: String,
    /// From what the node has stored of the last so many days, instead of live.
    #[arg(long, value_name = "DAYS", conflicts_with = "period")]
    pub days: Option<u32>,
    /// End what was begun under this name, and print what came of it.
    #[arg(long, value_name = "ID")]
    pub stop: Option<String>,
}
