//! Features of what a program can do and says: imports by capability, strings by kind, and both together.

use super::parse::Elf;
use super::phrases::*;
use super::{imports, patterns, strings};
use crate::recorder::{Recorder, log, share};

/// Pairs and triples of abilities that malware joins: each is named and holds if every one of its parts does. Parts with `@` are
/// capabilities of imports, others kinds of strings.
const TOGETHER: &[(&str, &[&str])] = &[
    ("connect_and_exec", &["@connect", "@exec"]),
    ("connect_and_shell", &["@connect", "@shell"]),
    ("connect_exec_persist", &["@connect", "@exec", "cron"]),
    ("connect_and_service", &["@connect", "service"]),
    ("connect_and_trace", &["@connect", "@trace"]),
    ("connect_and_records", &["@connect", "@log-in-records"]),
    ("download_and_executable", &["download", "executable-bit"]),
    ("busybox_and_default_password", &["busybox", "default-password"]),
    ("telnet_and_busybox", &["telnet", "busybox"]),
    ("router_exploit_and_download", &["router-exploit", "download"]),
    ("flood_and_connect", &["flood", "@connect"]),
    ("flood_and_bot", &["flood", "bot"]),
    ("stratum_and_persist", &["stratum", "cron"]),
    ("miner_and_kill", &["miner", "kill-others"]),
    ("stratum_and_miner", &["stratum", "miner"]),
    ("preload_and_accounts", &["preload", "accounts"]),
    ("preload_and_hooks", &["preload", "@load"]),
    ("module_and_hide", &["kernel-symbols", "module"]),
    ("credentials_and_connect", &["credentials", "@connect"]),
    ("keys_and_connect", &["ssh-keys", "@connect"]),
    ("keylog_and_connect", &["keylog", "@connect"]),
    ("ransom_and_encryption", &["ransom", "crypto"]),
    ("encryption_and_walk", &["@encryption", "@processes"]),
    ("ransom_and_suffix", &["ransom", "encrypted-suffix"]),
    ("virtual_machines_and_ransom", &["virtual-machines", "ransom"]),
    ("history_and_logs", &["history", "logs"]),
    ("firewall_and_kill", &["firewall", "kill-others"]),
    ("security_off_and_download", &["security-off", "download"]),
    ("hidden_and_persist", &["hidden-file", "cron"]),
    ("watchdog_and_connect", &["watchdog", "@connect"]),
    ("memory_and_load", &["@memory", "@load"]),
    ("escape_and_exec", &["container", "@exec"]),
    ("cloud_and_connect", &["cloud", "@connect"]),
    ("messenger_and_shell", &["messenger", "@shell"]),
    ("delete_itself", &["proc-exe", "@files"]),
    ("exec_and_privilege", &["@exec", "@privilege"]),
    ("reverse_shell_and_connect", &["reverse-shell", "@connect"]),
];

pub fn write(elf: &Elf, looked_at: &[u8], row: &mut Recorder) {
    let wanted = imported(elf, row);
    let said = spoken(looked_at, row);
    let has = |part: &str| match part.strip_prefix('@') {
        Some(capability) => wanted.get(imports::index(capability)).is_some_and(|count| *count > 0),
        None => said.get(patterns::index(part)).is_some_and(|count| *count > 0),
    };
    let mut all = 0u32;
    for (name, parts) in TOGETHER {
        let holds = parts.iter().all(|part| has(part));
        all += u32::from(holds);
        row.put_of(TOGETHER_PHRASE, "together", name, holds);
    }
    row.put(TOGETHER_PHRASE, "together.all", all);
}

const TOGETHER_PHRASE: crate::recorder::Phrase = super::phrases::TOGETHER;

