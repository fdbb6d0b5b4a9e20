//! The certificates that an operator trusts, and whether one of them vouches for another. A certificate in the folder is
//! trusted as it stands, be it a root, one in between, or a signer's own.

use super::{Bad, bad};
use std::io;
use std::path::Path;
use x509_parser::certificate::X509Certificate;
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer as _;
use x509_parser::time::ASN1Time;

const MAX_FILE: u64 = 1 << 20;
const MAX_CERTIFICATES: usize = 64;
/// A certificate of RSA with 4096 bits takes 2 KiB.
const MAX_DER: usize = 8 << 10;
/// Certificates between a signer and one that is trusted.
const MAX_BETWEEN: u32 = 4;

/// In DER; each was parsed once.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Certificates {
    all: Vec<Vec<u8>>,
}

impl Certificates {
    /// `.crt` and `.pem` of a folder, PEM or DER. One that is none is an error: somebody believes that it counts.
    pub fn read(folder: &Path) -> io::Result<Certificates> {
        let mut paths =
            std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
        paths.retain(|path| path.extension().is_some_and(|e| e == "crt" || e == "pem") && path.is_file());
        paths.sort();
        let mut certificates = Certificates::default();
        for path in paths {
            let fault = |why: &str| io::Error::other(format!("{}: {why}", path.display()));
            if path.metadata()?.len() > MAX_FILE {
                return Err(fault("more than 1 MiB is no certificate"));
            }
            let bytes = std::fs::read(&path)?;
            let found = ders(&bytes).ok_or_else(|| fault("not a certificate"))?;
            certificates.all.extend(found);
            if certificates.all.len() > MAX_CERTIFICATES {
                return Err(fault("more than 64 certificates"));
            }
        }
        Ok(certificates)
    }

    pub(super) fn parsed(&self) -> Vec<X509Certificate<'_>> {
        self.all.iter().filter_map(|der| parse(der)).collect()
    }
}

fn ders(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    if bytes.len() <= MAX_DER && parse(bytes).is_some() {
        return Some(vec![bytes.to_vec()]);
    }
    let all: Vec<Vec<u8>> = Pem::iter_from_buffer(bytes)
        .map(|pem| pem.ok().filter(|pem| pem.label == "CERTIFICATE").map(|pem| pem.contents))
        .collect::<Option<_>>()?;
    (!all.is_empty() && all.iter().all(|der| der.len() <= MAX_DER && parse(der).is_some())).then_some(all)
}

pub(super) fn parse(der: &[u8]) -> Option<X509Certificate<'_>> {
    X509Certificate::from_der(der).ok().filter(|(rest, _)| rest.is_empty()).map(|(_, certificate)| certificate)
}

/// False: nobody who is trusted vouches for it. An error: somebody does, and must not.
pub(super) fn vouched_for(
    signer: &X509Certificate,
    carried: &[X509Certificate],
    trusted: &[X509Certificate],
    now: i64,
) -> Result<bool, Bad> {
    let now = ASN1Time::from_timestamp(now).map_err(|_| bad("the clock of this host is far off"))?;
    let mut one = signer;
    for between in 0..=MAX_BETWEEN {
        in_time(one, now)?;
        if trusted.iter().any(|certificate| certificate.as_raw() == one.as_raw()) {
            return Ok(true);
        }
        let signed_it = |issuer: &&X509Certificate| {
            issuer.subject() == one.issuer() && one.verify_signature(Some(issuer.public_key())).is_ok()
        };
        if let Some(issuer) = trusted.iter().find(signed_it) {
            in_time(issuer, now)?;
            // A root that says nothing of what it may do is trusted as the operator put it there.
            let silent = issuer.subject() == issuer.issuer() && matches!(issuer.basic_constraints(), Ok(None));
            if !silent {
                may_issue(issuer, between)?;
            }
            return Ok(true);
        }
        let Some(issuer) = carried.iter().filter(|issuer| issuer.as_raw() != one.as_raw()).find(signed_it) else {
            return Ok(false);
        };
        may_issue(issuer, between)?;
        one = issuer;
    }
    Ok(false)
}

fn in_time(certificate: &X509Certificate, now: ASN1Time) -> Result<(), Bad> {
    let validity = certificate.validity();
    if validity.is_valid_at(now) {
        return Ok(());
    }
    let name = name(certificate);
    Err(bad(format!("the certificate of {name} is good from {} to {} only", validity.not_before, validity.not_after)))
}

/// `between`: certificates between the signer and this one's subject.
fn may_issue(certificate: &X509Certificate, between: u32) -> Result<(), Bad> {
    let constraints = certificate.basic_constraints().ok().flatten().map(|constraints| constraints.value);
    let deep = constraints.and_then(|c| c.path_len_constraint).is_some_and(|most| between > most);
    let usage = certificate.key_usage().map_err(|_| bad("a certificate that contradicts itself"))?;
    let signs = usage.is_none_or(|usage| usage.value.key_cert_sign());
    if constraints.is_some_and(|c| c.ca) && signs && !deep {
        return Ok(());
    }
    Err(bad(format!("{} vouches for another and is no authority", name(certificate))))
}

pub(super) fn name(certificate: &X509Certificate) -> String {
    let common = certificate.subject().iter_common_name().next().and_then(|name| name.as_str().ok());
    let whole = certificate.subject().to_string();
    event::text::clip(common.unwrap_or(&whole), 120).to_owned()
}
