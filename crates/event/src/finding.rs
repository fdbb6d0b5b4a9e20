//! What an engine thinks of something it saw. Many findings may make one alert; a finding alone decides nothing.

use crate::{Action, RuleId, Severity, Tactic, Technique};
use serde::{Deserialize, Serialize};

/// Which voice speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    Sigma,
    Behaviour,
    Ransomware,
    Miner,
    Hash,
    Yara,
    Policy,
    Sensor,
    /// Pattern signatures in ClamAV's formats.
    Signature,
    /// The learned model of files and command lines.
    Model,
    /// Lists of the allowed and the denied, owning package, prevalence in the fleet.
    Reputation,
    /// A watched file is not as it was.
    Integrity,
}

impl Engine {
    pub const fn name(self) -> &'static str {
        match self {
            Engine::Sigma => "sigma",
            Engine::Behaviour => "behaviour",
            Engine::Ransomware => "ransomware",
            Engine::Miner => "miner",
            Engine::Hash => "hash",
            Engine::Yara => "yara",
            Engine::Policy => "policy",
            Engine::Sensor => "sensor",
            Engine::Signature => "signature",
            Engine::Model => "model",
            Engine::Reputation => "reputation",
            Engine::Integrity => "integrity",
        }
    }
}

/// Name in [`Finding::matched`] of how often the same was found and not told since it was last told.
pub const HELD_BACK: &str = "held_back";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub engine: Engine,
    pub rule_id: RuleId,
    /// The rule's title, in English.
    pub name: String,
    pub severity: Severity,
    #[serde(default)]
    pub techniques: Vec<Technique>,
    #[serde(default)]
    pub tactics: Vec<Tactic>,
    /// One sentence: why this was thought so, from what was seen.
    pub detail: String,
    /// The fields that matched and their values, column or label name first.
    #[serde(default)]
    pub matched: Vec<(String, String)>,
    /// What the rule itself asks for; policy decides.
    #[serde(default)]
    pub asks: Option<Action>,
}

impl Finding {
    /// Says how often the same was counted instead of told; nothing for none.
    pub fn note_held_back(&mut self, count: u32) {
        if count > 0 {
            self.detail.push_str(&format!(" Held back since it was last told: {count} more."));
            self.matched.push((HELD_BACK.to_owned(), count.to_string()));
        }
    }
}
