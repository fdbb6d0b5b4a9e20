//! One CMS message (RFC 5652): who signed what, and whether the signature is of the file that it lies beside.

use super::chain::{Certificates, name, parse, vouched_for};
use super::content::Content;
use super::{Bad, Standing, bad};
use cms::cert::CertificateChoices;
use cms::cert::x509::der::asn1::{ObjectIdentifier, OctetString};
use cms::cert::x509::der::{Decode as _, Encode as _};
use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use ring::digest;
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use x509_parser::certificate::X509Certificate;

const MAX_CARRIED: usize = 16;
const MAX_SIGNERS: usize = 4;

mod oid {
    use super::ObjectIdentifier;
    const fn of(text: &str) -> ObjectIdentifier {
        ObjectIdentifier::new_unwrap(text)
    }
    pub const SIGNED_DATA: ObjectIdentifier = of("1.2.840.113549.1.7.2");
    pub const CONTENT_TYPE: ObjectIdentifier = of("1.2.840.113549.1.9.3");
    pub const MESSAGE_DIGEST: ObjectIdentifier = of("1.2.840.113549.1.9.4");
    pub const SHA256: ObjectIdentifier = of("2.16.840.1.101.3.4.2.1");
    pub const SHA384: ObjectIdentifier = of("2.16.840.1.101.3.4.2.2");
    pub const SHA512: ObjectIdentifier = of("2.16.840.1.101.3.4.2.3");
    pub const RSA: ObjectIdentifier = of("1.2.840.113549.1.1.1");
    pub const RSA_SHA256: ObjectIdentifier = of("1.2.840.113549.1.1.11");
    pub const RSA_SHA384: ObjectIdentifier = of("1.2.840.113549.1.1.12");
    pub const RSA_SHA512: ObjectIdentifier = of("1.2.840.113549.1.1.13");
    pub const ECDSA_SHA256: ObjectIdentifier = of("1.2.840.10045.4.3.2");
    pub const ECDSA_SHA384: ObjectIdentifier = of("1.2.840.10045.4.3.3");
}

/// Bytes of an uncompressed point on P-256 and on P-384.
const P256: usize = 65;
const P384: usize = 97;

pub fn verify(content: &Content<'_>, message: &[u8], trusted: &Certificates, now: i64) -> Result<Standing, Bad> {
    let format = |_| bad("not a CMS message of signed data");
    let info = ContentInfo::from_der(message).map_err(format)?;
    if info.content_type != oid::SIGNED_DATA {
        return Err(bad("not a CMS message of signed data"));
    }
    let data: SignedData = info.content.decode_as().map_err(format)?;
    if data.encap_content_info.econtent.is_some() {
        return Err(bad("it carries content of its own"));
    }
    if data.signer_infos.0.is_empty() || data.signer_infos.0.len() > MAX_SIGNERS {
        return Err(bad("no signer, or too many"));
    }
    let carried = carried(&data)?;
    let carried: Vec<X509Certificate> = carried.iter().filter_map(|der| parse(der)).collect();
    let trusted = trusted.parsed();
    let mut standing = Standing::Unverified(String::new());
    for signer in data.signer_infos.0.iter() {
        let one = judge(content, &data, signer, &carried, &trusted, now)?;
        // One who is vouched for is enough; a bad signature beside it was an error.
        if !matches!(standing, Standing::Signed(_)) {
            standing = one;
        }
    }
    Ok(standing)
}

fn carried(data: &SignedData) -> Result<Vec<Vec<u8>>, Bad> {
    let all = data.certificates.iter().flat_map(|set| set.0.iter()).filter_map(|choice| match choice {
        CertificateChoices::Certificate(certificate) => Some(certificate),
        CertificateChoices::Other(_) => None,
    });
    let ders: Result<Vec<Vec<u8>>, _> = all.take(MAX_CARRIED).map(|certificate| certificate.to_der()).collect();
    ders.map_err(|_| bad("a certificate that cannot be read"))
}

fn judge(
    content: &Content<'_>,
    data: &SignedData,
    signer: &SignerInfo,
    carried: &[X509Certificate],
    trusted: &[X509Certificate],
    now: i64,
) -> Result<Standing, Bad> {
    let Some(certificate) = trusted.iter().chain(carried).find(|one| is_of(one, &signer.sid)) else {
        return Ok(Standing::Unverified("its signer's certificate is not here".into()));
    };
    let Some((hash, algorithm)) = algorithms(signer, certificate) else {
        return Ok(Standing::Unverified("it is made with an algorithm that is not known here".into()));
    };
    let signed = signed_bytes(content, data, signer, hash)?;
    let key = UnparsedPublicKey::new(algorithm, &certificate.public_key().subject_public_key.data);
    let signed = signed.map_or_else(|| content.whole(), |attributes| Ok(attributes.into()))?;
    key.verify(&signed, signer.signature.as_bytes())
        .map_err(|_| bad(format!("it is not what {} signed", name(certificate))))?;
    Ok(match vouched_for(certificate, carried, trusted, now)? {
        true => Standing::Signed(name(certificate)),
        false => Standing::Unverified(format!("no certificate that is trusted here vouches for {}", name(certificate))),
    })
}

