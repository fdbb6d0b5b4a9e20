//! Digests of files, lists of what is allowed and of what is switched off.

use super::compare;
use md5::Digest as _;

const BAD: &[u8] = b"\0\x01a known bad file\xff";
const OTHER: &[u8] = b"\0\x01another known bad file\xff";
const ALLOWED: &[u8] = b"\0\x01a file that a list allows\xff";

fn md5(bytes: &[u8]) -> String {
    hex::encode(md5::Md5::digest(bytes))
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(sha2::Sha256::digest(bytes))
}

#[test]
fn digests_sizes_and_what_is_allowed() {
    let hdb = [
        format!("{}:{}:d1", md5(BAD), BAD.len()),
        format!("{}:{}:d2", md5(BAD), BAD.len() + 1),
        format!("{}:{}:d3", md5(ALLOWED), ALLOWED.len()),
        format!("{}:{}:d4", md5(OTHER).to_uppercase(), OTHER.len()),
        format!("{}:*:d5:73", md5(OTHER)),
    ];
    let hsb = [
        format!("{}:{}:d6", hex::encode(sha1::Sha1::digest(BAD)), BAD.len()),
        format!("{}:{}:d7", sha256(BAD), BAD.len()),
        format!("{}:*:d8:73", sha256(OTHER)),
        format!("{}:{}:d9:50:255", sha256(OTHER), OTHER.len()),
    ];
    let ndb = format!("d10:0:*:{}\nd11:0:*:{}", hex::encode("known bad"), hex::encode("list allows"));
    let sfp = format!("{}:{}:good", sha256(ALLOWED), ALLOWED.len());
    compare(
        &[("t.hdb", &hdb.join("\n")), ("t.hsb", &hsb.join("\n")), ("t.ndb", &ndb), ("t.sfp", &sfp)],
        &[("bad", BAD), ("other", OTHER), ("allowed", ALLOWED)],
    );
    let fp = format!("{}:{}:good", md5(ALLOWED), ALLOWED.len());
    compare(&[("t.ndb", &ndb), ("t.fp", &fp)], &[("bad", BAD), ("allowed", ALLOWED)]);
}

#[test]
fn what_is_switched_off() {
    let lines: Vec<String> = (1..=5).map(|n| format!("ign{n}:0:*:{}", hex::encode("known bad"))).collect();
    let digest = format!("ign1\nign2:{}\nign3:{}", md5(lines[1].as_bytes()), "0".repeat(32));
    compare(
        &[("t.ndb", &lines.join("\n")), ("t.ign2", &digest), ("t.ign", "t.ndb:4:ign4")],
        &[("bad", BAD), ("allowed", ALLOWED)],
    );
}
