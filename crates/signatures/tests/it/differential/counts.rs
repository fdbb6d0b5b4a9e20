//! Expressions of logical signatures: what binds closer, what is counted, and from where comparisons and regular expressions count.

use super::bodies::binary;
use super::compare;

fn compare_texts(ldb: &[&str], texts: &[&str]) {
    let files: Vec<(String, Vec<u8>)> =
        texts.iter().enumerate().map(|(at, text)| (format!("e{at}.bin"), binary(text))).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    compare(&[("t.ldb", &ldb.join("\n"))], &files);
}

#[test]
fn expressions_counts_and_what_they_count_from() {
    let ldb = [
        "e1;Engine:81-255,Target:0;(0&1)|(2&3);61616161;62626262;63636363;64646464",
        "e2;Engine:81-255,Target:0;0&(1|2)&3;61616161;62626262;63636363;64646464",
        "e3;Engine:81-255,Target:0;(0|1|2)>1,2;61616161;62626262;63636363",
        "e4;Engine:81-255,Target:0;(0|1|2)=3;61616161;62626262;63636363",
        "e5;Engine:81-255,Target:0;(0|1|2)<3&3;61616161;62626262;63636363;64646464",
        "e6;Engine:81-255,Target:0;(0&1)=0&2;61616161;62626262;63636363",
        "e7;Engine:81-255,Target:0;0=0&1;61616161;62626262",
        "e8;Engine:81-255,Target:0;((0|1)>0,1)&((2|3)>0,1);61616161;62626262;63636363;64646464",
        "e9;Engine:81-255,Target:0;0>2;61616162",
        "e10;Engine:81-255,Target:0;0=1,1;61616162",
        "e11;Engine:81-255,Target:0;0&1;8:61616161;EOF-8:62626262",
        "e12;Engine:81-255,Target:0;0&1;61616161::i;62626262::w",
        "e13;Engine:81-255,Target:0;0;6161??61::i",
        "e14;Engine:81-255,Target:0;0;6162(63|64)6566::i",
        "e15;Engine:81-255,Target:0;0;6162{2}6364::wa",
        "e16;Engine:81-255,Target:0;0;616263::wf",
        "e17;Engine:81-255,Target:0;0;616263::a",
        "e18;Engine:81-255,Target:0;0&1;61616161;0(>>4#hbe2#=0x1f)",
        "e19;Engine:81-255,Target:0;0&1;61616161;0(>>4#hl4#=0x3412)",
        "e20;Engine:81-255,Target:0;0&1;61616161;0(>>4#ab4#>15)",
        "e21;Engine:81-255,Target:0;0&1;61616161;0(>>4#ib4#=1633771873)",
        "e22;Engine:81-255,Target:0;0&1;61616161;0(<<1#ib1#=0)",
        "e23;Engine:81-255,Target:0;0&1;61616161;0(>>4#db3#<100)",
        "e24;Engine:81-255,Target:0;0&1;61616161;0/aaaa[0-9]+x/",
        "e25;Engine:81-255,Target:0;0&1;61616161;8:0/aaaa/",
        "e26;Engine:81-255,Target:0;0&1;61616161;9:0/aaaa/",
        "e27;Engine:81-255,Target:0;0&1;61616161;4:0/aaaa/r",
        "e28;Engine:81-255,Target:0;0&1;61616161;4,8:0/aaaa/e",
        "e29;Engine:81-255,Target:0;0&1>1;61616161;0/a{4}[0-9]/g",
        "e30;Engine:81-255,Target:0;0&1;61616161;0/AAAA.X/is",
        "e31;Engine:81-255,Target:0,FileSize:30-100;0;61616161",
        "e32;Engine:81-255,Target:0;0&1;61616161;0/^.*aaaa$/m",
        "e33;Engine:81-255,Target:0;0|1;61616161;62626262",
    ];
    let texts = [
        "aaaabbbb",
        "aaaa cccc",
        "cccc dddd",
        "aaaa cccc dddd",
        "bbbb",
        "aaaa aaaa",
        "aaaa bbbb cccc",
        "aaaa bbbb cccc dddd",
        "bbbb cccc",
        "aaab aaab aaab",
        "aaab",
        "aaab aaab",
        "AAAA b\0b\0b\0b\0",
        "AaXa",
        "ABCEF abdef",
        "a\0b\0..c\0d\0",
        "ab..cd",
        "a\0b\0c\0",
        "xa\0b\0c\0x",
        "x\0a\0b\0c\0",
        "aaaa1f",
        "aaaa1",
        "aaaa1234",
        "aaaa0x20",
        "aaaa99",
        "aaaaaaaa",
        "aaaa042",
        "aaaa123x",
        "..aaaa",
        "....aaaa",
        ".....aaaa",
        "aaaa1 aaaa2",
        "aaaa\nx",
        "one\naaaa\ntwo",
        "aaaa................................",
    ];
    compare_texts(&ldb, &texts);
}

#[test]
fn signs_in_a_row_and_counts_of_counts() {
    let four = ["61616161", "62626262", "63636363", "64646464"];
    // With how many sub-signatures they speak of, which clamscan wants to be all.
    let expressions = [
        ("0&1|2", 3),
        ("0|1&2", 3),
        ("0&1|2&3", 4),
        ("0|1&2|3", 4),
        ("(0&1|2)", 3),
        ("(0|1&2)", 3),
        ("(0&1|2&3)", 4),
        ("(0|1&2|3)", 4),
        ("(0|1&2)&3", 4),
        ("(0|1&2)>1", 3),
        ("(0|1|2)>1,2", 3),
        ("(0|1|2)=2,2", 3),
        ("(0|1|2)<3,2", 3),
        ("(0|1)=0|2", 3),
        ("0=0|1", 2),
        ("0=0&1=0&2", 3),
        ("(0=0|1)>0,2", 2),
        ("(0>1|1)=1", 2),
        ("(0>1|1)=3", 2),
        ("0>1,2", 1),
        ("0<2&1", 2),
        ("0<2|3", 4),
        ("((0|1)>0|2)>0,2", 3),
        ("((0|1)>1|2)>2", 3),
        ("((0&1)|(2&3))>1,2", 4),
        ("(0&1)=0&3", 4),
        ("(0&1)<2&3", 4),
        ("(0|1)&(2|3)=0", 4),
        ("((0|1))&2", 3),
        ("(0|1)>0,2&(2|3)=0", 4),
    ];
    let ldb: Vec<String> = expressions
        .iter()
        .enumerate()
        .map(|(at, (text, subs))| format!("s{at};Engine:81-255,Target:0;{text};{}", four[..*subs].join(";")))
        .collect();
    // Each of the four never, once or twice.
    let texts: Vec<String> = (0..81u32)
        .map(|n| {
            let times = |at: u32| (n / 3u32.pow(at) % 3) as usize;
            (0..4).map(|at| format!("{} ", ["aaaa", "bbbb", "cccc", "dddd"][at as usize]).repeat(times(at))).collect()
        })
        .collect();
    let ldb: Vec<&str> = ldb.iter().map(String::as_str).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    compare_texts(&ldb, &texts);
}
