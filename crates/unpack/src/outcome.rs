//! What a walk comes to: what was seen, what was not read and why, and what is odd about the file.

use serde::{Deserialize, Serialize};

/// Why something was not read to its end. Each means *not completely scanned*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    Depth,
    Count,
    TotalSize,
    MemberSize,
    Ratio,
    Memory,
    Time,
    Encrypted,
    Unsupported,
    Damaged,
    Truncated,
    Overlapping,
    Cyclic,
    Unreadable,
}

impl Reason {
    pub const ALL: [Reason; 14] = [
        Reason::Depth,
        Reason::Count,
        Reason::TotalSize,
        Reason::MemberSize,
        Reason::Ratio,
        Reason::Memory,
        Reason::Time,
        Reason::Encrypted,
        Reason::Unsupported,
        Reason::Damaged,
        Reason::Truncated,
        Reason::Overlapping,
        Reason::Cyclic,
        Reason::Unreadable,
    ];

    /// Stable, for machines.
    pub fn name(self) -> &'static str {
        match self {
            Reason::Depth => "depth",
            Reason::Count => "count",
            Reason::TotalSize => "total_size",
            Reason::MemberSize => "member_size",
            Reason::Ratio => "ratio",
            Reason::Memory => "memory",
            Reason::Time => "time",
            Reason::Encrypted => "encrypted",
            Reason::Unsupported => "unsupported",
            Reason::Damaged => "damaged",
            Reason::Truncated => "truncated",
            Reason::Overlapping => "overlapping",
            Reason::Cyclic => "cyclic",
            Reason::Unreadable => "unreadable",
        }
    }

    /// For a person.
    pub fn sentence(self) -> &'static str {
        match self {
            Reason::Depth => "Containers are nested deeper than is opened.",
            Reason::Count => "There are more members than are opened.",
            Reason::TotalSize => "More comes out of the file than is unpacked.",
            Reason::MemberSize => "The member is larger than is unpacked.",
            Reason::Ratio => "It expands like a decompression bomb.",
            Reason::Memory => "Unpacking it takes more memory than is given.",
            Reason::Time => "The time for the file was used up.",
            Reason::Encrypted => "It is encrypted.",
            Reason::Unsupported => "It is of a form that is not read here.",
            Reason::Damaged => "It is damaged, or made to look so.",
            Reason::Truncated => "It ends before its end.",
            Reason::Overlapping => "It lies over another member, as a bomb's do.",
            Reason::Cyclic => "It contains itself.",
            Reason::Unreadable => "The system could not read it.",
        }
    }

    /// The whole walk ended there, not that member alone.
    pub fn ends_all(self) -> bool {
        matches!(self, Reason::Count | Reason::TotalSize | Reason::Time)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// `outer!inner!innermost`, printable.
    pub path: String,
    pub reason: Reason,
    /// What exactly, where more is known than the reason; may be empty.
    pub detail: String,
}

/// What no honest tool writes, or what tools read differently. Does not make a scan incomplete: both readings were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Oddity {
    /// Two headers of one member tell different stories.
    HeaderMismatch,
    /// A member that the directory does not list.
    Unlisted,
    /// Bytes after the end.
    TrailingData,
    /// A container hangs at, or lies in, a file of another kind.
    Embedded,
    /// Several entries share one member.
    Shared,
    /// Name that is absolute or climbs out.
    EscapingName,
    /// A size or checksum that is not what came out.
    WrongSize,
    /// Packed program.
    Packed,
}

impl Oddity {
    pub fn name(self) -> &'static str {
        match self {
            Oddity::HeaderMismatch => "header_mismatch",
            Oddity::Unlisted => "unlisted",
            Oddity::TrailingData => "trailing_data",
            Oddity::Embedded => "embedded",
            Oddity::Shared => "shared",
            Oddity::EscapingName => "escaping_name",
            Oddity::WrongSize => "wrong_size",
            Oddity::Packed => "packed",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Odd {
    pub path: String,
    pub oddity: Oddity,
    pub detail: String,
}

/// A walk's end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub members: u64,
    /// Bytes that came out beyond those that lay in the file.
    pub expanded_bytes: u64,
    /// The first ones, as many as the limits say.
    pub unread: Vec<Unread>,
    /// And as many more.
    pub unread_unlisted: u64,
    pub odd: Vec<Odd>,
    pub odd_unlisted: u64,
    /// The visitor said so; what came after was not looked at.
    pub stopped: bool,
}

impl Outcome {
    /// Every byte of every member was given. Only then may a scan be clean.
    pub fn complete(&self) -> bool {
        self.unread.is_empty() && self.unread_unlisted == 0 && !self.stopped
    }

    pub fn encrypted(&self) -> bool {
        self.unread.iter().any(|unread| unread.reason == Reason::Encrypted)
    }
}
