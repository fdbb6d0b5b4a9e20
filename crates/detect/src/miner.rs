//! Coin miners by several weak voices. No single one is enough: a port alone, a word alone, an odd place alone is common.

use crate::lineage::{outgoing, shown};
use crate::names::{is_build_place, is_world_writable};
use crate::tell::{Rule, who};
use event::{Action, Engine, Event, EventKind, Finding, Process, Severity, Tactic, Technique};

const RULE: Rule = Rule {
    id: "miner.stratum",
    engine: Engine::Miner,
    name: "Coin miner talks to its pool",
    severity: Severity::High,
    techniques: &[Technique::new(1496)],
    tactics: &[Tactic::Impact],
    asks: Some(Action::Kill),
};

/// Voices must add up to this.
const ENOUGH: u32 = 4;

/// Ports on which public pools listen and little else does.
const POOL_PORTS: [u16; 22] = [
    3333, 3334, 3335, 3357, 4444, 4445, 5555, 5556, 7777, 8899, 10128, 10300, 13333, 13531, 14433, 14444, 20128, 20535,
    30000, 45560, 45700, 45791,
];

pub(crate) fn observe(event: &Event, process: &Process) -> Option<Finding> {
    let EventKind::Network(network) = &event.kind else { return None };
    let to = outgoing(network)?;
    let mut voices: Vec<(u32, String)> = Vec::new();
    if POOL_PORTS.contains(&to.port) {
        voices.push((2, format!("port {} is used by mining pools", to.port)));
    }
    voices.extend(words(&process.command_line));
    voices.extend(place(process));
    let score: u32 = voices.iter().map(|(weight, _)| weight).sum();
    if score < ENOUGH {
        return None;
    }
    let why: Vec<String> = voices.into_iter().map(|(_, why)| why).collect();
    let detail = format!("{} connected to {}: {}.", who(process), shown(&to), why.join("; "));
    Some(
        RULE.finding(
            detail,
            vec![("process_command_line", process.command_line.to_string()), ("destination", shown(&to))],
        ),
    )
}

fn words(command_line: &str) -> Option<(u32, String)> {
    const STRONG: [&str; 9] = [
        "stratum+tcp",
        "stratum+ssl",
        "stratum+tls",
        "stratum2+",
        "stratum1+",
        "--donate-level",
        "--coin=monero",
        "--algo=rx",
        "--nicehash",
    ];
    const WEAK: [&str; 8] = ["xmr", "monero", "--cpu-max", "--threads=", " -p x", "--rig-id", "pool", "--user="];
    let line = command_line.to_ascii_lowercase();
    if let Some(word) = STRONG.iter().find(|word| line.contains(**word)) {
        return Some((4, format!("its command line says “{word}”")));
    }
    if command_line.split([' ', '=']).any(is_wallet) {
        return Some((3, "its command line holds what looks like a wallet".to_owned()));
    }
    WEAK.iter().find(|word| line.contains(**word)).map(|word| (1, format!("its command line says “{}”", word.trim())))
}

/// Monero addresses: 95 characters of base 58 that begin with 4 or 8.
fn is_wallet(word: &str) -> bool {
    let word = word.split(['.', '+', '/']).next().unwrap_or_default();
    word.len() == 95 && word.starts_with(['4', '8']) && word.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn place(process: &Process) -> Option<(u32, String)> {
    let path = &*process.executable;
    if process.fileless {
        Some((2, "it runs from no file".to_owned()))
    } else if is_world_writable(path) && !is_build_place(path) {
        Some((2, "it runs from a folder that every user may write to".to_owned()))
    } else {
        None
    }
}
