//! Sigma's field names → our columns, as data. Native names (`process_executable`, `process.executable`, `labels.new_mode`)
//! are taken everywhere; the taxonomy's names by feed.

use crate::logsource::Feed;
use event::Column;

/// Where a field's text comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Origin {
    Column(Column),
    Label(String),
    /// `Initiated`: whether this host opened the connection.
    Initiated,
    /// `Hashes`: `SHA256=…`, as Sysmon writes it.
    Hashes,
    /// A name of the taxonomy that Linux has no fact for; the field is never there.
    Never,
    /// Every fact of the event: for keywords.
    Every,
    /// What a line of a log says, and what was read out of it: for keywords over text.
    Line,
    /// A field of a foreign record, by its name.
    Foreign(String),
}

impl Origin {
    /// The name that a finding shows.
    pub fn name(&self) -> &str {
        match self {
            Origin::Column(column) => column.name(),
            Origin::Label(name) | Origin::Foreign(name) => name,
            Origin::Initiated => Column::NetworkDirection.name(),
            Origin::Hashes => Column::ProcessHashSha256.name(),
            Origin::Never => "nothing",
            Origin::Every => "any field",
            Origin::Line => "the line",
        }
    }
}

/// None for a name that neither the taxonomy nor our schema has.
pub(crate) fn origin(field: &str, feed: Feed) -> Option<Origin> {
    if field.is_empty() {
        return Some(if feed.is_text() { Origin::Line } else { Origin::Every });
    }
    if feed == Feed::AuditLog && Column::from_name(field).is_none() {
        // auditd's own names: `type`, `exe`, `a0`, `key`.
        return Some(Origin::Label(format!("audit_{}", field.strip_prefix("labels.audit_").unwrap_or(field))));
    }
    if let Some(label) = field.strip_prefix("labels.") {
        return Some(Origin::Label(label.to_owned()));
    }
    of_feed(field, feed)
        .or_else(|| common(field))
        .or_else(|| Column::from_name(field).map(Origin::Column))
        .or_else(|| NEVER.contains(&field).then_some(Origin::Never))
}

fn of_feed(field: &str, feed: Feed) -> Option<Origin> {
    use Column::*;
    let column = match (feed, field) {
        (Feed::ProcessAccess, "SourceImage") => ProcessExecutable,
        (Feed::ProcessAccess, "SourceProcessId") => ProcessPid,
        (Feed::ProcessAccess, "SourceUser") => UserName,
        (Feed::ProcessAccess, "TargetImage") => TargetExecutable,
        (Feed::Module, "ImageLoaded") => FilePath,
        (Feed::FileRename, "SourceFilename" | "OldFilename") => FileOtherPath,
        (Feed::Dns, "query" | "QueryName") => DnsQuestionName,
        (Feed::Dns, "record_type" | "QueryType") => DnsQuestionType,
        (Feed::WebLog, "c-ip") => SourceIp,
        (Feed::WebLog, "cs-username") => UserName,
        (Feed::WebLog, _) => return web(field),
        (Feed::SystemLog | Feed::AnyLog, _) => return line(field),
        _ => return None,
    };
    Some(Origin::Column(column))
}

fn web(field: &str) -> Option<Origin> {
    let label = match field {
        "cs-method" => "http_request_method",
        "c-uri" | "cs-uri" | "cs-uri-query" | "cs-uri-stem" | "c-uri-query" | "c-uri-stem" => "url_original",
        "sc-status" => "http_response_status_code",
        "sc-bytes" => "http_response_bytes",
        "cs-user-agent" | "c-useragent" => "user_agent_original",
        "cs-referer" | "cs-referrer" => "http_request_referrer",
        _ => return None,
    };
    Some(Origin::Label(label.to_owned()))
}

/// What sudo writes itself (for whom, and what), and the parts of every line.
fn line(field: &str) -> Option<Origin> {
    let label = match field {
        "USER" => "user_target_name",
        "COMMAND" => "elevated_command",
        "program" => "log_program",
        "pid" => "log_pid",
        "facility" => "log_facility",
        "message" => "message",
        _ => return None,
    };
    Some(Origin::Label(label.to_owned()))
}

fn common(field: &str) -> Option<Origin> {
    use Column::*;
    let column = match field {
        "Image" => ProcessExecutable,
        "CommandLine" => ProcessCommandLine,
        "CurrentDirectory" => ProcessWorkingDirectory,
        "ProcessId" => ProcessPid,
        "ProcessGuid" => ProcessEntityId,
        "ParentImage" => ParentExecutable,
        "ParentCommandLine" => ParentCommandLine,
        "ParentProcessId" => ParentPid,
        "ParentProcessGuid" => ParentEntityId,
        "User" => UserName,
        // Sysmon for Linux writes the uid there.
        "LogonId" => UserId,
        "TerminalSessionId" => SessionId,
        "sha256" | "Sha256" => ProcessHashSha256,
        "TargetFilename" => FilePath,
        "SourceIp" => SourceIp,
        "SourcePort" => SourcePort,
        "DestinationIp" | "dst_ip" => DestinationIp,
        "DestinationPort" | "dst_port" => DestinationPort,
        "Protocol" => NetworkTransport,
        "Computer" | "ComputerName" => HostName,
        "UtcTime" | "EventTime" => Time,
        "Initiated" => return Some(Origin::Initiated),
        "Hashes" | "Hash" => return Some(Origin::Hashes),
        // Filled where the name behind an address is known.
        "DestinationHostname" => return Some(Origin::Label("destination_domain".to_owned())),
        "SourceHostname" => return Some(Origin::Label("source_domain".to_owned())),
        _ => return None,
    };
    Some(Origin::Column(column))
}

/// Windows' facts that a rule for several systems may name.
const NEVER: &[&str] = &[
    "OriginalFileName",
    "Description",
    "Product",
    "Company",
    "FileVersion",
    "IntegrityLevel",
    "LogonGuid",
    "ParentUser",
    "md5",
    "sha1",
    "Imphash",
    "imphash",
    "Provider_Name",
    "EventID",
    "Channel",
    "QueryResults",
    "QueryStatus",
    "answer",
    "parent_domain",
    "DestinationPortName",
    "SourcePortName",
    "DestinationIsIpv6",
    "SourceIsIpv6",
    "GrantedAccess",
    "CallTrace",
    "Signed",
    "Signature",
    "SignatureStatus",
];
