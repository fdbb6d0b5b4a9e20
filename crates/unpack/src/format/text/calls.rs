//! Which calls a text makes that undo a writing. What they are given is looked at more closely: shorter runs count, and what
//! is written backwards or rotated is turned as the calls would turn it.

use super::runs::Least;
use aho_corasick::{AhoCorasick, MatchKind};
use std::ops::BitOr;
use std::sync::LazyLock;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Calls(u16);

impl Calls {
    pub const BASE64: Calls = Calls(1);
    pub const BASE32: Calls = Calls(2);
    pub const BASE85: Calls = Calls(4);
    pub const HEX: Calls = Calls(8);
    /// `xxd -r`: lines as a hexadecimal viewer writes them.
    pub const DUMP: Calls = Calls(16);
    pub const REVERSE: Calls = Calls(32);
    pub const ROTATE: Calls = Calls(64);
    pub const INFLATE: Calls = Calls(128);
    /// Characters by their numbers.
    pub const CODES: Calls = Calls(256);

    pub fn of(text: &[u8]) -> Calls {
        NAMES.1.find_iter(text).fold(Calls::default(), |calls, found| calls | NAMES.0[found.pattern().as_usize()])
    }

    pub fn has(self, one: Calls) -> bool {
        self.0 & one.0 == one.0
    }

    /// They may turn a blob into something that says nothing yet.
    pub fn chained(self) -> bool {
        self.0 & (Calls::REVERSE | Calls::ROTATE | Calls::INFLATE).0 != 0
    }

    pub fn least(self) -> Least {
        Least {
            base64: if self.has(Calls::BASE64) { 11 } else { 40 },
            base32: if self.has(Calls::BASE32) { 13 } else { 56 },
            hex: if self.has(Calls::HEX) { 16 } else { 64 },
            numbers: if self.has(Calls::CODES) { 8 } else { 48 },
            codes: self.has(Calls::CODES),
        }
    }
}

impl BitOr for Calls {
    type Output = Calls;

    fn bitor(self, other: Calls) -> Calls {
        Calls(self.0 | other.0)
    }
}

/// In any case, as PHP and PowerShell take them.
static NAMES: LazyLock<(Vec<Calls>, AhoCorasick)> = LazyLock::new(|| {
    let names = [
        ("base64", Calls::BASE64),
        ("b64decode", Calls::BASE64),
        ("atob", Calls::BASE64),
        (" -enc", Calls::BASE64),
        ("base32", Calls::BASE32),
        ("b32decode", Calls::BASE32),
        ("b85decode", Calls::BASE85),
        ("a85decode", Calls::BASE85),
        ("base85", Calls::BASE85),
        ("ascii85", Calls::BASE85),
        ("hex2bin", Calls::HEX),
        ("fromhex", Calls::HEX),
        ("unhexlify", Calls::HEX),
        ("xxd", Calls::HEX | Calls::DUMP),
        ("pack(", Calls::HEX | Calls::CODES),
        ("pack ", Calls::HEX | Calls::CODES),
        ("'hex'", Calls::HEX),
        ("\"hex\"", Calls::HEX),
        ("strrev", Calls::REVERSE),
        ("reverse(", Calls::REVERSE),
        ("reversed(", Calls::REVERSE),
        ("scalar reverse", Calls::REVERSE),
        ("reverse split", Calls::REVERSE),
        ("reverse <", Calls::REVERSE),
        ("[::-1]", Calls::REVERSE),
        ("[-1..", Calls::REVERSE),
        ("| rev", Calls::REVERSE),
        ("|rev", Calls::REVERSE),
        ("rev<<", Calls::REVERSE),
        ("rev <<", Calls::REVERSE),
        ("rot13", Calls::ROTATE),
        ("rot_13", Calls::ROTATE),
        ("n-za-m", Calls::ROTATE),
        ("inflate", Calls::INFLATE),
        ("deflate", Calls::INFLATE),
        ("zlib", Calls::INFLATE),
        ("uncompress", Calls::INFLATE),
        ("fromcharcode", Calls::CODES),
        ("chr(", Calls::CODES),
        ("chr ", Calls::CODES),
        ("[char", Calls::CODES),
        ("bytes([", Calls::CODES),
        ("bytearray", Calls::CODES),
        ("uint8array", Calls::CODES),
    ];
    let finder = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(names.map(|(name, _)| name))
        .expect("a fixed list of short names makes an automaton");
    (names.map(|(_, calls)| calls).to_vec(), finder)
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_told_by_their_names() {
        let check = |text: &str, expected: Calls| assert_eq!(Calls::of(text.as_bytes()), expected, "{text}");
        check("<?php EVAL(GzInflate(Str_Rot13(Base64_Decode($a))));", Calls::BASE64 | Calls::ROTATE | Calls::INFLATE);
        check("exec(zlib.decompress(base64.b85decode(x)))", Calls::BASE64 | Calls::BASE85 | Calls::INFLATE);
        check("echo $x | rev | base32 -d | sh", Calls::BASE32 | Calls::REVERSE);
        check("tr 'A-Za-z' 'N-ZA-Mn-za-m' <<< x", Calls::ROTATE);
        check("xxd -r -p", Calls::HEX | Calls::DUMP);
        check("String.fromCharCode(1)", Calls::CODES);
        check("echo harmless", Calls::default());
    }
}
