//! Names as they come again: what a program draws anew each time (temporary folders, digests, version numbers of a build)
//! becomes `*`, an address becomes its block, a port that the kernel drew becomes `high`. So a habit is one name.

use std::borrow::Cow;
use std::net::IpAddr;

/// Longer names are cut: their beginning is what a person reads.
const MOST: usize = 160;

/// A program's path. Installed software keeps its name; elsewhere what looks drawn is `*`.
pub(super) fn program(path: &str) -> Cow<'_, str> {
    let path = event::text::clip(path, MOST);
    if crate::names::is_installed(path) && !path.contains("/overlay2/") {
        return Cow::Borrowed(path);
    }
    components(path, usize::MAX)
}

/// The folder that a file lies in, four components deep at most; with the ending of a file that could be run.
pub(super) fn folder(path: &str) -> Cow<'_, str> {
    let path = event::text::clip(path, MOST);
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let shaped = components(folder, 4);
    match code_ending(name) {
        Some(ending) => Cow::Owned(format!("{shaped}/*.{ending}")),
        None => shaped,
    }
}

fn code_ending(name: &str) -> Option<&str> {
    const CODE: [&str; 12] = ["php", "phtml", "jsp", "jspx", "sh", "py", "pl", "rb", "so", "cgi", "war", "service"];
    let (_, ending) = name.rsplit_once('.')?;
    CODE.contains(&ending).then_some(ending)
}

fn components(path: &str, most: usize) -> Cow<'_, str> {
    let mut deep = 0;
    let mut changed = false;
    let mut out = String::new();
    for (at, part) in path.split('/').enumerate() {
        deep += usize::from(!part.is_empty());
        if deep > most {
            changed = true;
            break;
        }
        if at > 0 {
            out.push('/');
        }
        let drawn = is_drawn(part);
        out.push_str(if drawn { "*" } else { part });
        changed |= drawn;
    }
    if changed { Cow::Owned(out) } else { Cow::Borrowed(path) }
}

/// Looks like something drawn: digits among letters in both cases, a long run of hex, a number, a unique id.
fn is_drawn(part: &str) -> bool {
    let count = |test: fn(u8) -> bool| part.bytes().filter(|byte| test(*byte)).count();
    let digits = count(|b| b.is_ascii_digit());
    if digits > 0 && digits == part.len() {
        return true;
    }
    let hex = count(|b| b.is_ascii_hexdigit() || b == b'-');
    if part.len() >= 8 && hex == part.len() && digits > 1 {
        return true;
    }
    // `tmp.Zq81fK`, `systemd-private-…-x.service-AbC1dE`, `_MEI81ab2c`, `go-build291`.
    let tail = part.rsplit(['.', '-', '_']).next().unwrap_or(part);
    let upper = tail.bytes().any(|b| b.is_ascii_uppercase());
    let lower = tail.bytes().any(|b| b.is_ascii_lowercase());
    let mixed = tail.len() >= 6 && upper && lower && (tail.bytes().any(|b| b.is_ascii_digit()) || flips(tail) >= 3);
    let numbered = digits >= 4 && part.len() >= 6;
    mixed || numbered
}

/// How often the case changes: names of people's making do it seldom.
fn flips(text: &str) -> usize {
    let cases: Vec<bool> = text.bytes().filter(u8::is_ascii_alphabetic).map(|b| b.is_ascii_uppercase()).collect();
    cases.windows(2).filter(|two| two[0] != two[1]).count()
}

/// Private addresses stand for themselves, public ones for their block.
pub(super) fn block(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(v4) if is_private(ip) => v4.to_string(),
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            format!("{a}.{b}.0.0/16")
        }
        IpAddr::V6(v6) if is_private(ip) => v6.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, ..] = v6.segments();
            format!("{a:x}:{b:x}::/32")
        }
    }
}

pub(super) fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

pub(super) fn port(port: u16) -> Cow<'static, str> {
    if port >= 32_768 { Cow::Borrowed("high") } else { Cow::Owned(port.to_string()) }
}

/// The name that somebody registered: the last two labels, three below `co.jp` and its like.
pub(super) fn domain(name: &str) -> &str {
    let name = event::text::clip(name, MOST);
    let ends: Vec<usize> = name.rmatch_indices('.').map(|(at, _)| at).take(3).collect();
    let label = |n: usize| {
        let end = if n == 0 { name.len() } else { ends[n - 1] };
        ends.get(n).map(|start| &name[start + 1..end])
    };
    let second_level = label(0).is_some_and(|top| top.len() == 2)
        && label(1).is_some_and(|second| {
            matches!(second, "co" | "com" | "ac" | "or" | "ne" | "go" | "gov" | "org" | "net" | "edu")
        });
    match ends.get(if second_level { 2 } else { 1 }) {
        Some(at) => &name[at + 1..],
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_and_folders() {
        let check = |path: &str, expected: &str| assert_eq!(program(path), expected);
        check("/usr/bin/python3.11", "/usr/bin/python3.11");
        check("/usr/lib/postgresql/15/bin/postgres", "/usr/lib/postgresql/15/bin/postgres");
        check("/tmp/go-build2918273/b001/exe/main", "/tmp/*/b001/exe/main");
        check("/tmp/tmp.Zq81fKx/x", "/tmp/*/x");
        check("/home/ann/deploy.sh", "/home/ann/deploy.sh");
        check("/srv/app/releases/20260301120000/bin/web", "/srv/app/releases/*/bin/web");
        let check = |path: &str, expected: &str| assert_eq!(folder(path), expected);
        check("/var/lib/postgresql/15/main/base/16384/2619", "/var/lib/postgresql/*");
        check("/var/log/nginx/access.log", "/var/log/nginx");
        check("/var/www/html/uploads/a.jpg", "/var/www/html/uploads");
        check("/var/www/html/uploads/a.php", "/var/www/html/uploads/*.php");
        check("/x", "");
    }

    #[test]
    fn addresses_and_names() {
        assert_eq!(block("10.0.3.7".parse().unwrap()), "10.0.3.7");
        assert_eq!(block("203.0.113.9".parse().unwrap()), "203.0.0.0/16");
        assert_eq!(block("2001:db8:1::1".parse().unwrap()), "2001:db8::/32");
        let check = |name: &str, expected: &str| assert_eq!(domain(name), expected);
        check("deb.debian.org", "debian.org");
        check("www.example.co.jp", "example.co.jp");
        check("a.b.c.d.example.com", "example.com");
        check("localhost", "localhost");
        check("", "");
        assert_eq!((port(443).as_ref(), port(51_000).as_ref()), ("443", "high"));
    }
}
