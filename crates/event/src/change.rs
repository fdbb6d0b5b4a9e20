//! What integrity monitoring says of a watched file: what is different from before, who did it, and what is thought of it.
//! The process, the time and the host stand in the [`crate::Event`] around it.

use crate::{File, Severity, Sha256};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq)]
pub struct FileChange {
    pub what: ChangeKind,
    /// As it stands now; of a deleted file, as it stood.
    pub file: File,
    /// Of the content now; None for what has none, or where it could not be read.
    pub sha256: Option<Sha256>,
    /// What differs, in the order of [`Attribute`].
    pub changed: Vec<Changed>,
    /// Unified, secrets masked; None where there is none, and then `diff_note` may say why.
    pub diff: Option<Arc<str>>,
    pub diff_note: Option<Arc<str>>,
    pub found: Found,
    pub severity: Severity,
    /// The rule that gave the severity.
    pub rule: Option<Arc<str>>,
    /// One sentence: why it is expected, or why not.
    pub why: Arc<str>,
    /// The package the file belongs to, or belonged to; name and version.
    pub package: Option<Arc<str>>,
    /// Command line of the package manager that did it, or below which it was done.
    pub transaction: Option<Arc<str>>,
    /// The processes above the one that did it, nearest first, a line each: pid and command line.
    pub lineage: Option<Arc<str>>,
    /// Files that this one record stands for: more than one where expected changes are folded.
    pub files: u64,
    /// The first paths of a fold.
    pub paths: Vec<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ChangeKind {
    Created,
    /// Its content, or what a link points at.
    Modified,
    /// Owner, mode, extended attributes, links; the content is the same.
    Attributes,
    Renamed {
        from: Arc<str>,
    },
    Deleted,
    /// Many at once that the package manager made and whose digests are the package's.
    Expected,
    /// Many at once that the package manager made a moment ago and whose list is not there yet: what becomes of each is told
    /// after.
    Unverified,
    /// A baseline was taken: the file is it, and its digest.
    Baseline,
}

impl ChangeKind {
    /// ECS `event.action`.
    pub const fn action(&self) -> &'static str {
        match self {
            ChangeKind::Created => "integrity-create",
            ChangeKind::Modified => "integrity-modify",
            ChangeKind::Attributes => "integrity-attributes",
            ChangeKind::Renamed { .. } => "integrity-rename",
            ChangeKind::Deleted => "integrity-delete",
            ChangeKind::Expected => "integrity-expected",
            ChangeKind::Unverified => "integrity-unverified",
            ChangeKind::Baseline => "integrity-baseline",
        }
    }

    pub const ACTIONS: [&'static str; 8] = [
        "integrity-create",
        "integrity-modify",
        "integrity-attributes",
        "integrity-rename",
        "integrity-delete",
        "integrity-expected",
        "integrity-unverified",
        "integrity-baseline",
    ];
}

/// How a change came to be known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Found {
    /// As it happened.
    #[default]
    Live,
    /// It happened while the agent was not there: nobody can say who did it.
    Start,
    /// By comparing with the disk later: an event was lost, or none is made for it.
    Scan,
}

impl Found {
    pub const fn name(self) -> &'static str {
        match self {
            Found::Live => "live",
            Found::Start => "start",
            Found::Scan => "scan",
        }
    }
}

/// One thing about a file that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    pub attribute: Attribute,
    /// Empty where there was nothing.
    pub before: String,
    pub after: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Attribute {
    /// SHA-256 of the content.
    Content,
    /// Regular file, directory, link, …
    Type,
    Size,
    /// What a symbolic link points at.
    Target,
    /// Permission bits, set-uid and set-gid among them; octal.
    Mode,
    Owner,
    Group,
    /// POSIX access control list.
    Acl,
    /// Extended attributes, capabilities and labels among them.
    Xattr,
    /// Names that the file has.
    Links,
    /// Number of a device node.
    Device,
}

impl Attribute {
    pub const ALL: [Attribute; 11] = [
        Attribute::Content,
        Attribute::Type,
        Attribute::Size,
        Attribute::Target,
        Attribute::Mode,
        Attribute::Owner,
        Attribute::Group,
        Attribute::Acl,
        Attribute::Xattr,
        Attribute::Links,
        Attribute::Device,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Attribute::Content => "content",
            Attribute::Type => "type",
            Attribute::Size => "size",
            Attribute::Target => "target",
            Attribute::Mode => "mode",
            Attribute::Owner => "owner",
            Attribute::Group => "group",
            Attribute::Acl => "acl",
            Attribute::Xattr => "xattr",
            Attribute::Links => "links",
            Attribute::Device => "device",
        }
    }

    pub fn from_name(name: &str) -> Option<Attribute> {
        Attribute::ALL.into_iter().find(|one| one.name() == name)
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FileChange {
    /// Facts outside the columns, as a row's labels carry them.
    pub(crate) fn each_label(&self, visit: &mut dyn FnMut(&str, &str)) {
        visit("integrity_found", self.found.name());
        visit("integrity_severity", self.severity.name());
        visit("integrity_why", &self.why);
        visit("integrity_files", &self.files.to_string());
        let texts = [
            ("integrity_rule", &self.rule),
            ("integrity_package", &self.package),
            ("integrity_transaction", &self.transaction),
            ("integrity_lineage", &self.lineage),
            ("integrity_diff", &self.diff),
            ("integrity_diff_note", &self.diff_note),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                visit(name, text);
            }
        }
        if !self.paths.is_empty() {
            visit("integrity_paths", &self.paths.join("\n"));
        }
        for one in &self.changed {
            visit(&format!("before_{}", one.attribute), &one.before);
            visit(&format!("after_{}", one.attribute), &one.after);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_find_their_attribute() {
        for one in Attribute::ALL {
            assert_eq!(Attribute::from_name(one.name()), Some(one));
            assert_eq!(serde_json::to_value(one).unwrap(), one.name());
        }
    }
}
