//! Whether the kernel was changed under way, as far as it can be told from user space: entries of the system-call table that
//! lead out of the kernel's text (through /proc/kcore), functions that a module has hooked with ftrace or kprobes. What this
//! kernel does not let be read is a note, never "clean".

use super::Table;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;

/// Entries read of the table: x86-64 and arm64 have fewer.
const CALLS: usize = 512;

pub fn look(out: &mut Table) {
    out.columns(&["check", "verdict", "detail"]);
    let symbols = fs::read_to_string("/proc/kallsyms").unwrap_or_default();
    let checks: [(&str, Found); 4] =
        [("system-call table", table(&symbols)), ("ftrace hooks", traced()), ("kprobes", probes()), ("taint", taint())];
    for (check, result) in checks {
        match result {
            Ok(found) if found.is_empty() => {
                out.row(vec![json!(check), json!("clean"), Value::Null]);
            }
            Ok(found) => {
                for (verdict, detail) in found {
                    out.row(vec![json!(check), json!(verdict), json!(detail)]);
                }
            }
            Err(why) => out.note(format!("{check}: {why}")),
        }
    }
    out.note("code that was patched inside a function, and a hypervisor below the kernel, cannot be seen this way");
}

type Found = Result<Vec<(&'static str, String)>, String>;

fn table(symbols: &str) -> Found {
    let address = |name: &str| symbol(symbols, name).filter(|address| *address != 0);
    let (Some(start), Some(end)) = (address("_stext"), address("_etext")) else {
        return Err("the kernel does not show its addresses".into());
    };
    let Some(at) = address("sys_call_table") else {
        return Err("the kernel does not show where its table is".into());
    };
    let core = File::open("/proc/kcore").map_err(|error| format!("/proc/kcore: {error}"))?;
    let offset = offset_of(&core, at)?;
    let mut bytes = vec![0; CALLS * 8];
    let read = core.read_at(&mut bytes, offset).map_err(|error| format!("/proc/kcore: {error}"))?;
    let entries: Vec<u64> =
        bytes[..read].chunks_exact(8).map(|word| u64::from_ne_bytes(word.try_into().unwrap_or_default())).collect();
    Ok(stray(&entries, start, end))
}

/// Entries outside the text, up to where the table visibly ends (all that follows is no address of the kernel).
fn stray(entries: &[u64], start: u64, end: u64) -> Vec<(&'static str, String)> {
    let inside = |entry: &u64| (start..end).contains(entry);
    let length = entries.iter().rposition(inside).map_or(0, |last| last + 1);
    let kernel = |entry: u64| entry >> 47 == 0x1_ffff;
    let strays = entries[..length].iter().enumerate().filter(|(_, entry)| !inside(entry) && kernel(**entry));
    strays
        .map(|(number, entry)| {
            ("hooked", format!("system call {number} leads to {entry:#x}, outside the kernel's text"))
        })
        .collect()
}

fn symbol(symbols: &str, name: &str) -> Option<u64> {
    let line = symbols.lines().find(|line| line.split_ascii_whitespace().nth(2) == Some(name))?;
    u64::from_str_radix(line.split_ascii_whitespace().next()?, 16).ok()
}

/// Where an address lies in /proc/kcore, by its ELF program headers.
fn offset_of(core: &File, address: u64) -> Result<u64, String> {
    let mut head = [0u8; 64];
    core.read_exact_at(&mut head, 0).map_err(|error| format!("/proc/kcore: {error}"))?;
    let word = |at: usize| u64::from_le_bytes(head[at..at + 8].try_into().unwrap_or_default());
    let short = |at: usize| u16::from_le_bytes(head[at..at + 2].try_into().unwrap_or_default());
    if &head[..6] != b"\x7fELF\x02\x01" {
        return Err("/proc/kcore is no 64-bit ELF file".into());
    }
    let (at, size, count) = (word(32), u64::from(short(54)), u64::from(short(56)));
    for number in 0..count.min(4_096) {
        let mut header = [0u8; 56];
        core.read_exact_at(&mut header, at + number * size).map_err(|error| format!("/proc/kcore: {error}"))?;
        let word = |at: usize| u64::from_le_bytes(header[at..at + 8].try_into().unwrap_or_default());
        let (offset, start, length) = (word(8), word(16), word(32));
        if header[0] == 1 && address >= start && address - start < length {
            return Ok(offset + (address - start));
        }
    }
    Err("the table's address is not in /proc/kcore".into())
}

/// Functions that ftrace diverts. A trampoline of BPF is security software's way, also ours; a module's is a rootkit's too.
fn traced() -> Found {
    let text = read_tracing("enabled_functions")?;
    Ok(text.lines().filter_map(diverted).collect())
}

fn diverted(line: &str) -> Option<(&'static str, String)> {
    let function = line.split_ascii_whitespace().next()?;
    let rest = &line[function.len()..];
    if rest.contains("bpf") || rest.contains("kprobe_ftrace") || rest.contains("fprobe") || rest.contains("direct") {
        return None;
    }
    // The module stands in brackets behind what is called.
    let module = rest.rsplit_once('[').and_then(|(_, module)| module.split(']').next());
    match module {
        Some(module) => Some(("hooked", format!("{function} is diverted by module {module}"))),
        None if changes_flow(rest) => {
            Some(("unsure", format!("{function} is diverted: {}", event::text::clip(rest.trim(), 120))))
        }
        None => None,
    }
}

/// `I`: what is called may return elsewhere.
fn changes_flow(rest: &str) -> bool {
    rest.split_ascii_whitespace().take_while(|word| word.len() == 1 || word.starts_with('(')).any(|word| word == "I")
}

fn probes() -> Found {
    let text = fs::read_to_string("/sys/kernel/debug/kprobes/list")
        .map_err(|error| format!("/sys/kernel/debug/kprobes/list: {error}"))?;
    Ok(text.lines().filter_map(probed).collect())
}

/// `address k function+0x0 [FTRACE]`: a probe on a function that lists or hides is worth a look; who set it is not told.
fn probed(line: &str) -> Option<(&'static str, String)> {
    const TELLING: [&str; 9] = [
        "getdents",
        "sys_kill",
        "tcp4_seq_show",
        "tcp6_seq_show",
        "udp4_seq_show",
        "filldir",
        "proc_pid_readdir",
        "find_task_by",
        "sys_read",
    ];
    let function = line.split_ascii_whitespace().nth(2)?;
    let told = TELLING.iter().any(|name| function.contains(name));
    told.then(|| ("unsure", format!("a probe on {function}")))
}

fn taint() -> Found {
    let text = fs::read_to_string("/proc/sys/kernel/tainted").map_err(|error| error.to_string())?;
    let bits: u64 = text.trim().parse().map_err(|_| "the kernel's taint is no number".to_owned())?;
    let words = [
        (1, "a module was loaded by force"),
        (2, "an unsafe processor setup"),
        (3, "a module was taken out by force"),
        (13, "an unsigned module was loaded"),
    ];
    Ok(words.iter().filter(|(bit, _)| bits >> bit & 1 == 1).map(|(_, word)| ("unsure", (*word).to_owned())).collect())
}

fn read_tracing(name: &str) -> Result<String, String> {
    let places = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];
    let mut why = String::new();
    for place in places {
        match fs::read_to_string(format!("{place}/{name}")) {
            Ok(text) => return Ok(text),
            Err(error) => why = format!("{place}/{name}: {error}"),
        }
    }
    Err(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: u64 = 0xffff_ffff_8100_0000;

    #[test]
    fn an_entry_that_leads_elsewhere() {
        let mut entries = vec![BASE + 0x10; 8];
        entries.extend([0x1234, 0xdead_beef]);
        assert_eq!(stray(&entries, BASE, BASE + 0x1000), []);
        entries[3] = 0xffff_ffff_c0de_0000;
        let found = stray(&entries, BASE, BASE + 0x1000);
        assert_eq!(found.len(), 1);
        assert!(found[0].1.starts_with("system call 3 leads to 0xffffffffc0de0000"), "{found:?}");
    }

    #[test]
    fn who_diverts_a_function() {
        let check = |line: &str, verdict: Option<&str>| {
            assert_eq!(diverted(line).map(|(verdict, _)| verdict), verdict, "{line}");
        };
        check(
            "__x64_sys_getdents64 (1) R I     tramp: ftrace_regs_caller+0x0/0x65 ->fh_ftrace_thunk+0x0/0x20 [evil]",
            Some("hooked"),
        );
        check("vfs_read (1) R   D   direct-->bpf_trampoline_6442 (call_direct_funcs)", None);
        check("do_exit (1) R I   ->kprobe_ftrace_handler+0x0/0x1c0", None);
        check("tcp4_seq_show (1) R I ->0xffffffffc0001000", Some("unsure"));
        check("", None);
    }

    #[test]
    fn probes_on_what_lists() {
        assert_eq!(probed("ffff  k  __x64_sys_getdents64+0x0    [FTRACE]").unwrap().0, "unsure");
        assert_eq!(probed("ffff  k  do_unlinkat+0x0    [FTRACE]"), None);
    }

    #[test]
    fn symbols_by_name() {
        let text = "ffffffff81000000 T _stext\nffffffff82000000 D sys_call_table\n0000000000000000 T _etext\n";
        assert_eq!((symbol(text, "sys_call_table"), symbol(text, "missing")), (Some(0xffff_ffff_8200_0000), None));
    }
}
