//! Authenticode signatures of a PE file: how many, by chains of how many certificates, countersigned when. Nothing is verified
//! here; the features say only what is there.
//!
//! Only the few elements that are asked for are looked at.

use super::ber::{OID, SEQUENCE, SET, element, expect, peek, time};
use super::pe::Header;
use serde::Deserialize;

/// As in the feature files.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Authenticode {
    pub num_certs: f64,
    pub self_signed: f64,
    pub empty_program_name: f64,
    pub no_countersigner: f64,
    pub parse_error: f64,
    pub chain_max_depth: f64,
    pub latest_signing_time: f64,
    pub signing_time_diff: f64,
}

const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 3];
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 4];
const SIGNING_TIME: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 5];
const COUNTER_SIGNATURE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 6];
const TST_INFO: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 1, 4];
const INDIRECT_DATA: &[u8] = &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 2, 1, 4];
const PE_IMAGE_DATA: &[u8] = &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 2, 1, 15];
const OPUS_INFO: &[u8] = &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 2, 1, 12];
const NESTED_SIGNATURE: &[u8] = &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 2, 4, 1];
const TIME_STAMP_TOKEN: &[u8] = &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 3, 3, 1];

/// Signatures within signatures.
const DEEPEST: usize = 8;
const MOST_SIGNATURES: usize = 64;

impl Authenticode {
    pub(super) fn of(data: &[u8], header: &Header) -> Self {
        let mut found = Authenticode::default();
        for entry in Table::of(data, header).into_iter().flatten().take(MOST_SIGNATURES) {
            match signed_data(entry, 0) {
                Some(signature) => found.add(&signature, header),
                None => {
                    found.parse_error = 1.0;
                    break;
                }
            }
        }
        found
    }

    fn add(&mut self, signature: &Signature, header: &Header) {
        self.num_certs += 1.0;
        if !signature.named {
            self.empty_program_name = 1.0;
        }
        match signature.countersigned {
            Some(time) => {
                let time = time as f64;
                if time >= self.latest_signing_time {
                    self.latest_signing_time = time;
                }
                self.signing_time_diff = time - f64::from(header.timestamp);
            }
            None => self.no_countersigner = 1.0,
        }
        self.chain_max_depth = self.chain_max_depth.max(signature.certificates as f64);
        if signature.self_signed {
            self.self_signed = 1.0;
        }
        signature.nested.iter().for_each(|nested| self.add(nested, header));
    }

    pub(super) fn write(&self, row: &mut Vec<f32>) {
        let values = [
            self.num_certs,
            self.self_signed,
            self.empty_program_name,
            self.no_countersigner,
            self.parse_error,
            self.chain_max_depth,
            self.latest_signing_time,
            self.signing_time_diff,
        ];
        row.extend(values.map(|value| value as f32));
    }
}

/// The entries of the certificate table that hold signatures; ends at the first that makes no sense.
struct Table<'a> {
    data: &'a [u8],
    at: usize,
    end: usize,
}

impl<'a> Table<'a> {
    fn of(data: &'a [u8], header: &Header) -> Option<Self> {
        let start = header.optional_offset as usize + usize::from(header.optional_size);
        let (count, place) = match header.magic {
            0x10b => (92, 128),
            0x20b => (108, 144),
            _ => return None,
        };
        let fits = start <= data.len() && usize::from(header.optional_size) >= place + 8 && header.optional_size >= 68;
        if !fits || usize::from(header.optional_size) < count + 4 || header.directory_count < 5 {
            return None;
        }
        let &(address, size) = header.directories.get(4)?;
        let (address, size) = (address as usize, size as usize);
        (size > 0 && address >= start && address + size <= data.len()).then_some(Table {
            data,
            at: address,
            end: address + size,
        })
    }
}

