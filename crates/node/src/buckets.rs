//! Alerts of the last day by hour, severity and host, counted as they come so that the overview reads no table.

use crate::clock::SECOND;
use console_api::AlertBucket;
use event::{Alert, Severity, Timestamp};
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap};

const HOUR: i64 = 3_600 * SECOND;
const HOURS: i64 = 24;

#[derive(Default)]
pub struct Buckets {
    /// Hour since the epoch → counts by severity, and by host.
    hours: Mutex<BTreeMap<i64, Hour>>,
}

#[derive(Default)]
struct Hour {
    severities: [u64; 5],
    hosts: HashMap<String, u64>,
}

impl Buckets {
    /// Alerts dated outside the last day (a host's clock may be anything) are not shown here; lists show them.
    pub fn count(&self, alert: &Alert, now: Timestamp) {
        let (hour, latest) = (alert.time.0.div_euclid(HOUR), now.0.div_euclid(HOUR));
        let mut hours = self.hours.lock();
        hours.retain(|hour, _| *hour > latest - HOURS);
        if hour > latest - HOURS && hour <= latest + 1 {
            let bucket = hours.entry(hour.min(latest)).or_default();
            bucket.severities[alert.severity as usize] += 1;
            *bucket.hosts.entry(alert.host.0.clone()).or_default() += 1;
        }
    }

    /// Twenty-four, oldest first, empty ones too.
    pub fn view(&self, now: Timestamp) -> Vec<AlertBucket> {
        let hours = self.hours.lock();
        let latest = now.0.div_euclid(HOUR);
        let of = |hour: i64, severity: Severity| hours.get(&hour).map_or(0, |h| h.severities[severity as usize]);
        (latest - HOURS + 1..=latest)
            .map(|hour| AlertBucket {
                start: Timestamp(hour * HOUR).into(),
                info: of(hour, Severity::Info),
                low: of(hour, Severity::Low),
                medium: of(hour, Severity::Medium),
                high: of(hour, Severity::High),
                critical: of(hour, Severity::Critical),
            })
            .collect()
    }

    pub fn of_host(&self, host: &str, now: Timestamp) -> u64 {
        let oldest = now.0.div_euclid(HOUR) - HOURS;
        let hours = self.hours.lock();
        hours.iter().filter(|(hour, _)| **hour > oldest).filter_map(|(_, bucket)| bucket.hosts.get(host)).sum()
    }
}
