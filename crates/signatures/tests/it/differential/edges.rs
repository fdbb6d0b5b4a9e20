//! Wildcards, alternates and offsets at their edges.

use super::bodies::binary;
use super::compare;

#[test]
fn gaps_and_alternates_at_their_edges() {
    let ndb = [
        "d1:0:*:61626364{3}65666768",
        "d2:0:*:61626364{0-0}65666768",
        "d3:0:*:61626364{3-5}65666768",
        "d4:0:*:61626364{-0}65666768",
        "d5:0:*:61626364{5-}65666768",
        "d6:0:*:6162(63|64)(65|66)6768",
        "d7:0:*:6162!(63|64)!(65|66)6768",
        "d8:0:*:6162(6364|65666768|69)6a6b",
        "d9:0:*:(61|62)636465(66|67)",
        "d10:0:*:616263(B)6465",
        "d11:0:*:616263(L)6465",
        "d12:0:*:616263(W)6465",
        "d13:0:*:(W)616263(W)",
        "d14:0:*:(L)6162636465",
        "d15:0:*:6162??6?64?5",
        "d16:0:*:??616263??",
        "d17:0:*:6162??????6364",
        "d18:0:*:61[1-32]65666768",
        "d19:0:*:61[0-1]62636465",
        "d20:0:*:61626364*65666768*6162",
        "d21:0:*:6162636465666768{2-3}696a{1}6b6c",
        "d22:0:8:616263",
        "d23:0:0:000102",
        "d24:0:6,2:??6162",
        "d25:0:8,0:61626364",
        "d26:0:EOF-4:65666768",
        "d27:0:EOF-10,10:666768",
        "d28:0:EOF-1000:616263",
        "d29:0:1000:616263",
        "d30:0:*:616161616161",
        "d31:0:*:6161{2}6161",
        "d32:0:*:6161*6161",
        "d33:0:*:6162(6162|6163)(6162|6163)",
    ];
    let texts = [
        "abcd...efgh",
        "abcdefgh",
        "abcd..efgh",
        "abcd.....efgh",
        "abcd......efgh",
        "abceggh abcegh abdfgh abcfgh",
        "abxygh abcygh abxegh",
        "abcdjk abefghjk abijk abjk",
        "acdef acdeg bcdef bcdeg ccdef",
        "abc-de abc de abcde abc\nde",
        "abc\r\nde abc\rde",
        "-abc- xabcx abc",
        "abcde\nabcde",
        "axcd.e ab6d15 aXddQ5",
        ".abc. abc.",
        "ab...cd ab..cd ab....cd",
        "abc.efgh",
        "abc................................efgh",
        "abc.................................efgh",
        "ab.cde abcde ab..cde",
        "abcd..efgh..ab abcd efgh",
        "abcdefgh..ij.kl abcdefgh...ij.kl abcdefgh....ij.kl",
        "ab",
        "gh",
        "........gh",
        "aaaaaa",
        "aaaaa",
        "aa..aa",
        "aaaa",
        "ababac abacab ababab abab",
        "a.efgh a................................efgh a.................................efgh",
        "",
    ];
    let mut files: Vec<(String, Vec<u8>)> =
        texts.iter().enumerate().map(|(at, text)| (format!("d{at}.bin"), binary(text))).collect();
    files.push((
        "high.bin".into(),
        [&[0, 1, 2, 3, 0xfe, 0xff][..], &[0x61, 0xff, 0x62, 0x64, 0x35, 0x61, 0x62]].concat(),
    ));
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    compare(&[("t.ndb", &ndb.join("\n"))], &files);
}

#[test]
fn modifiers_with_everything_else() {
    let ldb = [
        "m1;Engine:81-255,Target:0;0;616263::i",
        "m2;Engine:81-255,Target:0;0;616263::f",
        "m3;Engine:81-255,Target:0;0;616263::fi",
        "m4;Engine:81-255,Target:0;0;616263::wi",
        "m5;Engine:81-255,Target:0;0;616263::wfi",
        "m6;Engine:81-255,Target:0;0;616263::wa",
        "m7;Engine:81-255,Target:0;0;6162(63|64)65::i",
        "m8;Engine:81-255,Target:0;0;616263!(64|65)66",
        "m9;Engine:81-255,Target:0;0;6162{1-2}6364::i",
        "m10;Engine:81-255,Target:0;0;6162*6364::i",
        "m11;Engine:81-255,Target:0;0;8:616263::i",
        "m12;Engine:81-255,Target:0;0;EOF-3:616263::i",
        "m13;Engine:81-255,Target:0;0>1;616263::i",
        "m14;Engine:81-255,Target:0;0&1;616263::i;0/abc[0-9]/i",
    ];
    let texts = [
        "abc",
        "ABC",
        "xabc abcx xABCx",
        "a\0b\0c\0",
        "A\0B\0c\0",
        "xa\0b\0c\0",
        "x\0a\0b\0c\0x\0",
        "abce ABDE abcdf abcxf ABCxF",
        "ab.CD aB..cd aB...Cd abcd",
        "Ab....Cd",
        "..abc",
        "abc ABC",
        "aBc5",
    ];
    let files: Vec<(String, Vec<u8>)> =
        texts.iter().enumerate().map(|(at, text)| (format!("m{at}.bin"), binary(text))).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    compare(&[("t.ldb", &ldb.join("\n"))], &files);
}
