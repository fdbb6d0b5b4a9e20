//! `[integrity]`: which files are watched for change, and how much each change matters. Sets that ship stand in
//! `content/policies/integrity`; a policy names those it wants and adds to them. Read by the agent for `integrity`.

use crate::Glob;
use event::{Attribute, Severity, Technique};
use serde::{Deserialize, Serialize};

/// The sets that ship: name and text.
const SETS: [(&str, &str); 4] = [
    ("linux", include_str!("../../../content/policies/integrity/linux.toml")),
    ("debian", include_str!("../../../content/policies/integrity/debian.toml")),
    ("rhel", include_str!("../../../content/policies/integrity/rhel.toml")),
    ("pci-dss-11.5.2", include_str!("../../../content/policies/integrity/pci-dss-11.5.2.toml")),
];

pub const SET_NAMES: [&str; 4] = [SETS[0].0, SETS[1].0, SETS[2].0, SETS[3].0];

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Integrity {
    /// Nothing is watched before there is a baseline: `tamon integrity baseline` makes it.
    pub enabled: bool,
    /// Sets that ship, by name; the first rule that fits counts, the policy's own before theirs.
    pub sets: Vec<String>,
    /// Trees or single files besides; `*` stands for one component.
    pub watch: Vec<String>,
    pub exclude: Vec<Glob>,
    /// Of a change that no rule speaks of.
    pub severity: Severity,
    /// Content of text files up to this size is kept, for diffs; secrets are masked before. 0 keeps none.
    pub keep_text_bytes: u64,
    /// Of all kept texts together, compressed.
    pub keep_total_bytes: u64,
    /// The whole is compared with the disk again after so many hours; 0 is never.
    pub compare_hours: u32,
    /// A report is written after so many days; 0 is never.
    pub report_days: u32,
    #[serde(rename = "rule")]
    pub rules: Vec<IntegrityRule>,
}

impl Default for Integrity {
    fn default() -> Self {
        Integrity {
            enabled: true,
            sets: SET_NAMES[..3].iter().map(ToString::to_string).collect(),
            watch: Vec::new(),
            exclude: Vec::new(),
            severity: Severity::Low,
            keep_text_bytes: 256 << 10,
            keep_total_bytes: 64 << 20,
            compare_hours: 24,
            report_days: 7,
            rules: Vec::new(),
        }
    }
}

/// One file of `content/policies/integrity`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntegritySet {
    pub name: String,
    pub title: String,
    #[serde(default)]
    pub watch: Vec<String>,
    #[serde(default)]
    pub exclude: Vec<Glob>,
    #[serde(default, rename = "rule")]
    pub rules: Vec<IntegrityRule>,
}

/// `[[integrity.rule]]`: how much changes of these files matter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntegrityRule {
    /// `accounts`: with `integrity.` before it this is the finding's rule id.
    pub id: String,
    pub title: String,
    pub path: Vec<Glob>,
    /// Only changes of these; of any when empty. A file that comes or goes counts as a change of content.
    #[serde(default)]
    pub on: Vec<Attribute>,
    pub severity: Severity,
    #[serde(default)]
    pub techniques: Vec<Technique>,
    /// Requirements that this answers, for the report's views: `10.3.4`, `11.5.2`.
    #[serde(default)]
    pub pci: Vec<String>,
    /// Sections of the CIS benchmarks for Linux, by subject: `accounts`, `cron`.
    #[serde(default)]
    pub cis: Vec<String>,
}

impl IntegrityRule {
    pub fn fits(&self, path: &str, changed: &[Attribute]) -> bool {
        let touches = self.on.is_empty() || changed.iter().any(|one| self.on.contains(one));
        touches && self.path.iter().any(|glob| glob.matches(path))
    }
}

impl IntegritySet {
    /// None when no such set ships.
    pub fn named(name: &str) -> Option<IntegritySet> {
        let (_, text) = SETS.iter().find(|(known, _)| *known == name)?;
        // A test reads each of them.
        toml::from_str(text).ok()
    }
}

impl Integrity {
    /// The sets that the policy names, in its order. Their names were checked when it was read.
    pub fn chosen(&self) -> Vec<IntegritySet> {
        self.sets.iter().filter_map(|name| IntegritySet::named(name)).collect()
    }

    /// Field and fault.
    pub(crate) fn check(&self) -> Result<(), (String, String)> {
        let fault = |field: &str, message: String| Err((format!("integrity.{field}"), message));
        if let Some(unknown) = self.sets.iter().find(|name| !SET_NAMES.contains(&name.as_str())) {
            return fault("sets", format!("{unknown:?} is none of {}", SET_NAMES.join(", ")));
        }
        if self.keep_text_bytes > 4 << 20 {
            return fault("keep_text_bytes", "must be at most 4194304".into());
        }
        if self.keep_total_bytes > 4 << 30 {
            return fault("keep_total_bytes", "must be at most 4294967296".into());
        }
        for (i, rule) in self.rules.iter().enumerate() {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if rule.id.is_empty() || !rule.id.chars().all(plain) {
                let message = "must be of lower-case letters, digits and -".to_owned();
                return Err((format!("integrity.rule[{i}].id"), message));
            }
            if rule.path.is_empty() {
                return Err((format!("integrity.rule[{i}].path"), "names no file".to_owned()));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Policy;

    #[test]
    fn every_set_that_ships_is_read_and_names_itself() {
        for name in SET_NAMES {
            let (_, text) = SETS.iter().find(|(known, _)| *known == name).unwrap();
            let set: IntegritySet = toml::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(set.name, name);
            assert!(set.watch.iter().all(|path| path.starts_with('/')), "{name}");
            let rules = Integrity { rules: set.rules, ..Integrity::default() };
            rules.check().unwrap_or_else(|(field, fault)| panic!("{name}: {field}: {fault}"));
        }
    }

    #[test]
    fn the_first_rule_that_fits_counts() {
        let rules: Vec<IntegrityRule> = Integrity::default().chosen().into_iter().flat_map(|set| set.rules).collect();
        let check = |path: &str, changed: &[Attribute], expected: Option<&str>| {
            let found = rules.iter().find(|rule| rule.fits(path, changed)).map(|rule| rule.id.as_str());
            assert_eq!(found, expected, "{path} {changed:?}");
        };
        check("/etc/shadow", &[Attribute::Content], Some("accounts"));
        check("/etc/ld.so.preload", &[], Some("preload"));
        check("/usr/bin/ls", &[Attribute::Content], Some("programs"));
        check("/etc/hostname", &[Attribute::Content], None);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_field() {
        let check = |text: &str, field: &str| {
            let error = Policy::parse("p.toml", &format!("version = 1\n{text}")).unwrap_err();
            assert_eq!(error.field, field, "{error}");
        };
        check("[integrity]\nsets = [\"all\"]\n", "integrity.sets");
        check("[integrity]\nwatch = [\"etc\"]\n", "integrity.watch");
        check("[integrity]\nwach = []\n", "integrity.wach");
        check(
            "[[integrity.rule]]\nid = \"A b\"\ntitle = \"x\"\npath = [\"/x\"]\nseverity = \"low\"\n",
            "integrity.rule[0].id",
        );
    }
}
