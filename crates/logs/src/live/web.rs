//! Access logs of nginx and Apache, common and combined, with a virtual host in front where there is one.

use super::{Heard, heard};
use event::{LogSays, LogSource, Timestamp, WebRequest, text};
use std::sync::Arc;

/// `program` names the server; None for what is no such line.
pub fn request(bytes: &[u8], program: &str) -> Option<Heard> {
    let whole = text::from_bytes(bytes);
    let (head, rest) = whole.split_once(" [")?;
    let mut words: Vec<&str> = head.split(' ').filter(|word| !word.is_empty()).collect();
    let user = words.pop().filter(|user| *user != "-");
    words.pop();
    let client = words.pop()?.parse().ok()?;
    let (time, rest) = rest.split_once("] ")?;
    let (asked, rest) = quoted(rest)?;
    let mut numbers = rest.trim_start().splitn(3, ' ');
    let status = numbers.next()?.parse().ok()?;
    let bytes = numbers.next().and_then(|bytes| bytes.parse().ok()).unwrap_or(0);
    let rest = numbers.next().unwrap_or_default();
    let (referrer, rest) = quoted(rest).unwrap_or_default();
    let (agent, _) = quoted(rest).unwrap_or_default();
    let mut parts = asked.splitn(2, ' ');
    let (method, target) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let target = target.rsplit_once(" HTTP/").map_or(target, |(target, _)| target);
    let given = |part: &str| (!part.is_empty() && part != "-").then(|| shared(part));
    let request = WebRequest {
        client,
        user: user.map(shared),
        method: shared(text::clip(method, 32)),
        target: shared(target),
        status,
        bytes,
        referrer: given(&referrer),
        agent: given(&agent),
    };
    let claimed = stamp(time);
    Some(heard(LogSource::Web, LogSays::Request(Box::new(request)), claimed, program, None, ""))
}

fn shared(part: &str) -> Arc<str> {
    text::clip(part, 2_048).into()
}

/// What stands in quotes, and what follows; a quote within is written `\"` or `\x22`.
fn quoted(rest: &str) -> Option<(String, &str)> {
    let inner = rest.trim_start().strip_prefix('"')?;
    let mut escaped = false;
    for (at, c) in inner.char_indices() {
        match c {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return Some((inner[..at].replace("\\\"", "\""), &inner[at + 1..])),
            _ => escaped = false,
        }
    }
    None
}

/// `03/Mar/2026:10:00:00 +0900`.
fn stamp(time: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = MONTHS.iter().position(|month| time.get(3..6) == Some(*month))? + 1;
    let (day, year, clock) = (time.get(..2)?, time.get(7..11)?, time.get(12..20)?);
    let zone = time.get(21..26)?;
    format!("{year}-{month:02}-{day}T{clock}{}:{}", zone.get(..3)?, zone.get(3..)?).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Option<(WebRequest, Option<String>)> {
        let heard = request(line.as_bytes(), "nginx")?;
        let LogSays::Request(request) = heard.event.says else { panic!("a request") };
        Some((*request, heard.event.claimed.map(|time| time.to_string())))
    }

    #[test]
    fn common_combined_and_hostile() {
        let (request, time) = parsed(
            r#"203.0.113.9 - ann [03/Mar/2026:10:00:00 +0900] "GET /a?b=%27 HTTP/1.1" 404 12 "-" "curl/8 \"x\"""#,
        )
        .unwrap();
        assert_eq!((&*request.method, &*request.target, request.status, request.bytes), ("GET", "/a?b=%27", 404, 12));
        assert_eq!((request.user.as_deref(), request.agent.as_deref()), (Some("ann"), Some("curl/8 \"x\"")));
        assert_eq!((request.referrer, time.as_deref()), (None, Some("2026-03-03T01:00:00.000000000Z")));
        let (request, _) =
            parsed(r#"shop:443 2001:db8::1 - - [03/Mar/2026:10:00:00 +0000] "POST / HTTP/2.0" 200 -"#).unwrap();
        assert_eq!((request.client.to_string().as_str(), request.bytes), ("2001:db8::1", 0));
        // What is no request line is still a request.
        let (request, _) =
            parsed(r#"1.2.3.4 - - [03/Mar/2026:10:00:00 +0000] "\x16\x03\x01" 400 150 "-" "-""#).unwrap();
        assert_eq!((&*request.method, request.status), ("\\x16\\x03\\x01", 400));
        for no in ["", "hello", "1.2.3.4 - - [x] y", "a - - [03/Mar/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 1"] {
            assert!(parsed(no).is_none(), "{no}");
        }
    }
}