impl<'a> Iterator for Table<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        while self.at < self.end {
            let head = self.data.get(self.at..self.at + 8)?;
            let length = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
            if length <= 8 || self.at + length > self.end || head[4..6] != [0, 2] {
                return None;
            }
            let entry = &self.data[self.at + 8..self.at + length];
            self.at += length.next_multiple_of(8);
            if head[6..8] == [2, 0] {
                return Some(entry);
            }
        }
        None
    }
}

struct Signature {
    /// The signer gave the program a name.
    named: bool,
    /// Seconds since 1970.
    countersigned: Option<i64>,
    certificates: usize,
    self_signed: bool,
    nested: Vec<Signature>,
}

/// The inside of a `ContentInfo` that holds `SignedData`.
fn signed_content(mut input: &[u8]) -> Option<&[u8]> {
    let mut info = expect(&mut input, SEQUENCE)?;
    (expect(&mut info, OID)? == SIGNED_DATA).then_some(())?;
    let mut content = expect(&mut info, 0xa0)?;
    expect(&mut content, SEQUENCE)
}

fn signed_data(envelope: &[u8], depth: usize) -> Option<Signature> {
    if depth > DEEPEST {
        return None;
    }
    let parts = Parts::of(signed_content(envelope)?)?;
    (parts.content_type == INDIRECT_DATA).then_some(())?;
    let mut indirect = parts.content;
    let mut indirect = expect(&mut indirect, SEQUENCE)?;
    let mut attribute = expect(&mut indirect, SEQUENCE)?;
    (expect(&mut attribute, OID)? == PE_IMAGE_DATA).then_some(())?;
    if parts.signers.len() != 1 || parts.has_crls {
        return None;
    }
    let (certificates, self_signed) = parts.certificates()?;
    let signer = Signer::of(parts.signers[0])?;
    signer.require(&[CONTENT_TYPE, MESSAGE_DIGEST])?;
    let mut signature = Signature { named: false, countersigned: None, certificates, self_signed, nested: Vec::new() };
    if let Some(values) = signer.signed(OPUS_INFO) {
        let mut values = values;
        let mut opus = expect(&mut values, SEQUENCE)?;
        if !values.is_empty() {
            return None;
        }
        signature.named = peek(opus) == Some(0xa0) && element(&mut opus).is_some();
    }
    let mut nested = signer.unsigned(NESTED_SIGNATURE).unwrap_or(&[]);
    while !nested.is_empty() {
        let before = nested;
        element(&mut nested)?;
        signature.nested.push(signed_data(&before[..before.len() - nested.len()], depth + 1)?);
        if signature.nested.len() > MOST_SIGNATURES {
            return None;
        }
    }
    signature.countersigned = match (signer.unsigned(COUNTER_SIGNATURE), signer.unsigned(TIME_STAMP_TOKEN)) {
        (Some(_), Some(_)) => return None,
        (Some(mut values), None) => {
            let counter = Signer::of(expect(&mut values, SEQUENCE)?)?;
            counter.require(&[CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME])?;
            let mut times = counter.signed(SIGNING_TIME)?;
            Some(time(element(&mut times)?)?)
        }
        (None, Some(token)) => Some(stamped(token)?),
        (None, None) => None,
    };
    Some(signature)
}

/// The time in an RFC 3161 token.
fn stamped(token: &[u8]) -> Option<i64> {
    let parts = Parts::of(signed_content(token)?)?;
    (parts.content_type == TST_INFO).then_some(())?;
    let mut content = parts.content;
    // An octet string, or pieces of one.
    let whole;
    let mut info = match element(&mut content)? {
        (4, info) => info,
        (0x24, mut pieces) => {
            let mut joined = Vec::new();
            while !pieces.is_empty() {
                joined.extend_from_slice(expect(&mut pieces, 4)?);
            }
            whole = joined;
            whole.as_slice()
        }
        _ => return None,
    };
    let mut info = expect(&mut info, SEQUENCE)?;
    // version, policy, imprint, serial number, time
    for tag in [2, OID, SEQUENCE, 2] {
        expect(&mut info, tag)?;
    }
    time(element(&mut info)?)
}

