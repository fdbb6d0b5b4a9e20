//! Changes of watched files: what, before and after, who; those that packages made folded.

use incident::Time;
use incident::schema::SeverityName;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct IntegrityQuery {
    /// Host id.
    #[serde(default)]
    pub host: Option<String>,
    /// This severity or graver.
    #[serde(default)]
    #[param(value_type = Option<SeverityName>)]
    pub severity: Option<event::Severity>,
    /// Found in the path, the program, its command line or the user.
    #[serde(default)]
    pub text: Option<String>,
    /// Only what answers this requirement of PCI DSS: `11.5.2`.
    #[serde(default)]
    pub pci: Option<String>,
    /// Only what answers this subject of the CIS benchmarks: `accounts`.
    #[serde(default)]
    pub cis: Option<String>,
    /// `next` of the page before: older changes.
    #[serde(default)]
    pub before: Option<String>,
    /// 1 to 1000; 100 when not given.
    #[serde(default)]
    pub limit: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct IntegrityPage {
    /// Newest first; expected ones of packages among them, each a fold of many files.
    pub items: Vec<IntegrityChange>,
    pub next: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct IntegrityChange {
    /// Unique on this page.
    pub id: String,
    pub time: Time,
    pub host_id: Option<String>,
    pub host_name: Option<String>,
    pub what: IntegrityKind,
    pub path: String,
    /// Of a rename: the name before.
    pub from: Option<String>,
    #[schema(value_type = SeverityName)]
    pub severity: event::Severity,
    /// As it happened, found at start, or found by a later comparison.
    pub found: IntegrityFound,
    pub rule: Option<String>,
    /// One sentence: why it is expected, or why not.
    pub why: String,
    pub changed: Vec<IntegrityAttribute>,
    /// Unified, secrets masked.
    pub diff: Option<String>,
    /// Why there is none, or that it was cut.
    pub diff_note: Option<String>,
    /// The package it belongs to; of a fold, all packages.
    pub package: Option<String>,
    /// Command line of the package manager.
    pub transaction: Option<String>,
    /// Files that this stands for, and the first of them.
    pub files: u64,
    pub paths: Vec<String>,
    pub who: Option<IntegrityActor>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum IntegrityKind {
    Create,
    Modify,
    Attributes,
    Rename,
    Delete,
    Expected,
    /// Made by a package manager whose list is not there yet; each file is expected or told later.
    Unverified,
    Baseline,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum IntegrityFound {
    Live,
    Start,
    Scan,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct IntegrityAttribute {
    /// content, type, size, target, mode, owner, group, acl, xattr, links, device.
    pub attribute: String,
    pub before: String,
    pub after: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct IntegrityActor {
    pub entity_id: String,
    pub pid: u64,
    pub executable: String,
    pub command_line: String,
    pub parent: Option<String>,
    pub user: Option<String>,
    pub login: Option<String>,
    pub session: Option<u64>,
    pub unit: Option<String>,
    pub container: Option<String>,
    pub image: Option<String>,
    /// The processes above, nearest first: pid and command line.
    pub lineage: Vec<String>,
}

/// What a period came to, arranged by PCI DSS's requirements or the subjects of the CIS benchmarks.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct IntegritySummary {
    /// Told and not expected.
    pub changes: u64,
    /// Files of packages that were held against their digests.
    pub expected: u64,
    pub sections: Vec<IntegritySection>,
    /// Changes of more than so many are left out of the sections: 0 when none were.
    pub left_out: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct IntegritySection {
    /// `11.5.2`, or `accounts`.
    pub id: String,
    /// Titles of the rules that answer it.
    pub rules: Vec<String>,
    pub changes: u64,
    #[schema(value_type = Option<SeverityName>)]
    pub highest: Option<event::Severity>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct IntegrityReportQuery {
    /// Host id; all hosts when not given.
    #[serde(default)]
    pub host: Option<String>,
    /// 1 to 366; 7 when not given.
    #[serde(default)]
    pub days: Option<u32>,
    /// all, pci or cis.
    #[serde(default)]
    #[param(inline)]
    pub view: Option<IntegrityView>,
    /// html, csv or pdf.
    #[serde(default)]
    #[param(inline)]
    pub format: Option<IntegrityFormat>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct IntegritySummaryQuery {
    /// Host id; all hosts when not given.
    #[serde(default)]
    pub host: Option<String>,
    /// 1 to 366; 7 when not given.
    #[serde(default)]
    pub days: Option<u32>,
    /// pci or cis.
    #[serde(default)]
    #[param(inline)]
    pub view: Option<IntegrityView>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum IntegrityView {
    #[default]
    All,
    Pci,
    Cis,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum IntegrityFormat {
    #[default]
    Html,
    Csv,
    Pdf,
}
