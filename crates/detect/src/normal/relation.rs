//! What is learned of whom.

use serde::{Deserialize, Serialize};

/// What is said of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// The host → programs that ran.
    Programs,
    /// A program → programs that it started.
    Starts,
    /// A user → programs that they ran.
    UserStarts,
    /// A program → addresses (or their blocks) and ports.
    Talks,
    /// A program → names that it asked for.
    Names,
    /// A user → addresses that they logged in from.
    Logins,
    /// A user → hosts that they went on to.
    Reaches,
    /// A service's program → folders that it wrote to.
    Writes,
}

impl Relation {
    pub const ALL: [Relation; 8] = [
        Relation::Programs,
        Relation::Starts,
        Relation::UserStarts,
        Relation::Talks,
        Relation::Names,
        Relation::Logins,
        Relation::Reaches,
        Relation::Writes,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Relation::Programs => "programs",
            Relation::Starts => "starts",
            Relation::UserStarts => "user_starts",
            Relation::Talks => "talks",
            Relation::Names => "names",
            Relation::Logins => "logins",
            Relation::Reaches => "reaches",
            Relation::Writes => "writes",
        }
    }
}
