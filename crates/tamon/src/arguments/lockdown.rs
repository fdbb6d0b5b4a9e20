//! The application allowlist.

use clap::Subcommand;
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum Lockdown {
    /// Write down from now on what runs and is not trusted, and what lies below the paths at once.
    Learn { paths: Vec<PathBuf> },
    /// What is unknown: seen while learning, or since the host was locked. To be read before `lock`.
    Report,
    /// Trust what was learned, and lock. Refused where the host could not do without what it would refuse.
    Lock {
        /// How far: observe, alert or enforce; what the policy says if not given.
        #[arg(long, value_parser = mode)]
        mode: Option<event::Mode>,
        /// After so many days it only observes.
        #[arg(long)]
        days: Option<u32>,
    },
    Unlock {
        #[arg(long)]
        reason: String,
    },
    /// The lock, its figures, and what this host's tier cannot keep of it.
    Status,
    /// Let a content run: a SHA-256 anywhere, or a file as it is now, at its path.
    Trust {
        what: String,
        #[arg(long)]
        reason: String,
        #[arg(long)]
        days: Option<u32>,
    },
    /// Let it run no more, whoever vouches: a SHA-256 anywhere, or whatever lies at a path.
    Untrust {
        what: String,
        #[arg(long)]
        reason: String,
    },
    /// Let everything run for a while; each is told, and so is this.
    BreakGlass {
        #[arg(long, required_unless_present = "mend")]
        reason: Option<String>,
        #[arg(long, default_value_t = 30)]
        minutes: u32,
        /// End it before its time.
        #[arg(long, conflicts_with = "reason")]
        mend: bool,
    },
    /// Open a lock that the kernel holds without an agent, when none can be started; the next agent tells it and locks again.
    Release {
        #[arg(long)]
        reason: String,
    },
}

fn mode(text: &str) -> Result<event::Mode, String> {
    [event::Mode::Observe, event::Mode::Alert, event::Mode::Enforce]
        .into_iter()
        .find(|mode| mode.name() == text)
        .ok_or_else(|| "it is observe, alert or enforce".into())
}
