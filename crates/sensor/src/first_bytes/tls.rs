//! A TLS ClientHello (RFC 8446, 4.1.2): the name asked for and the first protocol offered. What does not fit into the bytes
//! that came is left out.

use super::{Spoken, lower, text};
use event::FlowProtocol;

const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const SERVER_NAME: u16 = 0;
const ALPN: u16 = 16;
/// A hello with more extensions is not read further.
const MOST_EXTENSIONS: usize = 64;

pub(super) fn client_hello(bytes: &[u8]) -> Option<Spoken> {
    let mut at = Cursor(bytes);
    if at.u8()? != HANDSHAKE || at.u8()? != 3 {
        return None;
    }
    at.take(3)?; // minor version, length of the record
    if at.u8()? != CLIENT_HELLO {
        return None;
    }
    at.take(3 + 2 + 32)?; // length, version, random
    let mut spoken = Spoken { protocol: FlowProtocol::Tls, method: None, account: None, server: None };
    // From here on a cut only costs what is behind it.
    if extensions(&mut at, &mut spoken).is_none() {
        tracing::trace!("a TLS hello is cut short");
    }
    Some(spoken)
}

fn extensions(at: &mut Cursor<'_>, spoken: &mut Spoken) -> Option<()> {
    let session = at.u8()?;
    at.take(session.into())?;
    let ciphers = at.u16()?;
    at.take(ciphers.into())?;
    let compressions = at.u8()?;
    at.take(compressions.into())?;
    at.u16()?; // length of all extensions
    for _ in 0..MOST_EXTENSIONS {
        let kind = at.u16()?;
        let length = at.u16()?;
        let content = at.take(length.into())?;
        match kind {
            SERVER_NAME => spoken.server = server_name(content),
            ALPN => spoken.method = first_protocol(content),
            _ => {}
        }
    }
    Some(())
}

fn server_name(content: &[u8]) -> Option<std::sync::Arc<str>> {
    let mut at = Cursor(content);
    at.u16()?;
    if at.u8()? != 0 {
        return None;
    }
    let length = at.u16()?;
    let name = at.take(length.into())?;
    (!name.is_empty()).then(|| lower(name))
}

fn first_protocol(content: &[u8]) -> Option<std::sync::Arc<str>> {
    let mut at = Cursor(content);
    at.u16()?;
    let length = at.u8()?;
    Some(text(at.take(length.into())?, 64))
}

struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }
    fn u8(&mut self) -> Option<u8> {
        Some(self.take(1)?[0])
    }
    fn u16(&mut self) -> Option<u16> {
        let two = self.take(2)?;
        Some(u16::from_be_bytes([two[0], two[1]]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extension(kind: u16, content: &[u8]) -> Vec<u8> {
        [&kind.to_be_bytes()[..], &(content.len() as u16).to_be_bytes(), content].concat()
    }

    /// A hello with these extensions, lengths filled in.
    fn hello(extensions: &[Vec<u8>]) -> Vec<u8> {
        let all = extensions.concat();
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.extend([0, 0, 2, 0x13, 1, 1, 0]);
        body.extend((all.len() as u16).to_be_bytes());
        body.extend(all);
        let handshake = [&[1, 0][..], &(body.len() as u16).to_be_bytes(), &body].concat();
        [&[22, 3, 1][..], &(handshake.len() as u16).to_be_bytes(), &handshake].concat()
    }

    #[test]
    fn name_and_protocol_are_read_and_a_cut_is_survived() {
        let name = b"Pool.Example";
        let list = [&[0, (name.len() + 3) as u8, 0, 0, name.len() as u8][..], name].concat();
        let whole = hello(&[extension(0xff01, &[0]), extension(0, &list), extension(16, b"\x00\x03\x02h2")]);
        let spoken = client_hello(&whole).unwrap();
        assert_eq!((spoken.server.as_deref(), spoken.method.as_deref()), (Some("pool.example"), Some("h2")));
        for end in 0..whole.len() {
            let cut = client_hello(&whole[..end]);
            assert!(cut.is_none_or(|spoken| spoken.server.as_deref().is_none_or(|name| name == "pool.example")));
        }
        assert_eq!(client_hello(&hello(&[])).unwrap().server, None);
    }

    #[test]
    fn other_records_are_none() {
        for bytes in [&b"\x17\x03\x03\x00\x05hello"[..], b"\x16\x03\x03\x00\x05\x02abcd", b"GET / HTTP/1.1"] {
            assert_eq!(client_hello(bytes), None);
        }
    }
}
