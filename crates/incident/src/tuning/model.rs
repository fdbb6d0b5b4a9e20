//! A suppression: by rule, host and fields, with a reason and an end.

use crate::time::Time;
use event::quiet::{Quiet, field, fits_fields, wildcard};
use event::{Alert, Column, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

const DAY: i64 = 86_400_000_000_000;
/// Nobody remembers a reason for longer.
pub const LONGEST_DAYS: i64 = 366;
const FIELDS: usize = 16;
const VALUE: usize = 1_000;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Suppression {
    pub id: String,
    pub state: SuppressionState,
    /// Rule id, `*` for any run of characters; every rule when not given.
    #[serde(default)]
    pub rule: Option<String>,
    /// Host id; every host when not given.
    #[serde(default)]
    pub host_id: Option<String>,
    /// Column of the event, `label.NAME` or `title`, and what its value must be; `*` stands for any run of characters.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    pub reason: String,
    /// On the host, what it covers is neither ended nor taken away: that is told, the first time in a day aloud. Without it a
    /// stop happens and is told like any other.
    #[serde(default)]
    pub stops: bool,
    pub created_by: String,
    pub created: Time,
    pub expires: Time,
    /// The closed case that proposed it.
    #[serde(default)]
    pub incident_id: Option<String>,
    /// Alerts that it has silenced.
    #[serde(default)]
    pub hits: u64,
    #[serde(default)]
    pub last_hit: Option<Time>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SuppressionState {
    /// By a closed case; does nothing until somebody accepts it.
    Proposed,
    Active,
    Removed,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SuppressionError {
    #[error("a suppression of every alert is none: give a rule or a field")]
    Everything,
    #[error("{0:?} is no column of an event; `label.NAME` and `title` can be asked for too")]
    UnknownField(String),
    #[error("{0}: a pattern has 1 to {VALUE} bytes and more than stars")]
    Pattern(String),
    #[error("at most {FIELDS} fields")]
    TooManyFields,
    #[error("it ends in the future, within {LONGEST_DAYS} days")]
    Expiry,
    #[error("a reason is needed")]
    Reason,
}

impl Suppression {
    /// # Errors
    /// What is wrong with it, for whoever asks for it.
    pub fn check(&self, now: Timestamp) -> Result<(), SuppressionError> {
        if self.reason.trim().is_empty() {
            return Err(SuppressionError::Reason);
        }
        let says = |pattern: &String| !pattern.trim_matches('*').is_empty();
        if !self.rule.iter().chain(self.fields.values()).any(says) {
            return Err(SuppressionError::Everything);
        }
        if self.fields.len() > FIELDS {
            return Err(SuppressionError::TooManyFields);
        }
        for (name, value) in &self.fields {
            if name != "title" && !name.starts_with("label.") && Column::from_name(name).is_none() {
                return Err(SuppressionError::UnknownField(name.clone()));
            }
            if !says(value) || value.len() > VALUE {
                return Err(SuppressionError::Pattern(name.clone()));
            }
        }
        if self.rule.as_ref().is_some_and(|rule| rule.is_empty() || rule.len() > VALUE) {
            return Err(SuppressionError::Pattern("rule".into()));
        }
        let left = self.expires.0.since(now);
        if !(1..=LONGEST_DAYS * DAY).contains(&left) {
            return Err(SuppressionError::Expiry);
        }
        Ok(())
    }

    pub fn is_active(&self, now: Timestamp) -> bool {
        self.state == SuppressionState::Active && now < self.expires.0
    }

    pub fn fits_rule(&self, rule: &str) -> bool {
        self.rule.as_ref().is_none_or(|pattern| wildcard(pattern, rule))
    }

    /// Host and all fields; one that the event does not carry does not fit.
    pub fn fits_event(&self, alert: &Alert) -> bool {
        self.is_of(&alert.host.0) && fits_fields(&self.fields, &alert.event, &alert.title)
    }

    /// Whether it concerns this host.
    pub fn is_of(&self, host: &str) -> bool {
        self.host_id.as_ref().is_none_or(|own| own == host)
    }

    /// As the host holds it.
    pub fn for_host(&self) -> Quiet {
        Quiet {
            id: self.id.clone(),
            rule: self.rule.clone(),
            fields: self.fields.clone(),
            reason: self.reason.clone(),
            by: self.created_by.clone(),
            expires: self.expires.0,
            stops: self.stops,
        }
    }

    /// Whether both silence the same alerts.
    pub fn same_scope(&self, other: &Suppression) -> bool {
        (&self.rule, &self.host_id, &self.fields) == (&other.rule, &other.host_id, &other.fields)
    }
}

pub(super) fn value(alert: &Alert, name: &str) -> Option<String> {
    field(&alert.event, &alert.title, name).map(|text| text.into_owned())
}
