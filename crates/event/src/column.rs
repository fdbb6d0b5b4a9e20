//! The typed columns: ECS names, flattened with `_`. This table is the one source for the wire's field numbers, the store's
//! schema, the console's query builder and the mapping of Sigma's taxonomy. A number is never reused or changed.

use crate::row::Row;
use crate::{Fields, Value};
use serde::{Deserialize, Serialize};

/// How a column is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    Text,
    Unsigned,
    Signed,
    Boolean,
    /// Nanoseconds since the epoch, UTC.
    Time,
    /// Text of an address.
    Ip,
    /// Lower-case hex text.
    Digest,
}

macro_rules! columns {
    ($($number:literal $variant:ident $name:ident $kind:ident $doc:literal;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[repr(u16)]
        pub enum Column { $(#[doc = $doc] $variant = $number,)* }

        impl Column {
            /// In field-number order.
            pub const ALL: &'static [Column] = &[$(Column::$variant,)*];

            /// Flattened ECS name.
            pub const fn name(self) -> &'static str {
                match self { $(Column::$variant => stringify!($name),)* }
            }
            pub const fn kind(self) -> ColumnType {
                match self { $(Column::$variant => ColumnType::$kind,)* }
            }
            /// One line for people.
            pub const fn describe(self) -> &'static str {
                match self { $(Column::$variant => $doc,)* }
            }
            /// Number on the wire.
            pub const fn number(self) -> u16 {
                self as u16
            }
            pub fn from_number(number: u16) -> Option<Column> {
                match number { $($number => Some(Column::$variant),)* _ => None }
            }
            /// By its flattened name or its dotted ECS name.
            pub fn from_name(name: &str) -> Option<Column> {
                match name { $(stringify!($name) => Some(Column::$variant),)* _ if name.contains('.') => Column::from_name(&name.replace('.', "_")), _ => None }
            }
        }
    };
}

columns! {
    1 Time timestamp Time "when it happened";
    2 Sequence event_sequence Unsigned "counts up for each event of one run of an agent";
    3 Category event_category Text "process, file, network, dns, iam, kernel, authentication, container, web, log, sensor";
    4 Action event_action Text "what happened, one stable word";
    5 Outcome event_outcome Text "success, failure or denied; absent where the sensor cannot know";
    6 HostId host_id Text "the host as the fleet knows it";
    7 HostName host_name Text "the host's name then";
    8 Tenant tenant_id Text "the customer the host belongs to";
    9 BootId host_boot_id Text "the kernel's boot id";
    10 ProcessEntityId process_entity_id Text "the process that acted, for good";
    11 ProcessPid process_pid Unsigned "its pid as the host sees it";
    12 ProcessName process_name Text "last part of the program's path";
    13 ProcessExecutable process_executable Text "path of the program";
    14 ProcessCommandLine process_command_line Text "arguments joined by a blank";
    15 ProcessWorkingDirectory process_working_directory Text "working directory when the program started";
    16 ProcessHashSha256 process_hash_sha256 Digest "digest of the program's file";
    17 ProcessStart process_start Time "when the process began";
    18 ProcessExitCode process_exit_code Signed "exit status; negative is the signal that ended it";
    19 ProcessInteractive process_interactive Boolean "it has a terminal";
    20 ParentEntityId process_parent_entity_id Text "its parent, for good";
    21 ParentPid process_parent_pid Unsigned "the parent's pid";
    22 ParentName process_parent_name Text "last part of the parent's program path";
    23 ParentExecutable process_parent_executable Text "path of the parent's program";
    24 ParentCommandLine process_parent_command_line Text "the parent's arguments";
    25 UserId user_id Unsigned "real uid";
    26 UserName user_name Text "name of the real uid";
    27 UserEffectiveId user_effective_id Unsigned "effective uid";
    28 GroupId user_group_id Unsigned "real gid";
    29 LoginId user_audit_id Unsigned "uid of the login that led here";
    30 LoginName user_audit_name Text "name of that uid";
    31 SessionId process_session_id Unsigned "audit session of that login";
    32 Unit service_name Text "systemd unit";
    33 ContainerId container_id Text "full id of the container";
    34 ContainerName container_name Text "its name";
    35 ContainerImage container_image_name Text "the image it was made from";
    36 PackageName package_name Text "package that owns the program";
    37 PackageVersion package_version Text "version of that package";
    38 FilePath file_path Text "the file acted on, after the act";
    39 FileName file_name Text "last part of that path";
    40 FileOtherPath file_target_path Text "name before a rename, or what a link points at";
    41 FileInode file_inode Unsigned "inode number";
    42 FileMode file_mode Text "permission bits in octal";
    43 FileOwner file_uid Unsigned "owner";
    44 FileSize file_size Unsigned "bytes";
    45 FileHashSha256 file_hash_sha256 Digest "digest of the file's content";
    46 SourceIp source_ip Ip "the side that opens the connection";
    47 SourcePort source_port Unsigned "its port";
    48 DestinationIp destination_ip Ip "the side that is reached";
    49 DestinationPort destination_port Unsigned "its port";
    50 NetworkTransport network_transport Text "tcp, udp, …";
    51 NetworkDirection network_direction Text "ingress or egress, as the host sees it";
    52 DnsQuestionName dns_question_name Text "name asked for";
    53 DnsQuestionType dns_question_type Text "A, AAAA, TXT, …";
    54 TargetEntityId process_target_entity_id Text "the process reached into";
    55 TargetExecutable process_target_executable Text "its program";
}

impl Fields for Row {
    fn field(&self, column: Column) -> Option<Value<'_>> {
        self.get(column)
    }
    fn label(&self, name: &str) -> Option<std::borrow::Cow<'_, str>> {
        self.labels.get(name).map(|text| std::borrow::Cow::Borrowed(text.as_str()))
    }
    fn each_label(&self, visit: &mut dyn FnMut(&str, &str)) {
        self.labels.iter().for_each(|(name, text)| visit(name, text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_find_their_column() {
        for column in Column::ALL {
            assert_eq!(Column::from_number(column.number()), Some(*column));
            assert_eq!(Column::from_name(column.name()), Some(*column));
            assert!(serde_json::to_value(column).unwrap().is_string());
        }
        assert_eq!(Column::from_name("process.parent.executable"), Some(Column::ParentExecutable));
        assert_eq!(Column::from_name("process.nothing"), None);
    }
}
