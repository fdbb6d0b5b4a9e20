//! The one-time token that a person carries from the node to a new host. It holds the secret that lets one agent in and the
//! fingerprint of the node's CA, so that the very first connection is already authenticated both ways.

use event::Sha256;
use rand::RngCore;
use sha2::Digest;
use std::fmt;
use std::str::FromStr;

const PREFIX: &str = "tamon-enrol-1";

/// Text form: `tamon-enrol-1.<64 hex of the secret>.<64 hex of the CA's SHA-256>`.
#[derive(Clone, PartialEq, Eq)]
pub struct EnrolmentToken {
    secret: [u8; 32],
    ca: Sha256,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an enrolment token ({PREFIX}.<secret>.<fingerprint>): {0}")]
pub struct ParseTokenError(&'static str);

impl EnrolmentToken {
    pub fn draw(ca: Sha256) -> Self {
        let mut secret = [0; 32];
        rand::rng().fill_bytes(&mut secret);
        EnrolmentToken { secret, ca }
    }

    /// What the node keeps; the secret cannot be had from it.
    pub fn hash(&self) -> Sha256 {
        hash_secret(&self.secret)
    }

    /// SHA-256 of the CA's certificate in DER.
    pub fn ca(&self) -> Sha256 {
        self.ca
    }

    pub(crate) fn secret(&self) -> &[u8] {
        &self.secret
    }
}

/// A plain digest is enough: the secret is 256 random bits, not a password.
pub(crate) fn hash_secret(secret: &[u8]) -> Sha256 {
    Sha256(sha2::Sha256::digest(secret).into())
}

impl fmt::Display for EnrolmentToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}.{}.{}", hex::encode(self.secret), self.ca)
    }
}

impl fmt::Debug for EnrolmentToken {
    /// Never the secret: tokens end up in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EnrolmentToken({}…)", &self.hash().to_hex()[..8])
    }
}

impl FromStr for EnrolmentToken {
    type Err = ParseTokenError;
    fn from_str(text: &str) -> Result<Self, ParseTokenError> {
        let mut parts = text.trim().split('.');
        if parts.next() != Some(PREFIX) {
            return Err(ParseTokenError("it does not begin so"));
        }
        let mut secret = [0; 32];
        hex::decode_to_slice(parts.next().unwrap_or(""), &mut secret)
            .map_err(|_| ParseTokenError("the secret is not 64 hex digits"))?;
        let ca =
            parts.next().unwrap_or("").parse().map_err(|_| ParseTokenError("the fingerprint is not 64 hex digits"))?;
        if parts.next().is_some() {
            return Err(ParseTokenError("there is more after the fingerprint"));
        }
        Ok(EnrolmentToken { secret, ca })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips_and_hides_in_debug() {
        let token = EnrolmentToken::draw(Sha256([7; 32]));
        let text = token.to_string();
        assert_eq!(text.parse(), Ok(token.clone()));
        assert!(!format!("{token:?}").contains(&hex::encode(token.secret)));
        for bad in ["", "x", &text[1..], &text[..text.len() - 1], &format!("{text}.x"), &text.replace('.', ":")] {
            assert!(bad.parse::<EnrolmentToken>().is_err(), "{bad}");
        }
    }
}
