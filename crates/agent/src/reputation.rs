//! The first voice about a file, before anyone looks into it: what the policy's lists say of its digest, and whether it
//! still is what its package put there. Where that is a sure answer no other voice is asked.

use crate::shared::Shared;
use event::{Engine, Finding, Package, Reason, RuleId, Severity, Sha256, Timestamp};
use sha2::Digest as _;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use verdict::Listing;

/// Beyond this a listed file is not looked up; the scan takes its digest anyway, and the listing is held against that.
const MOST_BYTES: u64 = 256 << 20;

/// What is known of a file without looking into it.
pub struct Standing {
    pub voice: Reason,
    /// It is listed as denied.
    pub finding: Option<Finding>,
    /// Sure enough that nobody else is asked: listed as allowed, or the package's very own.
    pub trusted: bool,
    pub sha256: Option<Sha256>,
}

pub fn of(shared: &Shared, file: &File, path: &str, package: Option<&Package>, now: Timestamp) -> Standing {
    let policy = shared.policy();
    let sha256 = if policy.reputation.files.is_empty() { None } else { digest(file) };
    if let Some(listed) = sha256.and_then(|digest| policy.reputation.listed(&digest, now)) {
        return match listed.verdict {
            Listing::Allow => standing(format!("listed as allowed: {}", listed.reason), None, true, sha256),
            Listing::Deny => {
                let finding = denied(path, listed.sha256, &listed.reason);
                standing(format!("listed as denied: {}", listed.reason), Some(finding), false, sha256)
            }
        };
    }
    let lists = if policy.reputation.files.is_empty() { "" } else { "on no list; " };
    let Some(package) = package else {
        return standing(format!("{lists}of no package"), None, false, sha256);
    };
    let owner = format!("{} {}", package.name, package.version);
    match enrich::verify("/".as_ref(), package, path, file) {
        enrich::Verified::Same => {
            standing(format!("{lists}as {owner} put it there"), None, policy.reputation.trust_packages, sha256)
        }
        enrich::Verified::Changed => {
            standing(format!("{lists}{owner} owns it, and it is not what that put there"), None, false, sha256)
        }
        enrich::Verified::Unknown => {
            standing(format!("{lists}{owner} owns it and keeps no digest of it"), None, false, sha256)
        }
    }
}

fn standing(text: String, finding: Option<Finding>, trusted: bool, sha256: Option<Sha256>) -> Standing {
    Standing { voice: Reason { engine: Some(Engine::Reputation), text }, finding, trusted, sha256 }
}

fn denied(path: &str, digest: Sha256, reason: &str) -> Finding {
    Finding {
        engine: Engine::Reputation,
        rule_id: RuleId::new("reputation:denied"),
        name: "A file that the policy denies".into(),
        severity: Severity::High,
        techniques: Vec::new(),
        tactics: Vec::new(),
        detail: format!("listed as denied: {reason}"),
        matched: vec![("file_path".into(), path.into()), ("file_hash_sha256".into(), digest.to_hex())],
        asks: None,
    }
}

/// None where it is too large, or cannot be read to its end.
pub fn digest(file: &File) -> Option<Sha256> {
    if file.metadata().ok()?.len() > MOST_BYTES {
        return None;
    }
    let mut hasher = sha2::Sha256::new();
    let mut chunk = vec![0; 256 << 10];
    let mut at = 0;
    loop {
        match file.read_at(&mut chunk, at) {
            Ok(0) => return Some(Sha256(hasher.finalize().into())),
            Ok(n) => {
                hasher.update(&chunk[..n]);
                at += n as u64;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}
