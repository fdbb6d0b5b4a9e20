//! What the first bytes of a connection say: mining protocols, the name that a TLS client asks for, where a proxy is to
//! lead. Bytes in, words out; the bytes may be cut anywhere and are whatever the sender likes.

mod mining;
mod proxy;
mod tls;

use event::FlowProtocol;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    pub protocol: FlowProtocol,
    /// The call that was made: `mining.subscribe`, `login`, `getwork`; of TLS the first ALPN protocol.
    pub method: Option<Arc<str>>,
    /// In whose name, as far as it says so: a wallet or a worker.
    pub account: Option<Arc<str>>,
    /// Host that is asked for, lower case: TLS server name, or the proxy's target with its port.
    pub server: Option<Arc<str>>,
}

/// None when nothing is recognised.
pub fn read(bytes: &[u8]) -> Option<Spoken> {
    tls::client_hello(bytes).or_else(|| proxy::request(bytes)).or_else(|| mining::call(bytes))
}

/// Text as an event keeps it.
fn text(bytes: &[u8], most: usize) -> Arc<str> {
    Arc::from(event::text::clip(&event::text::from_bytes(bytes), most))
}

fn lower(bytes: &[u8]) -> Arc<str> {
    text(&bytes[..bytes.len().min(255)].to_ascii_lowercase(), 300)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_is_read_into_what_says_nothing() {
        for bytes in [&b""[..], b"{}", b"GET / HTTP/1.1\r\n", b"SSH-2.0-x\r\n", b"\x16\x03", b"\x05", b"{\"method\":7}"]
        {
            assert_eq!(read(bytes), None, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_and_any_cut_are_survived(mut bytes in proptest::collection::vec(any::<u8>(), 0..600), cut in 0usize..600, kind in 0usize..4) {
            let seed: [&[u8]; 4] = [
                b"{\"id\":1,\"method\":\"login\",\"params\":{\"login\":\"w\",\"pass\":\"x\",\"agent\":\"a\"}}",
                b"\x16\x03\x01\x00\x40\x01\x00\x00\x3c\x03\x03",
                b"CONNECT a.example:3333 HTTP/1.1\r\n\r\n",
                b"\x05\x01\x00\x03\x04pool\x0d\x05",
            ];
            bytes.splice(0..0, seed[kind].iter().copied());
            bytes.truncate(cut);
            if let Some(spoken) = read(&bytes) {
                prop_assert!(spoken.server.is_none_or(|server| server.len() <= 310));
            }
        }
    }
}
