//! Stored alerts of some time, page after page, within a bound that is told.

use crate::node::Node;
use crate::problem::Answer;
use event::{HostId, Timestamp};
use store::{AlertFilter, AlertRecord};

const PAGE: usize = 1_000;

pub struct Wanted {
    pub host: Option<HostId>,
    pub since: Timestamp,
    pub most: usize,
}

/// Newest first; true when there were more.
pub async fn read(node: &Node, wanted: Wanted) -> Answer<(Vec<AlertRecord>, bool)> {
    let mut records: Vec<AlertRecord> = Vec::new();
    loop {
        let filter = AlertFilter {
            tenant: node.tenant.clone(),
            before: records.last().map(|record| (record.alert.time, record.alert.id.clone())),
            since: Some(wanted.since),
            host: wanted.host.clone(),
            limit: PAGE,
            ..AlertFilter::default()
        };
        let page = node.control.alerts(&filter).await?;
        let last = page.len() < PAGE;
        records.extend(page);
        if records.len() > wanted.most {
            records.truncate(wanted.most);
            return Ok((records, true));
        }
        if last {
            return Ok((records, false));
        }
    }
}
