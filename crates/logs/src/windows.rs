//! The names of Windows events: what stands in the XML under `System`, `EventData` and `UserData` → the flat names that
//! Sigma's rules use. Also winlogbeat's form of the same events.

use crate::flat::{Flat, Origin};

const SYSTEM: &[&str] = &[
    "Provider_Name",
    "Provider_Guid",
    "EventID",
    "Qualifiers",
    "Version",
    "Level",
    "Task",
    "Opcode",
    "Keywords",
    "SystemTime",
    "EventRecordID",
    "ActivityID",
    "RelatedActivityID",
    "Execution_ProcessID",
    "Execution_ThreadID",
    "Channel",
    "Computer",
    "UserID",
];

pub(crate) fn is_system(name: &str) -> bool {
    SYSTEM.contains(&name)
}

/// The flat name of a JSON path; None for what is no fact of the event. Paths of other records come back as they are.
pub(crate) fn name(path: &str) -> Option<&str> {
    let inner = path.strip_prefix("Event.").unwrap_or(path);
    if let Some(rest) = inner.strip_prefix("EventData.") {
        return data(rest);
    }
    if let Some(rest) = inner.strip_prefix("System.") {
        return Some(match rest {
            "Provider.#attributes.Name" | "Provider_attributes.Name" => "Provider_Name",
            "Provider.#attributes.Guid" | "Provider_attributes.Guid" => "Provider_Guid",
            "EventID.#text" => "EventID",
            "EventID.#attributes.Qualifiers" | "EventID_attributes.Qualifiers" => "Qualifiers",
            "TimeCreated.#attributes.SystemTime" | "TimeCreated_attributes.SystemTime" => "SystemTime",
            "Execution.#attributes.ProcessID" | "Execution_attributes.ProcessID" => "Execution_ProcessID",
            "Execution.#attributes.ThreadID" | "Execution_attributes.ThreadID" => "Execution_ThreadID",
            "Correlation.#attributes.ActivityID" => "ActivityID",
            "Correlation.#attributes.RelatedActivityID" => "RelatedActivityID",
            "Security.#attributes.UserID" | "Security_attributes.UserID" => "UserID",
            other => other,
        });
    }
    if let Some(rest) = inner.strip_prefix("UserData.") {
        // One element wraps the values; its name says nothing that the event id does not.
        return data(rest.split_once('.').map_or(rest, |(_, inner)| inner));
    }
    if let Some(rest) = path.strip_prefix("winlog.") {
        return Some(match rest {
            "channel" => "Channel",
            "event_id" => "EventID",
            "provider_name" => "Provider_Name",
            "provider_guid" => "Provider_Guid",
            "computer_name" => "Computer",
            "record_id" => "EventRecordID",
            other => other.strip_prefix("event_data.").or_else(|| other.strip_prefix("user_data.")).unwrap_or(other),
        });
    }
    if inner.starts_with("#attributes.") { None } else { Some(path) }
}

fn data(rest: &str) -> Option<&str> {
    if rest.contains("#attributes.xmlns") || rest == "#attributes.Name" || rest.ends_with("Data.#attributes.Name") {
        return None;
    }
    Some(rest.strip_suffix(".#text").unwrap_or(rest).trim_end_matches(".Data.#text"))
}

/// Says where the record is from, and adds what rules ask for by other names.
pub(crate) fn settle(record: &mut Flat) {
    let Some(id) = record.get("EventID") else { return };
    // What a trace session wrote has a provider and no channel.
    if record.get("Channel").is_none() && record.get("Provider_Name").is_none() {
        return;
    }
    let channel = record.get("Channel").unwrap_or_default();
    if channel.eq_ignore_ascii_case("Linux-Sysmon/Operational") {
        record.origin = Origin::Linux;
        return;
    }
    let registry = channel == "Security" && id == "4657";
    record.origin = Origin::Windows;
    if registry {
        as_sysmon_writes_registry_values(record);
    }
}

/// 4657 tells a value in four fields; Sysmon, and so every rule, in `TargetObject` and `Details`.
fn as_sysmon_writes_registry_values(record: &mut Flat) {
    let field = |name| record.get(name).unwrap_or_default();
    let object = field("ObjectName");
    let object = match object.strip_prefix(r"\REGISTRY\MACHINE") {
        Some(rest) => format!("HKLM{rest}"),
        None => object.strip_prefix(r"\REGISTRY\USER").map_or_else(|| object.to_owned(), |rest| format!("HKU{rest}")),
    };
    let target = format!(r"{object}\{}", field("ObjectValueName"));
    let value = field("NewValue");
    let number = value.strip_prefix("0x").map_or_else(|| value.parse(), |hex| u64::from_str_radix(hex, 16));
    let details = match (field("NewValueType"), number) {
        ("%%1876", Ok(number)) => format!("DWORD (0x{number:08x})"),
        ("%%1879" | "%%1883", Ok(number)) => format!("QWORD (0x{:08x}-0x{:08x})", number >> 32, number & 0xffff_ffff),
        ("%%1875", _) => "Binary Data".to_owned(),
        _ => value.to_owned(),
    };
    record.push("TargetObject", &target);
    record.push("Details", &details);
}
