//! Wildcards, offsets, logic and modifiers, on bytes that no type is told from.

use super::compare;

/// Bytes that no type is told from, so that nothing is normalised.
pub fn binary(text: &str) -> Vec<u8> {
    [&[0, 1, 2, 3, 0xfe, 0xff, 0, 0][..], text.as_bytes(), &[0, 0xff, 0, 1]].concat()
}

#[test]
fn bodies_and_logic() {
    let ndb = [
        "b1:0:*:6162636465666768",
        "b2:0:*:61626364??666768",
        "b3:0:*:61626364*6c6d6e6f",
        "b4:0:*:61626364{2-4}6768696a",
        "b5:0:*:61626364{-3}65666768",
        "b6:0:*:61626364{3-}6c6d6e6f",
        "b7:0:*:6162(63|78)64656667",
        "b8:0:*:6162!(63|78)64656667",
        "b9:0:*:6162(6364|7879)65666768",
        "b10:0:*:61626364(6566|7a)6768",
        "b11:0:8:61626364",
        "b12:0:EOF-8,8:6d6e6f70",
        "b13:0:2,10:61626364",
        "b14:0:*:6162636?65666768",
        "b15:0:*:(B)66676869(B)",
        "b16:0:*:(L)66676869(L)",
        "b17:0:*:66676869(W)71",
        "b18:0:*:66[2-4]6c6d6e6f",
    ];
    let ldb = [
        "l1;Engine:81-255,Target:0;0&1;61626364;6c6d6e6f",
        "l2;Engine:81-255,Target:0;0&1=0;61626364;71717171",
        "l3;Engine:81-255,Target:0;0>1;61626364",
        "l4;Engine:81-255,Target:0;0=2;61626364",
        "l5;Engine:81-255,Target:0;(0|1)>2,2;61626364;66676869",
        "l6;Engine:81-255,Target:0;0;41424344::i",
        "l7;Engine:81-255,Target:0;0;61626364::w",
        "l8;Engine:81-255,Target:0;0;66676869::f",
        "l9;Engine:81-255,Target:0;0;66676869::fwa",
        "l10;Engine:81-255,Target:0;0&1;61626364;0/ab.{2,6}gh/",
        "l11;Engine:81-255,Target:0;0&1;61626364;0(>>4#hb4#=0x1234)",
        "l12;Engine:81-255,Target:0;0&1;61626364;0(>>4#db2#>41,<50)",
        "l14;Engine:81-255,Target:0,FileSize:10-30;0;61626364",
        "l15;Engine:81-255,Target:0;(0&1)|2;61626364;71717171;66676869",
        "l16;Engine:81-255,Target:0;0<2&1;61626364;66676869",
        "l17;Engine:81-255,Target:0;(0|1)=2;61626364;66676869",
        "l18;Engine:81-255,Target:0;0&1;61626364;0(>>4#il2#=258)",
    ];
    // Macros are left out: clamscan 1.4.6 finds nothing even for the example of its own documentation.
    let texts = [
        "abcdefgh",
        "abcdXfgh",
        "abcd....lmno",
        "lmno....abcd",
        "abcd..ghij",
        "abcd...efgh",
        "abcd......ghij",
        "abxdefg",
        "abydefg",
        "abcxefgh",
        "abxyefgh",
        "abcdefgh abcd",
        "abcdzgh",
        "ab abcd fghi abcd mnop",
        "ABCD",
        "aBcD fghi",
        " fghi ",
        "xfghi",
        "fghi-q",
        "fghiq",
        "fghi\nx",
        "x\nfghi\nx",
        "f..lmno",
        "f.....lmno",
        "a\0b\0c\0d\0",
        "f\0g\0h\0i\0",
        "f\0g\0h\0i\0x\0",
        "abcd1234",
        "abcd42",
        "abcd99",
        "abcd\u{2}\u{1}x",
        "abc...jkl",
        "abc....lmn",
        "abc.....lmn",
        "abcd qqqq",
        "fghi abcd",
        "nothing here",
    ];
    let files: Vec<(String, Vec<u8>)> =
        texts.iter().enumerate().map(|(at, text)| (format!("f{at}.bin"), binary(text))).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let ndb = ndb.join("\n");
    compare(&[("t.ndb", &ndb), ("t.ldb", &ldb.join("\n"))], &files);
}

/// Each of these puts wildcards side by side, or at edges where a matcher may go one byte too far.
#[test]
fn wildcards_together() {
    let ndb = [
        "c1:0:*:6162{2}6364{2}6566",
        "c2:0:*:6162{1-2}6364{1-2}6566",
        "c3:0:*:6162*6364*6566",
        "c4:0:*:6162??6364??6566",
        "c5:0:*:?1626364",
        "c6:0:*:616263?4",
        "c7:0:*:6162(6?|7a)6465",
        "c8:0:*:(6162|6364)65666768",
        "c9:0:*:65666768(6162|6364)",
        "c10:0:*:6162(63|64|65)(66|67)6869",
        "c11:0:*:6162!(6364|6566)6768",
        "c12:0:*:61[1-3]62636465",
        "c13:0:*:62636465[0-2]66",
        "c14:0:*:61626364{0-2}6566",
        "c15:0:*:61626364{-1}6566{1-}6768",
        "c16:0:*:6162(61{2}62|63)6465",
        "c17:0:*:(B)61626364",
        "c18:0:*:61626364(B)",
        "c19:0:*:(L)61626364",
        "c20:0:*:61626364(L)",
        "c21:0:*:(W)61626364(W)",
        "c22:0:*:6162(??|6364)6566",
        "c23:0:0:00010203",
        "c24:0:8,4:61626364",
        "c25:0:EOF-4:00ff0001",
        "c26:0:EOF-12,6:65666768",
        "c27:0:*:616263646162636461626364",
        "c28:0:*:61626364{100-}65666768",
        "c29:0:*:61626364{-100}65666768",
        "c30:0:*:6162{3-}6364{-3}6566",
    ];
    let texts = [
        "ab..cd..ef",
        "ab.cd.ef",
        "ab..cd.ef",
        "abcdef",
        "ab...cd...ef",
        "ef cd ab cd ef",
        "abXcdYef",
        "qbcd abc4 abct",
        "abode abnde abzde ab0de",
        "abefgh cdefgh efghab efghcd",
        "abcfhi abdghi abefhi abffhi",
        "abcdgh abefgh abxxgh",
        "a.bcde a..bcde a...bcde a....bcde",
        "bcdef bcde.f bcde..f bcde...f",
        "abcdef abcd.ef abcd..ef",
        "abcdef.gh abcd.efgh abcd.ef..gh",
        "aba..bde abcde",
        "-abcd- .abcd. xabcdx /abcd/ _abcd_ <abcd> \"abcd\"",
        "=abcd=",
        "\nabcd\n",
        "\r\nabcd\r\n",
        "x\rabcd\rx",
        "ab?ef abcdef abef",
        "abcdabcdabcd",
        "abcd....efgh",
        "ab.....cd..ef",
        "ab..cd.....ef",
        "abcd efgh",
        "efgh",
    ];
    let long = format!("abcd{}efgh", ".".repeat(120));
    let mut files: Vec<(String, Vec<u8>)> =
        texts.iter().enumerate().map(|(at, text)| (format!("w{at}.bin"), binary(text))).collect();
    files.push(("long.bin".into(), binary(&long)));
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    compare(&[("t.ndb", &ndb.join("\n"))], &files);
}
