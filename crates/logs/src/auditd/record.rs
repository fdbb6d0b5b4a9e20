//! One event's lines → one record, with what its fields mean besides: the arguments joined, paths made absolute, addresses.

use super::Event;
use super::fields::{argument, decoded, pairs};
use crate::flat::{Flat, Origin};
use event::Timestamp;

impl Event {
    /// Time and serial number, the same wherever the event is read.
    pub(crate) fn known_by(&self) -> (Timestamp, u64) {
        (Timestamp(self.id.0.saturating_mul(1_000_000)), self.id.1)
    }

    pub(crate) fn record(&self) -> Flat {
        let mut record = Flat::default();
        record.number = self.number;
        record.time = self.id.0.checked_mul(1_000_000).map(Timestamp);
        record.origin = Origin::Auditd;
        let cwd = self.lines.iter().find(|(kind, _)| kind == "CWD");
        let cwd = cwd
            .and_then(|(_, body)| pairs(body).find(|(name, _)| *name == "cwd").map(|(_, value)| decoded("cwd", value)));
        for (kind, body) in &self.lines {
            record.push("type", kind);
            let mut arguments: Vec<(u32, u32, String)> = Vec::new();
            for (name, raw) in pairs(body) {
                if name == "msg" {
                    // User space's records hold a second list in quotes.
                    for (inner, raw) in pairs(raw.trim_matches('\'')) {
                        record.push(inner, &decoded(inner, raw));
                    }
                    continue;
                }
                let value = decoded(name, raw);
                match (kind.as_str(), name) {
                    ("EXECVE", name) => match argument(name) {
                        Some((index, part)) => arguments.push((index, part, value)),
                        None => record.push(name, &value),
                    },
                    ("PATH", "name") => {
                        record.push(name, &value);
                        record.push("file", &absolute(&value, cwd.as_deref()));
                    }
                    ("SOCKADDR", "saddr") => {
                        record.push(name, raw);
                        socket(raw, &mut record);
                    }
                    ("SYSCALL", "syscall") => {
                        record.push(name, &value);
                        let known = body.contains("arch=c000003e").then(|| x86_64(&value)).flatten();
                        if let Some(call) = known {
                            record.push(name, call);
                            // As auditd writes it when it resolves names itself.
                            if !body.contains("SYSCALL=") {
                                record.push("SYSCALL", call);
                            }
                        }
                    }
                    _ => record.push(name, &value),
                }
            }
            if kind == "EXECVE" {
                command(arguments, &mut record);
            }
        }
        record
    }
}

fn command(mut arguments: Vec<(u32, u32, String)>, record: &mut Flat) {
    arguments.sort_by_key(|(index, part, _)| (*index, *part));
    let mut whole: Vec<(u32, String)> = Vec::new();
    for (index, _, text) in arguments {
        match whole.last_mut() {
            Some((last, own)) if *last == index => own.push_str(&text),
            _ => whole.push((index, text)),
        }
    }
    for (index, text) in &whole {
        record.push(&format!("a{index}"), text);
    }
    let line: Vec<&str> = whole.iter().map(|(_, text)| text.as_str()).collect();
    record.push("cmdline", &line.join(" "));
}

fn absolute(name: &str, cwd: Option<&str>) -> String {
    match cwd {
        Some(cwd) if !name.starts_with('/') && name != "(null)" => {
            format!("{}/{}", cwd.trim_end_matches('/'), name.trim_start_matches("./"))
        }
        _ => name.to_owned(),
    }
}

fn socket(raw: &str, record: &mut Flat) {
    let Ok(bytes) = hex::decode(raw) else { return };
    let Some(family) = bytes.get(..2).map(|two| u16::from_le_bytes([two[0], two[1]])) else { return };
    let port = |bytes: &[u8]| bytes.get(2..4).map(|two| u16::from_be_bytes([two[0], two[1]]));
    match family {
        1 => {
            let path: Vec<u8> = bytes[2..].iter().copied().take_while(|byte| *byte != 0).collect();
            record.push("path", &event::text::from_bytes(&path));
        }
        2 => {
            if let (Some(port), Some(ip)) = (port(&bytes), bytes.get(4..8)) {
                record.push("addr", &std::net::Ipv4Addr::new(ip[0], ip[1], ip[2], ip[3]).to_string());
                record.push("port", &port.to_string());
            }
        }
        10 => {
            let ip = bytes.get(8..24).and_then(|ip| <[u8; 16]>::try_from(ip).ok());
            if let (Some(port), Some(ip)) = (port(&bytes), ip) {
                record.push("addr", &std::net::Ipv6Addr::from(ip).to_string());
                record.push("port", &port.to_string());
            }
        }
        _ => {}
    }
}

/// The calls that rules ask for by name; where auditd did not resolve the number.
fn x86_64(number: &str) -> Option<&'static str> {
    Some(match number {
        "0" => "read",
        "1" => "write",
        "2" => "open",
        "41" => "socket",
        "42" => "connect",
        "49" => "bind",
        "59" => "execve",
        "62" => "kill",
        "82" => "rename",
        "84" => "rmdir",
        "87" => "unlink",
        "90" => "chmod",
        "92" => "chown",
        "101" => "ptrace",
        "105" => "setuid",
        "161" => "chroot",
        "165" => "mount",
        "170" => "sethostname",
        "175" => "init_module",
        "176" => "delete_module",
        "227" => "clock_settime",
        "257" => "openat",
        "263" => "unlinkat",
        "310" => "process_vm_readv",
        "311" => "process_vm_writev",
        "313" => "finit_module",
        "319" => "memfd_create",
        "321" => "bpf",
        "322" => "execveat",
        _ => return None,
    })
}
