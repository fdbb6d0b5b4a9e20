//! What an alert amounts to, in a reader's words: a shell from a server, a miner, a stolen password. Findings name ATT&CK
//! techniques; a story needs fewer and plainer words, the same in every language. A word never says more than the event shows:
//! a search for keys is no theft, a service that was stopped is no data that was destroyed.

use event::{Alert, Column, Engine, Finding, Technique};

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
    Container "container" 4;
    Channel "channel" 4;
    Sniff "sniff" 4;
    Seek "seek" 5;
    Collect "collect" 5;
    Download "download" 5;
    Account "account" 5;
    Persist "persist" 5;
    Schedule "schedule" 5;
    Service "service" 5;
    Guess "guess" 5;
    Alter "alter" 6;
    BackDoor "back_door" 6;
    Erase "erase" 6;
    Disable "disable" 6;
    Fileless "fileless" 6;
    Privilege "privilege" 6;
    Inject "inject" 6;
    Lateral "lateral" 6;
    Exploit "exploit" 6;
    LogIn "log_in" 7;
    Halt "halt" 7;
    Escape "escape" 7;
    Kernel "kernel" 7;
    WebShell "web_shell" 8;
    ServerCommand "server_command" 8;
    ServerShell "server_shell" 8;
    ReverseShell "reverse_shell" 8;
    Credentials "credentials" 8;
    Exfiltrate "exfiltrate" 8;
    Malware "malware" 8;
    Flood "flood" 8;
    Deface "deface" 8;
    Recovery "recovery" 9;
    Miner "miner" 9;
    Destroy "destroy" 9;
    Encrypt "encrypt" 10;
}

/// By technique, its parts included; what stands here with its part goes before.
const BY_TECHNIQUE: &[(Technique, Act)] = &[
    (Technique::sub(1547, 6), Act::Kernel),
    (Technique::sub(1098, 4), Act::BackDoor),
    (Technique::new(1496), Act::Miner),
    (Technique::new(1486), Act::Encrypt),
    (Technique::new(1485), Act::Destroy),
    (Technique::new(1561), Act::Destroy),
    (Technique::new(1490), Act::Recovery),
    (Technique::new(1489), Act::Halt),
    (Technique::new(1529), Act::Halt),
    (Technique::new(1491), Act::Deface),
    (Technique::new(1498), Act::Flood),
    (Technique::new(1499), Act::Flood),
    (Technique::new(1565), Act::Alter),
    (Technique::new(1003), Act::Credentials),
    (Technique::new(1552), Act::Credentials),
    (Technique::new(1555), Act::Credentials),
    (Technique::new(1056), Act::Credentials),
    (Technique::new(1558), Act::Credentials),
    (Technique::new(1528), Act::Credentials),
    (Technique::new(1539), Act::Credentials),
    (Technique::new(1649), Act::Credentials),
    (Technique::new(1111), Act::Credentials),
    (Technique::new(1110), Act::Guess),
    (Technique::new(1040), Act::Sniff),
    (Technique::new(1557), Act::Sniff),
    (Technique::new(1560), Act::Collect),
    (Technique::new(1074), Act::Collect),
    (Technique::new(1005), Act::Collect),
    (Technique::new(1039), Act::Collect),
    (Technique::new(1025), Act::Collect),
    (Technique::new(1213), Act::Collect),
    (Technique::new(1114), Act::Collect),
    (Technique::new(1113), Act::Collect),
    (Technique::new(1115), Act::Collect),
    (Technique::new(1119), Act::Collect),
    (Technique::new(1123), Act::Collect),
    (Technique::new(1125), Act::Collect),
    (Technique::new(1620), Act::Fileless),
    (Technique::new(1055), Act::Inject),
    (Technique::new(1611), Act::Escape),
    (Technique::new(1610), Act::Container),
    (Technique::new(1609), Act::Container),
    (Technique::new(1014), Act::Hide),
    (Technique::new(1505), Act::ServerShell),
    (Technique::new(1190), Act::Exploit),
    (Technique::new(1203), Act::Exploit),
    (Technique::new(1210), Act::Lateral),
    (Technique::new(1041), Act::Exfiltrate),
    (Technique::new(1048), Act::Exfiltrate),
    (Technique::new(1567), Act::Exfiltrate),
    (Technique::new(1020), Act::Exfiltrate),
    (Technique::new(1029), Act::Exfiltrate),
    (Technique::new(1052), Act::Exfiltrate),
    (Technique::new(1053), Act::Schedule),
    (Technique::new(1543), Act::Service),
    (Technique::new(1546), Act::Persist),
    (Technique::new(1547), Act::Persist),
    (Technique::new(1037), Act::Persist),
    (Technique::new(1574), Act::Persist),
    (Technique::new(1542), Act::Persist),
    (Technique::new(1176), Act::Persist),
    (Technique::new(1556), Act::BackDoor),
    (Technique::new(1205), Act::BackDoor),
    (Technique::new(1554), Act::BackDoor),
    (Technique::new(1136), Act::Account),
    (Technique::new(1098), Act::Account),
    (Technique::new(1531), Act::Account),
    (Technique::new(1548), Act::Privilege),
    (Technique::new(1068), Act::Privilege),
    (Technique::new(1070), Act::Erase),
    (Technique::new(1562), Act::Disable),
    (Technique::new(1553), Act::Disable),
    (Technique::new(1021), Act::Lateral),
    (Technique::new(1563), Act::Lateral),
    (Technique::new(1570), Act::Lateral),
    (Technique::new(1105), Act::Download),
    (Technique::new(1071), Act::Channel),
    (Technique::new(1095), Act::Channel),
    (Technique::new(1571), Act::Channel),
    (Technique::new(1572), Act::Channel),
    (Technique::new(1090), Act::Channel),
    (Technique::new(1573), Act::Channel),
    (Technique::new(1102), Act::Channel),
    (Technique::new(1219), Act::Channel),
    (Technique::new(1568), Act::Channel),
    (Technique::new(1036), Act::Masquerade),
    (Technique::new(1564), Act::Hide),
    (Technique::new(1027), Act::Hide),
    (Technique::new(1140), Act::Hide),
    (Technique::new(1480), Act::Hide),
    (Technique::new(1497), Act::Hide),
    (Technique::new(1622), Act::Hide),
    (Technique::new(1222), Act::Permissions),
    (Technique::new(1059), Act::Script),
    (Technique::new(1106), Act::Script),
    (Technique::new(1204), Act::Script),
    (Technique::new(1218), Act::Script),
    (Technique::new(1569), Act::Script),
];

