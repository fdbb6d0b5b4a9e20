//! How the vocabulary's enums look in the API document. `event` knows nothing of OpenAPI, so each is mirrored here for the
//! schema alone; a test holds every mirror to its original, word for word.

use utoipa::ToSchema;

macro_rules! mirror {
    ($($(#[$doc:meta])* $name:ident as $as:ident { $($variant:ident = $text:tt),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(ToSchema, serde::Serialize)]
        #[schema(as = $as)]
        pub enum $name { $(#[serde(rename = $text)] $variant,)* }
        impl $name {
            pub const NAMES: &'static [&'static str] = &[$($text,)*];
        }
    )*};
}

mirror! {
    /// From the mildest to the gravest.
    SeverityName as Severity { Info = "info", Low = "low", Medium = "medium", High = "high", Critical = "critical" }
    /// ATT&CK's tactics by their short names.
    TacticName as Tactic {
        Reconnaissance = "reconnaissance", ResourceDevelopment = "resource-development",
        InitialAccess = "initial-access", Execution = "execution", Persistence = "persistence",
        PrivilegeEscalation = "privilege-escalation", DefenseEvasion = "defense-evasion",
        CredentialAccess = "credential-access", Discovery = "discovery", LateralMovement = "lateral-movement",
        Collection = "collection", CommandAndControl = "command-and-control", Exfiltration = "exfiltration",
        Impact = "impact",
    }
    /// What a host can keep of our promises.
    TierName as Tier { Observe = "observe", Gate = "gate", Enforce = "enforce" }
    /// A protection that a tier may lack.
    ProtectionName as Protection {
        ProcessActivity = "process_activity", FileActivity = "file_activity", NetworkActivity = "network_activity",
        KernelActivity = "kernel_activity", MemoryActivity = "memory_activity", IoUringActivity = "io_uring_activity",
        DenyExec = "deny_exec", DenyRead = "deny_read", DenyConnect = "deny_connect", DenyFileWrite = "deny_file_write",
        DenyPtrace = "deny_ptrace", DenyModule = "deny_module", SelfProtection = "self_protection",
    }
    /// What is done, mildest first.
    ActionName as DecisionAction { Allow = "allow", Alert = "alert", Deny = "deny", Kill = "kill", Quarantine = "quarantine" }
    /// How far a policy may go.
    ModeName as Mode { Observe = "observe", Alert = "alert", Enforce = "enforce" }
    /// Which voice speaks.
    EngineName as Engine {
        Sigma = "sigma", Behaviour = "behaviour", Ransomware = "ransomware", Miner = "miner", Hash = "hash",
        Yara = "yara", Policy = "policy", Sensor = "sensor", Signature = "signature", Model = "model",
        Reputation = "reputation",
        Integrity = "integrity",
    }
    /// What became of a decision.
    OutcomeName as OutcomeStatus { None = "none", Done = "done", Failed = "failed" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use event::*;
    use utoipa::PartialSchema;

    #[test]
    fn the_document_has_the_words_of_the_wire() {
        let schema = serde_json::to_value(SeverityName::schema()).unwrap();
        assert_eq!(schema["enum"], serde_json::json!(SeverityName::NAMES));
    }

    fn check(mirror: &[&str], original: impl IntoIterator<Item = impl serde::Serialize>) {
        let original: Vec<_> = original.into_iter().map(|v| serde_json::to_value(v).unwrap()).collect();
        assert_eq!(mirror, original.iter().map(|v| v.as_str().unwrap()).collect::<Vec<_>>());
    }

    #[test]
    fn mirrors_are_true() {
        check(SeverityName::NAMES, Severity::ALL);
        check(TacticName::NAMES, Tactic::ALL);
        check(TierName::NAMES, [Tier::Observe, Tier::Gate, Tier::Enforce]);
        check(ProtectionName::NAMES, Protection::ALL);
        check(ActionName::NAMES, [Action::Allow, Action::Alert, Action::Deny, Action::Kill, Action::Quarantine]);
        check(ModeName::NAMES, [Mode::Observe, Mode::Alert, Mode::Enforce]);
        check(OutcomeName::NAMES, [OutcomeStatus::None, OutcomeStatus::Done, OutcomeStatus::Failed]);
        use Engine::*;
        check(
            EngineName::NAMES,
            [Sigma, Behaviour, Ransomware, Miner, Hash, Yara, Policy, Sensor, Signature, Model, Reputation, Integrity],
        );
    }
}
