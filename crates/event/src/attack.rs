//! MITRE ATT&CK ids. Names and the technique-to-tactic table are content, not vocabulary: see `content/attack`.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A technique or sub-technique id: `T1059` or `T1059.004`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Technique {
    number: u16,
    sub: Option<u16>,
}

impl Technique {
    pub const fn new(number: u16) -> Self {
        Technique { number, sub: None }
    }
    pub const fn sub(number: u16, sub: u16) -> Self {
        Technique { number, sub: Some(sub) }
    }
    /// `T1059.004` → `T1059`.
    pub const fn parent(self) -> Self {
        Technique { number: self.number, sub: None }
    }
}

impl fmt::Display for Technique {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "T{:04}", self.number)?;
        self.sub.map_or(Ok(()), |sub| write!(f, ".{sub:03}"))
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an ATT&CK technique id: {0:?}")]
pub struct ParseTechniqueError(pub String);

impl FromStr for Technique {
    type Err = ParseTechniqueError;
    /// Takes `T1059.004`, `t1059.004` and Sigma's `attack.t1059.004`.
    fn from_str(text: &str) -> Result<Self, ParseTechniqueError> {
        let fail = || ParseTechniqueError(text.into());
        let lower = text.to_ascii_lowercase();
        let id = lower.strip_prefix("attack.").unwrap_or(&lower);
        let digits = id.strip_prefix('t').ok_or_else(fail)?;
        let (number, sub) = match digits.split_once('.') {
            Some((number, sub)) => (number, Some(sub)),
            None => (digits, None),
        };
        let part = |s: &str, len: usize| {
            (s.len() == len && s.bytes().all(|b| b.is_ascii_digit())).then(|| s.parse().ok()).flatten().ok_or_else(fail)
        };
        Ok(Technique { number: part(number, 4)?, sub: sub.map(|s| part(s, 3)).transpose()? })
    }
}

impl TryFrom<String> for Technique {
    type Error = ParseTechniqueError;
    fn try_from(text: String) -> Result<Self, ParseTechniqueError> {
        text.parse()
    }
}

impl From<Technique> for String {
    fn from(technique: Technique) -> String {
        technique.to_string()
    }
}

/// The fourteen enterprise tactics, in the matrix' order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tactic {
    Reconnaissance,
    ResourceDevelopment,
    InitialAccess,
    Execution,
    Persistence,
    PrivilegeEscalation,
    DefenseEvasion,
    CredentialAccess,
    Discovery,
    LateralMovement,
    Collection,
    CommandAndControl,
    Exfiltration,
    Impact,
}

impl Tactic {
    pub const ALL: [Tactic; 14] = [
        Tactic::Reconnaissance,
        Tactic::ResourceDevelopment,
        Tactic::InitialAccess,
        Tactic::Execution,
        Tactic::Persistence,
        Tactic::PrivilegeEscalation,
        Tactic::DefenseEvasion,
        Tactic::CredentialAccess,
        Tactic::Discovery,
        Tactic::LateralMovement,
        Tactic::Collection,
        Tactic::CommandAndControl,
        Tactic::Exfiltration,
        Tactic::Impact,
    ];

    /// ATT&CK's short name, as in `kill_chain_phases`.
    pub const fn name(self) -> &'static str {
        match self {
            Tactic::Reconnaissance => "reconnaissance",
            Tactic::ResourceDevelopment => "resource-development",
            Tactic::InitialAccess => "initial-access",
            Tactic::Execution => "execution",
            Tactic::Persistence => "persistence",
            Tactic::PrivilegeEscalation => "privilege-escalation",
            Tactic::DefenseEvasion => "defense-evasion",
            Tactic::CredentialAccess => "credential-access",
            Tactic::Discovery => "discovery",
            Tactic::LateralMovement => "lateral-movement",
            Tactic::Collection => "collection",
            Tactic::CommandAndControl => "command-and-control",
            Tactic::Exfiltration => "exfiltration",
            Tactic::Impact => "impact",
        }
    }
}

impl FromStr for Tactic {
    type Err = ParseTechniqueError;
    /// Takes ATT&CK's short name and Sigma's `attack.initial-access` or `attack.initial_access`.
    fn from_str(text: &str) -> Result<Self, ParseTechniqueError> {
        let name = text.to_ascii_lowercase().replace('_', "-");
        let name = name.strip_prefix("attack.").unwrap_or(&name);
        Tactic::ALL.into_iter().find(|t| t.name() == name).ok_or_else(|| ParseTechniqueError(text.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn technique_ids() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(text.parse::<Technique>().ok().map(|t| t.to_string()).as_deref(), expected, "{text}");
        };
        check("T1059", Some("T1059"));
        check("attack.t1059.004", Some("T1059.004"));
        check("T105", None);
        check("T1059.4", None);
        check("attack.execution", None);
        check("T+059", None);
    }
}
