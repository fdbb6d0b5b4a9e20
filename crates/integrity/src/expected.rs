//! Whether a change is one that the package manager made and whose result is the package's. Pure: what packages say of a
//! path and who did it is asked elsewhere.
//!
//! Only the package manager itself, or what it started, makes expected changes, and only such whose digest its own list
//! holds. A digest that fits in anybody else's hands is said, and judged.

use crate::{Hashes, Kind};
use event::ChangeKind;

/// Who changed the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// dpkg, rpm and their like themselves.
    PackageManager,
    /// A maintainer script or trigger below one.
    Script,
    Other,
}

/// What the packages' lists say of a path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// A package put something there; its name and version.
    pub package: Option<String>,
    /// Of its content, where the package keeps one.
    pub md5: Option<[u8; 16]>,
    pub sha256: Option<[u8; 32]>,
    /// It is the package manager's own database.
    pub database: bool,
}

impl Listed {
    /// None where there is nothing to hold against each other.
    pub fn fits(&self, hashes: &Hashes) -> Option<bool> {
        match (self.sha256, self.md5, hashes.md5) {
            (Some(said), ..) => Some(said == hashes.sha256),
            (None, Some(said), Some(md5)) => Some(said == md5),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    Expected(String),
    /// The lists may still come: the package is being unpacked.
    Open,
    Judged(String),
}

/// `kind` and `hashes` are the file's now; `over` says that the transaction has ended, so that no list will come.
pub fn standing(
    by: By,
    what: &ChangeKind,
    kind: Kind,
    hashes: Option<&Hashes>,
    listed: &Listed,
    over: bool,
) -> Standing {
    let expected = |words: String| Standing::Expected(words);
    let judged = |words: &str| if over { Standing::Judged(words.to_owned()) } else { Standing::Open };
    let package = listed.package.as_deref();
    if by == By::Other {
        let fits = hashes.is_some_and(|hashes| listed.fits(hashes) == Some(true));
        return Standing::Judged(match (fits, package) {
            (true, Some(package)) => {
                format!("its content is that of {package}, but not the package manager put it there")
            }
            (false, Some(package)) => format!("it belongs to {package}, and not the package manager changed it"),
            (_, None) => "no package manager did it".into(),
        });
    }
    if listed.database && by == By::PackageManager {
        return expected("the package manager's own database".into());
    }
    match what {
        ChangeKind::Deleted if by == By::PackageManager => match package {
            Some(package) => judged(&format!("the package manager removed it, and {package} still lists it")),
            None => expected("removed with its package".into()),
        },
        ChangeKind::Deleted => judged("a script of a package removed it"),
        // Owner and mode stand in the archive, which only the package manager itself reads.
        ChangeKind::Attributes if by == By::PackageManager && package.is_some() => {
            expected(format!("as {} has it", package.unwrap_or_default()))
        }
        ChangeKind::Attributes => judged("a script of a package changed its attributes"),
        _ => match (package, kind, hashes.and_then(|hashes| listed.fits(hashes))) {
            (Some(package), Kind::File, Some(true)) => expected(format!("its digest is that of {package}")),
            (Some(package), Kind::File, Some(false)) => judged(&format!("its digest is not that of {package}")),
            (Some(package), Kind::File, None) => judged(&format!("{package} owns it and keeps no digest of it")),
            (Some(package), _, _) => expected(format!("{package} has it")),
            (None, ..) if by == By::Script => judged("a script of a package made it, and no package lists it"),
            (None, ..) => judged("the package manager made it, and no package lists it"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_and_which_digest() {
        let hashes = Hashes { sha256: [1; 32], md5: Some([2; 16]) };
        let owned = |md5| Listed { package: Some("nginx 1.2".into()), md5, ..Listed::default() };
        let check = |by, what: ChangeKind, kind, listed: Listed, over, expected: &str| {
            let standing = standing(by, &what, kind, Some(&hashes), &listed, over);
            let word = match &standing {
                Standing::Expected(_) => "expected",
                Standing::Open => "open",
                Standing::Judged(_) => "judged",
            };
            assert_eq!(word, expected, "{standing:?}");
        };
        use ChangeKind::{Attributes, Created, Deleted, Modified};
        let (file, link) = (Kind::File, Kind::Symlink);
        check(By::PackageManager, Modified, file, owned(Some([2; 16])), false, "expected");
        check(By::PackageManager, Modified, file, owned(Some([3; 16])), true, "judged");
        check(By::PackageManager, Created, file, Listed::default(), false, "open");
        check(By::PackageManager, Created, file, Listed::default(), true, "judged");
        check(By::PackageManager, Created, link, owned(None), false, "expected");
        check(By::PackageManager, Created, file, owned(None), true, "judged");
        check(By::PackageManager, Deleted, file, Listed::default(), false, "expected");
        check(By::PackageManager, Deleted, file, owned(None), false, "open");
        check(By::PackageManager, Deleted, file, owned(None), true, "judged");
        check(By::PackageManager, Attributes, file, owned(None), false, "expected");
        check(By::Script, Attributes, file, owned(None), true, "judged");
        check(By::Script, Deleted, file, owned(None), true, "judged");
        check(By::Script, Created, file, owned(Some([2; 16])), false, "expected");
        // The package's very bytes by another hand: said, and judged at once.
        check(By::Other, Modified, file, owned(Some([2; 16])), false, "judged");
        check(By::Other, Deleted, file, owned(None), false, "judged");
        let sha256 = Listed { sha256: Some([1; 32]), package: Some("bash 5".into()), ..Listed::default() };
        check(By::PackageManager, Modified, file, sha256, false, "expected");
        let database = Listed { database: true, ..Listed::default() };
        check(By::PackageManager, Created, file, database.clone(), false, "expected");
        check(By::Script, Created, file, database, true, "judged");
    }
}