const DISCOVERY: [u16; 28] = [
    1007, 1010, 1012, 1016, 1018, 1033, 1046, 1049, 1057, 1069, 1082, 1083, 1087, 1120, 1124, 1135, 1201, 1217, 1482,
    1518, 1580, 1613, 1614, 1615, 1652, 1654, 1673, 1680,
];

/// The gravest act that the alert's findings and event stand for.
pub fn of(alert: &Alert) -> Act {
    let told = alert.findings.iter().map(of_finding).max_by_key(|act| act.weight()).unwrap_or(Act::Other);
    let told = as_seen(alert, told);
    [Some(told), of_event(alert, told)].into_iter().flatten().max_by_key(|act| act.weight()).unwrap_or(told)
}

fn of_finding(finding: &Finding) -> Act {
    let by_technique = finding.techniques.iter().map(|t| of_technique(*t)).max_by_key(|act| act.weight());
    let by_engine = of_engine(finding.engine);
    // That engine tells of recovery that is taken away and of data that is wiped, too.
    if finding.engine == Engine::Ransomware
        && let Some(act) = by_technique
    {
        return act;
    }
    [by_technique, by_engine].into_iter().flatten().max_by_key(|act| act.weight()).unwrap_or(Act::Other)
}

fn of_technique(technique: Technique) -> Act {
    let parent = technique.parent();
    let named = |wanted: Technique| BY_TECHNIQUE.iter().find(|(own, _)| *own == wanted).map(|(_, act)| *act);
    if let Some(act) = named(technique).or_else(|| named(parent)) {
        return act;
    }
    match DISCOVERY.iter().any(|number| Technique::new(*number) == parent) {
        true => Act::Discovery,
        false => Act::Other,
    }
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

/// What was told, no graver than the event bears out.
fn as_seen(alert: &Alert, told: Act) -> Act {
    let action = alert.event.text(Column::Action).unwrap_or_default();
    let shell = alert.lineage.first().is_some_and(|acting| crate::role::is_shell(&acting.name));
    let techniques = alert.techniques();
    let sought = |t: &Technique| matches!(of_technique(*t), Act::Credentials) && t.parent() != Technique::new(1552);
    match told {
        // Its name among a command's words is no look into it.
        Act::Credentials if action == "process-exec" && !techniques.iter().any(sought) => {
            let by_rules_alone = alert.findings.iter().all(|finding| finding.engine == Engine::Sigma);
            if by_rules_alone { Act::Seek } else { told }
        }
        Act::ServerShell if action.starts_with("file-") => Act::WebShell,
        Act::ServerShell if !shell => Act::ServerCommand,
        told => told,
    }
}

/// What the event itself shows beyond what its finding says.
fn of_event(alert: &Alert, told: Act) -> Option<Act> {
    let action = alert.event.text(Column::Action)?;
    match &*action {
        "user-login" if told == Act::Guess && alert.event.text(Column::Outcome).as_deref() == Some("success") => {
            return Some(Act::LogIn);
        }
        "module-load" | "bpf-load" => return Some(Act::Kernel),
        _ => {}
    }
    let acting = alert.lineage.first()?;
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