/// `SignedData`, taken apart.
struct Parts<'a> {
    content_type: &'a [u8],
    content: &'a [u8],
    certificates: &'a [u8],
    has_crls: bool,
    signers: Vec<&'a [u8]>,
}

impl<'a> Parts<'a> {
    fn of(mut data: &'a [u8]) -> Option<Self> {
        expect(&mut data, 2)?;
        let mut algorithms = expect(&mut data, SET)?;
        element(&mut algorithms)?;
        if !algorithms.is_empty() {
            return None;
        }
        let mut info = expect(&mut data, SEQUENCE)?;
        let content_type = expect(&mut info, OID)?;
        let content = if info.is_empty() { info } else { expect(&mut info, 0xa0)? };
        let certificates = if peek(data) == Some(0xa0) { element(&mut data)?.1 } else { &[] };
        let crls = if peek(data) == Some(0xa1) { element(&mut data)?.1 } else { &[] };
        let mut infos = expect(&mut data, SET)?;
        let mut signers = Vec::new();
        while !infos.is_empty() {
            signers.push(expect(&mut infos, SEQUENCE)?);
        }
        Some(Parts { content_type, content, certificates, has_crls: !crls.is_empty(), signers })
    }

    /// How many certificates, and whether any but the last signed itself.
    fn certificates(&self) -> Option<(usize, bool)> {
        let mut rest = self.certificates;
        let mut own = Vec::new();
        while !rest.is_empty() {
            let (tag, mut certificate) = element(&mut rest)?;
            if tag != SEQUENCE {
                continue;
            }
            let mut inner = expect(&mut certificate, SEQUENCE)?;
            if peek(inner) == Some(0xa0) {
                element(&mut inner)?;
            }
            expect(&mut inner, 2)?;
            expect(&mut inner, SEQUENCE)?;
            let issuer = expect(&mut inner, SEQUENCE)?;
            expect(&mut inner, SEQUENCE)?;
            own.push(issuer == expect(&mut inner, SEQUENCE)?);
        }
        Some((own.len(), own.iter().rev().skip(1).any(|own| *own)))
    }
}

/// A signer's attributes: identifier and values.
struct Signer<'a> {
    signed: Vec<(&'a [u8], &'a [u8])>,
    unsigned: Vec<(&'a [u8], &'a [u8])>,
}

impl<'a> Signer<'a> {
    fn of(mut info: &'a [u8]) -> Option<Self> {
        expect(&mut info, 2)?;
        // Named by issuer and number; by key is not supported.
        expect(&mut info, SEQUENCE)?;
        expect(&mut info, SEQUENCE)?;
        let signed = if peek(info) == Some(0xa0) { attributes(element(&mut info)?.1)? } else { Vec::new() };
        expect(&mut info, SEQUENCE)?;
        expect(&mut info, 4)?;
        let unsigned = if peek(info) == Some(0xa1) { attributes(element(&mut info)?.1)? } else { Vec::new() };
        Some(Signer { signed, unsigned })
    }

    fn signed(&self, wanted: &[u8]) -> Option<&'a [u8]> {
        self.signed.iter().rfind(|(oid, _)| *oid == wanted).map(|(_, values)| *values)
    }

    fn unsigned(&self, wanted: &[u8]) -> Option<&'a [u8]> {
        self.unsigned.iter().rfind(|(oid, _)| *oid == wanted).map(|(_, values)| *values)
    }

    fn require(&self, wanted: &[&[u8]]) -> Option<()> {
        wanted.iter().all(|oid| self.signed(oid).is_some()).then_some(())
    }
}

fn attributes(mut input: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let mut found = Vec::new();
    while !input.is_empty() {
        let mut attribute = expect(&mut input, SEQUENCE)?;
        found.push((expect(&mut attribute, OID)?, expect(&mut attribute, SET)?));
    }
    Some(found)
}
