//! What was seen and what was told of it.

use clap::Args;

#[derive(Args)]
pub struct Events {
    /// Go on printing as events come.
    #[arg(long, short)]
    pub follow: bool,
    /// How many of the newest.
    #[arg(long, short = 'n', default_value_t = 50)]
    pub limit: u32,
    /// Only of this host (name or id).
    #[arg(long)]
    pub host: Option<String>,
    /// Only this kind: an `event_action` such as process-exec.
    #[arg(long)]
    pub action: Option<String>,
}

#[derive(Args)]
pub struct Alerts {
    /// How many of the newest.
    #[arg(long, short = 'n', default_value_t = 50)]
    pub limit: u32,
    /// At least this severity.
    #[arg(long)]
    pub severity: Option<event::Severity>,
}
