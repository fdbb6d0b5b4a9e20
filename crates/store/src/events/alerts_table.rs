//! `alerts` as hunts see it: the newest alerts of a tenant, flat. Few beside the events, so they are read from the control
//! store for each hunt that asks for them.

use super::schema::{UTC, time_type};
use crate::AlertRecord;
use arrow::array::{ArrayRef, RecordBatch, StringViewArray, TimestampNanosecondArray, UInt64Array};
use arrow::datatypes::{Field, Schema};
use arrow::error::ArrowError;
use event::{Alert, Column};
use std::sync::Arc;

type Text = fn(&AlertRecord) -> Option<String>;

/// Columns taken from the alert itself; lists are joined by a comma.
const TEXTS: [(&str, Text); 14] = [
    ("alert_id", |r| Some(r.alert.id.to_string())),
    ("tenant_id", |r| Some(r.alert.tenant.to_string())),
    ("agent_id", |r| Some(r.alert.agent.to_string())),
    ("host_id", |r| Some(r.alert.host.to_string())),
    ("host_name", |r| Some(r.alert.host_name.clone())),
    ("severity", |r| Some(r.alert.severity.name().to_owned())),
    ("title", |r| Some(r.alert.title.clone())),
    ("incident_id", |r| r.incident.as_ref().map(|i| i.to_string())),
    ("rule_ids", |r| join(r.alert.findings.iter().map(|f| f.rule_id.to_string()))),
    ("engines", |r| join(r.alert.findings.iter().map(|f| f.engine.name().to_owned()))),
    ("techniques", |r| join(r.alert.techniques().into_iter().map(|t| t.to_string()))),
    ("outcome", |r| Some(json_word(&r.alert.outcome.status))),
    ("action", |r| Some(json_word(&r.alert.outcome.action))),
    ("detail", |r| r.alert.findings.first().map(|f| f.detail.clone())),
];

/// Columns taken from the event that set it off, by their own names.
const FROM_EVENT: [Column; 16] = [
    Column::Category,
    Column::Action,
    Column::ProcessEntityId,
    Column::ProcessName,
    Column::ProcessExecutable,
    Column::ProcessCommandLine,
    Column::ProcessHashSha256,
    Column::ParentEntityId,
    Column::ParentExecutable,
    Column::UserName,
    Column::ContainerId,
    Column::FilePath,
    Column::FileHashSha256,
    Column::DestinationIp,
    Column::DnsQuestionName,
    Column::Unit,
];

pub(super) fn batch(records: &[AlertRecord]) -> Result<RecordBatch, ArrowError> {
    let mut columns: Vec<(String, ArrayRef)> = vec![
        ("timestamp".into(), times(records, |r| r.alert.time.nanos())),
        ("received".into(), times(records, |r| r.received.nanos())),
        ("severity_score".into(), scores(records)),
    ];
    for (name, read) in TEXTS {
        columns.push((name.into(), Arc::new(records.iter().map(read).collect::<StringViewArray>())));
    }
    for column in FROM_EVENT {
        let read = |r: &AlertRecord| r.alert.event.text(column).map(|t| t.into_owned());
        columns.push((column.name().into(), Arc::new(records.iter().map(read).collect::<StringViewArray>())));
    }
    let lineage = records.iter().map(|r| join(names_of(&r.alert))).collect::<StringViewArray>();
    columns.push(("lineage".into(), Arc::new(lineage)));
    let field = |(name, array): &(String, ArrayRef)| Field::new(name, array.data_type().clone(), true);
    let schema = Schema::new(columns.iter().map(field).collect::<Vec<_>>());
    RecordBatch::try_new(Arc::new(schema), columns.into_iter().map(|(_, array)| array).collect())
}

fn times(records: &[AlertRecord], read: fn(&AlertRecord) -> i64) -> ArrayRef {
    let array = TimestampNanosecondArray::from_iter_values(records.iter().map(read)).with_timezone(UTC);
    debug_assert_eq!(arrow::array::Array::data_type(&array), &time_type());
    Arc::new(array)
}

fn scores(records: &[AlertRecord]) -> ArrayRef {
    Arc::new(UInt64Array::from_iter_values(records.iter().map(|r| r.alert.severity.score().into())))
}

fn names_of(alert: &Alert) -> impl Iterator<Item = String> {
    alert.lineage.iter().map(|process| process.name.clone())
}

fn join(parts: impl Iterator<Item = String>) -> Option<String> {
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| parts.join(","))
}

/// The vocabulary's own word for a value, as it stands in JSON.
fn json_word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        other => other.map(|v| v.to_string()).unwrap_or_default(),
    }
}