fn is_of(certificate: &X509Certificate, sid: &SignerIdentifier) -> bool {
    match sid {
        SignerIdentifier::IssuerAndSerialNumber(wanted) => {
            let issuer = wanted.issuer.to_der();
            issuer.is_ok_and(|issuer| issuer == certificate.issuer().as_raw())
                && same_number(wanted.serial_number.as_bytes(), certificate.raw_serial())
        }
        SignerIdentifier::SubjectKeyIdentifier(wanted) => certificate.iter_extensions().any(|extension| {
            use x509_parser::extensions::ParsedExtension::SubjectKeyIdentifier;
            matches!(extension.parsed_extension(), SubjectKeyIdentifier(own) if own.0 == wanted.0.as_bytes())
        }),
    }
}

/// With or without the zeros in front.
fn same_number(one: &[u8], other: &[u8]) -> bool {
    let bare = |bytes: &'_ [u8]| bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    one[bare(one)..] == other[bare(other)..]
}

type Algorithms = (&'static digest::Algorithm, &'static dyn VerificationAlgorithm);

fn algorithms(signer: &SignerInfo, certificate: &X509Certificate) -> Option<Algorithms> {
    let (hash, of_hash): (_, &dyn VerificationAlgorithm) = match signer.digest_alg.oid {
        oid::SHA256 => (&digest::SHA256, &signature::RSA_PKCS1_2048_8192_SHA256),
        oid::SHA384 => (&digest::SHA384, &signature::RSA_PKCS1_2048_8192_SHA384),
        oid::SHA512 => (&digest::SHA512, &signature::RSA_PKCS1_2048_8192_SHA512),
        _ => return None,
    };
    let key = certificate.public_key().subject_public_key.data.len();
    let algorithm: &dyn VerificationAlgorithm = match signer.signature_algorithm.oid {
        oid::RSA => of_hash,
        oid::RSA_SHA256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        oid::RSA_SHA384 => &signature::RSA_PKCS1_2048_8192_SHA384,
        oid::RSA_SHA512 => &signature::RSA_PKCS1_2048_8192_SHA512,
        oid::ECDSA_SHA256 if key == P256 => &signature::ECDSA_P256_SHA256_ASN1,
        oid::ECDSA_SHA256 if key == P384 => &signature::ECDSA_P384_SHA256_ASN1,
        oid::ECDSA_SHA384 if key == P256 => &signature::ECDSA_P256_SHA384_ASN1,
        oid::ECDSA_SHA384 if key == P384 => &signature::ECDSA_P384_SHA384_ASN1,
        _ => return None,
    };
    Some((hash, algorithm))
}

/// What the signature is over: the attributes, after they were held against the content; None: the content itself.
fn signed_bytes(
    content: &Content<'_>,
    data: &SignedData,
    signer: &SignerInfo,
    hash: &'static digest::Algorithm,
) -> Result<Option<Vec<u8>>, Bad> {
    let Some(attributes) = &signer.signed_attrs else { return Ok(None) };
    let only = |wanted: ObjectIdentifier| {
        let mut all = attributes.iter().filter(|attribute| attribute.oid == wanted);
        let one = all.next().filter(|attribute| all.next().is_none() && attribute.values.len() == 1);
        one.and_then(|attribute| attribute.values.get(0))
            .ok_or_else(|| bad("an attribute that it must bear is missing"))
    };
    let kind: Result<ObjectIdentifier, _> = only(oid::CONTENT_TYPE)?.decode_as();
    if kind.ok() != Some(data.encap_content_info.econtent_type) {
        return Err(bad("it is of another type of content"));
    }
    let told: OctetString = only(oid::MESSAGE_DIGEST)?.decode_as().map_err(|_| bad("a digest that cannot be read"))?;
    if told.as_bytes() != content.digest(hash)?.as_ref() {
        return Err(bad("it is of another file, or this one was changed"));
    }
    attributes.to_der().map(Some).map_err(|_| bad("attributes that cannot be read"))
}
