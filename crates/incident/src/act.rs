//! What an alert amounts to, in a reader's words: a shell from a server, a miner, a stolen password. Findings name ATT&CK
//! techniques; a story needs fewer and plainer words, the same in every language.

use event::{Alert, Column, Engine, Technique};

macro_rules! acts {
    ($($variant:ident $name:literal $weight:literal;)*) => {
        /// In the order in which they matter for a title: the later, the graver.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Act { $($variant,)* }
        impl Act {
            pub const ALL: &'static [Act] = &[$(Act::$variant,)*];
            pub const fn name(self) -> &'static str { match self { $(Act::$variant => $name,)* } }
            /// How much it deserves to stand in the title.
            pub const fn weight(self) -> u8 { match self { $(Act::$variant => $weight,)* } }
            pub fn from_name(name: &str) -> Option<Act> { match name { $($name => Some(Act::$variant),)* _ => None } }
        }
    };
}

acts! {
    Other "other" 0;
    Policy "policy" 1;
    Sensor "sensor" 1;
    Discovery "discovery" 1;
    Change "change" 2;
    Script "script" 2;
    Permissions "permissions" 2;
    Hide "hide" 3;
    Masquerade "masquerade" 3;
    Channel "channel" 4;
    Download "download" 5;
    Account "account" 5;
    Persist "persist" 5;
    Schedule "schedule" 5;
    Service "service" 5;
    Erase "erase" 6;
    Disable "disable" 6;
    Fileless "fileless" 6;
    Privilege "privilege" 6;
    Inject "inject" 6;
    Lateral "lateral" 6;
    Escape "escape" 7;
    Kernel "kernel" 7;
    ServerShell "server_shell" 8;
    ReverseShell "reverse_shell" 8;
    Credentials "credentials" 8;
    Exfiltrate "exfiltrate" 8;
    Malware "malware" 8;
    Miner "miner" 9;
    Destroy "destroy" 9;
    Encrypt "encrypt" 10;
}

const BY_TECHNIQUE: &[(u16, Act)] = &[
    (1496, Act::Miner),
    (1486, Act::Encrypt),
    (1485, Act::Destroy),
    (1490, Act::Destroy),
    (1489, Act::Destroy),
    (1561, Act::Destroy),
    (1003, Act::Credentials),
    (1552, Act::Credentials),
    (1555, Act::Credentials),
    (1056, Act::Credentials),
    (1110, Act::Credentials),
    (1620, Act::Fileless),
    (1055, Act::Inject),
    (1611, Act::Escape),
    (1610, Act::Escape),
    (1014, Act::Kernel),
    (1215, Act::Kernel),
    (1505, Act::ServerShell),
    (1190, Act::ServerShell),
    (1041, Act::Exfiltrate),
    (1048, Act::Exfiltrate),
    (1567, Act::Exfiltrate),
    (1053, Act::Schedule),
    (1543, Act::Service),
    (1546, Act::Persist),
    (1547, Act::Persist),
    (1037, Act::Persist),
    (1574, Act::Persist),
    (1136, Act::Account),
    (1098, Act::Account),
    (1548, Act::Privilege),
    (1068, Act::Privilege),
    (1070, Act::Erase),
    (1562, Act::Disable),
    (1021, Act::Lateral),
    (1570, Act::Lateral),
    (1105, Act::Download),
    (1071, Act::Channel),
    (1095, Act::Channel),
    (1571, Act::Channel),
    (1572, Act::Channel),
    (1090, Act::Channel),
    (1573, Act::Channel),
    (1036, Act::Masquerade),
    (1564, Act::Hide),
    (1027, Act::Hide),
    (1140, Act::Hide),
    (1222, Act::Permissions),
    (1059, Act::Script),
    (1204, Act::Script),
];

/// The gravest act that the alert's findings and event stand for.
pub fn of(alert: &Alert) -> Act {
    let by_finding = alert.findings.iter().map(|finding| {
        let by_technique = finding.techniques.iter().map(|t| of_technique(*t)).max_by_key(|act| act.weight());
        let by_engine = of_engine(finding.engine);
        [by_technique, by_engine].into_iter().flatten().max_by_key(|act| act.weight()).unwrap_or(Act::Other)
    });
    let told = by_finding.max_by_key(|act| act.weight()).unwrap_or(Act::Other);
    [Some(told), of_event(alert, told)].into_iter().flatten().max_by_key(|act| act.weight()).unwrap_or(told)
}

fn of_technique(technique: Technique) -> Act {
    if technique == Technique::sub(1547, 6) {
        return Act::Kernel;
    }
    let parent = technique.parent();
    if let Some((_, act)) = BY_TECHNIQUE.iter().find(|(number, _)| Technique::new(*number) == parent) {
        return *act;
    }
    let is_discovery = [1007, 1012, 1016, 1018, 1033, 1040, 1046, 1049, 1057, 1069, 1082, 1083, 1087, 1518, 1613, 1614];
    if is_discovery.iter().any(|number| Technique::new(*number) == parent) { Act::Discovery } else { Act::Other }
}

fn of_engine(engine: Engine) -> Option<Act> {
    match engine {
        Engine::Hash | Engine::Yara | Engine::Signature | Engine::Model | Engine::Reputation => Some(Act::Malware),
        Engine::Miner => Some(Act::Miner),
        Engine::Ransomware => Some(Act::Encrypt),
        Engine::Policy => Some(Act::Policy),
        Engine::Sensor => Some(Act::Sensor),
        Engine::Integrity => Some(Act::Change),
        Engine::Sigma | Engine::Behaviour => None,
    }
}

/// What the event itself shows beyond what its finding says.
fn of_event(alert: &Alert, told: Act) -> Option<Act> {
    let acting = alert.lineage.first()?;
    let action = alert.event.text(Column::Action)?;
    let is_shell = crate::role::is_shell(&acting.name);
    match &*action {
        "network-connect" if is_shell => Some(Act::ReverseShell),
        "process-exec" if acting.fileless => Some(Act::Fileless),
        "process-exec" if is_shell && matches!(told, Act::Script | Act::Other) => {
            let parent = alert.lineage.get(1)?;
            crate::role::server_kind(&parent.name).map(|_| Act::ServerShell)
        }
        _ => None,
    }
}
