//! Who asks, and how much they may have.

use event::{TenantId, Timestamp};
use std::collections::BTreeSet;
use std::time::Duration;

/// The bounds of one hunt.
#[derive(Clone, Debug, PartialEq)]
pub struct Scope {
    pub tenant: TenantId,
    /// Rows in the answer; the answer says when there were more.
    pub row_limit: usize,
    pub time_limit: Duration,
    /// What `now()` means.
    pub now: Timestamp,
    /// Names of lists (one text column, `value`) that may be joined besides `events` and `alerts`; their values are handed to
    /// the plan by [`crate::HuntPlan::with_list`].
    pub lists: BTreeSet<String>,
}

impl Scope {
    pub const DEFAULT_ROWS: usize = 10_000;
    pub const DEFAULT_TIME: Duration = Duration::from_secs(30);

    pub fn new(tenant: TenantId, now: Timestamp) -> Self {
        Scope { tenant, row_limit: Self::DEFAULT_ROWS, time_limit: Self::DEFAULT_TIME, now, lists: BTreeSet::new() }
    }
}
