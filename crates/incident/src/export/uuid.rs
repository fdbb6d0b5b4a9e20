//! Identifiers that follow from what they name, so that the same thing has the same one in every export.

use sha1::{Digest as _, Sha1};

/// Of STIX 2.1, section 2.9: what is observed has the same identifier whoever saw it.
const OBSERVED: [u8; 16] =
    [0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7];
/// Ours, drawn once.
const TOLD: [u8; 16] = [0x5c, 0x1f, 0x3e, 0x90, 0x7b, 0x2d, 0x4a, 0x66, 0x8e, 0x13, 0x0d, 0xb9, 0x61, 0xa4, 0xf7, 0x28];

/// Of what anybody would observe: version 5 (RFC 9562) of `name`.
pub fn observed(name: &str) -> String {
    uuid(OBSERVED, name, 5)
}

/// Of what only this product tells. The standard wants version 4 there, so the digest stands in for the dice.
pub fn told(name: &str) -> String {
    uuid(TOLD, name, 4)
}

fn uuid(namespace: [u8; 16], name: &str, version: u8) -> String {
    let digest = Sha1::new().chain_update(namespace).chain_update(name).finalize();
    let mut bytes: [u8; 16] = std::array::from_fn(|at| digest[at]);
    bytes[6] = (bytes[6] & 0x0f) | (version << 4);
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_that_of_the_rfc() {
        // RFC 9562, appendix A.4: "www.example.com" in the namespace of domain names.
        let dns = [0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8];
        assert_eq!(uuid(dns, "www.example.com", 5), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    }
}