fn imported(elf: &Elf, row: &mut Recorder) -> Vec<u32> {
    let mut wanted = vec![0u32; imports::CAPABILITIES.len()];
    let mut linked = vec![0u32; imports::CAPABILITIES.len()];
    let (mut count, mut exported, mut sum, mut highest, mut rare) = (0u32, 0u32, 0.0f32, 0.0f32, 0u32);
    for symbol in &elf.dynamic_symbols {
        if !symbol.imported {
            exported += 1;
            continue;
        }
        if !symbol.function {
            continue;
        }
        count += 1;
        let bits = imports::rarity(symbol.name);
        (sum, highest) = (sum + bits, highest.max(bits));
        rare += u32::from(bits >= 10.0);
        if let Some(index) = imports::capability(symbol.name) {
            wanted[index] += 1;
        }
    }
    for name in &elf.static_names {
        if let Some(index) = imports::capability(name) {
            linked[index] += 1;
        }
    }
    row.put(IMPORTS, "imports.all", log(count));
    row.put(IMPORTS, "exports.all", log(exported));
    row.put(RARITY, "imports.rarity_mean", share(sum, count));
    row.put(RARITY, "imports.rarity_highest", highest);
    row.put(RARITY, "imports.rare_share", share(rare, count));
    for (index, capability) in imports::CAPABILITIES.iter().enumerate() {
        row.put_of(capability.phrase, "imports", capability.name, wanted[index]);
    }
    for (index, capability) in imports::CAPABILITIES.iter().enumerate() {
        // A dynamic program's full table repeats its imports.
        let only_linked = if count == 0 { linked[index] } else { 0 };
        row.put_of(capability.phrase, "linked", capability.name, only_linked);
    }
    wanted.iter().zip(&linked).map(|(one, other)| one + other).collect()
}

fn spoken(looked_at: &[u8], row: &mut Recorder) -> Vec<u32> {
    let mut said = vec![0u32; patterns::KINDS.len()];
    patterns::each(looked_at, |hit| said[hit.kind] = said[hit.kind].saturating_add(1));
    for (kind, count) in patterns::KINDS.iter().zip(&said) {
        row.put_of(kind.phrase, "says", kind.name, log(*count));
    }
    row.put(STRINGS, "says.kinds", said.iter().filter(|count| **count > 0).count());
    let text = strings::read(looked_at);
    row.put(STRINGS, "strings.count", log(text.count));
    row.put(STRINGS, "strings.share", share(text.bytes, looked_at.len()));
    row.put(STRINGS, "strings.mean", share(text.bytes, text.count));
    row.put(STRINGS, "strings.longest", log(text.longest));
    row.put(STRINGS, "strings.long", log(text.long));
    row.put(STRINGS, "strings.entropy", text_entropy(&text.histogram));
    row.put(STRINGS, "strings.formats", log(text.formats));
    row.put(STRINGS, "strings.paths", log(text.paths));
    row.put(ADDRESSES, "strings.ipv4", log(text.ipv4));
    row.put(ADDRESSES, "strings.endpoints", log(text.endpoint));
    row.put(ADDRESSES, "strings.domains", log(text.domains));
    row.put(BLOBS, "strings.base64", log(text.base64));
    row.put(BLOBS, "strings.hex", log(text.hex));
    row.put(WALLET, "strings.wallet", text.wallet);
    said
}

fn text_entropy(histogram: &[[u32; 32]; 3]) -> f32 {
    let all: f32 = histogram.iter().flatten().map(|count| *count as f32).sum();
    let part = |count: &u32| if *count == 0 { 0.0 } else { -(*count as f32 / all) * (*count as f32 / all).log2() };
    if all > 0.0 { histogram.iter().flatten().map(part).sum() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_pair_exists() {
        for (name, parts) in TOGETHER {
            for part in *parts {
                let known = match part.strip_prefix('@') {
                    Some(capability) => imports::index(capability) != usize::MAX,
                    None => patterns::index(part) != usize::MAX,
                };
                assert!(known, "{name}: {part}");
            }
        }
    }
}
