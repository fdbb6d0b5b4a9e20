//! Mining protocols: JSON-RPC over a bare connection (Stratum of Bitcoin, Ethereum and Monero kin) or in the body of an
//! HTTP request (getwork and its heirs). Read as text and not as JSON, since it may be cut short.

use super::{Spoken, text};
use event::FlowProtocol;

/// Calls that nothing but mining makes.
const STRATUM: [&str; 14] = [
    "mining.subscribe",
    "mining.authorize",
    "mining.submit",
    "mining.configure",
    "mining.extranonce.subscribe",
    "mining.suggest_difficulty",
    "mining.suggest_target",
    "mining.multi_version",
    "mining.hello",
    "mining.noop",
    "eth_submitLogin",
    "eth_submitHashrate",
    "eth_submitWork",
    "keepalived",
];
/// Calls to a coin's own node: its owner's tools make them too.
const WORK: [&str; 5] = ["getwork", "getblocktemplate", "submitblock", "eth_getWork", "get_block_template"];
/// More calls than this in one run of bytes are not looked at.
const MOST_CALLS: usize = 16;

pub(super) fn call(bytes: &[u8]) -> Option<Spoken> {
    values(bytes, b"\"method\"").take(MOST_CALLS).find_map(|method| {
        let name = std::str::from_utf8(method).ok()?;
        let protocol = if STRATUM.contains(&name) || is_login(name, bytes) || is_share(name, bytes) {
            FlowProtocol::Stratum
        } else if WORK.contains(&name) {
            FlowProtocol::GetWork
        } else {
            return None;
        };
        Some(Spoken { protocol, method: Some(name.into()), account: account(name, bytes), server: None })
    })
}

/// Monero's kin call it `login`, as much else does: the rest of the call must be a miner's too.
fn is_login(name: &str, bytes: &[u8]) -> bool {
    let has = |key: &'static [u8]| values(bytes, key).next().is_some();
    let says = |key: &[u8]| find(bytes, key).is_some();
    name == "login"
        && has(b"\"login\"")
        && has(b"\"pass\"")
        && (has(b"\"agent\"") || says(b"\"algo\"") || says(b"\"rigid\""))
}

fn is_share(name: &str, bytes: &[u8]) -> bool {
    let has = |key: &'static [u8]| values(bytes, key).next().is_some();
    name == "submit" && has(b"\"job_id\"") && has(b"\"nonce\"") && has(b"\"result\"")
}

/// The wallet or the worker: Monero's `login`, else the first parameter of a call that authorizes.
fn account(name: &str, bytes: &[u8]) -> Option<std::sync::Arc<str>> {
    let found = match name {
        "login" => values(bytes, b"\"login\"").next(),
        "mining.authorize" | "mining.submit" | "eth_submitLogin" => {
            let at = find(bytes, b"\"params\"")?;
            let rest = bytes[at + 8..].trim_ascii_start().strip_prefix(b":")?.trim_ascii_start().strip_prefix(b"[")?;
            string(rest)
        }
        _ => None,
    }?;
    (!found.is_empty()).then(|| text(&found[..found.len().min(200)], 200))
}

/// The strings that stand behind `key`, which has its quotes, and a colon.
fn values<'a>(bytes: &'a [u8], key: &'static [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        loop {
            let at = find(rest, key)?;
            rest = &rest[at + key.len()..];
            if let Some(value) = rest.trim_ascii_start().strip_prefix(b":").and_then(string) {
                return Some(value);
            }
        }
    })
}

/// A string up to its closing quote; one that is cut short is none.
fn string(bytes: &[u8]) -> Option<&[u8]> {
    let inside = bytes.trim_ascii_start().strip_prefix(b"\"")?;
    let end = inside.iter().position(|byte| *byte == b'"')?;
    Some(&inside[..end])
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls() {
        let check = |said: &str, expected: Option<(FlowProtocol, &str, Option<&str>)>| {
            let told = call(said.as_bytes());
            let told = told.as_ref().map(|s| (s.protocol, s.method.as_deref().unwrap_or(""), s.account.as_deref()));
            assert_eq!(told, expected, "{said}");
        };
        use FlowProtocol::{GetWork, Stratum};
        check(r#"{"id": 1, "method": "mining.subscribe", "params": []}"#, Some((Stratum, "mining.subscribe", None)));
        check(
            r#"{"params": ["bc1qworker.1", "x"], "id": 2, "method": "mining.authorize"}"#,
            Some((Stratum, "mining.authorize", Some("bc1qworker.1"))),
        );
        check(
            r#"{"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"4abc","pass":"x","agent":"m/6","algo":["rx/0"]}}"#,
            Some((Stratum, "login", Some("4abc"))),
        );
        check(
            r#"{"id":1,"method":"eth_submitLogin","params":["0xabc"],"worker":"w"}"#,
            Some((Stratum, "eth_submitLogin", Some("0xabc"))),
        );
        check(
            "POST / HTTP/1.1\r\nHost: h\r\n\r\n{\"method\":\"getwork\",\"params\":[],\"id\":0}",
            Some((GetWork, "getwork", None)),
        );
        check(
            r#"[{"method":"x"},{"method":"submit","params":{"job_id":"1","nonce":"a","result":"b"}}]"#,
            Some((Stratum, "submit", None)),
        );
        check(r#"{"method":"login","params":{"login":"me","pass":"secret"}}"#, None);
        check(r#"{"method":"login","params":{"user":"me","password":"x"}}"#, None);
        check(r#"{"method":"submit","params":{"form":"a"}}"#, None);
        check(r#"{"method":"eth_getBalance","params":["0x0"]}"#, None);
        check(r#"{"method":"textDocument/didOpen"}"#, None);
        check(r#"{"method":"mining.subscri"#, None);
    }
}
