//! The fields of a line: names and values, as the kernel and auditd write them.

/// `name=value` pairs; a value may stand in double or single quotes. The names that auditd itself resolved follow after a
/// group separator.
pub(super) fn pairs(body: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = body;
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{1d}' || c == ',');
            let equals = rest.find('=')?;
            let name = rest[..equals].rsplit(|c: char| c.is_whitespace() || c == '\u{1d}').next().unwrap_or_default();
            rest = &rest[equals + 1..];
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
            let end = match quote {
                // To the last quote that ends a word: the text within is the program's own.
                Some('\'') => rest.rfind('\'').filter(|at| *at > 0).map_or(rest.len(), |at| at + 1),
                Some(quote) => rest[1..].find(quote).map_or(rest.len(), |at| at + 2),
                None => rest.find(|c: char| c.is_whitespace() || c == '\u{1d}').unwrap_or(rest.len()),
            };
            let value = &rest[..end];
            rest = &rest[end..];
            if !name.is_empty() {
                return Some((name, value));
            }
        }
    })
}

/// Without quotes, and out of hex where the kernel writes such fields so.
pub(super) fn decoded(name: &str, raw: &str) -> String {
    const UNTRUSTED: &[&str] = &[
        "name",
        "exe",
        "comm",
        "cwd",
        "cmd",
        "proctitle",
        "data",
        "acct",
        "key",
        "dir",
        "path",
        "ocomm",
        "old-comm",
        "vm",
        "file",
        "unit",
        "root_dir",
    ];
    if let Some(inner) = raw.strip_prefix('"') {
        return inner.strip_suffix('"').unwrap_or(inner).to_owned();
    }
    let hex_like = raw.len() >= 2 && raw.len().is_multiple_of(2) && raw.bytes().all(|byte| byte.is_ascii_hexdigit());
    let may_be_hex =
        UNTRUSTED.contains(&name) || argument(name).is_some() && raw.bytes().any(|b| b.is_ascii_uppercase());
    if may_be_hex
        && hex_like
        && let Ok(mut bytes) = hex::decode(raw)
    {
        if name == "proctitle" {
            bytes.iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = b' ');
        }
        return event::text::from_bytes(&bytes).into_owned();
    }
    raw.to_owned()
}

/// `a2`, or `a2[1]` for a piece of a long one.
pub(super) fn argument(name: &str) -> Option<(u32, u32)> {
    let rest = name.strip_prefix('a')?;
    match rest.split_once('[') {
        None => Some((rest.parse().ok()?, 0)),
        Some((index, part)) => Some((index.parse().ok()?, part.strip_suffix(']')?.parse().ok()?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        let check = |name: &str, raw: &str, expected: &str| assert_eq!(decoded(name, raw), expected, "{name}={raw}");
        check("exe", "\"/usr/bin/bash\"", "/usr/bin/bash");
        check("name", "2F746D702F612062", "/tmp/a b");
        check("proctitle", "6C73002D6C", "ls -l");
        check("a1", "2D6320222220", "-c \"\" ");
        check("a0", "7ffd", "7ffd");
        check("uid", "1000", "1000");
        check("name", "(null)", "(null)");
    }

    #[test]
    fn lists() {
        let found: Vec<_> =
            pairs("arch=c000003e a=\"x y\" msg='op=PAM acct=\"root\" res=success'\u{1d}UID=\"me\"").collect();
        assert_eq!(
            found,
            [("arch", "c000003e"), ("a", "\"x y\""), ("msg", "'op=PAM acct=\"root\" res=success'"), ("UID", "\"me\"")]
        );
    }
}
