//! The proposal as TOML, with what was seen how often beside each entry.

use super::super::base::{BASE_READ, BASE_SOCKETS, BASE_WRITE};
use super::{Doing, Learner, addresses, names, paths};
use std::fmt::Write as _;

/// Kinds without a list, and what restricts them.
const FLAGS: [(Doing, &str); 7] = [
    (Doing::Modules, "false"),
    (Doing::Ptrace, "false"),
    (Doing::Mounts, "false"),
    (Doing::Namespaces, "false"),
    (Doing::Memory, "false"),
    (Doing::Raise, "false"),
    (Doing::Signals, "\"own\""),
];

pub(super) fn write(seen: &Learner, id: &str, selector: &str, how: &str, capabilities: bool) -> String {
    let mut text = String::new();
    // A String takes whatever it is given.
    let mut line = |words: std::fmt::Arguments<'_>| {
        let _ = writeln!(text, "{words}");
    };
    line(format_args!(
        "# What {id} was seen to do, {how}. Read it, and let it observe before it enforces: simulate, apply, enforce."
    ));
    line(format_args!(
        "version = 1\nname = \"prevention-{id}\"\n\n[[prevention]]\nid = \"{id}\"\nmode = \"observe\"\n{selector}"
    ));
    let mut unseen = Vec::new();
    let lists = [
        ("read", paths::entries(&seen.read, BASE_READ)),
        ("write", paths::entries(&seen.write, BASE_WRITE)),
        ("run", seen.run.iter().map(|(path, count)| (path.clone(), *count)).collect()),
        ("sockets", paths::entries(&seen.sockets, BASE_SOCKETS)),
    ];
    for (key, entries) in lists {
        if entries.is_empty() {
            unseen.push((key, "[]"));
            continue;
        }
        line(format_args!("{key} = ["));
        for (entry, count) in entries {
            line(format_args!("    {},  # {count}", quoted(&entry)));
        }
        line(format_args!("]"));
    }
    let plain = [
        ("connect", addresses::connect(&seen.connect)),
        ("bind", addresses::bind(&seen.bind)),
        ("names", names::entries(&seen.names)),
        ("capabilities", seen.capabilities.iter().map(ToString::to_string).collect()),
    ];
    for (key, entries) in plain {
        if entries.is_empty() || key == "capabilities" && !capabilities {
            unseen.push((key, "[]"));
            continue;
        }
        let list: Vec<String> = entries.iter().map(|entry| quoted(entry)).collect();
        line(format_args!("{key} = [{}]", list.join(", ")));
    }
    for (doing, least) in FLAGS {
        match seen.others.get(&doing) {
            Some(what) => {
                let what: Vec<&str> = what.iter().take(5).map(String::as_str).collect();
                line(format_args!(
                    "# It does this, so it stays allowed: {} ({})",
                    doing.key(),
                    event::text::printable(&what.join(", "))
                ));
            }
            None => unseen.push((doing.key(), least)),
        }
    }
    line(format_args!("\n# Not seen. Whoever is sure that it never happens takes the # away; then it is denied."));
    for (key, value) in unseen {
        let why =
            if key == "capabilities" && !capabilities { "  # their use cannot be seen on this kernel" } else { "" };
        line(format_args!("# {key} = {value}{why}"));
    }
    if seen.left_out > 0 {
        line(format_args!("# {} further acts were left out: too many different ones.", seen.left_out));
    }
    text
}

/// A TOML string, whatever is in it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
